//! Record data of any octets: read in both syntaxes and readings, written, and read again.

use dcv::record::{self, MAX_RDATA, Notation, Reading, Record, RecordValue, Syntax};

/// Reads `data` as the data of a TXT record.
pub(crate) fn run(data: &[u8]) {
    for syntax in [Syntax::Space, Syntax::LegacyComma] {
        let [strict, lenient] = [Reading::Strict, Reading::Lenient].map(|reading| {
            let read = record::parse(data, syntax, reading);
            match &read {
                Ok(record) => check_read(data, record),
                Err(error) => {
                    assert!(error.position().is_none_or(|at| at <= data.len()));
                    assert!(error.to_string().len() < 200, "no echo of the data");
                }
            }
            read.ok()
        });
        if let Some(record) = strict {
            assert!(record.warnings().is_empty());
            if record.notation() == Notation::KeyValue {
                assert_eq!(lenient, strict, "lenient reads what strict reads");
            }
            check_print(data, &record, syntax, true);
        }
        if let Some(record) = lenient {
            check_print(data, &record, syntax, record.warnings().is_empty());
        }
    }
}

fn check_read(data: &[u8], record: &Record<'_>) {
    assert!(!record.token().is_empty());
    let within = |part: &[u8]| data.windows(part.len().max(1)).any(|at| at == part);
    assert!(within(record.token()), "the token stands in the data");
    if record.notation() == Notation::Bare {
        assert_eq!(record.attributes().count(), 0);
    }
    for attribute in record.attributes() {
        assert!(within(attribute.key()) && !attribute.key().eq_ignore_ascii_case(b"token"));
    }
}

/// Writes what was read and reads it again: nothing may be lost, gained or moved. `exact` is
/// whether all of it was in the grammar.
fn check_print(data: &[u8], record: &Record<'_>, syntax: Syntax, exact: bool) {
    if record.notation() == Notation::Bare {
        let token = std::str::from_utf8(record.token()).ok();
        let bare = token.and_then(|token| RecordValue::new(token).ok()?.to_bare(syntax).ok());
        if let Some(text) = bare {
            let again = record::parse(text.as_bytes(), syntax, Reading::Strict);
            assert_eq!(again.map(|again| again.token()), Ok(record.token()));
        }
        return;
    }
    let Some(value) = rebuild(record) else {
        let expiry_readable = record.expiry().is_none_or(|expiry| expiry.is_ok());
        assert!(
            !exact || !expiry_readable,
            "a record in the grammar can be written"
        );
        return;
    };
    let text = match value.to_rdata(syntax) {
        Ok(text) => text,
        Err(error) => {
            // An expiry is written in its one form, which may be longer than what was read.
            assert!(data.len() + 64 > MAX_RDATA, "{error}");
            return;
        }
    };
    let again = record::parse(text.as_bytes(), syntax, Reading::Strict).expect("what was written");
    assert_eq!(again.token(), record.token());
    assert_eq!(again.expiry(), record.expiry());
    let free = |record: &Record<'_>| {
        let all = record.attributes().map(|attribute| {
            let value = attribute.value().map(<[u8]>::to_vec);
            (attribute.key().to_ascii_lowercase(), value)
        });
        all.filter(|(key, _)| key != b"expiry").collect::<Vec<_>>()
    };
    if exact {
        assert_eq!(free(&again), free(record));
    }
    let value = rebuild(&again).expect("what was written can be written");
    assert_eq!(value.to_rdata(syntax), Ok(text), "print, parse, print");
}

fn rebuild(record: &Record<'_>) -> Option<RecordValue> {
    let text = |octets| std::str::from_utf8(octets).ok();
    let mut value = RecordValue::new(text(record.token())?).ok()?;
    if let Some(expiry) = record.expiry() {
        value = value.expiry(expiry.ok()?).ok()?;
    }
    for attribute in record.attributes() {
        if attribute.key().eq_ignore_ascii_case(b"expiry") {
            continue;
        }
        let content = match attribute.value() {
            Some(content) => Some(text(content)?),
            None => None,
        };
        value = value.attribute(text(attribute.key())?, content).ok()?;
    }
    Some(value)
}
