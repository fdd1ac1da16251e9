//! The face: [`Dcv`], what an application holds.
//!
//! | Call | What it does | When it cannot |
//! |---|---|---|
//! | [`issue`](Dcv::issue) | gives the open challenge, or a new one | [`Refused`](ErrorKind::Refused): a public suffix, no room for the label; [`TooSoon`](ErrorKind::TooSoon) |
//! | [`reissue`](Dcv::reissue) | a new challenge with a new token, the old one is dead | the same |
//! | [`instructions`](Dcv::instructions) | what the user has to publish, in every form | |
//! | [`verify`](Dcv::verify) | looks now, and says how the challenge stands | [`TooSoon`](ErrorKind::TooSoon), [`Busy`](ErrorKind::Busy) |
//! | [`diagnose`](Dcv::diagnose) | says why a check has not proven control, and what to change | |
//! | [`get`](Dcv::get), [`list`](Dcv::list) | the account's challenges | |
//! | [`cancel`](Dcv::cancel) | gives a challenge up, or the proof it gave | [`Busy`](ErrorKind::Busy) |
//! | [`control`](Dcv::control) | whether the account controls a name now, and by which [`Proof`] | |
//! | [`purge`](Dcv::purge) | forgets what is over | |
//!
//! A challenge that is unknown or of another account is [`NotFound`](ErrorKind::NotFound) for all
//! of them. That the record is missing is no error: it is the verdict of a [`Check`]. What is sent
//! to the caller of an HTTP service hangs on [`Error::kind`] alone:
//!
//! ```
//! use dcv::Error;
//!
//! /// The status, and the time to put into `Retry-After`. The error itself is for your logs.
//! fn answer(error: &Error) -> (u16, Option<dcv::time::UtcDateTime>) {
//!     (error.kind().http_status(), error.retry_at())
//! }
//! assert_eq!(answer(&Error::NotFound), (404, None));
//! ```

mod builder;
mod check;
mod control;
mod diagnose;
mod error;
mod fair;
mod instructions;
mod limits;
mod looks;
mod tries;
mod under_way;

use std::sync::Arc;
use std::time::Duration;

use time::UtcDateTime;

use crate::challenge::Challenge;
use crate::clock::Clock;
use crate::evaluate::Examination;
use crate::issue::{self, Request, Terms};
use crate::lifecycle::{self, LifecycleError, Occasion, Transition};
use crate::name::{AccountId, DomainName, Naming, Scope};
use crate::policy::Timing;
use crate::store::{ChallengeQuery, ChallengeStore, Page, StoreError};
use crate::suffix::SuffixGuard;
use crate::system::{SharedSuffixes, random_challenge_id};
use crate::token::{ChallengeId, TokenGenerator, TokenPurpose, TokenRequest};
use crate::verify::Verifier;

pub use builder::{BuildError, DcvBuilder};
pub use check::{Check, Proof};
pub use error::{Error, ErrorKind};
pub use limits::Limits;

use diagnose::Files;
use looks::{Begun, Issuing, Looks, Wanted};

/// Domain control validation, put together: issues challenges, checks them, and says who
/// controls what.
///
/// Cheap to clone; clones are one. Every method that takes an account and a challenge id answers
/// a foreign account exactly as if the challenge did not exist (S-17).
#[derive(Debug, Clone)]
pub struct Dcv {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    naming: Naming,
    terms: Terms,
    suffixes: SharedSuffixes,
    clock: Arc<dyn Clock>,
    tokens: Arc<dyn TokenGenerator>,
    store: Arc<dyn ChallengeStore>,
    verifier: Arc<dyn Verifier>,
    looks: Looks,
    files: Files,
    /// How long a diagnosis may take.
    deadline: Duration,
}

/// How often a change is tried anew when others change the same challenge at the same time.
const TRIES: usize = 4;

impl Dcv {
    /// Puts it together, for the provider of this name: it makes the label
    /// `_<provider>-challenge` of the records, and tells users for whom they publish them (I-04).
    ///
    /// # Errors
    ///
    /// [`BuildError`] when no label can be made of the name.
    pub fn builder(provider: &str) -> Result<DcvBuilder, BuildError> {
        DcvBuilder::new(provider)
    }

