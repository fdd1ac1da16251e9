use std::fmt;

use time::UtcDateTime;

use crate::challenge::{Challenge, State};
use crate::evidence::Basis;
use crate::suffix::SuffixGuard;
use crate::token::{ChallengeId, TokenFingerprint};

/// The decision over all observations of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The record is there: control is proven.
    #[non_exhaustive]
    Validated {
        /// What the decision rests on.
        basis: Basis,
        /// The observation in which the record was seen first; `None` when that was in an earlier
        /// check.
        seen: Option<u32>,
        /// What lets the challenge become validated. `None` for a replay (S-4).
        witness: Option<ValidatedControl>,
    },
    /// The record is not there. The user has to do something, or a cache has to forget.
    #[non_exhaustive]
    Unproven {
        /// What is there instead.
        reason: Unproven,
        /// The observation that shows it.
        seen: u32,
    },
    /// It cannot be proven in this way: only the user or the application can go on.
    #[non_exhaustive]
    Rejected {
        /// What stands in the way.
        reason: Rejected,
        /// The observation that shows it, where it is one.
        seen: Option<u32>,
    },
    /// Nothing can be said: asking again later may help, and nobody has lost anything.
    #[non_exhaustive]
    Indeterminate {
        /// What is missing.
        reason: Indeterminate,
        /// The observation that shows it, where it is one.
        seen: Option<u32>,
    },
}

/// What is there instead of the expected record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unproven {
    /// The owner name does not exist.
    NoSuchName,
    /// The owner name exists, but has no TXT record.
    NoSuchRecord,
    /// There are TXT records, none of them with the token.
    Different,
    /// There is a record that begins like ours but cannot be read.
    Malformed,
    /// The owner name is an alias of a name that does not exist, or has no TXT record.
    TargetMissing,
    /// The owner name is an alias that leads back to itself.
    AliasLoop,
    /// The owner name is an alias through too many others.
    AliasTooLong,
}

/// What makes a proof in this way impossible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rejected {
    /// The challenge was cancelled, or is closed otherwise.
    Closed,
    /// The challenge has expired.
    Expired,
    /// The challenge was proven, and the time of that proof is over.
    Ended,
    /// The domain is refused by the suffix guard.
    Suffix,
    /// A trusted validator finds the zone's DNSSEC signatures wrong.
    Bogus,
    /// The answer comes from a wildcard.
    Wildcard,
    /// A trusted validator can neither verify nor disprove the answer, which comes from a wildcard
    /// of a signed zone.
    UnverifiedWildcard,
}

/// What is missing for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Indeterminate {
    /// Nothing was seen that counts: no answer was in time.
    NoObservation,
    /// The lookups failed.
    LookupFailed,
    /// A negative answer came without proof of whose it is (no SOA that encloses the name).
    UnprovenAbsence,
    /// A resolver answered from beyond the record's time to live.
    Stale,
    /// A resolver blocks or filters the name.
    Filtered,
    /// An answer contradicts itself, or one perspective contradicts itself.
    Incoherent,
    /// An alias is not accepted below this public suffix (S-9).
    AliasRefused,
    /// The challenge's record format is not among those that the rules know.
    UnknownFormat,
    /// Whether a wildcard answers could not be found out.
    WildcardUnknown,
    /// Some saw the record, but not as many independent ones as needed.
    NotCorroborated,
    /// Enough saw the record, but the authoritative view could not be had (S-2).
    Unconfirmed,
    /// The zone's own name servers disagree about the record (S-2).
    ServersDisagree,
    /// The authoritative view denies what resolvers saw.
    Vetoed,
    /// The record was seen, but not in a secure answer, which the policy requires.
    NotSecure,
    /// There are fewer remote perspectives than the CA/Browser Forum asks for by now.
    TooFewPerspectives,
    /// Those that corroborate stand in fewer regions than the CA/Browser Forum asks for.
    TooFewRegions,
    /// The perspectives disagree, or one says bogus and another does not.
    Disagreement,
    /// The challenge, or its proof, is of a time that has not come yet: our clock is wrong, or was,
    /// or that of the host which wrote it (S-5, S-7).
    ClockSkew,
    /// A lookup failed, as the answer is more than is read or validated (S-16). It stays so until
    /// somebody removes records.
    TooLarge,
    /// A lookup failed, as the answer does not fit into a datagram, and TCP did not bring it.
    Truncated,
}

