//! What stands in the way whatever the DNS says, and what history tells.

use std::sync::Arc;

use dcv::challenge::{Challenge, Form, State};
use dcv::diagnose::{Code, History, Severity};
use dcv::dns::LookupFailure;
use dcv::lifecycle::{Occasion, advance};
use dcv::policy::Timing;
use dcv::record::{FormatId, Formats, PrefixFormat};
use dcv::suffix::{SuffixGuard, SuffixList, SuffixPolicy};
use time::Duration;

use crate::cases::{Plan, absent, challenge, edited, issued, now, validation};
use crate::scene::{Scene, next, right, shown, txt};

// Mistake 29, E-07: right, but too late; and nothing else is said of it.
#[test]
fn an_expired_challenge() {
    let expired = |seen| {
        let mut scene = Scene::new().record("one", seen);
        scene.now = scene.challenge.expires_at() + Duration::HOUR;
        scene
    };
    let scene = expired(right());
    assert_eq!(scene.codes(), "challenge-expired");
    let finding = scene.finding(Code::ChallengeExpired);
    assert_eq!(shown(&finding, "seen_at"), "-1");
    assert_eq!(finding.next_check_at(), None);
    assert_eq!(finding.seen().len(), 1);
    let scene = expired(txt(&["v=spf1 -all"]));
    let finding = scene.finding(Code::ChallengeExpired);
    assert_eq!(shown(&finding, "seen_at"), "none");
    // Near miss: in the last second.
    let mut scene = Scene::new().all(&absent("example.com"));
    scene.now = scene.challenge.expires_at() - Duration::SECOND;
    assert_eq!(scene.codes(), "not-published");
    // No look is later than the end.
    let finding = scene.finding(Code::NotPublished);
    assert!(finding.next_check_at() <= Some(scene.challenge.expires_at()));
}

fn in_state(state: &str) -> Challenge {
    let at = serde_json::to_value(challenge()).unwrap()["issued_at"].clone();
    edited(&challenge(), |written| {
        written["state"] = serde_json::json!({ "name": state, "at": at });
    })
}

// A challenge that was closed says so, and asks nothing.
#[test]
fn a_closed_challenge() {
    let scene = Scene::of(in_state("cancelled")).all(&right());
    assert_eq!(scene.codes(), "challenge-closed");
    assert_eq!(scene.plan(), []);
    assert_eq!(scene.finding(Code::ChallengeClosed).next_check_at(), None);
    let scene = Scene::of(in_state("expired")).record("one", right());
    assert_eq!(scene.codes(), "challenge-expired");
}

// PS-02, S-9: the guard's own words.
#[test]
fn a_refused_domain() {
    let plan = Plan {
        domain: "github.io",
        ..Plan::default()
    };
    let scene = || Scene::of(plan.challenge()).all(&absent("github.io"));
    assert_eq!(scene().codes(), "domain-refused");
    let finding = scene().finding(Code::DomainRefused);
    assert!(shown(&finding, "reason").contains("github.io"));
    assert_eq!(scene().plan(), []);
    // Near miss: the same under a guard that admits it.
    let mut admitted = scene();
    let policy = SuffixPolicy::strict().allow_private_suffixes();
    let guard = SuffixGuard::new(SuffixList::compiled(), policy);
    admitted.rules = admitted.rules.with_guard(guard);
    assert_eq!(admitted.codes(), "not-published");
}

// K-13: records in a format that nobody here knows any more.
#[test]
fn an_unknown_format() {
    let format = PrefixFormat::new("svc", "svc=").unwrap();
    let formats = Formats::new().with(Arc::new(format)).unwrap();
    let plan = Plan {
        form: Form::Custom(FormatId::new("svc").unwrap()),
        formats: formats.clone(),
        ..Plan::default()
    };
    let challenge = plan.challenge();
    let value = challenge.record().value().to_owned();
    let mut scene = Scene::of(challenge.clone()).all(&txt(&[&value]));
    assert!(scene.codes().starts_with("unknown-format"));
    assert_eq!(shown(&scene.finding(Code::UnknownFormat), "format"), "svc");
    // Near misses: it is known, and there is nothing to read.
    scene.rules = scene.rules.with_formats(formats);
    assert!(!scene.codes().contains("unknown-format"));
    let scene = Scene::of(challenge).all(&absent("example.com"));
    assert_eq!(scene.codes(), "not-published");
}

