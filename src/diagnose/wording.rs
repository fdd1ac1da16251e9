//! Parameters as pieces of text, each kind in the span that keeps it harmless (S-18).

use super::template::fill;
use super::{Code, Finding, Part, Phrase, Phrasebook, Seen, Value};
use crate::dns::{LookupFailure, rcode_name};
use crate::document::{Line, Span};
use crate::name::OwnerName;

/// What is ours, and copied character by character. Everything else that is a name came from the
/// DNS, or may have.
const OURS: [&str; 6] = ["owner", "zone", "host", "value", "registrable", "parent"];

/// The octets of extended errors and the like that are shown.
const MAX_ERRORS: usize = 8;

/// Words of a phrasebook, with values in them.
#[derive(Clone, Copy)]
pub(super) struct Wording<'a>(pub(super) &'a dyn Phrasebook);

impl Wording<'_> {
    /// One part of what is said about a finding; empty when there is nothing to say.
    pub(super) fn part(self, finding: &Finding, part: Part) -> Line {
        self.template(self.0.template(finding.code, part), finding)
    }

    fn template(self, template: &str, finding: &Finding) -> Line {
        let value = |key: &str| {
            let owner = match finding.param("owner") {
                Some(Value::Name(owner)) => Some(owner),
                _ => None,
            };
            self.value(key, finding.param(key)?, owner)
        };
        self.fill(template, &value)
    }

    /// A phrase with these values.
    pub(super) fn phrase(self, phrase: Phrase, values: &[(&str, Line)]) -> Line {
        let value = |key: &str| {
            let (_, line) = values.iter().find(|(known, _)| *known == key)?;
            Some(line.clone())
        };
        self.fill(self.0.phrase(phrase), &value)
    }

    /// A phrase without values, as text.
    pub(super) fn word(self, phrase: Phrase) -> String {
        let spans = self.phrase(phrase, &[]).into_iter();
        let texts = spans.filter_map(|span| match span {
            Span::Text(text) => Some(text),
            _ => None,
        });
        texts.collect()
    }

    fn fill(self, template: &str, value: &dyn Fn(&str) -> Option<Line>) -> Line {
        // Read as it is: a phrase that stands for what is missing cannot miss anything itself.
        fill(template, value, self.0.phrase(Phrase::Missing))
    }

    /// A value in its spans, of a search for the record at `owner`; `None` when there is nothing to
    /// show.
    fn value(self, key: &str, value: &Value, owner: Option<&OwnerName>) -> Option<Line> {
        let is_ours = OURS.contains(&key);
        // Ours, wherever it was found.
        let named = |name: &OwnerName| match Some(name) == owner {
            true => literal(name),
            false => foreign(name),
        };
        let text = |text: String| Some(vec![Span::Text(text)]);
        match value {
            Value::Name(name) if is_ours => Some(vec![literal(name)]),
            Value::Name(name) => Some(vec![named(name)]),
            Value::Names(names) => self.list(names.iter().map(named).collect()),
            Value::Data(octets) => Some(vec![Span::Data(octets.clone())]),
            Value::Text(text) if is_ours => Some(vec![Span::Literal(text.clone())]),
            Value::Text(words) => text(words.clone()),
            Value::Type(record_type) => text(record_type.to_string()),
            Value::Types(types) => {
                let types = types.iter().map(|one| Span::Text(one.to_string()));
                self.list(types.collect())
            }
            Value::Instant(at) => text(self.0.instant(*at)),
            Value::Duration(span) => text(self.0.duration(*span)),
            Value::Count(count) => text(count.to_string()),
            Value::Failure(failure) => Some(self.failure(failure)),
            Value::Link(url) => Some(vec![link(url)]),
        }
    }

    /// `a`, `a and b`, `a, b and c`.
    fn list(self, items: Line) -> Option<Line> {
        let last = items.len().checked_sub(1)?;
        let mut line = Line::new();
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 && index == last {
                line.push(Span::Text(self.0.phrase(Phrase::And).to_owned()));
            } else if index > 0 {
                line.push(Span::Text(", ".to_owned()));
            }
            line.push(item);
        }
        Some(line)
    }

    /// Why there was no answer, in words, with the extended errors that explain it.
    pub(super) fn failure(self, failure: &LookupFailure) -> Line {
        let value = |key: &str| match (key, failure) {
            ("at", LookupFailure::BrokenChain { at }) => Some(vec![foreign(at)]),
            ("rcode", LookupFailure::Server { rcode, .. }) => Some(vec![Span::Text(
                rcode_name(*rcode).map_or_else(|| rcode.to_string(), str::to_owned),
            )]),
            _ => None,
        };
        let mut line = self.fill(self.0.failure(failure), &value);
        if let LookupFailure::Server { extended, .. } | LookupFailure::Bogus { extended } = failure
        {
            for error in extended.iter().take(MAX_ERRORS) {
                let meaning = self.0.extended_error(error.code(), error.meaning());
                line.push(Span::Text(format!("; {meaning} (EDE {})", error.code())));
                if !error.text().is_empty() {
                    line.push(Span::Text(": ".to_owned()));
                    line.push(Span::Data(error.text().to_vec()));
                }
            }
        }
        line
    }

    /// Where and when something was seen, in a search for the record at `owner`.
    pub(super) fn place(self, seen: &Seen, owner: &OwnerName) -> Line {
        let name = match seen.question().name() {
            name if name == owner => literal(name),
            name => foreign(name),
        };
        let mut values = vec![
            ("name", vec![name]),
            (
                "type",
                vec![Span::Text(seen.question().record_type().to_string())],
            ),
            ("at", vec![Span::Text(self.0.instant(seen.at()))]),
        ];
        match seen.server() {
            Some(server) => {
                values.push(("server", vec![foreign(server.name())]));
                if let Some(address) = server.address() {
                    values.push(("address", vec![Span::Text(address.ip().to_string())]));
                }
            }
            None => {
                let perspective = seen.perspective().to_string();
                values.push(("perspective", vec![Span::Text(perspective)]));
            }
        }
        self.phrase(Phrase::Place, &values)
    }

    /// A link to what the manual says of a code.
    pub(super) fn more(self, code: Code) -> Line {
        self.phrase(Phrase::More, &[("link", vec![link(&code.documentation())])])
    }
}

/// A name of ours, to copy: without the final dot, which many forms do not take.
pub(super) fn literal(name: &OwnerName) -> Span {
    Span::Literal(shown(name))
}

fn shown(name: &OwnerName) -> String {
    let text = name.to_string();
    match text.strip_suffix('.') {
        Some(shorter) if !shorter.is_empty() => shorter.to_owned(),
        _ => text,
    }
}

/// A name that came from the DNS: as data, and so never linked. Its octets are those of the
/// labels, to be escaped once; only where a dot stands in a label it is escaped here already, so
/// that it is no other name.
fn foreign(name: &OwnerName) -> Span {
    let labels: Vec<&[u8]> = name.labels().collect();
    if labels.is_empty() || labels.iter().any(|label| label.contains(&b'.')) {
        return Span::Data(shown(name).into_bytes());
    }
    Span::Data(labels.join(&b'.'))
}

fn link(url: &str) -> Span {
    Span::Link {
        text: url.to_owned(),
        url: url.to_owned(),
    }
}
