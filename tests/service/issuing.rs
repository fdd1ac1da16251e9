//! Issuing: what is asked of the user, of whom it is not asked, and what stands when a part fails.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use dcv::challenge::{Challenge, Form, State};
use dcv::issue::{IssueError, Style};
use dcv::lifecycle::Transition;
use dcv::lookup::Rate;
use dcv::name::{Naming, ProviderName, Scope};
use dcv::policy::Timing;
use dcv::record::{Formats, PrefixFormat, Syntax};
use dcv::service::{Error, ErrorKind, Limits};
use dcv::store::{ChallengeQuery, ChallengeStore, MemoryStore, Page, StoreError};
use dcv::suffix::{SuffixGuard, SuffixList, SuffixPolicy};
use dcv::system::{RandomTokens, SharedSuffixes};
use dcv::token::{ChallengeId, Token, TokenError, TokenGenerator, TokenRequest};
use time::UtcDateTime;

use crate::later;
use crate::world::{account, domain, world, world_with};

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

// I-04: what is set up here is told: who asks, the suffix list in force, how long a proof counts.
#[tokio::test]
async fn instructions_know_what_is_set_up() {
    let list = b"// ===BEGIN ICANN DOMAINS===\ncom\nexample.com\n// ===END ICANN DOMAINS===\n\
        // ===BEGIN PRIVATE DOMAINS===\ngithub.io\n// ===END PRIVATE DOMAINS===\n";
    let guard = SuffixGuard::new(SuffixList::parse(list).unwrap(), SuffixPolicy::strict());
    let lifetime = Duration::from_secs(30 * 86_400);
    let world = world_with(|builder| {
        builder
            .suffixes(SharedSuffixes::from(guard))
            .timing(Timing::default().with_proof_lifetime(lifetime))
    });
    let issued = world
        .dcv
        .issue(&account("t"), &domain("a.b.example.com"), Scope::Host)
        .await
        .unwrap();
    let instructions = world.dcv.instructions(&issued);
    assert_eq!(instructions.record(), issued.record());
    assert_eq!(instructions.service(), Some("example-saas"));
    assert_eq!(instructions.host().name(), "_example-saas-challenge.a");
    assert_eq!(instructions.proof_lifetime(), Some(lifetime));
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

// S-16: what could not be issued is not counted, and the open challenge stands that it would have
// replaced, whether the token cannot be made or the store fails.
#[tokio::test]
async fn failing_to_issue_leaves_nothing_behind() {
    let works = Arc::new(AtomicBool::new(true));
    let reads = Arc::new(AtomicBool::new(true));
    let store = Yielding(MemoryStore::new(), reads.clone());
    let limits = Limits::new().with_per_account_in_all(Rate::every(Duration::from_secs(60)));
    let world = world_with(|builder| {
        let builder = builder.tokens(Moody(works.clone())).limits(limits);
        builder.store(store)
    });
    let (tenant, name) = (account("t"), domain("example.com"));
    let one = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    for fails in [&works, &reads] {
        fails.store(false, Ordering::Relaxed);
        for _ in 0..20 {
            let failed = world.dcv.reissue(&tenant, &name, Scope::Host).await;
            assert_eq!(failed.unwrap_err().kind(), ErrorKind::Internal);
        }
        fails.store(true, Ordering::Relaxed);
        let open = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
        assert_eq!(open, one);
    }
    world
        .dcv
        .reissue(&tenant, &name, Scope::Host)
        .await
        .unwrap();
    let refused = world.dcv.reissue(&tenant, &name, Scope::Host).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::TooSoon);
}

/// A store that lets others go first at every call, and fails to read tokens when told to.
#[derive(Debug)]
struct Yielding(MemoryStore, Arc<AtomicBool>);

#[async_trait]
impl ChallengeStore for Yielding {
    async fn insert(&self, challenge: Challenge) -> Result<(), StoreError> {
        tokio::task::yield_now().await;
        self.0.insert(challenge).await
    }

    async fn get(&self, id: &ChallengeId) -> Result<Option<Challenge>, StoreError> {
        tokio::task::yield_now().await;
        self.0.get(id).await
    }

    async fn find(&self, query: &ChallengeQuery, page: Page) -> Result<Vec<Challenge>, StoreError> {
        tokio::task::yield_now().await;
        if page == Page::first(1) && !self.1.load(Ordering::Relaxed) {
            return Err(StoreError::backend("it cannot be read"));
        }
        self.0.find(query, page).await
    }

    async fn apply(&self, transitions: &[Transition]) -> Vec<Result<(), StoreError>> {
        tokio::task::yield_now().await;
        self.0.apply(transitions).await
    }

    async fn purge(&self, before: UtcDateTime) -> Result<u64, StoreError> {
        self.0.purge(before).await
    }
}

// S-16: of those who ask for the same at once one is counted, for all get the same; and who replace
// the same at once are no way around the limits.
#[tokio::test]
async fn asking_for_the_same_at_once_uses_nothing_up() {
    let works = Arc::new(AtomicBool::new(true));
    let world = world_with(|builder| builder.store(Yielding(MemoryStore::new(), works)));
    let (tenant, name) = (account("t"), domain("example.com"));
    let first = (0..100).map(|_| world.dcv.issue(&tenant, &name, Scope::Host));
    let issued = futures_util::future::join_all(first).await;
    let mut ids: HashSet<_> = issued.into_iter().map(|one| *one.unwrap().id()).collect();
    assert_eq!(ids.len(), 1);
    for _ in 0..5 {
        let again = (0..30).map(|_| world.dcv.reissue(&tenant, &name, Scope::Host));
        let issued = futures_util::future::join_all(again).await;
        ids.extend(issued.into_iter().flatten().map(|one| *one.id()));
    }
    for _ in 0..20 {
        let issued = world.dcv.reissue(&tenant, &name, Scope::Host).await;
        ids.extend(issued.map(|one| *one.id()));
    }
    assert_eq!(ids.len(), 10, "as many as at once, and no more");
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
