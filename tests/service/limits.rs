//! How often, how many at the same time, and who waits for whom (S-16).

use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use dcv::Challenge;
use dcv::clock::{Clock, ManualClock};
use dcv::dns::{Answer, Perspective};
use dcv::lookup::{FixedLookup, LookupError, Rate, TxtLookup, TxtObserver};
use dcv::name::{OwnerName, Scope};
use dcv::policy::{Policy, Timing};
use dcv::service::{Check, Dcv, Error, ErrorKind, Limits};
use futures_util::future::poll_immediate;
use proptest::prelude::*;
use time::UtcDateTime;

use crate::later;
use crate::world::{World, account, domain, start, world, world_with};

/// Issues a challenge for the account, or finds the open one, and checks it.
async fn check(world: &World, tenant: &str, name: &str) -> Result<Check, Error> {
    let (tenant, name) = (account(tenant), domain(name));
    let challenge = world.dcv.issue(&tenant, &name, Scope::Host).await?;
    world.dcv.verify(&tenant, challenge.id()).await
}

// S-16: accounts that ask for names below a domain, as fast as they may and without an end, keep
// neither its owner waiting nor anybody who asks for the first time.
#[tokio::test]
async fn names_below_a_domain_keep_nobody_waiting() {
    let world = world();
    let mut passed = 0;
    for second in (0..1200).step_by(4) {
        for number in 0..16 {
            let name = format!("n{second}.of{number}.example.com");
            let checked = check(&world, &format!("greedy-{number}"), &name).await;
            passed += usize::from(checked.is_ok());
        }
        if second % 60 == 0 {
            check(&world, "owner", "example.com").await.unwrap();
        }
        if second % 60 == 32 {
            let name = format!("shop{second}.example.com");
            check(&world, &format!("shop-{second}"), &name)
                .await
                .unwrap();
            check(&world, "regular", "regular.example.com")
                .await
                .unwrap();
        }
        world.pass(4);
    }
    // Nearly all that the owner and the others leave.
    assert!((2300..2500).contains(&passed), "{passed}");
}

// S-16: whoever has proven a domain goes first as well, whoever asked first.
#[tokio::test]
async fn a_holder_goes_first() {
    let limits = Limits::new().with_per_registrable(Rate::per_second(1).with_burst(8));
    let world = world_with(|builder| builder.limits(limits));
    let (owner, name) = (account("owner"), domain("example.com"));
    let proven = world.dcv.issue(&owner, &name, Scope::Host).await.unwrap();
    world.publish(&proven);
    world.dcv.verify(&owner, proven.id()).await.unwrap();
    // Nobody knows any more that it asked first.
    world.pass(3600);
    check(&world, "squatter", "example.com").await.unwrap();
    for number in 0..20 {
        let name = format!("n{number}.example.com");
        let _ = check(&world, &format!("greedy-{number}"), &name).await;
    }
    let refused = check(&world, "somebody", "shop.example.com").await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::TooSoon);
    check(&world, "owner", "a.example.com").await.unwrap();
}

// S-16: accounts that asked for a domain, and are each found to have asked before the last one, take
// nothing from whoever has proven it.
#[tokio::test]
async fn squatters_in_reverse_order_delay_no_holder() {
    let world = world();
    let (owner, name) = (account("owner"), domain("example.com"));
    let mut squats = Vec::new();
    for number in 0..400 {
        let tenant = account(&format!("squat-{number}"));
        squats.push(world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap());
        world.clock.advance(Duration::from_millis(10));
    }
    let proven = world.dcv.issue(&owner, &name, Scope::Host).await.unwrap();
    world.publish(&proven);
    let check_of_it = world.dcv.verify(&owner, proven.id()).await.unwrap();
    assert!(check_of_it.is_validated());
    world.pass(600);
    let mut next = squats.iter().rev().peekable();
    for number in 0..20 {
        let mut passed = 0;
        while let Some(one) = next.peek() {
            if attempt(&world, one).await.is_err() {
                break;
            }
            (_, passed) = (next.next(), passed + 1);
        }
        assert!((1..=75).contains(&passed), "{number}: {passed}");
        check(&world, "owner", &format!("n{number}.example.com"))
            .await
            .unwrap();
        world.pass(3);
    }
}

