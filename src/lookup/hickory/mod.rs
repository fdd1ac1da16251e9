//! Looking with hickory: the adapter whose public signatures hold hickory's types.
//!
//! [`HickoryLookup`] asks servers with hickory's network client and reads their replies itself.
//! [`ResolverLookup`] is the lesser view through a whole hickory resolver.
#![cfg_attr(all(feature = "tls", feature = "https"), doc = "\n", doc = include_str!("fleet.md"))]

#[cfg(feature = "dnssec")]
mod anchors;
#[cfg(feature = "tls")]
mod encrypted;
mod observers;
mod operators;
mod resolver;
#[cfg(feature = "tls")]
mod roots;
mod self_check;
mod signatures;
mod trusting;
mod unchecked;
#[cfg(feature = "dnssec")]
mod validating;
mod validation;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::system_conf::read_system_conf;

use super::exchange::{Exchange, Guard};
use super::{Budget, DnsLookup, LookupError, Rate, TxtLookup};
use crate::dns::{Answer, LookupFailure, Question};
use crate::name::OwnerName;

use validation::Validation;

#[cfg(feature = "dnssec")]
pub use anchors::{TrustAnchorError, TrustAnchorFault, TrustAnchors};
pub use resolver::ResolverLookup;
#[cfg(feature = "tls")]
pub use roots::CertificateRoots;
pub use self_check::{SelfCheck, SelfCheckError};
pub use trusting::TrustedPath;

/// Asks DNS servers: resolvers, or the servers of a zone. Over UDP and TCP, or, with the features
/// `tls` and `https`, over TLS and HTTPS.
///
/// One lookup is one view of the DNS: of several servers the first that answers decides, and the
/// others stand in when it fails. For views that are to corroborate each other make one lookup of
/// each operator, as [`public_resolvers`](Self::public_resolvers) does.
///
/// * In plain text every query has its own socket on a random port, a random id, and letters in
///   random case; only a reply that repeats all of them counts.
/// * There is no cache and no search list (X-07).
/// * Aliases are followed by owner name (A-01, DG-05). What else a reply holds is not looked at.
/// * Nothing is validated: answers are [`Unvalidated`](crate::dns::Security::Unvalidated), also
///   when the server sets the AD bit. [`trusting_validation`](Self::trusting_validation) and, with
///   the feature `dnssec`, `validating` change that: see [the manual](crate::manual::dnssec).
///
/// ```
/// use dcv::lookup::HickoryLookup;
///
/// let lookup = HickoryLookup::from_servers(["192.0.2.53:53".parse()?])?;
/// assert_eq!(lookup.servers().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct HickoryLookup {
    servers: Arc<[SocketAddr]>,
    rounds: u32,
    exchange: Exchange,
    validation: Validation,
}

impl HickoryLookup {
    /// Asks these servers, in this order.
    ///
    /// # Errors
    ///
    /// [`SetupError::NoServers`] when there are none.
    pub fn from_servers(servers: impl IntoIterator<Item = SocketAddr>) -> Result<Self, SetupError> {
        Self::with_exchange(servers, Exchange::new())
    }

    fn with_exchange(
        servers: impl IntoIterator<Item = SocketAddr>,
        exchange: Exchange,
    ) -> Result<Self, SetupError> {
        let servers: Arc<[SocketAddr]> = servers.into_iter().collect();
        if servers.is_empty() {
            return Err(SetupError::NoServers);
        }
        Ok(Self {
            servers,
            rounds: 2,
            exchange,
            validation: Validation::default(),
        })
    }

    /// Asks the name servers of the system's configuration (`/etc/resolv.conf`, or the Windows
    /// registry).
    ///
    /// Only their addresses are taken: no search list and no other option. Who runs them and how
    /// they are reached is unknown, so a perspective of this lookup belongs into
    /// [`Group::Unknown`](crate::dns::Group::Unknown), as [`observer`](Self::observer) puts it.
    ///
    /// # Errors
    ///
    /// [`SetupError::SystemConfiguration`] when it cannot be read, [`SetupError::NoServers`] when
    /// it names no server.
    #[cfg(any(unix, windows))]
    pub fn from_system() -> Result<Self, SetupError> {
        let (config, _) =
            read_system_conf().map_err(|error| SetupError::SystemConfiguration(error.into()))?;
        Self::from_servers(config.name_servers().iter().map(|server| {
            let port = server
                .connections
                .first()
                .map_or(53, |connection| connection.port);
            SocketAddr::new(server.ip, port)
        }))
    }

    /// Looks through a hickory resolver: see [`ResolverLookup`] for what that loses.
    ///
    /// # Errors
    ///
    /// As of [`ResolverLookup::new`].
    pub fn from_resolver(resolver: TokioResolver) -> Result<ResolverLookup, SetupError> {
        ResolverLookup::new(resolver)
    }

    /// How long to wait for a reply over UDP, and how many times each server is asked before
    /// it counts as silent (at least once). The default is 1.5 seconds, twice.
    #[must_use]
    pub fn with_udp_tries(mut self, timeout: Duration, tries: u32) -> Self {
        self.exchange = self.exchange.with_udp_timeout(timeout);
        self.rounds = tries.max(1);
        self
    }

    /// How long an exchange over TCP, TLS or HTTPS may take in all, from the handshake on. The
    /// default is 3 seconds.
    #[must_use]
    pub fn with_tcp_timeout(mut self, timeout: Duration) -> Self {
        self.exchange = self.exchange.with_tcp_timeout(timeout);
        self
    }

