use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::RecordError;
use super::escape::OctetName;
use super::grammar::MAX_RDATA;

/// A record format of an application's own (draft-13 §6.1.2 asks it to publish the grammar, K-13).
///
/// A format says where the token is; it never says whether the token is right. It writes a token
/// into record data, and cuts the candidate bytes out of record data that was found. The library
/// compares the candidate with the whole token, exactly (S-12).
///
/// The record data is the octets of all character-strings of one record, joined.
pub trait RecordFormat: fmt::Debug + Send + Sync {
    /// The name of the format, kept with every challenge that uses it: see [`FormatId`].
    fn id(&self) -> &str;

    /// The record data that the user is asked to publish for this token.
    fn compose(&self, token: &str) -> String;

    /// The bytes of the record data that should be the token; nothing when the data has another
    /// form. Hostile bytes come in here: any length, any octets.
    fn extract<'a>(&self, rdata: &'a [u8]) -> Option<&'a [u8]>;
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        impl<T: RecordFormat + ?Sized> RecordFormat for $pointer {
            fn id(&self) -> &str {
                (**self).id()
            }

            fn compose(&self, token: &str) -> String {
                (**self).compose(token)
            }

            fn extract<'a>(&self, rdata: &'a [u8]) -> Option<&'a [u8]> {
                (**self).extract(rdata)
            }
        }
    )+};
}

forward!(&T, Box<T>, Arc<T>);

/// Composes record data for a token, and checks that the format finds exactly this token in it
/// again. Without that a challenge could never be answered, or be answered by something else.
///
/// # Errors
///
/// [`RecordError::EmptyToken`] for an empty token, [`RecordError::TooLong`] for more data than one
/// record holds, [`RecordError::ValueOctet`] for a control character, which nobody can type into a
/// form, [`RecordError::FormatChangesToken`] when the format gives back anything else.
pub fn check_round_trip<F>(format: &F, token: &str) -> Result<String, RecordError>
where
    F: RecordFormat + ?Sized,
{
    if token.is_empty() {
        return Err(RecordError::EmptyToken { position: 0 });
    }
    let rdata = format.compose(token);
    if rdata.len() > MAX_RDATA {
        return Err(RecordError::TooLong {
            length: rdata.len(),
        });
    }
    if let Some(position) = rdata.find(char::is_control) {
        let octet = rdata.as_bytes().get(position).copied().unwrap_or_default();
        return Err(RecordError::ValueOctet { octet, position });
    }
    if format.extract(rdata.as_bytes()) != Some(token.as_bytes()) {
        return Err(RecordError::FormatChangesToken);
    }
    Ok(rdata)
}

/// The name of a record format: 1 to 64 lower-case ASCII letters, digits, `-`, `_` and `.`.
///
/// It is stored with challenges; keep the name of a format as long as there are any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormatId(Arc<str>);

