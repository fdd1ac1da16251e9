//! Checking: the answer in every state, at the wrong time, and for several at once.

use std::time::Duration;

use async_trait::async_trait;
use dcv::clock::Clock as _;
use dcv::diagnose::Code;
use dcv::dns::{Answer, LookupFailure, Perspective};
use dcv::lifecycle::EventKind;
use dcv::lookup::{LookupError, Rate, TxtLookup, TxtObserver};
use dcv::name::{OwnerName, Scope};
use dcv::policy::{Policy, Timing};
use dcv::service::{Dcv, Error, ErrorKind, Limits};
use dcv::store::{ChallengeQuery, ChallengeStore as _, Page};
use futures_util::future::poll_immediate;

use crate::later;
use crate::world::{World, account, domain, start, world, world_with};

// E-07: each call in each state has its clear result.
#[tokio::test]
async fn every_state_has_its_answer() {
    let world = world();
    let tenant = account("t");
    let issue = async |name: &str| {
        world
            .dcv
            .issue(&tenant, &domain(name), Scope::Host)
            .await
            .unwrap()
    };

    // Not published: unproven, and checked again later.
    let absent = issue("absent.example.com").await;
    let check = world.dcv.verify(&tenant, absent.id()).await.unwrap();
    assert_eq!(
        (check.verdict().name(), check.verdict().code()),
        ("unproven", "no-such-name")
    );
    assert_eq!(
        check.next_check_at(),
        Some(later(300)),
        "the zone's negative TTL, not a minute"
    );
    let text = check.to_string();
    assert!(text.contains("nothing is published"), "{text}");
    // L-02: and until when caches may say so.
    assert_eq!(check.denied_until(), Some(later(300)));
    let caches = "\nCaches may deny the record until 2026-11-18 11:11:40 UTC.\n";
    assert!(text.contains(caches), "{text}");
    assert!(text.contains(&absent.record().to_string()), "{text}");

    // Too soon, and how long.
    match world.dcv.verify(&tenant, absent.id()).await {
        Err(error @ Error::TooSoon { retry_at }) => {
            assert_eq!((retry_at, error.kind()), (later(5), ErrorKind::TooSoon));
            assert_eq!(error.kind().http_status(), 429);
            assert_eq!(error.retry_at(), Some(retry_at));
        }
        other => panic!("{other:?}"),
    }
    world.pass(5);
    world.dcv.verify(&tenant, absent.id()).await.unwrap();

    // Failed lookups say nothing about the record.
    let broken = issue("broken.example.com").await;
    world.dns.set(broken.owner(), Err(LookupFailure::server(2)));
    let check = world.dcv.verify(&tenant, broken.id()).await.unwrap();
    assert_eq!(check.verdict().name(), "indeterminate");
    assert!(check.next_check_at().is_some());

    // Already proven: nothing is looked up again.
    let proven = issue("proven.example.com").await;
    world.publish(&proven);
    assert!(
        world
            .dcv
            .verify(&tenant, proven.id())
            .await
            .unwrap()
            .is_validated()
    );
    world.dns.remove(proven.owner());
    let check = world.dcv.verify(&tenant, proven.id()).await.unwrap();
    assert!(check.is_validated() && check.verdict().is_validated());
    assert!(check.event().is_none() && check.observations().is_empty());
    assert_eq!(check.verdict().witness(), None, "it proves nothing anew");

    // Cancelled.
    let cancelled = issue("cancelled.example.com").await;
    world.dcv.cancel(&tenant, cancelled.id()).await.unwrap();
    world.publish(&cancelled);
    let check = world.dcv.verify(&tenant, cancelled.id()).await.unwrap();
    assert_eq!(
        (check.verdict().name(), check.verdict().code()),
        ("rejected", "closed")
    );
    let again = world.dcv.cancel(&tenant, cancelled.id()).await.unwrap();
    assert_eq!(
        again,
        *check.challenge(),
        "cancelling twice changes nothing"
    );

    // Expired: the right record comes too late, whatever it says of its own expiry.
    let expired = issue("expired.example.com").await;
    world.pass(7 * 86_400);
    world.publish(&expired);
    let check = world.dcv.verify(&tenant, expired.id()).await.unwrap();
    assert_eq!(
        (check.verdict().name(), check.verdict().code()),
        ("rejected", "expired")
    );
    assert_eq!(check.event().unwrap().kind(), EventKind::Expired);
    assert!(check.observations().is_empty(), "nothing is asked for it");
    assert!(
        world
            .dcv
            .verify(&tenant, expired.id())
            .await
            .unwrap()
            .event()
            .is_none()
    );
    let next = issue("expired.example.com").await;
    assert_ne!(next.id(), expired.id());
}

