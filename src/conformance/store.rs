//! What every [`ChallengeStore`] must keep.

use std::time::Duration;

use futures_util::future::{join, join_all};
use time::UtcDateTime;

use super::Report;
use crate::challenge::{Challenge, State};
use crate::clock::{Clock as _, ManualClock};
use crate::dns::{Perspective, PerspectiveId};
use crate::issue::{self, Terms};
use crate::lifecycle::{self, Occasion, Transition};
use crate::lookup::{FixedLookup, TxtObserver};
use crate::name::{AccountId, DomainName, Naming, ProviderName, Scope};
use crate::policy::{Policy, Timing};
use crate::store::{ChallengeQuery, ChallengeStore, Page, StoreError};
use crate::suffix::SuffixGuard;
use crate::system::{RandomTokens, random_challenge_id};
use crate::token::{ChallengeId, TokenPurpose};
use crate::verify::{DnsVerifier, Verifier as _};

type Outcome = Result<(), String>;

/// Checks a store.
///
/// The checks work with accounts of random names, so the store need not be empty; but what is
/// closed in it since before the year 2000 is purged.
pub async fn challenge_store(store: &dyn ChallengeStore) -> Report {
    let mut report = Report::new("challenge store");
    macro_rules! run {
        ($($check:ident: $name:literal),+ $(,)?) => {$(
            let result = match Bench::new() {
                Ok(bench) => $check(store, &bench).await,
                Err(reason) => Err(reason),
            };
            report.record($name, result);
        )+};
    }
    run! {
        keeps_whole: "a challenge comes back as it was put in",
        knows_nothing: "an unknown challenge is not there",
        refuses_duplicates: "an id is taken once",
        one_open: "one open challenge of the same account, domain, scope and owner name",
        one_wins: "of insertions at the same time one wins",
        finds: "a query finds exactly what it asks for",
        pages: "pages follow each other in the order of ids, without gaps",
        swaps: "a transition applies to its revision only",
        one_transition: "of transitions from one revision one applies",
        batches: "each transition of a batch has its own result",
        closes: "a closed challenge makes room for the next",
        claims: "a proof is found from when it is made until it is released",
        purges: "purging forgets what is closed and proves nothing, and nothing else",
    }
    report
}

/// What the checks make challenges with.
struct Bench {
    account: AccountId,
    naming: Naming,
    clock: ManualClock,
    dns: FixedLookup,
    verifier: DnsVerifier,
}

