//! The face: every call, in every state of a challenge.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use dcv::challenge::{Form, State};
use dcv::dns::{Answer, LookupFailure, Perspective};
use dcv::issue::{IssueError, Style};
use dcv::lifecycle::EventKind;
use dcv::lookup::{LookupError, TxtLookup, TxtObserver};
use dcv::name::{Naming, OwnerName, ProviderName, Scope};
use dcv::policy::{Policy, Timing};
use dcv::record::{Formats, PrefixFormat, Syntax};
use dcv::service::{BuildError, Dcv, Error, ErrorKind};
use dcv::store::Page;
use dcv::suffix::SuffixPolicy;
use dcv::system::{RandomTokens, SharedSuffixes};
use dcv::token::{Token, TokenError, TokenGenerator, TokenRequest};
use futures_util::future::poll_immediate;

#[path = "support/world.rs"]
mod world;
use world::{World, account, domain, start, world, world_with};

fn later(seconds: i64) -> time::UtcDateTime {
    start() + time::Duration::seconds(seconds)
}

// N-01, SC-03, T-01, E-01, E-02, L-01, X-01.
#[tokio::test]
async fn issue_composes_what_the_draft_asks_for() {
    let world = world();
    let tenant = account("tenant-42");
    for (scope, owner) in [
        (Scope::Host, "_example-saas-challenge.example.com."),
        (
            Scope::Wildcard,
            "_example-saas-wildcard-challenge.example.com.",
        ),
        (Scope::Domain, "_example-saas-domain-challenge.example.com."),
    ] {
        let challenge = world
            .dcv
            .issue(&tenant, &domain("EXAMPLE.com."), scope)
            .await
            .unwrap();
        assert_eq!(challenge.owner().to_string(), owner);
        assert_eq!(challenge.record().ttl(), 300);
        assert_eq!(challenge.state(), State::Pending);
        assert_eq!(challenge.expires_at(), later(7 * 86_400));
        assert_eq!(
            challenge.next_check_at(),
            None,
            "no query before the user asks for it (L-02)"
        );
        let token = challenge.expectations()[0].token().as_str();
        assert_eq!(token.len(), 40);
        assert_eq!(
            challenge.record().value(),
            format!("token={token} expiry=2026-11-25T11:06:40Z")
        );
        let line = challenge.record().to_string();
        assert!(
            line.starts_with(&format!("{owner} 300 IN TXT \"token={token} ")),
            "{line}"
        );
    }
}

// Issue is idempotent, reissue replaces; T-06: no token twice.
#[tokio::test]
async fn issue_gives_back_the_open_challenge() {
    let world = world();
    let (tenant, name) = (account("a"), domain("example.com"));
    let first = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    world.pass(3600);
    assert_eq!(
        world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap(),
        first
    );
    let wide = world
        .dcv
        .issue(&tenant, &name, Scope::Domain)
        .await
        .unwrap();
    let other = world
        .dcv
        .issue(&account("b"), &name, Scope::Host)
        .await
        .unwrap();
    let again = world
        .dcv
        .reissue(&tenant, &name, Scope::Host)
        .await
        .unwrap();
    let all = [&first, &wide, &other, &again];
    let ids: HashSet<_> = all.iter().map(|challenge| *challenge.id()).collect();
    let tokens: HashSet<_> = all
        .iter()
        .map(|one| one.record().value().to_owned())
        .collect();
    assert_eq!((ids.len(), tokens.len()), (4, 4));
    let old = world.dcv.get(&tenant, first.id()).await.unwrap();
    assert!(matches!(old.state(), State::Cancelled { .. }));

    // The old token is dead at once.
    world.publish(&first);
    assert!(
        !world
            .dcv
            .verify(&tenant, again.id())
            .await
            .unwrap()
            .is_validated()
    );
    assert!(
        !world
            .dcv
            .verify(&tenant, first.id())
            .await
            .unwrap()
            .is_validated()
    );
}

