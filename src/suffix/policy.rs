use super::Division;

/// Which names are admitted that the strict policy refuses.
///
/// ICANN suffixes, names without a registrable domain and special-use names are refused whatever
/// the policy.
///
/// ```
/// use dcv::suffix::SuffixPolicy;
///
/// let policy = SuffixPolicy::strict().allow_private_suffixes();
/// assert!(policy.allows_private_suffixes() && !policy.allows_unlisted());
/// assert_eq!(SuffixPolicy::default(), SuffixPolicy::strict());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SuffixPolicy {
    private_suffixes: bool,
    unlisted: bool,
}

impl SuffixPolicy {
    /// Admits no suffix, and nothing under a top-level domain that is not on the list.
    #[must_use]
    pub const fn strict() -> Self {
        Self {
            private_suffixes: false,
            unlisted: false,
        }
    }

    /// Admits names that are PRIVATE suffixes themselves, such as `github.io`, for the name alone
    /// ([`Scope::Host`](crate::name::Scope::Host)) and as [`Admission::NoAlias`] (PS-02).
    ///
    /// Where the tenants of such a suffix can create names that begin with an underscore, each of
    /// them could prove it: ask its operator first (PS-03).
    #[must_use]
    pub const fn allow_private_suffixes(self) -> Self {
        Self {
            private_suffixes: true,
            ..self
        }
    }

    /// Admits names under top-level domains that are not on the list.
    ///
    /// For a private root, or a list that is old. By the list's implicit rule `*` the name under
    /// such a top-level domain is one registrant's; nobody has confirmed that.
    #[must_use]
    pub const fn allow_unlisted(self) -> Self {
        Self {
            unlisted: true,
            ..self
        }
    }

    /// Whether PRIVATE suffixes are admitted.
    #[must_use]
    pub const fn allows_private_suffixes(self) -> bool {
        self.private_suffixes
    }

    /// Whether names under unlisted top-level domains are admitted.
    #[must_use]
    pub const fn allows_unlisted(self) -> bool {
        self.unlisted
    }
}

/// Where a name stands among the public suffixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standing {
    /// It is itself a suffix, by a rule of this division: `co.uk`, `github.io`. Unlisted is a name
    /// of one label that no rule knows.
    Suffix(Division),
    /// It is not itself a suffix, but a wildcard rule makes every name directly below it one:
    /// `kobe.jp`, `compute.amazonaws.com`. It belongs to whoever gives those names out.
    WildcardParent(Division),
    /// It is a registrable domain or below one, and its suffix is by a rule of this division.
    Below(Division),
    /// It ends in a top-level domain that the public DNS does not delegate to registrants, such as
    /// `test`, `local` or `arpa`.
    SpecialUse,
}

/// How a name was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Admission {
    /// Without restriction.
    Full,
    /// A PRIVATE suffix that the policy admits: the record must stand at its own name, found through
    /// no alias, and be seen in a Secure answer or by a quorum (S-9).
    NoAlias,
}

impl Admission {
    /// Whether a record that was found through an alias counts.
    #[must_use]
    pub const fn allows_alias(self) -> bool {
        matches!(self, Self::Full)
    }

    /// Whether the word of a single unsigned view is enough, where the policy asks for no more.
    #[must_use]
    pub const fn allows_single_view(self) -> bool {
        matches!(self, Self::Full)
    }
}
