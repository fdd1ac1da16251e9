//! Composing a challenge: from a wish and a token to the value that is stored.
//!
//! [`admit`] decides whether this account may be asked for this proof, and at which owner name;
//! [`compose`] makes the challenge of that and a token, on the [`Terms`] of the application.
//!
//! ```
//! use dcv::issue::{Style, Terms, admit, compose};
//! use dcv::name::{AccountId, Naming, ProviderName, Scope};
//! use dcv::suffix::SuffixGuard;
//! use dcv::token::{ChallengeId, Token};
//!
//! let (naming, guard) = (Naming::new(ProviderName::new("example-saas")?)?, SuffixGuard::default());
//! let account = AccountId::new("tenant-42")?;
//! assert!(admit(&naming, &guard, &account, &"co.uk".parse()?, Scope::Domain).is_err());
//!
//! let wish = admit(&naming, &guard, &account, &"example.co.uk".parse()?, Scope::Host)?;
//! let id = ChallengeId::from_bytes([7; 16]); // of a generator, as the token is
//! let token = Token::new("mfrggzdfmztwq2lknnwg23tpobyxe43u")?;
//! let terms = Terms::new().with_style(Style::default().without_expiry());
//! let now = time::UtcDateTime::UNIX_EPOCH;
//! let challenge = compose(wish, id, token, &terms, now)?;
//! assert_eq!(
//!     challenge.record().to_string(),
//!     "_example-saas-challenge.example.co.uk. 300 IN TXT \"token=mfrggzdfmztwq2lknnwg23tpobyxe43u\"",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use time::UtcDateTime;

use crate::challenge::{Challenge, ChallengeError, Expectation, Form, State, ValidationRecord};
use crate::lifecycle::later;
use crate::name::{AccountId, DomainName, Naming, NamingError, OwnerName, Scope};
use crate::policy::Timing;
use crate::record::{self, Expiry, Formats, RecordError, RecordValue};
use crate::suffix::{SuffixError, SuffixGuard};
use crate::token::{ChallengeId, Token};

/// How records are written: fixed at issue, never guessed at a check (design of the draft's
/// revisions, K-01).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    form: Form,
    show_expiry: bool,
}

impl Default for Style {
    /// The draft's space-separated grammar, with the time after which the record may go (E-02).
    fn default() -> Self {
        Self {
            form: Form::Draft(record::Syntax::Space),
            show_expiry: true,
        }
    }
}

impl Style {
    /// Writes tokens in this form.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self {
            form,
            show_expiry: true,
        }
    }

    /// Leaves `expiry=…` out of the record (E-06).
    #[must_use]
    pub fn without_expiry(mut self) -> Self {
        self.show_expiry = false;
        self
    }

    /// The form.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }
}

/// What an application issues challenges on: how it writes records, and how long things last.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    style: Style,
    formats: Formats,
    timing: Timing,
}

impl Terms {
    /// The defaults of all parts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes records in this way.
    #[must_use]
    pub fn with_style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// Knows these record formats of the application's own.
    #[must_use]
    pub fn with_formats(mut self, formats: Formats) -> Self {
        self.formats = formats;
        self
    }

    /// Lets things last this long.
    #[must_use]
    pub fn with_timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// How records are written.
    #[must_use]
    pub fn style(&self) -> &Style {
        &self.style
    }

    /// The application's own record formats.
    #[must_use]
    pub fn formats(&self) -> &Formats {
        &self.formats
    }

    /// How long things last.
    #[must_use]
    pub fn timing(&self) -> &Timing {
        &self.timing
    }
}

/// What is wished for: whose proof, of what, at which owner name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    account: AccountId,
    domain: DomainName,
    scope: Scope,
    owner: OwnerName,
}

impl Request {
    /// The account that the proof is for.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The domain to prove.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// What the proof is to cover.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Where the record will be looked for.
    #[must_use]
    pub fn owner(&self) -> &OwnerName {
        &self.owner
    }
}

/// Why no challenge can be issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The domain may not be proven at all, or not in this scope.
    #[error(transparent)]
    Suffix(#[from] SuffixError),
    /// There is no owner name for it.
    #[error(transparent)]
    Naming(#[from] NamingError),
    /// The token cannot be written in the chosen form.
    #[error("the token cannot be written into the record")]
    Record(#[from] RecordError),
    /// The form names a record format that is not registered.
    #[error("no record format is called {format}: register it before it is used")]
    UnknownFormat {
        /// The format's name.
        format: record::FormatId,
    },
    /// The parts do not make a challenge.
    #[error("the challenge contradicts itself")]
    Challenge(#[from] ChallengeError),
}

/// Decides whether this account may be asked for this proof, and where.
///
/// # Errors
///
/// [`IssueError::Suffix`] when the guard refuses the domain, [`IssueError::Naming`] when it
/// leaves no room for the label.
pub fn admit(
    naming: &Naming,
    guard: &SuffixGuard,
    account: &AccountId,
    domain: &DomainName,
    scope: Scope,
) -> Result<Request, IssueError> {
    guard.check(domain, scope)?;
    let owner = naming.owner(domain, scope, account)?;
    let (account, domain) = (account.clone(), domain.clone());
    Ok(Request {
        account,
        domain,
        scope,
        owner,
    })
}

/// Composes the challenge for an admitted request: pending, in its first revision.
///
/// # Errors
///
/// [`IssueError`] when the token cannot be written in the style's form.
pub fn compose(
    request: Request,
    id: ChallengeId,
    token: Token,
    terms: &Terms,
    now: UtcDateTime,
) -> Result<Challenge, IssueError> {
    let Terms {
        style,
        formats,
        timing,
    } = terms;
    let expires_at = later(now, timing.challenge);
    let value = match &style.form {
        Form::Draft(syntax) => {
            let value = RecordValue::new(token.as_str())?;
            let value = if style.show_expiry {
                value.expiry(Expiry::At(expires_at))?
            } else {
                value
            };
            value.to_rdata(*syntax)?
        }
        Form::Exact => token.as_str().to_owned(),
        Form::Custom(id) => {
            let format = formats
                .find(id.as_str())
                .ok_or_else(|| IssueError::UnknownFormat { format: id.clone() })?;
            record::check_round_trip(format, token.as_str())?
        }
    };
    let record = ValidationRecord::txt(request.owner, value, timing.record_ttl);
    let challenge = Challenge {
        id,
        account: request.account,
        domain: request.domain,
        scope: request.scope,
        record,
        expectations: vec![Expectation::new(token, style.form.clone(), now)],
        issued_at: now,
        expires_at,
        state: State::Pending,
        revision: 1,
        attempts: 0,
        last_checked_at: None,
        next_check_at: None,
        evidence: None,
    };
    Ok(challenge.checked()?)
}
