//! Looking and deciding: from a challenge to an [`Examination`].
//!
//! A [`DnsVerifier`] asks [`questions()`] what each perspective still has to say, has the
//! [observers](Observer) look, and stops as soon as [`is_settled`] says that nothing outstanding
//! can change the verdict, or when its deadline or its budget of queries is used up. It touches no
//! store; what becomes of the challenge is for [`lifecycle`](crate::lifecycle) to say.
//!
//! Most applications never name it: a [`DcvBuilder`](crate::service::DcvBuilder) makes one of
//! observers and a policy. A [`Verifier`] of your own stands around one, to measure or to limit it:
//! no other way leads to a verdict that proves (S-4).

mod accept;
mod merged;
mod probe;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{BoxFuture, Either, join_all, select};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use time::UtcDateTime;

use crate::challenge::Challenge;
use crate::clock::Clock;
use crate::dns::{LookupFailure, Observation, Perspective, PerspectiveId, Purpose, View};
use crate::evaluate::{Ask, Case, Examination, is_settled, kept, questions};
use crate::lookup::{Budget, Look, Observer};
use crate::policy::{Policy, PolicyError, Rules};
use crate::record::Formats;
use crate::system::{SharedSuffixes, Timer};

pub use merged::Merged;
pub use probe::Round;

use accept::{Room, accept};
use probe::Guide;

/// Checks a challenge. Touches no store.
///
/// [`DnsVerifier`] is the one that looks into the DNS; it is made of [observers](Observer), which
/// is where to put something of one's own.
#[async_trait]
pub trait Verifier: Debug + Send + Sync {
    /// Looks for the challenge's record, and decides.
    async fn examine(&self, challenge: &Challenge) -> Examination;

    /// What it decides by, as it stands now.
    fn rules(&self) -> Rules;

    /// Sends the probes of a diagnosis, as far as it can, and says what they saw. Nothing of it
    /// proves anything. A verifier that cannot probe sees nothing.
    async fn probe(&self, round: &Round<'_>) -> Vec<Observation> {
        let _ = round;
        Vec::new()
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<T: Verifier + ?Sized> Verifier for $pointer {
            async fn examine(&self, challenge: &Challenge) -> Examination {
                (**self).examine(challenge).await
            }

            fn rules(&self) -> Rules {
                (**self).rules()
            }

            async fn probe(&self, round: &Round<'_>) -> Vec<Observation> {
                (**self).probe(round).await
            }
        }
    )+};
}

forward!(&T, Box<T>, Arc<T>);

/// Looks through all its perspectives at once, and ends as soon as the outcome is decided.
///
/// Each perspective is asked by itself: for the record, and, when it saw it, for what shows that
/// no wildcard answers (S-8). The slow ones are not waited for when they cannot change the
/// verdict. All of it has one deadline and one budget of queries (S-16): what has not answered
/// until then counts as a timeout.
///
/// The [probes](Verifier::probe) of a diagnosis go through one resolver, so that twelve questions
/// are not twelve of each: the first that was not silent when it was last asked. Those for name
/// servers go through the first [authoritative view](crate::dns::View::Authoritative), and nowhere
/// if there is none.
///
/// ```
/// use dcv::clock::ManualClock;
/// use dcv::dns::Perspective;
/// use dcv::lookup::{FixedLookup, TxtObserver};
/// use dcv::policy::Policy;
/// use dcv::verify::DnsVerifier;
///
/// let clock = ManualClock::new(time::UtcDateTime::UNIX_EPOCH);
/// let observer = TxtObserver::new(Perspective::new("test".parse()?), FixedLookup::new());
/// let verifier = DnsVerifier::builder(clock.clone(), clock)
///     .policy(Policy::single_resolver())
///     .observer(observer)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct DnsVerifier {
    observers: Vec<Eyes>,
    guides: Vec<Guide>,
    rules: Rules,
    suffixes: SharedSuffixes,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    deadline: Duration,
    queries: u32,
}

/// An observer, and the perspectives that it speaks for: those it had when it was built in, and
/// whatever it says later, no others (S-3).
#[derive(Debug, Clone)]
struct Eyes {
    observer: Arc<dyn Observer>,
    perspectives: Vec<PerspectiveId>,
}

impl DnsVerifier {
    /// How long a check may take unless set otherwise (S-16).
    pub const DEADLINE: Duration = Duration::from_secs(10);

    /// Puts a verifier together: observations are dated by `clock`, deadlines kept by `timer`.
    pub fn builder(clock: impl Clock + 'static, timer: impl Timer + 'static) -> DnsVerifierBuilder {
        DnsVerifierBuilder {
            observers: Vec::new(),
            guides: Vec::new(),
            policy: Policy::default(),
            formats: Formats::new(),
            suffixes: SharedSuffixes::default(),
            clock: Arc::new(clock),
            timer: Arc::new(timer),
            deadline: Self::DEADLINE,
            queries: Budget::PER_VERIFICATION,
        }
    }

    /// The perspectives it looks through.
    #[must_use]
    pub fn perspectives(&self) -> &[Perspective] {
        self.rules.perspectives()
    }

