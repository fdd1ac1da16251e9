//! What is printed: one JSON object for scripts, or text for people.
//!
//! Names and values from the DNS are somebody else's words: they are cut, and escaped to printable
//! ASCII, before they are shown.

use std::fmt::Write as _;
use std::path::Path;

use dcv::challenge::{Challenge, State, ValidationRecord};
use dcv::diagnose::{Code, English, Investigation, Part, Phrase, Phrasebook};
use dcv::dns::{AbsenceKind, Answer, NameServer, Observation, Outcome, Purpose, RecordData};
use dcv::document::Block;
use dcv::evaluate::Verdict;
use dcv::evidence::Evidence;
use dcv::instructions::Instructions;
use dcv::record::{Forgiven, escaped};
use dcv::service::Check;
use serde::Serialize;
use serde_json::Value;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use crate::args::Format;
use crate::terminal::{Screen, Style};

/// Observations shown, of one check.
const MAX_OBSERVATIONS: usize = 64;
/// Records shown, of one observation, and octets of each.
const MAX_RECORDS: usize = 8;
const MAX_OCTETS: usize = 256;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// `dcv issue --json`
#[derive(Serialize)]
struct Issued<'a> {
    id: String,
    domain: String,
    scope: &'static str,
    record: Record,
    expires_at: String,
    /// All of it, as a person needs it.
    instructions: &'a Instructions,
}

/// The record to publish; the value without quotation marks.
#[derive(Serialize)]
struct Record {
    owner: String,
    #[serde(rename = "type")]
    record_type: String,
    value: String,
    ttl: u32,
}

impl Record {
    fn of(record: &ValidationRecord) -> Self {
        Self {
            owner: record.owner().to_string(),
            record_type: record.record_type().to_string(),
            value: record.value().to_owned(),
            ttl: record.ttl(),
        }
    }
}

/// `dcv check --json`
#[derive(Serialize)]
struct Checked<'a> {
    id: String,
    /// `validated`, `unproven`, `rejected` or `indeterminate`.
    verdict: &'static str,
    /// A stable word.
    reason: &'static str,
    /// The same for a person.
    explanation: String,
    domain: String,
    scope: &'static str,
    /// What must be published.
    record: Record,
    /// `pending`, `validated`, `ended`, `expired` or `cancelled`.
    state: String,
    /// Until when the proof counts.
    valid_until: Option<String>,
    expires_at: String,
    next_check_at: Option<String>,
    evidence: Option<&'a Evidence>,
    /// What was forgiven in the record, such as `trailing-space`.
    forgiven: Forgiven,
    /// What was seen now; nothing when the challenge was closed before.
    observations: Vec<Seen>,
    /// Why it is not proven, with `--explain`.
    diagnosis: Option<Value>,
}

/// What one server said to one question.
#[derive(Serialize)]
struct Seen {
    perspective: String,
    /// The zone's own server that was asked, in an authoritative view.
    server: Option<Server>,
    /// `record`; `wildcard-probe` for a name that nobody has; `diagnosis`, and `unchecked` without
    /// DNSSEC, for what an explanation is made of.
    purpose: &'static str,
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    /// `records`, `no-such-name`, `no-such-record`, `elsewhere` (an alias to another zone),
    /// `alias-loop`, `alias-too-long` or `failed`.
    outcome: &'static str,
    /// Why it failed.
    failure: Option<String>,
    /// Where aliases led.
    aliases: Vec<String>,
    /// The values of TXT records.
    values: Vec<String>,
    /// How many more there are.
    omitted: usize,
}

/// One of the zone's own servers.
#[derive(Serialize)]
struct Server {
    name: String,
    address: Option<String>,
    /// Of its copy of the zone, where that says something.
    serial: Option<u32>,
}

impl Server {
    fn of(server: &NameServer) -> Self {
        Self {
            name: server.name().to_string(),
            address: server.address().map(|address| address.to_string()),
            serial: server.serial(),
        }
    }

    fn line(&self) -> String {
        let address = self.address.iter().map(|address| format!(" ({address})"));
        let serial = self
            .serial
            .iter()
            .map(|serial| format!(", serial {serial}"));
        let more: String = address.chain(serial).collect();
        format!("  at {}{more}", self.name)
    }
}

impl Seen {
    fn of(observation: &Observation) -> Self {
        let mut seen = Self {
            perspective: observation.perspective().to_string(),
            server: observation.server().map(Server::of),
            purpose: match observation.purpose() {
                Purpose::Record => "record",
                Purpose::WildcardProbe => "wildcard-probe",
                Purpose::Diagnosis => "diagnosis",
                Purpose::Unchecked => "unchecked",
                _ => "other",
            },
            name: observation.question().name().to_string(),
            record_type: observation.question().record_type().to_string(),
            outcome: "failed",
            failure: None,
            aliases: Vec::new(),
            values: Vec::new(),
            omitted: 0,
        };
        match observation.result() {
            Ok(answer) => seen.fill(answer),
            Err(failure) => seen.failure = Some(failure.to_string()),
        }
        seen
    }

