//! A question, and a lookup that asks a server of the test.

#![allow(dead_code, reason = "not every test needs every helper")]

use std::net::SocketAddr;
use std::time::Duration;

use dcv::dns::{Answer, LookupFailure, Outcome, Question, RecordData};
use dcv::lookup::{Budget, DnsLookup, HickoryLookup, LookupError};

use crate::faults::{Asked, FaultServer, Send, txt};

pub(crate) const ASKED: &str = "_example-challenge.example.com";
pub(crate) const TOKEN: &[u8] = b"token=aaaabbbbccccddddeeeeffffgggghhhhiiiijjjj";

pub(crate) fn question() -> Question {
    Question::txt(ASKED.parse().unwrap())
}

/// Waits long enough for a server on a busy machine.
pub(crate) fn lookup_at(servers: &[SocketAddr]) -> HickoryLookup {
    HickoryLookup::from_servers(servers.iter().copied())
        .unwrap()
        .with_udp_tries(Duration::from_secs(5), 2)
        .with_tcp_timeout(Duration::from_secs(5))
}

/// For servers that do not answer.
pub(crate) fn hasty_lookup_at(servers: &[SocketAddr]) -> HickoryLookup {
    lookup_at(servers)
        .with_udp_tries(Duration::from_millis(300), 2)
        .with_tcp_timeout(Duration::from_millis(400))
}

/// Every lookup ends by itself, long before this.
pub(crate) async fn ask(lookup: &HickoryLookup, budget: &Budget) -> Result<Answer, LookupError> {
    let question = question();
    let lookup = lookup.lookup(&question, budget);
    tokio::time::timeout(Duration::from_secs(60), lookup)
        .await
        .expect("the lookup hangs")
}

pub(crate) async fn ask_one(server: &FaultServer) -> Result<Answer, LookupFailure> {
    let answer = ask(&lookup_at(&[server.addr()]), &Budget::default()).await;
    answer.map_err(LookupError::into_failure)
}

/// Asks a server that does `what`, and expects this failure.
pub(crate) async fn expect_failure(what: &str, server: SocketAddr, expected: &LookupFailure) {
    let lookup = match expected {
        LookupFailure::Timeout | LookupFailure::Truncated => hasty_lookup_at(&[server]),
        _ => lookup_at(&[server]),
    };
    let looked = ask(&lookup, &Budget::default())
        .await
        .map_err(LookupError::into_failure);
    assert_eq!(looked.as_ref(), Err(expected), "{what}");
}

/// The joined TXT data of an answer.
pub(crate) fn data(answer: &Answer) -> Vec<Vec<u8>> {
    let Outcome::Records(records) = answer.outcome() else {
        panic!("no records: {answer:?}");
    };
    let data = records.iter().map(|record| match record.data() {
        RecordData::Txt(txt) => txt.data().to_vec(),
        other => panic!("not TXT: {other:?}"),
    });
    data.collect()
}

pub(crate) fn token(asked: &Asked) -> Vec<Send> {
    asked.answer([txt(ASKED, &[TOKEN])])
}
