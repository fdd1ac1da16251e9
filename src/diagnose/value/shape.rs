//! What data can be, by its plain characters alone.

use crate::challenge::{Expectation, Form};
use crate::record::Syntax;

/// What one pass over the octets shows. Cleaning drops no plain character, but for backslashes
/// before quotation marks, and brings none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// How many plain characters there are.
    plain: usize,
    /// How many backslashes are among them.
    backslashes: usize,
    /// It begins with the grammar's key.
    begins: bool,
    /// The grammar's key is in it.
    has: bool,
}

const KEY: &[u8] = b"token=";

impl Shape {
    pub(super) fn of(data: &[u8]) -> Self {
        let is_plain = |octet: &&u8| matches!(octet, 0x21..=0x7e) && !b"\"'`".contains(octet);
        let plain = data.iter().filter(is_plain).count();
        let backslashes = data.iter().filter(|octet| **octet == b'\\').count();
        let mut last = [0; KEY.len()];
        let (mut read, mut begins, mut has) = (0_usize, false, false);
        for octet in data
            .iter()
            .filter(is_plain)
            .filter(|octet| **octet != b'\\')
        {
            last.rotate_left(1);
            if let Some(newest) = last.last_mut() {
                *newest = octet.to_ascii_lowercase();
            }
            read = read.saturating_add(1);
            if *octet == b'=' && last == KEY {
                has = true;
                begins |= read == KEY.len();
            }
        }
        Self {
            plain,
            backslashes,
            begins,
            has,
        }
    }

    /// Whether it may be a token in the form that is wanted.
    pub(super) fn may_be(&self, expectation: &Expectation) -> bool {
        let least = self.plain.saturating_sub(self.backslashes);
        let is_alike = (least..=self.plain).contains(&expectation.token().as_str().len());
        match expectation.form() {
            Form::Draft(Syntax::LegacyComma) => is_alike || self.has,
            Form::Draft(_) => is_alike || self.begins,
            Form::Exact => is_alike,
            Form::Custom(_) => true,
        }
    }
}
