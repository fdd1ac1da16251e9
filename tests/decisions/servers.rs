//! What a zone's name servers amount to together (S-2).
//!
//! A row of servers is written as a word for each: what it says, perhaps with its name and a colon
//! before it, `!` behind it when it says so without authority, and `s` when it is signed.

use dcv::challenge::Challenge;
use dcv::dns::{
    Alias, Answer, ExtendedError, LookupFailure, NameServer, Observation, Outcome, Perspective,
    Purpose, Question, Security, Trust, View,
};
use dcv::evaluate::{Case, Verdict, evaluate};
use dcv::name::OwnerName;
use dcv::policy::{Policy, Rules};
use proptest::prelude::*;
use proptest::sample::select;

use crate::cases::{
    Seen, absent, asked, challenge, eye, found, id, levels, matched, now, other, saw, siblings,
};
use crate::rows::rows;

pub(crate) fn name(text: &str) -> OwnerName {
    OwnerName::parse(text).unwrap()
}

pub(crate) fn own() -> Perspective {
    eye("own").with_view(View::Authoritative)
}

/// The zone of a name in these tests.
pub(crate) fn zone(at: &OwnerName) -> OwnerName {
    let labels: Vec<&[u8]> = at.labels().collect();
    OwnerName::from_labels(labels[labels.len() - 2..].iter().copied()).unwrap()
}

pub(crate) fn server(zone: OwnerName, who: &str) -> NameServer {
    NameServer::new(zone, name(&format!("{who}.ns.example.org")))
}

/// What a server says at a name.
fn says(word: &str, challenge: &Challenge, at: &OwnerName) -> Seen {
    let (word, lame) = match word.strip_suffix('!') {
        Some(word) => (word, true),
        None => (word, false),
    };
    let (word, security) = match word.strip_suffix('s') {
        Some(word) => (word, Security::Secure),
        None => (word, Security::Insecure),
    };
    let leads = |target: &str, outcome| {
        let alias = Alias::new(at.clone(), name(target), 300);
        Ok(Answer::new(outcome).with_aliases(vec![alias]))
    };
    let flagged = |code, seen: Seen| {
        let errors = vec![ExtendedError::new(code, b"")];
        seen.map(|answer| answer.with_extended_errors(errors))
    };
    let nothing = || absent(&zone(at).to_string());
    let seen = match word {
        "M" => found(challenge),
        "N" => nothing(),
        "O" => other(),
        "S" => flagged(3, found(challenge)),
        "X" => flagged(15, nothing()),
        "U" => Ok(Answer::new(Outcome::nx_domain(None))),
        "F" => Err(LookupFailure::Timeout),
        "R" => Err(LookupFailure::Referral),
        // Not asked, or not waited for.
        "Q" => Err(LookupFailure::Throttled),
        "G" => Err(LookupFailure::BudgetExhausted),
        "A" => Err(LookupFailure::AddressRefused),
        "H" => Err(LookupFailure::Unheard),
        // Not reached: there is no address, or no way to it.
        "E" => Err(LookupFailure::NoAddress),
        "P" => Err(LookupFailure::Transport),
        "B" => Err(LookupFailure::Bogus { extended: vec![] }),
        "V" => Err(LookupFailure::UnverifiedWildcard),
        // To other servers, to two different names, and back.
        "T" => leads("t.example.net", Outcome::Elsewhere),
        "U2" => leads("u.example.net", Outcome::Elsewhere),
        "Back" => leads("_p-challenge.example.com", Outcome::Elsewhere),
        "Self" => leads(&at.to_string(), Outcome::Elsewhere),
        "Nowhere" => Ok(Answer::new(Outcome::Elsewhere)),
        // Within its own zone, and with an answer for somebody else's.
        "In" => leads(&format!("in.{}", zone(at)), Outcome::Records(vec![])).map(|answer| {
            let records = found(challenge).unwrap().outcome().clone();
            Answer::new(records).with_aliases(answer.aliases().to_vec())
        }),
        "Out" => leads("t.example.net", Outcome::Records(vec![])).map(|answer| {
            let records = found(challenge).unwrap().outcome().clone();
            Answer::new(records).with_aliases(answer.aliases().to_vec())
        }),
        "Loop" => leads(&at.to_string(), Outcome::AliasLoop),
        other => panic!("{other}"),
    };
    seen.map(|answer| answer.with_authoritative(!lame).with_security(security))
}

