//! Resolvers asked over TLS and HTTPS.
#![cfg(all(feature = "tls", feature = "https"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "../support/asking.rs"]
mod asking;
#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/faults.rs"]
mod faults;
#[path = "../support/line.rs"]
mod line;
#[path = "../support/servers/mod.rs"]
mod servers;

mod answers;
mod connections;
mod scene;
mod trust;
