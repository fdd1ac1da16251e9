//! Whom a check waits for that looks through resolvers and the authoritative view.

use std::time::{Duration, Instant};

use dcv::challenge::Challenge;
use dcv::dns::{LookupFailure, Purpose};
use dcv::evaluate::Examination;
use dcv::lookup::AuthoritativeLookup;
use dcv::verify::DnsVerifier;

use crate::faults::FaultServer;
use crate::faulty::eye;
use crate::gate::Gate;
use crate::scenarios::{APEX, Resolver, Scenario, world, zone};
use crate::scene::{HANGS, Scene, examine, looking_through, report, verdict};
use crate::servers::{Knot, internet_or_skip};

const HOUR: Duration = Duration::from_secs(3600);

/// One server of three answers, one stands behind a gate, one is silent.
struct Slow {
    gate: Gate,
    _silent: FaultServer,
    scenario: Scenario,
    /// Behind the gate.
    _knot: Knot,
}

impl Slow {
    async fn start(challenge: &Challenge, delay: Duration) -> Self {
        let record = challenge.record().value();
        let record = format!("{} TXT \"{record}\"\n", challenge.owner());
        // The resolvers have nothing to do with those that are slow.
        let fast = [(); 3].map(|()| vec!["ns1.example.com", "ns2.example.com"]);
        let mut scenario = Scenario::avoiding(world(zone(&record)).start(), &fast);
        let internet = &mut scenario.internet;
        let knot = Knot::start(&[(APEX, &internet.text(APEX))]);
        internet.stop("ns1.example.com");
        internet.stop("ns2.example.com");
        let at = internet.addr("ns1.example.com");
        let gate = Gate::start_at(at, knot.addr(), delay).await;
        let at = internet.addr("ns2.example.com");
        let silent = FaultServer::start_at(at, |_| Vec::new()).await;
        Self {
            gate,
            _silent: silent,
            scenario,
            _knot: knot,
        }
    }

    fn verifier(&self, view: AuthoritativeLookup) -> DnsVerifier {
        let resolvers = self.scenario.resolvers.iter().map(Resolver::addr).map(eye);
        looking_through(resolvers)
            .observer(view)
            .policy(self.scenario.policy_of_both())
            .deadline(HOUR)
            .build()
            .unwrap()
    }
}

/// The servers of which nothing came back.
fn silent_ones(examination: &Examination, purpose: Purpose) -> Vec<String> {
    let seen = examination.observations().iter();
    let silent = seen.filter(|one| {
        one.purpose() == purpose && one.result().err() == Some(&LookupFailure::Timeout)
    });
    let names = silent.map(|one| one.server().map(|server| server.name().to_string()));
    names.map(Option::unwrap_or_default).collect()
}

// S-2: a verdict waits for every server, however slow it is, until its tries are over, whatever patience
// the view has; and for a silent one no second time.
#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_waits_for_every_server() {
    if !internet_or_skip() {
        return;
    }
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let slow = Slow::start(challenge, Duration::ZERO).await;
    let view = slow.scenario.view().with_patience(Duration::ZERO);
    let verifier = slow.verifier(view);
    let check = examine(&verifier, challenge);
    tokio::pin!(check);
    // The second datagram: the first was waited for, and is listened to still.
    tokio::select! {
        _ = &mut check => panic!("it did not wait for the slow one"),
        () = slow.gate.asked(2) => {}
    }
    slow.gate.open();
    let examination = check.await;
    let context = report(&examination);
    assert_eq!(verdict(&examination), "validated/quorum", "{context}");
    let silent = |purpose| silent_ones(&examination, purpose);
    let dead = "ns2.example.com.".to_owned();
    assert_eq!(silent(Purpose::Record), [dead.as_str()], "{context}");
    // Who was silent is not asked again.
    assert!(!silent(Purpose::WildcardProbe).contains(&dead), "{context}");
}

// Prints how long a verdict takes: run it with `--nocapture`. Beside a server that takes 300 ms, one
// that is silent costs its full wait, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_costs_its_full_wait() {
    const DELAY: Duration = Duration::from_millis(300);
    if !internet_or_skip() {
        return;
    }
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let slow = Slow::start(challenge, DELAY).await;
    slow.gate.open();
    let verifier = slow.verifier(slow.scenario.view());
    let begun = Instant::now();
    let examination = examine(&verifier, challenge).await;
    let took = begun.elapsed();
    println!(
        "slowest needed {DELAY:?}: {} after {took:>7.1?}, {} queries",
        verdict(&examination),
        examination.queries(),
    );
    let context = report(&examination);
    assert_eq!(verdict(&examination), "validated/quorum", "{context}");
    // The slow one is waited for, or the verdict would be another one.
    assert!(took >= DELAY, "{took:?}: {context}");
    assert!(took < HANGS / 2, "{took:?}: {context}");
}
