//! Asking the servers of a zone.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Either, join_all, select};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use hickory_resolver::proto::op::Query;
use rand::TryRng as _;
use rand::rngs::SysRng;
use time::UtcDateTime;

use super::AuthoritativeLookup;
use super::memo::Memo;
use super::zone::{Server, Zone};
use crate::dns::{Answer, LookupFailure, NameServer, Outcome, Question, RecordData, RecordType};
use crate::lookup::exchange::{Reply, hickory_name};
use crate::lookup::follow::Walk;
use crate::lookup::{Look, LookupError};
use crate::name::OwnerName;

/// One question of one verification, under way.
pub(super) struct Asker<'a> {
    pub(super) view: &'a AuthoritativeLookup,
    pub(super) look: &'a Look<'a>,
    pub(super) memo: Arc<Memo>,
}

/// What a server said that is not a failure.
#[derive(Debug, Clone)]
pub(super) enum Said {
    /// Something about the name itself.
    Answer(Answer),
    /// That others know more.
    Referral(Zone),
}

/// One server, and what it said.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) server: NameServer,
    pub(super) started_at: UtcDateTime,
    pub(super) finished_at: UtcDateTime,
    pub(super) said: Result<Said, LookupFailure>,
}

impl Asked {
    /// Whether the server spoke for the zone: it will not say anything else when asked again.
    pub(super) fn is_definite(&self) -> bool {
        match &self.said {
            Ok(Said::Answer(answer)) => answer.is_authoritative(),
            Ok(Said::Referral(_)) => true,
            Err(_) => false,
        }
    }

    /// Whether nothing came back.
    fn is_silent(&self) -> bool {
        matches!(
            self.said,
            Err(LookupFailure::Timeout | LookupFailure::Transport)
        )
    }

    /// The answer of a server that speaks for the zone.
    pub(super) fn authoritative(&self) -> Option<&Answer> {
        match &self.said {
            Ok(Said::Answer(answer)) if answer.is_authoritative() => Some(answer),
            _ => None,
        }
    }
}

