//! The authoritative view over scripted servers: which servers it asks, what it believes of them,
//! and what it shows.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "../support/faults.rs"]
mod faults;
#[path = "../support/lab.rs"]
mod lab;
#[path = "../support/rows.rs"]
mod rows;

mod aliases;
mod attacks;
mod bounds;
mod delegations;
mod diagnosing;
mod rotation;
mod scene;
mod servers;
mod silence;
