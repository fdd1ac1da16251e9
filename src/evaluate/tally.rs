//! Counting perspectives by group.

use crate::challenge::Challenge;
use crate::dns::{Group, Perspective, PerspectiveId, Trust, View};
use crate::suffix::Admission;

use super::judge::{self, Sight};
use super::matching::Met;
use super::{Case, Indeterminate, Unproven, Verdict};

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
    /// A trusted validator that says bogus, and whether any trusted one is definite.
    pub(super) bogus: Option<u32>,
    pub(super) trusted_definite: bool,
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
        let denies = matches!(sight, Sight::Negative { .. } | Sight::Wildcard { .. });
        if who.view() == View::Authoritative && denies {
            self.veto = self.veto.or(seen);
        }
        match (sight, seen) {
            (Sight::Match { met, secure }, Some(seen)) => {
                self.trusted_definite |= trusted;
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
            (Sight::Bogus, _) => {
                self.bogus = self.bogus.or(seen);
                Opinion::None
            }
            (Sight::ProbesMissing, _) => {
                self.fail(Indeterminate::WildcardUnknown, seen);
                Opinion::None
            }
            (Sight::Failure(reason), _) => {
                self.fail(reason, seen);
                Opinion::None
            }
            _ => Opinion::None,
        }
    }

    /// Keeps the failure that says most: one about the record itself before one of the network.
    fn fail(&mut self, reason: Indeterminate, seen: Option<u32>) {
        let about_network = |reason| reason == Indeterminate::LookupFailed;
        match self.failure {
            Some((kept, _)) if !about_network(kept) || about_network(reason) => {}
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
    pub(super) fn indeterminate(&self, needed: u8) -> Verdict {
        let matched = self.find(|support| support.seen).map(|found| found.seen);
        let negative = self.negative.map(|missing| missing.seen);
        let (reason, seen) = if let (Some(_), Some(seen)) = (matched, self.veto) {
            (Indeterminate::Vetoed, Some(seen))
        } else if self.bogus.is_some() || self.wildcard.is_some() {
            (Indeterminate::Disagreement, self.bogus.or(self.wildcard))
        } else if let Some((reason @ Indeterminate::WildcardUnknown, seen)) = self.failure {
            (reason, seen)
        } else if matched.is_some() && self.matches() >= needed {
            (Indeterminate::Unconfirmed, matched)
        } else if matched.is_some() {
            (Indeterminate::NotCorroborated, negative.or(matched))
        } else if let Some((reason, seen)) = self.failure {
            (reason, seen)
        } else if negative.is_some() {
            (Indeterminate::Disagreement, negative)
        } else {
            (Indeterminate::NoObservation, None)
        };
        Verdict::Indeterminate { reason, seen }
    }
}

/// How many groups may still add to a count, when the `outstanding` perspectives answer. `None`
/// when one of them weighs more than one voice of its own: a trusted validator, an authoritative
/// view, or another member of a group that has answered.
pub(super) fn groups_that_may_come(case: &Case<'_>, outstanding: &[PerspectiveId]) -> Option<u8> {
    let perspectives = case.rules.perspectives();
    let pending = |one: &Perspective| outstanding.contains(one.id());
    let mut groups = 0_u8;
    for (index, one) in perspectives
        .iter()
        .enumerate()
        .filter(|(_, one)| pending(one))
    {
        if one.trust() == Trust::Validating || one.view() == View::Authoritative {
            return None;
        }
        if perspectives
            .iter()
            .any(|other| other.group() == one.group() && !pending(other))
        {
            return None;
        }
        let first = !perspectives
            .iter()
            .take(index)
            .any(|other| other.group() == one.group());
        if first && case.rules.counts(one.group()) {
            groups = groups.saturating_add(1);
        }
    }
    Some(groups)
}
