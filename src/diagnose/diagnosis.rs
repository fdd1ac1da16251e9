use std::fmt;

use time::UtcDateTime;

use super::facts::Facts;
use super::findings::found;
use super::{Audience, Finding, Inquiry, Report, tenant};
use crate::challenge::ValidationRecord;
use crate::evaluate::Verdict;
use crate::name::DomainName;
use crate::record::Forgiven;
use crate::token::ChallengeId;

/// Why a challenge is not proven yet, and what to change.
///
/// Its `Display` is the tenant's report as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    challenge: ChallengeId,
    revision: u64,
    pub(super) domain: DomainName,
    pub(super) record: ValidationRecord,
    verdict: Verdict,
    operator: Vec<Finding>,
    tenant: Vec<Finding>,
    next_check_at: Option<UtcDateTime>,
    forgiven: Forgiven,
    pub(super) now: UtcDateTime,
}

impl Diagnosis {
    /// What an inquiry has found.
    #[must_use]
    pub fn of(inquiry: &Inquiry<'_>) -> Self {
        let facts = Facts::of(inquiry);
        let operator = found(&facts);
        Self::told(inquiry, operator, tenant::view(facts))
    }

    pub(super) fn told(
        inquiry: &Inquiry<'_>,
        operator: Vec<Finding>,
        tenant: Vec<Finding>,
    ) -> Self {
        let challenge = inquiry.case.challenge;
        // The next look at which anything can have changed. It is told to both audiences, and so
        // taken from what the tenant may know (S-17).
        let next_check_at = tenant.first().and_then(Finding::next_check_at);
        Self {
            challenge: *challenge.id(),
            revision: challenge.revision(),
            domain: challenge.domain().clone(),
            record: challenge.record().clone(),
            verdict: inquiry.verdict(),
            operator,
            tenant,
            next_check_at,
            forgiven: inquiry.forgiven(),
            now: inquiry.now,
        }
    }

    /// The challenge.
    #[must_use]
    pub fn challenge(&self) -> &ChallengeId {
        &self.challenge
    }

    /// The revision of the challenge that was looked for.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The decision that it explains.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// When the next look can show a change; `None` when only the user can go on.
    #[must_use]
    pub fn next_check_at(&self) -> Option<UtcDateTime> {
        self.next_check_at
    }

    /// What was forgiven in the record, by whomever it was seen so: that it is proven does not make
    /// it right (K-10, K-12).
    #[must_use]
    pub fn forgiven(&self) -> Forgiven {
        self.forgiven
    }

    /// What the user of the account may see: nothing of other accounts, no addresses, no text of
    /// resolvers whose operator is unknown (S-17).
    #[must_use]
    pub fn for_tenant(&self) -> Report<'_> {
        Report::new(self, Audience::Tenant, &self.tenant)
    }

    /// Everything, for whoever runs the service.
    #[must_use]
    pub fn for_operator(&self) -> Report<'_> {
        Report::new(self, Audience::Operator, &self.operator)
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.for_tenant(), f)
    }
}
