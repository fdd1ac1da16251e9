//! Validating resolvers in several regions, over TLS and HTTPS, as perspectives of one check.
#![cfg(all(feature = "tls", feature = "https"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/line.rs"]
mod line;
#[path = "support/servers/mod.rs"]
mod servers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use certificates::Authority;
use dcv::challenge::Challenge;
use dcv::dns::{Group, LookupFailure, Observation, Outcome, Transport, Trust};
use dcv::evaluate::Examination;
use dcv::lookup::hickory::TrustedPath;
use dcv::lookup::{DnsObserver, HickoryLookup, Observer, TxtLookup};
use dcv::name::{AccountId, DomainName, Scope};
use dcv::service::Dcv;
use dcv::system::{SystemClock, TokioTimer};
use dcv::verify::{DnsVerifier, Verifier};
use line::Line;
use servers::{Knot, Unbound, UnboundConfig, servers_or_skip};

const HOUR: Duration = Duration::from_secs(3600);

/// Far beyond what anything here takes, and far below the timeouts of the lookups.
const HANGS: Duration = Duration::from_secs(60);

const REGIONS: [(&str, &str, &str); 3] = [
    ("frankfurt", "hosting company A", "RIPE NCC"),
    ("oregon", "hosting company B", "ARIN"),
    ("singapore", "hosting company C", "APNIC"),
];

async fn issue(domain: &str) -> Challenge {
    let issuer = Dcv::builder("example-saas").unwrap().build().unwrap();
    let account = AccountId::new("tenant-42").unwrap();
    let domain = DomainName::parse(domain).unwrap();
    issuer.issue(&account, &domain, Scope::Host).await.unwrap()
}

/// A zone that holds the record of a challenge about its apex.
fn zone(apex: &str, challenge: &Challenge) -> String {
    format!(
        "$ORIGIN {apex}.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\n\
         ns A 127.0.0.1\n{}. TXT \"{}\"\n",
        challenge.owner().to_string().trim_end_matches('.'),
        challenge.record().value()
    )
}

/// Three validators, each with a certificate for its own name.
struct Fleet {
    authority: Authority,
    resolvers: Vec<Unbound>,
}

impl Fleet {
    fn start(stubs: &[(&str, SocketAddr)], trust_anchors: &[&str]) -> Self {
        let authority = Authority::new("the fleet");
        let resolvers = REGIONS.map(|(id, ..)| {
            let certificate = authority.certify(&name(id));
            Unbound::start(&UnboundConfig {
                stubs,
                trust_anchors,
                certificate: Some(certificate.parts()),
                ..Default::default()
            })
        });
        Self {
            authority,
            resolvers: resolvers.into(),
        }
    }

    /// The first two over TLS and HTTPS, the third over TLS and this line.
    fn lookups(&self, third: &Line) -> [HickoryLookup; 3] {
        let roots = self.authority.roots();
        let tls = |server, id| HickoryLookup::over_tls([server], &name(id), &roots).unwrap();
        let https = HickoryLookup::over_https(
            [self.resolvers[1].https_addr()],
            &name("oregon"),
            "/dns-query",
            &roots,
        );
        [
            tls(self.resolvers[0].tls_addr(), "frankfurt"),
            https.unwrap(),
            tls(third.addr(), "singapore"),
        ]
        .map(|lookup| lookup.with_tcp_timeout(HOUR))
    }
}

fn name(id: &str) -> String {
    format!("{id}.resolvers.example.net")
}

fn observers(lookups: &[HickoryLookup; 3]) -> Vec<DnsObserver<HickoryLookup>> {
    let named = lookups.iter().zip(REGIONS);
    named
        .map(|(lookup, (id, operator, region))| {
            let [id, operator, region] = [id, operator, region].map(|name| name.parse().unwrap());
            lookup.clone().observer_named(id, operator, region)
        })
        .collect()
}

/// The default policy, two of three, and nothing that ends a check by time.
fn verifier(observers: Vec<DnsObserver<HickoryLookup>>) -> DnsVerifier {
    let builder = DnsVerifier::builder(Arc::new(SystemClock::new()), Arc::new(TokioTimer::new()));
    let observers = observers.into_iter();
    let builder = observers.fold(builder.deadline(HOUR), |builder, observer| {
        builder.observer(observer)
    });
    builder.build().unwrap()
}

