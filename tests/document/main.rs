//! The forms of a document, and that nothing in it becomes more than text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

mod forms;
mod hostile;
