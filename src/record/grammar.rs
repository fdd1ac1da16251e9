//! What the draft's grammar allows, octet by octet (draft-13 §6.1.2).

/// The most attributes one record may carry beside its token.
///
/// The draft sets no limit. Records are written by strangers and every key is compared with those
/// before it, so the work must have a bound; a validation record has one or two attributes.
pub const MAX_ATTRIBUTES: usize = 32;

/// The most octets the character-strings of one TXT record can hold together.
///
/// Record data is at most 65 535 octets, and each string of up to 255 octets takes one more for
/// its length.
pub const MAX_RDATA: usize = 65_279;

/// The key of the token, the same in every revision of the draft (K-02).
pub(super) const TOKEN: &str = "token";

/// The key of the expiry (E-02).
pub(super) const EXPIRY: &str = "expiry";

/// `key = 1*(ALPHA / DIGIT / "-" / "_")` (K-06).
pub(super) const fn is_key_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_')
}

/// `value = 1*(%x21 / %x23-5B / %x5D-7E)`: printable ASCII without the space, the quotation mark
/// and the backslash (K-09).
pub(super) const fn is_value_octet(octet: u8) -> bool {
    // Without branches, so that whole blocks of octets can be checked at once.
    (octet.wrapping_sub(0x21) <= 0x7e - 0x21) & (octet != b'"') & (octet != b'\\')
}

/// Whether a pair or a record starts with `token=`. Keys compare without ASCII case (K-05).
pub(super) fn starts_with_token(octets: &[u8]) -> bool {
    octets
        .split_at_checked(TOKEN.len())
        .is_some_and(|(key, rest)| {
            key.eq_ignore_ascii_case(TOKEN.as_bytes()) && rest.first() == Some(&b'=')
        })
}

/// The octets without the spaces at both ends, and how many there were before and after.
pub(super) fn trim_spaces(octets: &[u8]) -> (&[u8], usize, usize) {
    let before = octets.iter().take_while(|&&octet| octet == b' ').count();
    let rest = octets.get(before..).unwrap_or_default();
    let after = rest
        .iter()
        .rev()
        .take_while(|&&octet| octet == b' ')
        .count();
    let body = rest
        .get(..rest.len().saturating_sub(after))
        .unwrap_or_default();
    (body, before, after)
}
