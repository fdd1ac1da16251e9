use std::fmt;

use super::ExtendedError;
use crate::name::OwnerName;

/// Why a question has no answer. Never the same as "the record is absent": a failure neither
/// proves nor disproves anything.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum LookupFailure {
    /// Nothing came back in time. Of a server of the zone: every try was made, and waited for to
    /// its end (S-2).
    Timeout,
    /// The server answered with an error code (RCODE) such as SERVFAIL (2) or REFUSED (5).
    Server {
        /// The RCODE.
        rcode: u16,
        /// Extended errors that explain it (RFC 8914).
        #[cfg_attr(
            feature = "serde",
            serde(deserialize_with = "crate::serial::bounded::<8, _, _>")
        )]
        extended: Vec<ExtendedError>,
    },
    /// A validator found the answer's DNSSEC signatures wrong (D-03).
    Bogus {
        /// Extended errors that explain it (RFC 8914).
        #[cfg_attr(
            feature = "serde",
            serde(deserialize_with = "crate::serial::bounded::<8, _, _>")
        )]
        extended: Vec<ExtendedError>,
    },
    /// The answer's aliases end at a name about which it says nothing.
    BrokenChain {
        /// Where they end.
        at: OwnerName,
    },
    /// The server does not answer for the name: it only refers to other servers.
    Referral,
    /// The answer did not fit into a datagram, and could not be had over TCP.
    Truncated,
    /// The answer is larger than [`MAX_RDATA`](super::MAX_RDATA), has more than
    /// [`MAX_RECORDS`](super::MAX_RECORDS) records of other types than TXT, or takes more to
    /// validate than we do for it (S-16).
    TooLarge,
    /// A reply came that does not belong to the question.
    Mismatch(ReplyMismatch),
    /// What came back is not a DNS message.
    MalformedReply,
    /// The server could not be reached: the network refused or broke the connection.
    Transport,
    /// The server's certificate is not one to trust.
    Certificate,
    /// No name servers of the name could be found.
    NotDelegated,
    /// The name server has no address, or none that could be found out.
    NoAddress,
    /// The server's address is not one we connect to (S-10).
    AddressRefused,
    /// The server or the domain was asked too often lately (S-16).
    Throttled,
    /// The answer comes from a wildcard of a signed zone, in a form that our validator cannot
    /// check. Nobody says that it is wrong, but nothing proves it right.
    UnverifiedWildcard,
    /// The verification has used up its queries (S-16).
    BudgetExhausted,
    /// The server was not asked, or not waited for, for a reason of ours: its zone has more servers
    /// than we ask (S-16), what others said had settled the matter, or this machine had no socket to
    /// ask with.
    Unheard,
    /// The lookup is not able to ask this question.
    Unsupported,
    /// The lookup's own failure, of which nothing more is known here.
    Other,
}

/// What of a reply did not belong to the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum ReplyMismatch {
    /// The message id.
    Id,
    /// The question section.
    Question,
    /// The upper and lower case of the question's name, which we choose at random.
    Case,
    /// It is a query, not a reply.
    NotAReply,
}

impl LookupFailure {
    /// The server answered with this RCODE and said nothing more.
    #[must_use]
    pub fn server(rcode: u16) -> Self {
        Self::Server {
            rcode,
            extended: Vec::new(),
        }
    }

    /// Whether the server was not asked, or not waited for, for a reason of ours. That is no silence:
    /// nobody knows what it would have said (S-2).
    #[must_use]
    pub fn is_ours(&self) -> bool {
        matches!(
            self,
            Self::AddressRefused | Self::Throttled | Self::BudgetExhausted | Self::Unheard
        )
    }

    /// Whether asking again later may succeed without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        !matches!(
            self,
            Self::Bogus { .. }
                | Self::TooLarge
                | Self::AddressRefused
                | Self::Unsupported
                | Self::UnverifiedWildcard
        )
    }
}

/// The mnemonic of an RCODE, where it has one.
pub(crate) fn rcode_name(rcode: u16) -> Option<&'static str> {
    Some(match rcode {
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        9 => "NOTAUTH",
        _ => return None,
    })
}

impl fmt::Display for LookupFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("no reply in time"),
            Self::Server { rcode, extended } => {
                match rcode_name(*rcode) {
                    Some(name) => write!(f, "the server answered {name}")?,
                    None => write!(f, "the server answered with error code {rcode}")?,
                }
                write_extended(f, extended)
            }
            Self::Bogus { extended } => {
                f.write_str("the DNSSEC signatures of the answer are wrong")?;
                write_extended(f, extended)
            }
            Self::BrokenChain { at } => {
                write!(
                    f,
                    "the answer's aliases end at {at}, of which it says nothing"
                )
            }
            Self::Referral => {
                f.write_str("the server does not answer for the name, and refers to others")
            }
            Self::Truncated => {
                f.write_str("the answer is too large for UDP, and TCP did not bring it")
            }
            Self::TooLarge => f.write_str("the answer is larger than we read or validate"),
            Self::Mismatch(what) => {
                let what = match what {
                    ReplyMismatch::Id => "another message id",
                    ReplyMismatch::Question => "another question",
                    ReplyMismatch::Case => "another spelling of the name",
                    ReplyMismatch::NotAReply => "no reply flag",
                };
                write!(
                    f,
                    "a reply came that does not belong to the question: it has {what}"
                )
            }
            Self::MalformedReply => f.write_str("the reply is not a DNS message"),
            Self::Transport => f.write_str("the server cannot be reached"),
            Self::Certificate => f.write_str("the server's certificate is not one to trust"),
            Self::NotDelegated => f.write_str("no name servers of the name could be found"),
            Self::NoAddress => f.write_str("no address of the name server is known"),
            Self::AddressRefused => f.write_str("the server's address is not one to connect to"),
            Self::Throttled => f.write_str("the server or the domain was asked too often lately"),
            Self::UnverifiedWildcard => f.write_str(
                "the answer comes from a wildcard of a signed zone, which could not be verified",
            ),
            Self::BudgetExhausted => f.write_str("the verification has used up its queries"),
            Self::Unheard => f.write_str("the server was not asked, or not waited for"),
            Self::Unsupported => f.write_str("the lookup cannot ask this question"),
            Self::Other => f.write_str("the lookup failed"),
        }
    }
}

fn write_extended(f: &mut fmt::Formatter<'_>, extended: &[ExtendedError]) -> fmt::Result {
    for error in extended {
        write!(f, "; {error}")?;
    }
    Ok(())
}
