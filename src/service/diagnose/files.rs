//! What was found out about revisions of challenges, in this process (S-16).

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::lock;

use crate::diagnose::{Hints, Investigation};
use crate::dns::{Observation, Outcome, RecordData};
use crate::lookup::Budget;
use crate::token::ChallengeId;

/// A revision of a challenge.
pub(super) type Key = (ChallengeId, u64);

/// The investigations of the last revisions that were asked about. Bounded in number, and in the
/// octets of what was seen, which strangers may have made large.
#[derive(Debug, Default)]
pub(in crate::service) struct Files(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    files: HashMap<Key, (Arc<lock::Mutex<File>>, usize)>,
    /// The oldest first; each once.
    order: VecDeque<Key>,
    octets: usize,
}

impl Files {
    const MAX_FILES: usize = 1024;
    pub(super) const MAX_OCTETS: usize = 16 << 20;

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file of a revision, begun if it is not there.
    pub(super) fn of(&self, key: Key) -> Arc<lock::Mutex<File>> {
        let mut shelf = self.lock();
        if let Some((known, _)) = shelf.files.get(&key) {
            return known.clone();
        }
        while shelf.order.len() >= Self::MAX_FILES {
            shelf.drop_oldest();
        }
        let file = Arc::default();
        shelf.files.insert(key, (Arc::clone(&file), 0));
        shelf.order.push_back(key);
        file
    }

    /// Takes a file in hand, to write in it.
    pub(super) fn open<'a>(
        &'a self,
        key: Key,
        kept: &'a Arc<lock::Mutex<File>>,
        file: lock::MutexGuard<'a, File>,
    ) -> Open<'a> {
        Open {
            files: self,
            key,
            kept,
            file,
        }
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.lock().files.len()
    }

    /// How many octets all files are taken to hold, and how many they hold.
    #[cfg(test)]
    pub(super) fn weighed(&self) -> (usize, usize) {
        let shelf = self.lock();
        let files = shelf.files.values();
        let held = files.map(|(file, _)| file.try_lock().map_or(0, |file| file.octets()));
        (shelf.octets, held.sum())
    }

    /// Says how much a file holds. The oldest ones go when all together hold too much.
    pub(super) fn weigh(&self, key: &Key, file: &Arc<lock::Mutex<File>>, octets: usize) {
        let mut shelf = self.lock();
        // One that went meanwhile is not the one that is there now.
        if let Some((kept, held)) = shelf.files.get_mut(key)
            && Arc::ptr_eq(kept, file)
        {
            let before = mem::replace(held, octets);
            shelf.octets = shelf.octets.saturating_sub(before).saturating_add(octets);
        }
        while shelf.octets > Self::MAX_OCTETS {
            shelf.drop_oldest();
        }
    }
}

impl Shelf {
    fn drop_oldest(&mut self) {
        let oldest = self.order.pop_front();
        let dropped = oldest.and_then(|oldest| self.files.remove(&oldest));
        match dropped {
            Some((_, held)) => self.octets = self.octets.saturating_sub(held),
            // Nothing is left.
            None => self.octets = 0,
        }
    }
}

/// A file in the hands of whoever finds out more. When it is put back it is weighed, however that
/// comes about: by a caller that went away, too (S-16).
pub(super) struct Open<'a> {
    files: &'a Files,
    key: Key,
    kept: &'a Arc<lock::Mutex<File>>,
    file: lock::MutexGuard<'a, File>,
}

impl Deref for Open<'_> {
    type Target = File;

    fn deref(&self) -> &File {
        &self.file
    }
}

impl DerefMut for Open<'_> {
    fn deref_mut(&mut self) -> &mut File {
        &mut self.file
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.file.settle();
        self.files.weigh(&self.key, self.kept, self.file.octets());
    }
}

/// What was found out about one revision.
#[derive(Debug, Default)]
pub(super) struct File {
    told: Vec<Arc<Investigation>>,
    /// What was told last of those with hints for which there was no more room.
    last: Option<Arc<Investigation>>,
    /// What is being found out; of a caller that went away, too.
    state: Option<Investigation>,
    /// What the queries under way are taken from. Only then: with a budget goes what was learnt
    /// about name servers.
    budget: Option<Budget>,
    spent: u32,
}

impl File {
    /// How many diagnoses there are of one revision, each with other hints. Hints may come from
    /// users, who can think up any number.
    const MAX_TOLD: usize = 4;

    /// What was told with these hints.
    pub(super) fn told(&self, hints: &Hints) -> Option<Arc<Investigation>> {
        let mut told = self.told.iter().chain(&self.last);
        told.find(|told| told.hints() == hints).cloned()
    }

    /// What is known by now.
    pub(super) fn latest(&self) -> Option<&Investigation> {
        let told = || self.told.last().map(|told| &**told);
        self.state.as_ref().or_else(told)
    }

    /// Whether nothing more is asked, whatever the hints.
    pub(super) fn is_full(&self) -> bool {
        self.told.len() >= Self::MAX_TOLD
    }

    /// Begins to find out, in as many rounds as there may be, what was not asked before. Queries
    /// are taken from what is left of the revision's budget.
    pub(super) fn begin(&mut self, begun: Investigation) -> (&mut Investigation, Budget) {
        let (asked, queries) = (begun.asked().to_vec(), begun.queries());
        let left = Budget::PER_DIAGNOSIS.saturating_sub(self.spent);
        let budget = self.budget.get_or_insert_with(|| Budget::new(left));
        let state = self.state.insert(begun.after(0, asked, queries));
        (state, budget.clone())
    }

    /// How many queries were sent before those that are under way.
    pub(super) fn spent(&self) -> u32 {
        self.spent
    }

    /// Keeps what was told without finding out more, until other hints come.
    pub(super) fn keep(&mut self, told: Investigation) -> Arc<Investigation> {
        Arc::clone(self.last.insert(Arc::new(told)))
    }

    /// Keeps what was found out.
    pub(super) fn close(&mut self, told: Investigation) -> Arc<Investigation> {
        let told = Arc::new(told);
        self.told.push(told.clone());
        self.state = None;
        told
    }

    /// Counts the queries that were under way, and lets their budget go.
    fn settle(&mut self) {
        let spent = self.budget.take().map_or(0, |budget| budget.spent());
        self.spent = self.spent.saturating_add(spent);
    }

    /// About how many octets it holds of what was seen, finished or not.
    fn octets(&self) -> usize {
        let told = self.told.iter().chain(&self.last).map(|told| &**told);
        told.chain(&self.state).map(held).sum()
    }
}

/// About how many octets an investigation holds of what was seen.
pub(super) fn held(investigation: &Investigation) -> usize {
    investigation.observations().iter().map(octets).sum()
}

/// About how much an observation holds.
fn octets(one: &Observation) -> usize {
    const FRAME: usize = 512;
    const MAX_NAME: usize = 255;

    let records = match one.result().map(|answer| answer.outcome()) {
        Ok(Outcome::Records(records)) => records.as_slice(),
        _ => &[],
    };
    let data = records.iter().map(|record| match record.data() {
        RecordData::Txt(txt) => txt.data().len(),
        RecordData::Other(octets) => octets.len(),
        _ => MAX_NAME,
    });
    let records = data.map(|octets| octets.saturating_add(size_of::<RecordData>()));
    records.sum::<usize>().saturating_add(FRAME)
}
