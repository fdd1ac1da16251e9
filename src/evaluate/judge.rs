//! What one perspective's observations amount to.

use crate::dns::{
    Absence, AbsenceKind, Answer, LookupFailure, Observation, Outcome, Perspective, Purpose,
    Security, Trust,
};
use crate::name::OwnerName;
use crate::policy::Wildcards;
use crate::suffix::Admission;

use super::matching::{self, Met, Miss};
use super::{Case, Indeterminate, Unproven};

/// What a perspective says, after everything it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nothing that counts.
    Nothing,
    /// It sees the record of these expectations, and no wildcard in its place.
    Match { met: Met, secure: bool },
    /// It sees that the record is not there.
    Negative { reason: Unproven, secure: bool },
    /// It validates on our behalf, and says bogus.
    Bogus,
    /// It sees the record, but as a wildcard's.
    Wildcard { secure: bool },
    /// It sees the record, but was not yet asked about wildcards.
    ProbesMissing,
    /// It cannot tell.
    Failure(Indeterminate),
}

/// How often one perspective may tell of the record in one check. It is asked once; whoever feeds
/// us more than a few repetitions wants us to compare each with every probe (S-16).
const MAX_TOLD: usize = 16;

/// What the perspective says, and the position of the observation that shows it.
pub(super) fn sight(
    case: &Case<'_>,
    perspective: &Perspective,
    admission: &Admission,
) -> (Sight, Option<u32>) {
    let mut found = (Sight::Nothing, None);
    let mut told = 0_usize;
    for (index, one) in (0_u32..).zip(case.seen) {
        if one.perspective() != perspective.id()
            || one.purpose() != Purpose::Record
            || one.question().name() != case.challenge.owner()
            || !counts(case, one)
        {
            continue;
        }
        told = told.saturating_add(1);
        if told > MAX_TOLD {
            return (Sight::Failure(Indeterminate::Incoherent), Some(index));
        }
        let next = judge(case, perspective, admission, one);
        match found.0 {
            Sight::Nothing => found = (next, Some(index)),
            // A perspective has one opinion: counted once, and not at all when it has two (S-3).
            before if before == next => {}
            _ => return (Sight::Failure(Indeterminate::Incoherent), Some(index)),
        }
    }
    found
}

/// Whether an observation counts at all (S-5): of the asked type, of this check, made while the
/// challenge was valid, and not older than the policy allows.
fn counts(case: &Case<'_>, one: &Observation) -> bool {
    let (challenge, now) = (case.challenge, case.now);
    one.question().record_type() == challenge.record().record_type()
        && one.attempt() == challenge.attempts().saturating_add(1)
        && challenge.issued_at() <= one.started_at()
        && one.started_at() <= one.finished_at()
        && one.finished_at() <= now
        && one.finished_at() <= challenge.expires_at()
        && now - one.finished_at() <= case.rules.policy().max_age()
}