    /// What it decides by.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        self.rules.policy()
    }
}

/// Puts a [`DnsVerifier`] together.
#[derive(Debug, Clone)]
#[must_use]
pub struct DnsVerifierBuilder {
    observers: Vec<Arc<dyn Observer>>,
    guides: Vec<Arc<dyn Observer>>,
    policy: Policy,
    formats: Formats,
    suffixes: SharedSuffixes,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    deadline: Duration,
    queries: u32,
}

impl DnsVerifierBuilder {
    /// Looks through this observer too.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// Looks through these observers too.
    pub fn observers<O: Observer + 'static>(self, observers: impl IntoIterator<Item = O>) -> Self {
        observers.into_iter().fold(self, Self::observer)
    }

    /// Has probes of a diagnosis asked through this observer: before those that it checks through,
    /// and for nothing else. Its perspectives count in no policy.
    ///
    /// What the zone's own servers say, for example, tells much of why a record is not seen, also
    /// where no authoritative view is wanted for the proof.
    pub fn diagnose_through(mut self, observer: impl Observer + 'static) -> Self {
        self.guides.push(Arc::new(observer));
        self
    }

    /// Decides by this policy; two of three groups unless set.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Knows these record formats.
    pub fn formats(mut self, formats: Formats) -> Self {
        self.formats = formats;
        self
    }

    /// Decides by the suffix list that is in force here at the time of each check (S-9).
    pub fn suffixes(mut self, suffixes: SharedSuffixes) -> Self {
        self.suffixes = suffixes;
        self
    }

    /// How long a check may take in all; [`DEADLINE`](DnsVerifier::DEADLINE) unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many queries a check may send in all;
    /// [`PER_VERIFICATION`](Budget::PER_VERIFICATION) unless set.
    pub fn queries(mut self, queries: u32) -> Self {
        self.queries = queries;
        self
    }

    /// The verifier.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] when the policy can never be met by the observers' perspectives.
    pub fn build(self) -> Result<DnsVerifier, PolicyError> {
        // Asked once: whatever they say later, they speak for nobody else (S-3).
        let known = |observers: Vec<Arc<dyn Observer>>| -> Vec<_> {
            let known = observers.into_iter().map(|one| {
                let perspectives = one.perspectives();
                (one, perspectives)
            });
            known.collect()
        };
        let (observers, guides) = (known(self.observers), known(self.guides));
        let guides = Guide::all(&guides, &observers);
        let mut perspectives = Vec::new();
        let observers = observers.into_iter().map(|(observer, own)| {
            let ids = own.iter().map(|one| one.id().clone()).collect();
            perspectives.extend(own);
            Eyes {
                observer,
                perspectives: ids,
            }
        });
        let observers = observers.collect();
        let rules = Rules::new(self.policy, perspectives)?.with_formats(self.formats);
        Ok(DnsVerifier {
            observers,
            guides,
            rules,
            suffixes: self.suffixes,
            clock: self.clock,
            timer: self.timer,
            deadline: self.deadline,
            queries: self.queries,
        })
    }
}

#[async_trait]
impl Verifier for DnsVerifier {
    async fn examine(&self, challenge: &Challenge) -> Examination {
        let rules = self.rules();
        let budget = Budget::new(self.queries);
        let mut check = Check::new(self, challenge, &rules);
        let mut running = FuturesUnordered::new();
        for observer in 0..self.observers.len() {
            running.extend(check.next_step(observer, &budget));
        }
        let mut deadline = (*self.timer).sleep(self.deadline);
        while !check.is_settled() {
            match select(running.next(), deadline).await {
                Either::Left((Some((observer, seen)), still)) => {
                    deadline = still;
                    check.take(observer, seen);
                    running.extend(check.next_step(observer, &budget));
                }
                Either::Left((None, _)) => break,
                Either::Right(((), _)) => {
                    check.give_up(&budget);
                    break;
                }
            }
        }
        drop(running);
        Examination::conclude(challenge, &rules, check.seen, self.clock.now())
            .with_queries(budget.spent())
    }

    async fn probe(&self, round: &Round<'_>) -> Vec<Observation> {
        self.send(round).await
    }

    fn rules(&self) -> Rules {
        self.rules.clone().with_guard(self.suffixes.current())
    }
}

/// One check under way.
struct Check<'a> {
    verifier: &'a DnsVerifier,
    challenge: &'a Challenge,
    rules: &'a Rules,
    seen: Vec<Observation>,
    tracks: Vec<Track<'a>>,
}

/// What is being asked of one observer.
struct Track<'a> {
    perspectives: &'a [PerspectiveId],
    asked: Vec<Ask>,
    since: UtcDateTime,
    running: bool,
}

type Step<'a> = BoxFuture<'a, (usize, Vec<Observation>)>;

impl<'a> Check<'a> {
    /// How many observations the authoritative views of an observer may add in one step: those of
    /// 13 servers at each of some names (S-16).
    const MAX_SERVERS: usize = 128;

