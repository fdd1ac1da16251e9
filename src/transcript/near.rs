//! What is ours, or may be.

use std::collections::HashMap;

use crate::challenge::{Expectation, Form};
use crate::diagnose::{Judge, Pieces};
use crate::dns::Txt;
use crate::evaluate::Case;
use crate::record::{self, Notation, Reading, RecordError, Syntax};

/// Tells data that a decision or a finding could hang on from that of strangers. The same data is
/// looked at once, in time for each of its octets (S-16).
#[derive(Debug)]
pub(super) struct Near<'a> {
    case: Case<'a>,
    judge: Judge<'a>,
    /// Pieces of the expected tokens.
    pieces: Pieces,
    known: HashMap<&'a [u8], bool>,
}

impl<'a> Near<'a> {
    pub(super) fn to(case: Case<'a>) -> Self {
        let mut pieces = Pieces::default();
        for expectation in case.challenge.expectations() {
            // So many characters of a token in a row are no accident.
            pieces.add_all(expectation.token().as_str().bytes(), Pieces::MAX);
        }
        Self {
            case,
            judge: Judge::new(case),
            pieces,
            known: HashMap::new(),
        }
    }

    /// Whether the data of a TXT record is anything but a stranger's.
    pub(super) fn is_near(&mut self, data: &'a [u8]) -> bool {
        if let Some(known) = self.known.get(data) {
            return *known;
        }
        let is_near = self.is_like(data);
        self.known.insert(data, is_near);
        is_near
    }

    /// Whether the data of a record of another type has a token in it, as text or as TXT records
    /// are written.
    pub(super) fn is_in(&self, data: &[u8]) -> bool {
        self.pieces.is_in(data) || self.is_like(Txt::from_rdata(data).data())
    }

    fn is_like(&self, data: &[u8]) -> bool {
        let is_blank = data.iter().all(|octet| matches!(octet, b' ' | b'\t'));
        let mut expectations = self.case.challenge.expectations().iter();
        is_blank
            || self.pieces.is_in(data)
            || expectations.any(|one| self.is_ours(one, data))
            || !self.judge.is_foreign(data)
    }

    /// Whether it has the form of a record of ours, or half of it.
    fn is_ours(&self, expectation: &Expectation, data: &[u8]) -> bool {
        match expectation.form() {
            Form::Draft(syntax) => has_token(data, *syntax),
            Form::Exact => false,
            Form::Custom(id) => {
                let format = self.case.rules.formats().find(id.as_str());
                format.is_some_and(|format| format.extract(data).is_some())
            }
        }
    }
}

/// Whether it has a token by the grammar's key, well formed or not.
fn has_token(data: &[u8], syntax: Syntax) -> bool {
    [Reading::Lenient, Reading::Strict]
        .into_iter()
        .any(|reading| match record::parse(data, syntax, reading) {
            Ok(record) => record.notation() == Notation::KeyValue,
            Err(error) => error != RecordError::Empty,
        })
}