/// What one answer for the record amounts to.
fn judge(
    case: &Case<'_>,
    perspective: &Perspective,
    admission: &Admission,
    one: &Observation,
) -> Sight {
    let trusted = perspective.trust() == Trust::Validating;
    let answer = match one.result() {
        Ok(answer) => answer,
        Err(LookupFailure::Bogus { .. }) if trusted => return Sight::Bogus,
        Err(_) => return Sight::Failure(Indeterminate::LookupFailed),
    };
    if let Some(reason) = doubt(answer) {
        return Sight::Failure(reason);
    }
    let secure = trusted && answer.security() == Security::Secure;
    let Some(end) = answer.final_name(one.question().name()) else {
        return Sight::Failure(Indeterminate::Incoherent);
    };
    let aliased = !answer.aliases().is_empty();
    let reason = match answer.outcome() {
        Outcome::Records(records) if records.is_empty() => {
            return Sight::Failure(Indeterminate::Incoherent);
        }
        Outcome::Records(records) => match matching::find(case, one.started_at(), records) {
            Ok(_) if aliased && !admission.allows_alias() => {
                return Sight::Failure(Indeterminate::AliasRefused);
            }
            Ok(met) => return matched(case, perspective, answer, met, secure),
            Err(Miss::UnknownFormat) => return Sight::Failure(Indeterminate::UnknownFormat),
            Err(Miss::Malformed) => Unproven::Malformed,
            Err(Miss::Different) => Unproven::Different,
        },
        Outcome::Absent(absence) => {
            // Whoever denies a name must show that it speaks for its zone (S-7).
            if !shows_zone(absence, end) {
                return Sight::Failure(Indeterminate::UnprovenAbsence);
            }
            match absence.kind() {
                _ if aliased => Unproven::TargetMissing,
                AbsenceKind::NxDomain => Unproven::NoSuchName,
                AbsenceKind::NoData => Unproven::NoSuchRecord,
            }
        }
        // Whose servers were not asked.
        Outcome::Elsewhere => return Sight::Failure(Indeterminate::LookupFailed),
        Outcome::AliasLoop => Unproven::AliasLoop,
        Outcome::AliasTooLong => Unproven::AliasTooLong,
    };
    Sight::Negative { reason, secure }
}

/// A record that was seen, in the light of what its siblings showed (S-8).
fn matched(
    case: &Case<'_>,
    perspective: &Perspective,
    answer: &Answer,
    met: Met,
    secure: bool,
) -> Sight {
    if case.rules.policy().wildcards() == Wildcards::Accept {
        return Sight::Match { met, secure };
    }
    match probes(case, perspective, answer) {
        Probes::Clean => Sight::Match { met, secure },
        Probes::Missing => Sight::ProbesMissing,
        Probes::Wildcard => Sight::Wildcard { secure },
        Probes::Failed => Sight::Failure(Indeterminate::WildcardUnknown),
    }
}

/// Whether a negative answer has the SOA of a zone that the name lies in (S-7).
fn shows_zone(absence: &Absence, name: &OwnerName) -> bool {
    absence.soa().is_some_and(|soa| name.is_within(soa.owner()))
}

/// An answer that its sender itself calls outdated or made up.
fn doubt(answer: &Answer) -> Option<Indeterminate> {
    let errors = answer.extended_errors();
    if errors.iter().any(|error| error.is_filtered()) {
        return Some(Indeterminate::Filtered);
    }
    errors
        .iter()
        .any(|error| error.is_stale())
        .then_some(Indeterminate::Stale)
}

enum Probes {
    Clean,
    Missing,
    Wildcard,
    Failed,
}

/// Whether a wildcard answers in place of the record: the perspective was asked for a sibling of
/// the owner name at every level down to the domain, and each must give something else (S-8).
fn probes(case: &Case<'_>, perspective: &Perspective, answer: &Answer) -> Probes {
    let mut all = Probes::Clean;
    for (label, level) in levels(
        case.challenge.owner(),
        case.challenge.domain().labels().count(),
    ) {
        let mut asked = false;
        for one in case.seen {
            if one.perspective() != perspective.id()
                || one.purpose() != Purpose::WildcardProbe
                || !is_sibling(one.question().name(), label, level)
                || !counts(case, one)
            {
                continue;
            }
            asked = true;
            match probe(case, one, answer) {
                Probes::Wildcard => return Probes::Wildcard,
                Probes::Failed => all = Probes::Failed,
                Probes::Clean | Probes::Missing => {}
            }
        }
        if !asked && matches!(all, Probes::Clean) {
            all = Probes::Missing;
        }
    }
    all
}

/// Judges one probe on the first hop: the answer of the sibling against that of the owner name.
fn probe(case: &Case<'_>, one: &Observation, answer: &Answer) -> Probes {
    let sibling = match one.result() {
        Ok(sibling) if doubt(sibling).is_none() => sibling,
        _ => return Probes::Failed,
    };
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
