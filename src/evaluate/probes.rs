//! Whether a wildcard answers in place of the record (S-8).

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::dns::{Alias, Answer, Observation, Outcome, Perspective, Purpose, View};
use crate::name::OwnerName;
use crate::policy::Wildcards;

use super::authoritative::{Silence, is_enough};
use super::judge::{counts, doubt, is_in_time, is_of_check, shows_zone, told_of};
use super::{Case, matching};

/// What the siblings of the owner name show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Probes {
    Clean,
    Missing,
    Failed,
    Wildcard,
}

/// How many siblings of the owner name itself are asked for: one alone may be answered by a wildcard
/// that leads elsewhere at times (S-8).
pub(super) const BESIDE_OWNER: usize = 2;

/// Whether a wildcard answers in place of the record: the perspective was asked for siblings of
/// the owner name at every level down to the domain, and each must give something else than `own`,
/// which saw the record there. What all perspectives see of them must be the same (S-8).
pub(super) fn probes(case: &Case<'_>, perspective: &Perspective, own: &Observation) -> Probes {
    let (Wildcards::Reject, Ok(answer)) = (case.rules.policy().wildcards(), own.result()) else {
        return Probes::Clean;
    };
    let mut all = Probes::Clean;
    for (index, level) in levels_of(case).enumerate() {
        let needed = if index == 0 { BESIDE_OWNER } else { 1 };
        let mut names = 0_usize;
        for one in first_of_each(case, perspective, level) {
            names = names.saturating_add(1);
            all = all.max(at_name(case, perspective, one.question().name(), answer));
        }
        if names < needed {
            all = all.max(Probes::Missing);
        }
        all = all.max(rotation(case, perspective, level, answer));
    }
    all
}

/// Whether the owner name has to be looked at once more: a wildcard alias stands beside it, and
/// the alias of the owner name may have been that wildcard's a moment ago.
pub(super) fn wants_second_look(case: &Case<'_>, perspective: &Perspective) -> bool {
    let mut own = told_of(case, perspective, case.challenge.owner());
    let mut levels = levels_of(case);
    own.any(|(_, one)| {
        one.result()
            .is_ok_and(|answer| !answer.aliases().is_empty())
    }) && levels.any(|level| {
        let mut beside = told_of_siblings(case, perspective).filter(|one| is_beside(one, level));
        beside.any(|one| matches!(hop(case, one), Some(Hop::To(_))))
    })
}

/// What the first hop of a sibling's answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hop<'a> {
    Nothing,
    /// Records, in any order: how many, and a digest of all.
    Records(usize, u64),
    /// An alias.
    To(&'a OwnerName),
    /// An alias to the same label below another name, in wire form: as below a DNAME, where every
    /// name has a target of its own.
    Below(&'a [u8]),
}

impl Hop<'_> {
    /// The same, with what is no alias left out: records beside the owner name may differ from one
    /// perspective to another, as they do where a change is spreading.
    fn alias(self) -> Option<Self> {
        matches!(self, Self::To(_) | Self::Below(_)).then_some(self)
    }
}

/// The first hop of a sibling; `None` where an observation does not tell.
fn hop<'a>(case: &Case<'_>, one: &'a Observation) -> Option<Hop<'a>> {
    let answer = plain(case, one)?;
    let asked = one.question().name();
    let end = answer.final_name(asked)?;
    if let Some(first) = answer.aliases().first() {
        let target = first.target();
        let labels = |name: &'a OwnerName| split_label(name.as_wire());
        return Some(match (labels(asked), labels(target)) {
            (Some((own, _)), Some((label, rest))) if own == label => Hop::Below(rest),
            _ => Hop::To(target),
        });
    }
    match answer.outcome() {
        Outcome::Records(records) if records.is_empty() => None,
        Outcome::Records(records) => {
            let digests = records.iter().map(|record| {
                let mut hasher = DefaultHasher::new();
                record.data().hash(&mut hasher);
                hasher.finish()
            });
            let sum = digests.fold(0, u64::wrapping_add);
            Some(Hop::Records(records.len(), sum))
        }
        Outcome::Absent(absence) if !shows_zone(absence, end) => None,
        Outcome::Elsewhere => None,
        _ => Some(Hop::Nothing),
    }
}

/// The answer of an observation that counts and is not in doubt.
fn plain<'a>(case: &Case<'_>, one: &'a Observation) -> Option<&'a Answer> {
    let perspective = case.rules.perspective(one.perspective())?;
    let answer = one.result().ok().filter(|_| counts(case, one))?;
    let authoritative = perspective.view() == View::Recursive || answer.is_authoritative();
    (authoritative && doubt(answer).is_none()).then_some(answer)
}

