use crate::challenge::{Challenge, State};
use crate::name::{AccountId, DomainName};
use crate::token::{ChallengeId, TokenFingerprint};

/// Which challenges are asked for. Conditions add up; without any, all are.
///
/// A store may narrow its search by what the query says of itself, but [`matches`](Self::matches)
/// decides: it knows the conditions that are added later, too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChallengeQuery {
    account: Option<AccountId>,
    domain: Option<DomainName>,
    token: Option<TokenFingerprint>,
    standing: Option<Standing>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    Proven,
}

impl ChallengeQuery {
    /// All challenges.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of this account.
    #[must_use]
    pub fn account(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }

    /// For exactly this domain.
    #[must_use]
    pub fn domain(mut self, domain: DomainName) -> Self {
        self.domain = Some(domain);
        self
    }

    /// That expect the token with this fingerprint.
    #[must_use]
    pub fn token(mut self, token: TokenFingerprint) -> Self {
        self.token = Some(token);
        self
    }

    /// That still wait for their proof.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.standing = Some(Standing::Open);
        self
    }

    /// That were proven, and of which nobody has found yet that it is over. Whether a proof holds at
    /// some time is for the reader to decide: see
    /// [`Challenge::state_at`](crate::challenge::Challenge::state_at).
    #[must_use]
    pub fn proven(mut self) -> Self {
        self.standing = Some(Standing::Proven);
        self
    }

    /// The account asked for, for stores that have an index of it.
    #[must_use]
    pub fn by_account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// The domain asked for, for stores that have an index of it.
    #[must_use]
    pub fn by_domain(&self) -> Option<&DomainName> {
        self.domain.as_ref()
    }

    /// The token asked for, for stores that have an index of it.
    #[must_use]
    pub fn by_token(&self) -> Option<&TokenFingerprint> {
        self.token.as_ref()
    }

    /// Whether only open ones are asked for, for stores that have an index of those.
    #[must_use]
    pub fn wants_open(&self) -> bool {
        self.standing == Some(Standing::Open)
    }

    /// Whether only proven ones are asked for, for stores that have an index of claims.
    #[must_use]
    pub fn wants_proven(&self) -> bool {
        self.standing == Some(Standing::Proven)
    }

    /// Whether a challenge is among those asked for.
    #[must_use]
    pub fn matches(&self, challenge: &Challenge) -> bool {
        self.account
            .as_ref()
            .is_none_or(|account| account == challenge.account())
            && self
                .domain
                .as_ref()
                .is_none_or(|domain| domain == challenge.domain())
            && self
                .token
                .as_ref()
                .is_none_or(|token| challenge.expects(token))
            && self.standing.is_none_or(|standing| match standing {
                Standing::Open => challenge.is_open(),
                Standing::Proven => matches!(challenge.state(), State::Validated { .. }),
            })
    }
}

/// Which part of what was found: in the order of the ids, those after one, at most so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    after: Option<ChallengeId>,
    limit: usize,
}

impl Page {
    /// The most that one page holds.
    pub const MAX: usize = 1000;

    /// The first `limit`, at most [`MAX`](Self::MAX).
    #[must_use]
    pub fn first(limit: usize) -> Self {
        Self {
            after: None,
            limit: limit.min(Self::MAX),
        }
    }

    /// Those after the last one of the page before.
    #[must_use]
    pub fn after(mut self, last: ChallengeId) -> Self {
        self.after = Some(last);
        self
    }

    /// The id behind which the page begins.
    #[must_use]
    pub fn begins_after(&self) -> Option<&ChallengeId> {
        self.after.as_ref()
    }

    /// The most that the page holds.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::first(100)
    }
}
