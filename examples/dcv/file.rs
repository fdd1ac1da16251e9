//! One file that is read whole, and replaced whole under a lock.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use dcv::record::escaped;

/// The most that is read, and so the most that is written.
const MAX_OCTETS: u64 = 64 << 20;

/// How long to wait for the lock: others hold it for as long as it takes to write the file.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is wrong with the file, for a person.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the store {path} {fault}")]
pub(crate) struct FileError {
    path: String,
    fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Fault {
    #[error("is not there; `dcv issue` makes it")]
    Missing,
    #[error("is not a file")]
    NotAFile,
    #[error("is a link to a file that is not there")]
    DanglingLink,
    #[error("cannot be read: {0}")]
    Read(Arc<io::Error>),
    #[error("cannot be written: {0}; it is as it was before")]
    Write(Arc<io::Error>),
    #[error("has grown over {} MiB, which is the limit; begin another", MAX_OCTETS >> 20)]
    TooLarge,
    #[error("is used by another process all the time; try again")]
    Locked,
    #[error("is JSON, but not of this program; it was left as it is. Name another file")]
    Foreign,
    #[error("has the format version {0}, which this program does not know; use a newer one")]
    Version(u32),
    #[error("is damaged ({0}); it was left as it is. Restore it from a copy, or name another file")]
    Damaged(String),
}

impl Fault {
    pub(crate) fn damaged(error: &impl Display) -> Self {
        Self::Damaged(escaped(error.to_string().as_bytes(), 160).to_string())
    }

    fn read(error: io::Error) -> Self {
        Self::Read(error.into())
    }

    fn write(error: io::Error) -> Self {
        Self::Write(error.into())
    }
}

impl FileError {
    pub(crate) fn new(path: &Path, fault: Fault) -> Self {
        let path = escaped(path.to_string_lossy().as_bytes(), 200).to_string();
        Self { path, fault }
    }
}

/// The file that a path leads to: a link is followed once, here, because it would be replaced
/// otherwise.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf, Fault> {
    match fs::canonicalize(path) {
        Ok(real) => match fs::metadata(&real) {
            // Reading a directory fails late, reading a pipe waits forever.
            Ok(metadata) if metadata.is_file() => Ok(real),
            Ok(_) => Err(Fault::NotAFile),
            Err(error) => Err(Fault::read(error)),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if path.file_name().is_none() {
                Err(Fault::NotAFile)
            } else if path.is_symlink() {
                Err(Fault::DanglingLink)
            } else {
                Ok(path.to_owned())
            }
        }
        Err(error) => Err(Fault::read(error)),
    }
}

/// The file's content; `None` when there is no file.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    let fault = |fault| FileError::new(path, fault);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(Fault::read(error))),
    };
    let mut octets = Vec::new();
    let mut limited = file.take(MAX_OCTETS + 1);
    let size = limited
        .read_to_end(&mut octets)
        .map_err(|error| fault(Fault::read(error)))?;
    if size as u64 > MAX_OCTETS {
        return Err(fault(Fault::TooLarge));
    }
    Ok(Some(octets))
}

/// Puts `octets` in the place of the file, or leaves it as it is. The caller holds the lock.
pub(crate) fn replace(path: &Path, octets: &[u8]) -> Result<(), FileError> {
    if octets.len() as u64 > MAX_OCTETS {
        return Err(FileError::new(path, Fault::TooLarge));
    }
    put(path, &beside(path, "new"), octets)
        .map_err(|error| FileError::new(path, Fault::write(error)))
}

/// The same by way of the file `new` beside it, which nobody else writes meanwhile.
pub(crate) fn put(path: &Path, new: &Path, octets: &[u8]) -> io::Result<()> {
    let written = write_new(new, octets).and_then(|()| fs::rename(new, path));
    written.inspect_err(|_| {
        // Nothing to be done if that fails too: the next writer tries it again.
        let _ = fs::remove_file(new);
    })?;
    // The file is in place; that this survives a power failure is for the directory to keep.
    if let Some(directory) = path.parent().filter(|path| !path.as_os_str().is_empty()) {
        let _ = File::open(directory).and_then(|directory| directory.sync_all());
    }
    Ok(())
}

fn write_new(path: &Path, octets: &[u8]) -> io::Result<()> {
    // Left behind by a process that was killed: nobody else writes it.
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private().write(true).create_new(true).open(path)?;
    file.write_all(octets)?;
    file.sync_all()
}

/// Holds the file's lock until it is dropped, or until this process ends, however it ends.
///
/// The lock is on a file beside it, since the file itself is replaced. That one stays: whoever
/// removed it could leave two others with a lock each.
pub(crate) fn lock(path: &Path) -> Result<File, FileError> {
    let fault = |fault| FileError::new(path, fault);
    let lock = beside(path, "lock");
    // Opening a pipe would wait forever, and a link may lead anywhere.
    if fs::symlink_metadata(&lock).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(FileError::new(&lock, Fault::NotAFile));
    }
    let file = private()
        .write(true)
        .create(true)
        .truncate(false)
        .open(lock)
        .map_err(|error| fault(Fault::write(error)))?;
    let begun = Instant::now();
    loop {
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => return Ok(file),
            Err(fs4::TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                sleep(Duration::from_millis(10));
            }
            Err(fs4::TryLockError::WouldBlock) => return Err(fault(Fault::Locked)),
            Err(fs4::TryLockError::Error(error)) => return Err(fault(Fault::write(error))),
        }
    }
}

/// `dir/.NAME.dcv-KIND` for `dir/NAME`.
pub(crate) fn beside(path: &Path, kind: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".dcv-");
    name.push(kind);
    path.with_file_name(name)
}

/// Files that nobody but their owner can read, from the moment they are there.
fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there is no mode to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