    /// How often each of the servers is asked, by all verifications together (S-16). Not limited
    /// unless set, but for the [public resolvers](Self::public_resolvers). A query over it waits for
    /// its turn; one that would have to wait for more than eight seconds fails as
    /// [`Throttled`](LookupFailure::Throttled), and is not sent.
    #[must_use]
    pub fn with_rate(mut self, rate: Rate) -> Self {
        let guard = Guard::of_configured(rate);
        self.exchange = self.exchange.with_guard(Arc::new(guard));
        self
    }

    /// Asks without the RD bit, as the servers of a zone are asked.
    #[must_use]
    pub fn without_recursion(mut self) -> Self {
        let mut flags = self.exchange.flags();
        flags.recursion_desired = false;
        self.exchange = self.exchange.with_flags(flags);
        self
    }

    /// The servers, in the order they are asked.
    #[must_use]
    pub fn servers(&self) -> &[SocketAddr] {
        &self.servers
    }

    /// Asks one server after the other, until one answers.
    async fn ask_servers(
        &self,
        validation: &Validation,
        question: &Question,
        budget: &Budget,
    ) -> Result<Answer, LookupError> {
        let mut answered_wrong = Vec::new();
        let mut reported: Option<LookupError> = None;
        for _ in 0..self.rounds {
            for server in &*self.servers {
                if answered_wrong.contains(server) {
                    continue;
                }
                let followed = validation.follow(&self.exchange, *server, question, budget);
                let error = match followed.await {
                    Ok(answer) => return Ok(answer),
                    Err(error) => error,
                };
                match error.failure() {
                    LookupFailure::BudgetExhausted | LookupFailure::Unsupported => {
                        return Err(error);
                    }
                    LookupFailure::Timeout => {}
                    _ => answered_wrong.push(*server),
                }
                // What a server said tells more than that another one was not there.
                match &reported {
                    Some(earlier) if !is_silence(earlier.failure()) => {}
                    _ => reported = Some(error),
                }
            }
        }
        Err(reported.unwrap_or_else(|| LookupFailure::Timeout.into()))
    }
}

#[async_trait]
impl TxtLookup for HickoryLookup {
    async fn lookup_txt(&self, name: &OwnerName) -> Result<Answer, LookupError> {
        self.lookup(&Question::txt(name.clone()), &Budget::default())
            .await
    }
}

#[async_trait]
impl DnsLookup for HickoryLookup {
    async fn lookup(&self, question: &Question, budget: &Budget) -> Result<Answer, LookupError> {
        self.ask_servers(&self.validation, question, budget).await
    }

    async fn lookup_unchecked(
        &self,
        question: &Question,
        budget: &Budget,
    ) -> Result<Answer, LookupError> {
        self.ask_servers(&Validation::disabled(), question, budget)
            .await
    }
}

fn is_silence(failure: &LookupFailure) -> bool {
    matches!(failure, LookupFailure::Timeout | LookupFailure::Transport)
}

/// A lookup that cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// There is nobody to ask.
    #[error("no DNS server was given; name at least one")]
    NoServers,
    /// The system does not say which servers to ask.
    #[error("the system's DNS configuration cannot be read; name the servers instead")]
    SystemConfiguration(#[source] Box<dyn Error + Send + Sync>),
    /// No certificate is to be for this name.
    #[error(
        "the server's name is not one that a certificate can be for; give its DNS name or IP address, without a port (over HTTPS no IPv6 address)"
    )]
    ServerName,
    /// No service can be at this path.
    #[error(
        "the path of a DNS service over HTTPS begins with a slash, as `/dns-query` does; give it without host, `?` and `{{?dns}}`"
    )]
    HttpsPath,
    /// There would be nobody whose certificates count.
    #[error("no certificate root was given; give at least one X.509 certificate, as PEM or DER")]
    NoCertificateRoots,
    /// A certificate root is not one.
    #[error(
        "a certificate root cannot be used; give X.509 certificates of authorities, as PEM or DER"
    )]
    CertificateRoots(#[source] Box<dyn Error + Send + Sync>),
    /// The platform has no certificate roots to give.
    #[error(
        "the platform's certificate roots cannot be used; install them (Debian: ca-certificates), or give roots of your own"
    )]
    PlatformRoots(#[source] Box<dyn Error + Send + Sync>),
    /// The resolver would answer from its cache.
    #[error("the resolver has a cache of {entries} entries; build it with `cache_size = 0`")]
    ResolverCaches {
        /// The size of the cache.
        entries: u64,
    },
    /// The resolver would answer from the hosts file.
    #[error("the resolver reads the hosts file; build it with `ResolveHosts::Never`")]
    ResolverReadsHosts,
    /// The resolver would hide the aliases it followed.
    #[error("the resolver hides aliases; build it with `preserve_intermediates = true`")]
    ResolverHidesAliases,
    /// The way to a server was said to stay within the machine, and does not.
    #[error(
        "{server} is not a loopback address: reach the resolver over TLS or HTTPS, or state why its path is to be trusted"
    )]
    NotLoopback {
        /// The server.
        server: SocketAddr,
    },
    /// The way to the servers was said to be authenticated, and is not.
    #[error(
        "the servers are asked in plain text: reach them over TLS or HTTPS before their validation is trusted"
    )]
    NotAuthenticated,
    /// Validation cannot start from these keys.
    #[cfg(feature = "dnssec")]
    #[error("validation cannot start from these trust anchors; check them one by one")]
    TrustAnchors(#[source] Box<dyn Error + Send + Sync>),
}
