//! Aliases and wildcards at the owner name, and records of another type.

use std::collections::HashSet;

use super::{Notes, Rank, is_text, of};
use crate::challenge::State;
use crate::diagnose::facts::{Says, Told, Who};
use crate::diagnose::plan::OTHER_TYPES;
use crate::diagnose::value::{Judge, Likeness};
use crate::diagnose::{Code, Severity, Value};
use crate::dns::{
    AbsenceKind, Answer, LookupFailure, Observation, Outcome, Purpose, Question, RecordData,
    RecordType, Txt,
};
use crate::evaluate::{Indeterminate, Rejected, Verdict};
use crate::name::OwnerName;
use crate::policy::Wildcards;

pub(super) fn note(notes: &mut Notes<'_, '_>) {
    if !is_text(notes.facts) {
        flattened(notes);
        return;
    }
    let wildcard = wildcard(notes);
    if !wildcard {
        spelled_token(notes);
        at_owner(notes);
    }
    if !notes.facts.is_public() {
        other_types(notes);
    }
}

/// Whether a wildcard answers in place of the record.
fn wildcard(notes: &mut Notes<'_, '_>) -> bool {
    let facts = notes.facts;
    let case = &facts.inquiry.case;
    let own_targets: Vec<&OwnerName> = facts.at_owner().filter_map(first_target).collect();
    let own_values: HashSet<&[u8]> = facts
        .at_owner()
        .flat_map(Told::values)
        .filter(|(_, like)| *like != Likeness::Foreign)
        .map(|(octets, _)| *octets)
        .collect();
    // Made only where something was asked beside the owner name.
    let elsewhere = |told: &Told<'_>| told.one.question().name() != facts.owner();
    let chosen = facts.told.iter().any(elsewhere);
    let chosen = chosen.then(|| facts.sibling()).flatten();
    let is_sibling = |told: &&Told<'_>| {
        let name = told.one.question().name();
        // The owner name is looked at once more where siblings have aliases.
        told.one.purpose() == Purpose::WildcardProbe && name != facts.owner()
            || Some(told.one.question().name()) == chosen.as_ref()
    };
    let is_public = facts.is_public();
    let rejects = case.rules.policy().wildcards() == Wildcards::Reject;
    let answered = |told: &&Told<'_>| {
        let same = first_target(told).is_some_and(|target| own_targets.contains(&target));
        let own_value = told
            .values()
            .any(|value| value.1 != Likeness::Foreign && own_values.contains(value.0));
        // An alias without the record is no more than an alias, whoever accepts wildcards.
        (rejects && (told.proves() || own_value)) || (same && (rejects || !is_public))
    };
    let shown: Vec<_> = facts
        .told
        .iter()
        .filter(is_sibling)
        .filter(answered)
        .collect();
    let unverified: Vec<_> = facts
        .at_owner()
        .filter(|told| told.failure() == Some(&LookupFailure::UnverifiedWildcard))
        .collect();
    let rejected = matches!(
        facts.verdict,
        Verdict::Rejected {
            reason: Rejected::Wildcard | Rejected::UnverifiedWildcard,
            ..
        }
    );
    if !rejected && shown.is_empty() && unverified.is_empty() {
        return false;
    }
    // The widest one that was seen to answer.
    let parents = shown
        .iter()
        .filter_map(|told| told.one.question().name().parent());
    let parent = parents.min_by_key(|name| name.labels().count());
    let parent = parent.or_else(|| facts.owner().parent());
    let wildcard = parent.and_then(|parent| parent.child(b"*").ok());
    let note = notes
        .begin(Rank::Replaced, Code::WildcardSynthesised, Severity::Change)
        .maybe("wildcard", wildcard.map(Value::Name))
        .seen(of(shown.into_iter().chain(unverified)));
    notes.add(note);
    true
}

fn first_target<'a>(told: &Told<'a>) -> Option<&'a OwnerName> {
    told.aliases.first().map(|alias| alias.target())
}

