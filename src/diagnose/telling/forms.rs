use super::catalogue::{bare, full};
use super::world::World;
use crate::diagnose::{Audience, Code, Diagnosis, English, Part, Phrase, Phrasebook, Report};

fn report(diagnosis: &Diagnosis, audience: Audience) -> Report<'_> {
    match audience {
        Audience::Tenant => diagnosis.for_tenant(),
        Audience::Operator => diagnosis.for_operator(),
    }
}

/// Every code's report, one after the other.
fn all(audience: Audience, form: fn(&Report<'_>) -> String) -> String {
    let texts = Code::ALL.map(|code| {
        let diagnosis = World::of(&[code], full);
        let text = form(&report(&diagnosis, audience));
        format!("%%%% {code}\n\n{text}\n")
    });
    texts.concat()
}

/// The commonest things that come together.
const TOGETHER: [Code; 5] = [
    Code::NegativeCached,
    Code::ZoneNameDoubled,
    Code::QuotesInValue,
    Code::LameDelegation,
    Code::SplitHorizon,
];

// I-01, S-17, S-18: every sentence in every form, for both audiences.
#[test]
fn every_code_has_its_text() {
    for (name, audience) in [
        ("operator", Audience::Operator),
        ("tenant", Audience::Tenant),
    ] {
        let form = |report: &Report<'_>| report.to_string();
        insta::assert_snapshot!(format!("text_{name}"), all(audience, form));
        let form = |report: &Report<'_>| report.document().to_markdown();
        insta::assert_snapshot!(format!("markdown_{name}"), all(audience, form));
        let form = |report: &Report<'_>| report.document().to_html();
        insta::assert_snapshot!(format!("html_{name}"), all(audience, form));
        let diagnosis = World::of(&TOGETHER, full);
        insta::assert_snapshot!(
            format!("together_{name}"),
            report(&diagnosis, audience).to_string()
        );
    }
}

// What is known only sometimes is said only then.
#[test]
fn every_code_does_without_its_optional_parameters() {
    let texts = Code::ALL.map(|code| {
        let diagnosis = World::of(&[code], bare);
        let finding = &diagnosis.for_operator().findings()[0];
        let wording = super::super::wording::Wording(&English);
        let parts = [Part::Title, Part::Seen, Part::Change].map(|part| {
            let line = wording.part(finding, part);
            assert!(!line.is_empty(), "{code}: {part:?}");
            let document = [crate::document::Block::Paragraph(line)];
            let document: crate::document::Document = document.into_iter().collect();
            document.to_text(usize::MAX)
        });
        format!("%%%% {code}\n{}\n", parts.concat())
    });
    let texts = texts.concat();
    assert!(!texts.contains(English.phrase(Phrase::Missing)), "{texts}");
    insta::assert_snapshot!("bare", texts);
}

#[cfg(feature = "serde")]
#[test]
fn every_code_has_its_json() {
    let texts = Code::ALL.map(|code| {
        let diagnosis = World::of(&[code], full);
        let text = serde_json::to_string_pretty(&diagnosis.for_operator()).unwrap();
        format!("%%%% {code}\n{text}\n")
    });
    insta::assert_snapshot!("json_operator", texts.concat());
    let diagnosis = World::of(&TOGETHER, full);
    insta::assert_snapshot!(
        "json_tenant",
        serde_json::to_string_pretty(&diagnosis.for_tenant()).unwrap()
    );
}

#[test]
fn nothing_found_says_so() {
    let diagnosis = World::new().diagnosis(Vec::new());
    insta::assert_snapshot!("nothing_found", diagnosis.to_string());
    let mut world = World::new();
    let record = world.challenge.record().value().to_owned();
    let question = world.challenge.question();
    for who in ["quad-3-udp", "zone-servers-eu"] {
        let answer = crate::dns::Answer::txt([&record]).with_authoritative(true);
        world.see(who, question.clone(), Ok(answer));
    }
    let diagnosis = world.diagnosis(Vec::new());
    insta::assert_snapshot!(
        "proven",
        format!("{}\n{diagnosis}", diagnosis.verdict().name())
    );
}

/// Sentences that break every rule of templates.
#[derive(Debug)]
struct Careless;

impl Phrasebook for Careless {
    fn template(&self, _: Code, part: Part) -> &str {
        match part {
            Part::Title => "{nonsense} <b>{data}</b> [",
            Part::Seen => "{data}[{data}{nobody}]] {",
            Part::Change => "",
            Part::Why => "\\",
        }
    }

    fn phrase(&self, phrase: Phrase) -> &str {
        match phrase {
            Phrase::Missing => "{missing}",
            Phrase::Heading => "**{owner}** {value}",
            Phrase::Place | Phrase::More => "",
            _ => English.phrase(phrase),
        }
    }
}

// S-18: a template cannot fail, and cannot undo what is done to values.
#[test]
fn careless_templates_are_harmless() {
    let diagnosis = World::of(&[Code::QuotesInValue], full);
    let report = diagnosis.for_operator().with_phrasebook(&Careless);
    insta::assert_snapshot!("careless", report.to_string());
    let html = report.document().to_html();
    assert!(
        html.contains("&lt;b&gt;") && !html.contains("<b>"),
        "{html}"
    );
    assert_eq!(
        report.document(),
        diagnosis.for_operator().document_in(&Careless)
    );
}
