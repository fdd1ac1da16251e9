//! What becomes of a challenge.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it panics"
)]

#[path = "support/cases.rs"]
mod cases;
#[path = "support/rows.rs"]
mod rows;

use std::time::Duration;

use cases::{Plan, challenge, check, edited, found, issued, saw, soa, validation};
use dcv::challenge::{Challenge, Form, State};
use dcv::dns::{Answer, LookupFailure, Outcome};
use dcv::evaluate::{Case, Examination, Rejected, Verdict, examine};
use dcv::lifecycle::{Claim, EventKind, LifecycleError, Occasion, Transition, advance};
use dcv::lookup::FixedLookup;
use dcv::policy::{Policy, Rules, Timing};
use dcv::store::{ChallengeStore, MemoryStore, StoreError};
use proptest::prelude::*;
use rows::rows;
use time::UtcDateTime;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

fn step(challenge: &Challenge, occasion: Occasion<'_>, now: UtcDateTime) -> Option<Transition> {
    advance(challenge, occasion, &Timing::default(), now).unwrap()
}

fn examined(challenge: &Challenge, examination: &Examination, now: UtcDateTime) -> Challenge {
    let next = step(challenge, Occasion::Examined(examination), now).unwrap();
    next.next().clone()
}

fn seeing(challenge: &Challenge, seen: cases::Seen, at: UtcDateTime) -> Examination {
    let dns = FixedLookup::new();
    dns.set(challenge.owner(), seen);
    check(challenge, &dns, at)
}

/// A check that does not find the record, and one that finds nothing out.
fn unproven(challenge: &Challenge, at: UtcDateTime) -> Examination {
    seeing(challenge, cases::absent("example.com"), at)
}

fn indeterminate(challenge: &Challenge, at: UtcDateTime) -> Examination {
    seeing(challenge, Err(LookupFailure::Timeout), at)
}

/// A check that finds a wildcard.
fn rejected(challenge: &Challenge, at: UtcDateTime) -> Examination {
    let rules = Rules::new(Policy::single_resolver(), vec![cases::eye("one")]).unwrap();
    let seen = [
        saw(&cases::id("one"), challenge, found(challenge)),
        cases::probed(&cases::id("one"), challenge, 0, found(challenge)),
    ];
    let attempt = challenge.attempts() + 1;
    let seen = seen.map(|seen| seen.with_attempt(attempt));
    let examination = examine(&Case::new(challenge, &rules, &seen, at));
    assert!(matches!(
        examination.verdict(),
        Verdict::Rejected {
            reason: Rejected::Wildcard,
            ..
        }
    ));
    examination
}

fn in_state(state: &str) -> Challenge {
    let fresh = challenge();
    match state {
        "pending" | "late" => fresh,
        "checked" | "overdue" => examined(&fresh, &unproven(&fresh, cases::now()), cases::now()),
        "held" | "confirmed" => {
            let checked = in_state("checked");
            let end = checked.expires_at();
            step(&checked, Occasion::Elapsed, end)
                .unwrap()
                .next()
                .clone()
        }
        "validated" | "over" => examined(&fresh, &validation(&fresh, cases::now()), cases::now()),
        "ended" => {
            let proven = in_state("validated");
            let step = step(&proven, Occasion::Elapsed, proven.over_at().unwrap());
            step.unwrap().next().clone()
        }
        "expired" => {
            let end = fresh.expires_at();
            step(&fresh, Occasion::Elapsed, end).unwrap().next().clone()
        }
        "cancelled" => {
            let step = step(&fresh, Occasion::Cancelled, cases::now());
            step.unwrap().next().clone()
        }
        other => panic!("{other}"),
    }
}

