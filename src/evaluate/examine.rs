use time::UtcDateTime;

use crate::challenge::Challenge;
use crate::dns::{Observation, Outcome, Perspective, Purpose, View};
use crate::evidence::{Evidence, Sighting};
use crate::policy::Rules;
use crate::record::Forgiven;
use crate::token::{ChallengeId, TokenFingerprint};

use super::judge::{self, Sight, counts, shows_zone};
use super::{Case, Verdict, evaluate, kept, matching};

/// A check that was carried out: what was decided about one revision of a challenge, what was
/// seen, and what is kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    challenge: ChallengeId,
    revision: u64,
    verdict: Verdict,
    observations: Vec<Observation>,
    evidence: Option<Evidence>,
    denied_until: Option<UtcDateTime>,
    forgiven: Forgiven,
    queries: u32,
    finished_at: UtcDateTime,
}

impl Examination {
    /// [`examine`], over observations that need not be copied.
    pub(crate) fn conclude(
        challenge: &Challenge,
        rules: &Rules,
        observations: Vec<Observation>,
        now: UtcDateTime,
    ) -> Self {
        let case = Case::new(challenge, rules, &observations, now);
        let verdict = evaluate(&case);
        let evidence = collect(&case, &verdict);
        let denied_until = denied_until(&case);
        let forgiven = forgiven(&case);
        Self {
            challenge: *challenge.id(),
            revision: challenge.revision(),
            verdict,
            observations,
            evidence,
            denied_until,
            forgiven,
            queries: 0,
            finished_at: now,
        }
    }

    /// The same, after so many queries.
    pub(crate) fn with_queries(self, queries: u32) -> Self {
        Self { queries, ..self }
    }

    /// The challenge that was checked.
    #[must_use]
    pub fn challenge(&self) -> &ChallengeId {
        &self.challenge
    }

    /// The revision of the challenge that was checked: the verdict is for no other (S-15).
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

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

    /// How many queries went out for it, probes, retries and all else included (S-16); 0 when it
    /// was decided over what had been seen before.
    #[must_use]
    pub fn queries(&self) -> u32 {
        self.queries
    }

    /// Until when resolvers may go on denying the record, whatever the zone says by now (L-02);
    /// `None` when none of them denied it from a cache that outlasts the check.
    ///
    /// A resolver keeps a negative answer for the smaller of the SOA's TTL and its minimum field,
    /// and counts that TTL down (RFC 2308 §5): so it has that much left from when it was asked.
    /// Authoritative views have no cache, and do not appear here.
    #[must_use]
    pub fn denied_until(&self) -> Option<UtcDateTime> {
        self.denied_until
    }

    /// What was forgiven in the record, by whomever it was seen so: spaces where there should be
    /// none, for example (K-10, K-12). Nothing where a record was there too that needs no pardon.
    #[must_use]
    pub fn forgiven(&self) -> Forgiven {
        self.forgiven
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

/// Decides over a case, and keeps what belongs to the decision: of each answer no more than
/// [`MAX_RECORDS`](crate::dns::MAX_RECORDS) records, the further ones counted (S-16).
#[must_use]
pub fn examine(case: &Case<'_>) -> Examination {
    let (challenge, rules) = (case.challenge, case.rules);
    let seen = case.seen.iter().cloned();
    let seen = seen.map(|one| kept(challenge, rules, one));
    Examination::conclude(challenge, rules, seen.collect(), case.now)
}

fn collect(case: &Case<'_>, verdict: &Verdict) -> Option<Evidence> {
    let Verdict::Validated { basis, .. } = verdict else {
        return None;
    };
    let witness = verdict.witness()?;
    let quorum = case.rules.quorum();
    let mut evidence = Evidence::new(*witness.token(), *basis, quorum, witness.at());
    let perspectives = case.rules.perspectives().iter();
    let token = witness.token();
    for sighting in perspectives.filter_map(|perspective| sighting(case, perspective, token)) {
        evidence.add(sighting);
    }
    Some(evidence)
}

/// What a perspective saw, if that counted as the record.
fn sighting(
    case: &Case<'_>,
    perspective: &Perspective,
    token: &TokenFingerprint,
) -> Option<Sighting> {
    let admission = case.admission().ok()?;
    let (Sight::Match { .. }, Some(index)) = judge::sight(case, perspective, &admission) else {
        return None;
    };
    let seen = case.seen.get(usize::try_from(index).ok()?)?;
    let answer = seen.result().ok()?;
    let Outcome::Records(records) = answer.outcome() else {
        return None;
    };
    Some(Sighting {
        perspective: perspective.clone(),
        at: seen.finished_at(),
        final_name: answer.final_name(seen.question().name())?.clone(),
        ttl: records.first()?.ttl(),
        security: answer.security(),
        authoritative: answer.is_authoritative(),
        signed_until: answer.signed_until(),
        forgiven: matching::forgiven(case, seen, Some(token)).unwrap_or_default(),
    })
}

/// What was forgiven in what all that count saw of the record.
pub(crate) fn forgiven(case: &Case<'_>) -> Forgiven {
    let seen = case.seen.iter().filter(|one| {
        one.purpose() == Purpose::Record
            && case.rules.perspective(one.perspective()).is_some()
            && counts(case, one)
    });
    let each = seen.filter_map(|one| matching::forgiven(case, one, None));
    each.fold(Forgiven::default(), Forgiven::and)
}

/// The end of the last negative answer in a cache.
fn denied_until(case: &Case<'_>) -> Option<UtcDateTime> {
    let ends = case.seen.iter().filter_map(|one| {
        let perspective = case.rules.perspective(one.perspective())?;
        let asked = one.question().name();
        let cached = perspective.view() == View::Recursive
            && one.purpose() == Purpose::Record
            && asked == case.challenge.owner()
            && counts(case, one);
        let answer = one.result().ok().filter(|_| cached)?;
        let Outcome::Absent(absence) = answer.outcome() else {
            return None;
        };
        let end = answer.final_name(asked)?;
        let soa = absence.soa().filter(|_| shows_zone(absence, end))?;
        let left = time::Duration::try_from(soa.negative_ttl()).ok()?;
        let until = one.finished_at().checked_add(left);
        Some(until.unwrap_or(UtcDateTime::MAX))
    });
    ends.max().filter(|until| *until > case.now)
}