    /// Issues a challenge: the account is asked to prove that it controls the domain.
    ///
    /// Idempotent: while a challenge of the same account, domain and scope is open, that one is
    /// given back. That is also so for an hour after it was found to be over, if it was looked for
    /// before: our clock could be wrong, and what the user has published would be lost (S-7).
    /// [`reissue`](Self::reissue) makes a new one at once.
    ///
    /// # Errors
    ///
    /// [`Error::Issue`] when the domain is refused (a public suffix, say) or no owner name can be
    /// made for it; [`Error::TooSoon`] when a new challenge would take the place of too many others
    /// that were issued lately ([`Limits`], S-16); [`Error::Token`] and [`Error::Store`] when those
    /// fail.
    pub async fn issue(
        &self,
        account: &AccountId,
        domain: &DomainName,
        scope: Scope,
    ) -> Result<Challenge, Error> {
        let request = self.admit(account, domain, scope)?;
        if let Some(open) = self.open(&request).await? {
            return Ok(open);
        }
        let issuing = match self.begin_issue(&request, false) {
            Ok(issuing) => issuing,
            // Perhaps others who ask for the same have used it up, and one of them has it.
            Err(refused) => return self.open(&request).await?.ok_or(refused),
        };
        self.put(&request, None, issuing).await
    }

    /// Issues a new challenge in place of the open one, with a new token: the old token is dead
    /// at once. When no token can be made, the open one stays.
    ///
    /// # Errors
    ///
    /// As [`issue`](Self::issue).
    pub async fn reissue(
        &self,
        account: &AccountId,
        domain: &DomainName,
        scope: Scope,
    ) -> Result<Challenge, Error> {
        let request = self.admit(account, domain, scope)?;
        let open = self.open(&request).await?;
        let issuing = self.begin_issue(&request, open.is_some())?;
        self.put(&request, open, issuing).await
    }

    /// Looks for the challenge's record, now.
    ///
    /// A challenge that is proven, ended, expired or cancelled is not looked for again: the check
    /// says how it stands. A proof whose time is over, or whose domain nobody may prove any more,
    /// ends here (S-9). One that was checked a moment ago is not looked for either.
    ///
    /// An open challenge that was looked for before is not closed by one check after its end: the
    /// clock could be wrong. It is [held](Check::is_held), proves nothing, and is closed by a check
    /// at least an hour later (S-7).
    ///
    /// A check is recorded when it ends; one whose future is dropped is not. Within this process it
    /// counts all the same from when it began: who asks again at once, or several times at the same
    /// time, gets `TooSoon` (S-16).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown or foreign challenge; [`Error::TooSoon`] when it was
    /// just checked, or more is asked for than the [`Limits`] allow, with the time from which it
    /// can be checked; [`Error::Store`] when the store fails; [`Error::Busy`] when too many others
    /// change the challenge at the same time.
    pub async fn verify(&self, account: &AccountId, id: &ChallengeId) -> Result<Check, Error> {
        // Held until the answer is there, or nobody waits for it any more.
        let mut under_way = None;
        for attempt in 0..TRIES {
            let challenge = self.stored(account, id).await?;
            let (guard, now) = (self.inner.suffixes.current(), self.now());
            if let Some(due) = self.due(&challenge, &guard, now)? {
                match self.apply(due).await? {
                    Some(due) => return Ok(Check::after(challenge, &due, None, &guard, now)),
                    None => continue,
                }
            }
            // Closed, or held: what is over by our clock cannot be proven (S-7).
            if !challenge.is_open() || challenge.expires_at() <= now {
                return Ok(Check::standing(challenge, &guard, now));
            }
            // One look was asked for; repeating it because another was faster is not.
            if under_way.is_none() {
                under_way = Some(self.begin_look(&challenge, now).await?);
            }
            let examination = self.inner.verifier.examine(&challenge).await;
            let occasion = Occasion::Examined(&examination);
            let now = self.now();
            let next = match lifecycle::advance(&challenge, occasion, self.timing(), now) {
                // The clock was set back since: look again.
                Err(LifecycleError::ForeignWitness) if attempt + 1 < TRIES => continue,
                next => next?,
            };
            if let Some(next) = next
                && let Some(next) = self.apply(next).await?
            {
                let seen = Some(examination);
                return Ok(Check::after(challenge, &next, seen, &guard, now));
            }
            // Somebody else changed the challenge while we looked. What we saw was for the
            // revision before; unless the challenge is still open, it has no meaning (S-15).
            if let Some(check) = self.overtaken(challenge, examination).await? {
                return Ok(check);
            }
        }
        Err(Error::Busy)
    }

    /// A challenge of the account, as it stands [now](Challenge::state_at): what is over is told as
    /// over, even where no check has noticed it yet.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown or foreign challenge.
    pub async fn get(&self, account: &AccountId, id: &ChallengeId) -> Result<Challenge, Error> {
        let challenge = self.stored(account, id).await?;
        Ok(challenge.told_at(self.now()))
    }

