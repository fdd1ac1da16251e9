use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::hash::Hash;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use time::UtcDateTime;

use super::{ChallengeQuery, ChallengeStore, Page, StoreError};
use crate::challenge::{Challenge, State};
use crate::lifecycle::{Claim, Transition};
use crate::name::{AccountId, DomainName, OwnerName, Scope};
use crate::token::{ChallengeId, TokenFingerprint};

/// A store in memory: for tests, for trying things out, and for services that may forget
/// everything when they restart.
///
/// ```
/// use dcv::store::{ChallengeQuery, ChallengeStore, MemoryStore, Page};
///
/// # async fn example() -> Result<(), dcv::store::StoreError> {
/// let store = MemoryStore::new();
/// assert!(store.find(&ChallengeQuery::new(), Page::default()).await?.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
}

/// What may be open only once.
type Subject = (AccountId, DomainName, Scope, OwnerName);

#[derive(Default)]
struct Tables {
    challenges: BTreeMap<ChallengeId, Challenge>,
    open: HashMap<Subject, ChallengeId>,
    accounts: Index<AccountId>,
    domains: Index<DomainName>,
    tokens: Index<TokenFingerprint>,
    /// Who has proven a domain: the challenges that hold a claim.
    claims: Index<DomainName>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A store that holds these challenges: what [`snapshot`](Self::snapshot) gave.
    ///
    /// # Errors
    ///
    /// [`StoreError::DuplicateId`] or [`StoreError::AlreadyOpen`] when they cannot all have been
    /// in one store.
    pub fn restore(challenges: impl IntoIterator<Item = Challenge>) -> Result<Self, StoreError> {
        let mut tables = Tables::default();
        for challenge in challenges {
            tables.insert(challenge)?;
        }
        Ok(Self {
            tables: Mutex::new(tables),
        })
    }

    /// All challenges, in the order of their ids.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Challenge> {
        self.tables().challenges.values().cloned().collect()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // No step of ours leaves the tables half changed, so a panic elsewhere while the lock
        // was held does no harm.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Only how many there are: a store is part of what applications print of themselves.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("challenges", &self.tables().challenges.len())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl ChallengeStore for MemoryStore {
    async fn insert(&self, challenge: Challenge) -> Result<(), StoreError> {
        self.tables().insert(challenge)
    }

    async fn get(&self, id: &ChallengeId) -> Result<Option<Challenge>, StoreError> {
        Ok(self.tables().challenges.get(id).cloned())
    }

    async fn find(&self, query: &ChallengeQuery, page: Page) -> Result<Vec<Challenge>, StoreError> {
        Ok(self.tables().find(query, page))
    }

    async fn apply(&self, transitions: &[Transition]) -> Vec<Result<(), StoreError>> {
        let mut tables = self.tables();
        transitions
            .iter()
            .map(|transition| tables.apply(transition))
            .collect()
    }

    async fn purge(&self, before: UtcDateTime) -> Result<u64, StoreError> {
        Ok(self.tables().purge(before))
    }
}

impl Tables {
    fn insert(&mut self, challenge: Challenge) -> Result<(), StoreError> {
        let id = *challenge.id();
        if self.challenges.contains_key(&id) {
            return Err(StoreError::DuplicateId { id });
        }
        if challenge.is_open()
            && let Some(&id) = self.open.get(&subject(&challenge))
        {
            return Err(StoreError::AlreadyOpen { id });
        }
        self.enter(challenge);
        Ok(())
    }

    fn find(&self, query: &ChallengeQuery, page: Page) -> Vec<Challenge> {
        let after = page
            .begins_after()
            .map_or(Bound::Unbounded, Bound::Excluded);
        let candidates: Box<dyn Iterator<Item = &Challenge>> = match self.narrowest(query) {
            Some(ids) => {
                let ids = ids.range((after, Bound::Unbounded));
                Box::new(ids.filter_map(|id| self.challenges.get(id)))
            }
            None => {
                let range = (after.cloned(), Bound::Unbounded);
                Box::new(self.challenges.range(range).map(|(_, challenge)| challenge))
            }
        };
        candidates
            .filter(|one| query.matches(one))
            .take(page.limit())
            .cloned()
            .collect()
    }

