use std::fmt;

use time::UtcDateTime;

use crate::challenge::{Challenge, State};
use crate::dns::Observation;
use crate::evaluate::{Examination, Indeterminate, Rejected, Verdict};
use crate::evidence::Evidence;
use crate::lifecycle::{Event, Transition};
use crate::name::{AccountId, DomainName, Scope};
use crate::record::Forgiven;
use crate::suffix::SuffixGuard;
use crate::token::ChallengeId;

/// How a challenge stands after it was checked.
///
/// Its `Display` says it to a person: what was found, what to publish, and when we look again.
#[derive(Debug, Clone)]
pub struct Check {
    challenge: Challenge,
    /// As it was before the check, if that changed it.
    examined: Option<Box<Challenge>>,
    verdict: Verdict,
    examination: Option<Examination>,
    event: Option<Event>,
    decided_at: UtcDateTime,
}

impl Check {
    /// A challenge that was changed by this check.
    pub(super) fn after(
        examined: Challenge,
        transition: &Transition,
        examination: Option<Examination>,
        guard: &SuffixGuard,
        now: UtcDateTime,
    ) -> Self {
        let challenge = transition.next().clone();
        let event = transition.event().cloned();
        let looked = examination.as_ref().filter(|_| {
            // One that ended too late is as good as none.
            challenge.is_open() || matches!(challenge.state(), State::Validated { .. })
        });
        let verdict = looked.map(|looked| *looked.verdict());
        let decided_at = looked.map_or(now, Examination::finished_at);
        Self {
            verdict: verdict.unwrap_or_else(|| standing(&examined, guard, now)),
            challenge,
            examined: Some(Box::new(examined)),
            examination,
            event,
            decided_at,
        }
    }

    /// A challenge that was closed already, or is held (S-7): nothing was looked up.
    pub(super) fn standing(challenge: Challenge, guard: &SuffixGuard, now: UtcDateTime) -> Self {
        let verdict = standing(&challenge, guard, now);
        Self {
            challenge,
            examined: None,
            verdict,
            examination: None,
            event: None,
            decided_at: now,
        }
    }

    /// A challenge that another check has brought up to date meanwhile.
    pub(super) fn unchanged(
        challenge: Challenge,
        examined: Challenge,
        examination: Examination,
    ) -> Self {
        let verdict = *examination.verdict();
        let decided_at = examination.finished_at();
        Self {
            challenge,
            examined: Some(Box::new(examined)),
            verdict,
            examination: Some(examination),
            event: None,
            decided_at,
        }
    }

    /// Whether control is proven, at the time of this check.
    #[must_use]
    pub fn is_validated(&self) -> bool {
        let state = self.challenge.state_at(self.decided_at);
        matches!(state, State::Validated { .. }) && self.verdict.is_validated()
    }

    /// Whether the challenge is held: its time is over by our clock, which could be wrong, so that
    /// it stays open until a second check at [`next_check_at`](Self::next_check_at) or later says
    /// the same. It proves nothing meanwhile, and [`issue`](super::Dcv::issue) gives it back:
    /// [`reissue`](super::Dcv::reissue) replaces it at once (S-7).
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.challenge.is_held()
    }

    /// The challenge as it is stored now.
    #[must_use]
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// The challenge as it was when it was checked: in the revision that the verdict is for. A
    /// check that looked nothing up has left it as it was, unless its time had passed.
    #[must_use]
    pub fn examined(&self) -> &Challenge {
        self.examined.as_deref().unwrap_or(&self.challenge)
    }

    /// When it was decided.
    #[must_use]
    pub fn decided_at(&self) -> UtcDateTime {
        self.decided_at
    }

    /// Where the challenge stands now.
    #[must_use]
    pub fn state(&self) -> State {
        self.challenge.state()
    }

    /// What was decided.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// When to look again, if nobody asks before.
    #[must_use]
    pub fn next_check_at(&self) -> Option<UtcDateTime> {
        self.challenge.next_check_at()
    }

    /// What the application should hear of: each event is in one check only.
    #[must_use]
    pub fn event(&self) -> Option<&Event> {
        self.event.as_ref()
    }

    /// Until when resolvers may go on denying the record out of their caches, whatever the zone
    /// says by now (L-02); `None` when that does not stand in the way of a proof.
    #[must_use]
    pub fn denied_until(&self) -> Option<UtcDateTime> {
        let in_the_way = matches!(
            self.verdict,
            Verdict::Unproven { .. }
                | Verdict::Indeterminate {
                    reason: Indeterminate::NotCorroborated,
                    ..
                }
        );
        let examination = self.examination.as_ref().filter(|_| in_the_way)?;
        examination.denied_until()
    }

    /// What was forgiven in the record, by whomever it was seen so: spaces where there should be
    /// none, for example (K-10, K-12). Of a challenge that was proven before, what was forgiven
    /// then.
    #[must_use]
    pub fn forgiven(&self) -> Forgiven {
        let looked = self.examination.as_ref().map(Examination::forgiven);
        let kept = || self.challenge.evidence().map(Evidence::forgiven);
        looked.or_else(kept).unwrap_or_default()
    }

    /// How many DNS queries the check took (S-16); 0 when nothing was looked up.
    #[must_use]
    pub fn queries(&self) -> u32 {
        self.examination.as_ref().map_or(0, Examination::queries)
    }

    /// Everything that was seen, for the operator; empty when nothing was looked up. A tenant
    /// should not see it as it is: it names resolvers and other people's records (S-17).
    #[must_use]
    pub fn observations(&self) -> &[Observation] {
        self.examination
            .as_ref()
            .map_or(&[], Examination::observations)
    }
}

