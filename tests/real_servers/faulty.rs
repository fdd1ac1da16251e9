//! Verifications in Internets in which something is wrong.

use std::net::SocketAddr;

use dcv::challenge::Challenge;
use dcv::dns::{Group, LookupFailure, Perspective};
use dcv::evaluate::Examination;
use dcv::lookup::{DnsObserver, HickoryLookup};
use dcv::policy::Policy;
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::RecordType;

use crate::faults::{Asked, FaultServer, Send, soa, txt};
use crate::rows::rows;
use crate::scenarios::{APEX, Resolver, SERVERS, Scenario};
use crate::scene::{HANGS, Scene, examine, looking_through, report, seen, verdict};
use crate::servers::internet_or_skip;

const VERDICTS: &str = include_str!("../data/faults/verdicts.tsv");

/// A server that is waited for as long as it takes: resolvers are slow where servers are dead.
fn eye(server: SocketAddr) -> DnsObserver<HickoryLookup> {
    let lookup = HickoryLookup::from_servers([server])
        .unwrap()
        .with_udp_tries(HANGS / 4, 1)
        .with_tcp_timeout(HANGS / 4);
    let perspective = Perspective::new(format!("at-{server}").parse().unwrap())
        .with_group(Group::Operator(format!("of-{server}").parse().unwrap()));
    DnsObserver::new(perspective, lookup)
}

/// Looks through these, all of them at once.
async fn look(servers: &[SocketAddr], policy: Policy, challenge: &Challenge) -> Examination {
    let verifier = looking_through(servers.iter().copied().map(eye))
        .policy(policy)
        .deadline(HANGS / 2)
        .build()
        .unwrap();
    examine(&verifier, challenge).await
}

/// What a single resolver shows: of a whole check the slow are cut off.
async fn shown(server: SocketAddr, challenge: &Challenge) -> String {
    let examination = look(&[server], Policy::single_resolver(), challenge).await;
    match examination.decisive() {
        Some(observation) => match observation.result() {
            Err(LookupFailure::Timeout | LookupFailure::Server { .. }) => "failed".to_owned(),
            _ => seen(observation),
        },
        None => "nothing".to_owned(),
    }
}

// S-2, S-6, S-7, S-11, D-03, D-04: what is wrong with servers, with caches and with resolvers, and
// what comes of it.
#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_comes_to_its_verdict() {
    if !internet_or_skip() {
        return;
    }
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let mut complaints = String::new();
    for (line, [name, who, expected, expected_seen]) in rows(VERDICTS) {
        assert_eq!(who, "resolvers", "line {line}: nobody else looks yet");
        let begun = std::time::Instant::now();
        let scenario = Scenario::start(&name, challenge);
        let started = begun.elapsed();
        let servers: Vec<_> = scenario.resolvers.iter().map(Resolver::addr).collect();
        let mut all_seen = Vec::new();
        for server in &servers {
            all_seen.push(shown(*server, challenge).await);
        }
        let all_seen = all_seen.join("; ");
        let examination = look(&servers, scenario.policy, challenge).await;
        let found = verdict(&examination);
        let took = begun.elapsed() - started;
        println!("{name:<24} {found:<30} {started:>8.1?} {took:>8.1?}  {all_seen}");
        let is_expected = found == expected || found.split('/').next() == Some(&expected);
        if !is_expected || all_seen != expected_seen {
            complaints += &format!(
                "line {line}, {name}: {all_seen}: {}\n",
                report(&examination)
            );
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

// A server that says what its script says can stand where a zone is delegated to.
#[tokio::test(flavor = "multi_thread")]
async fn a_scripted_server_takes_the_place_of_a_real_one() {
    if !internet_or_skip() {
        return;
    }
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let owner = challenge.owner().to_string();
    let value = challenge.record().value().to_owned();
    let mut scenario = Scenario::start("absent", challenge);
    for server in SERVERS {
        scenario.internet.stop(server);
    }
    let at = scenario.internet.addr("ns2.example.com");
    let script = move |asked: &Asked| {
        if asked.name() == owner && asked.query().query_type() == RecordType::TXT {
            return asked.answer([txt(&owner, &[value.as_bytes()])]);
        }
        // Resolvers ask for one label more at a time: no name above is missing.
        let mut reply = asked.reply();
        if asked.query().query_type() == RecordType::TXT {
            reply.metadata.response_code = ResponseCode::NXDomain;
        }
        reply.add_authority(soa(APEX));
        vec![Send::Message(reply)]
    };
    let server = FaultServer::start_at(at, script).await;
    let servers: Vec<_> = scenario.resolvers.iter().map(Resolver::addr).collect();
    let examination = look(&servers, scenario.policy, challenge).await;
    assert_eq!(
        verdict(&examination),
        "validated/quorum",
        "{}",
        report(&examination)
    );
    assert!(!server.seen().is_empty());
}
