//! The CA/Browser Forum's table, cell by cell (D-04; TLS Baseline Requirements, 3.2.2.9).

use dcv::challenge::Challenge;
use dcv::dns::{
    Group, LookupFailure, Observation, Perspective, PerspectiveId, Purpose, Question, Security,
    Transport, Trust, View,
};
use dcv::evaluate::{Case, Verdict, evaluate, examine, is_settled};
use dcv::policy::{Policy, PolicyError, Quorum, Rules, Wildcards};
use time::{Date, Duration, Month, UtcDateTime};

use crate::cases::{Plan, Seen, absent, found, id, other, siblings};
use crate::cells::server;
use crate::rows::rows;

/// A challenge that is looked for at this time.
fn challenge_at(at: UtcDateTime) -> Challenge {
    let plan = Plan {
        issued: at - Duration::MINUTE,
        ..Plan::default()
    };
    plan.challenge()
}

fn site(name: &str, region: &str) -> Perspective {
    Perspective::new(id(name))
        .with_group(Group::Operator(id(name)))
        .with_transport(Transport::Authenticated)
        .with_region(id(region))
}

fn primary() -> Perspective {
    site("home", "ARIN").with_trust(Trust::Validating)
}

fn policy() -> Policy {
    Policy::ca_browser_forum(id("home"))
}

/// A primary perspective and so many remote ones, of which the first `abroad` are not in the region
/// of the others.
fn sites(remotes: usize, abroad: usize) -> Vec<Perspective> {
    let remote = |number: usize| {
        let region = if number < abroad { "ripe ncc" } else { "APNIC" };
        site(&format!("remote-{number}"), region)
    };
    std::iter::once(primary())
        .chain((0..remotes).map(remote))
        .collect()
}

fn told(
    who: &PerspectiveId,
    question: Question,
    purpose: Purpose,
    at: UtcDateTime,
    seen: Seen,
) -> Observation {
    let (from, to) = (at - Duration::seconds(2), at - Duration::SECOND);
    Observation::replayed(who.clone(), question, purpose, from, to, seen)
}

/// What a perspective says, in a letter as of the other tables, `s` behind it when it is signed, `u`
/// when nobody checked that.
fn says(who: &str, word: &str, challenge: &Challenge, at: UtcDateTime) -> Vec<Observation> {
    let who = id(who);
    let (word, security) = match (word.strip_suffix('s'), word.strip_suffix('u')) {
        (Some(word), _) => (word, Security::Secure),
        (None, Some(word)) => (word, Security::Unvalidated),
        (None, None) => (word, Security::Insecure),
    };
    let own =
        |seen: Seen| seen.map(|answer| answer.with_security(security).with_authoritative(true));
    let record = |seen| told(&who, challenge.question(), Purpose::Record, at, own(seen));
    let probe = |seen: Seen| {
        let names = siblings(challenge, 0).into_iter();
        let probes = names.map(|name| {
            let question = Question::txt(name);
            told(
                &who,
                question,
                Purpose::WildcardProbe,
                at,
                own(seen.clone()),
            )
        });
        probes.collect::<Vec<_>>()
    };
    let nothing = || absent("example.com");
    match word {
        "M" => [vec![record(found(challenge))], probe(nothing())].concat(),
        "W" => [vec![record(found(challenge))], probe(found(challenge))].concat(),
        "P" => vec![record(found(challenge))],
        "N" => vec![record(nothing())],
        "O" => vec![record(other())],
        "B" => vec![record(Err(LookupFailure::Bogus { extended: vec![] }))],
        "V" => vec![record(Err(LookupFailure::UnverifiedWildcard))],
        "F" => vec![record(Err(LookupFailure::Timeout))],
        // An authoritative view whose servers disagree.
        "D" => vec![
            record(found(challenge)).with_server(server("a")),
            record(nothing()).with_server(server("b")),
        ],
        "-" => vec![],
        other => panic!("{other}"),
    }
}

