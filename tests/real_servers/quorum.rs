//! Three servers as three perspectives, two of which must agree.

use std::net::SocketAddr;
use std::time::Duration;

use dcv::challenge::Challenge;
use dcv::dns::{Group, Perspective};
use dcv::evaluate::Examination;
use dcv::lookup::{DnsObserver, HickoryLookup};
use dcv::verify::DnsVerifier;
use hickory_server::proto::op::ResponseCode;

use crate::faults::{Asked, FaultServer, closed_port, soa, txt};
use crate::scene::{HANGS, LABEL, Scene, examine, looking_through, report, verdict};
use crate::servers::{Knot, Nsd, Unbound, UnboundConfig, servers_or_skip};

type Eyes = DnsObserver<HickoryLookup>;

/// Two of three, by the default policy.
fn through(eyes: [Eyes; 3]) -> DnsVerifier {
    looking_through(eyes).build().unwrap()
}

fn live(server: SocketAddr) -> Eyes {
    HickoryLookup::observers_for([server]).remove(0)
}

/// A server at which nobody listens, or which never answers; it is waited for that long.
fn dead(name: &str, server: SocketAddr, patience: Duration) -> Eyes {
    let lookup = HickoryLookup::from_servers([server])
        .unwrap()
        .with_udp_tries(patience, 1);
    let perspective =
        Perspective::new(name.parse().unwrap()).with_group(Group::Operator(name.parse().unwrap()));
    DnsObserver::new(perspective, lookup)
}

/// A server that answers as a script says for the owner name, and denies all others.
async fn lying(challenge: &Challenge) -> FaultServer {
    let owner = challenge.owner().to_string();
    let value = challenge.record().value().to_owned();
    FaultServer::start(move |asked: &Asked| {
        if asked.name() == owner.to_lowercase() {
            return asked.answer([txt(&owner, &[value.as_bytes()])]);
        }
        let mut reply = asked.reply();
        reply.metadata.response_code = ResponseCode::NXDomain;
        reply.add_authority(soa("example.com"));
        vec![crate::faults::Send::Message(reply)]
    })
    .await
}

/// Knot and NSD with a zone, and Unbound in front of a third server with another.
struct Three {
    knot: Knot,
    nsd: Nsd,
    unbound: Unbound,
    _behind: Knot,
}

impl Three {
    fn start(zone: &str, behind: &str) -> Self {
        let zones = [("example.com", zone)];
        let behind = Knot::start(&[("example.com", behind)]);
        let unbound = Unbound::start(&UnboundConfig {
            stubs: &[("example.com", behind.addr())],
            ..Default::default()
        });
        Self {
            knot: Knot::start(&zones),
            nsd: Nsd::start(&zones),
            unbound,
            _behind: behind,
        }
    }

    fn eyes(&self) -> [Eyes; 3] {
        [self.knot.addr(), self.nsd.addr(), self.unbound.addr()].map(live)
    }
}

fn is(expected: &str, what: &str, examination: &Examination) {
    let found = verdict(examination);
    println!("{what:<60} {found}");
    assert_eq!(found, expected, "{what}: {}", report(examination));
}

/// The zone of the case `plain`: published, or not yet.
fn zone(challenge: Option<&Challenge>) -> String {
    let record = challenge.map_or_else(String::new, |challenge| {
        format!("{LABEL}.plain TXT \"{}\"\n", challenge.record().value())
    });
    format!(
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\n\
         ns A 127.0.0.1\n{record}"
    )
}

