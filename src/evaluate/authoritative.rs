//! What the zone's own name servers say together (S-2).
//!
//! An authoritative view makes one observation for each server of a zone. At each name, with `n`
//! servers heard of, and those answering that answer with authority, for their own zone, and with
//! nothing in doubt:
//!
//! | The answering servers | amount to |
//! |---|---|
//! | all show the record | a match |
//! | all deny it | a negative |
//! | all lead to the same name elsewhere | whatever the servers of that name say |
//! | are of two minds | a failure: the change is still spreading |
//! | are too few | a failure; a veto all the same, when all of them deny |
//!
//! Enough are more than `n / 2`. Exactly half is enough when all others were asked in full and are
//! silent, which is what [`LookupFailure::Timeout`] says. However many answer, they are too few as
//! long as one was not asked for a reason [of ours](LookupFailure::is_ours), or contradicts itself:
//! it might be the one that denies. An observation that names no server is one of a zone with one
//! server.

use crate::dns::{
    Alias, Answer, LookupFailure, MAX_ALIASES, NameServer, Observation, Outcome, Perspective,
};
use crate::name::OwnerName;
use crate::suffix::Admission;

use super::judge::{Said, Sight, all_told_of, doubt, is_in_time, said, told_of};
use super::matching::Met;
use super::probes::{Probes, probes};
use super::{Case, Indeterminate, Rejected, Unproven};

/// The servers of one name that are told apart (S-16: at most 13, with two addresses each), and
/// how often all of them together may tell of it. More makes a view incoherent.
const MAX_SERVERS: usize = 32;
const MAX_TOLD: usize = 64;

/// What the perspective says, and the position of the observation that shows it.
pub(super) fn sight(
    case: &Case<'_>,
    perspective: &Perspective,
    admission: &Admission,
) -> (Sight, Option<u32>) {
    let mut at = case.challenge.owner();
    let mut been: [Option<&OwnerName>; MAX_ALIASES] = [None; MAX_ALIASES];
    let (mut led, mut signed, mut aliases) = (None, true, 0_usize);
    // Why too few servers answered somewhere on the way, and the observation that shows it.
    let mut weak = None;
    let conclude = |sight, seen, weak: Option<(Indeterminate, Option<u32>)>| match (sight, weak) {
        (Sight::Match { .. } | Sight::ProbesMissing, Some((reason, shown))) => {
            (Sight::Failure(reason), shown)
        }
        (Sight::Negative { .. } | Sight::Wildcard { .. }, Some((reason, _))) => {
            (Sight::Denial(reason), seen)
        }
        (sight, _) => (sight, seen),
    };
    for hop in 0..=MAX_ALIASES {
        let Some(servers) = Servers::at(case, perspective, admission, at, hop > 0) else {
            return (Sight::Failure(Indeterminate::Incoherent), led);
        };
        if servers.count == 0 {
            return match led {
                None => (Sight::Nothing, None),
                Some(_) => (Sight::Failure(Indeterminate::LookupFailed), led),
            };
        }
        if !servers.enough() {
            if let Some((reason, seen)) = servers.refusal() {
                return (Sight::Refusal(reason), Some(seen));
            }
            weak = weak.or_else(|| Some(servers.failure()));
        }
        let Some((word, seen)) = servers.word() else {
            let (reason, seen) = servers.failure();
            return (Sight::Failure(reason), seen);
        };
        aliases = aliases.saturating_add(servers.aliases());
        if aliases > MAX_ALIASES {
            let (reason, secure) = (Unproven::AliasTooLong, false);
            return conclude(Sight::Negative { reason, secure }, Some(seen), weak);
        }
        let sight = match word {
            Word::Found { met, secure } => {
                let secure = secure && signed;
                match siblings(case, perspective) {
                    Probes::Clean => Sight::Match { met, secure },
                    Probes::Missing => Sight::ProbesMissing,
                    Probes::Wildcard => Sight::Wildcard { secure },
                    Probes::Failed => Sight::Failure(Indeterminate::WildcardUnknown),
                }
            }
            Word::Missing { reason, secure } => {
                let secure = secure && signed;
                Sight::Negative { reason, secure }
            }
            Word::Useless(reason) => Sight::Failure(reason),
            Word::Split => Sight::Failure(Indeterminate::ServersDisagree),
            Word::Elsewhere { target, secure } => {
                signed &= secure;
                let ends = |reason| Sight::Negative {
                    reason,
                    secure: signed,
                };
                let Some(place) = been.get_mut(hop) else {
                    return conclude(ends(Unproven::AliasTooLong), Some(seen), weak);
                };
                *place = Some(at);
                if been.contains(&Some(target)) {
                    return conclude(ends(Unproven::AliasLoop), Some(seen), weak);
                }
                (at, led) = (target, Some(seen));
                continue;
            }
        };
        return conclude(sight, Some(seen), weak);
    }
    (Sight::Failure(Indeterminate::Incoherent), led)
}

