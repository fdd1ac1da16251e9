//! What holds whatever is seen.

use std::collections::BTreeMap;

use dcv::diagnose::{
    MAX_PER_SERVER, MAX_QUESTIONS, MAX_ROUNDS, MAX_SERVERS, MAX_TOKENS, Origin, Probe,
};
use dcv::dns::{
    Alias, Answer, ExtendedError, LookupFailure, NameServer, Observation, Outcome, Purpose,
    Question, RecordType,
};
use dcv::evaluate::{Case, evaluate};
use dcv::name::OwnerName;
use proptest::prelude::*;
use proptest::sample::select;
use time::Duration;

use crate::cases::{Seen, TOKEN, absent, asked, challenge, id, matched};
use crate::scene::{Scene, name, names, nodata, other, right, txt};

const OTHER: &str = "nfzwkidbobyg62lonfxw4zltorqw4zdb";

fn any_name() -> impl Strategy<Value = OwnerName> {
    select(vec![
        "_p-challenge.example.com",
        "_p-challenge.example.com.example.com",
        "example.com",
        "www.example.com",
        "t.example.net",
        "com",
    ])
    .prop_map(name)
}

fn any_value() -> impl Strategy<Value = String> {
    let piece = select(vec![
        TOKEN,
        OTHER,
        "token=",
        "\"",
        "\u{200b}",
        "\u{a0}",
        " ",
        "\n",
        "TXT ",
        "expiry=never",
        "x",
    ]);
    let value = prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat());
    prop_oneof![4 => value, 1 => Just(TOKEN.to_uppercase()), 1 => ".{0,12}"]
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let alias = (any_name(), any_name()).prop_map(|(from, to)| Alias::new(from, to, 60));
    let aliases = prop_oneof![5 => Just(vec![]), 1 => prop::collection::vec(alias, 0..3)];
    let answers = prop_oneof![
        6 => prop::collection::vec(any_value(), 1..4).prop_map(|values| Ok(Answer::txt(values))),
        2 => select(vec![
            absent("example.com"),
            absent("com"),
            nodata("example.com"),
            names(&["ns1.example.net", "ns8.example.net", "ns9.example.net"]),
            other(&[&[192, 0, 2, 1]]),
            right(),
            Ok(Answer::new(Outcome::nx_domain(None))),
            Ok(Answer::new(Outcome::AliasLoop)),
            Ok(Answer::new(Outcome::Elsewhere)),
        ]),
    ];
    let error = select(vec![3_u16, 6, 7, 15, 22]);
    let errors = prop_oneof![6 => Just(vec![]), 1 => prop::collection::vec(error, 1..3)];
    let answers = (answers, aliases, errors, any::<bool>()).prop_map(
        |(seen, aliases, errors, authoritative): (Seen, _, Vec<u16>, _)| {
            seen.map(|answer| {
                let errors = errors.iter().map(|code| ExtendedError::new(*code, b""));
                answer
                    .with_aliases(aliases)
                    .with_extended_errors(errors.collect())
                    .with_authoritative(authoritative)
            })
        },
    );
    let failures = select(vec![
        LookupFailure::Timeout,
        LookupFailure::server(2),
        LookupFailure::server(5),
        LookupFailure::Bogus { extended: vec![] },
        LookupFailure::Truncated,
        LookupFailure::Referral,
        LookupFailure::UnverifiedWildcard,
        LookupFailure::Throttled,
    ]);
    prop_oneof![4 => answers, 1 => failures.prop_map(Err)]
}

fn any_observation(purposes: &'static [Purpose]) -> impl Strategy<Value = Observation> {
    let owner = challenge().owner().clone();
    let name = prop_oneof![2 => Just(owner), 1 => any_name()];
    let record_type = select(vec![
        RecordType::TXT,
        RecordType::TXT,
        RecordType::TXT,
        RecordType::NS,
        RecordType::A,
    ]);
    let who = select(vec!["one", "two", "own", "home", "nobody"]);
    let server = prop::option::of(select(vec!["ns1", "ns2", "ns8"]));
    let purpose = select(purposes);
    (who, name, record_type, purpose, server, any_seen()).prop_map(
        |(who, name, record_type, purpose, server, seen)| {
            let question = Question::new(name, record_type);
            let one = asked(&id(who), question, purpose, seen);
            match server {
                Some(server) => one.with_server(crate::scene::server(server)),
                None => one,
            }
        },
    )
}

const ALL: &[Purpose] = &[
    Purpose::Record,
    Purpose::Record,
    Purpose::Diagnosis,
    Purpose::WildcardProbe,
    Purpose::Unchecked,
];

fn any_scene() -> impl Strategy<Value = Scene> {
    let seen = prop::collection::vec(any_observation(ALL), 0..12);
    let hints = any::<[bool; 3]>();
    let expired = prop::bool::weighted(0.1);
    (seen, hints, expired).prop_map(|(seen, [published, inside, edited], expired)| {
        let mut scene = Scene::new();
        scene.seen = seen;
        if published {
            scene.hints = scene.hints.published();
        }
        if inside {
            scene.hints = scene.hints.visible_inside();
        }
        if edited {
            scene.hints = scene.hints.edited_at("cloudflare");
        }
        if expired {
            scene.now = scene.challenge.expires_at() + Duration::SECOND;
        }
        scene
    })
}

