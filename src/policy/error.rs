use crate::dns::PerspectiveId;

use super::Rules;

/// A policy that cannot work. Found when things are put together, never during a check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Too few to be a majority, or more than there are.
    #[error(
        "{needed} of {of} is not a usable quorum: ask for more than half, and for no more than all"
    )]
    Quorum {
        /// How many were to agree.
        needed: u8,
        /// Of how many.
        of: u8,
    },
    /// The perspectives given are not as many independent groups as the policy counts.
    #[error(
        "the policy counts {expected} independent groups, but the perspectives given make {found}: \
         add perspectives of other operators, declare their groups (Perspective::with_group) where \
         addresses of one operator, one /24 or one /48 count as one and are not, or choose another \
         quorum (Policy::single_resolver for one)"
    )]
    Groups {
        /// How many the policy counts.
        expected: u8,
        /// How many there are.
        found: usize,
    },
    /// Two perspectives have the same name.
    #[error("two perspectives are called {id}: give each its own name")]
    Duplicate {
        /// The name.
        id: PerspectiveId,
    },
    /// More perspectives than a verification can ask.
    #[error("{found} perspectives are too many: at most {max} can be asked", max = Rules::MAX_PERSPECTIVES)]
    TooMany {
        /// How many were given.
        found: usize,
    },
    /// Secure answers are required, but nobody is trusted to say which are.
    #[error(
        "the policy proves by DNSSEC alone, but no perspective is trusted to validate: add one that \
         validates, and say so (Perspective::with_trust), or do not require secure answers"
    )]
    NoValidator,
    /// The CA/Browser Forum's primary perspective is not there.
    #[error(
        "no resolver among the perspectives is called {id}: name the one that is the primary \
         perspective; an authoritative view cannot be it"
    )]
    NoPrimary {
        /// The name that the policy has for it.
        id: PerspectiveId,
    },
    /// The CA/Browser Forum's primary perspective has to validate DNSSEC.
    #[error(
        "the primary perspective {id} is not trusted to validate DNSSEC, as the CA/Browser Forum \
         asks: let it validate, and say so (Perspective::with_trust)"
    )]
    PrimaryTrust {
        /// The primary perspective.
        id: PerspectiveId,
    },
    /// Too few remote perspectives for any day of the CA/Browser Forum's table.
    #[error(
        "the CA/Browser Forum asks for at least {min} resolvers beside the primary one, and there \
         are {found}: add remote perspectives, 5 of them from 2026-12-15 on",
        min = super::Table::FEWEST
    )]
    Remotes {
        /// How many there are.
        found: usize,
    },
    /// A perspective that the CA/Browser Forum's policy counts is reached in plain text.
    #[error(
        "the perspective {id} is reached in plain text: ask it over TLS or HTTPS, and say so \
         (Perspective::with_transport)"
    )]
    Plaintext {
        /// The perspective.
        id: PerspectiveId,
    },
    /// A perspective that the CA/Browser Forum's policy counts has no region, or none it knows.
    #[error(
        "the perspective {id} has no region that is known: give it that of its Internet registry, \
         AFRINIC, APNIC, ARIN, LACNIC or RIPE NCC (Perspective::with_region)"
    )]
    Region {
        /// The perspective.
        id: PerspectiveId,
    },
    /// A perspective that the CA/Browser Forum's policy counts has no group of its own.
    #[error(
        "nobody said who operates the perspective {id}: declare its group \
         (Perspective::with_group), so that it can corroborate others"
    )]
    Undeclared {
        /// The perspective.
        id: PerspectiveId,
    },
    /// Two perspectives that the CA/Browser Forum's policy counts are of one group.
    #[error(
        "the perspectives {id} and {other} are of one group, and do not corroborate each other: \
         take one of them out, or give each the group of its own site"
    )]
    SharedGroup {
        /// One of them.
        id: PerspectiveId,
        /// The other.
        other: PerspectiveId,
    },
}