async fn examine(verifier: &DnsVerifier, challenge: &Challenge) -> Examination {
    tokio::time::timeout(HANGS, verifier.examine(challenge))
        .await
        .expect("the check waits for an answer that is held back")
}

fn verdict(examination: &Examination) -> String {
    let verdict = examination.verdict();
    format!("{}/{}", verdict.name(), verdict.code())
}

// S-3: three regions are three groups, reached over authenticated ways. The answer of the third is
// held back: the verdict of two comes before it is let go. Who did not wait broke nothing.
#[tokio::test]
async fn two_regions_decide_without_the_third() {
    if !servers_or_skip() {
        return;
    }
    let challenge = issue("example.com").await;
    let knot = Knot::start_signed(&[("example.com", &zone("example.com", &challenge))]);
    let fleet = Fleet::start(
        &[("example.com", knot.addr())],
        &[&knot.trust_anchor("example.com")],
    );
    let line = Line::to(fleet.resolvers[2].tls_addr()).await;
    let lookups = fleet.lookups(&line);
    let observers = observers(&lookups);
    for (observer, (_, operator, region)) in observers.iter().zip(REGIONS) {
        let [perspective] = observer.perspectives().try_into().unwrap();
        let group = Group::Operator(operator.parse().unwrap());
        assert_eq!(perspective.group(), &group);
        assert_eq!(perspective.region().unwrap().as_str(), region);
        assert_eq!(perspective.transport(), Transport::Authenticated);
        // Nobody said that it is.
        assert_eq!(perspective.trust(), Trust::Untrusted);
    }

    // The third has its connection and has answered already.
    lookups[2].lookup_txt(challenge.owner()).await.unwrap();
    line.hold();
    let examination = examine(&verifier(observers), &challenge).await;
    assert_eq!(verdict(&examination), "validated/quorum");
    let held = tokio::time::timeout(HANGS, line.holds_something());
    held.await.expect("the third was never asked");

    let seen_by = |observation: &Observation| observation.perspective().to_string();
    let mut seen: Vec<_> = examination.observations().iter().map(seen_by).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen, ["frankfurt", "oregon"]);
    let evidence = examination.evidence().unwrap();
    for sighting in evidence.sightings() {
        let perspective = sighting.perspective();
        assert_eq!(perspective.transport(), Transport::Authenticated);
        assert!(perspective.region().is_some());
    }

    line.release();
    let late = tokio::time::timeout(HANGS, lookups[2].lookup_txt(challenge.owner()));
    late.await.expect("the third is lost").unwrap();
    assert_eq!(line.made(), 1);
}

// D-03, S-11: the fleet validates. A zone whose signatures are not its own is answered by nobody;
// while nobody said that they are trusted, that is a failure and no refusal.
#[tokio::test]
async fn a_bogus_zone_is_not_seen() {
    if !servers_or_skip() {
        return;
    }
    let challenge = issue("example.com").await;
    let zone = zone("example.com", &challenge);
    let [knot, other] = [(); 2].map(|()| Knot::start_signed(&[("example.com", &zone)]));
    let fleet = Fleet::start(
        &[("example.com", knot.addr())],
        &[&other.trust_anchor("example.com")],
    );
    let line = Line::to(fleet.resolvers[2].tls_addr()).await;
    let verifier = verifier(observers(&fleet.lookups(&line)));
    let examination = examine(&verifier, &challenge).await;
    assert_eq!(verdict(&examination), "indeterminate/lookup-failed");
    assert!(examination.evidence().is_none());
    for observation in examination.observations() {
        let failure = observation.result().unwrap_err();
        let is_refused = matches!(failure, LookupFailure::Server { rcode: 2, .. });
        assert!(is_refused, "{failure:?}");
    }
}

