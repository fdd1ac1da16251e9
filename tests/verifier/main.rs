//! Looking through many perspectives at once, by a clock and a timer that the test moves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "../support/cases.rs"]
mod cases;

mod asking;
mod hearing;
mod probing;
mod proving;
mod scripted;
mod waiting;