/// Whether all perspectives see the same of the siblings at one level, and something else than any
/// sees at the owner name. A wildcard whose answer changes, by the query, by who asks, or with time,
/// could have answered for the owner name, and not for its siblings (S-8).
fn rotation(
    case: &Case<'_>,
    perspective: &Perspective,
    level: Level<'_>,
    answer: &Answer,
) -> Probes {
    let siblings = || {
        let beside = case.seen.iter().filter(move |one| is_beside(one, level));
        beside.filter_map(|one| Some((one.perspective(), hop(case, one)?)))
    };
    let mut here = siblings().filter(|(who, _)| *who == perspective.id());
    let Some((_, beside)) = here.next() else {
        return Probes::Clean;
    };
    if here.any(|(_, other)| other != beside)
        || siblings().any(|(_, other)| other.alias() != beside.alias())
    {
        return Probes::Failed;
    }
    let own = answer.aliases().first().map(Alias::target);
    let owners = case.seen.iter().filter(|one| is_of_owner(case, one));
    let mut targets = owners.filter_map(|one| Some(plain(case, one)?.aliases().first()?.target()));
    let differs = match beside {
        Hop::Nothing | Hop::Records(..) => return Probes::Clean,
        // Everything beside the owner name is one alias, and that is another one for everybody.
        Hop::To(wildcard) => targets.any(|to| to == wildcard || own.is_some_and(|own| to != own)),
        // Below a DNAME the owner name leads where its siblings lead.
        Hop::Below(rest) => {
            let owner = case.challenge.owner();
            targets.any(|to| leads_below(owner, level, to, rest) != own.is_some())
        }
    };
    match (beside, own) {
        _ if differs => Probes::Failed,
        (Hop::To(_), Some(own)) => second_look(case, perspective, own),
        _ => Probes::Clean,
    }
}

/// Whether an alias of the owner name leads to its labels above the level, below the name `rest`.
fn leads_below(owner: &OwnerName, (_, level): Level<'_>, to: &OwnerName, rest: &[u8]) -> bool {
    let kept = owner.as_wire().strip_suffix(level).unwrap_or_default();
    to.as_wire().strip_prefix(kept) == Some(rest)
}

/// Whether the owner name leads to the same name when it is looked at once more.
fn second_look(case: &Case<'_>, perspective: &Perspective, own: &OwnerName) -> Probes {
    let shows = |again: &Answer| again.aliases().first().map(Alias::target) == Some(own);
    let (mut same, mut silent, mut unknown, mut all) = (0, 0, 0, 0);
    let again = case.seen.iter().filter(|one| {
        one.purpose() == Purpose::WildcardProbe
            && one.perspective() == perspective.id()
            && is_of_owner(case, one)
            && is_of_check(case, one)
    });
    for one in again {
        all += 1;
        match plain(case, one) {
            Some(answer) if shows(answer) => same += 1,
            Some(_) => return Probes::Failed,
            None => match Silence::of(case, one) {
                Silence::Full => silent += 1,
                Silence::Unknown => unknown += 1,
                Silence::None => {}
            },
        }
    }
    match all {
        0 => Probes::Missing,
        _ if same == all => Probes::Clean,
        _ if perspective.view() == View::Authoritative && is_enough(same, silent, unknown, all) => {
            Probes::Clean
        }
        _ => Probes::Failed,
    }
}

/// What a perspective says of one sibling, against the answer for the owner name.
fn at_name(
    case: &Case<'_>,
    perspective: &Perspective,
    name: &OwnerName,
    answer: &Answer,
) -> Probes {
    let authoritative = perspective.view() == View::Authoritative;
    let (mut worst, mut clean, mut silent, mut unknown, mut all) = (Probes::Clean, 0, 0, 0, 0);
    for one in told_of_siblings(case, perspective).filter(|one| one.question().name() == name) {
        let is_ours = |answer: &&Answer| !authoritative || answer.is_authoritative();
        let in_time = is_in_time(case, one);
        let next = match one.result().ok().filter(is_ours).filter(|_| in_time) {
            Some(sibling) => probe(case, one, sibling, answer),
            None => Probes::Failed,
        };
        worst = worst.max(next);
        all += 1;
        clean += usize::from(next == Probes::Clean);
        match Silence::of(case, one) {
            Silence::Full => silent += 1,
            Silence::Unknown => unknown += 1,
            Silence::None => {}
        }
    }
    // The servers of a zone that answer make up for those that do not, as for the record (S-2).
    if authoritative && worst == Probes::Failed && is_enough(clean, silent, unknown, all) {
        return Probes::Clean;
    }
    worst
}

