//! The grammar: what a record says, and why one is refused.

use std::fmt::{Debug, Write as _};

use dcv::record::{
    Attribute, Attributes, Expiry, ExpiryError, MAX_ATTRIBUTES, Notation, Reading, Record,
    RecordError, RecordValue, Syntax, Warnings, parse,
};

use super::{READINGS, SYNTAXES, rows};

/// `\DDD` in a table, decimal.
fn octets(cell: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = cell.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'\\' {
            octets.push(std::str::from_utf8(&after[..3]).unwrap().parse().unwrap());
            rest = &after[3..];
        } else {
            octets.push(first);
            rest = after;
        }
    }
    octets
}

fn shown(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, &octet| {
        match octet {
            b'\\' | 0..0x20 | 0x7f.. => write!(text, "\\{octet:03}").unwrap(),
            _ => text.push(char::from(octet)),
        }
        text
    })
}

fn name_of(error: &impl Debug) -> String {
    let text = format!("{error:?}");
    text.split([' ', '{', '(']).next().unwrap().to_owned()
}

/// What was read, in the words of `vectors.tsv`.
fn outcome(rdata: &[u8], syntax: Syntax, reading: Reading) -> String {
    let record = match parse(rdata, syntax, reading) {
        Ok(record) => record,
        Err(error) => {
            let position = error.position().map_or("-".to_owned(), |at| at.to_string());
            return format!("error {}@{position}", name_of(&error));
        }
    };
    let mut parts = vec![match record.notation() {
        Notation::Bare if record.token() == rdata => "bare *".to_owned(),
        Notation::Bare => format!("bare {}", shown(record.token())),
        _ => shown(record.token()),
    }];
    parts.extend(
        record
            .attributes()
            .map(|attribute| match attribute.value() {
                Some(value) => format!("{}={}", shown(attribute.key()), shown(value)),
                None => shown(attribute.key()),
            }),
    );
    parts.extend(
        record
            .warnings()
            .iter()
            .map(|warning| format!("!{warning}")),
    );
    parts.join(" ; ")
}

// K-01 to K-15, E-02, E-05, T-11, X-05, X-06
#[test]
fn vectors_read_as_the_table_says() {
    let mut seen = 0;
    for row in rows(include_str!("../data/records/vectors.tsv")) {
        let [ids, rdata, cells @ ..] = row.as_slice() else {
            panic!("{row:?}")
        };
        assert_eq!(cells.len(), 4, "{row:?}");
        let modes = SYNTAXES
            .into_iter()
            .flat_map(|s| READINGS.into_iter().map(move |r| (s, r)));
        let mut expected = String::new();
        for (cell, (syntax, reading)) in cells.iter().zip(modes) {
            if *cell != "=" {
                expected = shown(&octets(cell));
            }
            let found = outcome(&octets(rdata), syntax, reading);
            assert_eq!(found, expected, "{ids}: {rdata} in {syntax}, {reading}");
        }
        seen += 1;
    }
    assert!(seen > 70, "the table has lost rows: {seen}");
}

// K-05, K-11: the first attribute wins, whatever its case
#[test]
fn lookup_folds_keys_and_takes_the_first() {
    let rdata = b"token=T Note=one NOTE=two flag empty=";
    let record = parse(rdata, Syntax::Space, Reading::Lenient).unwrap();
    assert_eq!(record.attribute("nOTE").unwrap().value(), Some(&b"one"[..]));
    assert_eq!(record.attribute("nOTE").unwrap().key(), b"Note");
    assert_eq!(record.attribute("FLAG").unwrap().value(), None);
    assert_eq!(record.attribute("empty").unwrap().value(), Some(&b""[..]));
    assert_eq!(record.attribute("token"), None);
    assert_eq!(record.attribute("not"), None);
    assert_eq!(record.attributes().count(), 4);
}

// performance goal 2: what is read owns nothing, so reading cannot allocate for it
#[test]
fn records_and_errors_own_nothing() {
    fn is_copy<T: Copy>() {}
    is_copy::<Record<'_>>();
    is_copy::<Attribute<'_>>();
    is_copy::<Warnings>();
    is_copy::<RecordError>();
    is_copy::<ExpiryError>();
    is_copy::<Expiry>();
    assert!(!std::mem::needs_drop::<Attributes<'_>>());
    assert!(size_of::<RecordError>() <= 24);
    assert!(size_of::<Record<'_>>() <= 48);
}

// K-11: work is bounded, whoever writes the record
#[test]
fn attributes_have_a_bound() {
    let with = |count: usize| {
        (0..count).fold("token=T".to_owned(), |text, index| {
            format!("{text} a{index}")
        })
    };
    for reading in READINGS {
        let most = with(MAX_ATTRIBUTES);
        let record = parse(most.as_bytes(), Syntax::Space, reading).unwrap();
        assert_eq!(record.attributes().count(), MAX_ATTRIBUTES);
        assert_eq!(
            parse(with(MAX_ATTRIBUTES + 1).as_bytes(), Syntax::Space, reading),
            Err(RecordError::TooManyAttributes {
                position: most.len() + 1
            })
        );
    }
    // Repeated keys count too: each one is compared with those before it.
    let repeated = "token=T".to_owned() + &" a".repeat(MAX_ATTRIBUTES + 1);
    let error = RecordError::TooManyAttributes {
        position: 7 + 2 * MAX_ATTRIBUTES + 1,
    };
    assert_eq!(
        parse(repeated.as_bytes(), Syntax::Space, Reading::Lenient),
        Err(error)
    );
}

// S-18: a message names the octet and the place, and holds nothing else of the record
#[test]
fn errors_say_what_is_wrong_and_where() {
    let message = |rdata: &[u8]| {
        parse(rdata, Syntax::Space, Reading::Strict)
            .unwrap_err()
            .to_string()
    };
    assert!(message(b"token=abc\tx").starts_with("a tab at offset 9 cannot be in a value"));
    assert!(message(b"token=a\"").starts_with("a quotation mark at offset 7"));
    assert!(message(b"token=a\xff").starts_with(r"\255 at offset 7"));
    assert!(message(b"token=a b.c").starts_with("`.` at offset 9 cannot be in a key"));
    let record = parse(b"token=\x1b[0m", Syntax::LegacyComma, Reading::Strict);
    assert!(!format!("{record:?}{}", message(b"token=\x1b[0m")).contains('\x1b'));
    let foreign = parse(b"\x1b[0m\"", Syntax::Space, Reading::Strict).unwrap();
    assert!(format!("{foreign:?}").contains(r#""\027[0m\034""#));
    // A token that is not published yet stays out of logs.
    assert!(!format!("{:?}", RecordValue::new("sesame").unwrap()).contains("sesame"));
}
