//! The two parties of a challenge: who asks and who answers.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::excerpt::excerpt;
use super::word::{WordFault, word};

/// The provider-relevant name: what stands for the service in the names of its challenges, as in
/// `_example-saas-challenge` (draft-13 §6.2; N-01, I-04).
///
/// ASCII letters (kept in lower case), digits, `-` and `_`; a letter or digit at both ends; at
/// most [`MAX_LENGTH`](Self::MAX_LENGTH) octets, which the longer labels of
/// [`Naming`](super::Naming) reduce further. It cannot end in a word that says the scope or the
/// purpose of a label, so that no provider's label is another's (S-18).
///
/// ```
/// use dcv::name::ProviderName;
///
/// assert_eq!(ProviderName::new("Example_Service")?.as_str(), "example_service");
/// assert!(ProviderName::new("example-wildcard").is_err());
/// # Ok::<(), dcv::name::PartyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderName(Arc<str>);

impl ProviderName {
    /// What `_` and `-challenge` leave of a label of 63 octets (N-01).
    pub const MAX_LENGTH: usize = 52;

    /// Checks and lower-cases a provider's name.
    ///
    /// # Errors
    ///
    /// [`PartyError::Provider`], with what is wrong.
    pub fn new(name: &str) -> Result<Self, PartyError> {
        word(name, Self::MAX_LENGTH)
            .map(|name| Self(Arc::from(name)))
            .map_err(|fault| PartyError::Provider {
                name: excerpt(name),
                fault,
            })
    }

    /// The name, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProviderName {
    type Err = PartyError;

    fn from_str(name: &str) -> Result<Self, PartyError> {
        Self::new(name)
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderName({})", self.0)
    }
}

/// Whom a proof is bound to: the identifier of a tenant, an organisation, an account, as the
/// application has it.
///
/// Opaque: compared octet by octet, never normalised, and never written into the DNS as it is;
/// there it appears only hashed ([`AccountLabels::Hashed`](super::AccountLabels::Hashed)). It is
/// not taken for a secret: `Display` and `Debug` show it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(Arc<str>);

impl AccountId {
    /// The most octets an identifier may have.
    pub const MAX_LENGTH: usize = 255;

    /// Checks an identifier.
    ///
    /// # Errors
    ///
    /// A [`PartyError`] whose name begins with `Account`: when it is empty, longer than
    /// [`MAX_LENGTH`](Self::MAX_LENGTH) octets, or has a control character.
    pub fn new(id: &str) -> Result<Self, PartyError> {
        if id.is_empty() {
            return Err(PartyError::AccountEmpty);
        }
        if id.len() > Self::MAX_LENGTH {
            return Err(PartyError::AccountTooLong { length: id.len() });
        }
        match id
            .char_indices()
            .find(|(_, character)| character.is_control())
        {
            Some((offset, _)) => Err(PartyError::AccountControlCharacter { offset }),
            None => Ok(Self(Arc::from(id))),
        }
    }

    /// The identifier, exactly as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = PartyError;

    fn from_str(id: &str) -> Result<Self, PartyError> {
        Self::new(id)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AccountId").field(&&*self.0).finish()
    }
}

/// Why a text is not a [`ProviderName`] or an [`AccountId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartyError {
    /// Not the name of a provider.
    #[error("the provider name `{name}` {fault}")]
    Provider {
        /// What was given, cut and escaped.
        name: String,
        /// What is wrong with it.
        fault: WordFault,
    },
    /// No account identifier was given.
    #[error("the account identifier is empty: a proof is always bound to an account")]
    AccountEmpty,
    /// Longer than [`AccountId::MAX_LENGTH`].
    #[error(
        "the account identifier has {length} octets, but at most {max} are possible",
        max = AccountId::MAX_LENGTH
    )]
    AccountTooLong {
        /// Octets of the identifier.
        length: usize,
    },
    /// A control character.
    #[error("the account identifier has a control character at offset {offset}")]
    AccountControlCharacter {
        /// Octets before the character.
        offset: usize,
    },
}
