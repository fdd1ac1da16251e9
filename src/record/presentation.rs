//! Between the data of a TXT record and the text it has in a zone file (RFC 1035 §5.1).
//!
//! Record data is one or more character-strings of up to 255 octets. They belong together: what a
//! validation record says is their octets joined without a separator (draft-13 §6.1, X-02).
//!
//! ```
//! use dcv::record::presentation::{parse, quoted};
//!
//! let data = parse(r#""token=ab" "cd attr=x""#)?;
//! assert_eq!(data.joined(), b"token=abcd attr=x");
//! assert_eq!(quoted(data.joined()).to_string(), r#""token=abcd attr=x""#);
//! # Ok::<(), dcv::record::presentation::PresentationError>(())
//! ```

use std::fmt::{self, Write as _};

use super::escape::{OctetName, write_decimal};

/// The most octets of one character-string.
const MAX_STRING: usize = 255;

/// The most octets of the data of one record, with the length octets of its strings.
const MAX_DATA: usize = 65_535;

/// The character-strings that carry these octets: as few as possible, at least one.
pub fn character_strings(joined: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    // A TXT record has at least one string, even if it is empty.
    let empty = joined.is_empty().then_some(joined);
    empty.into_iter().chain(joined.chunks(MAX_STRING))
}

/// Shows octets as the data of a TXT record in a zone file: quoted strings of up to 255 octets,
/// `"` and `\` with a backslash before them, octets outside 0x20 to 0x7E as decimal `\DDD`.
///
/// ```
/// use dcv::record::presentation::quoted;
///
/// assert_eq!(quoted(b"a \"b\" \\ \t").to_string(), r#""a \"b\" \\ \009""#);
/// assert_eq!(quoted(b"").to_string(), r#""""#);
/// ```
#[must_use]
pub const fn quoted(joined: &[u8]) -> Quoted<'_> {
    Quoted(joined)
}

/// What [`quoted`] gives: prints octets as zone-file text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quoted<'a>(&'a [u8]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_strings(f, character_strings(self.0))
    }
}

fn write_strings<'a>(
    f: &mut fmt::Formatter<'_>,
    strings: impl Iterator<Item = &'a [u8]>,
) -> fmt::Result {
    for (index, string) in strings.enumerate() {
        f.write_str(if index == 0 { "\"" } else { " \"" })?;
        for &octet in string {
            match octet {
                b'"' => f.write_str("\\\"")?,
                b'\\' => f.write_str("\\\\")?,
                0x20..=0x7e => f.write_char(char::from(octet))?,
                _ => write_decimal(f, octet)?,
            }
        }
        f.write_char('"')?;
    }
    Ok(())
}

/// The character-strings of one TXT record, as read by [`parse`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TxtData {
    joined: Vec<u8>,
    /// Where each string ends in `joined`; at least one.
    ends: Vec<usize>,
}

impl TxtData {
    /// The strings one by one, as they were set apart.
    pub fn strings(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, &end)| self.joined.get(start..end).unwrap_or_default())
    }

    /// The octets of all strings, joined without a separator: what a record says (X-02).
    #[must_use]
    pub fn joined(&self) -> &[u8] {
        &self.joined
    }

    /// [`joined`](Self::joined), without a copy.
    #[must_use]
    pub fn into_joined(self) -> Vec<u8> {
        self.joined
    }
}

/// Quoted, with the strings set apart as they were read.
impl fmt::Display for TxtData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_strings(f, self.strings())
    }
}

/// Why text is not the data of a TXT record. Offsets count octets of the text from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PresentationError {
    /// There is no string; an empty one is written `""`.
    #[error("there is no string; write an empty one as \"\"")]
    Empty,
    /// An octet that cannot stand there as it is.
    #[error(
        "{} at offset {position} cannot stand there; quote the string and write octets outside \
         printable ASCII as decimal \\DDD",
        OctetName(*octet)
    )]
    Octet {
        /// The octet.
        octet: u8,
        /// Where it is.
        position: usize,
    },
    /// A quoted string that does not end.
    #[error("the quotation mark at offset {position} is never closed")]
    UnterminatedQuote {
        /// Where the string starts.
        position: usize,
    },
    /// Something directly after a quoted string.
    #[error("a space is missing at offset {position}, after a quoted string")]
    MissingSeparator {
        /// Where the space should be.
        position: usize,
    },
    /// A backslash without what belongs after it: three decimal digits or one other character.
    #[error(
        "the escape at offset {position} is neither \\DDD, three digits, nor \\ and a character"
    )]
    Escape {
        /// Where the backslash is.
        position: usize,
    },
    /// A decimal escape above 255.
    #[error("the escape at offset {position} is above 255; the digits are decimal")]
    EscapeRange {
        /// Where the backslash is.
        position: usize,
    },
    /// A string of more than 255 octets.
    #[error("the string at offset {position} has more than 255 octets; split it in two")]
    StringTooLong {
        /// Where the string starts.
        position: usize,
    },
    /// More than one record can hold.
    #[error("the strings up to offset {position} are more than one record can hold")]
    DataTooLong {
        /// Where the string that is too much starts.
        position: usize,
    },
}

