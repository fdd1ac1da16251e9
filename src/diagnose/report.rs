use std::fmt;

use time::UtcDateTime;

use super::wording::{Wording, literal};
use super::{Code, Diagnosis, English, Finding, Part, Phrase, Phrasebook, Severity, Value};
use crate::document::{Block, Document, Line, Span};
use crate::record::{Forgiven, Warning};

/// Who reads a report (S-17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Audience {
    /// The user of the account.
    Tenant,
    /// Whoever runs the service.
    Operator,
}

/// A diagnosis as one audience may see it.
///
/// Its `Display` is plain text of 80 columns. Serialised it has the words and what they are made
/// of:
///
/// | Field | Is |
/// |---|---|
/// | `verdict`, `reason` | the words of the [verdict](crate::evaluate::Verdict) |
/// | `next_check_at` | when we look again, or `null` |
/// | `forgiven` | what was [forgiven](Self::forgiven) in the record, as words such as `trailing-space`; left out where that is nothing |
/// | `findings` | the findings, the likeliest cause first |
/// | `code`, `severity` | their words, such as `zone-name-doubled` and `change` |
/// | `title`, `seen_text`, `why`, `change` | sentences; what has nothing to say is left out |
/// | `params` | the [parameters](super::Param) by name: names and types as text, instants as RFC 3339, spans of time in seconds, data as `{"text": …, "octets": …}` (escaped and cut; in base64url, whole), failures as `{"text": …, "failure": …}` |
/// | `seen` | where and when it was seen |
/// | `documentation` | a page about the code |
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    pub(super) diagnosis: &'a Diagnosis,
    pub(super) audience: Audience,
    pub(super) findings: &'a [Finding],
    pub(super) phrasebook: &'a dyn Phrasebook,
}

/// How many places of a finding are listed.
const MAX_PLACES: usize = 8;

impl<'a> Report<'a> {
    pub(super) fn new(
        diagnosis: &'a Diagnosis,
        audience: Audience,
        findings: &'a [Finding],
    ) -> Self {
        Self {
            diagnosis,
            audience,
            findings,
            phrasebook: &English,
        }
    }

    /// The same report in the words of a phrasebook.
    #[must_use]
    pub fn with_phrasebook(mut self, phrasebook: &'a dyn Phrasebook) -> Self {
        self.phrasebook = phrasebook;
        self
    }

    /// What is wrong, the likeliest cause first.
    #[must_use]
    pub fn findings(&self) -> &'a [Finding] {
        self.findings
    }

    /// Who reads it.
    #[must_use]
    pub fn audience(&self) -> Audience {
        self.audience
    }

    /// What was forgiven in the record: it counts, and is not written as it was given.
    #[must_use]
    pub fn forgiven(&self) -> Forgiven {
        self.diagnosis.forgiven()
    }

    /// When the next look can show a change; `None` when only the user can go on.
    #[must_use]
    pub fn next_check_at(&self) -> Option<UtcDateTime> {
        self.diagnosis.next_check_at()
    }

    /// As a text for people, in English unless [said otherwise](Self::with_phrasebook).
    #[must_use]
    pub fn document(&self) -> Document {
        self.document_in(self.phrasebook)
    }

    /// As a text for people, in the words of a phrasebook: the likeliest cause in full, with the
    /// record as it has to be and the time of the next look; then, shorter, what else was found.
    #[must_use]
    pub fn document_in(&self, phrasebook: &dyn Phrasebook) -> Document {
        let mut page = Layout {
            report: self,
            wording: Wording(phrasebook),
            document: Document::new(),
        };
        page.write();
        page.document
    }

    #[cfg(feature = "serde")]
    pub(super) fn wording(&self) -> Wording<'a> {
        Wording(self.phrasebook)
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.document(), f)
    }
}

struct Layout<'a> {
    report: &'a Report<'a>,
    wording: Wording<'a>,
    document: Document,
}