fn decide(rules: &Rules, words: &[&str], at: UtcDateTime) -> Verdict {
    let challenge = challenge_at(at);
    let perspectives = rules.perspectives().iter().zip(words);
    let seen: Vec<Observation> = perspectives
        .flat_map(|(who, word)| says(who.id().as_str(), word, &challenge, at))
        .collect();
    let verdict = evaluate(&Case::new(&challenge, rules, &seen, at));
    assert_eq!(verdict.witness(), None, "a replay has no witness (S-4)");
    let mut turned = seen;
    turned.reverse();
    let again = evaluate(&Case::new(&challenge, rules, &turned, at));
    assert_eq!(again.code(), verdict.code(), "in any order");
    verdict
}

/// The primary sees the record, and so do so many remote ones, the first ones.
fn corroborated(rules: &Rules, count: usize, dissent: &str, at: UtcDateTime) -> Verdict {
    let remotes = rules.perspectives().len() - 1;
    let mut words = vec!["M"; 1 + count];
    words.resize(1 + remotes, dissent);
    decide(rules, &words, at)
}

fn day(text: &str) -> UtcDateTime {
    let parts: Vec<u16> = text.split('-').map(|part| part.parse().unwrap()).collect();
    let month = Month::try_from(u8::try_from(parts[1]).unwrap()).unwrap();
    let date = Date::from_calendar_date(parts[0].into(), month, u8::try_from(parts[2]).unwrap());
    date.unwrap().midnight().as_utc()
}

// D-04: every day of the table, the whole of it, for every number of remote perspectives, of those
// that corroborate, and of regions they stand in.
#[test]
fn every_cell() {
    for (line, [date, needed, regions]) in rows(include_str!("../data/decisions/forum.tsv")) {
        let begin = day(&date);
        let end = begin + Duration::DAY - Duration::NANOSECOND;
        let regions: usize = regions.parse().unwrap();
        for (remotes, needed) in (2..).zip(needed.split(' ')) {
            for abroad in [0, 1, remotes] {
                let rules = Rules::new(policy(), sites(remotes, abroad)).unwrap();
                for count in 0..=remotes {
                    // The first ones corroborate: of these, so many stand abroad.
                    let seen_in = match (abroad.min(count), count) {
                        (_, 0) => 0,
                        (0, _) => 1,
                        (abroad, count) if abroad == count => 1,
                        _ => 2,
                    };
                    let code = match needed.parse::<usize>() {
                        Err(_) => "too-few-perspectives",
                        Ok(needed) if count < needed => "not-corroborated",
                        Ok(_) if seen_in < regions => "too-few-regions",
                        Ok(_) => "ca-browser-forum",
                    };
                    for (at, dissent) in [(begin, "N"), (end, "F")] {
                        let verdict = corroborated(&rules, count, dissent, at);
                        assert_eq!(
                            verdict.code(),
                            code,
                            "line {line}: {count} of {remotes} in {seen_in} regions"
                        );
                    }
                }
            }
        }
    }
}

// D-04: the examples of the requirements.
#[test]
fn the_examples() {
    let today = day("2026-11-24");
    let rules = |regions: &[&str]| {
        let remotes = regions.iter().enumerate();
        let remotes = remotes.map(|(number, region)| site(&format!("remote-{number}"), region));
        let all = std::iter::once(primary()).chain(remotes).collect();
        Rules::new(policy(), all).unwrap()
    };
    let spread = rules(&["ARIN", "ARIN", "RIPE NCC", "APNIC"]);
    assert!(decide(&spread, &["M", "M", "M", "M", "F"], today).is_validated());
    let verdict = decide(&spread, &["M", "M", "M", "F", "F"], today);
    assert_eq!(verdict.code(), "not-corroborated");
    let narrow = rules(&["ARIN", "ARIN", "ARIN", "APNIC"]);
    let verdict = decide(&narrow, &["M", "M", "M", "M", "F"], today);
    assert_eq!(verdict.code(), "too-few-regions");
    let six = rules(&["ARIN", "ARIN", "ARIN", "RIPE", "LACNIC", "AFRINIC"]);
    assert!(decide(&six, &["M", "M", "M", "M", "M", "F", "F"], today).is_validated());
    let five = rules(&["ARIN", "ARIN", "ARIN", "RIPE", "LACNIC"]);
    let verdict = decide(&five, &["F", "M", "M", "M", "M", "F"], today);
    assert_eq!(verdict.code(), "lookup-failed");
}

