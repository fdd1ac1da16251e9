//! Which observations count, and which answers are answers.

use dcv::challenge::Challenge;
use dcv::dns::{
    Alias, Answer, ExtendedError, Group, LookupFailure, Observation, Outcome, Purpose, Question,
    RecordData, RecordType, ReplyMismatch, ResourceRecord, Soa,
};
use dcv::evaluate::{Case, Examination, Verdict, evaluate, examine};
use dcv::name::OwnerName;
use dcv::policy::{Policy, Rules};
use time::{Duration, UtcDateTime};

use crate::cases::{
    Plan, Seen, absent, all_probed, asked, challenge, edited, eye, found, id, issued, matched, now,
    other, probed, saw, soa,
};
use crate::rows::rows;

const DAY: Duration = Duration::DAY;
const SECOND: Duration = Duration::SECOND;

fn one() -> Rules {
    Rules::new(Policy::single_resolver(), vec![eye("one")]).unwrap()
}

fn verdict(challenge: &Challenge, seen: &[Observation], at: UtcDateTime) -> Verdict {
    evaluate(&Case::new(challenge, &one(), seen, at))
}

/// What is decided when the only perspective sees this.
fn of(seen: Seen) -> Verdict {
    let (challenge, one) = (challenge(), id("one"));
    let mut all = all_probed(&one, &challenge, 0, &absent("example.com"));
    all.push(saw(&one, &challenge, seen));
    verdict(&challenge, &all, now())
}

fn name(text: &str) -> OwnerName {
    OwnerName::parse(text).unwrap()
}

/// The record and its probe, looked for at these times.
fn timed(challenge: &Challenge, from: UtcDateTime, to: UtcDateTime) -> Vec<Observation> {
    let timed = |seen: Observation| {
        let result = seen.result().cloned().map_err(Clone::clone);
        let (who, question) = (seen.perspective().clone(), seen.question().clone());
        Observation::replayed(who, question, seen.purpose(), from, to, result)
    };
    matched(&id("one"), challenge)
        .into_iter()
        .map(timed)
        .collect()
}

// S-5
#[test]
fn an_observation_counts_in_its_time() {
    let challenge = challenge();
    let (start, end) = (issued(), challenge.expires_at());
    let (epoch, future) = (UtcDateTime::MIN, UtcDateTime::MAX);
    for (what, from, to, at, counts) in [
        ("at once", start, start, start, true),
        ("a second ago", now() - SECOND, now() - SECOND, now(), true),
        (
            "just young enough",
            now() - 70 * SECOND,
            now() - 60 * SECOND,
            now(),
            true,
        ),
        (
            "too old",
            now() - 70 * SECOND,
            now() - 61 * SECOND,
            now(),
            false,
        ),
        ("much too old", start, start, end - SECOND, false),
        (
            "before it was issued",
            start - SECOND,
            start + SECOND,
            start + 2 * SECOND,
            false,
        ),
        ("long before", epoch, epoch, start, false),
        ("backwards", now(), now() - SECOND, now(), false),
        ("in the future", now(), now() + SECOND, now(), false),
        (
            "begun in the future",
            now() + SECOND,
            now() + SECOND,
            now(),
            false,
        ),
        ("at the end of time", future, future, now(), false),
        ("from end to end", epoch, future, now(), false),
        (
            "in its last moment",
            end - SECOND,
            end - SECOND,
            end - SECOND,
            true,
        ),
        ("before its time", start, start, start - SECOND, false),
        ("at the beginning of time", epoch, epoch, epoch, false),
    ] {
        let seen = timed(&challenge, from, to);
        let verdict = verdict(&challenge, &seen, at);
        let expected = if counts { "quorum" } else { "no-observation" };
        assert_eq!(verdict.code(), expected, "{what}");
    }
}

