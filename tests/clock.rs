//! The clock that tests move by hand, and sleeping on it.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use dcv::clock::{Clock, ManualClock};
use dcv::system::{SystemClock, Timer};
use time::UtcDateTime;

#[derive(Default)]
struct Rings(AtomicUsize);

impl Rings {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Rings {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

const SECOND: Duration = Duration::from_secs(1);

fn clock() -> ManualClock {
    ManualClock::new(UtcDateTime::UNIX_EPOCH)
}

#[test]
fn clones_share_one_time() {
    let one = clock();
    let other = one.clone();
    one.advance(Duration::from_millis(1_500));
    assert_eq!(other.now().unix_timestamp_nanos(), 1_500_000_000);
    other.set(UtcDateTime::UNIX_EPOCH);
    assert_eq!(one.now(), UtcDateTime::UNIX_EPOCH);
}

#[test]
fn the_end_of_time_is_the_end() {
    let clock = clock();
    clock.advance(Duration::MAX);
    assert_eq!(clock.now(), UtcDateTime::MAX);
    clock.advance(SECOND);
    assert_eq!(clock.now(), UtcDateTime::MAX);
}

#[test]
fn a_sleep_ends_at_its_deadline_and_not_before() {
    let clock = clock();
    let rings = Arc::new(Rings::default());
    let waker = Waker::from(Arc::clone(&rings));
    let mut context = Context::from_waker(&waker);

    let mut sleep = pin!(clock.sleep(3 * SECOND));
    assert_eq!(clock.waiting(), 0);
    assert_eq!(sleep.as_mut().poll(&mut context), Poll::Pending);
    assert_eq!(sleep.as_mut().poll(&mut context), Poll::Pending);
    assert_eq!(clock.waiting(), 1);

    clock.advance(3 * SECOND - Duration::from_nanos(1));
    assert_eq!(rings.count(), 0);
    assert_eq!(sleep.as_mut().poll(&mut context), Poll::Pending);

    clock.advance(Duration::from_nanos(1));
    assert_eq!(rings.count(), 1);
    assert_eq!(sleep.as_mut().poll(&mut context), Poll::Ready(()));
    assert_eq!(clock.waiting(), 0);
}

#[test]
fn a_clock_set_back_before_the_poll_keeps_the_sleep() {
    let clock = clock();
    let rings = Arc::new(Rings::default());
    let waker = Waker::from(Arc::clone(&rings));
    let mut context = Context::from_waker(&waker);

    let mut sleep = pin!(clock.sleep(SECOND));
    assert_eq!(sleep.as_mut().poll(&mut context), Poll::Pending);
    clock.advance(SECOND);
    clock.set(UtcDateTime::UNIX_EPOCH);
    assert_eq!(sleep.as_mut().poll(&mut context), Poll::Pending);
    assert_eq!(clock.waiting(), 1);
    clock.set(UtcDateTime::UNIX_EPOCH + SECOND);
    assert_eq!(rings.count(), 2);
    assert_eq!(sleep.as_mut().poll(&mut context), Poll::Ready(()));
}

#[test]
fn a_sleep_that_moves_to_another_task_wakes_that_one() {
    let clock = clock();
    let rings = [Arc::new(Rings::default()), Arc::new(Rings::default())];
    let mut sleep = pin!(clock.sleep(SECOND));
    for task in &rings {
        let waker = Waker::from(Arc::clone(task));
        let mut context = Context::from_waker(&waker);
        assert_eq!(sleep.as_mut().poll(&mut context), Poll::Pending);
    }
    assert_eq!(clock.waiting(), 1);
    clock.advance(SECOND);
    assert_eq!(rings.map(|rings| rings.count()), [0, 1]);
}

#[test]
fn no_time_at_all_needs_no_waking() {
    let clock = clock();
    let mut context = Context::from_waker(Waker::noop());
    let mut sleep = pin!(clock.sleep(Duration::ZERO));
    assert_eq!(sleep.as_mut().poll(&mut context), Poll::Ready(()));
}

#[test]
fn a_dropped_sleep_leaves_nothing_behind() {
    let clock = clock();
    let rings = Arc::new(Rings::default());
    let waker = Waker::from(Arc::clone(&rings));
    {
        let mut sleep = pin!(clock.sleep(SECOND));
        assert!(
            sleep
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
    }
    assert_eq!(clock.waiting(), 0);
    clock.advance(SECOND);
    assert_eq!(rings.count(), 0);
}

#[tokio::test]
async fn many_sleepers_end_in_the_order_of_their_deadlines() {
    let clock = clock();
    let (done, mut ended) = tokio::sync::mpsc::unbounded_channel();
    for seconds in [3u32, 1, 2] {
        let (clock, done) = (clock.clone(), done.clone());
        tokio::spawn(async move {
            clock.sleep(seconds * SECOND).await;
            done.send(seconds).unwrap();
        });
    }
    while clock.waiting() < 3 {
        tokio::task::yield_now().await;
    }
    for expected in 1..=3u32 {
        clock.advance(SECOND);
        assert_eq!(ended.recv().await, Some(expected));
    }
}

#[test]
fn clocks_and_timers_are_objects_and_can_be_shared() {
    let clock = clock();
    let objects: [Box<dyn Clock>; 3] = [
        Box::new(clock.clone()),
        Box::new(Arc::new(clock.clone())),
        Box::new(Box::new(clock.clone()) as Box<dyn Clock>),
    ];
    clock.advance(SECOND);
    for object in &objects {
        assert_eq!((&object).now(), clock.now());
    }
    let timers: [Arc<dyn Timer>; 2] = [Arc::new(clock.clone()), Arc::new(Box::new(clock.clone()))];
    let mut context = Context::from_waker(Waker::noop());
    for timer in &timers {
        let mut sleep = pin!(timer.sleep(SECOND));
        assert!(sleep.as_mut().poll(&mut context).is_pending());
        clock.advance(SECOND);
        assert!(sleep.as_mut().poll(&mut context).is_ready());
    }
}

#[test]
fn the_system_clock_is_past_the_day_this_was_written() {
    assert!(SystemClock::new().now().unix_timestamp() > 1_700_000_000);
}
