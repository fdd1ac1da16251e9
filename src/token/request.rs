use std::fmt::Debug;
use std::sync::Arc;

use time::UtcDateTime;

use super::{ChallengeId, Token, TokenError};
use crate::name::{AccountId, DomainName, OwnerName, Scope};

/// Where a token will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenPurpose {
    /// In the data of a record.
    Value,
    /// In a DNS label: lower-case base32 or base16, at most 62 characters (T-03, T-05). What is made
    /// for it must be a [`LabelToken`](super::LabelToken).
    Label,
}

/// What a token is made for. It has all that binds a token to its challenge (T-12, S-12).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct TokenRequest<'a> {
    account: &'a AccountId,
    domain: &'a DomainName,
    scope: Scope,
    owner: &'a OwnerName,
    purpose: TokenPurpose,
    challenge: ChallengeId,
    now: UtcDateTime,
}

impl<'a> TokenRequest<'a> {
    /// A request for one token of this challenge.
    #[must_use]
    pub const fn new(
        account: &'a AccountId,
        domain: &'a DomainName,
        scope: Scope,
        owner: &'a OwnerName,
        purpose: TokenPurpose,
        challenge: ChallengeId,
        now: UtcDateTime,
    ) -> Self {
        Self {
            account,
            domain,
            scope,
            owner,
            purpose,
            challenge,
            now,
        }
    }

    /// Whom the proof will be bound to.
    #[must_use]
    pub const fn account(&self) -> &'a AccountId {
        self.account
    }

    /// The domain to be proven.
    #[must_use]
    pub const fn domain(&self) -> &'a DomainName {
        self.domain
    }

    /// What the proof will cover.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// The name the record will stand at. A token for a label of that name is made before the name
    /// is complete; then this is the name without that label.
    #[must_use]
    pub const fn owner(&self) -> &'a OwnerName {
        self.owner
    }

    /// Where the token will stand.
    #[must_use]
    pub const fn purpose(&self) -> TokenPurpose {
        self.purpose
    }

    /// The challenge. No two challenges have the same, so a token made from it is never made twice
    /// (T-06).
    #[must_use]
    pub const fn challenge(&self) -> ChallengeId {
        self.challenge
    }

    /// When the token is issued: the `issued_at` of its expectation.
    #[must_use]
    pub const fn now(&self) -> UtcDateTime {
        self.now
    }
}

/// Makes tokens.
///
/// Two requests that differ must get different tokens, and nobody else may be able to tell a token
/// before it is issued (draft-13 §6.1.1; T-06). Forwarded through `&T`, `Box<T>` and `Arc<T>`.
///
/// ```
/// use dcv::token::{Token, TokenError, TokenGenerator, TokenRequest};
///
/// /// Puts the service's name in front of each token.
/// #[derive(Debug)]
/// struct Branded<G>(G);
///
/// impl<G: TokenGenerator> TokenGenerator for Branded<G> {
///     fn generate(&self, request: &TokenRequest<'_>) -> Result<Token, TokenError> {
///         let random = self.0.generate(request)?;
///         Token::new(&format!("example-saas={}", random.as_str()))
///     }
/// }
/// ```
pub trait TokenGenerator: Debug + Send + Sync {
    /// Makes the token for a request.
    ///
    /// # Errors
    ///
    /// [`TokenError::generator`] wraps what went wrong in a generator of the application. Nothing is
    /// issued then.
    fn generate(&self, request: &TokenRequest<'_>) -> Result<Token, TokenError>;
}

impl<T: TokenGenerator + ?Sized> TokenGenerator for &T {
    fn generate(&self, request: &TokenRequest<'_>) -> Result<Token, TokenError> {
        (**self).generate(request)
    }
}

impl<T: TokenGenerator + ?Sized> TokenGenerator for Box<T> {
    fn generate(&self, request: &TokenRequest<'_>) -> Result<Token, TokenError> {
        (**self).generate(request)
    }
}

impl<T: TokenGenerator + ?Sized> TokenGenerator for Arc<T> {
    fn generate(&self, request: &TokenRequest<'_>) -> Result<Token, TokenError> {
        (**self).generate(request)
    }
}