impl Asker<'_> {
    /// How many servers of the root or a top-level domain are asked one after another, until one
    /// helps.
    const ANY: usize = 4;

    /// How long one of them is waited for before the next is asked as well.
    const HEAD_START: Duration = Duration::from_millis(300);

    /// How many of them have to say that a name does not exist.
    pub(super) const AT_TOP: usize = 2;

    /// Asks all servers of a zone at once. When half of them have spoken for it, the others have
    /// a while left: a dead one holds nobody up, and one that is only slow is heard.
    pub(super) async fn ask_all(&self, zone: &Zone, question: &Question) -> Vec<Asked> {
        let some = if zone.is_at_top() {
            Self::AT_TOP
        } else {
            zone.servers.len()
        };
        let servers: Vec<_> = zone.servers.iter().take(some).collect();
        let half = servers.len().div_ceil(2);
        let ask = |server| self.ask_server(zone, server, question, 0);
        let mut asked = self.hear(zone, &servers, half, ask).await;
        self.add_serials(zone, &mut asked).await;
        asked
    }

    /// Asks these servers at once, in their order in the result. When `enough` have spoken for the
    /// zone, the others have a while left.
    pub(super) async fn hear<'z, F: Future<Output = Asked>>(
        &self,
        zone: &Zone,
        servers: &[&'z Server],
        enough: usize,
        ask: impl Fn(&'z Server) -> F,
    ) -> Vec<Asked> {
        let started_at = self.look.now();
        let mut heard: Vec<Option<Asked>> = vec![None; servers.len()];
        let running = servers.iter().enumerate().map(|(index, server)| {
            let asked = ask(server);
            async move { (index, asked.await) }
        });
        let mut running: FuturesUnordered<_> = running.collect();
        let mut definite = 0_usize;
        let mut patience = None;
        loop {
            if patience.is_none() && definite >= enough {
                patience = Some(Box::pin(tokio::time::sleep(self.view.patience)));
            }
            let next = match &mut patience {
                None => running.next().await,
                Some(end) => match select(running.next(), end).await {
                    Either::Left((next, _)) => next,
                    Either::Right(_) => None,
                },
            };
            let Some((index, one)) = next else {
                break;
            };
            definite += usize::from(one.is_definite());
            if let Some(place) = heard.get_mut(index) {
                *place = Some(one);
            }
        }
        drop(running);
        let late = |server: &Server| Asked {
            server: self.name_server(zone, server),
            started_at,
            finished_at: self.look.now(),
            said: Err(LookupFailure::Timeout),
        };
        let heard = servers.iter().zip(heard);
        let heard: Vec<_> = heard
            .map(|(server, one)| one.unwrap_or_else(|| late(server)))
            .collect();
        for one in heard.iter().filter(|one| one.is_silent()) {
            self.memo.learn_silent(one.server.name());
        }
        heard
    }

    /// Where servers disagree, the serial numbers of their copies say why. Those that deny have
    /// shown theirs with the SOA; the others are asked for it.
    async fn add_serials(&self, zone: &Zone, asked: &mut [Asked]) {
        let denies = |one: &Asked| {
            one.authoritative()
                .map(|answer| matches!(answer.outcome(), Outcome::Absent(_)))
        };
        let says = |what| asked.iter().any(|one| denies(one) == Some(what));
        if !says(true) || !says(false) {
            return;
        }
        let question = Question::new(zone.apex.clone(), RecordType::SOA);
        let lacks = |one: &Asked| denies(one) == Some(false) && one.server.serial().is_none();
        let lacking = asked.iter().filter(|one| lacks(one));
        // Servers may share an address, which may be somebody else's.
        let addresses: HashSet<_> = lacking.filter_map(|one| one.server.address()).collect();
        let running = addresses.into_iter().map(|address| {
            let question = &question;
            async move { (address, self.serial_at(address, question).await) }
        });
        let serials: HashMap<_, _> = join_all(running).await.into_iter().collect();
        for one in asked.iter_mut() {
            let at = one.server.address().filter(|_| lacks(one));
            if let Some(Some(serial)) = at.and_then(|at| serials.get(&at)) {
                one.server = one.server.clone().with_serial(*serial);
            }
        }
    }

    async fn serial_at(&self, address: SocketAddr, question: &Question) -> Option<u32> {
        let query = query(question).ok()?;
        let exchange = &self.view.exchange;
        let reply = exchange
            .message(address, &query, self.look.budget())
            .await
            .ok()?;
        let soa = Reply::soa_of(&reply, question.name())?;
        reply.metadata.authoritative.then_some(soa.serial())
    }

    /// Asks the servers of a zone one after another, in any order, until one says something. One
    /// that takes long is not given up, but the next is asked as well: a dead one holds nobody up.
    pub(super) async fn ask_any(
        &self,
        zone: &Zone,
        question: &Question,
        depth: u8,
    ) -> Result<Said, LookupError> {
        let servers = self.in_any_order(zone).take(Self::ANY);
        let mut next = servers.map(|server| self.ask_server(zone, server, question, depth));
        let mut running: FuturesUnordered<_> = next.next().into_iter().collect();
        let mut failure = LookupFailure::NotDelegated;
        loop {
            let long = Box::pin(tokio::time::sleep(Self::HEAD_START));
            match select(running.next(), long).await {
                Either::Left((Some(asked), _)) => match asked.said {
                    Ok(Said::Answer(answer)) if !answer.is_authoritative() => {
                        failure = LookupFailure::Referral;
                    }
                    Ok(said) => return Ok(said),
                    Err(LookupFailure::BudgetExhausted) => {
                        return Err(LookupFailure::BudgetExhausted.into());
                    }
                    Err(other) => failure = other,
                },
                Either::Left((None, _)) => return Err(failure.into()),
                Either::Right(_) => {}
            }
            running.extend(next.next());
        }
    }

    /// The servers of a zone, beginning with any of them: so the load is shared, and nobody knows
    /// beforehand who will be asked. Those that were silent before come last.
    pub(super) fn in_any_order<'z>(&self, zone: &'z Zone) -> impl Iterator<Item = &'z Server> {
        let count = zone.servers.len();
        let start = SysRng.try_next_u32().unwrap_or_default() as usize;
        let start = start.checked_rem(count).unwrap_or_default();
        let mut servers: Vec<_> = zone.servers.iter().collect();
        servers.rotate_left(start);
        servers.sort_by_cached_key(|server| self.memo.is_silent(&server.name));
        servers.into_iter()
    }

    /// Asks one server: at its first address, and once more, at another where it has one, when
    /// nothing comes back.
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
        (address, said): (Option<SocketAddr>, Result<Said, LookupError>),
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

    async fn try_server(
        &self,
        zone: &Zone,
        server: &Server,
        question: &Question,
        depth: u8,
    ) -> (Option<SocketAddr>, Result<Said, LookupError>) {
        let mut addresses = server.addresses.clone();
        let known = !addresses.is_empty();
        let mut failure = None;
        for family in [RecordType::A, RecordType::AAAA] {
            if addresses.is_empty() {
                match self.addresses(&server.name, family, depth).await {
                    Ok(found) => addresses = found,
                    // Of the other family there may be one all the same.
                    Err(error) => failure = Some(error),
                }
            }
        }
        let Some(first) = addresses.first().copied() else {
            let failure = failure.unwrap_or_else(|| LookupFailure::NoAddress.into());
            return (None, Err(failure));
        };
        let at = self.socket(first);
        let error = match self.ask_at(zone, at, question).await {
            Err(error) if may_be_the_address(error.failure()) => error,
            said => return (Some(at), said),
        };
        let mut other = addresses.get(1).copied();
        if other.is_none() && !known && first.is_ipv4() {
            let found = self.addresses(&server.name, RecordType::AAAA, depth).await;
            other = found.ok().and_then(|found| found.first().copied());
        }
        let again = match other {
            Some(other) => self.socket(other),
            // It refused us, and would again.
            None if !matches!(error.failure(), LookupFailure::Timeout) => {
                return (Some(at), Err(error));
            }
            None => at,
        };
        match self.ask_at(zone, again, question).await {
            // The first address says more than that the second is not to be reached from here.
            Err(second) if *second.failure() != LookupFailure::Timeout => (Some(at), Err(error)),
            said => (Some(again), said),
        }
    }

    pub(super) fn socket(&self, ip: IpAddr) -> SocketAddr {
        SocketAddr::new(ip, self.view.port)
    }

    /// Asks at one address, unless another server of the zone has the same and was asked there.
    pub(super) async fn ask_at(
        &self,
        zone: &Zone,
        address: SocketAddr,
        question: &Question,
    ) -> Result<Said, LookupError> {
        let heard = self.memo.heard(address, &zone.apex, question);
        let mut heard = heard.lock().await;
        if let Some(known) = heard.known() {
            return known.clone().map_err(LookupError::from);
        }
        let said = self.hear_at(zone, address, question).await;
        heard.learn(said.as_ref().map_or_else(
            |error| Err(error.failure().clone()),
            |said| Ok(said.clone()),
        ));
        said
    }

    /// Asks, and reads what belongs to the zone: of names outside of it the server may know much,
    /// but nobody has said that it does (S-10).
    async fn hear_at(
        &self,
        zone: &Zone,
        address: SocketAddr,
        question: &Question,
    ) -> Result<Said, LookupError> {
        let (exchange, budget) = (&self.view.exchange, self.look.budget());
        let reply = exchange.message(address, &query(question)?, budget).await?;
        if let Some(child) = Zone::referred(&reply, &zone.apex, question)? {
            return Ok(Said::Referral(child));
        }
        let reply = Reply::read(&reply, question.name())?.within(&zone.apex);
        let mut walk = Walk::new(question.clone());
        let outcome = walk.take(reply)?.unwrap_or(Outcome::Elsewhere);
        Ok(Said::Answer(walk.into_answer(outcome)))
    }

    fn name_server(&self, zone: &Zone, server: &Server) -> NameServer {
        let known = NameServer::new(zone.apex.clone(), server.name.clone());
        match server.addresses.first() {
            Some(first) => known.with_address(self.socket(*first)),
            None => known,
        }
    }
}