// S-16: what never comes back is given once.
#[tokio::test]
async fn a_rate_that_never_comes_back_is_given_once() {
    for every in [Duration::MAX, Duration::from_secs(200 * 366 * 86_400)] {
        for burst in [1, 4, 8, 100] {
            let rate = Rate::every(every).with_burst(burst);
            let limits = Limits::new().with_per_registrable(rate);
            let world = world_with(|builder| builder.limits(limits));
            check(&world, "t", "a.example.com").await.unwrap();
            world.pass(366 * 86_400);
            let mut passed = 1;
            for number in 0..200 {
                let tenant = format!("t{number}");
                passed += u32::from(check(&world, &tenant, "b.example.com").await.is_ok());
            }
            assert!(passed <= burst, "{passed} of {burst}");
        }
    }
}

// S-16: an account is limited over all its domains, and no other account by it.
#[tokio::test]
async fn an_account_is_limited_over_all_its_domains() {
    let world = world();
    let mut passed = 0;
    for number in 0..450 {
        let name = format!("n{number}.com");
        passed += usize::from(check(&world, "greedy", &name).await.is_ok());
    }
    assert_eq!(passed, 60);
    let refused = check(&world, "greedy", "example.net").await.unwrap_err();
    assert_eq!(refused.retry_at(), Some(later(1)));
    check(&world, "other", "example.net").await.unwrap();
    world.pass(1);
    check(&world, "greedy", "example.net").await.unwrap();
}

// S-16: issuing anew is limited as checking is; what is refused changes nothing, and who gets the
// open challenge has used nothing up.
#[tokio::test]
async fn issuing_anew_is_limited() {
    let limits = Limits::new().with_per_account(Rate::every(Duration::from_secs(60)).with_burst(3));
    let world = world_with(|builder| builder.limits(limits));
    let (tenant, name) = (account("t"), domain("example.com"));
    let reissue = async || world.dcv.reissue(&tenant, &name, Scope::Host).await;
    let mut last = reissue().await.unwrap();
    for _ in 0..2 {
        last = reissue().await.unwrap();
    }
    for _ in 0..50 {
        let refused = reissue().await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::TooSoon);
        assert_eq!(refused.retry_at(), Some(later(60)));
        let open = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
        assert_eq!(open, last, "the open one stands");
    }
    assert_eq!(world.store.snapshot().len(), 3);
    // Another scope, another domain, another account: another matter.
    for (tenant, name, scope) in [
        ("t", "example.com", Scope::Domain),
        ("t", "example.net", Scope::Host),
        ("u", "example.com", Scope::Host),
    ] {
        let (tenant, name) = (account(tenant), domain(name));
        world.dcv.issue(&tenant, &name, scope).await.unwrap();
    }
    // To close it first is no way around.
    world.dcv.cancel(&tenant, last.id()).await.unwrap();
    let refused = world.dcv.issue(&tenant, &name, Scope::Host).await;
    assert_eq!(refused.unwrap_err().retry_at(), Some(later(60)));
    world.pass(60);
    reissue().await.unwrap();
    assert_eq!(reissue().await.unwrap_err().retry_at(), Some(later(120)));
}

