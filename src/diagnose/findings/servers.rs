//! What the zone's own servers show, and what caches and other views make of it.

use time::{Duration, UtcDateTime};

use super::{Notes, Rank, count, names, of};
use crate::diagnose::facts::{Facts, Says, Told, Who};
use crate::diagnose::{Code, Severity, Value};
use crate::dns::{LookupFailure, NameServer};
use crate::name::OwnerName;
use crate::providers::{self, Provider};

/// How soon servers that disagree are worth another look.
const SPREADING: Duration = Duration::MINUTE;

pub(super) fn note(notes: &mut Notes<'_, '_>) {
    disagreement(notes);
    cached(notes);
    lame(notes);
    wrong_provider(notes);
    private_view(notes);
}

/// What only the application's hints tell, where nothing else explains it.
pub(super) fn hinted(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let hints = facts.inquiry.hints;
    if notes.explains() || facts.is_public() || !facts.at_owner().any(Told::denies) {
        return;
    }
    let edited = hints.edited_at.as_deref().and_then(providers::find);
    let servers = delegated(facts);
    let here = providers::of_servers(servers);
    let serves = |one: &Provider| servers.iter().any(|server| one.serves(server));
    match (edited, here) {
        (Some(edited), Some(here)) if edited.id != here.id => {
            wrong(notes, (Rank::Told, Severity::Change), Some(edited), &[]);
        }
        // Servers of nobody's name may be the provider's all the same.
        (Some(edited), None) if !servers.is_empty() && !serves(edited) => {
            wrong(notes, (Rank::Aside, Severity::Hint), Some(edited), &[]);
        }
        _ => {}
    }
    if hints.visible_inside {
        let note = notes.begin(Rank::Told, Code::SplitHorizon, Severity::Change);
        notes.add(note);
    }
}

/// Some servers have it, and some not.
fn disagreement(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let definite = || facts.servers().filter(|(_, told)| told.is_definite());
    // What a server said before it was asked again is over.
    let is_over = |server: &NameServer, told: &Told<'_>| {
        definite().any(|(who, later)| {
            who.name() == server.name()
                && later.one.question() == told.one.question()
                && later.one.finished_at() > told.one.finished_at()
        })
    };
    let told: Vec<_> = definite()
        .filter(|(server, told)| !is_over(server, told))
        .collect();
    // The right record, or, where nobody has that, what somebody meant to be it.
    let right = told.iter().any(|(_, told)| told.proves());
    let has = |told: &Told<'_>| {
        if right {
            told.proves()
        } else {
            told.shows_ours()
        }
    };
    let which = |wanted: bool| {
        let those = told.iter().filter(|(_, told)| has(told) == wanted);
        names(those.map(|(server, _)| server.name()))
    };
    let (have, lack) = (which(true), which(false));
    if have.is_empty() || lack.is_empty() {
        return;
    }
    let rank = if right { Rank::Spreading } else { Rank::Aside };
    let serials: Vec<u32> = told
        .iter()
        .filter_map(|(server, told)| serial(facts, server, told))
        .collect();
    let newest = serials
        .iter()
        .copied()
        .reduce(|a, b| if is_newer(b, a) { b } else { a });
    let oldest = serials
        .iter()
        .copied()
        .reduce(|a, b| if is_newer(a, b) { b } else { a });
    let soon = facts.inquiry.now.checked_add(SPREADING);
    let next = [facts.inquiry.next_check_at, soon]
        .into_iter()
        .flatten()
        .min();
    let note = notes
        .begin(rank, Code::NameserversDisagree, Severity::Wait)
        .param("have", Value::Names(have))
        .param("lack", Value::Names(lack))
        .maybe("newest", newest.map(|serial| Value::Count(serial.into())))
        .maybe("oldest", oldest.map(|serial| Value::Count(serial.into())))
        .seen(of(told.iter().map(|(_, told)| *told)))
        .next(next);
    notes.add(note);
}

