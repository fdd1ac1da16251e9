//! One connection to a server, over TLS or HTTPS, that carries many queries.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::tls::tls_client_connect;
use hickory_resolver::net::xfer::{DnsExchange, DnsHandle, DnsMultiplexer, FirstAnswer};
use hickory_resolver::proto::op::{DnsRequest, DnsResponse};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::runtime::{self, Handle};
use tokio::task::JoinHandle;
use tokio::time::Instant;

#[cfg(feature = "https")]
use {
    futures_util::StreamExt,
    hickory_resolver::net::h2::HttpsClientStream,
    hickory_resolver::net::xfer::DnsRequestSender,
    std::task::{Context, Poll, Waker},
};

/// What is spoken over an encrypted connection.
#[derive(Debug, Clone)]
pub(crate) enum Protocol {
    /// DNS as over TCP (RFC 7858).
    Tls,
    /// DNS messages in HTTP/2 (RFC 8484).
    #[cfg(feature = "https")]
    Https {
        /// The name in the URI, the same as in the certificate.
        authority: Arc<str>,
        path: Arc<str>,
    },
}

/// Whom to connect to, and what to speak.
#[derive(Clone)]
pub(super) struct Peer {
    pub(super) protocol: Protocol,
    pub(super) name: ServerName<'static>,
    pub(super) config: Arc<ClientConfig>,
}

/// A connection whose server has shown a certificate that is accepted.
pub(super) struct Connection {
    sender: Sender,
    /// Whose tasks drive it: in another runtime nobody may.
    runtime: runtime::Id,
    heard: Mutex<Instant>,
}

enum Sender {
    Tls {
        exchange: DnsExchange<TokioRuntimeProvider>,
        background: Background,
    },
    #[cfg(feature = "https")]
    Https(HttpsClientStream),
}

/// The task that drives a connection, and ends with it.
struct Background(JoinHandle<()>);

impl Drop for Background {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Connection {
    /// Since when nothing may have come before a connection is no longer used. A path can end
    /// without a sign, and who asked may have gone before that showed.
    const MAX_SILENCE: Duration = Duration::from_secs(20);

    /// Connects to `server`, which must be `peer`.
    pub(super) async fn open(server: SocketAddr, peer: &Peer) -> Result<Self, NetError> {
        let provider = TokioRuntimeProvider::new();
        let sender = match &peer.protocol {
            Protocol::Tls => {
                let (name, config) = (peer.name.clone(), peer.config.clone());
                let (connecting, handle) = tls_client_connect(server, name, config, provider);
                // Whoever waits for a reply has a deadline of its own.
                let multiplexer =
                    DnsMultiplexer::new(connecting.await?, handle).with_timeout(Duration::MAX);
                let (exchange, background) = DnsExchange::from_stream(multiplexer);
                // Not by the provider, whose last clone would take it along.
                let background = Background(tokio::spawn(background));
                Sender::Tls {
                    exchange,
                    background,
                }
            }
            #[cfg(feature = "https")]
            Protocol::Https { authority, path } => {
                let builder = HttpsClientStream::builder(peer.config.clone(), provider);
                let connecting = builder.build(server, authority.clone(), path.clone());
                Sender::Https(connecting.await?)
            }
        };
        Ok(Self {
            sender,
            runtime: Handle::current().id(),
            heard: Mutex::new(Instant::now()),
        })
    }

    /// Whether another query may go over it, as far as can be known.
    pub(super) fn is_usable(&self) -> bool {
        let is_open = match &self.sender {
            Sender::Tls { background, .. } => !background.0.is_finished(),
            #[cfg(feature = "https")]
            Sender::Https(stream) => {
                let mut context = Context::from_waker(Waker::noop());
                let ready = stream.clone().poll_next_unpin(&mut context);
                !matches!(ready, Poll::Ready(None | Some(Err(_))))
            }
        };
        is_open
            && self.runtime == Handle::current().id()
            && self.heard().elapsed() < Self::MAX_SILENCE
    }

    /// Whether anything came after `instant`.
    pub(super) fn heard_since(&self, instant: Instant) -> bool {
        self.heard() > instant
    }

    fn heard(&self) -> Instant {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a query and waits for its reply, however long.
    pub(super) async fn send(&self, request: DnsRequest) -> Result<DnsResponse, Trouble> {
        let reply = match &self.sender {
            Sender::Tls { exchange, .. } => exchange.send(request).first_answer().await,
            #[cfg(feature = "https")]
            Sender::Https(stream) => stream.clone().send_message(request).first_answer().await,
        };
        let reply = reply.map_err(|error| self.trouble(error));
        if !matches!(reply, Err(Trouble::Connection(_))) {
            *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
        reply
    }

    fn trouble(&self, error: NetError) -> Trouble {
        match error {
            NetError::Proto(_) => Trouble::Reply(error),
            // An HTTP response without a DNS message. Over TLS there is no such thing: what cannot
            // be decoded is passed over there, and words are about the connection.
            #[cfg(feature = "https")]
            NetError::Msg(_)
            | NetError::Decode(_)
            | NetError::ParseInt(_)
            | NetError::RequestTooLarge
                if matches!(self.sender, Sender::Https(_)) =>
            {
                Trouble::Reply(error)
            }
            // Also a timeout: nobody set one, so the stream of replies has ended.
            _ => Trouble::Connection(error),
        }
    }
}

/// Why a query has no reply.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The connection broke.
    Connection(NetError),
    /// What came is no reply. The connection is as good as before.
    Reply(NetError),
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("runtime", &self.runtime)
            .finish_non_exhaustive()
    }
}
