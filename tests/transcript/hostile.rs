//! Documents that nobody here wrote.

use dcv::diagnose::Hints;
use dcv::dns::{Answer, Outcome, RecordData, Txt};
use dcv::evaluate::{Case, examine};
use dcv::lifecycle::{LifecycleError, Occasion, advance};
use dcv::policy::Timing;
use dcv::transcript::{Transcript, TranscriptError};
use serde_json::{Value, json};

use crate::cases::{TOKEN, challenge, id, matched, now};
use crate::{investigation, of_answer, single};

fn document() -> Value {
    let challenge = challenge();
    let seen = matched(&id("one"), &challenge);
    let transcript = Transcript::of(&investigation(&challenge, &single(), seen)).unwrap();
    serde_json::from_str(&transcript.to_json()).unwrap()
}

fn read(document: &Value) -> Result<Transcript, TranscriptError> {
    Transcript::from_json(&document.to_string())
}

fn edited(edit: impl FnOnce(&mut Value)) -> Result<Transcript, TranscriptError> {
    let mut document = document();
    edit(&mut document);
    read(&document)
}

// S-4: a version that this library does not know is refused, and so is anything else
#[test]
fn other_documents_are_refused() {
    for (version, found) in [(json!(0), 0), (json!(2), 2), (json!(u64::MAX), u64::MAX)] {
        let error = edited(|document| document["dcv-transcript"] = version).unwrap_err();
        assert_eq!(error, TranscriptError::Version { found });
        assert!(error.to_string().contains("reads version 1"), "{error}");
    }
    // Even when it has another form altogether.
    let later = r#"{"observations": {}, "dcv-transcript": 7, "more": [1]}"#;
    let refused = Transcript::from_json(later);
    assert_eq!(refused, Err(TranscriptError::Version { found: 7 }));
    for other in [
        "{}",
        r#"{"dcv-transcript": null}"#,
        r#"{"verdict": "validated"}"#,
    ] {
        let refused = Transcript::from_json(other);
        assert_eq!(refused, Err(TranscriptError::NotATranscript), "{other}");
    }
    for broken in [
        "",
        "1",
        "[]",
        "{",
        r#"{"dcv-transcript": 1}"#,
        r#"{"dcv-transcript": "1"}"#,
    ] {
        let error = Transcript::from_json(broken).unwrap_err();
        assert!(
            matches!(error, TranscriptError::Malformed { .. }),
            "{broken}: {error}"
        );
    }
}

// S-4, S-16: the size is looked at before anything is parsed, and depth ends somewhere
#[test]
fn large_and_deep_documents_are_refused() {
    let text = document().to_string();
    let fill = |octets: usize| format!("{}{text}", " ".repeat(octets - text.len()));
    let most = Transcript::MAX_OCTETS;
    assert!(Transcript::from_json(&format!("{}\n", fill(most))).is_ok());
    let refused = Transcript::from_json(&fill(most + 1));
    assert_eq!(refused, Err(TranscriptError::TooLarge { octets: most + 1 }));

    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (before, after, expected) in [
        ("{", "{\"deep\":DEEP,", "unknown field"),
        ("\"asked\":[", "\"asked\":[DEEP", "expected"),
        (
            "\"published\":false",
            "\"published\":DEEP",
            "expected a boolean",
        ),
        (
            "\"challenge\":{",
            "\"challenge\":{\"deep\":DEEP,",
            "unknown field",
        ),
    ] {
        assert!(text.contains(before), "{before}");
        let text = text.replacen(before, &after.replace("DEEP", &deep), 1);
        let told = Transcript::from_json(&text).unwrap_err().to_string();
        assert!(told.contains(expected), "{after}: {told}");
    }
}

