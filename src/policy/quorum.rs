use super::PolicyError;

/// How many independent groups must agree: a majority, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "(u8, u8)", into = "(u8, u8)"))]
pub struct Quorum {
    needed: u8,
    of: u8,
}

impl Quorum {
    pub(super) const ONE: Self = Self { needed: 1, of: 1 };
    pub(super) const TWO_OF_THREE: Self = Self { needed: 2, of: 3 };

    /// All of these but so many, which are fewer than half.
    pub(super) fn all_but(excepted: u8, of: u8) -> Self {
        let needed = of.saturating_sub(excepted).max(of / 2 + 1);
        Self { needed, of }
    }

    /// At least `needed` of exactly `of` groups.
    ///
    /// # Errors
    ///
    /// [`PolicyError::Quorum`] unless `of / 2 < needed <= of`.
    pub fn new(needed: u8, of: u8) -> Result<Self, PolicyError> {
        if needed > of || needed <= of / 2 {
            return Err(PolicyError::Quorum { needed, of });
        }
        Ok(Self { needed, of })
    }

    /// How many must agree.
    #[must_use]
    pub fn needed(self) -> u8 {
        self.needed
    }

    /// Of how many.
    #[must_use]
    pub fn of(self) -> u8 {
        self.of
    }
}

impl TryFrom<(u8, u8)> for Quorum {
    type Error = PolicyError;

    fn try_from((needed, of): (u8, u8)) -> Result<Self, PolicyError> {
        Self::new(needed, of)
    }
}

impl From<Quorum> for (u8, u8) {
    fn from(quorum: Quorum) -> Self {
        (quorum.needed, quorum.of)
    }
}
