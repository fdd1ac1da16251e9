use std::fmt;
use std::str::FromStr;

/// What kind of thing is wrong. The word of a code ([`as_str`](Self::as_str)) never changes its
/// meaning: applications may keep it, count it, and have texts of their own for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// Nothing is there yet.
    NotPublished,
    /// The record stands below the zone's name twice: a DNS panel appended it to a name that had it
    /// already.
    ZoneNameDoubled,
    /// The record stands at the domain itself instead of the underscore label.
    RecordAtApex,
    /// The record stands at another name: without the underscore, below `www`, one level too high.
    RecordAtWrongName,
    /// There is no TXT record, but one of another type.
    WrongRecordType,
    /// The value has quotation marks in it.
    QuotesInValue,
    /// The value has white space before or after it.
    SurroundingWhitespace,
    /// The value has characters in it that nobody sees.
    InvisibleCharacters,
    /// The value's upper and lower case were changed.
    CaseChanged,
    /// Only the beginning of the value is there.
    ValueTruncated,
    /// There is more in the value than the token, in a form that is none.
    ExtraText,
    /// A token that the same account was given before, for the same.
    StaleToken,
    /// A token of another account. Only the operator is told (S-17).
    OtherAccountToken,
    /// A token that the same account was given for another domain or scope.
    TokenForOtherDomain,
    /// A token, or what looks like one, that nobody here knows.
    UnknownToken,
    /// The record is published; a cache still denies it.
    NegativeCached,
    /// Some of the zone's name servers have the record, others not yet.
    NameserversDisagree,
    /// The record is at servers that the domain is not delegated to.
    WrongProvider,
    /// An alias at the owner name hides the record beside it.
    CnameAtOwner,
    /// The owner name is an alias of a name that does not exist.
    CnameDangling,
    /// The owner name's aliases lead in a circle, or too far.
    CnameLoop,
    /// The answer comes from a wildcard.
    WildcardSynthesised,
    /// The provider replaced the alias by the addresses of its target.
    FlattenedCname,
    /// A name server that the domain is delegated to does not serve it.
    LameDelegation,
    /// The zone's DNSSEC is broken.
    DnssecBogus,
    /// The servers answered with an error.
    ServerFailure,
    /// The servers refused to answer.
    Refused,
    /// The servers did not answer in time.
    Timeout,
    /// A resolver blocks or makes up answers for the name.
    AnswerFiltered,
    /// A denial comes from another zone than the name's: whoever answers has the wrong zone.
    WrongZone,
    /// The domain is not registered, has expired, or is on hold.
    DomainNotDelegated,
    /// The value was split into parts with blanks between them.
    SplitValueMangled,
    /// The answer is too large for a datagram, and TCP does not get through.
    TruncatedNoTcp,
    /// The record can be seen in a private view only.
    SplitHorizon,
    /// The challenge has expired.
    ChallengeExpired,
    /// The challenge was given up.
    ChallengeClosed,
    /// The challenge was proven, and that does not count any more.
    ProofEnded,
    /// The record was there and proved control, and has been removed.
    RecordRemoved,
    /// The domain itself is refused: a public suffix, for example.
    DomainRefused,
    /// The application does not know the record format of the challenge. Only the operator can mend
    /// that.
    UnknownFormat,
    /// None of the causes that can be told apart from outside.
    Undetermined,
    /// The answer is more than is read or validated.
    AnswerTooLarge,
}

/// A word that is no [`Code`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no code of a finding")]
#[non_exhaustive]
pub struct CodeError;

