//! The written form of policies and rules. Reading goes through the same checks (S-4).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Agreement, Policy, PolicyError, Rules, Wildcards};
use crate::dns::Perspective;
use crate::record::Reading;
use crate::suffix::{SuffixGuard, SuffixList, SuffixPolicy};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyParts {
    agreement: Agreement,
    require_secure: bool,
    max_age: Duration,
    wildcards: Wildcards,
    reading: Reading,
}

impl From<Policy> for PolicyParts {
    fn from(policy: Policy) -> Self {
        Self {
            agreement: policy.agreement,
            require_secure: policy.secure,
            max_age: policy.max_age,
            wildcards: policy.wildcards,
            reading: policy.reading,
        }
    }
}

impl From<PolicyParts> for Policy {
    fn from(parts: PolicyParts) -> Self {
        let policy = Self::with_agreement(parts.agreement)
            .with_max_age(parts.max_age)
            .with_wildcards(parts.wildcards)
            .with_reading(parts.reading);
        if parts.require_secure {
            policy.require_secure()
        } else {
            policy
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesParts {
    policy: Policy,
    #[serde(deserialize_with = "crate::serial::bounded::<{ Rules::MAX_PERSPECTIVES }, _, _>")]
    perspectives: Vec<Perspective>,
    suffixes: SuffixPolicy,
}

impl From<Rules> for RulesParts {
    fn from(rules: Rules) -> Self {
        Self {
            suffixes: rules.guard().policy(),
            perspectives: rules.perspectives().to_vec(),
            policy: rules.policy().clone(),
        }
    }
}

impl TryFrom<RulesParts> for Rules {
    type Error = PolicyError;

    fn try_from(parts: RulesParts) -> Result<Self, PolicyError> {
        let guard = SuffixGuard::new(SuffixList::compiled(), parts.suffixes);
        Ok(Self::new(parts.policy, parts.perspectives)?.with_guard(guard))
    }
}
