//! Why a check proved nothing: the loop around [`diagnose`](crate::diagnose).

mod admit;
mod files;

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use time::UtcDateTime;

use super::{Check, Dcv, Error};
use crate::challenge::{Challenge, Expectation};
use crate::diagnose::{
    Diagnosis, Hints, History, Inquiry, Investigation, MAX_ROUNDS, Origin, Probe, plan,
};
use crate::evaluate::Verdict;
use crate::evidence::Evidence;
use crate::lookup::Budget;
use crate::store::{ChallengeQuery, Page};
use crate::token::TokenFingerprint;
use crate::verify::Round;

use admit::admit;
pub(super) use files::Files;

/// What says what to find out next.
type Plan = fn(&Inquiry<'_>) -> Vec<Probe>;

impl Dcv {
    /// Says why a check has not proven control, and what to change.
    ///
    /// It asks further questions of the DNS, within bounds: at most 12 through one resolver, three
    /// at each of four name servers, and [48 queries](crate::lookup::Budget::PER_DIAGNOSIS) with
    /// all that these take; in three rounds, and no longer than a check may take. What is seen until
    /// then counts (S-16). Nothing of it proves anything, and nothing is written to the store.
    ///
    /// The diagnosis of one revision of a challenge is kept: whoever asks again gets the same,
    /// without a query, and so does who asks at the same time. The next check makes a new revision.
    ///
    /// A [`Check`] comes from [`verify`](Self::verify), which gives none of a foreign challenge:
    /// so there is no diagnosis of one either, and what a tenant may see of their own is
    /// [`Diagnosis::for_tenant`] (S-17).
    ///
    /// ```
    /// # use dcv::{Check, Dcv, Error};
    /// async fn why(dcv: &Dcv, check: &Check) -> Result<Option<String>, Error> {
    ///     if check.is_validated() {
    ///         return Ok(None);
    ///     }
    ///     let diagnosis = dcv.diagnose(check).await?;
    ///     Ok(Some(diagnosis.for_tenant().document().to_text(72)))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails, of which it asks whose the tokens are that were seen;
    /// [`Error::TooSoon`] when too many checks and diagnoses are under way
    /// ([`Limits`](super::Limits), S-16).
    pub async fn diagnose(&self, check: &Check) -> Result<Diagnosis, Error> {
        self.diagnose_with(check, &Hints::new()).await
    }

    /// The same, with what the application knows and the DNS cannot show: that the user says the
    /// record is published, or where they made the change.
    ///
    /// Other hints make another diagnosis, which goes on from what was found out before: of one
    /// revision at most [12 questions](crate::diagnose::MAX_QUESTIONS) are asked, whatever the hints
    /// (S-16).
    ///
    /// # Errors
    ///
    /// As of [`diagnose`](Self::diagnose).
    pub async fn diagnose_with(&self, check: &Check, hints: &Hints) -> Result<Diagnosis, Error> {
        Ok(self.look_into(check, hints, plan).await?.diagnosis())
    }

    /// The same, with everything that the diagnosis is made of: for the operator, to keep it as a
    /// [transcript](crate::transcript).
    ///
    /// # Errors
    ///
    /// As of [`diagnose`](Self::diagnose).
    pub async fn investigate(&self, check: &Check, hints: &Hints) -> Result<Investigation, Error> {
        let investigation = self.look_into(check, hints, plan).await?;
        Ok(Arc::unwrap_or_clone(investigation))
    }

    /// What is known already, or is found out now.
    async fn look_into(
        &self,
        check: &Check,
        hints: &Hints,
        plan: Plan,
    ) -> Result<Arc<Investigation>, Error> {
        let examined = check.examined();
        let begun = || {
            let observations = check.observations().to_vec();
            let rules = self.inner.verifier.rules();
            let (challenge, at) = (examined.clone(), check.decided_at());
            Investigation::new(challenge, rules, observations, at)
                .with_history(history(examined))
                .with_next_check_at(check.next_check_at())
        };
        // The clock alone makes it so, whatever is found out about the same revision.
        let guard = self.inner.suffixes.current();
        let lapsed = Verdict::lapsed(examined, &guard, check.decided_at());
        if lapsed.is_some() || check.is_held() {
            return Ok(Arc::new(begun().with_hints(hints.clone()).at(self.now())));
        }
        let key = (*examined.id(), examined.revision());
        let kept = self.inner.files.of(key);
        // Whoever comes meanwhile waits, and finds what was found.
        let file = kept.lock().await;
        if let Some(known) = file.told(hints) {
            return Ok(known);
        }
        let mut file = self.inner.files.open(key, &kept, file);
        let begun = match file.latest() {
            Some(latest) => latest.clone(),
            None => begun(),
        };
        let begun = begun.with_hints(hints.clone()).at(self.now());
        if file.is_full() {
            give_way(&begun).await;
            return Ok(file.keep(begun));
        }
        let under_way = self.inner.looks.begin_beside(examined, self.now());
        let _under_way = under_way.map_err(|retry_at| Error::TooSoon { retry_at })?;
        let before = file.spent();
        let (state, budget) = file.begin(begun);
        self.find_out(state, &budget, before, plan).await?;
        let found = state.clone().at(self.now());
        give_way(&found).await;
        // Once for everybody who asks.
        let _ = found.diagnosis();
        Ok(file.close(found))
    }

    /// Plans and probes, until there is nothing more to ask, or no more time.
    async fn find_out(
        &self,
        state: &mut Investigation,
        budget: &Budget,
        before: u32,
        plan: Plan,
    ) -> Result<(), Error> {
        let began = self.now();
        give_way(state).await;
        // Of a proof that stands, only a look can say whether its record does. No probe changes
        // the verdict.
        if state.challenge().is_open() && state.inquiry().verdict().is_validated() {
            return Ok(());
        }
        for _ in 0..MAX_ROUNDS {
            give_way(state).await;
            let probes = admit(plan(&state.inquiry()), state.asked());
            let left = self.inner.deadline.saturating_sub(since(began, self.now()));
            if probes.is_empty() || left.is_zero() {
                break;
            }
            for probe in &probes {
                if let Probe::Token(token) = probe {
                    let origin = self.origin(state.challenge(), token).await?;
                    state.learn_token(*token, origin);
                }
            }
            // Noted before they go out: whoever gives up meanwhile has asked them all the same.
            state.begin_round(&probes);
            let round = Round::new(state.challenge(), state.observations(), &probes, budget);
            let seen = self.inner.verifier.probe(&round.within(left)).await;
            state.learn(seen, before.saturating_add(budget.spent()));
        }
        Ok(())
    }

    /// Whose a token is that was seen.
    async fn origin(
        &self,
        challenge: &Challenge,
        token: &TokenFingerprint,
    ) -> Result<Origin, Error> {
        /// A token is issued once (T-06); a store that was restored may know better.
        const MAX: usize = 8;

        let query = ChallengeQuery::new().token(*token);
        let found = self.find(&query, Page::first(MAX)).await?;
        let origins = found.iter().map(|one| origin_of(one, challenge, token));
        Ok(origins.min_by_key(nearness).unwrap_or(Origin::Unknown))
    }
}

/// What a challenge tells of its own record: when it was seen last.
fn history(challenge: &Challenge) -> History {
    let proven_at = challenge.evidence().map(Evidence::decided_at);
    proven_at.map_or_else(History::new, |at| History::new().with_proof(at))
}

/// Whose the token of a challenge is, as seen from another.
fn origin_of(one: &Challenge, challenge: &Challenge, token: &TokenFingerprint) -> Origin {
    if one.account() != challenge.account() {
        return Origin::OtherAccount;
    }
    let mut expectations = one.expectations().iter();
    let expectation = expectations.find(|expectation| expectation.fingerprint() == token);
    let issued_at = expectation.map_or_else(|| one.issued_at(), Expectation::issued_at);
    if one.domain() == challenge.domain() && one.scope() == challenge.scope() {
        return Origin::Earlier { issued_at };
    }
    Origin::Elsewhere {
        domain: one.domain().clone(),
        scope: one.scope(),
        issued_at,
    }
}

fn nearness(origin: &Origin) -> u8 {
    match origin {
        Origin::Earlier { .. } => 0,
        Origin::Elsewhere { .. } => 1,
        Origin::OtherAccount => 2,
        Origin::Unknown => 3,
    }
}

/// Lets whoever waits for the same thread go first, once, where what was seen is much: working
/// through it takes milliseconds (S-16).
async fn give_way(investigation: &Investigation) {
    const MUCH: usize = 64 * 1024;

    let mut waits = files::held(investigation) >= MUCH;
    std::future::poll_fn(|context| {
        if std::mem::take(&mut waits) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

/// How long it is since then; nothing when the clock was set back.
fn since(then: UtcDateTime, now: UtcDateTime) -> Duration {
    (now - then).try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests;
