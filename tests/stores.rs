//! Stores: the conformance suite over our own, and over stores with a fault each, so that the
//! suite is known to see it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

use std::sync::Arc;

use async_trait::async_trait;
use dcv::challenge::{Challenge, Form, State};
use dcv::conformance::challenge_store;
use dcv::dns::RecordType;
use dcv::evidence::Evidence;
use dcv::issue::{Style, Terms, admit, compose};
use dcv::lifecycle::Transition;
use dcv::name::{Naming, ProviderName, Scope};
use dcv::policy::Timing;
use dcv::record::{FormatId, Formats, PrefixFormat, Syntax};
use dcv::service::Proof;
use dcv::store::{ChallengeQuery, ChallengeStore, MemoryStore, Page, StoreError};
use dcv::suffix::SuffixGuard;
use dcv::token::{ChallengeId, Token};
use proptest::prelude::*;
use serde_json::{Value, json};
use time::UtcDateTime;

#[path = "support/world.rs"]
mod world;
use world::{account, domain, world};

// S-15; design: conformance suites run on T, Box<dyn> and Arc<dyn>.
#[tokio::test]
async fn memory_store_conforms() {
    let store = MemoryStore::new();
    for _ in 0..2 {
        let report = challenge_store(&store).await;
        assert!(report.is_conforming(), "{report}");
        assert_eq!(report.checks().len(), 13);
    }
    let boxed: Box<dyn ChallengeStore> = Box::new(MemoryStore::new());
    let report = challenge_store(&boxed).await;
    assert!(report.is_conforming(), "{report}");
    let shared: Arc<dyn ChallengeStore> = Arc::new(MemoryStore::new());
    let report = challenge_store(&&shared).await;
    assert!(report.is_conforming(), "{report}");
}

/// A store with challenges in every state.
async fn used() -> Arc<MemoryStore> {
    let world = world();
    let tenant = account("tenant");
    for (name, cancel, validate) in [
        ("open.example.com", false, false),
        ("cancelled.example.com", true, false),
        ("proven.example.com", false, true),
        ("released.example.com", true, true),
    ] {
        let challenge = world
            .dcv
            .issue(&tenant, &domain(name), Scope::Host)
            .await
            .unwrap();
        if validate {
            world.publish(&challenge);
            assert!(
                world
                    .dcv
                    .verify(&tenant, challenge.id())
                    .await
                    .unwrap()
                    .is_validated()
            );
        }
        if cancel {
            world.dcv.cancel(&tenant, challenge.id()).await.unwrap();
        }
    }
    world.store
}

#[tokio::test]
async fn a_restored_store_is_the_same() {
    let store = used().await;
    let snapshot = store.snapshot();
    assert_eq!(snapshot.len(), 4);
    // Whoever prints an application prints its store: not with everything in it.
    assert_eq!(format!("{store:?}"), "MemoryStore { challenges: 4, .. }");
    for one in &snapshot {
        let over = match one.state() {
            State::Validated { until, .. } => Some(until),
            State::Expired { at, .. } | State::Cancelled { at, .. } => Some(at),
            _ => None,
        };
        assert_eq!((one.over_at(), one.is_open()), (over, over.is_none()));
    }
    let all = ChallengeQuery::new();
    for (query, wants) in [
        (all.clone(), (false, false)),
        (all.clone().open(), (true, false)),
        (all.proven(), (false, true)),
    ] {
        assert_eq!((query.wants_open(), query.wants_proven()), wants);
    }
    let restored = MemoryStore::restore(snapshot.clone()).unwrap();
    assert_eq!(restored.snapshot(), snapshot);
    let proven = ChallengeQuery::new()
        .domain(domain("proven.example.com"))
        .proven();
    let found = restored.find(&proven, Page::default()).await.unwrap();
    assert_eq!(found.len(), 1, "the claims are part of what is restored");
    let twice = snapshot.iter().chain(&snapshot).cloned();
    assert!(matches!(
        MemoryStore::restore(twice),
        Err(StoreError::DuplicateId { .. })
    ));
}

