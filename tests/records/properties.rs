//! What holds for every record.

use dcv::record::{Expiry, Notation, Reading, Record, RecordValue, Syntax, parse};
use proptest::prelude::*;
use time::{Duration, UtcDateTime};

use super::{READINGS, SYNTAXES};

/// Record data near the grammar: random bytes rarely get past the prefix.
fn near_rdata() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("token=".to_owned()),
        Just("TOKEN=".to_owned()),
        Just("expiry=".to_owned()),
        Just("never".to_owned()),
        Just(" ".to_owned()),
        Just(",".to_owned()),
        Just("=".to_owned()),
        "[a-c]{1,3}",
        "[\\x00-\\xff]",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat().into_bytes())
}

fn any_expiry() -> impl Strategy<Value = Expiry> {
    let instant = (-62_167_219_200_i64..=253_402_300_799)
        .prop_map(|seconds| UtcDateTime::from_unix_timestamp(seconds).unwrap());
    prop_oneof![
        Just(Expiry::Never),
        instant.clone().prop_map(Expiry::At),
        instant.prop_map(|instant| Expiry::Date(instant.date())),
    ]
}

/// Offers for keys and values, among them such that try to bring a pair of their own along.
fn offer() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9_-]{1,6}",
        "[!#-\\[\\]-~]{1,12}",
        "[a-c =,\"\\\\]{0,8}",
        Just("x token=evil".to_owned()),
        Just("x,token=evil".to_owned()),
        ".{0,6}",
    ]
}

/// What a record says, with keys as they print.
type Said = (Vec<u8>, Option<Expiry>, Vec<(String, Option<Vec<u8>>)>);