    fn new(verifier: &'a DnsVerifier, challenge: &'a Challenge, rules: &'a Rules) -> Self {
        let since = verifier.clock.now();
        let tracks = verifier.observers.iter().map(|eyes| Track {
            perspectives: &eyes.perspectives,
            asked: Vec::new(),
            since,
            running: false,
        });
        let tracks = tracks.collect();
        Self {
            verifier,
            challenge,
            rules,
            seen: Vec::new(),
            tracks,
        }
    }

    fn case(&self) -> Case<'_> {
        Case::new(
            self.challenge,
            self.rules,
            &self.seen,
            self.verifier.clock.now(),
        )
    }

    fn is_settled(&self) -> bool {
        let running = self.tracks.iter().filter(|track| track.running);
        let outstanding: Vec<_> = running
            .flat_map(|track| track.perspectives.iter().cloned())
            .collect();
        if outstanding.is_empty() {
            return true;
        }
        // Before the first answer nothing is decided: whoever is asked was admitted.
        !self.seen.is_empty() && is_settled(&self.case(), &outstanding)
    }

    /// Asks an observer what its perspectives still have to say; nothing when that is all said.
    fn next_step<'b>(&mut self, observer: usize, budget: &'b Budget) -> Option<Step<'b>>
    where
        'a: 'b,
    {
        let since = self.verifier.clock.now();
        let case = Case::new(self.challenge, self.rules, &self.seen, since);
        let track = self.tracks.get_mut(observer)?;
        let mut asks: Vec<Ask> = Vec::new();
        for ask in track
            .perspectives
            .iter()
            .flat_map(|one| questions(&case, one))
        {
            if !asks.contains(&ask) {
                asks.push(ask);
            }
        }
        // An observer that leaves a question open is not asked it again.
        asks.retain(|ask| !track.asked.contains(ask));
        track.running = !asks.is_empty();
        if asks.is_empty() {
            return None;
        }
        track.asked.extend(asks.iter().cloned());
        track.since = since;
        let (verifier, attempt) = (self.verifier, self.challenge.attempts().saturating_add(1));
        let eyes = &*verifier.observers.get(observer)?.observer;
        Some(Box::pin(async move {
            let answer = |ask: &'_ Ask| {
                let (question, purpose) = (ask.question().clone(), ask.purpose());
                async move {
                    let look = Look::new(&*verifier.clock, budget, purpose, attempt);
                    eyes.observe(&question, &look).await
                }
            };
            // Nearly always it is one question, and needs nobody to wait for others.
            let seen = match asks.as_slice() {
                [only] => answer(only).await,
                several => join_all(several.iter().map(answer))
                    .await
                    .into_iter()
                    .flatten()
                    .collect(),
            };
            (observer, seen)
        }))
    }

    /// Takes in what an observer saw, as far as it was asked, and no more of it than there may be.
    fn take(&mut self, observer: usize, seen: Vec<Observation>) {
        let Some(track) = self.tracks.get_mut(observer) else {
            return;
        };
        track.running = false;
        let asked = |one: &Observation| {
            let mut asked = track.asked.iter();
            asked.any(|ask| ask.question() == one.question() && ask.purpose() == one.purpose())
        };
        let authoritative = |who: &PerspectiveId| {
            let perspective = self.rules.perspective(who);
            perspective.is_some_and(|one| one.view() == View::Authoritative)
        };
        let recursive = track.perspectives.iter().filter(|who| !authoritative(who));
        let mut room = Room {
            answers: track.asked.len().saturating_mul(recursive.count()),
            servers: Self::MAX_SERVERS,
            is_over: false,
        };
        let own = seen
            .into_iter()
            .filter(|one| track.perspectives.contains(one.perspective()));
        let mut accepted = accept(own, &mut room, asked, authoritative);
        if room.is_over {
            // Who is left out might be the one that denies: the views prove nothing (S-2).
            accepted.pop();
            let (attempt, budget) = (self.challenge.attempts().saturating_add(1), Budget::new(0));
            let look = Look::new(&*self.verifier.clock, &budget, Purpose::Record, attempt);
            let unheard = track.perspectives.iter().filter(|who| authoritative(who));
            let question = self.challenge.question();
            let unheard = unheard
                .map(|who| look.record(who, &question, track.since, Err(LookupFailure::Unheard)));
            accepted.extend(unheard);
        }
        let kept = |one| kept(self.challenge, self.rules, one);
        self.seen.extend(accepted.into_iter().map(kept));
    }

    /// The deadline has passed: whoever has not answered yet has timed out.
    fn give_up(&mut self, budget: &Budget) {
        let attempt = self.challenge.attempts().saturating_add(1);
        for track in self.tracks.iter_mut().filter(|track| track.running) {
            track.running = false;
            let open = track.asked.iter().filter(|ask| {
                !self.seen.iter().any(|one| {
                    one.question() == ask.question()
                        && one.purpose() == ask.purpose()
                        && track.perspectives.contains(one.perspective())
                })
            });
            let mut late = Vec::new();
            for ask in open {
                let look = Look::new(&*self.verifier.clock, budget, ask.purpose(), attempt);
                for who in track.perspectives {
                    let timeout = Err(LookupFailure::Timeout);
                    late.push(look.record(who, ask.question(), track.since, timeout));
                }
            }
            self.seen.extend(late);
        }
    }
}
