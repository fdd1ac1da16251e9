//! Writing records.

use dcv::record::{Expiry, MAX_ATTRIBUTES, MAX_RDATA, RecordError, RecordValue, Syntax};
use time::{Date, Month, UtcDateTime};

// K-06, K-07, K-09, K-11, S-12: each part is checked where it is offered
#[test]
fn a_record_value_refuses_what_it_cannot_carry() {
    let new = |token: &str| RecordValue::new(token).unwrap_err();
    let space = |position| RecordError::ValueOctet {
        octet: b' ',
        position,
    };
    assert_eq!(new(""), RecordError::EmptyToken { position: 0 });
    assert_eq!(new("a b"), space(1));
    assert_eq!(
        new("a\"b"),
        RecordError::ValueOctet {
            octet: b'"',
            position: 1
        }
    );
    assert_eq!(
        new("a\\b"),
        RecordError::ValueOctet {
            octet: b'\\',
            position: 1
        }
    );
    assert_eq!(
        new("a\tb"),
        RecordError::ValueOctet {
            octet: b'\t',
            position: 1
        }
    );
    assert_eq!(
        new("ab\u{e4}"),
        RecordError::ValueOctet {
            octet: 0xc3,
            position: 2
        }
    );

    let value = RecordValue::new("T")
        .unwrap()
        .attribute("Key", Some("x"))
        .unwrap();
    let attribute = |key, text| value.clone().attribute(key, text).unwrap_err();
    assert_eq!(attribute("", None), RecordError::EmptyKey { position: 0 });
    assert_eq!(
        attribute("a.b", None),
        RecordError::KeyOctet {
            octet: b'.',
            position: 1
        }
    );
    assert_eq!(
        attribute("a=b", None),
        RecordError::KeyOctet {
            octet: b'=',
            position: 1
        }
    );
    assert_eq!(
        attribute("a b", None),
        RecordError::KeyOctet {
            octet: b' ',
            position: 1
        }
    );
    assert_eq!(
        attribute("kEY", None),
        RecordError::DuplicateKey { position: 0 }
    );
    assert_eq!(attribute("Token", Some("U")), RecordError::ReservedKey);
    assert_eq!(attribute("EXPIRY", Some("never")), RecordError::ReservedKey);
    assert_eq!(
        attribute("a", Some("")),
        RecordError::EmptyValue { position: 0 }
    );
    assert_eq!(attribute("a", Some("x token=U")), space(1));

    let twice = value
        .clone()
        .expiry(Expiry::Never)
        .unwrap()
        .expiry(Expiry::Never);
    assert_eq!(
        twice.unwrap_err(),
        RecordError::DuplicateKey { position: 0 }
    );
    let before = Date::from_calendar_date(-1, Month::December, 31).unwrap();
    for expiry in [Expiry::Date(before), Expiry::At(before.midnight().as_utc())] {
        assert_eq!(
            value.clone().expiry(expiry).unwrap_err(),
            RecordError::ExpiryRange
        );
    }

    let full = (1..MAX_ATTRIBUTES).fold(value, |value, index| {
        value.attribute(&format!("a{index}"), None).unwrap()
    });
    let too_many = RecordError::TooManyAttributes { position: 0 };
    assert_eq!(full.clone().attribute("z", None).unwrap_err(), too_many);
    assert_eq!(full.expiry(Expiry::Never).unwrap_err(), too_many);
}

// K-03, K-05, K-14, E-02, E-05, T-11
#[test]
fn a_record_value_prints_the_token_first() {
    let at = UtcDateTime::from_unix_timestamp(1_675_821_799).unwrap();
    let value = RecordValue::new("T=,;")
        .unwrap()
        .attribute("Note", Some("x=y"))
        .unwrap()
        .attribute("FLAG", None)
        .unwrap()
        .expiry(Expiry::At(at))
        .unwrap();
    let rdata = "token=T=,; expiry=2023-02-08T02:03:19Z note=x=y flag";
    assert_eq!(value.to_rdata(Syntax::Space).unwrap(), rdata);
    let comma = RecordError::Comma { position: 8 };
    assert_eq!(value.to_rdata(Syntax::LegacyComma).unwrap_err(), comma);

    let value = RecordValue::new("T")
        .unwrap()
        .expiry(Expiry::Never)
        .unwrap();
    let with_note = value.clone().attribute("n", Some("a,b")).unwrap();
    assert_eq!(
        value.to_rdata(Syntax::LegacyComma).unwrap(),
        "token=T,expiry=never"
    );
    let comma = RecordError::Comma { position: 24 };
    assert_eq!(with_note.to_rdata(Syntax::LegacyComma).unwrap_err(), comma);
}

// K-04, K-14, X-05: a bare token must read as itself
#[test]
fn bare_printing_refuses_what_would_read_otherwise() {
    let bare = |token, syntax| RecordValue::new(token).unwrap().to_bare(syntax);
    assert_eq!(bare("ZXhh==", Syntax::Space).unwrap(), "ZXhh==");
    assert_eq!(bare("a,b", Syntax::Space).unwrap(), "a,b");
    assert_eq!(
        bare("a,b", Syntax::LegacyComma),
        Err(RecordError::Comma { position: 1 })
    );
    assert_eq!(bare("token", Syntax::Space).unwrap(), "token");
    assert_eq!(
        bare("Token=x", Syntax::Space),
        Err(RecordError::BareReadsAsPair)
    );
    assert_eq!(
        bare("token=x", Syntax::LegacyComma),
        Err(RecordError::BareReadsAsPair)
    );
    let value = RecordValue::new("T")
        .unwrap()
        .expiry(Expiry::Never)
        .unwrap();
    assert_eq!(
        value.to_bare(Syntax::Space),
        Err(RecordError::BareWithAttributes)
    );
    let value = RecordValue::new("T").unwrap().attribute("a", None).unwrap();
    assert_eq!(
        value.to_bare(Syntax::Space),
        Err(RecordError::BareWithAttributes)
    );
}

// a record holds what its character-strings can carry
#[test]
fn a_record_value_fits_one_record() {
    let value = |length: usize| RecordValue::new(&"a".repeat(length)).unwrap();
    let most = MAX_RDATA - "token=".len();
    assert_eq!(
        value(most).to_rdata(Syntax::Space).unwrap().len(),
        MAX_RDATA
    );
    let too_long = RecordError::TooLong {
        length: MAX_RDATA + 1,
    };
    assert_eq!(value(most + 1).to_rdata(Syntax::Space), Err(too_long));
    assert_eq!(value(MAX_RDATA + 1).to_bare(Syntax::Space), Err(too_long));
}
