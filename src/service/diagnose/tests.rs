//! The loop, with plans that ask for as much as they can.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

use std::sync::Mutex;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::{join, poll_immediate};

use super::*;
use crate::AccountId;
use crate::clock::ManualClock;
use crate::diagnose::{MAX_PER_SERVER, MAX_QUESTIONS, MAX_SERVERS, MAX_TOKENS};
use crate::dns::{
    Answer, LookupFailure, NameServer, Observation, Perspective, PerspectiveId, Purpose, Question,
    View,
};
use crate::lookup::{FixedLookup, Look, Observer, TxtObserver};
use crate::name::{OwnerName, Scope};
use crate::policy::Policy;
use crate::store::{ChallengeStore as _, MemoryStore};
use crate::token::Token;

fn id(name: &str) -> PerspectiveId {
    name.parse().unwrap()
}

fn name(text: &str) -> OwnerName {
    text.parse().unwrap()
}

fn question(number: usize) -> Question {
    Question::txt(name(&format!("n{number}.example.com")))
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nobody to wait for")
}

/// Eyes for diagnoses alone, which write down what they are asked.
#[derive(Debug)]
struct Counting {
    view: View,
    /// After how many questions it falls silent.
    answers: usize,
    asked: Mutex<Vec<(Question, Purpose, Vec<OwnerName>)>>,
}

impl Counting {
    fn new(view: View, answers: usize) -> Arc<Self> {
        Arc::new(Self {
            view,
            answers,
            asked: Mutex::default(),
        })
    }

    fn asked(&self) -> Vec<(Question, Purpose, Vec<OwnerName>)> {
        self.asked.lock().unwrap().clone()
    }

    fn count(&self) -> usize {
        self.asked().len()
    }
}

#[async_trait]
impl Observer for Counting {
    fn perspectives(&self) -> Vec<Perspective> {
        let id = match self.view {
            View::Authoritative => id("zone"),
            _ => id("resolver"),
        };
        vec![Perspective::new(id).with_view(self.view)]
    }

    async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation> {
        let servers = look.servers().to_vec();
        let asked = (question.clone(), look.purpose(), servers);
        let before = {
            let mut all = self.asked.lock().unwrap();
            all.push(asked);
            all.len()
        };
        if before > self.answers {
            return std::future::pending().await;
        }
        let who = self.perspectives()[0].id().clone();
        let spent = look.budget().spend();
        let answer = spent.map(|()| Answer::txt(["seen by a probe"]));
        if self.view == View::Recursive {
            return vec![look.record(&who, question, look.now(), answer)];
        }
        // More servers than anybody asked for.
        let servers =
            (0..9).map(|n| NameServer::new(name("example.com"), name(&format!("ns{n}."))));
        let during = (look.now(), look.now());
        let seen = servers.map(|at| look.record_at(&who, at, question, during, answer.clone()));
        seen.collect()
    }
}

struct World {
    dcv: Dcv,
    clock: ManualClock,
    store: Arc<MemoryStore>,
    dns: FixedLookup,
    resolver: Arc<Counting>,
    zone: Arc<Counting>,
}

fn world() -> World {
    world_that_answers(usize::MAX)
}

fn world_that_answers(times: usize) -> World {
    let (dns, store) = (FixedLookup::new(), Arc::new(MemoryStore::new()));
    let clock = ManualClock::new(UtcDateTime::from_unix_timestamp(1_795_000_000).unwrap());
    let resolver = Counting::new(View::Recursive, times);
    let zone = Counting::new(View::Authoritative, times);
    let dcv = Dcv::builder("example-saas")
        .unwrap()
        .clock(clock.clone())
        .timer(clock.clone())
        .store(store.clone())
        .policy(Policy::single_resolver())
        .observer(TxtObserver::new(Perspective::new(id("fixed")), dns.clone()))
        .diagnose_through(resolver.clone())
        .diagnose_through(zone.clone())
        .build()
        .unwrap();
    World {
        dcv,
        clock,
        store,
        dns,
        resolver,
        zone,
    }
}

impl World {
    fn issue(&self, account: &str, domain: &str, scope: Scope) -> Challenge {
        let account = AccountId::new(account).unwrap();
        now(self.dcv.issue(&account, &domain.parse().unwrap(), scope)).unwrap()
    }

    fn check(&self, challenge: &Challenge) -> Check {
        self.clock.advance(Duration::from_secs(3600));
        now(self.dcv.verify(challenge.account(), challenge.id())).unwrap()
    }