/// An alias whose target is the token: it was entered as a CNAME.
fn spelled_token(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let expectations = facts.inquiry.case.challenge.expectations();
    let spells = |target: &OwnerName| {
        let label = target.labels().next().unwrap_or_default();
        let label = label.strip_prefix(b"token=").unwrap_or(label);
        expectations
            .iter()
            .any(|one| one.token().as_str().as_bytes().eq_ignore_ascii_case(label))
    };
    let told: Vec<_> = facts
        .at_owner()
        .filter_map(|told| Some((first_target(told).filter(|target| spells(target))?, told)))
        .collect();
    if let Some((target, _)) = told.first() {
        let note = notes
            .begin(Rank::Replaced, Code::WrongRecordType, Severity::Change)
            .param("types", Value::Types(vec![RecordType::CNAME]))
            .param("target", Value::Name((*target).clone()))
            .seen(of(told.iter().map(|(_, told)| *told)));
        notes.add(note);
    }
}

/// What the aliases of the owner name lead to, when it is not the record.
fn at_owner(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let refused = matches!(
        facts.verdict,
        Verdict::Indeterminate {
            reason: Indeterminate::AliasRefused,
            ..
        }
    );
    if notes.has(Code::WrongRecordType) || facts.is_public() && !refused {
        return;
    }
    let told: Vec<_> = facts
        .at_owner()
        .filter(|told| !told.aliases.is_empty())
        .collect();
    let circles: Vec<_> = told
        .iter()
        .copied()
        .filter(|told| matches!(told.says, Says::Circle))
        .collect();
    if let Some(first) = circles.first() {
        let chain = std::iter::once(first.one.question().name());
        let chain = chain.chain(first.aliases.iter().map(|alias| alias.target()));
        let note = notes
            .begin(Rank::Replaced, Code::CnameLoop, Severity::Change)
            .param("chain", Value::Names(chain.cloned().collect()))
            .seen(of(circles.iter().copied()));
        notes.add(note);
    }
    let dangling: Vec<_> = told
        .iter()
        .filter_map(|told| match told.says {
            Says::Absent {
                end,
                kind: AbsenceKind::NxDomain,
                ..
            } => Some((end, *told)),
            _ => None,
        })
        .collect();
    if let Some((end, first)) = dangling.first() {
        let via = first.aliases.iter().map(|alias| alias.target());
        let via: Vec<OwnerName> = via.filter(|name| name != end).cloned().collect();
        let via = Some(via).filter(|via| !via.is_empty());
        let note = notes
            .begin(Rank::Replaced, Code::CnameDangling, Severity::Change)
            .param("target", Value::Name((*end).clone()))
            .maybe("via", via.map(Value::Names))
            .seen(of(dangling.iter().map(|(_, told)| *told)));
        notes.add(note);
    }
    if circles.is_empty() && dangling.is_empty() {
        hidden(notes, &told, refused);
    }
}

/// Whatever is beside an alias is not seen.
fn hidden<'s, 'a: 's>(notes: &mut Notes<'_, 'a>, told: &[&'s Told<'a>], refused: bool) {
    let is_empty = |told: &&&Told<'_>| {
        let ours = |like: &Likeness| !matches!(like, Likeness::Foreign);
        let shows_ours = told.values().any(|(_, like)| ours(like));
        refused && told.proves() || (told.is_definite() || leads_on(told)) && !shows_ours
    };
    let hidden: Vec<_> = told.iter().filter(is_empty).copied().collect();
    let Some(first) = hidden.first() else {
        return;
    };
    let Some(target) = first_target(first) else {
        return;
    };
    let last = first.aliases.last().map(|alias| alias.target());
    let last = last.filter(|last| *last != target);
    let rank = if refused { Rank::Replaced } else { Rank::Alias };
    let note = notes
        .begin(rank, Code::CnameAtOwner, Severity::Change)
        .param("target", Value::Name(target.clone()))
        .maybe("other", last.map(|last| Value::Name(last.clone())))
        .seen(of(hidden));
    notes.add(note);
}

fn leads_on(told: &Told<'_>) -> bool {
    matches!(told.says, Says::Onward(_)) && matches!(told.who, Who::Server(_))
}

