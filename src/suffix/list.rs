use std::fmt;
use std::iter::FusedIterator;
use std::sync::Arc;

use publicsuffix::{Info, Psl, Type};

/// A label that no rule of the list has. A wildcard rule below a name shows itself by taking it.
const PROBE: &[u8] = b"dcv-probe";

/// The part of the Public Suffix List that a rule stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Division {
    /// Suffixes that a registry of the DNS root's delegation tree gives names under: `com`, `co.uk`.
    Icann,
    /// Suffixes that the owner of a registered domain gives names under: `github.io`.
    Private,
    /// In no rule. By the list's implicit rule `*` the top-level domain alone is the suffix.
    Unlisted,
}

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Icann => "ICANN",
            Self::Private => "PRIVATE",
            Self::Unlisted => "unlisted",
        })
    }
}

/// A Public Suffix List, as a value that is cheap to clone.
///
/// ```
/// use dcv::suffix::SuffixList;
///
/// let list = SuffixList::parse(
///     b"// VERSION: 2026-11-20_08-00-00_UTC\n\
///       // ===BEGIN ICANN DOMAINS===\ncom\nuk\nco.uk\n// ===END ICANN DOMAINS===\n\
///       // ===BEGIN PRIVATE DOMAINS===\ngithub.io\n// ===END PRIVATE DOMAINS===\n",
/// )?;
/// assert_eq!(list.version(), Some("2026-11-20_08-00-00_UTC"));
/// assert_eq!(SuffixList::compiled().version(), None);
/// # Ok::<(), dcv::suffix::SuffixListError>(())
/// ```
#[derive(Clone)]
pub struct SuffixList(Rules);

#[derive(Clone)]
enum Rules {
    Compiled,
    Parsed(Arc<Parsed>),
}

struct Parsed {
    rules: publicsuffix::List,
    version: Option<Box<str>>,
}

impl SuffixList {
    /// The most bytes a list may have: 8 MiB, about 25 times what the published one has.
    pub const MAX_BYTES: usize = 8 << 20;

    /// The list compiled into the library. Nothing is loaded or parsed.
    ///
    /// Its age is that of the `psl` package the application was built with.
    #[must_use]
    pub const fn compiled() -> Self {
        Self(Rules::Compiled)
    }

    /// Reads a list in the format of `public_suffix_list.dat`.
    ///
    /// Both divisions must be there with their begin and end markers, so that a file that was cut
    /// off is not taken for a whole one.
    ///
    /// # Errors
    ///
    /// [`SuffixListError`] says what is wrong with the file.
    pub fn parse(bytes: &[u8]) -> Result<Self, SuffixListError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(SuffixListError::TooLarge { bytes: bytes.len() });
        }
        let text = str::from_utf8(bytes).map_err(|error| SuffixListError::NotUtf8 {
            offset: error.valid_up_to(),
        })?;
        if text.trim().is_empty() {
            return Err(SuffixListError::Empty);
        }
        for (division, name) in [(Division::Icann, "ICANN"), (Division::Private, "PRIVATE")] {
            check_division(text, division, name)?;
        }
        let rules = text.parse().map_err(|error: publicsuffix::Error| {
            SuffixListError::Rule(excerpt(&error.to_string()))
        })?;
        let version = version(text).map(Into::into);
        Ok(Self(Rules::Parsed(Arc::new(Parsed { rules, version }))))
    }

    /// What the list says of its own age, in its `// VERSION:` line; `None` for a list without one
    /// and for the compiled one.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        match &self.0 {
            Rules::Compiled => None,
            Rules::Parsed(parsed) => parsed.version.as_deref(),
        }
    }

    /// Whether this is the list compiled into the library.
    #[must_use]
    pub const fn is_compiled(&self) -> bool {
        matches!(self.0, Rules::Compiled)
    }

    /// Finds the suffix of a name in lower-case A-labels.
    #[inline]
    pub(super) fn suffix(&self, name: &str) -> Suffix {
        self.find(Labels::of(name))
    }

    /// Finds the suffix of a name and, in the same walk, whether a wildcard rule stands below it.
    #[inline]
    pub(super) fn suffix_and_wildcard(&self, name: &str) -> (Suffix, Option<Division>) {
        let probed = self.find(Labels::below(name));
        if probed.len <= name.len() {
            (probed, None)
        } else {
            (self.suffix(name), Some(probed.division))
        }
    }

    #[inline]
    fn find(&self, labels: Labels<'_>) -> Suffix {
        let Info { len, typ } = match &self.0 {
            Rules::Compiled => psl::List.find(labels),
            Rules::Parsed(parsed) => parsed.rules.find(labels),
        };
        let division = match typ {
            Some(Type::Icann) => Division::Icann,
            Some(Type::Private) => Division::Private,
            None => Division::Unlisted,
        };
        Suffix { len, division }
    }
}

impl Default for SuffixList {
    fn default() -> Self {
        Self::compiled()
    }
}

