use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often something may be done: at once up to a number of times, and after that as fast as it
/// comes back.
///
/// ```
/// use dcv::lookup::Rate;
///
/// let rate = Rate::per_second(20).with_burst(100);
/// assert_eq!(rate.burst(), 100);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    interval: Duration,
    burst: u32,
}

impl Rate {
    /// So many times a second, and at once; at least one.
    #[must_use]
    pub fn per_second(times: u32) -> Self {
        Self::every(Duration::from_secs(1) / times.max(1)).with_burst(times)
    }

    /// Once in this time.
    #[must_use]
    pub fn every(interval: Duration) -> Self {
        Self { interval, burst: 1 }
    }

    /// So many times at once; at least one.
    #[must_use]
    pub fn with_burst(mut self, times: u32) -> Self {
        self.burst = times.max(1);
        self
    }

    /// In what time one more time comes back.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// How many times at once.
    #[must_use]
    pub fn burst(&self) -> u32 {
        self.burst
    }
}

/// Token buckets of one rate, one for each key (S-16). A full bucket is not kept.
///
/// Times are durations since any fixed instant. Of each key the instant is kept at which its
/// bucket will be full again (the generic cell rate algorithm).
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    rate: Rate,
    full_at: Mutex<Kept<K>>,
}

#[derive(Debug)]
struct Kept<K> {
    at: HashMap<K, Duration>,
    /// How many may stand here before the full ones are cleared away.
    limit: usize,
}

impl<K: Hash + Eq> Buckets<K> {
    const ROOM: usize = 1024;

    pub(crate) fn new(rate: Rate) -> Self {
        let (at, limit) = (HashMap::new(), Self::ROOM);
        let full_at = Mutex::new(Kept { at, limit });
        Self { rate, full_at }
    }

    /// Takes one from the bucket of `key`.
    ///
    /// # Errors
    ///
    /// When the bucket is empty: how long until there is one in it.
    pub(crate) fn take(&self, key: K, now: Duration) -> Result<(), Duration> {
        let mut kept = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.rate.interval.saturating_mul(self.rate.burst);
        let full_at = kept.at.get(&key).copied().unwrap_or_default().max(now);
        // Further away than an empty bucket: the clock was set back.
        let full_at = if full_at - now > room { now } else { full_at };
        let next = full_at.saturating_add(self.rate.interval);
        if let Some(wait) = (next - now)
            .checked_sub(room)
            .filter(|wait| !wait.is_zero())
        {
            return Err(wait);
        }
        if kept.at.len() >= kept.limit {
            kept.at.retain(|_, at| *at > now);
            kept.limit = kept.at.len().saturating_mul(2).max(Self::ROOM);
        }
        kept.at.insert(key, next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // S-16: a key has its own bucket, which runs out and fills again.
    #[test]
    fn a_bucket_runs_out_and_fills_again() {
        let buckets = Buckets::new(Rate::every(Duration::from_secs(10)).with_burst(3));
        let at = Duration::from_secs;
        for _ in 0..3 {
            assert_eq!(buckets.take("a", at(100)), Ok(()));
        }
        assert_eq!(buckets.take("a", at(100)), Err(at(10)));
        assert_eq!(buckets.take("b", at(100)), Ok(()));
        assert_eq!(buckets.take("a", at(109)), Err(at(1)));
        assert_eq!(buckets.take("a", at(110)), Ok(()));
        assert_eq!(buckets.take("a", at(110)), Err(at(10)));
    }

    // A clock that was set back holds nobody off for longer than an empty bucket would.
    #[test]
    fn a_clock_may_be_set_back() {
        let buckets = Buckets::new(Rate::per_second(1));
        assert_eq!(buckets.take((), Duration::from_secs(5000)), Ok(()));
        assert_eq!(buckets.take((), Duration::from_secs(100)), Ok(()));
    }

    // S-16: what is remembered stays within twice what is needed.
    #[test]
    fn full_buckets_are_forgotten() {
        let buckets = Buckets::new(Rate::every(Duration::from_secs(1)));
        for number in 0..10_000_u32 {
            let now = Duration::from_millis(u64::from(number) * 10);
            assert_eq!(buckets.take(number, now), Ok(()));
        }
        let kept = buckets
            .full_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        assert!(kept.at.len() <= Buckets::<u32>::ROOM, "{}", kept.at.len());
    }

    proptest! {
        // S-16: in no span of time more passes than the burst and what came back meanwhile.
        #[test]
        fn no_more_passes_than_the_rate(
            burst in 1_u32..6,
            interval in 1_u64..50,
            waits in prop::collection::vec(0_u64..60, 1..60),
        ) {
            let rate = Rate::every(Duration::from_millis(interval)).with_burst(burst);
            let buckets = Buckets::new(rate);
            let (mut now, mut passed) = (1_000_u64, Vec::new());
            for wait in waits {
                now += wait;
                if buckets.take((), Duration::from_millis(now)).is_ok() {
                    passed.push(now);
                }
                for (since, first) in passed.iter().enumerate() {
                    let count = passed.len() - since;
                    let room = u64::from(burst) + (now - first) / interval;
                    prop_assert!(count as u64 <= room, "{count} in {} ms", now - first);
                }
            }
        }
    }
}
