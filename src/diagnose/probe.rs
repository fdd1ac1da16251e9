use crate::dns::Question;
use crate::name::OwnerName;
use crate::token::TokenFingerprint;

/// Something to find out for a diagnosis. None of it ever proves anything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Probe {
    /// Ask one resolver.
    Resolver(Question),
    /// Ask one resolver, which is told not to check DNSSEC (CD).
    Unchecked(Question),
    /// Ask the name servers that the domain is delegated to, at most
    /// [`MAX_SERVERS`](super::MAX_SERVERS).
    Delegated(Question),
    /// Ask these name servers, whoever delegates to them.
    Servers {
        /// The question.
        question: Question,
        /// The servers' names, at most [`MAX_SERVERS`](super::MAX_SERVERS).
        #[cfg_attr(
            feature = "serde",
            serde(deserialize_with = "crate::serial::bounded::<{ super::MAX_SERVERS }, _, _>")
        )]
        servers: Vec<OwnerName>,
    },
    /// Look for the token with this fingerprint in the store.
    Token(TokenFingerprint),
}

impl Probe {
    /// What is asked of the DNS.
    #[must_use]
    pub fn question(&self) -> Option<&Question> {
        match self {
            Self::Resolver(question)
            | Self::Unchecked(question)
            | Self::Delegated(question)
            | Self::Servers { question, .. } => Some(question),
            Self::Token(_) => None,
        }
    }
}
