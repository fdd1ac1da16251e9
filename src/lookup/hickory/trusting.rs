//! Trusting the validation of the resolver that is asked (S-11).

use std::net::SocketAddr;

use hickory_resolver::proto::op::Query;
use time::UtcDateTime;

use super::validation::Validation;
use super::{HickoryLookup, SetupError, signatures};
use crate::clock::Clock;
use crate::dns::{Answer, ExtendedError, LookupFailure, Perspective, Question, Security, Trust};
use crate::lookup::exchange::{Exchange, Flags, Reply, hickory_name};
use crate::lookup::follow::Walk;
use crate::lookup::{Budget, DnsObserver, LookupError};
use crate::system::SystemClock;

/// Why nobody can stand between us and a resolver whose validation is trusted (S-11).
///
/// It is said by whoever sets the lookup up, and never read from an address or from the system's
/// configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustedPath {
    /// The resolver runs on this machine: every server's address is a loopback address, and
    /// nobody else can answer there.
    Loopback,
    /// The servers are asked over TLS or HTTPS, and show a certificate in their name.
    Authenticated,
    /// The path is protected by other means, such as IPsec or a private link to the next machine.
    /// Nothing of it can be checked from here: it is your word.
    Stated,
}

impl HickoryLookup {
    /// Trusts the servers to validate DNSSEC, and asks them what they found: the AD bit (D-02,
    /// S-11).
    ///
    /// * With the AD bit an answer is [`Secure`](Security::Secure); without it
    ///   [`Indeterminate`](Security::Indeterminate), because a resolver does not say whether the
    ///   zone is provably unsigned. Over an alias chain of several replies the minimum counts.
    /// * SERVFAIL is [`Bogus`](LookupFailure::Bogus) when an extended error says so, or when the
    ///   same question brings an answer as soon as the checking is disabled, and SERVFAIL again
    ///   with it. What came without checking is used for nothing else (D-03).
    /// * The answer says when the first of its signatures [expires](Answer::signed_until).
    ///
    /// Call [`self_check`](Self::self_check) before it matters, and from time to time: a resolver
    /// that does not validate looks like one in a world without signatures.
    ///
    /// ```
    /// use dcv::dns::Perspective;
    /// use dcv::lookup::HickoryLookup;
    /// use dcv::lookup::hickory::TrustedPath;
    ///
    /// let lookup = HickoryLookup::from_servers(["127.0.0.1:53".parse()?])?
    ///     .trusting_validation(TrustedPath::Loopback)?;
    /// let observer = lookup.observe_as(Perspective::new("unbound".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SetupError::NotLoopback`] and [`SetupError::NotAuthenticated`] when the lookup's servers
    /// show that the path is not what it is said to be.
    pub fn trusting_validation(mut self, path: TrustedPath) -> Result<Self, SetupError> {
        match path {
            TrustedPath::Loopback => {
                let mut servers = self.servers().iter();
                if let Some(server) = servers.find(|at| !at.ip().to_canonical().is_loopback()) {
                    return Err(SetupError::NotLoopback { server: *server });
                }
            }
            TrustedPath::Authenticated if !self.exchange.is_authenticated() => {
                return Err(SetupError::NotAuthenticated);
            }
            TrustedPath::Authenticated | TrustedPath::Stated => {}
        }
        let flags = Flags {
            authentic_data: true,
            dnssec_ok: true,
            checking_disabled: false,
            ..self.exchange.flags()
        };
        self.exchange = self.exchange.with_flags(flags);
        self.validation = Validation::upstream();
        Ok(self)
    }

