//! Which records prove.

use std::sync::Arc;

use dcv::challenge::{Challenge, Form};
use dcv::dns::{Answer, Outcome, RecordData, ResourceRecord, Txt};
use dcv::evaluate::{Case, Verdict, evaluate};
use dcv::policy::{Policy, Rules};
use dcv::record::{FormatId, Formats, PrefixFormat, Reading, RecordFormat, Syntax};

use crate::cases::{Plan, Seen, TOKEN, absent, all_probed, eye, id, now, saw};
use crate::rows::rows;

fn formats() -> Formats {
    let format = PrefixFormat::new("svc", "svc=").unwrap();
    Formats::new().with(Arc::new(format)).unwrap()
}

fn custom() -> Form {
    Form::Custom(FormatId::new("svc").unwrap())
}

fn verdict(challenge: &Challenge, reading: Reading, formats: Formats, seen: Seen) -> Verdict {
    let policy = Policy::single_resolver().with_reading(reading);
    let rules = Rules::new(policy, vec![eye("one")]).unwrap();
    let rules = rules.with_formats(formats);
    let one = id("one");
    let mut seen = vec![saw(&one, challenge, seen)];
    seen.extend(all_probed(&one, challenge, 0, &absent("example.com")));
    evaluate(&Case::new(challenge, &rules, &seen, now()))
}

// T-11, T-12, X-02 to X-06, K-01 to K-13, S-12: every row in both readings, and in any order.
#[test]
fn records_prove_or_do_not() {
    for (line, [form, held, strict, lenient]) in
        rows(include_str!("../data/decisions/matching.tsv"))
    {
        let form = match &*form {
            "space" => Form::Draft(Syntax::Space),
            "comma" => Form::Draft(Syntax::LegacyComma),
            "exact" => Form::Exact,
            "custom" => custom(),
            other => panic!("line {line}: {other}"),
        };
        let plan = Plan {
            form,
            formats: formats(),
            ..Plan::default()
        };
        let challenge = plan.challenge();
        let values = held.split('|').map(|value| value.replace('%', TOKEN));
        let mut values: Vec<String> = values.collect();
        for (reading, expected) in [(Reading::Strict, &strict), (Reading::Lenient, &lenient)] {
            let expected = if *expected == "proven" {
                "quorum"
            } else {
                &**expected
            };
            for _ in 0..values.len() {
                values.rotate_left(1);
                let seen = Ok(Answer::txt(&values));
                let verdict = verdict(&challenge, reading, formats(), seen);
                assert_eq!(
                    verdict.code(),
                    expected,
                    "line {line}, {reading}: {values:?}"
                );
            }
        }
    }
}

fn strings(parts: &[&[u8]]) -> Seen {
    let txt = Txt::from_strings(parts.iter().copied());
    let record = ResourceRecord::new(300, RecordData::Txt(txt));
    Ok(Answer::new(Outcome::Records(vec![record])))
}

// the strings of one record are one text, wherever it is cut.
#[test]
fn strings_are_joined() {
    let challenge = Plan::default().challenge();
    let value = challenge.record().value().as_bytes();
    for at in 0..=value.len() {
        let (head, tail) = value.split_at(at);
        for parts in [
            &[head, tail][..],
            &[head, b"", tail],
            &[b"", head, tail, b""],
        ] {
            let verdict = verdict(&challenge, Reading::Strict, formats(), strings(parts));
            assert!(verdict.is_validated(), "cut at {at}");
        }
        if (1..value.len()).contains(&at) {
            let parts: [&[u8]; 3] = [head, b"x", tail];
            let broken = verdict(&challenge, Reading::Strict, formats(), strings(&parts));
            // Behind the token an octet may well stand: the attributes decide nothing.
            let token = b"token=".len() + TOKEN.len();
            assert_eq!(broken.is_validated(), at > token, "an octet more at {at}");
        }
    }
}

// a neighbour's record in any encoding is somebody else's, not an error.
#[test]
fn neighbours_are_ignored() {
    let challenge = Plan::default().challenge();
    let value = challenge.record().value().as_bytes().to_vec();
    let neighbours = [
        vec![0xff; 300],
        vec![0; 1],
        vec![b'='; 65_000],
        vec![],
        [b"x", &*value].concat(),
    ];
    for neighbour in neighbours {
        let seen = Ok(Answer::txt([
            neighbour.clone(),
            value.clone(),
            neighbour.clone(),
        ]));
        assert!(verdict(&challenge, Reading::Strict, formats(), seen).is_validated());
        let seen = Ok(Answer::txt([neighbour.clone(), neighbour]));
        assert!(!verdict(&challenge, Reading::Lenient, formats(), seen).is_validated());
    }
}

/// Claims every record, and says the bytes that it was told.
#[derive(Debug)]
struct Liar(&'static [u8]);

impl RecordFormat for Liar {
    fn id(&self) -> &str {
        "svc"
    }

    fn compose(&self, token: &str) -> String {
        format!("svc={token}")
    }

    fn extract<'a>(&self, rdata: &'a [u8]) -> Option<&'a [u8]> {
        match rdata.strip_prefix(b"svc=") {
            Some(token) => Some(token),
            None => Some(self.0),
        }
    }
}

// S-12: a format says where the token is, not that it is there.
#[test]
fn formats_only_extract() {
    let liar = || {
        Formats::new()
            .with(Arc::new(Liar(TOKEN.as_bytes())))
            .unwrap()
    };
    let plan = Plan {
        form: custom(),
        formats: liar(),
        ..Plan::default()
    };
    let challenge = plan.challenge();
    for (value, code) in [
        ("svc=", "different"),
        ("anything", "different"),
        ("", "different"),
    ] {
        let verdict = verdict(
            &challenge,
            Reading::Lenient,
            liar(),
            Ok(Answer::txt([value])),
        );
        assert_eq!(verdict.code(), code, "{value}");
    }
    let told = challenge.record().value();
    let verdict = verdict(
        &challenge,
        Reading::Lenient,
        liar(),
        Ok(Answer::txt([told])),
    );
    assert!(verdict.is_validated());
}

// K-13, S-7: a format that nobody knows any more proves nothing and disproves nothing.
#[test]
fn an_unknown_format_says_nothing() {
    let plan = Plan {
        form: custom(),
        formats: formats(),
        ..Plan::default()
    };
    let challenge = plan.challenge();
    let decide = |seen| verdict(&challenge, Reading::Lenient, Formats::new(), seen).code();
    let told = challenge.record().value();
    assert_eq!(decide(Ok(Answer::txt([told]))), "unknown-format");
    assert_eq!(decide(Ok(Answer::txt(["v=spf1 -all"]))), "unknown-format");
    // That there is no record at all can be said without the format.
    assert_eq!(decide(absent("example.com")), "no-such-name");
}
