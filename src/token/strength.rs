//! How much a text can hold: a tripwire for tokens that cannot be random enough (T-01). It bounds
//! the entropy from above and proves none.

/// Bits that a token must be able to hold (draft-13 §6.1.1, "adequate entropy"; T-01).
pub(super) const TOKEN_BITS: usize = 128;

/// Bits that a label token must be able to hold (M-03).
pub(super) const LABEL_BITS: usize = 80;

/// A random token of 128 bits in the narrowest alphabet, ten digits, has fewer different characters
/// once in two thousand million draws.
pub(super) const TOKEN_DISTINCT: usize = 6;

/// A random base32 label of 80 bits has fewer once in five million million draws.
pub(super) const LABEL_DISTINCT: usize = 4;

/// Whether an alphabet has this character.
type Holds = fn(u8) -> bool;

/// An alphabet and the thousandths of a bit that each of its characters carries, narrowest first.
///
/// There are no entries for letters alone or for one case with digits: a random base32 or base64url
/// token falls into those by chance, and would be refused now and then.
const ALPHABETS: [(Holds, usize); 7] = [
    (|c| c.is_ascii_digit(), 3_321),
    (is_base16, 4_000),
    (|c| matches!(c, b'0'..=b'9' | b'A'..=b'F'), 4_000),
    (is_base32, 5_000),
    (|c| matches!(c, b'A'..=b'Z' | b'2'..=b'7'), 5_000),
    (
        |c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'),
        6_000,
    ),
    (
        |c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/'),
        6_000,
    ),
];

/// log2 of the 92 characters that a value may have.
const ANY: usize = 6_523;

pub(super) const fn is_base16(character: u8) -> bool {
    matches!(character, b'0'..=b'9' | b'a'..=b'f')
}

pub(super) const fn is_base32(character: u8) -> bool {
    matches!(character, b'a'..=b'z' | b'2'..=b'7')
}

/// The bits that a text of this length holds in the smallest alphabet that has its characters.
/// Padding at the end holds nothing.
pub(super) fn capacity(text: &str) -> usize {
    let text = text.trim_end_matches('=');
    let each = ALPHABETS
        .iter()
        .find(|(holds, _)| text.bytes().all(holds))
        .map_or(ANY, |(_, each)| *each);
    text.len().saturating_mul(each) / 1_000
}

/// How many different characters an ASCII text has.
pub(super) fn distinct(text: &str) -> usize {
    let seen = text
        .bytes()
        .fold(0u128, |seen, byte| seen | 1 << (byte & 0x7f));
    seen.count_ones() as usize
}
