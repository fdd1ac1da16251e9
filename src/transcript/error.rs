use super::Transcript;
use super::written::VERSION;
use crate::record::escaped;

/// Why there is no transcript.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TranscriptError {
    /// It is larger than transcripts are.
    #[error(
        "the transcript has {octets} octets: at most {max} are written or read; a check of a zone \
         that answers with many long records cannot be kept",
        max = Transcript::MAX_OCTETS
    )]
    TooLarge {
        /// How many octets it has.
        octets: usize,
    },
    /// Its answers have more than a check and its diagnosis get with the queries that they have by
    /// default (S-16): records that are the same stand in it once, and are named wherever they were
    /// seen.
    #[error(
        "the answers of the transcript have more than {max} octets together, with each record \
         counted wherever it was seen: at most so many are written or read; a check with more \
         queries than usual, of a zone that answers with long records, cannot be kept",
        max = Transcript::MAX_ANSWERED
    )]
    TooMuch,
    /// It is something else.
    #[error("this is no transcript of dcv: it has no `dcv-transcript` with a version")]
    NotATranscript,
    /// It was written by another version, in another form.
    #[error(
        "the transcript is of version {found}, and this library reads version {VERSION}: replay it \
         with the version of the library that wrote it"
    )]
    Version {
        /// The version that it is of.
        found: u64,
    },
    /// It cannot be read.
    #[error("the transcript cannot be read, at line {line}, column {column}: {reason}")]
    Malformed {
        /// The line, from 1; 0 when what is wrong stands in no one place.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong: printable, and cut.
        reason: String,
    },
    /// The examination is not of this challenge, in this revision (S-15).
    #[error("the examination is of another challenge or revision than the one given")]
    OtherChallenge,
    /// It cannot be written: an instant in it is before year 0, for one.
    #[error("the transcript cannot be written: {reason}")]
    Unwritable {
        /// What is wrong: printable, and cut.
        reason: String,
    },
}

impl TranscriptError {
    const MAX_REASON: usize = 200;

    /// Not kept as a source: its text may quote as much of the document as it likes (S-18).
    pub(super) fn malformed(error: &serde_json::Error) -> Self {
        Self::Malformed {
            line: error.line(),
            column: error.column(),
            reason: reason(error),
        }
    }

    pub(super) fn unwritable(error: &serde_json::Error) -> Self {
        Self::Unwritable {
            reason: reason(error),
        }
    }

    /// Something that is wrong with the whole.
    pub(super) fn whole(reason: &str) -> Self {
        Self::Malformed {
            line: 0,
            column: 0,
            reason: reason.to_owned(),
        }
    }
}

fn reason(error: &serde_json::Error) -> String {
    escaped(error.to_string().as_bytes(), TranscriptError::MAX_REASON).to_string()
}
