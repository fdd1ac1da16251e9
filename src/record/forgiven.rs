use std::fmt;

use super::{Warning, Warnings};

/// What was forgiven in a record that counts: by the lenient reading (K-10), and in attributes that
/// mean nothing here, which no reading minds (K-12).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Forgiven {
    warnings: Warnings,
    unknown_attributes: bool,
}

impl Forgiven {
    pub(super) const UNKNOWN: &'static str = "unknown-attribute";

    pub(crate) const fn new(warnings: Warnings, unknown_attributes: bool) -> Self {
        Self {
            warnings,
            unknown_attributes,
        }
    }

    /// Whether nothing had to be forgiven.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.warnings.is_empty() && !self.unknown_attributes
    }

    /// What the lenient reading forgave.
    #[must_use]
    pub const fn warnings(self) -> Warnings {
        self.warnings
    }

    /// Whether there are attributes that nobody asked for. They decide nothing.
    #[must_use]
    pub const fn has_unknown_attributes(self) -> bool {
        self.unknown_attributes
    }

    /// All of both: what was seen at several places.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            warnings: self.warnings.iter().chain(other.warnings.iter()).collect(),
            unknown_attributes: self.unknown_attributes || other.unknown_attributes,
        }
    }

    /// A word for each, such as `leading-space`; `unknown-attribute` comes last.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let unknown = self.unknown_attributes.then_some(Self::UNKNOWN);
        self.warnings.iter().map(Warning::as_str).chain(unknown)
    }

    /// What each means, as a sentence for a person, in the order of the words.
    pub fn sentences(self) -> impl Iterator<Item = &'static str> {
        let unknown = self.unknown_attributes.then_some(Self::UNKNOWN_MEANS);
        self.warnings.iter().map(Warning::describe).chain(unknown)
    }

    pub(crate) const UNKNOWN_MEANS: &'static str = "There is an attribute that means nothing here.";
}

impl fmt::Debug for Forgiven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.words()).finish()
    }
}
