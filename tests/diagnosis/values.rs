//! What is made of a value at the owner name.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dcv::challenge::{Challenge, Form};
use dcv::diagnose::{Code, History, Investigation, Origin, Severity};
use dcv::dns::{Observation, RecordType};
use dcv::evaluate::{Case, evaluate};
use dcv::name::Scope;
use dcv::policy::{Policy, Rules};
use dcv::record::{FormatId, Formats, PrefixFormat, Reading, RecordFormat, Syntax};
use dcv::token::Token;
use time::Duration;

use crate::cases::{Plan, TOKEN, absent, all_probed, eye, id, issued, now};
use crate::rows::rows;
use crate::scene::{Scene, name, right, shown, txt};

/// A token that nobody here was given.
const OTHER: &str = "nfzwkidbobyg62lonfxw4zltorqw4zdb";

fn formats() -> Formats {
    let format = PrefixFormat::new("svc", "svc=").unwrap();
    Formats::new().with(Arc::new(format)).unwrap()
}

/// What stands for `{…}` in a row.
fn piece(text: &str, challenge: &Challenge) -> String {
    let (text, upper) = match text.strip_suffix('^') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let mut parts = text.split(':');
    let whole = match parts.next() {
        Some("T") => TOKEN,
        Some("O") => OTHER,
        Some("V") => challenge.record().value(),
        other => panic!("{other:?}"),
    };
    let numbers: Vec<Option<usize>> = parts.map(|number| number.parse().ok()).collect();
    let piece = match numbers[..] {
        [] => whole,
        [Some(to)] => &whole[..to],
        [None, Some(from)] => &whole[from..],
        [Some(from), Some(to)] => &whole[from..to],
        _ => panic!("{text}"),
    };
    if upper {
        piece.to_uppercase()
    } else {
        piece.to_owned()
    }
}

fn filled(text: &str, challenge: &Challenge) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('{') {
        let (inside, after) = tail.split_once('}').unwrap();
        filled.push_str(before);
        filled.push_str(&piece(inside, challenge));
        rest = after;
    }
    filled + rest
}

fn plan(form: &str) -> Plan {
    let form = match form {
        "space" | "strict" => Form::Draft(Syntax::Space),
        "comma" => Form::Draft(Syntax::LegacyComma),
        "exact" => Form::Exact,
        "custom" => Form::Custom(FormatId::new("svc").unwrap()),
        other => panic!("{other}"),
    };
    Plan {
        form,
        formats: formats(),
        ..Plan::default()
    }
}

fn scene(form: &str) -> Scene {
    let reading = if form == "strict" {
        Reading::Strict
    } else {
        Reading::Lenient
    };
    let policy = Policy::single_resolver().with_reading(reading);
    let rules = Rules::new(policy, vec![eye("one")]).unwrap();
    let challenge = plan(form).challenge();
    let mut scene = Scene::of(challenge);
    scene.rules = rules.with_formats(formats());
    let siblings = all_probed(&id("one"), &scene.challenge, 0, &absent("example.com"));
    scene.seen.extend(siblings);
    scene
}

