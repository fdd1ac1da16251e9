//! The decision: from what was seen to a [`Verdict`], pure and total.
//!
//! [`questions()`] says what has to be asked, [`evaluate`] decides over what was seen, and
//! [`is_settled`] whether anything still outstanding could change that. None of them reads a
//! clock, asks the DNS or allocates for its decision.
//!
//! # The table
//!
//! Every perspective ends up as one of *match*, *negative*, *bogus* (said by a trusted validator
//! only), *wildcard*, or *failure*; perspectives of one group count once, and a group whose
//! members contradict each other is a failure. With a quorum of k:
//!
//! | Verdict | When |
//! |---|---|
//! | `Rejected` | the challenge is closed or expired, or its domain is refused by the suffix guard |
//! | `Rejected` | a trusted validator says bogus, and no trusted one has a definite answer |
//! | `Rejected` | wildcard ≥ k, or one trusted and secure wildcard |
//! | `Validated` | nobody says bogus, no authoritative view denies it, and one trusted and secure match, or match ≥ k for one token, with an authoritative view among them where there is one (S-2) |
//! | `Unproven` | negative ≥ k, or one trusted and secure negative |
//! | `Indeterminate` | anything else |
//!
//! What was seen can be written down and decided over again, which proves nothing (S-4):
//!
//! ```
//! use dcv::challenge::Challenge;
//! use dcv::dns::{Answer, Observation, Perspective, Purpose};
//! use dcv::evaluate::{Case, evaluate};
//! use dcv::policy::{Policy, Rules, Wildcards};
//!
//! fn replay(challenge: &Challenge) -> Result<(), Box<dyn std::error::Error>> {
//!     let policy = Policy::single_resolver().with_wildcards(Wildcards::Accept);
//!     let perspective = Perspective::new("a".parse()?);
//!     let (who, at) = (perspective.id().clone(), challenge.issued_at());
//!     let rules = Rules::new(policy, vec![perspective])?;
//!     let answer = Answer::txt(["v=spf1 -all", challenge.record().value()]);
//!     let (question, purpose) = (challenge.question(), Purpose::Record);
//!     let seen = [Observation::replayed(who, question, purpose, at, at, Ok(answer))];
//!
//!     let verdict = evaluate(&Case::new(challenge, &rules, &seen, at));
//!     assert!(verdict.is_validated());
//!     assert!(verdict.witness().is_none());
//!     Ok(())
//! }
//! # use dcv::{issue, name::*, suffix::SuffixGuard, token::*};
//! # let naming = Naming::new(ProviderName::new("example-saas")?)?;
//! # let (guard, account) = (SuffixGuard::default(), AccountId::new("tenant-42")?);
//! # let wish = issue::admit(&naming, &guard, &account, &"example.com".parse()?, Scope::Host)?;
//! # let token = Token::new("mfrggzdfmztwq2lknnwg23tpobyxe43u")?;
//! # let (id, now) = (ChallengeId::from_bytes([7; 16]), time::UtcDateTime::UNIX_EPOCH);
//! # replay(&issue::compose(wish, id, token, &issue::Terms::new(), now)?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod examine;
mod judge;
mod matching;
mod questions;
mod tally;
mod verdict;

use time::UtcDateTime;

use crate::challenge::Challenge;
use crate::dns::{Observation, PerspectiveId, Provenance};
use crate::policy::{Rules, Wildcards};
use crate::suffix::Admission;

pub use crate::evidence::Basis;
pub use examine::{Examination, examine};
pub use questions::{Ask, questions};
pub use verdict::{Indeterminate, Rejected, Unproven, ValidatedControl, Verdict};

use tally::Tally;

/// What is decided about: a challenge, the rules, and what was seen until now.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub(crate) challenge: &'a Challenge,
    pub(crate) rules: &'a Rules,
    pub(crate) seen: &'a [Observation],
    pub(crate) now: UtcDateTime,
}

impl<'a> Case<'a> {
    /// The case of `challenge`, with everything that was seen for it until `now`. The order of
    /// the observations never changes a decision.
    #[must_use]
    pub fn new(
        challenge: &'a Challenge,
        rules: &'a Rules,
        seen: &'a [Observation],
        now: UtcDateTime,
    ) -> Self {
        Self {
            challenge,
            rules,
            seen,
            now,
        }
    }

