use std::fmt;
use std::str::FromStr;

use super::RecordError;

/// How the attributes of a record are set apart, which differs by revision of the draft (K-01).
///
/// The syntax is chosen when a challenge is issued, kept with it and never guessed: a comma is a
/// legal octet of a value in the space syntax.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Syntax {
    /// `token=abc expiry=never`, the token first: revisions -05 to -13.
    #[default]
    Space,
    /// `token=abc,expiry=never`, in any order: revision -04.
    LegacyComma,
}

impl Syntax {
    /// The word for it: `space`, `legacy-comma`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Space => "space",
            Self::LegacyComma => "legacy-comma",
        }
    }

    pub(super) const fn separator(self) -> u8 {
        match self {
            Self::Space => b' ',
            Self::LegacyComma => b',',
        }
    }
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Syntax {
    type Err = RecordError;

    fn from_str(text: &str) -> Result<Self, RecordError> {
        match text {
            "space" => Ok(Self::Space),
            "legacy-comma" => Ok(Self::LegacyComma),
            _ => Err(RecordError::UnknownSyntax),
        }
    }
}

/// How much a record may differ from the grammar and still be read (K-07, K-10, K-11).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reading {
    /// Exactly the grammar of draft-13.
    Strict,
    /// Forgives what panels and older revisions do around the token, each with a
    /// [`Warning`](super::Warning): spaces at the ends, more than one space between attributes
    /// (or spaces beside a comma), `key=` without a value on an attribute other than the token,
    /// and a repeated attribute other than the token, of which the first counts.
    ///
    /// It forgives spaces only: no tab, no line feed, no quotation mark, no no-break space, and
    /// nothing inside the token.
    #[default]
    Lenient,
}

impl Reading {
    /// The word for it: `strict`, `lenient`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Lenient => "lenient",
        }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Reading {
    type Err = RecordError;

    fn from_str(text: &str) -> Result<Self, RecordError> {
        match text {
            "strict" => Ok(Self::Strict),
            "lenient" => Ok(Self::Lenient),
            _ => Err(RecordError::UnknownReading),
        }
    }
}
