use std::hash::Hash;
use std::time::Duration;

use crate::lookup::{Buckets, Rate};

/// How often each has tried lately. One try is forgotten every ten minutes, and of nobody more are
/// known than those of a day (S-16).
#[derive(Debug)]
pub(super) struct Tries<K>(Buckets<K>);

impl<K: Hash + Eq> Tries<K> {
    const FORGOTTEN: Duration = Duration::from_secs(600);
    const KNOWN: u32 = 144;

    /// The seconds of tries with which somebody leaves half of what they may ever have to leave.
    const HALF: u32 = 3600;

    pub(super) fn new() -> Self {
        Self(Buckets::new(
            Rate::every(Self::FORGOTTEN).with_burst(Self::KNOWN),
        ))
    }

    /// Counts a try.
    pub(super) fn add(&mut self, who: K, now: Duration) {
        self.0.take(who, now);
    }

    /// Says when all tries are forgotten: `now` at the earliest.
    pub(super) fn forgotten_at(&self, who: &K, now: Duration) -> Duration {
        self.0.full_at(who, now)
    }

    /// What somebody has to leave for those who tried less, of what is for few tries: the part
    /// `tries / (tries + 6)` of it, as numerator and denominator. It grows with each try and
    /// shrinks while time passes.
    pub(super) fn part_left(forgotten_in: Duration) -> (u32, u32) {
        let begun = u64::from(forgotten_in.subsec_nanos() > 0);
        let tries = forgotten_in.as_secs().saturating_add(begun);
        let tries = u32::try_from(tries).unwrap_or(u32::MAX - Self::HALF);
        (tries, tries.saturating_add(Self::HALF))
    }
}

#[cfg(test)]
impl<K> Tries<K> {
    pub(super) fn kept(&self) -> usize {
        self.0.kept()
    }
}
