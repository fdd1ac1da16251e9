//! What stands in the way whatever the DNS says.

use time::UtcDateTime;

use super::{Notes, Rank, count};
use crate::challenge::{Form, State};
use crate::diagnose::facts::Says;
use crate::diagnose::{Code, Severity, Value};
use crate::evaluate::{Indeterminate, Rejected, Verdict};

/// Notes what makes every look useless; whether there is such a thing.
pub(super) fn note(notes: &mut Notes<'_, '_>) -> bool {
    let facts = notes.facts;
    let case = &facts.inquiry.case;
    let verdict = facts.inquiry.lapsed().unwrap_or(facts.verdict);
    let rejected = match verdict {
        Verdict::Rejected { reason, .. } => Some(reason),
        _ => None,
    };
    match (case.challenge.state(), rejected) {
        (State::Cancelled { .. }, _) => {
            let note = notes.begin(Rank::State, Code::ChallengeClosed, Severity::Change);
            notes.add(note.next(None));
            true
        }
        (State::Expired { .. }, _) | (State::Pending, Some(Rejected::Expired)) => {
            expired(notes);
            true
        }
        (State::Ended { at }, _) => {
            ended(notes, at);
            true
        }
        (State::Validated { until, .. }, Some(Rejected::Ended)) => {
            // Before its time where the suffix guard does not admit it.
            ended(notes, until.min(case.now));
            true
        }
        (State::Pending | State::Validated { .. }, Some(Rejected::Suffix)) => {
            let (guard, challenge) = (case.rules.guard(), case.challenge);
            let refused = guard.check(challenge.domain(), challenge.scope()).err();
            let reason = refused.map(|error| error.to_string()).unwrap_or_default();
            let note = notes
                .begin(Rank::State, Code::DomainRefused, Severity::Change)
                .param("reason", Value::Text(reason));
            notes.add(note.next(None));
            true
        }
        // A failure of ours, which nobody outside can mend.
        _ if matches!(
            verdict,
            Verdict::Indeterminate {
                reason: Indeterminate::ClockSkew,
                ..
            }
        ) =>
        {
            let note = notes.begin(Rank::State, Code::Undetermined, Severity::Hint);
            notes.add(note.param("tried", count(0)).next(None));
            true
        }
        _ => {
            unknown_format(notes);
            false
        }
    }
}

/// It was proven, and that is over.
fn ended(notes: &mut Notes<'_, '_>, at: UtcDateTime) {
    let note = notes
        .begin(Rank::State, Code::ProofEnded, Severity::Change)
        .param("ended_at", Value::Instant(at))
        .next(None);
    notes.add(note);
}

fn expired(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let right: Vec<_> = facts.at_owner().filter(|told| told.proves()).collect();
    let seen_at = right.iter().map(|told| told.one.finished_at()).max();
    let expired_at = facts.inquiry.case.challenge.expires_at();
    // A look behind the end is planned where a second one has to agree (S-7).
    let closes_at = facts.inquiry.next_check_at.filter(|at| *at > expired_at);
    let note = notes
        .begin(Rank::State, Code::ChallengeExpired, Severity::Change)
        .param("expired_at", Value::Instant(expired_at))
        .maybe("seen_at", seen_at.map(Value::Instant))
        .maybe("closes_at", closes_at.map(Value::Instant))
        .seen(super::of(right))
        .next(None);
    notes.add(note);
}

/// Records are there, but nobody here can read the format that is expected.
fn unknown_format(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let case = &facts.inquiry.case;
    let live = case.challenge.expectations().iter();
    let mut live = live.filter(|expectation| expectation.is_live(case.now));
    let unknown = live.find_map(|expectation| match expectation.form() {
        Form::Custom(id) if case.rules.formats().find(id.as_str()).is_none() => Some(id),
        _ => None,
    });
    if unknown.is_none() {
        return;
    }
    let records = facts
        .at_owner()
        .filter(|told| matches!(told.says, Says::Records { .. }) && !told.proves());
    let seen = super::of(records);
    if let (Some(id), false) = (unknown, seen.is_empty()) {
        let note = notes
            .begin(Rank::State, Code::UnknownFormat, Severity::Change)
            .param("format", Value::Text(id.as_str().to_owned()))
            .seen(seen)
            .next(None);
        notes.add(note);
    }
}
