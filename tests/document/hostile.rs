//! Whatever stands in a span, it is shown and nothing else (S-18).

use dcv::document::{Block, Document, Line, Span};
use dcv::record::escaped;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Pieces that mean something somewhere.
const PIECES: &[&str] = &[
    "<",
    ">",
    "&",
    "\"",
    "'",
    "`",
    "``",
    "```",
    "*",
    "**",
    "_",
    "__",
    "\\",
    "\\`",
    "[",
    "]",
    "(",
    ")",
    "](x)",
    "![x](y)",
    "<script>",
    "</code>",
    "</p>",
    "<!--",
    "-->",
    "<b onclick=x>",
    "&lt;",
    "&#60;",
    "&copy",
    "#",
    "# ",
    "- ",
    "+ ",
    "1. ",
    "2) ",
    "> ",
    "    ",
    "\t",
    "\n",
    "\n\n",
    "\r",
    "|",
    "~~",
    "~~~",
    "---",
    "===",
    "[x]: y",
    "[^1]",
    "- [ ] ",
    "{#id}",
    "$x$",
    "www.a.example",
    "http://a.example/",
    "https://a.example/",
    "<https://a.example/>",
    "a@b.example",
    ":",
    "!",
    "a",
    "B",
    "9",
    ".",
    " ",
    "  ",
    "é",
    "界",
    "e\u{301}",
];

/// Characters that cannot be seen, or that turn the writing.
const HIDDEN: &[&str] = &[
    "\u{0}",
    "\u{7}",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{9b}",
    "\u{ad}",
    "\u{200b}",
    "\u{202e}",
    "\u{2028}",
    "\u{2066}",
    "\u{feff}",
    "\u{e0041}",
    "\u{e000}",
    "\u{115f}",
    "\u{1d173}",
    "\u{fe0f}",
];

fn pieces() -> BoxedStrategy<String> {
    let piece = proptest::sample::select(PIECES);
    proptest::collection::vec(piece, 0..8)
        .prop_map(|pieces| pieces.concat())
        .boxed()
}

fn anything() -> BoxedStrategy<String> {
    let hidden = proptest::sample::select(HIDDEN).prop_map(str::to_owned);
    let part = prop_oneof![pieces(), hidden, any::<String>()];
    proptest::collection::vec(part, 0..4)
        .prop_map(|parts| parts.concat())
        .boxed()
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        pieces().prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..200),
    ]
}

fn span(text: BoxedStrategy<String>) -> BoxedStrategy<Span> {
    prop_oneof![
        text.clone().prop_map(Span::Text),
        text.clone().prop_map(Span::Strong),
        text.clone().prop_map(Span::Literal),
        octets().prop_map(Span::Data),
        (text.clone(), text).prop_map(|(text, url)| Span::Link { text, url }),
        pieces().prop_map(|end| Span::Link {
            text: "x".into(),
            url: format!("https://a.example/{end}")
        }),
    ]
    .boxed()
}

fn block(text: BoxedStrategy<String>) -> BoxedStrategy<Block> {
    let line = proptest::collection::vec(span(text.clone()), 0..5);
    let lines = proptest::collection::vec(line.clone(), 0..3);
    let field = (text.clone(), line.clone());
    prop_oneof![
        (any::<u8>(), line.clone()).prop_map(|(level, line)| Block::Heading(level, line)),
        line.prop_map(Block::Paragraph),
        lines.clone().prop_map(Block::Steps),
        lines.prop_map(Block::Items),
        proptest::collection::vec(field, 0..3).prop_map(Block::Fields),
        text.prop_map(Block::Code),
    ]
    .boxed()
}

fn document(text: BoxedStrategy<String>) -> BoxedStrategy<Document> {
    proptest::collection::vec(block(text), 0..4)
        .prop_map(|blocks| blocks.into_iter().collect())
        .boxed()
}

/// A pattern for what no form may hold but line feeds.
fn unseen() -> regex::Regex {
    let classes = r"[\p{Cc}\p{Co}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}--\n]";
    regex::Regex::new(classes).unwrap()
}

/// The tags of a fragment, which it must close in order, and all of its text.
fn scan(html: &str) -> (Vec<String>, String) {
    let (mut open, mut tags, mut text) = (Vec::<String>::new(), Vec::new(), String::new());
    let mut rest = html;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        match c {
            '<' => {
                let (tag, after) = after.split_once('>').expect("a tag ends");
                tags.push(tag.to_owned());
                match tag.strip_prefix('/') {
                    Some(name) => assert_eq!(open.pop().as_deref(), Some(name), "{html}"),
                    None => open.push(tag.split(' ').next().unwrap().to_owned()),
                }
                rest = after;
            }
            '&' => {
                let (name, after) = after.split_once(';').expect("an entity ends");
                text.push(match name {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "#39" => '\'',
                    _ => panic!("the entity {name} in {html}"),
                });
                rest = after;
            }
            '>' | '"' | '\'' => panic!("{c} stands open in {html}"),
            _ => {
                text.push(c);
                rest = after;
            }
        }
    }
    assert!(open.is_empty(), "{open:?} is not closed in {html}");
    (tags, text)
}

