//! The expiry of a record.

use dcv::record::{Expiry, ExpiryError, Reading, Syntax, parse};

use super::rows;

// E-06, E-07, K-07: an unreadable expiry is reported and changes nothing else
#[test]
fn expiry_is_only_a_hint() {
    let expiry = |rdata: &'static [u8]| {
        let record = parse(rdata, Syntax::Space, Reading::Lenient).unwrap();
        assert_eq!(record.token(), b"T");
        record.expiry()
    };
    assert_eq!(expiry(b"token=T"), None);
    assert_eq!(expiry(b"token=T x=1 Expiry=Never"), Some(Ok(Expiry::Never)));
    assert_eq!(
        expiry(b"token=T expiry=soon"),
        Some(Err(ExpiryError::Shape))
    );
    assert_eq!(expiry(b"token=T expiry"), Some(Err(ExpiryError::Shape)));
    assert_eq!(expiry(b"token=T expiry="), Some(Err(ExpiryError::Shape)));
    assert_eq!(
        expiry(b"token=T expiry=2023-02-30"),
        Some(Err(ExpiryError::NoSuchDay))
    );
    // K-11: a second one does not override the first.
    let first = expiry(b"token=T expiry=never expiry=2023-02-08");
    assert_eq!(first, Some(Ok(Expiry::Never)));
}

// E-03, E-04, E-05
#[test]
fn expiries_read_as_the_table_says() {
    for row in rows(include_str!("../data/records/expiry.tsv")) {
        let [ids, value, reading, rest @ ..] = row.as_slice() else {
            panic!("{row:?}")
        };
        let expiry = match Expiry::parse(value.as_bytes()) {
            Ok(expiry) => expiry,
            Err(error) => {
                assert_eq!(format!("error {error:?}"), *reading, "{ids}: {value}");
                continue;
            }
        };
        let found = match expiry {
            Expiry::At(instant) if instant.nanosecond() == 0 => {
                format!("at {}", instant.unix_timestamp())
            }
            Expiry::At(instant) => {
                format!(
                    "at {}.{:09}",
                    instant.unix_timestamp(),
                    instant.nanosecond()
                )
            }
            Expiry::Date(_) => "date".to_owned(),
            _ => "never".to_owned(),
        };
        let [printed, safe_after] = rest else {
            panic!("{row:?}")
        };
        let safe = expiry
            .safe_to_remove_after()
            .map_or("-".to_owned(), |instant| {
                instant.unix_timestamp().to_string()
            });
        assert_eq!(
            (found.as_str(), expiry.to_string().as_str(), safe.as_str()),
            (*reading, *printed, *safe_after),
            "{ids}: {value}"
        );
    }
}