    /// A check that finds nothing.
    fn failed(&self) -> Check {
        let challenge = self.issue("t", "example.com", Scope::Host);
        self.check(&challenge)
    }

    fn look(&self, check: &Check, hints: &Hints, plan: Plan) -> Arc<Investigation> {
        now(self.dcv.look_into(check, hints, plan)).unwrap()
    }
}

/// Asks for everything, in each round anew.
fn greedy(inquiry: &Inquiry<'_>) -> Vec<Probe> {
    let first = usize::from(inquiry.rounds) * 100;
    let names = |count: usize| (0..count).map(|n| name(&format!("ns{n}.example.net")));
    let mut probes = Vec::new();
    for number in first..first + 30 {
        probes.push(Probe::Resolver(question(number)));
        probes.push(Probe::Unchecked(question(number)));
        probes.push(Probe::Delegated(question(number)));
        for count in [0, 2, 4, 5] {
            probes.push(Probe::Servers {
                question: question(number),
                servers: names(count).collect(),
            });
        }
        probes.push(Probe::Token(token(number).fingerprint()));
    }
    probes
}

fn token(number: usize) -> Token {
    Token::new(&format!("mzxw6ytboi4dsnzwgqzdgmrtgi{number:0>6}")).unwrap()
}

/// One new question for a resolver in each round.
fn patient(inquiry: &Inquiry<'_>) -> Vec<Probe> {
    let mut all = inquiry.asked.to_vec();
    all.push(Probe::Resolver(question(inquiry.asked.len())));
    all
}

fn silent(_: &Inquiry<'_>) -> Vec<Probe> {
    Vec::new()
}

// S-16: whatever is planned, no more is asked than there may be.
#[test]
fn a_greedy_plan_is_bounded() {
    let world = world();
    let check = world.failed();
    let seen = world.look(&check, &Hints::new(), greedy);
    assert_eq!(world.resolver.count(), MAX_QUESTIONS);
    assert_eq!(seen.resolver_questions(), MAX_QUESTIONS);
    let at_zone = world.zone.asked();
    let delegated = at_zone.iter().filter(|(.., servers)| servers.is_empty());
    let delegated = delegated.count();
    assert!((1..=MAX_PER_SERVER).contains(&delegated));
    let asked: usize = at_zone
        .iter()
        .map(|(.., servers)| match servers.len() {
            0 => MAX_SERVERS,
            named => named,
        })
        .sum();
    assert!(asked <= MAX_SERVERS * MAX_PER_SERVER, "{asked}");
    for server in at_zone.iter().flat_map(|(.., servers)| servers) {
        let times = at_zone.iter().filter(|(.., all)| all.contains(server));
        assert!(times.count() <= MAX_PER_SERVER);
    }
    let tokens = seen.asked().iter();
    let tokens = tokens.filter(|probe| matches!(probe, Probe::Token(_)));
    assert_eq!(tokens.count(), MAX_TOKENS);
    assert!(seen.rounds() <= MAX_ROUNDS);
    assert!(seen.queries() <= Budget::PER_DIAGNOSIS);
    // An observer that says more than it was asked is cut short, and not heard on servers that
    // were not named.
    let of_zone = seen.observations().iter();
    let of_zone = of_zone.filter(|one| *one.perspective() == id("zone"));
    assert_eq!(of_zone.count(), delegated * MAX_SERVERS);
}

// S-16: the same for name servers that are named.
#[test]
fn named_servers_are_bounded() {
    let world = world();
    let servers = |inquiry: &Inquiry<'_>| {
        let mut probes = greedy(inquiry);
        probes.retain(|probe| matches!(probe, Probe::Servers { .. }));
        probes
    };
    let seen = world.look(&world.failed(), &Hints::new(), servers);
    let named: Vec<_> = world
        .zone
        .asked()
        .iter()
        .map(|(.., servers)| servers.len())
        .collect();
    assert_eq!(named, [2, 4, 2], "three times the same, and never five");
    assert_eq!(seen.server_questions(), 3);
}

// S-16: and so is how many of them there are in all, however they are named.
#[test]
fn named_servers_are_few() {
    let world = world();
    let others = |inquiry: &Inquiry<'_>| {
        let probe = |n: u8| Probe::Servers {
            question: question(0),
            servers: vec![name(&format!("ns{n}.r{}.example.net", inquiry.rounds))],
        };
        (0..3).map(probe).collect()
    };
    world.look(&world.failed(), &Hints::new(), others);
    assert_eq!(world.zone.count(), MAX_SERVERS);
}