// D-03, D-04: what the primary perspective says decides, whatever the remote ones say.
#[test]
fn the_primary_decides() {
    let today = day("2026-11-24");
    let rules = Rules::new(policy(), sites(4, 2)).unwrap();
    for (primary, code) in [
        ("M", "ca-browser-forum"),
        ("Ms", "ca-browser-forum"),
        ("N", "no-such-name"),
        ("Ns", "no-such-name"),
        ("O", "different"),
        ("B", "bogus"),
        ("V", "unverified-wildcard"),
        ("W", "wildcard"),
        ("F", "lookup-failed"),
        ("P", "wildcard-unknown"),
        ("-", "no-observation"),
    ] {
        let verdict = decide(&rules, &[primary, "M", "M", "M", "M"], today);
        assert_eq!(verdict.code(), code, "{primary}");
    }
    // A signed answer is no shortcut, and nothing that one remote perspective says is more than
    // a voice that is missing.
    for word in ["N", "Ns", "O", "B", "V", "W", "Ws", "F", "P", "-"] {
        let verdict = decide(&rules, &["Ms", "M", "M", word, word], today);
        assert_eq!(verdict.code(), "not-corroborated", "{word}");
        let verdict = decide(&rules, &["M", "M", "M", "M", word], today);
        assert_eq!(verdict.code(), "ca-browser-forum", "{word}");
    }
    let trusted = sites(4, 2).into_iter();
    let trusted = trusted
        .map(|site| site.with_trust(Trust::Validating))
        .collect();
    let rules = Rules::new(policy(), trusted).unwrap();
    for word in ["B", "V", "Ns", "Ws"] {
        let verdict = decide(&rules, &["M", "M", "M", "Ms", word], today);
        assert_eq!(verdict.code(), "ca-browser-forum", "{word}");
    }
    let verdict = decide(&rules, &["N", "Ms", "Ms", "Ms", "Ms"], today);
    assert_eq!(verdict.code(), "no-such-name");
}

// D-02: both at once.
#[test]
fn the_primary_may_have_to_be_secure() {
    let today = day("2026-11-24");
    let rules = Rules::new(policy().require_secure(), sites(4, 2)).unwrap();
    for (primary, code) in [("Ms", "ca-browser-forum"), ("M", "not-secure")] {
        let verdict = decide(&rules, &[primary, "Ms", "Ms", "Ms", "Ms"], today);
        assert_eq!(verdict.code(), code);
    }
}

// S-11: a primary whose validation failed its self check sees nothing that proves; the remote ones
// need not validate.
#[test]
fn the_primary_has_to_validate() {
    let today = day("2026-11-24");
    let rules = Rules::new(policy(), sites(4, 2)).unwrap();
    for (primary, code) in [("M", "ca-browser-forum"), ("Mu", "not-secure")] {
        let verdict = decide(&rules, &[primary, "Mu", "Mu", "Mu", "Mu"], today);
        assert_eq!(verdict.code(), code);
    }
}

