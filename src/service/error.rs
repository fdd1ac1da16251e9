use time::UtcDateTime;

use super::check::Moment;
use crate::issue::IssueError;
use crate::lifecycle::LifecycleError;
use crate::store::StoreError;
use crate::token::TokenError;

/// Why [`Dcv`](super::Dcv) could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No challenge can be issued for this domain, scope and account.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// There is no such challenge of this account.
    #[error("there is no such challenge")]
    NotFound,
    /// The same was asked for a moment ago, or more is asked for than the
    /// [`Limits`](super::Limits) allow.
    #[error("this was asked for just now, or too often lately: try again at {}", Moment(*retry_at))]
    TooSoon {
        /// From when on it is admitted, if nobody else comes first.
        retry_at: UtcDateTime,
    },
    /// Others change the same challenge all the time.
    #[error("the challenge is being changed by others: try again")]
    Busy,
    /// No token could be made.
    #[error("no token could be made")]
    Token(#[from] TokenError),
    /// The token generator gave a token that another challenge has (T-06).
    #[error(
        "the token generator gave a token that was issued before: every challenge needs its own"
    )]
    TokenReused,
    /// The verifier's result does not belong to the challenge.
    #[error("the result of the check cannot be applied")]
    Lifecycle(#[from] LifecycleError),
    /// The store failed.
    #[error("the challenges cannot be read or written")]
    Store(#[from] StoreError),
}

/// What an [`Error`] means to the caller of a service; the HTTP status that fits is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request cannot be fulfilled as it is: 422.
    Refused,
    /// There is no such thing: 404. An id that cannot be parsed is answered in the same way.
    NotFound,
    /// Not now, but at a known time: 429.
    TooSoon,
    /// Try the same again: 409.
    Busy,
    /// The service itself is at fault: 500.
    Internal,
}

impl ErrorKind {
    /// The status code with which an HTTP service answers.
    #[must_use]
    pub fn http_status(self) -> u16 {
        match self {
            Self::Refused => 422,
            Self::NotFound => 404,
            Self::TooSoon => 429,
            Self::Busy => 409,
            Self::Internal => 500,
        }
    }
}

impl Error {
    /// From when on the same request may succeed, where that is known: what `Retry-After` says.
    #[must_use]
    pub fn retry_at(&self) -> Option<UtcDateTime> {
        match self {
            Self::TooSoon { retry_at } => Some(*retry_at),
            _ => None,
        }
    }

    /// What it means to the caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Issue(IssueError::Suffix(_) | IssueError::Naming(_)) => ErrorKind::Refused,
            Self::NotFound => ErrorKind::NotFound,
            Self::TooSoon { .. } => ErrorKind::TooSoon,
            Self::Busy => ErrorKind::Busy,
            Self::Issue(_)
            | Self::Token(_)
            | Self::TokenReused
            | Self::Lifecycle(_)
            | Self::Store(_) => ErrorKind::Internal,
        }
    }
}
