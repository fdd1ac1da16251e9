//! How the owner names of challenges are composed.

use super::domain::DomainName;
use super::excerpt::excerpt;
use super::owner::OwnerName;
use super::party::{AccountId, ProviderName};
use super::registry;
use super::scope::Scope;
use super::word::{WordFault, word};
use super::{MAX_LABEL, MAX_NAME};
use crate::token::LabelToken;

/// Octets of a hashed account label with its underscore and dot.
const HASHED_LABEL: usize = 18;

/// Composes the owner names of a provider's challenges.
///
/// By default, for the provider `foo` (N-01, SC-03; the spellings are those of draft-04 §5.1.2):
///
/// | Scope | Label |
/// |---|---|
/// | [`Scope::Host`] | `_foo-challenge` |
/// | [`Scope::Wildcard`] | `_foo-wildcard-challenge` |
/// | [`Scope::Domain`] | `_foo-domain-challenge` |
///
/// Different scopes have different names, so that a user who publishes one record has not agreed
/// to more; [`single`](Self::single) gives that up. All that can be known is checked here: the
/// form and length of every label, on the composed labels, and that none belongs to others (N-05).
///
/// ```
/// use dcv::name::{AccountId, AccountLabels, Naming, ProviderName, Scope};
///
/// let naming = Naming::builder(ProviderName::new("foo")?)
///     .with_feature("feature1")
///     .with_account_labels(AccountLabels::Hashed)
///     .build()?;
/// let account = AccountId::new("https://example.com/acme/acct/ExampleAccount")?;
/// let owner = naming.owner(&"example.com".parse()?, Scope::Host, &account)?;
/// assert_eq!(owner.to_string(), "_ujmmovf2vn55tgye._feature1._foo-challenge.example.com.");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    provider: ProviderName,
    host: String,
    wildcard: String,
    domain: String,
    /// With their underscores, from the left.
    features: Vec<String>,
    accounts: AccountLabels,
    registered: bool,
}

/// Whether the names of challenges have a label for the account (draft-13 §8; M-01).
///
/// With it several accounts can prove the same domain side by side, and the names are harder to
/// guess for a scanner (N-04, I-05).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccountLabels {
    /// No such label.
    #[default]
    Absent,
    /// `_` and the first 10 octets of the identifier's SHA-256, as 16 characters of lower-case
    /// base32: the same label for an account every time, without its identifier (M-02).
    ///
    /// The hash has no key. Who can guess an identifier can confirm the guess.
    Hashed,
}

/// Which label a scope has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Labelling {
    /// Host has none, the others have.
    Default,
    /// Every scope has its own, as in draft-04.
    EveryScope,
    /// No scope has.
    Single,
}

impl Naming {
    /// The default naming: a label of its own for every scope.
    ///
    /// # Errors
    ///
    /// See [`NamingBuilder::build`].
    pub fn new(provider: ProviderName) -> Result<Self, NamingError> {
        Self::builder(provider).build()
    }

    /// One label, `_foo-challenge`, for every scope.
    ///
    /// The record then does not say what it authorises: only the instructions do. A record
    /// published for one host would look the same as one for the whole domain (SC-04).
    ///
    /// # Errors
    ///
    /// See [`NamingBuilder::build`].
    pub fn single(provider: ProviderName) -> Result<Self, NamingError> {
        Self::builder(provider).single().build()
    }

    /// Starts from the default and changes it.
    #[must_use]
    pub const fn builder(provider: ProviderName) -> NamingBuilder {
        NamingBuilder {
            provider,
            labelling: Labelling::Default,
            suffix: true,
            features: Vec::new(),
            accounts: AccountLabels::Absent,
            registered: false,
        }
    }

    /// The owner name for a challenge.
    ///
    /// # Errors
    ///
    /// [`NamingError::NameTooLong`] when the domain leaves no room for the labels before it (see
    /// [`room`](Self::room)).
    pub fn owner(
        &self,
        domain: &DomainName,
        scope: Scope,
        account: &AccountId,
    ) -> Result<OwnerName, NamingError> {
        match self.accounts {
            AccountLabels::Absent => self.compose(domain, scope, None),
            AccountLabels::Hashed => {
                let token = LabelToken::from_account_hash(account.as_str());
                self.owner_with_label(domain, scope, &token)
            }
        }
    }

