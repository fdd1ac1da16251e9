//! Servers that refuse, fail, stay silent or lie: each ends in the right verdict, and ends.

use std::time::Duration;

use dcv::challenge::Challenge;
use dcv::lookup::HickoryLookup;
use dcv::policy::Policy;
use futures_util::future::join_all;
use hickory_server::proto::op::{Message, MessageType, ResponseCode};
use hickory_server::proto::rr::Record;

use crate::faults::{
    Asked, FaultServer, Send, closed_port, cname, name, soa, txt, with_extended_error,
};
use crate::scene::{Scene, at, decisive, examine, looking_through, report, verdict};
use crate::servers::{Knot, Unbound, UnboundConfig, servers_or_skip};

/// What a server is told about the challenge that it is asked for.
#[derive(Clone)]
struct Told {
    owner: String,
    value: String,
}

impl Told {
    fn new(challenge: &Challenge) -> Self {
        Self {
            owner: challenge
                .owner()
                .to_string()
                .trim_end_matches('.')
                .to_owned(),
            value: challenge.record().value().to_owned(),
        }
    }

    /// The right record, at a name.
    fn at(&self, owner: &str) -> Record {
        txt(owner, &[self.value.as_bytes()])
    }

    fn is_about(&self, asked: &Asked) -> bool {
        asked.name().trim_end_matches('.') == self.owner
    }

    /// What an honest server says that has these records at the owner name.
    fn honest(&self, asked: &Asked, records: Vec<Record>) -> Message {
        let mut reply = asked.reply();
        if self.is_about(asked) {
            reply.add_answers(records);
            reply
        } else {
            absent(asked, Some("example.com"))
        }
    }
}

fn absent(asked: &Asked, zone: Option<&str>) -> Message {
    let mut reply = asked.reply();
    reply.metadata.response_code = ResponseCode::NXDomain;
    reply.add_authorities(zone.map(soa));
    reply
}

fn one(message: Message) -> Vec<Send> {
    vec![Send::Message(message)]
}

type Script = fn(&Told, &Asked) -> Vec<Send>;

