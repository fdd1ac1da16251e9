//! One issued request for proof, as a value.
//!
//! A [`Challenge`] binds a token to an account, a domain, a scope and an owner name. It is made
//! by [`issue::compose`](crate::issue::compose), changed only by
//! [`lifecycle::advance`](crate::lifecycle::advance), and kept by a
//! [`ChallengeStore`](crate::store::ChallengeStore).
//!
//! | Part | What it is |
//! |---|---|
//! | [`ValidationRecord`] | what the user is asked to publish: owner name, type, value, TTL |
//! | [`Expectation`] | what must be seen: a token in a [`Form`], with a time of its own; any of several proves |
//! | [`State`] | pending, validated until a time, ended, expired, or cancelled |
//!
//! Nobody outside builds or changes one by hand; with the feature `serde` it is written and read
//! as one document, and reading goes through the same checks (S-4).

mod checked;
mod expectation;
#[cfg(feature = "serde")]
mod parts;
mod record;
mod state;

use time::UtcDateTime;

use crate::dns::{Question, RecordType};
use crate::evidence::Evidence;
use crate::name::{AccountId, DomainName, OwnerName, Scope};
use crate::suffix::SuffixGuard;
use crate::token::{ChallengeId, TokenFingerprint};

pub use expectation::{Expectation, Form};
pub use record::ValidationRecord;
pub use state::State;

/// One issued request for proof.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "parts::ChallengeParts", into = "parts::ChallengeParts")
)]
pub struct Challenge {
    pub(crate) id: ChallengeId,
    pub(crate) account: AccountId,
    pub(crate) domain: DomainName,
    pub(crate) scope: Scope,
    pub(crate) record: ValidationRecord,
    pub(crate) expectations: Vec<Expectation>,
    pub(crate) issued_at: UtcDateTime,
    pub(crate) expires_at: UtcDateTime,
    pub(crate) state: State,
    pub(crate) revision: u64,
    pub(crate) attempts: u32,
    pub(crate) last_checked_at: Option<UtcDateTime>,
    pub(crate) next_check_at: Option<UtcDateTime>,
    pub(crate) evidence: Option<Evidence>,
}

/// A challenge that contradicts itself. Seen when stored data was damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChallengeError {
    /// Nothing is expected, or more than [`Challenge::MAX_EXPECTATIONS`].
    #[error("a challenge expects 1 to {max} tokens, this one {found}", max = Challenge::MAX_EXPECTATIONS)]
    Expectations {
        /// How many it has.
        found: usize,
    },
    /// The owner name is not below the domain, or its first label has no underscore.
    #[error("the owner name {owner} is not an underscore label below {domain}")]
    Owner {
        /// The owner name.
        owner: OwnerName,
        /// The domain.
        domain: DomainName,
    },
    /// It ends before it begins.
    #[error("the challenge expires at {expires_at}, not after it was issued at {issued_at}")]
    Validity {
        /// When it was issued.
        issued_at: UtcDateTime,
        /// When it ends.
        expires_at: UtcDateTime,
    },
    /// Its revision is none that was ever counted to.
    #[error("{revision} is no revision of a challenge")]
    Revision {
        /// The revision.
        revision: u64,
    },
    /// It was checked more often than anything was ever checked.
    #[error("no challenge was checked {attempts} times")]
    Attempts {
        /// How often.
        attempts: u32,
    },
    /// It expects a token that can be guessed, and does not say that the application chose so.
    #[error("a token of the challenge can be guessed: issue a new challenge")]
    WeakToken,
    /// Its record is of a type that no challenge asks for.
    #[error("no challenge asks for a record of the type {record_type}")]
    RecordType {
        /// The type.
        record_type: RecordType,
    },
    /// Its record's value holds none of its tokens, in the form in which that is expected.
    #[error("the value of the record is not what any of the challenge's tokens is written as")]
    Value,
    /// It is validated without evidence, or the other way round.
    #[error("a challenge has evidence exactly when it was validated")]
    Evidence,
    /// Its evidence is of another token, or of another time.
    #[error("the evidence is not of this challenge's tokens and time")]
    ForeignEvidence,
    /// Fewer saw the record than its basis takes.
    #[error("the evidence is less than what it says that the proof rests on")]
    WeakEvidence,
    /// It was looked at or proven without being checked, or is to be checked though it is closed.
    #[error("the times of the challenge's checks contradict its state or its count of checks")]
    Checks,
}

impl Challenge {
    /// How many expectations a challenge may have at one time.
    pub const MAX_EXPECTATIONS: usize = 8;

    /// The highest revision, and the most checks: more than one a second for 68 years. A number
    /// that leaves no room to count on was never counted to (S-4).
    pub const MAX_REVISION: u64 = 0x7fff_ffff;

    /// Its name: 128 random bits.
    #[must_use]
    pub fn id(&self) -> &ChallengeId {
        &self.id
    }

    /// Whom the proof is bound to.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The domain to be proven.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// What the proof covers.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// The record that the user is asked to publish.
    #[must_use]
    pub fn record(&self) -> &ValidationRecord {
        &self.record
    }

    /// Where the record is looked for.
    #[must_use]
    pub fn owner(&self) -> &OwnerName {
        self.record.owner()
    }