/// What the servers of this name say, in these words.
pub(crate) fn row(words: &str, challenge: &Challenge, at: &OwnerName) -> Vec<Observation> {
    let words = words.split(' ').filter(|word| !matches!(*word, "-" | ""));
    let told = words.enumerate().map(|(number, word)| {
        let number = format!("s{number}");
        let (who, word) = word.split_once(':').unwrap_or((&number, word));
        let question = Question::txt(at.clone());
        let seen = says(word, challenge, at);
        asked(&id("own"), question, Purpose::Record, seen).with_server(server(zone(at), who))
    });
    told.collect()
}

/// Siblings at every level of which the zone says that they are not there.
pub(crate) fn clean(challenge: &Challenge) -> Vec<Observation> {
    let names = (0..levels(challenge)).flat_map(|level| siblings(challenge, level));
    let probes = names.map(|at| {
        let seen = says("N", challenge, &at);
        asked(&id("own"), Question::txt(at), Purpose::WildcardProbe, seen)
    });
    probes.collect()
}

pub(crate) fn alone(own: Perspective) -> Rules {
    Rules::new(Policy::single_resolver(), vec![own]).unwrap()
}

pub(crate) fn decide(rules: &Rules, challenge: &Challenge, seen: &[Observation]) -> Verdict {
    let verdict = evaluate(&Case::new(challenge, rules, seen, now()));
    let mut turned = seen.to_vec();
    for _ in 0..seen.len() {
        turned.rotate_left(1);
        let again = evaluate(&Case::new(challenge, rules, &turned, now()));
        assert_eq!(again.code(), verdict.code(), "in any order");
    }
    turned.reverse();
    let again = evaluate(&Case::new(challenge, rules, &turned, now()));
    assert_eq!(again.code(), verdict.code(), "in any order");
    verdict
}

// S-2, S-5: rows of servers, at the owner name and where it leads, and what comes of them: by
// themselves, and beside two resolvers that see the record.
#[test]
fn servers_amount_to_what_the_table_says() {
    let challenge = challenge();
    let resolvers = [eye("one"), eye("two")];
    let three = [&resolvers[..], &[own()]].concat();
    let three = Rules::new(Policy::default(), three).unwrap();
    for (line, [at_owner, at_target, by_itself, beside]) in
        rows(include_str!("../data/decisions/servers.tsv"))
    {
        let mut seen = row(&at_owner, &challenge, challenge.owner());
        seen.extend(row(&at_target, &challenge, &name("t.example.net")));
        seen.extend(clean(&challenge));
        let verdict = decide(&alone(own()), &challenge, &seen);
        assert_eq!(verdict.code(), &*by_itself, "line {line}, by itself");
        for resolver in &resolvers {
            seen.extend(matched(resolver.id(), &challenge));
        }
        let verdict = decide(&three, &challenge, &seen);
        assert_eq!(verdict.code(), &*beside, "line {line}, beside two");
    }
}