fn query(question: &Question) -> Result<Query, LookupFailure> {
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

/// Whether another address of the same server may do better.
fn may_be_the_address(failure: &LookupFailure) -> bool {
    matches!(
        failure,
        LookupFailure::Timeout | LookupFailure::Transport | LookupFailure::AddressRefused
    )
}

/// The delegation that more than half of all servers of the zone name (S-2): one of them alone
/// could lead us to servers of its own choice.
pub(super) fn agreed_referral(asked: &[Asked]) -> Option<&Zone> {
    let referrals = || {
        asked.iter().filter_map(|one| match &one.said {
            Ok(Said::Referral(child)) => Some(child),
            _ => None,
        })
    };
    referrals().find(|child| {
        let same = referrals().filter(|other| child.is_same(other)).count();
        same.saturating_mul(2) > asked.len()
    })
}

/// The name to which all servers that speak for the zone lead, if none of them says anything
/// else, and how many aliases they walked.
pub(super) fn common_target(asked: &[Asked], from: &OwnerName) -> Option<(OwnerName, usize)> {
    let mut common = None;
    for answer in asked.iter().filter_map(Asked::authoritative) {
        if *answer.outcome() != Outcome::Elsewhere {
            return None;
        }
        let target = answer.final_name(from)?;
        match &common {
            None => common = Some((target.clone(), answer.aliases().len())),
            Some((known, _)) if known == target => {}
            Some(_) => return None,
        }
    }
    common
}
