//! What else matters about the word of a zone's name servers: who said it, how secure it is, where
//! its aliases lead, and what the siblings show (S-2, S-8, S-16).

use dcv::challenge::Challenge;
use dcv::dns::{Alias, Answer, MAX_ALIASES, Observation, Outcome, Purpose, Question, Trust};
use dcv::evaluate::{Case, evaluate, examine, questions};
use dcv::name::OwnerName;
use dcv::policy::{Policy, Rules, Wildcards};

use crate::cases::{
    Plan, asked, challenge, edited, eye, found, id, matched, now, other, saw, siblings,
};
use crate::servers::{alone, clean, decide, name, own, row, server, zone};

// S-2: the observation that decides: the first that shows it, the first that denies it.
#[test]
fn the_verdict_shows_who_said_so() {
    let challenge = challenge();
    for (words, index) in [
        ("F M M", Some(1)),
        ("M! N N", Some(1)),
        ("O N N", Some(0)),
        ("N O N", Some(1)),
        ("M N N", Some(1)),
        ("N M M", Some(0)),
        ("F S F", Some(1)),
        ("F F F", Some(0)),
    ] {
        let mut seen = row(words, &challenge, challenge.owner());
        seen.extend(clean(&challenge));
        let verdict = evaluate(&Case::new(&challenge, &alone(own()), &seen, now()));
        assert_eq!(verdict.seen(), index, "{words}: {}", verdict.code());
    }
    // Behind an alias, the observation at its end.
    let mut seen = row("T T F", &challenge, challenge.owner());
    seen.extend(row("F M M", &challenge, &name("t.example.net")));
    seen.extend(clean(&challenge));
    let case_rules = alone(own());
    let case = Case::new(&challenge, &case_rules, &seen, now());
    assert_eq!(evaluate(&case).seen(), Some(4));
    assert_eq!(examine(&case).decisive(), seen.get(4));
}

/// Another expected token.
fn with_second_token(challenge: &Challenge) -> Challenge {
    edited(challenge, |written| {
        let mut second = written["expectations"][0].clone();
        second["token"] = "gezdgnbvgy3tqojqgezdgnbvgy3tqojq".into();
        written["expectations"].as_array_mut().unwrap().push(second);
    })
}

// S-2: servers that show different tokens of one challenge disagree, until all show the same.
#[test]
fn servers_show_the_same_token() {
    let challenge = with_second_token(&challenge());
    let rules = alone(own());
    let values = |tokens: &[usize]| {
        let tokens = tokens.iter().map(|index| {
            let token = serde_json::to_value(&challenge).unwrap();
            format!(
                "token={}",
                token["expectations"][*index]["token"].as_str().unwrap()
            )
        });
        Ok(Answer::txt(tokens).with_authoritative(true))
    };
    for (tokens, code) in [
        ([&[0][..], &[0]], "quorum"),
        ([&[0], &[1]], "servers-disagree"),
        ([&[0, 1], &[1]], "quorum"),
        ([&[0], &[]], "servers-disagree"),
    ] {
        let told = tokens.iter().zip(["a", "b"]).map(|(tokens, who)| {
            let seen = match tokens.is_empty() {
                true => other().map(|answer| answer.with_authoritative(true)),
                false => values(tokens),
            };
            saw(&id("own"), &challenge, seen).with_server(server(name("example.com"), who))
        });
        let mut seen: Vec<_> = told.collect();
        seen.extend(clean(&challenge));
        assert_eq!(decide(&rules, &challenge, &seen).code(), code, "{tokens:?}");
    }
}

