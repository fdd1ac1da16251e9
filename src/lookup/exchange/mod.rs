//! One question to one server: over UDP and, where that is not enough, TCP; or over TLS or HTTPS.

#[cfg(feature = "tls")]
mod connection;
#[cfg(feature = "tls")]
mod encrypted;
mod guard;
mod insist;
mod reply;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::tcp::TcpClientStream;
use hickory_resolver::net::udp::UdpClientStream;
use hickory_resolver::net::xfer::{DnsRequestSender, DnsStreamHandle, FirstAnswer};
use hickory_resolver::proto::ProtoError;
use hickory_resolver::proto::op::{
    DnsRequest, DnsRequestOptions, DnsResponse, Message, OpCode, Query, SerialMessage,
};

use super::{Budget, LookupError};
use crate::dns::{LookupFailure, Question, ReplyMismatch};

#[cfg(feature = "tls")]
pub(crate) use encrypted::{Encrypted, Protocol};
pub(crate) use guard::Guard;
#[cfg(feature = "dnssec")]
pub(crate) use reply::is_crowded;
pub(crate) use reply::{Reply, Rr, hickory_name, owner_name};

use guard::Turn;

/// How a server is asked.
///
/// In plain text every query goes out from a fresh random port, with a fresh id and, over UDP,
/// with the letters of its name in random case. A datagram from elsewhere, with another id or
/// another question is as good as not received: the true reply may still come.
#[derive(Clone)]
pub(crate) struct Exchange {
    flags: Flags,
    channel: Channel,
    udp_timeout: Duration,
    tcp_timeout: Duration,
    guard: Option<Arc<Guard>>,
    // One for all queries. Nothing runs on it: what was spawned on a provider would be aborted
    // with its last clone.
    provider: TokioRuntimeProvider,
}

/// The way to a server.
#[derive(Debug, Clone)]
enum Channel {
    /// UDP, then TCP.
    Plain,
    #[cfg(feature = "tls")]
    Encrypted(Arc<Encrypted>),
}

/// The bits of a query that say how it wants to be answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flags {
    /// RD: a resolver may ask others.
    pub(crate) recursion_desired: bool,
    /// AD: the asker wants to know whether the answer was validated (RFC 6840 §5.7).
    pub(crate) authentic_data: bool,
    /// DO: signatures are wanted.
    pub(crate) dnssec_ok: bool,
    /// CD: what cannot be validated is wanted too.
    pub(crate) checking_disabled: bool,
}

impl Exchange {
    /// EDNS payload: what every path carries without fragments.
    const MAX_PAYLOAD: u16 = 1232;

    pub(crate) fn new() -> Self {
        Self {
            flags: Flags {
                recursion_desired: true,
                authentic_data: false,
                dnssec_ok: false,
                checking_disabled: false,
            },
            channel: Channel::Plain,
            udp_timeout: Duration::from_millis(1500),
            tcp_timeout: Duration::from_secs(3),
            guard: None,
            provider: TokioRuntimeProvider::new(),
        }
    }

    /// Asks over TLS or HTTPS, with connections that clones share.
    #[cfg(feature = "tls")]
    pub(crate) fn encrypted(channel: Encrypted) -> Self {
        Self {
            channel: Channel::Encrypted(Arc::new(channel)),
            ..Self::new()
        }
    }

    /// Whether servers have to show who they are.
    pub(crate) fn is_authenticated(&self) -> bool {
        !matches!(self.channel, Channel::Plain)
    }

    /// How long to wait for a datagram.
    pub(crate) fn with_udp_timeout(mut self, timeout: Duration) -> Self {
        self.udp_timeout = timeout;
        self
    }

    /// How long an exchange over TCP, TLS or HTTPS may take, from the handshake to the last octet.
    pub(crate) fn with_tcp_timeout(mut self, timeout: Duration) -> Self {
        self.tcp_timeout = timeout;
        self
    }

    /// Asks only whom the guard lets pass, and no more often than it allows.
    pub(crate) fn with_guard(mut self, guard: Arc<Guard>) -> Self {
        self.guard = Some(guard);
        self
    }

    /// How the bits of its queries are set.
    pub(crate) fn flags(&self) -> Flags {
        self.flags
    }

    /// Sets these bits in its queries.
    pub(crate) fn with_flags(mut self, flags: Flags) -> Self {
        self.flags = flags;
        self
    }

