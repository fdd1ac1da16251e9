//! Suites that any implementation of a seam can run against itself.
//!
//! They return a [`Report`], so that a test can print what failed.

mod report;
mod store;

pub use report::{Check, Report};
pub use store::challenge_store;
