use std::fmt;

use subtle::ConstantTimeEq;

use super::strength::{TOKEN_BITS, TOKEN_DISTINCT, capacity, distinct};
use super::{TokenError, TokenFingerprint};

/// A Unique Token: the whole value that a Validation Record must carry (draft-13 §6.1.1).
///
/// It has 1 to 255 printable ASCII characters without space, `"` and `\` (the draft's `value-char`),
/// does not begin with `_`, and does not begin with `token=` in any case, because the record grammar
/// would read that as a pair (K-04). There is no empty token (T-12).
///
/// A token is published in the DNS, but until then it is between us and the user: `Debug` shows a
/// part of its fingerprint, and there is no `Display`. Comparing two tokens takes the same time
/// wherever they differ.
///
/// ```
/// use dcv::token::Token;
///
/// let token = Token::new("mzxw6ytboi4dsnzwgqzdgmrtgi")?;
/// assert!(token.matches(b"mzxw6ytboi4dsnzwgqzdgmrtgi"));
/// assert!(!token.matches(b"MZXW6YTBOI4DSNZWGQZDGMRTGI"));
/// assert!(Token::new("letmein").is_err());
/// # Ok::<(), dcv::token::TokenError>(())
/// ```
#[derive(Clone)]
pub struct Token(Box<str>);

impl Token {
    /// The most characters a token has: as many as one string of a TXT record.
    pub const MAX_LEN: usize = 255;

    /// A token with this text.
    ///
    /// The text must be able to hold 128 bits, measured by the smallest of these alphabets that has
    /// all its characters: digits (39 characters), hexadecimal in one case (32), base32 in one case
    /// (26), base64 or base64url (22), all others (20). And it must use at least 6 different
    /// characters. That catches a mistake; it does not prove that the text was drawn at random
    /// (T-01).
    ///
    /// # Errors
    ///
    /// [`TokenError`] says which rule the text breaks.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        check_form(text)?;
        check_strength(text)?;
        Ok(Self(text.into()))
    }

    /// A token with this text, however easy to guess.
    ///
    /// Somebody who can guess a token before it is issued can have it in the DNS already, and then
    /// its appearance proves nothing. This is for tokens that another system issued, and for tests.
    /// A stored challenge that expects such a token says so (`weak`); one that does not is refused
    /// when it is read (S-4).
    ///
    /// # Errors
    ///
    /// The same as of [`Token::new`], without [`TokenError::TooWeak`] and
    /// [`TokenError::Repetitive`].
    pub fn danger_fewer_than_128_bits(text: &str) -> Result<Self, TokenError> {
        check_form(text)?;
        Ok(Self(text.into()))
    }

    /// A token that was just encoded from random bytes, which needs no second look.
    pub(crate) fn from_encoded(text: String) -> Self {
        debug_assert!(check_form(&text).is_ok());
        Self(text.into_boxed_str())
    }

    /// Whether [`new`](Self::new) would have refused it.
    #[cfg(feature = "serde")]
    pub(crate) fn is_weak(&self) -> bool {
        check_strength(&self.0).is_err()
    }

    /// The text, to be shown to the user it was issued to and to nobody else.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands for this token in logs, events and searches.
    #[must_use]
    pub fn fingerprint(&self) -> TokenFingerprint {
        TokenFingerprint::of(&self.0)
    }

    /// Whether these bytes are this token: whole, exact and case-sensitive (T-12).
    ///
    /// The time it takes depends on the length alone.
    #[must_use]
    pub fn matches(&self, candidate: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(candidate).into()
    }
}

/// Equal as [`Token::matches`] says.
impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.0.as_bytes())
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fingerprint().redact("Token", f)
    }
}

fn check_form(text: &str) -> Result<(), TokenError> {
    if text.is_empty() {
        return Err(TokenError::Empty);
    }
    if text.len() > Token::MAX_LEN {
        return Err(TokenError::TooLong { len: text.len() });
    }
    let foreign = text
        .chars()
        .zip(1..)
        .find(|(character, _)| !is_value_char(*character));
    if let Some((character, position)) = foreign {
        return Err(TokenError::Character {
            position,
            character,
            allowed: "a token has printable ASCII characters other than space, `\"` and `\\`",
        });
    }
    if text.starts_with('_') {
        return Err(TokenError::LeadingUnderscore);
    }
    if text
        .split_once('=')
        .is_some_and(|(key, _)| key.eq_ignore_ascii_case("token"))
    {
        return Err(TokenError::ReadsAsPair);
    }
    Ok(())
}

fn check_strength(text: &str) -> Result<(), TokenError> {
    let bits = capacity(text);
    if bits < TOKEN_BITS {
        return Err(TokenError::TooWeak { bits });
    }
    let distinct = distinct(text);
    if distinct < TOKEN_DISTINCT {
        return Err(TokenError::Repetitive {
            distinct,
            required: TOKEN_DISTINCT,
        });
    }
    Ok(())
}

/// `value-char` of draft-13 §6.1.2: %x21 / %x23-5B / %x5D-7E.
const fn is_value_char(character: char) -> bool {
    matches!(character, '\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e')
}
