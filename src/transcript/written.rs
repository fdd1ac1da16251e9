//! The written form. Records are kept in one table and named by their place in it: the servers of
//! a zone mostly say the same.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use super::{ListVersion, Transcript, TranscriptError};
use crate::challenge::Challenge;
use crate::diagnose::{Hints, History, Investigation, Probe};
use crate::dns::{
    Absence, Alias, Answer, ExtendedError, LookupFailure, MAX_ALIASES, MAX_RDATA, MAX_RECORDS,
    NameServer, Observation, Outcome, PerspectiveId, Purpose, Question, RecordData, ResourceRecord,
    Security,
};
use crate::policy::Rules;
use crate::record::FormatId;

/// The version of the written form. Any change of it is another version.
pub(super) const VERSION: u32 = 1;

/// More probes than a diagnosis has.
const MAX_PROBES: usize = 64;

/// More different records than a check and its diagnosis see of a zone that is not out to fill it.
const MAX_TABLE: usize = 4096;

/// What tells a transcript from other documents.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "dcv-transcript")]
    version: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    #[serde(rename = "dcv-transcript")]
    version: u32,
    challenge: Challenge,
    rules: Rules,
    suffix_list: ListVersion,
    #[serde(deserialize_with = "crate::serial::bounded::<{ Challenge::MAX_EXPECTATIONS }, _, _>")]
    formats: Vec<FormatId>,
    #[serde(with = "crate::serial::instant")]
    decided_at: UtcDateTime,
    #[serde(with = "crate::serial::instant")]
    now: UtcDateTime,
    #[serde(with = "crate::serial::maybe_instant")]
    next_check_at: Option<UtcDateTime>,
    rounds: u8,
    queries: u32,
    #[serde(deserialize_with = "crate::serial::bounded::<MAX_PROBES, _, _>")]
    asked: Vec<Probe>,
    history: History,
    hints: Hints,
    #[serde(deserialize_with = "crate::serial::bounded::<{ Transcript::MAX_OBSERVATIONS }, _, _>")]
    observations: Vec<Seen>,
    #[serde(deserialize_with = "crate::serial::bounded::<MAX_TABLE, _, _>")]
    records: Vec<RecordData>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    perspective: PerspectiveId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server: Option<NameServer>,
    question: Question,
    purpose: Purpose,
    attempt: u32,
    #[serde(with = "crate::serial::instant")]
    started_at: UtcDateTime,
    #[serde(with = "crate::serial::instant")]
    finished_at: UtcDateTime,
    result: SeenResult,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SeenResult {
    Answer(SeenAnswer),
    Failure(LookupFailure),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenAnswer {
    #[serde(deserialize_with = "crate::serial::bounded::<MAX_ALIASES, _, _>")]
    aliases: Vec<Alias>,
    outcome: SeenOutcome,
    security: Security,
    authoritative: bool,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::serial::maybe_instant"
    )]
    signed_until: Option<UtcDateTime>,
    #[serde(deserialize_with = "crate::serial::bounded::<8, _, _>")]
    extended_errors: Vec<ExtendedError>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SeenOutcome {
    /// The TTL of each, and its place in the table.
    #[serde(deserialize_with = "crate::serial::bounded::<MAX_RECORDS, _, _>")]
    Records(Vec<(u32, usize)>),
    Absent(Absence),
    Elsewhere,
    AliasLoop,
    AliasTooLong,
}

/// Writes an investigation, of which nothing more is left out.
pub(super) fn to_json(
    one: &Investigation,
    list: &ListVersion,
    formats: &[FormatId],
) -> Result<String, TranscriptError> {
    let mut table = Table::default();
    let seen = one.observations().iter();
    let observations = seen.map(|one| Seen::of(one, &mut table)).collect();
    let written = Written {
        version: VERSION,
        challenge: one.challenge().clone(),
        rules: one.rules().clone(),
        suffix_list: list.clone(),
        formats: formats.to_vec(),
        decided_at: one.decided_at(),
        now: one.now(),
        next_check_at: one.next_check_at(),
        rounds: one.rounds(),
        queries: one.queries(),
        asked: one.asked().to_vec(),
        history: one.history().clone(),
        hints: one.hints().clone(),
        observations,
        records: table.records,
    };
    let json = plain_json(&written)?;
    check_size(&json)?;
    Ok(json)
}

