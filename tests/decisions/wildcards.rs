//! Whether a wildcard answers in place of the record (S-8).

use std::collections::HashSet;

use dcv::challenge::Challenge;
use dcv::dns::{Alias, Answer, ExtendedError, LookupFailure, Observation, Outcome, Purpose};
use dcv::evaluate::{Case, evaluate, questions};
use dcv::name::{AccountLabels, OwnerName};
use dcv::policy::{Policy, Rules, Wildcards};
use time::Duration;

use crate::cases::{
    Plan, Seen, absent, all_probed, asked, challenge, eye, found, id, levels, now, other, probed,
    saw, sibling, siblings, soa,
};
use crate::rows::rows;

fn one(wildcards: Wildcards) -> Rules {
    let policy = Policy::single_resolver().with_wildcards(wildcards);
    Rules::new(policy, vec![eye("one")]).unwrap()
}

fn name(text: &str) -> OwnerName {
    OwnerName::parse(text).unwrap()
}

/// Challenges with one, two, three and four labels above the domain.
fn challenges() -> Vec<Challenge> {
    let plans = [
        Plan::default(),
        Plan {
            features: &["feature1"],
            ..Plan::default()
        },
        Plan {
            features: &["feature1"],
            accounts: AccountLabels::Hashed,
            ..Plan::default()
        },
        Plan {
            domain: "deep.below.example.com",
            features: &["feature1", "feature2"],
            accounts: AccountLabels::Hashed,
            ..Plan::default()
        },
    ];
    let challenges: Vec<Challenge> = plans.iter().map(Plan::challenge).collect();
    assert_eq!(
        challenges.iter().map(levels).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    challenges
}

/// What is seen at a name; nothing at all where it was not asked.
fn shown(kind: &str, challenge: &Challenge, at: &OwnerName) -> Option<Seen> {
    let via = |seen: Seen, target: &str| {
        let alias = Alias::new(at.clone(), name(target), 300);
        seen.map(|answer| answer.with_aliases(vec![alias]))
    };
    let says = |code| {
        let errors = vec![ExtendedError::new(code, b"")];
        absent("example.com").map(|answer| answer.with_extended_errors(errors))
    };
    let (record, nothing) = (found(challenge), absent("example.com"));
    Some(match kind {
        "nobody" => nothing,
        "nothing" => Ok(Answer::new(Outcome::no_data(Some(soa("example.com"))))),
        "filtered-away" => Ok(Answer::new(Outcome::nx_domain(None))),
        "foreign-denial" => absent("example.net"),
        "record" => record,
        "others" => other(),
        "no-records" => Ok(Answer::new(Outcome::Records(vec![]))),
        "same-alias" => via(record, "t.example.net"),
        "same-alias-to-nothing" => via(absent("example.net"), "T.example.net"),
        "same-alias-in-a-circle" => via(Ok(Answer::new(Outcome::AliasLoop)), "t.example.net"),
        "other-alias" => via(other(), "u.example.net"),
        "other-alias-to-nothing" => via(absent("example.net"), "u.example.net"),
        "other-alias-to-the-record" => via(record, "u.example.net"),
        "timeout" => Err(LookupFailure::Timeout),
        "servfail" => Err(LookupFailure::server(2)),
        "stale" => says(19),
        "blocked" => says(15),
        "broken-aliases" => {
            let alias = Alias::new(name("x.example.net"), name("t.example.net"), 300);
            found(challenge).map(|answer| answer.with_aliases(vec![alias]))
        }
        "not-asked" => return None,
        other => panic!("{other}"),
    })
}

fn probe(kind: &str, challenge: &Challenge, level: usize) -> Option<Observation> {
    let seen = shown(kind, challenge, &sibling(challenge, level))?;
    Some(probed(&id("one"), challenge, level, seen))
}

/// The same of all siblings at a level.
fn probes(kind: &str, challenge: &Challenge, level: usize) -> Vec<Observation> {
    let names = siblings(challenge, level).into_iter();
    let probes = names.filter_map(|at| {
        let seen = shown(kind, challenge, &at)?;
        let question = dcv::dns::Question::txt(at);
        Some(asked(&id("one"), question, Purpose::WildcardProbe, seen))
    });
    probes.collect()
}

/// A second look at the owner name.
fn again(kind: &str, challenge: &Challenge) -> Observation {
    let seen = shown(kind, challenge, challenge.owner()).unwrap();
    asked(
        &id("one"),
        challenge.question(),
        Purpose::WildcardProbe,
        seen,
    )
}

fn code(challenge: &Challenge, aliased: bool, probes: Vec<Observation>) -> &'static str {
    let kind = if aliased { "same-alias" } else { "record" };
    let record = shown(kind, challenge, challenge.owner()).unwrap();
    let mut seen = vec![saw(&id("one"), challenge, record)];
    seen.extend(probes);
    seen.push(again(kind, challenge));
    // Accepted, a wildcard is a record like any other, whatever the probes say.
    let rules = one(Wildcards::Accept);
    let accepted = evaluate(&Case::new(challenge, &rules, &seen, now()));
    assert_eq!(accepted.code(), "quorum");
    let rules = one(Wildcards::Reject);
    let code = evaluate(&Case::new(challenge, &rules, &seen, now())).code();
    seen.reverse();
    let reversed = evaluate(&Case::new(challenge, &rules, &seen, now()));
    assert_eq!(reversed.code(), code, "the order must not matter");
    code
}

