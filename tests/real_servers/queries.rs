//! How many queries the authoritative view sends, counted where they arrive.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use dcv::challenge::Challenge;
use dcv::evaluate::Examination;
use dcv::lookup::{AddressFilter, AuthoritativeLookup, Budget};
use dcv::policy::Policy;
use hickory_server::proto::op::ResponseCode;

use crate::faults::{Asked, FaultServer, Send, a, ns, soa, txt};
use crate::scenarios::APEX;
use crate::scene::{HANGS, Scene, examine, looking_through, report, verdict};
use crate::servers::internet::Builder;
use crate::servers::{Internet, Zone, internet_or_skip};

/// By the view alone. Its patience is longer than all tries: a query that is cut off before it is on
/// its way was counted already.
async fn look(internet: &Internet, challenge: &Challenge) -> Examination {
    let roots = internet.roots().into_iter().map(|root| root.ip());
    let filter = AddressFilter::new().allowing("127.0.0.0/8".parse().unwrap());
    let view = AuthoritativeLookup::from_hints(roots).unwrap();
    let view = view.with_filter(filter).with_patience(HANGS / 12);
    let verifier = looking_through([view])
        .policy(Policy::single_resolver())
        .build()
        .unwrap();
    examine(&verifier, challenge).await
}

/// A server that says nothing.
async fn silent_at(addr: SocketAddr) -> FaultServer {
    FaultServer::start_at(addr, |_| Vec::new()).await
}

/// How many queries came, all of them read.
async fn arrived(servers: &[FaultServer], sent: usize) -> usize {
    let count = || servers.iter().map(|server| server.seen().len()).sum();
    let all = async {
        while count() < sent {
            tokio::task::yield_now().await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(5), all).await;
    count()
}

/// What a server is to say.
struct Of {
    owner: String,
    value: String,
    /// A silent server that nobody should lead to.
    astray: Ipv4Addr,
}

/// What the root and the top-level domain are asked for one zone: once each.
const ABOVE: usize = 2;

// S-16: what a check says that it sent is what came, however the servers of the zone behave.
#[tokio::test(flavor = "multi_thread")]
async fn the_servers_of_a_zone_get_what_was_counted() {
    type Script = fn(&Asked, &Of) -> Vec<Send>;
    let show: Script = |asked, of| {
        if asked.name() == of.owner {
            return asked.answer([txt(&of.owner, &[of.value.as_bytes()])]);
        }
        let mut reply = asked.reply();
        reply.metadata.response_code = ResponseCode::NXDomain;
        reply.add_authority(soa(APEX));
        vec![Send::Message(reply)]
    };
    let deny: Script = |asked, _| {
        let mut reply = asked.reply();
        reply.metadata.response_code = ResponseCode::NXDomain;
        reply.add_authority(soa(APEX));
        vec![Send::Message(reply)]
    };
    let refuse: Script = |asked, _| asked.refuse(ResponseCode::Refused);
    let truncate: Script = |asked, _| asked.truncated();
    let silence: Script = |_, _| Vec::new();
    let refer: Script = |asked, of| {
        let mut reply = asked.reply();
        reply.metadata.authoritative = false;
        reply.add_authority(ns("plain.example.com", "ns.plain.example.com"));
        reply.add_additionals([a("ns.plain.example.com", of.astray)]);
        vec![Send::Message(reply)]
    };
    let rows: [(&str, [Script; 3], &str); 7] = [
        ("all show it", [show, show, show], "validated/quorum"),
        ("one is silent", [show, show, silence], "validated/quorum"),
        ("one refuses", [refuse, show, show], "validated/quorum"),
        ("one cuts off", [show, truncate, show], "validated/quorum"),
        (
            "one denies",
            [show, deny, show],
            "indeterminate/servers-disagree",
        ),
        (
            "all are silent",
            [silence; 3],
            "indeterminate/lookup-failed",
        ),
        ("one leads astray", [show, refer, show], "validated/quorum"),
    ];
    if !internet_or_skip() {
        return;
    }
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let names = ["ns1.example.com", "ns2.example.com", "ns3.example.com"];
    for (what, scripts, expected) in rows {
        let world = Internet::builder().zone(Zone::new(APEX, &names, ""));
        let internet = world.dead(&names).start();
        let spare = internet.spare();
        let IpAddr::V4(astray) = spare.ip() else {
            panic!("{spare} is of the other family");
        };
        let mut servers = vec![silent_at(spare).await];
        for (name, script) in names.into_iter().zip(scripts) {
            let of = Of {
                owner: challenge.owner().to_string(),
                value: challenge.record().value().to_owned(),
                astray,
            };
            let script = move |asked: &Asked| script(asked, &of);
            servers.push(FaultServer::start_at(internet.addr(name), script).await);
        }
        let examination = look(&internet, challenge).await;
        let queries = usize::try_from(examination.queries()).unwrap();
        println!("{what:<20} {:<30} {queries} queries", verdict(&examination));
        let context = format!("{what}: {}", report(&examination));
        assert_eq!(verdict(&examination), expected, "{context}");
        assert_eq!(
            arrived(&servers, queries - ABOVE).await,
            queries - ABOVE,
            "{context}"
        );
        assert!(queries <= 64, "{context}");
    }
}

/// As many servers as there may be, with two addresses each.
fn crowd() -> (Vec<String>, Builder) {
    let names: Vec<_> = (1..=13).map(|n| format!("ns{n}.example.com")).collect();
    let all: Vec<_> = names.iter().map(String::as_str).collect();
    let world = Internet::builder().zone(Zone::new(APEX, &all, ""));
    let world = world.dead(&all);
    (names, world)
}

// S-16: thirteen name servers with two addresses each, of which nobody answers at any. The check ends
// with its budget, long before its deadline of ten seconds, as it would say otherwise, and each address
// got no more than the tries that it takes to call it silent.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_dead_servers_is_given_up() {
    if !internet_or_skip() {
        return;
    }
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    // The second addresses are in a network of their own.
    let (names, mut world) = crowd();
    let second = Internet::builder().start();
    let second: Vec<_> = names.iter().map(|_| second.spare()).collect();
    for (name, addr) in names.iter().zip(&second) {
        world = world.address(name, addr.ip());
    }
    let internet = world.start();
    let mut servers = Vec::new();
    for addr in names.iter().map(|name| internet.addr(name)).chain(second) {
        servers.push(silent_at(addr).await);
    }
    let begun = std::time::Instant::now();
    let examination = look(&internet, challenge).await;
    let queries = usize::try_from(examination.queries()).unwrap();
    println!(
        "13 servers, 26 silent addresses: {queries} queries, {:?}",
        begun.elapsed()
    );
    let context = report(&examination);
    assert_eq!(
        verdict(&examination),
        "indeterminate/lookup-failed",
        "{context}"
    );
    let here = queries - ABOVE;
    assert!(queries <= 64, "{context}");
    assert_eq!(arrived(&servers, here).await, here, "{context}");
    assert!(
        servers
            .iter()
            .all(|server| (1..=3).contains(&server.seen().len()))
    );
    // Each server tells of itself: it was not the deadline that ended the check.
    let told = examination
        .observations()
        .iter()
        .filter_map(|one| one.server());
    assert_eq!(told.count(), 13, "{context}");
}

