use std::fmt;
use std::str::FromStr;

use super::RecordError;

/// What the lenient reading forgave in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Warning {
    /// Spaces before the first attribute or the bare token (K-10).
    LeadingSpace,
    /// Spaces after the last attribute or the bare token (K-10).
    TrailingSpace,
    /// More than one space between attributes, or spaces beside a comma (K-10).
    StraySpace,
    /// An attribute with `=` and no value, legal up to revision -10 (K-07).
    EmptyAttributeValue,
    /// An attribute that was there before; the first one counts (K-11).
    DuplicateAttribute,
}

impl Warning {
    pub(super) const ALL: [Self; 5] = [
        Self::LeadingSpace,
        Self::TrailingSpace,
        Self::StraySpace,
        Self::EmptyAttributeValue,
        Self::DuplicateAttribute,
    ];

    /// The word for it, such as `leading-space`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeadingSpace => "leading-space",
            Self::TrailingSpace => "trailing-space",
            Self::StraySpace => "stray-space",
            Self::EmptyAttributeValue => "empty-attribute-value",
            Self::DuplicateAttribute => "duplicate-attribute",
        }
    }

    /// What it means, as a sentence for a person.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::LeadingSpace => "The record starts with spaces.",
            Self::TrailingSpace => "The record ends with spaces.",
            Self::StraySpace => {
                "There are more spaces between the attributes than there should be."
            }
            Self::EmptyAttributeValue => "An attribute has an equals sign, but no value.",
            Self::DuplicateAttribute => "An attribute is there twice; the first one counts.",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Warning {
    type Err = RecordError;

    fn from_str(text: &str) -> Result<Self, RecordError> {
        Self::ALL
            .into_iter()
            .find(|warning| warning.as_str() == text)
            .ok_or(RecordError::UnknownWarning)
    }
}

/// The set of [`Warning`]s of one record.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Warnings(u8);

impl Warnings {
    /// Whether nothing had to be forgiven.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this warning is among them.
    #[must_use]
    pub const fn contains(self, warning: Warning) -> bool {
        self.0 & warning.bit() != 0
    }

    /// Whether there were spaces where the grammar has none (K-10).
    #[must_use]
    pub const fn non_canonical_whitespace(self) -> bool {
        self.contains(Warning::LeadingSpace)
            || self.contains(Warning::TrailingSpace)
            || self.contains(Warning::StraySpace)
    }

    /// The warnings, in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = Warning> + Clone {
        Warning::ALL
            .into_iter()
            .filter(move |warning| self.contains(*warning))
    }

    pub(super) const fn insert(&mut self, warning: Warning) {
        self.0 |= warning.bit();
    }
}

impl fmt::Debug for Warnings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<Warning> for Warnings {
    fn from_iter<I: IntoIterator<Item = Warning>>(warnings: I) -> Self {
        warnings
            .into_iter()
            .fold(Self::default(), |mut set, warning| {
                set.insert(warning);
                set
            })
    }
}
