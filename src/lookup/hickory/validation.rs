//! What vouches for the answers of a lookup.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(feature = "dnssec")]
use super::validating::{self, Start};
use super::{trusting, unchecked};
use crate::dns::{Answer, Question};
use crate::lookup::exchange::{Exchange, Flags};
use crate::lookup::follow::follow;
use crate::lookup::{Budget, LookupError};

/// Who validates, and whether that is still believed. Clones share what the last check found.
#[derive(Debug, Clone, Default)]
pub(super) struct Validation {
    by: By,
    downgraded: Arc<AtomicBool>,
}

#[derive(Debug, Clone, Default)]
enum By {
    #[default]
    Nobody,
    /// Nobody, not even a resolver on the way.
    Disabled,
    /// The servers that are asked, by the AD bit.
    Upstream,
    /// This process.
    #[cfg(feature = "dnssec")]
    Us(Arc<Start>),
}

impl Validation {
    /// For explaining failures only.
    pub(super) fn disabled() -> Self {
        Self::by(By::Disabled)
    }

    pub(super) fn upstream() -> Self {
        Self::by(By::Upstream)
    }

    #[cfg(feature = "dnssec")]
    pub(super) fn in_process(start: Start) -> Self {
        Self::by(By::Us(Arc::new(start)))
    }

    fn by(by: By) -> Self {
        Self {
            by,
            downgraded: Arc::default(),
        }
    }

    /// Whether anybody validates. A failed check changes nothing about that: it shows in the
    /// answers.
    pub(super) fn is_any(&self) -> bool {
        !matches!(self.by, By::Nobody | By::Disabled)
    }

    /// From now on, also for clones: whether the answers are as good as not validated.
    pub(super) fn downgrade(&self, downgraded: bool) {
        self.downgraded.store(downgraded, Ordering::Release);
    }

    pub(super) fn is_downgraded(&self) -> bool {
        self.downgraded.load(Ordering::Acquire)
    }

    pub(super) async fn follow(
        &self,
        exchange: &Exchange,
        server: SocketAddr,
        question: &Question,
        budget: &Budget,
    ) -> Result<Answer, LookupError> {
        if self.is_downgraded() {
            return follow(&checked(exchange), server, question, budget).await;
        }
        match &self.by {
            By::Nobody => follow(exchange, server, question, budget).await,
            // Boxed, so that whoever does not validate carries nothing of it.
            By::Disabled => Box::pin(unchecked::follow(exchange, server, question, budget)).await,
            By::Upstream => Box::pin(trusting::follow(exchange, server, question, budget)).await,
            #[cfg(feature = "dnssec")]
            By::Us(start) => {
                Box::pin(validating::follow(
                    start, exchange, server, question, budget,
                ))
                .await
            }
        }
    }

    /// The same, as if no check had failed.
    pub(super) fn undoubted(&self) -> Self {
        Self::by(self.by.clone())
    }
}

/// The same exchange with CD=0. Where we do not validate, a resolver on the way that does must not
/// be told to hand out what it calls bogus (S-11, D-03).
pub(super) fn checked(exchange: &Exchange) -> Exchange {
    let flags = Flags {
        checking_disabled: false,
        ..exchange.flags()
    };
    exchange.clone().with_flags(flags)
}
