//! Zone-file text of TXT records, and bytes shown to people.
#![allow(
    clippy::unwrap_used,
    clippy::or_fun_call,
    reason = "a test fails where it unwraps"
)]

use std::fmt::Write as _;

use dcv::record::escaped;
use dcv::record::presentation::{PresentationError, TxtData, character_strings, parse, quoted};
use proptest::prelude::*;

fn shown(data: &TxtData) -> String {
    let mut text = String::new();
    for (index, string) in data.strings().enumerate() {
        if index > 0 {
            text.push('|');
        }
        for &octet in string {
            match octet {
                b'"' | b'\\' | 0..0x20 | 0x7f.. => write!(text, "\\{octet:03}").unwrap(),
                _ => text.push(char::from(octet)),
            }
        }
    }
    text
}

// X-02, S-18
#[test]
fn texts_read_as_the_table_says() {
    let table = include_str!("data/records/presentation.tsv");
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        // The text itself may hold tabs.
        let (ids, rest) = line.split_once('\t').unwrap();
        let (text, expected) = rest.rsplit_once('\t').unwrap();
        let found = match parse(text) {
            Ok(data) => shown(&data),
            Err(error) => {
                let name = format!("{error:?}");
                let name = name.split(' ').next().unwrap();
                let position = error.position().map_or("-".to_owned(), |at| at.to_string());
                format!("error {name}@{position}")
            }
        };
        assert_eq!(found, expected, "{ids}: {text}");
    }
}

// X-02: one string holds 255 octets, one record 65 535 with the lengths of its strings
#[test]
fn strings_and_records_have_their_limits() {
    let text = |length: usize| format!("\"{}\"", "a".repeat(length));
    assert_eq!(parse(&text(255)).unwrap().joined().len(), 255);
    let too_long = PresentationError::StringTooLong { position: 4 };
    assert_eq!(parse(&format!("\"a\" {}", text(256))), Err(too_long));
    assert_eq!(
        parse(&"b".repeat(256)),
        Err(PresentationError::StringTooLong { position: 0 })
    );

    let full = vec![text(255); 255].join(" ");
    let last = full.len() + 1;
    assert_eq!(
        parse(&format!("{full} {}", text(254)))
            .unwrap()
            .joined()
            .len(),
        65_279
    );
    assert_eq!(
        parse(&format!("{full} {}", text(255))),
        Err(PresentationError::DataTooLong { position: last })
    );
    // Empty strings take room too.
    assert!(parse(&"\"\" ".repeat(65_535)).is_ok());
    assert!(parse(&"\"\" ".repeat(65_536)).is_err());
}

// X-02: split at 255 octets on print, wherever that falls
#[test]
fn printing_splits_at_255_octets() {
    let lengths = |length: usize| {
        character_strings(&vec![b'a'; length])
            .map(<[u8]>::len)
            .collect::<Vec<_>>()
    };
    assert_eq!(lengths(0), [0]);
    assert_eq!(lengths(255), [255]);
    assert_eq!(lengths(256), [255, 1]);
    assert_eq!(lengths(511), [255, 255, 1]);
    let text = quoted(&[b'"'; 256]).to_string();
    assert_eq!(text, format!("\"{}\" \"\\\"\"", "\\\"".repeat(255)));
}

// X-02: strings are joined without a separator, and shown as they were
#[test]
fn strings_join_without_a_separator() {
    let data = parse("\"token=ab\" \"cd attr=x\"").unwrap();
    assert_eq!(data.joined(), b"token=abcd attr=x");
    assert_eq!(data.to_string(), "\"token=ab\" \"cd attr=x\"");
    assert_eq!(data.into_joined(), b"token=abcd attr=x");
}

// S-18: cut before escaping, never inside an escape, and counted
#[test]
fn escaping_cuts_before_it_escapes() {
    let text = |octets: &[u8], most| escaped(octets, most).to_string();
    assert_eq!(text(b"plain text", 10), "plain text");
    assert_eq!(text(b"plain text", 9), "plain tex... (+1 octet)");
    assert_eq!(text(b"", 0), "");
    assert_eq!(text(b"abc", 0), "... (+3 octets)");
    assert_eq!(text(b"\"\\\x1b\x7f\xff", 9), r"\034\092\027\127\255");
    assert_eq!(text(b"\xff\xff\xff", 1), r"\255... (+2 octets)");
    assert_eq!(format!("{:?}", escaped(b"a\"", 9)), r#""a\034""#);
}

proptest! {
    // X-02, S-18: any octets round trip, joined
    #[test]
    fn octets_round_trip(octets in prop::collection::vec(any::<u8>(), 0..700)) {
        let data = parse(&quoted(&octets).to_string()).unwrap();
        prop_assert_eq!(data.joined(), &octets);
        let strings: Vec<_> = data.strings().map(<[u8]>::to_vec).collect();
        let split: Vec<_> = character_strings(&octets).map(<[u8]>::to_vec).collect();
        prop_assert_eq!(strings, split);
    }

    // X-02: what was read prints as text that reads the same, string by string
    #[test]
    fn texts_round_trip(text in "([a-c\\\\\"0-9 \t]|\\\\[0-2][0-5][0-5]|.){0,40}") {
        if let Ok(data) = parse(&text) {
            prop_assert_eq!(parse(&data.to_string()), Ok(data));
        }
    }

    // S-18: nothing but printable ASCII, no quotation mark, a bounded length
    #[test]
    fn escaped_is_harmless(octets in prop::collection::vec(any::<u8>(), 0..300), most in 0..99_usize) {
        let text = escaped(&octets, most).to_string();
        prop_assert!(text.bytes().all(|octet| matches!(octet, 0x20..=0x7e) && octet != b'"'));
        prop_assert!(text.len() <= 4 * most + 30);
        for (at, _) in text.match_indices('\\') {
            let digits = text.get(at + 1..at + 4).unwrap();
            prop_assert!(digits.parse::<u8>().is_ok(), "{}", text);
        }
    }
}