// Mistakes 5 to 10 and 26, T-12, X-05, S-12: each, two at once, and what is nobody's mistake.
#[test]
fn values_and_what_is_wrong_with_them() {
    let table = rows(include_str!("../data/diagnosis/values.tsv"));
    assert!(table.len() >= 80, "{} rows", table.len());
    let mut wrong = Vec::new();
    for (line, [form, value, codes, detail]) in table {
        let scene = scene(&form);
        let value = filled(&value, &scene.challenge);
        let scene = scene.record("one", txt(&[&value]));
        let expected = if codes == "-" { "" } else { &codes };
        let found = scene.codes();
        if found != expected {
            wrong.push(format!("line {line}: {value:?}: {found}, not {expected}"));
            continue;
        }
        let told: Vec<String> = scene
            .findings()
            .iter()
            .filter_map(|finding| match finding.code() {
                Code::InvisibleCharacters => Some(shown(finding, "characters")),
                Code::ValueTruncated => {
                    let (length, of) = (shown(finding, "length"), shown(finding, "expected"));
                    Some(format!("{length} of {of}"))
                }
                _ => None,
            })
            .collect();
        let detail = if detail == "-" { "" } else { &detail };
        if told.join("; ") != detail {
            wrong.push(format!("line {line}: {value:?}: {told:?}, not {detail}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// octets that are no text are somebody else's, but for the two that a Latin-1 page leaves.
#[test]
fn octets_that_are_no_text() {
    use dcv::dns::Answer;
    let value = scene("space").challenge.record().value().to_owned();
    for (before, codes) in [
        (&b"\xa0"[..], "invisible-characters"),
        (b"\xad", "invisible-characters"),
        (b"\xff", "extra-text"),
    ] {
        let data = [before, value.as_bytes()].concat();
        let scene = scene("space").record("one", Ok(Answer::txt([data])));
        assert_eq!(scene.codes(), codes, "{before:?}");
    }
    let scene = scene("space").record("one", Ok(Answer::txt([[0xff; 300]])));
    assert_eq!(scene.codes(), "not-published");
}

// S-16: however long a record is, only its beginning is looked at.
#[test]
fn long_records_cost_little() {
    let long = format!("{}{TOKEN}", "x".repeat(2000));
    let scene = scene("space").record("one", txt(&[&long]));
    assert_eq!(scene.codes(), "not-published");
}

// Mistakes 5 and 10: one finding for one value at one place, with everybody who saw it, and what a
// person has to enter.
#[test]
fn a_mistake_is_told_once() {
    let value = format!("\"token={TOKEN}\"");
    let scene = Scene::new().all(&txt(&[&value, "v=spf1 -all"]));
    assert_eq!(scene.codes(), "quotes-in-value");
    let finding = scene.finding(Code::QuotesInValue);
    assert_eq!(finding.severity(), Severity::Change);
    assert_eq!(finding.seen().len(), 3);
    assert_eq!(shown(&finding, "found"), "_p-challenge.example.com.");
    assert_eq!(shown(&finding, "data"), value);
    let keys: Vec<_> = finding.params().iter().map(|param| param.key()).collect();
    assert_eq!(
        keys,
        ["owner", "zone", "host", "type", "value", "found", "data"]
    );
    assert_eq!(shown(&finding, "host"), "_p-challenge");
    assert_eq!(shown(&finding, "zone"), "example.com.");
    assert_eq!(shown(&finding, "value"), scene.challenge.record().value());
}

// T-12: beside the right record a mistake is no cause, only worth knowing.
#[test]
fn a_mistake_beside_the_right_record_is_a_hint() {
    let value = scene("space").challenge.record().value().to_owned();
    let quoted = format!("\"{value}\"");
    let scene = Scene::new()
        .record("one", txt(&[&value, &quoted]))
        .record("two", absent("example.com"));
    assert_eq!(scene.codes(), "negative-cached quotes-in-value");
    assert_eq!(
        scene.finding(Code::QuotesInValue).severity(),
        Severity::Hint
    );
}

// Mistakes 11 to 13, S-17: whose token it is, from history alone; a token in capitals is found by
// what it was.
#[test]
fn tokens_of_before_and_of_others() {
    let fingerprint = Token::new(OTHER).unwrap().fingerprint();
    let issued_at = issued() - Duration::days(3);
    let elsewhere = Origin::Elsewhere {
        domain: "example.org".parse().unwrap(),
        scope: Scope::Domain,
        issued_at,
    };
    for (origin, code) in [
        (Origin::Unknown, Code::UnknownToken),
        (Origin::Earlier { issued_at }, Code::StaleToken),
        (elsewhere, Code::TokenForOtherDomain),
        (Origin::OtherAccount, Code::OtherAccountToken),
    ] {
        let shapes = [
            format!("token={OTHER}"),
            OTHER.to_owned(),
            format!("\"token={}\"", OTHER.to_uppercase()),
        ];
        for value in shapes {
            let mut scene = Scene::new().all(&txt(&[&value]));
            scene.history = History::new().with_token(fingerprint, origin.clone());
            assert_eq!(scene.codes(), code.as_str(), "{value}");
            let finding = scene.finding(code);
            assert_eq!(shown(&finding, "data"), value);
            if code == Code::TokenForOtherDomain {
                assert_eq!(shown(&finding, "other"), "example.org");
                assert_eq!(shown(&finding, "scope"), "domain");
            }
            let dated = matches!(code, Code::StaleToken | Code::TokenForOtherDomain);
            assert_eq!(finding.param("issued_at").is_some(), dated);
        }
    }
    // Of a token that nobody asked about nothing is said.
    let scene = Scene::new().all(&txt(&[OTHER]));
    assert_eq!(scene.codes(), "unknown-token");
}

// T-13, mistake 11: the old token of a rotation is a stale one as soon as it does not count.
#[test]
fn a_retired_token_is_stale() {
    let retire_at = now() - Duration::MINUTE;
    let retire_at = retire_at
        .format(&time::format_description::well_known::Rfc3339)
        .unwrap();
    let later = crate::cases::edited(&crate::cases::challenge(), |written| {
        let mut old = written["expectations"][0].clone();
        let mut new = old.clone();
        new["token"] = OTHER.into();
        old["retire_at"] = retire_at.into();
        written["expectations"] = serde_json::json!([old, new]);
    });
    let scene = Scene::of(later).all(&right());
    assert_eq!(scene.codes(), "stale-token");
}

// S-16: a zone full of what is nearly right is not looked at to the end; and whatever it is full of,
// the right record among it is seen.
#[test]
fn close_looks_are_bounded() {
    let value = scene("space").challenge.record().value().to_owned();
    let near: Vec<String> = (0..100)
        .map(|blanks| format!("{} {}x", " ".repeat(blanks), &value[..20]))
        .collect();
    let near: Vec<&str> = near.iter().map(String::as_str).collect();
    let quoted = format!("\"{value}\"");
    let at = |place: usize, value| {
        let mut values = near.clone();
        values.insert(place, value);
        Scene::new().all(&txt(&values)).codes()
    };
    assert!(at(31, &quoted).contains("quotes-in-value"));
    assert!(!at(32, &quoted).contains("quotes-in-value"));
    let denied = |place| {
        let mut values = near.clone();
        values.insert(place, &value);
        let scene = Scene::new().record("one", txt(&values));
        scene.record("two", absent("example.com")).codes()
    };
    assert!(denied(100).contains("negative-cached"), "{}", denied(100));
}

// S-16: what is looked at closely has an end in octets too, over all that was seen.
#[test]
fn the_octets_of_close_looks_are_bounded() {
    let value = scene("space").challenge.record().value().to_owned();
    // Each begins with the beginning of the token, and is no token.
    let near = |number: usize, octets: usize| {
        let filling = "y".repeat(octets);
        format!("{number:0>3} {}x{filling}", &value[..20])
    };
    let quoted = format!("\"{value}\"");
    let among = |long: usize| {
        let mut values: Vec<String> = (0..long).map(|number| near(number, 2000)).collect();
        values.push(near(900, 460));
        values.push(quoted.clone());
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        Scene::new().all(&txt(&values)).codes()
    };
    assert!(among(9).contains("quotes-in-value"));
    assert!(!among(10).contains("quotes-in-value"));
}

// S-16: a name full of what is nearly right hides nothing at the owner name, whichever of them is
// the first by the alphabet; nor does one answer hide what another has in common with it.
#[test]
fn the_owner_name_is_looked_at_first() {
    let value = scene("space").challenge.record().value().to_owned();
    let near: Vec<String> = (0..255)
        .map(|number| format!("{number} {}x", &value[..20]))
        .collect();
    let near: Vec<&str> = near.iter().map(String::as_str).collect();
    let quoted = format!("\"{value}\"");
    let mut scene = Scene::new().all(&txt(&[&quoted]));
    for place in ["a.example.com", "example.com", "www.example.com"] {
        scene = scene.probed(name(place), RecordType::TXT, txt(&near));
    }
    assert_eq!(scene.codes(), "quotes-in-value");
}

/// A format that counts how often it is asked.
#[derive(Debug, Default)]
struct Counting(AtomicUsize);

impl RecordFormat for Counting {
    fn id(&self) -> &'static str {
        "svc"
    }

    fn compose(&self, token: &str) -> String {
        format!("svc={token}")
    }

    fn extract<'a>(&self, rdata: &'a [u8]) -> Option<&'a [u8]> {
        self.0.fetch_add(1, Ordering::Relaxed);
        rdata.strip_prefix(b"svc=")
    }
}

// S-16: what an investigation comes to is worked out once, until more is known; and a record that
// is seen at several places is judged once.
#[test]
fn a_diagnosis_is_worked_out_once() {
    let counting = Arc::new(Counting::default());
    let form = Form::Custom(FormatId::new("svc").unwrap());
    let formats = Formats::new().with(Arc::clone(&counting)).unwrap();
    let plan = Plan {
        form,
        formats: formats.clone(),
        ..Plan::default()
    };
    let scene = Scene::of(plan.challenge());
    let seen = txt(&["v=spf1 -all", "svc=x", "other"]);
    let scene = scene
        .all(&seen)
        .probed(name("example.com"), RecordType::TXT, seen);
    let rules = scene.rules.clone().with_formats(formats);
    let of = |seen: Vec<Observation>| {
        let found = Investigation::new(scene.challenge.clone(), rules.clone(), seen, now());
        let asked = || counting.0.load(Ordering::Relaxed);
        let before = asked();
        let findings = found.diagnosis();
        let first = asked() - before;
        assert_eq!(found.diagnosis(), findings);
        assert_eq!(found.clone().diagnosis(), findings);
        assert_eq!(asked() - before, first, "once");
        // One who decides asks again; one who explains does not.
        let later = found
            .at(now() + Duration::SECOND)
            .with_next_check_at(Some(now()));
        assert_ne!(later.diagnosis(), findings);
        assert!(asked() - before > first, "as soon as more is known");
        first
    };
    let decided = |seen: &[Observation]| {
        let before = counting.0.load(Ordering::Relaxed);
        let _ = evaluate(&Case::new(&scene.challenge, &rules, seen, now()));
        counting.0.load(Ordering::Relaxed) - before
    };
    let (one, all) = (scene.seen[..1].to_vec(), scene.seen.clone());
    let looked = |seen: Vec<Observation>| {
        // To decide, and to say what was forgiven, each answer is read.
        let decided = decided(&seen);
        of(seen) - 2 * decided
    };
    assert_eq!(looked(one), looked(all));
}

// S-16: no more tokens are read than several times those that are told.
#[test]
fn the_tokens_that_are_read_are_bounded() {
    let tokens: Vec<String> = (0..255)
        .map(|number| format!("token={number:0>4}{}", &OTHER[4..]))
        .collect();
    let known = |at: usize| {
        let fingerprint = Token::new(&tokens[at]["token=".len()..]).unwrap();
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let mut scene = Scene::new().all(&txt(&tokens));
        let fingerprint = fingerprint.fingerprint();
        scene.history = History::new().with_token(fingerprint, Origin::OtherAccount);
        scene.codes()
    };
    assert!(known(63).starts_with("other-account-token"));
    assert!(known(64).starts_with("unknown-token"));
}
