use std::time::Duration;

use time::UtcDateTime;

use super::{ExtendedError, Txt, Withheld};
use crate::name::OwnerName;

/// What the DNS said to one question.
///
/// Built by lookups. `aliases` are in the order walked from the asked name, and
/// [`outcome`](Self::outcome) is what stands at their end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Answer {
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::serial::bounded::<{ super::MAX_ALIASES }, _, _>")
    )]
    aliases: Vec<Alias>,
    outcome: Outcome,
    security: Security,
    authoritative: bool,
    #[cfg_attr(
        feature = "serde",
        serde(
            default,
            skip_serializing_if = "Option::is_none",
            with = "crate::serial::maybe_instant"
        )
    )]
    signed_until: Option<UtcDateTime>,
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::serial::bounded::<8, _, _>")
    )]
    extended_errors: Vec<ExtendedError>,
}

impl Answer {
    /// An answer without aliases, unvalidated, not authoritative.
    #[must_use]
    pub fn new(outcome: Outcome) -> Self {
        Self {
            aliases: Vec::new(),
            outcome,
            security: Security::Unvalidated,
            authoritative: false,
            signed_until: None,
            extended_errors: Vec::new(),
        }
    }

    /// The same with another end.
    pub(crate) fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// TXT records, each one character-string per item, with a TTL of 300 seconds. Short for
    /// tests and simple lookups.
    #[must_use]
    pub fn txt<T: AsRef<[u8]>>(values: impl IntoIterator<Item = T>) -> Self {
        let records = values
            .into_iter()
            .map(|value| ResourceRecord::new(300, RecordData::Txt(Txt::joined(value.as_ref()))));
        Self::new(Outcome::Records(records.collect()))
    }

    /// The aliases that were walked, in order from the asked name.
    #[must_use]
    pub fn with_aliases(mut self, aliases: Vec<Alias>) -> Self {
        self.aliases = aliases;
        self
    }

    /// What is known of the answer's DNSSEC security: the minimum over the alias chain.
    #[must_use]
    pub fn with_security(mut self, security: Security) -> Self {
        self.security = security;
        self
    }

    /// Whether the AA bit was set.
    #[must_use]
    pub fn with_authoritative(mut self, authoritative: bool) -> Self {
        self.authoritative = authoritative;
        self
    }

    /// When the first of the answer's signatures expires: no confirmation reaches past it (S-6).
    #[must_use]
    pub fn with_signed_until(mut self, expiry: UtcDateTime) -> Self {
        self.signed_until = Some(expiry);
        self
    }

    /// Extended DNS errors (RFC 8914) that came with the answer; the first eight are kept.
    #[must_use]
    pub fn with_extended_errors(mut self, mut errors: Vec<ExtendedError>) -> Self {
        errors.truncate(8);
        self.extended_errors = errors;
        self
    }

    /// The aliases walked, in order from the asked name.
    #[must_use]
    pub fn aliases(&self) -> &[Alias] {
        &self.aliases
    }

    /// What stands at the end of the aliases.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The DNSSEC security of the whole answer.
    #[must_use]
    pub fn security(&self) -> Security {
        self.security
    }

    /// Whether the AA bit was set.
    #[must_use]
    pub fn is_authoritative(&self) -> bool {
        self.authoritative
    }

    /// When the first of the answer's signatures (RRSIG) expires; `None` when it came without.
    #[must_use]
    pub fn signed_until(&self) -> Option<UtcDateTime> {
        self.signed_until
    }

    /// Extended DNS errors (RFC 8914) that came with the answer.
    #[must_use]
    pub fn extended_errors(&self) -> &[ExtendedError] {
        &self.extended_errors
    }

    /// The name at which the outcome stands: the last alias target, or the asked name. `None`
    /// when the aliases do not lead from the asked name step by step.
    #[must_use]
    pub fn final_name<'a>(&'a self, asked: &'a OwnerName) -> Option<&'a OwnerName> {
        self.aliases.iter().try_fold(asked, |at, alias| {
            (alias.owner() == at).then_some(alias.target())
        })
    }
}

/// One step of an alias chain: a CNAME, or one synthesised from a DNAME.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Alias {
    owner: OwnerName,
    target: OwnerName,
    ttl: u32,
}

impl Alias {
    /// An alias from `owner` to `target`; the TTL is in seconds.
    #[must_use]
    pub fn new(owner: OwnerName, target: OwnerName, ttl: u32) -> Self {
        Self { owner, target, ttl }
    }

    /// The name that is an alias.
    #[must_use]
    pub fn owner(&self) -> &OwnerName {
        &self.owner
    }

