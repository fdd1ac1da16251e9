use std::error::Error;

use super::strength::{LABEL_BITS, TOKEN_BITS};
use super::{LabelToken, Token};

/// Why a token, an id or a fingerprint was refused, or why none could be made.
///
/// The text never contains the token itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// There is no text; an empty token would match an empty record (T-12).
    #[error("the token is empty: a token has at least one character")]
    Empty,
    /// The text is longer than one string of a TXT record.
    #[error("the token has {len} characters: at most {max} are allowed", max = Token::MAX_LEN)]
    TooLong {
        /// The length in bytes.
        len: usize,
    },
    /// A character that the draft's grammar has no place for in a value, or a label has none for.
    #[error(
        "character {position} of the token is U+{code:04X}: {allowed}",
        code = u32::from(*.character)
    )]
    Character {
        /// Which one, counted from 1.
        position: usize,
        /// The character. It may be one that must not be printed raw.
        character: char,
        /// What would be right, in words.
        allowed: &'static str,
    },
    /// The text begins with an underscore, as the names of DNS labels with a meaning do.
    #[error("the token begins with `_`: leave that to owner names")]
    LeadingUnderscore,
    /// The text begins with `token=`, so a record with it would be read as a pair (K-04).
    #[error("the token begins with `token=`: give the part behind it alone")]
    ReadsAsPair,
    /// The text is too short for its alphabet to hold 128 random bits (T-01).
    #[error(
        "the token can hold {bits} bits at most and {TOKEN_BITS} are required: use at least \
         32 hexadecimal, 26 base32 or 22 base64url characters"
    )]
    TooWeak {
        /// What a text of this length in the smallest alphabet that has its characters can hold.
        bits: usize,
    },
    /// The text repeats too few characters to have been drawn at random (T-01).
    #[error(
        "the token uses {distinct} different characters and at least {required} are expected of \
         a random one: draw it from a random source"
    )]
    Repetitive {
        /// How many different characters it has.
        distinct: usize,
        /// How many are required.
        required: usize,
    },
    /// The text does not fit a DNS label behind an underscore (T-05).
    #[error(
        "the token has {len} characters: a label takes {max} behind its underscore, so use \
         base32, or at most 31 bytes in hexadecimal",
        max = LabelToken::MAX_LEN
    )]
    LabelTooLong {
        /// The length in bytes.
        len: usize,
    },
    /// The text is so short that it could be mistaken for a label with another meaning (M-03).
    #[error(
        "the label token has {len} characters and {LABEL_BITS} bits are required: use at least \
         16 characters of base32 or 20 of hexadecimal"
    )]
    LabelTooShort {
        /// The length in bytes.
        len: usize,
    },
    /// A generator was set to fewer bytes than 128 bits (T-01).
    #[error("{bytes} random bytes are fewer than 128 bits: use at least 16")]
    TooFewBytes {
        /// How many were asked for.
        bytes: usize,
    },
    /// A generator was set to more bytes than it takes.
    #[error("{bytes} random bytes are more than a token has use for: use at most {max}")]
    TooManyBytes {
        /// How many were asked for.
        bytes: usize,
        /// The most that is taken.
        max: usize,
    },
    /// The text is not a challenge id.
    #[error("this is not a challenge id: one has 26 characters of lower-case base32")]
    ChallengeId,
    /// The text is not a token fingerprint.
    #[error("this is not a token fingerprint: one has 64 lower-case hexadecimal digits")]
    Fingerprint,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: nothing was issued, try again")]
    RandomSource(#[source] Box<dyn Error + Send + Sync>),
    /// A generator of the application failed; see [`TokenError::generator`].
    #[error("the application's token generator failed: nothing was issued")]
    Generator(#[source] Box<dyn Error + Send + Sync>),
}

impl TokenError {
    /// Wraps what went wrong inside an application's own [`TokenGenerator`](super::TokenGenerator).
    #[must_use]
    pub fn generator(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Generator(source.into())
    }
}
