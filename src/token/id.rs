use std::fmt;
use std::str::FromStr;

use super::{Encoding, TokenError};

/// Names one challenge: 128 bits, drawn at random so that it cannot be guessed (S-17).
///
/// Its text is 26 characters of lower-case base32. One value has one text: upper case, padding and
/// stray final bits are refused. A fresh one comes from
/// [`random_challenge_id`](crate::system::random_challenge_id).
///
/// ```
/// use dcv::token::ChallengeId;
///
/// let id = ChallengeId::from_bytes([0xab; 16]);
/// assert_eq!(id.to_string(), "vov2xk5lvov2xk5lvov2xk5lvm");
/// assert_eq!(id.to_string().parse::<ChallengeId>()?, id);
/// # Ok::<(), dcv::token::TokenError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChallengeId([u8; 16]);

impl ChallengeId {
    /// The id with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, as a store keeps them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&Encoding::Base32.encode(&self.0))
    }
}

impl fmt::Debug for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChallengeId({self})")
    }
}

impl FromStr for ChallengeId {
    type Err = TokenError;

    /// Reads the 26 characters.
    ///
    /// # Errors
    ///
    /// [`TokenError::ChallengeId`] for anything else.
    fn from_str(text: &str) -> Result<Self, TokenError> {
        Encoding::Base32
            .decode(text)
            .map(Self)
            .ok_or(TokenError::ChallengeId)
    }
}
