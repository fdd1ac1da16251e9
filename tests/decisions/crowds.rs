//! Names with more records than are kept (S-16).

use std::sync::Arc;

use dcv::challenge::{Challenge, Form};
use dcv::dns::{
    Answer, MAX_RECORDS, Observation, Outcome, Provenance, RecordData, ResourceRecord, Txt,
};
use dcv::evaluate::{Case, evaluate, examine};
use dcv::lookup::FixedLookup;
use dcv::policy::{Policy, Rules};
use dcv::record::{FormatId, Formats, PrefixFormat, Reading, Syntax};
use proptest::prelude::*;
use proptest::sample::select;

use crate::cases::{Plan, TOKEN, absent, all_probed, challenge, check, edited, eye, id, now, saw};

fn records(one: &Observation) -> &[ResourceRecord] {
    match one.result().unwrap().outcome() {
        Outcome::Records(records) => records,
        other => panic!("{other:?}"),
    }
}

/// How many records an answer told of, kept or counted.
fn told(records: &[ResourceRecord]) -> usize {
    let counts = records.iter().map(|record| match record.data() {
        RecordData::Withheld(one) => one.more() as usize + 1,
        _ => 1,
    });
    counts.sum()
}

/// So many records of strangers, with these of ours among them.
fn crowd(count: usize, ours: &[(usize, String)]) -> Vec<String> {
    let mut values: Vec<_> = (0..count).map(|n| format!("stranger-{n}")).collect();
    for (at, value) in ours {
        values.insert(at % (values.len() + 1), value.clone());
    }
    values
}

// S-16: strangers' records do not make a name unprovable, however many, and wherever ours stands.
#[test]
fn strangers_records_stand_in_nobodys_way() {
    let challenge = challenge();
    let ours = challenge.record().value().to_owned();
    for count in [MAX_RECORDS, 1000, 5000] {
        for at in [0, count / 2, count] {
            let dns = FixedLookup::new();
            dns.publish(challenge.owner(), crowd(count, &[(at, ours.clone())]));
            let seen = check(&challenge, &dns, now());
            assert_eq!(seen.verdict().code(), "quorum", "{at} of {count}");
            assert!(seen.verdict().witness().is_some(), "{at} of {count}");
            let shown = seen.decisive().unwrap();
            assert_eq!(shown.provenance(), Provenance::Live);
            assert_eq!(records(shown).len(), MAX_RECORDS);
            assert_eq!(told(records(shown)), count + 1);
            // What is kept can be written down, and read again.
            let text = serde_json::to_string(shown).unwrap();
            assert_eq!(
                &serde_json::from_str::<Observation>(&text).unwrap().result(),
                &shown.result()
            );
        }
        let dns = FixedLookup::new();
        dns.publish(challenge.owner(), crowd(count + 1, &[]));
        let seen = check(&challenge, &dns, now());
        assert_eq!(seen.verdict().code(), "different", "{count}");
        assert_eq!(told(records(seen.decisive().unwrap())), count + 1);
    }
}

// S-8: a wildcard with many records is one with few.
#[test]
fn a_wildcard_hides_in_no_crowd() {
    let challenge = challenge();
    let values = crowd(1000, &[(900, challenge.record().value().to_owned())]);
    let rules = Rules::new(Policy::single_resolver(), vec![eye("one")]).unwrap();
    for (sibling, code) in [
        (Ok(Answer::txt(&values)), "wildcard"),
        (Ok(Answer::txt(crowd(1000, &[]))), "quorum"),
    ] {
        let mut seen = all_probed(&id("one"), &challenge, 0, &sibling);
        seen.push(saw(&id("one"), &challenge, Ok(Answer::txt(&values))));
        let case = Case::new(&challenge, &rules, &seen, now());
        assert_eq!(evaluate(&case).code(), code);
        let kept = examine(&case);
        assert_eq!(kept.verdict().code(), code);
        let again = Case::new(&challenge, &rules, kept.observations(), now());
        assert_eq!(evaluate(&again).code(), code);
    }
}

