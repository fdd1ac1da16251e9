//! What the values of this module that are written as strings have in common.

/// `Serialize` as the text of `as_str` or `Display`, `Deserialize` through the given constructor.
macro_rules! serde_as_str {
    ($type:ty, $to_text:expr, $from_text:expr) => {
        #[cfg(feature = "serde")]
        #[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let to_text = $to_text;
                serializer.serialize_str(to_text(self).as_ref())
            }
        }

        #[cfg(feature = "serde")]
        #[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                $from_text(&*text).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(super) use serde_as_str;