/// As JSON of printable ASCII alone: whatever text stands in it, of an account or of a name server,
/// no terminal and no reader's eye obeys it (S-18).
fn plain_json(written: &Written) -> Result<String, TranscriptError> {
    let json = serde_json::to_string(written);
    let json = json.map_err(|error| TranscriptError::unwritable(&error))?;
    // Outside of strings JSON is ASCII; in strings the same character may be written as its UTF-16.
    let is_plain = |c: char| matches!(c, ' '..='~');
    if json.chars().all(is_plain) {
        return Ok(json);
    }
    let mut plain = String::with_capacity(json.len() + json.len() / 4);
    for c in json.chars() {
        if is_plain(c) {
            plain.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                plain.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Ok(plain)
}

fn check_size(json: &str) -> Result<(), TranscriptError> {
    let octets = json.len();
    if octets > Transcript::MAX_OCTETS {
        return Err(TranscriptError::TooLarge { octets });
    }
    Ok(())
}

impl Written {
    pub(super) fn read(json: &str) -> Result<Self, TranscriptError> {
        // A file ends with a line.
        let json = json.strip_suffix('\n').unwrap_or(json);
        check_size(json)?;
        let malformed = |error: serde_json::Error| TranscriptError::malformed(&error);
        let head: Head = serde_json::from_str(json).map_err(malformed)?;
        match head.version {
            None => Err(TranscriptError::NotATranscript),
            Some(found) if found != u64::from(VERSION) => Err(TranscriptError::Version { found }),
            Some(_) => serde_json::from_str(json).map_err(malformed),
        }
    }

    pub(super) fn into_parts(
        self,
    ) -> Result<(Investigation, ListVersion, Vec<FormatId>), TranscriptError> {
        let mut named = Named::of(&self.records);
        let seen = self.observations.into_iter();
        let seen = seen.map(|one| one.into_observation(&mut named));
        let seen = seen.collect::<Result<_, _>>()?;
        let one = Investigation::new(self.challenge, self.rules, seen, self.decided_at)
            .with_history(self.history)
            .with_hints(self.hints)
            .with_next_check_at(self.next_check_at)
            .after(self.rounds, self.asked, self.queries)
            .at(self.now);
        Ok((one, self.suffix_list, self.formats))
    }
}

impl Seen {
    fn of<'a>(one: &'a Observation, table: &mut Table<'a>) -> Self {
        Self {
            perspective: one.perspective().clone(),
            server: one.server().cloned(),
            question: one.question().clone(),
            purpose: one.purpose(),
            attempt: one.attempt(),
            started_at: one.started_at(),
            finished_at: one.finished_at(),
            result: match one.result() {
                Ok(answer) => SeenResult::Answer(SeenAnswer::of(answer, table)),
                Err(failure) => SeenResult::Failure(failure.clone()),
            },
        }
    }

    /// A replay, whatever the document says (S-4).
    fn into_observation(self, named: &mut Named<'_>) -> Result<Observation, TranscriptError> {
        let result = match self.result {
            SeenResult::Answer(answer) => Ok(answer.into_answer(named)?),
            SeenResult::Failure(failure) => Err(failure),
        };
        let one = Observation::replayed(
            self.perspective,
            self.question,
            self.purpose,
            self.started_at,
            self.finished_at,
            result,
        );
        let one = one.with_attempt(self.attempt);
        Ok(match self.server {
            Some(server) => one.with_server(server),
            None => one,
        })
    }
}

impl SeenAnswer {
    fn of<'a>(answer: &'a Answer, table: &mut Table<'a>) -> Self {
        Self {
            aliases: answer.aliases().to_vec(),
            outcome: match answer.outcome() {
                Outcome::Records(records) => {
                    let records = records.iter();
                    let records = records.map(|one| (one.ttl(), table.place(one.data())));
                    SeenOutcome::Records(records.collect())
                }
                Outcome::Absent(absence) => SeenOutcome::Absent(absence.clone()),
                Outcome::Elsewhere => SeenOutcome::Elsewhere,
                Outcome::AliasLoop => SeenOutcome::AliasLoop,
                Outcome::AliasTooLong => SeenOutcome::AliasTooLong,
            },
            security: answer.security(),
            authoritative: answer.is_authoritative(),
            signed_until: answer.signed_until(),
            extended_errors: answer.extended_errors().to_vec(),
        }
    }

    fn into_answer(self, named: &mut Named<'_>) -> Result<Answer, TranscriptError> {
        let outcome = match self.outcome {
            SeenOutcome::Records(places) => Outcome::Records(named.records(&places)?),
            SeenOutcome::Absent(absence) => Outcome::Absent(absence),
            SeenOutcome::Elsewhere => Outcome::Elsewhere,
            SeenOutcome::AliasLoop => Outcome::AliasLoop,
            SeenOutcome::AliasTooLong => Outcome::AliasTooLong,
        };
        let answer = Answer::new(outcome)
            .with_aliases(self.aliases)
            .with_security(self.security)
            .with_authoritative(self.authoritative)
            .with_extended_errors(self.extended_errors);
        Ok(match self.signed_until {
            Some(until) => answer.with_signed_until(until),
            None => answer,
        })
    }
}

/// The records of a transcript, each once, and where each stands.
#[derive(Default)]
struct Table<'a> {
    records: Vec<RecordData>,
    places: HashMap<&'a RecordData, usize>,
}

impl<'a> Table<'a> {
    fn place(&mut self, data: &'a RecordData) -> usize {
        *self.places.entry(data).or_insert_with(|| {
            self.records.push(data.clone());
            self.records.len() - 1
        })
    }
}

/// The records of a transcript, to be found by their places; and how many octets more may be.
///
/// No answer has more data than a lookup keeps of one, nor have all of them more than a check and its
/// diagnosis can get, so that a short document does not become a large one by naming a record often
/// (S-16).
struct Named<'a> {
    table: &'a [RecordData],
    left: usize,
}

impl<'a> Named<'a> {
    fn of(table: &'a [RecordData]) -> Self {
        let left = Transcript::MAX_ANSWERED;
        Self { table, left }
    }

    /// The records of one answer.
    fn records(&mut self, places: &[(u32, usize)]) -> Result<Vec<ResourceRecord>, TranscriptError> {
        let (mut found, mut octets) = (Vec::with_capacity(places.len()), 0_usize);
        for (ttl, place) in places {
            let data = self.table.get(*place);
            let data = data.ok_or_else(|| {
                TranscriptError::whole("an answer names a record that is not there")
            })?;
            octets += match data {
                RecordData::Txt(txt) => txt.data().len(),
                RecordData::Name(name) => name.as_wire().len(),
                RecordData::Other(data) => data.len(),
                RecordData::Withheld(_) => 0,
            };
            if octets > MAX_RDATA {
                return Err(TranscriptError::whole("an answer has more than 64 KiB"));
            }
            if octets > self.left {
                return Err(TranscriptError::TooMuch);
            }
            found.push(ResourceRecord::new(*ttl, data.clone()));
        }
        self.left -= octets;
        Ok(found)
    }
}
