//! Shows that the Internet which other tests stand on works, and that each of its faults is one.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it panics"
)]

#[path = "support/servers/mod.rs"]
mod servers;

use std::net::SocketAddr;

use servers::internet::{Builder, Tcp, prime};
use servers::wire::{self, NOERROR, NXDOMAIN, Question, REFUSED, Reply, SERVFAIL, Transport, Type};
use servers::{Internet, Signing, Zone, internet_or_skip};

const COM: [&str; 3] = ["ns1.example.com", "ns2.example.com", "ns.example.net"];

/// Three servers for example.com, one of them in example.net, which is elsewhere.
fn builder(records: &str) -> Builder {
    Internet::builder()
        .zone(Zone::new("example.com", &COM, records).minimum(0))
        .zone(Zone::new("example.net", &["ns.example.net"], "www TXT net"))
        .nsd(&["ns2.example.com"])
}

fn txt(addr: SocketAddr, name: &str) -> Reply {
    wire::ask(addr, Transport::Udp, &Question::new(name, Type::TXT)).unwrap()
}

fn texts(addr: SocketAddr, name: &str) -> Vec<String> {
    let texts = txt(addr, name).texts().into_iter();
    texts.map(|text| String::from_utf8(text).unwrap()).collect()
}

fn serial(addr: SocketAddr, apex: &str) -> Option<u32> {
    let soa = Question::new(apex, Type::SOA);
    wire::ask(addr, Transport::Udp, &soa).unwrap().serial()
}

/// A reply that only says who knows more.
fn is_referral(reply: &Reply, servers: usize) -> bool {
    let named = reply.authority.iter();
    let named = named.filter(|record| record.rtype == Type::NS).count();
    reply.rcode == NOERROR && !reply.authoritative && reply.answers.is_empty() && named == servers
}

#[test]
fn names_are_found_from_the_root_down() {
    if !internet_or_skip() {
        return;
    }
    let internet = builder("www TXT com\nto-net CNAME www.example.net.")
        .zone(Zone::new(
            "example.org",
            &["ns1.example.com"],
            "www TXT org",
        ))
        .zone(Zone::new(
            "deep.example.org",
            &["ns.example.net"],
            "www TXT deep",
        ))
        .start();
    assert!(is_referral(&txt(internet.roots()[0], "www.example.com"), 1));
    assert!(is_referral(
        &txt(internet.addr("a.gtld.net"), "www.example.com"),
        3
    ));
    // The server of the parent does not have the child.
    assert!(is_referral(
        &txt(internet.addr("ns1.example.com"), "www.deep.example.org"),
        1
    ));
    for server in COM {
        let addr = internet.addr(server);
        assert_eq!(addr.port(), 53);
        assert!(txt(addr, "www.example.com").authoritative, "{server}");
        assert_eq!(texts(addr, "www.example.com"), ["com"], "{server}");
    }
    let (unbound, bind) = (internet.unbound(false, ""), internet.bind(false, ""));
    for resolver in [unbound.addr(), bind.addr()] {
        for (name, text) in [
            ("www.example.com", "com"),
            ("www.example.net", "net"),
            ("www.example.org", "org"),
            ("www.deep.example.org", "deep"),
            ("to-net.example.com", "net"),
        ] {
            assert_eq!(texts(resolver, name), [text], "{name} at {resolver}");
        }
        for name in ["no.example.com", "no.example.net", "example.info"] {
            let reply = txt(resolver, name);
            assert_eq!(reply.rcode, NXDOMAIN, "{name} at {resolver}");
            assert_eq!(reply.authority.len(), 1, "{name} at {resolver}");
        }
    }
}

#[test]
fn a_server_can_be_said_to_be_elsewhere_too() {
    if !internet_or_skip() {
        return;
    }
    let internet = builder("www TXT here")
        .address("ns1.example.com", "::1".parse().unwrap())
        .address("ns1.example.com", "192.0.2.1".parse().unwrap())
        .start();
    let own = internet.addr("ns1.example.com");
    for (rtype, count) in [(Type::A, 2), (Type::AAAA, 1)] {
        let question = Question::new("ns1.example.com", rtype);
        let reply = wire::ask(own, Transport::Udp, &question).unwrap();
        assert_eq!(reply.count(rtype), count);
    }
    let question = Question::new("www.example.com", Type::TXT);
    let top = internet.addr("a.gtld.net");
    let referral = wire::ask(top, Transport::Udp, &question).unwrap();
    let glue = referral.additional.iter().map(|record| record.rtype);
    let [v4, v6] = [Type::A, Type::AAAA].map(|rtype| glue.clone().filter(|t| *t == rtype).count());
    assert_eq!((v4, v6), (3, 1));
}