fn told<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn ensure(holds: bool, otherwise: impl Into<String>) -> Outcome {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

/// The far past, so that a purge at its time touches nothing that anybody needs.
const NOW: i64 = 900_000_000;

impl Bench {
    fn new() -> Result<Self, String> {
        let account = format!("conformance-{}", told(random_challenge_id())?);
        let provider = told(ProviderName::new("conformance"))?;
        let clock = ManualClock::new(told(UtcDateTime::from_unix_timestamp(NOW))?);
        let dns = FixedLookup::new();
        let eye = Perspective::new(told(PerspectiveId::new("fixed"))?);
        let verifier = DnsVerifier::builder(clock.clone(), clock.clone())
            .policy(Policy::single_resolver())
            .observer(TxtObserver::new(eye, dns.clone()))
            .build();
        Ok(Self {
            account: told(AccountId::new(&account))?,
            naming: told(Naming::new(provider))?,
            clock,
            dns,
            verifier: told(verifier)?,
        })
    }

    fn challenge(&self, domain: &str, scope: Scope) -> Result<Challenge, String> {
        self.challenge_of(&self.account, domain, scope)
    }

    fn challenge_of(
        &self,
        account: &AccountId,
        domain: &str,
        scope: Scope,
    ) -> Result<Challenge, String> {
        let domain = told(DomainName::parse(domain))?;
        let guard = SuffixGuard::default();
        let request = told(issue::admit(&self.naming, &guard, account, &domain, scope))?;
        let token = told(RandomTokens::new().draw(TokenPurpose::Value))?;
        let id = told(random_challenge_id())?;
        let now = self.clock.now();
        told(issue::compose(request, id, token, &Terms::new(), now))
    }

    fn query(&self) -> ChallengeQuery {
        ChallengeQuery::new().account(self.account.clone())
    }

    fn cancel(&self, challenge: &Challenge) -> Result<Transition, String> {
        self.step(challenge, Occasion::Cancelled)
    }

    fn step(&self, challenge: &Challenge, occasion: Occasion<'_>) -> Result<Transition, String> {
        let now = self.clock.now();
        let next = told(lifecycle::advance(
            challenge,
            occasion,
            &Timing::default(),
            now,
        ))?;
        next.ok_or_else(|| "no transition where one is due".to_owned())
    }

    /// A check that does not find the record: the next revision of an open challenge.
    async fn unproven(&self, challenge: &Challenge) -> Result<Transition, String> {
        self.dns.remove(challenge.owner());
        let examination = self.verifier.examine(challenge).await;
        self.step(challenge, Occasion::Examined(&examination))
    }

    async fn validated(&self, challenge: &Challenge) -> Result<Transition, String> {
        self.dns
            .publish(challenge.owner(), [challenge.record().value()]);
        let examination = self.verifier.examine(challenge).await;
        self.step(challenge, Occasion::Examined(&examination))
    }
}

async fn apply(store: &dyn ChallengeStore, transition: Transition) -> Result<(), StoreError> {
    let results = store.apply(&[transition]).await;
    let one = results.len() == 1;
    match results.into_iter().next() {
        Some(result) if one => result,
        _ => Err(StoreError::backend("one transition gives one result")),
    }
}

async fn stored(store: &dyn ChallengeStore, id: &ChallengeId) -> Result<Challenge, String> {
    told(store.get(id).await)?.ok_or_else(|| "a stored challenge is gone".to_owned())
}

async fn ids(
    store: &dyn ChallengeStore,
    query: &ChallengeQuery,
) -> Result<Vec<ChallengeId>, String> {
    let found = told(store.find(query, Page::first(Page::MAX)).await)?;
    Ok(found.iter().map(|challenge| *challenge.id()).collect())
}

async fn keeps_whole(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let open = bench.challenge("example.com", Scope::Domain)?;
    told(store.insert(open.clone()).await)?;
    ensure(
        stored(store, open.id()).await? == open,
        "an open challenge came back changed",
    )?;
    let proven = bench.validated(&open).await?;
    told(apply(store, proven.clone()).await)?;
    let back = stored(store, open.id()).await?;
    ensure(
        back == *proven.next(),
        "a proven challenge came back changed: is its evidence kept?",
    )
}

async fn knows_nothing(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let challenge = bench.challenge("example.com", Scope::Host)?;
    ensure(
        told(store.get(challenge.id()).await)?.is_none(),
        "it was found",
    )?;
    let cancelled = bench.cancel(&challenge)?;
    match apply(store, cancelled).await {
        Err(StoreError::Unknown { id }) if id == *challenge.id() => Ok(()),
        other => Err(format!("a transition of it gave {other:?}, not Unknown")),
    }
}

async fn refuses_duplicates(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let first = bench.challenge("example.com", Scope::Host)?;
    told(store.insert(first.clone()).await)?;
    let cancelled = bench.cancel(&first)?;
    told(apply(store, cancelled.clone()).await)?;
    match store.insert(first.clone()).await {
        Err(StoreError::DuplicateId { id }) if id == *first.id() => {}
        other => {
            return Err(format!(
                "a second insertion gave {other:?}, not DuplicateId"
            ));
        }
    }
    let back = stored(store, first.id()).await?;
    ensure(
        back == *cancelled.next(),
        "the refused insertion changed the stored challenge",
    )
}

async fn one_open(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let first = bench.challenge("example.com", Scope::Host)?;
    told(store.insert(first.clone()).await)?;
    let second = bench.challenge("example.com", Scope::Host)?;
    match store.insert(second.clone()).await {
        Err(StoreError::AlreadyOpen { id }) if id == *first.id() => {}
        other => {
            return Err(format!(
                "the second gave {other:?}, not AlreadyOpen of the first"
            ));
        }
    }
    ensure(
        told(store.get(second.id()).await)?.is_none(),
        "the refused one was kept",
    )?;
    let name = format!("{}-other", bench.account.as_str());
    let other = told(AccountId::new(&name))?;
    for next in [
        bench.challenge("example.com", Scope::Wildcard)?,
        bench.challenge("www.example.com", Scope::Host)?,
        bench.challenge_of(&other, "example.com", Scope::Host)?,
    ] {
        told(store.insert(next).await)?;
    }
    Ok(())
}

async fn one_wins(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let mut all = Vec::new();
    for _ in 0..16 {
        all.push(bench.challenge("example.com", Scope::Host)?);
    }
    let results = join_all(all.into_iter().map(|challenge| store.insert(challenge))).await;
    let won = results.iter().filter(|result| result.is_ok()).count();
    ensure(won == 1, format!("{won} of 16 were inserted"))?;
    let open = ids(store, &bench.query().open()).await?.len();
    ensure(open == 1, format!("{open} are open"))
}

async fn finds(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let host = bench.challenge("example.com", Scope::Host)?;
    let wide = bench.challenge("example.com", Scope::Domain)?;
    let else_where = bench.challenge("www.example.com", Scope::Host)?;
    for challenge in [&host, &wide, &else_where] {
        told(store.insert(challenge.clone()).await)?;
    }
    told(apply(store, bench.cancel(&host)?).await)?;
    let at = |domain: &str| told(DomainName::parse(domain)).map(|at| bench.query().domain(at));
    let token = |challenge: &Challenge| {
        let first = challenge.expectations().first();
        first.map_or_else(ChallengeQuery::new, |one| {
            ChallengeQuery::new().token(*one.fingerprint())
        })
    };
    for (what, query, mut expected) in [
        ("account", bench.query(), vec![&host, &wide, &else_where]),
        ("domain", at("example.com")?, vec![&host, &wide]),
        ("nothing at a parent", at("com")?, vec![]),
        ("open", bench.query().open(), vec![&wide, &else_where]),
        ("domain and open", at("example.com")?.open(), vec![&wide]),
        ("proven", bench.query().proven(), vec![]),
        ("token", token(&wide), vec![&wide]),
        ("token of a closed one", token(&host), vec![&host]),
        (
            "token and another domain",
            token(&wide).domain(else_where.domain().clone()),
            vec![],
        ),
    ] {
        expected.sort_by_key(|challenge| *challenge.id());
        let expected: Vec<_> = expected.iter().map(|challenge| *challenge.id()).collect();
        let found = ids(store, &query).await?;
        ensure(
            found == expected,
            format!("by {what}: {found:?}, not {expected:?}"),
        )?;
    }
    Ok(())
}

async fn pages(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let mut expected = Vec::new();
    for number in 0..7 {
        let challenge = bench.challenge(&format!("d{number}.example.com"), Scope::Host)?;
        expected.push(*challenge.id());
        told(store.insert(challenge).await)?;
    }
    expected.sort();
    let mut found = Vec::new();
    let mut page = Page::first(3);
    loop {
        let part = told(store.find(&bench.query(), page).await)?;
        ensure(part.len() <= 3, "a page holds more than its limit")?;
        let Some(last) = part.last() else { break };
        page = page.after(*last.id());
        found.extend(part.iter().map(|challenge| *challenge.id()));
        ensure(found.len() <= expected.len(), "the pages go on without end")?;
    }
    ensure(
        found == expected,
        "the pages together are not the whole, once, in order",
    )?;
    let none = told(store.find(&bench.query(), Page::first(0)).await)?;
    ensure(none.is_empty(), "a page of nothing holds something")
}

async fn swaps(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let first = bench.challenge("example.com", Scope::Host)?;
    told(store.insert(first.clone()).await)?;
    let checked = bench.unproven(&first).await?;
    told(apply(store, checked.clone()).await)?;
    match apply(store, bench.cancel(&first)?).await {
        Err(StoreError::Conflict {
            id,
            expected,
            found,
        }) if id == *first.id() && expected == 1 && found == 2 => {}
        other => return Err(format!("a transition from revision 1 of 2 gave {other:?}")),
    }
    let back = stored(store, first.id()).await?;
    ensure(
        back == *checked.next(),
        "the refused transition changed the stored challenge",
    )?;
    told(apply(store, bench.cancel(&back)?).await)?;
    let back = stored(store, first.id()).await?;
    ensure(
        matches!(back.state(), State::Cancelled { .. }),
        "the transition was not applied",
    )
}

async fn one_transition(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let first = bench.challenge("example.com", Scope::Host)?;
    told(store.insert(first.clone()).await)?;
    let (proven, cancelled) = (bench.validated(&first).await?, bench.cancel(&first)?);
    let (left, right) = join(apply(store, proven), apply(store, cancelled)).await;
    let conflicts = [&left, &right].into_iter();
    let conflicts = conflicts.filter(|one| matches!(one, Err(StoreError::Conflict { .. })));
    let applied = usize::from(left.is_ok()) + usize::from(right.is_ok());
    ensure(
        applied == 1 && conflicts.count() == 1,
        format!("two transitions from one revision gave {left:?} and {right:?}"),
    )
}

async fn batches(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let one = bench.challenge("one.example.com", Scope::Host)?;
    let unknown = bench.challenge("two.example.com", Scope::Host)?;
    let three = bench.challenge("three.example.com", Scope::Host)?;
    for challenge in [&one, &three] {
        told(store.insert(challenge.clone()).await)?;
    }
    let batch = [
        bench.cancel(&one)?,
        bench.cancel(&unknown)?,
        bench.cancel(&one)?,
        bench.cancel(&three)?,
    ];
    let results = store.apply(&batch).await;
    let as_due = matches!(
        results.as_slice(),
        [
            Ok(()),
            Err(StoreError::Unknown { .. }),
            Err(StoreError::Conflict { .. }),
            Ok(())
        ]
    );
    ensure(as_due, format!("the results were {results:?}"))?;
    ensure(
        store.apply(&[]).await.is_empty(),
        "an empty batch has results",
    )?;
    let open = ids(store, &bench.query().open()).await?;
    ensure(
        open.is_empty(),
        "a transition that succeeded was not applied",
    )
}

async fn closes(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let mut last: Option<Challenge> = None;
    for _ in 0..3 {
        if let Some(last) = last.take() {
            told(apply(store, bench.cancel(&last)?).await)?;
        }
        let next = bench.challenge("example.com", Scope::Host)?;
        told(store.insert(next.clone()).await)?;
        last = Some(next);
    }
    let all = ids(store, &bench.query()).await?.len();
    ensure(all == 3, format!("{all} of 3 challenges are there"))
}

async fn claims(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let first = bench.challenge("example.com", Scope::Domain)?;
    told(store.insert(first.clone()).await)?;
    let query = bench.query().domain(first.domain().clone()).proven();
    ensure(
        ids(store, &query).await?.is_empty(),
        "an open challenge counts as proof",
    )?;
    let proven = bench.validated(&first).await?;
    told(apply(store, proven.clone()).await)?;
    ensure(
        ids(store, &query).await? == [*first.id()],
        "the proof is not found",
    )?;
    let open = ids(store, &bench.query().open()).await?;
    ensure(open.is_empty(), "a proven challenge counts as open")?;
    told(apply(store, bench.cancel(proven.next())?).await)?;
    ensure(
        ids(store, &query).await?.is_empty(),
        "the released proof is still found",
    )?;
    let second = bench.challenge("example.com", Scope::Domain)?;
    told(store.insert(second.clone()).await)?;
    let validated = bench.validated(&second).await?;
    let proven = validated.next().clone();
    told(apply(store, validated).await)?;
    bench
        .clock
        .set(proven.over_at().unwrap_or(UtcDateTime::MAX));
    told(apply(store, bench.step(&proven, Occasion::Elapsed)?).await)?;
    ensure(
        ids(store, &query).await?.is_empty(),
        "a proof that has ended is still found",
    )?;
    ensure(
        stored(store, second.id()).await?.evidence() == proven.evidence(),
        "a proof that has ended lost its evidence",
    )
}

async fn purges(store: &dyn ChallengeStore, bench: &Bench) -> Outcome {
    let open = bench.challenge("open.example.com", Scope::Host)?;
    let gone = bench.challenge("gone.example.com", Scope::Host)?;
    let proven = bench.challenge("proven.example.com", Scope::Host)?;
    for challenge in [&open, &gone, &proven] {
        told(store.insert(challenge.clone()).await)?;
    }
    told(apply(store, bench.cancel(&gone)?).await)?;
    let validated = bench.validated(&proven).await?;
    told(apply(store, validated.clone()).await)?;
    let now = bench.clock.now();
    told(store.purge(now).await)?;
    let all = ids(store, &bench.query()).await?.len();
    ensure(
        all == 3,
        "something was forgotten that is not before the given time",
    )?;
    let soon = lifecycle::later(now, Duration::from_secs(1));
    let forgotten = told(store.purge(soon).await)?;
    ensure(forgotten >= 1, "the count is less than what was forgotten")?;
    ensure(
        told(store.get(gone.id()).await)?.is_none(),
        "a closed challenge is still there",
    )?;
    ensure(
        stored(store, open.id()).await? == open,
        "an open challenge was changed",
    )?;
    ensure(
        stored(store, proven.id()).await? == *validated.next(),
        "a proof that still holds was changed",
    )?;
    let State::Validated { until, .. } = validated.next().state() else {
        return Err("the proof is none".to_owned());
    };
    let over = lifecycle::later(until, Duration::from_secs(1));
    told(store.purge(over).await)?;
    ensure(
        told(store.get(proven.id()).await)?.is_none(),
        "a proof that is over is still there",
    )?;
    let claimed = ids(store, &bench.query().proven()).await?;
    ensure(claimed.is_empty(), "a claim outlives its challenge")
}
