//! Reports as values for machines: the words, and what they are made of.

use serde::ser::{SerializeMap as _, SerializeStruct as _};
use serde::{Serialize, Serializer};

use super::wording::Wording;
use super::{Finding, Part, Report, Value};
use crate::document::{Block, Document, Line, Span};
use crate::record::escaped;

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let wording = self.wording();
        let findings = self.findings.iter();
        let findings: Vec<_> = findings.map(|finding| Told { wording, finding }).collect();
        let verdict = self.diagnosis.verdict();
        let forgiven = self.forgiven();
        let mut fields = to.serialize_struct("Report", 4 + usize::from(!forgiven.is_empty()))?;
        fields.serialize_field("verdict", verdict.name())?;
        fields.serialize_field("reason", verdict.code())?;
        fields.serialize_field("next_check_at", &Instant(self.next_check_at()))?;
        if !forgiven.is_empty() {
            fields.serialize_field("forgiven", &forgiven)?;
        }
        fields.serialize_field("findings", &findings)?;
        fields.end()
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Instant(#[serde(with = "crate::serial::maybe_instant")] Option<time::UtcDateTime>);

/// A finding with its words.
struct Told<'a> {
    wording: Wording<'a>,
    finding: &'a Finding,
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { wording, finding } = *self;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("code", &finding.code)?;
        map.serialize_entry("severity", &finding.severity)?;
        for (key, part) in [
            ("title", Part::Title),
            ("seen_text", Part::Seen),
            ("why", Part::Why),
            ("change", Part::Change),
        ] {
            let text = plain(wording.part(finding, part));
            if !text.is_empty() {
                map.serialize_entry(key, &text)?;
            }
        }
        map.serialize_entry("params", &Params { wording, finding })?;
        map.serialize_entry("seen", &finding.seen)?;
        map.serialize_entry("next_check_at", &Instant(finding.next_check_at))?;
        map.serialize_entry("documentation", &finding.code.documentation())?;
        map.end()
    }
}

struct Params<'a> {
    wording: Wording<'a>,
    finding: &'a Finding,
}

impl Serialize for Params<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let wording = self.wording;
        let params = self.finding.params.iter();
        to.collect_map(params.map(|param| {
            let (key, value) = (param.key, &param.value);
            (key, Plain { wording, value })
        }))
    }
}

/// A value by itself: which parameter it is of says of which kind it is.
struct Plain<'a> {
    wording: Wording<'a>,
    value: &'a Value,
}

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Name(name) => name.serialize(to),
            Value::Names(names) => names.serialize(to),
            Value::Data(octets) => {
                let mut fields = to.serialize_struct("Data", 2)?;
                let text = escaped(octets, Document::MAX_DATA).to_string();
                fields.serialize_field("text", &text)?;
                fields.serialize_field("octets", &Octets(octets))?;
                fields.end()
            }
            Value::Text(text) | Value::Link(text) => text.serialize(to),
            Value::Type(record_type) => record_type.serialize(to),
            Value::Types(types) => types.serialize(to),
            Value::Instant(at) => Instant(Some(*at)).serialize(to),
            Value::Duration(span) => span.as_secs().serialize(to),
            Value::Count(count) => count.serialize(to),
            Value::Failure(failure) => {
                let mut fields = to.serialize_struct("Failure", 2)?;
                fields.serialize_field("text", &plain(self.wording.failure(failure)))?;
                fields.serialize_field("failure", failure)?;
                fields.end()
            }
        }
    }
}

struct Octets<'a>(&'a [u8]);

impl Serialize for Octets<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        crate::serial::write_octets(self.0, to)
    }
}

/// A line as one line of plain text, everything in it escaped (S-18).
fn plain(line: Line) -> String {
    let is_text = |span: &Span| matches!(span, Span::Text(text) if text.trim().is_empty());
    if line.iter().all(is_text) {
        return String::new();
    }
    let document: Document = [Block::Paragraph(line)].into_iter().collect();
    document.to_text(usize::MAX).trim_end().to_owned()
}
