//! What we rely on of hickory 0.26.3, pinned: an upgrade that changes any of it fails here, and
//! the code that rests on it is to be read again.
#![cfg(feature = "resolver")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "support/faults.rs"]
mod faults;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use faults::{Asked, FaultServer, Send, closed_port, cname, name, soa, txt, with_extended_error};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::tcp::TcpClientStream;
use hickory_resolver::net::udp::UdpClientStream;
use hickory_resolver::net::xfer::{DnsRequestSender, DnsStreamHandle, FirstAnswer};
use hickory_resolver::net::{DnsError, NetError, NoRecords};
use hickory_resolver::proto::ProtoError;
use hickory_resolver::proto::op::{
    DnsRequest, DnsRequestOptions, DnsResponse, Message, MessageType, OpCode, Query, ResponseCode,
    SerialMessage,
};
use hickory_resolver::proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_resolver::proto::rr::rdata::{NULL, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::proto::serialize::binary::{BinDecodable, BinDecoder};

const ASKED: &str = "_example-challenge.example.com";

fn query() -> Query {
    Query::query(name(ASKED), RecordType::TXT)
}

/// One query over the UDP client, with its letters in random case.
async fn over_udp(server: SocketAddr) -> Result<DnsResponse, NetError> {
    over_udp_within(server, Duration::from_secs(10)).await
}

async fn over_udp_within(server: SocketAddr, timeout: Duration) -> Result<DnsResponse, NetError> {
    let mut options = DnsRequestOptions::default();
    options.case_randomization = true;
    let provider = TokioRuntimeProvider::new();
    let mut stream = UdpClientStream::builder(server, provider)
        .with_timeout(Some(timeout))
        .with_max_retries(1)
        .build();
    stream
        .send_message(DnsRequest::from_query(query(), options))
        .first_answer()
        .await
}

fn one(mut sends: Vec<Send>) -> Message {
    match sends.remove(0) {
        Send::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

// The UDP client passes over datagrams with another id, another question or less than an id.
#[tokio::test]
async fn udp_waits_for_the_right_datagram() {
    let server = FaultServer::start(|asked| {
        let right = one(asked.answer([txt(ASKED, &[b"right"])]));
        let wrong = one(asked.answer([txt(ASKED, &[b"wrong"])]));
        let (mut id, mut owner, mut kind, mut none, mut more) = (
            wrong.clone(),
            wrong.clone(),
            wrong.clone(),
            wrong.clone(),
            wrong,
        );
        id.metadata.id ^= 1;
        owner.queries[0].name = name("example.org");
        kind.queries[0].query_type = RecordType::A;
        none.queries.clear();
        more.add_query(Query::query(name("example.org"), RecordType::TXT));
        let wrong = [id, owner, kind, none, more].map(Send::Message);
        let short = [Send::Octets(vec![]), Send::Octets(vec![1])];
        short
            .into_iter()
            .chain(wrong)
            .chain([Send::Message(right)])
            .collect()
    })
    .await;
    let reply = over_udp(server.addr()).await.unwrap();
    assert_eq!(reply.answers, [txt(ASKED, &[b"right"])]);
    // The question is given back as it was before its letters were changed.
    assert!(reply.queries[0].name.eq_case(&name(ASKED)));
}

// It gives up at once on a reply that repeats id and question, and is wrong otherwise.
#[tokio::test]
async fn udp_fails_on_what_cannot_be_read() {
    type Script = fn(&Asked) -> Vec<Send>;
    type Expected = fn(&NetError) -> bool;
    let cases: [(&str, Script, Expected); 3] = [
        (
            "a query",
            |asked| {
                let mut reply = asked.reply();
                reply.metadata.message_type = MessageType::Query;
                vec![Send::Message(reply)]
            },
            |error| matches!(error, NetError::Proto(ProtoError::NotAResponse)),
        ),
        (
            "garbage",
            |asked| {
                let id = asked.message.metadata.id.to_be_bytes();
                vec![Send::Octets([&id[..], &[0xff; 20]].concat())]
            },
            |error| matches!(error, NetError::Proto(ProtoError::Decode(_))),
        ),
        (
            "another letter case",
            |asked| {
                let mut octets = asked.reply().to_vec().unwrap();
                octets[14] ^= 0x20;
                octets[15] ^= 0x20;
                vec![Send::Octets(octets)]
            },
            |error| matches!(error, NetError::QueryCaseMismatch),
        ),
    ];
    for (what, script, expected) in cases {
        let server = FaultServer::start(script).await;
        let error = over_udp(server.addr()).await.unwrap_err();
        assert!(expected(&error), "{what}: {error:?}");
    }
}

// It looks neither at the operation nor at the RCODE, and does not go to TCP by itself.
#[tokio::test]
async fn udp_hands_on_the_rest() {
    let server = FaultServer::start(|asked| {
        let mut reply = asked.reply();
        reply.metadata.op_code = OpCode::Notify;
        reply.metadata.truncation = true;
        reply.metadata.response_code = ResponseCode::BADVERS;
        vec![Send::Message(reply)]
    })
    .await;
    let reply = over_udp(server.addr()).await.unwrap();
    assert_eq!(reply.metadata.op_code, OpCode::Notify);
    assert!(reply.metadata.truncation);
    assert_eq!(
        u16::from(reply.metadata.response_code),
        16,
        "both parts of the RCODE"
    );
    assert_eq!(server.seen().len(), 1);
}

// A closed port looks like a silent one: the socket is not connected.
#[tokio::test]
async fn udp_cannot_tell_closed_from_silent() {
    let silent = FaultServer::start(|_| Vec::new()).await;
    for server in [silent.addr(), closed_port().await] {
        let reply = over_udp_within(server, Duration::from_millis(300)).await;
        assert!(matches!(reply, Err(NetError::Timeout)));
    }
    assert_eq!(silent.seen().len(), 1, "one datagram when one is allowed");
}

// Its own retries keep the id and the spelling: we make our own.
#[tokio::test]
async fn udp_retries_repeat_the_id() {
    let silent = FaultServer::start(|_| Vec::new()).await;
    let mut options = DnsRequestOptions::default();
    options.case_randomization = true;
    options.retry_interval = Duration::from_millis(1);
    let provider = TokioRuntimeProvider::new();
    let mut stream = UdpClientStream::builder(silent.addr(), provider)
        .with_timeout(Some(Duration::from_secs(1)))
        .with_retry_interval_floor(20)
        .build();
    let sent = stream
        .send_message(DnsRequest::from_query(query(), options))
        .first_answer();
    assert!(matches!(sent.await, Err(NetError::Timeout)));
    let seen = silent.seen();
    let ids: HashSet<_> = seen.iter().map(|asked| asked.message.metadata.id).collect();
    let names: HashSet<_> = seen
        .iter()
        .map(|asked| asked.query().name.to_ascii())
        .collect();
    assert_eq!((seen.len(), ids.len(), names.len()), (3, 1, 1));
}

// The TCP stream gives whole messages unread, ends in silence when the server closes before one,
// and fails when it closes within one.
#[tokio::test]
async fn tcp_streams_are_raw() {
    let server = FaultServer::start(|asked| match asked.query().query_type() {
        RecordType::TXT => vec![Send::Octets(b"not a message".to_vec())],
        RecordType::A => vec![Send::Cut(asked.reply(), 0)],
        _ => vec![Send::Cut(asked.reply(), 9)],
    })
    .await;
    let ask = async |record_type| {
        use futures_util::StreamExt;
        let provider = TokioRuntimeProvider::new();
        let timeout = Some(Duration::from_secs(5));
        let (connected, mut sender) = TcpClientStream::new(server.addr(), None, timeout, provider);
        let mut stream = connected.await.unwrap();
        let mut query = query();
        query.query_type = record_type;
        let request = DnsRequest::from_query(query, DnsRequestOptions::default());
        sender
            .send(SerialMessage::new(request.to_vec().unwrap(), server.addr()))
            .unwrap();
        stream.next().await
    };
    let octets = ask(RecordType::TXT).await.unwrap().unwrap().into_parts().0;
    assert_eq!(octets, b"not a message");
    assert!(ask(RecordType::A).await.is_none());
    assert!(matches!(
        ask(RecordType::NS).await,
        Some(Err(NetError::Io(_)))
    ));
}

// An extended error (RFC 8914) is an unknown option: two octets of code, then text.
#[test]
fn extended_errors_are_unknown_options() {
    let reply = with_extended_error(Message::response(1, OpCode::Query), 6, b"why");
    let reply = Message::from_vec(&reply.to_vec().unwrap()).unwrap();
    let edns = reply.edns.unwrap();
    let option = edns.option(EdnsCode::from(15)).unwrap();
    assert_eq!(*option, EdnsOption::Unknown(15, b"\x00\x06why".to_vec()));
}

// TXT strings come raw; the text of a record is lossy. DNAME is not known.
#[test]
fn record_data_is_raw() {
    let mut message = Message::response(1, OpCode::Query);
    message.add_answer(txt(ASKED, &[b"a\xff", b"", b"\""]));
    message.add_answer(faults::dname("example.com", "example.net"));
    let message = Message::from_vec(&message.to_vec().unwrap()).unwrap();
    let RData::TXT(TXT { txt_data, .. }) = &message.answers[0].data else {
        panic!()
    };
    assert_eq!(
        txt_data.iter().map(|string| &**string).collect::<Vec<_>>(),
        [&b"a\xff"[..], b"", b"\""]
    );
    assert!(message.answers[0].data.to_string().contains('\u{fffd}'));
    let RData::Unknown {
        code,
        rdata: NULL { anything, .. },
    } = &message.answers[1].data
    else {
        panic!();
    };
    assert_eq!(
        (u16::from(*code), anything.as_slice()),
        (39, &b"\x07example\x03net\x00"[..])
    );
}

// One empty RDATA makes the whole message unreadable.
#[test]
fn empty_record_data_spoils_the_message() {
    let mut message = Message::response(1, OpCode::Query);
    message.add_answer(Record::update0(name(ASKED), 300, RecordType::TXT));
    assert!(Message::from_vec(&message.to_vec().unwrap()).is_err());
}

// Names are never made of text: its escapes are octal. Of labels and of wire they are exact,
// absolute, and compare without case.
#[test]
fn names_are_exact_but_for_text() {
    let octal = Name::from_ascii("x\\141x.").unwrap();
    assert_eq!(
        octal.iter().next().unwrap(),
        b"xax",
        "RFC 1035 says the octet 141"
    );

    let labels = [&b"dot.and\xff"[..], b"Example"];
    let made = Name::from_labels(labels).unwrap();
    assert!(made.iter().eq(labels));
    let read = Name::read(&mut BinDecoder::new(b"\x08dot.and\xff\x07eXAMPLE\x00")).unwrap();
    assert!(made.is_fqdn() && read.is_fqdn());
    assert_eq!(made, read);
    assert!(!made.eq_case(&read));
    assert_ne!(
        Name::from_str("example").unwrap(),
        Name::from_str("example.").unwrap()
    );
}

fn resolver_at(server: SocketAddr, change: impl FnOnce(&mut ResolverOpts)) -> TokioResolver {
    let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
    (udp.port, tcp.port) = (server.port(), server.port());
    let servers = vec![NameServerConfig::new(server.ip(), true, vec![udp, tcp])];
    let config = ResolverConfig::from_name_servers(servers);
    let provider = TokioRuntimeProvider::default();
    let mut builder = TokioResolver::builder_with_config(config, provider);
    let options = builder.options_mut();
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    options.timeout = Duration::from_secs(10);
    options.attempts = 1;
    change(options);
    builder.build().unwrap()
}

fn no_records(error: NetError) -> NoRecords {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => none,
        other => panic!("{other:?}"),
    }
}

// What the resolver says of a negative answer: the name it was about, and the SOA as it came.
#[tokio::test]
async fn the_resolver_names_what_is_absent() {
    let server = FaultServer::start(|asked| {
        let mut reply = asked.reply();
        let at = asked.name();
        match at.split('.').next().unwrap() {
            "missing" => reply.metadata.response_code = ResponseCode::NXDomain,
            "alias" => {
                reply.metadata.response_code = ResponseCode::NXDomain;
                reply.add_answer(cname(&at, "missing.example.com"));
            }
            "ring" => {
                reply.add_answers([
                    cname(&at, "gnir.example.com"),
                    cname("gnir.example.com", &at),
                ]);
                return vec![Send::Message(reply)];
            }
            "gnir" => {
                reply.add_answer(cname(&at, "ring.example.com"));
                return vec![Send::Message(reply)];
            }
            "silence" => return vec![Send::Message(reply)],
            _ => {}
        }
        reply.add_authority(soa("example.com"));
        vec![Send::Message(reply)]
    })
    .await;
    let resolver = resolver_at(server.addr(), |_| {});
    for (asked, code, about, has_soa) in [
        ("missing", ResponseCode::NXDomain, "missing", true),
        ("empty", ResponseCode::NoError, "empty", true),
        ("alias", ResponseCode::NXDomain, "missing", true),
        ("silence", ResponseCode::NoError, "silence", false),
    ] {
        let asked = name(&format!("{asked}.example.com"));
        let none = no_records(resolver.txt_lookup(asked.clone()).await.unwrap_err());
        assert_eq!(none.response_code, code, "{asked}");
        assert_eq!(
            none.query.name,
            name(&format!("{about}.example.com")),
            "{asked}"
        );
        assert_eq!(none.soa.is_some(), has_soa, "{asked}");
    }
    // An alias loop looks like a name without records.
    let none = no_records(
        resolver
            .txt_lookup(name("ring.example.com"))
            .await
            .unwrap_err(),
    );
    assert_eq!(
        (none.response_code, none.soa),
        (ResponseCode::NoError, None)
    );
}

// RCODEs, silence, truncation and letter case.
#[tokio::test]
async fn the_resolver_maps_failures() {
    let server = FaultServer::start(|asked| match asked.name().split('.').next().unwrap() {
        "fails" => {
            let mut reply = asked.reply();
            reply.metadata.response_code = ResponseCode::ServFail;
            vec![Send::Message(with_extended_error(reply, 6, b""))]
        }
        "refuses" => asked.refuse(ResponseCode::Refused),
        "large" if !asked.over_tcp => asked.truncated(),
        "spelled" if !asked.over_tcp => {
            let mut octets = asked.reply().to_vec().unwrap();
            octets[13] ^= 0x20;
            vec![Send::Octets(octets)]
        }
        "large" | "spelled" => asked.answer([txt(&asked.name(), &[b"t"])]),
        _ => Vec::new(),
    })
    .await;
    let resolver = resolver_at(server.addr(), |options| options.case_randomization = true);
    for (asked, expected) in [
        ("fails", ResponseCode::ServFail),
        ("refuses", ResponseCode::Refused),
    ] {
        // Nothing but the code is left: the extended error is lost.
        let error = resolver
            .txt_lookup(name(&format!("{asked}.example.com")))
            .await
            .unwrap_err();
        assert!(
            matches!(error, NetError::Dns(DnsError::ResponseCode(code)) if code == expected),
            "{error:?}"
        );
    }
    let hasty = resolver_at(server.addr(), |options| {
        options.timeout = Duration::from_millis(300);
    });
    let error = hasty
        .txt_lookup(name("silent.example.com"))
        .await
        .unwrap_err();
    assert!(matches!(error, NetError::Timeout), "{error:?}");
    for asked in ["large.example.com", "spelled.example.com"] {
        let lookup = resolver.txt_lookup(name(asked)).await.unwrap();
        assert_eq!(lookup.answers().len(), 1, "{asked}");
        assert!(server.seen().last().unwrap().over_tcp);
    }
}

// Without a cache every lookup asks; some names are answered without asking anybody.
#[tokio::test]
async fn the_resolver_asks_every_time_or_never() {
    let server = FaultServer::start(|asked| asked.answer([txt(&asked.name(), &[b"t"])])).await;
    let resolver = resolver_at(server.addr(), |_| {});
    for _ in 0..3 {
        resolver.txt_lookup(name(ASKED)).await.unwrap();
    }
    assert_eq!(server.seen().len(), 3);
    for local in ["a.localhost", "a.invalid", "a.onion"] {
        let none = no_records(resolver.txt_lookup(name(local)).await.unwrap_err());
        assert!(none.soa.is_none(), "{local}");
    }
    assert_eq!(server.seen().len(), 3);
}

// Foreign records stay in the answer: whoever looks has to go by the owner.
#[tokio::test]
async fn the_resolver_keeps_foreign_records() {
    let server = FaultServer::start(|asked| {
        asked.answer([txt("example.org", &[b"foreign"]), txt(ASKED, &[b"t"])])
    })
    .await;
    let lookup = resolver_at(server.addr(), |_| {})
        .txt_lookup(name(ASKED))
        .await
        .unwrap();
    let owners: Vec<_> = lookup
        .answers()
        .iter()
        .map(|record| record.name.to_ascii())
        .collect();
    assert_eq!(owners, ["example.org.", "_example-challenge.example.com."]);
}
