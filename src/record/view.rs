use std::fmt;

use super::escape::escaped;
use super::grammar::{EXPIRY, TOKEN, trim_spaces};
use super::{Expiry, ExpiryError, Forgiven, Syntax, Warnings};

/// Whether a record had a `token` key. Both notations say the same of the same token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Notation {
    /// The whole record is the token.
    Bare,
    /// The token is the value of the `token` key, perhaps among attributes.
    KeyValue,
}

/// The data of a validation record as read by [`parse`](super::parse), borrowed from the record data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    pub(super) token: &'a [u8],
    /// Checked pairs from the first one that is not the token; in the comma syntax the token may
    /// be among them.
    pub(super) attributes: &'a [u8],
    pub(super) notation: Notation,
    pub(super) syntax: Syntax,
    pub(super) warnings: Warnings,
}

impl<'a> Record<'a> {
    /// The token, never empty. In [`Notation::Bare`] it may be any bytes.
    #[must_use]
    pub const fn token(&self) -> &'a [u8] {
        self.token
    }

    /// Whether the record had a `token` key.
    #[must_use]
    pub const fn notation(&self) -> Notation {
        self.notation
    }

    /// The attributes beside the token in their order, `expiry` and unknown ones included (K-12).
    ///
    /// Under [`Reading::Lenient`](super::Reading::Lenient) a key may occur twice; the first one counts.
    #[must_use]
    pub const fn attributes(&self) -> Attributes<'a> {
        Attributes {
            rest: Some(self.attributes),
            separator: self.syntax.separator(),
        }
    }

    /// The first attribute with this key, compared without ASCII case (K-05, K-11).
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<Attribute<'a>> {
        self.attributes()
            .find(|attribute| attribute.key.eq_ignore_ascii_case(key.as_bytes()))
    }

    /// The `expiry` attribute, if there is one.
    ///
    /// It is a hint to the administrator of the zone, who can also edit it: it tells nothing about
    /// how long a challenge or a proof is valid (E-07).
    #[must_use]
    pub fn expiry(&self) -> Option<Result<Expiry, ExpiryError>> {
        let attribute = self.attribute(EXPIRY)?;
        Some(Expiry::parse(attribute.value.unwrap_or_default()))
    }

    /// What the lenient reading forgave; empty under [`Reading::Strict`](super::Reading::Strict).
    #[must_use]
    pub const fn warnings(&self) -> Warnings {
        self.warnings
    }

    /// Its warnings, and whether it has attributes of no meaning here (K-12).
    pub(crate) fn forgiven(&self) -> Forgiven {
        let is_unknown = |one: Attribute<'_>| !one.key.eq_ignore_ascii_case(EXPIRY.as_bytes());
        Forgiven::new(self.warnings, self.attributes().any(is_unknown))
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("token", &escaped(self.token, 128))
            .field("attributes", &escaped(self.attributes, 128))
            .field("notation", &self.notation)
            .field("syntax", &self.syntax)
            .field("warnings", &self.warnings)
            .finish()
    }
}

/// One attribute of a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    pub(super) key: &'a [u8],
    pub(super) value: Option<&'a [u8]>,
}

impl<'a> Attribute<'a> {
    /// The key as written: ASCII letters, digits, `-` and `_`.
    #[must_use]
    pub const fn key(&self) -> &'a [u8] {
        self.key
    }

    /// The value, if there is a `=`: printable ASCII. It may be empty under
    /// [`Reading::Lenient`](super::Reading::Lenient).
    #[must_use]
    pub const fn value(&self) -> Option<&'a [u8]> {
        self.value
    }

    /// Splits at the first `=` only: a value may contain more of them (K-09).
    pub(super) fn split(pair: &'a [u8]) -> Self {
        let mut parts = pair.splitn(2, |&octet| octet == b'=');
        Self {
            key: parts.next().unwrap_or_default(),
            value: parts.next(),
        }
    }
}

impl fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attribute")
            .field("key", &escaped(self.key, 128))
            .field("value", &self.value.map(|value| escaped(value, 128)))
            .finish()
    }
}

/// The attributes of a record beside its token; see [`Record::attributes`].
#[derive(Clone)]
pub struct Attributes<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        loop {
            let mut parts = self.rest?.splitn(2, |&octet| octet == self.separator);
            let segment = parts.next().unwrap_or_default();
            self.rest = parts.next();
            let attribute = Attribute::split(trim_spaces(segment).0);
            let is_token = attribute.key.eq_ignore_ascii_case(TOKEN.as_bytes());
            if !attribute.key.is_empty() && !is_token {
                return Some(attribute);
            }
        }
    }
}

impl fmt::Debug for Attributes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