// S-16: three rounds, and nothing is asked twice.
#[test]
fn three_rounds() {
    let world = world();
    let seen = world.look(&world.failed(), &Hints::new(), patient);
    assert_eq!((seen.rounds(), world.resolver.count()), (MAX_ROUNDS, 3));
    assert_eq!(
        seen.asked(),
        [0, 1, 2].map(|n| Probe::Resolver(question(n)))
    );
    assert_eq!(seen.queries(), 3);
}

// S-16: asking again for the same revision is answered without a query, asking at the same time by
// the same probes; and a new check is a new revision.
#[test]
fn a_diagnosis_is_kept() {
    let world = world();
    let check = world.failed();
    let hints = Hints::new();
    let (one, other) = now(join(
        world.dcv.look_into(&check, &hints, patient),
        world.dcv.look_into(&check, &hints, patient),
    ));
    let (one, other) = (one.unwrap(), other.unwrap());
    world.clock.advance(Duration::from_secs(60));
    let again = world.look(&check.clone(), &hints, patient);
    assert_eq!(world.resolver.count(), 3);
    assert_eq!(one.diagnosis(), other.diagnosis());
    assert_eq!(one.diagnosis(), again.diagnosis());
    assert_eq!((one.now(), again.now()), (other.now(), one.now()));

    let next = world.check(check.challenge());
    assert_eq!(next.examined().revision(), check.examined().revision() + 1);
    world.look(&next, &hints, patient);
    assert_eq!(world.resolver.count(), 6);
}

// S-16: hints may come from users. However many they think of, the revision's questions, queries
// and diagnoses have an end.
#[test]
fn other_hints_go_on_from_what_is_known() {
    let world = world();
    let check = world.failed();
    let mut last = None;
    for number in 0..20 {
        let hints = Hints::new().edited_at(&format!("provider {number}"));
        let seen = world.look(&check, &hints, patient);
        assert_eq!(*seen.hints(), hints);
        assert!(seen.rounds() <= MAX_ROUNDS);
        assert_eq!(seen.asked().len(), world.resolver.count(), "{number}");
        last = Some(seen);
    }
    assert_eq!(world.resolver.count(), 12);
    assert_eq!(last.unwrap().queries(), 12);
    // Four of them have probes of their own.
    let one = |inquiry: &Inquiry<'_>| match inquiry.rounds {
        0 => patient(inquiry),
        _ => Vec::new(),
    };
    let next = world.check(check.challenge());
    for number in 0..20 {
        world.look(&next, &Hints::new().edited_at(&format!("{number}")), one);
    }
    assert_eq!(world.resolver.count(), 12 + 4);
    // The first ones are kept as they were told.
    let first = Hints::new().edited_at("provider 0");
    assert_eq!(world.look(&check, &first, patient).asked().len(), 3);
}

// S-16: what is seen until the deadline counts, and then it ends.
#[test]
fn the_deadline_cuts_it() {
    let world = world_that_answers(1);
    let check = world.failed();
    let began = world.dcv.now();
    let hints = Hints::new();
    let mut looking = std::pin::pin!(world.dcv.look_into(&check, &hints, patient));
    assert!(now(poll_immediate(looking.as_mut())).is_none());
    assert_eq!(world.resolver.count(), 2, "the second is not answered");
    world.clock.advance(Duration::from_nanos(9_999_999_999));
    assert!(now(poll_immediate(looking.as_mut())).is_none());
    world.clock.advance(Duration::from_nanos(1));
    let seen = now(looking).unwrap();
    assert_eq!(seen.now(), began + Duration::from_secs(10));
    assert_eq!(world.clock.waiting(), 0);
    let of_probes: Vec<_> = seen
        .observations()
        .iter()
        .filter(|one| one.purpose() == Purpose::Diagnosis)
        .map(|one| one.result().map(|_| ()))
        .collect();
    assert_eq!(of_probes, [Ok(()), Err(&LookupFailure::Timeout)]);
    assert_eq!(seen.rounds(), 2, "and no third");
}

// S-16: a caller that goes away makes nobody ask again what was asked.
#[test]
fn callers_may_go_away() {
    let world = world_that_answers(1);
    let check = world.failed();
    for number in 0..20 {
        let hints = Hints::new().edited_at(&format!("provider {number}"));
        let mut looking = Box::pin(world.dcv.look_into(&check, &hints, patient));
        let _ = now(poll_immediate(looking.as_mut()));
    }
    assert_eq!(world.resolver.count(), MAX_QUESTIONS);
}

