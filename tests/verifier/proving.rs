//! What proves, and what can be put together.

use std::pin::pin;
use std::sync::Arc;

use dcv::challenge::Challenge;
use dcv::clock::ManualClock;
use dcv::dns::{LookupFailure, Perspective, PerspectiveId, Provenance, Security, Transport, Trust};
use dcv::evaluate::Verdict;
use dcv::evidence::Basis;
use dcv::lookup::{FixedLookup, TxtObserver};
use dcv::policy::{Policy, PolicyError};
use dcv::verify::Verifier;

use crate::cases::{absent, challenge, eye, found, id, now, other, run};
use crate::scripted::{Scripted, at_once, builder, observers, verifier};

// S-4, P-03: what a verifier sees is live, and a quorum of it has a witness.
#[test]
fn a_live_quorum_has_a_witness() {
    let challenge = challenge();
    let eyes = ["a", "b", "c"].map(|name| Scripted::matching(name, &challenge));
    let examination = at_once(
        Policy::k_of_n(3, 3).unwrap(),
        observers(eyes.each_ref()),
        &challenge,
    );
    let witness = *examination.verdict().witness().unwrap();
    assert_eq!(witness.challenge(), challenge.id());
    assert_eq!(witness.revision(), challenge.revision());
    assert!(challenge.expects(witness.token()));
    assert_eq!(witness.at(), now());
    assert_eq!(examination.challenge(), challenge.id());
    assert_eq!(examination.revision(), challenge.revision());
    let evidence = examination.evidence().unwrap();
    assert_eq!(evidence.token(), witness.token());
    let who: Vec<_> = evidence
        .sightings()
        .iter()
        .map(|one| one.perspective().id().as_str())
        .collect();
    assert_eq!(who, ["a", "b", "c"]);
    assert_eq!(evidence.sightings()[0].final_name(), challenge.owner());
    for seen in examination.observations() {
        assert_eq!(seen.provenance(), Provenance::Live);
        assert_eq!(seen.attempt(), 1);
    }
}

// Evidence names those whose sight counted, and nobody else.
#[test]
fn evidence_names_those_who_counted() {
    let challenge = challenge();
    let stale = found(&challenge)
        .map(|answer| answer.with_extended_errors(vec![dcv::dns::ExtendedError::new(3, b"")]));
    let eyes = [
        Scripted::matching("a", &challenge),
        Scripted::always("stale", stale),
        Scripted::always("wildcard", found(&challenge)),
        Scripted::always("other", other()),
        Scripted::matching("b", &challenge),
        Scripted::matching("c", &challenge),
        Scripted::matching("d", &challenge),
    ];
    let examination = at_once(
        Policy::k_of_n(4, 7).unwrap(),
        observers(eyes.each_ref()),
        &challenge,
    );
    assert_eq!(examination.verdict().code(), "quorum");
    let evidence = examination.evidence().unwrap();
    let who: Vec<_> = evidence
        .sightings()
        .iter()
        .map(|one| one.perspective().id().as_str())
        .collect();
    assert_eq!(who, ["a", "b", "c", "d"]);
}

// D-02, S-6: one trusted and secure answer is enough, when it is the validator's own.
#[test]
fn a_validator_needs_nobody_else() {
    let challenge = challenge();
    let (owner, record) = (challenge.owner().clone(), found(&challenge));
    let validator = |trust| {
        let (owner, record) = (owner.clone(), record.clone());
        Scripted::new(vec![eye("a").with_trust(trust)], move |question, look| {
            let seen = if *question.name() == owner {
                record.clone()
            } else {
                absent("example.com")
            };
            let seen = seen.map(|answer| answer.with_security(Security::Secure));
            Some(vec![look.record(&id("a"), question, look.now(), seen)])
        })
    };
    let slow = || {
        (
            Scripted::always("b", other()),
            Scripted::always("c", Err(LookupFailure::Other)),
        )
    };
    for (trust, code) in [
        (Trust::Validating, "secure"),
        (Trust::Untrusted, "not-corroborated"),
    ] {
        let (b, c) = slow();
        let examination = at_once(
            Policy::default(),
            observers([&validator(trust), &b, &c]),
            &challenge,
        );
        assert_eq!(examination.verdict().code(), code);
        assert_eq!(examination.verdict().witness().is_some(), code == "secure");
    }
}

