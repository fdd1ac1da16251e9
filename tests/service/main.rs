//! The face: every call, in every state of a challenge.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "../support/world.rs"]
mod world;

mod building;
mod checking;
mod control;
mod issuing;
mod limits;

use world::start;

fn later(seconds: i64) -> time::UtcDateTime {
    start() + time::Duration::seconds(seconds)
}
