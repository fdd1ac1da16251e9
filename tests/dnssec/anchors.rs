//! Where validation in the process starts, and what it does where it cannot.

use std::str::FromStr;
use std::sync::Arc;

use dcv::dns::LookupFailure;
use dcv::lookup::hickory::TrustAnchors;
use dcv::lookup::{Budget, DnsLookup};
use hickory_resolver::Resolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::dnssec;
use hickory_resolver::proto::op::ResponseCode;
use time::UtcDateTime;

use crate::faults::FaultServer;
use crate::servers::{servers_or_skip, wire};
use crate::world::{World, look, lookup_at, txt};

/// What hickory's own resolver says of a record, with these trust anchors.
async fn by_hickory(world: &World, anchors: &str, name: &str) -> String {
    let addr = world.knot.addr();
    let mut connection = ConnectionConfig::udp();
    connection.port = addr.port();
    let mut tcp = ConnectionConfig::tcp();
    tcp.port = addr.port();
    let server = NameServerConfig::new(addr.ip(), true, vec![connection, tcp]);
    let config = ResolverConfig::from_name_servers(vec![server]);
    let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
    builder.options_mut().use_hosts_file = ResolveHosts::Never;
    let anchors = dnssec::TrustAnchors::from_str(anchors).unwrap();
    let resolver = builder
        .with_trust_anchor(Arc::new(anchors))
        .build()
        .unwrap();
    match resolver.txt_lookup(format!("{name}.")).await {
        Ok(found) => {
            let proofs = found.answers().iter().map(|record| record.proof);
            format!("{:?}", proofs.min().unwrap())
        }
        Err(NetError::Dns(DnsError::DnssecBogus)) => "Bogus".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

// D-02: why hickory by itself refuses, with an anchor below the root, what unbound accepts: it
// takes such an anchor only where every key of the zone is one. For any other key it wants a DS
// record, and of that zone there is none that it trusts. At the root one key is enough. Our own
// lookup gives the zone a parent, so that the key-signing key is enough there too.
#[tokio::test]
async fn below_the_root_hickory_wants_every_key() {
    if !servers_or_skip() {
        return;
    }
    let world = World::start();
    let (ksk, keys) = (world.test.ksk.as_str(), world.test.keys.as_str());
    let without_comments = |keys: &str| -> String {
        let lines = keys.lines().filter_map(|line| line.split(';').next());
        lines.flat_map(|line| [line, "\n"]).collect()
    };
    for (anchors, by_itself) in [
        (ksk, "Bogus"),
        (keys, "Secure"),
        (world.root.ksk.as_str(), "Secure"),
    ] {
        let name = "txt.ec-nsec.test";
        let alone = by_hickory(&world, &without_comments(anchors), name).await;
        assert_eq!(alone, by_itself, "{anchors}");
        let lookup = lookup_at(world.knot.addr());
        let lookup = lookup.validating(anchors.parse().unwrap()).unwrap();
        let (ours, _) = look(&lookup, &txt(name)).await;
        assert_eq!(ours, "secure records", "{anchors}");
    }
    // And unbound takes the same key.
    let unbound = world.unbound(&[ksk]);
    let question = wire::Question::new("txt.ec-nsec.test", wire::Type::TXT);
    let reply = wire::ask(unbound.addr(), wire::Transport::Udp, &question).unwrap();
    assert!(reply.authentic);
}

// D-02: what no anchor's zone encloses is indeterminate, not bogus, at the end of an alias too;
// and the closest anchor is the one that counts.
#[tokio::test]
async fn names_outside_of_every_anchor_are_indeterminate() {
    if !servers_or_skip() {
        return;
    }
    let world = World::start();
    let (_, strange) = world.test.ksk.split_once("DNSKEY").unwrap();
    let strange = format!("ec-nsec.test. DNSKEY {}", strange.trim());
    let zone = world.ec_nsec.clone();
    let both = format!("{}\n{strange}", world.root.ksk);
    for (anchors, name, expected) in [
        (&zone, "txt.ec-nsec.test", "secure records"),
        (&zone, "missing.ec-nsec.test", "secure no-name"),
        (&zone, "nosig.ec-nsec.test", "bogus"),
        (&zone, "a.wild.ec-nsec.test", "unverified-wildcard"),
        (&zone, "txt.rsa-nsec.test", "indeterminate records"),
        (&zone, "missing.plain.test", "indeterminate no-name"),
        (&zone, "txt.expired.test", "indeterminate records"),
        // Secure as far as the zone goes, and then on to what nobody can tell.
        (&zone, "toplain.ec-nsec.test", "indeterminate records"),
        (&zone, "back.plain.test", "indeterminate records"),
        (&strange, "txt.ec-nsec.test", "bogus"),
        (&both, "txt.ec-nsec.test", "bogus"),
        (&both, "txt.rsa-nsec.test", "secure records"),
        (&both, "toec.rsa-nsec.test", "bogus"),
    ] {
        let lookup = lookup_at(world.knot.addr());
        let lookup = lookup.validating(anchors.parse().unwrap()).unwrap();
        let (found, _) = look(&lookup, &txt(name)).await;
        assert_eq!(found, expected, "{name} with {anchors}");
    }
}

// S-6: a secure answer says until when its signatures hold.
#[tokio::test]
async fn a_secure_answer_says_until_when() {
    if !servers_or_skip() {
        return;
    }
    let world = World::start();
    let lookup = lookup_at(world.knot.addr());
    let lookup = lookup.validating(world.root.ksk.parse().unwrap()).unwrap();
    for (name, signed) in [
        ("txt.ec-nsec.test", true),
        ("toplain.ec-nsec.test", true),
        ("missing.ec-nsec3.test", true),
        ("txt.plain.test", false),
    ] {
        let answer = lookup.lookup(&txt(name), &Budget::default()).await.unwrap();
        let left = answer
            .signed_until()
            .map(|until| until - UtcDateTime::now());
        // Four weeks, unless told otherwise.
        let days = left.map(|left| left.whole_days());
        assert_eq!(days.is_some(), signed, "{name}");
        assert!(
            days.is_none_or(|days| (26..=28).contains(&days)),
            "{name}: {days:?}"
        );
    }
}

// S-16: queries for keys and delegations count like any other. Where they run out that is the
// failure, and nothing is called bogus.
#[tokio::test]
async fn every_query_of_the_validator_counts() {
    if !servers_or_skip() {
        return;
    }
    let world = World::start();
    let lookup = lookup_at(world.knot.addr());
    let lookup = lookup.validating(world.root.ksk.parse().unwrap()).unwrap();
    // The record, or its denial, each of whose four RRsets is signed; the keys and the delegation
    // of its zone and of the one above; the root's keys. None is asked for twice.
    const NEEDED: u32 = 6;
    for name in ["txt.ec-nsec.test", "missing.ec-nsec3.test"] {
        for limit in 1..=NEEDED {
            let budget = Budget::new(limit);
            let looked = lookup.lookup(&txt(name), &budget).await;
            let failure = looked.map_err(|error| error.into_failure()).err();
            let expected = (limit < NEEDED).then_some(LookupFailure::BudgetExhausted);
            assert_eq!(failure, expected, "{name} {limit}");
            assert_eq!(budget.spent(), limit);
        }
    }
}

// D-03: keys that cannot be had are a failure of the server, and not a wrong signature.
#[tokio::test]
async fn what_cannot_be_asked_is_not_bogus() {
    let server = FaultServer::start(|asked| {
        if asked.query().query_type() == hickory_server::proto::rr::RecordType::TXT {
            asked.answer([crate::faults::txt("a.example", &[b"here"])])
        } else {
            asked.refuse(ResponseCode::ServFail)
        }
    })
    .await;
    let key = "DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=";
    for zone in [".", "example."] {
        let anchors: TrustAnchors = format!("{zone} {key}").parse().unwrap();
        let lookup = lookup_at(server.addr()).validating(anchors).unwrap();
        let looked = lookup.lookup(&txt("a.example"), &Budget::default()).await;
        let failure = looked.unwrap_err().into_failure();
        assert_eq!(failure, LookupFailure::server(2), "{zone}");
    }
}