    /// Asks `server` once, and reads its reply.
    pub(crate) async fn ask(
        &self,
        server: SocketAddr,
        question: &Question,
        budget: &Budget,
    ) -> Result<Reply, LookupError> {
        let name = hickory_name(question.name())?;
        let query = Query::query(name, question.record_type().code().into());
        let reply = self.message(server, &query, budget).await?;
        Ok(Reply::read(&reply, question.name())?)
    }

    /// Asks `server` once: the whole reply, of which nothing is known but that it belongs to the
    /// query.
    pub(crate) async fn message(
        &self,
        server: SocketAddr,
        query: &Query,
        budget: &Budget,
    ) -> Result<DnsResponse, LookupError> {
        match &self.channel {
            Channel::Plain => self.in_plain(server, query, budget).await,
            #[cfg(feature = "tls")]
            Channel::Encrypted(channel) => {
                let request = self.request(query, self.request_options());
                // Boxed, as is TCP: what is asked over UDP carries nothing of it.
                let asking = Box::pin(channel.ask(self, server, &request, budget));
                match asking.await? {
                    reply if reply.metadata.truncation => Err(LookupFailure::Truncated.into()),
                    reply => belonging(reply, query),
                }
            }
        }
    }

    /// A query over TCP follows when the reply is truncated, or when the server does not repeat
    /// the letter case of the name: over TCP no stranger can answer.
    async fn in_plain(
        &self,
        server: SocketAddr,
        query: &Query,
        budget: &Budget,
    ) -> Result<DnsResponse, LookupError> {
        self.admit(server, budget).await?;
        match self.by_datagram(server, query, self.udp_timeout).await? {
            Ok(reply) => Ok(reply),
            Err(why_tcp) => self.instead(server, query, budget, why_tcp).await,
        }
    }

    /// Sends a query that was admitted over UDP, and waits so long for the reply. Inside, why the same
    /// has to be asked over TCP.
    async fn by_datagram(
        &self,
        server: SocketAddr,
        query: &Query,
        wait: Duration,
    ) -> Result<Result<DnsResponse, LookupFailure>, LookupError> {
        Ok(match self.over_udp(server, query, wait).await {
            Ok(reply) if reply.metadata.truncation => Err(LookupFailure::Truncated),
            Ok(reply) => Ok(belonging(reply, query)?),
            Err(NetError::QueryCaseMismatch) => Err(LookupFailure::Mismatch(ReplyMismatch::Case)),
            Err(error) => return Err(LookupError::new(failure(&error), error)),
        })
    }

    /// Asks over TCP what UDP did not bring; where TCP brings nothing, that is the failure.
    async fn instead(
        &self,
        server: SocketAddr,
        query: &Query,
        budget: &Budget,
        why_tcp: LookupFailure,
    ) -> Result<DnsResponse, LookupError> {
        self.admit(server, budget).await?;
        self.by_stream(server, query)
            .await
            .map_err(|error| match error.failure() {
                LookupFailure::Timeout | LookupFailure::Transport => {
                    LookupError::new(why_tcp, error)
                }
                _ => error,
            })
    }

    /// Sends a query that was admitted over TCP alone.
    async fn by_stream(
        &self,
        server: SocketAddr,
        query: &Query,
    ) -> Result<DnsResponse, LookupError> {
        let request = self.request(query, self.request_options());
        match Box::pin(self.over_tcp(server, &request)).await {
            Ok(reply) if reply.metadata.id != request.metadata.id => {
                Err(LookupFailure::Mismatch(ReplyMismatch::Id).into())
            }
            Ok(reply) if reply.metadata.truncation => Err(LookupFailure::Truncated.into()),
            Ok(reply) => belonging(reply, query),
            Err(error) => Err(LookupError::new(failure(&error), error)),
        }
    }

    /// Waits for leave to send a query, and takes it.
    async fn admit(&self, server: SocketAddr, budget: &Budget) -> Result<(), LookupFailure> {
        self.turn(server, budget).await?.spend(budget)
    }

