//! What a diagnosis asks of name servers: few of them, once each.

use std::sync::Arc;
use std::time::Duration;

use dcv::challenge::Challenge;
use dcv::diagnose::Probe;
use dcv::dns::{LookupFailure, Observation, Outcome, Perspective, Question, RecordType};
use dcv::lookup::{AddressFilter, AuthoritativeLookup, Budget, FixedLookup, TxtObserver};
use dcv::policy::Policy;
use dcv::system::{SystemClock, TokioTimer};
use dcv::verify::{DnsVerifier, Round, Verifier as _};
use hickory_server::proto::op::ResponseCode;

use crate::faults::{a, cname, txt};
use crate::lab::{Lab, Zone};
use crate::scene::{OWNER, challenge, lab, lab_with_target, record};

/// A round of probes through a view that is there for nothing else.
async fn probed(
    view: AuthoritativeLookup,
    challenge: &Challenge,
    probes: &[Probe],
) -> (Vec<Observation>, usize) {
    let perspective = Perspective::new("fixed".parse().unwrap());
    let verifier = DnsVerifier::builder(Arc::new(SystemClock::new()), Arc::new(TokioTimer::new()))
        .observer(TxtObserver::new(perspective, FixedLookup::new()))
        .diagnose_through(view)
        .policy(Policy::single_resolver())
        .build()
        .unwrap();
    let budget = Budget::new(Budget::PER_DIAGNOSIS);
    let round = Round::new(challenge, &[], probes, &budget);
    let seen = tokio::time::timeout(Duration::from_secs(60), verifier.probe(&round));
    (
        seen.await.expect("the round hangs"),
        budget.spent() as usize,
    )
}

fn question(name: &str) -> Question {
    Question::txt(name.parse().unwrap())
}

fn delegated(name: &str) -> Probe {
    Probe::Delegated(question(name))
}

fn at(question: Question, servers: &[&str]) -> Probe {
    let servers = servers.iter().map(|name| name.parse().unwrap()).collect();
    Probe::Servers { question, servers }
}

/// What each server said: `ns1.example.com. absent`.
fn said(seen: &[Observation]) -> Vec<String> {
    let lines = seen.iter().map(|one| {
        let what = match one.result() {
            Ok(answer) => match answer.outcome() {
                Outcome::Records(records) => format!("{} record", records.len()),
                Outcome::Absent(_) => "absent".to_owned(),
                other => format!("{other:?}"),
            },
            Err(failure) => format!("{failure:?}"),
        };
        match one.server() {
            Some(server) => format!("{} {what}", server.name()),
            None => what,
        }
    });
    lines.collect()
}

/// `example.com` at six servers, hosts 11 to 16, with this in it; and `net` at host 3.
async fn lab_of_six(zone: impl Fn(&Lab) -> Zone) -> Lab {
    let mut lab = Lab::new().await;
    let root = Zone::new("")
        .delegate("com", "a.gtld.com", Some(lab.v4(2)))
        .delegate("net", "a.gtld.net", Some(lab.v4(3)));
    lab.serve(1, root).await;
    let mut com = Zone::new("com");
    for host in 11..=16 {
        let server = format!("ns{}.example.com", host - 10);
        com = com.delegate("example.com", &server, Some(lab.v4(host)));
        lab.serve(host, zone(&lab)).await;
    }
    lab.serve(2, com).await;
    lab
}

fn empty(_: &Lab) -> Zone {
    Zone::new("example.com")
}

// S-16: four servers, each once for each question, and the way to them is found once.
#[tokio::test]
async fn four_servers_are_asked_once_each() {
    let (lab, challenge) = (lab_of_six(empty).await, challenge().await);
    let probes = ["one.example.com", "example.com", OWNER].map(delegated);
    let (seen, spent) = probed(lab.view(), &challenge, &probes).await;
    assert_eq!(seen.len(), 12);
    let asked: Vec<_> = (11..=16).map(|host| lab.asked(host)).collect();
    assert_eq!(asked, [3, 3, 3, 3, 0, 0]);
    assert_eq!((lab.asked(1), lab.asked(2)), (1, 1));
    assert_eq!(spent, lab.asked_in_all());
}

// S-16: neither silence nor an error is a reason to ask again.
#[tokio::test]
async fn nobody_is_asked_again() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    lab.script(11, |_| Vec::new()).await;
    lab.script(12, |asked| asked.refuse(ResponseCode::ServFail))
        .await;
    lab.serve(13, Zone::new("example.com").with(record(&challenge)))
        .await;
    let view = lab.view().with_udp_timeout(Duration::from_millis(300));
    let (seen, _) = probed(view, &challenge, &[delegated(OWNER)]).await;
    assert_eq!((11..=13).map(|host| lab.asked(host)).sum::<usize>(), 3);
    let servfail = LookupFailure::server(2);
    assert_eq!(
        said(&seen),
        [
            "ns1.example.com. Timeout".to_owned(),
            format!("ns2.example.com. {servfail:?}"),
            "ns3.example.com. 1 record".to_owned()
        ]
    );
}

