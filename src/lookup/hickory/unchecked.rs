//! Asking for what does not validate, to explain why.

use std::net::SocketAddr;

use super::{signatures, trusting};
use crate::clock::Clock as _;
use crate::dns::{Answer, Question};
use crate::lookup::exchange::{Exchange, Flags};
use crate::lookup::follow::Walk;
use crate::lookup::{Budget, LookupError};
use crate::system::SystemClock;

/// Asks `server` with CD=1, and again for the target where a reply's aliases lead out of what it
/// says. Signatures are wanted, because they say when they expired; nothing is made of AD.
pub(super) async fn follow(
    exchange: &Exchange,
    server: SocketAddr,
    question: &Question,
    budget: &Budget,
) -> Result<Answer, LookupError> {
    let flags = Flags {
        authentic_data: false,
        dnssec_ok: true,
        checking_disabled: true,
        ..exchange.flags()
    };
    let exchange = exchange.clone().with_flags(flags);
    let mut walk = Walk::new(question.clone());
    let mut signed_until = None;
    loop {
        let reply = exchange.ask(server, walk.question(), budget).await?;
        let expiry = signatures::first_expiry(&reply.records, SystemClock::new().now());
        signed_until = signatures::earlier(signed_until, expiry);
        if let Some(outcome) = walk.take(reply)? {
            return Ok(trusting::signed(walk.into_answer(outcome), signed_until));
        }
    }
}
