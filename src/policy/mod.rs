//! What proves, and how long things last: rules as data.
//!
//! | Value | What it says |
//! |---|---|
//! | [`Policy`] | how many must agree, how fresh an observation must be, what a wildcard means, how strictly records are read |
//! | [`Rules`] | a policy with the perspectives that it counts, the suffix guard and the application's formats: all that a decision is taken by |
//! | [`Rir`] | in which registry's region a perspective stands, as the CA/Browser Forum counts |
//! | [`Timing`] | how long challenges and proofs last, and when to look again |
//!
//! The default policy asks two of three independent operators. [`Policy::single_resolver`] is one
//! explicit word away, and [`Policy::k_of_n`] takes any majority; anything that could be met by
//! half, or never, is an error when it is made and not at the first check.
//! [`Policy::ca_browser_forum`] has a table of its own, by date.

mod error;
mod forum;
mod quorum;
mod rir;
mod rules;
#[cfg(feature = "serde")]
mod serial;
mod timing;

use std::time::Duration;

use crate::dns::PerspectiveId;
use crate::record::Reading;

pub use error::PolicyError;
pub(crate) use forum::Table;
pub use quorum::Quorum;
pub use rir::{Rir, RirError};
pub use rules::Rules;
pub use timing::Timing;

/// What it takes to prove control.
///
/// The default asks two of three independent groups to see the record (D-04), and refuses a
/// record that a wildcard answers for (S-8).
///
/// ```
/// use dcv::policy::Policy;
///
/// let policy = Policy::k_of_n(3, 4)?;
/// assert_eq!(policy.quorum().map(|quorum| quorum.needed()), Some(3));
/// assert!(Policy::k_of_n(2, 4).is_err(), "half is no majority");
/// # Ok::<(), dcv::policy::PolicyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(from = "serial::PolicyParts", into = "serial::PolicyParts")
)]
pub struct Policy {
    agreement: Agreement,
    secure: bool,
    max_age: Duration,
    wildcards: Wildcards,
    reading: Reading,
}

/// Who must agree.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
enum Agreement {
    Groups(Quorum),
    /// By the CA/Browser Forum's table, beside this primary perspective.
    #[cfg_attr(feature = "serde", serde(rename = "ca-browser-forum"))]
    Forum(PerspectiveId),
}

impl Default for Policy {
    fn default() -> Self {
        Self::with_quorum(Quorum::TWO_OF_THREE)
    }
}

impl Policy {
    fn with_quorum(quorum: Quorum) -> Self {
        Self::with_agreement(Agreement::Groups(quorum))
    }

    fn with_agreement(agreement: Agreement) -> Self {
        Self {
            agreement,
            secure: false,
            max_age: Duration::from_secs(60),
            wildcards: Wildcards::Reject,
            reading: Reading::Lenient,
        }
    }

    /// One perspective is enough. Whoever controls it, or the path to it, can prove anything:
    /// right for a trusted validating resolver, for tests, and for a look at one named server.
    #[must_use]
    pub fn single_resolver() -> Self {
        Self::with_quorum(Quorum::ONE)
    }

    /// At least `needed` of exactly `of` independent groups.
    ///
    /// # Errors
    ///
    /// [`PolicyError::Quorum`] unless `of / 2 < needed <= of`.
    pub fn k_of_n(needed: u8, of: u8) -> Result<Self, PolicyError> {
        Quorum::new(needed, of).map(Self::with_quorum)
    }

    /// Multi-perspective corroboration as the CA/Browser Forum asks of certification authorities
    /// (TLS Baseline Requirements, section 3.2.2.9): the perspective called `primary` sees the
    /// record, and enough remote ones, which are all the other resolvers, see the same token.
    ///
    /// | Checked on or after | Remote perspectives, at least | Not corroborating, at most | Corroborating ones in |
    /// |---|---|---|---|
    /// | (before 2026-03-15) | 2 | 1, of 6 and more 2 | any regions |
    /// | 2026-03-15 | 3 | 1, of 6 and more 2 | 2 [`Rir`] regions |
    /// | 2026-06-15 | 4 | 1, of 6 and more 2 | 2 [`Rir`] regions |
    /// | 2026-12-15 | 5 | 1, of 6 and more 2 | 2 [`Rir`] regions |
    ///
    /// Days begin in UTC. What the Forum did not enforce yet in 2025 is enforced here all the
    /// same. With fewer remote perspectives than the day of the check asks for, nothing is ever
    /// validated. A signed answer is no shortcut; a remote perspective that fails, or finds
    /// signatures wrong, does not corroborate; where the primary does, the challenge is rejected.
    /// What the primary denies is unproven, and what it sees [unvalidated](crate::dns::Security::Unvalidated)
    /// is indeterminate: it has to validate, and its lookup to say what it found. An authoritative view among the perspectives is neither
    /// primary nor remote: it vetoes, and must confirm, as under any policy (S-2).
    ///
    /// That the perspectives stand 500 km apart, as the Forum asks, is for whoever sets them up.
    ///
    /// ```
    /// use dcv::dns::{Group, Perspective, PerspectiveId, Transport, Trust};
    /// use dcv::policy::{Policy, Rules};
    ///
    /// let site = |name: &str, region: &str| {
    ///     let id: PerspectiveId = name.parse()?;
    ///     let site = Perspective::new(id.clone()).with_group(Group::Operator(id));
    ///     let site = site.with_transport(Transport::Authenticated);
    ///     Ok::<_, dcv::dns::PerspectiveError>(site.with_region(region.parse()?))
    /// };
    /// let sites = vec![
    ///     site("home", "RIPE NCC")?.with_trust(Trust::Validating),
    ///     site("virginia", "ARIN")?,
    ///     site("frankfurt", "RIPE NCC")?,
    ///     site("singapore", "APNIC")?,
    ///     site("sao-paulo", "LACNIC")?,
    ///     site("cape-town", "AFRINIC")?,
    /// ];
    /// let rules = Rules::new(Policy::ca_browser_forum("home".parse()?), sites)?;
    /// // The primary and four of the five others.
    /// assert_eq!((rules.quorum().needed(), rules.quorum().of()), (5, 6));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn ca_browser_forum(primary: PerspectiveId) -> Self {
        Self::with_agreement(Agreement::Forum(primary))
    }

    /// Asks for DNSSEC: only a record that a perspective trusted to validate saw as secure proves,
    /// and no number of others does (D-02). Domains that are not signed can then not be proven.
    #[must_use]
    pub fn require_secure(mut self) -> Self {
        self.secure = true;
        self
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

    /// How many groups must agree; `None` by the CA/Browser Forum's table, where that hangs on the
    /// perspectives ([`Rules::quorum`]).
    #[must_use]
    pub fn quorum(&self) -> Option<Quorum> {
        match self.agreement {
            Agreement::Groups(quorum) => Some(quorum),
            Agreement::Forum(_) => None,
        }
    }

    /// The primary perspective, by the CA/Browser Forum's table.
    #[must_use]
    pub fn primary(&self) -> Option<&PerspectiveId> {
        match &self.agreement {
            Agreement::Groups(_) => None,
            Agreement::Forum(primary) => Some(primary),
        }
    }

    /// Whether nothing but a secure answer proves.
    #[must_use]
    pub fn requires_secure(&self) -> bool {
        self.secure
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

/// What a wildcard record in place of the Validation Record means (S-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Wildcards {
    /// It does not prove control: a wildcard answers for names that nobody chose. Costs one
    /// query more per perspective and label, and only once the record was seen.
    Reject,
    /// It proves control like any record.
    Accept,
}
