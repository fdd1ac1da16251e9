//! What stands at the owner name, or somewhere else, instead of the expected value.

use std::collections::{BTreeMap, HashSet};

use super::{Notes, Rank, count, data, is_text};
use crate::diagnose::facts::{Says, Told};
use crate::diagnose::places::{self, Place};
use crate::diagnose::value::{Disturbances, Disturbed, Likeness};
use crate::diagnose::{Code, Origin, Severity, Value};
use crate::dns::Observation;
use crate::name::OwnerName;
use crate::token::TokenFingerprint;

/// One value at one name: what it is, and who saw it. Strangers' values are left out, which may be
/// many.
type Values<'s, 'a> = BTreeMap<(&'a OwnerName, &'a [u8]), (&'s Likeness, Vec<&'a Observation>)>;

fn values<'s, 'a>(told: impl Iterator<Item = &'s Told<'a>>) -> Values<'s, 'a>
where
    'a: 's,
{
    let mut values = Values::new();
    for told in told {
        let Says::Records {
            end, values: all, ..
        } = &told.says
        else {
            continue;
        };
        for (data, like) in all.iter().filter(|(_, like)| *like != Likeness::Foreign) {
            let known = values.entry((*end, *data));
            let (_, seen) = known.or_insert_with(|| (like, Vec::new()));
            seen.push(told.one);
        }
    }
    values
}

/// What stands at the owner name.
pub(super) fn note(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    // Beside the right record, or before a cache has heard of it, the rest is no cause.
    let (cause, severity) = if facts.is_public() {
        (false, Severity::Hint)
    } else {
        (true, Severity::Change)
    };
    for ((found, octets), (like, seen)) in values(facts.at_owner()) {
        match like {
            Likeness::Disturbed(how) => {
                let rank = if cause { Rank::Value } else { Rank::Aside };
                disturbed(notes, rank, severity, found, octets, how, &seen);
            }
            Likeness::Retired { issued_at } => {
                let rank = if cause { Rank::Token } else { Rank::Aside };
                let note = notes
                    .begin(rank, Code::StaleToken, severity)
                    .param("found", Value::Name(found.clone()))
                    .param("data", data(octets))
                    .param("issued_at", Value::Instant(*issued_at))
                    .seen(seen);
                notes.add(note);
            }
            Likeness::Token(fingerprints) => {
                let rank = if cause { Rank::Token } else { Rank::Aside };
                let known = token(notes, rank, severity, found, octets, fingerprints, &seen);
                if !known && cause {
                    let note = notes
                        .begin(Rank::Unknown, Code::UnknownToken, Severity::Change)
                        .param("found", Value::Name(found.clone()))
                        .param("data", data(octets))
                        .seen(seen);
                    notes.add(note);
                }
            }
            Likeness::Proves | Likeness::Foreign => {}
        }
    }
}

/// The record at other names, as long as it is not where it belongs.
pub(super) fn places(notes: &mut Notes<'_, '_>) {
    let facts = notes.facts;
    let is_elsewhere = |told: &Told<'_>| told.one.question().name() != facts.owner();
    if facts.is_public() || !is_text(facts) || !facts.told.iter().any(is_elsewhere) {
        return;
    }
    let challenge = facts.inquiry.case.challenge;
    // What stands at a name that nobody chose stands everywhere.
    let sibling = facts.sibling();
    let sibling = sibling.iter().flat_map(|name| facts.at(name));
    let everywhere: HashSet<&[u8]> = sibling
        .flat_map(|told| told.values().map(|(octets, _)| *octets))
        .collect();
    for (place, name) in places::places(challenge, facts.apex(), &facts.registrable) {
        let direct = facts.at(&name).filter(|told| told.aliases.is_empty());
        let mut here: Vec<&Observation> = Vec::new();
        for ((found, octets), (like, seen)) in values(direct) {
            if everywhere.contains(octets) {
                continue;
            }
            match like {
                Likeness::Proves => here.extend(seen),
                Likeness::Disturbed(how) => {
                    let (rank, severity) = (Rank::ValueElsewhere, Severity::Change);
                    disturbed(notes, rank, severity, found, octets, how, &seen);
                    here.extend(seen);
                }
                // One for another domain or scope may be in its right place.
                Likeness::Token(fingerprints) => {
                    let (rank, severity) = (Rank::ValueElsewhere, Severity::Change);
                    if matches!(origin(notes, fingerprints), Some(Origin::Earlier { .. })) {
                        token(notes, rank, severity, found, octets, fingerprints, &seen);
                        here.extend(seen);
                    }
                }
                Likeness::Retired { .. } | Likeness::Foreign => {}
            }
        }
        if here.is_empty() {
            continue;
        }
        let code = match place {
            Place::Doubled => Code::ZoneNameDoubled,
            Place::Apex => Code::RecordAtApex,
            Place::Wrong => Code::RecordAtWrongName,
        };
        let note = notes
            .begin(Rank::Place, code, Severity::Change)
            .param("found", Value::Name(name.clone()))
            .seen(here);
        notes.add(note);
    }
}

