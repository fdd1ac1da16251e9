use std::time::Duration;

use time::UtcDateTime;

use super::Code;
use crate::dns::{LookupFailure, NameServer, Observation, PerspectiveId, Question, RecordType};
use crate::name::OwnerName;

/// One thing that is wrong: what, where it was seen, and when a look can show that it is mended.
///
/// A finding is data. Its code and its [parameters](Self::params) are the contract; the sentences
/// are made of them by a [phrasebook](super::Phrasebook).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Finding {
    pub(super) code: Code,
    pub(super) severity: Severity,
    pub(super) params: Vec<Param>,
    pub(super) seen: Vec<Seen>,
    #[cfg_attr(
        feature = "serde",
        serde(
            skip_serializing_if = "Option::is_none",
            with = "crate::serial::maybe_instant"
        )
    )]
    pub(super) next_check_at: Option<UtcDateTime>,
}

/// What a finding asks of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Severity {
    /// Somebody has to change something, or it stays so.
    Change,
    /// Time alone mends it.
    Wait,
    /// It may be the cause, but that cannot be seen from outside; or it is not the cause, but worth
    /// knowing.
    Hint,
}

/// A parameter of a finding: what its sentences are about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Param {
    pub(super) key: &'static str,
    pub(super) value: Value,
}

impl Param {
    /// Its name, as the code's documentation lists it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// What it is.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }
}

/// What a parameter is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Value {
    /// A name in the DNS.
    Name(OwnerName),
    /// Several names.
    Names(Vec<OwnerName>),
    /// Octets that somebody published: hostile until shown [escaped](crate::record::escaped), and
    /// cut (S-18).
    Data(
        #[cfg_attr(
            feature = "serde",
            serde(serialize_with = "crate::serial::write_octets")
        )]
        Vec<u8>,
    ),
    /// Text of this crate's or of the application's: a host field, the expected value, a
    /// provider's name.
    Text(String),
    /// A record type.
    Type(RecordType),
    /// Several record types.
    Types(Vec<RecordType>),
    /// A time.
    Instant(#[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))] UtcDateTime),
    /// A span of time.
    Duration(Duration),
    /// How many.
    Count(u64),
    /// Why there was no answer.
    Failure(LookupFailure),
    /// Web addresses of help, of the crate's own table of providers.
    Link(String),
}

/// Where and when something was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Seen {
    question: Question,
    perspective: PerspectiveId,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    server: Option<NameServer>,
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
    at: UtcDateTime,
}

impl Seen {
    /// Where and when an observation was made.
    #[must_use]
    pub fn of(one: &Observation) -> Self {
        Self {
            question: one.question().clone(),
            perspective: one.perspective().clone(),
            server: one.server().cloned(),
            at: one.finished_at(),
        }
    }

    /// The same as it is shown to somebody who may not know who saw it (S-17).
    pub(super) fn as_shown(&self, perspective: PerspectiveId, server: Option<NameServer>) -> Self {
        Self {
            question: self.question.clone(),
            perspective,
            server,
            at: self.at,
        }
    }

    /// What was asked.
    #[must_use]
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Who was asked.
    #[must_use]
    pub fn perspective(&self) -> &PerspectiveId {
        &self.perspective
    }

    /// The name server that was asked, where it was one of the zone's own.
    #[must_use]
    pub fn server(&self) -> Option<&NameServer> {
        self.server.as_ref()
    }

    /// When the answer came.
    #[must_use]
    pub fn at(&self) -> UtcDateTime {
        self.at
    }
}

impl Finding {
    /// What is wrong.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// What it asks of people.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What its sentences are about, in the order of the code's documentation.
    #[must_use]
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// The parameter of this name.
    #[must_use]
    pub fn param(&self, key: &str) -> Option<&Value> {
        let param = self.params.iter().find(|param| param.key == key)?;
        Some(&param.value)
    }

    /// Where and when it was seen.
    #[must_use]
    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// When the next look can see a change; `None` when only the user can go on.
    #[must_use]
    pub fn next_check_at(&self) -> Option<UtcDateTime> {
        self.next_check_at
    }
}
