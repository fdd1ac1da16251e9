//! Asking over TLS or HTTPS, over connections that are kept.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use hickory_resolver::net::NetError;
use hickory_resolver::proto::op::{DnsRequest, DnsResponse};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

use super::connection::{Connection, Peer, Trouble};
use super::{Budget, Exchange, LookupError, Turn, failure};
use crate::dns::LookupFailure;
use crate::record::escaped;

pub(crate) use super::connection::Protocol;

/// The encrypted way to servers that all go by one name.
///
/// Each server has one connection, made when it is first asked and kept for later queries, and a
/// few more while that one is full of queries that the server does not answer: names whose own
/// servers are silent must not hold up the others. A query whose caller has gone leaves a
/// connection as it was.
pub(crate) struct Encrypted {
    peer: Peer,
    lines: Mutex<HashMap<SocketAddr, Arc<Lines>>>,
}

/// The connections to one server. The later ones are for when those before are stuck.
#[derive(Debug, Default)]
struct Lines([Line; Self::MAX]);

/// Room for a query on one of them.
type Place<'a> = (&'a Line, SemaphorePermit<'a>);

/// A connection to a server, or the place for it.
#[derive(Debug)]
struct Line {
    kept: Mutex<Option<Arc<Connection>>>,
    /// Held by whoever makes the connection, so that the others wait for that one.
    connecting: tokio::sync::Mutex<()>,
    in_flight: Semaphore,
}

impl Encrypted {
    pub(crate) fn new(
        protocol: Protocol,
        name: ServerName<'static>,
        config: Arc<ClientConfig>,
    ) -> Self {
        Self {
            peer: Peer {
                protocol,
                name,
                config,
            },
            lines: Mutex::default(),
        }
    }

    /// Asks `server` once. A query on a connection that breaks under it is sent again, over a new
    /// one, if that connection had been used before: the server may have closed it by then.
    ///
    /// The timeout for TCP is for all of it, the wait for a connection with room and the handshake
    /// too, but not the wait for leave to ask at all: that is ours, and no silence of the server.
    pub(super) async fn ask(
        &self,
        exchange: &Exchange,
        server: SocketAddr,
        request: &DnsRequest,
        budget: &Budget,
    ) -> Result<DnsResponse, LookupError> {
        let leave = exchange.turn(server, budget).await?;
        let mut asked = None;
        let asking = self.ask_over(exchange, server, request, budget, leave, &mut asked);
        match timeout(exchange.tcp_timeout, asking).await {
            Ok(reply) => reply,
            Err(elapsed) => {
                // Where nothing else came either, the next query would be lost as well.
                match asked {
                    Some((connection, at)) if !connection.heard_since(at) => {
                        let lines = self.lines(server);
                        lines.0.iter().for_each(|line| line.forget(&connection));
                    }
                    _ => {}
                }
                Err(LookupError::new(LookupFailure::Timeout, elapsed))
            }
        }
    }

    async fn ask_over(
        &self,
        exchange: &Exchange,
        server: SocketAddr,
        request: &DnsRequest,
        budget: &Budget,
        leave: Turn<'_>,
        asked: &mut Option<(Arc<Connection>, Instant)>,
    ) -> Result<DnsResponse, LookupError> {
        let lines = self.lines(server);
        let (line, _place) = lines.place().await?;
        let (mut leave, mut again) = (Some(leave), true);
        loop {
            let leave = match leave.take() {
                Some(first) => first,
                None => exchange.turn(server, budget).await?,
            };
            // Before connecting: a handshake that fails is not for free either.
            leave.spend(budget)?;
            let connected = line.connection(server, &self.peer).await;
            let (connection, is_new) = connected.map_err(not_connected)?;
            again &= !is_new;
            *asked = Some((connection.clone(), Instant::now()));
            match connection.send(request.clone()).await {
                Ok(reply) => return self.identified(reply),
                Err(Trouble::Reply(error)) => return Err(unread(error)),
                Err(Trouble::Connection(error)) => {
                    line.forget(&connection);
                    if !again {
                        return Err(LookupError::new(LookupFailure::Transport, Told::by(&error)));
                    }
                    again = false;
                }
            }
        }
    }

    /// Over TLS the id is chosen and compared by the client.
    #[cfg_attr(
        not(feature = "https"),
        allow(clippy::unused_self, clippy::unnecessary_wraps)
    )]
    fn identified(&self, reply: DnsResponse) -> Result<DnsResponse, LookupError> {
        #[cfg(feature = "https")]
        if matches!(self.peer.protocol, Protocol::Https { .. }) && reply.metadata.id != 0 {
            return Err(LookupFailure::Mismatch(crate::dns::ReplyMismatch::Id).into());
        }
        Ok(reply)
    }

    fn lines(&self, server: SocketAddr) -> Arc<Lines> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.entry(server).or_default().clone()
    }
}

impl Lines {
    /// The most connections to one server.
    const MAX: usize = 8;

    /// How long nothing may come free before another connection is made.
    const STUCK: Duration = Duration::from_millis(500);

    /// A place on a connection that has room; when none had any for a while, on another one.
    async fn place(&self) -> Result<Place<'_>, LookupError> {
        let mut places = FuturesUnordered::new();
        let open = self.0.iter().filter(|line| line.kept().is_some());
        places.extend(open.map(Line::place));
        if places.is_empty() {
            places.extend(self.0.first().map(Line::place));
        }
        let place = match timeout(Self::STUCK, places.next()).await {
            Ok(place) => place,
            Err(_) => {
                let mut spare = self.0.iter();
                let spare = spare.find(|line| line.is_spare());
                places.extend(spare.map(Line::place));
                places.next().await
            }
        };
        place.unwrap_or_else(|| Err(LookupFailure::Other.into()))
    }
}

