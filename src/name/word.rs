//! The words that underscored labels are composed of.

use super::MAX_LABEL;

/// The last parts of labels that say their scope or purpose.
const ENDINGS: [&str; 4] = ["challenge", "domain", "host", "wildcard"];

/// What is wrong with a word for a label: a provider's name or a feature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WordFault {
    /// There is none.
    #[error("is empty")]
    Empty,
    /// At this offset in octets stands no ASCII letter, digit, `-` or `_`.
    #[error(
        "has a character at offset {0} that is not allowed: \
         use ASCII letters, digits, `-` and `_`"
    )]
    Character(usize),
    /// `-` or `_` stands at an end.
    #[error("must begin and end with a letter or digit; the library adds the underscore")]
    Edge,
    /// The last part, after `-` or `_`, is a word that the library itself puts there (S-18).
    #[error("cannot end in `{0}`: the library adds that word, and no label may be two parties'")]
    Ending(&'static str),
    /// More octets than a label leaves room for.
    #[error("has {length} octets, but at most {limit} are possible: shorten it")]
    TooLong {
        /// Octets of the word.
        length: usize,
        /// Octets it may have.
        limit: usize,
    },
    /// Nothing tells it from the token of an account label (M-03).
    #[error("could be taken for the token of an account: put a `-` into it or shorten it")]
    LikeToken,
}

/// Checks a word of at most `limit` octets, and gives it back in lower case.
pub(super) fn word(text: &str, limit: usize) -> Result<String, WordFault> {
    debug_assert!(limit < MAX_LABEL);
    if text.is_empty() {
        return Err(WordFault::Empty);
    }
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    if let Some(offset) = text.bytes().position(|octet| !allowed(octet)) {
        return Err(WordFault::Character(offset));
    }
    if text.len() > limit {
        return Err(WordFault::TooLong {
            length: text.len(),
            limit,
        });
    }
    if text.starts_with(['-', '_']) || text.ends_with(['-', '_']) {
        return Err(WordFault::Edge);
    }
    let text = text.to_ascii_lowercase();
    // Joined by `-` the word would forge a label, joined by `_` it would still be misread.
    let last = text.rsplit(['-', '_']).next().unwrap_or(&text);
    match ENDINGS.into_iter().find(|&ending| ending == last) {
        Some(ending) => Err(WordFault::Ending(ending)),
        None => Ok(text),
    }
}