    fn fill(&mut self, answer: &Answer) {
        let aliases = answer.aliases().iter().take(MAX_RECORDS);
        self.aliases = aliases.map(|alias| alias.target().to_string()).collect();
        self.outcome = match answer.outcome() {
            Outcome::Records(records) => {
                let values = records.iter().filter_map(|record| match record.data() {
                    RecordData::Txt(txt) => Some(escaped(txt.data(), MAX_OCTETS).to_string()),
                    _ => None,
                });
                self.values = values.take(MAX_RECORDS).collect();
                let all = records.iter().map(|record| match record.data() {
                    RecordData::Withheld(one) => usize::try_from(one.more()).unwrap_or(usize::MAX),
                    _ => 0,
                });
                let all = all.fold(records.len(), usize::saturating_add);
                self.omitted = all.saturating_sub(self.values.len());
                "records"
            }
            Outcome::Absent(absence) => match absence.kind() {
                AbsenceKind::NxDomain => "no-such-name",
                _ => "no-such-record",
            },
            Outcome::Elsewhere => "elsewhere",
            Outcome::AliasLoop => "alias-loop",
            Outcome::AliasTooLong => "alias-too-long",
            _ => "other",
        };
    }
}

/// What `dcv issue` prints.
pub(crate) fn issued(
    challenge: &Challenge,
    instructions: &Instructions,
    format: Format,
    store: &Path,
) -> Result<String> {
    let mut document = instructions.document();
    Ok(match format {
        Format::Text => {
            // For whoever runs this; the other forms are passed on.
            let heading = "When it is published".into();
            document.push(Block::Heading(2, vec![heading]));
            let check = format!("dcv check {} --store {}", challenge.id(), argument(store));
            document.push(Block::Code(check));
            match Screen::of_terminal() {
                Some(screen) => screen.show(document.blocks()),
                None => document.to_text(80),
            }
        }
        Format::Markdown => document.to_markdown(),
        Format::Html => {
            let domain = challenge.domain().both_forms();
            document.to_page(&format!("Prove that you control {domain}"))
        }
        Format::Zone => instructions.zone_line() + "\n",
        Format::Json => {
            return line(&Issued {
                id: challenge.id().to_string(),
                domain: challenge.domain().to_string(),
                scope: challenge.scope().as_str(),
                record: Record::of(challenge.record()),
                expires_at: time(challenge.expires_at())?,
                instructions,
            });
        }
    })
}

/// A file in a command to copy: its name where no shell reads anything else in it.
fn argument(file: &Path) -> &str {
    let is_plain = |name: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,@%".contains(c);
        !name.is_empty() && !name.starts_with('-') && name.chars().all(plain)
    };
    file.to_str().filter(is_plain).unwrap_or("FILE")
}

/// What `dcv check` prints.
pub(crate) fn checked(
    check: &Check,
    explained: Option<&Investigation>,
    json: bool,
) -> Result<String> {
    let (challenge, verdict) = (check.challenge(), check.verdict());
    match (json, explained) {
        (true, _) => line(&object(
            challenge,
            verdict,
            check.next_check_at(),
            check.observations(),
            check.decided_at(),
            check.forgiven(),
            explained,
        )?),
        (false, Some(investigation)) => explanation(challenge, verdict, investigation, "is"),
        (false, None) => {
            let mut text = format!("{check}\n");
            list(&mut text, check.observations())?;
            if !verdict.is_validated() {
                text.push_str("\nTo find out why, add --explain.\n");
            }
            Ok(text)
        }
    }
}

/// What `dcv replay` prints.
pub(crate) fn replayed(investigation: &Investigation, json: bool) -> Result<String> {
    let challenge = investigation.challenge();
    let verdict = investigation.inquiry().verdict();
    if !json {
        let at = investigation.now().truncate_to_second();
        let told = format!(
            "As it was seen at {}; nobody was asked.",
            English.instant(at)
        );
        let text = Screen::of_stdout().paragraph(Style::Plain, &told);
        return Ok(text + &explanation(challenge, &verdict, investigation, "was")?);
    }
    line(&object(
        challenge,
        &verdict,
        investigation.next_check_at(),
        investigation.observations(),
        investigation.decided_at(),
        investigation.diagnosis().forgiven(),
        Some(investigation),
    )?)
}