    async fn stored(&self, account: &AccountId, id: &ChallengeId) -> Result<Challenge, Error> {
        let challenge = self.inner.store.get(id).await?;
        challenge
            .filter(|challenge| challenge.id() == id && challenge.account() == account)
            .ok_or(Error::NotFound)
    }

    /// The account's challenges, open and closed, in the order of their ids, each as it stands
    /// [now](Challenge::state_at).
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    pub async fn list(&self, account: &AccountId, page: Page) -> Result<Vec<Challenge>, Error> {
        let query = ChallengeQuery::new().account(account.clone());
        let (found, now) = (self.find(&query, page).await?, self.now());
        Ok(found.into_iter().map(|one| one.told_at(now)).collect())
    }

    /// Gives a challenge up, or the proof that it gave. One that is closed already stays as it
    /// is.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown or foreign challenge.
    pub async fn cancel(&self, account: &AccountId, id: &ChallengeId) -> Result<Challenge, Error> {
        self.change(account, id, |challenge, now| {
            lifecycle::advance(challenge, Occasion::Cancelled, self.timing(), now)
        })
        .await
    }

    /// The public suffix list in force, to exchange it without a restart.
    #[must_use]
    pub fn suffixes(&self) -> &SharedSuffixes {
        &self.inner.suffixes
    }

    fn now(&self) -> UtcDateTime {
        self.inner.clock.now()
    }

    fn timing(&self) -> &Timing {
        self.inner.terms.timing()
    }

    fn admit(
        &self,
        account: &AccountId,
        domain: &DomainName,
        scope: Scope,
    ) -> Result<Request, Error> {
        let guard = self.inner.suffixes.current();
        Ok(issue::admit(
            &self.inner.naming,
            &guard,
            account,
            domain,
            scope,
        )?)
    }

    /// What the store finds, without anything that was not asked for: a store's mistake must not
    /// become an account's proof (S-17).
    async fn find(&self, query: &ChallengeQuery, page: Page) -> Result<Vec<Challenge>, Error> {
        let mut found = self.inner.store.find(query, page).await?;
        found.retain(|one| {
            query.matches(one) && page.begins_after().is_none_or(|last| one.id() > last)
        });
        Ok(found)
    }

    /// The open challenge for a request. One whose time has passed is closed on the way.
    async fn open(&self, request: &Request) -> Result<Option<Challenge>, Error> {
        let query = ChallengeQuery::new()
            .account(request.account().clone())
            .domain(request.domain().clone())
            .open();
        let found = self.find(&query, Page::first(Page::MAX)).await?;
        for challenge in found {
            if challenge.scope() == request.scope() && challenge.owner() == request.owner() {
                let now = self.now();
                let occasion = Occasion::Elapsed;
                let Some(due) = lifecycle::advance(&challenge, occasion, self.timing(), now)?
                else {
                    return Ok(Some(challenge));
                };
                let due = self.apply(due).await?;
                if let Some(held) = due.filter(|due| due.next().is_open()) {
                    return Ok(Some(held.next().clone()));
                }
            }
        }
        Ok(None)
    }

    /// Issues what is counted, in place of the open challenge. Nothing stays counted when that
    /// fails, or another was faster.
    async fn put(
        &self,
        request: &Request,
        open: Option<Challenge>,
        issuing: Issuing<'_>,
    ) -> Result<Challenge, Error> {
        let put = self.replace(request, open).await;
        issuing.end(matches!(put, Ok((_, true))), self.now());
        put.map(|(challenge, _)| challenge)
    }

