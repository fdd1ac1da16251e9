/// Where a token will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenPurpose {
    /// In the data of a record.
    Value,
    /// In a DNS label: lower-case base32 or base16, at most 62 characters (T-03, T-05). What is made
    /// for it must pass [`LabelToken::try_from`](super::LabelToken#impl-TryFrom<%26Token>-for-LabelToken).
    Label,
}