// S-2: the authoritative view is neither primary nor remote: it vetoes, and has to confirm.
#[test]
fn the_authoritative_view_beside_them() {
    let today = day("2026-11-24");
    let mut all = sites(4, 2);
    all.push(Perspective::new(id("own")).with_view(View::Authoritative));
    let rules = Rules::new(policy(), all).unwrap();
    for (own, code) in [
        ("M", "ca-browser-forum"),
        ("N", "vetoed"),
        ("W", "vetoed"),
        ("F", "unconfirmed"),
        ("-", "unconfirmed"),
        ("D", "servers-disagree"),
    ] {
        let verdict = decide(&rules, &["Ms", "M", "M", "M", "M", own], today);
        assert_eq!(verdict.code(), code, "{own}");
        let verdict = decide(&rules, &["N", "M", "M", "M", "M", own], today);
        assert_eq!(verdict.code(), "no-such-name", "{own}");
    }
    let verdict = decide(&rules, &["M", "M", "M", "F", "F", "M"], today);
    assert_eq!(verdict.code(), "not-corroborated", "it is no remote one");
}

// S-5, D-04: what an earlier attempt saw never corroborates.
#[test]
fn earlier_attempts_do_not_count() {
    let today = day("2026-11-24");
    let challenge = challenge_at(today);
    let rules = Rules::new(policy(), sites(4, 2)).unwrap();
    let seen = |attempt| -> Vec<Observation> {
        let mut seen = says("home", "M", &challenge, today);
        seen.extend(says("remote-0", "M", &challenge, today));
        for remote in ["remote-2", "remote-3"] {
            let before = says(remote, "M", &challenge, today).into_iter();
            seen.extend(before.map(|one| one.with_attempt(attempt)));
        }
        seen
    };
    for (attempt, code) in [(0, "not-corroborated"), (1, "ca-browser-forum")] {
        let seen = seen(attempt);
        let verdict = evaluate(&Case::new(&challenge, &rules, &seen, today));
        assert_eq!(verdict.code(), code);
    }
}

// D-04: to corroborate is to see the same token.
#[test]
fn another_token_does_not_corroborate() {
    let today = day("2026-11-24");
    let first = challenge_at(today);
    let both = crate::cases::edited(&first, |written| {
        let mut second = written["expectations"][0].clone();
        second["token"] = "gezdgnbvgy3tqojqgezdgnbvgy3tqojq".into();
        written["expectations"].as_array_mut().unwrap().push(second);
    });
    let rules = policy().with_wildcards(Wildcards::Accept);
    let rules = Rules::new(rules, sites(4, 2)).unwrap();
    let other = || {
        Ok(dcv::dns::Answer::txt([
            "token=gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
        ]))
    };
    for (others, code) in [
        (1, "ca-browser-forum"),
        (2, "not-corroborated"),
        (4, "not-corroborated"),
    ] {
        let seen = rules
            .perspectives()
            .iter()
            .enumerate()
            .map(|(number, who)| {
                let seen = if number > 4 - others {
                    other()
                } else {
                    found(&both)
                };
                let seen = seen.map(|answer| answer.with_security(Security::Insecure));
                told(who.id(), both.question(), Purpose::Record, today, seen)
            });
        let seen: Vec<Observation> = seen.collect();
        let verdict = evaluate(&Case::new(&both, &rules, &seen, today));
        assert_eq!(verdict.code(), code, "{others} others");
    }
}

