use super::Code;

/// Sentences for findings, in some language.
///
/// A template is text with `{key}` where a [parameter](super::Param) of the finding stands. The
/// documentation of each [`Code`] lists its parameters.
pub trait Phrasebook: std::fmt::Debug + Send + Sync {
    /// The template for one part of what is said about a code.
    fn template(&self, code: Code, part: Part) -> &str;
}

/// A part of what is said about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// What it is, in a few words.
    Title,
    /// What was seen.
    Seen,
    /// What to change.
    Change,
}

/// The sentences in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct English;

impl Phrasebook for English {
    fn template(&self, code: Code, part: Part) -> &str {
        let _ = part;
        code.as_str()
    }
}
