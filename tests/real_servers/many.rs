//! Many verifications at the same time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dcv::lookup::{DnsObserver, HickoryLookup};
use dcv::policy::Policy;
use rustix::process::{Resource, getrlimit, setrlimit};

use crate::faults::closed_port;
use crate::faulty::perspective;
use crate::gate::Gate;
use crate::scene::{HANGS, LABEL, Scene, examine, looking_through, report, verdict};
use crate::servers::{Knot, servers_or_skip};

const MANY: usize = 1024;

/// Each query has a socket, and so has each at the gate; many systems give a process 1024 files
/// unless it asks for more.
fn raise_the_limit_of_files() {
    const WANTED: u64 = 8192;
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < WANTED) {
        limit.current = Some(limit.maximum.map_or(WANTED, |most| most.min(WANTED)));
        setrlimit(Resource::Nofile, limit).unwrap();
    }
}

// S-16: a thousand verifications through one lookup, all of them in flight at once, and none of them is
// lost. A gate in front of the server opens when it has got as many queries as there are checks. Then
// they come in one burst, which may be more than a receive buffer holds: what overflows it is asked
// again by the lookup's further tries, as anywhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_at_once_are_all_validated() {
    if !servers_or_skip() {
        return;
    }
    raise_the_limit_of_files();
    let cases: Vec<_> = (0..MANY).map(|number| format!("c{number}")).collect();
    let scene = Scene::issue(cases.iter().map(String::as_str)).await;
    let records = cases.iter().map(|case| {
        let value = scene.challenge(case).record().value();
        format!("{LABEL}.{case} TXT \"{value}\"\n")
    });
    let zone = format!(
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\n\
         ns A 127.0.0.1\n{}",
        records.collect::<String>()
    );
    let knot = Knot::start(&[("example.com", &zone)]);
    let at = closed_port().await;
    let gate = Gate::start_at(at, knot.addr(), Duration::ZERO).await;
    let lookup = HickoryLookup::from_servers([at]).unwrap();
    let lookup = lookup.with_udp_tries(HANGS / 30, 5);
    let observer = DnsObserver::new(perspective(at), lookup);
    let verifier = looking_through([observer])
        .policy(Policy::single_resolver())
        .deadline(HANGS)
        .build()
        .unwrap();
    let verifier = Arc::new(verifier);
    let begun = Instant::now();
    let checks: Vec<_> = cases
        .iter()
        .map(|case| {
            let (verifier, challenge) = (verifier.clone(), scene.challenge(case).clone());
            tokio::spawn(async move { examine(&verifier, &challenge).await })
        })
        .collect();
    gate.asked(MANY).await;
    let gathered = begun.elapsed();
    gate.open();
    let mut queries = 0;
    for (case, check) in cases.iter().zip(checks) {
        let examination = check.await.unwrap();
        queries += examination.queries();
        let context = format!("{case}: {}", report(&examination));
        assert_eq!(verdict(&examination), "validated/quorum", "{context}");
    }
    let all = begun.elapsed();
    println!("{MANY} at once: in flight after {gathered:?}, done after {all:?}, {queries} queries");
}