fn expected(word: &str) -> &'static str {
    match word {
        "clean" => "quorum",
        "wildcard" => "wildcard",
        "failed" => "wildcard-unknown",
        other => panic!("{other}"),
    }
}

// S-8: every kind of sibling, at every level, beside siblings that show nothing.
#[test]
fn one_sibling_decides() {
    for (line, [kind, own, aliased]) in rows(include_str!("../data/decisions/wildcards.tsv")) {
        for challenge in challenges() {
            for place in 0..levels(&challenge) {
                for (is_alias, word) in [(false, &own), (true, &aliased)] {
                    let probes = (0..levels(&challenge)).flat_map(|level| {
                        let kind = if level == place { &*kind } else { "nobody" };
                        probes(kind, &challenge, level)
                    });
                    assert_eq!(
                        code(&challenge, is_alias, probes.collect()),
                        expected(word),
                        "line {line}, {} at {place}, alias {is_alias}",
                        challenge.owner()
                    );
                }
            }
        }
    }
}

// S-8: of several siblings the worst decides, at one level or at several.
#[test]
fn the_worst_sibling_decides() {
    let challenge = &challenges()[1];
    let kinds = [("nobody", 0), ("timeout", 1), ("record", 2)];
    for (first, a) in kinds {
        for (second, b) in kinds {
            let worst = ["quorum", "wildcard-unknown", "wildcard"][a.max(b)];
            let at = |kind, level| probes(kind, challenge, level);
            let both = [at(first, 0), at(second, 1)].concat();
            assert_eq!(code(challenge, false, both), worst, "{first}, {second}");
            let twice = [at(first, 0), at(second, 0), at("nobody", 1)].concat();
            assert_eq!(
                code(challenge, false, twice),
                worst,
                "{first}, {second} twice"
            );
            let mut differing = at(first, 0);
            differing.truncate(1);
            differing.extend(at(second, 0).pop());
            differing.extend(at("nobody", 1));
            assert_eq!(
                code(challenge, false, differing),
                worst,
                "{first} beside {second}"
            );
        }
    }
}

// S-5, S-8: a probe is a sibling, asked by this perspective for this check, in time.
#[test]
fn a_probe_counts_for_its_level() {
    let challenge = challenge();
    let owner = challenge.owner();
    let one = id("one");
    let nobody = || absent("example.com");
    let at = |name: OwnerName| {
        asked(
            &one,
            dcv::dns::Question::txt(name),
            Purpose::WildcardProbe,
            nobody(),
        )
    };
    let good = probed(&one, &challenge, 0, nobody());
    let second = all_probed(&one, &challenge, 0, &nobody()).pop().unwrap();
    for (what, probe) in [
        ("the owner name itself", at(owner.clone())),
        ("the domain", at(name("example.com"))),
        ("below the owner name", at(owner.child(b"_nobody").unwrap())),
        ("below a sibling", at(name("x._nobody.example.com"))),
        ("elsewhere", at(name("_nobody.example.net"))),
        ("above", at(name("_nobody.com"))),
        (
            "another perspective's",
            probed(&id("two"), &challenge, 0, nobody()),
        ),
        (
            "not a probe",
            saw(&one, &challenge, nobody()).with_attempt(9),
        ),
        ("of another check", good.clone().with_attempt(2)),
        (
            "asked as the record",
            asked(&one, good.question().clone(), Purpose::Record, nobody()),
        ),
    ] {
        let found = code(&challenge, false, vec![probe, second.clone()]);
        assert_eq!(found, "wildcard-unknown", "{what}");
    }
    for alone in [&good, &second] {
        let found = code(&challenge, false, vec![alone.clone(), alone.clone()]);
        assert_eq!(found, "wildcard-unknown", "one sibling, twice");
    }
    assert_eq!(code(&challenge, false, vec![good, second]), "quorum");
}

