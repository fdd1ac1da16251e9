//! What several perspectives see, and what becomes of it, through the whole.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

use std::time::Duration;

use async_trait::async_trait;
use dcv::challenge::Challenge;
use dcv::clock::ManualClock;
use dcv::diagnose::{Diagnosis, Hints, History, Inquiry, findings};
use dcv::dns::{
    Answer, Group, LookupFailure, Observation, Outcome, Perspective, Question, Security, Soa,
    Trust, View,
};
use dcv::evaluate::Case;
use dcv::evidence::Basis;
use dcv::lookup::{FixedLookup, Look, Observer, TxtObserver};
use dcv::name::Scope;
use dcv::policy::{Policy, Rules, Wildcards};
use dcv::record::{Forgiven, Reading};
use dcv::service::{Check, Dcv};
use time::UtcDateTime;

#[path = "support/world.rs"]
mod world;
use world::{account, domain, start};

/// What one perspective is told when it asks for the record.
type Tells = fn(&Challenge) -> Result<Answer, LookupFailure>;

fn record(challenge: &Challenge) -> Result<Answer, LookupFailure> {
    Ok(Answer::txt([challenge.record().value()]))
}

fn secure_record(challenge: &Challenge) -> Result<Answer, LookupFailure> {
    record(challenge).map(|answer| answer.with_security(Security::Secure))
}

fn absent(challenge: &Challenge) -> Result<Answer, LookupFailure> {
    let zone = (&domain("example.com")).into();
    assert!(challenge.owner().is_within(&zone));
    let soa = Some(Soa::new(zone, 1, 300, 300));
    Ok(Answer::new(Outcome::nx_domain(soa)))
}

fn authoritative_record(challenge: &Challenge) -> Result<Answer, LookupFailure> {
    record(challenge).map(|answer| answer.with_authoritative(true))
}

fn authoritatively_absent(challenge: &Challenge) -> Result<Answer, LookupFailure> {
    absent(challenge).map(|answer| answer.with_authoritative(true))
}

fn bogus(_: &Challenge) -> Result<Answer, LookupFailure> {
    Err(LookupFailure::Bogus {
        extended: Vec::new(),
    })
}

fn fails(_: &Challenge) -> Result<Answer, LookupFailure> {
    Err(LookupFailure::server(2))
}

/// A perspective of an operator of its own.
fn eye(name: &str) -> Perspective {
    eye_of(name, name)
}

fn eye_of(name: &str, operator: &str) -> Perspective {
    Perspective::new(name.parse().unwrap()).with_group(Group::Operator(operator.parse().unwrap()))
}

fn validating(name: &str) -> Perspective {
    eye(name).with_trust(Trust::Validating)
}

/// Issues a challenge and checks it through these perspectives, each with a DNS of its own.
async fn check(policy: Policy, eyes: &[(Perspective, Tells)]) -> Check {
    let clock = ManualClock::new(start());
    let mut builder = Dcv::builder("example-saas")
        .unwrap()
        .clock(clock.clone())
        .timer(clock)
        .policy(policy);
    let mut lookups = Vec::new();
    for (perspective, _) in eyes {
        let lookup = FixedLookup::new();
        builder = builder.observer(TxtObserver::new(perspective.clone(), lookup.clone()));
        lookups.push(lookup);
    }
    let dcv = builder.build().unwrap();
    let (tenant, name) = (account("t"), domain("example.com"));
    let challenge = dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    for ((_, tells), lookup) in eyes.iter().zip(lookups) {
        lookup.set(challenge.owner(), tells(&challenge));
    }
    dcv.verify(&tenant, challenge.id()).await.unwrap()
}

/// The verdict and its reason.
async fn verdict(policy: Policy, eyes: &[(Perspective, Tells)]) -> (&'static str, &'static str) {
    let check = check(policy, eyes).await;
    (check.verdict().name(), check.verdict().code())
}