impl FormatId {
    const MAX_OCTETS: usize = 64;

    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`FormatError::IdLength`] and [`FormatError::IdOctet`].
    pub fn new(id: &str) -> Result<Self, FormatError> {
        if id.is_empty() || id.len() > Self::MAX_OCTETS {
            return Err(FormatError::IdLength { length: id.len() });
        }
        let is_wrong =
            |octet: &u8| !matches!(octet, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
        match id.bytes().enumerate().find(|(_, octet)| is_wrong(octet)) {
            Some((position, octet)) => Err(FormatError::IdOctet { octet, position }),
            None => Ok(Self(id.into())),
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FormatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FormatId {
    type Err = FormatError;

    fn from_str(id: &str) -> Result<Self, FormatError> {
        Self::new(id)
    }
}

impl Borrow<str> for FormatId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// The record formats that an application knows, by name. A clone is cheap.
#[derive(Debug, Clone, Default)]
pub struct Formats(Arc<[(FormatId, Arc<dyn RecordFormat>)]>);

impl Formats {
    /// No format.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a format.
    ///
    /// # Errors
    ///
    /// When the name of the format is no [`FormatId`], or is taken.
    pub fn with(self, format: impl RecordFormat + 'static) -> Result<Self, FormatError> {
        let format: Arc<dyn RecordFormat> = Arc::new(format);
        let id = FormatId::new(format.id())?;
        if self.find(id.as_str()).is_some() {
            return Err(FormatError::DuplicateId { id });
        }
        Ok(Self(self.0.iter().cloned().chain([(id, format)]).collect()))
    }

    /// The format of this name.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&dyn RecordFormat> {
        self.0
            .iter()
            .find(|(known, _)| known.as_str() == id)
            .map(|(_, format)| &**format)
    }

    /// The names, in the order the formats were added.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &FormatId> {
        self.0.iter().map(|(id, _)| id)
    }
}

/// The common format `<prefix><token>` and nothing else, such as `svc-verification=abc`.
///
/// ```
/// use dcv::record::{check_round_trip, PrefixFormat, RecordFormat as _};
///
/// let format = PrefixFormat::new("svc", "svc-verification=")?;
/// assert_eq!(check_round_trip(&format, "abc")?, "svc-verification=abc");
/// assert_eq!(format.extract(b"svc-verification=def"), Some(&b"def"[..]));
/// assert_eq!(format.extract(b"SVC-VERIFICATION=def"), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefixFormat {
    id: FormatId,
    prefix: String,
}

impl PrefixFormat {
    /// A format of this name and prefix. The prefix compares exactly.
    ///
    /// # Errors
    ///
    /// When the name is no [`FormatId`], or the prefix is empty or has other octets than printable
    /// ASCII without `"` and `\`.
    pub fn new(id: &str, prefix: &str) -> Result<Self, FormatError> {
        let id = FormatId::new(id)?;
        if prefix.is_empty() {
            return Err(FormatError::EmptyPrefix);
        }
        let is_wrong = |octet: &u8| !matches!(octet, 0x20..=0x7e) || matches!(octet, b'"' | b'\\');
        match prefix
            .bytes()
            .enumerate()
            .find(|(_, octet)| is_wrong(octet))
        {
            Some((position, octet)) => Err(FormatError::PrefixOctet { octet, position }),
            None => Ok(Self {
                id,
                prefix: prefix.to_owned(),
            }),
        }
    }
}

impl RecordFormat for PrefixFormat {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn compose(&self, token: &str) -> String {
        format!("{}{token}", self.prefix)
    }

    fn extract<'a>(&self, rdata: &'a [u8]) -> Option<&'a [u8]> {
        rdata
            .strip_prefix(self.prefix.as_bytes())
            .filter(|candidate| !candidate.is_empty())
    }
}

/// Why a record format cannot be named or added. Offsets count octets from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The name is empty or too long.
    #[error("the name of a record format has 1 to 64 octets, not {length}")]
    IdLength {
        /// How many octets it has.
        length: usize,
    },
    /// The name has an octet that cannot be in it.
    #[error(
        "{} at offset {position} cannot be in the name of a record format; use lower-case \
         letters, digits, `-`, `_` and `.`",
        OctetName(*octet)
    )]
    IdOctet {
        /// The octet.
        octet: u8,
        /// Where it is.
        position: usize,
    },
    /// The name is taken.
    #[error("there is a record format `{id}` already")]
    DuplicateId {
        /// The name.
        id: FormatId,
    },
    /// The prefix is empty; every record would be a candidate.
    #[error("the prefix of a record format cannot be empty")]
    EmptyPrefix,
    /// The prefix has an octet that cannot be in it.
    #[error(
        "{} at offset {position} cannot be in the prefix of a record format; use printable ASCII \
         without quotation mark and backslash",
        OctetName(*octet)
    )]
    PrefixOctet {
        /// The octet.
        octet: u8,
        /// Where it is.
        position: usize,
    },
}