    /// This lookup as the eyes of a perspective. How it is reached is known from the lookup, and its
    /// [trust](Perspective::trust) is what the lookup was made for: [`Validating`](Trust::Validating) after
    /// [`trusting_validation`](Self::trusting_validation) or, with the feature `dnssec`,
    /// `validating`, and [`Untrusted`](Trust::Untrusted) otherwise.
    #[must_use]
    pub fn observe_as(self, perspective: Perspective) -> DnsObserver<Self> {
        let perspective = perspective.with_transport(self.transport());
        let trust = if self.validation.is_any() {
            Trust::Validating
        } else {
            Trust::Untrusted
        };
        DnsObserver::new(perspective.with_trust(trust), self)
    }
}

/// Asks `server`, and again for the target where a reply's aliases lead out of what it says.
pub(super) async fn follow(
    exchange: &Exchange,
    server: SocketAddr,
    question: &Question,
    budget: &Budget,
) -> Result<Answer, LookupError> {
    let mut walk = Walk::new(question.clone());
    let mut security = Security::Secure;
    let mut signed_until = None;
    loop {
        let (reply, authentic) = ask(exchange, server, walk.question(), budget).await?;
        let now = SystemClock::new().now();
        security = security.min(vouched(authentic));
        signed_until =
            signatures::earlier(signed_until, signatures::first_expiry(&reply.records, now));
        if let Some(outcome) = walk.take(reply)? {
            let answer = walk.into_answer(outcome).with_security(security);
            return Ok(signed(answer, signed_until));
        }
    }
}

/// An answer with the end of its signatures, where it has any.
pub(super) fn signed(answer: Answer, until: Option<UtcDateTime>) -> Answer {
    match until {
        Some(until) => answer.with_signed_until(until),
        None => answer,
    }
}

/// What the AD bit, or its absence, says.
fn vouched(authentic: bool) -> Security {
    if authentic {
        Security::Secure
    } else {
        Security::Indeterminate
    }
}

/// One question, and with it the AD bit of the reply. SERVFAIL is looked into.
async fn ask(
    exchange: &Exchange,
    server: SocketAddr,
    question: &Question,
    budget: &Budget,
) -> Result<(Reply, bool), LookupError> {
    let name = hickory_name(question.name())?;
    let query = Query::query(name, question.record_type().code().into());
    let ask = async |exchange: &Exchange| -> Result<(Reply, bool), LookupError> {
        let message = exchange.message(server, &query, budget).await?;
        let reply = Reply::read(&message, question.name())?;
        Ok((reply, message.metadata.authentic_data))
    };
    let first = ask(exchange).await?;
    if first.0.rcode != SERVER_FAILURE {
        return Ok(first);
    }
    match explanation(&first.0.extended_errors) {
        Explanation::Bogus => return Err(bogus(first.0)),
        Explanation::Other => return Ok(first),
        Explanation::None => {}
    }
    let flags = Flags {
        checking_disabled: true,
        ..exchange.flags()
    };
    match ask(&exchange.clone().with_flags(flags)).await {
        Ok((unchecked, _)) if matches!(unchecked.rcode, NO_ERROR | NX_DOMAIN) => {}
        Err(error) if *error.failure() == LookupFailure::BudgetExhausted => return Err(error),
        // It fails without checking too: signatures are not the reason.
        _ => return Ok(first),
    }
    // It may only have recovered meanwhile.
    let again = ask(exchange).await?;
    if again.0.rcode == SERVER_FAILURE
        && explanation(&again.0.extended_errors) != Explanation::Other
    {
        return Err(bogus(again.0));
    }
    Ok(again)
}

const NO_ERROR: u16 = 0;
const SERVER_FAILURE: u16 = 2;
const NX_DOMAIN: u16 = 3;

fn bogus(reply: Reply) -> LookupError {
    let extended = reply.extended_errors;
    LookupFailure::Bogus { extended }.into()
}

/// What the extended errors of a SERVFAIL say of its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Explanation {
    /// Signatures that are wrong.
    Bogus,
    /// DNSSEC, but not that anything is wrong: what the resolver does not support, or cannot
    /// determine.
    Other,
    /// Nothing about DNSSEC.
    None,
}

