//! What one perspective's observations amount to.

use crate::dns::{
    AbsenceKind, Answer, LookupFailure, Observation, Outcome, Perspective, Purpose, Security, Trust,
};
use crate::name::OwnerName;
use crate::policy::Wildcards;
use crate::suffix::Admission;

use super::matching::{self, Comparison};
use super::{Case, Indeterminate, Unproven};

/// What a perspective says, after everything it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nothing that counts.
    Nothing,
    /// It sees the record of this expectation.
    Match { expectation: u8, secure: bool },
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

/// What the perspective says, and the position of the observation that shows it.
pub(super) fn sight(
    case: &Case<'_>,
    perspective: &Perspective,
    admission: &Admission,
) -> (Sight, Option<u32>) {
    let mut found = (Sight::Nothing, None);
    for (index, one) in (0_u32..).zip(case.seen) {
        if one.perspective() != perspective.id()
            || one.purpose() != Purpose::Record
            || one.question().name() != case.challenge.owner()
            || !counts(case, one)
        {
            continue;
        }
        let next = judge(case, perspective, admission, one);
        match found.0 {
            Sight::Nothing => found = (next, Some(index)),
            // A perspective has one opinion: counted once, and not at all when it has two (S-3).
            before if before == next => {}
            _ => return (Sight::Failure(Indeterminate::Incoherent), Some(index)),
        }
    }
    if let (Sight::Match { secure, .. }, Some(index)) = found
        && case.rules.policy().wildcards() == Wildcards::Reject
    {
        let answer = usize::try_from(index)
            .ok()
            .and_then(|index| case.seen.get(index));
        match answer.and_then(|seen| seen.result().ok()) {
            Some(answer) => match probes(case, perspective, answer) {
                Probes::Clean => {}
                Probes::Missing => return (Sight::ProbesMissing, found.1),
                Probes::Wildcard => return (Sight::Wildcard { secure }, found.1),
                Probes::Failed => {
                    return (Sight::Failure(Indeterminate::WildcardUnknown), found.1);
                }
            },
            None => return (Sight::Failure(Indeterminate::Incoherent), found.1),
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

/// What one answer for the record amounts to, wildcards aside.
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
        Outcome::Records(records) => match matching::find(case, records) {
            Ok(_) if aliased && !admission.allows_alias() => {
                return Sight::Failure(Indeterminate::AliasRefused);
            }
            Ok(expectation) => {
                return Sight::Match {
                    expectation,
                    secure,
                };
            }
            Err(Comparison::Malformed) => Unproven::Malformed,
            Err(_) => Unproven::Different,
        },
        Outcome::Absent(absence) => {
            // Whoever denies a name must show that it speaks for its zone (S-7).
            if !absence.soa().is_some_and(|soa| end.is_within(soa.owner())) {
                return Sight::Failure(Indeterminate::UnprovenAbsence);
            }
            match absence.kind() {
                _ if aliased => Unproven::TargetMissing,
                AbsenceKind::NxDomain => Unproven::NoSuchName,
                AbsenceKind::NoData => Unproven::NoSuchRecord,
            }
        }
        Outcome::AliasLoop => Unproven::AliasLoop,
        Outcome::AliasTooLong => Unproven::AliasTooLong,
    };
    Sight::Negative { reason, secure }
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
    match (answer.aliases().first(), sibling.aliases().first()) {
        (Some(ours), Some(theirs)) if ours.target() == theirs.target() => Probes::Wildcard,
        (None, None) => match sibling.outcome() {
            Outcome::Records(records) if matching::find(case, records).is_ok() => Probes::Wildcard,
            Outcome::Records(records) if records.is_empty() => Probes::Failed,
            Outcome::Absent(absence)
                if !absence.soa().is_some_and(|soa| end.is_within(soa.owner())) =>
            {
                Probes::Failed
            }
            _ => Probes::Clean,
        },
        // The sibling has no alias where the owner name has one, or another one: no wildcard
        // stands behind the owner name. A negative without a SOA shows nothing, though.
        (Some(_), None) => match sibling.outcome() {
            Outcome::Absent(absence)
                if !absence.soa().is_some_and(|soa| end.is_within(soa.owner())) =>
            {
                Probes::Failed
            }
            _ => Probes::Clean,
        },
        _ => Probes::Clean,
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
