//! The authoritative view over scripted servers: which servers it asks, what it believes of them,
//! and what it shows.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "support/faults.rs"]
mod faults;
#[path = "support/lab.rs"]
mod lab;

use std::sync::Arc;
use std::time::Duration;

use dcv::challenge::Challenge;
use dcv::dns::{LookupFailure, Observation, Outcome, Purpose};
use dcv::evaluate::Examination;
use dcv::lookup::{AddressFilter, AuthoritativeLookup, FixedLookup, Rate};
use dcv::policy::Policy;
use dcv::service::Dcv;
use dcv::system::{SystemClock, TokioTimer};
use dcv::verify::{DnsVerifier, Verifier};
use dcv::{AccountId, Scope};
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::RecordType;

use faults::{a, cname, ns, txt};
use lab::{Lab, Zone};

const OWNER: &str = "_example-saas-challenge.example.com";

async fn challenge() -> Challenge {
    let dcv = Dcv::builder("example-saas").unwrap().build().unwrap();
    let account = AccountId::new("tenant-42").unwrap();
    let domain = "example.com".parse().unwrap();
    dcv.issue(&account, &domain, Scope::Host).await.unwrap()
}

fn record(challenge: &Challenge) -> hickory_server::proto::rr::Record {
    txt(OWNER, &[challenge.record().value().as_bytes()])
}

async fn examine(view: AuthoritativeLookup, challenge: &Challenge) -> Examination {
    let verifier = DnsVerifier::builder(Arc::new(SystemClock::new()), Arc::new(TokioTimer::new()))
        .observer(view)
        .policy(Policy::single_resolver())
        .build()
        .unwrap();
    tokio::time::timeout(Duration::from_secs(60), verifier.examine(challenge))
        .await
        .expect("the check hangs")
}

/// What each server said of the record: `ns1.example.com: 1 record`.
fn said(examination: &Examination) -> Vec<String> {
    let record = |one: &&Observation| one.purpose() == Purpose::Record;
    let lines = examination.observations().iter().filter(record).map(|one| {
        let what = match one.result() {
            Ok(answer) => {
                let aa = if answer.is_authoritative() {
                    ""
                } else {
                    ", not AA"
                };
                let what = match answer.outcome() {
                    Outcome::Records(records) => format!("{} record", records.len()),
                    Outcome::Absent(_) => "absent".to_owned(),
                    other => format!("{other:?}"),
                };
                format!("{what}{aa}")
            }
            Err(failure) => format!("{failure:?}"),
        };
        let Some(server) = one.server() else {
            return what;
        };
        let serial = server.serial().map(|serial| format!(", serial {serial}"));
        format!("{} {what}{}", server.name(), serial.unwrap_or_default())
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    lines
}

fn verdict(examination: &Examination) -> String {
    let verdict = examination.verdict();
    format!("{}/{}", verdict.name(), verdict.code())
}

/// A root at host 1, `com` at host 2, and `example.com` delegated to hosts 11 to 13.
async fn lab() -> Lab {
    let mut lab = Lab::new().await;
    let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
    lab.serve(1, root).await;
    let mut com = Zone::new("com");
    for host in 11..=13 {
        let server = format!("ns{}.example.com", host - 10);
        com = com.delegate("example.com", &server, Some(lab.v4(host)));
    }
    lab.serve(2, com).await;
    lab
}

// L-03, S-2: the delegation leads from the root to every server of the zone, and each is one
// observation with its address.
#[tokio::test]
async fn every_server_of_the_zone_is_asked() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        let zone = Zone::new("example.com").with(record(&challenge));
        lab.serve(host, zone).await;
    }
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(
        said(&examination),
        [1, 2, 3].map(|n| format!("ns{n}.example.com. 1 record"))
    );
    for one in examination.observations() {
        let server = one.server().unwrap();
        assert_eq!(server.zone().to_string(), "example.com.");
        let host = server.address().unwrap().ip();
        assert!((11..=13).any(|n| host == lab.v4(n)), "{host}");
    }
    assert_eq!(verdict(&examination), "validated/quorum");
    // The root and the top-level domain once each, three servers for the record, two for the
    // probe.
    assert_eq!(lab.asked_in_all(), 1 + 1 + 3 + 2);
}

