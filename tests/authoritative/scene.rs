//! A challenge, small worlds in which it is answered, and what is seen of it.

use std::sync::Arc;
use std::time::Duration;

use dcv::challenge::Challenge;
use dcv::dns::{Observation, Outcome, Purpose};
use dcv::evaluate::Examination;
use dcv::lookup::AuthoritativeLookup;
use dcv::policy::Policy;
use dcv::service::Dcv;
use dcv::system::{SystemClock, TokioTimer};
use dcv::verify::{DnsVerifier, Verifier as _};
use dcv::{AccountId, Scope};

use crate::faults::{cname, txt};
use crate::lab::{Lab, Zone};

pub(crate) const OWNER: &str = "_example-saas-challenge.example.com";

pub(crate) async fn challenge() -> Challenge {
    challenge_for("example.com").await
}

pub(crate) async fn challenge_for(domain: &str) -> Challenge {
    let dcv = Dcv::builder("example-saas").unwrap().build().unwrap();
    let account = AccountId::new("tenant-42").unwrap();
    let domain = domain.parse().unwrap();
    dcv.issue(&account, &domain, Scope::Host).await.unwrap()
}

pub(crate) fn record(challenge: &Challenge) -> hickory_server::proto::rr::Record {
    txt(OWNER, &[challenge.record().value().as_bytes()])
}

pub(crate) async fn examine(view: AuthoritativeLookup, challenge: &Challenge) -> Examination {
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
pub(crate) fn said(examination: &Examination) -> Vec<String> {
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

pub(crate) fn verdict(examination: &Examination) -> String {
    let verdict = examination.verdict();
    format!("{}/{}", verdict.name(), verdict.code())
}

/// A root at host 1, `com` at host 2, and `example.com` delegated to hosts 11 to 13.
pub(crate) async fn lab() -> Lab {
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

/// `example.com` at hosts 11 and 12, and `example.net` at hosts 21 and 22, both delegated.
pub(crate) async fn lab_of_two() -> Lab {
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
pub(crate) async fn lab_with_target(challenge: &Challenge) -> Lab {
    let mut lab = lab_of_two().await;
    for host in [21, 22] {
        let value = challenge.record().value().as_bytes();
        let zone = Zone::new("example.net").with(txt("t.example.net", &[value]));
        let zone = zone.with(cname("back.example.net", OWNER));
        lab.serve(host, zone).await;
    }
    lab
}
