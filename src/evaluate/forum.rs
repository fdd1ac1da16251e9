//! The decision by the CA/Browser Forum's table: one primary perspective, and remote ones that
//! corroborate it.

use crate::challenge::Challenge;
use crate::dns::{Perspective, PerspectiveId, Security, View};
use crate::evidence::Basis;
use crate::policy::{Rir, Table};
use crate::suffix::Admission;

use super::judge::{self, Sight};
use super::tally::Found;
use super::{Case, Indeterminate, Rejected, Verdict, proven};

/// Who sees the record of one expectation.
#[derive(Debug, Clone, Copy, Default)]
struct Support {
    remotes: usize,
    /// The regions of those, a bit for each.
    regions: u8,
    /// An authoritative view is among those that see it.
    confirmed: bool,
}

/// What the primary perspective says, and who says the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corroboration {
    /// `None` while it is outstanding.
    primary: Option<(Sight, Option<u32>)>,
    remotes: usize,
    support: [Support; Challenge::MAX_EXPECTATIONS],
    /// A remote perspective that does not see the record.
    dissent: Option<u32>,
    /// What the authoritative views say against it, or why they say nothing.
    veto: Option<u32>,
    unheard: Option<(Indeterminate, Option<u32>)>,
    /// What would be there if all that are outstanding saw the record, and whether one of them
    /// may veto.
    hoped: [Support; Challenge::MAX_EXPECTATIONS],
    may_veto: bool,
}

impl Corroboration {
    /// What all perspectives say, but for those whose say is still `outstanding`.
    pub(super) fn of(
        case: &Case<'_>,
        admission: &Admission,
        primary: &PerspectiveId,
        outstanding: &[PerspectiveId],
    ) -> Self {
        let mut all = Self {
            primary: None,
            remotes: case.rules.remotes().count(),
            support: Default::default(),
            dissent: None,
            veto: None,
            unheard: None,
            hoped: Default::default(),
            may_veto: false,
        };
        for one in case.rules.perspectives() {
            let pending = outstanding.contains(one.id());
            let is_primary = one.id() == primary;
            if pending {
                all.hope(one, is_primary);
                continue;
            }
            let (sight, seen) = judge::sight(case, one, admission);
            if is_primary {
                all.primary = Some((sight, seen));
            } else {
                all.note(one, sight, seen);
            }
        }
        all
    }

    /// One that may yet see the record.
    fn hope(&mut self, one: &Perspective, is_primary: bool) {
        if is_primary {
            return;
        }
        self.may_veto |= one.view() == View::Authoritative;
        for hoped in &mut self.hoped {
            hoped.add(one);
        }
    }

    /// One beside the primary.
    fn note(&mut self, one: &Perspective, sight: Sight, seen: Option<u32>) {
        let authoritative = one.view() == View::Authoritative;
        match sight {
            Sight::Match { met, .. } => {
                let both = (0_u8..).zip(self.support.iter_mut().zip(&mut self.hoped));
                for (_, (support, hoped)) in both.filter(|(position, _)| met.has(*position)) {
                    support.add(one);
                    hoped.add(one);
                }
            }
            Sight::Negative { .. } | Sight::Wildcard { .. } | Sight::Denial(_) if authoritative => {
                self.veto = self.veto.or(seen);
            }
            Sight::Failure(reason) if authoritative => {
                let disagree = reason == Indeterminate::ServersDisagree;
                if disagree || self.unheard.is_none() {
                    self.unheard = Some((reason, seen));
                }
            }
            _ if !authoritative => self.dissent = self.dissent.or(seen),
            _ => {}
        }
    }

    pub(super) fn verdict(&self, case: &Case<'_>) -> Verdict {
        let rejected = |reason, seen| Verdict::Rejected { reason, seen };
        let unclear = |reason, seen| Verdict::Indeterminate { reason, seen };
        let (sight, seen) = self.primary.unwrap_or((Sight::Nothing, None));
        match (sight, seen) {
            (Sight::Refusal(reason), _) => rejected(reason, seen),
            (Sight::Wildcard { .. }, _) => rejected(Rejected::Wildcard, seen),
            (Sight::Negative { reason, .. }, Some(seen)) => Verdict::Unproven { reason, seen },
            (Sight::Match { secure, .. }, Some(first)) => {
                match self.obstacle(case, secure, first) {
                    Ok(expectation) => {
                        let seen = first;
                        proven(case, Found { expectation, seen }, Basis::CaBrowserForum)
                    }
                    Err((reason, seen)) => unclear(reason, seen),
                }
            }
            (Sight::ProbesMissing, _) => unclear(Indeterminate::WildcardUnknown, seen),
            (Sight::Failure(reason) | Sight::Denial(reason), _) => unclear(reason, seen),
            _ => unclear(Indeterminate::NoObservation, None),
        }
    }