// L-03, S-2: servers of the root that never answer hold nobody up, whichever is asked first. A query
// times out after an hour here.
#[tokio::test]
async fn dead_servers_at_the_top_hold_nobody_up() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        let zone = Zone::new("example.com").with(record(&challenge));
        lab.serve(host, zone).await;
    }
    let hosts = [5, 6, 7, 1];
    for silent in &hosts[..3] {
        lab.script(*silent, |_| Vec::new()).await;
    }
    let view = AuthoritativeLookup::from_hints(hosts.map(|host| lab.v4(host).into())).unwrap();
    let view = view
        .with_port(lab.socket(1).port())
        .with_filter(lab.filter());
    let examination = examine(view.with_udp_timeout(Duration::from_secs(3600)), &challenge).await;
    assert_eq!(verdict(&examination), "validated/quorum");
    assert_eq!(lab.asked(1), 1);
}

// S-2, S-7: servers that are stale, refuse, are lame, silent or without an address stay visible,
// and the serial numbers show which copy is old.
#[tokio::test]
async fn servers_that_differ_stay_visible() {
    let challenge = challenge().await;
    let fresh = || Zone::new("example.com").serial(8).with(record(&challenge));
    let stale = || Zone::new("example.com").serial(7);
    let refused = "Server { rcode: 5, extended: [] }";
    for (what, third, line, expected) in [
        (
            "stale",
            Some(stale()),
            "absent, serial 7",
            "indeterminate/servers-disagree",
        ),
        (
            "refusing",
            Some(Zone::new("example.net")),
            refused,
            "validated/quorum",
        ),
        (
            "lame",
            Some(fresh().lame()),
            "1 record, not AA",
            "validated/quorum",
        ),
        ("dead", None, "Timeout", "validated/quorum"),
    ] {
        let mut lab = lab().await;
        lab.serve(11, fresh()).await;
        lab.serve(12, fresh()).await;
        if let Some(zone) = third {
            lab.serve(13, zone).await;
        }
        let view = lab.view().with_udp_timeout(Duration::from_millis(300));
        let examination = examine(view, &challenge).await;
        assert_eq!(verdict(&examination), expected, "{what}");
        let serial = if what == "stale" { ", serial 8" } else { "" };
        let expected = [
            format!("ns1.example.com. 1 record{serial}"),
            format!("ns2.example.com. 1 record{serial}"),
            format!("ns3.example.com. {line}"),
        ];
        assert_eq!(said(&examination), expected, "{what}");
    }
}

// S-10: an address counts only from a server of the zone that the name lies in, whatever else
// it says. Here `com` gives addresses of another top-level domain.
#[tokio::test]
async fn glue_counts_within_its_zone_only() {
    let (mut lab, challenge) = (Lab::new().await, challenge().await);
    let root = Zone::new("")
        .delegate("com", "a.gtld.com", Some(lab.v4(2)))
        .delegate("net", "a.gtld.net", Some(lab.v4(3)));
    lab.serve(1, root).await;
    let com = Zone::new("com").delegate("example.com", "ns.provider.net", Some(lab.v4(66)));
    lab.serve(2, com).await;
    let net = Zone::new("net").delegate("provider.net", "ns.provider.net", Some(lab.v4(4)));
    lab.serve(3, net).await;
    let provider = Zone::new("provider.net")
        .with(ns("provider.net", "ns.provider.net"))
        .with(a("ns.provider.net", lab.v4(11)));
    lab.serve(4, provider).await;
    let zone = Zone::new("example.com").with(record(&challenge));
    lab.serve(11, zone.clone()).await;
    lab.serve(66, zone).await;

    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(said(&examination), ["ns.provider.net. 1 record"]);
    assert_eq!(lab.asked(66), 0, "the address was believed");
    let server = examination.observations()[0].server().unwrap();
    assert_eq!(server.address().unwrap().ip(), lab.v4(11));
}

// S-2: one server of three cannot lead the others' answers away by a delegation of its own.
#[tokio::test]
async fn one_server_alone_delegates_nothing() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in [11, 12] {
        lab.serve(host, Zone::new("example.com")).await;
    }
    let liar = Zone::new("example.com").delegate(OWNER, "ns.example.com", Some(lab.v4(66)));
    lab.serve(13, liar).await;
    lab.serve(66, Zone::new(OWNER).with(record(&challenge)))
        .await;
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(
        said(&examination),
        [
            "ns1.example.com. absent, serial 7",
            "ns2.example.com. absent, serial 7",
            "ns3.example.com. Referral",
        ]
    );
    assert_eq!(lab.asked(66), 0, "the delegation was followed");
    assert_eq!(verdict(&examination), "unproven/no-such-name");
}

