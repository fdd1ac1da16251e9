//! Validating in the process, with hickory's validator over our own exchange (D-02).
//!
//! One alias is validated at a time: a reply is cut down to what it says of the name that was
//! asked, and the target of an alias is asked again. What is left of a reply is either an RRset
//! with its signatures, or a denial with its proof.

mod island;
mod reply;
mod upstream;
mod verdict;

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]
mod tests;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use hickory_resolver::net::xfer::{DnsHandle, FirstAnswer};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::dnssec;
use hickory_resolver::proto::op::{DnsRequestOptions, Query};
use time::UtcDateTime;

use self::island::Island;
use self::upstream::Upstream;
use self::verdict::{Verdict, Wrong};
use super::signatures::earlier;
use super::trusting::signed;
use super::validation::{Validation, checked};
use super::{HickoryLookup, SetupError, TrustAnchors};
use crate::clock::Clock;
use crate::dns::{Answer, LookupFailure, Question, Security};
use crate::lookup::exchange::{Exchange, Flags, Reply, failure, hickory_name};
use crate::lookup::follow::Walk;
use crate::lookup::{Budget, LookupError};
use crate::system::SystemClock;

impl HickoryLookup {
    /// Validates DNSSEC in this process, starting from these keys (D-02). The servers need not be
    /// trusted, and may be plain resolvers or the servers of the zones; they have to hand out
    /// signatures, which most do.
    ///
    /// * Every query counts, also for keys and delegations: for a record of `example.com` there are
    ///   six instead of one.
    /// * What cannot be validated because a server fails is that failure, and never bogus.
    /// * A name that lies in no anchor's zone is
    ///   [`Indeterminate`](Security::Indeterminate). Over an alias chain the minimum counts.
    /// * Of one reply at most 16 signatures are checked, with at most 4 keys of a tag, and NSEC3
    ///   is hashed at most 50 times over; what needs more is
    ///   [`TooLarge`](LookupFailure::TooLarge) (S-16).
    /// * Some answers from wildcards cannot be verified:
    ///   [`UnverifiedWildcard`](LookupFailure::UnverifiedWildcard).
    ///
    /// [The manual](crate::manual::dnssec) says where it agrees with a validating resolver.
    ///
    /// ```
    /// use dcv::lookup::HickoryLookup;
    /// use dcv::lookup::hickory::TrustAnchors;
    ///
    /// let lookup = HickoryLookup::from_servers(["192.0.2.53:53".parse()?])?
    ///     .validating(TrustAnchors::iana())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SetupError::TrustAnchors`] when nothing can be started from these keys.
    pub fn validating(mut self, anchors: TrustAnchors) -> Result<Self, SetupError> {
        let flags = Flags {
            authentic_data: false,
            dnssec_ok: true,
            // What a resolver on the way calls bogus is for us to see (RFC 6840 §5.9).
            checking_disabled: true,
            ..self.exchange.flags()
        };
        self.validation = Validation::in_process(Start::new(anchors)?);
        self.exchange = self.exchange.with_flags(flags);
        Ok(self)
    }
}

/// Where validation starts.
pub(super) struct Start {
    anchors: TrustAnchors,
    root: Arc<dnssec::TrustAnchors>,
    island: Arc<Island>,
}

impl Start {
    fn new(anchors: TrustAnchors) -> Result<Self, SetupError> {
        let mut root = dnssec::TrustAnchors::empty();
        for key in anchors.keys_of(&crate::name::OwnerName::root()) {
            root.insert(key.public_key());
        }
        let island =
            Island::new(&anchors).map_err(|error| SetupError::TrustAnchors(error.into()))?;
        Ok(Self {
            anchors,
            root: Arc::new(root),
            island: Arc::new(island),
        })
    }
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.anchors.fmt(f)
    }
}

/// The most that the validator is let do (S-16); its replies are [measured](reply) before.
const MAX_NSEC3_ITERATIONS: u16 = 50;

/// How many RRsets it remembers, within one lookup.
const REMEMBERED: usize = 256;

/// Asks `server`, and again for the target of each alias.
pub(super) async fn follow(
    start: &Start,
    exchange: &Exchange,
    server: SocketAddr,
    question: &Question,
    budget: &Budget,
) -> Result<Answer, LookupError> {
    let now = SystemClock::new().now();
    let upstream = Upstream::new(exchange.clone(), server, budget.clone());
    let mut walk = Walk::new(question.clone());
    let mut found = Verdict {
        security: Security::Secure,
        signed_until: None,
    };
    loop {
        let question = walk.question();
        let (reply, verdict) = match start.anchors.zone_of(question.name()) {
            Some(zone) if zone.is_root() => {
                let anchors = Arc::clone(&start.root);
                ask(upstream.clone(), anchors, question, now).await?
            }
            Some(_) => {
                let anchors = start.island.trust();
                let island = upstream.clone().with_island(Arc::clone(&start.island));
                ask(island, anchors, question, now).await?
            }
            None => {
                let reply = checked(exchange).ask(server, question, budget).await?;
                (reply, Verdict::NOT_ANCHORED)
            }
        };
        found.security = found.security.min(verdict.security);
        found.signed_until = earlier(found.signed_until, verdict.signed_until);
        if let Some(outcome) = walk.take(reply)? {
            let answer = walk.into_answer(outcome).with_security(found.security);
            return Ok(signed(answer, found.signed_until));
        }
    }
}

/// One question, and what is to be thought of the reply.
async fn ask(
    upstream: Upstream,
    anchors: Arc<dnssec::TrustAnchors>,
    question: &Question,
    now: UtcDateTime,
) -> Result<(Reply, Verdict), LookupError> {
    let name = hickory_name(question.name())?;
    let query = Query::query(name, question.record_type().code().into());
    let validator = dnssec_handle(upstream.clone(), anchors);
    let asked = validator.lookup(query, DnsRequestOptions::default());
    let (message, denial) = match asked.first_answer().await {
        Ok(message) => (message, None),
        Err(NetError::Dns(DnsError::Nsec {
            response, proof, ..
        })) => (*response, Some(proof)),
        Err(error) => {
            let failed = upstream.failure();
            return Err(failed.unwrap_or_else(|| LookupError::new(failure(&error), error)));
        }
    };
    let reply = Reply::read(&message, question.name())?;
    let failed = upstream.failure();
    match verdict::judge(&message, denial, now) {
        Ok(verdict) => Ok((reply, verdict)),
        // A key that could not be had looks to the validator like one that is wrong.
        Err(wrong) => Err(failed.unwrap_or_else(|| {
            LookupError::from(match wrong {
                Wrong::Bogus => LookupFailure::Bogus {
                    extended: reply.extended_errors,
                },
                Wrong::Wildcard => LookupFailure::UnverifiedWildcard,
            })
        })),
    }
}

fn dnssec_handle(
    upstream: Upstream,
    anchors: Arc<dnssec::TrustAnchors>,
) -> hickory_resolver::net::dnssec::DnssecDnsHandle<Upstream> {
    hickory_resolver::net::dnssec::DnssecDnsHandle::with_trust_anchor(upstream, anchors)
        .nsec3_iteration_limits(Some(MAX_NSEC3_ITERATIONS), Some(MAX_NSEC3_ITERATIONS))
        .validation_cache_size(REMEMBERED)
}
