//! Sending the probes of a diagnosis.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::DnsVerifier;
use crate::challenge::Challenge;
use crate::diagnose::{MAX_SERVERS, Probe};
use crate::dns::{LookupFailure, Observation, Perspective, PerspectiveId, Purpose, Question, View};
use crate::evaluate::kept;
use crate::lookup::{Budget, Look, Observer};
use crate::name::OwnerName;

/// One round of a diagnosis: what a [`Verifier`](super::Verifier) is to find out, and within which
/// bounds.
#[derive(Debug, Clone, Copy)]
pub struct Round<'a> {
    challenge: &'a Challenge,
    seen: &'a [Observation],
    probes: &'a [Probe],
    budget: &'a Budget,
    within: Duration,
}

impl<'a> Round<'a> {
    /// A round of these probes about a challenge, after what was seen already. It spends from
    /// `budget`, and ends within [`DEADLINE`](DnsVerifier::DEADLINE).
    #[must_use]
    pub fn new(
        challenge: &'a Challenge,
        seen: &'a [Observation],
        probes: &'a [Probe],
        budget: &'a Budget,
    ) -> Self {
        Self {
            challenge,
            seen,
            probes,
            budget,
            within: DnsVerifier::DEADLINE,
        }
    }

    /// The same, to end within this time.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }

    /// The challenge, in the revision that was checked.
    #[must_use]
    pub fn challenge(&self) -> &'a Challenge {
        self.challenge
    }

    /// What the check and the rounds before have seen.
    #[must_use]
    pub fn seen(&self) -> &'a [Observation] {
        self.seen
    }

    /// What is to be found out.
    #[must_use]
    pub fn probes(&self) -> &'a [Probe] {
        self.probes
    }

    /// What the queries are taken from.
    #[must_use]
    pub fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// How long it may take.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.within
    }
}

/// An observer, and the perspectives that it had when it was built in.
pub(super) type Known = (Arc<dyn Observer>, Vec<Perspective>);

/// An observer, and the one of its perspectives that probes are asked through.
#[derive(Debug, Clone)]
pub(super) struct Guide {
    observer: Arc<dyn Observer>,
    perspective: Perspective,
    /// Whether the observer speaks for others too, who would be asked as well.
    shared: bool,
}

impl Guide {
    /// The guides that an observer can be: one to resolvers, one to the zone's own servers.
    fn of((observer, all): &Known) -> Vec<Self> {
        let of_view = |view| all.iter().find(|one| one.view() == view);
        let some = [of_view(View::Recursive), of_view(View::Authoritative)];
        let guide = |perspective: &Perspective| Self {
            observer: observer.clone(),
            perspective: perspective.clone(),
            shared: all.len() > 1,
        };
        some.into_iter().flatten().map(guide).collect()
    }

    /// Those of observers that are there for nothing else, then the others: first those that ask
    /// nobody else.
    pub(super) fn all(own: &[Known], others: &[Known]) -> Vec<Self> {
        let guides = |observers: &[Known]| {
            let mut guides: Vec<_> = observers.iter().flat_map(Self::of).collect();
            guides.sort_by_key(|guide| guide.shared);
            guides
        };
        let mut all = guides(own);
        all.extend(guides(others));
        all
    }
}

/// One probe, and who is asked.
struct Errand<'a> {
    guide: &'a Guide,
    question: &'a Question,
    purpose: Purpose,
    servers: &'a [OwnerName],
}

impl DnsVerifier {
    /// Sends the probes of a round at once. What has not answered in time counts as a timeout.
    pub(super) async fn send(&self, round: &Round<'_>) -> Vec<Observation> {
        let attempt = round.challenge.attempts().saturating_add(1);
        let look =
            |errand: &Errand<'_>| Look::new(&*self.clock, round.budget, errand.purpose, attempt);
        let errands: Vec<_> = round
            .probes
            .iter()
            .filter_map(|probe| self.errand(probe, round.seen))
            .collect();
        let started_at = self.clock.now();
        let mut heard: Vec<Option<Vec<Observation>>> = vec![None; errands.len()];
        let running = errands.iter().enumerate().map(|(index, errand)| {
            let look = look(errand);
            async move {
                let look = look.at(errand.servers);
                let observer = &*errand.guide.observer;
                (index, observer.observe(errand.question, &look).await)
            }
        });
        let mut running: FuturesUnordered<_> = running.collect();
        let mut deadline = (*self.timer).sleep(round.within);
        while let Either::Left((Some((index, seen)), still)) =
            select(running.next(), deadline).await
        {
            deadline = still;
            if let Some(place) = heard.get_mut(index) {
                *place = Some(seen);
            }
        }
        drop(running);
        let seen = errands.iter().zip(heard).flat_map(|(errand, heard)| {
            let late = || {
                let who = errand.guide.perspective.id();
                let timeout = Err(LookupFailure::Timeout);
                vec![look(errand).record(who, errand.question, started_at, timeout)]
            };
            heard.map_or_else(late, |seen| errand.accept(seen))
        });
        let rules = &self.rules;
        seen.map(|one| kept(round.challenge, rules, one)).collect()
    }

    /// Who is asked what; nothing where nobody can answer it.
    fn errand<'a>(&'a self, probe: &'a Probe, seen: &[Observation]) -> Option<Errand<'a>> {
        let (view, purpose) = match probe {
            Probe::Resolver(_) => (View::Recursive, Purpose::Diagnosis),
            Probe::Unchecked(_) => (View::Recursive, Purpose::Unchecked),
            Probe::Delegated(_) | Probe::Servers { .. } => {
                (View::Authoritative, Purpose::Diagnosis)
            }
            Probe::Token(_) => return None,
        };
        let servers = match probe {
            Probe::Servers { servers, .. } if servers.is_empty() => return None,
            Probe::Servers { servers, .. } => servers.get(..MAX_SERVERS).unwrap_or(servers),
            _ => &[],
        };
        let guides = || {
            let guides = self.guides.iter();
            guides.filter(|guide| guide.perspective.view() == view)
        };
        let audible = guides().find(|guide| !is_silent(guide.perspective.id(), seen));
        Some(Errand {
            guide: audible.or_else(|| guides().next())?,
            question: probe.question()?,
            purpose,
            servers,
        })
    }
}

impl Errand<'_> {
    /// What was asked, of whom it was asked, and no more of it than there may be (S-16).
    fn accept(&self, seen: Vec<Observation>) -> Vec<Observation> {
        let perspective = &self.guide.perspective;
        let room = match perspective.view() {
            View::Authoritative => MAX_SERVERS,
            _ => 1,
        };
        let asked = |one: &Observation| {
            let named = |one: &Observation| {
                self.servers.is_empty()
                    || one
                        .server()
                        .is_none_or(|server| self.servers.contains(server.name()))
            };
            one.perspective() == perspective.id()
                && one.question() == self.question
                && one.purpose() == self.purpose
                && named(one)
        };
        seen.into_iter().filter(asked).take(room).collect()
    }
}

/// Whether nothing came back when a perspective was last asked.
fn is_silent(who: &PerspectiveId, seen: &[Observation]) -> bool {
    let mut latest = seen.iter().rev();
    let last = latest.find(|one| one.perspective() == who);
    last.is_some_and(|one| {
        matches!(
            one.result(),
            Err(LookupFailure::Timeout | LookupFailure::Transport | LookupFailure::Throttled)
        )
    })
}