/// What the siblings show beside any answer that was had at the owner name.
fn siblings(case: &Case<'_>, perspective: &Perspective) -> Probes {
    let own = told_of(case, perspective, case.challenge.owner());
    let answered = own.filter(|(_, one)| one.result().is_ok_and(Answer::is_authoritative));
    let shown = answered.map(|(_, one)| probes(case, perspective, one));
    shown.max().unwrap_or(Probes::Missing)
}

/// What servers say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word<'a> {
    Found {
        met: Met,
        secure: bool,
    },
    Missing {
        reason: Unproven,
        secure: bool,
    },
    Elsewhere {
        target: &'a OwnerName,
        secure: bool,
    },
    /// An answer that neither shows nor denies the record.
    Useless(Indeterminate),
    Split,
}

impl Word<'_> {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Found { met, secure }, Self::Found { met: m, secure: s })
                if !met.and(m).is_none() =>
            {
                let (met, secure) = (met.and(m), secure && s);
                Self::Found { met, secure }
            }
            (
                Self::Missing { reason, secure },
                Self::Missing {
                    reason: r,
                    secure: s,
                },
            ) => {
                // Of several reasons the one that says most, in whatever order they came.
                let reason = if r as u8 > reason as u8 { r } else { reason };
                let secure = secure && s;
                Self::Missing { reason, secure }
            }
            (
                Self::Elsewhere { target, secure },
                Self::Elsewhere {
                    target: t,
                    secure: s,
                },
            ) if target == t => {
                let secure = secure && s;
                Self::Elsewhere { target, secure }
            }
            (own, other) if own == other => own,
            _ => Self::Split,
        }
    }
}

/// One server, and what it said.
#[derive(Debug, Clone, Copy)]
struct Server<'a> {
    who: Option<&'a NameServer>,
    said: Said,
    /// Where its aliases lead, when that is elsewhere.
    target: Option<&'a OwnerName>,
    silence: Silence,
    /// Whether it refers to others.
    refers: bool,
    aliases: usize,
    seen: u32,
}

/// What it means that a server says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// It was asked in full, and nothing came back.
    Full,
    /// It was not asked in full, or not at the right time, or contradicts itself: nobody knows what it
    /// says.
    Unknown,
    /// It answers, or something else came back.
    None,
}

impl Silence {
    pub(super) fn of(case: &Case<'_>, one: &Observation) -> Self {
        match one.result() {
            _ if !is_in_time(case, one) => Self::Unknown,
            Err(LookupFailure::Timeout) => Self::Full,
            Err(failure) if failure.is_ours() => Self::Unknown,
            _ => Self::None,
        }
    }
}

