//! What the observations of an inquiry show, in an order that is always the same.

use super::order::sorted;
use super::plan::OTHER_TYPES;
use super::value::{Judge, Likeness};
use super::{Inquiry, Probe};
use crate::dns::{
    Absence, AbsenceKind, Alias, Answer, Group, LookupFailure, MAX_ALIASES, NameServer,
    Observation, Outcome, Purpose, Question, RecordData, RecordType, ResourceRecord, Soa, View,
    ZoneFacts,
};
use crate::evaluate::Verdict;
use crate::name::OwnerName;

/// An inquiry, read.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) inquiry: &'a Inquiry<'a>,
    pub(super) verdict: Verdict,
    /// Every observation but those of [`Purpose::Unchecked`]: what those show may be forged.
    pub(super) seen: Vec<&'a Observation>,
    pub(super) unchecked: Vec<&'a Observation>,
    /// What was said to questions for the record's type, at any name.
    pub(super) told: Vec<Told<'a>>,
    /// The owner name, and the names that its aliases lead to at other servers.
    path: Vec<&'a OwnerName>,
    pub(super) registrable: OwnerName,
    /// The zone of the owner name, where its apex is known to be at the registrable domain or
    /// below.
    pub(super) zone: Option<ZoneFacts>,
}

/// What somebody said to one question for the record's type.
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub(super) one: &'a Observation,
    pub(super) who: Who<'a>,
    pub(super) aliases: &'a [Alias],
    pub(super) says: Says<'a>,
}

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who<'a> {
    /// A resolver.
    Resolver,
    /// A resolver that nobody knows the operator of, beside others: perhaps one with a view of its
    /// own.
    Private,
    /// A server of the zone, by the delegation.
    Server(&'a NameServer),
    /// The zone's servers, in a view that does not name them.
    Zone,
    /// A server that the zone is not delegated to.
    Elsewhere(&'a NameServer),
}

/// What was said.
#[derive(Debug)]
pub(super) enum Says<'a> {
    /// These records of the type stand at this name.
    Records {
        end: &'a OwnerName,
        values: Vec<(&'a [u8], Likeness)>,
        /// How many more a transcript has not kept, all of them somebody else's.
        withheld: usize,
        ttl: u32,
    },
    /// There are none at this name, as the zone says.
    Absent {
        end: &'a OwnerName,
        kind: AbsenceKind,
        soa: &'a Soa,
    },
    /// There are none, which nobody vouches for.
    Unfounded,
    /// There are none, says another zone than the one that the name lies in.
    Misplaced(&'a Soa),
    /// The aliases lead in a circle, or too far.
    Circle,
    /// The aliases lead to this name, which others have to be asked about.
    Onward(&'a OwnerName),
    /// A resolver made up its answer, or held one back, and says so.
    Filtered(&'a Answer),
    /// A resolver had an outdated answer only.
    Stale(&'a Answer),
    /// A server does not speak for the zone.
    NotAuthoritative,
    /// The answer contradicts itself.
    Nonsense,
    Failed(&'a LookupFailure),
}

impl<'a> Facts<'a> {
    pub(super) fn of(inquiry: &'a Inquiry<'a>) -> Self {
        let challenge = inquiry.case.challenge;
        let (unchecked, seen): (Vec<_>, Vec<_>) = inquiry
            .case
            .seen
            .iter()
            .partition(|one| one.purpose() == Purpose::Unchecked);
        let (seen, unchecked) = (sorted(seen), sorted(unchecked));
        let record_type = challenge.record().record_type();
        let asked = seen
            .iter()
            .filter(|one| one.question().record_type() == record_type);
        let mut judge = Judge::new(inquiry.case);
        // What stands where the record belongs is judged before the bounds are met elsewhere.
        let is_here = |one: &Observation| one.question().name() == challenge.owner();
        if !asked.clone().all(|one| is_here(one)) {
            let here = asked.clone().filter(|one| is_here(one));
            for data in here.flat_map(|one| txts(one)) {
                judge.known(data);
            }
        }
        let told: Vec<_> = asked.map(|one| told(inquiry, one, &mut judge)).collect();
        let path = path(challenge.owner(), &told);
        let guard = inquiry.case.rules.guard();
        let registrable = guard.registrable(challenge.domain());
        let registrable =
            OwnerName::from(registrable.as_ref().unwrap_or_else(|| challenge.domain()));
        let delegated = seen.iter().copied().filter(|one| {
            !one.server()
                .is_some_and(|who| is_elsewhere(inquiry, one, who))
        });
        let zone = ZoneFacts::among(challenge.owner(), delegated);
        let zone = zone.filter(|zone| zone.apex().is_within(&registrable));
        Self {
            inquiry,
            // Of a proof that stands, too, whatever was seen by now.
            verdict: inquiry.evaluated(),
            seen,
            unchecked,
            told,
            path,
            registrable,
            zone,
        }
    }

    /// The same facts for an inquiry that knows something else beside what was seen.
    pub(super) fn with<'b>(self, inquiry: &'b Inquiry<'b>) -> Facts<'b>
    where
        'a: 'b,
    {
        let facts: Facts<'b> = self;
        Facts { inquiry, ..facts }
    }

    pub(super) fn owner(&self) -> &'a OwnerName {
        self.inquiry.case.challenge.owner()
    }

    /// The apex of the zone, as far as it is known.
    pub(super) fn apex(&self) -> &OwnerName {
        self.zone
            .as_ref()
            .map_or(&self.registrable, ZoneFacts::apex)
    }

    /// What was said of the record where it belongs, by those who have a say.
    pub(super) fn at_owner(&self) -> impl Iterator<Item = &Told<'a>> {
        let asked = |told: &&Told<'a>| self.path.contains(&told.one.question().name());
        self.told
            .iter()
            .filter(asked)
            .filter(|told| !matches!(told.who, Who::Elsewhere(_)))
    }

    /// What resolvers said of the record at another name.
    pub(super) fn at<'s>(&'s self, name: &'s OwnerName) -> impl Iterator<Item = &'s Told<'a>> {
        let asked = move |told: &&Told<'a>| told.one.question().name() == name;
        self.told.iter().filter(asked)
    }

    /// Whether the record is published where everybody can see it: at the zone's servers, or, where
    /// none of them has answered, for a resolver of a known operator.
    pub(super) fn is_public(&self) -> bool {
        let of_zone = |told: &&Told<'a>| matches!(told.who, Who::Server(_) | Who::Zone);
        if self.at_owner().filter(of_zone).any(Told::is_definite) {
            self.at_owner().filter(of_zone).any(Told::proves)
        } else {
            self.at_owner()
                .any(|told| told.proves() && told.who == Who::Resolver)
        }
    }

    /// Whether somebody knows what stands at the owner name.
    pub(super) fn is_definite(&self) -> bool {
        self.at_owner().any(Told::is_definite)
    }

    /// Who denies the domain itself: a zone above what was registered, unless somebody found the
    /// domain in spite of it.
    pub(super) fn denied_above(&self) -> Option<(&Told<'a>, &'a Soa)> {
        let is_above =
            |zone: &OwnerName| self.registrable != *zone && self.registrable.is_within(zone);
        let denied = self.at_owner().find_map(|told| match told.says {
            Says::Absent { kind, soa, .. }
                if kind == AbsenceKind::NxDomain
                    && told.aliases.is_empty()
                    && is_above(soa.owner()) =>
            {
                Some((told, soa))
            }
            _ => None,
        })?;
        let is_there = self.zone.is_some()
            || self
                .answers(&Question::new(self.registrable.clone(), RecordType::NS))
                .any(|(_, answer)| match answer.outcome() {
                    Outcome::Absent(absence) => absence.kind() != AbsenceKind::NxDomain,
                    _ => true,
                });
        (!is_there).then_some(denied)
    }

    /// The answers to a question, of any type.
    pub(super) fn answers(
        &self,
        question: &Question,
    ) -> impl Iterator<Item = (&'a Observation, &'a Answer)> {
        let asked = self.seen.iter().copied();
        let asked = asked.filter(move |one| one.question() == question);
        asked.filter_map(|one| Some((one, one.result().ok()?)))
    }

    /// A name beside the owner name that nobody chose.
    pub(super) fn sibling(&self) -> Option<OwnerName> {
        let challenge = self.inquiry.case.challenge;
        let fingerprint = challenge.expectations().first()?.fingerprint().to_string();
        let label: String = std::iter::once('_')
            .chain(fingerprint.chars().take(24))
            .collect();
        challenge.owner().parent()?.child(label.as_bytes()).ok()
    }

    /// The servers that are asked as those of the zone.
    pub(super) fn servers(&self) -> impl Iterator<Item = (&'a NameServer, &Told<'a>)> {
        self.at_owner().filter_map(|told| match told.who {
            Who::Server(server) => Some((server, told)),
            _ => None,
        })
    }

    /// The other types of which the owner name has records.
    pub(super) fn other_types(&self) -> Vec<RecordType> {
        let at = |record_type| Question::new(self.owner().clone(), record_type);
        let types = OTHER_TYPES.into_iter();
        types
            .filter(|record_type| {
                let question = at(*record_type);
                self.answers(&question).any(|(_, answer)| {
                    let records =
                        matches!(answer.outcome(), Outcome::Records(all) if !all.is_empty());
                    records && answer.aliases().is_empty()
                })
            })
            .collect()
    }

    /// The name servers that the zone lists itself.
    pub(super) fn listed(&self) -> Vec<&'a OwnerName> {
        let question = Question::new(self.apex().clone(), RecordType::NS);
        let mut names: Vec<&OwnerName> = Vec::new();
        for (_, answer) in self.answers(&question) {
            if let (Outcome::Records(records), []) = (answer.outcome(), answer.aliases()) {
                names.extend(records.iter().filter_map(|record| match record.data() {
                    RecordData::Name(name) => Some(name),
                    _ => None,
                }));
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl<'a> Told<'a> {
    /// Whether the record is there, as it must be.
    pub(super) fn proves(&self) -> bool {
        self.values().any(|(_, like)| *like == Likeness::Proves)
    }

    /// How many TXT records are there, whoever's they are.
    pub(super) fn count(&self) -> usize {
        let withheld = match &self.says {
            Says::Records { withheld, .. } => *withheld,
            _ => 0,
        };
        self.values().count().saturating_add(withheld)
    }

    /// Whether something is there that was meant to be the record.
    pub(super) fn shows_ours(&self) -> bool {
        self.values()
            .any(|(_, like)| matches!(like, Likeness::Proves | Likeness::Disturbed(_)))
    }

    /// The values that are there.
    pub(super) fn values(&self) -> impl Iterator<Item = &(&'a [u8], Likeness)> {
        let values = match &self.says {
            Says::Records { values, .. } => values.as_slice(),
            _ => &[],
        };
        values.iter()
    }

    /// Whether it shows or denies the record.
    pub(super) fn is_definite(&self) -> bool {
        matches!(
            self.says,
            Says::Records { .. } | Says::Absent { .. } | Says::Circle
        )
    }

    /// Whether it is known not to be there.
    pub(super) fn denies(&self) -> bool {
        self.is_definite() && !self.proves()
    }

    pub(super) fn failure(&self) -> Option<&'a LookupFailure> {
        match self.says {
            Says::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

/// Whether a server was asked only because a probe named it.
fn is_elsewhere(inquiry: &Inquiry<'_>, one: &Observation, who: &NameServer) -> bool {
    one.purpose() == Purpose::Diagnosis
        && inquiry.asked.iter().any(|probe| match probe {
            Probe::Servers { question, servers } => {
                question == one.question() && servers.contains(who.name())
            }
            _ => false,
        })
}

fn told<'a>(inquiry: &'a Inquiry<'a>, one: &'a Observation, judge: &mut Judge<'a>) -> Told<'a> {
    let case = &inquiry.case;
    let perspective = case.rules.perspective(one.perspective());
    let is_private = perspective.is_some_and(|perspective| {
        *perspective.group() == Group::Unknown
            && perspective.view() == View::Recursive
            && !case.rules.counts(&Group::Unknown)
    });
    let who = match one.server() {
        Some(server) if is_elsewhere(inquiry, one, server) => Who::Elsewhere(server),
        Some(server) => Who::Server(server),
        None if is_private => Who::Private,
        None if perspective.is_some_and(|one| one.view() == View::Authoritative) => Who::Zone,
        None => Who::Resolver,
    };
    let (aliases, says) = match one.result() {
        Ok(answer) => (
            answer.aliases(),
            says(one.question().name(), who, answer, |data| judge.known(data)),
        ),
        Err(failure) => (&[][..], Says::Failed(failure)),
    };
    Told {
        one,
        who,
        aliases,
        says,
    }
}

/// The data of the TXT records of an observation.
fn txts(one: &Observation) -> impl Iterator<Item = &[u8]> {
    one.result().into_iter().flat_map(txts_of)
}

fn txts_of(answer: &Answer) -> impl Iterator<Item = &[u8]> {
    let records = match answer.outcome() {
        Outcome::Records(records) => records.as_slice(),
        _ => &[],
    };
    records.iter().filter_map(|record| match record.data() {
        RecordData::Txt(txt) => Some(txt.data()),
        _ => None,
    })
}

/// How many TXT records a transcript has not kept.
fn withheld(records: &[ResourceRecord]) -> usize {
    let counts = records.iter().map(|record| match record.data() {
        RecordData::Withheld(one) if one.is_txt() => one.more().saturating_add(1),
        _ => 0,
    });
    usize::try_from(counts.fold(0, u32::saturating_add)).unwrap_or(usize::MAX)
}

fn says<'a>(
    asked: &'a OwnerName,
    who: Who<'a>,
    answer: &'a Answer,
    mut like: impl FnMut(&'a [u8]) -> Likeness,
) -> Says<'a> {
    let errors = answer.extended_errors();
    if errors.iter().any(|error| error.is_filtered()) {
        return Says::Filtered(answer);
    }
    if errors.iter().any(|error| error.is_stale()) {
        return Says::Stale(answer);
    }
    let by_resolver = matches!(who, Who::Resolver | Who::Private);
    if !by_resolver && !answer.is_authoritative() {
        return Says::NotAuthoritative;
    }
    let Some(end) = answer.final_name(asked) else {
        return Says::Nonsense;
    };
    match answer.outcome() {
        Outcome::Records(records) if records.is_empty() => Says::Nonsense,
        Outcome::Records(records) => Says::Records {
            end,
            values: txts_of(answer).map(|data| (data, like(data))).collect(),
            withheld: withheld(records),
            ttl: records
                .iter()
                .map(|one| one.ttl())
                .max()
                .unwrap_or_default(),
        },
        Outcome::Absent(absence) => match enclosing(absence, end) {
            Some(soa) => Says::Absent {
                end,
                kind: absence.kind(),
                soa,
            },
            None => absence.soa().map_or(Says::Unfounded, Says::Misplaced),
        },
        Outcome::Elsewhere => Says::Onward(end),
        Outcome::AliasLoop | Outcome::AliasTooLong => Says::Circle,
    }
}

/// The SOA of a zone that the name lies in (S-7).
fn enclosing<'a>(absence: &'a Absence, name: &OwnerName) -> Option<&'a Soa> {
    absence.soa().filter(|soa| name.is_within(soa.owner()))
}

/// The owner name, and where its aliases lead from one server to the next.
fn path<'a>(owner: &'a OwnerName, told: &[Told<'a>]) -> Vec<&'a OwnerName> {
    let mut path = vec![owner];
    for step in 0..MAX_ALIASES {
        let Some(at) = path.get(step).copied() else {
            break;
        };
        let here = told.iter().filter(|told| told.one.question().name() == at);
        for one in here {
            if let Says::Onward(end) = one.says
                && !path.contains(&end)
                && path.len() <= MAX_ALIASES
            {
                path.push(end);
            }
        }
    }
    path
}
