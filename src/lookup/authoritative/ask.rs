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

    /// Whether it was asked in full, and nothing came back.
    pub(super) fn is_silent(&self) -> bool {
        matches!(self.said, Err(LookupFailure::Timeout))
    }

    fn is_unreachable(&self) -> bool {
        matches!(self.said, Err(LookupFailure::Transport))
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

    /// Asks all servers of a zone at once, each in full: whoever is left out, or not waited for, might
    /// say something else (S-2). Of a zone with more than there may be, the last is left out, and
    /// says so.
    pub(super) async fn ask_all(&self, zone: &Zone, question: &Question) -> Vec<Asked> {
        let mut asked = if zone.is_at_top() {
            self.ask_at_top(zone, question).await
        } else {
            let all = zone.servers.len();
            let some = all.saturating_sub(usize::from(zone.is_crowded));
            let servers: Vec<_> = zone.servers.iter().collect();
            let (servers, rest) = servers.split_at_checked(some).unwrap_or((&servers, &[]));
            let mut asked = self.ask_these(zone, servers, question, 0).await;
            asked.extend(rest.iter().map(|server| self.unheard(zone, server)));
            asked
        };
        self.add_serials(zone, &mut asked).await;
        asked
    }

    /// Asks servers of the root or a top-level domain, until two have spoken: they are believed on
    /// one server's word, and a dead one is passed over.
    async fn ask_at_top(&self, zone: &Zone, question: &Question) -> Vec<Asked> {
        let servers: Vec<_> = self.in_any_order(zone).take(Self::ANY).collect();
        let (mut spoken, mut failed) = (Vec::new(), Vec::new());
        for some in servers.chunks(Self::AT_TOP) {
            for one in self.ask_these(zone, some, question, 0).await {
                if one.is_definite() {
                    spoken.push(one);
                } else {
                    failed.push(one);
                }
            }
            if spoken.len() >= Self::AT_TOP {
                break;
            }
        }
        if spoken.is_empty() { failed } else { spoken }
    }

    /// Asks these servers at once, each in full.
    pub(super) async fn ask_these(
        &self,
        zone: &Zone,
        servers: &[&Server],
        question: &Question,
        depth: u8,
    ) -> Vec<Asked> {
        let ask = |_, server| self.ask_server(zone, server, question, depth);
        self.hear(zone, servers, ask, |_| false).await
    }

    /// Asks these servers at once, in their order in the result, and waits for all of them, unless
    /// those heard so far are enough. When they are of two minds, the others have but a while left:
    /// nothing that they say could make the servers one.
    pub(super) async fn hear<'z, F: Future<Output = Asked>>(
        &self,
        zone: &Zone,
        servers: &[&'z Server],
        ask: impl Fn(usize, &'z Server) -> F,
        enough: impl Fn(&[Option<Asked>]) -> bool,
    ) -> Vec<Asked> {
        let mut heard: Vec<Option<Asked>> = vec![None; servers.len()];
        let running = servers.iter().enumerate().map(|(index, server)| {
            let asked = ask(index, server);
            async move { (index, asked.await) }
        });
        let mut running: FuturesUnordered<_> = running.collect();
        let mut patience = None;
        loop {
            if patience.is_none() && are_of_two_minds(heard.iter().flatten()) {
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
            if let Some(place) = heard.get_mut(index) {
                *place = Some(one);
            }
            if enough(&heard) {
                break;
            }
        }
        drop(running);
        let heard = servers.iter().zip(heard);
        let heard: Vec<_> = heard
            .map(|(server, one)| one.unwrap_or_else(|| self.unheard(zone, server)))
            .collect();
        for one in heard
            .iter()
            .filter(|one| one.is_silent() || one.is_unreachable())
        {
            self.memo.learn_silent(one.server.name());
        }
        heard
    }

    /// A server that was not asked, or not waited for.
    fn unheard(&self, zone: &Zone, server: &Server) -> Asked {
        let now = self.look.now();
        Asked {
            server: self.name_server(zone, server),
            started_at: now,
            finished_at: now,
            said: Err(LookupFailure::Unheard),
        }
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
        let mut failure = None;
        for family in [RecordType::A, RecordType::AAAA] {
            if addresses.is_empty() {
                match self.addresses(zone, &server.name, family, depth).await {
                    Ok(found) => addresses = found,
                    // Of the other family there may be one all the same.
                    Err(error) => failure = Some(error),
                }
            }
        }
        let Some(first) = addresses.first().copied() else {
            return (None, Err(no_address(failure)));
        };
        let other = async {
            let other = match addresses.get(1) {
                None if !known && first.is_ipv4() => {
                    let family = RecordType::AAAA;
                    let found = self.addresses(zone, &server.name, family, depth).await;
                    found.ok()?.first().copied()?
                }
                other => *other?,
            };
            Some(self.socket(other))
        };
        let wait = self.view.exchange.full_wait();
        // What has to be looked up first costs many queries.
        let head_start = if known {
            Self::HEAD_START
        } else {
            self.view.exchange.udp_timeout()
        };
        let first = Box::pin(self.try_at(zone, self.socket(first), question, wait));
        let long = Box::pin(tokio::time::sleep(head_start));
        match select(first, long).await {
            Either::Left((tried, _)) if is_told(&tried) => tried,
            Either::Left((failed, _)) => match other.await {
                Some(at) => either(failed, self.try_at(zone, at, question, wait).await),
                None => failed,
            },
            Either::Right(((), first)) => {
                let left = wait.saturating_sub(head_start);
                let second = Box::pin(async {
                    let at = other.await?;
                    Some(self.try_at(zone, at, question, left).await)
                });
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

/// What came of asking a server, and where.
type Tried = (Option<SocketAddr>, Result<Said, LookupError>);

/// Whether something came back: another address of the same server would do no better.
fn is_told((_, said): &Tried) -> bool {
    let may_be_the_address = |error: &LookupError| {
        matches!(
            error.failure(),
            LookupFailure::Timeout
                | LookupFailure::Transport
                | LookupFailure::AddressRefused
                | LookupFailure::Throttled
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

/// Whether some have answered that there is nothing, and others with something.
fn are_of_two_minds<'a>(asked: impl Iterator<Item = &'a Asked>) -> bool {
    let (mut shown, mut denied) = (false, false);
    for answer in asked.filter_map(Asked::authoritative) {
        let denies = matches!(answer.outcome(), Outcome::Absent(_));
        denied |= denies;
        shown |= !denies;
    }
    shown && denied
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
