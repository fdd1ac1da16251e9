use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::suffix::{SuffixGuard, SuffixList, SuffixListError, SuffixPolicy};

/// The suffix guard that a running service holds, whose list can be exchanged.
///
/// Clones share one list. Whoever decides takes [`current`](Self::current) once and decides by it.
/// A list that cannot be read leaves the one in force where it is.
///
/// ```no_run
/// use dcv::suffix::SuffixPolicy;
/// use dcv::system::SharedSuffixes;
///
/// let suffixes = SharedSuffixes::new(SuffixPolicy::strict());
/// let list = suffixes.load_file("public_suffix_list.dat")?;
/// println!("public suffix list of {}", list.version().unwrap_or("unknown date"));
/// # Ok::<(), dcv::system::SuffixLoadError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct SharedSuffixes {
    guard: Arc<RwLock<SuffixGuard>>,
}

impl SharedSuffixes {
    /// The compiled list under this policy, until another is loaded.
    #[must_use]
    pub fn new(policy: SuffixPolicy) -> Self {
        SuffixGuard::new(SuffixList::compiled(), policy).into()
    }

    /// The guard in force. Cheap: it shares the list.
    #[must_use]
    pub fn current(&self) -> SuffixGuard {
        self.guard
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Reads a list from a file, puts it in force and gives it back.
    ///
    /// The file is read and parsed on the calling thread, which takes some milliseconds: from an
    /// async task call it where blocking is allowed.
    ///
    /// # Errors
    ///
    /// [`SuffixLoadError`] when the file cannot be read, is larger than
    /// [`SuffixList::MAX_BYTES`], or holds no whole list. The old list stays in force.
    pub fn load_file(&self, path: impl AsRef<Path>) -> Result<SuffixList, SuffixLoadError> {
        let path = path.as_ref();
        let bytes = read(path).map_err(|source| SuffixLoadError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        self.load_bytes(&bytes)
            .map_err(|source| SuffixLoadError::Unusable {
                path: path.to_owned(),
                source,
            })
    }

    /// Reads a list, puts it in force and gives it back.
    ///
    /// # Errors
    ///
    /// Those of [`SuffixList::parse`]. The old list stays in force.
    pub fn load_bytes(&self, bytes: &[u8]) -> Result<SuffixList, SuffixListError> {
        let list = SuffixList::parse(bytes)?;
        let mut guard = self.guard.write().unwrap_or_else(PoisonError::into_inner);
        *guard = SuffixGuard::new(list.clone(), guard.policy());
        Ok(list)
    }
}

impl From<SuffixGuard> for SharedSuffixes {
    fn from(guard: SuffixGuard) -> Self {
        Self {
            guard: Arc::new(RwLock::new(guard)),
        }
    }
}

/// Why a file's list was not put in force.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SuffixLoadError {
    /// The file could not be read.
    #[error("the suffix list {path:?} cannot be read: the list in force stays")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file holds no list that could be used.
    #[error("the suffix list {path:?} cannot be used: the list in force stays")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: SuffixListError,
    },
}

/// Reads a file, and of one that is too large only enough to know that.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = SuffixList::MAX_BYTES as u64 + 1;
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
