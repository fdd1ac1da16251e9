use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use time::UtcDateTime;

use crate::clock::{AlarmId, ManualClock};

/// Waits without binding the library to a runtime.
///
/// A sleep may be dropped before it ends; it then has no effect. Forwarded through `&T`, `Box<T>`
/// and `Arc<T>`.
#[async_trait]
pub trait Timer: Debug + Send + Sync {
    /// Returns once `duration` has passed.
    async fn sleep(&self, duration: Duration);
}

#[async_trait]
impl<T: Timer + ?Sized> Timer for &T {
    async fn sleep(&self, duration: Duration) {
        (**self).sleep(duration).await;
    }
}

#[async_trait]
impl<T: Timer + ?Sized> Timer for Box<T> {
    async fn sleep(&self, duration: Duration) {
        (**self).sleep(duration).await;
    }
}

#[async_trait]
impl<T: Timer + ?Sized> Timer for Arc<T> {
    async fn sleep(&self, duration: Duration) {
        (**self).sleep(duration).await;
    }
}

/// Sleeps on tokio's timer.
///
/// It must be used inside a tokio runtime with its time driver enabled.
#[cfg(feature = "resolver")]
#[cfg_attr(docsrs, doc(cfg(feature = "resolver")))]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokioTimer;

#[cfg(feature = "resolver")]
impl TokioTimer {
    /// Tokio's timer.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

#[cfg(feature = "resolver")]
#[async_trait]
impl Timer for TokioTimer {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A sleep ends when the clock has been moved to its deadline. The deadline is fixed when the sleep
/// is first polled.
#[async_trait]
impl Timer for ManualClock {
    async fn sleep(&self, duration: Duration) {
        ManualSleep {
            due: self.deadline(duration),
            clock: self,
            alarm: None,
        }
        .await;
    }
}

#[derive(Debug)]
struct ManualSleep<'a> {
    clock: &'a ManualClock,
    due: UtcDateTime,
    alarm: Option<AlarmId>,
}

impl Future for ManualSleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self { clock, due, alarm } = &mut *self;
        if clock.reached(*due, alarm, context.waker()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for ManualSleep<'_> {
    fn drop(&mut self) {
        if let Some(alarm) = self.alarm.take() {
            self.clock.forget(alarm);
        }
    }
}