// S-15, design of the states: every occasion in every state.
#[test]
fn every_transition() {
    for (line, [state, occasion, to, event, claim, next_check]) in
        rows(include_str!("data/decisions/lifecycle.tsv"))
    {
        let before = in_state(&state);
        let seen_at = cases::now();
        let now = match &*state {
            "late" | "overdue" => before.expires_at(),
            "held" => before.expires_at() + HOUR - Duration::from_nanos(1),
            "confirmed" => before.expires_at() + HOUR,
            "over" => before.over_at().unwrap(),
            _ => seen_at,
        };
        // What a closed challenge was examined as before it was closed.
        let looked = if before.is_open() {
            before.clone()
        } else {
            challenge()
        };
        let examination = match &*occasion {
            "validated" => Some(validation(&looked, seen_at)),
            "unproven" => Some(unproven(&looked, seen_at)),
            "indeterminate" => Some(indeterminate(&looked, seen_at)),
            "rejected" => Some(rejected(&looked, seen_at)),
            _ => None,
        };
        if let Some(examination) = &examination {
            assert_eq!(examination.verdict().name(), occasion, "line {line}");
        }
        let step = match (&examination, &*occasion) {
            (Some(examination), _) => Occasion::Examined(examination),
            (None, "cancelled") => Occasion::Cancelled,
            (None, "elapsed") => Occasion::Elapsed,
            (None, "refused") => Occasion::Refused,
            (None, other) => panic!("line {line}: {other}"),
        };
        let step = advance(&before, step, &Timing::default(), now);
        if to == "!closed" {
            let state = before.state();
            assert_eq!(step, Err(LifecycleError::Closed { state }), "line {line}");
            continue;
        }
        let step = step.unwrap();
        if to == "=" {
            assert_eq!(step, None, "line {line}");
            continue;
        }
        let step = step.unwrap();
        let next = step.next();
        assert_eq!(step.expected_revision(), before.revision(), "line {line}");
        assert_eq!(next.revision(), before.revision() + 1, "line {line}");
        assert_eq!(next.state().to_string(), to, "line {line}");
        let told = step.event().map(|event| match event.kind() {
            EventKind::Validated => "validated",
            EventKind::Ended => "ended",
            EventKind::Expired => "expired",
            EventKind::Cancelled => "cancelled",
            other => panic!("{other:?}"),
        });
        assert_eq!(told.unwrap_or("-"), event, "line {line}");
        let taken = step.claim().map(|claim| match claim {
            Claim::Take => "take",
            Claim::Release => "release",
            other => panic!("{other:?}"),
        });
        assert_eq!(taken.unwrap_or("-"), claim, "line {line}");
        let planned = next.next_check_at().map_or("-", |_| "some");
        assert_eq!(planned, next_check, "line {line}");
        assert!(next.next_check_at().is_none_or(|at| at > now));

        let checks = u32::from(examination.is_some());
        assert_eq!(next.attempts(), before.attempts() + checks, "line {line}");
        if state == "held" {
            // The first look after the end is the one that the second has to be an hour from.
            assert_eq!(
                next.last_checked_at(),
                before.last_checked_at(),
                "line {line}"
            );
        } else if examination.is_some() {
            assert_eq!(next.last_checked_at(), Some(now), "line {line}");
        }
        if let Some(event) = step.event() {
            assert_eq!(event.challenge(), before.id());
            assert_eq!(event.account(), before.account());
            assert_eq!(event.domain(), before.domain());
            assert_eq!(event.scope(), before.scope());
            assert_eq!(event.at(), now);
        }
        // Nothing else changes.
        assert_eq!(next.expectations(), before.expectations());
        assert_eq!(next.record(), before.record());
        assert_eq!(next.issued_at(), before.issued_at());
        assert_eq!(next.expires_at(), before.expires_at());
        // And what comes out can be written and read.
        assert_eq!(edited(next, |_| {}), *next, "line {line}");
    }
}

#[track_caller]
fn assert_validated(challenge: &Challenge, since: UtcDateTime, end: UtcDateTime) {
    match challenge.state() {
        State::Validated { at, until, .. } => assert_eq!((at, until), (since, end)),
        other => panic!("{other}"),
    }
}

#[track_caller]
fn assert_expired(challenge: &Challenge, since: UtcDateTime) {
    match challenge.state() {
        State::Expired { at, .. } => assert_eq!(at, since),
        other => panic!("{other}"),
    }
}

// P-03: what is kept of a proof.
#[test]
fn a_proof_keeps_its_evidence() {
    let challenge = challenge();
    let examination = validation(&challenge, cases::now());
    let proven = examined(&challenge, &examination, cases::now());
    let (at, until) = (cases::now(), cases::now() + 90 * DAY);
    assert_validated(&proven, at, until);
    assert_eq!(proven.evidence(), examination.evidence());
    let evidence = proven.evidence().unwrap();
    assert!(proven.expects(evidence.token()));
    assert_eq!(evidence.sightings().len(), 1);
    let given_up = step(&proven, Occasion::Cancelled, until + DAY).unwrap();
    assert_eq!(given_up.next().evidence(), proven.evidence());
}