// S-16: and over all the domains of the account, but for what is asked for the first time.
#[tokio::test]
async fn issuing_anew_is_limited_over_all_domains() {
    let limits = Limits::new().with_per_account_in_all(Rate::per_second(1).with_burst(3));
    let world = world_with(|builder| builder.limits(limits));
    let tenant = account("t");
    let mut passed = Vec::new();
    for round in 0..2 {
        for number in 0..9 {
            let name = domain(&format!("n{number}.com"));
            let issued = world.dcv.reissue(&tenant, &name, Scope::Host).await;
            passed.extend(issued.map(|_| (round, number)).ok());
        }
    }
    let first = (0..9).map(|number| (0, number));
    let again = (0..3).map(|number| (1, number));
    assert_eq!(passed, first.chain(again).collect::<Vec<_>>());
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

/// A service whose checks take as long as they may.
fn slow(limits: Limits, timing: Timing) -> (Dcv, ManualClock) {
    let clock = ManualClock::new(start());
    let eye = TxtObserver::new(Perspective::new("slow".parse().unwrap()), Silent);
    let builder = Dcv::builder("example-saas").unwrap().clock(clock.clone());
    let builder = builder.timer(clock.clone()).observer(eye);
    let builder = builder.policy(Policy::single_resolver());
    let builder = builder.limits(limits).timing(timing);
    (builder.build().unwrap(), clock)
}

type Checking<'a> = Pin<Box<dyn Future<Output = Result<Check, Error>> + 'a>>;

/// Begins a check: the one that is under way, or why it is not.
async fn begin<'a>(dcv: &'a Dcv, tenant: &str, name: &str) -> Result<Checking<'a>, Error> {
    let (tenant, name) = (account(tenant), domain(name));
    let challenge = dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    begin_for(dcv, challenge).await
}

async fn begin_for(dcv: &Dcv, challenge: Challenge) -> Result<Checking<'_>, Error> {
    let mut checking: Checking<'_> =
        Box::pin(async move { dcv.verify(challenge.account(), challenge.id()).await });
    match poll_immediate(&mut checking).await {
        None => Ok(checking),
        Some(ended) => ended.map(|check| panic!("{check}")),
    }
}

// S-16: checks under way are bounded, of one account and in all; who has many refuses nobody who
// has none; and who goes away makes room.
#[tokio::test]
async fn checks_under_way_are_bounded() {
    let (dcv, _) = slow(Limits::new().with_under_way(8, 3), Timing::default());
    let refused = |begun: Result<Checking<'_>, Error>| match begun {
        Err(Error::TooSoon { retry_at }) => retry_at,
        _ => panic!("it has begun"),
    };
    let mut first = Vec::new();
    for number in 0..3 {
        first.push(begin(&dcv, "a", &format!("a{number}.com")).await.unwrap());
    }
    for _ in 0..20 {
        let one_more = begin(&dcv, "a", "a3.com").await;
        assert_eq!(refused(one_more), later(10), "when the first have ended");
    }
    // Half of the room is for those who have none.
    let mut others = vec![begin(&dcv, "b", "b0.com").await.unwrap()];
    assert_eq!(refused(begin(&dcv, "b", "b1.com").await), later(10));
    for tenant in ["c", "d", "e", "f"] {
        let name = format!("{tenant}.com");
        others.push(begin(&dcv, tenant, &name).await.unwrap());
    }
    assert_eq!(refused(begin(&dcv, "g", "g.com").await), later(10));
    // Nothing was counted of what was refused.
    drop(first.pop());
    others.push(begin(&dcv, "g", "g.com").await.unwrap());
    drop((first, others));
    begin(&dcv, "a", "a3.com").await.map(drop).unwrap();
}

// S-16: accounts that keep all the room full, with one check after the other, leave some for who
// comes for the first time, however many they are.
#[tokio::test]
async fn who_comes_first_finds_room() {
    let limits = Limits::new().with_under_way(16, 4);
    let (dcv, clock) = slow(limits, Timing::default());
    for round in 0..30 {
        let mut running = Vec::new();
        for number in 0..30 {
            let name = format!("n{round}.of{number}.com");
            let begun = begin(&dcv, &format!("greedy-{number}"), &name).await;
            running.extend(begun.ok());
        }
        assert!(running.len() >= 8, "{round}: {}", running.len());
        // By then none of them has had none.
        if round > 15 {
            let (tenant, name) = (format!("new-{round}"), format!("new{round}.com"));
            running.push(begin(&dcv, &tenant, &name).await.unwrap());
        }
        drop(running);
        clock.advance(Duration::from_secs(10));
    }
}

