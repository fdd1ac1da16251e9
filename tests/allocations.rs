//! What is done for every record that strangers publish, and for every challenge, needs no memory.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it panics"
)]

#[path = "../benches/scene.rs"]
mod scene;

use std::hint::black_box;

use allocation_counter::measure;
use dcv::dns::{Answer, Observation, Perspective, PerspectiveId, Purpose};
use dcv::evaluate::{Case, evaluate};
use dcv::name::{DomainName, Scope};
use dcv::policy::{Policy, Rules, Wildcards};
use dcv::record::{Reading, Syntax, parse};
use dcv::suffix::SuffixGuard;
use time::UtcDateTime;

fn allocations<T>(run: impl FnOnce() -> T) -> u64 {
    let counted = measure(|| {
        black_box(run());
    });
    counted.count_total
}

#[test]
fn the_allocations_are_counted() {
    assert_eq!(allocations(|| Box::new(1)), 1);
}

// K-04, K-12
#[test]
fn reading_a_record() {
    for rdata in [
        "token=gezdgnbvgy3tqojqgezdgnbvgy expiry=2027-01-22T08:00:00Z",
        " expiry=never,a=b , token=abc",
        "token=abc flag= flag  x=y",
        "v=spf1 include:_spf.example.net -all",
        "token=abc token=def",
    ] {
        for syntax in [Syntax::Space, Syntax::LegacyComma] {
            for reading in [Reading::Strict, Reading::Lenient] {
                let read = || parse(rdata.as_bytes(), syntax, reading).is_ok();
                assert_eq!(allocations(read), 0, "{rdata}");
            }
        }
    }
}

// T-12, S-2, S-8
#[test]
fn deciding() {
    for (name, scene, validated) in scene::scenes() {
        assert_eq!(scene.decide(), validated, "{name}");
        let decide = || scene.decide();
        assert_eq!(allocations(decide), 0, "{name}");
    }
}

// S-16: thousands of records of strangers cost comparisons, and nothing else.
#[test]
fn deciding_in_a_crowd() {
    let now = UtcDateTime::from_unix_timestamp(1_800_000_000).unwrap();
    let challenge = scene::challenge("example.com", 1, now);
    let id: PerspectiveId = "one".parse().unwrap();
    let policy = Policy::single_resolver().with_wildcards(Wildcards::Accept);
    let rules = Rules::new(policy, vec![Perspective::new(id.clone())]).unwrap();
    let strangers = (0..5000).map(|number| format!("v=spf1 ip4:192.0.2.1 {number}"));
    let ours = std::iter::once(challenge.record().value().to_owned());
    let answer = Answer::txt(strangers.chain(ours));
    let (question, purpose) = (challenge.question(), Purpose::Record);
    let seen = [Observation::replayed(
        id,
        question,
        purpose,
        now,
        now,
        Ok(answer),
    )];
    let decide = || evaluate(&Case::new(&challenge, &rules, &seen, now)).is_validated();
    assert!(decide());
    assert_eq!(allocations(decide), 0);
}

// PS-01: nothing is loaded at the start, or at the first use
#[test]
fn guarding_by_the_compiled_list() {
    let names = [
        "example.com",
        "a.b.example.co.uk",
        "x.y.kobe.jp",
        "co.uk",
        "github.io",
    ];
    let names = names.map(|name| name.parse::<DomainName>().unwrap());
    let check = || {
        let guard = SuffixGuard::default();
        for name in &names {
            black_box(guard.check(name, Scope::Host).is_ok());
        }
    };
    assert_eq!(allocations(check), 0);
}