// S-3, S-5, D-04: every cell of the decision table that three servers can make.
#[tokio::test]
async fn two_of_three_servers_decide() {
    if !servers_or_skip() {
        return;
    }
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let (with, without) = (zone(Some(challenge)), zone(None));
    let closed = closed_port().await;
    let [dead, dead_too, dead_as_well] =
        ["1", "2", "3"].map(|name| dead(name, closed, Duration::from_millis(200)));
    let liar = lying(challenge).await;

    let all = Three::start(&with, &with);
    let stale = Three::start(&with, &without);
    let none = Three::start(&without, &without);
    let [knot, nsd, unbound] = all.eyes();
    let [fresh_knot, fresh_nsd, stale_unbound] = stale.eyes();
    let [no_knot, no_nsd, no_unbound] = none.eyes();
    let liar = live(liar.addr());
    let uncertain = "indeterminate/not-corroborated";
    let rows: Vec<(&str, [&Eyes; 3], &str)> = vec![
        ("all show it", [&knot, &nsd, &unbound], "validated/quorum"),
        (
            "all but a dead one show it",
            [&dead, &nsd, &unbound],
            "validated/quorum",
        ),
        (
            "all but a dead one show it",
            [&knot, &dead, &unbound],
            "validated/quorum",
        ),
        (
            "all but a dead one show it",
            [&knot, &nsd, &dead],
            "validated/quorum",
        ),
        (
            "all but a stale one show it",
            [&fresh_knot, &fresh_nsd, &stale_unbound],
            "validated/quorum",
        ),
        (
            "one shows it, two are dead",
            [&dead, &dead_too, &unbound],
            uncertain,
        ),
        (
            "one shows it, one is stale, one dead",
            [&fresh_knot, &stale_unbound, &dead],
            uncertain,
        ),
        (
            "nobody shows it",
            [&no_knot, &no_nsd, &no_unbound],
            "unproven/no-such-name",
        ),
        (
            "one lies that it is there",
            [&liar, &no_nsd, &no_unbound],
            "unproven/no-such-name",
        ),
        (
            "one lies that it is there",
            [&no_knot, &liar, &no_unbound],
            "unproven/no-such-name",
        ),
        (
            "one lies that it is there",
            [&no_knot, &no_nsd, &liar],
            "unproven/no-such-name",
        ),
        (
            "one lies, one denies, one is dead",
            [&liar, &no_nsd, &dead],
            uncertain,
        ),
        (
            "all but a dead one deny it",
            [&no_knot, &no_nsd, &dead],
            "unproven/no-such-name",
        ),
        (
            "one denies it, two are dead",
            [&no_knot, &dead, &dead_too],
            "indeterminate/lookup-failed",
        ),
        (
            "all are dead",
            [&dead, &dead_too, &dead_as_well],
            "indeterminate/lookup-failed",
        ),
    ];
    for (what, eyes, expected) in rows {
        let examination = examine(&through(eyes.map(Eyes::clone)), challenge).await;
        is(expected, what, &examination);
        // What proves is kept: at least the two that it took.
        let sightings = examination
            .evidence()
            .map_or(0, |evidence| evidence.sightings().len());
        assert_eq!(
            sightings >= 2,
            expected == "validated/quorum",
            "{what}: {sightings}"
        );
    }
}

// The verdict does not wait for a server that cannot change it. Its own timeout is an hour, and
// so is the deadline of the check.
#[tokio::test]
async fn a_dead_server_delays_no_decision() {
    if !servers_or_skip() {
        return;
    }
    let scene = Scene::issue(["plain", "nxdomain", "wild-txt"]).await;
    let hour = Duration::from_secs(3600);
    let wildcard = scene.challenge("wild-txt").record().value();
    let com = zone(Some(scene.challenge("plain"))) + &format!("*.wild-txt TXT \"{wildcard}\"\n");
    let (knot, nsd) = (
        Knot::start(&[("example.com", &com)]),
        Nsd::start(&[("example.com", &com)]),
    );
    let silent = FaultServer::start(|_| Vec::new()).await;
    let eyes = [
        dead("silent", silent.addr(), hour),
        live(knot.addr()),
        live(nsd.addr()),
    ];
    let verifier = looking_through(eyes).deadline(hour).build().unwrap();
    for (case, expected) in [
        ("plain", "validated/quorum"),
        ("nxdomain", "unproven/no-such-name"),
        ("wild-txt", "rejected/wildcard"),
    ] {
        let challenge = scene.challenge(case);
        let examination = tokio::time::timeout(HANGS, examine(&verifier, challenge)).await;
        is(
            expected,
            case,
            &examination.expect("it waited for the dead one"),
        );
    }
    // It was asked, even if its queries are read only now.
    let asked = async {
        while silent.seen().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let asked = tokio::time::timeout(HANGS, asked).await;
    assert!(asked.is_ok(), "the dead one was never asked");
}
