//! Suites that any implementation of a seam can run against itself.
//!
//! They return a [`Report`], so that a test can print what failed.
//!
//! | Suite | For |
//! |---|---|
//! | [`challenge_store`] | a [`ChallengeStore`](crate::store::ChallengeStore); [how to write one](crate::store#writing-a-store) |
//! | [`txt_lookup`], [`dns_lookup`] | a [lookup](crate::lookup#bringing-a-resolver), against the records of a [`LookupZone`] |
//!
//! Turn the feature `conformance` on for tests alone:
//!
//! ```toml
//! [dev-dependencies]
//! dcv = { version = "0.1", features = ["conformance"] }
//! ```

mod lookup;
mod report;
mod store;

pub use lookup::{LookupZone, dns_lookup, txt_lookup};
pub use report::{CheckResult, Report};
pub use store::challenge_store;
