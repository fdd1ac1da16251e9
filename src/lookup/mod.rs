//! Looking: the seams to the DNS, and what stands behind them.
//!
//! | Trait | Who implements it |
//! |---|---|
//! | [`TxtLookup`] | you, to bring a resolver of your own: one method, TXT only |
//! | [`DnsLookup`] | lookups that can ask for any type and count their queries |
//! | [`Observer`] | whatever a [`DnsVerifier`](crate::verify::DnsVerifier) looks through: one or several [perspectives](crate::dns::Perspective) at once |
//!
//! [`TxtObserver`] and [`DnsObserver`] make an observer of either lookup. [`FixedLookup`] answers
//! from a map, for tests. With the feature `resolver`, [`HickoryLookup`] asks real servers.
//!
//! # Bringing a resolver
//!
//! Implement [`TxtLookup`] over whatever can look up TXT records: the client of a DNS proxy, an API
//! over HTTPS, the zone database of a hosting service. What matters is to tell three things apart:
//!
//! | What came back | What it becomes |
//! |---|---|
//! | records | [`Outcome::Records`](crate::dns::Outcome::Records), all of them, as octets |
//! | "there is no such name", or no TXT record at it | [`Outcome::Absent`](crate::dns::Outcome::Absent), with the SOA that came with it |
//! | anything else | a [`LookupFailure`]: it proves nothing and disproves nothing |
//!
//! ```
//! use async_trait::async_trait;
//! use dcv::Dcv;
//! use dcv::dns::{Answer, Group, LookupFailure, Outcome, Perspective, Soa};
//! use dcv::lookup::{LookupError, TxtLookup, TxtObserver};
//! use dcv::name::OwnerName;
//! use dcv::policy::Policy;
//! # use std::time::Duration;
//! # #[derive(Debug)]
//! # struct Client;
//! # #[derive(Debug)]
//! # struct ClientError;
//! # impl std::fmt::Display for ClientError {
//! #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("client") }
//! # }
//! # impl std::error::Error for ClientError {}
//! # enum Reply { Records(Vec<Vec<u8>>), NoSuchName { zone: String, serial: u32 }, Code(u16) }
//! # impl Client {
//! #     async fn txt(&self, _: &str) -> Result<Reply, ClientError> { Err(ClientError) }
//! # }
//!
//! /// A client that you have already.
//! #[derive(Debug)]
//! struct MyLookup(Client);
//!
//! #[async_trait]
//! impl TxtLookup for MyLookup {
//!     async fn lookup_txt(&self, name: &OwnerName) -> Result<Answer, LookupError> {
//!         let reply = self.0.txt(&name.to_string()).await;
//!         match reply.map_err(|error| LookupError::new(LookupFailure::Transport, error))? {
//!             Reply::Records(values) => Ok(Answer::txt(values)),
//!             Reply::NoSuchName { zone, serial } => {
//!                 let zone = OwnerName::parse(&zone);
//!                 let zone = zone.map_err(|error| LookupError::new(LookupFailure::Other, error))?;
//!                 let soa = Soa::new(zone, serial, 300, 300);
//!                 Ok(Answer::new(Outcome::nx_domain(Some(soa))))
//!             }
//!             Reply::Code(rcode) => Err(LookupFailure::server(rcode).into()),
//!         }
//!     }
//! }
//!
//! # #[derive(Debug)]
//! # struct MyTimer;
//! # #[async_trait]
//! # impl dcv::system::Timer for MyTimer { async fn sleep(&self, _: Duration) {} }
//! # let my_timer = MyTimer;
//! // Whose eyes these are: its operator is what a quorum counts.
//! let perspective = Perspective::new("my-resolver".parse()?)
//!     .with_group(Group::Operator("example-saas".parse()?));
//! let dcv = Dcv::builder("example-saas")?
//!     .observer(TxtObserver::new(perspective, MyLookup(Client)))
//!     .policy(Policy::single_resolver())
//!     .timer(my_timer) // not needed with the feature `resolver`
//!     .build()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With one perspective, whoever controls it can prove anything: give several lookups of different
//! operators, one observer each, and leave the policy at its default. The suite of the feature
//! `conformance` checks a lookup against a zone; the example `own_lookup` is a whole program.

mod adapt;
#[cfg(feature = "resolver")]
mod address;
#[cfg(feature = "resolver")]
mod authoritative;
mod budget;
mod error;
#[cfg(feature = "resolver")]
mod exchange;
mod fixed;
#[cfg(feature = "resolver")]
mod follow;
#[cfg(feature = "resolver")]
pub mod hickory;
mod rate;

use async_trait::async_trait;
use time::UtcDateTime;

use crate::clock::Clock;
use crate::dns::{
    Answer, LookupFailure, NameServer, Observation, Perspective, PerspectiveId, Purpose, Question,
};
use crate::name::OwnerName;

pub use adapt::{DnsObserver, TxtObserver};
#[cfg(feature = "resolver")]
pub use address::{AddressFilter, AddressRange, AddressRangeError};
#[cfg(feature = "resolver")]
pub use authoritative::AuthoritativeLookup;
pub use budget::Budget;
pub use error::LookupError;
pub use fixed::FixedLookup;
#[cfg(feature = "resolver")]
pub use hickory::HickoryLookup;
pub(crate) use rate::Buckets;
pub use rate::Rate;

