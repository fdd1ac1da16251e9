use super::near::Near;
use super::redact::redacted;
use super::written::{self, VERSION, Written};
use super::{ListVersion, TranscriptError};
use crate::challenge::{Challenge, Form};
use crate::diagnose::Investigation;
use crate::dns::MAX_RDATA;
use crate::evaluate::Examination;
use crate::policy::Rules;
use crate::record::{FormatId, Formats};
use crate::suffix::SuffixGuard;

/// Everything that a check, and perhaps its diagnosis, saw.
///
/// It is for the operator alone, and it proves nothing: see the [module](super).
#[derive(Debug, Clone)]
pub struct Transcript {
    investigation: Investigation,
    list: ListVersion,
    formats: Vec<FormatId>,
    json: Box<str>,
}

impl Transcript {
    /// The most octets that a transcript has: 256 KiB (S-16).
    pub const MAX_OCTETS: usize = 256 * 1024;

    /// The most observations that a transcript has.
    pub const MAX_OBSERVATIONS: usize = 512;

    /// The most octets that the records of all its answers have, each counted wherever it is named:
    /// 7 MiB. That is as much as a check and its diagnosis get for all the queries that they have by
    /// default, each answered with the [most](crate::dns::MAX_RDATA) that is kept (S-16).
    pub const MAX_ANSWERED: usize = (64 + 48) * MAX_RDATA;

    /// What an investigation is made of, without other people's records.
    ///
    /// # Errors
    ///
    /// [`TranscriptError::TooLarge`] when it is more than is kept, as of a zone that answers with
    /// hundreds of records like the one expected; [`TranscriptError::TooMuch`],
    /// [`TranscriptError::Malformed`] and [`TranscriptError::Unwritable`] for observations that no
    /// lookup within its budget makes.
    pub fn of(investigation: &Investigation) -> Result<Self, TranscriptError> {
        let (challenge, rules) = (investigation.challenge(), investigation.rules());
        let mut near = Near::to(investigation.inquiry().case);
        let seen = investigation.observations().iter();
        let seen = seen.map(|one| redacted(&mut near, one)).collect();
        let kept = Investigation::new(
            challenge.clone(),
            rules.clone(),
            seen,
            investigation.decided_at(),
        );
        let kept = with_rest(kept, investigation);
        let list = ListVersion::of(rules.guard().list());
        let json = written::to_json(&kept, &list, &expected_formats(challenge, rules))?;
        // Read back at once: nothing is kept that could not be replayed.
        Self::from_json(&json)
    }

    /// The same of a check that was not investigated.
    ///
    /// # Errors
    ///
    /// [`TranscriptError::OtherChallenge`] unless the examination is of this challenge in this
    /// revision; otherwise as [`of`](Self::of).
    pub fn of_examination(
        challenge: &Challenge,
        rules: &Rules,
        examination: &Examination,
    ) -> Result<Self, TranscriptError> {
        let is_of = examination.challenge() == challenge.id()
            && examination.revision() == challenge.revision();
        if !is_of {
            return Err(TranscriptError::OtherChallenge);
        }
        Self::of(&Investigation::new(
            challenge.clone(),
            rules.clone(),
            examination.observations().to_vec(),
            examination.finished_at(),
        ))
    }

    /// Reads a transcript. Whatever it claims, nothing that comes of it has a witness (S-4).
    ///
    /// # Errors
    ///
    /// [`TranscriptError::TooLarge`] before anything is parsed, [`TranscriptError::NotATranscript`],
    /// [`TranscriptError::Version`], [`TranscriptError::TooMuch`] before a record that is named often
    /// becomes [many](Self::MAX_ANSWERED), and [`TranscriptError::Malformed`] for anything that could
    /// not have been written: the constructors of all values check what they are given.
    pub fn from_json(json: &str) -> Result<Self, TranscriptError> {
        let written = Written::read(json)?;
        let (investigation, list, formats) = written.into_parts()?;
        let json = written::to_json(&investigation, &list, &formats)?.into();
        Ok(Self {
            investigation,
            list,
            formats,
            json,
        })
    }

    /// As one JSON document, of at most [`MAX_OCTETS`](Self::MAX_OCTETS).
    #[must_use]
    pub fn to_json(&self) -> String {
        self.json.to_string()
    }

    /// The version of the written form.
    #[must_use]
    pub fn version(&self) -> u32 {
        VERSION
    }

    /// The investigation again: with the compiled-in suffix list under the policy of then, and
    /// without formats of the application's own, so that a challenge in one of
    /// [these](Self::formats) is indeterminate.
    #[must_use]
    pub fn replay(&self) -> Investigation {
        self.investigation.clone()
    }

    /// The investigation again, by this suffix guard and with these formats.
    #[must_use]
    pub fn replay_with(&self, guard: SuffixGuard, formats: Formats) -> Investigation {
        let kept = &self.investigation;
        let rules = kept.rules().clone();
        let again = Investigation::new(
            kept.challenge().clone(),
            rules.with_guard(guard).with_formats(formats),
            kept.observations().to_vec(),
            kept.decided_at(),
        );
        with_rest(again, kept)
    }

    /// The suffix list that was decided by. Compare it with [`ListVersion::of`] the list of the
    /// replay.
    #[must_use]
    pub fn list(&self) -> &ListVersion {
        &self.list
    }

    /// The application's own formats that the challenge expects, and that were known.
    #[must_use]
    pub fn formats(&self) -> &[FormatId] {
        &self.formats
    }
}

/// Two transcripts are the same when they are written alike.
impl PartialEq for Transcript {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl Eq for Transcript {}

/// What does not hang on how the observations are kept.
fn with_rest(one: Investigation, of: &Investigation) -> Investigation {
    one.with_history(of.history().clone())
        .with_hints(of.hints().clone())
        .with_next_check_at(of.next_check_at())
        .after(of.rounds(), of.asked().to_vec(), of.queries())
        .at(of.now())
}

fn expected_formats(challenge: &Challenge, rules: &Rules) -> Vec<FormatId> {
    let mut formats: Vec<FormatId> = Vec::new();
    for expectation in challenge.expectations() {
        if let Form::Custom(id) = expectation.form()
            && rules.formats().find(id.as_str()).is_some()
            && !formats.contains(id)
        {
            formats.push(id.clone());
        }
    }
    formats
}
