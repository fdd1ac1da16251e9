//! The words of the grammar as text for `serde`; reading goes through the constructors (S-4).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Expiry, Forgiven, FormatId, Reading, Syntax, Warning, Warnings};

crate::serial::as_text! {
    Syntax: "a record syntax", |syntax| syntax, str::parse;
    Reading: "strict or lenient", |reading| reading, str::parse;
    Warning: "the name of a warning", |warning| warning, str::parse;
    Expiry: "an instant, a date or never", |expiry| expiry, str::parse;
    FormatId: "the name of a record format", |id| id, str::parse;
}

/// The words of the warnings in their order.
impl Serialize for Warnings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Warnings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let warnings = crate::serial::bounded::<{ Warning::ALL.len() }, Warning, _>(deserializer)?;
        Ok(warnings.into_iter().collect())
    }
}

/// The words in their order.
impl Serialize for Forgiven {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.words())
    }
}

impl<'de> Deserialize<'de> for Forgiven {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// A warning, or `None` for unknown attributes.
        struct Word(Option<Warning>);

        impl<'de> Deserialize<'de> for Word {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(crate::serial::Text {
                    expected: "a word for what was forgiven",
                    read: |text| match text {
                        Forgiven::UNKNOWN => Ok(Self(None)),
                        text => text.parse().map(|warning| Self(Some(warning))),
                    },
                })
            }
        }

        let words = crate::serial::bounded::<{ Warning::ALL.len() + 1 }, Word, _>(deserializer)?;
        let unknown = words.iter().any(|word| word.0.is_none());
        let warnings = words.into_iter().filter_map(|word| word.0);
        Ok(Self::new(warnings.collect(), unknown))
    }
}
