//! Remembering: the store of challenges and of what they have proven.
//!
//! A [`ChallengeStore`] keeps challenges and applies [`Transition`]s by compare-and-swap on the
//! revision. It decides nothing: what a transition is, when a challenge ends and what counts as
//! proof is decided by the core with the application's clock. [`MemoryStore`] is the one to
//! start with; the suite in `dcv::conformance` (feature `conformance`) checks any other.

mod memory;
mod query;

use async_trait::async_trait;
use time::UtcDateTime;

use crate::challenge::Challenge;
use crate::lifecycle::Transition;
use crate::token::ChallengeId;

pub use memory::MemoryStore;
pub use query::{ChallengeQuery, Page};

/// Keeps challenges.
///
/// Every method is atomic by itself. Whatever a store keeps besides, it must keep these:
///
/// * at most one open challenge of the same account, domain, scope and owner name;
/// * a challenge is replaced only by the transition from exactly its revision;
/// * what a transition [claims](Transition::claim) changes together with the challenge.
#[async_trait]
pub trait ChallengeStore: std::fmt::Debug + Send + Sync {
    /// Adds a new challenge.
    ///
    /// # Errors
    ///
    /// [`StoreError::AlreadyOpen`] when an open one of the same account, domain, scope and owner
    /// name is there, [`StoreError::DuplicateId`] when the id is taken. Nothing is changed then.
    async fn insert(&self, challenge: Challenge) -> Result<(), StoreError>;

    /// The challenge of this id, of whatever account.
    ///
    /// # Errors
    ///
    /// [`StoreError::Backend`] when the store cannot answer.
    async fn get(&self, id: &ChallengeId) -> Result<Option<Challenge>, StoreError>;

    /// The challenges that a query asks for, in the order of their ids.
    ///
    /// # Errors
    ///
    /// [`StoreError::Backend`] when the store cannot answer.
    async fn find(&self, query: &ChallengeQuery, page: Page) -> Result<Vec<Challenge>, StoreError>;

    /// Applies transitions, each by compare-and-swap; one result for each, in order.
    ///
    /// # Errors
    ///
    /// Per transition, [`StoreError::Conflict`] when the stored challenge has another revision
    /// (re-read it and decide anew, S-15), [`StoreError::Unknown`] when there is none.
    async fn apply(&self, transitions: &[Transition]) -> Vec<Result<(), StoreError>>;

    /// Forgets what was closed before this time and proves nothing any more, and says how many
    /// were forgotten. Open challenges and proofs that still hold at this time stay.
    ///
    /// # Errors
    ///
    /// [`StoreError::Backend`] when the store cannot do it.
    async fn purge(&self, before: UtcDateTime) -> Result<u64, StoreError>;
}

/// What a store could not do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// An open challenge for the same is there already.
    #[error("challenge {id} is still open for the same account, domain, scope and owner name")]
    AlreadyOpen {
        /// Its id.
        id: ChallengeId,
    },
    /// The id is taken.
    #[error("challenge {id} exists already")]
    DuplicateId {
        /// The id.
        id: ChallengeId,
    },
    /// There is no such challenge.
    #[error("there is no challenge {id}")]
    Unknown {
        /// The id.
        id: ChallengeId,
    },
    /// The challenge was changed by somebody else in the meantime.
    #[error("challenge {id} is in revision {found}, not {expected}: read it again")]
    Conflict {
        /// The challenge.
        id: ChallengeId,
        /// The revision that the transition starts from.
        expected: u64,
        /// The stored revision.
        found: u64,
    },
    /// The store itself failed.
    #[error("the challenge store failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// A failure of the store itself.
    #[must_use]
    pub fn backend(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Backend(source.into())
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<T: ChallengeStore + ?Sized> ChallengeStore for $pointer {
            async fn insert(&self, challenge: Challenge) -> Result<(), StoreError> {
                (**self).insert(challenge).await
            }

            async fn get(&self, id: &ChallengeId) -> Result<Option<Challenge>, StoreError> {
                (**self).get(id).await
            }

            async fn find(
                &self,
                query: &ChallengeQuery,
                page: Page,
            ) -> Result<Vec<Challenge>, StoreError> {
                (**self).find(query, page).await
            }

            async fn apply(&self, transitions: &[Transition]) -> Vec<Result<(), StoreError>> {
                (**self).apply(transitions).await
            }

            async fn purge(&self, before: UtcDateTime) -> Result<u64, StoreError> {
                (**self).purge(before).await
            }
        }
    )+};
}

forward!(&T, Box<T>, std::sync::Arc<T>);