/// A zone below example.org, how it is signed, and what a validator makes of it.
type Row = (&'static str, Option<Signing>, u8, bool);

fn signed_rows() -> Vec<Row> {
    let signed = Signing::new();
    vec![
        ("nsec", Some(signed), NOERROR, true),
        ("nsec3", Some(signed.nsec3(5)), NOERROR, true),
        ("opt-out", Some(signed.opt_out()), NOERROR, true),
        ("rsa", Some(signed.rsa()), NOERROR, true),
        ("rsa-nsec3", Some(signed.rsa().nsec3(0)), NOERROR, true),
        ("unsigned", None, NOERROR, false),
        ("island", Some(signed.without_ds()), NOERROR, false),
        ("expired", Some(signed.expired()), SERVFAIL, false),
        ("wrong-ds", Some(signed.with_wrong_ds()), SERVFAIL, false),
        ("no-keys", Some(signed.without_keys()), SERVFAIL, false),
    ]
}

#[test]
fn signatures_are_judged_from_the_root_down() {
    if !internet_or_skip() {
        return;
    }
    let servers = ["ns1.example.org", "ns2.example.org"];
    let rows = signed_rows();
    let top = Zone::new("example.org", &servers, "www TXT org").signed(Signing::new());
    let mut builder = Internet::builder().zone(top).nsd(&["ns2.example.org"]);
    for (label, signing, ..) in &rows {
        let zone = Zone::new(&format!("{label}.example.org"), &servers, "www TXT here");
        builder = builder.zone(match signing {
            Some(signing) => zone.signed(*signing),
            None => zone,
        });
    }
    let internet = builder.start();
    assert!(internet.ds(".").contains(" DS "), "{}", internet.ds("."));
    assert!(internet.dnskey(".").contains("DNSKEY 257 3 13 "));
    let (unbound, bind) = (internet.unbound(true, ""), internet.bind(true, ""));
    for (resolver, addr) in [("unbound", unbound.addr()), ("BIND", bind.addr())] {
        assert!(txt(addr, "www.example.org").authentic, "{resolver}");
        for (label, _, rcode, authentic) in &rows {
            let present = txt(addr, &format!("www.{label}.example.org"));
            let found = (present.rcode, present.authentic, present.texts().len());
            let count = usize::from(*rcode == NOERROR);
            assert_eq!(found, (*rcode, *authentic, count), "{label} at {resolver}");
            let absent = txt(addr, &format!("no.{label}.example.org"));
            let rcode = if *rcode == NOERROR { NXDOMAIN } else { *rcode };
            // What an opt-out span says of a name below it is not proven (RFC 5155 §9.2).
            let authentic = *authentic && *label != "opt-out";
            let found = (absent.rcode, absent.authentic);
            assert_eq!(found, (rcode, authentic), "no.{label} at {resolver}");
        }
    }
    // Those who do not validate see what is there.
    let plain = internet.unbound(false, "");
    assert_eq!(texts(plain.addr(), "www.expired.example.org"), ["here"]);
}

#[test]
fn each_fault_is_one() {
    if !internet_or_skip() {
        return;
    }
    let mut internet = builder("www TXT old").start();
    let [one, two, three] = COM.map(|server| internet.addr(server));
    let name = "www.example.com";

    internet.publish("example.com", "www TXT new");
    for addr in [one, two, three] {
        assert_eq!(texts(addr, name), ["new"]);
        assert_eq!(serial(addr, "example.com"), Some(2));
    }

    // Stale.
    internet.publish_at(&[COM[0], COM[2]], "example.com", "www TXT newer");
    assert_eq!(texts(one, name), ["newer"]);
    assert_eq!(texts(two, name), ["new"]);
    assert_eq!(serial(one, "example.com"), Some(3));
    assert_eq!(serial(two, "example.com"), Some(2));

    // Lying, under the serial of the truth.
    internet.lie_at(COM[1], "example.com", "www TXT lie");
    assert_eq!(texts(one, name), ["newer"]);
    assert_eq!(texts(two, name), ["lie"]);
    assert_eq!(serial(two, "example.com"), Some(3));

    // Lame.
    for server in [COM[1], COM[2]] {
        internet.forget(server, "example.com");
    }
    assert_eq!(txt(two, name).rcode, REFUSED);
    assert_eq!(txt(three, name).rcode, REFUSED);
    // It has its other zone still.
    assert_eq!(texts(three, "www.example.net"), ["net"]);

    // Dead, and back.
    let question = Question::new(name, Type::TXT);
    internet.stop(COM[0]);
    assert!(wire::ask(one, Transport::Udp, &question).is_err());
    assert!(wire::ask(one, Transport::Tcp, &question).is_err());
    internet.start_again(COM[0]);
    assert_eq!(texts(one, name), ["newer"]);

    // Without TCP.
    for tcp in [Tcp::Refused, Tcp::Silent] {
        internet.block_tcp(COM[0], tcp);
        assert_eq!(texts(one, name), ["newer"]);
        let error = wire::ask(one, Transport::Tcp, &question).unwrap_err();
        let refused = error.kind() == std::io::ErrorKind::ConnectionRefused;
        assert_eq!(refused, tcp == Tcp::Refused, "{error}");
    }
    internet.start_again(COM[0]);
    assert!(wire::ask(one, Transport::Tcp, &question).is_ok());
}

#[test]
fn caches_keep_what_a_liar_said() {
    if !internet_or_skip() {
        return;
    }
    let mut internet = builder("other TXT here").start();
    let name = "www.example.com";
    // One of three lies, and is believed for a day.
    let lie = "www 86400 TXT lie";
    internet.lie_at("ns2.example.com", "example.com", lie);
    let (unbound, bind) = (internet.unbound(false, ""), internet.bind(false, ""));
    let asked = prime(unbound.addr(), name, "lie", 500);
    println!("unbound believed the liar after {asked:?} questions");
    assert!(asked.is_some());
    // The truth is told again by everybody, and by nobody who asks these.
    internet.publish("example.com", "other TXT here");
    internet.poison(&[bind.addr()], "example.com", lie, (name, "lie"));
    for addr in internet.servers("example.com") {
        assert_eq!(txt(addr, name).rcode, NXDOMAIN);
    }
    for resolver in [unbound.addr(), bind.addr()] {
        assert_eq!(texts(resolver, name), ["lie"]);
    }
    // Without the liar nobody gets anywhere.
    let fresh = internet.unbound(false, "");
    assert_eq!(prime(fresh.addr(), name, "lie", 50), None);
}

// S-6
#[test]
fn a_stale_signed_copy_is_authentic() {
    if !internet_or_skip() {
        return;
    }
    let servers = ["ns1.example.com", "ns2.example.com"];
    let mut internet = Internet::builder()
        .zone(Zone::new("example.com", &servers, "www TXT old").signed(Signing::new()))
        .nsd(&["ns2.example.com"])
        .start();
    internet.publish_at(&["ns1.example.com"], "example.com", "");
    assert_eq!(
        serial(internet.addr("ns2.example.com"), "example.com"),
        Some(1)
    );
    internet.stop("ns1.example.com");
    let stale = internet.unbound(true, "");
    let reply = txt(stale.addr(), "www.example.com");
    assert!(reply.authentic && reply.count(Type::TXT) == 1, "{reply:?}");

    internet.start_again("ns1.example.com");
    internet.stop("ns2.example.com");
    let current = internet.unbound(true, "");
    let reply = txt(current.addr(), "www.example.com");
    assert!(reply.authentic && reply.rcode == NXDOMAIN, "{reply:?}");

    // Words that were changed under a signature.
    let forged = internet.text("example.com") + "www TXT forged\n";
    internet.start_again("ns2.example.com");
    for server in servers {
        internet.serve(server, "example.com", &forged);
    }
    let reply = txt(internet.unbound(true, "").addr(), "www.example.com");
    assert_eq!(reply.rcode, SERVFAIL);
}

// S-7: a resolver that filters says that there is no such name, and not who says so.
#[test]
fn filtering_leaves_no_soa() {
    if !internet_or_skip() {
        return;
    }
    let internet = builder("www TXT here").start();
    let filter = "    local-zone: \"www.example.com.\" always_nxdomain\n";
    let reply = txt(internet.unbound(false, filter).addr(), "www.example.com");
    assert_eq!((reply.rcode, reply.authority.len()), (NXDOMAIN, 0));
}

#[test]
fn many_can_be_there_at_once() {
    if !internet_or_skip() {
        return;
    }
    let begun = std::time::Instant::now();
    let [first, second] =
        ["first", "second"].map(|text| builder(&format!("www TXT {text}")).start());
    println!("two were started in {:?}", begun.elapsed());
    let resolvers = [first.unbound(false, ""), second.unbound(false, "")];
    let found = resolvers.map(|resolver| texts(resolver.addr(), "www.example.com"));
    assert_eq!(found, [["first"], ["second"]]);
}
