//! What each form looks like.

use dcv::document::{Block, Document, Span};

fn literal(text: &str) -> Span {
    Span::Literal(text.into())
}

/// A document with everything in it.
fn everything() -> Document {
    let mut document = Document::new();
    document.push(Block::Heading(
        1,
        vec!["Prove that you control example.com".into()],
    ));
    document.push(Block::Paragraph(vec![
        "The service asks you to publish ".into(),
        Span::Strong("one record".into()),
        " in the DNS, at ".into(),
        literal("_example-saas-challenge.example.com."),
        ", and to leave every other record of the zone as it is.".into(),
    ]));
    document.push(Block::Fields(vec![
        ("Type".into(), vec![literal("TXT")]),
        (
            "Host".into(),
            vec![
                literal("_example-saas-challenge"),
                ", since most panels add the name of the zone by themselves; it is not added here."
                    .into(),
            ],
        ),
        (
            "Value".into(),
            vec![literal(
                "token=xqvo7dl6jkbmaz3s2y5hn4witc7gprfe3b2l expiry=2026-12-02T12:00:00Z",
            )],
        ),
    ]));
    document.push(Block::Heading(2, vec!["Steps".into()]));
    document.push(Block::Steps(vec![
        vec!["Open the panel.".into()],
        vec![
            "Add the record. Its value has no quotation marks, and nothing is before or after it, \
             not even a space."
                .into(),
        ],
    ]));
    document.push(Block::Heading(3, vec!["What is there".into()]));
    document.push(Block::Items(vec![
        vec![
            "Seen: ".into(),
            Span::Data(b"\"quoted\"\t`x` <b> ".to_vec()),
            ".".into(),
        ],
        vec!["Nothing: ".into(), Span::Data(Vec::new())],
        vec![
            "See ".into(),
            Span::Link {
                text: "the help page".into(),
                url: "https://help.example/dns?a=1&b=2".into(),
            },
            " or ".into(),
            Span::Link {
                text: "this".into(),
                url: "javascript:alert(1)".into(),
            },
            ".".into(),
        ],
    ]));
    document.push(Block::Code(
        "dig +short TXT _x.example.com.\nnslookup -type=TXT _x.example.com.\n".into(),
    ));
    document
}

#[test]
fn text_is_wrapped_and_hangs() {
    insta::assert_snapshot!("text-80", everything().to_text(80));
    insta::assert_snapshot!("text-30", everything().to_text(30));
    assert_eq!(everything().to_string(), everything().to_text(80));
}

#[test]
fn markdown_is_common() {
    insta::assert_snapshot!("markdown", everything().to_markdown());
}

#[test]
fn html_is_a_fragment() {
    insta::assert_snapshot!("html", everything().to_html());
}

// S-18
#[test]
fn a_page_needs_nothing_from_elsewhere() {
    let page = everything().to_page("<Instructions> & \"more\"");
    assert!(page.contains(&everything().to_html()));
    assert!(page.contains("<title>&lt;Instructions&gt; &amp; &quot;more&quot;</title>"));
    assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'"));
    let head = page.split("<body>").next().unwrap();
    for outside in [
        "<script", "<link", "<img", "@import", "url(", "http://", "https://",
    ] {
        assert!(!head.contains(outside), "{outside}");
    }
}

/// Each text with what its forms are: text, Markdown, HTML.
#[test]
fn forms_of_single_lines() {
    let link = |text: &str, url: &str| Span::Link {
        text: text.into(),
        url: url.into(),
    };
    let strong = |text: &str| Span::Strong(text.into());
    let rows: Vec<(Vec<Span>, &str, &str, &str)> = vec![
        (vec!["1. one".into()], "1. one", "1\\. one", "1. one"),
        (vec!["12) one".into()], "12) one", "12\\) one", "12) one"),
        (vec!["- a - b".into()], "- a - b", "\\- a - b", "- a - b"),
        (vec!["+ a".into()], "+ a", "\\+ a", "+ a"),
        (vec!["# a".into()], "# a", "\\# a", "# a"),
        (vec!["2026".into()], "2026", "2026", "2026"),
        (vec!["a\n\n    b".into()], "a b", "a b", "a b"),
        (
            vec!["www.example.com http://x.example/".into()],
            "www.example.com http://x.example/",
            "www\\.example.com http\\://x.example/",
            "www.example.com http://x.example/",
        ),
        (
            vec![literal("a"), literal("b")],
            "ab",
            "`a` `b`",
            "<code class=\"dcv-literal\">a</code><code class=\"dcv-literal\">b</code>",
        ),
        (
            vec![literal("`a``")],
            "`a``",
            "``` `a`` ```",
            "<code class=\"dcv-literal\">`a``</code>",
        ),
        (
            vec![literal(" a ")],
            " a ",
            "`  a  `",
            "<code class=\"dcv-literal\"> a </code>",
        ),
        (
            vec![strong("a"), strong("b"), "c".into()],
            "abc",
            "abc",
            "<strong>a</strong><strong>b</strong>c",
        ),
        (
            vec![strong(" a*"), " b".into()],
            "a* b",
            "**a\\*** b",
            "<strong> a*</strong> b",
        ),
        (
            vec![link("", "https://a.example/?x&y")],
            "<https://a.example/?x&y>",
            "[https\\://a.example/?x\\&y](<https://a.example/?x&amp;y>)",
            "<a href=\"https://a.example/?x&amp;y\" rel=\"noopener noreferrer\">https://a.example/?x&amp;y</a>",
        ),
        (
            vec![link("here", "http://a.example/")],
            "here http://a.example/",
            "here `http://a.example/`",
            "here <code class=\"dcv-literal\">http://a.example/</code>",
        ),
        (
            vec![link("x", "https://a.example/\"onclick=\"")],
            "x https://a.example/\"onclick=\"",
            "x `https://a.example/\"onclick=\"`",
            "x <code class=\"dcv-literal\">https://a.example/&quot;onclick=&quot;</code>",
        ),
    ];
    for (line, text, markdown, html) in rows {
        let mut document = Document::new();
        document.push(Block::Paragraph(line.clone()));
        assert_eq!(document.to_text(80), format!("{text}\n"), "{line:?}");
        assert_eq!(document.to_markdown(), format!("{markdown}\n"), "{line:?}");
        assert_eq!(document.to_html(), format!("<p>{html}</p>\n"), "{line:?}");
    }
}

#[test]
fn lists_that_follow_each_other_stay_apart() {
    let mut document = Document::new();
    document.push(Block::Items(vec![vec!["a".into()]]));
    document.push(Block::Items(vec![vec!["b".into()]]));
    document.push(Block::Steps(vec![vec!["c".into()]]));
    let markdown = document.to_markdown();
    assert_eq!(markdown, "- a\n\n<!-- -->\n\n- b\n\n1. c\n");
    assert_eq!(document.to_text(80), " - a\n\n - b\n\n 1. c\n");
}
