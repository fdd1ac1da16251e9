//! What data can be, by its plain characters alone.

use crate::challenge::{Expectation, Form};
use crate::record::Syntax;

/// What a pass over the octets shows. Cleaning drops no plain character, but for backslashes before
/// quotation marks, and brings none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape<'a> {
    data: &'a [u8],
    /// How many plain characters there are.
    plain: usize,
    /// How many backslashes are among them.
    backslashes: usize,
}

/// The grammar's key, in any case.
const KEY: &[u8] = b"token=";

impl<'a> Shape<'a> {
    pub(super) fn of(data: &'a [u8]) -> Self {
        let count = |is: fn(u8) -> bool| data.iter().filter(|octet| is(**octet)).count();
        Self {
            data,
            plain: count(is_plain),
            backslashes: count(|octet| octet == b'\\'),
        }
    }

    /// Whether it may be a token in the form that is wanted.
    pub(super) fn may_be(&self, expectation: &Expectation) -> bool {
        let least = self.plain.saturating_sub(self.backslashes);
        let is_alike = (least..=self.plain).contains(&expectation.token().as_str().len());
        match expectation.form() {
            Form::Draft(Syntax::LegacyComma) => is_alike || self.has_key(),
            Form::Draft(_) => is_alike || self.begins(),
            Form::Exact => is_alike,
            Form::Custom(_) => true,
        }
    }

    /// The plain characters that no cleaning drops.
    fn sure(&self) -> impl Iterator<Item = u8> {
        let octets = self.data.iter().copied();
        octets.filter(|octet| is_plain(*octet) && *octet != b'\\')
    }

    /// Whether it begins with the key.
    fn begins(&self) -> bool {
        let begin = self.sure().take(KEY.len());
        begin
            .map(|octet| octet.to_ascii_lowercase())
            .eq(KEY.iter().copied())
    }

    /// Whether the key is in it.
    fn has_key(&self) -> bool {
        let number = |number: u64, octet: u8| number << 8 | u64::from(octet.to_ascii_lowercase());
        let key = KEY.iter().copied().fold(0, number);
        let mask = u64::MAX >> (8 * (size_of::<u64>() - KEY.len()));
        let mut last = 0;
        self.sure().any(|octet| {
            last = number(last, octet);
            last & mask == key
        })
    }
}

fn is_plain(octet: u8) -> bool {
    matches!(octet, 0x21..=0x7e) && !matches!(octet, b'"' | b'\'' | b'`')
}
