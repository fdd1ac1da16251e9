//! One question, one server, and everything a server can do wrong with it.
#![cfg(feature = "resolver")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "support/asking.rs"]
mod asking;
#[path = "support/faults.rs"]
mod faults;

use std::collections::HashSet;
use std::error::Error as _;

use asking::{ASKED, TOKEN, ask, ask_one, data, expect_failure, hasty_lookup_at, lookup_at, token};
use dcv::dns::{
    AbsenceKind, ExtendedError, LookupFailure, Outcome, Question, RecordData, RecordType,
    ReplyMismatch,
};
use dcv::lookup::{Budget, DnsLookup};
use faults::{
    Asked, FaultServer, Send, closed_port, cname, name, ns, soa, txt, with_extended_error,
};
use hickory_server::proto::op::{Edns, MessageType, OpCode, ResponseCode};
use hickory_server::proto::rr::rdata::opt::EdnsOption;
use hickory_server::proto::rr::{self, DNSClass, Record};

// strings are joined, records are not, octets stay octets.
#[tokio::test]
async fn records_come_as_they_are() {
    let server = FaultServer::start(|asked| {
        asked.answer([
            txt(ASKED, &[b"token=ab", b"cd attr=x"]),
            txt(ASKED, &[b"caf\xe9 \x00\xff"]),
            txt(ASKED, &[b""]),
            txt(ASKED, &[&[b'a'; 255], &[b'b'; 255], b"c"]),
        ])
    })
    .await;
    let answer = ask_one(&server).await.unwrap();
    let long = [&[b'a'; 255][..], &[b'b'; 255], b"c"].concat();
    assert_eq!(
        data(&answer),
        [
            b"token=abcd attr=x".to_vec(),
            b"caf\xe9 \x00\xff".to_vec(),
            Vec::new(),
            long
        ]
    );
    let Outcome::Records(records) = answer.outcome() else {
        panic!()
    };
    let RecordData::Txt(split) = records[0].data() else {
        panic!()
    };
    assert_eq!(
        split.strings().collect::<Vec<_>>(),
        [&b"token=ab"[..], b"cd attr=x"]
    );
    assert!(answer.is_authoritative());
}

// What a query looks like: X-07 (absolute), a random port, id and letter case each, EDNS 1232,
// neither DO nor CD, RD as configured.
#[tokio::test]
async fn queries_are_unpredictable() {
    let server = FaultServer::start(token).await;
    let lookup = lookup_at(&[server.addr()]);
    for _ in 0..8 {
        ask(&lookup, &Budget::default()).await.unwrap();
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 8);
    for asked in &seen {
        assert_eq!(asked.name(), format!("{ASKED}."));
        assert!(asked.message.metadata.recursion_desired);
        assert!(!asked.message.metadata.checking_disabled);
        let edns = asked.message.edns.as_ref().unwrap();
        assert_eq!((edns.max_payload(), edns.flags().dnssec_ok), (1232, false));
    }
    let spellings: HashSet<_> = seen
        .iter()
        .map(|asked| asked.query().name.to_ascii())
        .collect();
    let ports: HashSet<_> = seen.iter().map(|asked| asked.from.port()).collect();
    let ids: HashSet<_> = seen.iter().map(|asked| asked.message.metadata.id).collect();
    assert!(spellings.len() > 1 && ports.len() > 1 && ids.len() > 1);

    ask(&lookup.without_recursion(), &Budget::default())
        .await
        .unwrap();
    assert!(!server.seen()[8].message.metadata.recursion_desired);
}

