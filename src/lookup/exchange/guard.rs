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
        // An IPv4 address in an IPv6 one is the same server.
        let ip = server.ip().to_canonical();
        let taken = self.buckets.take(ip, self.since.elapsed());
        taken.map_err(|_| LookupFailure::Throttled)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use super::*;

    // S-16: one server has one bucket, however its address is written.
    #[test]
    fn an_address_has_one_bucket() {
        let guard = Guard::new(AddressFilter::new(), Rate::per_second(1));
        let admit = |at: &str| guard.admit(at.parse().unwrap());
        assert_eq!(admit("9.9.9.9:53"), Ok(()));
        assert_eq!(admit("[::ffff:9.9.9.9]:53"), Err(LookupFailure::Throttled));
        assert_eq!(admit("9.9.9.10:53"), Ok(()));
    }
}