// D-02, S-2: the security of what servers say is the least of it, at every name on the way.
#[test]
fn the_least_secure_counts() {
    let challenge = challenge();
    let rules = alone(own().with_trust(Trust::Validating));
    for (at_owner, at_target, code) in [
        ("Ms Ms", "-", "secure"),
        ("Ms M", "-", "quorum"),
        ("Ms F", "-", "secure"),
        ("Ts Ts", "Ms Ms", "secure"),
        ("T Ts", "Ms Ms", "quorum"),
        ("Ts Ts", "Ms M", "quorum"),
        // Refused by a validator, when too few of the others answer.
        ("B B", "-", "bogus"),
        ("B F F", "-", "bogus"),
        ("B Ms", "-", "bogus"),
        ("B Ms Ms", "-", "secure"),
        ("B Ms F", "-", "bogus"),
        ("V F", "-", "unverified-wildcard"),
        ("V B", "-", "bogus"),
        ("Ts", "B", "bogus"),
        ("Ts", "V F", "unverified-wildcard"),
    ] {
        let mut seen = row(at_owner, &challenge, challenge.owner());
        seen.extend(row(at_target, &challenge, &name("t.example.net")));
        seen.extend(clean(&challenge));
        let verdict = decide(&rules, &challenge, &seen);
        assert_eq!(verdict.code(), code, "{at_owner}, {at_target}");
    }
}

/// A chain of aliases, each leading to the servers of another name, with the record at its end.
fn chain(challenge: &Challenge, length: usize) -> Vec<Observation> {
    let places = (0..=length).map(|number| match number {
        0 => challenge.owner().clone(),
        _ => name(&format!("n{number}.example.net")),
    });
    let places: Vec<OwnerName> = places.collect();
    let mut seen = Vec::new();
    for pair in places.windows(2) {
        let alias = Alias::new(pair[0].clone(), pair[1].clone(), 300);
        let answer = Answer::new(Outcome::Elsewhere).with_aliases(vec![alias]);
        let question = Question::txt(pair[0].clone());
        let answer = Ok(answer.with_authoritative(true));
        seen.push(
            asked(&id("own"), question, Purpose::Record, answer)
                .with_server(server(zone(&pair[0]), "a")),
        );
    }
    seen.extend(row("M M", challenge, &places[length]));
    seen.extend(clean(challenge));
    seen
}

// S-2: a server of two zones is asked as a server of each, and may be behind in one of them.
#[test]
fn a_server_of_two_zones_is_two() {
    let challenge = challenge();
    for (second, code) in [("com", "servers-disagree"), ("EXAMPLE.com", "incoherent")] {
        let mut seen = row("a:M", &challenge, challenge.owner());
        let other = row("a:N", &challenge, challenge.owner()).remove(0);
        seen.push(other.with_server(server(name(second), "a")));
        seen.extend(clean(&challenge));
        let verdict = decide(&alone(own()), &challenge, &seen);
        assert_eq!(verdict.code(), code, "{second}");
    }
}

// S-2, S-5: what a server said before the look, or too long ago, is not what it says; but the server is
// there, and the others do not make a smaller zone.
#[test]
fn an_answer_of_another_time_is_unheard() {
    let challenge = challenge();
    let rules = alone(own());
    let max_age = rules.policy().max_age();
    let dated = |one: &Observation, from, to| {
        let (who, question) = (one.perspective().clone(), one.question().clone());
        let result = one.result().cloned().map_err(Clone::clone);
        let server = one.server().unwrap().clone();
        Observation::replayed(who, question, one.purpose(), from, to, result).with_server(server)
    };
    let second = time::Duration::SECOND;
    for (what, from, to) in [
        (
            "too old",
            now() - max_age - 2 * second,
            now() - max_age - second,
        ),
        ("in the future", now() - second, now() + second),
        (
            "before it was issued",
            challenge.issued_at() - second,
            now() - second,
        ),
    ] {
        for (words, code) in [
            ("M M N", "lookup-failed"),
            ("M M M", "lookup-failed"),
            ("N N M", "lookup-failed"),
        ] {
            let mut seen = row(words, &challenge, challenge.owner());
            let last = seen.pop().unwrap();
            seen.push(dated(&last, from, to));
            seen.extend(clean(&challenge));
            assert_eq!(
                decide(&rules, &challenge, &seen).code(),
                code,
                "{words}, {what}"
            );
        }
    }
}