// S-4, S-15: a check is of one challenge in one revision.
#[test]
fn a_check_of_something_else_changes_nothing() {
    let ours = challenge();
    let theirs = Plan {
        id: 2,
        ..Plan::default()
    }
    .challenge();
    let later = in_state("checked");
    let now = cases::now();
    for (subject, looked) in [(&ours, &theirs), (&later, &ours), (&ours, &later)] {
        for examination in [
            validation(looked, now),
            unproven(looked, now),
            indeterminate(looked, now),
            rejected(looked, now),
        ] {
            let step = advance(
                subject,
                Occasion::Examined(&examination),
                &Timing::default(),
                now,
            );
            assert_eq!(step, Err(LifecycleError::ForeignExamination));
        }
    }
}

// S-4: a token that is not expected any more, or not yet, or never was.
#[test]
fn a_witness_is_of_a_live_token() {
    let ours = challenge();
    let examination = validation(&ours, cases::now());
    let now = cases::now();
    let refused = |challenge: &Challenge| {
        let occasion = Occasion::Examined(&examination);
        let step = advance(challenge, occasion, &Timing::default(), now);
        assert_eq!(step, Err(LifecycleError::ForeignWitness));
    };
    refused(&edited(&ours, |written| {
        written["expectations"][0]["token"] = "gezdgnbvgy3tqojqgezdgnbvgy3tqojq".into();
        written["record"]["value"] = "token=gezdgnbvgy3tqojqgezdgnbvgy3tqojq".into();
    }));
    refused(&edited(&ours, |written| {
        written["expectations"][0]["retire_at"] = written["issued_at"].clone();
    }));
    refused(&edited(&ours, |written| {
        written["expectations"][0]["issued_at"] = written["expires_at"].clone();
    }));
    // One that ended before the record was seen.
    refused(&edited(&ours, |written| {
        written["expires_at"] = "2026-11-18T11:06:41Z".into();
    }));
    // And from a time that has not come.
    let step = advance(
        &ours,
        Occasion::Examined(&examination),
        &Timing::default(),
        now - HOUR,
    );
    assert_eq!(step, Err(LifecycleError::ForeignWitness));
}

// S-4: a replay proves nothing.
#[test]
fn a_replay_is_no_proof() {
    let challenge = challenge();
    let rules = Rules::new(Policy::single_resolver(), vec![cases::eye("one")]).unwrap();
    let live = validation(&challenge, cases::now());
    let written = serde_json::to_value(live.observations()).unwrap();
    let read: Vec<_> = serde_json::from_value(written).unwrap();
    assert_eq!(live.observations().len(), read.len());
    let replay = examine(&Case::new(&challenge, &rules, &read, cases::now()));
    assert!(replay.verdict().is_validated());
    let occasion = Occasion::Examined(&replay);
    let step = advance(&challenge, occasion, &Timing::default(), cases::now());
    assert_eq!(step, Err(LifecycleError::NoWitness));
    // Nor does one that is mixed with what was live.
    let mixed = [live.observations(), &read].concat();
    let mixed = examine(&Case::new(&challenge, &rules, &mixed, cases::now()));
    assert!(mixed.verdict().is_validated());
    assert_eq!(mixed.evidence(), None);
}

// E-07: the record's own expiry neither extends nor shortens anything.
#[test]
fn the_record_s_expiry_is_advice() {
    let challenge = challenge();
    let token = cases::TOKEN;
    for expiry in [
        "1970-01-01",
        "never",
        "9999-12-31T23:59:59Z",
        "soon",
        "2026-11-18",
    ] {
        let value = format!("token={token} expiry={expiry}");
        let at = |now| seeing(&challenge, Ok(Answer::txt([&value])), now);
        let proven = examined(&challenge, &at(cases::now()), cases::now());
        let (since, until) = (cases::now(), cases::now() + 90 * DAY);
        assert_validated(&proven, since, until);
        let end = challenge.expires_at();
        let expired = examined(&challenge, &at(end), end);
        assert_expired(&expired, end);
    }
}

