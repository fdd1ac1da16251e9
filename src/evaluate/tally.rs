//! Counting perspectives by group.

use crate::challenge::Challenge;
use crate::dns::{Group, Perspective, PerspectiveId, Trust, View};
use crate::suffix::Admission;

use super::judge::{self, Sight};
use super::matching::Met;
use super::{Case, Indeterminate, Rejected, Unproven, Verdict};

/// An expectation that is met, and the observation that shows it first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) expectation: u8,
    pub(super) seen: u32,
}

/// Who sees the record of one expectation.
#[derive(Debug, Clone, Copy, Default)]
struct Support {
    groups: u8,
    seen: Option<u32>,
    secure: Option<u32>,
    /// The zone's own servers are among them.
    authoritative: bool,
}

/// A perspective that saw it is not there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Missing {
    pub(super) reason: Unproven,
    pub(super) seen: u32,
}

/// All perspectives, counted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    /// By expectation: groups corroborate each other when they see the same token.
    support: [Support; Challenge::MAX_EXPECTATIONS],
    /// Groups that deny the record, or see a wildcard.
    pub(super) negatives: u8,
    pub(super) wildcards: u8,
    /// The first that shows each.
    pub(super) negative: Option<Missing>,
    pub(super) wildcard: Option<u32>,
    failure: Option<(Indeterminate, Option<u32>)>,
    /// Trusted and secure ones, which need no corroboration.
    pub(super) secure_negative: Option<Missing>,
    pub(super) secure_wildcard: bool,
    /// A trusted validator that refuses the answer, bogus before anything else, and whether any
    /// trusted one is definite.
    pub(super) refusal: Option<(Rejected, Option<u32>)>,
    pub(super) trusted_definite: bool,
    /// A trusted validator that sees the record, secure or not.
    trusted_match: Option<u32>,
    /// An authoritative view that denies the record (S-2).
    pub(super) veto: Option<u32>,
}

/// What the members of one group say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opinion {
    None,
    Match(Met),
    Negative,
    Wildcard,
    /// They contradict each other.
    Split,
}

impl Opinion {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, other) => other,
            (own, Self::None) => own,
            (Self::Match(own), Self::Match(other)) => Self::Match(own.and(other)),
            (own, other) if own == other => own,
            _ => Self::Split,
        }
    }
}

impl Tally {
    /// What all perspectives say, but for those whose say is still `outstanding`.
    pub(super) fn of(
        case: &Case<'_>,
        admission: &Admission,
        outstanding: &[PerspectiveId],
    ) -> Self {
        let mut tally = Self::default();
        let perspectives = case.rules.perspectives();
        for (index, one) in perspectives.iter().enumerate() {
            if perspectives
                .iter()
                .take(index)
                .any(|other| other.group() == one.group())
            {
                continue; // counted with the first of its group
            }
            let mut opinion = Opinion::None;
            let members = perspectives.iter().skip(index).filter(|member| {
                member.group() == one.group() && !outstanding.contains(member.id())
            });
            for member in members {
                let sight = judge::sight(case, member, admission);
                opinion = opinion.and(tally.note(member, sight));
            }
            tally.count(case, one.group(), opinion);
        }
        tally
    }

    /// Notes what one perspective says by itself.
    fn note(&mut self, who: &Perspective, (sight, seen): (Sight, Option<u32>)) -> Opinion {
        let trusted = who.trust() == Trust::Validating;
        let denies = matches!(
            sight,
            Sight::Negative { .. } | Sight::Wildcard { .. } | Sight::Denial(_)
        );
        if who.view() == View::Authoritative && denies {
            self.veto = self.veto.or(seen);
        }
        match (sight, seen) {
            (Sight::Match { met, secure }, Some(seen)) => {
                self.trusted_definite |= trusted;
                if trusted {
                    self.trusted_match = self.trusted_match.or(Some(seen));
                }
                for support in self.supporting(met) {
                    support.seen = support.seen.or(Some(seen));
                    if secure {
                        support.secure = support.secure.or(Some(seen));
                    }
                    support.authoritative |= who.view() == View::Authoritative;
                }
                Opinion::Match(met)
            }
            (Sight::Negative { reason, secure }, Some(seen)) => {
                let missing = Missing { reason, seen };
                self.negative = self.negative.or(Some(missing));
                self.trusted_definite |= trusted;
                if secure {
                    self.secure_negative = self.secure_negative.or(Some(missing));
                }
                Opinion::Negative
            }
            (Sight::Wildcard { secure }, _) => {
                self.wildcard = self.wildcard.or(seen);
                self.trusted_definite |= trusted;
                self.secure_wildcard |= secure;
                Opinion::Wildcard
            }
            (Sight::Refusal(reason), _) => {
                match self.refusal {
                    Some((kept, _)) if kept == Rejected::Bogus || reason != Rejected::Bogus => {}
                    _ => self.refusal = Some((reason, seen)),
                }
                Opinion::None
            }
            (Sight::ProbesMissing, _) => {
                self.fail(Indeterminate::WildcardUnknown, seen);
                Opinion::None
            }
            (Sight::Failure(reason) | Sight::Denial(reason), _) => {
                self.fail(reason, seen);
                Opinion::None
            }
            _ => Opinion::None,
        }
    }