// S-4: nothing is said twice, and nothing is said that is not known
#[test]
fn keys_are_known_and_there_once() {
    let whole = document();
    let text = whole.to_string();
    for (place, key) in [
        ("", "dcv-transcript"),
        ("", "rounds"),
        ("/challenge", "revision"),
        ("/challenge/record", "owner"),
        ("/rules", "policy"),
        ("/rules/policy", "agreement"),
        ("/rules/perspectives/0", "id"),
        ("/observations/0", "purpose"),
        ("/observations/0/question", "name"),
    ] {
        let object = whole.pointer(place).unwrap();
        let (once, value) = (object.to_string(), &object[key]);
        let more = format!("{},\"{key}\":{value}}}", once.strip_suffix('}').unwrap());
        let error = Transcript::from_json(&text.replacen(&once, &more, 1)).unwrap_err();
        let told = error.to_string();
        assert!(told.contains("duplicate field"), "{place}/{key}: {told}");
    }
    for place in [
        "",
        "/observations/0",
        "/rules",
        "/rules/policy",
        "/records/0/withheld",
    ] {
        let more = edited(|document| {
            document["records"][0] = json!({"withheld": {
                "txt": true, "prefix": "", "octets": 1, "digest": "0".repeat(64),
            }});
            document.pointer_mut(place).unwrap()["provenance"] = "live".into();
        });
        let error = more.unwrap_err();
        assert!(
            error.to_string().contains("unknown field"),
            "{place}: {error}"
        );
    }
}

// S-4: what no constructor would take is not read
#[test]
fn impossible_values_are_refused() {
    let long = "A".repeat(100);
    let many = |one: Value, count: usize| Value::Array(vec![one; count]);
    for (place, value) in [
        ("/challenge/record/owner", json!("example.com.")),
        ("/challenge/expectations", json!([])),
        ("/challenge/expectations/0/token", json!("")),
        ("/challenge/account", json!("")),
        ("/challenge/state/name", json!("validated")),
        ("/challenge/revision", json!(0)),
        ("/rules/policy/agreement", json!({"groups": [1, 2]})),
        ("/rules/policy/agreement", json!({"groups": [0, 0]})),
        ("/rules/policy/agreement", json!({"groups": [2, 3]})),
        (
            "/rules/policy/agreement",
            json!({"ca-browser-forum": "one"}),
        ),
        ("/rules/policy/require_secure", json!(true)),
        ("/rules/policy/max_age/secs", json!(-1)),
        ("/rules/perspectives", json!([])),
        ("/rules/perspectives/0/id", json!("a\u{1b}b")),
        (
            "/rules/perspectives",
            many(document()["rules"]["perspectives"][0].clone(), 33),
        ),
        ("/observations/0/question/name", json!("a..b")),
        (
            "/observations/0/finished_at",
            json!("9999-12-31T23:59:59-23:59"),
        ),
        (
            "/observations/0/result/answer/outcome/records/0/1",
            json!(9),
        ),
        (
            "/observations/0/result/answer/outcome/records/0/1",
            json!(-1),
        ),
        (
            "/observations/0/result/answer/outcome/records",
            many(json!([1, 0]), 257),
        ),
        (
            "/observations",
            many(document()["observations"][0].clone(), 513),
        ),
        ("/asked", many(json!({"token": "0".repeat(64)}), 65)),
        (
            "/history/tokens",
            many(
                json!({"fingerprint": "0".repeat(64), "origin": "unknown"}),
                9,
            ),
        ),
        ("/formats", many(json!("a"), 9)),
        ("/formats", json!(["A"])),
        ("/records/0", json!({"txt": ["\u{e4}"]})),
        (
            "/records/0",
            json!({"withheld": {"txt": true, "prefix": long, "octets": 1, "digest": "0".repeat(64)}}),
        ),
        (
            "/records/0",
            json!({"withheld": {"txt": true, "prefix": "", "octets": 1, "digest": "0000"}}),
        ),
        ("/rounds", json!(256)),
        ("/suffix_list", json!("compiled")),
    ] {
        let result = edited(|document| *document.pointer_mut(place).unwrap() = value.clone());
        let error = result.map(|_| value).unwrap_err();
        let told = error.to_string();
        assert!(
            matches!(error, TranscriptError::Malformed { .. }),
            "{place}: {told}"
        );
    }
    assert!(edited(|_| {}).is_ok());
}

// S-16: a short document that names one long record often does not become a large one
#[test]
fn naming_a_record_often_is_bounded() {
    let long = RecordData::Txt(Txt::joined(&[b'a'; 60_000]));
    let result = edited(|document| {
        document["records"] = json!([long]);
        document["observations"][0]["result"]["answer"]["outcome"]["records"] =
            json!([[1, 0], [1, 0]]);
    });
    let error = result.unwrap_err();
    assert!(error.to_string().contains("more than 64 KiB"), "{error}");
}

