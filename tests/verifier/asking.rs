//! What is asked, when, and how often.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use dcv::clock::ManualClock;
use dcv::dns::{Answer, LookupFailure, RecordType};
use dcv::lookup::{Budget, DnsObserver, FixedLookup, LookupError, TxtLookup, TxtObserver};
use dcv::name::{DomainName, OwnerName};
use dcv::policy::Policy;
use dcv::suffix::SuffixPolicy;
use dcv::system::SharedSuffixes;
use dcv::verify::Verifier;

use crate::cases::{Plan, absent, challenge, edited, eye, found, id, now, other, run, sibling};
use crate::scripted::{Scripted, at_once, builder, observers};

// S-8, L-02, SC-02: what is asked, by whom: siblings only of those who saw the record.
#[test]
fn probes_follow_a_match() {
    let challenge = Plan {
        features: &["feature1"],
        ..Plan::default()
    }
    .challenge();
    let (a, b) = (
        Scripted::matching("a", &challenge),
        Scripted::matching("b", &challenge),
    );
    let (c, d) = (
        Scripted::always("c", other()),
        Scripted::always("d", absent("example.com")),
    );
    let e = Scripted::always("e", Err(LookupFailure::Timeout));
    let eyes = observers([&a, &b, &c, &d, &e]);
    let examination = at_once(Policy::k_of_n(3, 5).unwrap(), eyes, &challenge);
    assert_eq!(examination.verdict().name(), "indeterminate");
    for scripted in [&a, &b, &c, &d, &e] {
        let asked = scripted.asked();
        assert_eq!(asked[0], challenge.question());
        let probes = if scripted.perspectives[0].id().as_str() < "c" {
            3
        } else {
            0
        };
        assert_eq!(asked.len(), 1 + probes);
        // Two beside the owner name, and one above.
        for (level, probe) in [0, 0, 1].into_iter().zip(&asked[1..]) {
            assert_eq!(probe.record_type(), RecordType::TXT);
            assert_eq!(probe.name().parent(), sibling(&challenge, level).parent());
            assert_ne!(probe.name(), challenge.owner());
        }
    }
}

// S-5, S-9: nothing is asked for a challenge that cannot be proven anyway.
#[test]
fn nothing_is_asked_in_vain() {
    let open = challenge();
    let closed = edited(&open, |written| {
        let at = written["issued_at"].clone();
        written["state"] = serde_json::json!({"name": "cancelled", "at": at});
    });
    let expired = edited(&open, |written| {
        written["expires_at"] = "2026-11-18T12:06:40Z".into();
    });
    let suffix = edited(
        &Plan {
            domain: "github.io",
            ..Plan::default()
        }
        .challenge(),
        |_| {},
    );
    for (challenge, code) in [(closed, "closed"), (expired, "expired"), (suffix, "suffix")] {
        let eye = Scripted::matching("a", &challenge);
        let examination = at_once(Policy::single_resolver(), observers([&eye]), &challenge);
        assert_eq!(examination.verdict().code(), code);
        assert_eq!(eye.asked(), []);
        assert_eq!(examination.observations(), []);
    }
}

// S-9: the list in force at the check decides, not that of the issue.
#[test]
fn the_list_is_asked_at_each_check() {
    let (challenge, clock) = (challenge(), ManualClock::new(now()));
    let suffixes = SharedSuffixes::new(SuffixPolicy::strict());
    let eye = Scripted::matching("a", &challenge);
    let verifier = builder(&clock)
        .policy(Policy::single_resolver())
        .suffixes(suffixes.clone())
        .observer(eye.clone())
        .build()
        .unwrap();
    let verdict = || *run(pin!(verifier.examine(&challenge))).unwrap().verdict();
    assert!(verdict().is_validated());
    let asked = eye.asked().len();
    let list = "// ===BEGIN ICANN DOMAINS===\ncom\n// ===END ICANN DOMAINS===\n\
                // ===BEGIN PRIVATE DOMAINS===\nexample.com\n// ===END PRIVATE DOMAINS===\n";
    suffixes.load_bytes(list.as_bytes()).unwrap();
    assert_eq!(verdict().code(), "suffix");
    assert_eq!(eye.asked().len(), asked, "and nothing was asked");
}

