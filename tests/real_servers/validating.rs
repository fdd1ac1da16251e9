//! What a resolver says about DNSSEC, and what that counts for when it is not trusted.

use std::net::SocketAddr;

use dcv::dns::{Group, LookupFailure, Perspective, Security, Transport, Trust};
use dcv::lookup::HickoryLookup;
use dcv::lookup::hickory::TrustedPath;
use dcv::policy::Policy;
use dcv::verify::DnsVerifier;
use time::UtcDateTime;

use crate::scene::{Scene, at, examine, looking_through, report, verdict};
use crate::servers::{Knot, Unbound, UnboundConfig, servers_or_skip, zone};

/// Extended errors that speak of signatures (RFC 8914 §4.7 to 4.13).
const DNSSEC: std::ops::RangeInclusive<u16> = 6..=12;

// D-03: a zone whose signatures are wrong is SERVFAIL with an extended error at a resolver that
// validates. Who is not trusted to do so has only failed: neither proven nor disproven.
#[tokio::test]
async fn bogus_by_an_untrusted_resolver_is_a_failure() {
    if !servers_or_skip() {
        return;
    }
    let cases = [
        "plain",
        "chain",
        "different",
        "nxdomain",
        "nodata",
        "wild-txt",
        "dangling",
    ];
    let scene = Scene::issue_all().await;
    let zone = zone::without(&scene.example_com(), "huge");
    let [knot, other] = [(); 2].map(|()| Knot::start_signed(&[("example.com", &zone)]));
    let unbound = Unbound::start(&UnboundConfig {
        stubs: &[("example.com", knot.addr())],
        trust_anchors: &[&other.trust_anchor("example.com")],
        ..Default::default()
    });
    for case in cases {
        let examination = examine(&at(unbound.addr()), scene.challenge(case)).await;
        let context = format!("{case}: {}", report(&examination));
        assert_eq!(
            verdict(&examination),
            "indeterminate/lookup-failed",
            "{context}"
        );
        assert!(examination.evidence().is_none(), "{context}");
        let decisive = examination.decisive().map(|seen| seen.result());
        let Some(Err(LookupFailure::Server { rcode: 2, extended })) = decisive else {
            panic!("{context}");
        };
        assert!(
            extended.iter().any(|error| DNSSEC.contains(&error.code())),
            "{context}"
        );
    }
}

/// A verifier that trusts one resolver to validate.
fn trusting(server: SocketAddr) -> DnsVerifier {
    let group = Group::Operator("ours".parse().unwrap());
    let perspective = Perspective::new("unbound".parse().unwrap()).with_group(group);
    let lookup = HickoryLookup::from_servers([server]).unwrap();
    let lookup = lookup.trusting_validation(TrustedPath::Loopback).unwrap();
    looking_through([lookup.observe_as(perspective)])
        .policy(Policy::single_resolver())
        .build()
        .unwrap()
}

// D-02, S-6, S-11: what a trusted resolver finds secure proves by itself, and the evidence keeps
// by whom it was found, and until when its signatures hold.
#[tokio::test]
async fn secure_by_a_trusted_resolver_proves_alone() {
    if !servers_or_skip() {
        return;
    }
    let scene = Scene::issue_all().await;
    let zone = zone::without(&scene.example_com(), "huge");
    let knot = Knot::start_signed(&[("example.com", &zone)]);
    let unbound = Unbound::start(&UnboundConfig {
        stubs: &[("example.com", knot.addr())],
        trust_anchors: &[&knot.trust_anchor("example.com")],
        ..Default::default()
    });
    for (case, expected) in [
        ("plain", "validated/secure"),
        ("chain", "validated/secure"),
        ("different", "unproven/different"),
        ("nxdomain", "unproven/no-such-name"),
    ] {
        let examination = examine(&trusting(unbound.addr()), scene.challenge(case)).await;
        let context = format!("{case}: {}", report(&examination));
        assert_eq!(verdict(&examination), expected, "{context}");
        let Some(evidence) = examination.evidence() else {
            continue;
        };
        let [sighting] = evidence.sightings() else {
            panic!("{context}");
        };
        assert_eq!(sighting.security(), Security::Secure, "{context}");
        assert_eq!(sighting.perspective().trust(), Trust::Validating);
        assert_eq!(sighting.perspective().transport(), Transport::Loopback);
        assert!(
            sighting.signed_until() > Some(UtcDateTime::now()),
            "{context}"
        );
    }
}

// D-03: bogus by a trusted resolver rejects.
#[tokio::test]
async fn bogus_by_a_trusted_resolver_rejects() {
    if !servers_or_skip() {
        return;
    }
    let scene = Scene::issue_all().await;
    let zone = zone::without(&scene.example_com(), "huge");
    let [knot, other] = [(); 2].map(|()| Knot::start_signed(&[("example.com", &zone)]));
    let unbound = Unbound::start(&UnboundConfig {
        stubs: &[("example.com", knot.addr())],
        trust_anchors: &[&other.trust_anchor("example.com")],
        ..Default::default()
    });
    for case in ["plain", "chain", "nxdomain"] {
        let examination = examine(&trusting(unbound.addr()), scene.challenge(case)).await;
        let context = format!("{case}: {}", report(&examination));
        assert_eq!(verdict(&examination), "rejected/bogus", "{context}");
    }
}
