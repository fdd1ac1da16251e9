//! Suites that any implementation of a seam can run against itself.
//!
//! They return a [`Report`], so that a test can print what failed.

mod lookup;
mod report;
mod store;

pub use lookup::{LookupZone, dns_lookup, txt_lookup};
pub use report::{Check, Report};
pub use store::challenge_store;
