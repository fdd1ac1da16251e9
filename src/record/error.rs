use super::escape::OctetName;
use super::grammar::{MAX_ATTRIBUTES, MAX_RDATA};

/// Why record data cannot be read, or cannot be written.
///
/// Offsets count octets from 0: in the record data when it was read, in the text that was offered
/// when a part was refused at construction, in the data that would have been written when
/// [`RecordValue::to_rdata`](super::RecordValue::to_rdata) refused. The error holds no data of the
/// record beyond one octet, and needs no allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// There is nothing in the record, or nothing but spaces.
    #[error("the record is empty")]
    Empty,
    /// The token has no value. It never matches, and is no bare token either (K-07).
    #[error("the token at offset {position} is empty")]
    EmptyToken {
        /// Where the value should start.
        position: usize,
    },
    /// A second `token` in one record (K-11, X-06).
    #[error("a second `token` at offset {position}; every token needs a record of its own")]
    DuplicateToken {
        /// Where the second one starts.
        position: usize,
    },
    /// A key that was there before, compared without case (K-11).
    #[error("the key at offset {position} was there before; give every key once")]
    DuplicateKey {
        /// Where the repeated key starts.
        position: usize,
    },
    /// An attribute with `=` and nothing after it (K-07).
    #[error("the value at offset {position} is empty; give a value, or the key without `=`")]
    EmptyValue {
        /// Where the value should start.
        position: usize,
    },
    /// A value without a key before the `=`, or an empty key.
    #[error("a key is missing at offset {position}")]
    EmptyKey {
        /// Where the key should start.
        position: usize,
    },
    /// A comma with nothing between it and the next one, or at an end (legacy comma syntax).
    #[error("an attribute is missing beside the comma at offset {position}")]
    EmptyPair {
        /// Where the attribute should start.
        position: usize,
    },
    /// An octet that cannot be in a key (K-06).
    #[error(
        "{} at offset {position} cannot be in a key; use letters, digits, `-` and `_`",
        OctetName(*octet)
    )]
    KeyOctet {
        /// The octet.
        octet: u8,
        /// Where it is.
        position: usize,
    },
    /// An octet that cannot be in a token or a value (K-09).
    #[error(
        "{} at offset {position} cannot be in a value; use printable ASCII without space, \
         quotation mark and backslash",
        OctetName(*octet)
    )]
    ValueOctet {
        /// The octet.
        octet: u8,
        /// Where it is.
        position: usize,
    },
    /// A comma in a token or a value: the legacy comma syntax cannot escape it (K-14).
    #[error("the comma at offset {position} cannot be in a value of the legacy comma syntax")]
    Comma {
        /// Where it is.
        position: usize,
    },
    /// A space beyond the one between two attributes, under the strict reading (K-10).
    #[error("a space too many at offset {position}; one space goes between attributes")]
    StraySpace {
        /// Where it is.
        position: usize,
    },
    /// More attributes than [`MAX_ATTRIBUTES`].
    #[error("one attribute too many at offset {position}; a record has at most {MAX_ATTRIBUTES}")]
    TooManyAttributes {
        /// Where the attribute that is too many starts.
        position: usize,
    },
    /// More octets than the character-strings of one record can hold, [`MAX_RDATA`].
    #[error("the record would be {length} octets long; a TXT record holds {MAX_RDATA}")]
    TooLong {
        /// How many octets it would be.
        length: usize,
    },
    /// `token` or `expiry` offered as an attribute.
    #[error("`token` and `expiry` are no free attributes; the record value has its own for them")]
    ReservedKey,
    /// An expiry outside the years 0000 to 9999, which RFC 3339 cannot write.
    #[error("the expiry is outside the years 0000 to 9999")]
    ExpiryRange,
    /// A bare token was asked for, but there are attributes that it could not carry.
    #[error("a bare token carries no attributes; write the record with its `token` key")]
    BareWithAttributes,
    /// A bare token that would be read as a `token=` attribute (K-04).
    #[error("the token starts with `token=`; write the record with its `token` key")]
    BareReadsAsPair,
    /// A record format whose composed value does not give back exactly the token.
    #[error("the record format does not extract exactly the token it composed the value from")]
    FormatChangesToken,
    /// A word that names no [`Syntax`](super::Syntax).
    #[error("unknown record syntax; there are `space` and `legacy-comma`")]
    UnknownSyntax,
    /// A word that names no [`Reading`](super::Reading).
    #[error("unknown reading; there are `strict` and `lenient`")]
    UnknownReading,
    /// A word that names no [`Warning`](super::Warning).
    #[error("unknown record warning")]
    UnknownWarning,
}

impl RecordError {
    /// The offset the error is about, in octets from 0, where it is about a place.
    #[must_use]
    pub const fn position(&self) -> Option<usize> {
        match self {
            Self::EmptyToken { position }
            | Self::DuplicateToken { position }
            | Self::DuplicateKey { position }
            | Self::EmptyValue { position }
            | Self::EmptyKey { position }
            | Self::EmptyPair { position }
            | Self::KeyOctet { position, .. }
            | Self::ValueOctet { position, .. }
            | Self::Comma { position }
            | Self::StraySpace { position }
            | Self::TooManyAttributes { position } => Some(*position),
            Self::Empty
            | Self::TooLong { .. }
            | Self::ReservedKey
            | Self::ExpiryRange
            | Self::BareWithAttributes
            | Self::BareReadsAsPair
            | Self::FormatChangesToken
            | Self::UnknownSyntax
            | Self::UnknownReading
            | Self::UnknownWarning => None,
        }
    }
}