    /// The owner name for a challenge whose account has the label `_` and `token`, whatever
    /// [`account_labels`](Self::account_labels) says (N-04, M-01): for a service or an Intermediary
    /// that keeps a random token for every account. The token has to stay the same for an account.
    ///
    /// # Errors
    ///
    /// [`NamingError::NameTooLong`] when the domain leaves no room for the labels before it.
    ///
    /// ```
    /// # use dcv::name::{Naming, ProviderName, Scope};
    /// # use dcv::token::LabelToken;
    /// let naming = Naming::new(ProviderName::new("svc")?)?;
    /// let token = LabelToken::new("mzxw6ytboi4dsnzwgqzdgmrtgi")?;
    /// let owner = naming.owner_with_label(&"example.com".parse()?, Scope::Host, &token)?;
    /// assert_eq!(owner.to_string(), "_mzxw6ytboi4dsnzwgqzdgmrtgi._svc-challenge.example.com.");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn owner_with_label(
        &self,
        domain: &DomainName,
        scope: Scope,
        token: &LabelToken,
    ) -> Result<OwnerName, NamingError> {
        self.compose(domain, scope, Some(&format!("_{}", token.as_str())))
    }

    /// The label right before the domain.
    ///
    /// ```
    /// # use dcv::name::{Naming, ProviderName, Scope};
    /// let naming = Naming::new(ProviderName::new("foo")?)?;
    /// assert_eq!(naming.label(Scope::Wildcard), "_foo-wildcard-challenge");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn label(&self, scope: Scope) -> &str {
        match scope {
            Scope::Host => &self.host,
            Scope::Wildcard => &self.wildcard,
            Scope::Domain => &self.domain,
        }
    }

    /// The most octets a domain name may have for a challenge of this scope.
    ///
    /// ```
    /// # use dcv::name::{Naming, ProviderName, Scope};
    /// let naming = Naming::new(ProviderName::new("example_service")?)?;
    /// assert_eq!(naming.room(Scope::Host), 226);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn room(&self, scope: Scope) -> usize {
        let account = match self.accounts {
            AccountLabels::Absent => 0,
            AccountLabels::Hashed => HASHED_LABEL,
        };
        MAX_NAME.saturating_sub(account + self.prefix_length(scope))
    }

    /// Whose challenges these are.
    #[must_use]
    pub const fn provider(&self) -> &ProviderName {
        &self.provider
    }

    /// Whether the names have a label for the account.
    #[must_use]
    pub const fn account_labels(&self) -> AccountLabels {
        self.accounts
    }

    /// Octets of the feature labels and the scope's label, each with its dot.
    fn prefix_length(&self, scope: Scope) -> usize {
        let features: usize = self.features.iter().map(|label| label.len() + 1).sum();
        features + self.label(scope).len() + 1
    }

    fn compose(
        &self,
        domain: &DomainName,
        scope: Scope,
        account: Option<&str>,
    ) -> Result<OwnerName, NamingError> {
        if let Some(label) = account {
            self.check_free(label)?;
        }
        let labels = account
            .into_iter()
            .chain(self.features.iter().map(String::as_str))
            .chain([self.label(scope)])
            .chain(domain.labels());
        // Every single label has been checked, the domain's and ours.
        OwnerName::from_labels(labels).map_err(|_| {
            let prefix = account.map_or(0, |label| label.len() + 1) + self.prefix_length(scope);
            NamingError::NameTooLong {
                over: (prefix + domain.as_str().len()).saturating_sub(MAX_NAME),
                room: MAX_NAME.saturating_sub(prefix),
            }
        })
    }

    /// Refuses a final label that belongs to others (N-05, S-18).
    fn check_free(&self, label: &str) -> Result<(), NamingError> {
        match registry::owner_of(label) {
            Some(whose) if !self.registered => Err(NamingError::RegisteredLabel {
                label: label.to_owned(),
                whose,
            }),
            _ => Ok(()),
        }
    }
}

/// Changes the default naming; see [`Naming::builder`].
#[derive(Debug, Clone)]
pub struct NamingBuilder {
    provider: ProviderName,
    labelling: Labelling,
    suffix: bool,
    features: Vec<String>,
    accounts: AccountLabels,
    registered: bool,
}

impl NamingBuilder {
    /// Gives all scopes the one label `_foo-challenge`; see [`Naming::single`].
    #[must_use]
    pub const fn single(mut self) -> Self {
        self.labelling = Labelling::Single;
        self
    }

    /// Names every scope in the label, also [`Scope::Host`]: `_foo-host-challenge`. This is the
    /// form of draft-04 (SC-01).
    #[must_use]
    pub const fn label_every_scope(mut self) -> Self {
        self.labelling = Labelling::EveryScope;
        self
    }

    /// Leaves out `-challenge`: `_foo`, `_foo-wildcard`, `_foo-domain` (N-02).
    #[must_use]
    pub const fn without_suffix(mut self) -> Self {
        self.suffix = false;
        self
    }

    /// Puts the label `_feature` before the others, to tell several validations of one provider
    /// apart: `_feature1._foo-challenge` (N-03). Features stand in the order they are given,
    /// before the scope's label and after that of the account.
    #[must_use]
    pub fn with_feature(mut self, feature: impl Into<String>) -> Self {
        self.features.push(feature.into());
        self
    }