// S-4: what is read went through the validating constructor; the evidence keeps its bound.
#[tokio::test]
async fn challenges_survive_json() {
    let snapshot = used().await.snapshot();
    let text = serde_json::to_string(&snapshot).unwrap();
    let read: Vec<Challenge> = serde_json::from_str(&text).unwrap();
    assert_eq!(read, snapshot);
    let evidence: Vec<_> = read.iter().filter_map(Challenge::evidence).collect();
    assert_eq!(evidence.len(), 2);
    for one in evidence {
        assert!(serde_json::to_string(one).unwrap().len() <= Evidence::MAX_OCTETS);
        assert_eq!(one.sightings().len(), 1);
    }
}

// a record type is written as its name, and read in any case (RFC 3597 §5).
#[test]
fn record_types_are_words() {
    let text = serde_json::to_value(RecordType::TXT).unwrap();
    assert_eq!(text, json!("TXT"));
    for code in [0, 1, 2, 5, 6, 16, 28, 39, 64, 257, u16::MAX] {
        let one = RecordType::from_code(code);
        assert_eq!(one.to_string().to_lowercase().parse(), Ok(one));
        assert_eq!(format!("TYPE{code}").parse(), Ok(one));
        let text = serde_json::to_value(one).unwrap();
        assert_eq!(serde_json::from_value::<RecordType>(text).unwrap(), one);
    }
    for wrong in [
        "",
        "TX",
        "TXT ",
        "TYPE",
        "TYPE+1",
        "TYPE65536",
        "TYPÉ1",
        "16",
    ] {
        assert!(wrong.parse::<RecordType>().is_err(), "{wrong}");
    }
    assert!(serde_json::from_value::<RecordType>(json!(16)).is_err());
}

// What a web service answers with: in stable words, and with no token.
#[tokio::test]
async fn proofs_and_verdicts_are_written() {
    let world = world();
    let (tenant, name) = (account("tenant"), domain("example.com"));
    let challenge = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    let check = world.dcv.verify(&tenant, challenge.id()).await.unwrap();
    let written = json!({"verdict": "unproven", "reason": "no-such-name"});
    assert_eq!(serde_json::to_value(check.verdict()).unwrap(), written);
    world.publish(&challenge);
    world.pass(5);
    world.dcv.verify(&tenant, challenge.id()).await.unwrap();
    let proof = world.dcv.control(&tenant, &name).await.unwrap().unwrap();
    let written = json!({
        "account": "tenant",
        "domain": "example.com",
        "scope": "host",
        "challenge": challenge.id().to_string(),
        "since": "2026-11-18T11:06:45Z",
        "until": "2027-02-16T11:06:45Z",
    });
    assert_eq!(serde_json::to_value(&proof).unwrap(), written);
}

// S-4: damaged data is refused with the reason, and never becomes a challenge.
#[tokio::test]
async fn damaged_challenges_are_refused() {
    let snapshot = used().await.snapshot();
    let validated = |one: &&Challenge| matches!(one.state(), State::Validated { .. });
    let proven = snapshot.iter().find(validated).unwrap();
    let sound = serde_json::to_value(proven).unwrap();
    serde_json::from_value::<Challenge>(sound.clone()).unwrap();
    let far = "9999-12-31T23:59:59Z";
    for (field, value, reason) in [
        ("expectations", json!([]), "expects 1 to 8 tokens"),
        (
            "expectations",
            json!(vec![sound["expectations"][0].clone(); 9]),
            "more than 8 items",
        ),
        (
            "domain",
            json!("example.net"),
            "not an underscore label below",
        ),
        ("domain", json!("exa mple"), "example"),
        ("issued_at", json!(far), "not after it was issued"),
        ("issued_at", json!("yesterday"), "expected an instant"),
        (
            "state",
            json!({"name": "pending"}),
            "has evidence exactly when",
        ),
        ("state", json!({"name": "proven"}), "unknown variant"),
        ("evidence", json!(null), "has evidence exactly when"),
        ("id", json!("short"), "id"),
        ("revision", json!(0), "no revision"),
        ("revision", json!(u64::MAX), "no revision"),
        ("account", json!(""), "account"),
    ] {
        let mut damaged = sound.clone();
        damaged[field] = value;
        let error = serde_json::from_value::<Challenge>(damaged)
            .expect_err(field)
            .to_string();
        assert!(
            field == "domain" || error.contains(reason),
            "{field}: {error}"
        );
    }
}

