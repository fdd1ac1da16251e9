//! What a transcript keeps of an answer.

use super::near::Near;
use crate::dns::{Answer, Observation, Outcome, RecordData, ResourceRecord, Withheld};

/// The most records of an answer that are told of one by one without being kept, of each kind.
const MAX_WITHHELD: usize = 4;

/// The most octets of a record of another type that are kept: it may be an address.
const MAX_OTHER: usize = 64;

/// The observation without other people's records.
pub(super) fn redacted<'a>(near: &mut Near<'a>, one: &'a Observation) -> Observation {
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

fn answer_of<'a>(near: &mut Near<'a>, answer: &'a Answer) -> Answer {
    match answer.outcome() {
        Outcome::Records(records) => {
            let records = records_of(near, records);
            answer.clone().with_outcome(Outcome::Records(records))
        }
        _ => answer.clone(),
    }
}

/// The records in their order. Those that are only counted are counted with the last of their kind
/// that is told of; it has the longest TTL of theirs.
fn records_of<'a>(near: &mut Near<'a>, records: &'a [ResourceRecord]) -> Vec<ResourceRecord> {
    let mut kept = Vec::new();
    let (mut txts, mut others) = (Told::default(), Told::default());
    for record in records {
        match record.data() {
            RecordData::Txt(txt) if !near.is_near(txt.data()) => {
                txts.add(&mut kept, record.ttl(), 0, || Withheld::txt(txt.data()));
            }
            RecordData::Other(data) if data.len() > MAX_OTHER && !near.is_in(data) => {
                others.add(&mut kept, record.ttl(), 0, || Withheld::other(data));
            }
            RecordData::Withheld(withheld) => {
                let told = match withheld.is_txt() {
                    true => &mut txts,
                    false => &mut others,
                };
                told.add(&mut kept, record.ttl(), withheld.more(), || {
                    withheld.clone()
                });
            }
            RecordData::Txt(_) | RecordData::Name(_) | RecordData::Other(_) => {
                kept.push(record.clone());
            }
        }
    }
    kept
}

/// The records of one kind that are told of without being kept.
#[derive(Debug, Default)]
struct Told {
    count: usize,
    /// Where the last of them stands.
    last: usize,
}

impl Told {
    /// Adds one that stands for `more` beside itself. It is made only where it is told of: a digest
    /// of each would cost more than all the rest.
    fn add(
        &mut self,
        kept: &mut Vec<ResourceRecord>,
        ttl: u32,
        more: u32,
        withheld: impl FnOnce() -> Withheld,
    ) {
        let last = kept.get_mut(self.last);
        let last = last.filter(|_| self.count >= MAX_WITHHELD);
        if let Some(last) = last
            && let RecordData::Withheld(known) = last.data()
        {
            let all = known.clone().and_more(more.saturating_add(1));
            *last = ResourceRecord::new(last.ttl().max(ttl), RecordData::Withheld(all));
        } else {
            self.count += 1;
            self.last = kept.len();
            kept.push(ResourceRecord::new(ttl, RecordData::Withheld(withheld())));
        }
    }
}