// T-12, P-03, SC-01, S-9: a proof is bound to account, domain and scope; it ends.
#[tokio::test]
async fn a_proof_is_of_an_account_in_a_scope_until_a_time() {
    let world = world();
    let tenant = account("tenant-42");
    let name = domain("example.com");
    let challenge = world
        .dcv
        .issue(&tenant, &name, Scope::Domain)
        .await
        .unwrap();
    assert_eq!(world.dcv.control(&tenant, &name).await.unwrap(), None);
    world.publish(&challenge);
    let check = world.dcv.verify(&tenant, challenge.id()).await.unwrap();
    assert!(check.is_validated());
    assert_eq!(check.event().unwrap().kind(), EventKind::Validated);
    assert_eq!(check.next_check_at(), None);
    let evidence = check.challenge().evidence().unwrap();
    assert_eq!(evidence.token(), challenge.expectations()[0].fingerprint());

    let proof = world
        .dcv
        .control(&tenant, &domain("a.mail.example.com"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((proof.domain(), proof.scope()), (&name, Scope::Domain));
    assert_eq!(
        (proof.since(), proof.until()),
        (start(), later(90 * 86_400))
    );
    for (who, what) in [
        ("tenant-42", "example.net"),
        ("tenant-42", "com"),
        ("tenant-42", "notexample.com"),
        ("tenant-43", "example.com"),
    ] {
        let proof = world
            .dcv
            .control(&account(who), &domain(what))
            .await
            .unwrap();
        assert_eq!(proof, None, "{who} {what}");
    }
    world.pass(90 * 86_400);
    assert_eq!(
        world.dcv.control(&tenant, &name).await.unwrap(),
        None,
        "it has ended"
    );
}

#[tokio::test]
async fn the_nearest_and_latest_proof_counts() {
    let world = world();
    let tenant = account("t");
    for (name, scope) in [
        ("example.com", Scope::Domain),
        ("www.example.com", Scope::Host),
    ] {
        for _ in 0..2 {
            let challenge = world
                .dcv
                .issue(&tenant, &domain(name), scope)
                .await
                .unwrap();
            world.publish(&challenge);
            world.dcv.verify(&tenant, challenge.id()).await.unwrap();
            world.pass(60);
        }
    }
    let proof = world
        .dcv
        .control(&tenant, &domain("www.example.com"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((proof.scope(), proof.since()), (Scope::Host, later(180)));
    let proof = world
        .dcv
        .control(&tenant, &domain("ftp.example.com"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((proof.scope(), proof.since()), (Scope::Domain, later(60)));
    world.dcv.cancel(&tenant, proof.challenge()).await.unwrap();
    let proof = world
        .dcv
        .control(&tenant, &domain("ftp.example.com"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(proof.since(), start(), "the earlier proof still stands");
}

// S-17: unknown and foreign are one answer, for every call.
#[tokio::test]
async fn foreign_challenges_do_not_exist() {
    let world = world();
    let mine = world
        .dcv
        .issue(&account("a"), &domain("example.com"), Scope::Host)
        .await
        .unwrap();
    let unknown = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
    let other = account("b");
    for id in [mine.id(), &unknown] {
        let results = [
            world.dcv.get(&other, id).await.map(drop),
            world.dcv.verify(&other, id).await.map(drop),
            world.dcv.cancel(&other, id).await.map(drop),
        ];
        for result in results {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound);
            assert_eq!((error.kind().http_status(), error.retry_at()), (404, None));
            assert_eq!(error.to_string(), "there is no such challenge");
        }
    }
    assert!(
        world
            .dcv
            .list(&other, Page::default())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        world
            .dcv
            .list(&account("a"), Page::default())
            .await
            .unwrap(),
        [mine]
    );
}

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

// An expired challenge that nobody looked at does not stand in the way of the next.
#[tokio::test]
async fn issue_closes_what_has_expired() {
    let world = world();
    let (tenant, name) = (account("t"), domain("example.com"));
    let first = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    world.pass(7 * 86_400);
    let next = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    assert_ne!(next.id(), first.id());
    let first = world.dcv.get(&tenant, first.id()).await.unwrap();
    assert!(matches!(first.state(), State::Expired { .. }));
    assert_eq!(world.dcv.purge(later(8 * 86_400)).await.unwrap(), 1);
}

// PS-01, PS-02, PS-04, S-9: issue refuses what the guard refuses, and says what to do.
#[tokio::test]
async fn issue_refuses_public_suffixes() {
    let world = world();
    let tenant = account("t");
    for name in [
        "com",
        "co.uk",
        "kawasaki.jp",
        "github.io",
        "home.arpa",
        "localhost",
        "a.test",
    ] {
        let error = world
            .dcv
            .issue(&tenant, &domain(name), Scope::Host)
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Issue(IssueError::Suffix(_))),
            "{name}: {error:?}"
        );
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.to_string().contains(name), "{error}");
    }
    assert!(world.store.snapshot().is_empty());
    let suffixes = SharedSuffixes::new(SuffixPolicy::strict().allow_private_suffixes());
    let world = world_with(|builder| builder.suffixes(suffixes));
    world
        .dcv
        .issue(&tenant, &domain("github.io"), Scope::Host)
        .await
        .unwrap();
    world
        .dcv
        .issue(&tenant, &domain("github.io"), Scope::Domain)
        .await
        .unwrap_err();
}

// K-01, K-13, S-12: every form of the record proves, and only that form.
#[tokio::test]
async fn each_form_proves_itself() {
    let format = PrefixFormat::new("saas", "example-saas-verification=").unwrap();
    let formats = Formats::new().with(format).unwrap();
    let custom = Form::Custom("saas".parse().unwrap());
    let forms = [
        (Form::Draft(Syntax::Space), "token=T expiry="),
        (Form::Draft(Syntax::LegacyComma), "token=T,expiry="),
        (Form::Exact, "T"),
        (custom, "example-saas-verification=T"),
    ];
    for (form, starts) in &forms {
        let world = world_with(|builder| {
            builder
                .formats(formats.clone())
                .style(Style::new(form.clone()))
        });
        let tenant = account("t");
        let name = domain("example.com");
        let challenge = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
        let token = challenge.expectations()[0].token().as_str();
        let value = challenge.record().value();
        assert!(value.starts_with(&starts.replace('T', token)), "{value}");
        let wrong = format!("other-format={token}");
        world.dns.publish(challenge.owner(), [wrong.as_str()]);
        assert!(
            !world
                .dcv
                .verify(&tenant, challenge.id())
                .await
                .unwrap()
                .is_validated()
        );
        world.publish(&challenge);
        world.pass(5);
        assert!(
            world
                .dcv
                .verify(&tenant, challenge.id())
                .await
                .unwrap()
                .is_validated()
        );
    }
    let unknown = Form::Custom("unknown".parse().unwrap());
    let world = world_with(|builder| builder.style(Style::new(unknown)));
    let error = world
        .dcv
        .issue(&account("t"), &domain("example.com"), Scope::Host)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("unknown"), "{error}");
}

// N-02, N-03, SC-03: naming is the application's choice.
#[tokio::test]
async fn naming_is_used() {
    let naming = Naming::builder(ProviderName::new("svc").unwrap())
        .single()
        .without_suffix()
        .with_feature("mail")
        .build()
        .unwrap();
    let world = world_with(|builder| builder.naming(naming));
    let (tenant, name) = (account("t"), domain("example.com"));
    let challenge = world
        .dcv
        .issue(&tenant, &name, Scope::Domain)
        .await
        .unwrap();
    assert_eq!(challenge.owner().to_string(), "_mail._svc.example.com.");
}

/// Gives the same token whoever asks.
#[derive(Debug)]
struct Constant;

impl TokenGenerator for Constant {
    fn generate(&self, _: &TokenRequest<'_>) -> Result<Token, TokenError> {
        Token::new("abcdefghijklmnopqrstuvwxyz234567")
    }
}

// T-06: a token that was seen before proves nothing by being seen again.
#[tokio::test]
async fn a_generator_that_repeats_itself_is_refused() {
    let world = world_with(|builder| builder.tokens(Constant));
    let name = domain("example.com");
    world
        .dcv
        .issue(&account("a"), &name, Scope::Host)
        .await
        .unwrap();
    let error = world
        .dcv
        .issue(&account("b"), &name, Scope::Host)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TokenReused), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Internal);
}

/// Fails, until told otherwise.
#[derive(Debug)]
struct Moody(Arc<AtomicBool>);

impl TokenGenerator for Moody {
    fn generate(&self, request: &TokenRequest<'_>) -> Result<Token, TokenError> {
        match self.0.load(Ordering::Relaxed) {
            true => RandomTokens::new().generate(request),
            false => Err(TokenError::generator("the key is not there")),
        }
    }
}

// Nothing is lost when a part fails: the next try starts from where things were.
#[tokio::test]
async fn a_failing_generator_leaves_nothing_behind() {
    let works = Arc::new(AtomicBool::new(false));
    let world = world_with(|builder| builder.tokens(Moody(works.clone())));
    let (tenant, name) = (account("t"), domain("example.com"));
    let error = world
        .dcv
        .issue(&tenant, &name, Scope::Host)
        .await
        .unwrap_err();
    let cause = std::error::Error::source(&error).unwrap();
    assert!(matches!(error, Error::Token(_)));
    assert!(
        std::error::Error::source(cause)
            .unwrap()
            .to_string()
            .contains("key is not there")
    );
    assert!(world.store.snapshot().is_empty());
    works.store(true, Ordering::Relaxed);
    world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
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

#[tokio::test]
async fn racing_issues_make_one_challenge() {
    let world = world();
    let (tenant, name) = (account("t"), domain("example.com"));
    let issues = (0..8).map(|_| world.dcv.issue(&tenant, &name, Scope::Host));
    let issued = futures_util::future::join_all(issues).await;
    let ids: HashSet<_> = issued.into_iter().map(|one| *one.unwrap().id()).collect();
    assert_eq!((ids.len(), world.store.snapshot().len()), (1, 1));
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

// What can never work is refused when it is put together, with what to do.
#[tokio::test]
async fn build_refuses_what_cannot_work() {
    let error = Dcv::builder("-bad-").unwrap_err();
    assert!(error.to_string().contains("-bad-"), "{error}");
    assert!(
        Dcv::builder("acme").is_err(),
        "`_acme-challenge` is somebody else's (N-05)"
    );
    let World { dns, clock, .. } = world();
    let observer = || {
        let eye = Perspective::new("one".parse().unwrap());
        TxtObserver::new(eye, dns.clone())
    };
    let builder = || {
        Dcv::builder("svc")
            .unwrap()
            .clock(clock.clone())
            .timer(clock.clone())
    };
    let error = builder().observer(observer()).build().unwrap_err();
    assert!(
        error.to_string().contains("Policy::single_resolver"),
        "{error}"
    );
    let twice = builder().observer(observer()).observer(observer());
    let error = twice.policy(Policy::single_resolver()).build().unwrap_err();
    assert!(error.to_string().contains("each its own name"), "{error}");
    let verifier = dcv::verify::DnsVerifier::builder(clock.clone(), clock.clone())
        .policy(Policy::single_resolver())
        .observer(observer())
        .build()
        .unwrap();
    let given = || builder().verifier(verifier.clone());
    for both in [
        given().policy(Policy::default()),
        given().deadline(Duration::from_secs(1)),
        given().observer(observer()),
    ] {
        assert!(matches!(
            both.build(),
            Err(BuildError::VerifierAndObservers)
        ));
    }
    builder().verifier(verifier).build().unwrap();
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
