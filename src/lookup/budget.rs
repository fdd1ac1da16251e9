use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::dns::LookupFailure;

/// How many queries a verification may still send (S-16). Clones share what is left.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Counter>);

#[derive(Debug)]
struct Counter {
    limit: u32,
    spent: AtomicU32,
}

impl Budget {
    /// The queries that one verification may send, probes and retries included (S-16).
    pub const PER_VERIFICATION: u32 = 64;

    /// A budget of `queries`.
    #[must_use]
    pub fn new(queries: u32) -> Self {
        Self(Arc::new(Counter {
            limit: queries,
            spent: AtomicU32::new(0),
        }))
    }

    /// Takes one query.
    ///
    /// # Errors
    ///
    /// [`LookupFailure::BudgetExhausted`] when nothing is left: the query must not be sent.
    pub fn spend(&self) -> Result<(), LookupFailure> {
        let limit = self.0.limit;
        self.0
            .spent
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |spent| {
                (spent < limit).then_some(spent + 1)
            })
            .map(drop)
            .map_err(|_| LookupFailure::BudgetExhausted)
    }

    /// How many were taken so far.
    #[must_use]
    pub fn spent(&self) -> u32 {
        self.0.spent.load(Ordering::Relaxed)
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Self::PER_VERIFICATION)
    }
}
