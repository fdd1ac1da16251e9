//! Whether a lookup that claims to validate does (S-11).

use super::HickoryLookup;
use crate::dns::{LookupFailure, Question, RecordType, Security};
use crate::lookup::{Budget, DnsLookup, LookupError};
use crate::name::OwnerName;

/// Two questions that show whether validation works: one whose answer is known to be bogus, one
/// whose answer is known to be secure.
///
/// ```
/// use dcv::dns::Question;
/// use dcv::lookup::hickory::SelfCheck;
///
/// let ours = SelfCheck::new(
///     Question::txt("bogus.corp.example".parse()?),
///     Question::txt("signed.corp.example".parse()?),
/// );
/// assert_ne!(ours, SelfCheck::internet());
/// # Ok::<(), dcv::name::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfCheck {
    bogus: Question,
    secure: Question,
}

impl SelfCheck {
    /// Two questions of your own, for a network that does not see the public DNS. The answer to
    /// the first must be bogus, and not merely fail.
    #[must_use]
    pub fn new(bogus: Question, secure: Question) -> Self {
        Self { bogus, secure }
    }

    /// Names of the public Internet: `dnssec-failed.org`, which is kept bogus for tests like this
    /// one, and `iana.org`, which is signed.
    #[must_use]
    pub fn internet() -> Self {
        // These are names; were one not, the root in its place would fail the check.
        let soa = |labels: [&str; 2]| {
            let name = OwnerName::from_labels(labels).unwrap_or_else(|_| OwnerName::root());
            Question::new(name, RecordType::SOA)
        };
        Self::new(soa(["dnssec-failed", "org"]), soa(["iana", "org"]))
    }
}

impl Default for SelfCheck {
    /// As [`internet`](Self::internet).
    fn default() -> Self {
        Self::internet()
    }
}

/// Why a lookup's validation is not believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SelfCheckError {
    /// Nothing validates, and nothing claims to.
    #[error("this lookup does not validate; make it with `trusting_validation` or `validating`")]
    NotValidating,
    /// Bogus data was taken for good.
    #[error(
        "{question} is bogus and was answered all the same: the resolver does not validate. Switch its validation on, or remove what stands before it"
    )]
    AcceptsBogus {
        /// What was asked.
        question: Question,
    },
    /// Signed data was not found secure.
    #[error(
        "{question} is signed, and was found {security:?}: the resolver does not validate, or strips what shows it (AD, DO, signatures). Check its trust anchor and its clock"
    )]
    NotSecure {
        /// What was asked.
        question: Question,
        /// What was found instead of secure.
        security: Security,
    },
    /// One of the questions could not be answered, which tells nothing.
    #[error("{question} could not be asked; see that the resolver can be reached, and check again")]
    Failed {
        /// What was asked.
        question: Question,
        /// What happened.
        #[source]
        source: LookupError,
    },
}

impl HickoryLookup {
    /// Asks for what is known to be bogus and what is known to be secure (S-11).
    ///
    /// Who fails is believed no more: from then on the answers of this lookup and of its clones
    /// are [`Unvalidated`](Security::Unvalidated), and nothing is bogus, until a later check
    /// passes. Let it run at the start and at intervals; it spends up to some dozens of queries
    /// that belong to no verification.
    ///
    /// # Errors
    ///
    /// [`SelfCheckError`], which says what is wrong and what to do. A question that could not be
    /// asked fails the check as well.
    pub async fn self_check(&self, check: &SelfCheck) -> Result<(), SelfCheckError> {
        if !self.validation.is_any() {
            return Err(SelfCheckError::NotValidating);
        }
        let undoubted = Self {
            validation: self.validation.undoubted(),
            ..self.clone()
        };
        let found = undoubted.examine(check).await;
        self.validation.downgrade(found.is_err());
        found
    }

    async fn examine(&self, check: &SelfCheck) -> Result<(), SelfCheckError> {
        let question = &check.bogus;
        match self.lookup(question, &Budget::default()).await {
            Err(error) if matches!(error.failure(), LookupFailure::Bogus { .. }) => {}
            Ok(_) => {
                return Err(SelfCheckError::AcceptsBogus {
                    question: question.clone(),
                });
            }
            Err(source) => return Err(failed(question, source)),
        }
        let question = &check.secure;
        match self.lookup(question, &Budget::default()).await {
            Ok(answer) if answer.security() == Security::Secure => Ok(()),
            Ok(answer) => Err(SelfCheckError::NotSecure {
                question: question.clone(),
                security: answer.security(),
            }),
            Err(source) => Err(failed(question, source)),
        }
    }
}

fn failed(question: &Question, source: LookupError) -> SelfCheckError {
    let question = question.clone();
    SelfCheckError::Failed { question, source }
}