/// What stands at this place of a document.
fn at<'v>(document: &'v mut Value, place: &str) -> &'v mut Value {
    document.pointer_mut(place).unwrap()
}

fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(here.to_owned());
            for (key, value) in fields {
                places(value, &format!("{here}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                places(value, &format!("{here}/{index}"), found);
            }
        }
        _ => {}
    }
}

// S-4: a field that nobody knows is nowhere passed over, in no state.
#[tokio::test]
async fn unknown_fields_are_refused() {
    let mut seen = 0;
    for one in used().await.snapshot() {
        let sound = serde_json::to_value(&one).unwrap();
        let mut found = Vec::new();
        places(&sound, "", &mut found);
        for place in found {
            for key in ["unknown", "provenance", "weaker"] {
                let mut damaged = sound.clone();
                at(&mut damaged, &place)[key] = json!(true);
                let read = serde_json::from_value::<Challenge>(damaged);
                assert!(read.is_err(), "{place}/{key}");
                seen += 1;
            }
        }
        // An instant that belongs to another state.
        for key in ["at", "until"] {
            let mut damaged = sound.clone();
            let state = &mut damaged["state"];
            if state.get(key).is_none() {
                state[key] = sound["issued_at"].clone();
                let read = serde_json::from_value::<Challenge>(damaged);
                assert!(read.is_err(), "{} {key}", one.state());
            }
        }
    }
    assert!(seen > 60);
}

const STRONG: &str = "mzxw6ytboi4dsnzwgqzdgmrtgi5tqobq";

