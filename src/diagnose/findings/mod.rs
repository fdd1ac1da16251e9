//! What is wrong, by all that is known.
//!
//! Each file has the findings of one kind. All that are present are noted, each with its
//! [`Rank`]; the order of the ranks makes the first one the cause.

mod absence;
mod aliases;
mod failures;
mod servers;
mod state;
mod values;

use time::UtcDateTime;

use super::facts::{Facts, Told};
use super::finding::{Param, Seen, Value};
use super::{Code, Finding, Inquiry, Severity};
use crate::dns::{Observation, RecordType};
use crate::name::OwnerName;
use crate::providers;

/// The most findings of one diagnosis.
const MAX_FINDINGS: usize = 16;

/// The most places where one thing was seen that are told.
const MAX_SEEN: usize = 8;

/// The most octets of a foreign record that a finding keeps.
const MAX_DATA: usize = 512;

/// How near to the cause a finding is, the cause first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The challenge itself.
    State,
    /// The way to the zone: nothing behind it can be right.
    Way,
    /// Something else answers at the owner name.
    Replaced,
    /// The servers do not show the record that is there.
    Spreading,
    /// Caches do not know it yet.
    Cached,
    /// What stands at the owner name is not right.
    Value,
    /// A token of before.
    Token,
    /// The owner name leads elsewhere.
    Alias,
    /// It is at another name.
    Place,
    /// What stands at the other name is not right either.
    ValueElsewhere,
    /// It is of another type.
    Type,
    /// Something that nobody knows is in its place.
    Unknown,
    /// It may be in another zone, or another view of it.
    Told,
    /// It was there.
    Removed,
    /// Nobody could say anything.
    Failure,
    /// What resolvers make of it.
    Echo,
    /// Nothing is there.
    Absent,
    /// Not the cause, or perhaps not.
    Aside,
}

/// What is wrong, the likeliest cause first; nothing for a proven challenge.
///
/// At most 16 findings; the same inquiry always has the same, in whatever order its observations
/// stand. Nothing is decided by them: [`Inquiry::verdict`] is not changed by what a diagnosis saw.
/// These are the operator's findings, with everything that is known. What a tenant may see is for
/// [`Diagnosis::for_tenant`](super::Diagnosis::for_tenant) to say (S-17).
///
/// # When the next look can show a change
///
/// Every finding has the instant at which the application looks by itself, as the inquiry
/// [says](Inquiry::next_check_at), and none where nobody does. Three differ from that:
///
/// | Code | Next look |
/// |---|---|
/// | [`NegativeCached`](Code::NegativeCached) | not before the caches forget: the later of the two |
/// | [`NameserversDisagree`](Code::NameserversDisagree) | in a minute, if that is sooner: servers follow each other within minutes |
/// | [`ChallengeExpired`](Code::ChallengeExpired), [`ChallengeClosed`](Code::ChallengeClosed), [`ProofEnded`](Code::ProofEnded), [`DomainRefused`](Code::DomainRefused), [`UnknownFormat`](Code::UnknownFormat) | none: no look can show anything |
///
/// No look is later than the end of the challenge.
#[must_use]
pub fn findings(inquiry: &Inquiry<'_>) -> Vec<Finding> {
    found(&Facts::of(inquiry))
}

/// The same by facts that were read already.
pub(super) fn found(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.verdict.is_validated() {
        return Vec::new();
    }
    let mut notes = Notes {
        facts,
        notes: Vec::new(),
    };
    if !state::note(&mut notes) {
        values::note(&mut notes);
        values::places(&mut notes);
        servers::note(&mut notes);
        aliases::note(&mut notes);
        failures::note(&mut notes);
        servers::hinted(&mut notes);
        absence::note(&mut notes);
    }
    notes.ranked()
}

/// The findings until now.
struct Notes<'f, 'a> {
    facts: &'f Facts<'a>,
    notes: Vec<(Rank, Finding)>,
}

/// One that is being made.
struct Note<'a> {
    rank: Rank,
    code: Code,
    severity: Severity,
    params: Vec<Param>,
    seen: Vec<&'a Observation>,
    next: Option<UtcDateTime>,
}

impl<'a> Note<'a> {
    fn param(mut self, key: &'static str, value: Value) -> Self {
        self.params.push(Param { key, value });
        self
    }

    /// The same, where it is known.
    fn maybe(self, key: &'static str, value: Option<Value>) -> Self {
        match value {
            Some(value) => self.param(key, value),
            None => self,
        }
    }

    fn seen(mut self, seen: impl IntoIterator<Item = &'a Observation>) -> Self {
        self.seen.extend(seen);
        self
    }

