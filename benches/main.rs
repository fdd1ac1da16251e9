//! The goals of speed, each as a ratio measured in one interleaved run, and criterion groups for
//! following one number over time.
//!
//! `cargo bench` measures and ends with a table of the ratios; it never fails for being slow.
//! `cargo bench -- --test` runs everything once. The rest of the command line is criterion's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark ends where something is wrong"
)]

mod crafted;
mod decision;
mod ratio;
mod record;
mod scene;
#[cfg(feature = "resolver")]
mod server;
mod suffix;
mod token;
#[cfg(feature = "resolver")]
mod verification;

use criterion::Criterion;
use ratio::Report;

fn main() {
    #[cfg(feature = "resolver")]
    if server::is_wanted() {
        return server::run();
    }
    // `cargo test` runs this file without `--bench`, and criterion then runs everything once.
    let arguments: Vec<String> = std::env::args().collect();
    let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    let mut criterion = Criterion::default().configure_from_args();
    let mut report = Report::new(has("--test") || !has("--bench"));

    // `-- crafted`: those cases, and what one record costs, and nothing else.
    let crafted_alone = has("crafted");

    record::bench(&mut criterion);
    decision::bench(&mut criterion);
    token::bench(&mut criterion);
    suffix::bench(&mut criterion);
    crafted::bench(&mut criterion);
    criterion.final_summary();
    if has("--list") {
        return;
    }
    if !crafted_alone {
        #[cfg(feature = "resolver")]
        verification::ratios(&mut report);
        #[cfg(feature = "resolver")]
        verification::load(report.is_quick());
        record::ratios(&mut report);
        token::ratios(&mut report);
        suffix::ratios(&mut report);
    }
    decision::ratios(&mut report);
    crafted::bounds(&mut report);
    print!("{report}");
}
