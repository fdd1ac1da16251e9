//! A service over a DNS in memory and a clock that the test moves.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;
use std::time::Duration;

use dcv::challenge::Challenge;
use dcv::clock::ManualClock;
use dcv::dns::Perspective;
use dcv::lookup::{FixedLookup, TxtObserver};
use dcv::name::{AccountId, DomainName};
use dcv::policy::Policy;
use dcv::service::{Dcv, DcvBuilder};
use dcv::store::MemoryStore;
use time::UtcDateTime;

pub(crate) struct World {
    pub(crate) dcv: Dcv,
    pub(crate) dns: FixedLookup,
    pub(crate) clock: ManualClock,
    pub(crate) store: Arc<MemoryStore>,
}

pub(crate) fn start() -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(1_795_000_000).unwrap()
}

pub(crate) fn world() -> World {
    world_with(|builder| builder)
}

pub(crate) fn world_with(change: impl FnOnce(DcvBuilder) -> DcvBuilder) -> World {
    let (dns, clock) = (FixedLookup::new(), ManualClock::new(start()));
    let store = Arc::new(MemoryStore::new());
    let observer = TxtObserver::new(Perspective::new("fixed".parse().unwrap()), dns.clone());
    let builder = Dcv::builder("example-saas")
        .unwrap()
        .clock(clock.clone())
        .timer(clock.clone())
        .store(store.clone())
        .policy(Policy::single_resolver())
        .observer(observer);
    let dcv = change(builder).build().unwrap();
    World {
        dcv,
        dns,
        clock,
        store,
    }
}

impl World {
    pub(crate) fn publish(&self, challenge: &Challenge) {
        self.dns
            .publish(challenge.owner(), [challenge.record().value()]);
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

pub(crate) fn domain(name: &str) -> DomainName {
    DomainName::parse(name).unwrap()
}
