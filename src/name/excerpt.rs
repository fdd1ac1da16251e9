//! Shows foreign text inside an error: cut first, then escaped (S-18).

use std::fmt::Write as _;

/// Octets of the original that are shown. Enough for a whole label.
const SHOWN: usize = 63;

/// The beginning of `text`, safe to print: every octet outside 0x20–7E, and `\`, `"` and the
/// backquotes that error messages put around it, become `\DDD`.
pub(crate) fn excerpt(text: impl AsRef<[u8]>) -> String {
    let bytes = text.as_ref();
    let (shown, rest) = bytes.split_at_checked(SHOWN).unwrap_or((bytes, &[]));
    let mut out = String::with_capacity(shown.len());
    for &byte in shown {
        match byte {
            b'\\' | b'"' | b'`' => push_decimal(&mut out, byte),
            0x20..=0x7e => out.push(char::from(byte)),
            _ => push_decimal(&mut out, byte),
        }
    }
    if !rest.is_empty() {
        out.push_str("...");
    }
    out
}

/// Appends `\DDD`, the decimal form of master files (RFC 1035 §5.1).
pub(crate) fn push_decimal(out: &mut String, byte: u8) {
    // Writing to a `String` cannot fail.
    let _ = write!(out, "\\{byte:03}");
}