// S-4, S-12: whatever is claimed, nobody saw it
#[test]
fn a_forged_match_has_no_witness() {
    let challenge = challenge();
    let nothing = of_answer(&challenge, Answer::txt(["v=spf1 -all"]));
    let text = Transcript::of(&nothing).unwrap().to_json();
    let mut forged: Value = serde_json::from_str(&text).unwrap();
    let token = RecordData::Txt(Txt::joined(format!("token={TOKEN}").as_bytes()));
    forged["records"] = json!([token]);
    forged["rules"]["policy"]["wildcards"] = "accept".into();
    let replay = read(&forged).unwrap().replay();
    let verdict = replay.inquiry().verdict();
    assert!(verdict.is_validated() && verdict.witness().is_none());
    let case = Case::new(&challenge, replay.rules(), replay.observations(), now());
    let step = advance(
        &challenge,
        Occasion::Examined(&examine(&case)),
        &Timing::default(),
        now(),
    );
    assert_eq!(step, Err(LifecycleError::NoWitness));
}

// S-4: a stand-in proves nothing, be it of the record itself
#[test]
fn a_stand_in_is_a_different_record() {
    let replay = edited(|document| {
        let value = challenge().record().value().to_owned();
        let one = RecordData::Withheld(dcv::dns::Withheld::txt(value.as_bytes()));
        document["records"][0] = json!(one);
    });
    let replay = replay.unwrap().replay();
    let shown = replay.observations()[0].result().unwrap().outcome();
    assert!(matches!(shown, Outcome::Records(_)));
    assert_eq!(replay.inquiry().verdict().code(), "different");
}

// S-18: an error shows little of a document, and nothing that is not plain
#[test]
fn errors_are_harmless() {
    let key = format!("\u{1b}[31m\u{202e}<b>{}", "x".repeat(10_000));
    let error = edited(|document| document[&key] = 1.into()).unwrap_err();
    let told = error.to_string();
    assert!(told.len() < 400, "{} octets", told.len());
    assert!(
        told.bytes().all(|octet| matches!(octet, 0x20..=0x7e)),
        "{told:?}"
    );
}

// S-18: whatever text a user or an account brings, a transcript is plain ASCII, and says the same
#[test]
fn texts_of_users_are_harmless() {
    let evil = "\u{9b}2J\u{202e}\u{2066}\u{feff}\u{1b}]8;;\u{7f}\u{e0001}\u{10ffff}ä\n";
    let account = "tenant \u{202e}\u{2066}ä\u{10ffff} 42";
    let challenge = crate::cases::edited(&challenge(), |written| {
        written["account"] = account.into();
    });
    let before = investigation(&challenge, &single(), Vec::new());
    let before = before.with_hints(Hints::new().edited_at(evil));
    let transcript = Transcript::of(&before).unwrap();
    let written = transcript.to_json();
    let is_plain = |text: &str| text.bytes().all(|octet| matches!(octet, 0x20..=0x7e));
    assert!(is_plain(&written), "{written:?}");
    assert!(is_plain(&format!("{:?}", before.hints()).replace('\n', "")));
    let after = transcript.replay();
    assert_eq!(after.hints(), before.hints());
    assert_eq!(after.challenge().account().as_str(), account);
    assert_eq!(Transcript::from_json(&written).unwrap(), transcript);
    // Read from a document that somebody else wrote.
    let read = edited(|document| document["hints"]["edited_at"] = evil.into()).unwrap();
    assert!(is_plain(&read.to_json()));
    assert_eq!(read.replay().hints(), before.hints());
    // What is plain already stays as it is.
    let known = Hints::new().edited_at("Amazon \"Route\" \\53");
    assert!(format!("{known:?}").contains(r#"Amazon \"Route\" \\53"#));
}

// S-4: what a hint says is cut as where hints are made
#[test]
fn hints_are_cut() {
    let long = "a".repeat(1000);
    let transcript = edited(|document| document["hints"]["edited_at"] = long.as_str().into());
    let hints = transcript.unwrap().replay().hints().clone();
    assert_eq!(hints, Hints::new().edited_at(&"a".repeat(64)));
}
