use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::suffix::SuffixList;

/// Which suffix list was decided by. A replay decides by the list that is there: where the two
/// differ, so may the verdict on a domain whose standing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum ListVersion {
    /// The one that was compiled into a version of this crate.
    #[non_exhaustive]
    Compiled {
        /// The version of the crate.
        #[serde(deserialize_with = "read_name")]
        library: String,
    },
    /// One that was read from a file.
    #[non_exhaustive]
    Read {
        /// What it says of its own age.
        #[serde(deserialize_with = "read_version")]
        version: Option<String>,
    },
}

impl ListVersion {
    const MAX_CHARACTERS: usize = 80;

    /// Which list this is.
    #[must_use]
    pub fn of(list: &SuffixList) -> Self {
        if list.is_compiled() {
            let library = env!("CARGO_PKG_VERSION").to_owned();
            Self::Compiled { library }
        } else {
            let version = list.version().map(name);
            Self::Read { version }
        }
    }
}

/// A name that can be shown.
fn name(text: &str) -> String {
    let printable = text.chars().filter(|c| matches!(c, ' '..='~'));
    printable.take(ListVersion::MAX_CHARACTERS).collect()
}

fn read_name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(name(&String::deserialize(from)?))
}

fn read_version<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.as_deref().map(name))
}

impl fmt::Display for ListVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compiled { library } => {
                write!(f, "the suffix list compiled into dcv {library}")
            }
            Self::Read {
                version: Some(version),
            } => write!(f, "the suffix list of {version}"),
            Self::Read { version: None } => f.write_str("a suffix list without a version"),
        }
    }
}
