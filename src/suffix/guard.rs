use super::SuffixList;

/// Decides by the public suffixes what may be proven.
#[derive(Debug, Clone, Default)]
pub struct SuffixGuard {
    list: SuffixList,
}

impl SuffixGuard {
    /// Whether both names belong to one registrable domain (S-9).
    ///
    /// ICANN and PRIVATE suffixes both are boundaries. A name that is a suffix itself has no
    /// registrable domain and shares none.
    #[must_use]
    pub fn same_registrable<N: AsRef<str> + ?Sized>(&self, a: &N, b: &N) -> bool {
        let registrable = |name: &'_ N| -> Option<String> {
            let name = name.as_ref();
            self.list.suffix(name).registrable(name).map(str::to_owned)
        };
        registrable(a).is_some_and(|domain| registrable(b).is_some_and(|other| domain == other))
    }
}
