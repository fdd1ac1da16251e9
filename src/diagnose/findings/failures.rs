//! Why somebody could not say anything.

use super::servers::{is_ours, refuses};
use super::{Notes, Rank, count, of};
use crate::diagnose::facts::{Facts, Says, Told, Who};
use crate::diagnose::{Code, Severity, Value};
use crate::dns::{
    AbsenceKind, Answer, ExtendedError, LookupFailure, NameServer, Observation, Outcome, Purpose,
};
use crate::evaluate::{Indeterminate, Verdict};

pub(super) fn note(notes: &mut Notes<'_, '_>) {
    bogus(notes);
    filtered(notes);
    misplaced(notes);
    failed(notes);
}

/// What the failures of those who do not answer are for a verdict.
fn weight(notes: &Notes<'_, '_>) -> (Rank, Severity) {
    let facts = notes.facts;
    let waits = matches!(
        facts.verdict,
        Verdict::Indeterminate {
            reason: Indeterminate::NotCorroborated
                | Indeterminate::Unconfirmed
                | Indeterminate::LookupFailed
                | Indeterminate::TooLarge
                | Indeterminate::Truncated
                | Indeterminate::WildcardUnknown
                | Indeterminate::TooFewRegions,
            ..
        }
    );
    if !facts.is_definite() {
        (Rank::Failure, Severity::Wait)
    } else if facts.is_public() && waits && !facts.at_owner().any(Told::denies) {
        (Rank::Spreading, Severity::Wait)
    } else {
        (Rank::Aside, Severity::Hint)
    }
}

/// The signatures are wrong: a validator says so, or answers as soon as it is told not to check.
fn bogus(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    if facts.at_owner().all(|told| told.failure().is_none()) {
        return;
    }
    let resolvers: Vec<_> = facts
        .at_owner()
        .filter(|told| !matches!(told.who, Who::Server(_)))
        .collect();
    // One that fails for everybody, or for this one resolver: another's trouble shows nothing.
    let all_fail = resolvers.iter().all(|told| is_servfail(told));
    // Nor does trouble that went away by itself.
    let recovers = |who: &Observation| {
        let mut again = resolvers.iter().map(|told| told.one);
        again.any(|one| {
            one.purpose() == Purpose::Diagnosis
                && one.question() == who.question()
                && one.perspective() == who.perspective()
                && one.result().is_ok()
        })
    };
    let answers_unchecked = |told: &Told<'_>| {
        facts.unchecked.iter().any(|one| {
            one.question() == told.one.question()
                && one.result().is_ok()
                && (all_fail || one.perspective() == told.one.perspective())
                && !recovers(one)
        })
    };
    let bogus: Vec<_> = facts
        .at_owner()
        .filter(|told| match told.failure() {
            Some(LookupFailure::Bogus { .. }) => true,
            Some(LookupFailure::Server { extended, .. }) if extended.iter().any(is_dnssec) => true,
            _ => {
                is_servfail(told) && !matches!(told.who, Who::Server(_)) && answers_unchecked(told)
            }
        })
        .collect();
    if bogus.is_empty() {
        return;
    }
    // The one that explains most.
    let explained = |told: &&Told<'_>| told.failure().is_some_and(|why| !extended(why).is_empty());
    let first = bogus.iter().copied().find(explained);
    let first = first.or_else(|| bogus.first().copied());
    let failure = first.and_then(Told::failure);
    let unchecked = facts.unchecked.iter().copied();
    let unchecked = unchecked.filter(|one| one.question().name() == facts.owner());
    let note = notes
        .begin(Rank::Way, Code::DnssecBogus, Severity::Change)
        .maybe("failure", failure.map(|why| Value::Failure(why.clone())))
        .seen(of(bogus))
        .seen(unchecked);
    notes.add(note);
}

fn extended(failure: &LookupFailure) -> &[ExtendedError] {
    match failure {
        LookupFailure::Server { extended, .. } | LookupFailure::Bogus { extended } => extended,
        _ => &[],
    }
}

/// An extended error that says that the signatures are wrong (RFC 8914 §4.7 to 4.13, and 25).
fn is_dnssec(error: &ExtendedError) -> bool {
    matches!(error.code(), 6..=12 | 25)
}

fn is_servfail(told: &Told<'_>) -> bool {
    matches!(told.failure(), Some(LookupFailure::Server { rcode: 2, .. }))
}

/// A resolver blocks the name, or denies it without anybody's word.
fn filtered(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let blocks = |why: &LookupFailure| extended(why).iter().any(ExtendedError::is_filtered);
    let those: Vec<_> = facts
        .at_owner()
        .filter(|told| match &told.says {
            Says::Filtered(_) => true,
            Says::Unfounded => !matches!(told.who, Who::Server(_)),
            Says::Failed(why) => blocks(why),
            _ => false,
        })
        .collect();
    if those.is_empty() {
        return;
    }
    let failure = those.iter().find_map(|told| match &told.says {
        Says::Filtered(answer) => Some(as_failure(answer)),
        Says::Failed(why) => Some((*why).clone()),
        _ => None,
    });
    let (rank, severity) = match weight(notes) {
        (Rank::Failure, _) => (Rank::Failure, Severity::Change),
        other => other,
    };
    let note = notes
        .begin(rank, Code::AnswerFiltered, severity)
        .maybe("failure", failure.map(Value::Failure))
        .param("perspectives", count(those.len()))
        .seen(of(those));
    notes.add(note);
}