/// RFC 8914 §4: what is wrong with signatures outweighs what could not be determined.
fn explanation(errors: &[ExtendedError]) -> Explanation {
    let says = |codes: fn(u16) -> bool| errors.iter().any(|error| codes(error.code()));
    if says(|code| matches!(code, 6..=12 | 25)) {
        Explanation::Bogus
    } else if says(|code| matches!(code, 1 | 2 | 5 | 27)) {
        Explanation::Other
    } else {
        Explanation::None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use super::*;
    use crate::dns::Transport;

    // D-03: which extended errors of a SERVFAIL say that signatures are wrong.
    #[test]
    fn extended_errors_are_explained() {
        let of = |codes: &[u16]| {
            let errors: Vec<_> = codes
                .iter()
                .map(|code| ExtendedError::new(*code, b""))
                .collect();
            explanation(&errors)
        };
        for code in 0..=40 {
            let expected = match code {
                6 | 7 | 8 | 9 | 10 | 11 | 12 | 25 => Explanation::Bogus,
                1 | 2 | 5 | 27 => Explanation::Other,
                _ => Explanation::None,
            };
            assert_eq!(of(&[code]), expected, "{code}");
        }
        assert_eq!(of(&[]), Explanation::None);
        assert_eq!(of(&[5, 22, 9]), Explanation::Bogus);
        assert_eq!(of(&[22, 5]), Explanation::Other);
    }

    // S-11: trust is a statement, and where the statement can be checked it is.
    #[test]
    fn trust_is_stated_and_checked() {
        let lookup = |servers: &[&str]| {
            let servers = servers.iter().map(|server| server.parse().unwrap());
            HickoryLookup::from_servers(servers).unwrap()
        };
        let (near, far) = (
            lookup(&["127.0.0.5:53", "[::1]:53"]),
            lookup(&["192.0.2.1:53"]),
        );
        let both = lookup(&["127.0.0.1:53", "[::ffff:192.0.2.1]:53"]);
        let ok = |lookup: &HickoryLookup, path| lookup.clone().trusting_validation(path).is_ok();
        assert!(ok(&near, TrustedPath::Loopback));
        assert!(!ok(&far, TrustedPath::Loopback));
        assert!(!ok(&both, TrustedPath::Loopback));
        assert!(ok(&far, TrustedPath::Stated));
        assert!(!ok(&near, TrustedPath::Authenticated));

        let id = || Perspective::new("one".parse().unwrap()).with_trust(Trust::Validating);
        let seen = |lookup: HickoryLookup| {
            let observer = lookup.observe_as(id());
            let perspectives = crate::lookup::Observer::perspectives(&observer);
            let seen = perspectives
                .iter()
                .map(|one| (one.trust(), one.transport()));
            seen.collect::<Vec<_>>()
        };
        assert_eq!(
            seen(near.clone()),
            [(Trust::Untrusted, Transport::Loopback)]
        );
        let trusting = near.trusting_validation(TrustedPath::Loopback).unwrap();
        assert_eq!(seen(trusting), [(Trust::Validating, Transport::Loopback)]);
        let stated = far.trusting_validation(TrustedPath::Stated).unwrap();
        assert_eq!(seen(stated), [(Trust::Validating, Transport::Plain)]);
    }

    // S-11: CD=0, and AD and DO are set, whatever the lookup was told before.
    #[test]
    fn the_bits_of_its_queries() {
        let lookup = HickoryLookup::from_servers(["127.0.0.1:53".parse().unwrap()]).unwrap();
        let plain = lookup.exchange.flags();
        assert!(!plain.authentic_data && !plain.dnssec_ok && !plain.checking_disabled);
        let lookup = lookup.without_recursion();
        let trusting = lookup.trusting_validation(TrustedPath::Loopback).unwrap();
        let flags = trusting.exchange.flags();
        assert!(flags.authentic_data && flags.dnssec_ok);
        assert!(!flags.checking_disabled && !flags.recursion_desired);
    }
}