// S-2: nor does it where it was asked for an address first: what it said then leads nobody but those
// who look for addresses. The zone of the alias's target is delegated to an honest server too.
#[tokio::test]
async fn one_server_asked_for_an_address_delegates_nothing() {
    let challenge = challenge().await;
    let mut lab = Lab::new().await;
    let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
    lab.serve(1, root.delegate("net", "a.gtld.net", Some(lab.v4(3))))
        .await;
    lab.serve(
        2,
        Zone::new("com").delegate("example.com", "ns.dns.example.net", None),
    )
    .await;
    let net = Zone::new("net").delegate("example.net", "honest.example.net", Some(lab.v4(21)));
    lab.serve(
        3,
        net.delegate("example.net", "liar.example.net", Some(lab.v4(22))),
    )
    .await;
    let alias = cname(OWNER, "proof.dns.example.net");
    lab.serve(11, Zone::new("example.com").with(alias)).await;
    // The honest one is out of order where addresses are concerned, so that the liar is asked.
    let honest = Zone::new("example.net");
    lab.script(21, move |asked| match asked.query().query_type() {
        RecordType::TXT => vec![faults::Send::Message(honest.answer(asked))],
        _ => asked.refuse(ResponseCode::ServFail),
    })
    .await;
    let glue = Some(lab.v4(31));
    lab.serve(
        22,
        Zone::new("example.net").delegate("dns.example.net", "evil.dns.example.net", glue),
    )
    .await;
    let value = challenge.record().value();
    let evil = Zone::new("dns.example.net").with(a("ns.dns.example.net", lab.v4(11)));
    lab.serve(
        31,
        evil.with(txt("proof.dns.example.net", &[value.as_bytes()])),
    )
    .await;
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(
        said(&examination),
        [
            "honest.example.net. absent, serial 7",
            "liar.example.net. Referral",
            "ns.dns.example.net. Elsewhere",
        ]
    );
    assert_eq!(verdict(&examination), "unproven/target-missing");
}

// S-2: nor does one server of a provider alone say where the name servers are that its customers'
// zones are delegated to. Who is asked first is chance, so it is tried often.
#[tokio::test]
async fn one_server_alone_places_no_name_server() {
    let challenge = challenge().await;
    let mut lab = Lab::new().await;
    let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
    lab.serve(1, root.delegate("net", "a.gtld.net", Some(lab.v4(3))))
        .await;
    let com = Zone::new("com").delegate("example.com", "ns1.provider.net", None);
    lab.serve(2, com.delegate("example.com", "ns2.provider.net", None))
        .await;
    let mut net = Zone::new("net");
    for host in 11..=13 {
        let server = format!("dns{}.provider.net", host - 10);
        net = net.delegate("provider.net", &server, Some(lab.v4(host)));
    }
    lab.serve(3, net).await;
    let provider = |host| {
        Zone::new("provider.net")
            .with(a("ns1.provider.net", host))
            .with(a("ns2.provider.net", host))
    };
    let (honest, lie) = (provider(lab.v4(21)), provider(lab.v4(66)));
    lab.serve(11, honest.clone()).await;
    lab.serve(12, honest).await;
    lab.serve(13, lie).await;
    lab.serve(21, Zone::new("example.com")).await;
    lab.serve(66, Zone::new("example.com").with(record(&challenge)))
        .await;
    for _ in 0..24 {
        let examination = examine(lab.view(), &challenge).await;
        assert_eq!(verdict(&examination), "unproven/no-such-name");
    }
    assert_eq!(lab.asked(66), 0, "the liar's address was believed");
}

// L-03: a cut below the zone, as for a label that is handed to somebody else, is followed.
#[tokio::test]
async fn a_cut_below_the_zone_is_followed() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        let zone =
            Zone::new("example.com").delegate(OWNER, "ns.challenges.example.com", Some(lab.v4(21)));
        lab.serve(host, zone).await;
    }
    lab.serve(21, Zone::new(OWNER).with(record(&challenge)))
        .await;
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(said(&examination), ["ns.challenges.example.com. 1 record"]);
    let server = examination.observations()[0].server().unwrap();
    assert_eq!(server.zone().to_string(), format!("{OWNER}."));
}

