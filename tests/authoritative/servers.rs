//! Which servers are asked, and what each says.

use std::time::Duration;

use dcv::lookup::AuthoritativeLookup;

use crate::faults::a;
use crate::lab::{Lab, Zone};
use crate::scene::{challenge, examine, lab, record, said, verdict};

// L-03, S-2: the delegation leads from the root to every server of the zone, and each is one
// observation with its address.
#[tokio::test]
async fn every_server_of_the_zone_is_asked() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        let zone = Zone::new("example.com").with(record(&challenge));
        lab.serve(host, zone).await;
    }
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(
        said(&examination),
        [1, 2, 3].map(|n| format!("ns{n}.example.com. 1 record"))
    );
    for one in examination.observations() {
        let server = one.server().unwrap();
        assert_eq!(server.zone().to_string(), "example.com.");
        let host = server.address().unwrap().ip();
        assert!((11..=13).any(|n| host == lab.v4(n)), "{host}");
    }
    assert_eq!(verdict(&examination), "validated/quorum");
    // The root and the top-level domain once each, three servers for the record, and again for each
    // of two siblings.
    assert_eq!(lab.asked_in_all(), 1 + 1 + 3 + 2 * 3);
}

// L-03, S-2: servers of the root that never answer hold nobody up, whichever is asked first. A query
// times out after an hour here.
#[tokio::test]
async fn dead_servers_at_the_top_hold_nobody_up() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        let zone = Zone::new("example.com").with(record(&challenge));
        lab.serve(host, zone).await;
    }
    let hosts = [5, 6, 7, 1];
    for silent in &hosts[..3] {
        lab.script(*silent, |_| Vec::new()).await;
    }
    let view = AuthoritativeLookup::from_hints(hosts.map(|host| lab.v4(host).into())).unwrap();
    let view = view
        .with_port(lab.socket(1).port())
        .with_filter(lab.filter());
    let examination = examine(view.with_udp_timeout(Duration::from_secs(3600)), &challenge).await;
    assert_eq!(verdict(&examination), "validated/quorum");
    assert_eq!(lab.asked(1), 1);
}

// S-2, S-7: servers that are stale, refuse, are lame, silent or without an address stay visible,
// and the serial numbers show which copy is old.
#[tokio::test]
async fn servers_that_differ_stay_visible() {
    let challenge = challenge().await;
    let fresh = || Zone::new("example.com").serial(8).with(record(&challenge));
    let stale = || Zone::new("example.com").serial(7);
    let refused = "Server { rcode: 5, extended: [] }";
    for (what, third, line, expected) in [
        (
            "stale",
            Some(stale()),
            "absent, serial 7",
            "indeterminate/servers-disagree",
        ),
        (
            "refusing",
            Some(Zone::new("example.net")),
            refused,
            "validated/quorum",
        ),
        (
            "lame",
            Some(fresh().lame()),
            "1 record, not AA",
            "validated/quorum",
        ),
        ("dead", None, "Timeout", "validated/quorum"),
    ] {
        let mut lab = lab().await;
        lab.serve(11, fresh()).await;
        lab.serve(12, fresh()).await;
        if let Some(zone) = third {
            lab.serve(13, zone).await;
        }
        let view = lab.view().with_udp_timeout(Duration::from_millis(300));
        let examination = examine(view, &challenge).await;
        assert_eq!(verdict(&examination), expected, "{what}");
        let serial = if what == "stale" { ", serial 8" } else { "" };
        let expected = [
            format!("ns1.example.com. 1 record{serial}"),
            format!("ns2.example.com. 1 record{serial}"),
            format!("ns3.example.com. {line}"),
        ];
        assert_eq!(said(&examination), expected, "{what}");
    }
}

// S-7: a name that no zone was delegated for is denied by the zone above.
#[tokio::test]
async fn a_domain_that_is_not_delegated_is_denied_above() {
    let (mut lab, challenge) = (Lab::new().await, challenge().await);
    let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
    lab.serve(1, root).await;
    lab.serve(2, Zone::new("com").with(a("a.gtld.com", lab.v4(2))))
        .await;
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(said(&examination), ["a.gtld.com. absent, serial 7"]);
    assert_eq!(verdict(&examination), "unproven/no-such-name");
}

// S-8: a dead server among those that are probed spoils nothing.
#[tokio::test]
async fn a_dead_server_does_not_spoil_the_probe() {
    let challenge = challenge().await;
    for dead in 11..=13 {
        let mut lab = lab().await;
        for host in (11..=13).filter(|host| *host != dead) {
            lab.serve(host, Zone::new("example.com").with(record(&challenge)))
                .await;
        }
        let view = lab.view().with_udp_timeout(Duration::from_millis(300));
        let examination = examine(view, &challenge).await;
        assert_eq!(verdict(&examination), "validated/quorum", "dead: {dead}");
    }
}