// S-5, S-7: what was seen before the challenge was issued counts for nothing; where that is because
// the issuer's clock is ahead of ours, it is told as the clock's failure and not as the DNS's.
#[test]
fn a_challenge_of_a_time_to_come_is_told_as_clock_skew() {
    let challenge = challenge();
    let start = issued();
    for (at, expected) in [
        (start - 7 * DAY, "clock-skew"),
        (start - 2 * SECOND, "clock-skew"),
        (start - Duration::NANOSECOND, "clock-skew"),
        (start, "no-observation"),
    ] {
        let seen = timed(&challenge, at - SECOND, at - SECOND / 2);
        let told = verdict(&challenge, &seen, at);
        assert_eq!(told.code(), expected, "{at}");
        assert_eq!(told.name(), "indeterminate");
        // Nothing was seen, whatever the clock.
        assert_eq!(verdict(&challenge, &[], at).code(), "no-observation");
    }
    assert_eq!(
        verdict(&challenge, &timed(&challenge, start, start), start).code(),
        "quorum"
    );
}

// S-5: past its end nothing helps, however fresh the look.
#[test]
fn an_expired_challenge_is_rejected() {
    let challenge = challenge();
    let end = challenge.expires_at();
    for at in [end, end + SECOND, end + 400 * DAY, UtcDateTime::MAX] {
        let seen = timed(&challenge, end - SECOND, end - SECOND);
        assert_eq!(verdict(&challenge, &seen, at).code(), "expired", "{at}");
    }
}

// S-5: with an age of none only the present counts, with the longest everything since the issue.
#[test]
fn the_age_is_the_policy_s() {
    let challenge = challenge();
    let decide = |age, to| {
        let policy = Policy::single_resolver().with_max_age(age);
        let rules = Rules::new(policy, vec![eye("one")]).unwrap();
        let seen = timed(&challenge, to, to);
        evaluate(&Case::new(&challenge, &rules, &seen, now())).is_validated()
    };
    assert!(decide(std::time::Duration::ZERO, now()));
    assert!(!decide(
        std::time::Duration::ZERO,
        now() - Duration::NANOSECOND
    ));
    assert!(decide(std::time::Duration::MAX, issued()));
    assert!(!decide(
        std::time::Duration::MAX,
        issued() - Duration::NANOSECOND
    ));
}

// S-5, SC-02: another name, type, purpose or check is not about this record.
#[test]
fn an_observation_counts_for_its_question() {
    let (challenge, one) = (challenge(), id("one"));
    let owner = challenge.owner().clone();
    let probe = probed(&one, &challenge, 0, absent("example.com"));
    let ask = |question, purpose| asked(&one, question, purpose, found(&challenge));
    for (what, seen) in [
        ("no observation", None),
        (
            "the domain",
            Some(ask(Question::txt(name("example.com")), Purpose::Record)),
        ),
        (
            "another scope's name",
            Some(ask(
                Question::txt(name("_p-domain-challenge.example.com")),
                Purpose::Record,
            )),
        ),
        (
            "a name below",
            Some(ask(
                Question::txt(owner.child(b"x").unwrap()),
                Purpose::Record,
            )),
        ),
        (
            "another type",
            Some(ask(
                Question::new(owner.clone(), RecordType::CNAME),
                Purpose::Record,
            )),
        ),
        (
            "type ANY",
            Some(ask(
                Question::new(owner.clone(), RecordType::from_code(255)),
                Purpose::Record,
            )),
        ),
        (
            "a probe",
            Some(ask(challenge.question(), Purpose::WildcardProbe)),
        ),
        (
            "the next check",
            Some(ask(challenge.question(), Purpose::Record).with_attempt(2)),
        ),
        (
            "no check",
            Some(ask(challenge.question(), Purpose::Record).with_attempt(0)),
        ),
    ] {
        let seen: Vec<_> = seen.into_iter().chain([probe.clone()]).collect();
        assert_eq!(
            verdict(&challenge, &seen, now()).code(),
            "no-observation",
            "{what}"
        );
    }
    // Of a later check, what was seen for an earlier one does not count.
    let later = edited(&challenge, |written| written["attempts"] = 3.into());
    let seen = matched(&one, &challenge);
    assert_eq!(verdict(&later, &seen, now()).code(), "no-observation");
    let seen: Vec<_> = seen.into_iter().map(|seen| seen.with_attempt(4)).collect();
    assert_eq!(verdict(&later, &seen, now()).code(), "quorum");
}