impl Check {
    fn write_forgiven(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let forgiven = self.forgiven();
        if !forgiven.is_empty() {
            f.write_str("\nThe record is not written as it was given, which was forgiven.")?;
        }
        forgiven.sentences().try_for_each(|one| write!(f, " {one}"))
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Challenge { domain, record, .. } = &self.challenge;
        match self.state() {
            State::Validated { at, until } if self.is_validated() => {
                write!(
                    f,
                    "{domain} is proven since {} until {}.",
                    Moment(at),
                    Moment(until)
                )?;
                self.write_forgiven(f)
            }
            State::Pending if self.is_held() => {
                write!(f, "{domain} is not proven: {}.", self.verdict)?;
                if let Some(at) = self.next_check_at() {
                    let at = Moment(at);
                    f.write_str("\nReissuing it puts a new one in its place at once.")?;
                    write!(f, "\nIt is closed when a check from {at} on says the same.")?;
                }
                Ok(())
            }
            State::Pending => {
                write!(f, "{domain} is not proven: {}.", self.verdict)?;
                if matches!(
                    self.verdict,
                    Verdict::Unproven { .. } | Verdict::Rejected { .. }
                ) {
                    write!(f, "\nThe record must be: {record}")?;
                }
                if let Some(until) = self.denied_until() {
                    write!(f, "\nCaches may deny the record until {}.", Moment(until))?;
                }
                self.write_forgiven(f)?;
                if let Some(at) = self.next_check_at() {
                    write!(f, "\nThe next check is at {}.", Moment(at))?;
                }
                Ok(())
            }
            _ => write!(f, "{domain} is not proven: {}.", self.verdict),
        }
    }
}

/// An instant to the second, as people read it.
pub(super) struct Moment(pub(super) UtcDateTime);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = (self.0.date(), self.0.time());
        let (hour, minute, second) = time.as_hms();
        write!(f, "{date} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

/// The verdict that a challenge stands for that is not looked for.
fn standing(challenge: &Challenge, guard: &SuffixGuard, now: UtcDateTime) -> Verdict {
    let closed = Verdict::Rejected {
        reason: Rejected::Closed,
        seen: None,
    };
    Verdict::standing(challenge, guard, now).unwrap_or(closed)
}

/// What an account has proven: that it controlled a domain, in a scope, at a time. It holds
/// until a time, and for this account only; [`holds_at`](Self::holds_at) compares.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Proof {
    account: AccountId,
    domain: DomainName,
    scope: Scope,
    challenge: ChallengeId,
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
    since: UtcDateTime,
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
    until: UtcDateTime,
}

impl Proof {
    /// The proof that a challenge gave; `None` unless it was validated, by a TXT record. Whether the proof counts at
    /// some time is another question: [`Dcv::control`](super::Dcv::control) answers it.
    #[must_use]
    pub fn of(challenge: &Challenge) -> Option<Self> {
        let State::Validated { at, until } = challenge.state() else {
            return None;
        };
        challenge.can_be_proven().then(|| Self {
            account: challenge.account().clone(),
            domain: challenge.domain().clone(),
            scope: challenge.scope(),
            challenge: *challenge.id(),
            since: at,
            until,
        })
    }

    /// Whether it counts at this time: it was proven by then, and is not over (S-7).
    #[must_use]
    pub fn holds_at(&self, now: UtcDateTime) -> bool {
        self.since <= now && now < self.until
    }

    /// Who has proven it.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The domain that was proven.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// What that covers.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// The challenge that proved it.
    #[must_use]
    pub fn challenge(&self) -> &ChallengeId {
        &self.challenge
    }

    /// When it was proven.
    #[must_use]
    pub fn since(&self) -> UtcDateTime {
        self.since
    }

    /// Until when it counts.
    #[must_use]
    pub fn until(&self) -> UtcDateTime {
        self.until
    }

    /// When the record was last seen.
    #[must_use]
    pub fn confirmed_at(&self) -> UtcDateTime {
        self.since
    }
}
