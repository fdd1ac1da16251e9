//! What a check and its diagnosis saw, written, read and replayed.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "../support/cases.rs"]
mod cases;
#[path = "../support/rows.rs"]
mod rows;

mod bounds;
mod form;
mod hostile;
mod redaction;
mod replaying;
mod rules;

use dcv::challenge::Challenge;
use dcv::diagnose::Investigation;
use dcv::dns::{Answer, Observation, Outcome, RecordData};
use dcv::policy::{Policy, Rules};
use dcv::transcript::Transcript;

/// The rules of a single resolver, called `one`.
fn single() -> Rules {
    Rules::new(Policy::single_resolver(), vec![cases::eye("one")]).unwrap()
}

fn investigation(challenge: &Challenge, rules: &Rules, seen: Vec<Observation>) -> Investigation {
    Investigation::new(challenge.clone(), rules.clone(), seen, cases::now())
}

/// An investigation of what one resolver saw of the record.
fn of_answer(challenge: &Challenge, answer: Answer) -> Investigation {
    let seen = vec![cases::saw(&cases::id("one"), challenge, Ok(answer))];
    investigation(challenge, &single(), seen)
}

/// What is kept of TXT records.
fn kept(challenge: &Challenge, values: &[impl AsRef<[u8]>]) -> Vec<RecordData> {
    let transcript = Transcript::of(&of_answer(challenge, Answer::txt(values))).unwrap();
    let replay = transcript.replay();
    let Outcome::Records(records) = replay.observations()[0].result().unwrap().outcome() else {
        panic!("no records");
    };
    records.iter().map(|one| one.data().clone()).collect()
}
