//! How values are written by `serde`: words as text that is read back through their constructor,
//! times as RFC 3339, octets as base64url, lists with a cap that holds before anything is kept
//! (S-4).

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes types as text, and reads them back through the given function.
macro_rules! as_text {
    ($($type:ty: $expected:literal, |$value:ident| $text:expr, $read:expr;)+) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let $value = self;
                to.collect_str($text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(crate::serial::Text { expected: $expected, read: $read })
            }
        }
    )+};
}

pub(crate) use as_text;

/// Reads a `T` from text.
pub(crate) struct Text<T, E> {
    pub(crate) expected: &'static str,
    pub(crate) read: fn(&str) -> Result<T, E>,
}

impl<T, E: fmt::Display> Visitor<'_> for Text<T, E> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<F: serde::de::Error>(self, text: &str) -> Result<T, F> {
        (self.read)(text).map_err(F::custom)
    }
}

/// An instant as RFC 3339 text with whole nanoseconds kept.
pub(crate) mod instant {
    use super::*;
    use time::format_description::well_known::Rfc3339;
    use time::{OffsetDateTime, UtcDateTime};

    pub(crate) fn serialize<S: Serializer>(at: &UtcDateTime, to: S) -> Result<S::Ok, S::Error> {
        let text = at.format(&Rfc3339).map_err(serde::ser::Error::custom)?;
        to.serialize_str(&text)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<UtcDateTime, D::Error> {
        let text = String::deserialize(from)?;
        // An offset can lead out of the years that can be held, or written again.
        OffsetDateTime::parse(&text, &Rfc3339)
            .ok()
            .and_then(OffsetDateTime::checked_to_utc)
            .filter(|at| (0..=9999).contains(&at.year()))
            .ok_or_else(|| D::Error::custom("expected an instant such as 2026-11-23T12:00:00Z"))
    }
}

/// An instant that may be missing.
pub(crate) mod maybe_instant {
    use super::*;
    use time::UtcDateTime;

    #[derive(Serialize, Deserialize)]
    struct Wrapped(#[serde(with = "super::instant")] UtcDateTime);

    pub(crate) fn serialize<S: Serializer>(
        at: &Option<UtcDateTime>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Wrapped).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<UtcDateTime>, D::Error> {
        Ok(Option::<Wrapped>::deserialize(from)?.map(|wrapped| wrapped.0))
    }
}

/// Octets as unpadded base64url text of at most `MAX` octets.
pub(crate) fn octets<'de, const MAX: usize, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(from)?;
    if text.len() / 4 > MAX / 3 {
        return Err(D::Error::custom(format_args!("more than {MAX} octets")));
    }
    data_encoding::BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| D::Error::custom("expected unpadded base64url"))
}

/// Octets as unpadded base64url text.
pub(crate) fn write_octets<S: Serializer>(octets: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&data_encoding::BASE64URL_NOPAD.encode(octets))
}

/// A list of at most `MAX` items: reading stops at the first one too many.
pub(crate) fn bounded<'de, const MAX: usize, T, D>(from: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Bounded<const MAX: usize, T>(PhantomData<T>);

    impl<'de, const MAX: usize, T: Deserialize<'de>> Visitor<'de> for Bounded<MAX, T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MAX} items")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut items = Vec::new();
            while let Some(item) = seq.next_element()? {
                if items.len() == MAX {
                    return Err(A::Error::custom(format_args!("more than {MAX} items")));
                }
                items.push(item);
            }
            Ok(items)
        }
    }

    from.deserialize_seq(Bounded::<MAX, T>(PhantomData))
}