// S-15: two at the same time make one transition and one event.
#[tokio::test]
async fn racing_checks_make_one_event() {
    for published in [true, false] {
        let world = world();
        let (tenant, name) = (account("t"), domain("example.com"));
        let challenge = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
        if published {
            world.publish(&challenge);
        }
        let checks = (0..8).map(|_| world.dcv.verify(&tenant, challenge.id()));
        let checks = futures_util::future::join_all(checks).await;
        let events = checks
            .iter()
            .flatten()
            .filter(|check| check.event().is_some())
            .count();
        assert_eq!(events, usize::from(published));
        for check in checks {
            match check {
                Ok(check) => assert_eq!(check.is_validated(), published),
                Err(error) => assert!(matches!(error, Error::TooSoon { .. }), "{error:?}"),
            }
        }
        let stored = world.dcv.get(&tenant, challenge.id()).await.unwrap();
        assert_eq!((stored.revision(), stored.attempts()), (2, 1));
    }
}

/// A resolver that never answers.
#[derive(Debug)]
struct Silent;

#[async_trait]
impl TxtLookup for Silent {
    async fn lookup_txt(&self, _: &OwnerName) -> Result<Answer, LookupError> {
        std::future::pending().await
    }
}

// S-16: who goes away before the answer, or asks for several at once, costs no more queries.
#[tokio::test]
async fn a_check_counts_from_when_it_began() {
    let World { clock, .. } = world();
    let observer = TxtObserver::new(Perspective::new("one".parse().unwrap()), Silent);
    let builder = Dcv::builder("svc")
        .unwrap()
        .clock(clock.clone())
        .timer(clock.clone());
    let builder = builder.policy(Policy::single_resolver()).observer(observer);
    let dcv = builder.build().unwrap();
    let tenant = account("t");
    let challenge = dcv
        .issue(&tenant, &domain("example.com"), Scope::Host)
        .await
        .unwrap();
    let other = dcv
        .issue(&tenant, &domain("example.net"), Scope::Host)
        .await
        .unwrap();

    let mut first = Box::pin(dcv.verify(&tenant, challenge.id()));
    assert!(poll_immediate(&mut first).await.is_none(), "it waits");
    let refused = async || match dcv.verify(&tenant, challenge.id()).await {
        Err(Error::TooSoon { retry_at }) => retry_at,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused().await, later(5), "while it runs");
    drop(first);
    clock.advance(Duration::from_secs(4));
    assert_eq!(refused().await, later(5), "and when it was given up");
    let mut another = Box::pin(dcv.verify(&tenant, other.id()));
    assert!(
        poll_immediate(&mut another).await.is_none(),
        "each challenge by itself"
    );
    clock.advance(Duration::from_secs(1));
    let mut next = Box::pin(dcv.verify(&tenant, challenge.id()));
    assert!(
        poll_immediate(&mut next).await.is_none(),
        "its time has come"
    );
    let stored = dcv.get(&tenant, challenge.id()).await.unwrap();
    assert_eq!(stored.attempts(), 0, "nothing was found out");
}

