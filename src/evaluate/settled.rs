//! Whether anybody is still worth waiting for.

use crate::dns::{Perspective, PerspectiveId, Trust, View};
use crate::policy::Wildcards;
use crate::suffix::Admission;

use super::forum::Corroboration;
use super::tally::Tally;
use super::{Case, Verdict, decide};

/// Whether the verdict stays as it is, whatever the perspectives still say that are
/// `outstanding`: those that were not asked to the end yet. That one of them might see a wildcard
/// rotate beside the record (S-8) is nothing to wait for.
#[must_use]
pub fn is_settled(case: &Case<'_>, outstanding: &[PerspectiveId]) -> bool {
    let Ok(admission) = case.admission() else {
        return true;
    };
    if outstanding.is_empty() {
        return true;
    }
    // What the outstanding ones have said so far is not all they say, and counts for nothing here.
    if let Some(primary) = case.rules.policy().primary() {
        return Corroboration::of(case, &admission, primary, outstanding).is_settled(case);
    }
    let tally = Tally::of(case, &admission, outstanding);
    match Coming::of(case, outstanding) {
        Some(coming) => stays(case, admission, &tally, coming),
        None => false,
    }
}

/// What the outstanding perspectives may add.
#[derive(Debug, Clone, Copy, Default)]
struct Coming {
    /// Voices of groups that have none yet.
    groups: u8,
    /// A trusted validator, which may say that the answer is bogus, or secure.
    trusted: bool,
    /// An authoritative view, which may veto or confirm.
    authoritative: bool,
}

impl Coming {
    /// `None` when one of them may silence another member of its group, that has answered.
    fn of(case: &Case<'_>, outstanding: &[PerspectiveId]) -> Option<Self> {
        let perspectives = case.rules.perspectives();
        let pending = |one: &Perspective| outstanding.contains(one.id());
        let mut coming = Self::default();
        for (index, one) in perspectives.iter().enumerate() {
            if !pending(one) {
                continue;
            }
            let mates = |count: usize| {
                let mut others = perspectives.iter().take(count);
                others.any(|other| other.group() == one.group() && pending(other))
            };
            let mut all = perspectives.iter();
            if all.any(|other| other.group() == one.group() && !pending(other)) {
                return None;
            }
            if !mates(index) && case.rules.counts(one.group()) {
                coming.groups = coming.groups.saturating_add(1);
            }
            coming.trusted |= one.trust() == Trust::Validating;
            coming.authoritative |= one.view() == View::Authoritative;
        }
        Some(coming)
    }
}

fn stays(case: &Case<'_>, admission: Admission, tally: &Tally, coming: Coming) -> bool {
    let (needed, policy) = (case.needed(), case.rules.policy());
    let reachable = |count: u8| count.saturating_add(coming.groups) >= needed;
    if coming.trusted {
        // It may say anything that ends the matter, but for what is decided before.
        return tally.wildcards >= needed || tally.secure_wildcard;
    }
    let wildcard = policy.wildcards() == Wildcards::Reject && reachable(tally.wildcards);
    let contradicted = tally.secure_negative.is_some() && !case.rules.has_authoritative_view();
    let blocked =
        tally.veto.is_some() || tally.refusal.is_some() || policy.requires_secure() || contradicted;
    let provable = !blocked && reachable(tally.matches());
    match decide(case, admission, tally) {
        Verdict::Rejected { .. } => true,
        Verdict::Validated { .. } => {
            !coming.authoritative && (tally.matches() >= needed || !wildcard)
        }
        Verdict::Unproven { .. } => tally.negatives >= needed || !wildcard && !provable,
        Verdict::Indeterminate { .. } => !wildcard && !provable && !reachable(tally.negatives),
    }
}
