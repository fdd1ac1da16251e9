//! The contract of the command-line program, as a script sees it: the program itself is run, against
//! DNS servers on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails where what it takes is missing"
)]

#[path = "../support/example.rs"]
mod example;
#[path = "../../examples/quickstart/server.rs"]
mod server;

mod check;
mod faulty;
mod issue;
mod program;
mod store;
mod usage;
