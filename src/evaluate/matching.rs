//! Whether a record holds the token. The library compares; formats only extract (S-12).

use crate::challenge::{Expectation, Form};
use crate::dns::{RecordData, ResourceRecord};
use crate::record::{self, Formats, Reading};

use super::Case;

/// What a record is to an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Match,
    Different,
    /// It begins like a record of ours, but cannot be read.
    Malformed,
}

/// Compares one record with one expectation: whole, exact, case-sensitive (T-12).
pub(super) fn compare(
    record: &ResourceRecord,
    expectation: &Expectation,
    reading: Reading,
    formats: &Formats,
) -> Comparison {
    let RecordData::Txt(txt) = record.data() else {
        return Comparison::Different;
    };
    let candidate = match expectation.form() {
        Form::Draft(syntax) => match record::parse(txt.data(), *syntax, reading) {
            Ok(record) => Some(record.token()),
            Err(_) if begins_like_ours(txt.data()) => return Comparison::Malformed,
            Err(_) => None,
        },
        Form::Exact => Some(txt.data()),
        Form::Custom(id) => formats
            .find(id.as_str())
            .and_then(|format| format.extract(txt.data())),
    };
    match candidate {
        Some(candidate) if expectation.token().matches(candidate) => Comparison::Match,
        _ => Comparison::Different,
    }
}

/// The position of the first expectation that any of the records meets; otherwise what they are.
pub(super) fn find(case: &Case<'_>, records: &[ResourceRecord]) -> Result<u8, Comparison> {
    let (reading, formats) = (case.rules.policy().reading(), case.rules.formats());
    let mut worst = Comparison::Different;
    for (index, expectation) in (0_u8..).zip(case.challenge.expectations()) {
        if !expectation.is_live(case.now) {
            continue;
        }
        for record in records {
            match compare(record, expectation, reading, formats) {
                Comparison::Match => return Ok(index),
                Comparison::Malformed => worst = Comparison::Malformed,
                Comparison::Different => {}
            }
        }
    }
    Err(worst)
}

/// Whether a record that cannot be read was meant for us: it has the key of the grammar in front.
fn begins_like_ours(rdata: &[u8]) -> bool {
    const KEY: &[u8] = b"token=";
    let rdata = rdata.trim_ascii_start();
    rdata
        .get(..KEY.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(KEY))
}
