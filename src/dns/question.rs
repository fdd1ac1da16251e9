use std::fmt;
use std::str::FromStr;

use crate::name::OwnerName;

/// A DNS record type, by its IANA code. As text it is its mnemonic, or `TYPE` and the code where
/// it has none here (RFC 3597 §5).
///
/// ```
/// use dcv::dns::RecordType;
///
/// assert_eq!("TXT".parse(), Ok(RecordType::TXT));
/// assert_eq!(RecordType::from_code(257).to_string(), "TYPE257");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordType(u16);

/// A text that is no [`RecordType`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no record type: give a name such as TXT, or TYPE with a number up to 65535")]
#[non_exhaustive]
pub struct RecordTypeError;

#[cfg(feature = "serde")]
crate::serial::as_text! {
    RecordType: "the name of a record type", |record_type| record_type, str::parse;
}

impl RecordType {
    /// IPv4 address.
    pub const A: Self = Self(1);
    /// Name server of a zone.
    pub const NS: Self = Self(2);
    /// Alias.
    pub const CNAME: Self = Self(5);
    /// Start of authority.
    pub const SOA: Self = Self(6);
    /// Text: the type of a Validation Record (X-01).
    pub const TXT: Self = Self(16);
    /// IPv6 address.
    pub const AAAA: Self = Self(28);
    /// Alias of a whole subtree.
    pub const DNAME: Self = Self(39);

    /// The type with this IANA code.
    #[must_use]
    pub const fn from_code(code: u16) -> Self {
        Self(code)
    }

    /// The IANA code.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }
}

impl From<u16> for RecordType {
    fn from(code: u16) -> Self {
        Self(code)
    }
}

impl From<RecordType> for u16 {
    fn from(record_type: RecordType) -> Self {
        record_type.0
    }
}

impl fmt::Debug for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl RecordType {
    const NAMES: [(Self, &'static str); 7] = [
        (Self::A, "A"),
        (Self::NS, "NS"),
        (Self::CNAME, "CNAME"),
        (Self::SOA, "SOA"),
        (Self::TXT, "TXT"),
        (Self::AAAA, "AAAA"),
        (Self::DNAME, "DNAME"),
    ];
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.iter().find(|(known, _)| known == self) {
            Some((_, name)) => f.pad(name),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

impl FromStr for RecordType {
    type Err = RecordTypeError;

    /// Reads a mnemonic or `TYPE` and a code, in any case.
    fn from_str(text: &str) -> Result<Self, RecordTypeError> {
        let mut names = Self::NAMES.iter();
        if let Some((known, _)) = names.find(|(_, name)| name.eq_ignore_ascii_case(text)) {
            return Ok(*known);
        }
        let (word, code) = text.split_at_checked(4).ok_or(RecordTypeError)?;
        // Digits alone: `parse` would take a sign too.
        let digits = code.bytes().all(|octet| octet.is_ascii_digit());
        match code.parse() {
            Ok(code) if digits && word.eq_ignore_ascii_case("TYPE") => Ok(Self(code)),
            _ => Err(RecordTypeError),
        }
    }
}

/// What is asked: an absolute name and a record type.
///
/// ```
/// use dcv::dns::{Question, RecordType};
///
/// let question = Question::txt("_example-challenge.example.com.".parse()?);
/// assert_eq!(question.record_type(), RecordType::TXT);
/// assert_eq!(question.to_string(), "_example-challenge.example.com. TXT");
/// # Ok::<(), dcv::name::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Question {
    name: OwnerName,
    record_type: RecordType,
}

impl Question {
    /// Asks for the records of one type at a name.
    #[must_use]
    pub fn new(name: OwnerName, record_type: RecordType) -> Self {
        Self { name, record_type }
    }

    /// Asks for TXT records.
    #[must_use]
    pub fn txt(name: OwnerName) -> Self {
        Self::new(name, RecordType::TXT)
    }

    /// The name, always absolute: no search list applies (X-07).
    #[must_use]
    pub fn name(&self) -> &OwnerName {
        &self.name
    }

    /// The record type.
    #[must_use]
    pub fn record_type(&self) -> RecordType {
        self.record_type
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.record_type)
    }
}