/// The rule, written down once more: over the servers and two resolvers, with two to agree.
fn oracle(resolvers: [&str; 2], servers: &[&str]) -> &'static str {
    let is = |word: &&&str, wanted: &[&str]| wanted.contains(*word);
    let shows = servers.iter().filter(|word| is(word, &["M"])).count();
    let denies = servers.iter().filter(|word| is(word, &["N", "O"])).count();
    let silent = servers.iter().filter(|word| is(word, &["F"])).count();
    let ours = servers.iter().any(|word| is(&word, &["Q", "H"]));
    let twice = (shows + denies) * 2;
    let half = twice == servers.len() && shows + denies + silent == servers.len();
    let enough = !ours && (twice > servers.len() || half);
    let confirmed = enough && shows > 0 && denies == 0;
    let denied = denies > 0 && shows == 0;
    let split = shows > 0 && denies > 0;
    let count = |wanted: &str| {
        let mut count = 0;
        for resolver in resolvers {
            count += usize::from(resolver.starts_with(wanted));
        }
        count
    };
    let matches = count("M") + usize::from(confirmed);
    let negatives = count("N") + usize::from(denied && enough);
    let secure = resolvers.contains(&"Ms");
    if !denied && secure {
        "secure"
    } else if !denied && matches >= 2 && confirmed {
        "quorum"
    } else if negatives >= 2 {
        "unproven"
    } else if denied && matches > 0 {
        "vetoed"
    } else if split {
        "servers-disagree"
    } else if matches >= 2 {
        "unconfirmed"
    } else if matches > 0 {
        "not-corroborated"
    } else {
        "indeterminate"
    }
}

/// What a resolver says.
fn resolver(who: &str, word: &str, challenge: &Challenge) -> Vec<Observation> {
    let who = id(who);
    match word {
        "M" => matched(&who, challenge),
        "N" => vec![saw(&who, challenge, absent("example.com"))],
        "F" => vec![saw(&who, challenge, Err(LookupFailure::Timeout))],
        "Ms" => {
            let mut seen = matched(&who, challenge);
            let secure = found(challenge).map(|answer| answer.with_security(Security::Secure));
            seen[0] = saw(&who, challenge, secure);
            seen
        }
        other => panic!("{other}"),
    }
}

// S-2: every row of up to four servers, beside every two resolvers.
#[test]
fn every_row_of_servers() {
    const WORDS: [&str; 7] = ["M", "N", "O", "M!", "N!", "F", "Q"];
    const RESOLVERS: [&str; 4] = ["M", "N", "F", "Ms"];
    let challenge = challenge();
    for length in 1..=4_u32 {
        for number in 0..WORDS.len().pow(length) {
            let digits = (0..length).map(|place| number / WORDS.len().pow(place) % WORDS.len());
            let words: Vec<&str> = digits.map(|digit| WORDS[digit]).collect();
            let mut seen = row(&words.join(" "), &challenge, challenge.owner());
            seen.extend(clean(&challenge));
            for one in RESOLVERS {
                for two in RESOLVERS {
                    let trust = |word| match word {
                        "Ms" => Trust::Validating,
                        _ => Trust::Untrusted,
                    };
                    let eyes = vec![
                        eye("one").with_trust(trust(one)),
                        eye("two").with_trust(trust(two)),
                        own(),
                    ];
                    let rules = Rules::new(Policy::default(), eyes).unwrap();
                    let mut seen = seen.clone();
                    seen.extend(resolver("one", one, &challenge));
                    seen.extend(resolver("two", two, &challenge));
                    let verdict = evaluate(&Case::new(&challenge, &rules, &seen, now()));
                    let code = match (&verdict, verdict.code()) {
                        (Verdict::Unproven { .. }, _) => "unproven",
                        (_, "lookup-failed" | "disagreement") => "indeterminate",
                        (_, code) => code,
                    };
                    let expected = oracle([one, two], &words);
                    assert_eq!(code, expected, "{one} {two} beside {words:?}");
                }
            }
        }
    }
}

