//! What to find out next.

use super::facts::{Facts, Says, Told};
use super::places::places;
use super::value::Likeness;
use super::{Inquiry, MAX_PER_SERVER, MAX_QUESTIONS, MAX_ROUNDS, MAX_SERVERS, MAX_TOKENS, Probe};
use crate::challenge::State;
use crate::dns::{AbsenceKind, LookupFailure, Observation, Purpose, Question, RecordType};
use crate::evaluate::{Indeterminate, Rejected, Verdict};
use crate::name::OwnerName;
use crate::token::TokenFingerprint;

/// The types that people choose instead of TXT: addresses, mail, and the record type that SPF once
/// had (99).
pub(super) const OTHER_TYPES: [RecordType; 4] = [
    RecordType::A,
    RecordType::AAAA,
    RecordType::from_code(99),
    RecordType::from_code(15),
];

/// The places that are looked at in the first round; the rest follows when none of them has it.
const FIRST_PLACES: usize = 6;

/// What to find out next; nothing when what can be known is known, or the bounds are reached.
///
/// The same inquiry always has the same plan, in whatever order its observations stand. A probe is
/// planned once, and not at all where the observations show already what it would find.
#[must_use]
pub fn plan(inquiry: &Inquiry<'_>) -> Vec<Probe> {
    if inquiry.rounds >= MAX_ROUNDS || inquiry.lapsed().is_some() {
        return Vec::new();
    }
    let facts = Facts::of(inquiry);
    let mut plan = Plan::new(&facts);
    let challenge = inquiry.case.challenge;
    let record = challenge.question();
    match (challenge.state(), facts.verdict) {
        (State::Cancelled { .. } | State::Ended { .. }, _)
        | (_, Verdict::Validated { .. })
        | (
            State::Pending,
            Verdict::Rejected {
                reason: Rejected::Suffix,
                ..
            }
            // No look mends a clock.
            | Verdict::Indeterminate {
                reason: Indeterminate::ClockSkew,
                ..
            },
        ) => {}
        // Whether it was right all the same.
        (State::Expired { .. }, _)
        | (
            State::Pending,
            Verdict::Rejected {
                reason: Rejected::Expired,
                ..
            },
        ) => plan.resolver(record),
        (State::Validated { .. } | State::Pending, _) => plan.search(record),
    }
    plan.probes
}

/// Probes within the bounds.
struct Plan<'f, 'a> {
    facts: &'f Facts<'a>,
    probes: Vec<Probe>,
    questions: usize,
    servers: usize,
    tokens: usize,
}

impl<'f, 'a> Plan<'f, 'a> {
    fn new(facts: &'f Facts<'a>) -> Self {
        let mut plan = Self {
            facts,
            probes: Vec::new(),
            questions: MAX_QUESTIONS,
            servers: MAX_PER_SERVER,
            tokens: MAX_TOKENS,
        };
        for probe in facts.inquiry.asked {
            let left = plan.left(probe);
            *left = left.saturating_sub(1);
        }
        plan
    }

    /// How many more of its kind there may be.
    fn left(&mut self, probe: &Probe) -> &mut usize {
        match probe {
            Probe::Resolver(_) | Probe::Unchecked(_) => &mut self.questions,
            Probe::Delegated(_) | Probe::Servers { .. } => &mut self.servers,
            Probe::Token(_) => &mut self.tokens,
        }
    }

    fn add(&mut self, probe: Probe) {
        let is_new = !self.facts.inquiry.asked.contains(&probe) && !self.probes.contains(&probe);
        let left = self.left(&probe);
        if is_new && *left > 0 {
            *left = left.saturating_sub(1);
            self.probes.push(probe);
        }
    }

    fn resolver(&mut self, question: Question) {
        let mut seen = self.facts.seen.iter();
        let known = seen.any(|one| one.server().is_none() && *one.question() == question);
        if !known {
            self.add(Probe::Resolver(question));
        }
    }

    fn delegated(&mut self, question: Question) {
        let seen = self.facts.seen.iter();
        let asked = seen.filter(|one| one.server().is_some() && *one.question() == question);
        // One that kept silent may only have been slow.
        let silent = |one: &&Observation| {
            let failure = one.result().err();
            matches!(
                failure,
                Some(LookupFailure::Timeout | LookupFailure::Transport)
            )
        };
        let known: Vec<&Observation> = asked.copied().collect();
        if known.is_empty() || known.iter().any(silent) {
            self.add(Probe::Delegated(question));
        }
    }

    fn token(&mut self, fingerprint: TokenFingerprint) {
        if self.facts.inquiry.history.origin(&fingerprint).is_none() {
            self.add(Probe::Token(fingerprint));
        }
    }

