//! Stored values that were tampered with, and seams that misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use dcv::challenge::{Challenge, State};
use dcv::clock::ManualClock;
use dcv::dns::{Answer, Group, Observation, Perspective, PerspectiveId, Purpose, Question};
use dcv::evaluate::{Case, evaluate};
use dcv::lifecycle::Transition;
use dcv::lookup::{FixedLookup, Look, Observer, TxtLookup as _};
use dcv::name::Scope;
use dcv::policy::{Policy, Rules};
use dcv::record::{Forgiven, Warnings};
use dcv::service::{Dcv, Error};
use dcv::store::{ChallengeQuery, ChallengeStore, MemoryStore, Page, StoreError};
use dcv::token::ChallengeId;
use dcv::verify::DnsVerifier;
use time::UtcDateTime;

#[path = "support/world.rs"]
mod world;
use world::{account, domain, world, world_with};

// S-4: no instant that is read stops the program, or cannot be written again.
#[test]
fn instants_at_the_ends_of_time_are_refused() {
    for (at, is_read) in [
        ("0000-01-01T00:00:00+23:59", false),
        ("0000-01-01T00:00:00Z", true),
        ("9999-12-31T23:59:59.999999999Z", true),
        ("9999-12-31T23:59:59-23:59", false),
    ] {
        let json = format!(r#"{{"name":"expired","at":"{at}"}}"#);
        let read = serde_json::from_str::<State>(&json);
        assert_eq!(read.is_ok(), is_read, "{at}: {read:?}");
        if let Ok(state) = read {
            assert_eq!(serde_json::to_string(&state).unwrap(), json);
        }
    }
}

// S-4, S-18: what would steer a terminal, or is longer than a record, is no value to publish.
#[tokio::test]
async fn a_stored_record_value_is_checked() {
    let world = world();
    let issued = world
        .dcv
        .issue(&account("t"), &domain("example.com"), Scope::Host)
        .await
        .unwrap();
    let json = serde_json::to_value(&issued).unwrap();
    let edited = |value: &str| {
        let mut json = json.clone();
        json["record"]["value"] = value.into();
        serde_json::from_value::<Challenge>(json)
    };
    assert_eq!(edited(issued.record().value()).unwrap(), issued);
    for hostile in ["", "a\u{1b}[2Jb", "a\nb", "a\u{9b}b", &"a".repeat(65_280)] {
        assert!(edited(hostile).is_err(), "{:.20?}", hostile);
    }
}

// S-4: a list is read no further than it can be long.
#[test]
fn warnings_are_bounded() {
    let json = |count| serde_json::to_string(&vec!["stray-space"; count]).unwrap();
    assert!(serde_json::from_str::<Warnings>(&json(5)).is_ok());
    assert!(serde_json::from_str::<Warnings>(&json(6)).is_err());
    // With the one word more that there is.
    assert!(serde_json::from_str::<Forgiven>(&json(6)).is_ok());
    assert!(serde_json::from_str::<Forgiven>(&json(7)).is_err());
    assert!(serde_json::from_str::<Forgiven>(r#"["anything"]"#).is_err());
    let all = r#"["leading-space","trailing-space","unknown-attribute"]"#;
    let read: Forgiven = serde_json::from_str(all).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), all);
}

/// A store that lets somebody validate the open challenge just after it was found.
#[derive(Debug)]
struct Overtaking {
    store: std::sync::Arc<MemoryStore>,
    rival: std::sync::Mutex<Option<(Dcv, ChallengeId)>>,
}

#[async_trait]
impl ChallengeStore for Overtaking {
    async fn insert(&self, challenge: Challenge) -> Result<(), StoreError> {
        self.store.insert(challenge).await
    }

    async fn get(&self, id: &ChallengeId) -> Result<Option<Challenge>, StoreError> {
        self.store.get(id).await
    }

    async fn find(&self, query: &ChallengeQuery, page: Page) -> Result<Vec<Challenge>, StoreError> {
        let found = self.store.find(query, page).await;
        let rival = self.rival.lock().unwrap().take();
        if let Some((dcv, id)) = rival {
            assert!(dcv.verify(&account("t"), &id).await.unwrap().is_validated());
        }
        found
    }

    async fn apply(&self, transitions: &[Transition]) -> Vec<Result<(), StoreError>> {
        self.store.apply(transitions).await
    }

    async fn purge(&self, before: UtcDateTime) -> Result<u64, StoreError> {
        self.store.purge(before).await
    }
}

// S-15: reissuing replaces an open challenge. A proof that was made meanwhile is none.
#[tokio::test]
async fn reissue_takes_no_proof_away() {
    let world = world();
    let (tenant, name) = (account("t"), domain("example.com"));
    let first = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    world.publish(&first);
    let rival = std::sync::Mutex::new(Some((world.dcv.clone(), *first.id())));
    let store = Overtaking {
        store: world.store.clone(),
        rival,
    };
    let other = world_with(|builder| builder.store(store).clock(world.clock.clone()));
    let second = other
        .dcv
        .reissue(&tenant, &name, Scope::Host)
        .await
        .unwrap();
    assert_ne!(first.id(), second.id());
    let proof = world.dcv.control(&tenant, &name).await.unwrap();
    assert_eq!(proof.unwrap().challenge(), first.id());
}

/// A store that answers every question with everything, from the beginning.
#[derive(Debug, Default)]
struct Careless {
    store: MemoryStore,
    again: AtomicBool,
}

#[async_trait]
impl ChallengeStore for Careless {
    async fn insert(&self, challenge: Challenge) -> Result<(), StoreError> {
        self.store.insert(challenge).await
    }

    async fn get(&self, _: &ChallengeId) -> Result<Option<Challenge>, StoreError> {
        Ok(self.store.snapshot().into_iter().next())
    }

    async fn find(&self, _: &ChallengeQuery, page: Page) -> Result<Vec<Challenge>, StoreError> {
        assert!(
            page.begins_after().is_none() || !self.again.swap(true, Ordering::Relaxed),
            "asked for a third page of the same"
        );
        let all = self.store.snapshot();
        Ok(all.into_iter().cycle().take(page.limit()).collect())
    }

    async fn apply(&self, transitions: &[Transition]) -> Vec<Result<(), StoreError>> {
        self.store.apply(transitions).await
    }

    async fn purge(&self, before: UtcDateTime) -> Result<u64, StoreError> {
        self.store.purge(before).await
    }
}

// S-17: whatever the store answers, nobody gets what is another's.
#[tokio::test]
async fn a_careless_store_gives_nobody_anothers_proof() {
    let full = world();
    let (owner, name) = (account("owner"), domain("example.com"));
    let proven = full.dcv.issue(&owner, &name, Scope::Host).await.unwrap();
    full.publish(&proven);
    full.dcv.verify(&owner, proven.id()).await.unwrap();
    let open = full.dcv.issue(&owner, &name, Scope::Host).await.unwrap();
    assert_ne!(proven.id(), open.id());
    let store = || Careless {
        store: MemoryStore::restore(full.store.snapshot()).unwrap(),
        again: AtomicBool::new(false),
    };
    let careless = || world_with(|builder| builder.store(store()).clock(full.clock.clone()));
    let thief = account("thief");

    let control = careless().dcv.control(&thief, &name).await.unwrap();
    assert!(control.is_none(), "{control:?}");
    let list = careless().dcv.list(&thief, Page::default()).await.unwrap();
    assert!(list.is_empty());
    let issued = careless().dcv.issue(&thief, &name, Scope::Host).await;
    assert_eq!(issued.unwrap().account(), &thief);
    let unknown = ChallengeId::from_bytes([7; 16]);
    let got = careless().dcv.get(&owner, &unknown).await;
    assert!(matches!(got, Err(Error::NotFound)), "{got:?}");
}

/// An observer that says at first that it is one perspective, and later that it is two.
#[derive(Debug)]
struct Grasping {
    lookup: FixedLookup,
    built: AtomicBool,
}

#[async_trait]
impl Observer for Grasping {
    fn perspectives(&self) -> Vec<Perspective> {
        let claimed = if self.built.swap(true, Ordering::Relaxed) {
            2
        } else {
            1
        };
        ["own", "other"]
            .map(eye)
            .into_iter()
            .take(claimed)
            .collect()
    }

    async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation> {
        let answer = self.lookup.lookup_txt(question.name()).await.unwrap();
        let seen = |who: &str| {
            let who = PerspectiveId::new(who).unwrap();
            look.record(&who, question, look.now(), Ok(answer.clone()))
        };
        vec![seen("own"), seen("other")]
    }
}

/// An observer that never says anything.
#[derive(Debug)]
struct Silent;

#[async_trait]
impl Observer for Silent {
    fn perspectives(&self) -> Vec<Perspective> {
        vec![eye("other")]
    }

    async fn observe(&self, _: &Question, _: &Look<'_>) -> Vec<Observation> {
        std::future::pending().await
    }
}

fn eye(name: &str) -> Perspective {
    let id = PerspectiveId::new(name).unwrap();
    Perspective::new(id.clone()).with_group(Group::Operator(id))
}

// S-3: an observer speaks for the perspectives it was built in with, and for no others.
#[tokio::test]
async fn no_observer_speaks_for_another() {
    let (clock, lookup) = (ManualClock::new(world::start()), FixedLookup::new());
    let built = AtomicBool::new(false);
    let dcv = Dcv::builder("example-saas")
        .unwrap()
        .clock(clock.clone())
        .timer(clock.clone())
        .policy(Policy::k_of_n(2, 2).unwrap())
        .observer(Grasping {
            lookup: lookup.clone(),
            built,
        })
        .observer(Silent)
        .build()
        .unwrap();
    let (tenant, name) = (account("t"), domain("example.com"));
    let challenge = dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    lookup.publish(challenge.owner(), [challenge.record().value()]);
    let check = dcv.verify(&tenant, challenge.id());
    let end = async {
        while clock.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        clock.advance(DnsVerifier::DEADLINE);
    };
    let (check, ()) = futures_util::future::join(check, end).await;
    assert_eq!(check.unwrap().verdict().code(), "not-corroborated");
}

// S-16: deciding over a transcript takes time by its length, not by its square.
#[tokio::test]
async fn a_perspective_that_repeats_itself_is_not_heard_out() {
    let world = world();
    let (tenant, name) = (account("t"), domain("example.com"));
    let challenge = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    let rules = Rules::new(Policy::single_resolver(), vec![eye("one")]).unwrap();
    let told = |times: usize| {
        let who = PerspectiveId::new("one").unwrap();
        let at = world::start();
        let answer = Ok(Answer::txt(["another"]));
        let one = Observation::replayed(who, challenge.question(), Purpose::Record, at, at, answer);
        let seen = vec![one; times];
        evaluate(&Case::new(&challenge, &rules, &seen, at)).code()
    };
    assert_eq!(
        [1, 16, 17, 100_000].map(told),
        ["different", "different", "incoherent", "incoherent"]
    );
}