// S-5, T-06, S-13: a token proves from its issue to its retirement, by looks begun after the issue.
#[test]
fn an_expectation_has_its_time() {
    let challenge = challenge();
    for (what, from, to, proves) in [
        ("since then", issued(), None, true),
        ("issued before the look", now() - 2 * SECOND, None, true),
        ("issued during the look", now() - SECOND, None, false),
        ("not issued yet", now() + SECOND, None, false),
        ("retires later", issued(), Some(now() + SECOND), true),
        ("retires now", issued(), Some(now()), false),
        ("retired", issued(), Some(now() - DAY), false),
        ("retired before it was issued", now(), Some(issued()), false),
    ] {
        let rotated = edited(&challenge, |written| {
            let text = |at: UtcDateTime| {
                let format = &time::format_description::well_known::Rfc3339;
                serde_json::Value::from(at.format(format).unwrap())
            };
            let expectation = &mut written["expectations"][0];
            expectation["issued_at"] = text(from);
            expectation["retire_at"] = to.map_or(serde_json::Value::Null, text);
        });
        let seen = matched(&id("one"), &rotated);
        let verdict = verdict(&rotated, &seen, now());
        assert_eq!(verdict.is_validated(), proves, "{what}: {verdict:?}");
    }
}

/// A challenge that expects two tokens, and the records of both.
fn rotated() -> (Challenge, String, String) {
    const OLD: &str = "gezdgnbvgy3tqojqgezdgnbvgy3tqojq";
    let challenge = challenge();
    let new = challenge.record().value().to_owned();
    let rotated = edited(&challenge, |written| {
        let mut old = written["expectations"][0].clone();
        old["token"] = OLD.into();
        let expectations = written["expectations"].as_array_mut().unwrap();
        expectations.insert(0, old);
    });
    (rotated, format!("token={OLD}"), new)
}

// T-13, S-3: any token proves, but those who see different tokens do not corroborate each other.
#[test]
fn a_quorum_sees_one_token() {
    let (challenge, old, new) = rotated();
    let both = format!("{old}|{new}");
    for (seen, proves) in [
        ([&old, &old, ""], true),
        ([&new, &new, ""], true),
        ([&old, &new, ""], false),
        ([&both, &old, ""], true),
        ([&both, &new, ""], true),
        ([&old, &new, &new], true),
        ([&old, &both, &new], true),
        ([&both, &both, &both], true),
        (["", &old, &new], false),
    ] {
        let eyes = ["a", "b", "c"].map(eye);
        let rules = Rules::new(Policy::default(), eyes.clone().into()).unwrap();
        let mut observations = Vec::new();
        for (eye, values) in eyes.iter().zip(seen) {
            let values: Vec<&str> = values.split('|').collect();
            observations.push(saw(eye.id(), &challenge, Ok(Answer::txt(values))));
            observations.extend(all_probed(eye.id(), &challenge, 0, &absent("example.com")));
        }
        let verdict = evaluate(&Case::new(&challenge, &rules, &observations, now()));
        assert_eq!(verdict.is_validated(), proves, "{seen:?}: {verdict:?}");
    }
}