// S-10: no address of a private network is connected to, whether it comes as glue or is looked
// up; and the filter stands before TCP as before UDP.
#[tokio::test]
async fn addresses_are_filtered_where_they_are_connected_to() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        lab.script(host, |asked| asked.truncated()).await;
    }
    // The port is allowed, and the root and `com`; not the servers of the zone.
    let filter = [1, 2]
        .into_iter()
        .fold(AddressFilter::new(), |filter, host| {
            filter.allowing(lab.v4(host).to_string().parse().unwrap())
        });
    let filter = filter.allowing_port(lab.socket(1).port());
    let examination = examine(lab.view().with_filter(filter), &challenge).await;
    assert_eq!(
        said(&examination),
        [1, 2, 3].map(|n| format!("ns{n}.example.com. AddressRefused"))
    );
    assert_eq!((11..=13).map(|host| lab.asked(host)).sum::<usize>(), 0);
    assert_eq!(verdict(&examination), "indeterminate/lookup-failed");
}

// S-16: an address is not asked more often than its rate allows, by whatever verification.
#[tokio::test]
async fn an_address_is_asked_at_its_rate() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        let zone = Zone::new("example.com").with(record(&challenge));
        lab.serve(host, zone).await;
    }
    let view = lab
        .view()
        .with_rate(Rate::every(Duration::from_secs(3600)).with_burst(2));
    let verifier = DnsVerifier::builder(Arc::new(SystemClock::new()), Arc::new(TokioTimer::new()))
        .observer(view)
        .policy(Policy::single_resolver())
        .build()
        .unwrap();
    let first = verifier.examine(&challenge).await;
    assert_eq!(verdict(&first), "validated/quorum");
    for _ in 0..3 {
        verifier.examine(&challenge).await;
    }
    for host in [1, 2, 11, 12, 13] {
        assert!(lab.asked(host) <= 2, "host {host}: {}", lab.asked(host));
    }
    let throttled = verifier.examine(&challenge).await;
    assert_eq!(
        throttled.observations()[0].result(),
        Err(&LookupFailure::Throttled)
    );
}

// S-3: through a resolver the view is in the resolver's group, and the delegation is what the
// resolver says.
#[tokio::test]
async fn a_resolver_can_name_the_servers() {
    use dcv::dns::{Answer, Group, Perspective, Question, RecordData, RecordType, ResourceRecord};
    let (mut lab, challenge) = (Lab::new().await, challenge().await);
    lab.serve(11, Zone::new("example.com").with(record(&challenge)))
        .await;
    let resolver = FixedLookup::new();
    let server = "ns.provider.net".parse().unwrap();
    let answer = |data| {
        Ok(Answer::new(Outcome::Records(vec![ResourceRecord::new(
            60, data,
        )])))
    };
    resolver.set_question(
        Question::new("example.com".parse().unwrap(), RecordType::NS),
        answer(RecordData::Name(server)),
    );
    resolver.set_question(
        Question::new("ns.provider.net".parse().unwrap(), RecordType::A),
        answer(RecordData::Other(lab.v4(11).octets().to_vec())),
    );
    let group = Group::Operator("a-resolver".parse().unwrap());
    let perspective = Perspective::new("resolver".parse().unwrap()).with_group(group.clone());
    let view = AuthoritativeLookup::through(&perspective, resolver)
        .with_port(lab.socket(11).port())
        .with_filter(lab.filter());
    use dcv::lookup::Observer as _;
    assert_eq!(view.perspectives()[0].group(), &group);
    let examination = examine(view, &challenge).await;
    assert_eq!(said(&examination), ["ns.provider.net. 1 record"]);
    assert_eq!(verdict(&examination), "validated/quorum");
}

// S-16: name servers of name servers of name servers: the chase ends.
#[tokio::test]
async fn chasing_name_servers_ends() {
    let (mut lab, challenge) = (Lab::new().await, challenge().await);
    let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
    lab.serve(1, root).await;
    let com = (0..9).fold(Zone::new("com"), |com, n| {
        com.delegate(&format!("z{n}.com"), &format!("ns.z{}.com", n + 1), None)
    });
    let com = com
        .delegate("example.com", "ns.z0.com", None)
        .delegate("loop-a.com", "ns.loop-b.com", None)
        .delegate("loop-b.com", "ns.loop-a.com", None);
    lab.serve(2, com).await;
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(said(&examination), ["ns.z0.com. NoAddress"]);
    assert!(lab.asked_in_all() < 20, "{}", lab.asked_in_all());
}

