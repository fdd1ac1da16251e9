//! An order of observations that depends on nothing but themselves.

use std::cmp::Ordering;

use crate::dns::{Answer, LookupFailure, Observation, Outcome, RecordData, ResourceRecord};

/// The observations in that order. What was said counts last, and is seldom needed.
pub(super) fn sorted(mut seen: Vec<&Observation>) -> Vec<&Observation> {
    fn key(one: &Observation) -> impl Ord + '_ {
        let question = one.question();
        let server = one.server();
        (
            question.name(),
            question.record_type(),
            one.perspective(),
            server.map(|server| {
                (
                    server.name(),
                    server.zone(),
                    server.address(),
                    server.serial(),
                )
            }),
            (one.started_at(), one.finished_at(), one.attempt()),
        )
    }
    seen.sort_by(|a, b| {
        key(a)
            .cmp(&key(b))
            .then_with(|| (a.purpose() as u8).cmp(&(b.purpose() as u8)))
            .then_with(|| results(a.result(), b.result()))
    });
    seen
}

/// By the records, where both have some, as they are: they may be many and long, and are compared
/// up to the first difference. All the rest is short, and written out.
fn results(a: Result<&Answer, &LookupFailure>, b: Result<&Answer, &LookupFailure>) -> Ordering {
    let records = match (a.map(Answer::outcome), b.map(Answer::outcome)) {
        (Ok(Outcome::Records(a)), Ok(Outcome::Records(b))) => {
            a.iter().map(record).cmp(b.iter().map(record))
        }
        (Ok(Outcome::Records(_)), _) => Ordering::Greater,
        (_, Ok(Outcome::Records(_))) => Ordering::Less,
        _ => Ordering::Equal,
    };
    records.then_with(|| rest(a).cmp(&rest(b)))
}

/// A record, in an order of its own.
fn record(one: &ResourceRecord) -> impl Ord + '_ {
    let (kind, octets, more) = match one.data() {
        RecordData::Txt(txt) => (0, txt.data(), 0),
        RecordData::Name(name) => (1, name.as_wire(), 0),
        RecordData::Other(octets) => (2, octets.as_slice(), 0),
        RecordData::Withheld(one) => (3, one.digest().as_slice(), one.more()),
    };
    (kind, octets, more, one.ttl())
}

/// Everything but records, written out.
fn rest(result: Result<&Answer, &LookupFailure>) -> String {
    match result {
        Ok(answer) => {
            let outcome = match answer.outcome() {
                Outcome::Records(_) => None,
                other => Some(other),
            };
            let flags = (
                answer.security(),
                answer.is_authoritative(),
                answer.signed_until(),
            );
            format!(
                "{:?}",
                (outcome, answer.aliases(), flags, answer.extended_errors())
            )
        }
        Err(failure) => format!("{failure:?}"),
    }
}