// S-3: what cannot be met is an error when it is put together, and says what to do.
#[test]
fn construction_errors() {
    let home = || id("home");
    let with = |change: fn(&mut Vec<Perspective>)| {
        let mut all = sites(4, 2);
        change(&mut all);
        Rules::new(policy(), all).map(|rules| rules.quorum())
    };
    type Change = fn(&mut Vec<Perspective>);
    let cases: [(Change, PolicyError, &str); 13] = [
        (
            |all| drop(all.remove(0)),
            PolicyError::NoPrimary { id: home() },
            "name the one that is the primary",
        ),
        (
            |all| all[0] = primary().with_view(View::Authoritative),
            PolicyError::NoPrimary { id: home() },
            "an authoritative view cannot be it",
        ),
        (
            |all| all[0] = primary().with_trust(Trust::Untrusted),
            PolicyError::PrimaryTrust { id: home() },
            "with_trust",
        ),
        (
            |all| all.truncate(2),
            PolicyError::Remotes { found: 1 },
            "add remote perspectives",
        ),
        (
            |all| all.truncate(1),
            PolicyError::Remotes { found: 0 },
            "at least 2",
        ),
        (
            |all| all[0] = primary().with_transport(Transport::Plain),
            PolicyError::Plaintext { id: home() },
            "TLS or HTTPS",
        ),
        (
            |all| all[2] = site("remote-1", "ARIN").with_transport(Transport::Plain),
            PolicyError::Plaintext { id: id("remote-1") },
            "with_transport",
        ),
        (
            |all| {
                let home = Perspective::new(id("home")).with_trust(Trust::Validating);
                all[0] = home.with_transport(Transport::Loopback);
            },
            PolicyError::Region { id: home() },
            "with_region",
        ),
        (
            |all| all[4] = site("remote-3", "eu-west-1"),
            PolicyError::Region { id: id("remote-3") },
            "RIPE NCC",
        ),
        (
            |all| all[1] = site("remote-0", "ARIN").with_group(Group::Unknown),
            PolicyError::Undeclared { id: id("remote-0") },
            "declare its group",
        ),
        (
            |all| all[4] = site("remote-3", "ARIN").with_group(Group::Operator(id("remote-1"))),
            PolicyError::SharedGroup {
                id: id("remote-3"),
                other: id("remote-1"),
            },
            "do not corroborate each other",
        ),
        (
            |all| all[1] = site("remote-0", "ARIN").with_group(Group::Operator(id("home"))),
            PolicyError::SharedGroup {
                id: id("remote-0"),
                other: home(),
            },
            "the group of its own site",
        ),
        (
            |all| all[1] = site("remote-1", "ARIN"),
            PolicyError::Duplicate { id: id("remote-1") },
            "its own name",
        ),
    ];
    for (change, error, advice) in cases {
        assert_eq!(with(change), Err(error.clone()));
        assert!(error.to_string().contains(advice), "{error}");
    }
    assert_eq!(with(|_| {}), Ok(Quorum::new(4, 5).unwrap()));
    // A view beside them needs nothing of that.
    let beside = |all: &mut Vec<Perspective>| {
        all.push(Perspective::new(id("own")).with_view(View::Authoritative));
    };
    assert_eq!(with(beside), Ok(Quorum::new(4, 5).unwrap()));
    // Secure answers need somebody who validates.
    let error = Rules::new(
        Policy::single_resolver().require_secure(),
        vec![site("a", "ARIN")],
    );
    assert_eq!(error.unwrap_err(), PolicyError::NoValidator);
    let text = PolicyError::NoValidator.to_string();
    assert!(
        text.contains("with_trust") && text.contains("validates"),
        "{text}"
    );
}

// D-04: the numbers that were in force, the primary among them.
#[test]
fn the_quorum_in_force() {
    for (remotes, needed) in [
        (2, 2),
        (3, 3),
        (4, 4),
        (5, 5),
        (6, 5),
        (7, 6),
        (8, 7),
        (31, 30),
    ] {
        let rules = Rules::new(policy(), sites(remotes, 1)).unwrap();
        let of = u8::try_from(remotes + 1).unwrap();
        assert_eq!(rules.quorum(), Quorum::new(needed, of).unwrap());
        assert_eq!(rules.policy().quorum(), None);
        assert_eq!(rules.policy().primary(), Some(&id("home")));
    }
    let today = day("2026-11-24");
    let challenge = challenge_at(today);
    let rules = Rules::new(policy(), sites(4, 2)).unwrap();
    let seen: Vec<Observation> = rules
        .perspectives()
        .iter()
        .flat_map(|who| says(who.id().as_str(), "M", &challenge, today))
        .collect();
    let examination = examine(&Case::new(&challenge, &rules, &seen, today));
    assert_eq!(examination.decisive(), seen.first(), "what the primary saw");
    assert_eq!(examination.evidence(), None);
}

