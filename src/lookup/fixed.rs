use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;

use super::{Budget, DnsLookup, LookupError, TxtLookup};
use crate::dns::{Answer, LookupFailure, Outcome, Question, RecordType, Soa};
use crate::name::OwnerName;

/// A lookup that answers from a map, for tests: yours too.
///
/// What is not in the map does not exist: it is answered with NXDOMAIN and a SOA at the name's
/// last label. Clones share the map, so a test can publish a record after it has handed the
/// lookup over.
///
/// ```
/// use dcv::dns::{Answer, LookupFailure};
/// use dcv::lookup::FixedLookup;
///
/// let lookup = FixedLookup::new();
/// lookup.publish(&"_example-challenge.example.com".parse()?, ["token=…"]);
/// lookup.set(&"_example-challenge.example.net".parse()?, Err(LookupFailure::Timeout));
/// # Ok::<(), dcv::name::NameError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct FixedLookup {
    answers: Arc<RwLock<HashMap<Question, Result<Answer, LookupFailure>>>>,
}

impl FixedLookup {
    /// A DNS in which nothing exists.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Publishes TXT records at a name, in place of what was there.
    pub fn publish<T: AsRef<[u8]>>(&self, name: &OwnerName, values: impl IntoIterator<Item = T>) {
        self.set(name, Ok(Answer::txt(values)));
    }

    /// Sets what a TXT lookup of a name gives.
    pub fn set(&self, name: &OwnerName, result: Result<Answer, LookupFailure>) {
        self.set_question(Question::txt(name.clone()), result);
    }

    /// Sets what a question gives.
    pub fn set_question(&self, question: Question, result: Result<Answer, LookupFailure>) {
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        answers.insert(question, result);
    }

    /// Removes all records of a name.
    pub fn remove(&self, name: &OwnerName) {
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|question, _| question.name() != name);
    }

    fn answer(&self, question: &Question) -> Result<Answer, LookupFailure> {
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(result) = answers.get(question) {
            return result.clone();
        }
        let exists = answers.keys().any(|other| other.name() == question.name());
        let apex = question.name().labels().next_back();
        let apex = OwnerName::from_labels(apex).unwrap_or_else(|_| OwnerName::root());
        let soa = Some(Soa::new(apex, 1, 300, 300));
        Ok(Answer::new(if exists {
            Outcome::no_data(soa)
        } else {
            Outcome::nx_domain(soa)
        }))
    }
}

#[async_trait]
impl TxtLookup for FixedLookup {
    async fn lookup_txt(&self, name: &OwnerName) -> Result<Answer, LookupError> {
        Ok(self.answer(&Question::new(name.clone(), RecordType::TXT))?)
    }
}

#[async_trait]
impl DnsLookup for FixedLookup {
    async fn lookup(&self, question: &Question, budget: &Budget) -> Result<Answer, LookupError> {
        budget.spend()?;
        Ok(self.answer(question)?)
    }
}