// S-4: what is read could have been written: each of these contradicts what a challenge is.
#[tokio::test]
async fn impossible_challenges_are_refused() {
    let snapshot = used().await.snapshot();
    let in_state = |name: &str| {
        let mut all = snapshot.iter();
        all.find(|one| one.state().to_string() == name).unwrap()
    };
    let (open, proven) = (in_state("pending"), in_state("validated"));
    let early = json!("2026-11-18T11:06:39Z");
    let soon = json!("2026-11-18T11:06:41Z");
    let late = json!("2026-11-25T11:06:40Z");
    let sighting = serde_json::to_value(&proven.evidence().unwrap().sightings()[0]).unwrap();
    let digest = open.expectations()[0].fingerprint().to_string();
    let token = open.expectations()[0].token().as_str();
    let mut other = serde_json::to_value(open).unwrap()["expectations"][0].clone();
    other["token"] = json!(STRONG);
    for (challenge, place, value, reason) in [
        // Tokens that can be guessed, with their own value or without.
        (open, "/expectations/0/token", json!("a"), "can be guessed"),
        (
            open,
            "/expectations/0/token",
            json!("letmein"),
            "can be guessed",
        ),
        (
            open,
            "/expectations/0/token",
            json!("a".repeat(40)),
            "can be guessed",
        ),
        (open, "/expectations/0/token", json!(""), "empty"),
        (
            open,
            "/expectations/0/token",
            json!(format!("token={token}")),
            "token",
        ),
        // Values that are not the token's.
        (
            open,
            "/expectations/0/token",
            json!(STRONG),
            "value of the record",
        ),
        (open, "/expectations", json!([other]), "value of the record"),
        (
            open,
            "/expectations/0/form",
            json!("exact"),
            "value of the record",
        ),
        (
            open,
            "/record/value",
            json!(format!("token={STRONG}")),
            "value of the record",
        ),
        (open, "/record/value", json!(STRONG), "value of the record"),
        (
            open,
            "/record/value",
            json!(format!("token={token}x")),
            "value of the record",
        ),
        (
            open,
            "/record/value",
            json!(format!("TOKEN={}", token.to_uppercase())),
            "value",
        ),
        (
            open,
            "/record/value",
            json!(format!("x token={token}")),
            "value of the record",
        ),
        (
            open,
            "/record/value",
            json!(format!("token={token}  a=b")),
            "value of the record",
        ),
        (
            open,
            "/record/value",
            json!("v=spf1 -all"),
            "value of the record",
        ),
        (open, "/record/record_type", json!("A"), "type A"),
        (
            open,
            "/record/record_type",
            json!("CNAME"),
            "value of the record",
        ),
        (
            open,
            "/record/owner",
            json!("_x.example.net."),
            "not an underscore label",
        ),
        // Counts that nothing was ever counted to.
        (open, "/revision", json!(i64::MAX), "no revision"),
        (open, "/revision", json!(i64::MAX - 1), "no revision"),
        (open, "/revision", json!(1_u64 << 53), "no revision"),
        (
            open,
            "/revision",
            json!(Challenge::MAX_REVISION + 1),
            "no revision",
        ),
        (open, "/revision", json!(-1), "-1"),
        (open, "/attempts", json!(u32::MAX), "was checked"),
        (open, "/attempts", json!(u32::MAX - 1), "was checked"),
        // Times that contradict each other.
        (
            open,
            "/last_checked_at",
            soon.clone(),
            "times of the challenge's checks",
        ),
        (
            proven,
            "/next_check_at",
            soon.clone(),
            "times of the challenge's checks",
        ),
        (proven, "/state/at", early.clone(), "evidence is not"),
        (proven, "/state/at", soon.clone(), "evidence is not"),
        (proven, "/state/until", early.clone(), "evidence is not"),
        (
            proven,
            "/state",
            json!({"name": "validated", "at": soon}),
            "other instants",
        ),
        (
            proven,
            "/state",
            json!({"name": "ended", "at": soon, "until": soon}),
            "other instants",
        ),
        (
            proven,
            "/evidence/decided_at",
            soon.clone(),
            "evidence is not",
        ),
        (
            proven,
            "/evidence/decided_at",
            late.clone(),
            "evidence is not",
        ),
        (
            proven,
            "/evidence/sightings/0/at",
            early.clone(),
            "evidence is not",
        ),
        (
            proven,
            "/evidence/sightings/0/at",
            soon.clone(),
            "evidence is not",
        ),
        // Evidence that does not bear what it says.
        (proven, "/evidence/sightings", json!([]), "evidence is less"),
        (
            proven,
            "/evidence/basis",
            json!("secure"),
            "evidence is less",
        ),
        (
            proven,
            "/evidence/quorum",
            json!([3, 5]),
            "evidence is less",
        ),
        // Proofs without a check, or by a token that had retired.
        (
            proven,
            "/revision",
            json!(1),
            "times of the challenge's checks",
        ),
        (
            proven,
            "/attempts",
            json!(0),
            "times of the challenge's checks",
        ),
        (
            proven,
            "/expectations/0/retire_at",
            early.clone(),
            "evidence is not",
        ),
        (proven, "/expires_at", early, "not after it was issued"),
        // Evidence of something else.
        (proven, "/evidence/token", json!(digest), "evidence is not"),
        (
            proven,
            "/state",
            json!({"name": "expired", "at": late}),
            "has evidence exactly",
        ),
        (
            open,
            "/state",
            json!({"name": "ended", "at": late}),
            "has evidence exactly",
        ),
    ] {
        let mut damaged = serde_json::to_value(challenge).unwrap();
        *at(&mut damaged, place) = value.clone();
        let read = serde_json::from_value::<Challenge>(damaged);
        let error = read.map(|_| (place, value)).unwrap_err().to_string();
        assert!(error.contains(reason), "{place}: {error}");
        assert!(!error.contains(token), "{place}: {error}");
    }
    // What is closed since was proven in the same way.
    let (ended, cancelled) = (
        json!({"name": "ended", "at": late}),
        json!({"name": "cancelled", "at": late}),
    );
    for state in [
        serde_json::to_value(proven.state()).unwrap(),
        ended,
        cancelled,
    ] {
        let mut sound = serde_json::to_value(proven).unwrap();
        sound["state"] = state.clone();
        serde_json::from_value::<Challenge>(sound.clone()).unwrap();
        let changes: [&dyn Fn(&mut Value); 5] = [
            &|one| one["evidence"]["sightings"] = json!([]),
            &|one| one["evidence"]["quorum"] = json!([7, 9]),
            &|one| {
                one["evidence"]["quorum"] = json!([2, 3]);
                one["evidence"]["sightings"] = json!([sighting, sighting]);
            },
            &|one| one["revision"] = json!(1),
            &|one| (one["attempts"], one["last_checked_at"]) = (json!(0), Value::Null),
        ];
        for (index, change) in changes.iter().enumerate() {
            let mut damaged = sound.clone();
            change(&mut damaged);
            let read = serde_json::from_value::<Challenge>(damaged);
            assert!(read.is_err(), "{index} in {state}");
        }
        // What is counted only was seen too.
        sound["evidence"]["quorum"] = json!([7, 9]);
        sound["evidence"]["omitted"] = json!(6);
        serde_json::from_value::<Challenge>(sound).unwrap();
    }
    // A proof is of the whole of its evidence: later times together make no other one.
    let mut moved = serde_json::to_value(proven).unwrap();
    for place in [
        "/state/at",
        "/evidence/decided_at",
        "/evidence/sightings/0/at",
    ] {
        *at(&mut moved, place) = late.clone();
    }
    assert!(serde_json::from_value::<Challenge>(moved).is_err());
}

