//! Replays the seeds of the fuzz targets, through the same code, on every machine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it panics"
)]

#[path = "../fuzz/bodies/domain.rs"]
mod domain;
#[path = "../fuzz/bodies/evaluate.rs"]
mod evaluate;
#[path = "../fuzz/bodies/presentation.rs"]
mod presentation;
#[path = "../fuzz/bodies/record.rs"]
mod record;
#[path = "../fuzz/bodies/scene.rs"]
mod scene;
#[path = "../fuzz/bodies/transcript.rs"]
mod transcript;

use std::fs;
use std::path::Path;

use proptest::prelude::*;

fn replay(target: &str, run: fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let mut count = 0;
    for entry in fs::read_dir(&seeds).unwrap() {
        let path = entry.unwrap().path();
        let seed = fs::read(&path).unwrap();
        // Where it fails, the last line says with what.
        eprintln!("{}", path.display());
        run(&seed);
        count += 1;
    }
    assert!(count > 0, "{} has no seeds", seeds.display());
}

// K-01 to K-14, X-05: the vectors of the record grammar and hostile data
#[test]
fn record() {
    replay("record", record::run);
}

// N-01 to N-06, M-01, S-18: names as entered, hostile ones too
#[test]
fn domain() {
    replay("domain", domain::run);
}

// X-02, S-18: zone-file text
#[test]
fn presentation() {
    replay("presentation", presentation::run);
}

// S-3, S-4, S-5, S-8: what perspectives may say
#[test]
fn evaluate() {
    replay("evaluate", evaluate::run);
}

// S-4: what a transcript may claim
#[test]
fn transcript() {
    replay("transcript", transcript::run);
}

proptest! {
    // S-4: whatever perspectives say, a transcript of it comes to the same
    #[test]
    fn transcripts(choices in prop::collection::vec(b'0'..=b'o', 0..500)) {
        transcript::run(&choices);
    }
}
