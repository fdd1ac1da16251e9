//! What is ours, or may be.

use std::collections::{BTreeMap, HashSet};

use crate::challenge::{Expectation, Form};
use crate::diagnose::is_foreign;
use crate::dns::Txt;
use crate::evaluate::Case;
use crate::record::{self, Notation, Reading, RecordError, Syntax};

/// Tells data that a decision or a finding could hang on from that of strangers.
#[derive(Debug)]
pub(super) struct Near<'a> {
    case: Case<'a>,
    /// Pieces of the expected tokens, by their length.
    pieces: BTreeMap<usize, HashSet<Vec<u8>>>,
    /// A token has nothing that a piece could be made of.
    all: bool,
}

impl<'a> Near<'a> {
    /// So many characters of a token in a row are no accident.
    const PIECE: usize = 8;

    pub(super) fn to(case: Case<'a>) -> Self {
        let mut near = Self {
            case,
            pieces: BTreeMap::new(),
            all: false,
        };
        for expectation in case.challenge.expectations() {
            let token = bones(expectation.token().as_str().as_bytes());
            let length = token.len().min(Self::PIECE);
            if length == 0 {
                near.all = true;
                continue;
            }
            let pieces = token.windows(length).map(<[u8]>::to_vec);
            near.pieces.entry(length).or_default().extend(pieces);
        }
        near
    }

    /// Whether the data of a TXT record is anything but a stranger's.
    pub(super) fn is_near(&self, data: &[u8]) -> bool {
        let is_blank = data.iter().all(|octet| matches!(octet, b' ' | b'\t'));
        let mut expectations = self.case.challenge.expectations().iter();
        is_blank
            || self.has_piece(data)
            || expectations.any(|one| self.is_ours(one, data))
            || !is_foreign(&self.case, data)
    }

    /// Whether the data of a record of another type has a token in it, as text or as TXT records
    /// are written.
    pub(super) fn is_in(&self, data: &[u8]) -> bool {
        self.has_piece(data) || self.is_near(Txt::from_rdata(data).data())
    }

    /// Whether a piece of a token is in the data, in any case, whatever stands between its
    /// characters.
    fn has_piece(&self, data: &[u8]) -> bool {
        let data = bones(data);
        let mut pieces = self.pieces.iter();
        self.all
            || pieces.any(|(length, pieces)| {
                let mut windows = data.windows(*length);
                windows.any(|window| pieces.contains(window))
            })
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

/// Letters and digits alone, in small letters: neither blanks nor quotes nor anything invisible
/// hides a token.
fn bones(data: &[u8]) -> Vec<u8> {
    let kept = data.iter().filter(|octet| octet.is_ascii_alphanumeric());
    kept.map(u8::to_ascii_lowercase).collect()
}
