use std::fmt;

use crate::record::escaped;

/// An Extended DNS Error (RFC 8914).
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(from = "ExtendedErrorParts"))]
pub struct ExtendedError {
    code: u16,
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serial::write_octets")
    )]
    text: Box<[u8]>,
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtendedErrorParts {
    code: u16,
    #[serde(deserialize_with = "crate::serial::octets::<1024, _>")]
    text: Vec<u8>,
}

#[cfg(feature = "serde")]
impl From<ExtendedErrorParts> for ExtendedError {
    fn from(parts: ExtendedErrorParts) -> Self {
        Self::new(parts.code, &parts.text)
    }
}

impl ExtendedError {
    const MAX_TEXT: usize = 256;

    /// An extended error; of its text the first 256 octets are kept.
    #[must_use]
    pub fn new(code: u16, text: &[u8]) -> Self {
        let kept = text.get(..Self::MAX_TEXT).unwrap_or(text);
        Self {
            code,
            text: kept.into(),
        }
    }

    /// The INFO-CODE.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The EXTRA-TEXT, as it came: show it only escaped (S-18).
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// What the code means, in words.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        match self.code {
            1 => "unsupported DNSKEY algorithm",
            2 => "unsupported DS digest type",
            3 => "stale answer",
            4 => "forged answer",
            5 => "DNSSEC indeterminate",
            6 => "DNSSEC bogus",
            7 => "signature expired",
            8 => "signature not yet valid",
            9 => "DNSKEY missing",
            10 => "RRSIGs missing",
            11 => "no zone key bit set",
            12 => "NSEC missing",
            13 => "cached error",
            14 => "not ready",
            15 => "blocked",
            16 => "censored",
            17 => "filtered",
            18 => "prohibited",
            19 => "stale NXDOMAIN answer",
            20 => "not authoritative",
            21 => "not supported",
            22 => "no reachable authority",
            23 => "network error",
            24 => "invalid data",
            25 => "signature expired before it was valid",
            26 => "too early",
            27 => "unsupported NSEC3 iterations",
            28 => "unable to conform to policy",
            29 => "synthesized answer",
            30 => "invalid query type",
            _ => "other error",
        }
    }

    /// The answer may be older than its time to live (codes 3 and 19).
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(self.code, 3 | 19)
    }

    /// The answer was made or suppressed by a policy of the resolver (codes 4 and 15 to 18).
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        matches!(self.code, 4 | 15..=18)
    }
}

impl fmt::Debug for ExtendedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExtendedError({self})")
    }
}

impl fmt::Display for ExtendedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (EDE {})", self.meaning(), self.code)?;
        if !self.text.is_empty() {
            write!(f, ": {}", escaped(&self.text, 80))?;
        }
        Ok(())
    }
}