    /// Keeps the failure that says most: that a change is still spreading before anything else,
    /// and one about the record itself before one of the network.
    fn fail(&mut self, reason: Indeterminate, seen: Option<u32>) {
        let weight = |reason| match reason {
            Indeterminate::ServersDisagree => 2,
            Indeterminate::LookupFailed => 0,
            _ => 1,
        };
        match self.failure {
            Some((kept, _)) if weight(kept) >= weight(reason) => {}
            _ => self.failure = Some((reason, seen)),
        }
    }

    fn count(&mut self, case: &Case<'_>, group: &Group, opinion: Opinion) {
        if !case.rules.counts(group) {
            return;
        }
        let counter = match opinion {
            Opinion::Match(met) => {
                for support in self.supporting(met) {
                    support.groups = support.groups.saturating_add(1);
                }
                return;
            }
            Opinion::Negative => &mut self.negatives,
            Opinion::Wildcard => &mut self.wildcards,
            Opinion::None | Opinion::Split => return,
        };
        *counter = counter.saturating_add(1);
    }

    fn supporting(&mut self, met: Met) -> impl Iterator<Item = &mut Support> {
        let numbered = (0_u8..).zip(&mut self.support);
        numbered.filter_map(move |(position, support)| met.has(position).then_some(support))
    }

    /// How many groups see the record, of the expectation that most of them see.
    pub(super) fn matches(&self) -> u8 {
        let groups = self.support.iter().map(|support| support.groups);
        groups.max().unwrap_or_default()
    }

    /// The expectation that a trusted validator saw, signed.
    pub(super) fn secure_match(&self) -> Option<Found> {
        self.find(|support| support.secure)
    }

    /// The expectation that so many groups see; with an authoritative view among the
    /// perspectives, that too (S-2).
    pub(super) fn quorum(&self, needed: u8, authoritative: bool) -> Option<Found> {
        self.find(|support| {
            let enough = support.groups >= needed && (support.authoritative || !authoritative);
            support.seen.filter(|_| enough)
        })
    }

    fn find(&self, shown: impl Fn(&Support) -> Option<u32>) -> Option<Found> {
        (0_u8..)
            .zip(&self.support)
            .find_map(|(expectation, support)| {
                let seen = shown(support)?;
                Some(Found { expectation, seen })
            })
    }

    /// Why nothing can be said, in the words that help most.
    pub(super) fn indeterminate(&self, case: &Case<'_>, needed: u8) -> Verdict {
        use Indeterminate as Is;

        let matched = self.find(|support| support.seen).map(|found| found.seen);
        let negative = self.negative.map(|missing| missing.seen);
        let (reason, seen) = if let (Some(_), Some(seen)) = (matched, self.veto) {
            (Is::Vetoed, Some(seen))
        } else if let Some((_, seen)) = self.refusal {
            (Is::Disagreement, seen)
        } else if self.wildcard.is_some() {
            (Is::Disagreement, self.wildcard)
        } else if let Some((reason @ (Is::ServersDisagree | Is::WildcardUnknown), seen)) =
            self.failure
        {
            (reason, seen)
        } else if let (true, Some(seen)) = (case.rules.policy().requires_secure(), matched) {
            match (self.trusted_match, self.failure) {
                // Whoever was to vouch for it did not answer.
                (None, Some(failure)) => failure,
                (shown, _) => (Is::NotSecure, shown.or(Some(seen))),
            }
        } else if matched.is_some() && self.matches() >= needed {
            (Is::Unconfirmed, matched)
        } else if matched.is_some() {
            (Is::NotCorroborated, negative.or(matched))
        } else if let Some((reason, seen)) = self.failure {
            (reason, seen)
        } else if negative.is_some() {
            (Is::Disagreement, negative)
        } else {
            (Is::NoObservation, None)
        };
        Verdict::Indeterminate { reason, seen }
    }
}
