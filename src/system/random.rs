use rand::TryRng;
use rand::rngs::SysRng;

use crate::token::{
    ChallengeId, Encoding, LabelToken, Token, TokenError, TokenGenerator, TokenPurpose,
    TokenRequest,
};

/// Draws tokens from the random source of the operating system (T-01).
///
/// By default 25 bytes, written as 40 characters of lower-case base32: 200 bits, in one form that
/// fits a record and a label alike.
///
/// ```
/// use dcv::system::RandomTokens;
/// use dcv::token::{Encoding, TokenPurpose};
///
/// let tokens = RandomTokens::new().with_bytes(32)?.with_encoding(Encoding::Base64Url);
/// assert_eq!(tokens.draw(TokenPurpose::Value)?.as_str().len(), 43);
/// assert_eq!(tokens.draw(TokenPurpose::Label)?.as_str().len(), 52); // base32, whatever was set
/// # Ok::<(), dcv::token::TokenError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomTokens {
    bytes: usize,
    encoding: Encoding,
}

impl RandomTokens {
    /// The fewest bytes that [`with_bytes`](Self::with_bytes) takes: 128 bits (draft-13 §6.1.1).
    pub const MIN_BYTES: usize = 16;

    /// The most bytes a token is made of.
    pub const MAX_BYTES: usize = 64;

    /// Tokens of 25 bytes in base32.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: 25,
            encoding: Encoding::Base32,
        }
    }

    /// Tokens of this many random bytes.
    ///
    /// A token for a label is made of as many of them as fit it: 38 in base32.
    ///
    /// # Errors
    ///
    /// [`TokenError::TooFewBytes`] under [`MIN_BYTES`](Self::MIN_BYTES),
    /// [`TokenError::TooManyBytes`] over [`MAX_BYTES`](Self::MAX_BYTES).
    pub const fn with_bytes(self, bytes: usize) -> Result<Self, TokenError> {
        if bytes < Self::MIN_BYTES {
            return Err(TokenError::TooFewBytes { bytes });
        }
        self.danger_fewer_than_128_bits(bytes)
    }

    /// Tokens of this many random bytes, however few.
    ///
    /// Somebody who can guess a token before it is issued can have it in the DNS already; then its
    /// appearance proves nothing (T-06). The draft wants at least 128 bits.
    ///
    /// # Errors
    ///
    /// [`TokenError::Empty`] for 0 bytes, [`TokenError::TooManyBytes`] over
    /// [`MAX_BYTES`](Self::MAX_BYTES). A token for a label still needs 10 bytes, and
    /// [`draw`](Self::draw) refuses to make one of fewer.
    pub const fn danger_fewer_than_128_bits(self, bytes: usize) -> Result<Self, TokenError> {
        match bytes {
            0 => Err(TokenError::Empty),
            1..=Self::MAX_BYTES => Ok(Self { bytes, ..self }),
            _ => Err(TokenError::TooManyBytes {
                bytes,
                max: Self::MAX_BYTES,
            }),
        }
    }

    /// Tokens in this encoding, where it may be used: a token for a label is in base32 when the
    /// encoding is not safe there (T-03), or would be too long (T-05).
    #[must_use]
    pub const fn with_encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// Draws one token.
    ///
    /// # Errors
    ///
    /// [`TokenError::RandomSource`] when the operating system gives no random bytes, and
    /// [`TokenError::LabelTooShort`] for a label of so few bytes that they had to be allowed
    /// explicitly.
    pub fn draw(&self, purpose: TokenPurpose) -> Result<Token, TokenError> {
        let (encoding, bytes) = match purpose {
            TokenPurpose::Value => (self.encoding, self.bytes),
            TokenPurpose::Label => self.for_label()?,
        };
        let mut buffer = [0; Self::MAX_BYTES];
        let random = buffer.get_mut(..bytes).unwrap_or_default();
        loop {
            fill(random)?;
            let text = encoding.encode(random);
            // One base64url text in 64 begins with an underscore, which no token does. Drawing
            // again costs less than a fortieth of a bit.
            if !text.starts_with('_') {
                return Ok(Token::from_encoded(text));
            }
        }
    }

    /// The encoding and the number of bytes of a token for a label.
    const fn for_label(&self) -> Result<(Encoding, usize), TokenError> {
        if self.bytes < LabelToken::MIN_BYTES {
            let len = self.encoding.encoded_len(self.bytes);
            return Err(TokenError::LabelTooShort { len });
        }
        let fits = self.encoding.encoded_len(self.bytes) <= LabelToken::MAX_LEN;
        Ok(match self.encoding {
            encoding if encoding.is_label_safe() && fits => (encoding, self.bytes),
            _ if self.bytes < LONGEST_LABEL => (Encoding::Base32, self.bytes),
            _ => (Encoding::Base32, LONGEST_LABEL),
        })
    }
}

/// How many bytes a label takes in base32.
const LONGEST_LABEL: usize = LabelToken::MAX_LEN * 5 / 8;

/// Draws a new token for every request; of the request only the purpose matters.
impl TokenGenerator for RandomTokens {
    fn generate(&self, request: &TokenRequest<'_>) -> Result<Token, TokenError> {
        self.draw(request.purpose())
    }
}

impl Default for RandomTokens {
    fn default() -> Self {
        Self::new()
    }
}

/// Draws the id of a new challenge: 128 bits from the operating system (S-17).
///
/// # Errors
///
/// [`TokenError::RandomSource`] when the operating system gives no random bytes.
pub fn random_challenge_id() -> Result<ChallengeId, TokenError> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    Ok(ChallengeId::from_bytes(bytes))
}

fn fill(bytes: &mut [u8]) -> Result<(), TokenError> {
    SysRng
        .try_fill_bytes(bytes)
        .map_err(|error| TokenError::RandomSource(Box::new(error)))
}
