//! Finding the zone of a name, and the addresses of its servers.

use std::net::IpAddr;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::Source;
use super::ask::{Asker, Said};
use super::zone::{MAX_ADDRESSES, Zone};
use crate::dns::{Answer, LookupFailure, Outcome, Question, RecordData, RecordType};
use crate::lookup::{DnsLookup, LookupError};
use crate::name::OwnerName;

/// How far one goes after the address of a name server whose own zone has to be found first
/// (S-16).
pub(super) const MAX_CHASE: u8 = 3;

/// The most zone cuts between a known zone and the zone of a name.
pub(super) const MAX_CUTS: usize = 8;

impl Asker<'_> {
    /// The zone from which on all servers are asked about `question`: the deepest around its name
    /// that the resolver names, or that the root and a top-level domain lead to.
    pub(super) async fn zone_of(
        &self,
        question: &Question,
        depth: u8,
    ) -> Result<Arc<Zone>, LookupError> {
        let known = self.memo.deepest(question.name());
        match &self.view.source {
            Source::Root(root) => {
                let mut zone = known.unwrap_or_else(|| root.clone());
                while zone.is_at_top() {
                    match self.ask_any(&zone, question, depth).await? {
                        Said::Referral(child) => zone = self.memo.learn(child),
                        Said::Answer(_) => break,
                    }
                }
                Ok(zone)
            }
            Source::Resolver(resolver) => match known.filter(|zone| !zone.is_at_top()) {
                Some(zone) => Ok(zone),
                None => self.zone_by_resolver(&**resolver, question.name()).await,
            },
        }
    }

    /// Asks the resolver for the name servers around a name. Labels with an underscore are no
    /// zones, as a rule; where one is, the servers above it refer to it.
    async fn zone_by_resolver(
        &self,
        resolver: &dyn DnsLookup,
        name: &OwnerName,
    ) -> Result<Arc<Zone>, LookupError> {
        const TRIES: usize = 6;
        let mut at = name.clone();
        while at
            .labels()
            .next()
            .is_some_and(|label| label.starts_with(b"_"))
        {
            at = at.parent().unwrap_or_else(OwnerName::root);
        }
        for _ in 0..TRIES {
            let question = Question::new(at.clone(), RecordType::NS);
            let answer = resolver.lookup(&question, self.look.budget()).await?;
            let next = match answer.outcome() {
                // What is an alias is no zone.
                _ if !answer.aliases().is_empty() => at.parent(),
                Outcome::Records(records) => {
                    let servers = records.iter().filter_map(|record| match record.data() {
                        RecordData::Name(server) => Some(server.clone()),
                        _ => None,
                    });
                    let zone = Zone::new(at, servers);
                    if zone.servers.is_empty() {
                        return Err(LookupFailure::NotDelegated.into());
                    }
                    return Ok(self.memo.learn(zone));
                }
                Outcome::Absent(absence) => {
                    let apex = absence.soa().map(|soa| soa.owner());
                    apex.filter(|apex| at.is_within(apex) && at != **apex)
                        .cloned()
                }
                _ => None,
            };
            at = next.ok_or(LookupFailure::NotDelegated)?;
        }
        Err(LookupFailure::NotDelegated.into())
    }

    /// The addresses of a name server, of one family; none when it has none.
    pub(super) fn addresses<'b>(
        &'b self,
        server: &'b OwnerName,
        family: RecordType,
        depth: u8,
    ) -> BoxFuture<'b, Result<Vec<IpAddr>, LookupError>> {
        async move {
            if let Some(known) = self.memo.addresses(server, family) {
                return Ok(known);
            }
            let question = Question::new(server.clone(), family);
            let answer = match &self.view.source {
                Source::Resolver(resolver) => {
                    resolver.lookup(&question, self.look.budget()).await?
                }
                Source::Root(_) if depth < MAX_CHASE => self.resolve(&question, depth + 1).await?,
                Source::Root(_) => return Err(LookupFailure::NoAddress.into()),
            };
            Ok(self
                .memo
                .learn_addresses(server, family, addresses_in(&answer)))
        }
        .boxed()
    }

    /// Follows the delegations to the zone of `question`, and takes the answer that its servers
    /// agree on. The root and the top-level domains are believed on one server's word.
    pub(super) async fn resolve(
        &self,
        question: &Question,
        depth: u8,
    ) -> Result<Answer, LookupError> {
        let known = self.zone_of(question, depth).await?;
        let labels = |zone: &Zone| zone.apex.labels().count();
        let deeper = self.memo.hearsay(question.name());
        let zone = deeper.filter(|zone| labels(zone) > labels(&known));
        self.resolve_from(zone.unwrap_or(known), question, depth)
            .await
    }

    /// The same from a zone on.
    pub(super) async fn resolve_from(
        &self,
        mut zone: Arc<Zone>,
        question: &Question,
        depth: u8,
    ) -> Result<Answer, LookupError> {
        for _ in 0..=MAX_CUTS {
            let said = if zone.is_at_top() {
                self.ask_any(&zone, question, depth).await?
            } else {
                self.ask_agreeing(&zone, question, depth).await?
            };
            match said {
                Said::Referral(child) => zone = self.memo.learn_hearsay(child),
                Said::Answer(answer) => return Ok(answer),
            }
        }
        Err(LookupFailure::Referral.into())
    }
}

/// The addresses that an answer holds. A name server is no alias (RFC 2181 §10.3).
fn addresses_in(answer: &Answer) -> Vec<IpAddr> {
    let Outcome::Records(records) = answer.outcome() else {
        return Vec::new();
    };
    if !answer.aliases().is_empty() {
        return Vec::new();
    }
    let addresses = records.iter().filter_map(|record| match record.data() {
        RecordData::Other(octets) => match octets.len() {
            4 => <[u8; 4]>::try_from(octets.as_slice())
                .ok()
                .map(IpAddr::from),
            16 => <[u8; 16]>::try_from(octets.as_slice())
                .ok()
                .map(IpAddr::from),
            _ => None,
        },
        _ => None,
    });
    addresses.take(MAX_ADDRESSES).collect()
}
