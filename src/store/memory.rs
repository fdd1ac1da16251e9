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
use crate::name::{AccountId, DomainName};
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

#[derive(Default)]
struct Tables {
    challenges: BTreeMap<ChallengeId, Challenge>,
    /// Those that are open, a second time: who asks for them looks at no closed one (S-16).
    open: Open,
    accounts: Index<AccountId>,
    domains: Index<DomainName>,
    tokens: Index<TokenFingerprint>,
    /// Who has proven a domain: the challenges that hold a claim.
    claims: Index<DomainName>,
    /// When what is closed was over.
    over: BTreeSet<(UtcDateTime, ChallengeId)>,
}

/// The open challenges, by whom and what they are for.
#[derive(Default)]
struct Open {
    all: Sorted<()>,
    accounts: Sorted<AccountId>,
    domains: Sorted<DomainName>,
    both: Sorted<(AccountId, DomainName)>,
}

type Ids<'a> = Box<dyn Iterator<Item = &'a ChallengeId> + 'a>;

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
            && let Some(id) = self.open_like(&challenge)
        {
            return Err(StoreError::AlreadyOpen { id });
        }
        self.enter(challenge);
        Ok(())
    }

    fn find(&self, query: &ChallengeQuery, page: Page) -> Vec<Challenge> {
        let candidates = self.candidates(query, page.begins_after());
        candidates
            .filter_map(|id| self.challenges.get(id))
            .filter(|one| query.matches(one))
            .take(page.limit())
            .cloned()
            .collect()
    }

    /// The open challenge of the same account, domain, scope and owner name.
    fn open_like(&self, challenge: &Challenge) -> Option<ChallengeId> {
        let mut ids = self.open.both.of(both(challenge), None);
        ids.find_map(|id| {
            let one = self.challenges.get(id)?;
            let same = one.scope() == challenge.scope() && one.owner() == challenge.owner();
            same.then_some(*id)
        })
    }

    /// The challenges that have to be looked at, in the order of their ids.
    fn candidates<'a>(&'a self, query: &ChallengeQuery, after: Option<&ChallengeId>) -> Ids<'a> {
        if let Some(token) = query.by_token() {
            return self.tokens.of(token, after);
        }
        let (account, domain) = (query.by_account(), query.by_domain());
        if query.wants_open() {
            let open = &self.open;
            return match (account.cloned(), domain.cloned()) {
                (Some(account), Some(domain)) => open.both.of((account, domain), after),
                (Some(account), None) => open.accounts.of(account, after),
                (None, Some(domain)) => open.domains.of(domain, after),
                (None, None) => open.all.of((), after),
            };
        }
        let claimed = domain.filter(|_| query.wants_proven());
        let indexed = [
            claimed.map(|domain| self.claims.get(domain)),
            domain.map(|domain| self.domains.get(domain)),
            account.map(|account| self.accounts.get(account)),
        ];
        let narrowest = indexed.into_iter().flatten().min_by_key(|ids| ids.len());
        let range = (behind(after), Bound::Unbounded);
        match narrowest {
            Some(ids) => Box::new(ids.range(range)),
            None => Box::new(self.challenges.range(range).map(|(id, _)| id)),
        }
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
        let over = self.over.range(..(before, FIRST)).map(|(_, id)| *id);
        let ids: Vec<ChallengeId> = over.collect();
        ids.iter().filter(|id| self.leave(id).is_some()).count() as u64
    }

    /// Takes a challenge in, with its place in every index.
    fn enter(&mut self, challenge: Challenge) {
        let id = *challenge.id();
        if challenge.is_open() {
            self.open.add(&challenge);
        }
        if let Some(at) = challenge.over_at() {
            self.over.insert((at, id));
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
            self.open.remove(&challenge);
        }
        if let Some(at) = challenge.over_at() {
            self.over.remove(&(at, *id));
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

impl Open {
    fn add(&mut self, challenge: &Challenge) {
        let id = *challenge.id();
        self.all.add((), id);
        self.accounts.add(challenge.account().clone(), id);
        self.domains.add(challenge.domain().clone(), id);
        self.both.add(both(challenge), id);
    }

    fn remove(&mut self, challenge: &Challenge) {
        let id = *challenge.id();
        self.all.remove((), id);
        self.accounts.remove(challenge.account().clone(), id);
        self.domains.remove(challenge.domain().clone(), id);
        self.both.remove(both(challenge), id);
    }
}

fn both(challenge: &Challenge) -> (AccountId, DomainName) {
    (challenge.account().clone(), challenge.domain().clone())
}

/// The least id.
const FIRST: ChallengeId = ChallengeId::from_bytes([0; 16]);

fn behind(after: Option<&ChallengeId>) -> Bound<ChallengeId> {
    after.copied().map_or(Bound::Unbounded, Bound::Excluded)
}

/// The same as [`Index`] where most keys have one challenge: one tree in all takes less room than
/// one for each key.
#[derive(Debug)]
struct Sorted<K>(BTreeSet<(K, ChallengeId)>);

impl<K> Default for Sorted<K> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

impl<K: Ord + Clone> Sorted<K> {
    fn add(&mut self, key: K, id: ChallengeId) {
        self.0.insert((key, id));
    }

    fn remove(&mut self, key: K, id: ChallengeId) {
        self.0.remove(&(key, id));
    }

    fn of<'a>(&'a self, key: K, after: Option<&ChallengeId>) -> Ids<'a>
    where
        K: 'a,
    {
        let begin = match after {
            Some(id) => Bound::Excluded((key.clone(), *id)),
            None => Bound::Included((key.clone(), FIRST)),
        };
        let ids = self.0.range((begin, Bound::Unbounded));
        let ids = ids.take_while(move |(one, _)| *one == key);
        Box::new(ids.map(|(_, id)| id))
    }
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

    fn of(&self, key: &K, after: Option<&ChallengeId>) -> Ids<'_> {
        Box::new(self.get(key).range((behind(after), Bound::Unbounded)))
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use super::*;
    use crate::issue::{self, Terms};
    use crate::lifecycle::{self, Occasion};
    use crate::name::{Naming, ProviderName, Scope};
    use crate::policy::Timing;
    use crate::suffix::SuffixGuard;
    use crate::system::RandomTokens;
    use crate::token::TokenPurpose;

    const NOW: UtcDateTime = UtcDateTime::UNIX_EPOCH;

    fn challenge(number: u32, account: &str, domain: &str) -> Challenge {
        let naming = Naming::new(ProviderName::new("svc").unwrap()).unwrap();
        let (account, domain) = (AccountId::new(account).unwrap(), domain.parse().unwrap());
        let guard = SuffixGuard::default();
        let request = issue::admit(&naming, &guard, &account, &domain, Scope::Host).unwrap();
        let token = RandomTokens::new().draw(TokenPurpose::Value).unwrap();
        let mut id = [0; 16];
        let (start, _) = id.split_first_chunk_mut().unwrap();
        *start = number.to_be_bytes();
        let id = ChallengeId::from_bytes(id);
        issue::compose(request, id, token, &Terms::new(), NOW).unwrap()
    }

    fn close(tables: &mut Tables, challenge: &Challenge, at: UtcDateTime) {
        let occasion = Occasion::Cancelled;
        let closed = lifecycle::advance(challenge, occasion, &Timing::default(), at);
        tables.apply(&closed.unwrap().unwrap()).unwrap();
    }

    // S-16: who asks for what is open looks at nothing that is closed, however much that is.
    #[test]
    fn nothing_closed_is_looked_at() {
        let mut tables = Tables::default();
        for number in 0..10_000 {
            let one = challenge(number, "a", "example.com");
            tables.insert(one.clone()).unwrap();
            close(&mut tables, &one, NOW);
        }
        let open = challenge(5000 << 16, "a", "example.com");
        tables.insert(open.clone()).unwrap();
        for (number, account, domain) in [
            (10_001, "b", "example.com"),
            (10_002, "b", "example.net"),
            (10_003, "a", "example.net"),
        ] {
            tables.insert(challenge(number, account, domain)).unwrap();
        }
        let (a, domain): (_, DomainName) =
            (AccountId::new("a").unwrap(), "example.com".parse().unwrap());
        let all = ChallengeQuery::new().open();
        for (query, expected) in [
            (all.clone().account(a.clone()).domain(domain.clone()), 1),
            (all.clone().account(a), 2),
            (all.clone().domain(domain), 2),
            (all, 4),
        ] {
            assert_eq!(tables.candidates(&query, None).count(), expected);
            let found = tables.find(&query, Page::default());
            assert_eq!(found.len(), expected, "each of them is one");
            // The rest of it, page by page.
            let first = *found.first().unwrap().id();
            let rest = tables.candidates(&query, Some(&first));
            assert!(rest.eq(found.iter().skip(1).map(Challenge::id)));
        }
        // Nothing is there of what is closed: another may be opened, and no second one.
        let again = challenge(20_000, "a", "example.com");
        let refused = tables.insert(again.clone());
        assert!(matches!(refused, Err(StoreError::AlreadyOpen { id }) if id == *open.id()));
        close(&mut tables, &open, NOW);
        tables.insert(again).unwrap();
    }

    // What is over is forgotten when it was over before, and nothing else.
    #[test]
    fn what_is_over_is_purged() {
        let mut tables = Tables::default();
        for number in 0..10 {
            let one = challenge(number, "a", &format!("n{number}.com"));
            tables.insert(one.clone()).unwrap();
            let at = NOW + std::time::Duration::from_secs(number.into());
            if number > 0 {
                close(&mut tables, &one, at);
            }
        }
        let seven = NOW + std::time::Duration::from_secs(7);
        assert_eq!((tables.purge(seven), tables.purge(seven)), (6, 0));
        assert_eq!((tables.challenges.len(), tables.over.len()), (4, 3));
        assert_eq!((tables.purge(UtcDateTime::MAX), tables.over.len()), (3, 0));
    }
}