// S-7: whoever denies a name shows a zone that it lies in; anything else is a failure.
#[test]
fn negatives_show_their_zone() {
    let owner = challenge().owner().clone();
    let alias = |owner: &OwnerName, target: &str| Alias::new(owner.clone(), name(target), 300);
    for (line, [aliased, zone, code]) in rows(include_str!("../data/decisions/negatives.tsv")) {
        for no_data in [false, true] {
            let zone = Some(&*zone).filter(|zone| *zone != "-").map(soa);
            let outcome = match no_data {
                true => Outcome::no_data(zone),
                false => Outcome::nx_domain(zone),
            };
            let aliases = match &*aliased {
                "-" => vec![],
                target => vec![alias(&owner, target)],
            };
            let verdict = of(Ok(Answer::new(outcome).with_aliases(aliases)));
            let expected = match (&*code, no_data) {
                ("absent", true) => "no-such-record",
                ("absent", false) => "no-such-name",
                (code, _) => code,
            };
            assert_eq!(verdict.code(), expected, "line {line}");
        }
    }
}

// S-7: an answer that calls itself stale or filtered is none, be it a match or a negative.
#[test]
fn stale_and_filtered_answers_are_failures() {
    for code in 0..=40_u16 {
        let expected = match code {
            3 | 19 => "stale",
            4 | 15..=18 => "filtered",
            _ => "",
        };
        let challenge = challenge();
        for (seen, otherwise) in [
            (found(&challenge), "quorum"),
            (absent("example.com"), "no-such-name"),
            (other(), "different"),
        ] {
            let harmless = ExtendedError::new(22, b"");
            let errors = vec![harmless, ExtendedError::new(code, b"\"<script>")];
            let verdict = of(seen.map(|answer| answer.with_extended_errors(errors)));
            let expected = if expected.is_empty() {
                otherwise
            } else {
                expected
            };
            assert_eq!(verdict.code(), expected, "EDE {code}");
        }
    }
}

// S-7, D-03: no failure ever says anything about the record, whatever extended error it has.
#[test]
fn failures_are_no_answers() {
    let extended = |code| vec![ExtendedError::new(code, b"DNSSEC bogus")];
    for failure in [
        LookupFailure::Timeout,
        LookupFailure::server(2),
        LookupFailure::server(3),
        LookupFailure::server(5),
        LookupFailure::Server {
            rcode: 2,
            extended: extended(6),
        },
        LookupFailure::Bogus {
            extended: extended(6),
        },
        LookupFailure::BrokenChain {
            at: name("elsewhere.net"),
        },
        LookupFailure::Truncated,
        LookupFailure::TooLarge,
        LookupFailure::Mismatch(ReplyMismatch::Id),
        LookupFailure::MalformedReply,
        LookupFailure::Transport,
        LookupFailure::AddressRefused,
        LookupFailure::BudgetExhausted,
        LookupFailure::Unsupported,
        LookupFailure::Other,
    ] {
        assert_eq!(of(Err(failure)).code(), "lookup-failed");
    }
}

// The precedence of the decision: answers that contradict themselves, and aliases.
#[test]
fn answers_hold_together() {
    let (challenge, owner) = (challenge(), challenge().owner().clone());
    let value = challenge.record().value();
    let alias = |from: &OwnerName, to: &str| Alias::new(from.clone(), name(to), 300);
    let via = |aliases| Ok(Answer::txt([value]).with_aliases(aliases));
    let ends = |outcome, aliases| Ok(Answer::new(outcome).with_aliases(aliases));
    let (a, b) = (name("a.example.net"), name("b.example.net"));
    let records = |data| {
        let records = vec![ResourceRecord::new(300, data)];
        Ok(Answer::new(Outcome::Records(records)))
    };
    for (what, seen, code) in [
        (
            "an alias",
            via(vec![alias(&owner, "a.example.net")]),
            "quorum",
        ),
        (
            "two aliases",
            via(vec![
                alias(&owner, "a.example.net"),
                alias(&a, "b.example.net"),
            ]),
            "quorum",
        ),
        (
            "an alias of another name",
            via(vec![alias(&a, "b.example.net")]),
            "incoherent",
        ),
        (
            "a gap between aliases",
            via(vec![
                alias(&owner, "a.example.net"),
                alias(&b, "c.example.net"),
            ]),
            "incoherent",
        ),
        (
            "aliases in the wrong order",
            via(vec![
                alias(&a, "b.example.net"),
                alias(&owner, "a.example.net"),
            ]),
            "incoherent",
        ),
        (
            "no records at all",
            ends(Outcome::Records(vec![]), vec![]),
            "incoherent",
        ),
        (
            "a loop",
            ends(Outcome::AliasLoop, vec![alias(&owner, "a.example.net")]),
            "alias-loop",
        ),
        (
            "too many aliases",
            ends(Outcome::AliasTooLong, vec![alias(&owner, "a.example.net")]),
            "alias-too-long",
        ),
        ("a name", records(RecordData::Name(a.clone())), "different"),
        (
            "the token in another type",
            records(RecordData::Other(value.into())),
            "different",
        ),
    ] {
        assert_eq!(of(seen).code(), code, "{what}");
    }
}

