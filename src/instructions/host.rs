use super::Instructions;
use crate::name::OwnerName;

/// An owner name as a DNS panel wants it that appends the zone's name by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    name: String,
    zone: OwnerName,
    basis: HostBasis,
}

/// What a [`Host`] is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostBasis {
    /// The zone, as the DNS shows it.
    ZoneCut,
    /// The registrable domain: where most zones begin, as long as nothing was seen.
    RegistrableDomain,
    /// The domain to be proven, which has no registrable domain.
    Domain,
}

impl Host {
    /// The labels before the zone's name, without a dot at the end; empty at the zone's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The zone.
    #[must_use]
    pub fn zone(&self) -> &OwnerName {
        &self.zone
    }

    /// How the zone is known.
    #[must_use]
    pub fn basis(&self) -> HostBasis {
        self.basis
    }

    /// The zone's name as people write it, without the dot at the end.
    pub(super) fn zone_text(&self) -> String {
        without_dot(&self.zone)
    }
}

impl HostBasis {
    /// A stable word: `zone-cut`, `registrable-domain` or `domain`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ZoneCut => "zone-cut",
            Self::RegistrableDomain => "registrable-domain",
            Self::Domain => "domain",
        }
    }
}

pub(super) fn of(instructions: &Instructions) -> Host {
    let owner = instructions.record.owner();
    let (zone, basis) = match (&instructions.zone, &instructions.registrable) {
        (Some(zone), _) => (zone.apex().clone(), HostBasis::ZoneCut),
        (None, Some(domain)) => (OwnerName::from(domain), HostBasis::RegistrableDomain),
        (None, None) => (OwnerName::from(&instructions.domain), HostBasis::Domain),
    };
    let before = owner.labels().count().saturating_sub(zone.labels().count());
    let labels: Vec<&[u8]> = owner.labels().take(before).collect();
    // No longer than the name it is a part of.
    let name = OwnerName::from_labels(labels).unwrap_or_else(|_| owner.clone());
    let name = if name.is_root() {
        String::new()
    } else {
        without_dot(&name)
    };
    Host { name, zone, basis }
}

/// A name without the dot at its end.
pub(super) fn without_dot(name: &OwnerName) -> String {
    let text = name.to_string();
    match text.strip_suffix('.') {
        Some(rest) if !rest.is_empty() => rest.into(),
        _ => text,
    }
}
