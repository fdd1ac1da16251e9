//! Transcripts: documents that anybody may have written, and those of checks.
//!
//! Whatever a document claims, nothing that comes of it has a witness (S-4). What is written can be
//! read, and comes to the same verdict and the same findings.

use dcv::diagnose::{Investigation, findings, plan};
use dcv::dns::Provenance;
use dcv::record::Formats;
use dcv::suffix::{SuffixGuard, SuffixList};
use dcv::transcript::Transcript;

use crate::scene::Scene;

/// Takes `data` as a document if it begins like one, and as choices of a [`Scene`] otherwise.
pub(crate) fn run(data: &[u8]) {
    match std::str::from_utf8(data) {
        Ok(text) if text.trim_start().starts_with(['{', '[']) => document(text),
        _ => {
            if let Some(scene) = Scene::read(data) {
                check(&scene);
            }
        }
    }
}

fn document(text: &str) {
    let transcript = match Transcript::from_json(text) {
        Ok(transcript) => transcript,
        Err(error) => {
            let told = error.to_string();
            assert!(
                told.len() < 600 && !told.contains(char::is_control),
                "{told}"
            );
            return;
        }
    };
    let written = transcript.to_json();
    assert!(written.len() <= Transcript::MAX_OCTETS);
    let again = Transcript::from_json(&written).expect("what was written");
    assert_eq!(again.to_json(), written);
    // What is still left out of it changes nothing.
    let replay = transcript.replay();
    if let Ok(shorter) = Transcript::of(&replay) {
        compare(&replay, &shorter.replay());
    }
}

fn check(scene: &Scene) {
    let seen = scene.made_up();
    let (challenge, rules) = (scene.challenge.clone(), scene.rules.clone());
    let before = Investigation::new(challenge, rules, seen, scene.now);
    let Ok(transcript) = Transcript::of(&before) else {
        panic!("a few answers are not much");
    };
    let guard = SuffixGuard::new(SuffixList::default(), scene.guard);
    let after = transcript.replay_with(guard, scene.formats.clone());
    compare(&before, &after);
    assert_eq!(before.observations().len(), after.observations().len());

    // Where nobody knows the formats, that makes the difference, and nothing else does.
    let rules = scene.rules.clone().with_formats(Formats::new());
    let seen = before.observations().to_vec();
    let unknown = Investigation::new(scene.challenge.clone(), rules, seen, scene.now);
    compare(&unknown, &transcript.replay());

    // A transcript of a replay is the same.
    assert_eq!(Transcript::of(&after).as_ref(), Ok(&transcript));
    document(&transcript.to_json());
}

fn compare(before: &Investigation, after: &Investigation) {
    let verdict = after.inquiry().verdict();
    assert_eq!(before.inquiry().verdict(), verdict);
    assert!(verdict.witness().is_none());
    let mut seen = after.observations().iter();
    assert!(seen.all(|one| one.provenance() == Provenance::Replayed));
    assert_eq!(findings(&before.inquiry()), findings(&after.inquiry()));
    assert_eq!(plan(&before.inquiry()), plan(&after.inquiry()));
}