    /// What proves it: any one of these (T-13).
    #[must_use]
    pub fn expectations(&self) -> &[Expectation] {
        &self.expectations
    }

    /// When it was issued.
    #[must_use]
    pub fn issued_at(&self) -> UtcDateTime {
        self.issued_at
    }

    /// When it ends if nothing is proven until then. Our clock decides, never the record's
    /// `expiry` attribute, which the claimant can edit (E-07).
    #[must_use]
    pub fn expires_at(&self) -> UtcDateTime {
        self.expires_at
    }

    /// Where it stands, as of its last change. What has ended by itself since then is for
    /// [`state_at`](Self::state_at) to say.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Where it stands at this time: as [`state`](Self::state), but for a proof whose time is over,
    /// or for a challenge of which nobody had looked for the record when its validity ended. To
    /// report a state, take this one.
    #[must_use]
    pub fn state_at(&self, now: UtcDateTime) -> State {
        match self.state {
            State::Validated { until, .. } if self.is_over(now) => State::Ended { at: until },
            State::Pending if self.is_over(now) => State::Expired {
                at: self.expires_at,
            },
            state => state,
        }
    }

    /// The challenge as it stands at this time, to be told and not to be stored.
    pub(crate) fn told_at(mut self, now: UtcDateTime) -> Self {
        self.state = self.state_at(now);
        self.next_check_at = self.next_check_at.filter(|_| self.is_open());
        self
    }

    /// Whether it is over by this time, for good.
    ///
    /// No open challenge is ended by one look at a clock that was set forward: one that was looked
    /// at is over when a look after its end is on record and another agrees at least an hour later,
    /// or when its last look before the end is so near that the clock cannot have jumped (S-7).
    pub(crate) fn is_over(&self, now: UtcDateTime) -> bool {
        const NO_JUMP: time::Duration = time::Duration::minutes(5);

        match (self.state, self.last_checked_at) {
            (State::Validated { until, .. }, _) => until <= now,
            (State::Pending, None) => self.expires_at <= now,
            (State::Pending, Some(last)) => match self.second_look_at(last) {
                Some(second) => second <= now,
                None => self.expires_at <= now && now - last <= NO_JUMP,
            },
            _ => true,
        }
    }

    /// From when on a look may find it over, where one has found so already.
    pub(crate) fn second_look_at(&self, last: UtcDateTime) -> Option<UtcDateTime> {
        const AN_HOUR: time::Duration = time::Duration::HOUR;

        let is_late = self.expires_at <= last;
        is_late.then(|| last.checked_add(AN_HOUR).unwrap_or(UtcDateTime::MAX))
    }

    /// Whether its last look found it to be over, and it waits for a second one that agrees (S-7).
    pub(crate) fn is_held(&self) -> bool {
        self.is_open() && self.last_checked_at >= Some(self.expires_at)
    }

    /// Counts its changes, from 1: a store replaces a challenge only by its next revision.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// How often it was checked.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// When it was last checked.
    #[must_use]
    pub fn last_checked_at(&self) -> Option<UtcDateTime> {
        self.last_checked_at
    }

    /// When it should be checked again. `None` before the first check, which waits for the user
    /// (an early query would leave a negative answer in caches), while only the user can go on,
    /// and once it is closed. It lies behind the end of the challenge where a second look has to
    /// agree that it is over.
    #[must_use]
    pub fn next_check_at(&self) -> Option<UtcDateTime> {
        self.next_check_at
    }

    /// What it was proven with.
    #[must_use]
    pub fn evidence(&self) -> Option<&Evidence> {
        self.evidence.as_ref()
    }

    /// What has to be asked to see the record.
    #[must_use]
    pub fn question(&self) -> Question {
        Question::new(self.owner().clone(), self.record.record_type())
    }

    /// Whether the guard allows a proof of it, and the one that it has (S-9).
    pub(crate) fn is_admitted(&self, guard: &SuffixGuard) -> bool {
        let admission = guard.check(&self.domain, self.scope);
        let suffices = |admission| match &self.evidence {
            Some(evidence) => {
                self.can_be_proven() && evidence.suffices_for(&admission, self.owner())
            }
            None => true,
        };
        admission.is_ok_and(suffices)
    }

    /// Whether its record is of the type that the forms of expectations are written in: no other
    /// proves anything (S-4).
    pub(crate) fn can_be_proven(&self) -> bool {
        self.record.record_type() == RecordType::TXT
    }

    /// Whether it still waits for its proof.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Pending)
    }

    /// From when on it is closed and proves nothing, so that a store may forget it; `None` while
    /// it is open. For a proof this is the time until which it counts.
    #[must_use]
    pub fn over_at(&self) -> Option<UtcDateTime> {
        match self.state {
            State::Pending => None,
            State::Validated { until: at, .. }
            | State::Ended { at }
            | State::Expired { at }
            | State::Cancelled { at } => Some(at),
        }
    }

    /// Whether it expects a token with this fingerprint.
    #[must_use]
    pub fn expects(&self, fingerprint: &TokenFingerprint) -> bool {
        self.expectations
            .iter()
            .any(|expectation| expectation.fingerprint() == fingerprint)
    }
}
