//! A zone, a resolver for it that answers over TLS and HTTPS, and the ways to it.

use std::net::SocketAddr;
use std::time::Duration;

use dcv::dns::LookupFailure;
use dcv::lookup::hickory::CertificateRoots;
use dcv::lookup::{Budget, HickoryLookup, LookupError};

use crate::asking::{TOKEN, ask, data};
use crate::certificates::Authority;
use crate::servers::{Knot, Unbound, UnboundConfig};

pub(crate) const NAME: &str = "resolver.example.net";

/// Far beyond every deadline: whoever is still running then hangs.
pub(crate) const HANGS: Duration = Duration::from_secs(60);

pub(crate) fn zone() -> String {
    let token = str::from_utf8(TOKEN).unwrap();
    let large: String = (10..30)
        .map(|number| format!("_large TXT \"{number}{}\"\n", "x".repeat(200)))
        .collect();
    format!(
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\n\
         ns A 127.0.0.1\n_example-challenge TXT \"{token}\"\n{large}"
    )
}

/// A zone and a resolver for it, with a certificate.
pub(crate) struct Resolver {
    pub(crate) authority: Authority,
    pub(crate) unbound: Unbound,
    pub(crate) knot: Knot,
}

impl Resolver {
    pub(crate) fn start() -> Self {
        Self::with("")
    }

    /// With more lines of configuration.
    pub(crate) fn with(server: &str) -> Self {
        let knot = Knot::start(&[("example.com", &zone())]);
        let authority = Authority::new("the test's authority");
        let certificate = authority.certify(NAME);
        let unbound = Unbound::start(&UnboundConfig {
            stubs: &[("example.com", knot.addr())],
            certificate: Some(certificate.parts()),
            server,
            ..Default::default()
        });
        Self {
            authority,
            unbound,
            knot,
        }
    }

    pub(crate) fn addr(&self, way: Way) -> SocketAddr {
        match way {
            Way::Tls => self.unbound.tls_addr(),
            Way::Https => self.unbound.https_addr(),
        }
    }

    pub(crate) fn lookup(&self, way: Way) -> HickoryLookup {
        self.lookup_at(way, self.addr(way))
    }

    pub(crate) fn lookup_at(&self, way: Way, server: SocketAddr) -> HickoryLookup {
        way.lookup(server, NAME, &self.authority.roots())
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    Tls,
    Https,
}

pub(crate) const WAYS: [Way; 2] = [Way::Tls, Way::Https];

impl Way {
    /// One that waits long enough for a server on a busy machine, and asks once.
    pub(crate) fn lookup(
        self,
        server: SocketAddr,
        name: &str,
        roots: &CertificateRoots,
    ) -> HickoryLookup {
        let lookup = match self {
            Self::Tls => HickoryLookup::over_tls([server], name, roots),
            Self::Https => HickoryLookup::over_https([server], name, "/dns-query", roots),
        };
        patient(lookup.unwrap())
    }
}

pub(crate) fn patient(lookup: HickoryLookup) -> HickoryLookup {
    lookup
        .with_udp_tries(Duration::from_secs(10), 1)
        .with_tcp_timeout(Duration::from_secs(10))
}

pub(crate) async fn token(lookup: &HickoryLookup, budget: &Budget) -> Result<(), LookupFailure> {
    let answer = ask(lookup, budget).await.map_err(LookupError::into_failure);
    assert_eq!(data(&answer?), [TOKEN]);
    Ok(())
}