// S-2, S-10: what a server says of another zone's names is not heard: it may host a zone of that
// name that nobody has delegated to it.
#[tokio::test]
async fn a_server_speaks_for_its_own_zone_only() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    let value = challenge.record().value().to_owned();
    for host in 11..=13 {
        let value = value.clone();
        lab.script(host, move |asked| {
            let target = "t.victim.net";
            asked.answer([cname(OWNER, target), txt(target, &[value.as_bytes()])])
        })
        .await;
    }
    let examination = examine(lab.view(), &challenge).await;
    assert!(!examination.verdict().is_validated());
    let first = examination.observations()[0].result().unwrap();
    assert_eq!(*first.outcome(), Outcome::Elsewhere);
    assert_eq!(first.aliases().len(), 1);
}

// S-7: a name that no zone was delegated for is denied by the zone above.
#[tokio::test]
async fn a_domain_that_is_not_delegated_is_denied_above() {
    let (mut lab, challenge) = (Lab::new().await, challenge().await);
    let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
    lab.serve(1, root).await;
    lab.serve(2, Zone::new("com").with(a("a.gtld.com", lab.v4(2))))
        .await;
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(said(&examination), ["a.gtld.com. absent, serial 7"]);
    assert_eq!(verdict(&examination), "unproven/no-such-name");
}

// S-16: a flood of name servers is cut to thirteen, and the budget holds over everything.
#[tokio::test]
async fn a_flood_of_name_servers_is_bounded() {
    let challenge = challenge().await;
    for glue in [true, false] {
        let mut lab = Lab::new().await;
        let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
        lab.serve(1, root).await;
        let address = lab.v4(9);
        lab.script(2, move |asked| {
            let mut reply = asked.reply();
            reply.metadata.authoritative = false;
            if asked.name().contains("example.com") {
                if !asked.over_tcp {
                    return asked.truncated();
                }
                for n in 0..40 {
                    let server = format!("n{n}.example.com");
                    reply.add_authority(ns("example.com", &server));
                    if glue {
                        reply.add_additional(a(&server, address));
                    }
                }
            } else {
                reply.metadata.response_code = ResponseCode::ServFail;
            }
            vec![faults::Send::Message(reply)]
        })
        .await;
        lab.script(9, |asked| asked.refuse(ResponseCode::ServFail))
            .await;
        let view = lab.view().with_udp_timeout(Duration::from_millis(300));
        let examination = examine(view, &challenge).await;
        assert_eq!(examination.observations().len(), 13);
        assert!(lab.asked_in_all() <= 64, "{}", lab.asked_in_all());
        // Thirteen names at one address, perhaps somebody else's, are no reason to ask it thirteen
        // times.
        if glue {
            assert_eq!(lab.asked(9), 1);
        }
        assert_eq!(verdict(&examination), "indeterminate/lookup-failed");
    }
}

/// `example.com` at hosts 11 and 12, and `example.net` at hosts 21 and 22, both delegated.
async fn lab_of_two() -> Lab {
    let mut lab = Lab::new().await;
    let root = Zone::new("")
        .delegate("com", "a.gtld.com", Some(lab.v4(2)))
        .delegate("net", "a.gtld.net", Some(lab.v4(3)));
    lab.serve(1, root).await;
    let (mut com, mut net) = (Zone::new("com"), Zone::new("net"));
    for host in [11, 12] {
        let server = format!("ns{}.example.com", host - 10);
        com = com.delegate("example.com", &server, Some(lab.v4(host)));
        let server = format!("ns{}.example.net", host - 10);
        net = net.delegate("example.net", &server, Some(lab.v4(host + 10)));
    }
    lab.serve(2, com).await;
    lab.serve(3, net).await;
    lab
}

/// The same, with a record at `t.example.net`.
async fn lab_with_target(challenge: &Challenge) -> Lab {
    let mut lab = lab_of_two().await;
    for host in [21, 22] {
        let value = challenge.record().value().as_bytes();
        let zone = Zone::new("example.net").with(txt("t.example.net", &[value]));
        let zone = zone.with(cname("back.example.net", OWNER));
        lab.serve(host, zone).await;
    }
    lab
}