// S-16: as many name servers as there may be, each with a name in a dead zone of its own: finding them
// is part of the check, and ends with its budget.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_dead_zones_is_given_up() {
    if !internet_or_skip() {
        return;
    }
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let names: Vec<_> = (1..=13).map(|n| format!("ns.zone{n}.org")).collect();
    let all: Vec<_> = names.iter().map(String::as_str).collect();
    let hosts: Vec<_> = (1..=13).map(|n| format!("a.zone{n}.org")).collect();
    let mut world = Internet::builder().zone(Zone::new(APEX, &all, ""));
    for (n, host) in (1..=13).zip(&hosts) {
        world = world.zone(Zone::new(&format!("zone{n}.org"), &[host], ""));
    }
    let dead: Vec<_> = hosts.iter().map(String::as_str).chain(all).collect();
    let internet = world.dead(&dead).start();
    let mut servers = Vec::new();
    for host in &hosts {
        servers.push(silent_at(internet.addr(host)).await);
    }
    let begun = std::time::Instant::now();
    let examination = look(&internet, challenge).await;
    println!(
        "13 dead zones: {} queries, {:?}",
        examination.queries(),
        begun.elapsed()
    );
    let context = report(&examination);
    assert_eq!(
        verdict(&examination),
        "indeterminate/lookup-failed",
        "{context}"
    );
    assert!(
        examination.queries() <= Budget::PER_VERIFICATION,
        "{context}"
    );
    let told = examination
        .observations()
        .iter()
        .filter_map(|one| one.server());
    assert_eq!(told.count(), 13, "{context}");
}
