//! Who may be asked, and how often.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::dns::LookupFailure;
use crate::lookup::{AddressFilter, Buckets, Rate};

/// Stands before every query to a server that came out of the DNS, over UDP and over TCP: its
/// address was chosen by whoever controls the zone (S-10, S-16).
#[derive(Debug)]
pub(crate) struct Guard {
    filter: AddressFilter,
    buckets: Buckets<IpAddr>,
    since: Instant,
}

impl Guard {
    pub(crate) fn new(filter: AddressFilter, rate: Rate) -> Self {
        Self {
            filter,
            buckets: Buckets::new(rate),
            since: Instant::now(),
        }
    }

    /// Takes one query to this address.
    pub(crate) fn admit(&self, server: SocketAddr) -> Result<(), LookupFailure> {
        if !self.filter.admits(server) {
            return Err(LookupFailure::AddressRefused);
        }
        let taken = self.buckets.take(server.ip(), self.since.elapsed());
        taken.map_err(|_| LookupFailure::Throttled)
    }
}