impl<'a> Server<'a> {
    /// What it says of the record, if it answers.
    fn word(&self) -> Option<Word<'a>> {
        match (self.said, self.target) {
            (Said::Found { met, secure }, _) => Some(Word::Found { met, secure }),
            (Said::Missing { reason, secure }, _) => Some(Word::Missing { reason, secure }),
            (Said::Elsewhere { secure }, Some(target)) => Some(Word::Elsewhere { target, secure }),
            (
                Said::Failed(reason @ (Indeterminate::AliasRefused | Indeterminate::UnknownFormat)),
                _,
            ) => Some(Word::Useless(reason)),
            (Said::Elsewhere { .. } | Said::Refused(_) | Said::Failed(_), _) => None,
        }
    }

    fn is_same(&self, who: Option<&NameServer>) -> bool {
        match (self.who, who) {
            (Some(one), Some(other)) => one.name() == other.name() && one.zone() == other.zone(),
            (None, None) => true,
            _ => false,
        }
    }
}

/// The servers that were heard of at one name.
struct Servers<'a> {
    all: [Option<Server<'a>>; MAX_SERVERS],
    count: usize,
}

impl<'a> Servers<'a> {
    /// `None` when there are too many to be true.
    fn at(
        case: &Case<'a>,
        perspective: &Perspective,
        admission: &Admission,
        name: &OwnerName,
        reached_by_alias: bool,
    ) -> Option<Self> {
        let mut servers = Self {
            all: [None; MAX_SERVERS],
            count: 0,
        };
        for (told, (seen, one)) in all_told_of(case, perspective, name).enumerate() {
            if told >= MAX_TOLD {
                return None;
            }
            let who = one.server();
            let in_time = is_in_time(case, one);
            // What a server said at another time is not what it says; but it is there (S-2, S-5).
            let said = if in_time {
                hear(case, perspective, admission, one, reached_by_alias)
            } else {
                Said::Failed(Indeterminate::LookupFailed)
            };
            let target = match (said, one.result()) {
                (Said::Elsewhere { .. }, Ok(answer)) => answer.final_name(one.question().name()),
                _ => None,
            };
            let aliases = one.result().map_or(0, |answer| answer.aliases().len());
            let silence = Silence::of(case, one);
            let refers = one.result().err() == Some(&LookupFailure::Referral);
            let mut known = servers.all.iter_mut().flatten();
            match known.find(|server| server.is_same(who)) {
                None => {
                    let place = servers.all.get_mut(servers.count)?;
                    *place = Some(Server {
                        who,
                        said,
                        target,
                        silence,
                        refers,
                        aliases,
                        seen,
                    });
                    servers.count = servers.count.saturating_add(1);
                }
                // Two answers of one server are none, and one of them may be the true one.
                Some(server) if server.said != said || server.target != target => {
                    server.said = Said::Failed(Indeterminate::Incoherent);
                    server.target = None;
                    server.silence = Silence::Unknown;
                }
                Some(server) => {
                    if server.silence != silence {
                        server.silence = Silence::Unknown;
                    }
                    server.refers |= refers;
                    server.aliases = server.aliases.max(aliases);
                }
            }
        }
        Some(servers)
    }

