//! Runs the examples that tell a story, and sees that it is the right one.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

#[path = "support/example.rs"]
mod example;

use std::process::{Command, Stdio};

/// Runs an example; its output holds each of these, in this order.
fn tells(name: &str, story: &[&str]) {
    let run = Command::new(example::program(name))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let output = String::from_utf8(run.stdout).unwrap();
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{}\n{output}\n{errors}", run.status);
    assert_eq!(errors, "", "{output}");
    let mut rest = &*output;
    for passage in story {
        let found = rest.split_once(passage);
        assert!(
            found.is_some(),
            "`{passage}` is not in its place:\n{output}"
        );
        rest = found.unwrap().1;
    }
}

// I-02, E-01, L-01, S-9
#[test]
fn the_quickstart_goes_from_the_claim_to_the_proof() {
    tells(
        "quickstart",
        &[
            "served at 127.0.0.1:",
            "example.com and every name below it",
            "Name   _example-saas-domain-challenge.example.com.\n",
            "Type   TXT\n",
            "Value  token=",
            "TTL    300 seconds\n",
            "example.com is not proven: nothing is published at the owner name yet.",
            "The record must be: _example-saas-domain-challenge.example.com. 300 IN TXT \"token=",
            "publishes it",
            "300 IN TXT \"token=",
            "example.com is proven since",
            "Token    with the fingerprint ",
            "Quorum   1 of 1",
            "Seen by  ns.example.com at ",
            "controls mail.example.com too, until ",
            "To tenant-43 the same record proves nothing.",
        ],
    );
}

// S-7
#[test]
fn a_lookup_of_ones_own_proves_and_does_not_disprove_what_it_does_not_know() {
    tells(
        "own_lookup",
        &[
            "hosted elsewhere:\nexample.net is not proven: the DNS servers could not answer",
            "without the record:\nexample.com is not proven: nothing is published",
            "with the record:\nexample.com is proven since",
        ],
    );
}
