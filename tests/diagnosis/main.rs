//! Diagnosis: what is planned, and what is found.
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

mod aliases;
mod hints;
mod meanwhile;
mod places;
mod plans;
mod properties;
mod scene;
mod servers;
mod states;
mod values;
mod zone;
