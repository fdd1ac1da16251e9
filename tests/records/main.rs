//! Validation records: reading, writing, expiry, and an application's own formats.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::or_fun_call,
    reason = "a test fails where it panics"
)]

mod expiry;
mod formats;
mod properties;
mod reading;
mod value;
mod words;

use dcv::record::{Reading, Syntax};

const SYNTAXES: [Syntax; 2] = [Syntax::Space, Syntax::LegacyComma];
const READINGS: [Reading; 2] = [Reading::Strict, Reading::Lenient];

/// The rows of a table of cases: tab-separated cells, `#` starts a comment line.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
}