// S-16: accounts that keep the room full with slow checks do not keep an account out that has had
// many checks, however small the room is.
#[tokio::test]
async fn a_busy_account_is_never_kept_out() {
    for (room, others) in [(128, 70), (32, 90), (16, 60), (2, 5)] {
        let limits = Limits::new().with_under_way(room, 16);
        let (dcv, clock) = slow(limits, Timing::default());
        // A day of it: one check in five minutes.
        for number in 0..288 {
            let begun = begin(&dcv, "busy", &format!("busy{number}.com")).await;
            drop(begun.unwrap());
            clock.advance(Duration::from_secs(300));
        }
        let began = clock.now();
        let mut running: Vec<(usize, Checking<'_>)> = Vec::new();
        for step in 0.. {
            let mut rest = Vec::new();
            for (who, mut one) in running.drain(..) {
                if poll_immediate(&mut one).await.is_none() {
                    rest.push((who, one));
                }
            }
            running = rest;
            // Whoever has none comes before it, each time.
            for number in 0..others {
                if running.iter().any(|(who, _)| *who == number) {
                    continue;
                }
                let (tenant, name) = (format!("o{number}"), format!("n{step}.of{number}.com"));
                let begun = begin(&dcv, &tenant, &name).await;
                running.extend(begun.ok().map(|one| (number, one)));
            }
            match begin(&dcv, "busy", &format!("more{step}.com")).await {
                Ok(_) => break,
                Err(error) => clock.set(error.retry_at().unwrap()),
            }
            let waited = clock.now() - began;
            assert!(
                waited <= Duration::from_secs(610),
                "{room}, {others}: {waited}"
            );
        }
    }
}

// S-16: the time that is told is true when the clock was wrong while others began.
#[tokio::test]
async fn a_clock_set_right_leaves_no_wrong_retry_at() {
    let (dcv, clock) = slow(Limits::new().with_under_way(2, 1), Timing::default());
    for (tenant, ahead) in [("a", 3 * 86_400), ("b", 30)] {
        clock.set(start() + Duration::from_secs(ahead));
        let running = begin(&dcv, tenant, &format!("{tenant}.com")).await.unwrap();
        clock.set(start());
        let refused = begin(&dcv, tenant, &format!("of.{tenant}.com")).await;
        assert_eq!(refused.err().unwrap().retry_at(), Some(later(10)));
        drop(running);
    }
}

// S-16: who asks about the same challenge as somebody else takes no more room.
#[tokio::test]
async fn who_joins_a_check_takes_no_room() {
    let timing = Timing::default().with_min_interval(Duration::ZERO);
    let (dcv, _) = slow(Limits::new().with_under_way(8, 1), timing);
    let (tenant, name) = (account("t"), domain("example.com"));
    let challenge = dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    let one = begin_for(&dcv, challenge.clone()).await.unwrap();
    let other = begin_for(&dcv, challenge.clone()).await.unwrap();
    assert!(begin(&dcv, "t", "example.net").await.is_err());
    drop(one);
    assert!(begin(&dcv, "t", "example.net").await.is_err());
    drop(other);
    assert!(begin(&dcv, "t", "example.net").await.is_ok());
}

/// A resolver that answers for some names alone, and says that they are not there.
#[derive(Debug)]
struct Partly(FixedLookup);

#[async_trait]
impl TxtLookup for Partly {
    async fn lookup_txt(&self, name: &OwnerName) -> Result<Answer, LookupError> {
        if name.to_string().contains("slow") {
            std::future::pending().await
        }
        self.0.lookup_txt(name).await
    }
}

// S-16: a diagnosis takes room as a check does, and is refused where there is none.
#[tokio::test]
async fn a_diagnosis_takes_room() {
    let eye = Partly(FixedLookup::new());
    let eye = TxtObserver::new(Perspective::new("partly".parse().unwrap()), eye);
    let clock = ManualClock::new(start());
    let builder = Dcv::builder("example-saas").unwrap().clock(clock.clone());
    let builder = builder.timer(clock).observer(eye);
    let builder = builder.policy(Policy::single_resolver());
    let limits = Limits::new().with_under_way(1, 1);
    let dcv = builder.limits(limits).build().unwrap();
    let (tenant, name) = (account("t"), domain("example.com"));
    let challenge = dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    let check = dcv.verify(&tenant, challenge.id()).await.unwrap();
    let slow = begin(&dcv, "other", "slow.com").await.unwrap();
    let refused = dcv.diagnose(&check).await.unwrap_err();
    assert_eq!(refused.retry_at(), Some(later(10)));
    drop(slow);
    dcv.diagnose(&check).await.unwrap();
    begin(&dcv, "other", "slow.net").await.map(drop).unwrap();
}

/// An attempt: who, for which name, and how long after the one before.
fn attempts() -> impl Strategy<Value = Vec<(u8, u8, u64)>> {
    prop::collection::vec((0_u8..4, 0_u8..6, 0_u64..20_000), 1..40)
}

fn small() -> Limits {
    Limits::new()
        .with_per_account(Rate::every(Duration::from_secs(20)).with_burst(2))
        .with_per_account_in_all(Rate::every(Duration::from_secs(7)).with_burst(3))
        .with_per_registrable(Rate::every(Duration::from_secs(3)).with_burst(5))
}

const NAMES: [&str; 6] = ["a.com", "b.com", "c.a.com", "d.a.com", "e.a.com", "e.com"];

async fn issue(world: &World, who: u8, what: u8) -> Challenge {
    let (tenant, name) = (format!("tenant-{who}"), NAMES[usize::from(what)]);
    let (tenant, name) = (account(&tenant), domain(name));
    world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap()
}

async fn attempt(world: &World, one: &Challenge) -> Result<(), UtcDateTime> {
    let checked = world.dcv.verify(one.account(), one.id()).await;
    checked.map(drop).map_err(|error| error.retry_at().unwrap())
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    // S-16: what is told is true: from then on and not before is it admitted, if nobody else comes.
    #[test]
    fn the_time_that_is_told_is_true(attempts in attempts()) {
        run(async {
            let world = world_with(|builder| builder.limits(small()));
            for (who, what, wait) in attempts {
                world.clock.advance(Duration::from_millis(wait));
                let one = issue(&world, who, what).await;
                if let Err(retry_at) = attempt(&world, &one).await {
                    world.clock.set(retry_at - Duration::from_nanos(1));
                    prop_assert_eq!(attempt(&world, &one).await, Err(retry_at));
                    world.clock.set(retry_at);
                    prop_assert_eq!(attempt(&world, &one).await, Ok(()));
                }
            }
            Ok(())
        })?;
    }

    // S-16: a refused attempt leaves nothing behind: all that follows is as if nobody had made it.
    #[test]
    fn a_refused_attempt_leaves_nothing_behind(
        attempts in prop::collection::vec((attempts(), any::<bool>()), 1..5),
    ) {
        run(async {
            let [world, quiet] = [(); 2].map(|()| world_with(|builder| builder.limits(small())));
            for (attempts, in_vain) in attempts {
                for (who, what, wait) in attempts {
                    for world in [&world, &quiet] {
                        world.clock.advance(Duration::from_millis(wait / 4));
                    }
                    let ones = [issue(&world, who, what).await, issue(&quiet, who, what).await];
                    let tried = attempt(&world, &ones[0]).await;
                    // In one of the worlds nobody tries in vain now.
                    if tried.is_ok() || !in_vain {
                        prop_assert_eq!(attempt(&quiet, &ones[1]).await, tried);
                    }
                }
            }
            Ok(())
        })?;
    }
}