/// The serial number of a server's copy of the zone, as it said it, then or when it was asked, or as
/// its denial shows.
fn serial(facts: &Facts<'_>, server: &NameServer, told: &Told<'_>) -> Option<u32> {
    let denied = match told.says {
        Says::Absent { soa, .. } => Some(soa.serial()),
        _ => None,
    };
    let said = || {
        let all = facts.seen.iter().filter_map(|one| one.server());
        let mut same = all.filter(|one| one.name() == server.name() && one.zone() == server.zone());
        same.find_map(NameServer::serial)
    };
    server.serial().or(denied).or_else(said)
}

/// By the arithmetic of serial numbers (RFC 1982 §3.2).
fn is_newer(a: u32, b: u32) -> bool {
    a != b && a.wrapping_sub(b) < 1 << 31
}

/// The record is published, and caches deny it still.
fn cached(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let cached = facts
        .at_owner()
        .filter(|told| matches!(told.who, Who::Resolver | Who::Private) && told.denies());
    let holders: Vec<(&Told<'_>, UtcDateTime)> = cached
        .filter_map(|told| Some((told, forgets_at(told)?)))
        .collect();
    let until = holders.iter().map(|(_, until)| *until).max();
    let (true, Some(until)) = (facts.is_public(), until) else {
        return;
    };
    let now = facts.inquiry.now;
    if until <= now && notes.has(Code::NameserversDisagree) {
        // Whoever denies it has asked a server that lacks it.
        return;
    }
    let left = std::time::Duration::try_from(until - now).unwrap_or_default();
    let mut who: Vec<_> = holders
        .iter()
        .map(|(told, _)| told.one.perspective())
        .collect();
    who.sort_unstable();
    who.dedup();
    let next = facts.inquiry.next_check_at;
    let note = notes
        .begin(Rank::Cached, Code::NegativeCached, Severity::Wait)
        .param("until", Value::Instant(until))
        .param("left", Value::Duration(left))
        .param("holders", count(who.len()))
        .seen(of(facts.at_owner().filter(|told| told.proves())))
        .seen(of(holders.iter().map(|(told, _)| *told)))
        .next(Some(next.map_or(until, |next| next.max(until))));
    notes.add(note);
}

/// Until when a resolver can hold what it said: a denial for as long as the SOA says (L-02), other
/// records for their time to live.
fn forgets_at(told: &Told<'_>) -> Option<UtcDateTime> {
    let held = match &told.says {
        Says::Absent { soa, .. } => Duration::try_from(soa.negative_ttl()).ok()?,
        Says::Records { ttl, .. } => Duration::seconds(i64::from(*ttl)),
        _ => return None,
    };
    let until = told.one.finished_at().checked_add(held);
    Some(until.unwrap_or(UtcDateTime::MAX))
}

/// Servers that the zone is delegated to and that do not serve it.
fn lame(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let serves = |told: &Told<'_>| told.is_definite() || matches!(told.says, Says::Onward(_));
    let fails = |told: &Told<'_>| match told.says {
        Says::NotAuthoritative => true,
        Says::Failed(why) => !is_ours(why) && !matches!(why, LookupFailure::Bogus { .. }),
        _ => false,
    };
    let fine = names(
        facts
            .servers()
            .filter(|(_, told)| serves(told))
            .map(|(who, _)| who.name()),
    );
    let failing: Vec<_> = facts
        .servers()
        .filter(|(who, told)| fails(told) && !fine.contains(who.name()))
        .collect();
    // Where all fail, silence says nothing about the delegation.
    let failing: Vec<_> = if fine.is_empty() {
        let refuse = failing.into_iter().filter(|(_, told)| refuses(told));
        refuse.collect()
    } else {
        failing
    };
    if failing.is_empty() {
        return;
    }
    let lame = names(failing.iter().map(|(who, _)| who.name()));
    // No proof without half of the servers (S-2), and resolvers may meet any of them.
    let too_few = fine.len() < lame.len();
    let cause = too_few || !facts.at_owner().any(Told::denies);
    let (rank, severity) = if cause {
        (Rank::Spreading, Severity::Change)
    } else {
        (Rank::Aside, Severity::Hint)
    };
    let failure = failing.iter().find_map(|(_, told)| told.failure());
    let note = notes
        .begin(rank, Code::LameDelegation, severity)
        .param("lame", Value::Names(lame))
        .maybe("failure", failure.map(|why| Value::Failure(why.clone())))
        .maybe(
            "fine",
            Some(fine).filter(|fine| !fine.is_empty()).map(Value::Names),
        )
        .seen(of(failing.iter().map(|(_, told)| *told)));
    notes.add(note);
}