// S-4, S-9: no form proves by an alias: a document that says so is read, and is no proof.
#[tokio::test]
async fn an_alias_is_no_proof() {
    let snapshot = used().await.snapshot();
    let mut all = snapshot.iter();
    let proven = all
        .find(|one| matches!(one.state(), State::Validated { .. }))
        .unwrap();
    assert!(Proof::of(proven).is_some());
    let mut altered = serde_json::to_value(proven).unwrap();
    altered["record"]["record_type"] = json!("CNAME");
    altered["record"]["value"] = json!("a.example.net.");
    let altered: Challenge = serde_json::from_value(altered).unwrap();
    assert!(Proof::of(&altered).is_none());
    let store = Arc::new(MemoryStore::new());
    store.insert(altered.clone()).await.unwrap();
    let world = world::world_with(|builder| builder.store(Arc::clone(&store)));
    let (account, domain) = (altered.account(), altered.domain());
    assert!(world.dcv.control(account, domain).await.unwrap().is_none());
    let check = world.dcv.verify(account, altered.id()).await.unwrap();
    assert_eq!(check.verdict().code(), "ended", "{check}");
}

/// A challenge of this token, in this form.
fn composed(token: Token, form: &Form, formats: Formats, timing: Timing) -> Option<Challenge> {
    let naming = Naming::new(ProviderName::new("p").unwrap()).unwrap();
    let (guard, domain) = (SuffixGuard::default(), domain("example.com"));
    let wish = admit(&naming, &guard, &account("t"), &domain, Scope::Host).unwrap();
    let terms = Terms::new()
        .with_style(Style::new(form.clone()))
        .with_formats(formats)
        .with_timing(timing);
    let id = ChallengeId::from_bytes([7; 16]);
    compose(wish, id, token, &terms, world::start()).ok()
}

// S-4, T-06: a token that the application chose though it can be guessed is read again.
#[test]
fn a_weak_token_is_read_where_it_was_chosen() {
    for text in ["a", "letmein"] {
        let token = Token::danger_fewer_than_128_bits(text).unwrap();
        let one = composed(token, &Form::Exact, Formats::new(), Timing::default()).unwrap();
        let written = serde_json::to_value(&one).unwrap();
        assert_eq!(written["expectations"][0]["weak"], json!(true));
        assert_eq!(serde_json::from_value::<Challenge>(written).unwrap(), one);
    }
    let token = Token::new(STRONG).unwrap();
    let one = composed(token, &Form::Exact, Formats::new(), Timing::default()).unwrap();
    assert_eq!(
        serde_json::to_value(one).unwrap()["expectations"][0].get("weak"),
        None
    );
}