/// Records of another type at the owner name, which no wildcard put there.
fn other_types(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let types = facts.other_types();
    let question = |record_type| Question::new(facts.owner().clone(), record_type);
    let answers = |record_type| facts.answers(&question(record_type)).collect::<Vec<_>>();
    if types.is_empty() {
        return;
    }
    let mut judge = Judge::new(facts.inquiry.case);
    let text: Vec<&Observation> = answers(SPF)
        .into_iter()
        .filter(|(_, answer)| holds_token(&mut judge, answer))
        .map(|(one, _)| one)
        .collect();
    let siblings: Vec<bool> = facts
        .sibling()
        .into_iter()
        .flat_map(|name| OTHER_TYPES.map(|record_type| Question::new(name.clone(), record_type)))
        .flat_map(|question| facts.answers(&question).collect::<Vec<_>>())
        .map(|(_, answer)| matches!(answer.outcome(), Outcome::Records(_)))
        .collect();
    if siblings.contains(&true) && text.is_empty() {
        return;
    }
    let (rank, severity) = match (text.is_empty(), siblings.is_empty()) {
        (false, _) => (Rank::Value, Severity::Change),
        (true, false) => (Rank::Type, Severity::Change),
        (true, true) => (Rank::Aside, Severity::Hint),
    };
    let seen = types.iter().flat_map(|record_type| answers(*record_type));
    let seen: Vec<_> = seen.map(|(one, _)| one).collect();
    let note = notes
        .begin(rank, Code::WrongRecordType, severity)
        .param("types", Value::Types(types))
        .seen(seen);
    notes.add(note);
}

/// The type that SPF once had, which panels still offer beside TXT.
const SPF: RecordType = RecordType::from_code(99);

/// Whether a record that is written as TXT records are has the value, or nearly.
fn holds_token(judge: &mut Judge<'_>, answer: &Answer) -> bool {
    let Outcome::Records(records) = answer.outcome() else {
        return false;
    };
    records.iter().any(|record| {
        let like = match record.data() {
            RecordData::Txt(txt) => judge.like(txt.data()),
            RecordData::Other(rdata) => judge.like(Txt::from_rdata(rdata).data()),
            _ => return false,
        };
        matches!(like, Likeness::Proves | Likeness::Disturbed(_))
    })
}

/// An alias that the provider replaced by the addresses of its target.
fn flattened(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let challenge = facts.inquiry.case.challenge;
    let record = challenge.record();
    let pending = matches!(challenge.state(), State::Pending | State::Validated { .. });
    let Ok(target) = OwnerName::parse(record.value()) else {
        return;
    };
    if record.record_type() != RecordType::CNAME || !pending {
        return;
    }
    let addresses = |name: &OwnerName, record_type| {
        let question = Question::new(name.clone(), record_type);
        let answers = facts.answers(&question);
        let mut all: Vec<(&[u8], &Observation)> = Vec::new();
        for (one, answer) in answers {
            let (Outcome::Records(records), []) = (answer.outcome(), answer.aliases()) else {
                continue;
            };
            all.extend(records.iter().filter_map(|record| match record.data() {
                RecordData::Other(octets) => Some((octets.as_slice(), one)),
                _ => None,
            }));
        }
        all
    };
    let set = |all: &[(&[u8], &Observation)]| {
        let mut octets: Vec<Vec<u8>> = all.iter().map(|(octets, _)| octets.to_vec()).collect();
        octets.sort_unstable();
        octets.dedup();
        octets
    };
    for record_type in [RecordType::A, RecordType::AAAA] {
        let (own, theirs) = (
            addresses(facts.owner(), record_type),
            addresses(&target, record_type),
        );
        if own.is_empty() || set(&own) != set(&theirs) {
            continue;
        }
        let note = notes
            .begin(Rank::Replaced, Code::FlattenedCname, Severity::Change)
            .param("target", Value::Name(target.clone()))
            .seen(own.iter().chain(&theirs).map(|(_, one)| *one));
        notes.add(note);
        return;
    }
}
