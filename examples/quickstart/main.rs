//! The story of one validation, from the claim to the proof, without a network.
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! A service, `example-saas`, wants to know that its customer `tenant-42` controls `example.com`.
//! The DNS of `example.com` is a small server in this process (`server.rs`), on loopback and on a
//! port of its own; everything else is what a real service does. To start from this file, leave
//! the server out, and the lines marked with it.

mod server;

use std::error::Error;
use std::net::Ipv4Addr;
use std::time::Duration;

use dcv::dns::{Perspective, Transport};
use dcv::lookup::{DnsObserver, HickoryLookup};
use dcv::name::{AccountId, DomainName, Scope};
use dcv::policy::{Policy, Timing};
use dcv::service::Dcv;

use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use server::DnsServer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // The DNS of example.com, with nothing in it yet.
    let dns = DnsServer::start("example.com", Ipv4Addr::LOCALHOST.into()).await?;
    println!("The DNS of example.com is served at {}.\n", dns.address());

    // The service. `Dcv::builder("example-saas")?.build()?` would do: it asks public resolvers of
    // three operators and wants two of them to agree. This one looks at the server above instead,
    // whose word alone is enough ...
    let eyes = DnsObserver::new(
        Perspective::new("ns.example.com".parse()?).with_transport(Transport::Loopback),
        HickoryLookup::from_servers([dns.address()])?,
    );
    // ... and may be asked again at once, where a real service makes impatient users wait.
    let timing = Timing::default().with_min_interval(Duration::ZERO);
    let dcv = Dcv::builder("example-saas")?
        .observer(eyes)
        .policy(Policy::single_resolver())
        .timing(timing)
        .build()?;

    // 1. The tenant claims the domain, and gets a challenge.
    let tenant = AccountId::new("tenant-42")?;
    let domain: DomainName = "example.com".parse()?;
    let challenge = dcv.issue(&tenant, &domain, Scope::Domain).await?;
    let record = challenge.record();
    println!("1. tenant-42 claims {}.", Scope::Domain.describe(&domain));
    println!("   To prove it, this record must be added to the DNS:\n");
    println!("   Name   {}", record.owner());
    println!("   Type   {}", record.record_type());
    println!("   Value  {}", record.value());
    println!("   TTL    {} seconds\n", record.ttl());

    // 2. The tenant presses "verify" too early.
    let check = dcv.verify(&tenant, challenge.id()).await?;
    println!("2. tenant-42 has not published it yet, and presses \"verify\":\n");
    println!("   {}\n", indented(&check));
    must(!check.is_validated(), "what is not published is not proven")?;

    // 3. The tenant publishes the record, at his DNS provider.
    dns.publish(record.owner(), record.value(), record.ttl())
        .await?;
    println!("3. tenant-42 publishes it:\n");
    println!("   {record}\n");

    // 4. Now it is there.
    let check = dcv.verify(&tenant, challenge.id()).await?;
    println!("4. tenant-42 presses \"verify\" again:\n");
    println!("   {}\n", indented(&check));
    must(check.is_validated(), "what is published is proven")?;

    // 5. What is kept, to show later what the proof rests on. The token is kept as a digest only.
    let evidence = check.challenge().evidence().ok_or("a proof has evidence")?;
    println!("5. The evidence that is kept with the proof:\n");
    println!("   Token    with the fingerprint {}", evidence.token());
    println!(
        "   Quorum   {} of {}, decided at {}",
        evidence.quorum().needed(),
        evidence.quorum().of(),
        time(evidence.decided_at())?,
    );
    for sighting in evidence.sightings() {
        println!(
            "   Seen by  {} at {}: {}, TTL {} seconds",
            sighting.perspective().id(),
            time(sighting.at())?,
            sighting.final_name(),
            sighting.ttl(),
        );
    }

    // 6. The question that the service asks from now on. There is no other: a domain is never
    //    just "verified", it is proven by an account.
    let mail: DomainName = "mail.example.com".parse()?;
    let proof = dcv.control(&tenant, &mail).await?;
    let proof = proof.ok_or("the scope covers the names below the domain")?;
    println!(
        "\n6. So tenant-42 controls {mail} too, until {}.",
        time(proof.until())?
    );
    let other = AccountId::new("tenant-43")?;
    let foreign = dcv.control(&other, &mail).await?;
    must(
        foreign.is_none(),
        "a proof is worth nothing to another account",
    )?;
    println!("   To tenant-43 the same record proves nothing.");
    Ok(())
}

/// The lines of a text, set in as the story is.
fn indented(text: &impl ToString) -> String {
    text.to_string().replace('\n', "\n   ")
}

/// A time as people and machines read it, to the second.
fn time(at: UtcDateTime) -> Result<String, time::error::Format> {
    at.truncate_to_second().format(&Rfc3339)
}

/// The story is told on the way and checked on the way: the program fails if it is not true.
fn must(holds: bool, what: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("this should hold: {what}"))
    }
}
