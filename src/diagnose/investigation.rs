use std::sync::OnceLock;

use time::UtcDateTime;

use super::{Diagnosis, Hints, History, Inquiry, Origin, Probe};
use crate::challenge::Challenge;
use crate::dns::Observation;
use crate::evaluate::{Case, Verdict};
use crate::policy::Rules;
use crate::token::TokenFingerprint;

/// An [`Inquiry`] that owns what it is made of: a check, and what a diagnosis learnt about it.
///
/// It proves nothing: its observations are replays from the beginning (S-4). Those of the check
/// come first, then those of the probes.
#[derive(Debug, Clone)]
pub struct Investigation {
    challenge: Challenge,
    rules: Rules,
    observations: Vec<Observation>,
    asked: Vec<Probe>,
    rounds: u8,
    history: History,
    hints: Hints,
    decided_at: UtcDateTime,
    now: UtcDateTime,
    next_check_at: Option<UtcDateTime>,
    queries: u32,
    /// What all of it comes to, as soon as somebody wants to know: it is worked out once (S-16).
    told: OnceLock<Diagnosis>,
    /// What was decided: nothing that is learnt later changes it.
    decided: OnceLock<Verdict>,
}

impl Investigation {
    /// The investigation of a check, in which nothing was probed yet: the challenge in the revision
    /// that was checked, what was seen, and when it was decided.
    #[must_use]
    pub fn new(
        challenge: Challenge,
        rules: Rules,
        observations: Vec<Observation>,
        decided_at: UtcDateTime,
    ) -> Self {
        Self {
            challenge,
            rules,
            observations: replays(observations).collect(),
            asked: Vec::new(),
            rounds: 0,
            history: History::new(),
            hints: Hints::new(),
            decided_at,
            now: decided_at,
            next_check_at: None,
            queries: 0,
            told: OnceLock::new(),
            decided: OnceLock::new(),
        }
    }

    /// What the application knows.
    #[must_use]
    pub fn with_hints(mut self, hints: Hints) -> Self {
        self.told = OnceLock::new();
        self.hints = hints;
        self
    }

    /// What the store knows.
    #[must_use]
    pub fn with_history(mut self, history: History) -> Self {
        self.told = OnceLock::new();
        self.history = history;
        self
    }

    /// When the application looks again by itself.
    #[must_use]
    pub fn with_next_check_at(mut self, at: Option<UtcDateTime>) -> Self {
        self.told = OnceLock::new();
        self.next_check_at = at;
        self
    }

    /// After so many rounds, in which these probes were sent, by so many DNS queries.
    #[must_use]
    pub fn after(mut self, rounds: u8, asked: Vec<Probe>, queries: u32) -> Self {
        self.told = OnceLock::new();
        (self.rounds, self.asked, self.queries) = (rounds, asked, queries);
        self
    }

    /// The time at which it is told.
    #[must_use]
    pub fn at(mut self, now: UtcDateTime) -> Self {
        self.told = OnceLock::new();
        self.now = now;
        self
    }

    /// Takes in whose a token is.
    pub(crate) fn learn_token(&mut self, token: TokenFingerprint, origin: Origin) {
        self.told = OnceLock::new();
        let history = std::mem::take(&mut self.history);
        self.history = history.with_token(token, origin);
    }

    /// Begins another round with these probes.
    pub(crate) fn begin_round(&mut self, probes: &[Probe]) {
        self.told = OnceLock::new();
        self.rounds = self.rounds.saturating_add(1);
        self.asked.extend_from_slice(probes);
    }

    /// Takes in what probes saw.
    pub(crate) fn learn(&mut self, seen: Vec<Observation>, queries: u32) {
        self.told = OnceLock::new();
        self.observations.extend(replays(seen));
        self.queries = queries;
    }

    /// What is known, to plan by and to explain.
    #[must_use]
    pub fn inquiry(&self) -> Inquiry<'_> {
        let case = Case::new(
            &self.challenge,
            &self.rules,
            &self.observations,
            self.decided_at,
        );
        Inquiry::new(case, &self.history, &self.hints, self.now)
            .after(self.rounds, &self.asked)
            .next_check_at(self.next_check_at)
            .deciding_once(&self.decided)
    }

    /// Why the challenge is not proven, by all that is known. Asked again, it is the same without
    /// the work.
    #[must_use]
    pub fn diagnosis(&self) -> Diagnosis {
        let told = self.told.get_or_init(|| Diagnosis::of(&self.inquiry()));
        told.clone()
    }

    /// The challenge in the revision that was checked.
    #[must_use]
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// What was decided by.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Everything that was seen: by the check first, then by the probes.
    #[must_use]
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// The probes that were sent.
    #[must_use]
    pub fn asked(&self) -> &[Probe] {
        &self.asked
    }

    /// In how many rounds.
    #[must_use]
    pub fn rounds(&self) -> u8 {
        self.rounds
    }

    /// What the store knows.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What the application knows.
    #[must_use]
    pub fn hints(&self) -> &Hints {
        &self.hints
    }

    /// When the check was decided.
    #[must_use]
    pub fn decided_at(&self) -> UtcDateTime {
        self.decided_at
    }

    /// When it was told.
    #[must_use]
    pub fn now(&self) -> UtcDateTime {
        self.now
    }

    /// When the application looks again by itself.
    #[must_use]
    pub fn next_check_at(&self) -> Option<UtcDateTime> {
        self.next_check_at
    }

    /// How many DNS queries its probes took, beside those of the check (S-16).
    #[must_use]
    pub fn queries(&self) -> u32 {
        self.queries
    }

    /// How many questions were asked through a resolver, at most
    /// [`MAX_QUESTIONS`](super::MAX_QUESTIONS).
    #[must_use]
    pub fn resolver_questions(&self) -> usize {
        let through = |probe: &&Probe| matches!(probe, Probe::Resolver(_) | Probe::Unchecked(_));
        self.asked.iter().filter(through).count()
    }

    /// How many questions were asked of name servers, each at [`MAX_SERVERS`](super::MAX_SERVERS)
    /// of them at most; at most [`MAX_PER_SERVER`](super::MAX_PER_SERVER) for the same servers.
    #[must_use]
    pub fn server_questions(&self) -> usize {
        let at = |probe: &&Probe| matches!(probe, Probe::Delegated(_) | Probe::Servers { .. });
        self.asked.iter().filter(at).count()
    }
}

/// The same observations as replays.
fn replays(seen: Vec<Observation>) -> impl Iterator<Item = Observation> {
    seen.into_iter().map(|one| {
        let attempt = one.attempt();
        one.with_attempt(attempt)
    })
}
