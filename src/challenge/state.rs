use std::fmt;

use time::UtcDateTime;

/// Where a challenge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        rename_all = "kebab-case",
        tag = "name",
        try_from = "super::parts::StateParts"
    )
)]
#[non_exhaustive]
pub enum State {
    /// It waits for its record to be seen.
    Pending,
    /// The record was seen.
    #[non_exhaustive]
    Validated {
        /// When.
        #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
        at: UtcDateTime,
        /// Until when that counts as proof.
        #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
        until: UtcDateTime,
    },
    /// It was proven, and that does not count any more: the proof's time is over, or its domain is
    /// one that nobody may prove by now.
    #[non_exhaustive]
    Ended {
        /// When that was noticed.
        #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
        at: UtcDateTime,
    },
    /// Its validity ended before the record was seen.
    #[non_exhaustive]
    Expired {
        /// When that was noticed.
        #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
        at: UtcDateTime,
    },
    /// The application gave it up.
    #[non_exhaustive]
    Cancelled {
        /// When.
        #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
        at: UtcDateTime,
    },
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pending => "pending",
            Self::Validated { .. } => "validated",
            Self::Ended { .. } => "ended",
            Self::Expired { .. } => "expired",
            Self::Cancelled { .. } => "cancelled",
        })
    }
}
