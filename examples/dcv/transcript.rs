//! Transcripts in files: everything that a check and its diagnosis saw.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use dcv::diagnose::Investigation;
use dcv::record::escaped;
use dcv::transcript::Transcript;

use crate::{Failure, file};

/// The most that is read: well over what a transcript may be.
const MAX_OCTETS: u64 = 1 << 20;

/// Writes a transcript in place of what is in the file, or leaves that as it is. Nobody else can
/// read it: the token is in it.
pub(crate) fn write(path: &Path, investigation: &Investigation) -> Result<(), Failure> {
    let mut text = encode(investigation)?;
    text.push('\n');
    let cannot = |why: &dyn Display| {
        let path = shown(path);
        Failure::from(format!("the transcript {path} cannot be written: {why}"))
    };
    let file = file::resolve(path).map_err(|fault| cannot(&format_args!("it {fault}")))?;
    // Two processes may write the same file; the last one's stays, whole.
    let new = file::beside(&file, &format!("new-{}", std::process::id()));
    file::put(&file, &new, text.as_bytes()).map_err(|error| cannot(&error))
}

/// Whether a transcript at this path would take the place of the store, or of a file that the
/// store keeps beside itself, however each is called.
pub(crate) fn is_of_store(path: &Path, store: &Path) -> bool {
    let store = real(store).unwrap_or_else(|| store.to_owned());
    let (lock, new) = (file::beside(&store, "lock"), file::beside(&store, "new"));
    [store, lock, new].iter().any(|own| is_same(path, own))
}

fn is_same(one: &Path, other: &Path) -> bool {
    if real(one).is_some_and(|one| real(other) == Some(one)) {
        return true;
    }
    // By two names in its directories, too.
    #[cfg(unix)]
    if let (Ok(one), Ok(other)) = (fs::metadata(one), fs::metadata(other)) {
        use std::os::unix::fs::MetadataExt as _;
        return (one.dev(), one.ino()) == (other.dev(), other.ino());
    }
    false
}

/// Where a file is, or would be.
fn real(path: &Path) -> Option<PathBuf> {
    if let Ok(real) = fs::canonicalize(path) {
        return Some(real);
    }
    let directory = path.parent().filter(|path| !path.as_os_str().is_empty());
    let directory = fs::canonicalize(directory.unwrap_or_else(|| Path::new("."))).ok()?;
    Some(directory.join(path.file_name()?))
}

/// Reads what [`write`] has written.
pub(crate) fn read(path: &Path) -> Result<Investigation, Failure> {
    let shown = shown(path);
    let mut text = String::new();
    let read = File::open(path).and_then(|file| {
        file.take(MAX_OCTETS.saturating_add(1))
            .read_to_string(&mut text)
    });
    match read {
        Ok(octets) if octets as u64 > MAX_OCTETS => {
            Err(format!("the transcript {shown} is too large to be one").into())
        }
        Ok(_) => decode(&text).map_err(|error| format!("{shown}: {error}").into()),
        Err(error) => Err(format!("the transcript {shown} cannot be read: {error}").into()),
    }
}

/// The name of a file, of which a terminal obeys nothing.
fn shown(path: &Path) -> String {
    escaped(path.to_string_lossy().as_bytes(), 200).to_string()
}

fn encode(investigation: &Investigation) -> Result<String, Failure> {
    Ok(Transcript::of(investigation)?.to_json())
}

fn decode(text: &str) -> Result<Investigation, Failure> {
    Ok(Transcript::from_json(text)?.replay())
}