fn said(record: &Record<'_>) -> Said {
    let expiry = record
        .expiry()
        .map(|expiry| expiry.expect("what was printed reads"));
    let attributes = record
        .attributes()
        .filter(|attribute| !attribute.key().eq_ignore_ascii_case(b"expiry"))
        .map(|attribute| {
            let key = String::from_utf8(attribute.key().to_ascii_lowercase()).unwrap();
            (key, attribute.value().map(<[u8]>::to_vec))
        })
        .collect();
    (record.token().to_vec(), expiry, attributes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    // K-04, S-16: any octets, any mode: never a panic, never an empty token
    #[test]
    fn any_octets_are_read_or_refused(
        rdata in prop_oneof![near_rdata(), prop::collection::vec(any::<u8>(), 0..80)],
    ) {
        for (syntax, reading) in [
            (Syntax::Space, Reading::Strict),
            (Syntax::Space, Reading::Lenient),
            (Syntax::LegacyComma, Reading::Strict),
            (Syntax::LegacyComma, Reading::Lenient),
        ] {
            match parse(&rdata, syntax, reading) {
                Ok(record) => {
                    prop_assert!(!record.token().is_empty());
                    let _ = (record.expiry(), format!("{record:?}"));
                    if reading == Reading::Strict {
                        prop_assert!(record.warnings().is_empty());
                        // What the strict reading takes, the lenient one takes alike, except for
                        // spaces at the ends of a bare token.
                        let lenient = parse(&rdata, syntax, Reading::Lenient);
                        if record.notation() == Notation::KeyValue {
                            prop_assert_eq!(lenient, Ok(record));
                        }
                    }
                }
                Err(error) => {
                    let at = error.position().unwrap_or(0);
                    prop_assert!(at <= rdata.len(), "{:?} in {} octets", error, rdata.len());
                    prop_assert!(!error.to_string().is_empty());
                }
            }
        }
    }

    // K-06, K-09, K-11, K-14, S-12: whatever the builder takes reads back as exactly these pairs
    #[test]
    fn nothing_injects_another_pair(
        token in offer(),
        expiry in prop::option::of(any_expiry()),
        offers in prop::collection::vec((offer(), prop::option::of(offer())), 0..6),
    ) {
        let Ok(mut value) = RecordValue::new(&token) else { return Ok(()) };
        if let Some(expiry) = expiry {
            value = value.expiry(expiry).unwrap();
        }
        let mut attributes = Vec::new();
        for (key, text) in &offers {
            if let Ok(more) = value.clone().attribute(key, text.as_deref()) {
                value = more;
                let text = text.as_ref().map(|text| text.clone().into_bytes());
                attributes.push((key.to_ascii_lowercase(), text));
            }
        }
        let expected = (token.into_bytes(), expiry, attributes);
        for syntax in SYNTAXES {
            let Ok(rdata) = value.to_rdata(syntax) else { continue };
            for reading in READINGS {
                let record = parse(rdata.as_bytes(), syntax, reading).unwrap();
                prop_assert_eq!(record.notation(), Notation::KeyValue);
                prop_assert!(record.warnings().is_empty());
                prop_assert_eq!(&said(&record), &expected, "{} in {}", rdata, syntax);
            }
        }
        if let Ok(rdata) = value.to_bare(Syntax::Space) {
            let record = parse(rdata.as_bytes(), Syntax::Space, Reading::Strict).unwrap();
            prop_assert_eq!(record.notation(), Notation::Bare);
            prop_assert_eq!(record.token(), &expected.0);
        }
    }

    // K-03, K-05: parse, print, parse is the identity on whatever strictly reads as pairs
    #[test]
    fn parse_print_parse_is_the_identity(
        token in "[!#-+\\--\\[\\]-~]{1,20}",
        expiry in prop::option::of(any_expiry()),
        keys in prop::collection::btree_map("[a-d]{1,3}", prop::option::of("[!#-+\\--\\[\\]-~]{1,9}"), 0..5),
        upper in any::<bool>(),
    ) {
        for syntax in SYNTAXES {
            let separator = if syntax == Syntax::Space { " " } else { "," };
            let mut pairs = vec![format!("token={token}")];
            pairs.extend(keys.iter().map(|(key, value)| {
                let key = if upper { key.to_uppercase() } else { key.clone() };
                value.as_ref().map_or(key.clone(), |value| format!("{key}={value}"))
            }));
            pairs.extend(expiry.map(|expiry| format!("expiry={expiry}")));
            if syntax == Syntax::LegacyComma {
                pairs.rotate_left(1);
            }
            let rdata = pairs.join(separator);
            let first = parse(rdata.as_bytes(), syntax, Reading::Strict).unwrap();
            let mut value = RecordValue::new(str::from_utf8(first.token()).unwrap()).unwrap();
            if let Some(expiry) = first.expiry() {
                value = value.expiry(expiry.unwrap()).unwrap();
            }
            for (key, text) in said(&first).2 {
                let text = text.map(|text| String::from_utf8(text).unwrap());
                value = value.attribute(&key, text.as_deref()).unwrap();
            }
            let printed = value.to_rdata(syntax).unwrap();
            let second = parse(printed.as_bytes(), syntax, Reading::Strict).unwrap();
            prop_assert_eq!(said(&first), said(&second));
        }
    }

    // E-03, E-04: printing and reading an expiry is the identity
    #[test]
    fn expiries_round_trip(expiry in any_expiry()) {
        prop_assert_eq!(expiry.to_string().parse(), Ok(expiry));
        if let (Expiry::Date(date), Some(after)) = (expiry, expiry.safe_to_remove_after()) {
            let grace = after - date.midnight().as_utc();
            prop_assert!(grace == Duration::days(2) || date.year() == 9999);
        }
    }

    // E-03: any text is read or refused
    #[test]
    fn any_expiry_text_is_read_or_refused(text in "[0-9TtZz:+.-]{0,30}|.{0,30}") {
        if let Ok(expiry) = Expiry::parse(text.as_bytes()) {
            prop_assert!(expiry.to_string().parse::<Expiry>().is_ok());
        }
    }

    // K-10: what the lenient reading forgives is spaces around the pairs, nothing else
    #[test]
    fn spaces_never_change_what_is_said(
        before in 0..3_usize, between in 1..4_usize, after in 0..3_usize,
    ) {
        let space = |count| " ".repeat(count);
        let rdata = format!(
            "{}token=T{}a=1{}expiry=never{}",
            space(before), space(between), space(between), space(after),
        );
        let record = parse(rdata.as_bytes(), Syntax::Space, Reading::Lenient).unwrap();
        let plain = parse(b"token=T a=1 expiry=never", Syntax::Space, Reading::Strict).unwrap();
        prop_assert_eq!(said(&record), said(&plain));
        let warned = record.warnings().non_canonical_whitespace();
        prop_assert_eq!(warned, before > 0 || between > 1 || after > 0);
    }
}
