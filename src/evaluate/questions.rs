use sha2::{Digest, Sha256};

use crate::dns::{Observation, PerspectiveId, Purpose, Question};
use crate::name::OwnerName;

use super::Case;
use super::judge::{self, Sight};
use super::probes::{BESIDE_OWNER, levels, wants_second_look};

/// A question to ask, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ask {
    question: Question,
    purpose: Purpose,
}

impl Ask {
    /// The question.
    #[must_use]
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Why it is asked.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }
}

/// What a perspective has to be asked next, given what was seen until now; nothing when it has
/// said all it can.
///
/// First the record itself, and exactly its owner name: nothing else ever proves anything
/// (SC-02). Once the record was seen, and only then, siblings of the owner name that nobody
/// chose, to find out whether a wildcard answers: two beside the owner name, and one at every level
/// above it down to the domain. Where those have aliases and the owner name has another, the owner
/// name once more (S-8).
#[must_use]
pub fn questions(case: &Case<'_>, perspective: &PerspectiveId) -> Vec<Ask> {
    let (Ok(admission), Some(perspective)) =
        (case.admission(), case.rules.perspective(perspective))
    else {
        return Vec::new();
    };
    let (sight, seen) = judge::sight(case, perspective, &admission);
    match (sight, seen) {
        (Sight::Nothing, _) => {
            vec![Ask {
                question: case.challenge.question(),
                purpose: Purpose::Record,
            }]
        }
        (Sight::ProbesMissing, Some(index)) => {
            let index = usize::try_from(index).ok();
            index
                .and_then(|index| case.seen.get(index))
                .map_or_else(Vec::new, |seen| {
                    let mut asks = siblings(case, seen);
                    if wants_second_look(case, perspective) {
                        let question = case.challenge.question();
                        let purpose = Purpose::WildcardProbe;
                        asks.push(Ask { question, purpose });
                    }
                    asks
                })
        }
        _ => Vec::new(),
    }
}

/// Names beside the owner name, and beside each of its parents down to the domain, that no zone
/// holds.
fn siblings(case: &Case<'_>, seen: &Observation) -> Vec<Ask> {
    const MAX_WIRE: usize = 255;
    let challenge = case.challenge;
    let record_type = challenge.record().record_type();
    let labels: [String; BESIDE_OWNER] = std::array::from_fn(|number| nobody(case, seen, number));
    let levels = levels(challenge.owner(), challenge.domain().labels().count());
    let parents = std::iter::successors(challenge.owner().parent(), OwnerName::parent);
    let parents = parents.take(levels.count()).enumerate();
    let siblings = parents.flat_map(|(level, parent)| {
        let count = if level == 0 { BESIDE_OWNER } else { 1 };
        let labels = labels.iter().take(count);
        labels.filter_map(move |label| {
            // Short enough for a domain that leaves little room.
            let room = MAX_WIRE.saturating_sub(parent.as_wire().len() + 1);
            let label = label.as_bytes();
            parent.child(label.get(..room).unwrap_or(label)).ok()
        })
    });
    siblings
        .map(|name| Ask {
            question: Question::new(name, record_type),
            purpose: Purpose::WildcardProbe,
        })
        .collect()
}

/// A label that nobody chose. It hangs on the token and on the instant of the look, so that it is
/// another one each time and nobody knows it before.
fn nobody(case: &Case<'_>, seen: &Observation, number: usize) -> String {
    let mut hash = Sha256::new();
    hash.update(b"dcv wildcard probe");
    hash.update(case.challenge.id().as_bytes());
    for expectation in case.challenge.expectations() {
        hash.update(expectation.fingerprint().as_bytes());
    }
    hash.update(seen.finished_at().unix_timestamp_nanos().to_be_bytes());
    hash.update(number.to_be_bytes());
    let digest = data_encoding::HEXLOWER.encode(&hash.finalize());
    std::iter::once('_')
        .chain(digest.chars().take(24))
        .collect()
}