impl Layout<'_> {
    fn write(&mut self) {
        let is_proven = self.report.diagnosis.verdict().is_validated();
        let heading = match is_proven {
            true => Phrase::ProvenHeading,
            false => Phrase::Heading,
        };
        self.heading(1, heading);
        let record = self.report.findings.iter().find(|one| shows_record(one));
        match self.report.findings.split_first() {
            Some((first, others)) => {
                self.first(first, record);
                if self.report.audience == Audience::Operator {
                    self.paragraph(self.wording.more(first.code));
                }
                let (hints, also): (Vec<_>, Vec<_>) = others
                    .iter()
                    .partition(|one| one.severity == Severity::Hint);
                self.others(Phrase::Also, &also);
                self.others(Phrase::Possibly, &hints);
            }
            None if is_proven => self.about(Phrase::Proven),
            None => {
                self.about(Phrase::NothingFound);
                self.next(false);
            }
        }
        self.forgiven();
    }

    /// What is not as it was given, and counts all the same.
    fn forgiven(&mut self) {
        let forgiven = self.report.forgiven();
        if forgiven.is_empty() {
            return;
        }
        self.about(Phrase::Forgiven);
        let warnings = forgiven.warnings().iter().map(phrase_of);
        let unknown = forgiven.has_unknown_attributes();
        let each = warnings.chain(unknown.then_some(Phrase::UnknownAttributes));
        let items = each.map(|one| self.phrase(one)).collect();
        self.document.push(Block::Items(items));
    }

    /// The likeliest cause, in full.
    fn first(&mut self, first: &Finding, record: Option<&Finding>) {
        self.heading(
            2,
            match first.severity {
                Severity::Hint => Phrase::MaybeWrong,
                Severity::Change | Severity::Wait => Phrase::Wrong,
            },
        );
        let title = strong(self.wording.part(first, Part::Title));
        self.paragraph(title);
        let why = self.wording.part(first, Part::Why);
        self.paragraph(why);

        self.heading(2, Phrase::Seen);
        let seen = self.wording.part(first, Part::Seen);
        self.paragraph(seen);
        let places = first.seen.iter().take(MAX_PLACES);
        let owner = self.report.diagnosis.record.owner();
        let places = places.map(|seen| self.wording.place(seen, owner));
        let mut places: Vec<Line> = places.collect();
        places.retain(|line| !line.is_empty());
        let more = first.seen.len().saturating_sub(MAX_PLACES);
        if more > 0 {
            let count = vec![Span::Text(more.to_string())];
            places.push(self.wording.phrase(Phrase::MorePlaces, &[("count", count)]));
        }
        if !places.is_empty() {
            self.document.push(Block::Items(places));
        }

        self.heading(
            2,
            match first.severity {
                Severity::Wait => Phrase::Wait,
                Severity::Change | Severity::Hint => Phrase::Change,
            },
        );
        let change = self.wording.part(first, Part::Change);
        self.paragraph(change);
        // Once in a text, whichever finding asks for it.
        if let Some(finding) = record {
            self.record(finding);
        }
        self.next(first.severity != Severity::Wait);
    }

    fn record(&mut self, finding: &Finding) {
        let record = &self.report.diagnosis.record;
        let owner = literal(record.owner());
        let host = match finding.param("host") {
            Some(Value::Text(host)) => Span::Literal(host.clone()),
            _ => owner.clone(),
        };
        self.about(Phrase::Record);
        let fields = [
            (Phrase::Host, host),
            (Phrase::FullName, owner),
            (Phrase::Type, Span::Text(record.record_type().to_string())),
            (Phrase::Value, Span::Literal(record.value().to_owned())),
        ];
        let fields = fields.map(|(name, span)| (self.wording.word(name), vec![span]));
        self.document.push(Block::Fields(fields.into()));
    }

    fn next(&mut self, is_for_user: bool) {
        let Some(at) = self.report.next_check_at() else {
            if is_for_user {
                self.heading(2, Phrase::Next);
                self.about(Phrase::NoNextCheck);
            }
            return;
        };
        let text = |text: String| vec![Span::Text(text)];
        let mut values = vec![("at", text(self.wording.0.instant(at)))];
        let left = (at - self.report.diagnosis.now).try_into().ok();
        let left = left.filter(|left: &std::time::Duration| !left.is_zero());
        if let Some(left) = left {
            values.push(("left", text(self.wording.0.duration(left))));
        }
        self.heading(2, Phrase::Next);
        let line = self.wording.phrase(Phrase::NextCheck, &values);
        self.paragraph(line);
    }

    /// What else was found, shorter.
    fn others(&mut self, heading: Phrase, findings: &[&Finding]) {
        if findings.is_empty() {
            return;
        }
        self.heading(2, heading);
        let items = findings.iter().map(|finding| {
            let mut line = strong(self.wording.part(finding, Part::Title));
            for part in [Part::Seen, Part::Change] {
                let said = self.wording.part(finding, part);
                if !said.is_empty() {
                    let gap = if line.is_empty() { "" } else { " " };
                    line.push(Span::Text(gap.to_owned()));
                    line.extend(said);
                }
            }
            line
        });
        let items = items.collect();
        self.document.push(Block::Items(items));
    }

    fn about(&mut self, phrase: Phrase) {
        let line = self.phrase(phrase);
        self.paragraph(line);
    }

    fn heading(&mut self, level: u8, phrase: Phrase) {
        let line = self.phrase(phrase);
        if !line.is_empty() {
            self.document.push(Block::Heading(level, line));
        }
    }

    /// A phrase about the challenge.
    fn phrase(&self, phrase: Phrase) -> Line {
        let diagnosis = self.report.diagnosis;
        let domain = Span::Literal(diagnosis.domain.to_string());
        let owner = literal(diagnosis.record.owner());
        let values = [("domain", vec![domain]), ("owner", vec![owner])];
        self.wording.phrase(phrase, &values)
    }

    fn paragraph(&mut self, line: Line) {
        if !line.is_empty() {
            self.document.push(Block::Paragraph(line));
        }
    }
}