/// A wrong way to answer, and what must come of it: the verdict, and what the decisive
/// observation shows.
type Row = (&'static str, Script, &'static str, &'static str);

const FAILED: &str = "indeterminate/lookup-failed";

const ROWS: &[Row] = &[
    (
        "honest",
        |t, a| one(t.honest(a, vec![t.at(&t.owner)])),
        "validated/quorum",
        "1 record",
    ),
    // It will not, or cannot, answer.
    (
        "refuses",
        |_, a| a.refuse(ResponseCode::Refused),
        FAILED,
        "rcode 5",
    ),
    (
        "fails",
        |_, a| a.refuse(ResponseCode::ServFail),
        FAILED,
        "rcode 2",
    ),
    (
        "knows no such thing",
        |_, a| a.refuse(ResponseCode::NotImp),
        FAILED,
        "rcode 4",
    ),
    (
        "says bogus", // D-03: whoever is not trusted to validate only fails
        |_, a| {
            let mut reply = a.reply();
            reply.metadata.response_code = ResponseCode::ServFail;
            one(with_extended_error(reply, 6, b"signature \"expired\"\n"))
        },
        FAILED,
        "rcode 2, extended 6",
    ),
    ("is silent", |_, _| Vec::new(), FAILED, "Timeout"),
    (
        "talks nonsense",
        |_, _| vec![Send::Octets(vec![0xff; 40])],
        FAILED,
        "Timeout",
    ),
    // It answers something else.
    (
        "wrong id",
        |t, a| {
            let mut reply = t.honest(a, vec![t.at(&t.owner)]);
            reply.metadata.id = reply.metadata.id.wrapping_add(1);
            one(reply)
        },
        FAILED,
        "Timeout",
    ),
    (
        "wrong question",
        |t, a| {
            let mut reply = t.honest(a, vec![t.at(&t.owner)]);
            reply.queries[0].set_name(name("_example-saas-challenge.other.example.com"));
            one(reply)
        },
        FAILED,
        "Timeout",
    ),
    (
        "a question back",
        |t, a| {
            let mut reply = t.honest(a, vec![t.at(&t.owner)]);
            reply.metadata.message_type = MessageType::Query;
            one(reply)
        },
        FAILED,
        "Mismatch(NotAReply)",
    ),
    // Letters in another case are a stranger's or an old server's: over TCP the latter may speak.
    (
        "wrong case",
        |t, a| one(lower(t.honest(a, vec![t.at(&t.owner)]))),
        "validated/quorum",
        "1 record",
    ),
    (
        "wrong case, and absent over TCP",
        |t, a| {
            if a.over_tcp {
                one(absent(a, Some("example.com")))
            } else {
                one(lower(t.honest(a, vec![t.at(&t.owner)])))
            }
        },
        "unproven/no-such-name",
        "no name in example.com.",
    ),
    // Records that nobody asked for (S-7): what counts is at the owner name.
    (
        "the record elsewhere",
        |t, a| a.answer([t.at("_example-saas-challenge.other.example.com")]),
        "indeterminate/unproven-absence",
        "no data by nobody",
    ),
    (
        "the record below and above",
        |t, a| a.answer([t.at(&format!("x.{}", t.owner)), t.at("plain.example.com")]),
        "indeterminate/unproven-absence",
        "no data by nobody",
    ),
    (
        "the record elsewhere, and a SOA",
        |t, a| {
            let mut reply = a.reply();
            reply.add_answer(t.at("_example-saas-challenge.other.example.com"));
            reply.add_authority(soa("example.com"));
            one(reply)
        },
        "unproven/no-such-record",
        "no data in example.com.",
    ),
    (
        "the record elsewhere, and another one here",
        |t, a| a.answer([t.at("other.example.com"), txt(&t.owner, &[b"v=spf1 -all"])]),
        "unproven/different",
        "1 record",
    ),
    (
        "an alias of somebody else to the record",
        |t, a| {
            a.answer([
                cname("other.example.com", "x.example.net"),
                t.at("x.example.net"),
            ])
        },
        "indeterminate/unproven-absence",
        "no data by nobody",
    ),
    (
        "an alias to a name that is absent, and the record beside it",
        |t, a| {
            if t.is_about(a) {
                a.answer([cname(&t.owner, "x.example.net"), t.at("y.example.net")])
            } else {
                one(absent(a, Some("example.net")))
            }
        },
        "unproven/target-missing",
        "1 alias, no name in example.net.",
    ),
    (
        "the record in the authority section",
        |t, a| {
            let mut reply = a.reply();
            reply.add_authority(t.at(&t.owner));
            one(reply)
        },
        "indeterminate/unproven-absence",
        "no data by nobody",
    ),
    // It denies, but not for the zone (S-7).
    (
        "denies without SOA",
        |_, a| one(absent(a, None)),
        "indeterminate/unproven-absence",
        "no name by nobody",
    ),
    (
        "denies for another zone",
        |_, a| one(absent(a, Some("example.org"))),
        "indeterminate/unproven-absence",
        "no name in example.org.",
    ),
    (
        "denies what it shows",
        |t, a| {
            let mut reply = t.honest(a, vec![t.at(&t.owner)]);
            reply.metadata.response_code = ResponseCode::NXDomain;
            one(reply)
        },
        FAILED,
        "rcode 3",
    ),
    (
        "filters",
        |_, a| one(with_extended_error(absent(a, Some("example.com")), 15, b"")),
        "indeterminate/filtered",
        "no name in example.com.",
    ),
    (
        "remembers too long",
        |t, a| {
            one(with_extended_error(
                t.honest(a, vec![t.at(&t.owner)]),
                3,
                b"",
            ))
        },
        "indeterminate/stale",
        "1 record",
    ),
    // It shows the record, and says nothing of its siblings, or the same (S-8).
    (
        "a wildcard",
        |t, a| a.answer([t.at(&a.name())]),
        "rejected/wildcard",
        "1 record",
    ),
    (
        "no word of the siblings",
        |t, a| {
            if t.is_about(a) {
                a.answer([t.at(&t.owner)])
            } else {
                a.refuse(ResponseCode::ServFail)
            }
        },
        "indeterminate/wildcard-unknown",
        "1 record",
    ),
    // It says much, and what is asked for at the end: strangers' records change nothing (S-16).
    (
        "many records",
        |t, a| {
            if !t.is_about(a) {
                return one(t.honest(a, vec![]));
            }
            let fill = (0..256).map(|n| txt(&t.owner, &[format!("{n}").as_bytes()]));
            let records = fill.chain([t.at(&t.owner)]).collect();
            if a.over_tcp {
                one(t.honest(a, records))
            } else {
                a.truncated()
            }
        },
        "validated/quorum",
        "256 records",
    ),
    // It says too much of what is not asked for (S-16).
    (
        "too many records of another type",
        |t, a| {
            let fill = (0..256).map(|n| cname("other.example.com", &format!("n{n}.example.com")));
            let records = fill.chain([t.at(&t.owner)]).collect::<Vec<_>>();
            let extra = [cname("other.example.com", "more.example.com")];
            let records = extra.into_iter().chain(records).collect();
            if a.over_tcp {
                one(t.honest(a, records))
            } else {
                a.truncated()
            }
        },
        FAILED,
        "TooLarge",
    ),
    // It announces more, and does not give it.
    ("TC over TCP too", |_, a| a.truncated(), FAILED, "Truncated"),
    (
        "drips over TCP",
        |t, a| {
            if a.over_tcp {
                vec![Send::Drip(t.honest(a, vec![t.at(&t.owner)]))]
            } else {
                a.truncated()
            }
        },
        FAILED,
        "Truncated",
    ),
    (
        "ends in the middle",
        |t, a| {
            if a.over_tcp {
                vec![Send::Cut(t.honest(a, vec![t.at(&t.owner)]), 30)]
            } else {
                a.truncated()
            }
        },
        FAILED,
        "Truncated",
    ),
    (
        "wrong id over TCP",
        |t, a| {
            if !a.over_tcp {
                return a.truncated();
            }
            let mut reply = t.honest(a, vec![t.at(&t.owner)]);
            reply.metadata.id = reply.metadata.id.wrapping_add(1);
            one(reply)
        },
        FAILED,
        "Mismatch(Id)",
    ),
];

fn lower(mut reply: Message) -> Message {
    for query in &mut reply.queries {
        let lower = query.name().to_lowercase();
        query.set_name(lower);
    }
    reply
}

fn check(what: &str, examination: &dcv::evaluate::Examination, expected: (&str, &str)) {
    let found = (verdict(examination), decisive(examination));
    println!("{what:<60} {:<31} {}", found.0, found.1);
    assert_eq!(
        (found.0.as_str(), found.1.as_str()),
        expected,
        "{what}: {}",
        report(examination)
    );
    let validated = examination.verdict().is_validated();
    assert_eq!(
        examination.verdict().witness().is_some(),
        validated,
        "{what}"
    );
}

// D-03, S-5, S-7, S-8, S-16
#[tokio::test]
async fn each_wrong_answer_ends_in_its_verdict() {
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let rows = ROWS
        .iter()
        .map(|&(what, script, verdict, seen)| async move {
            let told = Told::new(challenge);
            let server = FaultServer::start(move |asked| script(&told, asked)).await;
            let examination = examine(&at(server.addr()), challenge).await;
            (what, examination, (verdict, seen))
        });
    for (what, examination, expected) in join_all(rows).await {
        check(what, &examination, expected);
    }
}

// The same where there is no server, or none on TCP.
#[tokio::test]
async fn nobody_there_is_no_answer() {
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let truncating = FaultServer::start_without_tcp(Asked::truncated).await;
    let told = Told::new(challenge);
    let forging = FaultServer::start_without_tcp(move |a| {
        one(lower(told.honest(a, vec![told.at(&told.owner)])))
    })
    .await;
    let closed = closed_port().await;
    let checks = [
        (
            "TC, and nobody on TCP",
            truncating.addr(),
            (FAILED, "Truncated"),
        ),
        (
            "wrong case, and nobody on TCP",
            forging.addr(),
            (FAILED, "Mismatch(Case)"),
        ),
        ("nobody there", closed, (FAILED, "Timeout")),
    ];
    for (what, server, expected) in checks {
        check(what, &examine(&at(server), challenge).await, expected);
    }
}

// S-16: the deadline of the check ends what the lookup would still wait for.
#[tokio::test]
async fn the_deadline_ends_a_server_that_drips() {
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let told = Told::new(challenge);
    let server = FaultServer::start(move |asked| {
        if asked.over_tcp {
            vec![Send::Drip(told.honest(asked, vec![told.at(&told.owner)]))]
        } else {
            asked.truncated()
        }
    })
    .await;
    let forever = Duration::from_secs(3600);
    let lookup = HickoryLookup::from_servers([server.addr()])
        .unwrap()
        .with_tcp_timeout(forever);
    let verifier = looking_through([lookup.observer()])
        .policy(Policy::single_resolver())
        .deadline(Duration::from_millis(500))
        .build()
        .unwrap();
    check(
        "drips until the deadline",
        &examine(&verifier, challenge).await,
        (FAILED, "Timeout"),
    );
}

// Real servers that were not told of the zone, or ask one that was not.
#[tokio::test]
async fn real_servers_that_cannot_answer_prove_nothing() {
    if !servers_or_skip() {
        return;
    }
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let elsewhere =
        "$ORIGIN example.org.\n$TTL 60\n@ SOA ns a 1 3600 600 86400 5\n@ NS ns\nns A 127.0.0.1\n";
    let knot = Knot::start(&[("example.org", elsewhere)]);
    let strict = Unbound::start(&UnboundConfig::default());
    let orphan = Unbound::start(&UnboundConfig {
        stubs: &[("example.com", knot.addr())],
        ..Default::default()
    });
    for (what, server, rcode) in [
        ("knot, of another zone", knot.addr(), 5),
        ("unbound, not for us", strict.addr(), 5),
        ("unbound, in front of that knot", orphan.addr(), 2),
    ] {
        let examination = examine(&at(server), challenge).await;
        let (verdict, seen) = (verdict(&examination), decisive(&examination));
        println!("{what:<60} {verdict:<31} {seen}");
        // An extended error may follow, of which the versions of the servers differ.
        let failed = verdict == FAILED && seen.starts_with(&format!("rcode {rcode}"));
        assert!(failed, "{what}: {}", report(&examination));
    }
}
