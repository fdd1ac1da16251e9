//! Asking one server of a zone: at each of its addresses, until something comes back.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Either, select};
use hickory_resolver::proto::op::Query;
use time::UtcDateTime;

use super::ask::{Asked, Asker, Said};
use super::zone::{MAX_ADDRESSES, Server, Zone};
use crate::dns::{Answer, LookupFailure, NameServer, Outcome, Question, RecordData, RecordType};
use crate::lookup::LookupError;
use crate::lookup::exchange::{Reply, hickory_name};
use crate::lookup::follow::Walk;
use crate::name::OwnerName;

impl Asker<'_> {
    /// Asks one server, in full.
    pub(super) fn ask_server<'b>(
        &'b self,
        zone: &'b Zone,
        server: &'b Server,
        question: &'b Question,
        depth: u8,
    ) -> BoxFuture<'b, Asked> {
        async move {
            let started_at = self.look.now();
            let said = self.try_server(zone, server, question, depth).await;
            self.asked(zone, server, question, started_at, said)
        }
        .boxed()
    }

    /// What a server said, with what it showed of itself.
    pub(super) fn asked(
        &self,
        zone: &Zone,
        server: &Server,
        question: &Question,
        started_at: UtcDateTime,
        (address, said): Tried,
    ) -> Asked {
        let mut name_server = self.name_server(zone, server);
        if let Some(address) = address {
            name_server = name_server.with_address(address);
        }
        if let Ok(Said::Answer(answer)) = &said
            && let Some(serial) = serial(answer, question, &zone.apex)
        {
            name_server = name_server.with_serial(serial);
        }
        Asked {
            server: name_server,
            started_at,
            finished_at: self.look.now(),
            said: said.map_err(LookupError::into_failure),
        }
    }

    /// Asks a server at one address, and, when that takes long or fails, at another as well. All of
    /// it takes no longer than one address that is silent.
    async fn try_server(
        &self,
        zone: &Zone,
        server: &Server,
        question: &Question,
        depth: u8,
    ) -> Tried {
        let known = !server.addresses.is_empty();
        let mut addresses = server.addresses.clone();
        addresses.truncate(MAX_ADDRESSES);
        let mut failure: Option<LookupError> = None;
        for family in [RecordType::A, RecordType::AAAA] {
            if addresses.is_empty() {
                match self.addresses(zone, &server.name, family, depth).await {
                    Ok(found) => addresses = found,
                    // Of the other family there may be one all the same; that we did not ask is what
                    // is told of both.
                    Err(error) => {
                        let kept = failure.take().filter(|kept| kept.failure().is_ours());
                        failure = kept.or(Some(error));
                    }
                }
            }
        }
        let Some(first) = addresses.first().copied() else {
            return (None, Err(no_address(failure)));
        };
        let wait = self.view.exchange.full_wait();
        // What has to be looked up first costs many queries.
        let head_start = if known {
            Self::HEAD_START
        } else {
            self.view.exchange.udp_timeout()
        };
        let second = Box::pin(async {
            tokio::time::sleep(head_start).await;
            let other = match addresses.get(1) {
                None if !known && first.is_ipv4() => {
                    let family = RecordType::AAAA;
                    match self.addresses(zone, &server.name, family, depth).await {
                        Ok(found) => found.first().copied()?,
                        // It may have one at which it would answer.
                        Err(error) if error.failure().is_ours() => return Some((None, Err(error))),
                        Err(_) => return None,
                    }
                }
                other => *other?,
            };
            let left = wait.saturating_sub(head_start);
            let tried = self.try_at(zone, self.socket(other), question, left);
            Some(tried.await)
        });
        let first = Box::pin(self.try_at(zone, self.socket(first), question, wait));
        match select(first, second).await {
            Either::Left((tried, _)) if is_told(&tried) => tried,
            Either::Left((failed, second)) => match second.await {
                Some(tried) => either(failed, tried),
                None => failed,
            },
            Either::Right((Some(tried), _)) if is_told(&tried) => tried,
            Either::Right((Some(failed), first)) => either(first.await, failed),
            Either::Right((None, first)) => first.await,
        }
    }

    /// Asks at one address, in full within this time.
    async fn try_at(
        &self,
        zone: &Zone,
        at: SocketAddr,
        question: &Question,
        within: Duration,
    ) -> Tried {
        (
            Some(at),
            self.ask_at(zone, at, question, Some(within)).await,
        )
    }

    pub(super) fn socket(&self, ip: IpAddr) -> SocketAddr {
        SocketAddr::new(ip, self.view.port)
    }

    /// Asks at one address, unless another server of the zone has the same and was asked there: once,
    /// or in full within a time.
    pub(super) async fn ask_at(
        &self,
        zone: &Zone,
        address: SocketAddr,
        question: &Question,
        within: Option<Duration>,
    ) -> Result<Said, LookupError> {
        let purpose = self.look.purpose();
        let heard = self.memo.heard(address, &zone.apex, question, purpose);
        let mut heard = heard.lock().await;
        if let Some(known) = heard.known() {
            return known.clone().map_err(LookupError::from);
        }
        let said = self.hear_at(zone, address, question, within).await;
        let learnt = match &said {
            Ok(said) => Ok(said.clone()),
            Err(error) => Err(error.failure().clone()),
        };
        heard.learn(learnt, within.is_some());
        said
    }

    /// Asks, and reads what belongs to the zone: of names outside of it the server may know much,
    /// but nobody has said that it does (S-10).
    async fn hear_at(
        &self,
        zone: &Zone,
        address: SocketAddr,
        question: &Question,
        within: Option<Duration>,
    ) -> Result<Said, LookupError> {
        let (exchange, budget) = (&self.view.exchange, self.look.budget());
        let query = query(question)?;
        let reply = match within {
            Some(within) => exchange.insist(address, &query, budget, within).await?,
            None => exchange.message(address, &query, budget).await?,
        };
        if let Some(child) = Zone::referred(&reply, &zone.apex, question)? {
            return Ok(Said::Referral(child));
        }
        let reply = Reply::read(&reply, question.name())?.within(&zone.apex);
        let mut walk = Walk::new(question.clone());
        let outcome = walk.take(reply)?.unwrap_or(Outcome::Elsewhere);
        Ok(Said::Answer(walk.into_answer(outcome)))
    }

    pub(super) fn name_server(&self, zone: &Zone, server: &Server) -> NameServer {
        let known = NameServer::new(zone.apex.clone(), server.name.clone());
        match server.addresses.first() {
            Some(first) => known.with_address(self.socket(*first)),
            None => known,
        }
    }
}

