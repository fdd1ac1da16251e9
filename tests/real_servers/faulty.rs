//! Verifications in Internets in which something is wrong, by who looks.

use std::net::SocketAddr;
use std::time::Instant;

use dcv::challenge::Challenge;
use dcv::dns::{Group, LookupFailure, Observation, Perspective, Purpose};
use dcv::evaluate::Examination;
use dcv::lookup::hickory::TrustedPath;
use dcv::lookup::{AuthoritativeLookup, Budget, DnsObserver, HickoryLookup, Observer};
use dcv::policy::Policy;
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::RecordType;

use crate::faults::{Asked, FaultServer, Send, soa, txt};
use crate::rows::rows;
use crate::scenarios::{APEX, Resolver, SERVERS, Scenario};
use crate::scene::{HANGS, Scene, examine, looking_through, report, seen, verdict};
use crate::servers::internet_or_skip;

/// A server that is waited for as long as it takes: resolvers are slow where servers are dead.
fn lookup(server: SocketAddr) -> HickoryLookup {
    HickoryLookup::from_servers([server])
        .unwrap()
        .with_udp_tries(HANGS / 4, 1)
        .with_tcp_timeout(HANGS / 4)
}

pub(crate) fn perspective(server: SocketAddr) -> Perspective {
    Perspective::new(format!("at-{server}").parse().unwrap())
        .with_group(Group::Operator(format!("of-{server}").parse().unwrap()))
}

pub(crate) fn eye(server: SocketAddr) -> Box<dyn Observer> {
    Box::new(DnsObserver::new(perspective(server), lookup(server)))
}

/// The same, trusted to validate.
fn trusted(server: SocketAddr) -> Box<dyn Observer> {
    let lookup = lookup(server).trusting_validation(TrustedPath::Loopback);
    Box::new(lookup.unwrap().observe_as(perspective(server)))
}

/// Looks through these, all of them at once.
async fn look(
    eyes: impl IntoIterator<Item = Box<dyn Observer>>,
    policy: Policy,
    challenge: &Challenge,
) -> Examination {
    let verifier = looking_through(eyes)
        .policy(policy)
        .deadline(HANGS / 2)
        .build()
        .unwrap();
    examine(&verifier, challenge).await
}

/// What a single resolver shows: of a whole check the slow are cut off.
async fn shown(server: SocketAddr, challenge: &Challenge) -> String {
    let examination = look([eye(server)], Policy::single_resolver(), challenge).await;
    match examination.decisive() {
        Some(observation) => match observation.result() {
            Err(LookupFailure::Timeout | LookupFailure::Server { .. }) => "failed".to_owned(),
            _ => seen(observation),
        },
        None => "nothing".to_owned(),
    }
}

/// What an observation shows. What else stands in an error depends on the version of the server.
fn in_words(one: &Observation) -> String {
    match one.result() {
        Err(LookupFailure::Server { rcode, .. }) => format!("rcode {rcode}"),
        Err(LookupFailure::Bogus { .. }) => "bogus".to_owned(),
        _ => seen(one),
    }
}

/// What each name server said of the record: `ns1.example.com: no name in example.com., serial 1`.
fn said(examination: &Examination) -> String {
    let record = |one: &&Observation| one.purpose() == Purpose::Record;
    let lines = examination.observations().iter().filter(record).map(|one| {
        let what = in_words(one);
        let Some(server) = one.server() else {
            return what;
        };
        let name = server.name().to_string();
        let serial = server.serial().map(|serial| format!(", serial {serial}"));
        let (name, serial) = (name.trim_end_matches('.'), serial.unwrap_or_default());
        format!("{name}: {what}{serial}")
    });
    lines.collect::<Vec<_>>().join("; ")
}

