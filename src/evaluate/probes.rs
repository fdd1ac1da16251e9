//! Whether a wildcard answers in place of the record (S-8).

use crate::dns::{Answer, Observation, Outcome, Perspective, Purpose, View};
use crate::name::OwnerName;
use crate::policy::Wildcards;

use super::judge::{counts, doubt, shows_zone};
use super::{Case, matching};

/// What the siblings of the owner name show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Probes {
    Clean,
    Missing,
    Failed,
    Wildcard,
}

/// Whether a wildcard answers in place of the record: the perspective was asked for a sibling of
/// the owner name at every level down to the domain, and each must give something else than `own`,
/// which saw the record there (S-8).
pub(super) fn probes(case: &Case<'_>, perspective: &Perspective, own: &Observation) -> Probes {
    let (Wildcards::Reject, Ok(answer)) = (case.rules.policy().wildcards(), own.result()) else {
        return Probes::Clean;
    };
    let authoritative = perspective.view() == View::Authoritative;
    let mut all = Probes::Clean;
    for (label, level) in levels(
        case.challenge.owner(),
        case.challenge.domain().labels().count(),
    ) {
        let siblings = case.seen.iter().filter(|one| {
            one.perspective() == perspective.id()
                && one.purpose() == Purpose::WildcardProbe
                && is_sibling(one.question().name(), label, level)
                && counts(case, one)
        });
        let mut shown = Probes::Missing;
        for one in siblings {
            let is_ours = |answer: &Answer| !authoritative || answer.is_authoritative();
            let next = match one.result() {
                Ok(sibling) if is_ours(sibling) => probe(case, one, sibling, answer),
                _ => Probes::Failed,
            };
            shown = match (shown, next) {
                (Probes::Missing, next) => next,
                // One of the zone's servers that answers makes up for another that does not.
                (Probes::Clean, Probes::Failed) | (Probes::Failed, Probes::Clean)
                    if authoritative =>
                {
                    Probes::Clean
                }
                (shown, next) => shown.max(next),
            };
        }
        all = all.max(shown);
    }
    all
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
