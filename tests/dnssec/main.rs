//! DNSSEC by real servers: what a validating resolver finds, and what is found in the process.
//!
//! `cargo test --features dnssec --test dnssec -- --nocapture` prints the table of both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "../support/faults.rs"]
mod faults;
#[path = "../support/rows.rs"]
mod rows;
#[path = "../support/servers/mod.rs"]
mod servers;

mod anchors;
mod comparison;
mod tampering;
mod trust;
mod world;