// S-3, S-8: two records of one perspective through different aliases are two opinions, in either
// order.
#[test]
fn differently_aliased_records_contradict_each_other() {
    let challenge = challenge();
    let record = |kind| {
        let seen = shown(kind, &challenge, challenge.owner()).unwrap();
        saw(&id("one"), &challenge, seen)
    };
    let wildcard = probe("same-alias", &challenge, 0).unwrap();
    let rules = one(Wildcards::Reject);
    for kinds in [["record", "same-alias"], ["same-alias", "record"]] {
        let [first, second] = kinds.map(record);
        let seen = [first, second, wildcard.clone()];
        let verdict = evaluate(&Case::new(&challenge, &rules, &seen, now()));
        assert_eq!(verdict.code(), "incoherent", "{kinds:?}");
    }
}

// S-8, SC-02, L-02: first the record at its own name; siblings only when that was seen.
#[test]
fn questions_come_in_their_order() {
    let (rules, one) = (one(Wildcards::Reject), id("one"));
    for challenge in challenges() {
        let asks =
            |seen: &[Observation]| questions(&Case::new(&challenge, &rules, seen, now()), &one);
        let first = asks(&[]);
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].question(), &challenge.question());
        assert_eq!(first[0].purpose(), Purpose::Record);
        for seen in [other(), absent("example.com"), Err(LookupFailure::Timeout)] {
            assert_eq!(
                asks(&[saw(&one, &challenge, seen)]),
                [],
                "nothing more to ask"
            );
        }
        let mut seen = vec![saw(&one, &challenge, found(&challenge))];
        let probes = asks(&seen);
        assert_eq!(probes.len(), levels(&challenge) + 1);
        assert_ne!(probes[0], probes[1]);
        for (number, probe) in probes.iter().enumerate() {
            let (name, level) = (probe.question().name(), number.saturating_sub(1));
            assert_eq!(probe.purpose(), Purpose::WildcardProbe);
            assert_eq!(name.parent(), sibling(&challenge, level).parent());
            assert!(!challenge.owner().is_within(name), "{name}");
        }
        // When they have been asked, there is nothing left.
        for probe in &probes {
            let question = probe.question().clone();
            seen.push(asked(
                &one,
                question,
                probe.purpose(),
                absent("example.com"),
            ));
        }
        assert_eq!(asks(&seen), []);
        let verdict = evaluate(&Case::new(&challenge, &rules, &seen, now()));
        assert!(verdict.is_validated());
        // Whoever accepts wildcards asks no probes; a stranger nothing at all.
        let rules = self::one(Wildcards::Accept);
        let case = Case::new(&challenge, &rules, &seen[..1], now());
        assert_eq!(questions(&case, &one), []);
        assert_eq!(questions(&case, &id("stranger")), []);
    }
}

// S-8: a sibling is another one at each look, for each challenge and at each level.
#[test]
fn siblings_differ() {
    let rules = one(Wildcards::Reject);
    let mut names = HashSet::new();
    for id_octet in 1..=3 {
        let challenge = Plan {
            id: id_octet,
            features: &["f"],
            ..Plan::default()
        }
        .challenge();
        for late in 0..3 {
            let seen = saw(&id("one"), &challenge, found(&challenge));
            let (from, to) = (
                seen.started_at(),
                seen.finished_at() + Duration::nanoseconds(late),
            );
            let seen = Observation::replayed(
                id("one"),
                challenge.question(),
                Purpose::Record,
                from,
                to,
                seen.result().cloned().map_err(Clone::clone),
            );
            let case = Case::new(&challenge, &rules, std::slice::from_ref(&seen), now());
            for ask in questions(&case, &id("one")) {
                assert!(names.insert(ask.question().name().clone()));
            }
        }
    }
    assert_eq!(names.len(), 3 * 3 * 3);
}

