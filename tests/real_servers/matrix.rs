//! Every case through every server.

use std::net::SocketAddr;

use dcv::challenge::Challenge;
use dcv::dns::{Purpose, Security};
use dcv::evaluate::Examination;
use dcv::lookup::HickoryLookup;
use dcv::policy::{Policy, Wildcards};

use crate::rows::rows;
use crate::scene::{Scene, at, decisive, examine, looking_through, report, verdict};
use crate::servers::{Knot, Nsd, Unbound, UnboundConfig, servers_or_skip, zone};

const VERDICTS: &str = include_str!("../data/zones/verdicts.tsv");

/// What must come of a case.
struct Row {
    case: String,
    authoritative: (String, String),
    resolved: (String, String),
}

fn table() -> Vec<Row> {
    let rows = rows(VERDICTS).into_iter().map(|(_, row)| row);
    rows.map(|[case, verdict, seen, resolvers_verdict, resolver_sees]| {
        let or = |field: String, other: &String| if field == "=" { other.clone() } else { field };
        let resolved = (or(resolvers_verdict, &verdict), or(resolver_sees, &seen));
        Row {
            case,
            authoritative: (verdict, seen),
            resolved,
        }
    })
    .collect()
}

/// A server to look through.
struct Column {
    name: &'static str,
    addr: SocketAddr,
    authoritative: bool,
}

impl Column {
    fn authoritative(name: &'static str, addr: SocketAddr) -> Self {
        Self {
            name,
            addr,
            authoritative: true,
        }
    }

    fn resolver(name: &'static str, addr: SocketAddr) -> Self {
        Self {
            name,
            addr,
            authoritative: false,
        }
    }

    /// Looks at every case, and returns what came out and what is wrong with it.
    async fn run(&self, scene: &Scene, table: &[Row]) -> Outcomes {
        let verifier = at(self.addr);
        let mut outcomes = Outcomes {
            server: self.name,
            found: Vec::new(),
            complaints: Vec::new(),
        };
        for row in table {
            let challenge = scene.challenge(&row.case);
            let examination = examine(&verifier, challenge).await;
            let expected = if self.authoritative {
                &row.authoritative
            } else {
                &row.resolved
            };
            let found = (verdict(&examination), decisive(&examination));
            if found != *expected || !self.is_sound(challenge, &examination) {
                let (case, server, report) = (&row.case, self.name, report(&examination));
                let complaint = format!("{case} at {server}: {expected:?} expected: {report}");
                outcomes.complaints.push(complaint);
            }
            outcomes.found.push(found);
        }
        outcomes
    }

    /// What holds for every case: nobody's word is taken for DNSSEC, the AA bit is seen, there is
    /// a witness for what was validated and for nothing else, and the probes are for wildcards.
    fn is_sound(&self, challenge: &Challenge, examination: &Examination) -> bool {
        let validated = examination.verdict().is_validated();
        let witness = examination.verdict().witness().is_some();
        let evidence = examination.evidence().is_some();
        let answers = examination
            .observations()
            .iter()
            .filter_map(|one| one.result().ok());
        let plain = answers.clone().all(|answer| {
            answer.is_authoritative() == self.authoritative
                && answer.security() == Security::Unvalidated
        });
        let asked = examination.observations().iter().all(|one| {
            (one.purpose() == Purpose::Record) == (one.question().name() == challenge.owner())
        });
        validated == witness && validated == evidence && plain && asked
    }
}

/// What came of every case at one server.
struct Outcomes {
    server: &'static str,
    found: Vec<(String, String)>,
    complaints: Vec<String>,
}

/// Prints a row for each case and a column for each server, and fails if anything was wrong.
fn conclude(table: &[Row], all: &[Outcomes]) {
    let mut text = format!("\n{:<17}", "case");
    for server in all {
        text += &format!("{:<29}", server.server);
    }
    text += "seen by the first\n";
    for (index, row) in table.iter().enumerate() {
        text += &format!("{:<17}", row.case);
        for server in all {
            text += &format!("{:<29}", server.found[index].0);
        }
        text += &format!("{}\n", all[0].found[index].1);
    }
    println!("{text}");
    let complaints = all.iter().flat_map(|server| &server.complaints);
    let complaints: String = complaints.map(String::as_str).collect();
    assert!(complaints.is_empty(), "{complaints}");
}