#[cfg(feature = "serde")]
crate::serial::as_text! {
    Code: "the code of a finding", |code| code, str::parse;
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 42] = [
        Self::NotPublished,
        Self::ZoneNameDoubled,
        Self::RecordAtApex,
        Self::RecordAtWrongName,
        Self::WrongRecordType,
        Self::QuotesInValue,
        Self::SurroundingWhitespace,
        Self::InvisibleCharacters,
        Self::CaseChanged,
        Self::ValueTruncated,
        Self::ExtraText,
        Self::StaleToken,
        Self::OtherAccountToken,
        Self::TokenForOtherDomain,
        Self::UnknownToken,
        Self::NegativeCached,
        Self::NameserversDisagree,
        Self::WrongProvider,
        Self::CnameAtOwner,
        Self::CnameDangling,
        Self::CnameLoop,
        Self::WildcardSynthesised,
        Self::FlattenedCname,
        Self::LameDelegation,
        Self::DnssecBogus,
        Self::ServerFailure,
        Self::Refused,
        Self::Timeout,
        Self::AnswerFiltered,
        Self::WrongZone,
        Self::DomainNotDelegated,
        Self::SplitValueMangled,
        Self::TruncatedNoTcp,
        Self::SplitHorizon,
        Self::ChallengeExpired,
        Self::ChallengeClosed,
        Self::ProofEnded,
        Self::RecordRemoved,
        Self::DomainRefused,
        Self::UnknownFormat,
        Self::Undetermined,
        Self::AnswerTooLarge,
    ];

    /// The word for it, such as `zone-name-doubled`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotPublished => "not-published",
            Self::ZoneNameDoubled => "zone-name-doubled",
            Self::RecordAtApex => "record-at-apex",
            Self::RecordAtWrongName => "record-at-wrong-name",
            Self::WrongRecordType => "wrong-record-type",
            Self::QuotesInValue => "quotes-in-value",
            Self::SurroundingWhitespace => "surrounding-whitespace",
            Self::InvisibleCharacters => "invisible-characters",
            Self::CaseChanged => "case-changed",
            Self::ValueTruncated => "value-truncated",
            Self::ExtraText => "extra-text",
            Self::StaleToken => "stale-token",
            Self::OtherAccountToken => "other-account-token",
            Self::TokenForOtherDomain => "token-for-other-domain",
            Self::UnknownToken => "unknown-token",
            Self::NegativeCached => "negative-cached",
            Self::NameserversDisagree => "nameservers-disagree",
            Self::WrongProvider => "wrong-provider",
            Self::CnameAtOwner => "cname-at-owner",
            Self::CnameDangling => "cname-dangling",
            Self::CnameLoop => "cname-loop",
            Self::WildcardSynthesised => "wildcard-synthesised",
            Self::FlattenedCname => "flattened-cname",
            Self::LameDelegation => "lame-delegation",
            Self::DnssecBogus => "dnssec-bogus",
            Self::ServerFailure => "server-failure",
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::AnswerFiltered => "answer-filtered",
            Self::WrongZone => "wrong-zone",
            Self::DomainNotDelegated => "domain-not-delegated",
            Self::SplitValueMangled => "split-value-mangled",
            Self::TruncatedNoTcp => "truncated-no-tcp",
            Self::SplitHorizon => "split-horizon",
            Self::ChallengeExpired => "challenge-expired",
            Self::ChallengeClosed => "challenge-closed",
            Self::ProofEnded => "proof-ended",
            Self::RecordRemoved => "record-removed",
            Self::DomainRefused => "domain-refused",
            Self::UnknownFormat => "unknown-format",
            Self::Undetermined => "undetermined",
            Self::AnswerTooLarge => "answer-too-large",
        }
    }

    /// The address of a page about it: the [manual](crate::manual::diagnosis) of this version.
    ///
    /// ```
    /// use dcv::diagnose::Code;
    ///
    /// let page = Code::ZoneNameDoubled.documentation();
    /// assert!(page.starts_with("https://docs.rs/dcv/"));
    /// assert!(page.ends_with("/dcv/manual/diagnosis/index.html#zone-name-doubled"));
    /// ```
    #[must_use]
    pub fn documentation(self) -> String {
        format!(
            "https://docs.rs/dcv/{}/dcv/manual/diagnosis/index.html#{self}",
            env!("CARGO_PKG_VERSION"),
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(word: &str) -> Result<Self, CodeError> {
        Self::ALL
            .into_iter()
            .find(|code| code.as_str() == word)
            .ok_or(CodeError)
    }
}