const TAGS: &[&str] = &[
    "h1", "h2", "h3", "p", "ol", "ul", "li", "dl", "dt", "dd", "pre", "code", "strong",
];

fn is_our_tag(tag: &str) -> bool {
    if TAGS.contains(&tag.strip_prefix('/').unwrap_or(tag)) || tag == "/a" {
        return true;
    }
    match tag.strip_prefix("a href=\"https://") {
        Some(rest) => {
            let address = rest.strip_suffix("\" rel=\"noopener noreferrer");
            // The scanner took the tag up to `>`; the last quotation mark is before that.
            let address = address.or_else(|| rest.strip_suffix("\" rel=\"noopener noreferrer\""));
            address.is_some_and(|address| {
                let address = address.replace("&amp;", "").replace("&#39;", "");
                !address.contains(['"', '\'', '<', '&', ' ', '\\', '`'])
            })
        }
        None => matches!(
            tag,
            "code class=\"dcv-literal\"" | "code class=\"dcv-data\""
        ),
    }
}

/// What is left of a text when it does not matter how words are set apart.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn data(octets: &[u8]) -> String {
    if octets.is_empty() {
        "\"\"".into()
    } else {
        escaped(octets, 128).to_string()
    }
}

/// What must be read of a literal: white space but the plain space is shown by its number.
fn literal(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' | '\n' | '\r' => c.escape_unicode().to_string(),
        _ => c.to_string(),
    };
    text.chars().map(shown).collect()
}

/// What must be read of lines of code.
fn code(text: &str) -> String {
    text.split('\n').map(literal).collect()
}

/// What must be read in a line.
fn read_of(line: &Line) -> String {
    line.iter()
        .map(|span| match span {
            Span::Text(text) | Span::Strong(text) => text.clone(),
            Span::Literal(text) => literal(text),
            Span::Data(octets) => data(octets),
            Span::Link { text, url } => {
                let is_link = url.starts_with("https://a.example/");
                let is_safe = !url
                    .contains(['<', '>', '"', '\'', '`', '\\', ' ', '{', '}', '|', '^'])
                    && !url.contains(|c: char| c.is_whitespace() || !c.is_ascii());
                match (is_link && is_safe, text.trim().is_empty()) {
                    (true, true) => url.clone(),
                    (true, false) => text.clone(),
                    (false, true) => literal(url),
                    (false, false) if text == url => literal(url),
                    (false, false) => format!("{text}{}", literal(url)),
                }
            }
            _ => unreachable!(),
        })
        .collect()
}

fn lines_of(document: &Document) -> Vec<(Option<String>, Line)> {
    let mut lines = Vec::new();
    for block in document.blocks() {
        match block {
            Block::Heading(_, line) | Block::Paragraph(line) => lines.push((None, line.clone())),
            Block::Steps(all) | Block::Items(all) => {
                lines.extend(all.iter().map(|line| (None, line.clone())));
            }
            Block::Fields(fields) => lines.extend(
                fields
                    .iter()
                    .map(|(name, line)| (Some(name.clone()), line.clone())),
            ),
            Block::Code(text) => lines.push((None, vec![Span::from(code(text))])),
            _ => unreachable!(),
        }
    }
    lines
}

fn read_all(document: &Document, after_name: &str) -> String {
    let read = lines_of(document).into_iter().map(|(name, line)| {
        let name = name.map(|name| format!("{name}{after_name}"));
        name.unwrap_or_default() + &read_of(&line)
    });
    squeezed(&read.collect::<String>())
}