// DG-05, A-01, S-5, S-7, S-8: against the zone's own servers.
#[tokio::test]
async fn every_case_at_the_authoritative_servers() {
    if !servers_or_skip() {
        return;
    }
    let table = table();
    let scene = Scene::issue_all().await;
    let knot = scene.knot();
    let (com, net) = (scene.example_com(), scene.example_net());
    let nsd = Nsd::start(&[("example.com", &com), ("example.net", &net)]);
    let mut columns = vec![
        Column::authoritative("knot", knot.addr()),
        Column::authoritative("nsd", nsd.addr()),
    ];
    match (knot.addr_v6(), nsd.addr_v6()) {
        (Some(knot), Some(nsd)) => columns.extend([
            Column::authoritative("knot over IPv6", knot),
            Column::authoritative("nsd over IPv6", nsd),
        ]),
        _ => eprintln!("NOT RUN over IPv6: this machine has no IPv6 loopback address"),
    }
    let mut outcomes = Vec::new();
    for column in &columns {
        outcomes.push(column.run(&scene, &table).await);
    }
    conclude(&table, &outcomes);
}

// L-03: the same through a resolver in front of two servers.
#[tokio::test]
async fn every_case_through_a_resolver() {
    if !servers_or_skip() {
        return;
    }
    let table = table();
    let scene = Scene::issue_all().await;
    let knot = Knot::start(&[("example.com", &scene.example_com())]);
    let nsd = Nsd::start(&[("example.net", &scene.example_net())]);
    let stubs = [("example.com", knot.addr()), ("example.net", nsd.addr())];
    let unbound = Unbound::start(&UnboundConfig {
        stubs: &stubs,
        ..Default::default()
    });
    let column = Column::resolver("unbound", unbound.addr());
    conclude(&table, &[column.run(&scene, &table).await]);
}

// The same when the zone is signed and the resolver validates: it may say so, and is not believed.
#[tokio::test]
async fn every_case_through_a_validating_resolver() {
    if !servers_or_skip() {
        return;
    }
    let mut table = table();
    let scene = Scene::issue_all().await;
    // Knot cannot sign an RRset as large as that.
    table.retain(|row| row.case != "huge");
    let com = zone::without(&scene.example_com(), "huge");
    let knot = Knot::start_signed(&[("example.com", &com)]);
    let nsd = Nsd::start(&[("example.net", &scene.example_net())]);
    let stubs = [("example.com", knot.addr()), ("example.net", nsd.addr())];
    let unbound = Unbound::start(&UnboundConfig {
        stubs: &stubs,
        trust_anchors: &[&knot.trust_anchor("example.com")],
        ..Default::default()
    });
    let column = Column::resolver("validating", unbound.addr());
    conclude(&table, &[column.run(&scene, &table).await]);
}

// S-8: where the policy accepts wildcards, they prove like any record, and nobody probes.
#[tokio::test]
async fn wildcards_prove_where_the_policy_accepts_them() {
    if !servers_or_skip() {
        return;
    }
    let scene = Scene::issue_all().await;
    let knot = scene.knot();
    let verifier = looking_through(HickoryLookup::observers_for([knot.addr()]))
        .policy(Policy::single_resolver().with_wildcards(Wildcards::Accept))
        .build()
        .unwrap();
    for case in ["wild-txt", "wild-cname", "wild.moved", "plain"] {
        let examination = examine(&verifier, scene.challenge(case)).await;
        assert_eq!(
            verdict(&examination),
            "validated/quorum",
            "{case}: {}",
            report(&examination)
        );
        assert_eq!(
            examination.observations().len(),
            1,
            "{case}: {}",
            report(&examination)
        );
    }
}

// A server of one zone only knows that an alias leads out of it: that is no answer (S-7).
#[tokio::test]
async fn a_server_that_does_not_know_the_targets_zone_proves_nothing() {
    if !servers_or_skip() {
        return;
    }
    let scene = Scene::issue_all().await;
    let zone = scene.example_com();
    let knot = Knot::start(&[("example.com", &zone)]);
    let nsd = Nsd::start(&[("example.com", &zone)]);
    for addr in [knot.addr(), nsd.addr()] {
        for case in [
            "across",
            "bounce",
            "dangling-across",
            "loop-across",
            "host.moved",
        ] {
            let examination = examine(&at(addr), scene.challenge(case)).await;
            let verdict = verdict(&examination);
            assert_eq!(
                verdict,
                "indeterminate/lookup-failed",
                "{case}: {}",
                report(&examination)
            );
            assert!(
                decisive(&examination).contains("example.net."),
                "{}",
                report(&examination)
            );
        }
    }
}