// S-2, DG-05: an alias into another zone is followed to all servers of that zone, and each zone's
// servers have to agree.
#[tokio::test]
async fn aliases_are_followed_across_zones() {
    let challenge = challenge().await;
    let to = |target: &str| Zone::new("example.com").with(cname(OWNER, target));
    for (what, targets, expected, asked) in [
        (
            "both lead there",
            ["t.example.net"; 2],
            "validated/quorum",
            4,
        ),
        (
            "they lead to two names",
            ["t.example.net", "u.example.net"],
            "indeterminate/servers-disagree",
            2,
        ),
        (
            "nothing is there",
            ["u.example.net"; 2],
            "unproven/target-missing",
            4,
        ),
        (
            "back to where it began",
            ["back.example.net"; 2],
            "unproven/alias-loop",
            4,
        ),
    ] {
        let mut lab = lab_with_target(&challenge).await;
        for (host, target) in [11, 12].into_iter().zip(targets) {
            lab.serve(host, to(target)).await;
        }
        let examination = examine(lab.view(), &challenge).await;
        assert_eq!(
            verdict(&examination),
            expected,
            "{what}: {:?}",
            said(&examination)
        );
        assert_eq!(said(&examination).len(), asked, "{what}");
    }
}

// S-16, DG-05: eight aliases are walked in all, however many zones they lead through.
#[tokio::test]
async fn aliases_end_across_zones() {
    let challenge = challenge().await;
    for (steps, expected) in [(7, "validated/quorum"), (8, "unproven/alias-too-long")] {
        let mut lab = lab_of_two().await;
        let at = |step: usize| match step {
            0 => OWNER.to_owned(),
            step if step == steps => "t.example.net".to_owned(),
            step => format!("s{step}.example.com"),
        };
        let zone = (0..steps).fold(Zone::new("example.com"), |zone, step| {
            zone.with(cname(&at(step), &at(step + 1)))
        });
        for host in [11, 12] {
            lab.serve(host, zone.clone()).await;
        }
        let value = challenge.record().value().as_bytes();
        for host in [21, 22] {
            let zone = Zone::new("example.net")
                .with(cname("t.example.net", "u.example.net"))
                .with(txt("u.example.net", &[value]));
            lab.serve(host, zone).await;
        }
        let examination = examine(lab.view(), &challenge).await;
        assert_eq!(
            verdict(&examination),
            expected,
            "{steps}: {:?}",
            said(&examination)
        );
    }
}

// S-8: a wildcard is found out at the zone's own servers as well, behind an alias too.
#[tokio::test]
async fn wildcards_are_found_out() {
    let challenge = challenge().await;
    let value = challenge.record().value().to_owned();
    let mut lab = lab().await;
    for host in 11..=13 {
        let value = value.clone();
        lab.script(host, move |asked| {
            asked.answer([txt(&asked.name(), &[value.as_bytes()])])
        })
        .await;
    }
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(verdict(&examination), "rejected/wildcard");

    let mut lab = lab_with_target(&challenge).await;
    for host in [11, 12] {
        lab.script(host, |asked| {
            asked.answer([cname(&asked.name(), "t.example.net")])
        })
        .await;
    }
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(verdict(&examination), "rejected/wildcard");
}

// S-8: a dead server among those that are probed spoils nothing.
#[tokio::test]
async fn a_dead_server_does_not_spoil_the_probe() {
    let challenge = challenge().await;
    for dead in 11..=13 {
        let mut lab = lab().await;
        for host in (11..=13).filter(|host| *host != dead) {
            lab.serve(host, Zone::new("example.com").with(record(&challenge)))
                .await;
        }
        let view = lab.view().with_udp_timeout(Duration::from_millis(300));
        let examination = examine(view, &challenge).await;
        assert_eq!(verdict(&examination), "validated/quorum", "dead: {dead}");
    }
}

// S-16: what a check sent is counted, and the counter is right.
#[tokio::test]
async fn the_counter_counts_what_is_sent() {
    let challenge = challenge().await;
    let mut lab = lab_with_target(&challenge).await;
    for host in [11, 12] {
        let zone = Zone::new("example.com").with(cname(OWNER, "t.example.net"));
        lab.serve(host, zone).await;
    }
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(examination.queries() as usize, lab.asked_in_all());
}