/// What comes back for a probe, by turns.
fn answer(scene: &mut Scene, probe: &Probe, answers: &mut impl Iterator<Item = Seen>) {
    let Some(seen) = answers.next() else { return };
    match probe {
        Probe::Token(fingerprint) => {
            let history = std::mem::take(&mut scene.history);
            scene.history = history.with_token(*fingerprint, Origin::OtherAccount);
        }
        Probe::Delegated(question) => {
            let one = asked(&id("own"), question.clone(), Purpose::Diagnosis, seen);
            scene
                .seen
                .push(one.with_server(crate::scene::server("ns1")));
        }
        Probe::Servers { question, servers } => {
            let one = asked(&id("own"), question.clone(), Purpose::Diagnosis, seen);
            let server = NameServer::new(name("example.com"), servers[0].clone());
            scene.seen.push(one.with_server(server));
        }
        Probe::Unchecked(question) => {
            let one = asked(&id("one"), question.clone(), Purpose::Unchecked, seen);
            scene.seen.push(one);
        }
        probe => {
            let question = probe.question().unwrap().clone();
            let one = asked(&id("one"), question, Purpose::Diagnosis, seen);
            scene.seen.push(one);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    // S-16: whatever is seen, the rounds end, no probe is sent twice, and the bounds hold over all
    // of them.
    #[test]
    fn plans_are_bounded(
        scene in any_scene(),
        answers in prop::collection::vec(any_seen(), 0..40),
    ) {
        let mut scene = scene;
        let mut answers = answers.into_iter();
        let mut rounds = 0_u8;
        loop {
            let probes = scene.plan();
            if probes.is_empty() {
                break;
            }
            prop_assert!(rounds < MAX_ROUNDS);
            for probe in &probes {
                prop_assert!(!scene.asked.contains(probe), "{probe:?} again");
                if let Probe::Servers { servers, .. } = probe {
                    prop_assert!((1..=MAX_SERVERS).contains(&servers.len()));
                }
                answer(&mut scene, probe, &mut answers);
                scene.asked.push(probe.clone());
            }
            rounds += 1;
            scene.rounds = rounds;
        }
        let mut counts = BTreeMap::new();
        for probe in &scene.asked {
            let kind = match probe {
                Probe::Resolver(_) | Probe::Unchecked(_) => MAX_QUESTIONS,
                Probe::Delegated(_) | Probe::Servers { .. } => MAX_PER_SERVER,
                _ => MAX_TOKENS,
            };
            *counts.entry(kind).or_insert(0_usize) += 1;
        }
        for (most, count) in counts {
            prop_assert!(count <= most, "{count} of {most}: {:?}", scene.asked);
        }
    }

    // The order of the observations says nothing: neither for what is planned nor for what is found.
    #[test]
    fn order_does_not_matter(scene in any_scene(), turn in any::<prop::sample::Index>()) {
        let (findings, plan) = (scene.findings(), scene.plan());
        let mut turned = scene;
        turned.seen.reverse();
        if !turned.seen.is_empty() {
            let by = turn.index(turned.seen.len());
            turned.seen.rotate_left(by);
        }
        prop_assert_eq!(turned.findings(), findings);
        prop_assert_eq!(turned.plan(), plan);
    }

    // A case is proven, or it has findings; never both, and never more than 16 of at most 8 sights.
    #[test]
    fn every_case_has_an_explanation(scene in any_scene()) {
        let findings = scene.findings();
        let proven = scene.with_inquiry(|inquiry| inquiry.verdict()).is_validated();
        prop_assert_eq!(findings.is_empty(), proven);
        prop_assert!(findings.len() <= 16);
        for finding in &findings {
            prop_assert!(finding.seen().len() <= 8);
            prop_assert!(finding.next_check_at() <= Some(scene.challenge.expires_at()));
            let keys: Vec<_> = finding.params().iter().map(|param| param.key()).collect();
            prop_assert_eq!(&keys[..5], ["owner", "zone", "host", "type", "value"]);
            let mut unique = keys.clone();
            unique.sort_unstable();
            unique.dedup();
            prop_assert_eq!(unique.len(), keys.len(), "{:?}", keys);
        }
    }

    // A diagnosis never turns a no into a yes: what it saw, the right token even, is not counted.
    #[test]
    fn a_diagnosis_proves_nothing(scene in any_scene(), extra in prop::collection::vec(
        any_observation(&[Purpose::Diagnosis, Purpose::Unchecked]), 0..8,
    )) {
        let challenge = scene.challenge.clone();
        let mut counted = scene.seen.clone();
        counted.retain(|one| !matches!(one.purpose(), Purpose::Diagnosis | Purpose::Unchecked));
        let verdict = |seen: &[Observation]| {
            let verdict = evaluate(&Case::new(&challenge, &scene.rules, seen, scene.now));
            (verdict.name(), verdict.code())
        };
        let before = verdict(&counted);
        let mut seen = counted.clone();
        seen.extend(extra);
        for who in ["one", "two", "own"] {
            for one in matched(&id(who), &challenge) {
                for purpose in [Purpose::Diagnosis, Purpose::Unchecked] {
                    let result = one.result().cloned().map_err(Clone::clone);
                    seen.push(asked(&id(who), one.question().clone(), purpose, result));
                }
            }
        }
        prop_assert_eq!(verdict(&seen), before);
    }
}

// S-12: what is hardly a value at all is nobody's mistake.
#[test]
fn values_of_next_to_nothing() {
    for value in [
        "", " ", "\"", "token=", "\u{200b}", "\\", "\\\"", "…", "...",
    ] {
        let scene = Scene::new().all(&txt(&[value]));
        let codes = scene.codes();
        assert!(
            ["not-published", "unknown-token"].contains(&codes.as_str()),
            "{value:?}: {codes}"
        );
    }
}