impl fmt::Debug for SuffixList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuffixList")
            .field("compiled", &self.is_compiled())
            .field("version", &self.version())
            .finish_non_exhaustive()
    }
}

/// The public suffix of a name.
#[derive(Clone, Copy)]
pub(super) struct Suffix {
    /// How many characters at the name's end are the suffix.
    len: usize,
    /// Where the rule stands that says so.
    pub(super) division: Division,
}

impl Suffix {
    /// Whether `name`, whose suffix this is, is nothing but the suffix.
    pub(super) const fn is_all_of(self, name: &str) -> bool {
        self.len >= name.len()
    }

    /// The part of `name`, whose suffix this is, that its owner registered: one label more.
    pub(super) fn registrable(self, name: &str) -> Option<&str> {
        let dot = name.len().checked_sub(self.len)?.checked_sub(1)?;
        let above = name.as_bytes().get(..dot)?;
        let start = split_last_label(above).map_or(0, |(before, _)| before.len() + 1);
        name.get(start..)
    }
}

/// The labels of a name from the right, and then perhaps the probe.
///
/// One type for both, because the compiled list is instantiated anew for every type of iterator.
struct Labels<'a> {
    rest: Option<&'a [u8]>,
    last: Option<&'a [u8]>,
}

impl<'a> Labels<'a> {
    const fn of(name: &'a str) -> Self {
        Self {
            rest: Some(name.as_bytes()),
            last: None,
        }
    }

    const fn below(name: &'a str) -> Self {
        Self {
            rest: Some(name.as_bytes()),
            last: Some(PROBE),
        }
    }
}

impl<'a> Iterator for Labels<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let Some(rest) = self.rest else {
            return self.last.take();
        };
        match split_last_label(rest) {
            Some((before, label)) => {
                self.rest = Some(before);
                Some(label)
            }
            None => self.rest.take(),
        }
    }
}

/// What stands before the last dot, and behind it. Names are short: looking at each byte is faster
/// here than a search that sets up for long ones.
#[inline]
fn split_last_label(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let dot = name.iter().rposition(|byte| *byte == b'.')?;
    let (before, from_dot) = name.split_at_checked(dot)?;
    Some((before, from_dot.get(1..)?))
}

/// The last label of a name.
#[inline]
pub(super) fn top_level(name: &str) -> &[u8] {
    split_last_label(name.as_bytes()).map_or(name.as_bytes(), |(_, label)| label)
}

impl FusedIterator for Labels<'_> {}

/// Why a list was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SuffixListError {
    /// There is nothing in it.
    #[error("the suffix list is empty: fetch it again")]
    Empty,
    /// It is larger than any list should be.
    #[error("the suffix list has {bytes} bytes: at most {max} are read", max = SuffixList::MAX_BYTES)]
    TooLarge {
        /// How many bytes were given; of a file, at least how many it has.
        bytes: usize,
    },
    /// It is not text.
    #[error("the suffix list is not UTF-8 from byte {offset} on: is this the right file?")]
    NotUtf8 {
        /// How many bytes before that are.
        offset: usize,
    },
    /// A division has no begin marker: this is another file, or one that was cut off before it.
    #[error("the suffix list has no {0} division: is this a whole `public_suffix_list.dat`?")]
    NoDivision(Division),
    /// A division has no end marker.
    #[error("the suffix list breaks off within its {0} division: fetch it again")]
    Truncated(Division),
    /// The ICANN division has no rules, which would make every name of the DNS an unlisted one.
    #[error("the suffix list has no rule in its {0} division: fetch it again")]
    NoRules(Division),
    /// A rule makes no sense; the text says which.
    #[error("the suffix list has a rule that cannot be read: {0}")]
    Rule(String),
}

fn check_division(text: &str, division: Division, name: &str) -> Result<(), SuffixListError> {
    let marks = |line: &str, mark: &str| {
        line.strip_prefix("// ===")
            .and_then(|line| line.trim_end().strip_suffix(" DOMAINS==="))
            .and_then(|line| line.strip_prefix(mark))
            .is_some_and(|line| line.trim_start() == name)
    };
    let mut lines = text.lines();
    if !lines.any(|line| marks(line, "BEGIN ")) {
        return Err(SuffixListError::NoDivision(division));
    }
    let mut rules = 0usize;
    for line in lines {
        if marks(line, "END ") {
            return if rules == 0 && division == Division::Icann {
                Err(SuffixListError::NoRules(division))
            } else {
                Ok(())
            };
        }
        rules += usize::from(!line.trim().is_empty() && !line.starts_with("//"));
    }
    Err(SuffixListError::Truncated(division))
}

/// What stands behind `// VERSION:` in the comments before the first rule.
fn version(text: &str) -> Option<String> {
    text.lines()
        .take_while(|line| line.starts_with("//") || line.trim().is_empty())
        .find_map(|line| line.strip_prefix("// VERSION:"))
        .map(|version| excerpt(version.trim()))
        .filter(|version| !version.is_empty())
}

/// The beginning of a text from the file, safe to print.
fn excerpt(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}