// A clock that is set back neither locks a challenge nor proves it.
#[tokio::test]
async fn a_clock_set_back_does_no_harm() {
    let world = world();
    let (tenant, name) = (account("t"), domain("example.com"));
    let challenge = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    world.pass(3600);
    world.dcv.verify(&tenant, challenge.id()).await.unwrap();
    world.clock.set(later(60));
    world.publish(&challenge);
    assert!(
        world
            .dcv
            .verify(&tenant, challenge.id())
            .await
            .unwrap()
            .is_validated()
    );

    let early = world
        .dcv
        .issue(&tenant, &name, Scope::Domain)
        .await
        .unwrap();
    world.clock.set(start());
    world.publish(&early);
    let check = world.dcv.verify(&tenant, early.id()).await.unwrap();
    assert_eq!(
        check.verdict().name(),
        "indeterminate",
        "seen before it was issued (S-5)"
    );
}

// Timing: absurd values do what they say, and nothing panics.
#[tokio::test]
async fn absurd_times_are_survived() {
    for timing in [
        Timing::default()
            .with_challenge_lifetime(Duration::MAX)
            .with_proof_lifetime(Duration::MAX),
        Timing::default().with_challenge_lifetime(Duration::ZERO),
        Timing::default()
            .with_min_interval(Duration::MAX)
            .with_backoff(Duration::MAX, Duration::ZERO),
        Timing::default().with_backoff(Duration::ZERO, Duration::ZERO),
    ] {
        let world = world_with(|builder| builder.timing(timing));
        let (tenant, name) = (account("t"), domain("example.com"));
        let Ok(challenge) = world.dcv.issue(&tenant, &name, Scope::Host).await else {
            continue;
        };
        world.dcv.verify(&tenant, challenge.id()).await.unwrap();
        world.publish(&challenge);
        let _ = world.dcv.verify(&tenant, challenge.id()).await;
    }
}

// S-16: an account's checks of one domain are limited over all challenges it has had for it.
#[tokio::test]
async fn an_account_asks_at_its_rate() {
    let limits = Limits::new().with_per_account(Rate::every(Duration::from_secs(60)).with_burst(3));
    let world = world_with(|builder| builder.limits(limits));
    let (account, other) = (account("tenant-42"), account("tenant-43"));
    let name = domain("example.com");
    for _ in 0..3 {
        let challenge = world
            .dcv
            .reissue(&account, &name, Scope::Host)
            .await
            .unwrap();
        world.dcv.verify(&account, challenge.id()).await.unwrap();
    }
    let challenge = world
        .dcv
        .reissue(&account, &name, Scope::Domain)
        .await
        .unwrap();
    let refused = world
        .dcv
        .verify(&account, challenge.id())
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::TooSoon);
    assert_eq!(refused.retry_at(), Some(later(60)));

    // Another account, and another domain of the same account, are not held off.
    let theirs = world.dcv.issue(&other, &name, Scope::Host).await.unwrap();
    world.dcv.verify(&other, theirs.id()).await.unwrap();
    let elsewhere = domain("example.net");
    let elsewhere = world
        .dcv
        .issue(&account, &elsewhere, Scope::Host)
        .await
        .unwrap();
    world.dcv.verify(&account, elsewhere.id()).await.unwrap();

    world.pass(60);
    world.dcv.verify(&account, challenge.id()).await.unwrap();
}

// S-16: the servers of a registrable domain answer for all accounts together at one rate.
#[tokio::test]
async fn a_registrable_domain_is_asked_at_its_rate() {
    let limits = Limits::new().with_per_registrable(Rate::per_second(1).with_burst(2));
    let world = world_with(|builder| builder.limits(limits));
    for (tenant, name, passes) in [
        ("tenant-1", "a.example.co.uk", true),
        ("tenant-2", "b.example.co.uk", true),
        ("tenant-3", "example.co.uk", false),
        ("tenant-3", "example2.co.uk", true),
    ] {
        let account = account(tenant);
        let challenge = world
            .dcv
            .issue(&account, &domain(name), Scope::Host)
            .await
            .unwrap();
        let checked = world.dcv.verify(&account, challenge.id()).await;
        assert_eq!(checked.is_ok(), passes, "{name}");
        if let Err(refused) = checked {
            let retry_at = later(1);
            assert_eq!(refused.retry_at(), Some(retry_at));
        }
    }
}

