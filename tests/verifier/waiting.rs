//! Who is waited for, and for how long.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use dcv::challenge::Challenge;
use dcv::clock::ManualClock;
use dcv::dns::{LookupFailure, Observation, Perspective, Purpose, Question, Trust, View};
use dcv::evaluate::Examination;
use dcv::lookup::{Look, Observer};
use dcv::policy::{Policy, Wildcards};
use dcv::verify::{DnsVerifier, DnsVerifierBuilder, Verifier};

use crate::cases::{absent, challenge, eye, found, id, now, other, run};
use crate::scripted::{Scripted, at_once, builder, observers, verifier};

/// Answers when all three have been asked.
fn meeting(name: &str, challenge: &Challenge, met: &Arc<AtomicUsize>) -> Arc<dyn Observer> {
    #[derive(Debug)]
    struct Meeting {
        met: Arc<AtomicUsize>,
        then: Arc<Scripted>,
    }

    #[async_trait]
    impl Observer for Meeting {
        fn perspectives(&self) -> Vec<Perspective> {
            self.then.perspectives()
        }

        async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation> {
            self.met.fetch_add(1, Ordering::SeqCst);
            std::future::poll_fn(|context| {
                context.waker().wake_by_ref();
                match self.met.load(Ordering::SeqCst) {
                    0..3 => std::task::Poll::Pending,
                    _ => std::task::Poll::Ready(()),
                }
            })
            .await;
            self.then.observe(question, look).await
        }
    }

    let (met, then) = (met.clone(), Scripted::matching(name, challenge));
    Arc::new(Meeting { met, then })
}

// S-16: perspectives are asked at the same time, not one after the other.
#[test]
fn perspectives_are_asked_in_parallel() {
    let (challenge, met) = (challenge(), Arc::new(AtomicUsize::new(0)));
    let observers = ["a", "b", "c"].map(|name| meeting(name, &challenge, &met));
    let examination = at_once(Policy::default(), observers, &challenge);
    assert!(examination.verdict().is_validated());
}

// A perspective that never answers blocks nobody who has decided without it.
#[test]
fn the_slow_are_not_waited_for() {
    let challenge = challenge();
    for (seen, code) in [
        (found(&challenge), "wildcard"),
        (absent("example.com"), "no-such-name"),
        (other(), "different"),
    ] {
        let (a, b) = (
            Scripted::always("a", seen.clone()),
            Scripted::always("b", seen),
        );
        let silent = Scripted::silent("c");
        let examination = at_once(Policy::default(), observers([&silent, &a, &b]), &challenge);
        assert_eq!(examination.verdict().code(), code);
        assert_eq!(
            silent.given_up.load(Ordering::SeqCst),
            1,
            "its lookup is dropped"
        );
        let of_silent = |seen: &&Observation| *seen.perspective() == id("c");
        assert_eq!(
            examination.observations().iter().filter(of_silent).count(),
            0
        );
    }
    let (a, b) = (
        Scripted::matching("a", &challenge),
        Scripted::matching("b", &challenge),
    );
    let silent = Scripted::silent("c");
    let examination = at_once(Policy::default(), observers([&a, &silent, &b]), &challenge);
    assert!(examination.verdict().witness().is_some());
}

/// A check whose slow ones are waited for until the deadline.
fn until(
    deadline: Duration,
    policy: Policy,
    slow: impl IntoIterator<Item = Arc<dyn Observer>>,
    challenge: &Challenge,
) -> Examination {
    let clock = ManualClock::new(now());
    let builder = builder(&clock).policy(policy).deadline(deadline);
    let verifier = slow
        .into_iter()
        .fold(builder, DnsVerifierBuilder::observer)
        .build()
        .unwrap();
    let mut check = pin!(verifier.examine(challenge));
    assert!(run(check.as_mut()).is_none(), "it waits");
    assert_eq!(clock.waiting(), 1, "for its deadline");
    clock.advance(deadline - Duration::from_nanos(1));
    assert!(run(check.as_mut()).is_none(), "to the end");
    clock.advance(Duration::from_nanos(1));
    let examination = run(check).expect("the deadline ends it");
    assert_eq!(clock.waiting(), 0);
    examination
}

