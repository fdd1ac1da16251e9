use sha2::{Digest, Sha256};

use crate::dns::{Observation, PerspectiveId, Purpose, Question};
use crate::name::OwnerName;

use super::Case;
use super::judge::{self, Sight};
use super::probes::levels;

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
/// chose, one at every level down to the domain, to find out whether a wildcard answers (S-8).
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
                .map_or_else(Vec::new, |seen| siblings(case, seen))
        }
        _ => Vec::new(),
    }
}

/// A name beside the owner name, and beside each of its parents down to the domain, that no zone
/// holds.
fn siblings(case: &Case<'_>, seen: &Observation) -> Vec<Ask> {
    const MAX_WIRE: usize = 255;
    let challenge = case.challenge;
    let record_type = challenge.record().record_type();
    let label = nobody(case, seen);
    let levels = levels(challenge.owner(), challenge.domain().labels().count());
    let parents = std::iter::successors(challenge.owner().parent(), OwnerName::parent);
    let siblings = parents.take(levels.count()).filter_map(|parent| {
        // Short enough for a domain that leaves little room.
        let room = MAX_WIRE.saturating_sub(parent.as_wire().len() + 1);
        let label = label.as_bytes();
        parent.child(label.get(..room).unwrap_or(label)).ok()
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
fn nobody(case: &Case<'_>, seen: &Observation) -> String {
    let mut hash = Sha256::new();
    hash.update(b"dcv wildcard probe");
    hash.update(case.challenge.id().as_bytes());
    for expectation in case.challenge.expectations() {
        hash.update(expectation.fingerprint().as_bytes());
    }
    hash.update(seen.finished_at().unix_timestamp_nanos().to_be_bytes());
    let digest = data_encoding::HEXLOWER.encode(&hash.finalize());
    std::iter::once('_')
        .chain(digest.chars().take(24))
        .collect()
}
