//! What people get wrong, each on real name servers: is it found, and is nothing else said?
//!
//! `cargo test --all-features --test mistakes -- --nocapture` prints the matrix of mistakes and
//! findings, with the questions that each took. `DCV_MISTAKE=wildcard` before it takes only the cases
//! whose names begin so.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it panics"
)]

#[path = "../support/rows.rs"]
mod rows;
#[path = "../support/servers/mod.rs"]
mod servers;

mod matrix;
mod table;
mod tokens;
mod world;
