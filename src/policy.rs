//! What proves, and how long things last: rules as data.
//!
//! | Value | What it says |
//! |---|---|
//! | [`Policy`] | how many must agree, how fresh an observation must be, what a wildcard means, how strictly records are read |
//! | [`Rules`] | a policy with the perspectives that it counts, the suffix guard and the application's formats: all that a decision is taken by |
//! | [`Timing`] | how long challenges and proofs last, and when to look again |
//!
//! The default policy asks two of three independent operators. [`Policy::single_resolver`] is one
//! explicit word away, and [`Policy::k_of_n`] takes any majority; anything that could be met by
//! half, or never, is an error when it is made and not at the first check.

use std::sync::Arc;
use std::time::Duration;

use crate::dns::{Group, Perspective, PerspectiveId, View};
use crate::record::{Formats, Reading};
use crate::suffix::SuffixGuard;

/// What it takes to prove control.
///
/// The default asks two of three independent groups to see the record (D-04), and refuses a
/// record that a wildcard answers for (S-8).
///
/// ```
/// use dcv::policy::Policy;
///
/// let policy = Policy::k_of_n(3, 4)?;
/// assert_eq!(policy.quorum().needed(), 3);
/// assert!(Policy::k_of_n(2, 4).is_err(), "half is no majority");
/// # Ok::<(), dcv::policy::PolicyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    quorum: Quorum,
    max_age: Duration,
    wildcards: Wildcards,
    reading: Reading,
}

impl Default for Policy {
    fn default() -> Self {
        Self::with_quorum(Quorum { needed: 2, of: 3 })
    }
}

impl Policy {
    fn with_quorum(quorum: Quorum) -> Self {
        Self {
            quorum,
            max_age: Duration::from_secs(60),
            wildcards: Wildcards::Reject,
            reading: Reading::Lenient,
        }
    }

    /// One perspective is enough. Whoever controls it, or the path to it, can prove anything:
    /// right for a trusted validating resolver, for tests, and for a look at one named server.
    #[must_use]
    pub fn single_resolver() -> Self {
        Self::with_quorum(Quorum { needed: 1, of: 1 })
    }

    /// At least `needed` of exactly `of` independent groups.
    ///
    /// # Errors
    ///
    /// [`PolicyError::Quorum`] unless `of / 2 < needed <= of`.
    pub fn k_of_n(needed: u8, of: u8) -> Result<Self, PolicyError> {
        Quorum::new(needed, of).map(Self::with_quorum)
    }

    /// How old an observation may be to count; 60 seconds unless set (S-5).
    #[must_use]
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// What a wildcard record in place of the Validation Record means.
    #[must_use]
    pub fn with_wildcards(mut self, wildcards: Wildcards) -> Self {
        self.wildcards = wildcards;
        self
    }

    /// How strictly records are read.
    #[must_use]
    pub fn with_reading(mut self, reading: Reading) -> Self {
        self.reading = reading;
        self
    }

    /// How many groups must agree.
    #[must_use]
    pub fn quorum(&self) -> Quorum {
        self.quorum
    }

    /// How old an observation may be to count.
    #[must_use]
    pub fn max_age(&self) -> Duration {
        self.max_age
    }

    /// What a wildcard record in place of the Validation Record means.
    #[must_use]
    pub fn wildcards(&self) -> Wildcards {
        self.wildcards
    }

    /// How strictly records are read.
    #[must_use]
    pub fn reading(&self) -> Reading {
        self.reading
    }
}

/// How many independent groups must agree: a majority, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "(u8, u8)", into = "(u8, u8)"))]
pub struct Quorum {
    needed: u8,
    of: u8,
}

impl Quorum {
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

/// What a wildcard record in place of the Validation Record means (S-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wildcards {
    /// It does not prove control: a wildcard answers for names that nobody chose. Costs one
    /// query more per perspective and label, and only once the record was seen.
    Reject,
    /// It proves control like any record.
    Accept,
}

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
         add perspectives of other operators, declare their groups, or choose another quorum \
         (Policy::single_resolver for one)"
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
}

/// Everything that a decision is taken by: the policy, the perspectives it counts, the suffix
/// guard, and the application's own record formats.
#[derive(Debug, Clone)]
pub struct Rules {
    policy: Policy,
    perspectives: Arc<[Perspective]>,
    guard: SuffixGuard,
    formats: Formats,
}

impl Rules {
    /// The most perspectives that one verification asks.
    pub const MAX_PERSPECTIVES: usize = 32;

    /// Rules over these perspectives, with the compiled-in suffix list.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] when the policy can never be met by these perspectives. Groups are
    /// counted, not perspectives: two addresses of one operator are one (S-3). Perspectives of
    /// unknown group count only when there are no others.
    pub fn new(policy: Policy, perspectives: Vec<Perspective>) -> Result<Self, PolicyError> {
        let found = perspectives.len();
        if found > Self::MAX_PERSPECTIVES {
            return Err(PolicyError::TooMany { found });
        }
        for (index, one) in perspectives.iter().enumerate() {
            if perspectives
                .iter()
                .take(index)
                .any(|other| other.id() == one.id())
            {
                return Err(PolicyError::Duplicate {
                    id: one.id().clone(),
                });
            }
        }
        let expected = policy.quorum.of();
        let found = count_groups(&perspectives);
        if found != usize::from(expected) {
            return Err(PolicyError::Groups { expected, found });
        }
        let perspectives = perspectives.into();
        let (guard, formats) = (SuffixGuard::default(), Formats::new());
        Ok(Self {
            policy,
            perspectives,
            guard,
            formats,
        })
    }

