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
// Parts of the program, to hold them to what they have to keep by themselves.
#[path = "../../examples/dcv/file.rs"]
mod file;
#[path = "../../examples/dcv/store.rs"]
mod file_store;
#[path = "../../examples/dcv/terminal.rs"]
#[allow(dead_code, reason = "the program asks for its own terminal")]
mod screen;
#[path = "../../examples/quickstart/server.rs"]
mod server;
#[path = "../support/servers/mod.rs"]
mod servers;

mod check;
mod explain;
mod faulty;
mod issue;
mod program;
mod real;
mod store;
mod terminal;
mod usage;
