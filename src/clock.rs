//! The time, asked of a value.
//!
//! Decisions take the instant as an argument; only the service above them asks a [`Clock`]. The
//! clock of the operating system is [`SystemClock`](crate::system::SystemClock); tests hold a
//! [`ManualClock`] and move it by hand.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use time::UtcDateTime;

/// Tells the time.
///
/// Forwarded through `&T`, `Box<T>` and `Arc<T>`, so a clock can be shared or boxed.
///
/// ```
/// use dcv::clock::{Clock, ManualClock};
/// use time::UtcDateTime;
///
/// fn stamp(clock: &dyn Clock) -> UtcDateTime {
///     clock.now()
/// }
/// assert_eq!(stamp(&ManualClock::new(UtcDateTime::UNIX_EPOCH)), UtcDateTime::UNIX_EPOCH);
/// ```
pub trait Clock: Debug + Send + Sync {
    /// The present instant.
    fn now(&self) -> UtcDateTime;
}

impl<T: Clock + ?Sized> Clock for &T {
    fn now(&self) -> UtcDateTime {
        (**self).now()
    }
}

impl<T: Clock + ?Sized> Clock for Box<T> {
    fn now(&self) -> UtcDateTime {
        (**self).now()
    }
}

impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> UtcDateTime {
        (**self).now()
    }
}

/// A clock that stands still until it is told otherwise.
///
/// Clones share one time. It is a [`Timer`](crate::system::Timer) too: a sleep ends when the clock
/// has been moved to its deadline, so a test of hours takes no time.
///
/// ```
/// use dcv::clock::{Clock, ManualClock};
/// use std::time::Duration;
/// use time::UtcDateTime;
///
/// let clock = ManualClock::new(UtcDateTime::UNIX_EPOCH);
/// let shared = clock.clone();
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(shared.now().unix_timestamp(), 90);
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock {
    dial: Arc<Mutex<Dial>>,
}

#[derive(Debug)]
struct Dial {
    now: UtcDateTime,
    alarms: Vec<Alarm>,
    next_alarm: u64,
}

#[derive(Debug)]
struct Alarm {
    id: AlarmId,
    due: UtcDateTime,
    waker: Waker,
}

/// Names one registered waker of a [`ManualClock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AlarmId(u64);

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn new(now: UtcDateTime) -> Self {
        Self {
            dial: Arc::new(Mutex::new(Dial {
                now,
                alarms: Vec::new(),
                next_alarm: 0,
            })),
        }
    }

    /// Sets the clock, forwards or backwards, and ends every sleep whose deadline is reached.
    pub fn set(&self, now: UtcDateTime) {
        self.turn(|_| now);
    }

    /// Moves the clock forward and ends every sleep whose deadline is reached.
    ///
    /// Past [`UtcDateTime::MAX`] it stays there.
    pub fn advance(&self, duration: Duration) {
        self.turn(|now| later(now, duration));
    }

    /// How many sleeps wait for this clock to move.
    ///
    /// A test asks this before it advances the clock, to know that what it tests is asleep.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lock().alarms.len()
    }

    /// The instant `duration` from now.
    pub(crate) fn deadline(&self, duration: Duration) -> UtcDateTime {
        later(self.lock().now, duration)
    }

    /// Whether `due` is reached; if it is not, `waker` is called once when it is.
    ///
    /// `alarm` is the caller's memory between calls: a later call with the same one replaces the
    /// waker, and [`forget`](Self::forget) takes it back.
    pub(crate) fn reached(
        &self,
        due: UtcDateTime,
        alarm: &mut Option<AlarmId>,
        waker: &Waker,
    ) -> bool {
        let mut dial = self.lock();
        if dial.now >= due {
            return true;
        }
        match dial
            .alarms
            .iter_mut()
            .find(|known| Some(known.id) == *alarm)
        {
            Some(known) => known.waker.clone_from(waker),
            None => {
                let id = AlarmId(dial.next_alarm);
                dial.next_alarm = dial.next_alarm.wrapping_add(1);
                dial.alarms.push(Alarm {
                    id,
                    due,
                    waker: waker.clone(),
                });
                *alarm = Some(id);
            }
        }
        false
    }

    /// Takes back a waker that is no longer wanted.
    pub(crate) fn forget(&self, alarm: AlarmId) {
        self.lock().alarms.retain(|known| known.id != alarm);
    }

    fn turn(&self, to: impl FnOnce(UtcDateTime) -> UtcDateTime) {
        let ringing: Vec<Alarm> = {
            let mut dial = self.lock();
            dial.now = to(dial.now);
            let now = dial.now;
            dial.alarms
                .extract_if(.., |alarm| alarm.due <= now)
                .collect()
        };
        // Outside the lock: a waker may run its task at once, and the task may ask for the time.
        for alarm in ringing {
            alarm.waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Dial> {
        self.dial.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UtcDateTime {
        self.lock().now
    }
}

fn later(now: UtcDateTime, duration: Duration) -> UtcDateTime {
    let duration = time::Duration::try_from(duration).unwrap_or(time::Duration::MAX);
    now.saturating_add(duration)
}