fn object<'a>(
    challenge: &'a Challenge,
    verdict: &Verdict,
    next_check_at: Option<UtcDateTime>,
    observations: &[Observation],
    now: UtcDateTime,
    forgiven: Forgiven,
    explained: Option<&Investigation>,
) -> Result<Checked<'a>> {
    // Closed by time, it is told as closed, whether that was put down yet or not.
    let state = challenge.state_at(now);
    let valid_until = match state {
        State::Validated { until, .. } if verdict.is_validated() => Some(time(until)?),
        _ => None,
    };
    let observations = observations.iter().take(MAX_OBSERVATIONS).map(Seen::of);
    Ok(Checked {
        id: challenge.id().to_string(),
        verdict: verdict.name(),
        reason: verdict.code(),
        explanation: verdict.to_string(),
        domain: challenge.domain().to_string(),
        scope: challenge.scope().as_str(),
        record: Record::of(challenge.record()),
        state: state.to_string(),
        valid_until,
        expires_at: time(challenge.expires_at())?,
        next_check_at: next_check_at.map(time).transpose()?,
        evidence: challenge.evidence(),
        forgiven,
        observations: observations.collect(),
        diagnosis: explained.map(diagnosis).transpose()?,
    })
}

/// The verdict, and why it is so: for whoever runs the store, and sees all of it.
fn explanation(
    challenge: &Challenge,
    verdict: &Verdict,
    investigation: &Investigation,
    is: &str,
) -> Result<String> {
    let screen = Screen::of_stdout();
    let (style, stands) = match verdict {
        Verdict::Validated { .. } => (Style::Good, "proven"),
        Verdict::Unproven { .. } | Verdict::Rejected { .. } => (Style::Bad, "not proven"),
        _ => (Style::Unsure, "not proven yet"),
    };
    let told = match (verdict, challenge.state()) {
        (Verdict::Validated { .. }, State::Validated { until, .. }) if is == "is" => {
            let until = English.instant(until.truncate_to_second());
            format!("{} is proven until {until}.", challenge.domain())
        }
        (Verdict::Validated { .. }, _) => {
            format!("{} {is} proven: the record was there.", challenge.domain())
        }
        _ => format!("{} {is} {stands}: {verdict}.", challenge.domain()),
    };
    let mut text = screen.paragraph(style, &told);
    let diagnosis = investigation.diagnosis();
    let document = diagnosis.for_operator().document_in(&Words);
    // Its first heading says what the line above says, and so does its first sentence where there is
    // nothing to change.
    let proven = verdict.is_validated();
    if !proven || !diagnosis.forgiven().is_empty() {
        let blocks = document.blocks().iter();
        let rest = blocks.skip_while(|block| matches!(block, Block::Heading(1, _)));
        let rest = rest.skip(usize::from(proven));
        let shown = screen.show(rest);
        if !shown.is_empty() {
            text.push('\n');
            text.push_str(&shown);
        }
    }
    Ok(text)
}

/// English for somebody who looks again himself: nobody else does.
#[derive(Debug)]
struct Words;

impl Phrasebook for Words {
    fn template(&self, code: Code, part: Part) -> &str {
        English.template(code, part)
    }

    fn phrase(&self, phrase: Phrase) -> &str {
        match phrase {
            Phrase::Next => "When to check again",
            Phrase::NextCheck => {
                "At {at}[, in {left}]; sooner, caches may still give an old answer."
            }
            Phrase::NoNextCheck => "When that is done.",
            _ => English.phrase(phrase),
        }
    }
}

/// The findings, and how many queries it took to find them.
fn diagnosis(investigation: &Investigation) -> Result<Value> {
    let diagnosis = investigation.diagnosis();
    let report = diagnosis.for_operator();
    let mut object = serde_json::to_value(report)?;
    if let Some(fields) = object.as_object_mut() {
        fields.insert("queries".into(), investigation.queries().into());
    }
    Ok(object)
}

/// What was seen, for people.
fn list(text: &mut String, observations: &[Observation]) -> Result<()> {
    for seen in observations.iter().take(MAX_OBSERVATIONS).map(Seen::of) {
        writeln!(
            text,
            "\n{} on {}: {}",
            seen.perspective, seen.name, seen.outcome
        )?;
        let failure = seen.failure.iter().map(|failure| format!("  {failure}"));
        let aliases = seen
            .aliases
            .iter()
            .map(|alias| format!("  alias of {alias}"));
        let values = seen.values.iter().map(|value| format!("  \"{value}\""));
        let server = seen.server.iter().map(Server::line);
        for line in server.chain(failure).chain(aliases).chain(values) {
            writeln!(text, "{line}")?;
        }
        if seen.omitted > 0 {
            writeln!(text, "  and {} more", seen.omitted)?;
        }
    }
    Ok(())
}

/// One object on one line.
fn line(object: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string(object)? + "\n")
}

/// RFC 3339, to the second.
fn time(at: UtcDateTime) -> Result<String> {
    Ok(at.truncate_to_second().format(&Rfc3339)?)
}
