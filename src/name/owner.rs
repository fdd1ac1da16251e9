//! Any absolute name in the DNS.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::domain::DomainName;
use super::error::{NameError, Place};
use super::excerpt::push_decimal;
use super::{MAX_LABEL, MAX_NAME};

/// Octets of a name in wire form, with the root label.
const MAX_WIRE: usize = MAX_NAME + 2;

/// An absolute name in the DNS: the owner of a record, the target of an alias, an apex.
///
/// Kept in uncompressed wire form with the letters A to Z lower-cased, so that names equal in the
/// DNS are equal here. Labels may hold any octet. It is shown in the presentation form of master
/// files with the final dot; octets outside 0x21–7E, and those with a meaning of their own
/// there (`.` in a label, `\`, `"`, `;`, `(`, `)`, `@`, `$`), are shown as decimal `\DDD` (S-18).
///
/// Cloning is cheap. The order is that of the wire form, not the canonical order of DNSSEC.
///
/// ```
/// use dcv::name::OwnerName;
///
/// let owner = OwnerName::parse("_Foo-Challenge.example.com")?;
/// assert_eq!(owner.to_string(), "_foo-challenge.example.com.");
/// assert_eq!(OwnerName::parse(r"a\.b\032c.example")?.to_string(), r"a\046b\032c.example.");
/// # Ok::<(), dcv::name::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerName(Arc<[u8]>);

impl OwnerName {
    /// The root, `.`.
    #[must_use]
    pub fn root() -> Self {
        Self(Arc::from([0]))
    }

    /// Reads a name in presentation form. The final dot is optional, the name always absolute.
    /// `\DDD` is decimal; a backslash before any other character stands for that character.
    ///
    /// # Errors
    ///
    /// [`NameError::Empty`], [`EmptyLabel`](NameError::EmptyLabel),
    /// [`LabelTooLong`](NameError::LabelTooLong), [`NameTooLong`](NameError::NameTooLong),
    /// [`BadEscape`](NameError::BadEscape), or [`Unescaped`](NameError::Unescaped) for an octet
    /// outside 0x21–7E and for `"`, `;`, `(` and `)`.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        match input {
            "" => return Err(NameError::Empty),
            "." => return Ok(Self::root()),
            _ => {}
        }
        let mut wire = WireBuilder::new();
        let mut label = Vec::with_capacity(MAX_LABEL);
        let mut place = Place::new(1, 0);
        let mut octets = input.bytes().enumerate();
        while let Some((offset, octet)) = octets.next() {
            let here = Place::new(place.label(), offset);
            match octet {
                b'.' => {
                    wire.push(&label, place)?;
                    label.clear();
                    place = Place::new(place.label() + 1, offset + 1);
                }
                b'\\' => label.push(unescape(&mut octets).ok_or(NameError::BadEscape(here))?),
                b'"' | b';' | b'(' | b')' | ..=0x20 | 0x7f.. => {
                    return Err(NameError::Unescaped(here, octet));
                }
                _ => label.push(octet),
            }
        }
        // After the final dot nothing is left.
        if place.offset() < input.len() {
            wire.push(&label, place)?;
        }
        wire.finish()
    }

    /// Makes a name of labels, given from the left and without the root.
    ///
    /// # Errors
    ///
    /// [`NameError::EmptyLabel`], [`LabelTooLong`](NameError::LabelTooLong) or
    /// [`NameTooLong`](NameError::NameTooLong); the place is that in presentation form without
    /// escapes.
    pub fn from_labels<L: AsRef<[u8]>>(
        labels: impl IntoIterator<Item = L>,
    ) -> Result<Self, NameError> {
        let mut wire = WireBuilder::new();
        let mut place = Place::new(1, 0);
        for label in labels {
            let label = label.as_ref();
            wire.push(label, place)?;
            place = Place::new(place.label() + 1, place.offset() + label.len() + 1);
        }
        wire.finish()
    }

    /// The uncompressed wire form: each label behind its length, then the octet 0. At most 255
    /// octets, the letters in lower case.
    #[must_use]
    pub fn as_wire(&self) -> &[u8] {
        &self.0
    }

    /// The labels from the left, without the root.
    #[must_use]
    pub fn labels(&self) -> OwnerLabels<'_> {
        OwnerLabels {
            rest: self.0.strip_suffix(&[0]).unwrap_or(&[]),
        }
    }

    /// Whether this is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.len() == 1
    }

    /// The name without its first label; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = split_first_label(&self.0)?;
        Some(Self(Arc::from(rest)))
    }

    /// The name with `label` before it.
    ///
    /// # Errors
    ///
    /// [`NameError::EmptyLabel`], [`LabelTooLong`](NameError::LabelTooLong) or
    /// [`NameTooLong`](NameError::NameTooLong).
    pub fn child(&self, label: &[u8]) -> Result<Self, NameError> {
        Self::from_labels(std::iter::once(label).chain(self.labels()))
    }

    /// Whether this name is `ancestor` or below it. Everything is within the root.
    #[must_use]
    pub fn is_within(&self, ancestor: &Self) -> bool {
        let mut rest = &*self.0;
        while rest.len() > ancestor.0.len() {
            match split_first_label(rest) {
                Some((_, shorter)) => rest = shorter,
                None => return false,
            }
        }
        rest == &*ancestor.0
    }
}

