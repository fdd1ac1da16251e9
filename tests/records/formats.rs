//! An application's own record formats.

use std::sync::Arc;

use dcv::record::{
    FormatError, FormatId, Formats, MAX_RDATA, PrefixFormat, RecordError, RecordFormat,
    check_round_trip,
};

/// A format that does what its fields say, right or wrong.
#[derive(Debug)]
struct Scripted {
    id: &'static str,
    compose: fn(&str) -> String,
    extract: fn(&[u8]) -> Option<&[u8]>,
}

impl RecordFormat for Scripted {
    fn id(&self) -> &str {
        self.id
    }

    fn compose(&self, token: &str) -> String {
        (self.compose)(token)
    }

    fn extract<'a>(&self, rdata: &'a [u8]) -> Option<&'a [u8]> {
        (self.extract)(rdata)
    }
}

// K-13, S-12: a format that does not give the token back is found at issue
#[test]
fn a_format_must_give_back_exactly_the_token() {
    let format = |compose, extract| Scripted {
        id: "x",
        compose,
        extract,
    };
    let good = format(
        |token| format!("v1;{token};"),
        |rdata| rdata.strip_prefix(b"v1;")?.strip_suffix(b";"),
    );
    assert_eq!(check_round_trip(&good, "T").unwrap(), "v1;T;");
    assert_eq!(
        check_round_trip(&good, ""),
        Err(RecordError::EmptyToken { position: 0 })
    );

    let wrong = [
        format(|token| token.to_owned(), |_| None),
        format(|token| token.to_owned(), |_| Some(b"")),
        format(|token| token.to_owned(), |rdata| rdata.get(1..)),
        format(|token| token.to_uppercase(), |rdata| Some(rdata)),
        format(|_| "constant".to_owned(), |rdata| Some(rdata)),
    ];
    for format in wrong {
        let error = check_round_trip(&format, "abc").unwrap_err();
        assert_eq!(error, RecordError::FormatChangesToken, "{format:?}");
    }
    let long = format(|token| token.repeat(MAX_RDATA), |rdata| rdata.get(..2));
    let error = RecordError::TooLong {
        length: 2 * MAX_RDATA,
    };
    assert_eq!(check_round_trip(&long, "ab"), Err(error));
    let lines = format(
        |token| format!("v1\n{token}"),
        |rdata| rdata.strip_prefix(b"v1\n"),
    );
    let (octet, position) = (b'\n', 2);
    let error = RecordError::ValueOctet { octet, position };
    assert_eq!(check_round_trip(&lines, "T"), Err(error));
}

// K-13, S-12: names of formats are stored, so they are unique and bounded
#[test]
fn formats_are_found_by_name() {
    let prefix = |id, text| Arc::new(PrefixFormat::new(id, text).unwrap());
    let formats = Formats::new()
        .with(prefix("one", "one="))
        .and_then(|formats| formats.with(prefix("two", "two=")))
        .unwrap();
    assert_eq!(
        formats.find("two").unwrap().extract(b"two=T"),
        Some(&b"T"[..])
    );
    assert!(formats.find("three").is_none());
    assert_eq!(
        formats.ids().map(FormatId::as_str).collect::<Vec<_>>(),
        ["one", "two"]
    );
    let taken = FormatError::DuplicateId {
        id: FormatId::new("one").unwrap(),
    };
    assert_eq!(
        formats.clone().with(prefix("one", "1=")).unwrap_err(),
        taken
    );
    let unnamed = Scripted {
        id: "No Name",
        compose: str::to_owned,
        extract: |_| None,
    };
    let octet = FormatError::IdOctet {
        octet: b'N',
        position: 0,
    };
    assert_eq!(formats.with(Arc::new(unnamed)).unwrap_err(), octet);

    let id = |id: &str| FormatId::new(id).unwrap_err();
    assert_eq!(id(""), FormatError::IdLength { length: 0 });
    assert_eq!(id(&"a".repeat(65)), FormatError::IdLength { length: 65 });
    assert_eq!(
        id("a\u{e4}"),
        FormatError::IdOctet {
            octet: 0xc3,
            position: 1
        }
    );
    assert!(FormatId::new(&"a".repeat(64)).is_ok());
}

// K-13, S-12: the prefix is exact, and the rest is the candidate, whatever it is
#[test]
fn a_prefix_format_cuts_its_prefix_off() {
    let format = PrefixFormat::new("svc", "svc verification=").unwrap();
    assert_eq!(
        format.extract(b"svc verification=a b\xff "),
        Some(&b"a b\xff "[..])
    );
    for foreign in [
        &b""[..],
        b"svc",
        b"svc verification=",
        b" svc verification=a",
        b"SVC verification=a",
    ] {
        assert_eq!(format.extract(foreign), None, "{foreign:?}");
    }
    let error = |prefix: &str| PrefixFormat::new("svc", prefix).unwrap_err();
    assert_eq!(error(""), FormatError::EmptyPrefix);
    assert_eq!(
        error("a\"="),
        FormatError::PrefixOctet {
            octet: b'"',
            position: 1
        }
    );
    assert_eq!(
        error("a\n"),
        FormatError::PrefixOctet {
            octet: b'\n',
            position: 1
        }
    );
}

// K-13: a format can be held in any way
#[test]
fn formats_forward_through_pointers() {
    fn id_of(format: impl RecordFormat) -> String {
        assert_eq!(check_round_trip(&format, "T").unwrap(), "p=T");
        format.id().to_owned()
    }
    let format = PrefixFormat::new("p", "p=").unwrap();
    assert_eq!(id_of(&format), "p");
    assert_eq!(
        id_of(Box::new(format.clone()) as Box<dyn RecordFormat>),
        "p"
    );
    assert_eq!(id_of(Arc::new(format) as Arc<dyn RecordFormat>), "p");
}