/// Looks up the TXT records of a name: the easy seam, for bringing a resolver of your own.
///
/// An implementation follows aliases by itself and reports them in the answer. It must
///
/// * ask for the name as it is, absolute, without a search list (X-07);
/// * tell a negative answer, with the SOA of its authority section ([`Answer`]), from a failure
///   ([`LookupError`]): a lookup that cannot show the SOA never disproves anything;
/// * hand over the octets of every record, a neighbour's in any encoding too, with the
///   character-strings of a record kept together (X-02, X-03), however many there are (S-16);
/// * use no cache of its own.
///
/// The suite in [`conformance`](crate#features) checks an implementation.
#[async_trait]
pub trait TxtLookup: std::fmt::Debug + Send + Sync {
    /// Looks up the TXT records of `name`.
    ///
    /// # Errors
    ///
    /// [`LookupError`] when there is neither a positive nor a negative answer.
    async fn lookup_txt(&self, name: &OwnerName) -> Result<Answer, LookupError>;
}

/// Asks any question, and spends its queries from a [`Budget`].
#[async_trait]
pub trait DnsLookup: TxtLookup {
    /// Asks `question`. Every query that goes out, retries too, is first taken from `budget`.
    ///
    /// # Errors
    ///
    /// [`LookupError`] when there is neither a positive nor a negative answer.
    async fn lookup(&self, question: &Question, budget: &Budget) -> Result<Answer, LookupError>;

    /// Asks `question` of a resolver that is told not to check DNSSEC (CD). What comes back may be
    /// forged: it helps to explain a failure, and is used for nothing else. Spends from `budget` as
    /// [`lookup`](Self::lookup) does.
    ///
    /// # Errors
    ///
    /// [`LookupFailure::Unsupported`] unless implemented; otherwise as [`lookup`](Self::lookup).
    async fn lookup_unchecked(
        &self,
        question: &Question,
        budget: &Budget,
    ) -> Result<Answer, LookupError> {
        let _ = (question, budget);
        Err(LookupFailure::Unsupported.into())
    }
}

/// Looks through one or several perspectives.
#[async_trait]
pub trait Observer: std::fmt::Debug + Send + Sync {
    /// The perspectives it looks through. Fixed for its lifetime.
    fn perspectives(&self) -> Vec<Perspective>;

    /// Asks `question` through each of its perspectives and [records](Look::record) what each
    /// saw. Failures are observations too.
    async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation>;
}

/// One look of a running verification: what an [`Observer`] works with, and the only thing that
/// makes live observations (S-4). Only a verifier has one.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    clock: &'a dyn Clock,
    budget: &'a Budget,
    purpose: Purpose,
    attempt: u32,
    servers: &'a [OwnerName],
}

impl<'a> Look<'a> {
    pub(crate) fn new(
        clock: &'a dyn Clock,
        budget: &'a Budget,
        purpose: Purpose,
        attempt: u32,
    ) -> Self {
        Self {
            clock,
            budget,
            purpose,
            attempt,
            servers: &[],
        }
    }

    /// The same at these name servers, whoever delegates to them.
    pub(crate) fn at(mut self, servers: &'a [OwnerName]) -> Self {
        self.servers = servers;
        self
    }

    /// The name servers to ask, whoever delegates to them; empty where those count that the domain
    /// is delegated to. Only the probes of a diagnosis name any.
    #[must_use]
    pub fn servers(&self) -> &'a [OwnerName] {
        self.servers
    }

    /// The time now, by the verification's clock.
    #[must_use]
    pub fn now(&self) -> UtcDateTime {
        self.clock.now()
    }

    /// What may still be spent.
    #[must_use]
    pub fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// Why it looks.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Records what a perspective saw since `started_at` until now.
    #[must_use]
    pub fn record(
        &self,
        perspective: &PerspectiveId,
        question: &Question,
        started_at: UtcDateTime,
        result: Result<Answer, LookupFailure>,
    ) -> Observation {
        let during = (started_at, self.now());
        self.seen(perspective, question, during, result)
            .live(self.attempt)
    }

    /// Records what a perspective saw at one of the zone's own servers, from the first instant to
    /// the second. A second one in the future counts as now.
    #[must_use]
    pub fn record_at(
        &self,
        perspective: &PerspectiveId,
        server: NameServer,
        question: &Question,
        (started_at, finished_at): (UtcDateTime, UtcDateTime),
        result: Result<Answer, LookupFailure>,
    ) -> Observation {
        let during = (started_at, finished_at.min(self.now()));
        self.seen(perspective, question, during, result)
            .with_server(server)
            .live(self.attempt)
    }

    fn seen(
        &self,
        perspective: &PerspectiveId,
        question: &Question,
        (started_at, finished_at): (UtcDateTime, UtcDateTime),
        result: Result<Answer, LookupFailure>,
    ) -> Observation {
        let (perspective, question) = (perspective.clone(), question.clone());
        Observation::replayed(
            perspective,
            question,
            self.purpose,
            started_at,
            finished_at,
            result,
        )
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<T: TxtLookup + ?Sized> TxtLookup for $pointer {
            async fn lookup_txt(&self, name: &OwnerName) -> Result<Answer, LookupError> {
                (**self).lookup_txt(name).await
            }
        }

        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<T: DnsLookup + ?Sized> DnsLookup for $pointer {
            async fn lookup(
                &self,
                question: &Question,
                budget: &Budget,
            ) -> Result<Answer, LookupError> {
                (**self).lookup(question, budget).await
            }

            async fn lookup_unchecked(
                &self,
                question: &Question,
                budget: &Budget,
            ) -> Result<Answer, LookupError> {
                (**self).lookup_unchecked(question, budget).await
            }
        }

        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<T: Observer + ?Sized> Observer for $pointer {
            fn perspectives(&self) -> Vec<Perspective> {
                (**self).perspectives()
            }

            async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation> {
                (**self).observe(question, look).await
            }
        }
    )+};
}

forward!(&T, Box<T>, std::sync::Arc<T>);
