//! Shows that the servers which other tests stand on do what those tests take for granted.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

#[path = "support/servers/mod.rs"]
mod servers;

use std::net::SocketAddr;

use servers::wire::{self, NOERROR, NXDOMAIN, Question, REFUSED, Reply, SERVFAIL, Transport, Type};
use servers::{Knot, Nsd, Unbound, UnboundConfig, servers_or_skip, zone};

const LABEL: &str = "_example-saas-challenge";

fn value(case: &str) -> String {
    format!("token=value-of-{case} expiry=never")
}

fn example_com() -> String {
    zone::fill(zone::EXAMPLE_COM, LABEL, value)
}

fn example_net() -> String {
    zone::fill(zone::EXAMPLE_NET, LABEL, value)
}

/// Asks for the TXT records of a case, over TCP when truncated, and says whether it was.
fn look(addr: SocketAddr, case: &str) -> (Reply, bool) {
    let question = Question::new(&format!("{LABEL}.{case}.example.com"), Type::TXT);
    let reply = wire::ask(addr, Transport::Udp, &question).unwrap();
    if reply.truncated {
        return (wire::ask(addr, Transport::Tcp, &question).unwrap(), true);
    }
    (reply, false)
}

/// What is to be seen for a case: the code, whether it took TCP, the aliases, the TXT records,
/// whether the right value is among them, and whether the zone's SOA says that there is none.
type Row = (&'static str, u8, bool, usize, usize, bool, bool);

const SAME_EVERYWHERE: &[Row] = &[
    ("plain", NOERROR, false, 0, 1, true, false),
    ("split", NOERROR, false, 0, 1, true, false),
    ("crowded", NOERROR, false, 0, 3, true, false),
    ("different", NOERROR, false, 0, 1, false, false),
    ("many", NOERROR, true, 0, 41, true, false),
    ("huge", NOERROR, true, 0, 236, true, false),
    ("nxdomain", NXDOMAIN, false, 0, 0, false, true),
    ("nodata", NOERROR, false, 0, 0, false, true),
    ("empty", NOERROR, false, 0, 0, false, true),
    ("chain", NOERROR, false, 3, 1, true, false),
    ("dangling", NXDOMAIN, false, 1, 0, false, true),
    ("typeless", NOERROR, false, 1, 0, false, true),
    ("wild-txt", NOERROR, false, 0, 1, true, false),
    ("wild-cname", NOERROR, false, 1, 1, true, false),
];

/// How an authoritative server sees what leads out of its zone or in circles.
const AUTHORITATIVE: &[Row] = &[
    ("across", NOERROR, false, 1, 0, false, false),
    ("bounce", NOERROR, false, 1, 0, false, false),
    ("dangling-across", NOERROR, false, 1, 0, false, false),
    ("loop", NOERROR, false, 3, 0, false, false),
    ("loop-across", NOERROR, false, 1, 0, false, false),
    ("host.moved", NOERROR, false, 1, 0, false, false),
];

/// How a resolver sees it.
const RESOLVED: &[Row] = &[
    ("across", NOERROR, false, 1, 1, true, false),
    ("bounce", NOERROR, false, 2, 1, true, false),
    ("dangling-across", NXDOMAIN, false, 1, 0, false, true),
    ("loop", SERVFAIL, false, 0, 0, false, false),
    ("loop-across", SERVFAIL, false, 0, 0, false, false),
    ("long", NOERROR, false, 12, 3, true, false),
    ("host.moved", NOERROR, false, 1, 1, true, false),
];

fn check(addr: SocketAddr, authoritative: bool, rows: &[Row]) {
    for &(case, rcode, over_tcp, aliases, texts, has_value, has_soa) in rows {
        let (reply, truncated) = look(addr, case);
        let context = format!("{case}: {reply:?}");
        assert_eq!(reply.rcode, rcode, "{context}");
        assert_eq!(truncated, over_tcp, "{context}");
        assert_eq!(reply.authoritative, authoritative, "{context}");
        assert_eq!(reply.count(Type::CNAME), aliases, "{context}");
        assert_eq!(reply.texts().len(), texts, "{context}");
        let value = value(case);
        assert_eq!(
            reply.texts().contains(&value.into_bytes()),
            has_value,
            "{context}"
        );
        assert_eq!(
            reply.authority.iter().any(|r| r.rtype == Type::SOA),
            has_soa,
            "{context}"
        );
    }
}

#[test]
fn knot_answers_for_its_zone() {
    if !servers_or_skip() {
        return;
    }
    let knot = Knot::start(&[("example.com", &example_com())]);
    check(knot.addr(), true, SAME_EVERYWHERE);
    check(knot.addr(), true, AUTHORITATIVE);
    // It gives up after five aliases, without a word about it.
    check(
        knot.addr(),
        true,
        &[("long", NOERROR, false, 5, 0, false, false)],
    );
    let (crowded, _) = look(knot.addr(), "crowded");
    assert!(
        crowded
            .texts()
            .contains(&b"\xff\xfe\x00 neighbour \xc8".to_vec()),
        "{crowded:?}"
    );
    let (moved, _) = look(knot.addr(), "host.moved");
    assert_eq!(moved.count(Type::DNAME), 1, "{moved:?}");
}

#[test]
fn nsd_answers_for_its_zone() {
    if !servers_or_skip() {
        return;
    }
    let nsd = Nsd::start(&[("example.com", &example_com())]);
    check(nsd.addr(), true, SAME_EVERYWHERE);
    check(nsd.addr(), true, AUTHORITATIVE);
    check(
        nsd.addr(),
        true,
        &[("long", NOERROR, false, 12, 3, true, false)],
    );
}

#[test]
fn unbound_resolves_what_the_others_serve_and_nothing_else() {
    if !servers_or_skip() {
        return;
    }
    let knot = Knot::start(&[("example.com", &example_com())]);
    let nsd = Nsd::start(&[("example.net", &example_net())]);
    let stubs = [("example.com", knot.addr()), ("example.net", nsd.addr())];
    let unbound = Unbound::start(&UnboundConfig {
        stubs: &stubs,
        ..Default::default()
    });
    check(unbound.addr(), false, SAME_EVERYWHERE);
    check(unbound.addr(), false, RESOLVED);
    let elsewhere = Question::new("example.org", Type::TXT);
    let reply = wire::ask(unbound.addr(), Transport::Udp, &elsewhere).unwrap();
    assert_eq!(reply.rcode, REFUSED, "{reply:?}");
}

#[test]
fn unbound_validates_what_knot_signs() {
    if !servers_or_skip() {
        return;
    }
    let zone = zone::without(&example_com(), "huge");
    let [knot, other] = [(); 2].map(|()| Knot::start_signed(&[("example.com", &zone)]));
    let stubs = [("example.com", knot.addr())];
    // The zone's own anchor, that of another key for the zone, and none.
    let right = knot.trust_anchor("example.com");
    let wrong = other.trust_anchor("example.com");
    for (trust_anchors, rcode, authentic) in [
        (&[right.as_str()][..], NOERROR, true),
        (&[&wrong], SERVFAIL, false),
        (&[], NOERROR, false),
    ] {
        let config = UnboundConfig {
            stubs: &stubs,
            trust_anchors,
            ..Default::default()
        };
        let unbound = Unbound::start(&config);
        for case in ["plain", "chain", "wild-txt"] {
            let (reply, _) = look(unbound.addr(), case);
            assert_eq!(
                (reply.rcode, reply.authentic),
                (rcode, authentic),
                "{case}: {reply:?}"
            );
        }
    }
}

#[test]
fn a_server_ends_with_its_handle() {
    if !servers_or_skip() {
        return;
    }
    let zone = example_com();
    let zones = [("example.com", zone.as_str())];
    let (knot, nsd) = (Knot::start(&zones), Nsd::start(&zones));
    let unbound = Unbound::start(&UnboundConfig::default());
    let addresses = [knot.addr(), nsd.addr(), unbound.addr()];
    drop((knot, nsd, unbound));
    for addr in addresses {
        let question = Question::new("example.com", Type::SOA);
        let error = wire::ask(addr, Transport::Tcp, &question).unwrap_err();
        assert_eq!(
            error.kind(),
            std::io::ErrorKind::ConnectionRefused,
            "{addr}: {error}"
        );
    }
}

#[test]
fn a_server_that_does_not_start_says_why() {
    if !servers_or_skip() {
        return;
    }
    let nonsense = UnboundConfig {
        server: "    no-such-option: yes\n",
        ..Default::default()
    };
    let error = Unbound::try_start(&nonsense).unwrap_err();
    assert!(error.contains("unbound: ended at once"), "{error}");
    assert!(error.contains("no-such-option"), "{error}");
}
