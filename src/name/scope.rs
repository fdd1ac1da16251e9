//! What a proof covers.

use std::fmt;
use std::str::FromStr;

use super::domain::DomainName;
use super::error::{NameError, Place};
use super::excerpt::excerpt;
use crate::suffix::SuffixGuard;

/// What a proof of control over a domain covers (draft-04 §5.1.2; SC-01).
///
/// There is no default: the scope is chosen when a challenge is issued, stands in the owner name
/// the user publishes at, and never comes from the record's text (SC-04).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// The name itself and nothing else.
    Host,
    /// Every name exactly one label below, not the name itself.
    Wildcard,
    /// The name itself and everything below it.
    Domain,
}

impl Scope {
    /// Every scope, from the narrowest.
    pub const ALL: [Self; 3] = [Self::Host, Self::Wildcard, Self::Domain];

    /// `host`, `wildcard` or `domain`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Wildcard => "wildcard",
            Self::Domain => "domain",
        }
    }

    /// Splits what a user entered into the domain and the scope its form implies:
    /// `*.example.com` is `example.com` with [`Scope::Wildcard`], a plain name implies none (N-06).
    ///
    /// # Errors
    ///
    /// What [`DomainName::parse`] refuses, with places in `input`; a second `*` among it.
    ///
    /// ```
    /// use dcv::name::Scope;
    ///
    /// let (domain, scope) = Scope::split("*.EXAMPLE.com.")?;
    /// assert_eq!((domain.as_str(), scope), ("example.com", Some(Scope::Wildcard)));
    /// assert_eq!(Scope::split("example.com")?.1, None);
    /// # Ok::<(), dcv::name::NameError>(())
    /// ```
    pub fn split(input: &str) -> Result<(DomainName, Option<Self>), NameError> {
        match DomainName::parse(input) {
            Ok(domain) => Ok((domain, None)),
            Err(NameError::Wildcard(_)) => {
                let mut rest = input.chars();
                let skipped: usize = rest.by_ref().take(2).map(char::len_utf8).sum();
                let domain = DomainName::parse_at(rest.as_str(), Place::new(2, skipped))?;
                Ok((domain, Some(Self::Wildcard)))
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a proof of this scope for `domain` covers `name` (SC-01, S-9).
    ///
    /// Never across the boundary of a public suffix, ICANN or PRIVATE: `name` must have the same
    /// registrable domain as `domain`. A domain that is a suffix itself has none, so a proof for
    /// it covers that one name, and only as [`Scope::Host`].
    ///
    /// ```
    /// use dcv::name::{DomainName, Scope};
    /// use dcv::suffix::SuffixGuard;
    ///
    /// let guard = SuffixGuard::default();
    /// let domain: DomainName = "example.com".parse()?;
    /// let www: DomainName = "www.example.com".parse()?;
    /// assert!(!Scope::Host.covers(&domain, &www, &guard));
    /// assert!(Scope::Wildcard.covers(&domain, &www, &guard));
    /// assert!(Scope::Domain.covers(&domain, &www, &guard));
    /// # Ok::<(), dcv::name::NameError>(())
    /// ```
    #[must_use]
    pub fn covers(self, domain: &DomainName, name: &DomainName, guard: &SuffixGuard) -> bool {
        let Some(left) = name.relative_to(domain) else {
            return false;
        };
        match self {
            Self::Host => left.is_empty(),
            Self::Wildcard => {
                !left.is_empty() && !left.contains('.') && guard.same_registrable(domain, name)
            }
            Self::Domain => guard.same_registrable(domain, name),
        }
    }

    /// What a proof of this scope for `domain` authorises, in words for the instructions (SC-03).
    ///
    /// ```
    /// use dcv::name::Scope;
    ///
    /// assert_eq!(
    ///     Scope::Domain.describe(&"example.com".parse()?),
    ///     "example.com and every name below it",
    /// );
    /// # Ok::<(), dcv::name::NameError>(())
    /// ```
    #[must_use]
    pub fn describe(self, domain: &DomainName) -> String {
        let shown = domain.both_forms();
        match self {
            Self::Host => format!("the name {shown} only, and no name below it"),
            Self::Wildcard => format!(
                "every name exactly one label below {shown} (such as www.{domain}), \
                 but not {domain} itself and nothing deeper"
            ),
            Self::Domain => format!("{shown} and every name below it"),
        }
    }
}

impl FromStr for Scope {
    type Err = NameError;

    fn from_str(input: &str) -> Result<Self, NameError> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == input)
            .ok_or_else(|| NameError::UnknownScope(excerpt(input)))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