impl Indeterminate {
    /// Whether it stays so until somebody changes something, so that there is no hurry to look
    /// again.
    pub(crate) fn waits_for_a_change(self) -> bool {
        matches!(self, Self::TooLarge | Self::Truncated)
    }
}

/// The witness that a running verification has seen a challenge's record: bound to the
/// challenge, its revision, the token and the instant.
///
/// Nothing but [`evaluate`](super::evaluate) over live observations makes one, and it cannot be
/// stored: [`lifecycle::advance`](crate::lifecycle::advance) takes it and nothing else for a
/// proof (S-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidatedControl {
    challenge: ChallengeId,
    revision: u64,
    token: TokenFingerprint,
    at: UtcDateTime,
}

impl ValidatedControl {
    pub(super) fn new(challenge: &Challenge, token: TokenFingerprint, at: UtcDateTime) -> Self {
        Self {
            challenge: *challenge.id(),
            revision: challenge.revision(),
            token,
            at,
        }
    }

    /// The challenge that was proven.
    #[must_use]
    pub fn challenge(&self) -> &ChallengeId {
        &self.challenge
    }

    /// The revision of the challenge that was looked for.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The token that was seen.
    #[must_use]
    pub fn token(&self) -> &TokenFingerprint {
        &self.token
    }

    /// When it was decided.
    #[must_use]
    pub fn at(&self) -> UtcDateTime {
        self.at
    }
}

impl Verdict {
    /// Whether control is proven.
    #[must_use]
    pub fn is_validated(&self) -> bool {
        matches!(self, Self::Validated { .. })
    }

    /// What a challenge stands for at this time without looking, and without a witness; `None`
    /// while it can be looked for.
    pub(crate) fn standing(
        challenge: &Challenge,
        guard: &SuffixGuard,
        now: UtcDateTime,
    ) -> Option<Self> {
        let rejected = |reason| Some(Self::Rejected { reason, seen: None });
        let lapsed = Self::lapsed(challenge, guard, now);
        match (challenge.state(), challenge.evidence()) {
            _ if lapsed.is_some() => lapsed,
            // Held, if it is not over for good (S-7).
            (State::Pending, _) if challenge.expires_at() <= now => rejected(Rejected::Expired),
            (State::Pending, _) => None,
            (State::Validated { .. }, Some(evidence)) => Some(Self::Validated {
                basis: evidence.basis(),
                seen: None,
                witness: None,
            }),
            (State::Expired { .. }, _) => rejected(Rejected::Expired),
            _ => rejected(Rejected::Closed),
        }
    }

    /// Why what was proven once does not count at this time; `None` while it does, and where nothing
    /// was proven. No look changes it.
    pub(crate) fn lapsed(
        challenge: &Challenge,
        guard: &SuffixGuard,
        now: UtcDateTime,
    ) -> Option<Self> {
        let rejected = |reason| Some(Self::Rejected { reason, seen: None });
        match challenge.state_at(now) {
            State::Ended { .. } => rejected(Rejected::Ended),
            State::Validated { .. }
                if guard.check(challenge.domain(), challenge.scope()).is_err() =>
            {
                rejected(Rejected::Suffix)
            }
            State::Validated { .. } if !challenge.is_admitted(guard) => rejected(Rejected::Ended),
            State::Validated { at, .. } if now < at => Some(Self::Indeterminate {
                reason: Indeterminate::ClockSkew,
                seen: None,
            }),
            _ => None,
        }
    }

    /// The witness of a live validation.
    #[must_use]
    pub fn witness(&self) -> Option<&ValidatedControl> {
        match self {
            Self::Validated { witness, .. } => witness.as_ref(),
            _ => None,
        }
    }