impl PresentationError {
    /// The offset in the text, where the error is about a place.
    #[must_use]
    pub const fn position(&self) -> Option<usize> {
        match self {
            Self::Empty => None,
            Self::Octet { position, .. }
            | Self::UnterminatedQuote { position }
            | Self::MissingSeparator { position }
            | Self::Escape { position }
            | Self::EscapeRange { position }
            | Self::StringTooLong { position }
            | Self::DataTooLong { position } => Some(*position),
        }
    }
}

/// Reads the data of a TXT record as it is written in a zone file: quoted and unquoted strings,
/// separated by spaces or tabs, with `\DDD` (decimal) and `\` before any other character.
///
/// The text is one record's data on one line: no comment, no parentheses, no line feed. Octets
/// outside printable ASCII must be escaped.
///
/// # Errors
///
/// [`PresentationError`], with the place. What is kept is bounded by the size of one record.
pub fn parse(text: &str) -> Result<TxtData, PresentationError> {
    let mut reader = Reader {
        rest: text.as_bytes(),
        position: 0,
    };
    let mut data = TxtData {
        joined: Vec::new(),
        ends: Vec::new(),
    };
    reader.skip_blanks();
    while let Some(first) = reader.peek() {
        let start = reader.position;
        let before = data.joined.len();
        if first == b'"' {
            reader.quoted(&mut data.joined)?;
        } else {
            reader.unquoted(&mut data.joined)?;
        }
        if data.joined.len().saturating_sub(before) > MAX_STRING {
            return Err(PresentationError::StringTooLong { position: start });
        }
        data.ends.push(data.joined.len());
        if data.joined.len().saturating_add(data.ends.len()) > MAX_DATA {
            return Err(PresentationError::DataTooLong { position: start });
        }
        if reader.peek().is_some_and(|octet| !is_blank(octet)) {
            return Err(PresentationError::MissingSeparator {
                position: reader.position,
            });
        }
        reader.skip_blanks();
    }
    if data.ends.is_empty() {
        Err(PresentationError::Empty)
    } else {
        Ok(data)
    }
}

const fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

struct Reader<'a> {
    rest: &'a [u8],
    position: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn take(&mut self) -> Option<u8> {
        let (&octet, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.position = self.position.saturating_add(1);
        Some(octet)
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.take();
        }
    }

    /// A string in quotation marks; the reader stands at the first one.
    fn quoted(&mut self, out: &mut Vec<u8>) -> Result<(), PresentationError> {
        let start = self.position;
        self.take();
        loop {
            let position = self.position;
            match self.take() {
                None => return Err(PresentationError::UnterminatedQuote { position: start }),
                Some(b'"') => return Ok(()),
                Some(b'\\') => out.push(self.escape(position)?),
                Some(octet @ 0x20..=0x7e) => out.push(octet),
                Some(octet) => return Err(PresentationError::Octet { octet, position }),
            }
        }
    }

    /// A string without quotation marks, up to a blank or the end.
    fn unquoted(&mut self, out: &mut Vec<u8>) -> Result<(), PresentationError> {
        while let Some(octet) = self.peek().filter(|&octet| !is_blank(octet)) {
            let position = self.position;
            self.take();
            match octet {
                b'\\' => out.push(self.escape(position)?),
                // In a zone file these quote, comment and group.
                b'"' | b';' | b'(' | b')' => {
                    return Err(PresentationError::Octet { octet, position });
                }
                0x21..=0x7e => out.push(octet),
                _ => return Err(PresentationError::Octet { octet, position }),
            }
        }
        Ok(())
    }

    /// What follows a backslash that stood at `position`.
    fn escape(&mut self, position: usize) -> Result<u8, PresentationError> {
        let incomplete = PresentationError::Escape { position };
        let first = self.take().ok_or(incomplete)?;
        if !first.is_ascii_digit() {
            return if matches!(first, 0x20..=0x7e) {
                Ok(first)
            } else {
                Err(incomplete)
            };
        }
        let mut number = u16::from(first - b'0');
        for _ in 0..2 {
            let digit = self.take().filter(u8::is_ascii_digit).ok_or(incomplete)?;
            number = number
                .saturating_mul(10)
                .saturating_add(u16::from(digit - b'0'));
        }
        u8::try_from(number).map_err(|_| PresentationError::EscapeRange { position })
    }
}
