use std::hash::Hash;
use std::time::Duration;

use crate::lookup::{Buckets, Rate};

/// How often each has tried lately. One try is forgotten every ten minutes, and of nobody more are
/// known than those of a day (S-16).
#[derive(Debug)]
pub(super) struct Tries<K> {
    /// By the time that has passed, as far as it was seen to pass.
    forgotten: Buckets<K>,
    /// How much had passed when the clock was last read, and what it said.
    passed: (Duration, Duration),
}

impl<K: Hash + Eq> Tries<K> {
    const FORGOTTEN: Duration = Duration::from_secs(600);
    const KNOWN: u32 = 144;

    /// The seconds of tries with which somebody leaves half of what they may ever have to leave.
    const HALF: u32 = 3600;

    pub(super) fn new() -> Self {
        Self {
            forgotten: Buckets::new(Rate::every(Self::FORGOTTEN).with_burst(Self::KNOWN)),
            passed: (Duration::ZERO, Duration::ZERO),
        }
    }

    /// Counts a try.
    pub(super) fn add(&mut self, who: K, now: Duration) {
        self.passed = (self.passed_at(now), now);
        self.forgotten.take(who, self.passed.0);
    }

    /// Says when all tries are forgotten: `now` at the earliest.
    pub(super) fn forgotten_at(&self, who: &K, now: Duration) -> Duration {
        let passed = self.passed_at(now);
        let forgotten_in = self.forgotten.full_at(who, passed).saturating_sub(passed);
        now.saturating_add(forgotten_in)
    }

    /// How much time has passed. A clock that is set back lets none pass: otherwise a try that was
    /// counted by a clock an hour ahead would be six more when that is set right.
    fn passed_at(&self, now: Duration) -> Duration {
        let (passed, then) = self.passed;
        passed.saturating_add(now.saturating_sub(then))
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
        self.forgotten.kept()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // S-16: a clock that is set back makes no more tries of those there were, and they are
    // forgotten as any others.
    #[test]
    fn a_clock_set_back_counts_no_try_twice() {
        let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
        let (right, mut tries) = (hour * 1000, Tries::new());
        tries.add("a", right + hour * 20);
        assert_eq!(tries.forgotten_at(&"a", right), right + minute * 10);
        tries.add("b", right);
        tries.add("a", right + minute);
        for (who, left) in [("a", 19), ("b", 9)] {
            let forgotten_at = tries.forgotten_at(&who, right + minute);
            assert_eq!(forgotten_at, right + minute * (left + 1), "{who}");
        }
        assert_eq!(tries.forgotten_at(&"a", right + hour), right + hour);
    }
}
