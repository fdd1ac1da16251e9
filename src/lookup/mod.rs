//! Looking: the seams to the DNS, and what stands behind them.
//!
//! | Trait | Who implements it |
//! |---|---|
//! | [`TxtLookup`] | you, to bring a resolver of your own: one method, TXT only |
//! | [`DnsLookup`] | lookups that can ask for any type and count their queries |
//! | [`Observer`] | whatever a [`DnsVerifier`](crate::verify::DnsVerifier) looks through: one or several [perspectives](crate::dns::Perspective) at once |
//!
//! [`TxtObserver`] and [`DnsObserver`] make an observer of either lookup. [`FixedLookup`] answers
//! from a map, for tests. With the feature `resolver`, [`HickoryLookup`] asks real servers.

mod adapt;
mod budget;
mod error;
#[cfg(feature = "resolver")]
mod exchange;
mod fixed;
#[cfg(feature = "resolver")]
mod follow;
#[cfg(feature = "resolver")]
pub mod hickory;

use async_trait::async_trait;
use time::UtcDateTime;

use crate::clock::Clock;
use crate::dns::{
    Answer, LookupFailure, Observation, Perspective, PerspectiveId, Purpose, Question,
};
use crate::name::OwnerName;

pub use adapt::{DnsObserver, TxtObserver};
pub use budget::Budget;
pub use error::LookupError;
pub use fixed::FixedLookup;
#[cfg(feature = "resolver")]
pub use hickory::HickoryLookup;

/// Looks up the TXT records of a name: the easy seam, for bringing a resolver of your own.
///
/// An implementation follows aliases by itself and reports them in the answer. It must
///
/// * ask for the name as it is, absolute, without a search list;
/// * tell a negative answer, with the SOA of its authority section ([`Answer`]), from a failure
///   ([`LookupError`]): a lookup that cannot show the SOA never disproves anything;
/// * hand over the octets of every record, a neighbour's in any encoding too, with the
///   character-strings of a record kept together;
/// * use no cache of its own.
///
/// The suite in [`conformance`](crate#features) checks an implementation.
#[async_trait]
pub trait TxtLookup: std::fmt::Debug + Send + Sync {
    /// Looks up the TXT records of `name`.
    ///
    /// # Errors
    ///
    /// [`LookupError`] when there is neither a positive nor a negative answer.
    async fn lookup_txt(&self, name: &OwnerName) -> Result<Answer, LookupError>;
}

/// Asks any question, and spends its queries from a [`Budget`].
#[async_trait]
pub trait DnsLookup: TxtLookup {
    /// Asks `question`. Every query that goes out, retries too, is first taken from `budget`.
    ///
    /// # Errors
    ///
    /// [`LookupError`] when there is neither a positive nor a negative answer.
    async fn lookup(&self, question: &Question, budget: &Budget) -> Result<Answer, LookupError>;
}

/// Looks through one or several perspectives.
#[async_trait]
pub trait Observer: std::fmt::Debug + Send + Sync {
    /// The perspectives it looks through. Fixed for its lifetime.
    fn perspectives(&self) -> Vec<Perspective>;

    /// Asks `question` through each of its perspectives and [records](Look::record) what each
    /// saw. Failures are observations too.
    async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation>;
}

/// One look of a running verification: what an [`Observer`] works with, and the only thing that
/// makes live observations (S-4). Only a verifier has one.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    clock: &'a dyn Clock,
    budget: &'a Budget,
    purpose: Purpose,
    attempt: u32,
}

impl<'a> Look<'a> {
    pub(crate) fn new(
        clock: &'a dyn Clock,
        budget: &'a Budget,
        purpose: Purpose,
        attempt: u32,
    ) -> Self {
        Self {
            clock,
            budget,
            purpose,
            attempt,
        }
    }

    /// The time now, by the verification's clock.
    #[must_use]
    pub fn now(&self) -> UtcDateTime {
        self.clock.now()
    }

    /// What may still be spent.
    #[must_use]
    pub fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// Records what a perspective saw since `started_at` until now.
    #[must_use]
    pub fn record(
        &self,
        perspective: &PerspectiveId,
        question: &Question,
        started_at: UtcDateTime,
        result: Result<Answer, LookupFailure>,
    ) -> Observation {
        let (perspective, question) = (perspective.clone(), question.clone());
        let finished_at = self.now();
        Observation::replayed(
            perspective,
            question,
            self.purpose,
            started_at,
            finished_at,
            result,
        )
        .live(self.attempt)
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<T: TxtLookup + ?Sized> TxtLookup for $pointer {
            async fn lookup_txt(&self, name: &OwnerName) -> Result<Answer, LookupError> {
                (**self).lookup_txt(name).await
            }
        }

        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<T: DnsLookup + ?Sized> DnsLookup for $pointer {
            async fn lookup(
                &self,
                question: &Question,
                budget: &Budget,
            ) -> Result<Answer, LookupError> {
                (**self).lookup(question, budget).await
            }
        }

        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<T: Observer + ?Sized> Observer for $pointer {
            fn perspectives(&self) -> Vec<Perspective> {
                (**self).perspectives()
            }

            async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation> {
                (**self).observe(question, look).await
            }
        }
    )+};
}

forward!(&T, Box<T>, std::sync::Arc<T>);