    /// The expectation that enough see; otherwise what is missing, in the words that help most.
    /// The primary perspective saw the record in the observation `first`.
    fn obstacle(
        &self,
        case: &Case<'_>,
        secure: bool,
        first: u32,
    ) -> Result<u8, (Indeterminate, Option<u32>)> {
        use Indeterminate as Is;

        let table = Table::at(case.now);
        if self.remotes < table.remotes {
            return Err((Is::TooFewPerspectives, None));
        }
        if let Some(veto) = self.veto {
            return Err((Is::Vetoed, Some(veto)));
        }
        if !is_vouched(case, secure, first) {
            return Err((Is::NotSecure, Some(first)));
        }
        if let Some(expectation) = self.passing(case, &self.support) {
            return Ok(expectation);
        }
        let quorum = |support: &Support| self.is_quorum(support);
        let support = || self.expected(&self.support).map(|(_, support)| support);
        if !support().any(quorum) {
            return Err((Is::NotCorroborated, self.dissent.or(Some(first))));
        }
        if !support().any(|support| quorum(support) && support.is_spread(table)) {
            return Err((Is::TooFewRegions, Some(first)));
        }
        match self.unheard {
            Some(disagree @ (Is::ServersDisagree, _)) => Err(disagree),
            _ => Err((Is::Unconfirmed, Some(first))),
        }
    }

    /// Whether the verdict stays, whatever those say that are outstanding.
    pub(super) fn is_settled(&self, case: &Case<'_>) -> bool {
        let Some((sight, seen)) = self.primary else {
            return false;
        };
        let (Sight::Match { secure, .. }, Some(first)) = (sight, seen) else {
            return true;
        };
        match self.verdict(case) {
            Verdict::Validated { .. } => !self.may_veto,
            _ => {
                let unsigned = !is_vouched(case, secure, first);
                let few = self.remotes < Table::at(case.now).remotes;
                let blocked = self.veto.is_some() || unsigned || few;
                blocked || self.passing(case, &self.hoped).is_none()
            }
        }
    }

    /// The expectations that the primary perspective sees met, and who else sees that.
    fn expected<'x>(
        &'x self,
        support: &'x [Support; Challenge::MAX_EXPECTATIONS],
    ) -> impl Iterator<Item = (u8, &'x Support)> {
        (0_u8..).zip(support).filter(|(position, _)| {
            matches!(self.primary, Some((Sight::Match { met, .. }, _)) if met.has(*position))
        })
    }

    /// The first expectation that enough see.
    fn passing(
        &self,
        case: &Case<'_>,
        support: &[Support; Challenge::MAX_EXPECTATIONS],
    ) -> Option<u8> {
        let table = Table::at(case.now);
        let authoritative = case.rules.has_authoritative_view();
        let mut expected = self.expected(support);
        let passing = expected.find(|(_, support)| {
            self.is_quorum(support)
                && support.is_spread(table)
                && (support.confirmed || !authoritative)
        });
        passing.map(|(position, _)| position)
    }

    fn is_quorum(&self, support: &Support) -> bool {
        let exceptions = usize::from(Table::exceptions(self.remotes));
        support.remotes.saturating_add(exceptions) >= self.remotes
    }
}

/// Whether the primary perspective checked what it saw, as the Forum asks of it: one whose
/// validation failed its self check does not (S-11). The policy may ask for more.
fn is_vouched(case: &Case<'_>, secure: bool, first: u32) -> bool {
    let seen = usize::try_from(first)
        .ok()
        .and_then(|first| case.seen.get(first));
    let answer = seen.and_then(|one| one.result().ok());
    let checked = answer.is_some_and(|answer| answer.security() != Security::Unvalidated);
    checked && (secure || !case.rules.policy().requires_secure())
}

impl Support {
    fn add(&mut self, one: &Perspective) {
        if one.view() == View::Authoritative {
            self.confirmed = true;
            return;
        }
        self.remotes = self.remotes.saturating_add(1);
        if let Some(rir) = Rir::of(one) {
            self.regions |= 1_u8.checked_shl(rir as u32).unwrap_or_default();
        }
    }

    fn is_spread(&self, table: Table) -> bool {
        self.regions.count_ones() >= table.regions
    }
}
