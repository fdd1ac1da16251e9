use time::UtcDateTime;

use crate::record::{FormatId, Syntax};
use crate::token::{Token, TokenFingerprint};

/// What must be seen: a token, and the form in which it is written.
///
/// Every expectation holds a token that a [`TokenGenerator`](crate::token::TokenGenerator) made
/// (S-12). A challenge may have several, any of which proves it; each has its own time, so that
/// one token can replace another with an overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    token: Token,
    // Kept beside the token: every decision names it, and hashing costs more than deciding.
    fingerprint: TokenFingerprint,
    form: Form,
    issued_at: UtcDateTime,
    retire_at: Option<UtcDateTime>,
}

/// How a token is written into the record. Fixed at issue and never guessed from what is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Form {
    /// The draft's grammar: `token=…`, with metadata or without, or the bare token.
    Draft(Syntax),
    /// The token is the whole RDATA, octet for octet.
    Exact,
    /// A format of the application's own (K-13).
    Custom(FormatId),
}

impl Expectation {
    /// Expects `token` in `form`, from `issued_at` on.
    #[must_use]
    pub fn new(token: Token, form: Form, issued_at: UtcDateTime) -> Self {
        let fingerprint = token.fingerprint();
        Self {
            token,
            fingerprint,
            form,
            issued_at,
            retire_at: None,
        }
    }

    /// Stops counting at `retire_at`: the old token of a rotation.
    #[must_use]
    pub fn retiring_at(mut self, retire_at: UtcDateTime) -> Self {
        self.retire_at = Some(retire_at);
        self
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// The token's digest, to name it by.
    #[must_use]
    pub fn fingerprint(&self) -> &TokenFingerprint {
        &self.fingerprint
    }

    /// How the token is written.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Since when it is expected.
    #[must_use]
    pub fn issued_at(&self) -> UtcDateTime {
        self.issued_at
    }

    /// When it stops counting.
    #[must_use]
    pub fn retire_at(&self) -> Option<UtcDateTime> {
        self.retire_at
    }

    /// Whether it counts at this time.
    #[must_use]
    pub fn is_live(&self, now: UtcDateTime) -> bool {
        self.issued_at <= now && self.retire_at.is_none_or(|end| now < end)
    }
}