// S-15: whoever cancels first has cancelled, and the other way round the proof is given up.
#[tokio::test]
async fn cancel_beats_validated() {
    let challenge = challenge();
    let store = MemoryStore::new();
    store.insert(challenge.clone()).await.unwrap();
    let examination = validation(&challenge, cases::now());
    let proof = step(&challenge, Occasion::Examined(&examination), cases::now()).unwrap();
    let cancel = step(&challenge, Occasion::Cancelled, cases::now()).unwrap();
    let results = store.apply(&[cancel, proof]).await;
    assert!(matches!(
        results[..],
        [Ok(()), Err(StoreError::Conflict { .. })]
    ));
    let stored = store.get(challenge.id()).await.unwrap().unwrap();
    assert_eq!(stored.state().to_string(), "cancelled");
    // Read again, the challenge is closed to what was seen.
    let step = advance(
        &stored,
        Occasion::Examined(&examination),
        &Timing::default(),
        cases::now(),
    );
    assert!(matches!(step, Err(LifecycleError::Closed { .. })));
}

// S-15: two checks of one revision make one transition.
#[tokio::test]
async fn one_of_two_checks_counts() {
    let challenge = challenge();
    let store = MemoryStore::new();
    store.insert(challenge.clone()).await.unwrap();
    let examination = validation(&challenge, cases::now());
    let proof = step(&challenge, Occasion::Examined(&examination), cases::now()).unwrap();
    let results = store.apply(&[proof.clone(), proof]).await;
    assert!(matches!(
        results[..],
        [Ok(()), Err(StoreError::Conflict { .. })]
    ));
}

/// The waits between the first checks of a challenge.
fn waits(
    timing: &Timing,
    count: usize,
    look: impl Fn(&Challenge, UtcDateTime) -> Examination,
) -> Vec<u64> {
    let mut now = cases::now();
    let plan = Plan {
        timing: timing.clone(),
        ..Plan::default()
    };
    let mut challenge = plan.challenge();
    let mut waits = Vec::new();
    for _ in 0..count {
        let examination = look(&challenge, now);
        let occasion = Occasion::Examined(&examination);
        let step = advance(&challenge, occasion, timing, now).unwrap().unwrap();
        challenge = step.next().clone();
        let next = challenge.next_check_at().unwrap();
        waits.push((next - now).whole_seconds().unsigned_abs());
        now = next;
    }
    waits
}

fn denied_for(ttl: u32) -> impl Fn(&Challenge, UtcDateTime) -> Examination {
    let zone = soa("example.com");
    let zone = dcv::dns::Soa::new(zone.owner().clone(), 1, ttl, ttl);
    move |challenge, at| {
        let outcome = Outcome::nx_domain(Some(zone.clone()));
        seeing(challenge, Ok(Answer::new(outcome)), at)
    }
}

