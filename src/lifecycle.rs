//! What becomes of a challenge: every transition, its event and its `next_check_at` are made in
//! [`advance`], and nowhere else. A store applies them by compare-and-swap.
//!
//! | From | Occasion | To |
//! |---|---|---|
//! | pending | examined: validated within its validity, with its witness | validated |
//! | pending | examined: unproven, indeterminate or rejected | pending, checked once more |
//! | pending, never checked before, or in the last five minutes | examined otherwise, or elapsed, after its validity | expired |
//! | pending, checked before | the same, for the first time | pending: held |
//! | pending, held for an hour | the same | expired |
//! | validated | elapsed, at its end or later | ended |
//! | validated | refused | ended |
//! | pending, validated | cancelled | cancelled |
//!
//! A clock that is set forward ends no open challenge by one look (S-7). Who looks after the end of
//! a challenge that was looked at before puts down when that was, and the challenge is held: it
//! proves nothing and stays open, until a second look at least an hour later agrees by the times
//! that are stored. When the clock is set right meanwhile, the challenge goes on. Where the look
//! before was within five minutes, the clock cannot have been set forward by more than that, and
//! one look is enough.
//!
//! A proof ends by one look past its end, whatever the clock: its claim is released, and it does
//! not come back when the clock is set right. A clock that was ahead by more than was left of the
//! proof costs its user a new challenge and a new publication, and no false proof.
//!
//! What is planned is planned by the clock of the look. By one that is far ahead, a held challenge is
//! to be looked at an hour after that look, which is far ahead too: who waits for `next_check_at`
//! should go by its own clock, and look at once where `last_checked_at` is of a time to come.
//!
//! A [`Transition`] carries the next revision of the challenge, at most one [`Event`] for the
//! application, and what it [claims](Claim) or gives up of a proof; a store applies all of it or
//! nothing. Whoever finds the challenge in another revision reads it again and decides anew
//! (S-15), so that two workers on one challenge make one transition and one event.

use std::time::Duration;

use time::UtcDateTime;

use crate::challenge::{Challenge, State};
use crate::evaluate::{Examination, Verdict};
use crate::name::{AccountId, DomainName, Scope};
use crate::policy::Timing;
use crate::token::ChallengeId;

/// What happened to a challenge.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Occasion<'a> {
    /// It was checked.
    Examined(&'a Examination),
    /// The application gives it up.
    Cancelled,
    /// Time has passed.
    Elapsed,
    /// Time has passed, and the suffix guard refuses the domain by now, or its proof (S-9).
    Refused,
}

/// A challenge's step to its next revision: what a store applies, all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    from: u64,
    next: Challenge,
    event: Option<Event>,
    claim: Option<Claim>,
}

impl Transition {
    /// The revision that the stored challenge must have.
    #[must_use]
    pub fn expected_revision(&self) -> u64 {
        self.from
    }

    /// The challenge that takes its place.
    #[must_use]
    pub fn next(&self) -> &Challenge {
        &self.next
    }

    /// What the application should hear of it.
    #[must_use]
    pub fn event(&self) -> Option<&Event> {
        self.event.as_ref()
    }

    /// What it changes about who has proven what.
    #[must_use]
    pub fn claim(&self) -> Option<Claim> {
        self.claim
    }
}

/// What a transition changes about who has proven what: the challenge's account, for its domain
/// and scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Claim {
    /// The account has proven it now.
    Take,
    /// The account's proof is given up.
    Release,
}

/// Something that an application wants to hear of. One transition makes at most one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Event {
    kind: EventKind,
    challenge: ChallengeId,
    account: AccountId,
    domain: DomainName,
    scope: Scope,
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
    at: UtcDateTime,
}

/// What an [`Event`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum EventKind {
    /// Control was proven.
    Validated,
    /// The proof ended: its time is over, or its domain is refused by now.
    Ended,
    /// The challenge ended without a proof.
    Expired,
    /// The challenge, or the proof it gave, was given up.
    Cancelled,
}