// S-8, N-06: a domain that leaves no room for a long label still has siblings.
#[test]
fn a_long_domain_has_siblings() {
    let rules = one(Wildcards::Reject);
    let label = "a".repeat(60);
    for last in 40..=52 {
        let domain = format!("{label}.{label}.{label}.{}.com", "b".repeat(last));
        let Ok(domain) = dcv::name::DomainName::parse(&domain) else {
            continue;
        };
        let domain: &'static str = domain.to_string().leak();
        if domain.len() > 253 - "_p-challenge.".len() {
            continue;
        }
        let challenge = Plan {
            domain,
            ..Plan::default()
        }
        .challenge();
        let seen = [saw(&id("one"), &challenge, found(&challenge))];
        let asks = questions(&Case::new(&challenge, &rules, &seen, now()), &id("one"));
        assert_eq!(asks.len(), 2, "{domain}");
        for ask in &asks {
            assert_ne!(ask.question().name(), challenge.owner());
        }
    }
}

/// What one perspective sees at the owner name, at its siblings, and at the owner name again.
type Sight<'a> = (&'a str, [&'a str; 2], &'a str);

fn of_several(sights: &[Sight<'_>]) -> &'static str {
    let challenge = challenge();
    let eyes: Vec<_> = (0..sights.len())
        .map(|number| eye(&format!("e{number}")))
        .collect();
    let mut seen = Vec::new();
    for (eye, (own, beside, again)) in eyes.iter().zip(sights) {
        let at = |name: OwnerName, kind: &str, purpose| {
            let shown = shown(kind, &challenge, &name)?;
            Some(asked(
                eye.id(),
                dcv::dns::Question::txt(name),
                purpose,
                shown,
            ))
        };
        let names = siblings(&challenge, 0).into_iter().zip(beside);
        seen.extend(at(challenge.owner().clone(), own, Purpose::Record));
        seen.extend(names.filter_map(|(name, kind)| at(name, kind, Purpose::WildcardProbe)));
        seen.extend(at(challenge.owner().clone(), again, Purpose::WildcardProbe));
    }
    let count = u8::try_from(sights.len()).unwrap();
    let policy = Policy::k_of_n(count, count).unwrap();
    let rules = Rules::new(policy, eyes).unwrap();
    let code = evaluate(&Case::new(&challenge, &rules, &seen, now())).code();
    seen.reverse();
    let reversed = evaluate(&Case::new(&challenge, &rules, &seen, now()));
    assert_eq!(reversed.code(), code, "the order must not matter");
    code
}

// S-8: a wildcard alias that leads to several targets in turn, by the query, by who asks or with time,
// proves nothing; an alias of the owner name's own beside a wildcard that stays does.
#[test]
fn a_rotating_wildcard_proves_nothing() {
    let (ours, others, nothing) = ("same-alias", "other-alias", "nobody");
    let own = (ours, [others; 2], ours);
    for (what, sights, code) in [
        ("a wildcard beside it", vec![own; 2], "quorum"),
        (
            "nothing beside it",
            vec![(ours, [nothing; 2], "not-asked"); 2],
            "quorum",
        ),
        (
            "a record beside it",
            vec![("record", [others; 2], "not-asked"); 2],
            "quorum",
        ),
        (
            "by the query, beside it",
            vec![(ours, [others, ours], ours); 2],
            "wildcard",
        ),
        (
            "by the query, to somewhere else",
            vec![(ours, [others, "other-alias-to-nothing"], ours), own],
            "quorum",
        ),
        (
            "by the query, to nowhere",
            vec![(ours, [others, nothing], ours), own],
            "wildcard-unknown",
        ),
        (
            "by who asks",
            vec![own, (others, [ours; 2], others)],
            "wildcard-unknown",
        ),
        (
            "by who asks, beside it",
            vec![own, ("record", [ours; 2], "not-asked")],
            "wildcard-unknown",
        ),
        (
            "by who asks, beside it for nobody",
            vec![
                ("record", [others; 2], "not-asked"),
                ("record", [nothing; 2], "not-asked"),
            ],
            "wildcard-unknown",
        ),
        (
            "with time",
            vec![(ours, [others; 2], others), own],
            "wildcard-unknown",
        ),
        (
            "with time, away",
            vec![(ours, [others; 2], nothing), own],
            "wildcard-unknown",
        ),
        (
            "with time, unheard",
            vec![(ours, [others; 2], "timeout"), own],
            "wildcard-unknown",
        ),
        (
            "not looked at again",
            vec![(ours, [others; 2], "not-asked"), own],
            "wildcard-unknown",
        ),
        (
            "one sibling",
            vec![(ours, [others, "not-asked"], ours), own],
            "wildcard-unknown",
        ),
        (
            "one sibling heard",
            vec![(ours, [others, "timeout"], ours), own],
            "wildcard-unknown",
        ),
    ] {
        assert_eq!(of_several(&sights), code, "{what}");
    }
}

// S-8: below a DNAME every name has an alias of its own, which is no rotation: what stands at the
// targets decides.
#[test]
fn an_alias_below_a_dname_does_not_rotate() {
    let challenge = challenge();
    let below = |at: &OwnerName, seen: Seen| {
        let target = name("example.net")
            .child(at.labels().next().unwrap())
            .unwrap();
        seen.map(|answer| answer.with_aliases(vec![Alias::new(at.clone(), target, 300)]))
    };
    for (beside, code) in [
        (absent("example.net"), "quorum"),
        (found(&challenge), "wildcard"),
    ] {
        let own = below(challenge.owner(), found(&challenge));
        let mut seen = vec![saw(&id("one"), &challenge, own)];
        for at in siblings(&challenge, 0) {
            let shown = below(&at, beside.clone());
            let question = dcv::dns::Question::txt(at);
            seen.push(asked(&id("one"), question, Purpose::WildcardProbe, shown));
        }
        let rules = one(Wildcards::Reject);
        let verdict = evaluate(&Case::new(&challenge, &rules, &seen, now()));
        assert_eq!(verdict.code(), code);
    }
}

// S-8: what keeps its labels and leads elsewhere than its siblings do has rotated, below whatever name
// that is; and records beside the owner name that differ are a wildcard's that rotates.
#[test]
fn labels_that_are_kept_and_records_rotate_too() {
    let challenge = challenge();
    let below = |at: &OwnerName, base: &str, seen: Seen| {
        let target = name(base).child(at.labels().next().unwrap()).unwrap();
        seen.map(|answer| answer.with_aliases(vec![Alias::new(at.clone(), target, 300)]))
    };
    let owner = challenge.owner();
    let shown = |kind: &str, at: &OwnerName| match kind {
        "ours" => found(&challenge),
        "others" => other(),
        "more" => Ok(Answer::txt(["v=spf1 -all", "more"])),
        "nothing" => absent("example.com"),
        base if at == owner => below(at, base, found(&challenge)),
        base => below(at, base, absent("example.net")),
    };
    for (own, beside, again, code) in [
        ("a.net", ["a.net"; 2], "a.net", "quorum"),
        ("a.net", ["b.net"; 2], "a.net", "wildcard-unknown"),
        ("a.net", ["a.net", "b.net"], "a.net", "wildcard-unknown"),
        ("a.net", ["a.net"; 2], "b.net", "wildcard-unknown"),
        ("a.net", ["nothing"; 2], "a.net", "quorum"),
        ("ours", ["others"; 2], "ours", "quorum"),
        ("ours", ["others", "more"], "ours", "wildcard-unknown"),
        ("ours", ["others", "nothing"], "ours", "wildcard-unknown"),
        ("ours", ["a.net"; 2], "ours", "quorum"),
        ("ours", ["a.net"; 2], "a.net", "wildcard-unknown"),
        ("ours", ["others", "ours"], "ours", "wildcard"),
    ] {
        let mut seen = vec![saw(&id("one"), &challenge, shown(own, owner))];
        for (at, kind) in siblings(&challenge, 0).into_iter().zip(beside) {
            let answer = shown(kind, &at);
            let question = dcv::dns::Question::txt(at);
            seen.push(asked(&id("one"), question, Purpose::WildcardProbe, answer));
        }
        let rules = one(Wildcards::Reject);
        let question = challenge.question();
        let answer = shown(again, owner);
        seen.push(asked(&id("one"), question, Purpose::WildcardProbe, answer));
        let verdict = evaluate(&Case::new(&challenge, &rules, &seen, now()));
        assert_eq!(
            verdict.code(),
            code,
            "{own} beside {beside:?}, then {again}"
        );
    }
}