fn any_row() -> impl Strategy<Value = Vec<&'static str>> {
    let words = vec![
        "M", "Ms", "N", "Ns", "O", "M!", "N!", "S", "U", "F", "B", "V", "T", "Ts", "In", "Loop",
        "Q", "H", "E", "a:M", "a:N",
    ];
    prop::collection::vec(select(words), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    // S-2: whoever takes servers down, or adds some that fail, proves nothing by it.
    #[test]
    fn a_server_that_fails_proves_nothing(
        at_owner in any_row(),
        at_target in any_row(),
        one in select(vec!["M", "N", "F", "Ms"]),
        two in select(vec!["M", "N", "F", "Ms"]),
        trusted in any::<bool>(),
        signed_only in any::<bool>(),
        failing in prop::collection::vec(
            (select(vec!["F", "R", "M!", "N!", "S", "U", "Q", "G", "A", "H", "E", "P"]), any::<bool>()),
            1..5,
        ),
    ) {
        let challenge = challenge();
        let trust = |word| if word == "Ms" { Trust::Validating } else { Trust::Untrusted };
        let own = if trusted { own().with_trust(Trust::Validating) } else { own() };
        let eyes = vec![eye("one").with_trust(trust(one)), eye("two").with_trust(trust(two)), own];
        let policy = Policy::default();
        let policy = if signed_only { policy.require_secure() } else { policy };
        let Ok(rules) = Rules::new(policy, eyes) else {
            return Ok(());
        };
        let target = name("t.example.net");
        let mut seen = row(&at_owner.join(" "), &challenge, challenge.owner());
        seen.extend(row(&at_target.join(" "), &challenge, &target));
        seen.extend(clean(&challenge));
        seen.extend(resolver("one", one, &challenge));
        seen.extend(resolver("two", two, &challenge));
        let before = evaluate(&Case::new(&challenge, &rules, &seen, now()));
        for (number, (word, elsewhere)) in failing.into_iter().enumerate() {
            let at = if elsewhere { &target } else { challenge.owner() };
            seen.extend(row(&format!("more{number}:{word}"), &challenge, at));
        }
        let after = evaluate(&Case::new(&challenge, &rules, &seen, now()));
        prop_assert!(before.is_validated() || !after.is_validated(), "{:?}, then {:?}", before, after);
    }

    // S-2: a server that is not asked, or not waited for, makes no outcome: what would not be definite
    // with what it says, whatever that is, is not without it.
    #[test]
    fn a_failure_of_ours_makes_no_outcome(
        at_owner in any_row(),
        at_target in any_row(),
        word in select(vec!["M", "N", "O", "T", "M!", "F"]),
        ours in select(vec!["Q", "G", "A", "H"]),
        one in select(vec!["M", "N", "F"]),
        two in select(vec!["M", "N", "F"]),
        elsewhere in any::<bool>(),
    ) {
        let challenge = challenge();
        let rules = Rules::new(Policy::default(), vec![eye("one"), eye("two"), own()]).unwrap();
        let target = name("t.example.net");
        let at = if elsewhere { &target } else { challenge.owner() };
        let with = |rules: &Rules, last: &str, resolvers: bool| {
            let mut seen = row(&at_owner.join(" "), &challenge, challenge.owner());
            seen.extend(row(&at_target.join(" "), &challenge, &target));
            seen.extend(row(&format!("last:{last}"), &challenge, at));
            seen.extend(clean(&challenge));
            if resolvers {
                seen.extend(resolver("one", one, &challenge));
                seen.extend(resolver("two", two, &challenge));
            }
            evaluate(&Case::new(&challenge, rules, &seen, now()))
        };
        let (heard, unheard) = (with(&rules, word, true), with(&rules, ours, true));
        prop_assert!(heard.is_validated() || !unheard.is_validated(), "{:?}, then {:?}", heard, unheard);
        let (heard, unheard) = (with(&alone(own()), word, false), with(&alone(own()), ours, false));
        let is_open = |verdict: &Verdict| matches!(verdict, Verdict::Indeterminate { .. });
        prop_assert!(!is_open(&heard) || is_open(&unheard), "{:?}, then {:?}", heard, unheard);
    }
}