// DG-05, S-16: so many aliases are followed, and no more.
#[test]
fn aliases_across_zones_are_bounded() {
    let challenge = challenge();
    for length in 0..=MAX_ALIASES + 2 {
        let verdict = decide(&alone(own()), &challenge, &chain(&challenge, length));
        let code = match length {
            0..=MAX_ALIASES => "quorum",
            _ => "alias-too-long",
        };
        assert_eq!(verdict.code(), code, "{length}");
    }
}

// S-16: a crowd of servers, or a server that repeats itself without end, is none.
#[test]
fn crowds_of_servers_are_incoherent() {
    let challenge = challenge();
    for (servers, times, code) in [
        (26, 1, "quorum"),
        (32, 2, "quorum"),
        (33, 1, "incoherent"),
        (1, 64, "quorum"),
        (1, 65, "incoherent"),
    ] {
        let words: Vec<_> = (0..servers).map(|number| format!("s{number}:M")).collect();
        let once = row(&words.join(" "), &challenge, challenge.owner());
        let mut seen = vec![once; times].concat();
        seen.extend(clean(&challenge));
        let verdict = evaluate(&Case::new(&challenge, &alone(own()), &seen, now()));
        assert_eq!(verdict.code(), code, "{servers}, {times} times");
    }
}

// S-9, PS-02: a PRIVATE suffix is not proven through an alias into another zone either.
#[test]
fn an_alias_elsewhere_proves_no_private_suffix() {
    let plan = Plan {
        domain: "github.io",
        ..Plan::default()
    };
    let challenge = plan.challenge();
    let rules = Rules::new(Policy::k_of_n(2, 2).unwrap(), vec![eye("one"), own()]);
    let rules = rules.unwrap().with_guard(crate::guard::admitting_private());
    for (at_owner, at_target, code) in [
        ("M M", "-", "quorum"),
        ("T T", "M M", "alias-refused"),
        ("In In", "-", "alias-refused"),
        // What one of two shows in a way that does not count, the other denies.
        ("In N", "-", "servers-disagree"),
        ("T T", "N N", "vetoed"),
    ] {
        let mut seen = row(at_owner, &challenge, challenge.owner());
        seen.extend(row(at_target, &challenge, &name("t.example.net")));
        seen.extend(clean(&challenge));
        seen.extend(matched(&id("one"), &challenge));
        let verdict = decide(&rules, &challenge, &seen);
        // Of a match and a failure it is said that the match is not corroborated.
        let code = if code == "alias-refused" {
            "not-corroborated"
        } else {
            code
        };
        assert_eq!(verdict.code(), code, "{at_owner}, {at_target}");
    }
}

// S-2, S-8: of the answers for a sibling as many have to be clean as have to show the record, and one
// that shows a wildcard is enough.
#[test]
fn probes_of_an_authoritative_view() {
    let plan = Plan {
        features: &["f"],
        ..Plan::default()
    };
    let challenge = plan.challenge();
    for (first, second, code) in [
        ("N", "N", "quorum"),
        ("O", "N", "quorum"),
        ("N F", "F N", "quorum"),
        ("N F F", "N", "wildcard-unknown"),
        ("N!", "N", "wildcard-unknown"),
        ("N N!", "N", "wildcard-unknown"),
        ("N N N!", "N", "quorum"),
        ("N N Q", "N", "wildcard-unknown"),
        ("N", "N N H", "wildcard-unknown"),
        ("N E", "N", "wildcard-unknown"),
        ("F", "N", "wildcard-unknown"),
        ("F F", "N", "wildcard-unknown"),
        ("N X", "N", "wildcard-unknown"),
        ("N N X", "N", "quorum"),
        ("X", "N", "wildcard-unknown"),
        ("U", "N", "wildcard-unknown"),
        ("N M", "N", "wildcard"),
        ("M F", "F", "wildcard"),
        ("M!", "N", "wildcard-unknown"),
        ("N", "M", "wildcard"),
        ("-", "N", "wildcard-unknown"),
        ("In", "N", "quorum"),
    ] {
        for servers in ["M M M", "M F", "M M M!"] {
            let mut seen = row(servers, &challenge, challenge.owner());
            for (level, words) in [first, second].into_iter().enumerate() {
                for at in siblings(&challenge, level) {
                    let probes = row(words, &challenge, &at).into_iter().map(|one| {
                        let seen = one.result().cloned().map_err(Clone::clone);
                        let question = one.question().clone();
                        asked(&id("own"), question, Purpose::WildcardProbe, seen)
                            .with_server(one.server().unwrap().clone())
                    });
                    seen.extend(probes);
                }
            }
            let verdict = decide(&alone(own()), &challenge, &seen);
            assert_eq!(verdict.code(), code, "{first}, {second}");
            let accepting = Policy::single_resolver().with_wildcards(Wildcards::Accept);
            let rules = Rules::new(accepting, vec![own()]).unwrap();
            assert_eq!(decide(&rules, &challenge, &seen).code(), "quorum");
        }
    }
}

