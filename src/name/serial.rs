//! Names as strings for `serde`; every `Deserialize` goes through the constructor (S-4).

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AccountId, DomainName, OwnerName, ProviderName, Scope};

/// Reads a `T` from a string.
struct Text<T> {
    expected: &'static str,
    target: PhantomData<T>,
}

impl<T> Visitor<'_> for Text<T>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

macro_rules! as_text {
    ($($type:ty: $expected:literal, |$value:ident| $text:expr;)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $value = self;
                serializer.collect_str($text)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text { expected: $expected, target: PhantomData })
            }
        }
    )*};
}

as_text! {
    DomainName: "a domain name", |name| name;
    OwnerName: "an absolute name in presentation form", |name| name;
    Scope: "host, wildcard or domain", |scope| scope;
    ProviderName: "a provider name", |name| name;
    AccountId: "an account identifier", |id| id.as_str();
}