    fn search(&mut self, record: Question) {
        let facts = self.facts;
        self.resolver(record.clone());
        self.tokens();
        let fails = |told: &Told<'_>| {
            let failure = told.failure();
            failure.is_some_and(|why| {
                matches!(
                    why,
                    LookupFailure::Server { rcode: 2, .. } | LookupFailure::Bogus { .. }
                )
            })
        };
        if facts.at_owner().any(fails) {
            self.add(Probe::Unchecked(record.clone()));
            // It may fail no more, checked or not.
            if facts.unchecked.iter().any(|one| one.result().is_ok()) {
                self.add(Probe::Resolver(record.clone()));
            }
        }
        let registrable = Question::new(facts.registrable.clone(), RecordType::NS);
        if facts.denied_above().is_some() {
            // Nothing is below a domain that does not exist.
            self.resolver(registrable);
            return;
        }
        self.delegated(record.clone());
        if !facts.is_definite() {
            // Somebody fails: more questions would only fail too.
            if facts.at_owner().next().is_some() {
                self.resolver(registrable);
            }
            return;
        }
        self.resolver(Question::new(facts.apex().clone(), RecordType::NS));
        self.undelegated(&record);
        let shows = |right: bool| {
            let mut servers = facts.servers();
            servers.any(|(_, told)| told.is_definite() && told.proves() == right)
        };
        if shows(true) && shows(false) {
            // Whose copy of the zone is older.
            self.delegated(Question::new(facts.apex().clone(), RecordType::SOA));
        }
        if facts.is_public() {
            return;
        }
        if record.record_type() == RecordType::TXT {
            self.instead();
            self.places();
        } else {
            self.flattened();
        }
    }

    /// Whose the tokens are that were seen.
    fn tokens(&mut self) {
        let values = self.facts.told.iter().flat_map(|told| told.values());
        let tokens = values.filter_map(|(_, like)| match like {
            Likeness::Token(fingerprints) => Some(fingerprints),
            _ => None,
        });
        for fingerprint in tokens.flatten() {
            self.token(*fingerprint);
        }
    }

    /// The servers that the zone lists and is not delegated to.
    fn undelegated(&mut self, record: &Question) {
        let facts = self.facts;
        let delegated: Vec<&OwnerName> = facts
            .servers()
            .filter(|(server, _)| server.zone() == facts.apex())
            .map(|(server, _)| server.name())
            .collect();
        let mut asked: Vec<&OwnerName> = facts
            .servers()
            .filter(|(_, told)| told.one.purpose() == Purpose::Diagnosis)
            .map(|(server, _)| server.name())
            .collect();
        asked.sort_unstable();
        asked.dedup();
        let room = MAX_SERVERS.saturating_sub(asked.len());
        let listed = facts.listed().into_iter();
        let others = listed.filter(|name| !delegated.contains(name));
        let servers: Vec<OwnerName> = others.take(room).cloned().collect();
        if !delegated.is_empty() && !servers.is_empty() {
            let question = record.clone();
            self.add(Probe::Servers { question, servers });
        }
    }

    /// What stands at the owner name in place of the record.
    fn instead(&mut self) {
        let facts = self.facts;
        let owner = facts.owner();
        let sibling = facts.sibling();
        let beside = |record_type| {
            let sibling = sibling.clone();
            sibling.map(|sibling| Question::new(sibling, record_type))
        };
        let aliased = facts.at_owner().any(|told| !told.aliases.is_empty());
        // What is nearly the record may be a wildcard's.
        let near = facts.at_owner().any(Told::shows_ours);
        if (aliased || near)
            && let Some(question) = beside(RecordType::TXT)
        {
            self.resolver(question);
        }
        let is_empty = facts.at_owner().any(|told| match &told.says {
            Says::Absent { kind, .. } => *kind == AbsenceKind::NoData && told.aliases.is_empty(),
            _ => false,
        });
        if !is_empty || aliased {
            return;
        }
        for record_type in OTHER_TYPES {
            let question = Question::new(owner.clone(), record_type);
            self.resolver(question);
        }
        // A wildcard has its types at every name.
        if let Some(found) = facts.other_types().first()
            && let Some(question) = beside(*found)
        {
            self.resolver(question);
        }
    }

    /// Where the record may be instead.
    fn places(&mut self) {
        let facts = self.facts;
        let challenge = facts.inquiry.case.challenge;
        let places = places(challenge, facts.apex(), &facts.registrable);
        let has = |name: &OwnerName| {
            let ours = |like: &Likeness| matches!(like, Likeness::Proves | Likeness::Disturbed(_));
            let mut told = facts.at(name);
            told.any(|told| told.values().any(|(_, like)| ours(like)))
        };
        let found = places.iter().any(|(_, name)| has(name));
        let count = if facts.inquiry.rounds == 0 || found {
            FIRST_PLACES
        } else {
            places.len()
        };
        for (_, name) in places.into_iter().take(count) {
            self.resolver(Question::txt(name));
        }
    }

    /// The addresses of an alias that is to be, and of what stands in its place.
    fn flattened(&mut self) {
        let facts = self.facts;
        let record = facts.inquiry.case.challenge.record();
        let Ok(target) = OwnerName::parse(record.value()) else {
            return;
        };
        for name in [facts.owner(), &target] {
            for record_type in [RecordType::A, RecordType::AAAA] {
                self.resolver(Question::new(name.clone(), record_type));
            }
        }
    }
}