// What is nearly right is kept for whoever explains it.
#[test]
fn what_is_nearly_right_is_kept() {
    let challenge = challenge();
    let near = [
        format!("\"{}\"", challenge.record().value()),
        format!("token={}", TOKEN.to_uppercase()),
    ];
    let ours: Vec<_> = near.iter().map(|value| (700, value.clone())).collect();
    let dns = FixedLookup::new();
    dns.publish(challenge.owner(), crowd(1000, &ours));
    let seen = check(&challenge, &dns, now());
    let kept = records(seen.decisive().unwrap());
    for value in near {
        let data = RecordData::Txt(Txt::joined(value.as_bytes()));
        assert!(kept.iter().any(|record| *record.data() == data), "{value}");
    }
}

/// Two tokens are expected, and the first counts until the check, or no more.
fn rotated(form: Form, retired: bool) -> Challenge {
    // Known when it was issued, and to nobody who decides.
    let format = PrefixFormat::new("svc", "svc=").unwrap();
    let formats = Formats::new().with(Arc::new(format)).unwrap();
    let plan = Plan {
        form,
        formats,
        ..Plan::default()
    };
    edited(&plan.challenge(), |written| {
        let expectations = written["expectations"].as_array_mut().unwrap();
        let mut second = expectations[0].clone();
        second["token"] = TOKEN.chars().rev().collect::<String>().into();
        if retired {
            expectations[0]["retire_at"] = expectations[0]["issued_at"].clone();
        }
        expectations.push(second);
    })
}

fn any_of_ours() -> impl Strategy<Value = String> {
    let second: String = TOKEN.chars().rev().collect();
    select(vec![
        format!("token={TOKEN}"),
        format!(" token={TOKEN} "),
        format!("token={second}"),
        format!("token={second}  flag="),
        TOKEN.to_owned(),
        "token=".to_owned(),
        "token=a token=b".to_owned(),
        format!("x {TOKEN}"),
        "v=spf1 -all".to_owned(),
        String::new(),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    // S-16: whatever is counted instead of kept, the decision is the same, and so is what it rests on.
    #[test]
    fn what_is_kept_decides_the_same(
        count in MAX_RECORDS - 2..600_usize,
        ours in prop::collection::vec((any::<usize>(), any_of_ours()), 0..4),
        many in prop::option::of((any_of_ours(), 0..400_usize)),
        form in select(vec![
            Form::Draft(Syntax::Space),
            Form::Draft(Syntax::LegacyComma),
            Form::Exact,
            Form::Custom(FormatId::new("svc").unwrap()),
        ]),
        retired in any::<bool>(),
        reading in select(vec![Reading::Strict, Reading::Lenient]),
    ) {
        let challenge = rotated(form, retired);
        let mut values = crowd(count, &ours);
        if let Some((value, times)) = many {
            values.splice(10..10, std::iter::repeat_n(value, times));
        }
        let policy = Policy::single_resolver().with_reading(reading);
        let rules = Rules::new(policy, vec![eye("one")]).unwrap();
        let mut seen = vec![saw(&id("one"), &challenge, Ok(Answer::txt(&values)))];
        seen.extend(all_probed(&id("one"), &challenge, 0, &absent("example.com")));
        let whole = evaluate(&Case::new(&challenge, &rules, &seen, now()));
        let kept = examine(&Case::new(&challenge, &rules, &seen, now()));
        prop_assert_eq!(kept.verdict(), &whole);
        let again = evaluate(&Case::new(&challenge, &rules, kept.observations(), now()));
        prop_assert_eq!(again, whole);
        let kept = records(&kept.observations()[0]);
        prop_assert!(kept.len() <= MAX_RECORDS);
        prop_assert_eq!(told(kept), values.len());
    }
}