/// Whether a server says that the zone is none of its own (RCODE REFUSED or NOTAUTH, no AA bit, or
/// a referral upwards).
pub(super) fn refuses(told: &Told<'_>) -> bool {
    match told.says {
        Says::NotAuthoritative => true,
        Says::Failed(why) => matches!(
            why,
            LookupFailure::Server { rcode: 5 | 9, .. } | LookupFailure::Referral
        ),
        _ => false,
    }
}

/// A failure that is not the DNS's.
pub(super) fn is_ours(failure: &LookupFailure) -> bool {
    matches!(
        failure,
        LookupFailure::Throttled
            | LookupFailure::BudgetExhausted
            | LookupFailure::Unheard
            | LookupFailure::Unsupported
            | LookupFailure::Certificate
            | LookupFailure::Other
    )
}

/// The servers that the zone is delegated to, as far as they are known.
fn delegated<'f>(facts: &'f Facts<'_>) -> &'f [OwnerName] {
    facts.zone.as_ref().map_or(&[], |zone| zone.servers())
}

/// The record is at servers that the zone is not delegated to.
fn wrong_provider(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let elsewhere = |told: &&Told<'_>| {
        let here = told.one.question().name() == facts.owner();
        here && told.proves() && matches!(told.who, Who::Elsewhere(_))
    };
    let told: Vec<_> = facts.told.iter().filter(elsewhere).collect();
    if facts.is_public() || told.is_empty() {
        return;
    }
    let servers = names(told.iter().filter_map(|told| match told.who {
        Who::Elsewhere(server) => Some(server.name()),
        _ => None,
    }));
    let edited = facts.inquiry.hints.edited_at.as_deref();
    let edited = edited.and_then(providers::find);
    let edited = edited.or_else(|| providers::of_servers(&servers));
    let weight = (Rank::Spreading, Severity::Change);
    wrong(notes, weight, edited, &told);
}

fn wrong<'a>(
    notes: &mut Notes<'_, 'a>,
    (rank, severity): (Rank, Severity),
    edited: Option<&Provider>,
    told: &[&Told<'a>],
) {
    let servers = delegated(notes.facts);
    let here = providers::of_servers(servers);
    let elsewhere = names(told.iter().filter_map(|told| match told.who {
        Who::Elsewhere(server) => Some(server.name()),
        _ => None,
    }));
    let elsewhere = Some(elsewhere).filter(|names| !names.is_empty());
    let note = notes
        .begin(rank, Code::WrongProvider, severity)
        .param("servers", Value::Names(servers.to_vec()))
        .maybe("provider", here.map(|one| Value::Text(one.name.to_owned())))
        .maybe("edited", edited.map(|one| Value::Text(one.name.to_owned())))
        .maybe("elsewhere", elsewhere.map(Value::Names))
        .seen(of(told.iter().copied()));
    notes.add(note);
}

/// Only a view of nobody's shows it.
fn private_view(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let private = |told: &&Told<'_>| told.proves() && told.who == Who::Private;
    let inside: Vec<_> = facts.at_owner().filter(private).collect();
    let open = |told: &Told<'_>| told.proves() && told.who != Who::Private;
    let Some(first) = inside.first().copied() else {
        return;
    };
    if facts.at_owner().any(open) || !facts.at_owner().any(Told::denies) {
        return;
    }
    let who = first.one.perspective().as_str().to_owned();
    let note = notes
        .begin(Rank::Spreading, Code::SplitHorizon, Severity::Change)
        .param("inside", Value::Text(who))
        .seen(of(inside));
    notes.add(note);
}