/// The verdict, and what those who look saw by themselves.
async fn outcome(who: &str, scenario: &Scenario, challenge: &Challenge) -> (Examination, String) {
    let servers: Vec<_> = scenario.resolvers.iter().map(Resolver::addr).collect();
    let resolvers = || servers.iter().copied().map(eye);
    let view = || -> Box<dyn Observer> { Box::new(scenario.view()) };
    let led = || -> Box<dyn Observer> {
        let server = servers[scenario.guide];
        let view = AuthoritativeLookup::through(&perspective(server), lookup(server));
        Box::new(scenario.of_here(view))
    };
    let alone = Policy::single_resolver;
    match who {
        "resolvers" => {
            let mut all = Vec::new();
            for resolver in &scenario.resolvers {
                all.push(match resolver {
                    Resolver::Dead(_) => "dead".to_owned(),
                    alive => shown(alive.addr(), challenge).await,
                });
            }
            let examination = look(resolvers(), scenario.policy(), challenge).await;
            (examination, all.join("; "))
        }
        "authoritative" => {
            let examination = look([view()], alone(), challenge).await;
            let said = said(&examination);
            (examination, said)
        }
        "through" => {
            let examination = look([led()], alone(), challenge).await;
            let said = said(&examination);
            (examination, said)
        }
        "both" => {
            let eyes = resolvers().chain([view()]);
            let examination = look(eyes, scenario.policy_of_both(), challenge).await;
            (examination, "as above".to_owned())
        }
        "validating" => {
            let last = servers.last().copied();
            let examination = look(last.map(trusted), alone(), challenge).await;
            let decisive = examination.decisive();
            let shown = decisive.map_or_else(|| "nothing".to_owned(), in_words);
            (examination, shown)
        }
        "trusting" | "requiring" => {
            let mut eyes: Vec<_> = resolvers().collect();
            if let (Some(eyes), Some(last)) = (eyes.last_mut(), servers.last()) {
                *eyes = trusted(*last);
            }
            let policy = match who {
                "trusting" => scenario.policy(),
                _ => scenario.policy().require_secure(),
            };
            let examination = look(eyes, policy, challenge).await;
            (examination, "as above".to_owned())
        }
        "led" => {
            let eyes = resolvers().chain([led()]);
            let examination = look(eyes, scenario.policy(), challenge).await;
            (examination, "as above".to_owned())
        }
        other => panic!("nobody is called {other}"),
    }
}

/// Goes through a table. Rows of one scenario stand together, and share it.
async fn all_come_to_their_verdicts(table: &str) {
    if !internet_or_skip() {
        return;
    }
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let mut complaints = String::new();
    let mut current: Option<(String, Scenario)> = None;
    for (line, [name, who, expected, expected_seen]) in rows(table) {
        let scenario = match current.take() {
            Some((known, scenario)) if known == name => scenario,
            _ => Scenario::start(&name, challenge),
        };
        let begun = Instant::now();
        let (examination, seen) = outcome(&who, &scenario, challenge).await;
        let (found, queries) = (verdict(&examination), examination.queries());
        let took = begun.elapsed();
        println!("{name:<24} {who:<13} {found:<30} {took:>7.1?} {queries:>2} queries  {seen}");
        let is_expected = found == expected || found.split('/').next() == Some(&expected);
        if !is_expected || seen != expected_seen || queries > Budget::PER_VERIFICATION {
            complaints += &format!(
                "line {line}: {name}\t{who}\t{found}\t{seen}\n{}\n",
                report(&examination)
            );
        }
        current = Some((name, scenario));
    }
    assert!(complaints.is_empty(), "{complaints}");
}

// S-2, S-7, L-03: a zone some of whose servers are dead, lame, cut off, stale or lying. A dead
// minority blocks nobody, and a lying one never proves.
#[tokio::test(flavor = "multi_thread")]
async fn faulty_servers_come_to_their_verdicts() {
    all_come_to_their_verdicts(include_str!("../data/faults/servers.tsv")).await;
}

// S-2, S-7, L-02, L-03, D-04: resolvers that hold what is not so any more, what never was, or that
// filter. A poisoned minority never proves; a poisoned majority meets the veto.
#[tokio::test(flavor = "multi_thread")]
async fn faulty_resolvers_come_to_their_verdicts() {
    all_come_to_their_verdicts(include_str!("../data/faults/caches.tsv")).await;
}

// S-2, S-3, S-10: delegations and aliases, each with something wrong where they lead.
#[tokio::test(flavor = "multi_thread")]
async fn faulty_delegations_come_to_their_verdicts() {
    all_come_to_their_verdicts(include_str!("../data/faults/delegations.tsv")).await;
}

// S-2, S-6, S-11, D-02, D-03: signed zones, with a resolver whose word is taken for it and without.
#[tokio::test(flavor = "multi_thread")]
async fn faulty_signatures_come_to_their_verdicts() {
    all_come_to_their_verdicts(include_str!("../data/faults/signatures.tsv")).await;
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
    let eyes = scenario.resolvers.iter().map(Resolver::addr).map(eye);
    let examination = look(eyes, scenario.policy(), challenge).await;
    assert_eq!(
        verdict(&examination),
        "validated/quorum",
        "{}",
        report(&examination)
    );
    assert!(!server.seen().is_empty());
}