// D-02, D-03, S-11: the same fleet, believed over its authenticated ways. One secure answer is enough
// for a signed zone, and what validators call bogus is refused.
#[tokio::test]
async fn a_trusted_fleet_decides_on_signed_zones() {
    if !servers_or_skip() {
        return;
    }
    let challenge = issue("example.com").await;
    let zone = zone("example.com", &challenge);
    let [knot, other] = [(); 2].map(|()| Knot::start_signed(&[("example.com", &zone)]));
    for (anchor, expected) in [(&knot, "validated/secure"), (&other, "rejected/bogus")] {
        let stubs = [("example.com", knot.addr())];
        let fleet = Fleet::start(&stubs, &[&anchor.trust_anchor("example.com")]);
        let line = Line::to(fleet.resolvers[2].tls_addr()).await;
        let trusted = fleet.lookups(&line).map(|lookup| {
            lookup
                .trusting_validation(TrustedPath::Authenticated)
                .unwrap()
        });
        let examination = examine(&verifier(observers(&trusted)), &challenge).await;
        assert_eq!(verdict(&examination), expected);
    }
    // In plain text the way is not authenticated, whoever stands at its end.
    let plain = HickoryLookup::from_servers([knot.addr()]).unwrap();
    assert!(
        plain
            .trusting_validation(TrustedPath::Authenticated)
            .is_err()
    );
}

// What the manual says to write into `unbound.conf` is what Unbound takes, but for the places that
// are each machine's own.
#[tokio::test]
async fn the_documented_configuration_works() {
    if !servers_or_skip() {
        return;
    }
    let manual = include_str!("../src/lookup/hickory/fleet.md");
    let (_, block) = manual.split_once("```text\nserver:\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let own = [
        "interface:",
        "tls-",
        "https-port:",
        "auto-trust-anchor-file:",
    ];
    let is_own = |line: &&str| own.iter().any(|own| line.trim_start().starts_with(own));
    let (own, common): (Vec<_>, Vec<_>) = block.lines().partition(is_own);
    assert_eq!((own.len(), common.len()), (7, 8), "{block}");

    let challenge = issue("example.com").await;
    let knot = Knot::start_signed(&[("example.com", &zone("example.com", &challenge))]);
    let authority = Authority::new("the fleet");
    let unbound = Unbound::start(&UnboundConfig {
        stubs: &[("example.com", knot.addr())],
        trust_anchors: &[&knot.trust_anchor("example.com")],
        certificate: Some(authority.certify(&name("frankfurt")).parts()),
        server: &common.join("\n"),
        ..Default::default()
    });
    let server = [unbound.tls_addr()];
    let lookup = HickoryLookup::over_tls(server, &name("frankfurt"), &authority.roots()).unwrap();
    let answer = lookup.lookup_txt(challenge.owner()).await.unwrap();
    let Outcome::Records(records) = answer.outcome() else {
        panic!("{answer:?}")
    };
    assert_eq!(records.len(), 1);
}

// S-15, S-16: somebody's silent name servers keep one connection to a resolver full of queries, and
// nobody else's waiting.
#[tokio::test]
async fn silent_zones_hold_up_nobody_else() {
    if !servers_or_skip() {
        return;
    }
    let challenge = issue("example.com").await;
    let zone = zone("example.com", &challenge);
    let knot = Knot::start(&[("example.com", &zone)]);
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let silent_at = silent.local_addr().unwrap();
    let stubs = [("example.com", knot.addr()), ("example.org", silent_at)];
    let fleet = Fleet::start(&stubs, &[]);
    let line = Line::to(fleet.resolvers[2].tls_addr()).await;
    let [_, _, lookup] = fleet.lookups(&line);
    lookup.lookup_txt(challenge.owner()).await.unwrap();

    let slow: Vec<_> = (0..64)
        .map(|number| {
            let name = format!("n{number}.example.org").parse().unwrap();
            let lookup = lookup.clone();
            tokio::spawn(async move { lookup.lookup_txt(&name).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let quick = lookup.clone().with_tcp_timeout(Duration::from_secs(10));
    quick.lookup_txt(challenge.owner()).await.unwrap();
    assert!(slow.iter().all(|slow| !slow.is_finished()));
    slow.iter().for_each(|slow| slow.abort());
}