// Servers that the domain is not delegated to are asked where their own names lead, and every one
// that is named; those of the delegation are left alone.
#[tokio::test]
async fn servers_that_are_named_are_asked() {
    let (mut lab, challenge) = (lab_of_six(empty).await, challenge().await);
    let net = Zone::new("net").delegate("dns.net", "ns.dns.net", Some(lab.v4(21)));
    lab.serve(3, net).await;
    let dns = Zone::new("dns.net").with(a("one.dns.net", lab.v4(31)));
    lab.serve(21, dns).await;
    lab.serve(31, Zone::new("example.com").with(record(&challenge)))
        .await;
    let probe = at(question(OWNER), &["one.dns.net", "two.dns.net"]);
    let (seen, spent) = probed(lab.view(), &challenge, &[probe]).await;
    assert_eq!(
        said(&seen),
        ["one.dns.net. 1 record", "two.dns.net. NoAddress"]
    );
    let zones = seen
        .iter()
        .map(|one| one.server().unwrap().zone().to_string());
    assert_eq!(zones.collect::<Vec<_>>(), ["example.com."; 2]);
    assert_eq!((11..=16).map(|host| lab.asked(host)).sum::<usize>(), 0);
    assert_eq!((lab.asked(31), spent), (1, lab.asked_in_all()));
}

// S-10: whoever names a server, its address is filtered as any other.
#[tokio::test]
async fn servers_that_are_named_are_filtered() {
    let inside = |lab: &Lab| empty(lab).with(a("inside.example.com", lab.v4(99)));
    let (mut lab, challenge) = (lab_of_six(inside).await, challenge().await);
    let hosts = [1, 2, 11, 12, 13, 14, 15, 16].into_iter();
    let filter = hosts.fold(AddressFilter::new(), |filter, host| {
        filter.allowing(lab.v4(host).to_string().parse().unwrap())
    });
    lab.serve(99, Zone::new("example.com")).await;
    let view = lab
        .view()
        .with_filter(filter.allowing_port(lab.socket(1).port()));
    let probe = at(question(OWNER), &["inside.example.com"]);
    let (seen, _) = probed(view, &challenge, &[probe]).await;
    assert_eq!(said(&seen), ["inside.example.com. AddressRefused"]);
    assert_eq!(lab.asked(99), 0);
}

// An alias out of the zone is reported, and not followed.
#[tokio::test]
async fn aliases_are_only_reported() {
    let challenge = challenge().await;
    let mut lab = lab_with_target(&challenge).await;
    for host in [11, 12] {
        let zone = Zone::new("example.com").with(cname(OWNER, "t.example.net"));
        lab.serve(host, zone).await;
    }
    let (seen, _) = probed(lab.view(), &challenge, &[delegated(OWNER)]).await;
    assert_eq!(
        said(&seen),
        ["ns1.example.com. Elsewhere", "ns2.example.com. Elsewhere"]
    );
    let answer = seen[0].result().unwrap();
    assert_eq!(answer.aliases()[0].target().to_string(), "t.example.net.");
    assert_eq!(lab.asked(21) + lab.asked(22), 0);
}

// A zone below, which all servers name, is asked in place of the one above.
#[tokio::test]
async fn cuts_are_followed() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        let zone = Zone::new("example.com").delegate(
            "_example-saas-challenge.example.com",
            "ns.example.com",
            Some(lab.v4(40)),
        );
        lab.serve(host, zone).await;
    }
    let child = Zone::new(OWNER).with(txt(OWNER, &[b"in the child"]));
    lab.serve(40, child).await;
    let (seen, _) = probed(lab.view(), &challenge, &[delegated(OWNER)]).await;
    assert_eq!(said(&seen), ["ns.example.com. 1 record"]);
}

// The serial number of each copy is shown where it is asked for.
#[tokio::test]
async fn serials_are_shown() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        let zone = Zone::new("example.com").serial(u32::from(host));
        lab.serve(host, zone).await;
    }
    let soa = Question::new("example.com".parse().unwrap(), RecordType::SOA);
    let (seen, _) = probed(lab.view(), &challenge, &[Probe::Delegated(soa)]).await;
    let serials = seen.iter().map(|one| one.server().unwrap().serial());
    assert_eq!(serials.collect::<Vec<_>>(), [Some(11), Some(12), Some(13)]);
}

// S-16: a way that cannot be found is searched for once.
#[tokio::test]
async fn a_lost_way_is_searched_for_once() {
    let (mut lab, challenge) = (Lab::new().await, challenge().await);
    lab.script(1, |asked| asked.refuse(ResponseCode::Refused))
        .await;
    let probes = [
        delegated(OWNER),
        Probe::Delegated(Question::new(OWNER.parse().unwrap(), RecordType::CNAME)),
    ];
    let (seen, _) = probed(lab.view(), &challenge, &probes).await;
    let refused = LookupFailure::server(5);
    assert_eq!(
        said(&seen),
        [format!("{refused:?}"), format!("{refused:?}")]
    );
    assert_eq!(lab.asked(1), 1);
}