    /// Puts a new challenge into the place of the open one, which is closed only when the new one
    /// has been made; and says whether it is ours, or of somebody who was faster.
    async fn replace(
        &self,
        request: &Request,
        open: Option<Challenge>,
    ) -> Result<(Challenge, bool), Error> {
        let mut made = self.make(request).await?;
        if let Some(open) = open {
            self.change(open.account(), open.id(), |challenge, now| {
                // Proven meanwhile, it is not replaced but joined (S-15).
                if !challenge.is_open() {
                    return Ok(None);
                }
                lifecycle::advance(challenge, Occasion::Cancelled, self.timing(), now)
            })
            .await?;
        }
        for _ in 0..TRIES {
            match self.inner.store.insert(made.clone()).await {
                Ok(()) => return Ok((made, true)),
                Err(StoreError::AlreadyOpen { .. }) => {
                    if let Some(open) = self.open(request).await? {
                        return Ok((open, false));
                    }
                }
                Err(StoreError::DuplicateId { .. }) => made = self.make(request).await?,
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Busy)
    }

    /// Makes a challenge, with a new token.
    async fn make(&self, request: &Request) -> Result<Challenge, Error> {
        let (id, now) = (random_challenge_id()?, self.now());
        let (account, domain) = (request.account(), request.domain());
        let (scope, owner) = (request.scope(), request.owner());
        let purpose = TokenPurpose::Value;
        let wanted = TokenRequest::new(account, domain, scope, owner, purpose, id, now);
        let token = self.inner.tokens.generate(&wanted)?;
        // A token that was seen before shows nothing by appearing again (T-06).
        let used = ChallengeQuery::new().token(token.fingerprint());
        if !self.find(&used, Page::first(1)).await?.is_empty() {
            return Err(Error::TokenReused);
        }
        let terms = &self.inner.terms;
        Ok(issue::compose(request.clone(), id, token, terms, now)?)
    }

    /// Begins a look, unless the last one ended or began a moment ago, or the limits refuse it.
    async fn begin_look(
        &self,
        challenge: &Challenge,
        now: UtcDateTime,
    ) -> Result<Begun<'_>, Error> {
        let guard = self.inner.suffixes.current();
        let (account, domain) = (challenge.account(), challenge.domain());
        let mut wanted = Wanted {
            challenge,
            registrable: guard.registrable(domain).unwrap_or_else(|| domain.clone()),
            holds: false,
            interval: self.timing().min_interval,
        };
        let looks = &self.inner.looks;
        let mut begun = looks.begin(&wanted, now);
        // Only then is it worth a question to the store whether the account has proven the domain.
        if begun.as_ref().is_err_and(|no| no.as_holder < no.retry_at)
            && self.control(account, &wanted.registrable).await?.is_some()
        {
            wanted.holds = true;
            begun = looks.begin(&wanted, now);
        }
        begun.map_err(|refused| Error::TooSoon {
            retry_at: refused.retry_at,
        })
    }

    /// What time has done to a challenge, or the suffix list.
    fn due(
        &self,
        challenge: &Challenge,
        guard: &SuffixGuard,
        now: UtcDateTime,
    ) -> Result<Option<Transition>, LifecycleError> {
        let occasion = if challenge.is_admitted(guard) {
            Occasion::Elapsed
        } else {
            Occasion::Refused
        };
        lifecycle::advance(challenge, occasion, self.timing(), now)
    }

    /// Counts a challenge that is to be issued.
    fn begin_issue(&self, request: &Request, replaces: bool) -> Result<Issuing<'_>, Error> {
        let counted = self.inner.looks.issue(request, replaces, self.now());
        counted.map_err(|retry_at| Error::TooSoon { retry_at })
    }

    /// Applies a transition; `None` when somebody else was faster.
    async fn apply(&self, transition: Transition) -> Result<Option<Transition>, Error> {
        let results = self
            .inner
            .store
            .apply(std::slice::from_ref(&transition))
            .await;
        match results.into_iter().next() {
            Some(Ok(())) => Ok(Some(transition)),
            Some(Err(StoreError::Conflict { .. })) => Ok(None),
            Some(Err(StoreError::Unknown { .. })) => Err(Error::NotFound),
            Some(Err(other)) => Err(other.into()),
            None => Err(Error::Store(StoreError::backend(
                "the store gave no result",
            ))),
        }
    }

    /// Changes a challenge of the account, anew as often as others are faster.
    async fn change(
        &self,
        account: &AccountId,
        id: &ChallengeId,
        step: impl Fn(&Challenge, UtcDateTime) -> Result<Option<Transition>, LifecycleError>,
    ) -> Result<Challenge, Error> {
        for _ in 0..TRIES {
            let challenge = self.stored(account, id).await?;
            match step(&challenge, self.now())? {
                None => return Ok(challenge),
                Some(transition) => {
                    if let Some(applied) = self.apply(transition).await? {
                        return Ok(applied.next().clone());
                    }
                }
            }
        }
        Err(Error::Busy)
    }

    /// What a check says whose challenge was changed meanwhile; `None` when it must be repeated.
    async fn overtaken(
        &self,
        examined: Challenge,
        examination: Examination,
    ) -> Result<Option<Check>, Error> {
        let challenge = self.stored(examined.account(), examined.id()).await?;
        if !challenge.is_open() {
            let (guard, now) = (self.inner.suffixes.current(), self.now());
            return Ok(Some(Check::standing(challenge, &guard, now)));
        }
        // The other check has written its result just now. A success of ours needs its own
        // revision; anything else adds nothing to what is stored.
        let again = examination.verdict().is_validated();
        Ok((!again).then(|| Check::unchanged(challenge, examined, examination)))
    }
}
