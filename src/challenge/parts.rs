//! The written form of a challenge. Reading goes through the checks of [`Challenge`] (S-4).

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use super::{Challenge, ChallengeError, Expectation, Form, State, ValidationRecord};
use crate::evidence::Evidence;
use crate::name::{AccountId, DomainName, Scope};
use crate::token::{ChallengeId, Token};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChallengeParts {
    id: ChallengeId,
    account: AccountId,
    domain: DomainName,
    scope: Scope,
    record: ValidationRecord,
    #[serde(deserialize_with = "crate::serial::bounded::<{ Challenge::MAX_EXPECTATIONS }, _, _>")]
    expectations: Vec<ExpectationParts>,
    #[serde(with = "crate::serial::instant")]
    issued_at: UtcDateTime,
    #[serde(with = "crate::serial::instant")]
    expires_at: UtcDateTime,
    state: State,
    revision: u64,
    attempts: u32,
    #[serde(with = "crate::serial::maybe_instant", default)]
    last_checked_at: Option<UtcDateTime>,
    #[serde(with = "crate::serial::maybe_instant", default)]
    next_check_at: Option<UtcDateTime>,
    #[serde(default)]
    evidence: Option<Evidence>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectationParts {
    token: Token,
    /// Says that the application chose a token that can be guessed
    /// ([`Token::danger_fewer_than_128_bits`]): no other challenge holds one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    weak: bool,
    form: Form,
    #[serde(with = "crate::serial::instant")]
    issued_at: UtcDateTime,
    #[serde(with = "crate::serial::maybe_instant", default)]
    retire_at: Option<UtcDateTime>,
}

impl From<Challenge> for ChallengeParts {
    fn from(challenge: Challenge) -> Self {
        let expectations = challenge
            .expectations
            .iter()
            .map(|expectation| ExpectationParts {
                token: expectation.token().clone(),
                weak: expectation.token().is_weak(),
                form: expectation.form().clone(),
                issued_at: expectation.issued_at(),
                retire_at: expectation.retire_at(),
            });
        Self {
            id: challenge.id,
            account: challenge.account,
            domain: challenge.domain,
            scope: challenge.scope,
            record: challenge.record,
            expectations: expectations.collect(),
            issued_at: challenge.issued_at,
            expires_at: challenge.expires_at,
            state: challenge.state,
            revision: challenge.revision,
            attempts: challenge.attempts,
            last_checked_at: challenge.last_checked_at,
            next_check_at: challenge.next_check_at,
            evidence: challenge.evidence,
        }
    }
}

impl TryFrom<ChallengeParts> for Challenge {
    type Error = ChallengeError;

    fn try_from(parts: ChallengeParts) -> Result<Self, ChallengeError> {
        let mut expectations = parts.expectations.iter();
        if expectations.any(|parts| parts.token.is_weak() && !parts.weak) {
            return Err(ChallengeError::WeakToken);
        }
        let expectations = parts.expectations.into_iter().map(|parts| {
            let expectation = Expectation::new(parts.token, parts.form, parts.issued_at);
            match parts.retire_at {
                Some(retire_at) => expectation.retiring_at(retire_at),
                None => expectation,
            }
        });
        Self {
            id: parts.id,
            account: parts.account,
            domain: parts.domain,
            scope: parts.scope,
            record: parts.record,
            expectations: expectations.collect(),
            issued_at: parts.issued_at,
            expires_at: parts.expires_at,
            state: parts.state,
            revision: parts.revision,
            attempts: parts.attempts,
            last_checked_at: parts.last_checked_at,
            next_check_at: parts.next_check_at,
            evidence: parts.evidence,
        }
        .checked()
    }
}

/// The written form of a state. Each has its own instants and no others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StateParts {
    name: StateName,
    #[serde(with = "crate::serial::maybe_instant", default)]
    at: Option<UtcDateTime>,
    #[serde(with = "crate::serial::maybe_instant", default)]
    until: Option<UtcDateTime>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StateName {
    Pending,
    Validated,
    Ended,
    Expired,
    Cancelled,
}

impl TryFrom<StateParts> for State {
    type Error = &'static str;

    fn try_from(parts: StateParts) -> Result<Self, Self::Error> {
        Ok(match (parts.name, parts.at, parts.until) {
            (StateName::Pending, None, None) => Self::Pending,
            (StateName::Validated, Some(at), Some(until)) => Self::Validated { at, until },
            (StateName::Ended, Some(at), None) => Self::Ended { at },
            (StateName::Expired, Some(at), None) => Self::Expired { at },
            (StateName::Cancelled, Some(at), None) => Self::Cancelled { at },
            _ => return Err("the state of a challenge has other instants than it should"),
        })
    }
}
