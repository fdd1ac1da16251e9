//! Whole verifications against real DNS servers on loopback: a challenge is issued, its value goes
//! into a zone, and a verifier looks for it through `HickoryLookup`.
//!
//! `cargo test --test real_servers -- --nocapture` prints what came out for each case and server.
#![cfg(feature = "resolver")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "../support/faults.rs"]
mod faults;
#[path = "../support/gate.rs"]
mod gate;
#[path = "../support/relay.rs"]
mod relay;
#[path = "../support/rows.rs"]
mod rows;
#[path = "../support/servers/mod.rs"]
mod servers;

mod bounds;
mod crowds;
mod delegations;
mod faulty;
mod labels;
mod many;
mod matrix;
mod patience;
mod publishing;
mod queries;
mod quorum;
mod scenarios;
mod scene;
mod validating;
mod wrong;