// D-04, S-3: two of three unless set otherwise, counted by operator and not by address.
#[tokio::test]
async fn two_of_three_operators_must_agree() {
    let three = |tells: [Tells; 3]| [eye("a"), eye("b"), eye("c")].into_iter().zip(tells);
    for (tells, expected) in [
        ([record as Tells, record, absent], "validated"),
        ([record, fails, record], "validated"),
        ([record, absent, absent], "unproven"),
        ([fails, absent, absent], "unproven"),
        ([record, absent, fails], "indeterminate"),
        ([record, fails, fails], "indeterminate"),
        ([absent, fails, fails], "indeterminate"),
        ([fails, fails, fails], "indeterminate"),
    ] {
        let eyes: Vec<_> = three(tells).collect();
        let (name, code) = verdict(Policy::default(), &eyes).await;
        assert_eq!(name, expected, "{code}");
    }
    // Two addresses of one operator are one voice.
    let eyes = [
        (eye_of("a1", "a"), record as Tells),
        (eye_of("a2", "a"), record),
        (eye("b"), absent),
        (eye("c"), absent),
    ];
    assert_eq!(verdict(Policy::default(), &eyes).await.0, "unproven");
    let eyes = [
        (eye_of("a1", "a"), record as Tells),
        (eye_of("a2", "a"), record),
        (eye("b"), fails),
        (eye("c"), fails),
    ];
    assert_eq!(verdict(Policy::default(), &eyes).await.0, "indeterminate");
}

// D-02, S-6, S-11: one secure answer of a perspective that is trusted to validate proves a fresh
// token by itself. Of another perspective it is one voice, whatever it says of its security.
#[tokio::test]
async fn a_trusted_secure_answer_needs_no_second() {
    let others = [(eye("b"), fails as Tells), (eye("c"), fails)];
    let with = |first| [&[first], others.as_slice()].concat();
    let trusted = with((validating("a"), secure_record as Tells));
    let check = check(Policy::default(), &trusted).await;
    assert_eq!(check.verdict().name(), "validated");
    let evidence = check.challenge().evidence().unwrap();
    assert_eq!(evidence.basis(), Basis::Secure);
    for other in [
        (eye("a"), secure_record as Tells),
        (validating("a"), record),
    ] {
        // Without probes for wildcards, so that the answer is complete before the others fail.
        let policy = Policy::default().with_wildcards(Wildcards::Accept);
        let (name, _) = verdict(policy, &with(other)).await;
        assert_eq!(name, "indeterminate");
    }
}

// S-2: resolvers may have been primed: the zone's own servers have a veto, and when they were to be
// asked, their silence is no consent. What resolvers deny, perhaps out of an old cache, is no veto.
#[tokio::test]
async fn the_authoritative_view_vetoes() {
    let own = || eye("own").with_view(View::Authoritative);
    let eyes = [
        (eye("a"), record as Tells),
        (eye("b"), record),
        (own(), authoritatively_absent),
    ];
    let found = verdict(Policy::default(), &eyes).await;
    assert_eq!(found, ("indeterminate", "vetoed"));
    let eyes = [
        (eye("a"), absent as Tells),
        (eye("b"), record),
        (own(), authoritative_record),
    ];
    // Without probes for wildcards, which a fixed lookup does not answer with authority.
    let policy = || Policy::default().with_wildcards(Wildcards::Accept);
    assert_eq!(verdict(policy(), &eyes).await.0, "validated");
    // Who answers without authority, as a lame server does, neither confirms nor vetoes.
    for tells in [fails as Tells, record, absent] {
        let eyes = [
            (eye("a"), record as Tells),
            (eye("b"), record),
            (own(), tells),
        ];
        let found = verdict(policy(), &eyes).await;
        assert_eq!(found, ("indeterminate", "unconfirmed"));
    }
}

// D-03: bogus is neither a proof nor an absence. A trusted validator rejects with it; of anybody
// else it is a failure like any other.
#[tokio::test]
async fn bogus_rejects_and_never_proves() {
    for (first, others, expected) in [
        (validating("a"), [record as Tells, record], "rejected"),
        (validating("a"), [absent, absent], "rejected"),
        (eye("a"), [record, record], "validated"),
        (eye("a"), [absent, absent], "unproven"),
        (eye("a"), [record, fails], "indeterminate"),
        (eye("a"), [absent, fails], "indeterminate"),
    ] {
        let eyes = [
            (first, bogus as Tells),
            (eye("b"), others[0]),
            (eye("c"), others[1]),
        ];
        let (name, code) = verdict(Policy::default(), &eyes).await;
        assert_eq!(name, expected, "{code}");
    }
}

/// Says since when it has been looking.
#[derive(Debug)]
struct Since(FixedLookup, UtcDateTime);