    /// Decides by this guard.
    #[must_use]
    pub fn with_guard(mut self, guard: SuffixGuard) -> Self {
        self.guard = guard;
        self
    }

    /// Knows these record formats.
    #[must_use]
    pub fn with_formats(mut self, formats: Formats) -> Self {
        self.formats = formats;
        self
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The perspectives.
    #[must_use]
    pub fn perspectives(&self) -> &[Perspective] {
        &self.perspectives
    }

    /// The perspective of this name.
    #[must_use]
    pub fn perspective(&self, id: &PerspectiveId) -> Option<&Perspective> {
        self.perspectives
            .iter()
            .find(|perspective| perspective.id() == id)
    }

    /// The suffix guard.
    #[must_use]
    pub fn guard(&self) -> &SuffixGuard {
        &self.guard
    }

    /// The application's own record formats.
    #[must_use]
    pub fn formats(&self) -> &Formats {
        &self.formats
    }

    /// Whether this group adds to a quorum. The unknown one does so only when it is alone.
    pub(crate) fn counts(&self, group: &Group) -> bool {
        *group != Group::Unknown
            || self
                .perspectives
                .iter()
                .all(|other| *other.group() == Group::Unknown)
    }

    /// Whether any perspective looks at the zone's own name servers.
    #[must_use]
    pub fn has_authoritative_view(&self) -> bool {
        self.perspectives
            .iter()
            .any(|perspective| perspective.view() == View::Authoritative)
    }
}

fn count_groups(perspectives: &[Perspective]) -> usize {
    let named = perspectives.iter().enumerate().filter(|(index, one)| {
        *one.group() != Group::Unknown
            && !perspectives
                .iter()
                .take(*index)
                .any(|other| other.group() == one.group())
    });
    match named.count() {
        0 => usize::from(!perspectives.is_empty()),
        named => named,
    }
}

/// How long things last.
///
/// | What | Default |
/// |---|---|
/// | an unproven challenge | 7 days |
/// | a proof | 90 days |
/// | the record's TTL | 300 seconds |
/// | between two checks that users ask for | at least 5 seconds |
/// | until the next check that we suggest | 1 minute, doubling up to 1 hour |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    pub(crate) challenge: Duration,
    pub(crate) proof: Duration,
    pub(crate) record_ttl: u32,
    pub(crate) min_interval: Duration,
    pub(crate) first_interval: Duration,
    pub(crate) max_interval: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            challenge: Duration::from_secs(7 * 86_400),
            proof: Duration::from_secs(90 * 86_400),
            record_ttl: 300,
            min_interval: Duration::from_secs(5),
            first_interval: Duration::from_secs(60),
            max_interval: Duration::from_secs(3600),
        }
    }
}

impl Timing {
    /// How long a challenge waits for its proof (E-01); at least a second.
    #[must_use]
    pub fn with_challenge_lifetime(mut self, lifetime: Duration) -> Self {
        self.challenge = lifetime.max(Duration::from_secs(1));
        self
    }

    /// How long a one-off validation counts as proof.
    #[must_use]
    pub fn with_proof_lifetime(mut self, lifetime: Duration) -> Self {
        self.proof = lifetime;
        self
    }

    /// The TTL that users are told to give the record, in seconds (L-01).
    #[must_use]
    pub fn with_record_ttl(mut self, seconds: u32) -> Self {
        self.record_ttl = seconds;
        self
    }

    /// How long after a check the next one is refused as too soon.
    #[must_use]
    pub fn with_min_interval(mut self, interval: Duration) -> Self {
        self.min_interval = interval;
        self
    }

    /// When to look again by ourselves: after `first`, doubling up to `max`.
    #[must_use]
    pub fn with_backoff(mut self, first: Duration, max: Duration) -> Self {
        self.first_interval = first;
        self.max_interval = max.max(first);
        self
    }

    /// How long a challenge waits for its proof.
    #[must_use]
    pub fn challenge_lifetime(&self) -> Duration {
        self.challenge
    }

    /// How long a one-off validation counts as proof.
    #[must_use]
    pub fn proof_lifetime(&self) -> Duration {
        self.proof
    }

    /// The TTL that users are told to give the record, in seconds.
    #[must_use]
    pub fn record_ttl(&self) -> u32 {
        self.record_ttl
    }

    /// How long after a check the next one is refused as too soon.
    #[must_use]
    pub fn min_interval(&self) -> Duration {
        self.min_interval
    }

    /// How long to wait after so many checks before the next one, by ourselves.
    #[must_use]
    pub fn backoff(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        self.first_interval
            .saturating_mul(1 << doublings)
            .min(self.max_interval)
    }
}