    /// The index that leaves the fewest candidates; `None` when none applies.
    fn narrowest(&self, query: &ChallengeQuery) -> Option<&BTreeSet<ChallengeId>> {
        let claimed = query.by_domain().filter(|_| query.wants_proven());
        let indexed = [
            query.by_token().map(|token| self.tokens.get(token)),
            claimed.map(|domain| self.claims.get(domain)),
            query.by_domain().map(|domain| self.domains.get(domain)),
            query.by_account().map(|account| self.accounts.get(account)),
        ];
        indexed.into_iter().flatten().min_by_key(|ids| ids.len())
    }

    fn apply(&mut self, transition: &Transition) -> Result<(), StoreError> {
        let next = transition.next();
        let id = *next.id();
        let Some(stored) = self.challenges.get(&id) else {
            return Err(StoreError::Unknown { id });
        };
        let (expected, found) = (transition.expected_revision(), stored.revision());
        if expected != found {
            return Err(StoreError::Conflict {
                id,
                expected,
                found,
            });
        }
        // A closed challenge never opens again, so nothing can be open twice by this. A claim
        // that the transition does not change follows the state.
        self.leave(&id);
        self.enter(next.clone());
        match transition.claim() {
            Some(Claim::Take) => self.claims.add(next.domain(), id),
            Some(Claim::Release) => self.claims.remove(next.domain(), &id),
            None => {}
        }
        Ok(())
    }

    fn purge(&mut self, before: UtcDateTime) -> u64 {
        let challenges = self.challenges.values();
        let challenges = challenges.filter(|one| one.over_at().is_some_and(|at| at < before));
        let ids: Vec<ChallengeId> = challenges.map(|challenge| *challenge.id()).collect();
        ids.iter().filter(|id| self.leave(id).is_some()).count() as u64
    }

    /// Takes a challenge in, with its place in every index.
    fn enter(&mut self, challenge: Challenge) {
        let id = *challenge.id();
        if challenge.is_open() {
            self.open.insert(subject(&challenge), id);
        }
        self.accounts.add(challenge.account(), id);
        self.domains.add(challenge.domain(), id);
        for expectation in challenge.expectations() {
            self.tokens.add(expectation.fingerprint(), id);
        }
        if matches!(challenge.state(), State::Validated { .. }) {
            self.claims.add(challenge.domain(), id);
        }
        self.challenges.insert(id, challenge);
    }

    /// Takes a challenge out, and out of every index.
    fn leave(&mut self, id: &ChallengeId) -> Option<Challenge> {
        let challenge = self.challenges.remove(id)?;
        if challenge.is_open() {
            self.open.remove(&subject(&challenge));
        }
        self.accounts.remove(challenge.account(), id);
        self.domains.remove(challenge.domain(), id);
        for expectation in challenge.expectations() {
            self.tokens.remove(expectation.fingerprint(), id);
        }
        self.claims.remove(challenge.domain(), id);
        Some(challenge)
    }
}

fn subject(challenge: &Challenge) -> Subject {
    let (account, domain) = (challenge.account().clone(), challenge.domain().clone());
    (
        account,
        domain,
        challenge.scope(),
        challenge.owner().clone(),
    )
}

/// From a key to the challenges that have it. Keys without any are not kept.
#[derive(Debug)]
struct Index<K> {
    ids: HashMap<K, BTreeSet<ChallengeId>>,
    none: BTreeSet<ChallengeId>,
}

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self {
            ids: HashMap::new(),
            none: BTreeSet::new(),
        }
    }
}

impl<K: Eq + Hash + Clone> Index<K> {
    fn get(&self, key: &K) -> &BTreeSet<ChallengeId> {
        self.ids.get(key).unwrap_or(&self.none)
    }

    fn add(&mut self, key: &K, id: ChallengeId) {
        self.ids.entry(key.clone()).or_default().insert(id);
    }

    fn remove(&mut self, key: &K, id: &ChallengeId) {
        if let Some(ids) = self.ids.get_mut(key) {
            ids.remove(id);
            if ids.is_empty() {
                self.ids.remove(key);
            }
        }
    }
}