// S-16, D-04: the deadline ends a check; who has not answered then has timed out.
#[test]
fn the_deadline_ends_it() {
    let challenge = challenge();
    for deadline in [DnsVerifier::DEADLINE, Duration::from_millis(1)] {
        let (a, b) = (Scripted::matching("a", &challenge), Scripted::silent("b"));
        let c = Scripted::silent("c");
        let examination = until(
            deadline,
            Policy::default(),
            observers([&a, &b, &c]),
            &challenge,
        );
        assert_eq!(examination.verdict().code(), "not-corroborated");
        assert_eq!(examination.finished_at(), now() + deadline);
        let late: HashSet<_> = examination
            .observations()
            .iter()
            .filter(|seen| seen.result() == Err(&LookupFailure::Timeout))
            .map(|seen| {
                assert_eq!(seen.question(), &challenge.question());
                assert_eq!(
                    (seen.started_at(), seen.finished_at()),
                    (now(), now() + deadline)
                );
                seen.perspective().as_str().to_owned()
            })
            .collect();
        assert_eq!(late, HashSet::from(["b".to_owned(), "c".to_owned()]));
    }
}

// S-8: a probe that never answers is not passed.
#[test]
fn a_silent_probe_is_a_failed_one() {
    let (challenge, owner) = (challenge(), challenge().owner().clone());
    let record = found(&challenge);
    let eye = Scripted::seeing("a", move |at| (*at == owner).then(|| record.clone()));
    let deadline = DnsVerifier::DEADLINE;
    let policy = Policy::single_resolver;
    let examination = until(deadline, policy(), observers([&eye]), &challenge);
    assert_eq!(examination.verdict().code(), "wildcard-unknown");
    let last = examination.observations().last().unwrap();
    assert_eq!(last.purpose(), Purpose::WildcardProbe);
    assert_eq!(last.result(), Err(&LookupFailure::Timeout));
    // Whoever accepts wildcards does not ask.
    let accepting = policy().with_wildcards(Wildcards::Accept);
    let examination = at_once(accepting, observers([&eye]), &challenge);
    assert!(examination.verdict().is_validated());
}

// S-2, S-11: those who weigh more than their number are waited for.
#[test]
fn the_weighty_are_waited_for() {
    let challenge = challenge();
    let heavy = [
        eye("c").with_view(View::Authoritative),
        eye("c").with_trust(Trust::Validating),
    ];
    for (heavy, code) in heavy.into_iter().zip(["unconfirmed", "quorum"]) {
        let (a, b) = (
            Scripted::matching("a", &challenge),
            Scripted::matching("b", &challenge),
        );
        let silent = Scripted::new(vec![heavy], |_, _| None);
        let eyes = observers([&a, &b, &silent]);
        let examination = until(DnsVerifier::DEADLINE, Policy::default(), eyes, &challenge);
        assert_eq!(examination.verdict().code(), code);
    }
}

// S-7: a clock that is set back during a check proves nothing, and ends it all the same.
#[test]
fn a_clock_set_back_proves_nothing() {
    let challenge = challenge();
    let clock = ManualClock::new(now());
    let (owner, record, hands) = (challenge.owner().clone(), found(&challenge), clock.clone());
    let eye = Scripted::new(vec![eye("a")], move |question, look| {
        let seen = if *question.name() == owner {
            record.clone()
        } else {
            absent("example.com")
        };
        let seen = look.record(&id("a"), question, look.now(), seen);
        hands.set(look.now() - Duration::from_secs(60));
        Some(vec![seen])
    });
    let verifier = verifier(&clock, Policy::single_resolver(), observers([&eye]));
    let examination = run(pin!(verifier.examine(&challenge))).unwrap();
    assert_eq!(examination.verdict().name(), "indeterminate");
}
