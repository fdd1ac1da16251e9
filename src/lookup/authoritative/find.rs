//! Finding the zone of a name, and the addresses of its servers.

use std::net::IpAddr;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::Source;
use super::ask::{Asker, Said};
use super::zone::{MAX_ADDRESSES, Zone};
use crate::dns::{Answer, LookupFailure, Outcome, Question, RecordData, RecordType};
use crate::lookup::LookupError;
use crate::name::OwnerName;

/// How far one goes after the address of a name server whose own zone has to be found first
/// (S-16).
pub(super) const MAX_CHASE: u8 = 3;

/// The most zone cuts between a known zone and the zone of a name.
pub(super) const MAX_CUTS: usize = 8;

impl Asker<'_> {
    /// The zone from which on all servers are asked about `question`: the deepest around its name
    /// that the root and a top-level domain lead to.
    pub(super) async fn zone_of(
        &self,
        question: &Question,
        depth: u8,
    ) -> Result<Arc<Zone>, LookupError> {
        if let Some(known) = self.memo.deepest(question.name())
            && !known.is_at_top()
        {
            return Ok(known);
        }
        let descent = self.memo.descent(question.name(), depth);
        let _alone = descent.lock().await;
        let mut zone = match self.memo.deepest(question.name()) {
            Some(known) => known,
            None => self.top_of(question.name()).await?,
        };
        while zone.is_at_top() {
            match self.ask_any(&zone, question, depth).await? {
                Said::Referral(child) => zone = self.memo.learn(child),
                Said::Answer(_) => break,
            }
        }
        Ok(zone)
    }

    /// Where delegations begin: at the root, or at the servers that the resolver names for the
    /// top-level domain. Further down a resolver is not believed: a server of a zone can make its
    /// cache hold other servers for that zone, and no others (S-2).
    async fn top_of(&self, name: &OwnerName) -> Result<Arc<Zone>, LookupError> {
        let resolver = match &self.view.source {
            Source::Root(root) => return Ok(root.clone()),
            Source::Resolver(resolver) => resolver,
        };
        let label = name
            .labels()
            .next_back()
            .ok_or(LookupFailure::NotDelegated)?;
        let top = OwnerName::from_labels([label]).map_err(|_| LookupFailure::NotDelegated)?;
        let question = Question::new(top.clone(), RecordType::NS);
        let answer = resolver.lookup(&question, self.look.budget()).await?;
        let servers = match answer.outcome() {
            Outcome::Records(records) if answer.aliases().is_empty() => records,
            _ => return Err(LookupFailure::NotDelegated.into()),
        };
        let servers = servers.iter().filter_map(|record| match record.data() {
            RecordData::Name(server) => Some(server.clone()),
            _ => None,
        });
        let zone = Zone::new(top, servers);
        if zone.servers.is_empty() {
            return Err(LookupFailure::NotDelegated.into());
        }
        Ok(self.memo.learn(zone))
    }

    /// The addresses of a name server of a zone, of one family; none when it has none. The resolver
    /// says those of the zones that it names servers for.
    pub(super) fn addresses<'b>(
        &'b self,
        zone: &'b Zone,
        server: &'b OwnerName,
        family: RecordType,
        depth: u8,
    ) -> BoxFuture<'b, Result<Vec<IpAddr>, LookupError>> {
        async move {
            let resolver = match &self.view.source {
                Source::Resolver(resolver) if zone.is_at_top() => Some(resolver),
                _ => None,
            };
            let wanted = (server.clone(), family, resolver.is_some());
            if let Some(known) = self.memo.addresses(&wanted) {
                return Ok(known);
            }
            let question = Question::new(server.clone(), family);
            let answer = match resolver {
                Some(resolver) => resolver.lookup(&question, self.look.budget()).await?,
                None if depth < MAX_CHASE => {
                    let beside = zone.servers.len().saturating_sub(1);
                    self.resolve(&question, beside, depth + 1).await?
                }
                None => return Err(LookupFailure::NoAddress.into()),
            };
            Ok(self.memo.learn_addresses(wanted, addresses_in(&answer)))
        }
        .boxed()
    }

    /// Follows the delegations to the zone of `question`, and takes the answer that its servers
    /// agree on. The root and the top-level domains are believed on one server's word. So many other
    /// names are followed beside it, and no verdict rests on this one alone.
    pub(super) async fn resolve(
        &self,
        question: &Question,
        beside: usize,
        depth: u8,
    ) -> Result<Answer, LookupError> {
        let known = self.zone_of(question, depth).await?;
        let labels = |zone: &Zone| zone.apex.labels().count();
        let deeper = self.memo.hearsay(question.name());
        let zone = deeper.filter(|zone| labels(zone) > labels(&known));
        self.resolve_from(zone.unwrap_or(known), question, beside, depth)
            .await
    }

    /// The same from a zone on.
    pub(super) async fn resolve_from(
        &self,
        mut zone: Arc<Zone>,
        question: &Question,
        beside: usize,
        depth: u8,
    ) -> Result<Answer, LookupError> {
        for _ in 0..=MAX_CUTS {
            let said = if zone.is_at_top() {
                self.ask_any(&zone, question, depth).await?
            } else {
                self.ask_agreeing(&zone, question, beside, depth).await?
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
