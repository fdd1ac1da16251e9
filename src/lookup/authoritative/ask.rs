//! Asking the servers of a zone.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, join_all, select};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use rand::TryRng as _;
use rand::rngs::SysRng;
use time::UtcDateTime;

use super::AuthoritativeLookup;
use super::memo::Memo;
use super::server::query;
use super::zone::{Server, Zone};
use crate::dns::{Answer, LookupFailure, NameServer, Outcome, Question, RecordType};
use crate::lookup::exchange::Reply;
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

impl Said {
    /// The zone that it refers to.
    pub(super) fn referral(&self) -> Option<&Zone> {
        match self {
            Self::Referral(child) => Some(child),
            Self::Answer(_) => None,
        }
    }
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
    pub(super) const HEAD_START: Duration = Duration::from_millis(300);

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
pub(super) fn agreed_referral(asked: &[Asked]) -> Option<Zone> {
    let referrals = || {
        let said = asked.iter().filter_map(|one| one.said.as_ref().ok());
        said.filter_map(Said::referral)
    };
    referrals().find_map(|child| {
        let alike: Vec<_> = referrals().filter(|other| child.is_same(other)).collect();
        let most = alike.len().saturating_mul(2) > asked.len();
        most.then(|| Zone::in_common(&alike, asked.len()))?
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