/// What may come of a perspective that is waited for.
const ENDS: [&str; 8] = ["M", "Ms", "N", "B", "W", "F", "P", "-"];

// S-15, D-04: a verdict that is called settled stays, and one that is not may change: for remote
// perspectives and authoritative views, each of which has spoken or is waited for.
#[test]
fn settled_is_settled_and_no_later_than_that() {
    for (date, remotes, views, signed) in [
        ("2026-03-15", 3, 1, false),
        ("2026-03-15", 3, 0, true),
        ("2026-03-14", 2, 2, false),
        // Too few by then.
        ("2026-06-15", 3, 0, false),
    ] {
        let at = day(date);
        let policy = if signed {
            policy().require_secure()
        } else {
            policy()
        };
        let mut eyes = sites(remotes, 1);
        eyes.extend((0..views).map(|view| {
            Perspective::new(id(&format!("own-{view}"))).with_view(View::Authoritative)
        }));
        let rules = Rules::new(policy, eyes.clone()).unwrap();
        let challenge = challenge_at(at);
        let told: Vec<Vec<Vec<Observation>>> = eyes
            .iter()
            .map(|who| {
                let ends = ENDS.iter();
                ends.map(|word| says(who.id().as_str(), word, &challenge, at))
                    .collect()
            })
            .collect();
        // `None`: it is waited for.
        let first: &[Option<usize>] = &[None, Some(0), Some(1), Some(2), Some(3), Some(5)];
        let rest: &[Option<usize>] = &[None, Some(0), Some(2), Some(5)];
        let mut row = vec![0; eyes.len()];
        loop {
            let words = row.iter().enumerate().map(|(index, choice)| {
                if index == 0 {
                    first[*choice]
                } else {
                    rest[*choice]
                }
            });
            let words: Vec<Option<usize>> = words.collect();
            check_row(&rules, &challenge, at, &told, &words);
            let next = (0..row.len()).find(|index| {
                let count = if *index == 0 { first.len() } else { rest.len() };
                row[*index] = (row[*index] + 1) % count;
                row[*index] != 0
            });
            if next.is_none() {
                break;
            }
        }
    }
}

fn check_row(
    rules: &Rules,
    challenge: &Challenge,
    at: UtcDateTime,
    told: &[Vec<Vec<Observation>>],
    words: &[Option<usize>],
) {
    let verdict = |words: &[Option<usize>]| {
        let seen = words.iter().zip(told);
        let seen = seen.filter_map(|(word, told)| Some(told[(*word)?].clone()));
        let seen: Vec<Observation> = seen.flatten().collect();
        evaluate(&Case::new(challenge, rules, &seen, at)).name()
    };
    let seen = words.iter().zip(told);
    let seen = seen.filter_map(|(word, told)| Some(told[(*word)?].clone()));
    let seen: Vec<Observation> = seen.flatten().collect();
    let waiting: Vec<usize> = (0..words.len())
        .filter(|index| words[*index].is_none())
        .collect();
    if waiting.is_empty() {
        return;
    }
    let outstanding = waiting
        .iter()
        .map(|index| rules.perspectives()[*index].id().clone());
    let outstanding: Vec<PerspectiveId> = outstanding.collect();
    let settled = is_settled(&Case::new(challenge, rules, &seen, at), &outstanding);
    let now = verdict(words);
    let mut ends = words.to_vec();
    let mut choice = vec![0; waiting.len()];
    let mut changes = false;
    'all: loop {
        for (index, choice) in waiting.iter().zip(&choice) {
            ends[*index] = Some(*choice);
        }
        if verdict(&ends) != now {
            changes = true;
            break 'all;
        }
        let next = (0..choice.len()).find(|place| {
            choice[*place] = (choice[*place] + 1) % ENDS.len();
            choice[*place] != 0
        });
        if next.is_none() {
            break 'all;
        }
    }
    assert_eq!(settled, !changes, "{words:?}");
}