    /// The verdict in one stable word: `validated`, `unproven`, `rejected` or `indeterminate`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Validated { .. } => "validated",
            Self::Unproven { .. } => "unproven",
            Self::Rejected { .. } => "rejected",
            Self::Indeterminate { .. } => "indeterminate",
        }
    }

    /// The reason in one stable word, such as `no-such-name`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Validated { basis, .. } => match basis {
                Basis::Secure => "secure",
                Basis::Quorum => "quorum",
                Basis::CaBrowserForum => "ca-browser-forum",
            },
            Self::Unproven { reason, .. } => match reason {
                Unproven::NoSuchName => "no-such-name",
                Unproven::NoSuchRecord => "no-such-record",
                Unproven::Different => "different",
                Unproven::Malformed => "malformed",
                Unproven::TargetMissing => "target-missing",
                Unproven::AliasLoop => "alias-loop",
                Unproven::AliasTooLong => "alias-too-long",
            },
            Self::Rejected { reason, .. } => match reason {
                Rejected::Closed => "closed",
                Rejected::Expired => "expired",
                Rejected::Ended => "ended",
                Rejected::Suffix => "suffix",
                Rejected::Bogus => "bogus",
                Rejected::Wildcard => "wildcard",
                Rejected::UnverifiedWildcard => "unverified-wildcard",
            },
            Self::Indeterminate { reason, .. } => match reason {
                Indeterminate::NoObservation => "no-observation",
                Indeterminate::LookupFailed
                | Indeterminate::TooLarge
                | Indeterminate::Truncated => "lookup-failed",
                Indeterminate::UnprovenAbsence => "unproven-absence",
                Indeterminate::Stale => "stale",
                Indeterminate::Filtered => "filtered",
                Indeterminate::Incoherent => "incoherent",
                Indeterminate::AliasRefused => "alias-refused",
                Indeterminate::UnknownFormat => "unknown-format",
                Indeterminate::WildcardUnknown => "wildcard-unknown",
                Indeterminate::NotCorroborated => "not-corroborated",
                Indeterminate::Unconfirmed => "unconfirmed",
                Indeterminate::ServersDisagree => "servers-disagree",
                Indeterminate::Vetoed => "vetoed",
                Indeterminate::NotSecure => "not-secure",
                Indeterminate::TooFewPerspectives => "too-few-perspectives",
                Indeterminate::TooFewRegions => "too-few-regions",
                Indeterminate::Disagreement => "disagreement",
                Indeterminate::ClockSkew => "clock-skew",
            },
        }
    }

    /// The observation that the verdict rests on, as its position among those of the check.
    #[must_use]
    pub fn seen(&self) -> Option<usize> {
        let seen = match *self {
            Self::Unproven { seen, .. } => Some(seen),
            Self::Validated { seen, .. }
            | Self::Rejected { seen, .. }
            | Self::Indeterminate { seen, .. } => seen,
        };
        seen.and_then(|seen| usize::try_from(seen).ok())
    }
}

/// As `{"verdict": …, "reason": …}`, in the stable words of [`name`](Verdict::name) and
/// [`code`](Verdict::code).
#[cfg(feature = "serde")]
impl serde::Serialize for Verdict {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;

        let mut fields = to.serialize_struct("Verdict", 2)?;
        fields.serialize_field("verdict", self.name())?;
        fields.serialize_field("reason", self.code())?;
        fields.end()
    }
}

