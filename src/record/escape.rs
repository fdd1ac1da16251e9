use std::fmt::{self, Write as _};

/// Shows bytes from the DNS to a person (S-18).
///
/// Every octet outside 0x20 to 0x7E, and `\` and `"`, becomes `\DDD`, decimal. At most
/// `max_octets` of the bytes are shown; the cut is made before escaping, so that it never falls
/// inside an escape, and what was left out is counted: `abc... (+12 octets)`.
///
/// The result is printable ASCII. It still needs the escaping of the form it is put into: HTML,
/// Markdown, JSON.
///
/// ```
/// use dcv::record::escaped;
///
/// assert_eq!(escaped(b"a\"b\n\xc3\xa4", 64).to_string(), r"a\034b\010\195\164");
/// assert_eq!(escaped(b"\x00\x01\x02\x03", 2).to_string(), r"\000\001... (+2 octets)");
/// ```
#[must_use]
pub fn escaped(octets: &[u8], max_octets: usize) -> Escaped<'_> {
    let (shown, rest) = octets.split_at_checked(max_octets).unwrap_or((octets, &[]));
    Escaped {
        shown,
        left_out: rest.len(),
    }
}

/// What [`escaped`] gives: prints bytes as harmless text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Escaped<'a> {
    shown: &'a [u8],
    left_out: usize,
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &octet in self.shown {
            match octet {
                b'"' | b'\\' => write_decimal(f, octet)?,
                0x20..=0x7e => f.write_char(char::from(octet))?,
                _ => write_decimal(f, octet)?,
            }
        }
        match self.left_out {
            0 => Ok(()),
            1 => f.write_str("... (+1 octet)"),
            count => write!(f, "... (+{count} octets)"),
        }
    }
}

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// `\DDD`: three digits, decimal as in zone files.
pub(super) fn write_decimal(f: &mut fmt::Formatter<'_>, octet: u8) -> fmt::Result {
    write!(f, "\\{octet:03}")
}

/// One octet, named inside an error message.
pub(super) struct OctetName(pub(super) u8);

impl fmt::Display for OctetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b' ' => f.write_str("a space"),
            b'\t' => f.write_str("a tab"),
            b'\n' => f.write_str("a line feed"),
            b'\r' => f.write_str("a carriage return"),
            b'"' => f.write_str("a quotation mark"),
            b'\\' => f.write_str("a backslash"),
            octet @ 0x21..=0x7e => write!(f, "`{}`", char::from(octet)),
            octet => write_decimal(f, octet),
        }
    }
}