#[async_trait]
impl Observer for Since {
    fn perspectives(&self) -> Vec<Perspective> {
        vec![eye("a")]
    }

    async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation> {
        use dcv::lookup::TxtLookup as _;
        let answer = self.0.lookup_txt(question.name()).await.unwrap();
        vec![look.record(eye("a").id(), question, self.1, Ok(answer))]
    }
}

// S-5: an observation counts when it was begun after the challenge was issued and ended until now.
#[tokio::test]
async fn an_observation_counts_in_its_time() {
    for (seconds, expected) in [(-1, "no-observation"), (0, "quorum"), (1, "no-observation")] {
        let (lookup, clock) = (FixedLookup::new(), ManualClock::new(start()));
        let since = start() + time::Duration::seconds(seconds);
        let dcv = Dcv::builder("example-saas")
            .unwrap()
            .clock(clock.clone())
            .timer(clock)
            .policy(Policy::single_resolver().with_max_age(Duration::from_secs(60)))
            .observer(Since(lookup.clone(), since))
            .build()
            .unwrap();
        let (tenant, name) = (account("t"), domain("example.com"));
        let challenge = dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
        lookup.publish(challenge.owner(), [challenge.record().value()]);
        let check = dcv.verify(&tenant, challenge.id()).await.unwrap();
        assert_eq!(
            check.verdict().code(),
            expected,
            "{seconds} s after the issue"
        );
    }
}

// L-02: while some see the record and caches deny it, the user is told for how long they may.
#[tokio::test]
async fn caches_that_are_in_the_way_are_told_of() {
    let own = || eye("own").with_view(View::Authoritative);
    for (other, third, told) in [
        (absent as Tells, (eye("c"), fails as Tells), true),
        (fails, (eye("c"), fails), false),
        // An authoritative view has no cache.
        (fails, (own(), authoritatively_absent as Tells), false),
    ] {
        let eyes = [(eye("a"), record as Tells), (eye("b"), other), third];
        let policy = Policy::default().with_wildcards(Wildcards::Accept);
        let check = check(policy, &eyes).await;
        assert_eq!(check.verdict().name(), "indeterminate");
        let until = start() + time::Duration::seconds(300);
        assert_eq!(check.denied_until(), told.then_some(until));
        let text = check.to_string();
        assert_eq!(
            text.contains("Caches may deny the record until"),
            told,
            "{text}"
        );
        // And the next check waits for them, or not.
        let wait = if told { 300 } else { 60 };
        let next = start() + time::Duration::seconds(wait);
        assert_eq!(check.next_check_at(), Some(next));
    }
}

/// The record with spaces where there should be none.
fn padded_record(challenge: &Challenge) -> Result<Answer, LookupFailure> {
    let value = challenge.record().value().replace(' ', "  ");
    Ok(Answer::txt([format!("{value} ")]))
}

/// The record with an attribute that nobody asked for, after one that is right.
fn two_records(challenge: &Challenge) -> Result<Answer, LookupFailure> {
    let value = challenge.record().value();
    Ok(Answer::txt([format!(" {value}"), value.to_owned()]))
}

fn record_with_more(challenge: &Challenge) -> Result<Answer, LookupFailure> {
    Ok(Answer::txt([format!(
        "{} note=ours",
        challenge.record().value()
    )]))
}