/// Counts what is looked up.
#[derive(Debug, Default, Clone)]
struct Counting {
    lookups: Arc<AtomicUsize>,
    dns: FixedLookup,
}

#[async_trait]
impl TxtLookup for Counting {
    async fn lookup_txt(&self, name: &OwnerName) -> Result<Answer, LookupError> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        self.dns.lookup_txt(name).await
    }
}

// S-16: a check has so many queries and no more; without them nothing is proven.
#[test]
fn the_budget_is_kept() {
    let challenge = challenge();
    for (queries, code) in [
        (0, "lookup-failed"),
        (1, "wildcard-unknown"),
        (2, "wildcard-unknown"),
        (3, "wildcard-unknown"),
        (6, "wildcard-unknown"),
        (7, "quorum"),
        (8, "quorum"),
        (Budget::PER_VERIFICATION, "quorum"),
    ] {
        let counting = Counting::default();
        counting
            .dns
            .publish(challenge.owner(), [challenge.record().value()]);
        let clock = ManualClock::new(now());
        let mut builder = builder(&clock).queries(queries);
        for name in ["a", "b", "c"] {
            builder = builder.observer(TxtObserver::new(eye(name), counting.clone()));
        }
        let verifier = builder.build().unwrap();
        let examination = run(pin!(verifier.examine(&challenge))).unwrap();
        assert_eq!(examination.verdict().code(), code, "{queries}");
        let lookups = counting.lookups.load(Ordering::SeqCst);
        assert!(lookups <= queries as usize, "{lookups} of {queries}");
        let exhausted = Err(&LookupFailure::BudgetExhausted);
        let refused = examination
            .observations()
            .iter()
            .filter(|seen| seen.result() == exhausted);
        assert_eq!(refused.count() > 0, queries < 7, "{queries}");
        assert_eq!(examination.queries() as usize, lookups, "it says how many");
    }
}

// S-16: an observer of many questions shares the same budget.
#[test]
fn lookups_that_count_share_the_budget() {
    let (challenge, dns) = (challenge(), FixedLookup::new());
    dns.publish(challenge.owner(), [challenge.record().value()]);
    let clock = ManualClock::new(now());
    for (queries, validated) in [(1, false), (2, false), (3, true)] {
        let verifier = builder(&clock)
            .policy(Policy::single_resolver())
            .queries(queries)
            .observer(DnsObserver::new(eye("a"), dns.clone()))
            .build()
            .unwrap();
        let examination = run(pin!(verifier.examine(&challenge))).unwrap();
        assert_eq!(examination.verdict().is_validated(), validated);
    }
}

// One observer may have several perspectives; each is asked for what it has left open.
#[test]
fn an_observer_of_several_perspectives() {
    let challenge = challenge();
    let (owner, record) = (challenge.owner().clone(), found(&challenge));
    let names = ["a", "b", "c"];
    let eyes = Scripted::new(names.map(eye).into(), move |question, look| {
        let is_record = *question.name() == owner;
        let seen = names.map(|who| {
            let seen = match (who, is_record) {
                ("c", true) => Err(LookupFailure::Timeout),
                (_, true) => record.clone(),
                (_, false) => absent("example.com"),
            };
            look.record(&id(who), question, look.now(), seen)
        });
        Some(seen.into())
    });
    let examination = at_once(Policy::default(), observers([&eyes]), &challenge);
    assert!(
        examination.verdict().is_validated(),
        "{:?}",
        examination.verdict()
    );
    assert_eq!(eyes.asked().len(), 3, "the probes serve both");
}

// the question is the owner name, absolute, wherever the domain ends.
#[test]
fn the_owner_name_is_asked_as_it_is() {
    let challenge = challenge();
    let eye = Scripted::matching("a", &challenge);
    at_once(Policy::single_resolver(), observers([&eye]), &challenge);
    let asked = eye.asked();
    assert_eq!(asked[0].name().to_string(), "_p-challenge.example.com.");
    let domain = OwnerName::from(&DomainName::parse("example.com").unwrap());
    assert!(
        asked
            .iter()
            .all(|question| question.name().is_within(&domain))
    );
}
