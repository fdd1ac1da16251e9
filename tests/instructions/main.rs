//! What a user is told to do.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "../support/cases.rs"]
mod cases;
mod facts;
mod forms;

use cases::Plan;
use dcv::challenge::Challenge;
use dcv::dns::{
    Answer, NameServer, Outcome, Purpose, Question, RecordData, RecordType, ResourceRecord, Soa,
    ZoneFacts,
};
use dcv::instructions::Instructions;
use dcv::name::{OwnerName, Scope};
use dcv::policy::Timing;

fn name(text: &str) -> OwnerName {
    text.parse().unwrap()
}

/// A challenge for this domain.
fn asks(domain: &'static str, scope: Scope) -> Challenge {
    let plan = Plan {
        domain,
        scope,
        ..Plan::default()
    };
    plan.challenge()
}

/// What a check saw: the record is absent, as the SOA of the zone says, which these servers serve.
fn zone(challenge: &Challenge, apex: &str, servers: &[&str]) -> ZoneFacts {
    let eye = cases::id("one");
    let soa = Soa::new(name(apex), 7, 3600, 1800);
    let absent = Ok(Answer::new(Outcome::nx_domain(Some(soa))));
    let servers = servers
        .iter()
        .map(|server| ResourceRecord::new(300, RecordData::Name(name(server))))
        .collect();
    let question = Question::new(name(apex), RecordType::NS);
    let served = Ok(Answer::new(Outcome::Records(servers)));
    let seen = [
        cases::saw(&eye, challenge, absent),
        cases::asked(&eye, question, Purpose::Diagnosis, served),
    ];
    ZoneFacts::of(challenge.owner(), &seen).unwrap()
}

/// A challenge for a domain of which everything is known.
fn known() -> Instructions {
    let challenge = asks("shop.example.com", Scope::Domain);
    let servers = ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"];
    challenge
        .instructions()
        .for_service("Example SaaS")
        .with_timing(&Timing::default())
        .in_zone(zone(&challenge, "shop.example.com", &servers))
}

/// What an authoritative view was led to.
fn led_to(challenge: &Challenge, apex: &str, server: &str) -> ZoneFacts {
    let server = NameServer::new(name(apex), name(server));
    let failed = cases::saw(&cases::id("zone"), challenge, cases::other());
    ZoneFacts::of(challenge.owner(), &[failed.with_server(server)]).unwrap()
}
