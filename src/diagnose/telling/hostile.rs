//! Values that would steer a page, a terminal or a reader, in every place of every report (S-18).

use std::sync::LazyLock;

use pulldown_cmark::{Event, Parser, Tag};
use regex::Regex;

use super::catalogue::full;
use super::world::World;
use crate::diagnose::{Code, Diagnosis, Finding, Report, Value};
use crate::dns::{Answer, ExtendedError, LookupFailure, Question, RecordType};
use crate::name::OwnerName;

/// What somebody may publish.
const EVIL: [&str; 12] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</code></pre><a href=https://evil.example>click</a>",
    "`` ` ``` [click](https://evil.example) ![x](https://evil.example/x.png)",
    "<https://evil.example> https://evil.example www.evil.example",
    "\n\n# Heading\n- item\n\n    code\n",
    "\u{1b}[2J\u{1b}]8;;https://evil.example\u{7}click\u{1b}]8;;\u{7}",
    "a\0b\r\nSubject: evil\u{8}\u{7f}\u{9b}2J",
    "\u{202e}moc.live\u{2066}\u{200f}\u{feff}",
    "{owner}[{value}]\\{host\\} {nonsense}",
    "&lt;b&gt;&amp;&#60;b&#62;\\",
];

fn texts() -> Vec<String> {
    let long = "<b>`*".repeat(400);
    let evil = EVIL.iter().map(|&text| text.to_owned());
    evil.chain([EVIL.concat(), long]).collect()
}

/// A name of labels with this text in them, as far as it fits.
fn name(text: &str) -> OwnerName {
    let labels = text.as_bytes().chunks(40).take(5);
    OwnerName::from_labels(labels.chain([&b"evil"[..]])).unwrap()
}

fn failure(text: &str) -> LookupFailure {
    match text.len() % 3 {
        0 => LookupFailure::BrokenChain { at: name(text) },
        1 => LookupFailure::Bogus {
            extended: vec![ExtendedError::new(6, text.as_bytes()); 12],
        },
        _ => LookupFailure::Server {
            rcode: 4095,
            extended: vec![ExtendedError::new(49_152, text.as_bytes())],
        },
    }
}

/// The same finding, everything in it replaced.
fn spoilt(mut finding: Finding, text: &str) -> Finding {
    for param in &mut finding.params {
        param.value = match &param.value {
            Value::Name(_) => Value::Name(name(text)),
            Value::Names(_) => Value::Names(vec![name(text); 3]),
            Value::Data(_) => Value::Data(text.as_bytes().to_vec()),
            Value::Text(_) => Value::Text(text.to_owned()),
            Value::Failure(_) => Value::Failure(failure(text)),
            Value::Link(_) => Value::Link(text.to_owned()),
            other => other.clone(),
        };
    }
    finding
}

/// A report on two findings, so that each code is told in full and in short, of places with the
/// text in their names.
fn diagnosis(code: Code, text: &str) -> Diagnosis {
    let mut world = World::new();
    let mut finding = spoilt(full(code), text);
    for who in ["quad-3-udp", "zone-servers-eu"] {
        let question = Question::new(name(text), RecordType::from_code(65_280));
        let answer = Answer::txt([text]);
        finding.seen.push(world.see(who, question, Ok(answer)));
    }
    world.diagnosis(vec![finding.clone(), finding])
}

/// Nothing that a terminal or a reader's eye obeys; of the rest only line feeds.
fn is_plain(text: &str) -> bool {
    static UNSEEN: LazyLock<Regex> = LazyLock::new(|| {
        let classes =
            r"[\p{Cc}\p{Co}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}--\n]";
        Regex::new(classes).unwrap()
    });
    !UNSEEN.is_match(text)
}

fn assert_html(html: &str, what: &str) {
    static OURS: LazyLock<Regex> = LazyLock::new(|| {
        let tag = "</?(h[1-3]|p|ol|ul|li|dl|dt|dd|pre|code|strong)>";
        let span = r#"<code class="dcv-(literal|data)">"#;
        let link = r#"<a href="https://docs\.rs/dcv/[^"<>]*" rel="noopener noreferrer">[^<]*</a>"#;
        Regex::new(&format!("{link}|{span}|{tag}")).unwrap()
    });
    static ENTITY: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("&(amp|lt|gt|quot|#39);").unwrap());
    let rest = OURS.replace_all(html, "");
    assert!(!rest.contains(['<', '>', '"', '\'']), "{what}: {rest}");
    let rest = ENTITY.replace_all(&rest, "");
    assert!(!rest.contains('&'), "{what}: {rest}");
    assert!(is_plain(html), "{what}: {html:?}");
}

fn assert_markdown(markdown: &str, what: &str) {
    assert!(is_plain(markdown), "{what}: {markdown:?}");
    for event in Parser::new(markdown) {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => panic!("{what}: markup in {markdown}"),
            Event::Start(Tag::Image { .. } | Tag::CodeBlock(_) | Tag::BlockQuote(_)) => {
                panic!("{what}: {event:?} in {markdown}")
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(
                    dest_url.starts_with("https://docs.rs/dcv/"),
                    "{what}: {dest_url}"
                );
            }
            _ => {}
        }
    }
    // Our headings, and no more.
    let headings = markdown.lines().filter(|line| line.starts_with('#'));
    assert!(headings.count() <= 6, "{what}: {markdown}");
}

fn assert_harmless(report: &Report<'_>, what: &str) {
    let text = report.to_string();
    assert!(is_plain(&text), "{what}: {text:?}");
    let document = report.document();
    assert_markdown(&document.to_markdown(), what);
    assert_html(&document.to_html(), what);
    #[cfg(feature = "serde")]
    {
        let json = serde_json::to_string(report).unwrap();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        for finding in value["findings"].as_array().unwrap() {
            for key in ["title", "seen_text", "why", "change"] {
                let said = finding[key].as_str().unwrap_or_default();
                assert!(is_plain(said) && !said.contains('\n'), "{what}: {said:?}");
            }
            let data = finding["params"]["data"]["text"].as_str();
            let data = data.unwrap_or_default();
            assert!(is_plain(data) && data.is_ascii(), "{what}: {data:?}");
        }
    }
}

// S-18: whatever stands in a parameter or a place, each form keeps its structure.
#[test]
fn no_value_gets_out_of_its_place() {
    for text in texts() {
        for code in Code::ALL {
            let diagnosis = diagnosis(code, &text);
            let what = format!("{code}: {:.40?}", text);
            assert_harmless(&diagnosis.for_operator(), &what);
            assert_harmless(&diagnosis.for_tenant(), &what);
        }
    }
}

// S-18: a long value is cut, in each form.
#[test]
fn long_values_are_cut() {
    let long = "a".repeat(60_000);
    let mut world = World::new();
    let mut finding = full(Code::ExtraText);
    let question = world.challenge.question();
    finding.seen = vec![world.see("quad-3-udp", question, Ok(Answer::txt([&long])))];
    let params = finding.params.iter_mut();
    for param in params.filter(|param| param.key == "data") {
        param.value = Value::Data(long.clone().into_bytes());
    }
    let diagnosis = world.diagnosis(vec![finding]);
    for report in [diagnosis.for_tenant(), diagnosis.for_operator()] {
        let document = report.document();
        for form in [
            report.to_string(),
            document.to_markdown(),
            document.to_html(),
        ] {
            assert!(form.contains("(+59872 octets)"), "{form}");
            assert!(form.len() < 4_000, "{}", form.len());
        }
    }
}
