//! Policies and rules, written and read.

use std::time::Duration;

use dcv::dns::{Perspective, Transport, Trust};
use dcv::policy::{Policy, Rules, Wildcards};
use dcv::record::Reading;
use dcv::suffix::{SuffixGuard, SuffixList, SuffixPolicy};
use serde_json::{from_value, json, to_value};

use crate::cases::{eye, id};

fn site(name: &str, region: &str) -> Perspective {
    eye(name)
        .with_transport(Transport::Authenticated)
        .with_region(region.parse().unwrap())
}

fn sites() -> Vec<Perspective> {
    vec![
        site("home", "RIPE NCC").with_trust(Trust::Validating),
        site("virginia", "ARIN"),
        site("singapore", "APNIC"),
    ]
}

// S-4, D-04: every policy is read as it was written
#[test]
fn policies_are_read_as_they_were_written() {
    for policy in [
        Policy::default(),
        Policy::single_resolver(),
        Policy::k_of_n(3, 4).unwrap().require_secure(),
        Policy::default().with_wildcards(Wildcards::Accept),
        Policy::default().with_reading(Reading::Strict),
        Policy::default().with_max_age(Duration::new(7, 5)),
        Policy::ca_browser_forum(id("home")),
    ] {
        let written = to_value(&policy).unwrap();
        assert_eq!(from_value::<Policy>(written).unwrap(), policy);
    }
    assert_eq!(
        to_value(Policy::ca_browser_forum(id("home"))).unwrap(),
        json!({
            "agreement": {"ca-browser-forum": "home"},
            "require_secure": false,
            "max_age": {"secs": 60, "nanos": 0},
            "wildcards": "reject",
            "reading": "lenient",
        })
    );
}

// S-4, S-9: rules that were read are those that were written, with the policy of the suffix guard
#[test]
fn rules_are_read_through_their_checks() {
    let suffixes = SuffixPolicy::strict().allow_private_suffixes();
    let guard = SuffixGuard::new(SuffixList::compiled(), suffixes);
    for policy in [Policy::default(), Policy::ca_browser_forum(id("home"))] {
        let rules = Rules::new(policy, sites())
            .unwrap()
            .with_guard(guard.clone());
        let read: Rules = from_value(to_value(&rules).unwrap()).unwrap();
        assert_eq!(read.policy(), rules.policy());
        assert_eq!(read.perspectives(), rules.perspectives());
        assert_eq!(read.guard().policy(), suffixes);
        assert_eq!(read.quorum(), rules.quorum());
    }
}

// S-3, S-4: rules that could never be met, or by half, are no rules
#[test]
fn impossible_rules_are_refused() {
    let good = to_value(Rules::new(Policy::default(), sites()).unwrap()).unwrap();
    assert!(from_value::<Rules>(good.clone()).is_ok());
    for (place, value, expected) in [
        ("/policy/agreement/groups", json!([2, 4]), "more than half"),
        (
            "/policy/agreement/groups",
            json!([3, 4]),
            "independent groups",
        ),
        (
            "/policy/agreement",
            json!({"ca-browser-forum": "away"}),
            "called away",
        ),
        (
            "/policy/agreement",
            json!({"anyone": null}),
            "unknown variant",
        ),
        ("/perspectives/1/id", json!("home"), "two perspectives"),
        (
            "/perspectives/1/group",
            json!("unknown"),
            "independent groups",
        ),
        ("/perspectives", json!([]), "independent groups"),
    ] {
        let mut changed = good.clone();
        *changed.pointer_mut(place).unwrap() = value;
        let error = from_value::<Rules>(changed).unwrap_err().to_string();
        assert!(error.contains(expected), "{place}: {error}");
    }
    let mut secure = good;
    secure["policy"]["require_secure"] = true.into();
    secure["perspectives"][0]["trust"] = "untrusted".into();
    let error = from_value::<Rules>(secure).unwrap_err().to_string();
    assert!(error.contains("no perspective is trusted"), "{error}");
}
