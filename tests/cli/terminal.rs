//! How a text stands on a terminal.

use dcv::document::{Block, Document, Span};

use crate::screen::{Screen, Style};

fn text(text: &str) -> Span {
    Span::Text(text.into())
}

fn document() -> Document {
    let mut document = Document::new();
    document.push(Block::Heading(1, vec![text("example.com is not verified")]));
    document.push(Block::Heading(2, vec![text("What is wrong")]));
    document.push(Block::Paragraph(vec![
        Span::Strong("The value has quotation marks in it:".into()),
        text(" it is "),
        Span::Data(b"\"token=\x1b[31m\"".into()),
        text(", and not "),
        Span::Literal("token=abc expiry=2026-12-02T02:57:49Z".into()),
        text("."),
    ]));
    document.push(Block::Items(vec![
        vec![text("one")],
        vec![text("two words, and more words than one line has")],
    ]));
    document.push(Block::Steps(vec![
        vec![text("first")],
        vec![text("second")],
    ]));
    document.push(Block::Fields(vec![
        ("Host".into(), vec![Span::Literal("_p-challenge".into())]),
        ("Full name".into(), vec![text("_p-challenge.example.com")]),
    ]));
    document.push(Block::Code("dig TXT a\n\n  b\u{7}".into()));
    document.push(Block::Paragraph(vec![
        Span::Link {
            text: "the manual".into(),
            url: "https://example.org/a".into(),
        },
        text("; "),
        Span::Link {
            text: "https://example.org/b".into(),
            url: "https://example.org/b".into(),
        },
    ]));
    document
}

// S-18: wrapped to the width; what is to be copied is in one piece, what was published is escaped.
#[test]
fn a_document_fits() {
    let screen = Screen {
        width: 40,
        colour: false,
    };
    let shown = screen.show(document().blocks());
    assert_eq!(
        shown,
        "\
example.com is not verified

What is wrong
  The value has quotation marks in it:
  it is \"\\034token=\\027[31m\\034\", and
  not
  token=abc expiry=2026-12-02T02:57:49Z.

  - one
  - two words, and more words than one
    line has

  1. first
  2. second

    Host       _p-challenge
    Full name  _p-challenge.example.com

    dig TXT a
    
      b\u{fffd}

  the manual <https://example.org/a>;
  <https://example.org/b>
"
    );
    for width in 20..120 {
        let screen = Screen {
            width,
            colour: false,
        };
        let shown = screen.show(document().blocks());
        let copied = |line: &str| {
            line.contains("token=abc") || line.contains("_p-") || line.contains("<https:")
        };
        let long = shown
            .lines()
            .find(|line| line.chars().count() > width && !copied(line));
        assert_eq!(long, None, "{width}");
        assert!(shown.contains("token=abc expiry=2026-12-02T02:57:49Z"));
    }
}

// Colours are around the text, and change nothing of it.
#[test]
fn colours_change_nothing() {
    for width in [30, 80] {
        let plain = Screen {
            width,
            colour: false,
        };
        let colourful = Screen {
            width,
            colour: true,
        };
        let shown = colourful.show(document().blocks());
        assert!(
            shown.contains("\x1b[1;36mWhat is wrong\x1b[0m\n"),
            "{shown}"
        );
        let mut bare = shown;
        for code in ["1", "1;4", "1;36", "32", "33", "4", "0"] {
            bare = bare.replace(&format!("\x1b[{code}m"), "");
        }
        assert_eq!(bare, plain.show(document().blocks()));
        assert!(!bare.contains('\x1b'));
    }
    let told = Screen {
        width: 80,
        colour: true,
    };
    assert_eq!(
        told.paragraph(Style::Bad, "not proven"),
        "\x1b[1;31mnot proven\x1b[0m\n"
    );
}

// S-18: what was published may be broken anywhere, and is never wider than the terminal.
#[test]
fn long_values_are_broken() {
    let mut document = Document::new();
    document.push(Block::Paragraph(vec![
        text("It is "),
        Span::Data(vec![b'x'; 5000]),
    ]));
    let screen = Screen {
        width: 24,
        colour: false,
    };
    let shown = screen.show(document.blocks());
    assert!(
        shown.lines().all(|line| line.chars().count() <= 24),
        "{shown}"
    );
    let kept = shown.chars().filter(|c| *c == 'x').count();
    assert_eq!(kept, 256);
}
