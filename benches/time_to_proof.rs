//! What a user feels: how long after the record is published until it is seen, and for how many
//! queries, when somebody looked too early.
//!
//! A resolver that was asked before the record was there keeps its absence for as long as the
//! zone's SOA says. Here a zone on two real servers, below a root and a top-level domain of its own,
//! is looked at too early, published, and looked at again until it is proven:
//!
//! | | Looks through |
//! |---|---|
//! | a | the resolver that was asked too early (Unbound) |
//! | b | the zone's own servers |
//! | c | both, and a resolver that was not asked before; two of three |
//! | d | the same three, of which both resolvers were asked too early |
//!
//! The zone's SOA minimum is 3600 seconds: for a resolver asked too early the table then shows what
//! dcv says of the wait. To see whether that is true, the same is waited for with a minimum of a few
//! seconds.
//!
//! `cargo bench --bench time_to_proof`. It needs the servers of `tests/run`, and to bind port 53.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark ends where something is wrong"
)]

#[path = "../tests/support/servers/mod.rs"]
mod servers;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dcv::challenge::Challenge;
use dcv::clock::Clock as _;
use dcv::evaluate::Examination;
use dcv::lookup::{AddressFilter, AuthoritativeLookup, HickoryLookup};
use dcv::policy::Policy;
use dcv::service::Dcv;
use dcv::system::{SystemClock, TokioTimer};
use dcv::verify::{DnsVerifier, Verifier as _};
use dcv::{AccountId, Scope};
use servers::{Internet, Unbound, Zone, internet_or_skip};

/// How often it is looked for.
const PAUSE: Duration = Duration::from_millis(50);

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    if !internet_or_skip() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    println!("\nfrom publication to proof, after a look that came too early\n");
    println!(
        "SOA minimum  looks through                  proven after  dcv said   queries (the last look)"
    );
    let short = if quick { 1 } else { 5 };
    for minimum in [3600, short] {
        for view in [View::Early, View::Authoritative, View::Both, View::AllEarly] {
            runtime.block_on(row(minimum, view, quick));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum View {
    Early,
    Authoritative,
    Both,
    AllEarly,
}

/// One world, looked at in one way.
struct World {
    internet: Internet,
    early: Unbound,
    other: Unbound,
}

async fn row(minimum: u32, view: View, quick: bool) {
    let zone = Zone::new(
        "example.com",
        &["ns1.example.com", "ns2.example.com"],
        "www TXT \"here\"",
    );
    let internet = Internet::builder()
        .zone(zone.ttl(minimum).minimum(minimum))
        .start();
    let (early, other) = (internet.unbound(false, ""), internet.unbound(false, ""));
    let mut world = World {
        internet,
        early,
        other,
    };
    let challenge = challenge().await;

    // Somebody looks before the record is there.
    let too_early: &[View] = match view {
        View::Early => &[View::Early],
        View::Authoritative | View::Both => &[View::Early, View::Authoritative],
        View::AllEarly => &[View::Both],
    };
    for view in too_early {
        let examination = world.verifier(*view).examine(&challenge).await;
        assert!(!examination.verdict().is_validated());
    }

    let owner = challenge.owner().to_string();
    let record = format!("{owner} TXT \"{}\"", challenge.record().value());
    world.internet.publish("example.com", &record);
    let published = Instant::now();
    let verifier = world.verifier(view);
    let first = verifier.examine(&challenge).await;
    let said = said(&first);

    let patience = if quick { 3 } else { 12 };
    let mut queries = first.queries();
    let mut proven = first.verdict().is_validated().then(|| published.elapsed());
    while proven.is_none() && published.elapsed() < Duration::from_secs(patience) {
        tokio::time::sleep(PAUSE).await;
        let next = verifier.examine(&challenge).await;
        queries = next.queries();
        proven = next.verdict().is_validated().then(|| published.elapsed());
    }
    if minimum < 60 || !matches!(view, View::Early | View::AllEarly) {
        assert!(
            proven.is_some(),
            "{view:?} with {minimum} s: {:?}",
            first.verdict()
        );
    }
    let name = match view {
        View::Early => "(a) resolver asked too early",
        View::Authoritative => "(b) the zone's own servers",
        View::Both => "(c) both, and another",
        View::AllEarly => "(d) the three, all early",
    };
    let proven = proven.map_or_else(
        || "not yet".to_owned(),
        |after| format!("{:.2} s", after.as_secs_f64()),
    );
    let said = said.map_or_else(
        || "-".to_owned(),
        |wait| format!("{:.0} s", wait.as_secs_f64()),
    );
    println!("{minimum:>9} s  {name:<30} {proven:>12}  {said:>8}   {queries:>3}");
}

/// How long caches hold the old answer, by what the look showed.
fn said(examination: &Examination) -> Option<Duration> {
    let until = examination.denied_until()?;
    (until - SystemClock::new().now()).try_into().ok()
}

impl World {
    fn verifier(&self, view: View) -> DnsVerifier {
        let resolvers: &[SocketAddr] = match view {
            View::Early => &[self.early.addr()],
            View::Authoritative => &[],
            View::Both | View::AllEarly => &[self.early.addr(), self.other.addr()],
        };
        let clock = Arc::new(SystemClock::new());
        let builder = DnsVerifier::builder(clock, Arc::new(TokioTimer::new()))
            .observers(HickoryLookup::observers_for(resolvers.iter().copied()));
        let builder = match view {
            View::Early => builder.policy(Policy::single_resolver()),
            View::Authoritative => builder
                .observer(self.authoritative())
                .policy(Policy::single_resolver()),
            View::Both | View::AllEarly => builder.observer(self.authoritative()),
        };
        builder.build().unwrap()
    }

    fn authoritative(&self) -> AuthoritativeLookup {
        let roots = self.internet.roots();
        let roots = roots.iter().map(SocketAddr::ip).collect::<Vec<IpAddr>>();
        let filter = AddressFilter::new().allowing("127.0.0.0/8".parse().unwrap());
        AuthoritativeLookup::from_hints(roots)
            .unwrap()
            .with_filter(filter)
    }
}

async fn challenge() -> Challenge {
    let dcv = Dcv::builder("bench").unwrap().build().unwrap();
    let account = AccountId::new("tenant-42").unwrap();
    let domain = "example.com".parse().unwrap();
    dcv.issue(&account, &domain, Scope::Host).await.unwrap()
}
