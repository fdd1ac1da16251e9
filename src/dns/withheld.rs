use std::fmt;

use sha2::{Digest, Sha256};

use crate::record::escaped;

/// What a [transcript](crate::transcript) keeps of a record that is somebody else's, and a check of
/// those that are [too many](super::MAX_RECORDS): the beginning of it, how long it was, and a digest,
/// to tell whether it was the same.
///
/// It counts as what it stands for: a record without the token.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Withheld {
    txt: bool,
    #[cfg_attr(
        feature = "serde",
        serde(
            serialize_with = "crate::serial::write_octets",
            deserialize_with = "read_prefix"
        )
    )]
    prefix: Box<[u8]>,
    octets: u32,
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "write_digest", deserialize_with = "read_digest")
    )]
    digest: [u8; 32],
    // So many more records like it are told of by number alone.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_zero"))]
    more: u32,
}

impl Withheld {
    /// The most octets that are kept of a key.
    const MAX_KEY: usize = 32;

    /// The most octets that are kept where there is no key.
    const MAX_BEGINNING: usize = 8;

    /// What is kept of a TXT record.
    #[must_use]
    pub fn txt(data: &[u8]) -> Self {
        Self::of(true, key(data).unwrap_or_else(|| beginning(data)), data)
    }

    /// What is kept of a record of another type: nothing of its octets.
    #[must_use]
    pub fn other(data: &[u8]) -> Self {
        Self::of(false, &[], data)
    }

    fn of(txt: bool, prefix: &[u8], data: &[u8]) -> Self {
        Self {
            txt,
            prefix: prefix.into(),
            octets: u32::try_from(data.len()).unwrap_or(u32::MAX),
            digest: Sha256::digest(data).into(),
            more: 0,
        }
    }

    /// The same, standing for `more` further records too, of which nothing else is known.
    #[must_use]
    pub fn and_more(mut self, more: u32) -> Self {
        self.more = self.more.saturating_add(more);
        self
    }

    /// Whether it was a TXT record.
    #[must_use]
    pub fn is_txt(&self) -> bool {
        self.txt
    }

    /// What the data began with: its key, up to the first `=`, `:` or blank, or its first octets.
    /// As it came: show it only [escaped] (S-18).
    #[must_use]
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// How many octets the data had.
    #[must_use]
    pub fn octets(&self) -> u32 {
        self.octets
    }

    /// The SHA-256 of the data. It hides the data only as well as that is hard to guess.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// How many further records it stands for.
    #[must_use]
    pub fn more(&self) -> u32 {
        self.more
    }
}

/// What stands before the first separator, if that is short and something stands behind it: `=`
/// alone at the end is the padding of a secret, not the end of a key.
fn key(data: &[u8]) -> Option<&[u8]> {
    let is_separator = |octet: &u8| matches!(octet, b'=' | b':' | b' ' | b'\t');
    let end = data
        .iter()
        .take(Withheld::MAX_KEY + 1)
        .position(is_separator)?;
    let (key, rest) = data.split_at_checked(end)?;
    let has_value = rest.iter().any(|octet| !is_separator(octet));
    has_value.then_some(key)
}

/// The first octets: a quarter of the data at the most, so that nobody's secret is among them.
fn beginning(data: &[u8]) -> &[u8] {
    let kept = Withheld::MAX_BEGINNING.min(data.len() / 4);
    data.get(..kept).unwrap_or_default()
}

#[cfg(feature = "serde")]
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(more: &u32) -> bool {
    *more == 0
}

#[cfg(feature = "serde")]
fn read_prefix<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Box<[u8]>, D::Error> {
    let octets = crate::serial::octets::<{ Withheld::MAX_KEY }, _>(from)?;
    if octets.len() > Withheld::MAX_KEY {
        return Err(serde::de::Error::custom("a key of more than 32 octets"));
    }
    Ok(octets.into())
}

/// In hexadecimal, as other programs show it.
#[cfg(feature = "serde")]
fn write_digest<S: serde::Serializer>(digest: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&data_encoding::HEXLOWER.encode(digest))
}

#[cfg(feature = "serde")]
fn read_digest<'de, D: serde::Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
    let text = <String as serde::Deserialize>::deserialize(from)?;
    let octets = data_encoding::HEXLOWER.decode(text.as_bytes()).ok();
    octets
        .and_then(|octets| octets.try_into().ok())
        .ok_or_else(|| serde::de::Error::custom("expected 64 hexadecimal digits"))
}

impl fmt::Debug for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Withheld({self})")
    }
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, octets) = (escaped(&self.prefix, Self::MAX_KEY), self.octets);
        write!(f, "{prefix}... ({octets} octets, not kept)")?;
        match self.more {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
