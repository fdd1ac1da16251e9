//! The decision: from what was seen to a [`Verdict`], pure and total.
//!
//! [`questions()`] says what has to be asked, [`evaluate`] decides over what was seen, and
//! [`is_settled`] whether anything still outstanding could change that. None of them reads a
//! clock, asks the DNS or allocates for its decision.
//!
//! # The table
//!
//! Every perspective ends up as one of *match*, *negative*, *refusal* (bogus, or a wildcard that
//! cannot be verified, said by a trusted validator only), *wildcard*, or *failure*; perspectives of
//! one group count once, and a group whose members contradict each other is a failure. An
//! authoritative view is what the zone's name servers say together: more than half of them have to
//! answer, or half while all others are silent, and all of those alike; one that we did not ask, or did
//! not wait for, makes it a failure (S-2). With a quorum of k:
//!
//! | Verdict | When |
//! |---|---|
//! | `Rejected` | the challenge is closed or expired, or its domain is refused by the suffix guard |
//! | `Rejected` | a trusted validator refuses, and no trusted one has a definite answer |
//! | `Rejected` | wildcard ≥ k, or one trusted and secure wildcard |
//! | `Validated` | no trusted validator refuses, no authoritative view denies it, and one trusted and secure match, or, unless the policy requires that, match ≥ k for one token, with an authoritative view among them where there is one (S-2), and where there is none no trusted and secure negative |
//! | `Unproven` | negative ≥ k, or one trusted and secure negative |
//! | `Indeterminate` | anything else |
//!
//! [`Policy::ca_browser_forum`](crate::policy::Policy::ca_browser_forum) has a table of its own.
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

mod authoritative;
mod crowd;
mod examine;
mod forum;
mod judge;
mod matching;
mod probes;
mod questions;
mod settled;
mod tally;
mod verdict;

use time::UtcDateTime;

use crate::challenge::Challenge;
use crate::dns::{Observation, Provenance};
use crate::policy::Rules;
use crate::suffix::Admission;

pub use crate::evidence::Basis;
pub(crate) use crowd::kept;
pub(crate) use examine::forgiven;
pub use examine::{Examination, examine};
pub(crate) use matching::compare_data;
pub use questions::{Ask, questions};
pub use settled::is_settled;
pub use verdict::{Indeterminate, Rejected, Unproven, ValidatedControl, Verdict};

use forum::Corroboration;
use judge::is_of_check;
use tally::{Found, Tally};

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
    if is_issued_ahead(case) {
        return Verdict::Indeterminate {
            reason: Indeterminate::ClockSkew,
            seen: None,
        };
    }
    match case.rules.policy().primary() {
        Some(primary) => Corroboration::of(case, &admission, primary, &[]).verdict(case),
        None => decide(case, admission, &Tally::of(case, &admission, &[])),
    }
}

/// Whether nothing that was seen can count as the challenge is of a time to come (S-5): whoever
/// issued it has a clock that is ahead of ours, by less than the challenge lasts.
fn is_issued_ahead(case: &Case<'_>) -> bool {
    let (issued_at, now) = (case.challenge.issued_at(), case.now);
    let ahead = now < issued_at && issued_at - now <= case.challenge.expires_at() - issued_at;
    let mut seen = case.seen.iter();
    ahead && seen.any(|one| is_of_check(case, one) && one.finished_at() <= now)
}

fn decide(case: &Case<'_>, admission: Admission, tally: &Tally) -> Verdict {
    let needed = case.needed();
    if let (Some((reason, seen)), false) = (tally.refusal, tally.trusted_definite) {
        return Verdict::Rejected { reason, seen };
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
    // What signatures deny no majority of caches proves: they may all have been fed. Only the
    // zone's own servers can say that the denial is an old one.
    let contradicted = tally.secure_negative.is_some() && !authoritative;
    let unsigned = !case.rules.policy().requires_secure() && !contradicted;
    let quorum = || tally.quorum(agreeing, authoritative).filter(|_| unsigned);
    let proof = secure.or_else(|| quorum().map(|found| (found, Basis::Quorum)));
    if let (Some((found, basis)), None, None) = (proof, tally.refusal, tally.veto) {
        return proven(case, found, basis);
    }
    let quorum = tally.negative.filter(|_| tally.negatives >= needed);
    if let Some(found) = tally.secure_negative.or(quorum) {
        return Verdict::Unproven {
            reason: found.reason,
            seen: found.seen,
        };
    }
    tally.indeterminate(case, agreeing)
}

/// The record was found: proven, and with a witness when all of it was seen live (S-4).
fn proven(case: &Case<'_>, found: Found, basis: Basis) -> Verdict {
    let mut seen = case.seen.iter();
    let live = seen.all(|one| one.provenance() == Provenance::Live);
    let mut expectations = case.challenge.expectations().iter();
    let expectation = expectations.nth(usize::from(found.expectation));
    let witness = expectation.filter(|_| live).map(|expectation| {
        ValidatedControl::new(case.challenge, *expectation.fingerprint(), case.now)
    });
    Verdict::Validated {
        basis,
        seen: Some(found.seen),
        witness,
    }
}