// S-16, S-17: nobody can use up the rate of a domain that is another's, with challenges for names
// below it.
#[tokio::test]
async fn no_account_uses_up_the_rate_of_a_domain() {
    let limits = Limits::new().with_per_registrable(Rate::per_second(1).with_burst(8));
    let world = world_with(|builder| builder.limits(limits));
    let check = async |tenant: &str, name: &str| {
        let account = account(tenant);
        let challenge = world
            .dcv
            .issue(&account, &domain(name), Scope::Host)
            .await
            .unwrap();
        world.dcv.verify(&account, challenge.id()).await
    };
    let mut passed = 0;
    for number in 0..20 {
        let checked = check("greedy", &format!("n{number}.example.com")).await;
        passed += usize::from(checked.is_ok());
    }
    assert_eq!(passed, 2);
    check("owner", "example.com").await.unwrap();
    // Elsewhere there is nothing it has used up.
    check("greedy", "example.net").await.unwrap();
}

const DAY: i64 = 86_400;

// S-7: a clock that is set forward ends no challenge by one look, whatever is asked meanwhile.
#[tokio::test]
async fn a_clock_set_forward_ends_no_challenge() {
    let world = world();
    let (tenant, name) = (account("t"), domain("example.com"));
    let issued = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    world.dcv.verify(&tenant, issued.id()).await.unwrap();
    world.publish(&issued);
    for ahead in [30 * DAY, 30 * DAY, 30 * DAY + 3599] {
        world.clock.set(later(ahead));
        let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
        assert!(!check.is_validated() && check.event().is_none());
        assert!(check.observations().is_empty(), "nothing is asked");
        assert_eq!(check.state().to_string(), "pending");
        assert_eq!(check.verdict().code(), "expired");
        assert!(check.next_check_at() > Some(later(ahead)));
        let again = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
        assert_eq!(again.id(), issued.id());
        let diagnosis = world.dcv.diagnose(&check).await.unwrap();
        let codes: Vec<_> = diagnosis
            .for_operator()
            .findings()
            .iter()
            .map(|one| one.code())
            .collect();
        assert_eq!(codes, [Code::ChallengeExpired]);
    }
    // Set right again, the clock has cost nothing, and what was told meanwhile is forgotten.
    world.dns.remove(issued.owner());
    world.clock.set(later(55));
    let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
    let diagnosis = world.dcv.diagnose(&check).await.unwrap();
    let report = diagnosis.for_operator();
    assert_ne!(report.findings()[0].code(), Code::ChallengeExpired);
    world.publish(&issued);
    world.clock.set(later(60));
    let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
    assert!(check.is_validated(), "{check}");
}

