//! A [`ChallengeStore`] in a JSON file: a [`MemoryStore`] that is read before each operation and
//! written after each change, under a lock.
//!
//! Good for a few thousand challenges of one machine. It is written so that
//!
//! * a reader sees the file before a change or after it, never half of it: the new content goes to
//!   another file first, which then takes the old one's place;
//! * two processes lose nothing to each other: each change holds the lock from reading to writing;
//! * a file that cannot be understood is left as it is;
//! * nobody else can read it: tokens are in it.
//!
//! The file system is waited for where an `async` program would leave the thread: a program that
//! does one thing has no better use for it.

use std::fs;
use std::path::PathBuf;

use async_trait::async_trait;
use dcv::challenge::Challenge;
use dcv::lifecycle::Transition;
use dcv::store::{ChallengeQuery, ChallengeStore, MemoryStore, Page, StoreError};
use dcv::token::ChallengeId;
use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use crate::file::{self, Fault, FileError};

/// Challenges in a file.
#[derive(Debug)]
pub(crate) struct FileStore {
    path: PathBuf,
}

/// What the file says of itself, before its challenges are looked at.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    format: String,
    version: u32,
    challenges: Vec<Challenge>,
}

const FORMAT: &str = "dcv-challenges";
const VERSION: u32 = 1;

impl FileStore {
    /// The store in this file, which need not be there yet.
    pub(crate) fn new(path: PathBuf) -> Result<Self, FileError> {
        match file::resolve(&path) {
            Ok(path) => Ok(Self { path }),
            Err(fault) => Err(FileError::new(&path, fault)),
        }
    }

    /// The store in this file, which must be there.
    pub(crate) fn existing(path: PathBuf) -> Result<Self, FileError> {
        let store = Self::new(path)?;
        if fs::exists(&store.path).unwrap_or(true) {
            Ok(store)
        } else {
            Err(FileError::new(&store.path, Fault::Missing))
        }
    }

    fn load(&self) -> Result<MemoryStore, FileError> {
        let Some(octets) = file::read(&self.path)? else {
            return Ok(MemoryStore::new());
        };
        let fault = |fault| FileError::new(&self.path, fault);
        let json = |error: serde_json::Error| fault(Fault::damaged(&error));
        let header: Header = serde_json::from_slice(&octets).map_err(json)?;
        if header.format != FORMAT {
            return Err(fault(Fault::Foreign));
        }
        if header.version != VERSION {
            return Err(fault(Fault::Version(header.version)));
        }
        let content: Content = serde_json::from_slice(&octets).map_err(json)?;
        MemoryStore::restore(content.challenges).map_err(|error| fault(Fault::damaged(&error)))
    }

    fn save(&self, challenges: &MemoryStore) -> Result<(), FileError> {
        let content = Content {
            format: FORMAT.into(),
            version: VERSION,
            challenges: challenges.snapshot(),
        };
        let mut octets = serde_json::to_vec_pretty(&content).map_err(|error| {
            FileError::new(&self.path, Fault::Write(std::io::Error::from(error).into()))
        })?;
        octets.push(b'\n');
        file::replace(&self.path, &octets)
    }
}

#[async_trait]
impl ChallengeStore for FileStore {
    async fn insert(&self, challenge: Challenge) -> Result<(), StoreError> {
        let _lock = file::lock(&self.path).map_err(StoreError::backend)?;
        let challenges = self.load().map_err(StoreError::backend)?;
        challenges.insert(challenge).await?;
        self.save(&challenges).map_err(StoreError::backend)
    }

    async fn get(&self, id: &ChallengeId) -> Result<Option<Challenge>, StoreError> {
        self.load().map_err(StoreError::backend)?.get(id).await
    }

    async fn find(&self, query: &ChallengeQuery, page: Page) -> Result<Vec<Challenge>, StoreError> {
        self.load()
            .map_err(StoreError::backend)?
            .find(query, page)
            .await
    }

    async fn apply(&self, transitions: &[Transition]) -> Vec<Result<(), StoreError>> {
        let applied = async {
            let _lock = file::lock(&self.path)?;
            let challenges = self.load()?;
            let results = challenges.apply(transitions).await;
            if results.iter().any(Result::is_ok) {
                self.save(&challenges)?;
            }
            Ok(results)
        };
        // What is not in the file did not happen, to none of them.
        applied.await.unwrap_or_else(|error: FileError| {
            let failed = |_| Err(StoreError::backend(error.clone()));
            transitions.iter().map(failed).collect()
        })
    }

    async fn purge(&self, before: UtcDateTime) -> Result<u64, StoreError> {
        let _lock = file::lock(&self.path).map_err(StoreError::backend)?;
        let challenges = self.load().map_err(StoreError::backend)?;
        let purged = challenges.purge(before).await?;
        if purged > 0 {
            self.save(&challenges).map_err(StoreError::backend)?;
        }
        Ok(purged)
    }
}
