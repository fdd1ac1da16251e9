use std::collections::HashMap;
use std::hash::Hash;
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
/// bucket will be full again (the generic cell rate algorithm). Looking at a bucket and taking from
/// it are two steps, so that something can be taken from several buckets or from none.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    rate: Rate,
    /// How long before its time one may be taken.
    ahead: Duration,
    full_at: HashMap<K, Duration>,
    /// How many may stand here before the full ones are cleared away.
    limit: usize,
}

impl<K: Hash + Eq> Buckets<K> {
    const ROOM: usize = 1024;

    /// Longer than any process runs, and short enough that no sum of times overflows.
    pub(crate) const MAX_INTERVAL: Duration = Duration::from_secs(100 * 366 * 86_400);

    pub(crate) fn new(rate: Rate) -> Self {
        let interval = rate.interval.min(Self::MAX_INTERVAL);
        Self {
            rate: Rate { interval, ..rate },
            ahead: Duration::ZERO,
            full_at: HashMap::new(),
            limit: Self::ROOM,
        }
    }

    /// Lets one be taken so long before its time, by who then waits until it has come.
    #[cfg(any(feature = "resolver", test))]
    pub(crate) fn with_ahead(mut self, ahead: Duration) -> Self {
        self.ahead = ahead;
        self
    }

    /// Says when one can be taken from the bucket of `key`, if nobody else takes one before: `now`
    /// at the earliest.
    pub(crate) fn ready_at(&self, key: &K, now: Duration) -> Duration {
        self.ready_leaving(key, Duration::ZERO, now)
    }

    /// Says when one can be taken so that what comes back within the time `left` is still there.
    pub(crate) fn ready_leaving(&self, key: &K, left: Duration, now: Duration) -> Duration {
        let emptied = self.full_at(key, now).saturating_add(self.rate.interval);
        let ready = emptied.saturating_add(left).saturating_sub(self.room());
        ready.max(now)
    }

    /// Takes one from the bucket of `key`, and says when the bucket will be full again. Whether
    /// one could be taken is for the caller to have found out.
    pub(crate) fn take(&mut self, key: K, now: Duration) -> Duration {
        if self.full_at.len() >= self.limit {
            self.full_at.retain(|_, at| *at > now);
            self.limit = self.full_at.len().saturating_mul(2).max(Self::ROOM);
        }
        let next = self.full_at(&key, now).saturating_add(self.rate.interval);
        let next = next.min(now.saturating_add(self.reach()));
        self.full_at.insert(key, next);
        next
    }

    /// Puts back what was taken, unless somebody has taken one since: the time of that one is
    /// reckoned from this one.
    #[cfg(any(feature = "resolver", test))]
    pub(crate) fn put_back(&mut self, key: &K, full_at: Duration) {
        if let Some(at) = self.full_at.get_mut(key).filter(|at| **at == full_at) {
            *at = at.saturating_sub(self.rate.interval);
        }
    }

    /// Gives back what was taken when the bucket was to be full again at `full_at`, whoever has
    /// taken some since. When that time has come, it has come back by itself.
    pub(crate) fn give_back(&mut self, key: &K, full_at: Duration, now: Duration) {
        if let Some(at) = self.full_at.get_mut(key).filter(|_| now < full_at) {
            *at = at.saturating_sub(self.rate.interval);
        }
    }

    /// Says when the bucket of `key` is full: `now` at the earliest.
    pub(crate) fn full_at(&self, key: &K, now: Duration) -> Duration {
        let full_at = self.full_at.get(key).copied().unwrap_or_default().max(now);
        // Further away than an empty bucket: the clock was set back.
        if full_at - now > self.reach() {
            now
        } else {
            full_at
        }
    }

    /// How long it takes until an empty bucket is full.
    fn room(&self) -> Duration {
        self.rate.interval.saturating_mul(self.rate.burst)
    }

    fn reach(&self) -> Duration {
        self.room().saturating_add(self.ahead)
    }
}