impl Line {
    /// As many as hickory's client queues for a socket that does not take them yet; more would
    /// be refused. Those over it wait for a place.
    const MAX_IN_FLIGHT: usize = 32;

    async fn place(&self) -> Result<Place<'_>, LookupError> {
        let permit = self.in_flight.acquire().await;
        let permit = permit.map_err(|closed| LookupError::new(LookupFailure::Other, closed))?;
        Ok((self, permit))
    }

    /// Whether it has no connection, and room.
    fn is_spare(&self) -> bool {
        self.kept().is_none() && self.in_flight.available_permits() > 0
    }

    /// The kept connection, or a new one. Whether it is new comes with it.
    async fn connection(
        &self,
        server: SocketAddr,
        peer: &Peer,
    ) -> Result<(Arc<Connection>, bool), NetError> {
        if let Some(connection) = self.usable() {
            return Ok((connection, false));
        }
        let _connecting = self.connecting.lock().await;
        if let Some(connection) = self.usable() {
            return Ok((connection, false));
        }
        let connection = Arc::new(Connection::open(server, peer).await?);
        *self.kept() = Some(connection.clone());
        Ok((connection, true))
    }

    fn usable(&self) -> Option<Arc<Connection>> {
        let mut kept = self.kept();
        if kept.as_ref().is_some_and(|kept| !kept.is_usable()) {
            *kept = None;
        }
        kept.clone()
    }

    /// Keeps `connection` no longer. Queries that are on it may still end well.
    fn forget(&self, connection: &Arc<Connection>) {
        let mut kept = self.kept();
        if kept
            .as_ref()
            .is_some_and(|kept| Arc::ptr_eq(kept, connection))
        {
            *kept = None;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Option<Arc<Connection>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Line {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
            in_flight: Semaphore::new(Self::MAX_IN_FLIGHT),
        }
    }
}

impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encrypted")
            .field("protocol", &self.peer.protocol)
            .field("name", &self.peer.name)
            .finish_non_exhaustive()
    }
}

fn not_connected(error: NetError) -> LookupError {
    let failure = match &error {
        NetError::Timeout => LookupFailure::Timeout,
        NetError::Io(cause) if is_about_certificate(cause) => LookupFailure::Certificate,
        _ => return LookupError::new(LookupFailure::Transport, Told::by(&error)),
    };
    LookupError::new(failure, error)
}

fn is_about_certificate(error: &std::io::Error) -> bool {
    let tls = error.get_ref().and_then(|error| error.downcast_ref());
    matches!(
        tls,
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
    )
}

fn unread(error: NetError) -> LookupError {
    let failure = match &error {
        NetError::Proto(_) => failure(&error),
        #[cfg(feature = "https")]
        NetError::RequestTooLarge => LookupFailure::TooLarge,
        _ => LookupFailure::MalformedReply,
    };
    LookupError::new(failure, Told::by(&error))
}

/// What went wrong, in words of which some may be the server's (S-18).
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Told(String);

impl Told {
    fn by(error: &NetError) -> Self {
        const MAX_OCTETS: usize = 200;
        Self(escaped(error.to_string().as_bytes(), MAX_OCTETS).to_string())
    }
}

#[cfg(all(test, feature = "https"))]
#[allow(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use hickory_resolver::net::tls::default_provider;
    use hickory_resolver::proto::op::{Message, OpCode};
    use rustls::RootCertStore;

    use super::*;
    use crate::dns::ReplyMismatch;

    fn encrypted(protocol: Protocol) -> Encrypted {
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let name = ServerName::try_from("resolver.example.net").unwrap();
        Encrypted::new(protocol, name, Arc::new(config))
    }

    // RFC 8484 §4.1: the id is zero. Over TLS it is the client's to choose.
    #[test]
    fn the_id_is_that_of_the_query() {
        let https = encrypted(Protocol::Https {
            authority: "resolver.example.net".into(),
            path: "/dns-query".into(),
        });
        let tls = encrypted(Protocol::Tls);
        let read = |channel: &Encrypted, id| {
            let reply = DnsResponse::from_message(Message::response(id, OpCode::Query)).unwrap();
            let reply = channel.identified(reply).map_err(LookupError::into_failure);
            reply.map(|reply| reply.metadata.id)
        };
        assert_eq!(read(&https, 0), Ok(0));
        let mismatch = LookupFailure::Mismatch(ReplyMismatch::Id);
        assert_eq!(read(&https, 7), Err(mismatch));
        assert_eq!(read(&tls, 7), Ok(7));
    }

    // S-18: what a server says is cut and escaped, also where it is only for the log.
    #[test]
    fn words_of_a_server_are_harmless() {
        let said = NetError::from(format!("http \u{1b}[31m\n\u{e9}{}", "x".repeat(10_000)));
        let error = unread(said);
        assert_eq!(error.failure(), &LookupFailure::MalformedReply);
        let told = std::error::Error::source(&error).unwrap().to_string();
        assert!(told.starts_with(r"http \027[31m\010\195\169xxx"), "{told}");
        assert!(told.len() < 300, "{} octets", told.len());
    }
}
