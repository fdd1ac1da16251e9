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
use dcv::name::{DomainName, Scope};
use dcv::record::{Reading, Syntax, parse};
use dcv::suffix::SuffixGuard;

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
