use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::{Encoding, TokenError};

/// Keeps these digests apart from every other SHA-256 of the same text, such as the value of an
/// ACME challenge.
const DOMAIN: &[u8] = b"dcv token fingerprint 1\0";

/// Stands for a token where the token itself must not be shown or searched for: a SHA-256 of the
/// token behind a prefix of this crate's, shown as 64 hexadecimal digits.
///
/// It tells equal tokens from different ones. It hides a token only as well as the token is hard to
/// guess.
///
/// ```
/// use dcv::token::{Token, TokenFingerprint};
///
/// let token = Token::new("mzxw6ytboi4dsnzwgqzdgmrtgi")?;
/// let shown = token.fingerprint().to_string();
/// assert_eq!(shown.len(), 64);
/// assert_eq!(shown.parse::<TokenFingerprint>()?, token.fingerprint());
/// # Ok::<(), dcv::token::TokenError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenFingerprint([u8; 32]);

impl TokenFingerprint {
    /// The fingerprint with these bytes, as a store kept them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, as a store keeps them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn of(token: &str) -> Self {
        let digest = Sha256::new().chain_update(DOMAIN).chain_update(token);
        Self(digest.finalize().into())
    }

    /// Writes `name(` and the first 8 digits `)`: what `Debug` shows of a secret text.
    pub(super) fn redact(self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "{name}({})", Encoding::Base16.encode(&[a, b, c, d]))
    }
}

impl fmt::Display for TokenFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&Encoding::Base16.encode(&self.0))
    }
}

impl fmt::Debug for TokenFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenFingerprint({self})")
    }
}

impl FromStr for TokenFingerprint {
    type Err = TokenError;

    /// Reads the 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`TokenError::Fingerprint`] for anything else.
    fn from_str(text: &str) -> Result<Self, TokenError> {
        Encoding::Base16
            .decode(text)
            .map(Self)
            .ok_or(TokenError::Fingerprint)
    }
}