    /// Waits for leave to send a query to this address: the guard's, and that of the rate at which
    /// it is asked. What has nothing left to spend need not wait.
    async fn turn(&self, server: SocketAddr, budget: &Budget) -> Result<Turn<'_>, LookupFailure> {
        budget.check()?;
        match &self.guard {
            Some(guard) => Ok(guard.turn(server)?.come().await),
            None => Ok(Turn::free()),
        }
    }

    async fn over_udp(
        &self,
        server: SocketAddr,
        query: &Query,
        wait: Duration,
    ) -> Result<DnsResponse, NetError> {
        let mut options = self.request_options();
        options.case_randomization = true;
        // Its own retries would repeat the id, and not be counted: there are none.
        options.retry_interval = wait;
        let mut stream = UdpClientStream::builder(server, self.provider.clone())
            .with_timeout(Some(wait))
            .with_max_retries(1)
            .build();
        stream
            .send_message(self.request(query, options))
            .first_answer()
            .await
    }

    /// The stream is driven here, without a multiplexer: that would need a task of its own, looks
    /// at nothing but the id, and waits in silence when a reply cannot be decoded.
    async fn over_tcp(
        &self,
        server: SocketAddr,
        request: &DnsRequest,
    ) -> Result<DnsResponse, NetError> {
        let exchange = async {
            let (connected, mut sender) =
                TcpClientStream::new(server, None, Some(self.tcp_timeout), self.provider.clone());
            let mut stream = connected.await?;
            sender.send(SerialMessage::new(request.to_vec()?, server))?;
            let Some(reply) = stream.next().await else {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            };
            let (octets, _) = reply?.into_parts();
            Ok(DnsResponse::from_buffer(octets)?)
        };
        tokio::time::timeout(self.tcp_timeout, exchange)
            .await
            .unwrap_or(Err(NetError::Timeout))
    }

    fn request(&self, query: &Query, options: DnsRequestOptions) -> DnsRequest {
        let mut request = DnsRequest::from_query(query.clone(), options);
        request.metadata.authentic_data = self.flags.authentic_data;
        request.metadata.checking_disabled = self.flags.checking_disabled;
        if let Some(edns) = request.edns.as_mut().filter(|_| self.flags.dnssec_ok) {
            edns.set_dnssec_ok(true);
        }
        request
    }

    fn request_options(&self) -> DnsRequestOptions {
        let mut options = DnsRequestOptions::default();
        options.recursion_desired = self.flags.recursion_desired;
        options.use_edns = true;
        options.edns_payload_len = Self::MAX_PAYLOAD;
        options
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("flags", &self.flags)
            .field("channel", &self.channel)
            .field("udp_timeout", &self.udp_timeout)
            .field("tcp_timeout", &self.tcp_timeout)
            .finish_non_exhaustive()
    }
}

/// What of a message does not belong to the query. The client has compared the id already, and
/// over UDP the question; both ways end here, so that nothing rests on it alone.
fn mismatch(reply: &Message, query: &Query) -> Option<ReplyMismatch> {
    let asked = matches!(reply.queries.as_slice(), [only] if only == query);
    if reply.metadata.op_code != OpCode::Query || !asked {
        return Some(ReplyMismatch::Question);
    }
    None
}

fn belonging(reply: DnsResponse, query: &Query) -> Result<DnsResponse, LookupError> {
    match mismatch(&reply, query) {
        Some(what) => Err(LookupFailure::Mismatch(what).into()),
        None => Ok(reply),
    }
}

/// What a network error says about the question.
pub(crate) fn failure(error: &NetError) -> LookupFailure {
    match error {
        NetError::Timeout => LookupFailure::Timeout,
        NetError::Truncated => LookupFailure::Truncated,
        NetError::QueryCaseMismatch => LookupFailure::Mismatch(ReplyMismatch::Case),
        NetError::Proto(ProtoError::NotAResponse) => {
            LookupFailure::Mismatch(ReplyMismatch::NotAReply)
        }
        NetError::Proto(_) => LookupFailure::MalformedReply,
        NetError::Io(error) if is_local(error.kind()) => LookupFailure::Unheard,
        NetError::Io(_) | NetError::NoConnections => LookupFailure::Transport,
        _ => LookupFailure::Other,
    }
}

/// Whether an error is of this machine, which had no socket to ask with or was not allowed to: nobody
/// was asked then (S-2).
fn is_local(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as Kind;
    !matches!(
        kind,
        Kind::AddrNotAvailable
            | Kind::BrokenPipe
            | Kind::ConnectionAborted
            | Kind::ConnectionRefused
            | Kind::ConnectionReset
            | Kind::HostUnreachable
            | Kind::InvalidData
            | Kind::NetworkDown
            | Kind::NetworkUnreachable
            | Kind::NotConnected
            | Kind::TimedOut
            | Kind::UnexpectedEof
    )
}
