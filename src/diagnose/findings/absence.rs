//! The record is not there, and what that may mean.

use super::{Notes, Rank, count, of};
use crate::challenge::State;
use crate::diagnose::facts::{Facts, Says, Told};
use crate::diagnose::value::Likeness;
use crate::diagnose::{Code, Probe, Severity, Value};
use crate::dns::{Question, RecordType, ZoneFacts};

pub(super) fn note(notes: &mut Notes<'_, '_>) {
    not_delegated(notes);
    removed(notes);
    not_published(notes);
    undetermined(notes);
}

/// The registry does not know the domain.
fn not_delegated(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let Some((told, soa)) = facts.denied_above() else {
        return;
    };
    let question = Question::new(facts.registrable.clone(), RecordType::NS);
    let confirmed: Vec<_> = facts.answers(&question).map(|(one, _)| one).collect();
    let note = notes
        .begin(Rank::Way, Code::DomainNotDelegated, Severity::Change)
        .param("registrable", Value::Name(facts.registrable.clone()))
        .param("parent", Value::Name(soa.owner().clone()))
        .seen([told.one])
        .seen(confirmed);
    notes.add(note);
}

/// The answers that show that the record is not there, nor anything like it; none where the zone
/// has it by now.
fn denials<'s, 'a>(facts: &'s Facts<'a>) -> Vec<&'s Told<'a>> {
    let public = facts.is_public();
    let foreign = |told: &&Told<'_>| {
        let mut values = told.values();
        !public && told.denies() && values.all(|(_, like)| *like == Likeness::Foreign)
    };
    facts.at_owner().filter(foreign).collect()
}

/// It was there before.
fn removed(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let validated = match facts.inquiry.case.challenge.state() {
        State::Validated { at, .. } => Some(at),
        _ => None,
    };
    let confirmed_at = facts.inquiry.history.proven_at.max(validated);
    let Some(confirmed_at) = confirmed_at else {
        return;
    };
    let denials = denials(facts);
    if denials.is_empty() || notes.explains() {
        return;
    }
    let note = notes
        .begin(Rank::Removed, Code::RecordRemoved, Severity::Change)
        .param("confirmed_at", Value::Instant(confirmed_at))
        .seen(of(denials));
    notes.add(note);
}

/// Nothing is there, and nothing else explains it.
fn not_published(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let denials = denials(facts);
    if denials.is_empty() || notes.explains() {
        return;
    }
    let others = denials.iter().map(|told| told.count()).max();
    let others = others.filter(|others| *others > 0);
    let soas = denials.iter().filter_map(|told| match told.says {
        Says::Absent { soa, .. } => Some(soa.negative_ttl()),
        _ => None,
    });
    let negative_ttl = facts.zone.as_ref().and_then(ZoneFacts::negative_ttl);
    let negative_ttl = negative_ttl.max(soas.max());
    let note = notes.begin(Rank::Absent, Code::NotPublished, Severity::Change);
    let note = notes
        .with_servers(note)
        .maybe("others", others.map(count))
        .maybe("negative_ttl", negative_ttl.map(Value::Duration))
        .seen(of(denials.iter().copied()));
    notes.add(note);
    if facts.inquiry.hints.published && !facts.inquiry.hints.visible_inside {
        let note = notes
            .begin(Rank::Aside, Code::SplitHorizon, Severity::Hint)
            .seen(of(denials));
        notes.add(note);
    }
}

/// Nothing could be found out.
fn undetermined(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let validated = matches!(
        facts.inquiry.case.challenge.state(),
        State::Validated { .. }
    );
    // A proof stands until somebody says that its record is gone. Who filters the answer is the cause
    // where nobody else denies it.
    let known = notes.notes.iter().any(|(rank, _)| *rank < Rank::Aside);
    if known || validated || notes.has(Code::AnswerFiltered) {
        return;
    }
    let asked = facts.inquiry.asked.iter().filter_map(Probe::question);
    let seen = facts.seen.iter().map(|one| one.question());
    let mut questions: Vec<&Question> = asked.chain(seen).collect();
    questions.sort_unstable_by_key(|question| (question.name(), question.record_type()));
    questions.dedup();
    let note = notes
        .begin(Rank::Absent, Code::Undetermined, Severity::Hint)
        .param("tried", count(questions.len()));
    let note = note.seen(of(facts.at_owner()));
    notes.add(note);
}
