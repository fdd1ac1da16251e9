//! Asking a server in full: as often, and for as long, as it takes to say that it is silent (S-2).

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use hickory_resolver::proto::op::{DnsResponse, Query};
use tokio::time::sleep;

use super::Exchange;
use crate::dns::LookupFailure;
use crate::lookup::{Budget, LookupError};

type Try<'a> = BoxFuture<'a, Result<DnsResponse, LookupError>>;

impl Exchange {
    /// How often a server is asked before it counts as silent: twice over UDP, once over TCP.
    const TRIES: u32 = 3;

    /// How long a server is waited for in all before it counts as silent.
    pub(crate) fn full_wait(&self) -> Duration {
        let datagrams = self.udp_timeout.saturating_mul(Self::TRIES - 1);
        datagrams.saturating_add(self.tcp_timeout)
    }

    /// How long a datagram is waited for before the next is sent.
    pub(crate) fn udp_timeout(&self) -> Duration {
        self.udp_timeout
    }

    /// Asks `server` until it replies: over UDP, once more when that was waited for in vain, and
    /// over TCP after that. A datagram is listened to until `within` is over, so that a slow server is
    /// heard and a lost datagram silences nobody; TCP begins early enough to be waited for to its end.
    ///
    /// # Errors
    ///
    /// [`LookupFailure::Timeout`] says that all tries were made and waited for to their end, and that
    /// nothing came back. Where one of them could not be made for reasons of ours, that is the
    /// failure: whom we did not ask is not silent (S-2).
    pub(crate) async fn insist(
        &self,
        server: SocketAddr,
        query: &Query,
        budget: &Budget,
        within: Duration,
    ) -> Result<DnsResponse, LookupError> {
        let pause = within.saturating_sub(self.tcp_timeout) / (Self::TRIES - 1);
        // The wait for our turn is no silence of the server, and takes nothing from its time.
        self.admit(server, budget).await?;
        let tries = (0..Self::TRIES).map(|number| {
            let after = pause.saturating_mul(number);
            async move {
                if number > 0 {
                    sleep(after).await;
                    self.admit(server, budget).await?;
                }
                if number + 1 == Self::TRIES {
                    let reply = self.by_stream(server, query).await;
                    // A connection that is refused, or ends without a reply, brought nothing.
                    return reply.map_err(|error| match error.failure() {
                        LookupFailure::Transport => LookupError::new(LookupFailure::Timeout, error),
                        _ => error,
                    });
                }
                let wait = within.saturating_sub(after);
                match self.by_datagram(server, query, wait).await? {
                    Ok(reply) => Ok(reply),
                    Err(why_tcp) => self.instead(server, query, budget, why_tcp).await,
                }
            }
            .boxed()
        });
        let mut tries: FuturesUnordered<Try<'_>> = tries.collect();
        let (mut ours, mut silence) = (None, None);
        while let Some(result) = tries.next().await {
            match result {
                Ok(reply) => return Ok(reply),
                Err(error) => match Weight::of(&error) {
                    Weight::Conclusive => return Err(error),
                    Weight::Ours => ours = ours.or(Some(error)),
                    Weight::Silence => silence = silence.or(Some(error)),
                },
            }
        }
        let failure = ours.or(silence);
        Err(failure.unwrap_or_else(|| LookupFailure::Timeout.into()))
    }
}

/// What the failure of one try says of the others.
enum Weight {
    /// Something came back, or nothing ever will from this address: another try tells no more.
    Conclusive,
    /// We did not ask.
    Ours,
    /// Nothing came back yet.
    Silence,
}

impl Weight {
    fn of(error: &LookupError) -> Self {
        match error.failure() {
            LookupFailure::Timeout => Self::Silence,
            LookupFailure::Throttled | LookupFailure::BudgetExhausted | LookupFailure::Unheard => {
                Self::Ours
            }
            _ => Self::Conclusive,
        }
    }
}