    /// Whether names have a label for the account.
    #[must_use]
    pub const fn with_account_labels(mut self, accounts: AccountLabels) -> Self {
        self.accounts = accounts;
        self
    }

    /// Allows labels of the IANA registry and others in wide use, such as `_acme-challenge`: for
    /// a service that speaks the protocol the label belongs to. What the service publishes there
    /// can be taken for that protocol's (N-05).
    #[must_use]
    pub const fn allow_registered_labels(mut self) -> Self {
        self.registered = true;
        self
    }

    /// Composes and checks every label.
    ///
    /// # Errors
    ///
    /// [`NamingError::ProviderTooLong`] when the provider's name does not fit the longest label,
    /// [`Feature`](NamingError::Feature) when a feature makes no label,
    /// [`RegisteredLabel`](NamingError::RegisteredLabel) when a composed label belongs to others,
    /// [`PrefixTooLong`](NamingError::PrefixTooLong) when the labels leave no room for a domain.
    pub fn build(self) -> Result<Naming, NamingError> {
        let features = self
            .features
            .iter()
            .map(|feature| feature_label(feature))
            .collect::<Result<Vec<_>, _>>()?;
        let naming = Naming {
            host: self.scope_label(Scope::Host)?,
            wildcard: self.scope_label(Scope::Wildcard)?,
            domain: self.scope_label(Scope::Domain)?,
            provider: self.provider,
            features,
            accounts: self.accounts,
            registered: self.registered,
        };
        let scopes = Scope::ALL.map(|scope| naming.label(scope));
        for label in naming.features.iter().map(String::as_str).chain(scopes) {
            naming.check_free(label)?;
        }
        for scope in Scope::ALL {
            if naming.room(scope) == 0 {
                return Err(NamingError::PrefixTooLong {
                    length: naming.prefix_length(scope),
                });
            }
        }
        Ok(naming)
    }

    fn scope_label(&self, scope: Scope) -> Result<String, NamingError> {
        let mut ending = String::new();
        let named = match self.labelling {
            Labelling::Default => scope != Scope::Host,
            Labelling::EveryScope => true,
            Labelling::Single => false,
        };
        if named {
            ending.push('-');
            ending.push_str(scope.as_str());
        }
        if self.suffix {
            ending.push_str("-challenge");
        }
        let label = format!("_{}{ending}", self.provider);
        if label.len() > MAX_LABEL {
            let limit = MAX_LABEL - 1 - ending.len();
            return Err(NamingError::ProviderTooLong { label, limit });
        }
        Ok(label)
    }
}

/// The label of a feature, which can be no scope's (S-18) and no account's (M-03).
fn feature_label(feature: &str) -> Result<String, NamingError> {
    let checked = word(feature, MAX_LABEL - 1).and_then(|word| match LabelToken::new(&word) {
        Ok(_) => Err(WordFault::LikeToken),
        Err(_) => Ok(format!("_{word}")),
    });
    checked.map_err(|fault| NamingError::Feature {
        feature: excerpt(feature),
        fault,
    })
}

/// Why no owner name, or no [`Naming`], can be composed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NamingError {
    /// A label with the provider's name is longer than 63 octets.
    #[error(
        "the label `{label}` has {length} octets, but 63 are the most: \
         the provider name may have at most {limit} octets here",
        length = label.len()
    )]
    ProviderTooLong {
        /// The label.
        label: String,
        /// Octets that the other parts leave for the provider's name.
        limit: usize,
    },
    /// A feature makes no label.
    #[error("the feature `{feature}` {fault}")]
    Feature {
        /// What was given, cut and escaped.
        feature: String,
        /// What is wrong with it.
        fault: WordFault,
    },
    /// A label that belongs to others (N-05).
    #[error(
        "the label `{label}` is {whose}: choose another name, \
         or ask for it with `allow_registered_labels` if the service speaks that protocol"
    )]
    RegisteredLabel {
        /// The label.
        label: String,
        /// In whose use it is.
        whose: &'static str,
    },
    /// The labels leave no room for any domain.
    #[error(
        "the labels before the domain have {length} octets and leave no room for it in 253: \
         use fewer or shorter features"
    )]
    PrefixTooLong {
        /// Octets of the labels with their dots.
        length: usize,
    },
    /// The name of this domain's challenge is longer than 253 octets.
    #[error(
        "the challenge's name is {over} octets longer than the 253 a name can have: \
         a domain of at most {room} octets fits; shorten the provider name or the features, \
         or prove a parent domain"
    )]
    NameTooLong {
        /// Octets over the limit.
        over: usize,
        /// Octets the longest possible domain has.
        room: usize,
    },
}