    /// The name it stands for.
    #[must_use]
    pub fn target(&self) -> &OwnerName {
        &self.target
    }

    /// Time to live in seconds.
    #[must_use]
    pub fn ttl(&self) -> u32 {
        self.ttl
    }
}

/// What stands at the end of the aliases.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Outcome {
    /// Records of the asked type.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::serial::bounded::<{ super::MAX_RECORDS }, _, _>")
    )]
    Records(Vec<ResourceRecord>),
    /// No such record: the name does not exist, or holds no record of the type.
    Absent(Absence),
    /// The aliases end at a name that the server asked does not speak for: the servers of that
    /// name have to be asked. Only an authoritative view says this.
    Elsewhere,
    /// The aliases lead back to one of themselves.
    AliasLoop,
    /// More than [`MAX_ALIASES`](super::MAX_ALIASES) aliases (DG-05).
    AliasTooLong,
}

impl Outcome {
    /// NXDOMAIN, with the SOA of the authority section.
    #[must_use]
    pub fn nx_domain(soa: Option<Soa>) -> Self {
        Self::Absent(Absence::new(AbsenceKind::NxDomain, soa))
    }

    /// NODATA, with the SOA of the authority section.
    #[must_use]
    pub fn no_data(soa: Option<Soa>) -> Self {
        Self::Absent(Absence::new(AbsenceKind::NoData, soa))
    }
}

/// A negative answer. Without a SOA that encloses the name it is not believed (S-7).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Absence {
    kind: AbsenceKind,
    soa: Option<Soa>,
}

impl Absence {
    /// A negative answer with the SOA of its authority section.
    #[must_use]
    pub fn new(kind: AbsenceKind, soa: Option<Soa>) -> Self {
        Self { kind, soa }
    }

    /// Which of the two negatives it is.
    #[must_use]
    pub fn kind(&self) -> AbsenceKind {
        self.kind
    }

    /// The SOA of the authority section.
    #[must_use]
    pub fn soa(&self) -> Option<&Soa> {
        self.soa.as_ref()
    }
}

/// The two negative answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum AbsenceKind {
    /// The name does not exist.
    NxDomain,
    /// The name exists, but holds no record of the asked type.
    NoData,
}

/// The part of a SOA record that a verifier needs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Soa {
    owner: OwnerName,
    serial: u32,
    ttl: u32,
    minimum: u32,
}

impl Soa {
    /// A SOA at the apex `owner`; TTL and minimum are in seconds.
    #[must_use]
    pub fn new(owner: OwnerName, serial: u32, ttl: u32, minimum: u32) -> Self {
        Self {
            owner,
            serial,
            ttl,
            minimum,
        }
    }

    /// The apex of the zone.
    #[must_use]
    pub fn owner(&self) -> &OwnerName {
        &self.owner
    }

    /// The zone's serial number.
    #[must_use]
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// How long caches may hold the negative answer: the smaller of the SOA's TTL and its
    /// minimum field (RFC 2308 §5, L-02).
    #[must_use]
    pub fn negative_ttl(&self) -> Duration {
        Duration::from_secs(self.ttl.min(self.minimum).into())
    }
}

/// One record at the end of the aliases.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ResourceRecord {
    ttl: u32,
    data: RecordData,
}

impl ResourceRecord {
    /// A record; the TTL is in seconds.
    #[must_use]
    pub fn new(ttl: u32, data: RecordData) -> Self {
        Self { ttl, data }
    }

    /// Time to live in seconds.
    #[must_use]
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// The record's data.
    #[must_use]
    pub fn data(&self) -> &RecordData {
        &self.data
    }
}

/// RDATA, as far as it is understood.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum RecordData {
    /// Text.
    Txt(Txt),
    /// A name: of an alias, or of a name server.
    Name(OwnerName),
    /// Anything else, as it came.
    #[cfg_attr(
        feature = "serde",
        serde(
            serialize_with = "crate::serial::write_octets",
            deserialize_with = "crate::serial::octets::<{ super::MAX_RDATA }, _>"
        )
    )]
    Other(Vec<u8>),
    /// What is kept of a record that is somebody else's, in a transcript or where there are too many.
    Withheld(Withheld),
}

/// How far DNSSEC vouches for an answer, from least to most: the security of an answer is the
/// minimum over its alias chain (D-02).
///
/// *Bogus* is not here: a bogus answer is no answer, but
/// [`LookupFailure::Bogus`](super::LookupFailure::Bogus).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Security {
    /// Nobody whom we trust has checked.
    Unvalidated,
    /// Checked, but the zone's status could not be determined.
    Indeterminate,
    /// Provably unsigned.
    Insecure,
    /// Signed, and the chain of trust holds.
    Secure,
}