pub(super) fn query(question: &Question) -> Result<Query, LookupFailure> {
    let name = hickory_name(question.name())?;
    Ok(Query::query(name, question.record_type().code().into()))
}

/// The serial number of the server's copy of the zone, as far as its answer shows it: with the SOA
/// of a denial, or because it was asked for.
fn serial(answer: &Answer, question: &Question, apex: &OwnerName) -> Option<u32> {
    match answer.outcome() {
        Outcome::Absent(absence) => {
            let soa = absence.soa().filter(|soa| soa.owner() == apex)?;
            Some(soa.serial())
        }
        Outcome::Records(records) => {
            let of_zone = question.record_type() == RecordType::SOA
                && question.name() == apex
                && answer.aliases().is_empty();
            match records.first().filter(|_| of_zone)?.data() {
                RecordData::Other(octets) => serial_in(octets),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The field behind the two names of a SOA (RFC 1035 §3.3.13).
fn serial_in(mut octets: &[u8]) -> Option<u32> {
    for _ in 0..2 {
        loop {
            let (length, rest) = octets.split_first()?;
            octets = rest.get(usize::from(*length)..)?;
            if *length == 0 {
                break;
            }
        }
    }
    let (serial, _) = octets.split_first_chunk::<4>()?;
    Some(u32::from_be_bytes(*serial))
}

/// What came of asking a server, and where.
pub(super) type Tried = (Option<SocketAddr>, Result<Said, LookupError>);

/// Whether something came back: another address of the same server would do no better.
fn is_told((_, said): &Tried) -> bool {
    let may_be_the_address = |error: &LookupError| {
        matches!(
            error.failure(),
            LookupFailure::Timeout
                | LookupFailure::Transport
                | LookupFailure::AddressRefused
                | LookupFailure::Throttled
                | LookupFailure::BudgetExhausted
                | LookupFailure::Unheard
        )
    };
    !matches!(said, Err(error) if may_be_the_address(error))
}

/// Of two addresses, what came back; else why we did not ask at one of them; else the silence of one
/// that was asked in full, whether or not the other can be reached from here.
fn either(one: Tried, other: Tried) -> Tried {
    let weight = |tried: &Tried| match &tried.1 {
        _ if is_told(tried) => 3,
        Err(error) if error.failure().is_ours() => 2,
        Err(error) if *error.failure() == LookupFailure::Timeout => 1,
        _ => 0,
    };
    if weight(&other) > weight(&one) {
        other
    } else {
        one
    }
}

/// Why there is no address to ask at. Nobody was asked then: it is no silence of the server.
fn no_address(failure: Option<LookupError>) -> LookupError {
    match failure {
        Some(error) if *error.failure() != LookupFailure::Timeout => error,
        Some(error) => LookupError::new(LookupFailure::NoAddress, error),
        None => LookupFailure::NoAddress.into(),
    }
}