/// A label of the owner name before the domain, and the rest of the name behind it, in wire form.
type Level<'a> = (&'a [u8], &'a [u8]);

fn levels_of<'a>(case: &Case<'a>) -> impl Iterator<Item = Level<'a>> + use<'a> {
    let challenge = case.challenge;
    levels(challenge.owner(), challenge.domain().labels().count())
}

/// What a perspective told of siblings in this check.
fn told_of_siblings<'x, 'a: 'x>(
    case: &'x Case<'a>,
    perspective: &'x Perspective,
) -> impl Iterator<Item = &'a Observation> + 'x {
    case.seen.iter().filter(move |one| {
        one.perspective() == perspective.id()
            && one.purpose() == Purpose::WildcardProbe
            && is_of_check(case, one)
    })
}

/// The first observation of each sibling at one level.
fn first_of_each<'x, 'a: 'x>(
    case: &'x Case<'a>,
    perspective: &'x Perspective,
    level: Level<'x>,
) -> impl Iterator<Item = &'a Observation> + 'x {
    let beside =
        move || told_of_siblings(case, perspective).filter(move |one| is_beside(one, level));
    beside().enumerate().filter_map(move |(index, one)| {
        let mut before = beside().take(index);
        let known = before.any(|other| other.question() == one.question());
        (!known).then_some(one)
    })
}

fn is_beside(one: &Observation, (label, rest): Level<'_>) -> bool {
    one.purpose() == Purpose::WildcardProbe && is_sibling(one.question().name(), label, rest)
}

/// Whether it is about the owner name: the look for the record, or the second look.
fn is_of_owner(case: &Case<'_>, one: &Observation) -> bool {
    one.question().name() == case.challenge.owner()
        && matches!(one.purpose(), Purpose::Record | Purpose::WildcardProbe)
}

/// Judges one probe on the first hop: the answer of the sibling against that of the owner name.
fn probe(case: &Case<'_>, one: &Observation, sibling: &Answer, answer: &Answer) -> Probes {
    if doubt(sibling).is_some() {
        return Probes::Failed;
    }
    let Some(end) = sibling.final_name(one.question().name()) else {
        return Probes::Failed;
    };
    let shows_token = || match sibling.outcome() {
        Outcome::Records(records) => matching::find(case, one.started_at(), records).is_ok(),
        _ => false,
    };
    match (answer.aliases().first(), sibling.aliases().first()) {
        (Some(ours), Some(theirs)) if ours.target() == theirs.target() => Probes::Wildcard,
        // Below a DNAME every name has a target of its own: what stands there decides.
        (Some(_), Some(_)) | (None, None) if shows_token() => Probes::Wildcard,
        (Some(_), Some(_)) if matches!(sibling.outcome(), Outcome::Elsewhere) => Probes::Failed,
        // One has an alias and the other has not, or each has its own, or the sibling shows
        // something else: no wildcard stands behind the owner name. But a failure shows nothing.
        (_, None) => match sibling.outcome() {
            Outcome::Records(records) if records.is_empty() => Probes::Failed,
            Outcome::Absent(absence) if !shows_zone(absence, end) => Probes::Failed,
            _ => Probes::Clean,
        },
        (_, Some(_)) => Probes::Clean,
    }
}

/// The labels of a challenge's owner name that stand before its domain, each with the rest of
/// the name behind it, in wire form.
pub(super) fn levels(
    owner: &OwnerName,
    domain_labels: usize,
) -> impl Iterator<Item = (&[u8], &[u8])> {
    let above = owner.labels().count().saturating_sub(domain_labels);
    let mut rest = owner.as_wire();
    std::iter::from_fn(move || {
        let (label, tail) = split_label(rest)?;
        rest = tail;
        Some((label, tail))
    })
    .take(above)
}

fn split_label(wire: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = wire.split_first()?;
    rest.split_at_checked(usize::from(length))
        .filter(|(label, _)| !label.is_empty())
}

/// Whether `name` stands beside `label`, directly below the same name.
fn is_sibling(name: &OwnerName, label: &[u8], level: &[u8]) -> bool {
    split_label(name.as_wire()).is_some_and(|(own, rest)| own != label && rest == level)
}