/// Somebody denies the record by a zone that does not have it: no filter, but a server that has the
/// wrong zone, whoever passes its answer on.
fn misplaced(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let those: Vec<_> = facts
        .at_owner()
        .filter_map(|told| match told.says {
            Says::Misplaced(soa) => Some((soa, told)),
            _ => None,
        })
        .collect();
    let Some((soa, first)) = those.first() else {
        return;
    };
    let asked = Some(first.one.question().name()).filter(|asked| *asked != facts.owner());
    let led = first.aliases.last().map(|alias| alias.target());
    let (rank, severity) = match weight(notes) {
        (Rank::Failure, _) => (Rank::Failure, Severity::Change),
        other => other,
    };
    let note = notes
        .begin(rank, Code::WrongZone, severity)
        .param("shown", Value::Name(soa.owner().clone()))
        .param("count", count(those.len()))
        .maybe("at", led.or(asked).map(|name| Value::Name(name.clone())))
        .seen(of(those.iter().map(|(_, told)| *told)));
    notes.add(note);
}

/// An answer that came with extended errors, as the failure that it amounts to.
fn as_failure(answer: &Answer) -> LookupFailure {
    let rcode = match answer.outcome() {
        Outcome::Absent(absence) if absence.kind() == AbsenceKind::NxDomain => 3,
        _ => 0,
    };
    let extended = answer.extended_errors().to_vec();
    LookupFailure::Server { rcode, extended }
}

/// Servers that failed in other ways, one finding for each.
fn failed(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let mut kinds: Vec<(Code, LookupFailure, Vec<&Told<'_>>)> = Vec::new();
    let is_lame = notes.has(Code::LameDelegation);
    let servers_answer = is_lame && facts.servers().any(|(_, told)| told.is_definite());
    // What a resolver makes of wrong signatures, of a circle, or of servers that refuse.
    let is_echo =
        notes.has(Code::DnssecBogus) || notes.has(Code::CnameLoop) || is_lame && !servers_answer;
    // Who keeps the domain from us keeps its servers from us too.
    let is_unknown = facts.denied_above().is_some() || notes.has(Code::AnswerFiltered);
    for told in facts.at_owner().chain(probes(facts)) {
        // Told already: one server of several, what a validator makes of wrong signatures, and that
        // a domain that nobody knows has no servers.
        let is_server = matches!(told.who, Who::Server(_));
        let has_none = told.failure() == Some(&LookupFailure::NotDelegated);
        let is_told = servers_answer && is_server
            || is_lame && is_server && refuses(told)
            || is_echo && is_servfail(told)
            || is_unknown && has_none
            || is_server && answers_by_now(facts, told);
        if is_told {
            continue;
        }
        let (code, failure) = match &told.says {
            Says::Failed(why) => match code(why) {
                Some(code) => (code, (*why).clone()),
                None => continue,
            },
            Says::Stale(answer) => (Code::ServerFailure, as_failure(answer)),
            Says::NotAuthoritative => (Code::ServerFailure, LookupFailure::Referral),
            _ => continue,
        };
        match kinds.iter_mut().find(|(known, _, _)| *known == code) {
            Some((_, _, all)) => all.push(told),
            None => kinds.push((code, failure, vec![told])),
        }
    }
    let (weight, severity) = weight(notes);
    let of_zone = |told: &&Told<'_>| matches!(told.who, Who::Server(_) | Who::Zone);
    let zone_fails = kinds.iter().any(|(_, _, told)| told.iter().any(of_zone));
    for (code, failure, told) in kinds {
        // Where the zone's servers fail, resolvers fail because of that.
        let echo = weight == Rank::Failure && zone_fails && !told.iter().any(of_zone);
        // Waiting makes no answer smaller.
        let severity = match (code, severity) {
            (Code::AnswerTooLarge, Severity::Wait) => Severity::Change,
            (_, severity) => severity,
        };
        let rank = if echo { Rank::Echo } else { weight };
        let at = match &failure {
            LookupFailure::BrokenChain { at } => Some(at.clone()),
            _ => {
                let asked = told.first().map(|told| told.one.question().name().clone());
                asked.filter(|asked| asked != facts.owner())
            }
        };
        let note = notes
            .begin(rank, code, severity)
            .param("failure", Value::Failure(failure))
            .maybe("at", at.map(Value::Name))
            .seen(of(told));
        notes.add(note);
    }
}

/// Whether a server of the zone that failed has answered the same when it was asked again.
fn answers_by_now(facts: &Facts<'_>, told: &Told<'_>) -> bool {
    let name = told.one.server().map(NameServer::name);
    facts.servers().any(|(server, later)| {
        Some(server.name()) == name
            && later.is_definite()
            && later.one.question() == told.one.question()
            && later.one.purpose() == Purpose::Diagnosis
    })
}

/// The probes for wildcards, where nothing else is wanting for a proof.
fn probes<'s, 'a>(facts: &'s Facts<'a>) -> impl Iterator<Item = &'s Told<'a>> {
    let wanting = matches!(
        facts.verdict,
        Verdict::Indeterminate {
            reason: Indeterminate::WildcardUnknown,
            ..
        }
    );
    let probes = facts.told.iter().filter(move |_| wanting);
    probes.filter(|told| told.one.purpose() == Purpose::WildcardProbe)
}

/// The code of a failure that has no finding of its own.
fn code(failure: &LookupFailure) -> Option<Code> {
    let errors = extended(failure);
    if errors
        .iter()
        .any(|error| is_dnssec(error) || error.is_filtered())
    {
        return None;
    }
    match failure {
        LookupFailure::Bogus { .. } | LookupFailure::UnverifiedWildcard => None,
        LookupFailure::Timeout | LookupFailure::Transport => Some(Code::Timeout),
        LookupFailure::Server { rcode: 5, .. } => Some(Code::Refused),
        LookupFailure::Truncated => Some(Code::TruncatedNoTcp),
        LookupFailure::TooLarge => Some(Code::AnswerTooLarge),
        ours if is_ours(ours) => None,
        _ => Some(Code::ServerFailure),
    }
}
