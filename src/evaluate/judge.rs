//! What one perspective's observations amount to.

use crate::dns::{
    Absence, AbsenceKind, Answer, LookupFailure, Observation, Outcome, Perspective, Purpose,
    Security, Trust, View,
};
use crate::name::OwnerName;
use crate::suffix::Admission;

use super::matching::{self, Met, Miss};
use super::probes::{Probes, probes};
use super::{Case, Indeterminate, Rejected, Unproven, authoritative};

/// What a perspective says, after everything it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nothing that counts.
    Nothing,
    /// It sees the record of these expectations, and no wildcard in its place.
    Match { met: Met, secure: bool },
    /// It sees that the record is not there.
    Negative { reason: Unproven, secure: bool },
    /// It validates on our behalf, and refuses: as bogus, or as a wildcard that it cannot verify.
    Refusal(Rejected),
    /// It sees the record, but as a wildcard's.
    Wildcard { secure: bool },
    /// It sees the record, but was not yet asked about wildcards.
    ProbesMissing,
    /// It cannot tell.
    Failure(Indeterminate),
    /// It cannot tell, but those of the zone's servers that answer deny the record: enough for a
    /// veto, and for nothing else (S-2).
    Denial(Indeterminate),
}

/// What one answer says by itself, whatever the siblings of its name show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Found {
        met: Met,
        secure: bool,
    },
    Missing {
        reason: Unproven,
        secure: bool,
    },
    /// The record, if there is one, is at the end of the aliases, where others have to be asked.
    Elsewhere {
        secure: bool,
    },
    Refused(Rejected),
    Failed(Indeterminate),
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
    if perspective.view() == View::Authoritative {
        return authoritative::sight(case, perspective, admission);
    }
    let mut found = (Sight::Nothing, None);
    let mut told = 0_usize;
    for (index, one) in told_of(case, perspective, case.challenge.owner()) {
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

/// What a perspective told of the record at this name, as far as it counts.
pub(super) fn told_of<'x, 'a: 'x>(
    case: &'x Case<'a>,
    perspective: &'x Perspective,
    name: &'x OwnerName,
) -> impl Iterator<Item = (u32, &'a Observation)> + 'x {
    all_told_of(case, perspective, name).filter(|(_, one)| is_in_time(case, one))
}

/// The same, at whatever time.
pub(super) fn all_told_of<'x, 'a: 'x>(
    case: &'x Case<'a>,
    perspective: &'x Perspective,
    name: &'x OwnerName,
) -> impl Iterator<Item = (u32, &'a Observation)> + 'x {
    (0_u32..).zip(case.seen).filter(move |(_, one)| {
        one.perspective() == perspective.id()
            && one.purpose() == Purpose::Record
            && one.question().name() == name
            && is_of_check(case, one)
    })
}

/// Whether an observation counts at all (S-5): of the asked type, of this check, made while the
/// challenge was valid, and not older than the policy allows.
pub(super) fn counts(case: &Case<'_>, one: &Observation) -> bool {
    is_of_check(case, one) && is_in_time(case, one)
}

/// Whether it is of the asked type, and of this check.
pub(super) fn is_of_check(case: &Case<'_>, one: &Observation) -> bool {
    one.question().record_type() == case.challenge.record().record_type()
        && one.attempt() == case.challenge.attempts().saturating_add(1)
}

/// Whether it was made while the challenge was valid, and is not older than the policy allows.
pub(super) fn is_in_time(case: &Case<'_>, one: &Observation) -> bool {
    let (challenge, now) = (case.challenge, case.now);
    challenge.issued_at() <= one.started_at()
        && one.started_at() <= one.finished_at()
        && one.finished_at() <= now
        && one.finished_at() <= challenge.expires_at()
        && now - one.finished_at() <= case.rules.policy().max_age()
}

/// What one answer of a resolver for the record amounts to.
fn judge(
    case: &Case<'_>,
    perspective: &Perspective,
    admission: &Admission,
    one: &Observation,
) -> Sight {
    match said(case, perspective, admission, one, false) {
        Said::Found { met, secure } => match probes(case, perspective, one) {
            Probes::Clean => Sight::Match { met, secure },
            Probes::Missing => Sight::ProbesMissing,
            Probes::Wildcard => Sight::Wildcard { secure },
            Probes::Failed => Sight::Failure(Indeterminate::WildcardUnknown),
        },
        Said::Missing { reason, secure } => Sight::Negative { reason, secure },
        // Whose servers were not asked.
        Said::Elsewhere { .. } => Sight::Failure(Indeterminate::LookupFailed),
        Said::Refused(reason) => Sight::Refusal(reason),
        Said::Failed(reason) => Sight::Failure(reason),
    }
}

/// What one answer for the record says, at a name that was perhaps reached through an alias.
pub(super) fn said(
    case: &Case<'_>,
    perspective: &Perspective,
    admission: &Admission,
    one: &Observation,
    reached_by_alias: bool,
) -> Said {
    let trusted = perspective.trust() == Trust::Validating;
    let answer = match one.result() {
        Ok(answer) => answer,
        Err(LookupFailure::Bogus { .. }) if trusted => return Said::Refused(Rejected::Bogus),
        Err(LookupFailure::UnverifiedWildcard) if trusted => {
            return Said::Refused(Rejected::UnverifiedWildcard);
        }
        Err(LookupFailure::TooLarge) => return Said::Failed(Indeterminate::TooLarge),
        Err(LookupFailure::Truncated) => return Said::Failed(Indeterminate::Truncated),
        Err(_) => return Said::Failed(Indeterminate::LookupFailed),
    };
    if let Some(reason) = doubt(answer) {
        return Said::Failed(reason);
    }
    let secure = trusted && answer.security() == Security::Secure;
    let Some(end) = answer.final_name(one.question().name()) else {
        return Said::Failed(Indeterminate::Incoherent);
    };
    let aliased = reached_by_alias || !answer.aliases().is_empty();
    let reason = match answer.outcome() {
        Outcome::Records(records) if records.is_empty() => {
            return Said::Failed(Indeterminate::Incoherent);
        }
        Outcome::Records(records) => match matching::find(case, one.started_at(), records) {
            Ok(_) if aliased && !admission.allows_alias() => {
                return Said::Failed(Indeterminate::AliasRefused);
            }
            Ok(met) => return Said::Found { met, secure },
            Err(Miss::UnknownFormat) => return Said::Failed(Indeterminate::UnknownFormat),
            Err(Miss::Malformed) => Unproven::Malformed,
            Err(Miss::Different) => Unproven::Different,
        },
        Outcome::Absent(absence) => {
            // Whoever denies a name must show that it speaks for its zone (S-7).
            if !shows_zone(absence, end) {
                return Said::Failed(Indeterminate::UnprovenAbsence);
            }
            match absence.kind() {
                _ if aliased => Unproven::TargetMissing,
                AbsenceKind::NxDomain => Unproven::NoSuchName,
                AbsenceKind::NoData => Unproven::NoSuchRecord,
            }
        }
        Outcome::Elsewhere => return Said::Elsewhere { secure },
        Outcome::AliasLoop => Unproven::AliasLoop,
        Outcome::AliasTooLong => Unproven::AliasTooLong,
    };
    Said::Missing { reason, secure }
}

/// Whether a negative answer has the SOA of a zone that the name lies in (S-7).
pub(super) fn shows_zone(absence: &Absence, name: &OwnerName) -> bool {
    absence.soa().is_some_and(|soa| name.is_within(soa.owner()))
}

/// An answer that its sender itself calls outdated or made up.
pub(super) fn doubt(answer: &Answer) -> Option<Indeterminate> {
    let errors = answer.extended_errors();
    if errors.iter().any(|error| error.is_filtered()) {
        return Some(Indeterminate::Filtered);
    }
    errors
        .iter()
        .any(|error| error.is_stale())
        .then_some(Indeterminate::Stale)
}
