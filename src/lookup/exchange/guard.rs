//! Who may be asked, and how often.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::dns::LookupFailure;
use crate::lookup::{AddressFilter, Buckets, Budget, Rate};

/// Stands before every query, over UDP and over TCP.
///
/// A query to a server that is asked as often as it may be waits for its turn, in the order in
/// which they came, so that many checks at once make each other slower and not fail (S-16).
#[derive(Debug)]
pub(crate) struct Guard {
    filter: Option<AddressFilter>,
    buckets: Mutex<Buckets<IpAddr>>,
    since: Instant,
}

impl Guard {
    /// The longest that a query waits for its turn: what comes later would come too late for a
    /// check, which has [10 seconds](crate::verify::DnsVerifier::DEADLINE).
    const PATIENCE: Duration = Duration::from_secs(8);

    /// For servers that came out of the DNS: their addresses were chosen by whoever controls the
    /// zone (S-10, S-16).
    pub(crate) fn of_found(filter: AddressFilter, rate: Rate) -> Self {
        Self::new(Some(filter), rate)
    }

    /// For servers that were configured (S-16).
    pub(crate) fn of_configured(rate: Rate) -> Self {
        Self::new(None, rate)
    }

    fn new(filter: Option<AddressFilter>, rate: Rate) -> Self {
        let buckets = Buckets::new(rate).with_ahead(Self::PATIENCE);
        Self {
            filter,
            buckets: Mutex::new(buckets),
            since: Instant::now(),
        }
    }

    /// A turn to ask this address; whoever drops it before it is used has taken nothing.
    ///
    /// # Errors
    ///
    /// [`LookupFailure::AddressRefused`], and [`LookupFailure::Throttled`] when the turn would come
    /// too late.
    pub(crate) fn turn(&self, server: SocketAddr) -> Result<Turn<'_>, LookupFailure> {
        let admits = |filter: &AddressFilter| filter.admits(server);
        if !self.filter.as_ref().is_none_or(admits) {
            return Err(LookupFailure::AddressRefused);
        }
        // An IPv4 address in an IPv6 one is the same server.
        let ip = server.ip().to_canonical();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock: turns are given out in the order of their times.
        let now = self.since.elapsed();
        let wait = buckets.ready_at(&ip, now) - now;
        if wait > Self::PATIENCE {
            return Err(LookupFailure::Throttled);
        }
        let full_at = buckets.take(ip, now);
        Ok(Turn {
            wait,
            taken: Some((self, ip, full_at)),
        })
    }
}

/// Leave to send one query, when its time has come.
#[derive(Debug)]
#[must_use]
pub(crate) struct Turn<'a> {
    wait: Duration,
    /// What goes back when the query is not sent.
    taken: Option<(&'a Guard, IpAddr, Duration)>,
}

impl Turn<'_> {
    /// A turn where nobody stands guard.
    pub(crate) fn free() -> Self {
        Self {
            wait: Duration::ZERO,
            taken: None,
        }
    }

    /// Waits until its time has come.
    pub(crate) async fn come(mut self) -> Self {
        if !self.wait.is_zero() {
            // Boxed: nearly always there is nothing to wait for.
            Box::pin(tokio::time::sleep(self.wait)).await;
            self.wait = Duration::ZERO;
        }
        self
    }

    /// Takes the query out of the budget: it goes out now.
    ///
    /// # Errors
    ///
    /// [`LookupFailure::BudgetExhausted`]: it must not be sent, and the turn goes back.
    pub(crate) fn spend(mut self, budget: &Budget) -> Result<(), LookupFailure> {
        budget.spend()?;
        self.taken = None;
        Ok(())
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some((guard, ip, full_at)) = self.taken.take() {
            let buckets = guard.buckets.lock();
            let mut buckets = buckets.unwrap_or_else(PoisonError::into_inner);
            buckets.put_back(&ip, full_at);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    // S-16: one server has one bucket, however its address is written.
    #[test]
    fn an_address_has_one_bucket() {
        let guard = Guard::of_found(AddressFilter::new(), Rate::every(HOUR));
        let budget = Budget::default();
        let ask = |at: &str| guard.turn(at.parse().unwrap())?.spend(&budget);
        assert_eq!(ask("9.9.9.9:53"), Ok(()));
        assert_eq!(ask("[::ffff:9.9.9.9]:53"), Err(LookupFailure::Throttled));
        assert_eq!(ask("9.9.9.10:53"), Ok(()));
        assert_eq!(budget.spent(), 2, "nothing is spent on what is refused");
    }

    // S-16: who gives up, or has nothing left to spend, leaves no trace.
    #[test]
    fn a_turn_that_is_not_used_goes_back() {
        let guard = Guard::of_configured(Rate::every(HOUR));
        let server = "9.9.9.9:53".parse().unwrap();
        for _ in 0..3 {
            let nothing = Budget::new(0);
            let refused = guard.turn(server).unwrap().spend(&nothing);
            assert_eq!(refused, Err(LookupFailure::BudgetExhausted));
            drop(guard.turn(server).unwrap());
        }
        assert_eq!(guard.turn(server).unwrap().spend(&Budget::new(1)), Ok(()));
        let late = guard.turn(server).map(drop);
        assert_eq!(late, Err(LookupFailure::Throttled));
    }

    // S-16: a query over the rate waits for its turn, as long as that is soon enough, and gives it
    // to the next when nobody waits for it any more.
    #[tokio::test]
    async fn a_turn_is_waited_for() {
        let guard = Guard::of_configured(Rate::every(Duration::from_secs(5)));
        let (server, budget) = ("9.9.9.9:53".parse().unwrap(), Budget::new(9));
        guard.turn(server).unwrap().spend(&budget).unwrap();
        for _ in 0..3 {
            let turn = guard.turn(server).unwrap();
            assert!(!turn.wait.is_zero());
            let coming = turn.come();
            assert!(guard.turn(server).is_err(), "the one after is too late");
            assert!(coming.now_or_never().is_none(), "it waits");
        }
        assert_eq!(budget.spent(), 1);
    }
}
