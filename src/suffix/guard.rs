use super::list::top_level;
use super::{Admission, Division, Standing, SuffixError, SuffixList, SuffixPolicy};
use crate::name::{DomainName, Scope};

/// Decides by the public suffixes which names may be proven, and how far a proof reaches (S-9).
///
/// The default is the compiled list with the strict policy. Looking a name up allocates nothing.
///
/// ```
/// use dcv::name::{DomainName, Scope};
/// use dcv::suffix::{SuffixError, SuffixGuard};
///
/// let guard = SuffixGuard::default();
/// let shop: DomainName = "shop.example.co.uk".parse()?;
/// assert!(guard.check(&shop, Scope::Domain).is_ok());
/// assert_eq!(guard.registrable_str(&shop), Some("example.co.uk"));
///
/// let refused = guard.check(&"co.uk".parse()?, Scope::Domain).unwrap_err();
/// assert!(matches!(refused, SuffixError::IcannSuffix(_)));
/// # Ok::<(), dcv::name::NameError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct SuffixGuard {
    list: SuffixList,
    policy: SuffixPolicy,
}

impl SuffixGuard {
    /// A guard that knows this list and follows this policy.
    #[must_use]
    pub const fn new(list: SuffixList, policy: SuffixPolicy) -> Self {
        Self { list, policy }
    }

    /// The list.
    #[must_use]
    pub const fn list(&self) -> &SuffixList {
        &self.list
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> SuffixPolicy {
        self.policy
    }

    /// Says where a name stands among the public suffixes, whatever the policy.
    #[must_use]
    pub fn classify(&self, name: &DomainName) -> Standing {
        if is_special_use(name) {
            return Standing::SpecialUse;
        }
        let (suffix, below) = self.list.suffix_and_wildcard(name.as_str());
        if suffix.is_all_of(name.as_str()) {
            // A top-level domain may be known by its wildcard rule alone, as `ck` is.
            return Standing::Suffix(match suffix.division {
                Division::Unlisted => below.unwrap_or(Division::Unlisted),
                listed => listed,
            });
        }
        match below {
            Some(division) => Standing::WildcardParent(division),
            None => Standing::Below(suffix.division),
        }
    }

    /// Admits a domain to a proof of this scope, or says why not (PS-01 to PS-04, S-9).
    ///
    /// This is asked when a challenge is issued, at every verification and at every re-validation,
    /// so a name that becomes a suffix stops being provable.
    ///
    /// # Errors
    ///
    /// A [`SuffixError`] for every name that is not one registrant's, and for those that the policy
    /// does not admit.
    pub fn check(&self, domain: &DomainName, scope: Scope) -> Result<Admission, SuffixError> {
        let refuse = |error: fn(DomainName) -> SuffixError| Err(error(domain.clone()));
        match self.classify(domain) {
            Standing::SpecialUse => refuse(SuffixError::SpecialUse),
            Standing::Below(Division::Unlisted) if !self.policy.allows_unlisted() => {
                refuse(SuffixError::Unlisted)
            }
            Standing::Below(_) => Ok(Admission::Full),
            Standing::Suffix(Division::Icann) => refuse(SuffixError::IcannSuffix),
            Standing::WildcardParent(Division::Icann) => refuse(SuffixError::IcannWildcard),
            Standing::Suffix(Division::Unlisted) | Standing::WildcardParent(Division::Unlisted) => {
                refuse(SuffixError::NoRegistrableDomain)
            }
            Standing::Suffix(Division::Private) if !self.policy.allows_private_suffixes() => {
                refuse(SuffixError::PrivateSuffix)
            }
            Standing::WildcardParent(Division::Private)
                if !self.policy.allows_private_suffixes() =>
            {
                refuse(SuffixError::PrivateWildcard)
            }
            Standing::Suffix(Division::Private) | Standing::WildcardParent(Division::Private) => {
                match scope {
                    Scope::Host => Ok(Admission::NoAlias),
                    Scope::Wildcard | Scope::Domain => Err(SuffixError::PrivateScope {
                        domain: domain.clone(),
                        scope,
                    }),
                }
            }
        }
    }

    /// The domain that somebody registered and that `name` belongs to: its public suffix and one
    /// label more. `None` when `name` is itself a suffix.
    #[must_use]
    pub fn registrable(&self, name: &DomainName) -> Option<DomainName> {
        DomainName::parse(self.registrable_str(name)?).ok()
    }

    /// The same as [`registrable`](Self::registrable), as a part of `name`.
    #[must_use]
    pub fn registrable_str<'n>(&self, name: &'n DomainName) -> Option<&'n str> {
        self.list.suffix(name.as_str()).registrable(name.as_str())
    }

    /// Whether both names belong to one registrable domain (S-9).
    ///
    /// ICANN and PRIVATE suffixes both are boundaries. A name that is itself a suffix has no
    /// registrable domain and shares none, not even with itself.
    #[must_use]
    pub fn same_registrable(&self, a: &DomainName, b: &DomainName) -> bool {
        self.registrable_str(a)
            .is_some_and(|registrable| self.registrable_str(b) == Some(registrable))
    }
}

/// Top-level domains under which nobody registers a name in the public DNS, or whose names stand
/// for something else: RFC 2606, 6761, 6762, 7686 and 9476, `internal` as ICANN reserved it, and
/// `arpa` (PS-04).
fn is_special_use(name: &DomainName) -> bool {
    matches!(
        top_level(name.as_str()),
        b"test"
            | b"example"
            | b"invalid"
            | b"localhost"
            | b"local"
            | b"onion"
            | b"alt"
            | b"internal"
            | b"arpa"
    )
}
