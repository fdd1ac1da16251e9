//! The CA/Browser Forum's table, by date (TLS Baseline Requirements, section 3.2.2.9), and what it
//! takes of perspectives.

use time::UtcDateTime;

use crate::dns::{Group, Perspective, PerspectiveId, Transport, Trust, View};

use super::{PolicyError, Rir};

/// What the table asks for on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Table {
    /// The fewest remote perspectives that may be used.
    pub(crate) remotes: usize,
    /// In how many regions the corroborating ones must stand.
    pub(crate) regions: u32,
}

impl Table {
    /// The fewest remote perspectives that any day asks for.
    pub(super) const FEWEST: usize = 2;

    /// The row of the day. Days before the table begins are under its first row: no clock that is
    /// wrong makes it weaker.
    pub(crate) fn at(now: UtcDateTime) -> Self {
        let day = (now.year(), u8::from(now.month()), now.day());
        let remotes = match day {
            day if day >= (2026, 12, 15) => 5,
            day if day >= (2026, 6, 15) => 4,
            day if day >= (2026, 3, 15) => 3,
            _ => Self::FEWEST,
        };
        let regions = if day >= (2026, 3, 15) { 2 } else { 1 };
        Self { remotes, regions }
    }

    /// How many of so many remote perspectives need not corroborate.
    pub(crate) fn exceptions(remotes: usize) -> u8 {
        if remotes < 6 { 1 } else { 2 }
    }
}

/// Whether it corroborates: a resolver, and not the primary one.
pub(super) fn is_remote(one: &Perspective, primary: Option<&PerspectiveId>) -> bool {
    one.view() == View::Recursive && primary != Some(one.id())
}

/// Checks what the Forum asks of perspectives on any day.
pub(super) fn check(
    primary: &PerspectiveId,
    perspectives: &[Perspective],
) -> Result<(), PolicyError> {
    let resolvers = || {
        let all = perspectives.iter();
        all.filter(|one| one.view() == View::Recursive)
    };
    let first = resolvers().find(|one| one.id() == primary);
    let first = first.ok_or_else(|| PolicyError::NoPrimary {
        id: primary.clone(),
    })?;
    if first.trust() != Trust::Validating {
        let id = primary.clone();
        return Err(PolicyError::PrimaryTrust { id });
    }
    let found = resolvers().count().saturating_sub(1);
    if found < Table::FEWEST {
        return Err(PolicyError::Remotes { found });
    }
    for (index, one) in resolvers().enumerate() {
        let id = one.id().clone();
        if one.transport() == Transport::Plain {
            return Err(PolicyError::Plaintext { id });
        }
        if Rir::of(one).is_none() {
            return Err(PolicyError::Region { id });
        }
        if *one.group() == Group::Unknown {
            return Err(PolicyError::Undeclared { id });
        }
        let mut before = resolvers().take(index);
        if let Some(other) = before.find(|other| other.group() == one.group()) {
            let other = other.id().clone();
            return Err(PolicyError::SharedGroup { id, other });
        }
    }
    Ok(())
}
