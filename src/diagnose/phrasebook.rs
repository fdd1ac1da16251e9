use std::time::Duration;

use time::UtcDateTime;

use super::{Code, english};
use crate::dns::LookupFailure;

/// The words of a report, in some language or tone.
///
/// The contract are the [codes](Code) and their parameters, which the
/// [manual](crate::manual::diagnosis) lists; every sentence around them can be replaced. What a
/// phrasebook leaves alone stays [`English`].
///
/// # Templates
///
/// | In a template | In the text |
/// |---|---|
/// | `{key}` | the [parameter](super::Param) of this name |
/// | `[…]` | a part that is left out when a parameter in it is missing; such parts may stand in each other |
/// | `\` before a character | the character as it is: `\{`, `\[`, `\\` |
///
/// A parameter that is missing outside of such a part, or that no code has, is shown as
/// [`Phrase::Missing`]. A part without an end goes to the end; an end without a beginning, or a `{`
/// without its `}`, is text. So no template fails, and an empty one says nothing.
///
/// Whatever the template, values from the DNS stand in a [`Span::Data`](crate::document::Span::Data)
/// and are shown escaped and cut (S-18). A template is text, in every form: markup in it is shown,
/// and does nothing.
///
/// ```
/// use dcv::diagnose::{Code, English, Part, Phrasebook};
///
/// /// English, but for one sentence.
/// #[derive(Debug)]
/// struct Ours;
///
/// impl Phrasebook for Ours {
///     fn template(&self, code: Code, part: Part) -> &str {
///         match (code, part) {
///             (Code::NotPublished, Part::Change) => {
///                 "Ask your administrator to add it at {zone}[, that is at {provider}]."
///             }
///             _ => English.template(code, part),
///         }
///     }
/// }
/// # assert!(Ours.template(Code::Timeout, Part::Title).contains("answer"));
/// ```
pub trait Phrasebook: std::fmt::Debug + Send + Sync {
    /// The template for one part of what is said about a code, in whole sentences but for the
    /// title.
    fn template(&self, code: Code, part: Part) -> &str;

    /// The template for what stands around the findings. Which parameters it has is said at each
    /// [`Phrase`].
    fn phrase(&self, phrase: Phrase) -> &str {
        english::phrase(phrase)
    }

    /// The template for why there was no answer, as a clause without a full stop. `{rcode}` is the
    /// error code of a server, `{at}` the name where aliases end, where the failure has them. The
    /// same words are for users and for operators; extended errors are added behind.
    fn failure(&self, failure: &LookupFailure) -> &str {
        english::failure(failure)
    }

    /// What an extended error means, by its code (RFC 8914). `meaning` is that in English.
    fn extended_error<'a>(&'a self, code: u16, meaning: &'a str) -> &'a str {
        let _ = code;
        meaning
    }

    /// An instant, such as `2026-11-30 12:00:00 UTC`.
    fn instant(&self, at: UtcDateTime) -> String {
        english::instant(at)
    }

    /// A span of time, such as `12 minutes`.
    fn duration(&self, span: Duration) -> String {
        english::duration(span)
    }
}

/// A part of what is said about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Part {
    /// What it is, in a few words without a full stop.
    Title,
    /// What was seen.
    Seen,
    /// How that comes about, where it helps to know.
    Why,
    /// What to change, or what to wait for.
    Change,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 4] = [Self::Title, Self::Seen, Self::Why, Self::Change];
}

/// What stands around the findings of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phrase {
    /// The heading of a report. `{domain}`, `{owner}`.
    Heading,
    /// The heading of a report about a challenge that is proven. `{domain}`, `{owner}`.
    ProvenHeading,
    /// That nothing has to be changed, since the challenge is proven. `{domain}`, `{owner}`.
    Proven,
    /// That nothing is known to be wrong, and yet nothing is proven. `{domain}`, `{owner}`.
    NothingFound,
    /// The heading above the likeliest cause.
    Wrong,
    /// The same, where it is not certain.
    MaybeWrong,
    /// The heading above what was seen.
    Seen,
    /// The heading above what to change.
    Change,
    /// The same, where nobody has to change anything.
    Wait,
    /// What stands above the record as it has to be.
    Record,
    /// What a form calls the name of a record, relative to the zone.
    Host,
    /// The name of the whole name.
    FullName,
    /// The name of the type.
    Type,
    /// The name of the value.
    Value,
    /// The heading above when we look again.
    Next,
    /// When we look again. `{at}`, `{left}` where that is still to come.
    NextCheck,
    /// That we look again only when we are asked to.
    NoNextCheck,
    /// The heading above further findings.
    Also,
    /// The heading above what may be, or is worth knowing.
    Possibly,
    /// Where something was seen. `{name}`, `{type}`, `{at}`, and either `{server}` and `{address}`,
    /// or `{perspective}`.
    Place,
    /// That more places are not listed. `{count}`.
    MorePlaces,
    /// Where to read more about a finding. `{link}`.
    More,
    /// Between the last two of a list, with the blanks around it.
    And,
    /// In place of a parameter that is not known.
    Missing,
    /// The word for [`Severity::Change`](super::Severity::Change).
    SeverityChange,
    /// The word for [`Severity::Wait`](super::Severity::Wait).
    SeverityWait,
    /// The word for [`Severity::Hint`](super::Severity::Hint).
    SeverityHint,
    /// That the record counts although it is not written as it was given; before what is forgiven.
    /// `{domain}`, `{owner}`.
    Forgiven,
    /// [`Warning::LeadingSpace`](crate::record::Warning::LeadingSpace) as a sentence.
    LeadingSpace,
    /// [`Warning::TrailingSpace`](crate::record::Warning::TrailingSpace) as a sentence.
    TrailingSpace,
    /// [`Warning::StraySpace`](crate::record::Warning::StraySpace) as a sentence.
    StraySpace,
    /// [`Warning::EmptyAttributeValue`](crate::record::Warning::EmptyAttributeValue) as a sentence.
    EmptyAttributeValue,
    /// [`Warning::DuplicateAttribute`](crate::record::Warning::DuplicateAttribute) as a sentence.
    DuplicateAttribute,
    /// That there are attributes which mean nothing, as a sentence.
    UnknownAttributes,
}

impl Phrase {
    /// Every phrase.
    pub const ALL: [Self; 34] = [
        Self::Heading,
        Self::ProvenHeading,
        Self::Proven,
        Self::NothingFound,
        Self::Wrong,
        Self::MaybeWrong,
        Self::Seen,
        Self::Change,
        Self::Wait,
        Self::Record,
        Self::Host,
        Self::FullName,
        Self::Type,
        Self::Value,
        Self::Next,
        Self::NextCheck,
        Self::NoNextCheck,
        Self::Also,
        Self::Possibly,
        Self::Place,
        Self::MorePlaces,
        Self::More,
        Self::And,
        Self::Missing,
        Self::SeverityChange,
        Self::SeverityWait,
        Self::SeverityHint,
        Self::Forgiven,
        Self::LeadingSpace,
        Self::TrailingSpace,
        Self::StraySpace,
        Self::EmptyAttributeValue,
        Self::DuplicateAttribute,
        Self::UnknownAttributes,
    ];
}

/// The words in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::exhaustive_structs, reason = "it is written as a value")]
pub struct English;

impl Phrasebook for English {
    fn template(&self, code: Code, part: Part) -> &str {
        english::template(code, part)
    }
}
