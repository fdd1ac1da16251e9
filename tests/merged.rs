//! One look for all who ask for the same at the same time, and never one that began before they
//! asked (S-15).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it panics"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use dcv::challenge::Challenge;
use dcv::clock::ManualClock;
use dcv::dns::Perspective;
use dcv::evaluate::{Case, Examination, examine};
use dcv::lookup::{FixedLookup, TxtObserver};
use dcv::policy::{Policy, Rules};
use dcv::service::Dcv;
use dcv::verify::{Merged, Verifier};
use dcv::{AccountId, Scope};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, yield_now};

/// Counts its looks; each ends when it is let go, and says its number by its time.
#[derive(Debug)]
struct Gate {
    begun: AtomicUsize,
    open: Semaphore,
}

#[async_trait]
impl Verifier for Gate {
    async fn examine(&self, challenge: &Challenge) -> Examination {
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        self.open.acquire().await.unwrap().forget();
        let rules = self.rules();
        let at = challenge.issued_at() + time::Duration::seconds(i64::try_from(number).unwrap());
        examine(&Case::new(challenge, &rules, &[], at))
    }

    fn rules(&self) -> Rules {
        let perspective = Perspective::new("gate".parse().unwrap());
        Rules::new(Policy::single_resolver(), vec![perspective]).unwrap()
    }
}

struct Scene {
    gate: Arc<Gate>,
    merged: Merged<Arc<Gate>>,
}

impl Scene {
    fn new() -> Self {
        let (begun, open) = (AtomicUsize::new(0), Semaphore::new(0));
        let gate = Arc::new(Gate { begun, open });
        let merged = Merged::new(gate.clone());
        Self { gate, merged }
    }

    /// Somebody asks, and is as far as they get.
    async fn ask(&self, challenge: &Challenge) -> JoinHandle<Examination> {
        let (merged, challenge) = (self.merged.clone(), challenge.clone());
        let caller = tokio::spawn(async move { merged.examine(&challenge).await });
        settle().await;
        caller
    }

    async fn let_one_go(&self) {
        self.gate.open.add_permits(1);
        settle().await;
    }

    fn begun(&self) -> usize {
        self.gate.begun.load(Ordering::SeqCst)
    }
}

/// On a runtime of one thread everybody has then run until they wait.
async fn settle() {
    for _ in 0..16 {
        yield_now().await;
    }
}

async fn challenge() -> Challenge {
    let clock = ManualClock::new(time::UtcDateTime::UNIX_EPOCH);
    let eye = TxtObserver::new(
        Perspective::new("none".parse().unwrap()),
        FixedLookup::new(),
    );
    let dcv = Dcv::builder("example-saas")
        .unwrap()
        .clock(clock.clone())
        .timer(clock)
        .observer(eye)
        .policy(Policy::single_resolver())
        .build()
        .unwrap();
    let account = AccountId::new("tenant-42").unwrap();
    let domain = "example.com".parse().unwrap();
    dcv.issue(&account, &domain, Scope::Host).await.unwrap()
}

/// Which look a caller got.
async fn look_of(caller: JoinHandle<Examination>, challenge: &Challenge) -> i64 {
    let examination = caller.await.unwrap();
    (examination.finished_at() - challenge.issued_at()).whole_seconds()
}

// S-15: who comes during a look gets the next one, all of them the same, and nobody gets one that
// began before they asked.
#[tokio::test]
async fn later_callers_share_the_next_look() {
    let (scene, challenge) = (Scene::new(), challenge().await);
    let first = scene.ask(&challenge).await;
    let second = scene.ask(&challenge).await;
    let third = scene.ask(&challenge).await;
    assert_eq!(scene.begun(), 1);
    scene.let_one_go().await;
    assert_eq!(scene.begun(), 2);
    // During the second look.
    let fourth = scene.ask(&challenge).await;
    assert_eq!(scene.begun(), 2);
    scene.let_one_go().await;
    scene.let_one_go().await;
    let mut looks = Vec::new();
    for caller in [first, second, third, fourth] {
        looks.push(look_of(caller, &challenge).await);
    }
    assert_eq!(looks, [1, 2, 2, 3]);
    assert_eq!(scene.begun(), 3);
    // After all of that a new caller looks at once.
    let fifth = scene.ask(&challenge).await;
    assert_eq!(scene.begun(), 4);
    scene.let_one_go().await;
    assert_eq!(look_of(fifth, &challenge).await, 4);
}

// S-15: only looks for the same challenge are merged.
#[tokio::test]
async fn another_challenge_is_another_look() {
    let (scene, one, other) = (Scene::new(), challenge().await, challenge().await);
    let first = scene.ask(&one).await;
    let second = scene.ask(&other).await;
    assert_eq!(scene.begun(), 2);
    scene.gate.open.add_permits(2);
    assert_eq!(
        look_of(first, &one).await + look_of(second, &other).await,
        3
    );
}

// A look goes on while anybody waits for it, and one that nobody waits for holds nobody up.
#[tokio::test]
async fn callers_may_go_away() {
    let (scene, challenge) = (Scene::new(), challenge().await);
    let first = scene.ask(&challenge).await;
    let second = scene.ask(&challenge).await;
    first.abort();
    settle().await;
    assert_eq!(
        scene.begun(),
        1,
        "the second waits for the first look to end"
    );
    scene.let_one_go().await;
    assert_eq!(scene.begun(), 2);
    scene.let_one_go().await;
    assert_eq!(look_of(second, &challenge).await, 2);

    let gone = scene.ask(&challenge).await;
    assert_eq!(scene.begun(), 3);
    gone.abort();
    settle().await;
    let fourth = scene.ask(&challenge).await;
    assert_eq!(scene.begun(), 4, "nobody waits for the third look any more");
    scene.let_one_go().await;
    assert_eq!(look_of(fourth, &challenge).await, 4);
}
