use crate::name::{DomainName, Scope};

/// Why a name is not admitted to a proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SuffixError {
    /// The name is a suffix of the ICANN division (PS-01).
    #[error(
        "{0} is a public suffix: its registry gives the names below it to anybody, so no customer \
         of it can prove control over it; use a domain that is registered below it"
    )]
    IcannSuffix(DomainName),
    /// The ICANN division makes every name directly below this one a suffix (PS-01).
    #[error(
        "every name directly below {0} is a public suffix: {0} belongs to the registry of those; \
         use a domain that is registered below one of them"
    )]
    IcannWildcard(DomainName),
    /// The name is a suffix of the PRIVATE division, and the policy admits none (PS-02).
    #[error(
        "the names below {0} belong to different customers of one provider: use a name below it, \
         or, as that provider, have the service opt in with \
         `SuffixPolicy::allow_private_suffixes`"
    )]
    PrivateSuffix(DomainName),
    /// The PRIVATE division makes every name directly below this one a suffix, and the policy admits
    /// none (PS-02).
    #[error(
        "every name directly below {0} is the suffix of one provider's customers: use a name below \
         one of them, or, as that provider, have the service opt in with \
         `SuffixPolicy::allow_private_suffixes`"
    )]
    PrivateWildcard(DomainName),
    /// The policy admits the PRIVATE suffix, but never with this scope (S-9).
    #[error(
        "the names below {domain} belong to different customers of one provider: {domain} can be \
         proven for itself alone, not with the scope `{scope}`; use the scope `{host}`",
        host = Scope::Host
    )]
    PrivateScope {
        /// The name.
        domain: DomainName,
        /// The scope that was asked for.
        scope: Scope,
    },
    /// The top-level domain is not on the list, and the policy admits no such names (S-9).
    #[error(
        "the top-level domain of {0} is not on the public suffix list: check the spelling; if it \
         is new, load a fresher list; if it is yours, opt in with `SuffixPolicy::allow_unlisted`"
    )]
    Unlisted(DomainName),
    /// The name is a top-level domain that is not on the list, so nobody registered it (S-9).
    #[error("{0} is a top-level domain: use a domain that is registered below it")]
    NoRegistrableDomain(DomainName),
    /// The name ends in a top-level domain without registrants (PS-04).
    #[error(
        "{0} ends in a special-use top-level domain, where nobody registers a name in the public \
         DNS: use a domain that was registered"
    )]
    SpecialUse(DomainName),
}

impl SuffixError {
    /// The name that was refused.
    #[must_use]
    pub const fn domain(&self) -> &DomainName {
        match self {
            Self::IcannSuffix(domain)
            | Self::IcannWildcard(domain)
            | Self::PrivateSuffix(domain)
            | Self::PrivateWildcard(domain)
            | Self::PrivateScope { domain, .. }
            | Self::Unlisted(domain)
            | Self::NoRegistrableDomain(domain)
            | Self::SpecialUse(domain) => domain,
        }
    }
}
