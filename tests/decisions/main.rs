//! The decision: from what was seen to a verdict.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "../support/cases.rs"]
mod cases;
#[path = "../support/rows.rs"]
mod rows;

mod authority;
mod caches;
mod cells;
mod counting;
mod crowds;
mod forum;
mod guard;
mod properties;
mod records;
mod servers;
mod table;
mod wildcards;
