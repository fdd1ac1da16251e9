use std::fmt;

use base32::Alphabet;
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD, HEXLOWER};

/// The alphabet for reading; the other crate has it in upper case only.
const BASE32: Alphabet = Alphabet::Rfc4648Lower { padding: false };

/// How the bytes of a token are written (draft-13 §6.1.1; T-02).
///
/// Nothing is padded, and everything that has a case is lower-case except base64url, whose letters
/// mean different things in either case (T-04).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Base32 of RFC 4648, in lower case: 8 characters for 5 bytes. Fits a DNS label.
    #[default]
    Base32,
    /// Hexadecimal, in lower case: 2 characters for a byte. Fits a DNS label.
    Base16,
    /// The URL-safe base64 of RFC 4648: 4 characters for 3 bytes. Never in a DNS label, because the
    /// DNS does not keep case apart (T-03).
    Base64Url,
}

impl Encoding {
    /// Writes bytes as text.
    ///
    /// ```
    /// use dcv::token::Encoding;
    ///
    /// assert_eq!(Encoding::Base32.encode(b"example"), "mv4gc3lqnrsq");
    /// assert_eq!(Encoding::Base16.encode(b"example"), "6578616d706c65");
    /// assert_eq!(Encoding::Base64Url.encode(b"example"), "ZXhhbXBsZQ");
    /// ```
    #[must_use]
    pub fn encode(self, bytes: &[u8]) -> String {
        match self {
            // Not `base32::encode`: that one grows its buffer on the way, and takes twice as long.
            Self::Base32 => {
                let mut text = BASE32_NOPAD.encode(bytes);
                text.make_ascii_lowercase();
                text
            }
            Self::Base16 => HEXLOWER.encode(bytes),
            Self::Base64Url => BASE64URL_NOPAD.encode(bytes),
        }
    }

    /// How many characters `bytes` bytes become.
    #[must_use]
    pub const fn encoded_len(self, bytes: usize) -> usize {
        let bits = bytes.saturating_mul(8);
        match self {
            Self::Base32 => bits.div_ceil(5),
            Self::Base16 => bits.div_ceil(4),
            Self::Base64Url => bits.div_ceil(6),
        }
    }

    /// Whether the text may stand in a DNS label (T-03).
    #[must_use]
    pub const fn is_label_safe(self) -> bool {
        !matches!(self, Self::Base64Url)
    }

    /// The word for it: `base32`, `base16` or `base64url`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base32 => "base32",
            Self::Base16 => "base16",
            Self::Base64Url => "base64url",
        }
    }

    /// Reads `N` bytes back, from the one text that [`encode`](Self::encode) gives for them.
    pub(super) fn decode<const N: usize>(self, text: &str) -> Option<[u8; N]> {
        let bytes = match self {
            Self::Base32 => base32::decode(BASE32, text)?,
            Self::Base16 => HEXLOWER.decode(text.as_bytes()).ok()?,
            Self::Base64Url => BASE64URL_NOPAD.decode(text.as_bytes()).ok()?,
        };
        // The base32 decoder ignores stray bits at the end and characters too many; writing the
        // bytes again leaves one text for each value.
        (self.encode(&bytes) == text)
            .then(|| bytes.try_into().ok())
            .flatten()
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