/// One sentence for a person.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Validated {
                basis: Basis::Secure,
                ..
            } => "the record is published and signed: control of the domain is proven",
            Self::Validated {
                basis: Basis::Quorum | Basis::CaBrowserForum,
                ..
            } => "the record is published: control of the domain is proven",
            Self::Unproven { reason, .. } => match reason {
                Unproven::NoSuchName => "nothing is published at the owner name yet",
                Unproven::NoSuchRecord => "the owner name exists, but has no TXT record",
                Unproven::Different => {
                    "the owner name has TXT records, but none of them holds the expected token"
                }
                Unproven::Malformed => {
                    "the TXT record at the owner name begins as expected, but cannot be read: \
                     publish exactly the given value"
                }
                Unproven::TargetMissing => {
                    "the owner name is an alias (CNAME), and no TXT record stands at its target"
                }
                Unproven::AliasLoop => "the owner name is an alias (CNAME) that leads in a circle",
                Unproven::AliasTooLong => {
                    "the owner name is an alias (CNAME) through too many others"
                }
            },
            Self::Rejected { reason, .. } => match reason {
                Rejected::Closed => "the challenge is closed: issue a new one",
                Rejected::Expired => {
                    "the challenge has expired by our clock: have it reissued, and publish the new \
                     record"
                }
                Rejected::Ended => "the proof has ended: issue a new challenge",
                Rejected::Suffix => "the domain is a public suffix, or not one to be verified",
                Rejected::Bogus => {
                    "the DNSSEC signatures of the zone are wrong: repair them, or remove the DS \
                     record at the registrar"
                }
                Rejected::Wildcard => {
                    "the answer comes from a wildcard record: create the owner name itself"
                }
                Rejected::UnverifiedWildcard => {
                    "the answer comes from a wildcard of a signed zone, which could not be \
                     verified: create the owner name itself"
                }
            },
            Self::Indeterminate { reason, .. } => match reason {
                Indeterminate::NoObservation => "no DNS answer came in time: try again later",
                Indeterminate::LookupFailed => {
                    "the DNS servers could not answer: this says nothing about the record; try \
                     again later"
                }
                Indeterminate::TooLarge => {
                    "the answer for the owner name is larger than is read: this says nothing about \
                     the record; have TXT records removed there that are not needed any more"
                }
                Indeterminate::Truncated => {
                    "the answer for the owner name is too large for a datagram, and could not be \
                     had over TCP: this says nothing about the record; fewer TXT records there \
                     would help"
                }
                Indeterminate::UnprovenAbsence => {
                    "a DNS server denied the record without showing whose answer that is: try \
                     again later"
                }
                Indeterminate::Stale => {
                    "a resolver could only give an outdated answer: try again later"
                }
                Indeterminate::Filtered => "a resolver blocks or filters this name",
                Indeterminate::Incoherent => "the DNS answers contradict themselves",
                Indeterminate::AliasRefused => {
                    "below this public suffix the record may not be an alias (CNAME): create it \
                     at the owner name itself"
                }
                Indeterminate::UnknownFormat => {
                    "the record's format is not known to this service any more: its operator has \
                     to register it"
                }
                Indeterminate::WildcardUnknown => {
                    "the record is there, but whether a wildcard answers for it could not be \
                     found out: try again later"
                }
                Indeterminate::NotCorroborated => {
                    "not enough independent resolvers see the record yet: try again later"
                }
                Indeterminate::Unconfirmed => {
                    "resolvers see the record, but the zone's own name servers could not be \
                     asked: try again later"
                }
                Indeterminate::ServersDisagree => {
                    "the zone's name servers disagree, the change is still spreading: try again \
                     later"
                }
                Indeterminate::NotSecure => {
                    "the record is there, but DNSSEC does not vouch for it: the zone has to be \
                     signed, unless it is and the resolver does not validate"
                }
                Indeterminate::TooFewPerspectives => {
                    "the CA/Browser Forum asks for more remote perspectives by now than this \
                     service has: its operator has to add some"
                }
                Indeterminate::TooFewRegions => {
                    "the record is seen in one region only: try again later"
                }
                Indeterminate::Vetoed => {
                    "resolvers see the record, but the zone's own name servers deny it"
                }
                Indeterminate::Disagreement => "the resolvers disagree: try again later",
                Indeterminate::ClockSkew => {
                    "the challenge or its proof is of a time that has not come yet: the operator \
                     of this service has to set its clock right"
                }
            },
        })
    }
}
