use sha2::{Digest, Sha256};

use crate::dns::{Observation, PerspectiveId, Purpose, Question};
use crate::name::OwnerName;

use super::Case;
use super::judge::{self, Sight};

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

fn siblings(case: &Case<'_>, seen: &Observation) -> Vec<Ask> {
    let challenge = case.challenge;
    let record_type = challenge.record().record_type();
    let levels = judge::levels(challenge.owner(), challenge.domain().labels().count());
    let above = levels.count();
    let mut level = challenge.owner().clone();
    let mut asks = Vec::with_capacity(above);
    for depth in 0..above {
        let Some(parent) = level.parent() else { break };
        if let Some(sibling) = sibling(case, seen, &parent, depth) {
            let question = Question::new(sibling, record_type);
            asks.push(Ask {
                question,
                purpose: Purpose::WildcardProbe,
            });
        }
        level = parent;
    }
    asks
}

/// A name below `parent` that no zone holds. It hangs on the token and on the instant of the
/// look, so that it is another one each time and nobody knows it before.
fn sibling(
    case: &Case<'_>,
    seen: &Observation,
    parent: &OwnerName,
    depth: usize,
) -> Option<OwnerName> {
    const MAX_WIRE: usize = 255;
    let mut hash = Sha256::new();
    hash.update(b"dcv wildcard probe");
    hash.update(case.challenge.id().as_bytes());
    for expectation in case.challenge.expectations() {
        hash.update(expectation.fingerprint().as_bytes());
    }
    hash.update(seen.finished_at().unix_timestamp_nanos().to_be_bytes());
    hash.update(depth.to_be_bytes());
    let digest = data_encoding::HEXLOWER.encode(&hash.finalize());
    // Short enough for a domain that leaves little room.
    let room = MAX_WIRE.saturating_sub(parent.as_wire().len() + 2);
    let label: String = std::iter::once('_')
        .chain(digest.chars().take(room.min(24)))
        .collect();
    parent.child(label.as_bytes()).ok()
}
