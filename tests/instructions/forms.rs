//! What each form looks like, read by a person before it was accepted.

use dcv::challenge::Challenge;
use dcv::instructions::Instructions;
use dcv::name::Scope;
use dcv::record::presentation;
use serde_json::Value;

use crate::cases;
use crate::{asks, known, zone};

fn every_form(name: &str, instructions: &Instructions) {
    let document = instructions.document();
    let email = instructions.email();
    insta::assert_snapshot!(format!("{name}.text"), instructions.to_string());
    insta::assert_snapshot!(format!("{name}.md"), document.to_markdown());
    insta::assert_snapshot!(format!("{name}.html"), document.to_html());
    insta::assert_snapshot!(format!("{name}.zone"), instructions.zone_line());
    insta::assert_snapshot!(
        format!("{name}.json"),
        serde_json::to_string_pretty(instructions).unwrap()
    );
    insta::assert_snapshot!(
        format!("{name}.email"),
        format!("Subject: {}\n\n{}", email.subject, email.body)
    );
}

// A value that is split into strings in the DNS.
fn long() -> Challenge {
    let challenge = asks("example.com", Scope::Host);
    cases::edited(&challenge, |written| {
        let value = written["record"]["value"].as_str().unwrap();
        let long = format!("{value} note={}", "0123456789".repeat(24));
        written["record"]["value"] = long.into();
    })
}

// I-01, I-02, E-01
#[test]
fn a_host_of_which_nothing_is_known() {
    every_form("host", &asks("example.com", Scope::Host).instructions());
}

// I-01, I-02, I-04, L-02
#[test]
fn a_domain_of_which_everything_is_known() {
    every_form("known", &known());
}

// A-labels wherever something is to copy, and both forms where it is to read.
#[test]
fn a_wildcard_of_an_international_domain() {
    let challenge = asks("bücher.example.com", Scope::Wildcard);
    every_form(
        "idn",
        &challenge
            .instructions()
            .for_service("Bücher & Söhne <GmbH>"),
    );
}

// the zone file has it in strings, a panel wants it whole.
#[test]
fn a_value_that_is_split() {
    let challenge = long();
    let zone = zone(&challenge, "example.com", &["ns1.example.net"]);
    let instructions = challenge.instructions().in_zone(zone);
    every_form("long", &instructions);
    let strings = instructions.answer();
    assert_eq!(strings.matches("\" \"").count(), 1);
    let data = presentation::parse(&strings).unwrap();
    assert_eq!(data.joined(), challenge.record().value().as_bytes());
}

// The keys are a contract.
#[test]
fn the_keys_of_the_object_are_stable() {
    fn keys(value: &Value) -> Vec<&str> {
        let keys = value.as_object().unwrap().keys();
        keys.map(String::as_str).collect()
    }
    let object = serde_json::to_value(known()).unwrap();
    assert_eq!(
        keys(&object),
        [
            "answer",
            "authorises",
            "challenge",
            "commands",
            "domain",
            "domain_unicode",
            "expires_at",
            "host",
            "issued_at",
            "name_servers",
            "negative_ttl",
            "proof_lifetime",
            "provider",
            "record",
            "removal",
            "scope",
            "service",
            "state",
            "zone_line",
        ]
    );
    assert_eq!(keys(&object["record"]), ["owner", "ttl", "type", "value"]);
    assert_eq!(keys(&object["host"]), ["basis", "name", "zone"]);
    assert_eq!(
        keys(&object["provider"]),
        ["help", "host_field", "id", "name", "value_field"]
    );
}

// S-18: a mail's subject is one line of our own words, the domain and the service.
#[test]
fn the_subject_is_one_line() {
    let challenge = asks("bücher.example.com", Scope::Host);
    let email = challenge
        .instructions()
        .for_service("A\r\nBcc: x\u{202e}")
        .email();
    assert_eq!(
        email.subject,
        "Please add a DNS record for xn--bcher-kva.example.com (A Bcc: x\\u{202e})"
    );
    assert!(!email.body.contains("\nBcc"), "{}", email.body);
    let facts = zone(&challenge, "example.com", &["evil.example"]);
    let email = challenge.instructions().in_zone(facts).email();
    assert_eq!(
        email.subject,
        "Please add a DNS record for xn--bcher-kva.example.com"
    );
}