// D-04, S-16: by the CA/Browser Forum's table too a live look has a witness and evidence, and ends
// when the verdict is certain.
#[test]
fn a_forum_of_live_views_has_a_witness() {
    let challenge = challenge();
    let record = found(&challenge).map(|answer| answer.with_security(Security::Insecure));
    let owner = challenge.owner().clone();
    let site = |name: &str, region: &str| {
        eye(name)
            .with_transport(Transport::Authenticated)
            .with_region(id(region))
    };
    let sees = |site: Perspective, answers: bool| {
        let (owner, record, who) = (owner.clone(), record.clone(), site.id().clone());
        Scripted::new(vec![site], move |question, look| {
            let seen = match *question.name() == owner {
                true => record.clone(),
                false => absent("example.com"),
            };
            answers.then(|| vec![look.record(&who, question, look.now(), seen)])
        })
    };
    let home = site("home", "ARIN").with_trust(Trust::Validating);
    let eyes = [
        sees(site("slow", "APNIC"), false),
        sees(site("a", "ARIN"), true),
        sees(site("b", "ARIN"), true),
        sees(site("c", "RIPE NCC"), true),
        sees(home, true),
    ];
    let policy = Policy::ca_browser_forum(id("home"));
    let examination = at_once(policy, observers(eyes.each_ref()), &challenge);
    assert_eq!(examination.verdict().code(), "ca-browser-forum");
    assert!(examination.verdict().witness().is_some());
    let evidence = examination.evidence().unwrap();
    assert_eq!(evidence.basis(), Basis::CaBrowserForum);
    let quorum = evidence.quorum();
    assert_eq!((quorum.needed(), quorum.of()), (4, 5), "the primary too");
    assert_eq!(evidence.sightings().len(), 4);
    let decisive = examination.decisive().unwrap();
    assert_eq!(decisive.perspective(), &id("home"));
}

// D-04, S-3: what can never be met is refused at once, and the text says what to do.
#[test]
fn policies_that_cannot_be_met_are_refused() {
    let clock = ManualClock::new(now());
    let build = |policy: Policy, eyes: &[Perspective]| {
        let builder = builder(&clock).policy(policy);
        let eyes = eyes
            .iter()
            .map(|eye| TxtObserver::new(eye.clone(), FixedLookup::new()));
        eyes.fold(builder, |builder, eye| builder.observer(eye))
            .build()
            .map(|_| ())
    };
    let unknown = |name| Perspective::new(id(name));
    let same = |name| unknown(name).with_group(dcv::dns::Group::Operator(id("one operator")));
    let groups = |expected, found| PolicyError::Groups { expected, found };
    let two_of_three = Policy::default;
    for (what, policy, eyes, expected) in [
        ("nobody", Policy::single_resolver(), vec![], groups(1, 0)),
        ("nobody for three", two_of_three(), vec![], groups(3, 0)),
        (
            "two for three",
            two_of_three(),
            vec![eye("a"), eye("b")],
            groups(3, 2),
        ),
        (
            "four for three",
            two_of_three(),
            ["a", "b", "c", "d"].map(eye).into(),
            groups(3, 4),
        ),
        (
            "three of one operator",
            two_of_three(),
            ["a", "b", "c"].map(same).into(),
            groups(3, 1),
        ),
        (
            "three unknown",
            two_of_three(),
            ["a", "b", "c"].map(unknown).into(),
            groups(3, 1),
        ),
        (
            "two and an unknown one",
            two_of_three(),
            vec![eye("a"), eye("b"), unknown("c")],
            groups(3, 2),
        ),
        (
            "two for one",
            Policy::single_resolver(),
            vec![eye("a"), eye("b")],
            groups(1, 2),
        ),
        (
            "one name twice",
            two_of_three(),
            vec![eye("a"), eye("b"), eye("a")],
            PolicyError::Duplicate { id: id("a") },
        ),
        (
            "a crowd",
            two_of_three(),
            (0..33)
                .map(|number| eye(&format!("eye-{number}")))
                .collect(),
            PolicyError::TooMany { found: 33 },
        ),
    ] {
        let error = build(policy, &eyes).unwrap_err();
        assert_eq!(error, expected, "{what}");
        let text = error.to_string();
        let advice = match error {
            PolicyError::Groups { .. } => "add perspectives of other operators",
            PolicyError::Duplicate { .. } => "give each its own name",
            _ => "at most 32",
        };
        assert!(text.contains(advice), "{what}: {text}");
    }
    assert_eq!(
        build(Policy::single_resolver(), &[unknown("system")]),
        Ok(())
    );
    assert_eq!(build(two_of_three(), &["a", "b", "c"].map(eye)), Ok(()));
}

// A verifier is the same behind every pointer.
#[test]
fn verifiers_are_forwarded() {
    fn verdict<V: Verifier>(verifier: V, challenge: &Challenge) -> Verdict {
        *run(pin!(verifier.examine(challenge))).unwrap().verdict()
    }
    let challenge = challenge();
    let clock = ManualClock::new(now());
    let eye = Scripted::matching("a", &challenge);
    let verifier = verifier(&clock, Policy::single_resolver(), observers([&eye]));
    let shared: Arc<dyn Verifier> = Arc::new(verifier.clone());
    let boxed: Box<dyn Verifier> = Box::new(verifier.clone());
    for verdict in [
        verdict(&verifier, &challenge),
        verdict(verifier.clone(), &challenge),
        verdict(shared, &challenge),
        verdict(boxed, &challenge),
    ] {
        assert!(verdict.witness().is_some());
    }
    let who: Vec<&PerspectiveId> = verifier
        .perspectives()
        .iter()
        .map(Perspective::id)
        .collect();
    assert_eq!(who, [&id("a")]);
    assert_eq!(verifier.policy(), &Policy::single_resolver());
}
