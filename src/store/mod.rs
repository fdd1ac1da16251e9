//! Remembering: the store of challenges and of what they have proven.
//!
//! A [`ChallengeStore`] keeps challenges and applies [`Transition`]s by compare-and-swap on the
//! revision. It decides nothing: what a transition is, when a challenge ends and what counts as
//! proof is decided by the core with the application's clock. [`MemoryStore`] is the one to
//! start with.
//!
//! # Writing a store
//!
//! A store is five methods over rows that each hold one [`Challenge`]. With the feature `serde` a
//! challenge is one document; account, domain, scope, owner name, state, token fingerprints and
//! [`over_at`](Challenge::over_at) are what a database wants as columns beside it. Three things are easy to get wrong:
//!
//! * *One open challenge.* Looking first and inserting then is not enough when two do it at once:
//!   let a unique index over the open ones decide.
//! * *Compare and swap.* Replace a row only `WHERE revision =` the one that the transition
//!   [expects](Transition::expected_revision), and tell no row from another revision. A store that writes whatever it is given lets a cancelled challenge become proven
//!   (S-15).
//! * *Paging.* Pages go by the order of ids and begin after one, so that nothing is left out when
//!   rows come and go meanwhile.
//!
//! This one is complete; put your database in place of the map. The suite of the feature
//! `conformance` finds out whether a store keeps what it must:
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::sync::{Mutex, MutexGuard};
//!
//! use async_trait::async_trait;
//! use dcv::challenge::Challenge;
//! use dcv::lifecycle::Transition;
//! use dcv::store::{ChallengeQuery, ChallengeStore, Page, StoreError};
//! use dcv::token::ChallengeId;
//! use time::UtcDateTime;
//!
//! #[derive(Debug, Default)]
//! struct Shelf(Mutex<BTreeMap<ChallengeId, Challenge>>);
//!
//! impl Shelf {
//!     fn rows(&self) -> Result<MutexGuard<'_, BTreeMap<ChallengeId, Challenge>>, StoreError> {
//!         self.0.lock().map_err(|error| StoreError::backend(error.to_string()))
//!     }
//! }
//!
//! fn is_same_subject(one: &Challenge, other: &Challenge) -> bool {
//!     (one.account(), one.domain(), one.scope(), one.owner())
//!         == (other.account(), other.domain(), other.scope(), other.owner())
//! }
//!
//! #[async_trait]
//! impl ChallengeStore for Shelf {
//!     async fn insert(&self, new: Challenge) -> Result<(), StoreError> {
//!         let mut rows = self.rows()?;
//!         if rows.contains_key(new.id()) {
//!             return Err(StoreError::DuplicateId { id: *new.id() });
//!         }
//!         let mut open = rows.values().filter(|row| row.is_open());
//!         if let Some(open) = open.find(|row| is_same_subject(row, &new)) {
//!             return Err(StoreError::AlreadyOpen { id: *open.id() });
//!         }
//!         rows.insert(*new.id(), new);
//!         Ok(())
//!     }
//!
//!     async fn get(&self, id: &ChallengeId) -> Result<Option<Challenge>, StoreError> {
//!         Ok(self.rows()?.get(id).cloned())
//!     }
//!
//!     async fn find(&self, query: &ChallengeQuery, page: Page) -> Result<Vec<Challenge>, StoreError> {
//!         let rows = self.rows()?;
//!         let rest = rows.values().filter(|row| page.begins_after().is_none_or(|id| row.id() > id));
//!         Ok(rest.filter(|row| query.matches(row)).take(page.limit()).cloned().collect())
//!     }
//!
//!     async fn apply(&self, transitions: &[Transition]) -> Vec<Result<(), StoreError>> {
//!         let apply = |transition: &Transition| {
//!             let (id, expected) = (*transition.next().id(), transition.expected_revision());
//!             let mut rows = self.rows()?;
//!             let row = rows.get_mut(&id).ok_or(StoreError::Unknown { id })?;
//!             if row.revision() != expected {
//!                 return Err(StoreError::Conflict { id, expected, found: row.revision() });
//!             }
//!             *row = transition.next().clone();
//!             Ok(())
//!         };
//!         transitions.iter().map(apply).collect()
//!     }
//!
//!     async fn purge(&self, before: UtcDateTime) -> Result<u64, StoreError> {
//!         let mut rows = self.rows()?;
//!         let count = rows.len();
//!         rows.retain(|_, row| row.over_at().is_none_or(|at| at >= before));
//!         Ok((count - rows.len()) as u64)
//!     }
//! }
//!
//! # #[cfg(feature = "conformance")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let report = dcv::conformance::challenge_store(&Shelf::default()).await;
//! assert!(report.is_conforming(), "{report}");
//! # }
//! # #[cfg(not(feature = "conformance"))]
//! # fn main() {}
//! ```

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

    /// Forgets what was [over](Challenge::over_at) before this time, and says how many were
    /// forgotten. Open challenges and proofs that still hold at this time stay.
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