// S-16: what is found out for callers that went away, and what was told last, is weighed like
// everything else that is kept, and takes no more room.
#[test]
fn callers_that_went_away_leave_no_more_behind() {
    let files = |world: &World| world.dcv.inner.files.weighed();
    let much = |world: &World, tenant: usize| {
        let challenge = world.issue(&format!("t{tenant}"), "example.com", Scope::Host);
        let values = (0..240).map(|n| format!("{n:0>4}{}", "x".repeat(240)));
        world.dns.publish(challenge.owner(), values);
        let check = world.check(&challenge);
        world.dns.remove(challenge.owner());
        check
    };
    // Two callers of each revision: the second goes on where the first went away.
    let world = world_that_answers(1);
    let mut before = 0;
    for tenant in 0..400 {
        let check = much(&world, tenant);
        for number in 0..2 {
            let hints = Hints::new().edited_at(&format!("provider {number}"));
            let mut looking = Box::pin(world.dcv.look_into(&check, &hints, patient));
            for _ in 0..20 {
                assert!(now(poll_immediate(looking.as_mut())).is_none());
            }
        }
        let (weighed, held) = files(&world);
        assert_eq!(weighed, held);
        assert!(held <= Files::MAX_OCTETS, "{held} octets");
        assert!(tenant >= 100 || held > before + 57_600);
        before = held;
    }
    assert!(before > Files::MAX_OCTETS / 2);
    assert!(world.dcv.inner.files.count() < 400);

    // One caller with many hints.
    let world = self::world();
    let check = much(&world, 0);
    for number in 0..6 {
        let hints = Hints::new().edited_at(&format!("provider {number}"));
        let mut looking = std::pin::pin!(world.dcv.look_into(&check, &hints, silent));
        while now(poll_immediate(looking.as_mut())).is_none() {}
        let (weighed, held) = files(&world);
        assert_eq!(weighed, held);
        assert!(held > 57_600 * (1 + number.min(4)));
    }
}

// S-16: where there is much to work through, others of the same thread go first, again and again.
#[test]
fn much_work_gives_way() {
    let polls = |octets: usize| {
        let world = world();
        let challenge = world.issue("t", "example.com", Scope::Host);
        let values = (0..40).map(|n| format!("{n}{}", "x".repeat(octets)));
        world.dns.publish(challenge.owner(), values);
        let check = world.check(&challenge);
        let hints = Hints::new();
        let mut looking = std::pin::pin!(world.dcv.look_into(&check, &hints, patient));
        let polls = (0..100).find(|_| now(poll_immediate(looking.as_mut())).is_some());
        let first = polls.unwrap();
        // What is known is no work.
        world.look(&check, &hints, patient);
        first
    };
    assert_eq!(polls(200), 0);
    // Before the verdict, before each plan, and before the findings.
    assert_eq!(polls(2000), 5);
}

// S-16: nor is a diagnosis with hints for which there was no more room worked out again.
#[test]
fn the_last_hints_are_kept() {
    let world = world();
    let check = world.failed();
    let hints = |number: usize| Hints::new().edited_at(&format!("provider {number}"));
    for number in 0..6 {
        world.look(&check, &hints(number), silent);
    }
    let (last, again) = (
        world.look(&check, &hints(5), silent),
        world.look(&check, &hints(5), silent),
    );
    assert!(Arc::ptr_eq(&last, &again));
    let other = world.look(&check, &hints(4), silent);
    assert_eq!(*other.hints(), hints(4));
}

// S-4: a diagnosis changes nothing, and has no witness: not even of a check that proved.
#[test]
fn a_diagnosis_proves_nothing() {
    let world = world();
    let challenge = world.issue("t", "example.com", Scope::Host);
    let stored = |of: &Challenge| now(world.store.get(of.id())).unwrap().unwrap();
    let check = world.check(&challenge);
    let before = stored(&challenge);
    world.look(&check, &Hints::new(), greedy);
    assert_eq!(stored(&challenge), before);

    world
        .dns
        .publish(challenge.owner(), [challenge.record().value()]);
    let check = world.check(&challenge);
    assert!(check.verdict().witness().is_some());
    let count = world.resolver.count();
    let seen = world.look(&check, &Hints::new(), greedy);
    let verdict = seen.inquiry().verdict();
    assert!(verdict.is_validated());
    assert_eq!(verdict.witness(), None);
    assert_eq!(world.resolver.count(), count, "there is nothing to explain");
}