/// The labels of an [`OwnerName`], from the left and without the root.
#[derive(Debug, Clone)]
pub struct OwnerLabels<'a> {
    /// Labels behind their lengths, without the root.
    rest: &'a [u8],
}

impl<'a> Iterator for OwnerLabels<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (label, rest) = split_first_label(self.rest)?;
        self.rest = rest;
        Some(label)
    }
}

impl DoubleEndedIterator for OwnerLabels<'_> {
    /// Walks from the front each time: a name has at most 127 labels.
    fn next_back(&mut self) -> Option<Self::Item> {
        let mut before = 0;
        let mut rest = self.rest;
        loop {
            let (label, after) = split_first_label(rest)?;
            if after.is_empty() {
                self.rest = self.rest.get(..before).unwrap_or(&[]);
                return Some(label);
            }
            before += 1 + label.len();
            rest = after;
        }
    }
}

/// The first label of `wire` and what follows it; `None` at the root and at the end.
fn split_first_label(wire: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = wire.split_first()?;
    if length == 0 {
        None
    } else {
        rest.split_at_checked(usize::from(length))
    }
}

/// Reads what follows a backslash.
fn unescape(octets: &mut impl Iterator<Item = (usize, u8)>) -> Option<u8> {
    let (_, first) = octets.next()?;
    if !first.is_ascii_digit() {
        // An escape before a part of a character outside ASCII would cut it.
        return first.is_ascii().then_some(first);
    }
    let mut value = u32::from(first - b'0');
    for _ in 0..2 {
        let (_, digit) = octets.next().filter(|(_, octet)| octet.is_ascii_digit())?;
        value = value * 10 + u32::from(digit - b'0');
    }
    u8::try_from(value).ok()
}

/// Collects labels in wire form. Counts on past the limit, to say by how much it is passed.
struct WireBuilder {
    wire: Vec<u8>,
    length: usize,
}

impl WireBuilder {
    fn new() -> Self {
        Self {
            wire: Vec::with_capacity(64),
            length: 1,
        }
    }

    fn push(&mut self, label: &[u8], place: Place) -> Result<(), NameError> {
        if label.is_empty() {
            return Err(NameError::EmptyLabel(place));
        }
        let length = u8::try_from(label.len())
            .ok()
            .filter(|&length| usize::from(length) <= MAX_LABEL)
            .ok_or(NameError::LabelTooLong(place, label.len()))?;
        self.length = self.length.saturating_add(1 + label.len());
        if self.length <= MAX_WIRE {
            self.wire.push(length);
            self.wire.extend(label.iter().map(u8::to_ascii_lowercase));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<OwnerName, NameError> {
        if self.length > MAX_WIRE {
            return Err(NameError::NameTooLong(self.length - 2));
        }
        self.wire.push(0);
        Ok(OwnerName(Arc::from(self.wire)))
    }
}

impl From<&DomainName> for OwnerName {
    fn from(domain: &DomainName) -> Self {
        // A domain name is lower-cased and within the limits: every label fits its length octet.
        let mut wire = Vec::with_capacity(domain.as_str().len() + 2);
        for label in domain.labels() {
            wire.push(label.len() as u8);
            wire.extend_from_slice(label.as_bytes());
        }
        wire.push(0);
        Self(Arc::from(wire))
    }
}

impl FromStr for OwnerName {
    type Err = NameError;

    fn from_str(input: &str) -> Result<Self, NameError> {
        Self::parse(input)
    }
}

impl fmt::Display for OwnerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.pad(".");
        }
        let mut text = String::with_capacity(self.0.len());
        for label in self.labels() {
            for &octet in label {
                match octet {
                    b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => {
                        push_decimal(&mut text, octet);
                    }
                    0x21..=0x7e => text.push(char::from(octet)),
                    _ => push_decimal(&mut text, octet),
                }
            }
            text.push('.');
        }
        f.pad(&text)
    }
}

impl fmt::Debug for OwnerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnerName({self})")
    }
}