// The waits double, up to the longest; L-02: caches that deny the record are waited out.
#[test]
fn checks_back_off() {
    let timing = Timing::default();
    assert_eq!(
        waits(&timing, 9, indeterminate),
        [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    );
    assert_eq!(
        waits(&timing, 9, denied_for(300)),
        [300, 300, 300, 480, 960, 1920, 3600, 3600, 3600]
    );
    // However long a zone wants its denials to be kept, we look once an hour.
    assert_eq!(waits(&timing, 3, denied_for(u32::MAX)), [3600, 3600, 3600]);
    assert_eq!(waits(&timing, 3, denied_for(0)), [60, 120, 240]);
    let often = timing.with_backoff(Duration::from_secs(1), Duration::ZERO);
    assert_eq!(waits(&often, 3, indeterminate), [1, 1, 1]);
    let huge = Timing::default().with_backoff(Duration::MAX, Duration::MAX);
    assert_eq!(waits(&huge, 1, indeterminate), [(7 * DAY - HOUR).as_secs()]);
}

// The last check is planned for the end, where the challenge is found to have expired.
#[test]
fn no_check_is_planned_past_the_end() {
    let challenge = challenge();
    let last = challenge.expires_at() - Duration::from_secs(1);
    let next = examined(&challenge, &unproven(&challenge, last), last);
    assert_eq!(next.next_check_at(), Some(challenge.expires_at()));
    let end = challenge.expires_at();
    let expired = step(&next, Occasion::Elapsed, end).unwrap();
    assert_expired(expired.next(), end);
}

// S-7: a clock that was set back ends nothing and forgets nothing.
#[test]
fn a_clock_may_go_backwards() {
    let challenge = in_state("checked");
    let past = issued() - 365 * DAY;
    assert_eq!(step(&challenge, Occasion::Elapsed, past), None);
    let examination = indeterminate(&challenge, past);
    let next = examined(&challenge, &examination, past);
    assert!(next.is_open());
    assert_eq!(next.attempts(), 2);
    assert!(next.next_check_at().is_some_and(|at| at > past));
    let proven = in_state("validated");
    assert_eq!(step(&proven, Occasion::Elapsed, past), None);
}

// S-7: one look ends no open challenge that was looked at before, however wrong the clock; two an
// hour apart do, whatever a clock said before.
#[test]
fn a_clock_set_forward_ends_nothing_by_one_look() {
    let checked = in_state("checked");
    let end = checked.expires_at();
    let held = |challenge: &Challenge, at: UtcDateTime| {
        let held = step(challenge, Occasion::Elapsed, at).unwrap();
        let told = (held.event().is_none(), held.claim());
        assert_eq!(told, (true, None));
        let next = held.next().clone();
        assert!(next.is_open());
        assert_eq!(next.last_checked_at(), Some(at));
        assert_eq!(next.next_check_at(), Some(at + HOUR));
        assert_eq!(edited(&next, |_| {}), next);
        next
    };
    let ahead = held(&checked, end + 30 * DAY);
    // Nothing is put down twice, and no examination moves the look that was first.
    for at in [
        end + 30 * DAY,
        end + 30 * DAY + HOUR - Duration::from_nanos(1),
    ] {
        assert_eq!(step(&ahead, Occasion::Elapsed, at), None);
        let again = examined(&ahead, &indeterminate(&ahead, at), at);
        assert_eq!(again.last_checked_at(), ahead.last_checked_at());
    }
    // The clock is set right, and the challenge goes on and can be proven.
    let now = cases::now() + HOUR;
    assert_eq!(step(&ahead, Occasion::Elapsed, now), None);
    assert_validated(
        &examined(&ahead, &validation(&ahead, now), now),
        now,
        now + 90 * DAY,
    );
    let on = examined(&ahead, &unproven(&ahead, now), now);
    assert_eq!(on.last_checked_at(), Some(now));
    assert_eq!(step(&on, Occasion::Elapsed, end - HOUR), None);
    // What a look of the future said is no first look of two: not at the end, nor an hour later.
    let first = held(&ahead, end);
    let expired = step(&first, Occasion::Elapsed, end + HOUR).unwrap();
    assert_expired(expired.next(), end + HOUR);
    // Nor is one that was made before the end, unless it is so near that the clock did not jump.
    let near = Duration::from_secs(300);
    for (before, is_held) in [(HOUR, true), (near, false)] {
        let early = examined(&checked, &unproven(&checked, end - before), end - before);
        if is_held {
            held(&early, end);
        }
        held(&early, end + Duration::from_nanos(1));
        let next = step(&early, Occasion::Elapsed, end).unwrap();
        assert_eq!(next.next().is_open(), is_held, "{before:?}");
    }
}

// S-4: a count that cannot go on stops the challenge, and is never written.
#[test]
fn nothing_is_counted_past_the_last_revision() {
    let last = edited(&in_state("checked"), |written| {
        written["revision"] = Challenge::MAX_REVISION.into();
    });
    let often = edited(&in_state("checked"), |written| {
        written["attempts"] = Challenge::MAX_REVISION.into();
    });
    let looked = |challenge: &Challenge| {
        let examination = indeterminate(challenge, cases::now());
        let occasion = Occasion::Examined(&examination);
        advance(challenge, occasion, &Timing::default(), cases::now())
    };
    assert_eq!(looked(&last), Err(LifecycleError::Exhausted));
    assert_eq!(looked(&often), Err(LifecycleError::Exhausted));
    let cancel = advance(&last, Occasion::Cancelled, &Timing::default(), cases::now());
    assert_eq!(cancel, Err(LifecycleError::Exhausted));
    let before = edited(&last, |written| {
        written["revision"] = (Challenge::MAX_REVISION - 1).into();
    });
    assert_eq!(
        edited(looked(&before).unwrap().unwrap().next(), |_| {}).revision(),
        Challenge::MAX_REVISION
    );
}

// A state is told with the clock, whether anybody has put it down yet or not.
#[test]
fn states_are_told_at_a_time() {
    let told = |state: &str, at: UtcDateTime| in_state(state).state_at(at).to_string();
    let (end, second) = (challenge().expires_at(), Duration::from_secs(1));
    let over = cases::now() + 90 * DAY;
    for (state, at, expected) in [
        ("pending", end - second, "pending"),
        ("pending", end, "expired"),
        ("checked", end + 30 * DAY, "pending"),
        ("held", end + HOUR - second, "pending"),
        ("held", end + HOUR, "expired"),
        ("validated", over - second, "validated"),
        ("validated", over, "ended"),
        ("ended", issued(), "ended"),
        ("expired", issued(), "expired"),
        ("cancelled", issued(), "cancelled"),
    ] {
        assert_eq!(told(state, at), expected, "{state} at {at}");
    }
}

proptest! {
    // S-7: whatever the clock says, and in whatever order, a challenge that was looked at before
    // expires only when two looks an hour apart, by the times that were stored, came after its end.
    #[test]
    fn only_two_looks_apart_end_a_challenge(
        looks in prop::collection::vec((-100_000_i64..100_000, any::<bool>()), 1..24),
    ) {
        let mut now_stored = in_state("checked");
        let end = now_stored.expires_at();
        let mut late: Vec<UtcDateTime> = Vec::new();
        let mut early = now_stored.last_checked_at();
        for (seconds, looks) in looks {
            let now = end + time::Duration::seconds(seconds);
            let examination = indeterminate(&now_stored, now);
            let occasion = if looks { Occasion::Examined(&examination) } else { Occasion::Elapsed };
            let step = advance(&now_stored, occasion, &Timing::default(), now).unwrap();
            let near = |last: UtcDateTime| last < end && now - last <= time::Duration::minutes(5);
            let agrees = late.iter().any(|first| *first + HOUR <= now) || early.is_some_and(near);
            let Some(step) = step else { continue };
            if step.next().is_open() {
                if now >= end { late.push(now) } else { late.clear() }
                early = Some(now);
                now_stored = edited(step.next(), |_| {});
            } else {
                prop_assert!(agrees && now >= end);
                let is_expired = matches!(step.next().state(), State::Expired { .. });
                prop_assert!(is_expired);
                break;
            }
        }
    }

    // Every time and every duration has its transition, and no proof is longer than it should be.
    #[test]
    fn extreme_times_are_survived(
        issued in any_instant(),
        looked in any_instant(),
        now in any_instant(),
        lifetime in any_duration(),
        proof in any_duration(),
        backoff in (any_duration(), any_duration()),
    ) {
        let timing = Timing::default()
            .with_challenge_lifetime(lifetime)
            .with_proof_lifetime(proof)
            .with_backoff(backoff.0, backoff.1);
        // At the end of time there is no later instant to expire at.
        let issued = issued.min(UtcDateTime::MAX - Duration::from_secs(1));
        let challenge = Plan { issued, timing: timing.clone(), form: Form::Exact, ..Plan::default() }.challenge();
        for examination in [validation(&challenge, looked), indeterminate(&challenge, looked)] {
            for occasion in [
                Occasion::Examined(&examination),
                Occasion::Elapsed,
                Occasion::Cancelled,
            ] {
                let Ok(Some(step)) = advance(&challenge, occasion, &timing, now) else {
                    continue;
                };
                let next = step.next();
                prop_assert!(next.next_check_at().is_none_or(|at| now <= at && at <= next.expires_at()));
                if let State::Validated { at, until, .. } = next.state() {
                    prop_assert_eq!(at, looked);
                    prop_assert!(issued <= at && at < challenge.expires_at());
                    prop_assert!(until - at <= proof);
                }
            }
        }
    }
}

fn any_instant() -> impl Strategy<Value = UtcDateTime> {
    let extremes = [
        UtcDateTime::MIN,
        UtcDateTime::MAX,
        UtcDateTime::UNIX_EPOCH,
        issued(),
    ];
    (prop::sample::select(extremes.to_vec()), 0..400_000_u64).prop_map(|(base, seconds)| {
        let seconds = Duration::from_secs(seconds);
        if base == UtcDateTime::MAX {
            base - seconds
        } else {
            base + seconds
        }
    })
}

fn any_duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        Just(Duration::MAX),
        (0..1_000_000_u64).prop_map(Duration::from_secs),
    ]
}