impl Event {
    fn of(kind: EventKind, challenge: &Challenge, at: UtcDateTime) -> Self {
        Self {
            kind,
            challenge: *challenge.id(),
            account: challenge.account().clone(),
            domain: challenge.domain().clone(),
            scope: challenge.scope(),
            at,
        }
    }

    /// What happened.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        self.kind
    }

    /// To which challenge.
    #[must_use]
    pub fn challenge(&self) -> &ChallengeId {
        &self.challenge
    }

    /// Of which account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// For which domain.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// In which scope.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// When.
    #[must_use]
    pub fn at(&self) -> UtcDateTime {
        self.at
    }
}

/// Why a challenge cannot go on in this way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LifecycleError {
    /// It is closed: proven, ended, expired or cancelled.
    #[error("the challenge is {state} and takes no more checks: issue a new one")]
    Closed {
        /// Where it stands.
        state: State,
    },
    /// The verdict has no witness: it comes from a replay (S-4).
    #[error("a validation without a live look proves nothing: let a verifier look")]
    NoWitness,
    /// The check was of another challenge, or of another revision of it (S-15).
    #[error("the check belongs to another challenge or to an earlier state of it: check again")]
    ForeignExamination,
    /// The witness is for another challenge, revision, token or time (S-4).
    #[error("the validation is not of this challenge, token and time: check again")]
    ForeignWitness,
    /// It has reached [`Challenge::MAX_REVISION`]: damaged data, as nothing is changed so often.
    #[error(
        "the challenge was changed too often to be changed once more: remove it from the store"
    )]
    Exhausted,
}

/// The next step of a challenge; `None` when nothing changes.
///
/// # Errors
///
/// [`LifecycleError`] when a closed challenge was examined, when the examination is of another
/// challenge or revision, when a validation has no witness for one of its live tokens, or when the
/// challenge cannot be counted on.
pub fn advance(
    challenge: &Challenge,
    occasion: Occasion<'_>,
    timing: &Timing,
    now: UtcDateTime,
) -> Result<Option<Transition>, LifecycleError> {
    match (challenge.state, occasion) {
        (State::Pending, Occasion::Examined(examination)) => {
            examined(challenge, examination, timing, now).map(Some)
        }
        (state, Occasion::Examined(_)) => Err(LifecycleError::Closed { state }),
        (State::Pending, Occasion::Elapsed | Occasion::Refused) => elapsed(challenge, now),
        (State::Validated { .. }, Occasion::Elapsed) if !challenge.is_over(now) => Ok(None),
        (State::Validated { .. }, Occasion::Elapsed | Occasion::Refused) => {
            close(challenge, State::Ended { at: now }, EventKind::Ended, now).map(Some)
        }
        (State::Pending | State::Validated { .. }, Occasion::Cancelled) => {
            let state = State::Cancelled { at: now };
            close(challenge, state, EventKind::Cancelled, now).map(Some)
        }
        _ => Ok(None),
    }
}

/// What time does to an open challenge.
fn elapsed(challenge: &Challenge, now: UtcDateTime) -> Result<Option<Transition>, LifecycleError> {
    if challenge.is_over(now) {
        let state = State::Expired { at: now };
        return close(challenge, state, EventKind::Expired, now).map(Some);
    }
    if now < challenge.expires_at || is_held(challenge, now) {
        return Ok(None);
    }
    let mut next = challenge.clone();
    next.last_checked_at = Some(now);
    hold(next, challenge.revision, now).map(Some)
}

/// Whether a look has found the challenge to be over already. One of the future was by a clock that
/// was set right since.
fn is_held(challenge: &Challenge, now: UtcDateTime) -> bool {
    let mut last = challenge.last_checked_at.into_iter();
    last.any(|last| challenge.is_open() && (challenge.expires_at..=now).contains(&last))
}

