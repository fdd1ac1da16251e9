//! Transcripts in files: everything that a check and its diagnosis saw.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;

use dcv::diagnose::Investigation;
use dcv::record::escaped;
use dcv::transcript::Transcript;

use crate::Failure;

/// The most that is read: well over what a transcript may be.
const MAX_OCTETS: u64 = 1 << 20;

/// Writes a transcript, in place of what is in the file. Nobody else can read it: the token is in
/// it.
pub(crate) fn write(path: &Path, investigation: &Investigation) -> Result<(), Failure> {
    let mut text = encode(investigation)?;
    text.push('\n');
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| {
            let path = shown(path);
            format!("the transcript {path} cannot be written: {error}").into()
        })
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
