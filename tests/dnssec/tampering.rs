//! Somebody between us and the server who changes what it says.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use dcv::lookup::HickoryLookup;
use hickory_server::proto::op::{Message, ResponseCode};
use hickory_server::proto::rr::{Record, RecordType};

use crate::faults::{self, Asked, FaultServer, Send};
use crate::servers::servers_or_skip;
use crate::world::{World, look, lookup_at, txt};

/// What a server says to a query.
fn forwarded(server: SocketAddr, asked: &Asked) -> Message {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let query = asked.message.to_vec().unwrap();
    socket.send_to(&query, server).unwrap();
    let mut buffer = [0; 4096];
    let length = socket.recv(&mut buffer).unwrap();
    Message::from_vec(&buffer[..length]).unwrap()
}

/// A change to a reply, which is about this name and type.
type Change = fn(&mut Message, &str, RecordType);

fn is_rrsig(record: &Record) -> bool {
    record.record_type() == RecordType::RRSIG
}

fn other_text(reply: &mut Message, name: &str, _: RecordType) {
    for record in &mut reply.answers {
        if record.record_type() == RecordType::TXT {
            *record = faults::txt(name, &[b"another"]);
        }
    }
}

fn no_signatures(reply: &mut Message, _: &str, _: RecordType) {
    reply.answers.retain(|record| !is_rrsig(record));
    reply.authorities.retain(|record| !is_rrsig(record));
    // As a resolver says it that has validated.
    reply.metadata.authentic_data = true;
}

fn no_delegation(reply: &mut Message, _: &str, asked: RecordType) {
    if asked == RecordType::DS {
        reply.answers.clear();
    }
    no_signatures(reply, "", asked);
}

fn no_proof(reply: &mut Message, _: &str, _: RecordType) {
    reply.authorities.clear();
}

/// The SOA alone, with its signature: a denial that resolvers which do not validate believe.
fn only_the_soa(reply: &mut Message, _: &str, _: RecordType) {
    reply
        .authorities
        .retain(|record| match record.record_type() {
            RecordType::RRSIG => record.to_string().contains(" SOA "),
            other => other == RecordType::SOA,
        });
}

fn denied(reply: &mut Message, name: &str, asked: RecordType) {
    if name.starts_with("txt.") && asked == RecordType::TXT {
        reply.metadata.response_code = ResponseCode::NXDomain;
        reply.answers.clear();
        reply.add_authority(faults::soa("ec-nsec.test"));
    }
}

fn alias(reply: &mut Message, name: &str, asked: RecordType) {
    if asked == RecordType::TXT && !reply.answers.is_empty() && !name.starts_with("txt.plain") {
        reply.answers = vec![faults::cname(name, "txt.plain.test")];
    }
}

/// An unsigned zone is made to speak for a wildcard's gap.
fn proof_of_an_unsigned_zone(reply: &mut Message, name: &str, asked: RecordType) {
    if name.contains("wild") && asked == RecordType::TXT {
        reply.authorities = vec![faults::soa("plain.test")];
    }
}

fn more_than_was_asked(reply: &mut Message, _: &str, _: RecordType) {
    reply.add_answer(faults::txt("foreign.plain.test", &[b"foreign"]));
    reply.add_additional(faults::txt("txt.ec-nsec.test", &[b"foreign"]));
}

/// A resolver on loopback that changes what `server` says.
async fn tampering(server: SocketAddr, change: Change) -> FaultServer {
    FaultServer::start(move |asked| {
        let mut reply = forwarded(server, asked);
        change(&mut reply, &asked.name(), asked.query().query_type());
        vec![Send::Message(reply)]
    })
    .await
}

// D-02, D-03: whatever is changed on the way, nothing that was changed is secure or insecure.
#[tokio::test]
async fn what_is_changed_on_the_way_is_bogus() {
    if !servers_or_skip() {
        return;
    }
    let world = World::start();
    let plain = world.unbound(&[]);
    let cases: [(&str, Change, &str, &str); 15] = [
        ("other text", other_text, "txt.ec-nsec.test", "bogus"),
        (
            "other text",
            other_text,
            "txt.plain.test",
            "insecure records",
        ),
        ("no signatures", no_signatures, "txt.ec-nsec.test", "bogus"),
        (
            "no signatures",
            no_signatures,
            "missing.ec-nsec3.test",
            "bogus",
        ),
        ("no signatures", no_signatures, "txt.plain.test", "bogus"),
        ("no delegation", no_delegation, "txt.ec-nsec.test", "bogus"),
        ("no proof", no_proof, "missing.ec-nsec.test", "bogus"),
        ("no proof", no_proof, "a.wild.ec-nsec.test", "bogus"),
        ("no proof", no_proof, "a.wild.ec-nsec3.test", "bogus"),
        (
            "only the SOA",
            only_the_soa,
            "missing.ec-nsec.test",
            "bogus",
        ),
        (
            "only the SOA",
            only_the_soa,
            "nodata.ec-nsec3.test",
            "bogus",
        ),
        ("denied", denied, "txt.ec-nsec.test", "bogus"),
        ("alias", alias, "two.below.ec-nsec.test", "bogus"),
        (
            "proof of an unsigned zone",
            proof_of_an_unsigned_zone,
            "a.b.wild.ec-nsec.test",
            "bogus",
        ),
        (
            "more than was asked",
            more_than_was_asked,
            "txt.ec-nsec.test",
            "secure records",
        ),
    ];
    for (what, change, name, expected) in cases {
        let between = tampering(plain.addr(), change).await;
        for anchor in [&world.root.ksk, &world.test.ksk] {
            let lookup: HickoryLookup = lookup_at(between.addr());
            let lookup = lookup.validating(anchor.parse().unwrap()).unwrap();
            let (found, queries) = look(&lookup, &txt(name)).await;
            assert_eq!(found, expected, "{what}: {name} with {anchor}");
            // What nobody asked for is not looked into.
            if expected == "secure records" {
                assert!(queries <= 6, "{what}: {queries} queries");
            }
        }
    }
}
