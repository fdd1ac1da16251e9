//! Who may be asked, and how often.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::dns::LookupFailure;
use crate::lookup::{AddressFilter, Buckets, Rate};

/// Stands before every query, over UDP and over TCP.
#[derive(Debug)]
pub(crate) struct Guard {
    filter: Option<AddressFilter>,
    buckets: Buckets<IpAddr>,
    since: Instant,
}

impl Guard {
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
        Self {
            filter,
            buckets: Buckets::new(rate),
            since: Instant::now(),
        }
    }

    /// Takes one query to this address.
    pub(crate) fn admit(&self, server: SocketAddr) -> Result<(), LookupFailure> {
        let admits = |filter: &AddressFilter| filter.admits(server);
        if !self.filter.as_ref().is_none_or(admits) {
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
        let guard = Guard::of_found(AddressFilter::new(), Rate::per_second(1));
        let admit = |at: &str| guard.admit(at.parse().unwrap());
        assert_eq!(admit("9.9.9.9:53"), Ok(()));
        assert_eq!(admit("[::ffff:9.9.9.9]:53"), Err(LookupFailure::Throttled));
        assert_eq!(admit("9.9.9.10:53"), Ok(()));
    }
}
