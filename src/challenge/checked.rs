//! What no challenge contradicts, whether it was composed or read from a store (S-4).

use super::{Challenge, ChallengeError, Expectation, Form, State};
use crate::dns::RecordType;
use crate::evidence::Evidence;
use crate::name::OwnerName;
use crate::record::{self, Reading};

impl Challenge {
    /// Checks what no challenge may contradict.
    pub(crate) fn checked(self) -> Result<Self, ChallengeError> {
        let found = self.expectations.len();
        if found == 0 || found > Self::MAX_EXPECTATIONS {
            return Err(ChallengeError::Expectations { found });
        }
        let owner = self.record.owner();
        let underscore = owner
            .labels()
            .next()
            .is_some_and(|label| label.starts_with(b"_"));
        if !underscore || !owner.is_within(&OwnerName::from(&self.domain)) {
            let (owner, domain) = (owner.clone(), self.domain.clone());
            return Err(ChallengeError::Owner { owner, domain });
        }
        if self.expires_at <= self.issued_at {
            let (issued_at, expires_at) = (self.issued_at, self.expires_at);
            return Err(ChallengeError::Validity {
                issued_at,
                expires_at,
            });
        }
        if self.revision == 0 || self.revision > Self::MAX_REVISION {
            let revision = self.revision;
            return Err(ChallengeError::Revision { revision });
        }
        if u64::from(self.attempts) > Self::MAX_REVISION {
            let attempts = self.attempts;
            return Err(ChallengeError::Attempts { attempts });
        }
        self.check_record()?;
        self.check_evidence()?;
        // A proof is a check, and a change of what was issued.
        let unlooked = self.last_checked_at.is_none() && self.evidence.is_none();
        let looked =
            unlooked || self.attempts > 0 && (self.evidence.is_none() || self.revision > 1);
        let planned = self.next_check_at.is_none() || self.is_open();
        if looked && planned {
            Ok(self)
        } else {
            Err(ChallengeError::Checks)
        }
    }

    /// What the user is asked to publish proves the challenge.
    fn check_record(&self) -> Result<(), ChallengeError> {
        let value = self.record.value();
        let is_right = match self.record.record_type() {
            RecordType::TXT => self.expectations.iter().any(|one| is_written(one, value)),
            // No form of ours writes one; it can be read and explained, and proves nothing.
            RecordType::CNAME => OwnerName::parse(value).is_ok(),
            record_type => return Err(ChallengeError::RecordType { record_type }),
        };
        is_right.then_some(()).ok_or(ChallengeError::Value)
    }

    /// There is evidence exactly where there was a proof, and both tell the same of it.
    fn check_evidence(&self) -> Result<(), ChallengeError> {
        let (needed, allowed) = match self.state {
            State::Validated { .. } | State::Ended { .. } => (true, true),
            State::Cancelled { .. } => (false, true),
            State::Pending | State::Expired { .. } => (false, false),
        };
        let Some(evidence) = &self.evidence else {
            return (!needed).then_some(()).ok_or(ChallengeError::Evidence);
        };
        if !allowed {
            return Err(ChallengeError::Evidence);
        }
        let is_of_this = match self.state {
            State::Validated { at, until } => at == evidence.decided_at() && at <= until,
            _ => true,
        };
        if !is_of_this || !self.expected(evidence) || !self.is_seen_in_time(evidence) {
            return Err(ChallengeError::ForeignEvidence);
        }
        let suffices = evidence.bears_its_basis();
        suffices.then_some(()).ok_or(ChallengeError::WeakEvidence)
    }

    /// It is of a token that had not retired when it was decided.
    fn expected(&self, evidence: &Evidence) -> bool {
        let at = evidence.decided_at();
        let mut live = self
            .expectations
            .iter()
            .filter(|one| one.retire_at().is_none_or(|end| at < end));
        live.any(|one| one.fingerprint() == evidence.token())
    }

    /// It was decided within the validity, over what had been seen by then (S-5).
    fn is_seen_in_time(&self, evidence: &Evidence) -> bool {
        let decided_at = evidence.decided_at();
        let mut sightings = evidence.sightings().iter();
        (self.issued_at..self.expires_at).contains(&decided_at)
            && sightings.all(|one| (self.issued_at..=decided_at).contains(&one.at()))
    }
}

/// Whether a record of this value holds the token, in the form that it is expected in.
fn is_written(expectation: &Expectation, value: &str) -> bool {
    let token = expectation.token();
    match expectation.form() {
        Form::Draft(syntax) => record::parse(value.as_bytes(), *syntax, Reading::Strict)
            .is_ok_and(|record| token.matches(record.token())),
        Form::Exact => token.matches(value.as_bytes()),
        // Only the application can read its format. The token stands in it as it is (S-12).
        Form::Custom(_) => value.contains(token.as_str()),
    }
}