// S-15: a check keeps the challenge as it was examined; a closed one has the verdict that it stands
// for, and can be asked about too.
#[test]
fn the_case_is_that_of_the_check() {
    let world = world();
    let challenge = world.issue("t", "example.com", Scope::Host);
    let check = world.check(&challenge);
    assert_eq!(*check.examined(), challenge);
    assert_eq!(check.challenge().revision(), challenge.revision() + 1);
    let seen = world.look(&check, &Hints::new(), silent);
    assert_eq!(seen.inquiry().verdict(), *check.verdict());
    assert_eq!(seen.decided_at(), check.decided_at());
    assert_eq!(seen.next_check_at(), check.next_check_at());

    world.clock.advance(Duration::from_secs(30 * 86_400));
    for _ in 0..2 {
        let check = world.check(&challenge);
        assert_eq!(check.verdict().code(), "expired");
        let seen = world.look(&check, &Hints::new(), silent);
        assert_eq!(seen.inquiry().verdict(), *check.verdict());
        assert_eq!(seen.observations(), []);
    }
}

// S-17: whose a token is, as seen from the challenge.
#[test]
fn tokens_are_looked_for() {
    let world = world();
    let others = [
        world.issue("t", "example.com", Scope::Wildcard),
        world.issue("t", "example.net", Scope::Host),
        world.issue("other", "example.com", Scope::Host),
    ];
    let old = world.issue("t", "example.com", Scope::Host);
    let account = old.account().clone();
    let domain = old.domain().clone();
    let again = world.dcv.reissue(&account, &domain, Scope::Host);
    let check = world.check(&now(again).unwrap());
    let token_of = |one: &Challenge| *one.expectations()[0].fingerprint();
    let [wildcard, elsewhere, foreign] = others.each_ref().map(token_of);
    let tokens = [
        wildcard,
        elsewhere,
        foreign,
        token_of(&old),
        token(1).fingerprint(),
    ];
    let [wildcard, elsewhere, foreign, earlier, unknown] =
        tokens.map(|token| now(world.dcv.origin(check.examined(), &token)).unwrap());
    let issued_at = old.issued_at();
    assert_eq!(
        wildcard,
        Origin::Elsewhere {
            domain: domain.clone(),
            scope: Scope::Wildcard,
            issued_at
        }
    );
    assert_eq!(
        elsewhere,
        Origin::Elsewhere {
            domain: "example.net".parse().unwrap(),
            scope: Scope::Host,
            issued_at
        }
    );
    assert_eq!(foreign, Origin::OtherAccount);
    assert_eq!(earlier, Origin::Earlier { issued_at });
    assert_eq!(unknown, Origin::Unknown);
}

// Mistake 30: a proof knows when its record was seen; a challenge after it asks for another one,
// which nobody has removed.
#[test]
fn a_proof_knows_when_its_record_was_seen() {
    let world = world();
    let known = |challenge: &Challenge| {
        let check = world.check(challenge);
        let seen = world.look(&check, &Hints::new(), silent);
        seen.history().proven_at
    };
    let challenge = world.issue("t", "example.com", Scope::Host);
    assert_eq!(known(&challenge), None);
    world.clock.advance(Duration::from_secs(60));
    let value = challenge.record().value();
    world.dns.publish(challenge.owner(), [value]);
    let proven = world.check(&challenge).challenge().clone();
    let seen_at = proven.evidence().map(Evidence::decided_at);
    assert!(seen_at.is_some());
    assert_eq!(known(&proven), seen_at);
    let again = world.issue("t", "example.com", Scope::Host);
    world.dns.remove(again.owner());
    assert_eq!(known(&again), None);
}

// S-16: what is kept is bounded, in number and in octets.
#[test]
fn files_are_forgotten() {
    let files = Files::default();
    let key = |number: u32| {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        (crate::ChallengeId::from_bytes(bytes), 1)
    };
    let first = files.of(key(0));
    assert!(Arc::ptr_eq(&first, &files.of(key(0))));
    for number in 1..5000 {
        files.of(key(number));
    }
    assert_eq!(files.count(), 1024);
    assert!(!Arc::ptr_eq(&first, &files.of(key(0))));
    for number in 4990..5000 {
        files.weigh(&key(number), &files.of(key(number)), 4 << 20);
    }
    // The newest one, which holds nothing, and four that hold as much as there may be.
    assert_eq!(files.count(), 5);
    // What is forgotten weighs nothing, be there another in its place or not.
    files.weigh(&key(1), &first, 1 << 40);
    files.weigh(&key(0), &first, 1 << 40);
    assert_eq!(files.count(), 5);
}
