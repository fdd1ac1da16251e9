//! What a resolver says about DNSSEC, and what that counts for when it is not trusted.

use dcv::dns::LookupFailure;

use crate::scene::{Scene, at, examine, report, verdict};
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