// K-10, K-12: what was forgiven is said, wherever the proof is told of: by whomever it was seen so,
// and not where a record is there too that needs no pardon.
#[tokio::test]
async fn what_was_forgiven_is_told() {
    const SPACES: &[&str] = &["trailing-space", "stray-space"];
    const ALL: &[&str] = &["trailing-space", "stray-space", "unknown-attribute"];
    let policy = |reading| {
        let policy = Policy::default().with_wildcards(Wildcards::Accept);
        policy.with_reading(reading)
    };
    for (tells, verdict, forgiven) in [
        ([record as Tells, record, record], "validated", &[][..]),
        (
            [padded_record, padded_record, padded_record],
            "validated",
            SPACES,
        ),
        ([record, padded_record, fails], "validated", SPACES),
        ([two_records, two_records, two_records], "validated", &[]),
        ([record_with_more, padded_record, fails], "validated", ALL),
        // It is not proven yet, and what is there is told of.
        ([padded_record, absent, fails], "indeterminate", SPACES),
        ([absent, absent, absent], "unproven", &[]),
    ] {
        let eyes = ["a", "b", "c"]
            .map(eye)
            .into_iter()
            .zip(tells)
            .collect::<Vec<_>>();
        let check = check(policy(Reading::Lenient), &eyes).await;
        assert_eq!(check.verdict().name(), verdict, "{check}");
        let expected = check.forgiven();
        assert_eq!(expected.words().collect::<Vec<_>>(), forgiven, "{check}");
        for sentence in expected.sentences() {
            assert!(check.to_string().contains(sentence), "{check}");
        }
        let Some(evidence) = check.challenge().evidence() else {
            continue;
        };
        assert_eq!(evidence.forgiven(), expected);
        let sightings = evidence.sightings().iter().map(|one| one.forgiven());
        assert_eq!(sightings.fold(Forgiven::default(), Forgiven::and), expected);
        // And the report says it of what is proven.
        let (history, hints) = (History::new(), Hints::new());
        let rules = Rules::new(
            policy(Reading::Lenient),
            eyes.iter().map(|(eye, _)| eye.clone()).collect(),
        );
        let (rules, now) = (rules.unwrap(), check.decided_at());
        for challenge in [check.examined(), check.challenge()] {
            let case = Case::new(challenge, &rules, check.observations(), now);
            let diagnosis = Diagnosis::of(&Inquiry::new(case, &history, &hints, now));
            assert_eq!(diagnosis.forgiven(), expected);
            for report in [diagnosis.for_tenant(), diagnosis.for_operator()] {
                let text = report.document().to_text(200);
                for sentence in expected.sentences() {
                    assert!(text.contains(sentence), "{text}");
                }
                #[cfg(feature = "serde")]
                {
                    let json = serde_json::to_value(report).unwrap();
                    let words = (!forgiven.is_empty()).then(|| serde_json::json!(forgiven));
                    assert_eq!(json.get("forgiven").cloned(), words, "{json}");
                }
            }
        }
    }
    // The strict reading forgives no spaces.
    let eyes = ["a", "b", "c"].map(|name| (eye(name), padded_record as Tells));
    let strict = check(policy(Reading::Strict), &eyes).await;
    assert_eq!(strict.verdict().code(), "malformed");
    assert!(strict.forgiven().is_empty());
}

// S-16: what cannot be read is said as it is, and nobody waits for it to become less by itself. It says
// nothing about the record.
#[tokio::test]
async fn what_cannot_be_read_does_not_pass_by_itself() {
    fn too_large(_: &Challenge) -> Result<Answer, LookupFailure> {
        Err(LookupFailure::TooLarge)
    }
    fn truncated(_: &Challenge) -> Result<Answer, LookupFailure> {
        Err(LookupFailure::Truncated)
    }
    for (tells, wait, told, code) in [
        (
            too_large as Tells,
            3600,
            "have TXT records removed",
            "answer-too-large",
        ),
        (truncated, 3600, "fewer TXT records", "truncated-no-tcp"),
        (fails, 60, "try again later", "server-failure"),
    ] {
        let eyes = ["a", "b", "c"].map(|name| (eye(name), tells));
        let check = check(Policy::default(), &eyes).await;
        assert_eq!(check.verdict().name(), "indeterminate");
        assert_eq!(check.verdict().code(), "lookup-failed");
        let text = check.to_string();
        assert!(text.contains(told), "{text}");
        assert_eq!(text.contains("try again later"), wait == 60, "{text}");
        let next = start() + time::Duration::seconds(wait);
        assert_eq!(check.next_check_at(), Some(next));

        let eyes = eyes.map(|(eye, _)| eye).into();
        let rules = Rules::new(Policy::default(), eyes).unwrap();
        let (history, hints) = (History::new(), Hints::new());
        let now = check.decided_at();
        let case = Case::new(check.examined(), &rules, check.observations(), now);
        let found = findings(&Inquiry::new(case, &history, &hints, now));
        assert_eq!(found[0].code().as_str(), code);
    }
    // One that can be read beside it decides nothing alone, and says more than a silent one.
    let eyes = [
        (eye("a"), fails as Tells),
        (eye("b"), too_large),
        (eye("c"), absent),
    ];
    let check = check(Policy::default(), &eyes).await;
    assert!(
        check.to_string().contains("have TXT records removed"),
        "{check}"
    );
}