/// A finding for everything that happened to the value.
fn disturbed<'a>(
    notes: &mut Notes<'_, 'a>,
    rank: Rank,
    severity: Severity,
    found: &OwnerName,
    octets: &[u8],
    how: &Disturbed,
    seen: &[&'a Observation],
) {
    const CODES: [(Disturbances, Code); 7] = [
        (Disturbances::QUOTES, Code::QuotesInValue),
        (Disturbances::WHITESPACE, Code::SurroundingWhitespace),
        (Disturbances::INVISIBLE, Code::InvisibleCharacters),
        (Disturbances::CASE, Code::CaseChanged),
        (Disturbances::SPLIT, Code::SplitValueMangled),
        (Disturbances::TRUNCATED, Code::ValueTruncated),
        (Disturbances::EXTRA, Code::ExtraText),
    ];
    for (what, code) in CODES {
        if !how.by.has(what) {
            continue;
        }
        let characters = how
            .characters
            .clone()
            .filter(|_| what == Disturbances::INVISIBLE);
        let length = how.length.filter(|_| what == Disturbances::TRUNCATED);
        let note = notes
            .begin(rank, code, severity)
            .param("found", Value::Name(found.clone()))
            .param("data", data(octets))
            .maybe("characters", characters.map(Value::Text))
            .maybe("length", length.map(|(there, _)| count(there)))
            .maybe("expected", length.map(|(_, expected)| count(expected)))
            .seen(seen.iter().copied());
        notes.add(note);
    }
}

/// The first of these tokens that the store knows.
fn origin<'n>(notes: &Notes<'n, '_>, fingerprints: &[TokenFingerprint]) -> Option<&'n Origin> {
    let history = notes.facts.inquiry.history;
    let mut origins = fingerprints.iter().filter_map(|one| history.origin(one));
    origins.find(|origin| **origin != Origin::Unknown)
}

/// A token that the store knows; whether it does.
fn token<'a>(
    notes: &mut Notes<'_, 'a>,
    rank: Rank,
    severity: Severity,
    found: &OwnerName,
    octets: &[u8],
    fingerprints: &[TokenFingerprint],
    seen: &[&'a Observation],
) -> bool {
    let code = match origin(notes, fingerprints) {
        None | Some(Origin::Unknown) => return false,
        Some(Origin::Earlier { .. }) => Code::StaleToken,
        Some(Origin::Elsewhere { .. }) => Code::TokenForOtherDomain,
        Some(Origin::OtherAccount) => Code::OtherAccountToken,
    };
    let note = notes
        .begin(rank, code, severity)
        .param("found", Value::Name(found.clone()))
        .param("data", data(octets));
    let note = match origin(notes, fingerprints) {
        Some(Origin::Earlier { issued_at }) => note.param("issued_at", Value::Instant(*issued_at)),
        Some(Origin::Elsewhere {
            domain,
            scope,
            issued_at,
        }) => note
            .param("other", Value::Text(domain.as_str().to_owned()))
            .param("scope", Value::Text(scope.as_str().to_owned()))
            .param("issued_at", Value::Instant(*issued_at)),
        _ => note,
    };
    notes.add(note.seen(seen.iter().copied()));
    true
}