// S-8: behind an alias into another zone the first hop decides.
#[test]
fn a_sibling_with_the_same_alias_elsewhere_is_a_wildcard() {
    let challenge = challenge();
    let mut seen = row("T T", &challenge, challenge.owner());
    seen.extend(row("M M", &challenge, &name("t.example.net")));
    for (target, outcome, code) in [
        (
            "t.example.net",
            found(&challenge).unwrap().outcome().clone(),
            "wildcard",
        ),
        ("t.example.net", Outcome::Elsewhere, "wildcard"),
        (
            "u.example.net",
            found(&challenge).unwrap().outcome().clone(),
            "wildcard",
        ),
        (
            "u.example.net",
            other().unwrap().outcome().clone(),
            "quorum",
        ),
        // It was not asked to the end.
        ("u.example.net", Outcome::Elsewhere, "wildcard-unknown"),
    ] {
        let mut seen = seen.clone();
        for at in siblings(&challenge, 0) {
            let alias = Alias::new(at.clone(), name(target), 300);
            let answer = Answer::new(outcome.clone())
                .with_aliases(vec![alias])
                .with_authoritative(true);
            let question = Question::txt(at);
            seen.push(asked(
                &id("own"),
                question,
                Purpose::WildcardProbe,
                Ok(answer),
            ));
        }
        // A second look at the owner name, where the siblings have another alias.
        let again = row("T", &challenge, challenge.owner()).remove(0);
        let answer = again.result().cloned().map_err(Clone::clone);
        let question = challenge.question();
        seen.push(asked(&id("own"), question, Purpose::WildcardProbe, answer));
        assert_eq!(
            decide(&alone(own()), &challenge, &seen).code(),
            code,
            "{target}"
        );
    }
}

// S-16: nothing is asked again that servers have answered, and siblings only where all agree.
#[test]
fn what_is_still_to_be_asked() {
    let challenge = challenge();
    let rules = alone(own());
    for (at_owner, at_target, purposes) in [
        ("-", "-", &[Purpose::Record][..]),
        ("M M F", "-", &[Purpose::WildcardProbe; 2]),
        ("T T", "M", &[Purpose::WildcardProbe; 2]),
        ("M N", "-", &[]),
        ("N N", "-", &[]),
        ("F F", "-", &[]),
        ("T T", "-", &[]),
        ("M F F", "-", &[]),
        ("M! M!", "-", &[]),
    ] {
        let mut seen = row(at_owner, &challenge, challenge.owner());
        seen.extend(row(at_target, &challenge, &name("t.example.net")));
        let asks = questions(&Case::new(&challenge, &rules, &seen, now()), &id("own"));
        let found: Vec<_> = asks.iter().map(dcv::evaluate::Ask::purpose).collect();
        assert_eq!(found, purposes, "{at_owner}, {at_target}");
    }
}