// S-7, E-01: two looks an hour apart end it, with one event; one that nobody looked at before needs
// one.
#[tokio::test]
async fn what_has_expired_ends_by_a_second_look() {
    let world = world();
    let (tenant, name) = (account("t"), domain("example.com"));
    let issued = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    world.dcv.verify(&tenant, issued.id()).await.unwrap();
    world
        .clock
        .set(world.clock.now() + time::Duration::seconds(7 * DAY));
    let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
    let until = Some(later(7 * DAY + 3600));
    assert_eq!((check.is_held(), check.next_check_at()), (true, until));
    let text = check.to_string();
    let told = "It is closed when a check from 2026-11-25 12:06:40 UTC on says the same.";
    assert!(
        text.contains("has expired") && text.ends_with(told),
        "{text}"
    );
    world.pass(3600);
    let told = world.dcv.get(&tenant, issued.id()).await.unwrap();
    assert_eq!(told.state().to_string(), "expired");
    let checks = (0..4).map(|_| world.dcv.verify(&tenant, issued.id()));
    let checks = futures_util::future::join_all(checks).await;
    let events = checks.iter().flatten().filter_map(|check| check.event());
    let events: Vec<_> = events.map(|event| event.kind()).collect();
    assert_eq!(events, [EventKind::Expired]);
    for check in checks.iter().flatten() {
        assert!(!check.is_held());
        assert_eq!(check.state().to_string(), "expired");
    }
    let next = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    assert_ne!(next.id(), issued.id());
    // Whoever wants a new one before gets it.
    world.dcv.verify(&tenant, next.id()).await.unwrap();
    world
        .clock
        .set(world.clock.now() + time::Duration::seconds(8 * DAY));
    let held = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    assert_eq!(held.id(), next.id());
    let new = world
        .dcv
        .reissue(&tenant, &name, Scope::Host)
        .await
        .unwrap();
    assert_ne!(new.id(), next.id());
}

// S-7, I-02: of a held challenge everything says what is true of it: it is over by our clock,
// publishing its record proves nothing, a later look closes it, and reissuing replaces it at once.
#[tokio::test]
async fn what_is_held_is_told_as_over() {
    let world = world();
    let (tenant, name) = (account("t"), domain("example.com"));
    let issued = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
    assert!(!world.dcv.instructions(check.challenge()).is_held());
    world.clock.set(later(12 * DAY));
    // Nobody has looked since, and the words are the same but for the time.
    let told = world.dcv.instructions(check.challenge());
    assert!(told.is_held() && told.document().to_text(500).contains("Two checks"));
    let held = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    assert_eq!(held.id(), issued.id());
    let first = world.dcv.verify(&tenant, held.id()).await.unwrap();
    world.pass(60);
    let second = world.dcv.verify(&tenant, held.id()).await.unwrap();
    for check in [first, second] {
        assert!(check.is_held());
        let told = check.to_string();
        for words in [
            "expired by our clock",
            "reissue",
            "closed when a check from 2026-11-30 12:06:40 UTC on",
        ] {
            assert!(told.contains(words), "{words}: {told}");
        }
        assert!(!told.contains("issue a new one"), "{told}");
        for told in [
            world.dcv.instructions(check.challenge()),
            check.challenge().instructions(),
        ] {
            assert!(told.is_held());
            let email = told.email().body.replace('\n', " ");
            for text in [told.document().to_text(500), email] {
                assert!(
                    text.contains("By our clock this request ended on 2026-11-25 11:06 UTC"),
                    "{text}"
                );
                assert!(
                    text.contains("from 2026-11-30 12:07 UTC on closes it"),
                    "{text}"
                );
                assert!(text.contains("have it reissued"), "{text}");
                assert!(
                    !text.contains("Publish it by") && !text.contains("and until"),
                    "{text}"
                );
            }
        }
        let diagnosis = world.dcv.diagnose(&check).await.unwrap();
        let text = diagnosis.for_tenant().document().to_text(500);
        assert!(
            text.contains("a look from 2026-11-30 12:06:40 UTC on closes"),
            "{text}"
        );
        assert!(
            text.contains("reissued") && !text.contains("Ask for a new value"),
            "{text}"
        );
    }
    // By a clock that was set right it is as it was.
    world.clock.set(later(60));
    let told = world.dcv.get(&tenant, issued.id()).await.unwrap();
    let told = world.dcv.instructions(&told);
    assert!(!told.is_held() && told.to_string().contains("Publish it by"));
}

