use time::UtcDateTime;

use crate::dns::{Observation, Outcome, Purpose};
use crate::evidence::{Evidence, Sighting};

use super::{Case, Verdict, evaluate, matching};

/// A check that was carried out: what was decided, what was seen, and what is kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    verdict: Verdict,
    observations: Vec<Observation>,
    evidence: Option<Evidence>,
    finished_at: UtcDateTime,
}

impl Examination {
    /// The decision.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Everything that was seen.
    #[must_use]
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// What is kept with a proof; `None` unless validated by a live look.
    #[must_use]
    pub fn evidence(&self) -> Option<&Evidence> {
        self.evidence.as_ref()
    }

    /// When it was decided.
    #[must_use]
    pub fn finished_at(&self) -> UtcDateTime {
        self.finished_at
    }

    /// The observation that the verdict rests on.
    #[must_use]
    pub fn decisive(&self) -> Option<&Observation> {
        self.verdict
            .seen()
            .and_then(|index| self.observations.get(index))
    }
}

/// Decides over a case, and keeps what belongs to the decision.
#[must_use]
pub fn examine(case: &Case<'_>) -> Examination {
    let verdict = evaluate(case);
    Examination {
        verdict,
        observations: case.seen.to_vec(),
        evidence: collect(case, &verdict),
        finished_at: case.now,
    }
}

fn collect(case: &Case<'_>, verdict: &Verdict) -> Option<Evidence> {
    let Verdict::Validated {
        basis,
        witness: Some(witness),
        ..
    } = verdict
    else {
        return None;
    };
    let quorum = case.rules.policy().quorum();
    let mut evidence = Evidence::new(*witness.token(), *basis, quorum, witness.at());
    for seen in case
        .seen
        .iter()
        .filter(|seen| seen.purpose() == Purpose::Record)
    {
        let Some(sighting) = sighting(case, seen) else {
            continue;
        };
        evidence.add(sighting);
    }
    Some(evidence)
}

fn sighting(case: &Case<'_>, seen: &Observation) -> Option<Sighting> {
    let answer = seen.result().ok()?;
    let Outcome::Records(records) = answer.outcome() else {
        return None;
    };
    matching::find(case, records).ok()?;
    Some(Sighting {
        perspective: case.rules.perspective(seen.perspective())?.clone(),
        at: seen.finished_at(),
        final_name: answer.final_name(seen.question().name())?.clone(),
        ttl: records.first()?.ttl(),
        security: answer.security(),
        authoritative: answer.is_authoritative(),
    })
}