    fn iter(&self) -> impl Iterator<Item = &Server<'a>> {
        self.all.iter().flatten()
    }

    fn words(&self) -> impl Iterator<Item = (Word<'a>, u32)> {
        self.iter()
            .filter_map(|server| Some((server.word()?, server.seen)))
    }

    /// How many aliases those that answer walk, at the most.
    fn aliases(&self) -> usize {
        let answering = self.iter().filter(|server| server.word().is_some());
        answering
            .map(|server| server.aliases)
            .max()
            .unwrap_or_default()
    }

    /// Whether so many of the servers that the zone is delegated to answer that the others change
    /// nothing (S-2). Those of a zone above were asked where the zone is cut: they are none of its
    /// servers, and may contradict, but neither confirm nor make it larger. One of them that delegates
    /// the name to others knows something else.
    fn enough(&self) -> bool {
        let depth = |server: &Server<'_>| Some(server.who?.zone().labels().count());
        let deepest = self.iter().filter_map(depth).max();
        let is_own = |server: &&Server<'_>| depth(server).is_none_or(|own| Some(own) == deepest);
        let own = || self.iter().filter(is_own);
        let others = self.iter().any(|server| server.refers && !is_own(&server));
        let unknown = self
            .iter()
            .filter(|one| one.silence == Silence::Unknown)
            .count();
        let answering = own().filter(|server| server.word().is_some()).count();
        let silent = own().filter(|one| one.silence == Silence::Full).count();
        !others && is_enough(answering, silent, unknown, own().count())
    }

    /// What those that answer say together, and the first observation that shows it.
    fn word(&self) -> Option<(Word<'a>, u32)> {
        let words = self.words().map(|(word, _)| word);
        let word = words.reduce(Word::and)?;
        let shows = |one: &Word<'_>| match (word, one) {
            (Word::Missing { reason, .. }, Word::Missing { reason: own, .. }) => reason == *own,
            (Word::Split, Word::Missing { .. }) => true,
            (Word::Split, _) => false,
            _ => true,
        };
        let shown = self.words().find(|(one, _)| shows(one));
        let (_, seen) = shown.or_else(|| self.words().next())?;
        Some((word, seen))
    }

    /// What a validator refuses: bogus before anything else.
    fn refusal(&self) -> Option<(Rejected, u32)> {
        let refusals = self.iter().filter_map(|server| match server.said {
            Said::Refused(reason) => Some((reason, server.seen)),
            _ => None,
        });
        refusals.min_by_key(|(reason, _)| *reason != Rejected::Bogus)
    }

    /// Why some do not answer, in the words that say most: first of those without whom nothing can
    /// be said.
    fn failure(&self) -> (Indeterminate, Option<u32>) {
        let failures = self.iter().filter_map(|server| match server.said {
            Said::Failed(reason) => Some((server, reason)),
            _ => None,
        });
        let first = failures.min_by_key(|(server, reason)| {
            let known = server.silence != Silence::Unknown;
            match reason {
                Indeterminate::LookupFailed => (known, u8::MAX),
                reason => (known, *reason as u8),
            }
        });
        first.map_or((Indeterminate::LookupFailed, None), |(server, reason)| {
            (reason, Some(server.seen))
        })
    }
}

/// Whether it is enough that so many of `all` servers answer: more than half, or half when all others
/// are silent, and never while one is unknown (S-2).
pub(super) fn is_enough(answering: usize, silent: usize, unknown: usize, all: usize) -> bool {
    let twice = answering.saturating_mul(2);
    unknown == 0 && (twice > all || twice == all && answering.saturating_add(silent) == all)
}

/// What one observation says, if it is the authoritative answer of a server for its own zone.
fn hear(
    case: &Case<'_>,
    perspective: &Perspective,
    admission: &Admission,
    one: &Observation,
    reached_by_alias: bool,
) -> Said {
    if let Ok(answer) = one.result() {
        if let Some(reason) = doubt(answer) {
            return Said::Failed(reason);
        }
        if !answer.is_authoritative() {
            return Said::Failed(Indeterminate::LookupFailed);
        }
        if !speaks_for_its_zone(one, answer) {
            return Said::Failed(Indeterminate::Incoherent);
        }
    }
    said(case, perspective, admission, one, reached_by_alias)
}

/// Whether all that a server answers is of the zone that it was asked as a server of, up to where
/// the aliases leave it (S-5).
fn speaks_for_its_zone(one: &Observation, answer: &Answer) -> bool {
    let asked = one.question().name();
    let leads_on = matches!(answer.outcome(), Outcome::Elsewhere);
    if leads_on && answer.aliases().is_empty() {
        return false;
    }
    let Some(zone) = one.server().map(NameServer::zone) else {
        return true;
    };
    let mut owners = answer.aliases().iter().map(Alias::owner);
    let end = answer.final_name(asked);
    asked.is_within(zone)
        && owners.all(|owner| owner.is_within(zone))
        && end.is_some_and(|end| leads_on || end.is_within(zone))
}
