//! How many queries a check sends, counted where they arrive.

use dcv::dns::LookupFailure;
use dcv::lookup::{Budget, HickoryLookup};
use dcv::policy::{Policy, Wildcards};

use crate::faults::{Asked, FaultServer, cname, txt};
use crate::relay::Relay;
use crate::scene::{Scene, at, examine, looking_through, report, verdict};
use crate::servers::{Nsd, servers_or_skip};

/// The verdict, and how many queries over UDP and TCP a check may take at one server that answers
/// for both zones.
const ROWS: &[(&str, &str, u32, u32)] = &[
    // The record, and two siblings to see that no wildcard answers (S-8).
    ("plain", "validated/quorum", 3, 0),
    ("split", "validated/quorum", 3, 0),
    ("crowded", "validated/quorum", 3, 0),
    ("chain", "validated/quorum", 3, 0),
    ("eight", "validated/quorum", 3, 0),
    ("wild-txt", "rejected/wildcard", 3, 0),
    // Too large for a datagram: once more over TCP.
    ("many", "validated/quorum", 3, 1),
    ("huge", "validated/quorum", 3, 1),
    // What is not there has no siblings to compare with.
    ("different", "unproven/different", 1, 0),
    ("nxdomain", "unproven/no-such-name", 1, 0),
    ("nodata", "unproven/no-such-record", 1, 0),
    ("dangling", "unproven/target-missing", 1, 0),
    ("loop", "unproven/alias-loop", 1, 0),
    ("long", "unproven/alias-too-long", 1, 0),
    ("across", "validated/quorum", 3, 0),
    ("dangling-across", "unproven/target-missing", 1, 0),
    ("loop-across", "unproven/alias-loop", 1, 0),
];

/// The same at Knot, which gives five aliases at a time: the sixth is asked for.
const AT_KNOT: &[(&str, &str, u32, u32)] = &[
    ("chain", "validated/quorum", 3, 0),
    ("eight", "validated/quorum", 4, 0),
    ("nine", "unproven/alias-too-long", 2, 0),
    ("long", "unproven/alias-too-long", 2, 0),
];

// S-16
#[tokio::test]
async fn a_check_sends_no_more_than_it_needs() {
    if !servers_or_skip() {
        return;
    }
    let scene = Scene::issue_all().await;
    let (com, net) = (scene.example_com(), scene.example_net());
    let nsd = Nsd::start(&[("example.com", &com), ("example.net", &net)]);
    let knot = scene.knot();
    let rows = ROWS.iter().map(|row| (nsd.addr(), row));
    let rows = rows.chain(AT_KNOT.iter().map(|row| (knot.addr(), row)));
    for (server, &(case, expected, over_udp, over_tcp)) in rows {
        let relay = Relay::start(server).await;
        let examination = examine(&at(relay.addr()), scene.challenge(case)).await;
        let found = (verdict(&examination), relay.over_udp(), relay.over_tcp());
        println!(
            "{case:<17} {:<27} {} over UDP, {} over TCP",
            found.0, found.1, found.2
        );
        let expected = (expected.to_owned(), over_udp, over_tcp);
        assert_eq!(found, expected, "{case}: {}", report(&examination));
    }
}

// S-16: three queries for each perspective.
#[tokio::test]
async fn a_check_of_three_perspectives_sends_nine_queries_at_most() {
    if !servers_or_skip() {
        return;
    }
    let scene = Scene::issue_all().await;
    let nsd = Nsd::start(&[("example.com", &scene.example_com())]);
    let mut relays = Vec::new();
    for _ in 0..3 {
        relays.push(Relay::start(nsd.addr()).await);
    }
    let observers = HickoryLookup::observers_for(relays.iter().map(Relay::addr));
    let verifier = looking_through(observers).build().unwrap();
    let examination = examine(&verifier, scene.challenge("plain")).await;
    assert_eq!(
        verdict(&examination),
        "validated/quorum",
        "{}",
        report(&examination)
    );
    let sent: Vec<_> = relays
        .iter()
        .map(|relay| relay.over_udp() + relay.over_tcp())
        .collect();
    // Two had to say all; the third is not waited for.
    let complete = sent.iter().filter(|&&sent| sent == 3).count();
    assert!(
        complete >= 2 && sent.iter().all(|&sent| sent <= 3),
        "{sent:?}"
    );
}

/// The worst zone for whoever counts queries: one alias in each reply, each reply truncated, and
/// the record only at the end of as many aliases as are followed, for every name asked.
async fn tarpit(value: &str) -> FaultServer {
    const ALIASES: usize = 8;
    let value = value.to_owned();
    FaultServer::start(move |asked: &Asked| {
        if !asked.over_tcp {
            return asked.truncated();
        }
        let name = asked.name();
        let steps = name
            .split('.')
            .take_while(|label| *label == "again")
            .count();
        if steps == ALIASES {
            return asked.answer([txt(&name, &[value.as_bytes()])]);
        }
        asked.answer([cname(&name, &format!("again.{name}"))])
    })
    .await
}

// S-16: the worst zone ends at the budget, over all perspectives together, and proves nothing.
#[tokio::test]
async fn the_worst_zone_gets_no_more_queries_than_the_budget() {
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let value = challenge.record().value();
    let (mut servers, mut addresses) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let server = tarpit(value).await;
        addresses.push(server.addr());
        servers.push(server);
    }
    let verifier = looking_through(HickoryLookup::observers_for(addresses.clone()))
        .policy(Policy::k_of_n(5, 5).unwrap())
        .build()
        .unwrap();
    let examination = examine(&verifier, challenge).await;
    let sent: usize = servers.iter().map(|server| server.seen().len()).sum();
    println!("the worst zone: {sent} queries, {}", verdict(&examination));
    // Some that were paid for were not sent any more when the outcome was clear.
    assert!(sent <= Budget::PER_VERIFICATION as usize, "{sent}");
    let exhausted = examination
        .decisive()
        .map(|seen| seen.result() == Err(&LookupFailure::BudgetExhausted));
    assert_eq!(exhausted, Some(true), "{}", report(&examination));
    assert_eq!(
        verdict(&examination),
        "indeterminate/lookup-failed",
        "{}",
        report(&examination)
    );

    // One such perspective alone is within it: nine names, each over UDP and TCP.
    let server = tarpit(value).await;
    let verifier = looking_through(HickoryLookup::observers_for([server.addr()]))
        .policy(Policy::single_resolver().with_wildcards(Wildcards::Accept))
        .build()
        .unwrap();
    let examination = examine(&verifier, challenge).await;
    assert_eq!(
        verdict(&examination),
        "validated/quorum",
        "{}",
        report(&examination)
    );
    assert_eq!(server.seen().len(), 18, "{}", report(&examination));
}

// S-16: silent servers are asked a few times each, and no more.
#[tokio::test]
async fn silent_servers_are_asked_twice() {
    let scene = Scene::issue(["plain"]).await;
    let mut servers = Vec::new();
    for _ in 0..3 {
        servers.push(FaultServer::start(|_| Vec::new()).await);
    }
    let observers = HickoryLookup::observers_for(servers.iter().map(FaultServer::addr));
    let verifier = looking_through(observers).build().unwrap();
    let examination = examine(&verifier, scene.challenge("plain")).await;
    assert_eq!(
        verdict(&examination),
        "indeterminate/lookup-failed",
        "{}",
        report(&examination)
    );
    let sent: Vec<_> = servers.iter().map(|server| server.seen().len()).collect();
    assert_eq!(sent, [2, 2, 2]);
}