fn examined(
    challenge: &Challenge,
    examination: &Examination,
    timing: &Timing,
    now: UtcDateTime,
) -> Result<Transition, LifecycleError> {
    let from = challenge.revision;
    if *examination.challenge() != challenge.id || examination.revision() != from {
        return Err(LifecycleError::ForeignExamination);
    }
    let mut next = challenge.clone();
    next.attempts = next.attempts.saturating_add(1);
    if !is_held(challenge, now) {
        next.last_checked_at = Some(now);
    }
    match examination.verdict() {
        Verdict::Validated { witness, .. } => {
            let witness = witness.ok_or(LifecycleError::NoWitness)?;
            let live = challenge.expectations.iter().any(|expectation| {
                expectation.fingerprint() == witness.token() && expectation.is_live(witness.at())
            });
            let ours = witness.challenge() == challenge.id() && witness.revision() == from;
            if !live || !ours || witness.at() >= challenge.expires_at || witness.at() > now {
                return Err(LifecycleError::ForeignWitness);
            }
            let evidence = examination.evidence().ok_or(LifecycleError::NoWitness)?;
            let at = witness.at();
            next.state = State::Validated {
                at,
                until: later(at, timing.proof),
            };
            next.evidence = Some(evidence.clone());
            next.next_check_at = None;
            let (event, claim) = (EventKind::Validated, Claim::Take);
            step(from, next, Some(event), Some(claim), now)
        }
        _ if challenge.is_over(now) => {
            next.state = State::Expired { at: now };
            next.last_checked_at = Some(now);
            next.next_check_at = None;
            step(from, next, Some(EventKind::Expired), None, now)
        }
        _ if now >= challenge.expires_at => hold(next, from, now),
        Verdict::Rejected { .. } => {
            // Nothing but the user's doing changes this; asking again is up to the user.
            next.next_check_at = None;
            step(from, next, None, None, now)
        }
        Verdict::Unproven { .. } | Verdict::Indeterminate { .. } => {
            // Caches that deny the record are waited out (L-02).
            let cached = examination.denied_until().map(|until| until - now);
            let cached = cached.and_then(|left| Duration::try_from(left).ok());
            let cached = cached.unwrap_or_default().min(timing.max_interval);
            let wait = timing.backoff(next.attempts).max(cached);
            let wait = match examination.verdict() {
                // No look by itself makes a large answer smaller: there is no hurry.
                Verdict::Indeterminate { reason, .. } if reason.waits_for_a_change() => {
                    wait.max(timing.max_interval)
                }
                _ => wait,
            };
            next.next_check_at = Some(later(now, wait).min(challenge.expires_at));
            step(from, next, None, None, now)
        }
    }
}

/// Leaves a challenge open that was found to be over, until a second look agrees (S-7).
fn hold(mut next: Challenge, from: u64, now: UtcDateTime) -> Result<Transition, LifecycleError> {
    next.next_check_at = next
        .last_checked_at
        .and_then(|last| next.second_look_at(last));
    step(from, next, None, None, now)
}

/// Closes a challenge that no check closes. What was proven is given up.
fn close(
    challenge: &Challenge,
    state: State,
    event: EventKind,
    now: UtcDateTime,
) -> Result<Transition, LifecycleError> {
    let is_proven = matches!(challenge.state, State::Validated { .. });
    let mut next = challenge.clone();
    next.state = state;
    next.next_check_at = None;
    let claim = is_proven.then_some(Claim::Release);
    step(challenge.revision, next, Some(event), claim, now)
}

fn step(
    from: u64,
    mut next: Challenge,
    event: Option<EventKind>,
    claim: Option<Claim>,
    now: UtcDateTime,
) -> Result<Transition, LifecycleError> {
    next.revision = from.saturating_add(1);
    if next.revision.max(next.attempts.into()) > Challenge::MAX_REVISION {
        return Err(LifecycleError::Exhausted);
    }
    let event = event.map(|kind| Event::of(kind, &next, now));
    Ok(Transition {
        from,
        next,
        event,
        claim,
    })
}

/// `at` plus `duration`, or the end of time.
pub(crate) fn later(at: UtcDateTime, duration: Duration) -> UtcDateTime {
    let duration = time::Duration::try_from(duration).unwrap_or(time::Duration::MAX);
    at.checked_add(duration).unwrap_or(UtcDateTime::MAX)
}
