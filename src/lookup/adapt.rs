//! Observers made of lookups.

use async_trait::async_trait;

use super::{DnsLookup, Look, LookupError, Observer, TxtLookup};
use crate::dns::{LookupFailure, Observation, Perspective, Purpose, Question, RecordType};

/// A [`TxtLookup`] as the eyes of one perspective. Each lookup counts as one query.
#[derive(Debug, Clone)]
pub struct TxtObserver<L> {
    perspective: Perspective,
    lookup: L,
}

impl<L: TxtLookup> TxtObserver<L> {
    /// Looks through `lookup` on behalf of `perspective`.
    #[must_use]
    pub fn new(perspective: Perspective, lookup: L) -> Self {
        Self {
            perspective,
            lookup,
        }
    }
}

#[async_trait]
impl<L: TxtLookup> Observer for TxtObserver<L> {
    fn perspectives(&self) -> Vec<Perspective> {
        vec![self.perspective.clone()]
    }

    async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation> {
        let started_at = look.now();
        let unchecked = look.purpose() == Purpose::Unchecked;
        let result = if unchecked || question.record_type() != RecordType::TXT {
            Err(LookupFailure::Unsupported)
        } else if let Err(exhausted) = look.budget().spend() {
            Err(exhausted)
        } else {
            let answer = self.lookup.lookup_txt(question.name()).await;
            answer.map_err(LookupError::into_failure)
        };
        vec![look.record(self.perspective.id(), question, started_at, result)]
    }
}

/// A [`DnsLookup`] as the eyes of one perspective.
#[derive(Debug, Clone)]
pub struct DnsObserver<L> {
    perspective: Perspective,
    lookup: L,
}

impl<L: DnsLookup> DnsObserver<L> {
    /// Looks through `lookup` on behalf of `perspective`.
    #[must_use]
    pub fn new(perspective: Perspective, lookup: L) -> Self {
        Self {
            perspective,
            lookup,
        }
    }
}

#[async_trait]
impl<L: DnsLookup> Observer for DnsObserver<L> {
    fn perspectives(&self) -> Vec<Perspective> {
        vec![self.perspective.clone()]
    }

    async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation> {
        let started_at = look.now();
        let budget = look.budget();
        let answer = match look.purpose() {
            Purpose::Unchecked => self.lookup.lookup_unchecked(question, budget).await,
            _ => self.lookup.lookup(question, budget).await,
        };
        let result = answer.map_err(LookupError::into_failure);
        vec![look.record(self.perspective.id(), question, started_at, result)]
    }
}