// S-5, S-7: a challenge that was issued by a clock two seconds ahead is not told as a failure of the
// DNS, and is proven once its time has come.
#[tokio::test]
async fn a_challenge_issued_by_a_clock_ahead_is_told_as_clock_skew() {
    let world = world();
    let (tenant, name) = (account("t"), domain("example.com"));
    let issued = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    world.publish(&issued);
    world.clock.set(later(-2));
    let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
    let verdict = (check.verdict().name(), check.verdict().code());
    assert_eq!(verdict, ("indeterminate", "clock-skew"));
    let told = check.to_string();
    assert!(
        told.contains("clock") && !told.contains("no DNS answer"),
        "{told}"
    );
    let diagnosis = world.dcv.diagnose(&check).await.unwrap();
    assert_eq!(diagnosis.verdict().code(), "clock-skew");
    let report = diagnosis.for_operator();
    let codes: Vec<_> = report.findings().iter().map(|one| one.code()).collect();
    assert_eq!(codes, [Code::Undetermined]);
    world.clock.set(later(60));
    let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
    assert!(check.is_validated(), "{check}");
}

// P-03, S-7: a proof that is over is told as over by everything that tells of it, with one event,
// and nothing is asked for it.
#[tokio::test]
async fn a_proof_that_is_over_is_told_as_over() {
    let world = world();
    let (tenant, name) = (account("t"), domain("example.com"));
    let issued = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    world.publish(&issued);
    let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
    assert!(check.is_validated());
    world
        .clock
        .set(world.clock.now() + time::Duration::seconds(90 * DAY - 1));
    let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
    assert!(check.is_validated() && check.to_string().contains("is proven"));
    let diagnosis = world.dcv.diagnose(&check).await.unwrap();
    assert!(diagnosis.verdict().is_validated());
    for days in [0, 310] {
        world
            .clock
            .set(world.clock.now() + time::Duration::seconds(days * DAY + 1));
        let told = world.dcv.get(&tenant, issued.id()).await.unwrap();
        assert_eq!(told.state().to_string(), "ended");
        let told = world.dcv.list(&tenant, Page::default()).await.unwrap();
        assert_eq!(told[0].state().to_string(), "ended");
        let text = world.dcv.instructions(check.challenge()).to_string();
        assert!(text.contains("does not count any more"), "{text}");
    }

    let checks = (0..4).map(|_| world.dcv.verify(&tenant, issued.id()));
    let checks = futures_util::future::join_all(checks).await;
    let checks: Vec<_> = checks.into_iter().map(Result::unwrap).collect();
    let events = checks.iter().filter_map(|check| check.event());
    let events: Vec<_> = events.map(|event| format!("{:?}", event.kind())).collect();
    assert_eq!(events, ["Ended"]);
    for check in &checks {
        assert!(!check.is_validated() && !check.verdict().is_validated());
        let verdict = (check.verdict().name(), check.verdict().code());
        assert_eq!(verdict, ("rejected", "ended"));
        assert_eq!(check.state().to_string(), "ended");
        assert_eq!((check.queries(), check.next_check_at()), (0, None));
        assert!(check.to_string().contains("is not proven"), "{check}");
        let diagnosis = world.dcv.diagnose(check).await.unwrap();
        let codes: Vec<_> = diagnosis
            .for_operator()
            .findings()
            .iter()
            .map(|one| one.code().as_str())
            .collect();
        assert_eq!(codes, ["proof-ended"]);
        assert!(!diagnosis.verdict().is_validated());
    }
    let proven = ChallengeQuery::new().domain(name.clone()).proven();
    let proven = world.store.find(&proven, Page::default()).await.unwrap();
    assert!(proven.is_empty(), "the claim is released");
    let given_up = world.dcv.cancel(&tenant, issued.id()).await.unwrap();
    assert_eq!(given_up.state().to_string(), "ended");
    let next = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    assert_ne!(next.id(), issued.id());
    assert_eq!(world.dcv.purge(later(1000 * DAY)).await.unwrap(), 1);
}
