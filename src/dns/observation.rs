use time::UtcDateTime;

use super::{Answer, LookupFailure, NameServer, PerspectiveId, Question};

/// What one perspective saw for one question at one instant.
///
/// A live observation is made only by a running verification
/// ([`Look::record`](crate::lookup::Look::record)). One that was deserialised or built with
/// [`replayed`](Self::replayed) is evidence of nothing: a decision over it has no witness (S-4).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Observation {
    perspective: PerspectiveId,
    // Of an authoritative view. Boxed: most observations have none.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    server: Option<Box<NameServer>>,
    question: Question,
    purpose: Purpose,
    attempt: u32,
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
    started_at: UtcDateTime,
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
    finished_at: UtcDateTime,
    result: Result<Answer, LookupFailure>,
    // Never read from outside: what was deserialised is replayed, whatever it says of itself.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing, deserialize_with = "read_provenance")
    )]
    provenance: Provenance,
}

/// Why a question was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Purpose {
    /// To see the Validation Record.
    Record,
    /// To learn whether a wildcard answers in its place (S-8).
    WildcardProbe,
    /// To learn why a challenge is not proven. No decision counts it.
    Diagnosis,
    /// The same, of a resolver that was told not to check DNSSEC (CD): what it shows may be forged.
    Unchecked,
}

/// Where an observation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Provenance {
    /// Read from a transcript, or built by hand.
    #[default]
    Replayed,
    /// Seen by a running verification.
    Live,
}

/// A replay, whatever stands there (S-4).
#[cfg(feature = "serde")]
fn read_provenance<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Provenance, D::Error> {
    let _ = <serde::de::IgnoredAny as serde::Deserialize>::deserialize(from)?;
    Ok(Provenance::Replayed)
}

impl Observation {
    /// An observation for a replay or a test, as part of the first check unless
    /// [said otherwise](Self::with_attempt). No decision over it has a witness (S-4).
    #[must_use]
    pub fn replayed(
        perspective: PerspectiveId,
        question: Question,
        purpose: Purpose,
        started_at: UtcDateTime,
        finished_at: UtcDateTime,
        result: Result<Answer, LookupFailure>,
    ) -> Self {
        let provenance = Provenance::Replayed;
        let attempt = 1;
        Self {
            perspective,
            server: None,
            question,
            purpose,
            attempt,
            started_at,
            finished_at,
            result,
            provenance,
        }
    }

    /// The same as seen at one of the zone's own servers. It is a replay from then on (S-4).
    #[must_use]
    pub fn with_server(self, server: NameServer) -> Self {
        Self {
            server: Some(Box::new(server)),
            provenance: Provenance::Replayed,
            ..self
        }
    }

    /// The same as part of check number `attempt`, counted from 1. It is a replay from then on: a
    /// look belongs to the check that it was made for (S-4).
    #[must_use]
    pub fn with_attempt(self, attempt: u32) -> Self {
        Self {
            attempt,
            provenance: Provenance::Replayed,
            ..self
        }
    }

    /// An observation of a running verification.
    pub(crate) fn live(self, attempt: u32) -> Self {
        Self {
            attempt,
            provenance: Provenance::Live,
            ..self
        }
    }

    /// The same with what was made of its answer. It was seen live if this was: nothing is added.
    pub(crate) fn map_answer(self, change: impl FnOnce(Answer) -> Answer) -> Self {
        Self {
            result: self.result.map(change),
            ..self
        }
    }

    /// The zone's own server that was asked, where the perspective has an
    /// [authoritative view](super::View::Authoritative).
    #[must_use]
    pub fn server(&self) -> Option<&NameServer> {
        self.server.as_deref()
    }

    /// Who saw it.
    #[must_use]
    pub fn perspective(&self) -> &PerspectiveId {
        &self.perspective
    }

    /// What was asked.
    #[must_use]
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Why it was asked.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Which check of the challenge it belongs to, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// When the question was asked.
    #[must_use]
    pub fn started_at(&self) -> UtcDateTime {
        self.started_at
    }

    /// When the answer was there.
    #[must_use]
    pub fn finished_at(&self) -> UtcDateTime {
        self.finished_at
    }

    /// The answer, or why there is none.
    ///
    /// # Errors
    ///
    /// The failure of the lookup.
    pub fn result(&self) -> Result<&Answer, &LookupFailure> {
        self.result.as_ref()
    }

    /// Whether it was seen by a running verification.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        self.provenance
    }
}
