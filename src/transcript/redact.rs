//! What a transcript keeps of an answer.

use super::near::Near;
use crate::dns::{Answer, Observation, Outcome, RecordData, ResourceRecord, Withheld};

/// The most records of an answer that are told of one by one without being kept, of each kind.
const MAX_WITHHELD: usize = 4;

/// The most records of an answer that are kept for their type, and the most octets of each.
const MAX_OTHERS: usize = 16;
const MAX_OTHER: usize = 64;

/// The observation without other people's records.
pub(super) fn redacted(near: &Near<'_>, one: &Observation) -> Observation {
    let result = match one.result() {
        Ok(answer) => Ok(answer_of(near, answer)),
        Err(failure) => Err(failure.clone()),
    };
    let seen = Observation::replayed(
        one.perspective().clone(),
        one.question().clone(),
        one.purpose(),
        one.started_at(),
        one.finished_at(),
        result,
    );
    let seen = seen.with_attempt(one.attempt());
    match one.server() {
        Some(server) => seen.with_server(server.clone()),
        None => seen,
    }
}

fn answer_of(near: &Near<'_>, answer: &Answer) -> Answer {
    match answer.outcome() {
        Outcome::Records(records) => answer
            .clone()
            .with_outcome(Outcome::Records(records_of(near, records))),
        _ => answer.clone(),
    }
}

/// The records in their order. Those that are only counted are counted with the last of their kind
/// that is told of.
fn records_of(near: &Near<'_>, records: &[ResourceRecord]) -> Vec<ResourceRecord> {
    let (mut kept, mut others) = (Vec::new(), 0_usize);
    // Of TXT records and of others: how many are told of, and the last, with its place.
    let mut last: [(usize, Option<(usize, u32, Withheld)>); 2] = Default::default();
    for record in records {
        let withheld = match record.data() {
            RecordData::Txt(txt) if near.is_near(txt.data()) => None,
            RecordData::Txt(txt) => Some(Withheld::txt(txt.data())),
            RecordData::Other(data) if near.has_piece(data) => None,
            RecordData::Other(data) if data.len() > MAX_OTHER => Some(Withheld::other(data)),
            RecordData::Other(_) | RecordData::Name(_) if others < MAX_OTHERS => {
                others += 1;
                None
            }
            RecordData::Other(data) => Some(Withheld::other(data)),
            RecordData::Name(name) => Some(Withheld::other(name.as_wire())),
            RecordData::Withheld(withheld) => Some(withheld.clone()),
        };
        let Some(withheld) = withheld else {
            kept.push(record.clone());
            continue;
        };
        let [txts, rest] = &mut last;
        let (told, last) = if withheld.is_txt() { txts } else { rest };
        match last {
            Some((_, _, last)) if *told >= MAX_WITHHELD => {
                let more = withheld.more().saturating_add(1);
                *last = last.clone().and_more(more);
            }
            _ => {
                *told += 1;
                *last = Some((kept.len(), record.ttl(), withheld.clone()));
                let data = RecordData::Withheld(withheld);
                kept.push(ResourceRecord::new(record.ttl(), data));
            }
        }
    }
    for (place, ttl, withheld) in last.into_iter().filter_map(|(_, last)| last) {
        if let Some(record) = kept.get_mut(place) {
            *record = ResourceRecord::new(ttl, RecordData::Withheld(withheld));
        }
    }
    kept
}
