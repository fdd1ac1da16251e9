//! One look for all who ask for the same at the same time.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::future::{BoxFuture, FutureExt as _, Shared, WeakShared};

use super::{Round, Verifier};
use crate::challenge::Challenge;
use crate::dns::Observation;
use crate::evaluate::Examination;
use crate::policy::Rules;
use crate::token::ChallengeId;

/// A verifier that looks once for all who ask about the same revision of a challenge while a look
/// is under way (S-15).
///
/// Nobody is given a look that began before they asked: what was published in between must be
/// seen. Whoever comes during a look gets the next one, together with all others who came
/// meanwhile. A look goes on as long as any of its callers waits for it.
///
/// ```
/// use dcv::verify::{DnsVerifier, Merged, Verifier};
///
/// fn quiet(verifier: DnsVerifier) -> impl Verifier {
///     Merged::new(verifier)
/// }
/// ```
#[derive(Clone)]
pub struct Merged<V> {
    verifier: Arc<V>,
    looks: Arc<Looks>,
}

type Key = (ChallengeId, u64);
type Looking = BoxFuture<'static, Arc<Examination>>;

/// The looks that somebody waits for, by what they look for.
#[derive(Default)]
struct Looks(Mutex<HashMap<Key, Pair>>);

/// The look that has begun, and the one after it.
struct Pair {
    begun: WeakShared<Looking>,
    next: Option<WeakShared<Looking>>,
}

impl Pair {
    /// The look after the one that has begun, if anybody still waits for it.
    fn next(&self) -> Option<Shared<Looking>> {
        self.next.as_ref().and_then(WeakShared::upgrade)
    }
}

impl Looks {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Pair>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next look begins: who comes from now on has to wait for the one after it.
    fn begin_next(&self, key: &Key) {
        if let Some(pair) = self.lock().get_mut(key)
            && let Some(next) = pair.next.take()
        {
            pair.begun = next;
        }
    }

    /// A look has ended; when nobody waits for the next one, it is forgotten.
    fn end(&self, key: &Key) {
        let mut looks = self.lock();
        if looks.get(key).is_some_and(|pair| pair.next().is_none()) {
            looks.remove(key);
        }
    }
}

impl<V: Verifier + 'static> Merged<V> {
    /// Merges the looks of `verifier`.
    #[must_use]
    pub fn new(verifier: V) -> Self {
        Self {
            verifier: Arc::new(verifier),
            looks: Arc::default(),
        }
    }

    /// The look that begins next, or now.
    fn look(&self, challenge: &Challenge) -> Shared<Looking> {
        const ROOM: usize = 1024;

        let key = (*challenge.id(), challenge.revision());
        let mut looks = self.looks.lock();
        if let Some(pair) = looks.get_mut(&key) {
            if let Some(next) = pair.next() {
                return next;
            }
            if let Some(begun) = pair.begun.upgrade() {
                let next = self.run(key, challenge, Some(begun)).shared();
                pair.next = next.downgrade();
                return next;
            }
        }
        if looks.len() >= ROOM {
            looks.retain(|_, pair| pair.begun.upgrade().is_some() || pair.next().is_some());
        }
        let look = self.run(key, challenge, None).shared();
        if let Some(begun) = look.downgrade() {
            looks.insert(key, Pair { begun, next: None });
        }
        look
    }

    fn run(&self, key: Key, challenge: &Challenge, after: Option<Shared<Looking>>) -> Looking {
        let (verifier, looks) = (self.verifier.clone(), self.looks.clone());
        let challenge = challenge.clone();
        async move {
            if let Some(before) = after {
                before.await;
                looks.begin_next(&key);
            }
            let examination = verifier.examine(&challenge).await;
            looks.end(&key);
            Arc::new(examination)
        }
        .boxed()
    }
}

#[async_trait]
impl<V: Verifier + 'static> Verifier for Merged<V> {
    async fn examine(&self, challenge: &Challenge) -> Examination {
        let look = self.look(challenge);
        Arc::unwrap_or_clone(look.await)
    }

    fn rules(&self) -> Rules {
        self.verifier.rules()
    }

    async fn probe(&self, round: &Round<'_>) -> Vec<Observation> {
        self.verifier.probe(round).await
    }
}

impl<V: fmt::Debug> fmt::Debug for Merged<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Merged").field(&self.verifier).finish()
    }
}
