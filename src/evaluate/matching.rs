//! Whether a record holds the token. The library compares; formats only extract (S-12).

use time::UtcDateTime;

use crate::challenge::{Challenge, Expectation, Form};
use crate::dns::{Observation, Outcome, RecordData, ResourceRecord};
use crate::record::{self, Forgiven, Formats, Reading, RecordError};
use crate::token::TokenFingerprint;

use super::Case;

/// The expectations that are met, a bit for each by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Met(u8);

const _: () = assert!(Challenge::MAX_EXPECTATIONS <= u8::BITS as usize);

impl Met {
    fn add(&mut self, position: u8) {
        self.0 |= 1_u8.checked_shl(position.into()).unwrap_or_default();
    }

    pub(super) fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(super) fn has(self, position: u8) -> bool {
        self.0.checked_shr(position.into()).unwrap_or_default() & 1 == 1
    }

    /// Those that are met here and there.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// What records are that meet no expectation; of several, the one that says most is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Miss {
    Different,
    /// One has a token by the grammar's key, but cannot be read.
    Malformed,
    /// Nobody here knows the format that is expected: there is no telling.
    UnknownFormat,
}

/// Compares one record with one expectation: whole, exact, case-sensitive (T-12). What was
/// forgiven in one that meets it comes with it (K-10, K-12).
pub(super) fn compare(
    record: &ResourceRecord,
    expectation: &Expectation,
    reading: Reading,
    formats: &Formats,
) -> Result<Forgiven, Miss> {
    match record.data() {
        RecordData::Txt(txt) => compare_data(txt.data(), expectation, reading, formats),
        // It would have been kept if it could be anything else; but where nobody knows the format,
        // nobody can tell.
        RecordData::Withheld(one) if one.is_txt() => match expectation.form() {
            Form::Custom(id) if formats.find(id.as_str()).is_none() => Err(Miss::UnknownFormat),
            _ => Err(Miss::Different),
        },
        _ => Err(Miss::Different),
    }
}

/// The same of the data of a TXT record. Whether the expectation counts at this time is another
/// question.
pub(crate) fn compare_data(
    data: &[u8],
    expectation: &Expectation,
    reading: Reading,
    formats: &Formats,
) -> Result<Forgiven, Miss> {
    let mut read = None;
    let candidate = match expectation.form() {
        Form::Draft(syntax) => match record::parse(data, *syntax, reading) {
            Ok(record) => read.insert(record).token(),
            Err(RecordError::Empty) => return Err(Miss::Different),
            Err(_) => return Err(Miss::Malformed),
        },
        Form::Exact => data,
        Form::Custom(id) => {
            let format = formats.find(id.as_str()).ok_or(Miss::UnknownFormat)?;
            let candidate = format.extract(data);
            candidate
                .filter(|candidate| is_part(candidate, data))
                .ok_or(Miss::Different)?
        }
    };
    if expectation.token().matches(candidate) {
        Ok(read.map_or_else(Forgiven::default, |record| record.forgiven()))
    } else {
        Err(Miss::Different)
    }
}

/// The expectations that the records meet, seen by a look that began at `since`; otherwise what
/// the records are. A look that began before a token was issued cannot have seen it (S-5).
pub(super) fn find(
    case: &Case<'_>,
    since: UtcDateTime,
    records: &[ResourceRecord],
) -> Result<Met, Miss> {
    let (reading, formats) = (case.rules.policy().reading(), case.rules.formats());
    let (mut met, mut miss) = (Met::default(), Miss::Different);
    for (position, expectation) in (0_u8..).zip(case.challenge.expectations()) {
        if !expectation.is_live(case.now) || since < expectation.issued_at() {
            continue;
        }
        for record in records {
            match compare(record, expectation, reading, formats) {
                Ok(_) => {
                    met.add(position);
                    break;
                }
                Err(what) => miss = miss.max(what),
            }
        }
    }
    if met.is_none() { Err(miss) } else { Ok(met) }
}

/// What was forgiven in the record that an observation shows: in the one written best of those that
/// meet an expectation, or the one with this token. `None` where it shows no such record.
pub(super) fn forgiven(
    case: &Case<'_>,
    one: &Observation,
    token: Option<&TokenFingerprint>,
) -> Option<Forgiven> {
    let (reading, formats) = (case.rules.policy().reading(), case.rules.formats());
    let Outcome::Records(records) = one.result().ok()?.outcome() else {
        return None;
    };
    let expectations = case.challenge.expectations().iter().filter(|expectation| {
        expectation.is_live(case.now)
            && one.started_at() >= expectation.issued_at()
            && token.is_none_or(|token| token == expectation.fingerprint())
    });
    let found = expectations.flat_map(|expectation| {
        let records = records.iter();
        records.filter_map(|record| compare(record, expectation, reading, formats).ok())
    });
    found.min_by_key(|forgiven| forgiven.words().count())
}

/// Whether a format cut the candidate out of the record's own octets, and did not make it up.
fn is_part(candidate: &[u8], rdata: &[u8]) -> bool {
    let (part, whole) = (candidate.as_ptr_range(), rdata.as_ptr_range());
    whole.start <= part.start && part.end <= whole.end
}
