//! From the challenge to the proof, while the zone changes and a cache remembers.

use std::time::Duration;

use dcv::challenge::{Challenge, State};
use dcv::dns::{Outcome, Purpose};
use dcv::evaluate::Examination;
use dcv::lookup::HickoryLookup;
use dcv::name::{DomainName, Scope};
use dcv::policy::{Policy, Timing};
use dcv::service::{Check, Dcv};
use dcv::verify::DnsVerifier;

use crate::scene::{HANGS, LABEL, PROVIDER, account, at, decisive, examine, report, verdict};
use crate::servers::wire::{Question, Type};
use crate::servers::{Knot, Unbound, UnboundConfig, servers_or_skip};

/// How long caches may deny what they did not find, in seconds.
const NEGATIVE: u64 = 900;

fn zone(serial: u32, records: &str) -> String {
    format!(
        "$ORIGIN example.com.\n$TTL {NEGATIVE}\n\
         @ SOA ns hostmaster {serial} 3600 600 86400 {NEGATIVE}\n@ NS ns\nns A 127.0.0.1\n{records}"
    )
}

/// The record as a zone file shows it.
fn record(challenge: &Challenge) -> String {
    let (owner, value) = (challenge.owner(), challenge.record().value());
    format!("{owner} TXT \"{value}\"\n")
}

fn publish(knot: &mut Knot, challenge: &Challenge) {
    let owner = challenge.owner().to_string();
    knot.replace(
        "example.com",
        &zone(2, &record(challenge)),
        Question::new(&owner, Type::TXT),
    );
}

/// A service that looks through one server.
fn service(server: std::net::SocketAddr) -> Dcv {
    Dcv::builder(PROVIDER)
        .unwrap()
        .policy(Policy::single_resolver())
        .timing(Timing::default().with_min_interval(Duration::ZERO))
        .observers(HickoryLookup::observers_for([server]))
        .build()
        .unwrap()
}

async fn issue(dcv: &Dcv) -> Challenge {
    let domain = DomainName::parse("example.com").unwrap();
    dcv.issue(&account(), &domain, Scope::Host).await.unwrap()
}

async fn verify(dcv: &Dcv, challenge: &Challenge) -> Check {
    let account = account();
    let check = dcv.verify(&account, challenge.id());
    tokio::time::timeout(HANGS, check)
        .await
        .expect("the check hangs")
        .unwrap()
}

/// How long after a check the next one is due.
fn wait(check: &Check) -> Duration {
    let next = check
        .next_check_at()
        .expect("an open challenge is looked at again");
    let last = check.challenge().last_checked_at().unwrap();
    (next - last).try_into().unwrap()
}

/// The negative TTL that the check saw.
fn negative_ttl(check: &Check) -> Duration {
    let record = |one: &&dcv::dns::Observation| one.purpose() == Purpose::Record;
    let seen = check.observations().iter().find(record).unwrap();
    let Ok(Outcome::Absent(absence)) = seen.result().map(|answer| answer.outcome()) else {
        panic!("{seen:?}")
    };
    absence.soa().unwrap().negative_ttl()
}

// X-01, L-02, L-03: the whole way at the zone's own server, which shows at once what is published.
#[tokio::test]
async fn a_record_proves_as_soon_as_the_zone_has_it() {
    if !servers_or_skip() {
        return;
    }
    let mut knot = Knot::start(&[("example.com", &zone(1, ""))]);
    let dcv = service(knot.addr());
    let challenge = issue(&dcv).await;
    assert_eq!(
        challenge.owner().to_string(),
        format!("{LABEL}.example.com.")
    );

    let before = verify(&dcv, &challenge).await;
    assert_eq!(before.verdict().code(), "no-such-name", "{before}");
    assert_eq!(before.state(), State::Pending);
    assert_eq!(negative_ttl(&before), Duration::from_secs(NEGATIVE));
    // From when the answer came, which was a moment before the check was over.
    assert_eq!(before.next_check_at(), before.denied_until(), "{before}");
    let longest = Duration::from_secs(NEGATIVE);
    assert!(wait(&before) <= longest, "{before}");
    assert!(wait(&before) > longest - DnsVerifier::DEADLINE, "{before}");

    publish(&mut knot, &challenge);
    let after = verify(&dcv, &challenge).await;
    assert!(after.is_validated(), "{after}");
    let proven = dcv.control(&account(), challenge.domain()).await.unwrap();
    assert_eq!(proven.unwrap().challenge(), challenge.id());
}

// L-02, L-03: who asked too early is told so for as long as the zone says. The resolver goes on
// denying what the zone's own server shows; the next check waits for it to forget.
#[tokio::test]
async fn a_cached_absence_outlives_the_publication() {
    if !servers_or_skip() {
        return;
    }
    let mut knot = Knot::start(&[("example.com", &zone(1, ""))]);
    let unbound = Unbound::start(&UnboundConfig {
        stubs: &[("example.com", knot.addr())],
        ..Default::default()
    });
    let dcv = service(unbound.addr());
    let challenge = issue(&dcv).await;
    let too_early = verify(&dcv, &challenge).await;
    assert_eq!(too_early.verdict().code(), "no-such-name", "{too_early}");

    publish(&mut knot, &challenge);
    let stale = verify(&dcv, &challenge).await;
    assert_eq!(stale.verdict().code(), "no-such-name", "{stale}");
    // What is left of the negative TTL, which is still more than the usual wait of two minutes.
    assert_eq!(stale.next_check_at(), stale.denied_until(), "{stale}");
    assert!(wait(&stale) <= negative_ttl(&stale), "{stale}");
    assert!(wait(&stale) > Duration::from_secs(300), "{stale}");

    let direct = examine(&at(knot.addr()), &challenge).await;
    assert_eq!(verdict(&direct), "validated/quorum", "{}", report(&direct));
}

// the record goes, and a look at the zone's own server sees that at once.
#[tokio::test]
async fn a_record_that_is_gone_proves_nothing() {
    if !servers_or_skip() {
        return;
    }
    let dcv = service(([127, 0, 0, 1], 9).into());
    let challenge = issue(&dcv).await;
    let mut knot = Knot::start(&[("example.com", &zone(1, &record(&challenge)))]);
    let verifier = at(knot.addr());
    let there = examine(&verifier, &challenge).await;
    assert_eq!(verdict(&there), "validated/quorum", "{}", report(&there));

    let owner = challenge.owner();
    let gone = zone(
        2,
        &format!("{owner} TXT \"v=spf1 -all\"\nnow TXT \"gone\"\n"),
    );
    knot.replace(
        "example.com",
        &gone,
        Question::new("now.example.com", Type::TXT),
    );
    let gone: Examination = examine(&verifier, &challenge).await;
    assert_eq!(verdict(&gone), "unproven/different", "{}", report(&gone));
    assert_eq!(decisive(&gone), "1 record");
}