fn phrase_of(forgiven: Warning) -> Phrase {
    match forgiven {
        Warning::LeadingSpace => Phrase::LeadingSpace,
        Warning::TrailingSpace => Phrase::TrailingSpace,
        Warning::StraySpace => Phrase::StraySpace,
        Warning::EmptyAttributeValue => Phrase::EmptyAttributeValue,
        Warning::DuplicateAttribute => Phrase::DuplicateAttribute,
    }
}

/// A title as a sentence with weight.
fn strong(title: Line) -> Line {
    let spans = title.into_iter().map(|span| match span {
        Span::Text(text) => Span::Strong(text),
        other => other,
    });
    let mut spans: Line = spans.collect();
    match spans.last_mut() {
        Some(Span::Strong(text)) => text.push('.'),
        Some(_) => spans.push(Span::Strong(".".to_owned())),
        None => {}
    }
    spans
}

/// Whether to show the record as it has to be: where somebody has to enter it, or to compare it.
fn shows_record(finding: &Finding) -> bool {
    match finding.code {
        Code::NegativeCached
        | Code::NameserversDisagree
        | Code::FlattenedCname
        | Code::LameDelegation
        | Code::DnssecBogus
        | Code::ServerFailure
        | Code::Refused
        | Code::Timeout
        | Code::AnswerFiltered
        | Code::WrongZone
        | Code::DomainNotDelegated
        | Code::TruncatedNoTcp
        | Code::AnswerTooLarge
        | Code::ChallengeExpired
        | Code::ChallengeClosed
        | Code::ProofEnded
        | Code::DomainRefused
        | Code::UnknownFormat => false,
        Code::NotPublished
        | Code::ZoneNameDoubled
        | Code::RecordAtApex
        | Code::RecordAtWrongName
        | Code::WrongRecordType
        | Code::QuotesInValue
        | Code::SurroundingWhitespace
        | Code::InvisibleCharacters
        | Code::CaseChanged
        | Code::ValueTruncated
        | Code::ExtraText
        | Code::StaleToken
        | Code::OtherAccountToken
        | Code::TokenForOtherDomain
        | Code::UnknownToken
        | Code::WrongProvider
        | Code::CnameAtOwner
        | Code::CnameDangling
        | Code::CnameLoop
        | Code::WildcardSynthesised
        | Code::SplitValueMangled
        | Code::SplitHorizon
        | Code::RecordRemoved
        | Code::Undetermined => true,
    }
}
