use std::fmt;

use crate::dns::RecordType;
use crate::name::OwnerName;
use crate::record::presentation;

/// The record that the user is asked to publish (I-02).
///
/// Its `Display` is the zone-file line:
///
/// ```text
/// _example-challenge.example.com. 300 IN TXT "token=… expiry=2026-11-30T12:00:00Z"
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ValidationRecord {
    owner: OwnerName,
    record_type: RecordType,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_value"))]
    value: String,
    ttl: u32,
}

impl ValidationRecord {
    /// A TXT record; the TTL is in seconds.
    #[must_use]
    pub(crate) fn txt(owner: OwnerName, value: String, ttl: u32) -> Self {
        Self {
            owner,
            record_type: RecordType::TXT,
            value,
            ttl,
        }
    }

    /// Where it goes: the fully qualified name.
    #[must_use]
    pub fn owner(&self) -> &OwnerName {
        &self.owner
    }

    /// Its type.
    #[must_use]
    pub fn record_type(&self) -> RecordType {
        self.record_type
    }

    /// Its value, without quotation marks: what goes into the value field of a DNS panel.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Its time to live in seconds; short, so that a mistake is soon forgotten (L-01).
    #[must_use]
    pub fn ttl(&self) -> u32 {
        self.ttl
    }
}

/// Reads a value that can be published and shown (S-4, S-18).
#[cfg(feature = "serde")]
fn read_value<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let value = <String as serde::Deserialize>::deserialize(from)?;
    let fits = !value.is_empty() && value.len() <= crate::record::MAX_RDATA;
    if fits && !value.contains(char::is_control) {
        Ok(value)
    } else {
        Err(serde::de::Error::custom(
            "expected the value of a record, without control characters",
        ))
    }
}

/// Without the value, which has the token in it: logs are no place for it.
impl fmt::Debug for ValidationRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValidationRecord")
            .field("owner", &self.owner)
            .field("record_type", &self.record_type)
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ValidationRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = presentation::quoted(self.value.as_bytes());
        write!(
            f,
            "{} {} IN {} {value}",
            self.owner, self.ttl, self.record_type
        )
    }
}