#[cfg(test)]
impl<K> Buckets<K> {
    pub(crate) fn kept(&self) -> usize {
        self.full_at.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Takes one if there is one, or says how long until there is.
    fn take<K: Hash + Eq>(buckets: &mut Buckets<K>, key: K, now: Duration) -> Result<(), Duration> {
        let wait = buckets.ready_at(&key, now) - now;
        if !wait.is_zero() {
            return Err(wait);
        }
        buckets.take(key, now);
        Ok(())
    }

    // S-16: a key has its own bucket, which runs out and fills again.
    #[test]
    fn a_bucket_runs_out_and_fills_again() {
        let mut buckets = Buckets::new(Rate::every(Duration::from_secs(10)).with_burst(3));
        let at = Duration::from_secs;
        for _ in 0..3 {
            assert_eq!(take(&mut buckets, "a", at(100)), Ok(()));
        }
        assert_eq!(take(&mut buckets, "a", at(100)), Err(at(10)));
        assert_eq!(take(&mut buckets, "b", at(100)), Ok(()));
        assert_eq!(take(&mut buckets, "a", at(109)), Err(at(1)));
        assert_eq!(take(&mut buckets, "a", at(110)), Ok(()));
        assert_eq!(take(&mut buckets, "a", at(110)), Err(at(10)));
    }

    // A clock that was set back holds nobody off for longer than an empty bucket would.
    #[test]
    fn a_clock_may_be_set_back() {
        let mut buckets = Buckets::new(Rate::per_second(1));
        assert_eq!(take(&mut buckets, (), Duration::from_secs(5000)), Ok(()));
        assert_eq!(take(&mut buckets, (), Duration::from_secs(100)), Ok(()));
    }

    // S-16: what never comes back is given once, however long that is.
    #[test]
    fn the_longest_interval_is_kept() {
        let mut buckets = Buckets::new(Rate::every(Duration::MAX));
        assert_eq!(take(&mut buckets, (), Duration::from_secs(100)), Ok(()));
        assert!(take(&mut buckets, (), Duration::from_secs(200)).is_err());
    }

    // S-16: what is given back can be taken again, and no more than that.
    #[test]
    fn what_is_given_back_is_there() {
        let mut buckets = Buckets::new(Rate::every(Duration::from_secs(10)).with_burst(2));
        let at = Duration::from_secs;
        let first = buckets.take((), at(100));
        assert_eq!(take(&mut buckets, (), at(101)), Ok(()));
        buckets.give_back(&(), first, at(102));
        assert_eq!(take(&mut buckets, (), at(102)), Ok(()));
        assert_eq!(take(&mut buckets, (), at(102)), Err(at(8)));
        // Long come back by itself.
        assert_eq!(take(&mut buckets, (), at(200)), Ok(()));
        buckets.give_back(&(), first, at(200));
        assert_eq!(take(&mut buckets, (), at(200)), Ok(()));
        assert!(take(&mut buckets, (), at(200)).is_err());
    }

    // S-16: what is remembered stays within twice what is needed.
    #[test]
    fn full_buckets_are_forgotten() {
        let mut buckets = Buckets::new(Rate::every(Duration::from_secs(1)));
        for number in 0..10_000_u32 {
            let now = Duration::from_millis(u64::from(number) * 10);
            assert_eq!(take(&mut buckets, number, now), Ok(()));
        }
        assert!(buckets.kept() <= Buckets::<u32>::ROOM);
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
            let mut buckets = Buckets::new(rate);
            let (mut now, mut passed) = (1_000_u64, Vec::new());
            for wait in waits {
                now += wait;
                if take(&mut buckets, (), Duration::from_millis(now)).is_ok() {
                    passed.push(now);
                }
                for (since, first) in passed.iter().enumerate() {
                    let count = passed.len() - since;
                    let room = u64::from(burst) + (now - first) / interval;
                    prop_assert!(count as u64 <= room, "{count} in {} ms", now - first);
                }
            }
        }

        // S-16: the same holds of what is taken ahead and waited for, whoever gives up; nobody
        // waits for longer than that; and who gives up as the last leaves no trace.
        #[test]
        fn no_more_comes_its_turn_than_the_rate(
            burst in 1_u32..6,
            interval in 1_u64..50,
            asks in prop::collection::vec((0_u64..60, any::<bool>()), 1..60),
        ) {
            let at = Duration::from_millis;
            let (rate, ahead) = (Rate::every(at(interval)).with_burst(burst), at(interval * 3));
            let mut buckets = Buckets::new(rate).with_ahead(ahead);
            let (mut now, mut turns) = (1_000_u64, Vec::new());
            for (wait, gives_up) in asks {
                now += wait;
                let turn = buckets.ready_at(&(), at(now));
                if turn - at(now) > ahead {
                    continue;
                }
                let full_at = buckets.take((), at(now));
                if gives_up {
                    buckets.put_back(&(), full_at);
                    prop_assert_eq!(buckets.ready_at(&(), at(now)), turn);
                } else {
                    turns.push(turn);
                }
                for (since, first) in turns.iter().enumerate() {
                    let count = turns.len() - since;
                    let span = (turn.max(*first) - *first).as_millis();
                    let room = u128::from(burst) + span / u128::from(interval);
                    prop_assert!(count as u128 <= room, "{count} in {span} ms");
                }
            }
        }

        // S-16: at the time that is told one can be taken, and not the least bit earlier.
        #[test]
        fn the_time_that_is_told_is_true(
            burst in 1_u32..6,
            interval in 1_u64..50,
            waits in prop::collection::vec(0_u64..30, 1..60),
        ) {
            let rate = Rate::every(Duration::from_millis(interval)).with_burst(burst);
            let mut buckets = Buckets::new(rate);
            let mut now = 1_000_u64;
            for wait in waits {
                now += wait;
                let at = Duration::from_millis(now);
                if take(&mut buckets, (), at).is_err() {
                    let told = buckets.ready_at(&(), at);
                    let before = told - Duration::from_nanos(1);
                    prop_assert!(buckets.ready_at(&(), before) > before);
                    prop_assert_eq!(buckets.ready_at(&(), told), told);
                }
            }
        }
    }
}