// A failure is a failure, never an absence (D-03), and says what failed.
#[tokio::test]
async fn failures_are_told_apart() {
    type Script = fn(&Asked) -> Vec<Send>;
    let ede = |code, text: &[u8]| vec![ExtendedError::new(code, text)];
    let server_failure = |rcode, extended| LookupFailure::Server { rcode, extended };
    let cases: [(&str, Script, LookupFailure); 10] = [
        ("silent", |_| Vec::new(), LookupFailure::Timeout),
        (
            "REFUSED",
            |asked| asked.refuse(ResponseCode::Refused),
            LookupFailure::server(5),
        ),
        (
            "extended RCODE",
            |asked| asked.refuse(ResponseCode::BADVERS),
            LookupFailure::server(16),
        ),
        (
            "SERVFAIL with an extended error",
            |asked| {
                let mut reply = asked.reply();
                reply.metadata.response_code = ResponseCode::ServFail;
                vec![Send::Message(with_extended_error(
                    reply,
                    6,
                    b"no signature \xff",
                ))]
            },
            server_failure(2, ede(6, b"no signature \xff")),
        ),
        (
            "wrong id",
            |asked| {
                let mut reply = asked.reply();
                reply.metadata.id ^= 1;
                reply.add_answer(txt(ASKED, &[TOKEN]));
                vec![Send::Message(reply)]
            },
            LookupFailure::Timeout,
        ),
        (
            "wrong name",
            |asked| {
                let mut reply = asked.reply();
                reply.queries[0].name = name("_example-challenge.example.net");
                reply.add_answer(txt(ASKED, &[TOKEN]));
                vec![Send::Message(reply)]
            },
            LookupFailure::Timeout,
        ),
        (
            "wrong type",
            |asked| {
                let mut reply = asked.reply();
                reply.queries[0].query_type = rr::RecordType::A;
                reply.add_answer(txt(ASKED, &[TOKEN]));
                vec![Send::Message(reply)]
            },
            LookupFailure::Timeout,
        ),
        (
            "a query, not a reply",
            |asked| {
                let mut reply = asked.reply();
                reply.metadata.message_type = MessageType::Query;
                reply.add_answer(txt(ASKED, &[TOKEN]));
                vec![Send::Message(reply)]
            },
            LookupFailure::Mismatch(ReplyMismatch::NotAReply),
        ),
        (
            "no DNS message",
            |asked| {
                let id = asked.message.metadata.id.to_be_bytes();
                vec![Send::Octets(
                    [&id[..], &[0x84, 0, 0xff, 0xff, 0xff]].concat(),
                )]
            },
            LookupFailure::MalformedReply,
        ),
        (
            "another operation",
            |asked| {
                let mut reply = asked.reply();
                reply.metadata.op_code = OpCode::Notify;
                vec![Send::Message(reply)]
            },
            LookupFailure::Mismatch(ReplyMismatch::Question),
        ),
    ];
    for (what, script, expected) in cases {
        let server = FaultServer::start(script).await;
        expect_failure(what, server.addr(), &expected).await;
    }

    let closed = hasty_lookup_at(&[closed_port().await]);
    let error = ask(&closed, &Budget::default()).await.unwrap_err();
    assert_eq!(error.failure(), &LookupFailure::Timeout);
    assert!(error.source().is_some(), "the network's error is kept");
}

// An off-path spoofer who guesses the port, and then the id too, is not noticed; the true reply
// still counts.
#[tokio::test]
async fn the_true_reply_is_waited_for() {
    let server = FaultServer::start(|asked| {
        let forged = asked.answer([txt(ASKED, &[b"forged"])]);
        let Some(Send::Message(forged)) = forged.into_iter().next() else {
            panic!()
        };
        let (mut other_id, mut other_name) = (forged.clone(), forged);
        other_id.metadata.id ^= 0x5555;
        other_name.queries[0].name = name("example.org");
        [
            vec![
                Send::Octets(Vec::new()),
                Send::Octets(vec![7]),
                Send::Message(other_id),
            ],
            vec![Send::Message(other_name)],
            token(asked),
        ]
        .concat()
    })
    .await;
    assert_eq!(data(&ask_one(&server).await.unwrap()), [TOKEN]);
    assert_eq!(server.seen().len(), 1);
}

fn swap_case(octets: &mut [u8]) {
    for octet in octets {
        if octet.is_ascii_alphabetic() {
            *octet ^= 0x20;
        }
    }
}

// A server that spells the name in its own way is asked over TCP, where nobody else can answer.
#[tokio::test]
async fn another_spelling_is_settled_over_tcp() {
    fn respelled(asked: &Asked) -> Vec<Send> {
        let mut octets = asked.reply().to_vec().unwrap();
        swap_case(&mut octets[12..12 + ASKED.len()]);
        vec![Send::Octets(octets)]
    }
    let settled = FaultServer::start(|asked| {
        if asked.over_tcp {
            token(asked)
        } else {
            respelled(asked)
        }
    });
    let settled = settled.await;
    assert_eq!(data(&ask_one(&settled).await.unwrap()), [TOKEN]);
    assert_eq!(
        settled
            .seen()
            .iter()
            .map(|asked| asked.over_tcp)
            .collect::<Vec<_>>(),
        [false, true]
    );

    let unsettled = FaultServer::start_without_tcp(respelled).await;
    let expected = LookupFailure::Mismatch(ReplyMismatch::Case);
    assert_eq!(ask_one(&unsettled).await, Err(expected));
}