/// The literals and data of a document, as they have to be read.
fn codes(document: &Document) -> Vec<String> {
    let lines = lines_of(document);
    let spans = lines.iter().flat_map(|(_, line)| line);
    let shown = spans.filter_map(|span| match span {
        Span::Literal(text) if !text.is_empty() => Some(literal(text)),
        Span::Data(octets) => Some(data(octets)),
        _ => None,
    });
    shown.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    // S-18
    #[test]
    fn text_is_printable_and_keeps_what_is_to_copy(
        document in document(anything()),
        width in 0..120usize,
    ) {
        let text = document.to_text(width);
        prop_assert!(!unseen().is_match(&text), "{text:?}");
        let page = document.to_page("x");
        prop_assert!(!unseen().is_match(&page), "{page:?}");
        let markdown = document.to_markdown();
        prop_assert!(!unseen().is_match(&markdown), "{markdown:?}");
    }

    // S-18
    #[test]
    fn a_literal_is_never_broken(value in "[!-~]([ -~]{0,90}[!-~])?", width in 0..100usize) {
        let line = vec!["Enter the value ".into(), Span::Literal(value.clone()), " there.".into()];
        let data = vec!["Found ".into(), Span::Data(value.clone().into_bytes()), " there.".into()];
        let mut document = Document::new();
        document.push(Block::Paragraph(line.clone()));
        document.push(Block::Fields(vec![("Value".into(), line)]));
        document.push(Block::Steps(vec![data]));
        let text = document.to_text(width);
        prop_assert_eq!(text.matches(value.as_str()).count() >= 2, true, "{}", text);
        let shown = format!("\"{}\"", escaped(value.as_bytes(), 128));
        prop_assert!(text.contains(&shown), "{}", text);
    }

    // No line is wider than it has to be.
    #[test]
    fn words_keep_to_the_width(words in "[a-z]{1,9}( [a-z]{1,9}){0,40}", width in 14..100usize) {
        let line = vec![Span::from(words.as_str())];
        let mut document = Document::new();
        document.push(Block::Paragraph(line.clone()));
        document.push(Block::Items(vec![line.clone()]));
        document.push(Block::Fields(vec![("A".into(), line)]));
        let text = document.to_text(width);
        prop_assert!(text.lines().all(|line| line.len() <= width), "{}", text);
        let read: Vec<&str> = text.split_whitespace().collect();
        let words: Vec<&str> = words.split(' ').collect();
        prop_assert_eq!(read, [&words, &["-"][..], &words, &["A"], &words].concat());
    }

    // S-18
    #[test]
    fn html_has_no_tag_but_ours(document in document(pieces())) {
        let html = document.to_html();
        let (tags, text) = scan(&html);
        for tag in &tags {
            prop_assert!(is_our_tag(tag), "<{tag}> in {html}");
        }
        prop_assert_eq!(squeezed(&text), read_all(&document, ""), "{}", html);
    }

    // S-18
    #[test]
    fn html_of_anything_has_no_tag_but_ours(document in document(anything())) {
        let html = document.to_html();
        for tag in scan(&html).0 {
            prop_assert!(is_our_tag(&tag), "<{tag}> in {html}");
        }
    }

    // S-18
    #[test]
    fn markdown_is_read_back_as_it_was_meant(document in document(pieces())) {
        let markdown = document.to_markdown();
        let (mut text, mut code, mut in_block) = (String::new(), Vec::new(), false);
        for event in Parser::new_ext(&markdown, Options::all() - Options::ENABLE_SMART_PUNCTUATION) {
            match event {
                Event::Text(read) => {
                    text.push_str(&read);
                    if in_block {
                        let last: &mut String = code.last_mut().unwrap();
                        last.push_str(&read);
                    }
                }
                Event::Code(read) => {
                    text.push_str(&read);
                    code.push(read.to_string());
                }
                Event::Html(read) => prop_assert_eq!(read.trim(), "<!-- -->"),
                Event::Start(Tag::CodeBlock(_)) => {
                    in_block = true;
                    code.push(String::new());
                }
                Event::End(TagEnd::CodeBlock) => in_block = false,
                Event::Start(
                    Tag::Paragraph | Tag::List(_) | Tag::Item | Tag::Strong | Tag::HtmlBlock,
                ) => {}
                Event::Start(Tag::Heading { id: None, attrs, classes, .. })
                    if attrs.is_empty() && classes.is_empty() => {}
                Event::Start(Tag::Link { dest_url, .. }) => {
                    prop_assert!(dest_url.starts_with("https://a.example/"), "{}", dest_url);
                }
                Event::End(_) => {}
                other => prop_assert!(false, "{other:?} in {markdown}"),
            }
        }
        prop_assert_eq!(squeezed(&text), read_all(&document, ":"), "{}", markdown);
        let wanted = codes(&document);
        let code: Vec<String> = code.iter().map(|code| squeezed(code)).collect();
        for one in wanted {
            let one = squeezed(&one);
            prop_assert!(code.contains(&one), "{one:?} of {markdown}");
        }
    }

    // Spaces too are read back, where a person copies them.
    #[test]
    fn a_code_span_is_exact(value in "[ -~]{1,40}") {
        let mut document = Document::new();
        document.push(Block::Paragraph(vec!["x ".into(), Span::Literal(value.clone()), " y".into()]));
        let markdown = document.to_markdown();
        let events: Vec<_> = Parser::new(&markdown).collect();
        prop_assert!(events.contains(&Event::Code(value.clone().into())), "{:?}", events);
        let (_, text) = scan(&document.to_html());
        prop_assert_eq!(text, format!("x {value} y\n"));
    }
}
