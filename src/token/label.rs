use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::strength::{LABEL_BITS, LABEL_DISTINCT, distinct, is_base16, is_base32};
use super::{Encoding, Token, TokenError, TokenFingerprint};

/// A token that may stand in a DNS label: in an owner name, or in the target of an alias.
///
/// It is lower-case base32 or base16 (T-03) of 16 to 62 characters, so that it fits a label behind
/// an underscore (T-05), holds at least 80 bits, and has no hyphen: it cannot be mistaken for a label
/// with another meaning, such as one that ends in `-challenge` (M-03).
///
/// ```
/// use dcv::token::{LabelToken, Token};
///
/// let token = Token::new("mzxw6ytboi4dsnzwgqzdgmrtgi")?;
/// assert_eq!(LabelToken::try_from(&token)?.as_str(), token.as_str());
///
/// let base64url = Token::new("bm90LWZvci1hLWxhYmVs-A")?;
/// assert!(LabelToken::try_from(&base64url).is_err());
/// # Ok::<(), dcv::token::TokenError>(())
/// ```
#[derive(Clone)]
pub struct LabelToken(Box<str>);

impl LabelToken {
    /// The most characters a label token has: a label's 63 without the underscore.
    pub const MAX_LEN: usize = 62;

    /// The fewest bytes that a label token is the text of.
    pub(crate) const MIN_BYTES: usize = LABEL_BITS / 8;

    /// A label token with this text.
    ///
    /// # Errors
    ///
    /// [`TokenError::Character`], [`TokenError::LabelTooLong`] or [`TokenError::LabelTooShort`]
    /// when the text is not one, [`TokenError::Repetitive`] when it cannot be random.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        if text.len() > Self::MAX_LEN {
            return Err(TokenError::LabelTooLong { len: text.len() });
        }
        // A base32 text may by chance have no character that base16 lacks, so base32 is asked first.
        let least = if text.bytes().all(is_base32) {
            LABEL_BITS / 5
        } else if text.bytes().all(is_base16) {
            LABEL_BITS / 4
        } else {
            return Err(foreign_character(text));
        };
        if text.len() < least {
            return Err(TokenError::LabelTooShort { len: text.len() });
        }
        match distinct(text) {
            few if few < LABEL_DISTINCT => Err(TokenError::Repetitive {
                distinct: few,
                required: LABEL_DISTINCT,
            }),
            _ => Ok(Self(text.into())),
        }
    }

    /// The label of an account: the first 10 bytes of the SHA-256 of its identifier, in base32
    /// (draft-13 §8; M-02). The ACME method dns-account-01 makes its label of the account's URL in
    /// the same way.
    ///
    /// The hash keeps an identifier out of the DNS only if it cannot be guessed.
    ///
    /// ```
    /// use dcv::token::LabelToken;
    ///
    /// let account = "https://example.com/acme/acct/ExampleAccount";
    /// assert_eq!(LabelToken::from_account_hash(account).as_str(), "ujmmovf2vn55tgye");
    /// ```
    #[must_use]
    pub fn from_account_hash(account: impl AsRef<[u8]>) -> Self {
        let digest = Sha256::digest(account);
        let kept = digest.get(..Self::MIN_BYTES).unwrap_or_default();
        Self(Encoding::Base32.encode(kept).into_boxed_str())
    }

    /// The text, without an underscore.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands for this token in logs, events and searches: the same as of a [`Token`] with the
    /// same text.
    #[must_use]
    pub fn fingerprint(&self) -> TokenFingerprint {
        TokenFingerprint::of(&self.0)
    }
}

impl TryFrom<&Token> for LabelToken {
    type Error = TokenError;

    /// The same text as a label, if it may be one.
    ///
    /// # Errors
    ///
    /// The same as of [`LabelToken::new`].
    fn try_from(token: &Token) -> Result<Self, TokenError> {
        Self::new(token.as_str())
    }
}

impl PartialEq for LabelToken {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for LabelToken {}

impl fmt::Debug for LabelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fingerprint().redact("LabelToken", f)
    }
}

fn foreign_character(text: &str) -> TokenError {
    text.chars()
        .zip(1..)
        .find(|(character, _)| !u8::try_from(*character).is_ok_and(is_base32))
        .map_or(TokenError::Empty, |(character, position)| TokenError::Character {
            position,
            character,
            allowed: "a label token is lower-case base32 (a-z, 2-7) or base16 (0-9, a-f), not both",
        })
}