// Records that do not belong to the asked name prove nothing, wherever they stand.
#[tokio::test]
async fn foreign_records_do_not_count() {
    type Script = fn(&Asked) -> Vec<Send>;
    fn denied(asked: &Asked, foreign: Vec<Record>) -> Vec<Send> {
        let mut reply = asked.reply();
        reply.add_answers(foreign);
        reply.add_authority(soa("example.com"));
        reply.add_additional(txt(ASKED, &[TOKEN]));
        vec![Send::Message(reply)]
    }
    let cases: [(&str, Script); 7] = [
        ("a token at another name", |asked| {
            denied(asked, vec![txt("example.com", &[TOKEN])])
        }),
        ("a token at the first labels", |asked| {
            let first = txt("_example-challenge.example", &[TOKEN]);
            denied(
                asked,
                vec![
                    first,
                    txt("_example-challenge", &[TOKEN]),
                    txt(".", &[TOKEN]),
                ],
            )
        }),
        ("a token below", |asked| {
            denied(asked, vec![txt(&format!("a.{ASKED}"), &[TOKEN])])
        }),
        ("a foreign alias", |asked| {
            let foreign = [
                cname("other.example.com", "t.example.net"),
                txt("t.example.net", &[TOKEN]),
            ];
            denied(asked, foreign.to_vec())
        }),
        ("an alias to the asked name", |asked| {
            denied(
                asked,
                vec![
                    cname("t.example.net", ASKED),
                    txt("t.example.net", &[TOKEN]),
                ],
            )
        }),
        ("another class", |asked| {
            let mut record = txt(ASKED, &[TOKEN]);
            record.dns_class = DNSClass::CH;
            denied(asked, vec![record])
        }),
        ("an alias of another class", |asked| {
            let mut record = cname(ASKED, "t.example.net");
            record.dns_class = DNSClass::CH;
            denied(asked, vec![record, txt("t.example.net", &[TOKEN])])
        }),
    ];
    for (what, script) in cases {
        let server = FaultServer::start(script).await;
        let answer = ask_one(&server).await.unwrap();
        let Outcome::Absent(absence) = answer.outcome() else {
            panic!("{what}: {answer:?}")
        };
        assert_eq!(absence.kind(), AbsenceKind::NoData, "{what}");
        assert_eq!(answer.aliases(), [], "{what}");
    }

    let beside = FaultServer::start(|asked| {
        asked.answer([
            txt("example.com", &[b"v=spf1 -all"]),
            txt(ASKED, &[TOKEN]),
            cname("other.example.com", "example.net"),
        ])
    })
    .await;
    assert_eq!(data(&ask_one(&beside).await.unwrap()), [TOKEN]);
}

// X-03, and the extended errors of a good answer stay with it.
#[tokio::test]
async fn extended_errors_come_with_answers() {
    let server = FaultServer::start(|asked| {
        let mut reply = asked.reply();
        reply.add_answer(txt(ASKED, &[TOKEN]));
        vec![Send::Message(with_extended_error(reply, 3, b"old"))]
    })
    .await;
    let answer = ask_one(&server).await.unwrap();
    assert_eq!(answer.extended_errors(), [ExtendedError::new(3, b"old")]);
    assert!(answer.extended_errors()[0].is_stale());
}

// RFC 8914 §2: the code is two octets; less is no extended error, and no reason to refuse.
#[tokio::test]
async fn a_mangled_extended_error_is_passed_over() {
    let server = FaultServer::start(|asked| {
        let mut reply = asked.reply();
        reply.add_answer(txt(ASKED, &[TOKEN]));
        let mut edns = Edns::new();
        let short = EdnsOption::Unknown(15, vec![6]);
        edns.options_mut().insert(short);
        reply.set_edns(edns);
        vec![Send::Message(reply)]
    })
    .await;
    assert_eq!(ask_one(&server).await.unwrap().extended_errors(), []);
}

// A server that is not asked for what it serves only refers to others: no answer, and no absence.
#[tokio::test]
async fn a_referral_is_a_failure() {
    let server = FaultServer::start(|asked| {
        let mut reply = asked.reply();
        reply.metadata.authoritative = false;
        reply.add_authority(ns("com", "a.gtld-servers.example"));
        vec![Send::Message(reply)]
    })
    .await;
    assert_eq!(ask_one(&server).await, Err(LookupFailure::Referral));
}

// RFC 2181 §8: a TTL with its highest bit set is zero.
#[tokio::test]
async fn absurd_ttls_are_zero() {
    let server = FaultServer::start(|asked| {
        let ttls = [0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
        asked.answer(ttls.map(|ttl| {
            let mut record = txt(ASKED, &[TOKEN]);
            record.ttl = ttl;
            record
        }))
    })
    .await;
    let answer = ask_one(&server).await.unwrap();
    let Outcome::Records(records) = answer.outcome() else {
        panic!("{answer:?}")
    };
    let ttls: Vec<_> = records.iter().map(|record| record.ttl()).collect();
    assert_eq!(ttls, [0x7fff_ffff, 0, 0]);
}

// Other types are read too: names as names, the rest as octets.
#[tokio::test]
async fn other_types_are_read() {
    let server = FaultServer::start(|asked| {
        let mut record = soa("example.com");
        record.name = asked.query().name;
        asked.answer(match asked.query().query_type() {
            rr::RecordType::NS => {
                vec![ns("example.com", "ns1.example.com")]
            }
            _ => vec![record],
        })
    })
    .await;
    let lookup = lookup_at(&[server.addr()]);
    let ask = async |record_type| {
        let question = Question::new("example.com".parse().unwrap(), record_type);
        let answer = lookup.lookup(&question, &Budget::default()).await.unwrap();
        let Outcome::Records(records) = answer.outcome() else {
            panic!("{answer:?}")
        };
        records[0].data().clone()
    };
    let server_name = RecordData::Name("ns1.example.com".parse().unwrap());
    assert_eq!(ask(RecordType::NS).await, server_name);
    // Uncompressed: two names and five numbers.
    let RecordData::Other(octets) = ask(RecordType::SOA).await else {
        panic!()
    };
    assert_eq!(octets.len(), 16 + 24 + 20);
    assert!(octets.starts_with(b"\x02ns\x07example\x03com\x00"));
}
