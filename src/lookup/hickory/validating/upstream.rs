//! The way of the validator's queries.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::lock;
use futures_util::stream::{self, Stream};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::DnsHandle;
use hickory_resolver::proto::op::{DnsRequest, DnsResponse, Query};

use super::island::{Island, Known, response};
use super::reply;
use crate::dns::LookupFailure;
use crate::lookup::exchange::{Exchange, Reply};
use crate::lookup::{Budget, LookupError};
use crate::name::OwnerName;

/// Asks one server for whatever the validator of one lookup needs. Every query is taken from the
/// budget, and none is asked twice: the validator would ask for the same key with every RRset.
#[derive(Clone)]
pub(super) struct Upstream {
    exchange: Exchange,
    server: SocketAddr,
    budget: Budget,
    island: Option<Arc<Island>>,
    asked: Arc<lock::Mutex<HashMap<Query, Result<DnsResponse, LookupFailure>>>>,
    failure: Arc<Mutex<Option<LookupError>>>,
}

impl Upstream {
    pub(super) fn new(exchange: Exchange, server: SocketAddr, budget: Budget) -> Self {
        Self {
            exchange,
            server,
            budget,
            island: None,
            asked: Arc::default(),
            failure: Arc::default(),
        }
    }

    /// The same, below a root of our own.
    pub(super) fn with_island(mut self, island: Arc<Island>) -> Self {
        self.island = Some(island);
        self
    }

    /// Why the first query failed of those since this was asked last.
    pub(super) fn failure(&self) -> Option<LookupError> {
        self.lock_failure().take()
    }

    fn lock_failure(&self) -> MutexGuard<'_, Option<LookupError>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn reply(&self, request: DnsRequest) -> Result<DnsResponse, NetError> {
        let [query] = request.queries.as_slice() else {
            return Err(NetError::from("one question at a time"));
        };
        if let Some(island) = &self.island {
            match island.knows(query)? {
                Known::Here(message) => return Ok(response(message)?),
                Known::Nowhere => return Err(NetError::from("no trust anchor encloses the name")),
                Known::Below => {}
            }
        }
        // Held while the query is under way, so that another for the same waits for it.
        let mut asked = self.asked.lock().await;
        let error = match asked.get(query) {
            Some(Ok(known)) => return Ok(known.clone()),
            Some(Err(failure)) => LookupError::from(failure.clone()),
            None => match self.ask(query).await {
                Ok(found) => {
                    asked.insert(query.clone(), Ok(found.clone()));
                    return Ok(found);
                }
                Err(error) => {
                    asked.insert(query.clone(), Err(error.failure().clone()));
                    error
                }
            },
        };
        self.lock_failure().get_or_insert(error);
        Err(NetError::from("the server brought no answer"))
    }

    async fn ask(&self, query: &Query) -> Result<DnsResponse, LookupError> {
        let mut found = self
            .exchange
            .message(self.server, query, &self.budget)
            .await?;
        let rcode = u16::from(found.metadata.response_code);
        if !matches!(rcode, NO_ERROR | NX_DOMAIN) {
            let extended = Reply::read(&found, &OwnerName::root())?.extended_errors;
            return Err(LookupFailure::Server { rcode, extended }.into());
        }
        reply::cut(&mut found, query)?;
        reply::measure(&found)?;
        Ok(found)
    }
}

const NO_ERROR: u16 = 0;
const NX_DOMAIN: u16 = 3;

impl DnsHandle for Upstream {
    type Response = Pin<Box<dyn Stream<Item = Result<DnsResponse, NetError>> + Send>>;
    type Runtime = TokioRuntimeProvider;

    fn send(&self, request: DnsRequest) -> Self::Response {
        let this = self.clone();
        Box::pin(stream::once(async move { this.reply(request).await }))
    }
}
