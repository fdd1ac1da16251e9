//! Observers that follow a script, and checks by them.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use dcv::challenge::Challenge;
use dcv::clock::ManualClock;
use dcv::dns::{Observation, Perspective, Question};
use dcv::evaluate::Examination;
use dcv::lookup::{Look, Observer};
use dcv::name::OwnerName;
use dcv::policy::Policy;
use dcv::verify::{DnsVerifier, DnsVerifierBuilder, Verifier};

use crate::cases::{Seen, absent, eye, found, id, now, run};

pub(crate) fn builder(clock: &ManualClock) -> DnsVerifierBuilder {
    DnsVerifier::builder(Arc::new(clock.clone()), Arc::new(clock.clone()))
}

pub(crate) fn verifier(
    clock: &ManualClock,
    policy: Policy,
    observers: impl IntoIterator<Item = Arc<dyn Observer>>,
) -> DnsVerifier {
    let builder = builder(clock).policy(policy);
    let observers = observers.into_iter();
    observers
        .fold(builder, DnsVerifierBuilder::observer)
        .build()
        .unwrap()
}

/// A check that needs no time.
pub(crate) fn at_once(
    policy: Policy,
    observers: impl IntoIterator<Item = Arc<dyn Observer>>,
    challenge: &Challenge,
) -> Examination {
    let clock = ManualClock::new(now());
    let verifier = verifier(&clock, policy, observers);
    let examination = run(pin!(verifier.examine(challenge))).expect("nobody to wait for");
    assert_eq!(clock.waiting(), 0, "the deadline is given up");
    examination
}

/// What a [`Scripted`] observer does with a question.
type Script = dyn Fn(&Question, &Look<'_>) -> Option<Vec<Observation>> + Send + Sync;

/// An observer that follows a script, and never answers where that says nothing.
pub(crate) struct Scripted {
    pub(crate) perspectives: Vec<Perspective>,
    pub(crate) asked: Mutex<Vec<Question>>,
    pub(crate) given_up: AtomicUsize,
    pub(crate) script: Box<Script>,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

impl Scripted {
    pub(crate) fn new(
        perspectives: Vec<Perspective>,
        script: impl Fn(&Question, &Look<'_>) -> Option<Vec<Observation>> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            perspectives,
            asked: Mutex::default(),
            given_up: AtomicUsize::new(0),
            script: Box::new(script),
        })
    }

    /// One perspective that sees this at a name.
    pub(crate) fn seeing(
        name: &str,
        sees: impl Fn(&OwnerName) -> Option<Seen> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let who = id(name);
        Self::new(vec![eye(name)], move |question, look| {
            let seen = sees(question.name())?;
            Some(vec![look.record(&who, question, look.now(), seen)])
        })
    }

    /// One that sees the record at its name, and nothing elsewhere.
    pub(crate) fn matching(name: &str, challenge: &Challenge) -> Arc<Self> {
        let (owner, record) = (challenge.owner().clone(), found(challenge));
        Self::seeing(name, move |at| {
            Some(if *at == owner {
                record.clone()
            } else {
                absent("example.com")
            })
        })
    }

    pub(crate) fn always(name: &str, seen: Seen) -> Arc<Self> {
        Self::seeing(name, move |_| Some(seen.clone()))
    }

    /// One that never answers.
    pub(crate) fn silent(name: &str) -> Arc<Self> {
        Self::seeing(name, |_| None)
    }

    pub(crate) fn asked(&self) -> Vec<Question> {
        self.asked.lock().unwrap().clone()
    }
}

pub(crate) struct CountsDrop<'a>(&'a AtomicUsize);

impl Drop for CountsDrop<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Observer for Scripted {
    fn perspectives(&self) -> Vec<Perspective> {
        self.perspectives.clone()
    }

    async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation> {
        self.asked.lock().unwrap().push(question.clone());
        match (self.script)(question, look) {
            Some(seen) => seen,
            None => {
                let _given_up = CountsDrop(&self.given_up);
                std::future::pending().await
            }
        }
    }
}

pub(crate) fn observers<const N: usize>(scripted: [&Arc<Scripted>; N]) -> [Arc<dyn Observer>; N] {
    scripted.map(|one| -> Arc<dyn Observer> { one.clone() })
}