/// The challenge as it stands after it was proven.
fn proven() -> Challenge {
    let pending = challenge();
    let done = validation(&pending, issued() + Duration::MINUTE);
    let at = issued() + Duration::MINUTE;
    let timing = Timing::default();
    let transition = advance(&pending, Occasion::Examined(&done), &timing, at);
    transition.unwrap().unwrap().next().clone()
}

// Mistake 30: it was proven, and the record is gone.
#[test]
fn a_record_that_was_removed() {
    let proven = proven();
    assert!(matches!(proven.state(), State::Validated { .. }));
    let scene = Scene::of(proven.clone()).all(&absent("example.com"));
    assert_eq!(scene.codes(), "record-removed");
    let finding = scene.finding(Code::RecordRemoved);
    assert_eq!(shown(&finding, "confirmed_at"), "-3540");
    assert_eq!(finding.next_check_at(), Some(next()));
    // Near misses: it is there, nobody can say, and it never was.
    assert_eq!(Scene::of(proven.clone()).all(&right()).codes(), "");
    assert_eq!(Scene::of(proven.clone()).codes(), "");
    let failing = Err(LookupFailure::Timeout);
    assert_eq!(Scene::of(proven).all(&failing).codes(), "timeout");
    let mut scene = Scene::new().all(&absent("example.com"));
    assert_eq!(scene.codes(), "not-published");
    scene.history = History::new().with_proof(now() - Duration::DAY);
    assert_eq!(scene.codes(), "record-removed");
}

// The commonest of all: what is there instead, whose the servers are, and for how long a "no" lasts
// (L-02).
#[test]
fn nothing_is_published() {
    let scene = Scene::new().all(&absent("example.com"));
    let finding = scene.finding(Code::NotPublished);
    assert_eq!(finding.severity(), Severity::Change);
    assert_eq!(shown(&finding, "servers"), "ns1.example.net.");
    assert_eq!(shown(&finding, "negative_ttl"), "300");
    assert_eq!(shown(&finding, "others"), "none");
    assert_eq!(finding.next_check_at(), Some(next()));
    let scene = Scene::new().all(&txt(&["v=spf1 -all", "x"]));
    let finding = scene.finding(Code::NotPublished);
    assert_eq!(shown(&finding, "others"), "2");
}

// Where nothing can be known, it says how much was tried.
#[test]
fn nothing_can_be_known() {
    let scene = Scene::new();
    assert_eq!(scene.codes(), "undetermined");
    assert_eq!(shown(&scene.finding(Code::Undetermined), "tried"), "0");
    let scene = Scene::new().all(&Err(LookupFailure::BudgetExhausted));
    assert_eq!(shown(&scene.finding(Code::Undetermined), "tried"), "1");
}

// A proven case has nothing to explain.
#[test]
fn a_proof_has_no_findings() {
    let challenge = challenge();
    let mut scene = Scene::of(challenge.clone());
    scene.seen = ["one", "two", "own"]
        .iter()
        .flat_map(|who| crate::cases::matched(&crate::cases::id(who), &challenge))
        .collect();
    scene.seen = scene
        .seen
        .into_iter()
        .map(|one| {
            let result = one.result().cloned().map_err(Clone::clone);
            let result = result.map(|answer| answer.with_authoritative(true));
            crate::cases::asked(
                one.perspective(),
                one.question().clone(),
                one.purpose(),
                result,
            )
        })
        .collect();
    assert!(
        scene
            .with_inquiry(|inquiry| inquiry.verdict())
            .is_validated()
    );
    assert_eq!(scene.codes(), "");
    assert_eq!(scene.plan(), []);
}