    fn next(self, next: Option<UtcDateTime>) -> Self {
        Self { next, ..self }
    }
}

impl<'f, 'a> Notes<'f, 'a> {
    fn begin(&self, rank: Rank, code: Code, severity: Severity) -> Note<'a> {
        Note {
            rank,
            code,
            severity,
            params: self.common(),
            seen: Vec::new(),
            next: self.facts.inquiry.next_check_at,
        }
    }

    fn add(&mut self, note: Note<'a>) {
        // So many stand before it already: it would not be told.
        let before = self
            .notes
            .iter()
            .filter(|(rank, finding)| (*rank, finding.code) == (note.rank, note.code));
        if before.count() >= MAX_FINDINGS {
            return;
        }
        let mut seen: Vec<Seen> = Vec::new();
        for one in note.seen.into_iter().map(Seen::of) {
            if seen.len() >= MAX_SEEN {
                break;
            }
            if !seen.contains(&one) {
                seen.push(one);
            }
        }
        let expires_at = self.facts.inquiry.case.challenge.expires_at();
        let finding = Finding {
            code: note.code,
            severity: note.severity,
            params: note.params,
            seen,
            next_check_at: note.next.map(|next| next.min(expires_at)),
        };
        if self.notes.iter().all(|(_, known)| *known != finding) {
            self.notes.push((note.rank, finding));
        }
    }

    /// What every finding says first.
    fn common(&self) -> Vec<Param> {
        let facts = self.facts;
        let record = facts.inquiry.case.challenge.record();
        let host = host(record.owner(), facts.apex());
        // As many again are added for most codes.
        let mut params = Vec::with_capacity(10);
        let common = [
            ("owner", Value::Name(record.owner().clone())),
            ("zone", Value::Name(facts.apex().clone())),
            ("host", Value::Text(host)),
            ("type", Value::Type(record.record_type())),
            ("value", Value::Text(record.value().to_owned())),
        ];
        params.extend(common.map(|(key, value)| Param { key, value }));
        params
    }

    /// Whether something else than nothing was found.
    fn explains(&self) -> bool {
        self.notes.iter().any(|(rank, _)| *rank < Rank::Absent)
    }

    fn has(&self, code: Code) -> bool {
        self.notes.iter().any(|(_, finding)| finding.code == code)
    }

    fn ranked(self) -> Vec<Finding> {
        let mut notes = self.notes;
        // Stable: within a rank and a code, in the order of what was seen.
        notes.sort_by_key(|(rank, finding)| (*rank, finding.code));
        let findings = notes.into_iter().map(|(_, finding)| finding);
        findings.take(MAX_FINDINGS).collect()
    }

    /// The name servers of the zone, and whose they are.
    fn with_servers(&self, note: Note<'a>) -> Note<'a> {
        let servers = self.facts.zone.as_ref().map(|zone| zone.servers());
        let servers = servers.filter(|servers| !servers.is_empty());
        let provider = servers.and_then(providers::of_servers);
        note.maybe("servers", servers.map(|names| Value::Names(names.to_vec())))
            .maybe(
                "provider",
                provider.map(|one| Value::Text(one.name.to_owned())),
            )
    }
}

/// What goes into the host field of a panel that appends the zone.
fn host(owner: &OwnerName, apex: &OwnerName) -> String {
    let below = owner.labels().count().saturating_sub(apex.labels().count());
    let Some(last) = below.checked_sub(1) else {
        return "@".to_owned();
    };
    // A dot within a label is shown by its number.
    let mut shown = owner.to_string();
    let end = shown.match_indices('.').nth(last).map(|(end, _)| end);
    shown.truncate(end.unwrap_or(shown.len()));
    shown
}

/// Foreign octets, as many as a finding keeps.
fn data(octets: &[u8]) -> Value {
    Value::Data(octets.get(..MAX_DATA).unwrap_or(octets).to_vec())
}

fn count(number: usize) -> Value {
    Value::Count(u64::try_from(number).unwrap_or(u64::MAX))
}

fn names<'n>(names: impl IntoIterator<Item = &'n OwnerName>) -> Vec<OwnerName> {
    let mut names: Vec<OwnerName> = names.into_iter().cloned().collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn of<'s, 'a: 's>(told: impl IntoIterator<Item = &'s Told<'a>>) -> Vec<&'a Observation> {
    told.into_iter().map(|told| told.one).collect()
}

/// Whether the record is one whose text can be judged.
fn is_text(facts: &Facts<'_>) -> bool {
    facts.inquiry.case.challenge.record().record_type() == RecordType::TXT
}