    fn needed(&self) -> u8 {
        self.rules.quorum().needed()
    }

    /// What stands in the way whatever is seen; otherwise how the domain was admitted.
    fn admission(&self) -> Result<Admission, Rejected> {
        if !self.challenge.is_open() {
            return Err(Rejected::Closed);
        }
        if self.now >= self.challenge.expires_at() {
            return Err(Rejected::Expired);
        }
        let guard = self.rules.guard();
        let admission = guard.check(self.challenge.domain(), self.challenge.scope());
        admission.map_err(|_| Rejected::Suffix)
    }
}

/// Decides. Total: every case has a verdict, and none panics.
///
/// The `seen` numbers in the verdict are positions in the observations given.
#[must_use]
pub fn evaluate(case: &Case<'_>) -> Verdict {
    let admission = match case.admission() {
        Ok(admission) => admission,
        Err(reason) => return Verdict::Rejected { reason, seen: None },
    };
    decide(case, admission, &Tally::of(case, &admission, &[]))
}

fn decide(case: &Case<'_>, admission: Admission, tally: &Tally) -> Verdict {
    let needed = case.needed();
    if let (Some(seen), false) = (tally.bogus, tally.trusted_definite) {
        return Verdict::Rejected {
            reason: Rejected::Bogus,
            seen: Some(seen),
        };
    }
    if let Some(seen) = tally
        .wildcard
        .filter(|_| tally.wildcards >= needed || tally.secure_wildcard)
    {
        return Verdict::Rejected {
            reason: Rejected::Wildcard,
            seen: Some(seen),
        };
    }
    // Below a PRIVATE suffix no single view is a quorum (S-9).
    let alone = admission.allows_single_view();
    let agreeing = if alone { needed } else { needed.max(2) };
    let secure = tally.secure_match().map(|found| (found, Basis::Secure));
    let authoritative = case.rules.has_authoritative_view();
    let quorum = || tally.quorum(agreeing, authoritative);
    let proof = secure.or_else(|| quorum().map(|found| (found, Basis::Quorum)));
    if let (Some((found, basis)), None, None) = (proof, tally.bogus, tally.veto) {
        let live = case
            .seen
            .iter()
            .all(|one| one.provenance() == Provenance::Live);
        let expectation = case
            .challenge
            .expectations()
            .get(usize::from(found.expectation));
        let witness = expectation.filter(|_| live).map(|expectation| {
            ValidatedControl::new(case.challenge, *expectation.fingerprint(), case.now)
        });
        return Verdict::Validated {
            basis,
            seen: Some(found.seen),
            witness,
        };
    }
    let quorum = tally.negative.filter(|_| tally.negatives >= needed);
    if let Some(found) = tally.secure_negative.or(quorum) {
        return Verdict::Unproven {
            reason: found.reason,
            seen: found.seen,
        };
    }
    tally.indeterminate(agreeing)
}

/// Whether the verdict stays as it is, whatever the perspectives still say that are
/// `outstanding`: those that were not asked to the end yet.
#[must_use]
pub fn is_settled(case: &Case<'_>, outstanding: &[PerspectiveId]) -> bool {
    let Ok(admission) = case.admission() else {
        return true;
    };
    if outstanding.is_empty() {
        return true;
    }
    let Some(more) = tally::groups_that_may_come(case, outstanding) else {
        return false;
    };
    // What the outstanding ones have said so far is not all they say, and counts for nothing here.
    let tally = Tally::of(case, &admission, outstanding);
    let needed = case.needed();
    let reachable = |count: u8| count.saturating_add(more) >= needed;
    let wildcard = case.rules.policy().wildcards() == Wildcards::Reject;
    let wildcard = wildcard && reachable(tally.wildcards);
    let matches = tally.matches();
    match decide(case, admission, &tally) {
        Verdict::Rejected { .. } => true,
        Verdict::Validated { .. } => matches >= needed || !wildcard,
        Verdict::Unproven { .. } => tally.negatives >= needed || !wildcard && !reachable(matches),
        Verdict::Indeterminate { .. } => {
            !wildcard && !reachable(matches) && !reachable(tally.negatives)
        }
    }
}