// S-9, PS-02: a PRIVATE suffix that is admitted must hold its record itself.
#[test]
fn an_alias_proves_no_private_suffix() {
    let plan = Plan {
        domain: "github.io",
        ..Plan::default()
    };
    let challenge = plan.challenge();
    let eyes = ["one", "two"].map(|name| eye(name).with_group(Group::Operator(id(name))));
    let policy = Policy::k_of_n(2, 2).unwrap();
    let rules = Rules::new(policy, eyes.to_vec()).unwrap();
    let rules = rules.with_guard(crate::guard::admitting_private());
    for (target, code) in [(None, "quorum"), (Some("_p.example.net"), "alias-refused")] {
        let alias = target.map(|to| Alias::new(challenge.owner().clone(), name(to), 300));
        let answer = found(&challenge).map(|found| found.with_aliases(alias.into_iter().collect()));
        let seen = ["one", "two"].map(id).map(|who| {
            let mut seen = all_probed(&who, &challenge, 0, &absent("github.io"));
            seen.push(saw(&who, &challenge, answer.clone()));
            seen
        });
        let seen = seen.concat();
        let verdict = evaluate(&Case::new(&challenge, &rules, &seen, now()));
        assert_eq!(verdict.code(), code);
    }
}

// A closed challenge proves nothing more.
#[test]
fn closed_challenges_are_rejected() {
    let challenge = challenge();
    let at = serde_json::json!("2026-11-18T12:00:00Z");
    for state in ["expired", "cancelled"] {
        let closed = edited(&challenge, |written| {
            written["state"] = serde_json::json!({"name": state, "at": at});
        });
        let seen = matched(&id("one"), &closed);
        assert_eq!(verdict(&closed, &seen, now()).code(), "closed", "{state}");
    }
}

// S-4: what was written down and read again proves nothing, however it reads.
#[test]
fn replays_have_no_witness() {
    let (challenge, rules) = (challenge(), one());
    let built = matched(&id("one"), &challenge);
    let mut written = serde_json::to_value(&built).unwrap();
    for seen in written.as_array_mut().unwrap() {
        assert_eq!(seen.get("provenance"), None);
        seen["provenance"] = "Live".into();
    }
    let read: Vec<Observation> = serde_json::from_value(written).unwrap();
    for seen in [built, read] {
        let examination: Examination = examine(&Case::new(&challenge, &rules, &seen, now()));
        assert!(examination.verdict().is_validated());
        assert_eq!(examination.verdict().witness(), None);
        assert_eq!(examination.evidence(), None);
        assert_eq!(examination.decisive(), seen.first());
    }
}

// S-7: the SOA's owner decides, not its numbers.
#[test]
fn a_soa_of_any_numbers_will_do() {
    let zone = Soa::new(name("example.com"), u32::MAX, 0, u32::MAX);
    assert_eq!(
        of(Ok(Answer::new(Outcome::nx_domain(Some(zone))))).code(),
        "no-such-name"
    );
}
