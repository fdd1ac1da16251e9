#[cfg(feature = "resolver")]
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
#[cfg(feature = "resolver")]
use std::sync::{Mutex, PoisonError, Weak};

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

    /// The queries that one diagnosis may send, in all its rounds and beside those of the
    /// verification (S-16): for 12 questions through a resolver, for three at each of four name
    /// servers, and for finding these.
    pub const PER_DIAGNOSIS: u32 = 48;

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

    /// Looks whether anything is left, without taking it.
    #[cfg(feature = "resolver")]
    pub(crate) fn check(&self) -> Result<(), LookupFailure> {
        if self.spent() < self.0.limit {
            Ok(())
        } else {
            Err(LookupFailure::BudgetExhausted)
        }
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

/// What was learnt for each verification under way, told apart by their budgets: it is gone with
/// the verification, and none learns from another (S-10).
#[cfg(feature = "resolver")]
#[derive(Debug)]
pub(crate) struct PerVerification<T> {
    kept: Mutex<HashMap<usize, Kept<T>>>,
}

#[cfg(feature = "resolver")]
type Kept<T> = (Weak<Counter>, Arc<T>);

#[cfg(feature = "resolver")]
impl<T> Default for PerVerification<T> {
    fn default() -> Self {
        Self {
            kept: Mutex::new(HashMap::new()),
        }
    }
}

#[cfg(feature = "resolver")]
impl<T: Default> PerVerification<T> {
    /// What belongs to the verification that spends from `budget`.
    pub(crate) fn of(&self, budget: &Budget) -> Arc<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // The address is not given out again as long as the weak reference stands here.
        let key = Arc::as_ptr(&budget.0).addr();
        if let Some((_, known)) = kept.get(&key) {
            return known.clone();
        }
        kept.retain(|_, (budget, _)| budget.strong_count() > 0);
        let new = Arc::new(T::default());
        kept.insert(key, (Arc::downgrade(&budget.0), new.clone()));
        new
    }
}

#[cfg(all(test, feature = "resolver"))]
mod tests {
    use super::*;

    // S-10: what one verification has learnt is not there for another, and not kept.
    #[test]
    fn each_verification_learns_for_itself() {
        let notes = PerVerification::<Mutex<u32>>::default();
        let write = |budget: &Budget, number| {
            *notes
                .of(budget)
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = number;
        };
        let read = |budget: &Budget| {
            *notes
                .of(budget)
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let (one, other) = (Budget::new(1), Budget::new(1));
        write(&one, 7);
        assert_eq!((read(&one.clone()), read(&other)), (7, 0));
        drop((one, other));
        let third = Budget::new(1);
        assert_eq!(read(&third), 0);
        let kept = notes.kept.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(kept.len(), 1);
    }
}
