//! What is kept of an answer with more records than are kept (S-16).
//!
//! A name that others publish at may have thousands of records: as many as fit into 64 KiB. All of
//! them are compared, once. Then those go that nothing hangs on, and are counted.

use crate::challenge::Challenge;
use crate::dns::{Answer, MAX_RECORDS, Observation, Outcome, RecordData, ResourceRecord, Withheld};
use crate::policy::Rules;
use crate::record::Forgiven;

use super::matching::{self, Miss};

/// So many octets at the beginning of a token, in any case, make a record worth keeping: it may be
/// the user's, with a mistake in it.
const HEAD: usize = 8;

/// The same observation, with no more records than are kept.
///
/// Every decision over it is the same: of what the records are to an expectation, the one that says
/// most is kept. Then come those with the beginning of a token, then the others in their order.
pub(crate) fn kept(challenge: &Challenge, rules: &Rules, one: Observation) -> Observation {
    one.map_answer(|answer| match answer.outcome() {
        Outcome::Records(records) if records.len() > MAX_RECORDS => {
            let few = Outcome::Records(thinned(challenge, rules, records));
            Answer::with_outcome(answer, few)
        }
        _ => answer,
    })
}

fn thinned(
    challenge: &Challenge,
    rules: &Rules,
    records: &[ResourceRecord],
) -> Vec<ResourceRecord> {
    let mut keeps = vec![false; records.len()];
    let mut best = [None; Challenge::MAX_EXPECTATIONS];
    // Beside those that are kept stands one that counts the rest, of TXT and of other types each.
    let is_txt = |record: &ResourceRecord| match record.data() {
        RecordData::Txt(_) => true,
        RecordData::Withheld(one) => one.is_txt(),
        _ => false,
    };
    let kinds = if records.iter().all(is_txt) { 1 } else { 2 };
    let mut left = MAX_RECORDS - kinds;
    let mut keep = |wanted: &mut dyn FnMut(&ResourceRecord) -> bool| {
        for (record, keeps) in records.iter().zip(&mut keeps) {
            if left > 0 && !*keeps && wanted(record) {
                *keeps = true;
                left -= 1;
            }
        }
    };
    keep(&mut |record| says_more(challenge, rules, record, &mut best));
    keep(&mut |record| is_near(challenge, record));
    keep(&mut |_| true);

    let mut few = Vec::with_capacity(MAX_RECORDS);
    let (mut txts, mut others) = (Rest::default(), Rest::default());
    for (record, keeps) in records.iter().zip(keeps) {
        if keeps {
            few.push(record.clone());
            continue;
        }
        let rest = if is_txt(record) {
            &mut txts
        } else {
            &mut others
        };
        rest.add(record);
    }
    few.extend([txts, others].into_iter().filter_map(Rest::told));
    few
}

/// What a record is to an expectation; what says more is greater. Of several that meet it, the one
/// that was written best says most.
fn weight(found: Result<Forgiven, Miss>) -> usize {
    match found {
        Err(miss) => miss as usize,
        Ok(forgiven) => usize::MAX - forgiven.words().count(),
    }
}

/// Whether the record says more to an expectation than those before it.
fn says_more(
    challenge: &Challenge,
    rules: &Rules,
    record: &ResourceRecord,
    best: &mut [Option<usize>; Challenge::MAX_EXPECTATIONS],
) -> bool {
    let (reading, formats) = (rules.policy().reading(), rules.formats());
    let mut more = false;
    for (expectation, best) in challenge.expectations().iter().zip(best) {
        let found = weight(matching::compare(record, expectation, reading, formats));
        if best.is_none_or(|best| found > best) {
            *best = Some(found);
            more = true;
        }
    }
    more
}

fn is_near(challenge: &Challenge, record: &ResourceRecord) -> bool {
    let RecordData::Txt(txt) = record.data() else {
        return false;
    };
    challenge.expectations().iter().any(|expectation| {
        let token = expectation.token().as_str().as_bytes();
        let head = token.get(..HEAD).unwrap_or(token);
        let mut windows = txt.data().windows(head.len().max(1));
        windows.any(|window| window.eq_ignore_ascii_case(head))
    })
}

/// Records of one kind that are counted alone.
#[derive(Debug, Default)]
struct Rest<'a> {
    first: Option<&'a ResourceRecord>,
    /// How many more there are.
    more: u32,
    /// The longest TTL of theirs, in seconds.
    ttl: u32,
}

impl<'a> Rest<'a> {
    fn add(&mut self, record: &'a ResourceRecord) {
        self.ttl = self.ttl.max(record.ttl());
        if self.first.is_none() {
            self.first = Some(record);
            return;
        }
        let known = match record.data() {
            RecordData::Withheld(withheld) => withheld.more(),
            _ => 0,
        };
        self.more = self.more.saturating_add(known).saturating_add(1);
    }

    fn told(self) -> Option<ResourceRecord> {
        let first = match self.first?.data() {
            RecordData::Txt(txt) => Withheld::txt(txt.data()),
            RecordData::Name(name) => Withheld::other(name.as_wire()),
            RecordData::Other(data) => Withheld::other(data),
            RecordData::Withheld(withheld) => withheld.clone(),
        };
        let data = RecordData::Withheld(first.and_more(self.more));
        Some(ResourceRecord::new(self.ttl, data))
    }
}
