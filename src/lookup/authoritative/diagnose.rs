//! A few servers, each asked once: to explain, not to prove.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::ask::{Asked, Asker, agreed_referral};
use super::find::MAX_CUTS;
use super::zone::{Server, Zone};
use crate::diagnose::MAX_SERVERS;
use crate::dns::{LookupFailure, Observation, Question, RecordType};
use crate::lookup::LookupError;
use crate::name::OwnerName;

/// What a diagnosis has found on its way to servers, failures too. Found under a lock, so that the
/// questions of one round do not each search for the same.
#[derive(Debug, Default)]
pub(super) struct Ways {
    zones: HashMap<OwnerName, Result<Arc<Zone>, LookupFailure>>,
    addresses: HashMap<OwnerName, Result<IpAddr, LookupFailure>>,
}

type Reached<'z> = (&'z Server, Result<IpAddr, LookupFailure>);

impl Asker<'_> {
    /// The first [`MAX_SERVERS`] servers of the name's zone in the order of their names, or those
    /// that the look names: one observation of each.
    ///
    /// Each is asked once, at one address: the first that came with the delegation, else the first
    /// that can be found, IPv4 before IPv6. Cuts are followed that most of them name; an alias to
    /// another zone is only reported.
    pub(super) async fn diagnose(&self, question: &Question) -> Vec<Observation> {
        let started_at = self.look.now();
        let named = self.look.servers();
        let failed = |failure| {
            let who = self.view.perspective.id();
            vec![self.look.record(who, question, started_at, Err(failure))]
        };
        let mut zone = match self.zone_to_ask(question, named).await {
            Ok(zone) => zone,
            Err(failure) => return failed(failure),
        };
        for _ in 0..=MAX_CUTS {
            let servers = self.reach(&zone).await;
            let asked = self.ask_once_each(&zone, &servers, question).await;
            match agreed_referral(&asked).filter(|_| named.is_empty()) {
                Some(child) => zone = self.memo.learn(child),
                None => {
                    let seen = asked.into_iter().map(|one| self.record(question, one));
                    return seen.collect();
                }
            }
        }
        failed(LookupFailure::Referral)
    }

    /// The zone of the name; of servers that are named, those as its servers. Where nobody knows
    /// the zone, they may speak for any.
    async fn zone_to_ask(
        &self,
        question: &Question,
        named: &[OwnerName],
    ) -> Result<Arc<Zone>, LookupFailure> {
        let mut ways = self.memo.ways().await;
        let zone = match ways.zones.get(question.name()) {
            Some(known) => known.clone(),
            None => {
                let found = self.zone_of(question, 0).await;
                let found = found.map_err(LookupError::into_failure);
                ways.zones.insert(question.name().clone(), found.clone());
                found
            }
        };
        if named.is_empty() {
            return zone;
        }
        let apex = zone.map_or_else(|_| OwnerName::root(), |zone| zone.apex.clone());
        let named = named.iter().take(MAX_SERVERS).cloned();
        Ok(Arc::new(Zone::new(apex, named)))
    }

    /// The servers that are asked, each with its address.
    async fn reach<'z>(&self, zone: &'z Zone) -> Vec<Reached<'z>> {
        let mut ways = self.memo.ways().await;
        let mut reached = Vec::new();
        let some = if zone.is_at_top() && self.look.servers().is_empty() {
            Self::AT_TOP
        } else {
            MAX_SERVERS
        };
        for server in zone.servers.iter().take(some) {
            let address = match (server.addresses.first(), ways.addresses.get(&server.name)) {
                (Some(first), _) => Ok(*first),
                (None, Some(known)) => known.clone(),
                (None, None) => {
                    let found = self.address(zone, &server.name).await;
                    ways.addresses.insert(server.name.clone(), found.clone());
                    found
                }
            };
            reached.push((server, address));
        }
        reached
    }

    async fn address(&self, zone: &Zone, server: &OwnerName) -> Result<IpAddr, LookupFailure> {
        let mut failure = LookupFailure::NoAddress;
        for family in [RecordType::A, RecordType::AAAA] {
            match self.addresses(zone, server, family, 0).await {
                Ok(found) => {
                    if let Some(first) = found.first() {
                        return Ok(*first);
                    }
                }
                // Of the other family there may be one all the same.
                Err(error) => failure = error.into_failure(),
            }
        }
        Err(failure)
    }

    async fn ask_once_each(
        &self,
        zone: &Zone,
        servers: &[Reached<'_>],
        question: &Question,
    ) -> Vec<Asked> {
        let names: Vec<_> = servers.iter().map(|(server, _)| *server).collect();
        let ask = |_, server: &Server| {
            let mut reached = servers.iter();
            let reached = reached.find(|(other, _)| std::ptr::eq(*other, server));
            let address = reached.map(|(_, address)| address.clone());
            let address = address.unwrap_or(Err(LookupFailure::NoAddress));
            let server = server.clone();
            async move {
                let started_at = self.look.now();
                let (at, said) = match address {
                    Ok(ip) => {
                        let at = self.socket(ip);
                        (Some(at), self.ask_at(zone, at, question, None).await)
                    }
                    Err(failure) => (None, Err(failure.into())),
                };
                self.asked(zone, &server, question, started_at, (at, said))
            }
        };
        self.hear(zone, &names, ask, |_| false).await
    }
}