// S-4: what was written before these rules were made is still read.
#[test]
fn earlier_documents_are_read() {
    let text = include_str!("data/challenges.json");
    let read: Vec<Challenge> = serde_json::from_str(text).unwrap();
    let states: Vec<_> = read.iter().map(|one| one.state().to_string()).collect();
    assert_eq!(
        states,
        [
            "pending",
            "pending",
            "validated",
            "expired",
            "cancelled",
            "cancelled"
        ]
    );
    let written = serde_json::to_value(&read).unwrap();
    assert_eq!(written, serde_json::from_str::<Value>(text).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    // S-4: every challenge that can be made can be read again, whatever its token and form.
    #[test]
    fn every_challenge_is_read_again(
        text in "[!#-Z^-~]{1,80}|[a-z2-7]{26,80}",
        which in 0_usize..4,
        seconds in 0_u64..u64::MAX,
        proof in 0_u64..u64::MAX,
    ) {
        let Ok(token) = Token::danger_fewer_than_128_bits(&text) else { return Ok(()) };
        let format = PrefixFormat::new("svc", "svc-verification=").unwrap();
        let formats = Formats::new().with(format).unwrap();
        let form = [
            Form::Draft(Syntax::Space),
            Form::Draft(Syntax::LegacyComma),
            Form::Exact,
            Form::Custom(FormatId::new("svc").unwrap()),
        ][which].clone();
        let timing = Timing::default()
            .with_challenge_lifetime(std::time::Duration::from_secs(seconds))
            .with_proof_lifetime(std::time::Duration::from_secs(proof));
        if let Some(one) = composed(token, &form, formats, timing) {
            let written = serde_json::to_string(&one).unwrap();
            prop_assert_eq!(serde_json::from_str::<Challenge>(&written).unwrap(), one);
        }
    }
}

/// What a faulty store does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    AppliesAnything,
    ForgetsEvidence,
    AllowsTwoOpen,
    OverwritesOnInsert,
    IgnoresPaging,
    PurgesEverything,
    MergesResults,
    IgnoresConditions,
}

#[derive(Debug)]
struct Faulty {
    fault: Fault,
    sound: MemoryStore,
    stray: std::sync::Mutex<Vec<Challenge>>,
}

#[async_trait]
impl ChallengeStore for Faulty {
    async fn insert(&self, challenge: Challenge) -> Result<(), StoreError> {
        match self.sound.insert(challenge.clone()).await {
            Err(StoreError::AlreadyOpen { .. }) if self.fault == Fault::AllowsTwoOpen => {
                self.stray.lock().unwrap().push(challenge);
                Ok(())
            }
            Err(StoreError::DuplicateId { .. }) if self.fault == Fault::OverwritesOnInsert => {
                Ok(())
            }
            other => other,
        }
    }

    async fn get(&self, id: &ChallengeId) -> Result<Option<Challenge>, StoreError> {
        let found = self.sound.get(id).await?;
        Ok(match self.fault {
            Fault::ForgetsEvidence => found.filter(|challenge| challenge.evidence().is_none()),
            _ => found,
        })
    }

    async fn find(&self, query: &ChallengeQuery, page: Page) -> Result<Vec<Challenge>, StoreError> {
        match self.fault {
            Fault::IgnoresPaging => self.sound.find(query, Page::first(Page::MAX)).await,
            Fault::IgnoresConditions => self.sound.find(&ChallengeQuery::new(), page).await,
            _ => self.sound.find(query, page).await,
        }
    }

    async fn apply(&self, transitions: &[Transition]) -> Vec<Result<(), StoreError>> {
        let mut results = self.sound.apply(transitions).await;
        match self.fault {
            Fault::AppliesAnything => results.iter_mut().for_each(|result| *result = Ok(())),
            Fault::MergesResults => results.truncate(1),
            _ => {}
        }
        results
    }

    async fn purge(&self, before: UtcDateTime) -> Result<u64, StoreError> {
        let before = match self.fault {
            Fault::PurgesEverything => UtcDateTime::MAX,
            _ => before,
        };
        self.sound.purge(before).await
    }
}

#[tokio::test]
async fn the_suite_sees_every_fault() {
    for fault in [
        Fault::AppliesAnything,
        Fault::ForgetsEvidence,
        Fault::AllowsTwoOpen,
        Fault::OverwritesOnInsert,
        Fault::IgnoresPaging,
        Fault::PurgesEverything,
        Fault::MergesResults,
        Fault::IgnoresConditions,
    ] {
        let store = Faulty {
            fault,
            sound: MemoryStore::new(),
            stray: Default::default(),
        };
        let report = challenge_store(&store).await;
        assert!(!report.is_conforming(), "{fault:?} was not seen:\n{report}");
    }
}
