use std::time::Duration;

use super::{Observation, Outcome, RecordData, RecordType};
use crate::name::OwnerName;

/// What observations tell of the zone that a name lies in: where it begins, who serves it, how
/// long its negative answers are kept.
///
/// Whatever a server said, it is a help for people and decides nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ZoneFacts {
    apex: OwnerName,
    servers: Vec<OwnerName>,
    negative_ttl: Option<Duration>,
}

impl ZoneFacts {
    /// The most name servers that are kept.
    const MAX_SERVERS: usize = 13;

    /// What is known of the zone of `name`; `None` when no answer showed a zone around it.
    ///
    /// A zone is shown by the SOA of a negative answer, by the records of its name servers, or by
    /// an authoritative view that was led to it. The deepest one around the name counts.
    #[must_use]
    pub fn of(name: &OwnerName, seen: &[Observation]) -> Option<Self> {
        Self::among(name, seen.iter())
    }

    /// The same of some observations, in whatever order.
    pub(crate) fn among<'a>(
        name: &OwnerName,
        seen: impl Iterator<Item = &'a Observation> + Clone,
    ) -> Option<Self> {
        let mut candidates: Vec<&OwnerName> = Vec::new();
        for one in seen.clone() {
            candidates.extend(one.server().map(|server| server.zone()));
            let Ok(answer) = one.result() else { continue };
            match answer.outcome() {
                Outcome::Absent(absence) => candidates.extend(absence.soa().map(|soa| soa.owner())),
                Outcome::Records(_) if is_cut(one) => candidates.push(one.question().name()),
                _ => {}
            }
        }
        let around = candidates.into_iter().filter(|apex| name.is_within(apex));
        let apex = around.max_by_key(|apex| depth(apex));
        let apex = apex?.clone();
        let servers = servers(&apex, seen.clone());
        let negative_ttl = negative_ttl(&apex, seen);
        Some(Self {
            apex,
            servers,
            negative_ttl,
        })
    }

    /// Where the zone begins.
    #[must_use]
    pub fn apex(&self) -> &OwnerName {
        &self.apex
    }

    /// Its name servers, as far as they are known: those that it is delegated to, where an
    /// authoritative view was led to them, otherwise those that the zone itself lists.
    #[must_use]
    pub fn servers(&self) -> &[OwnerName] {
        &self.servers
    }

    /// How long resolvers keep its negative answers (L-02): the most that was seen.
    #[must_use]
    pub fn negative_ttl(&self) -> Option<Duration> {
        self.negative_ttl
    }
}

fn depth(name: &OwnerName) -> usize {
    name.labels().count()
}

/// Whether an observation shows the name servers of a zone, at its own name.
fn is_cut(one: &Observation) -> bool {
    one.question().record_type() == RecordType::NS
        && one.result().is_ok_and(|answer| answer.aliases().is_empty())
}

fn servers<'a>(
    apex: &OwnerName,
    seen: impl Iterator<Item = &'a Observation> + Clone,
) -> Vec<OwnerName> {
    let delegated = seen.clone().filter_map(Observation::server);
    let delegated = delegated.filter(|server| server.zone() == apex);
    let mut servers: Vec<OwnerName> = delegated.map(|server| server.name().clone()).collect();
    if servers.is_empty() {
        let cuts = seen.filter(|one| is_cut(one) && one.question().name() == apex);
        let answers = cuts.filter_map(|one| one.result().ok());
        let records = answers.filter_map(|answer| match answer.outcome() {
            Outcome::Records(records) => Some(records),
            _ => None,
        });
        let names = records.flatten().filter_map(|record| match record.data() {
            RecordData::Name(name) => Some(name.clone()),
            _ => None,
        });
        servers = names.collect();
    }
    servers.sort_unstable();
    servers.dedup();
    servers.truncate(ZoneFacts::MAX_SERVERS);
    servers
}

fn negative_ttl<'a>(
    apex: &OwnerName,
    seen: impl Iterator<Item = &'a Observation>,
) -> Option<Duration> {
    let soas = seen.filter_map(|one| match one.result() {
        Ok(answer) => match answer.outcome() {
            Outcome::Absent(absence) => absence.soa(),
            _ => None,
        },
        Err(_) => None,
    });
    let of_zone = soas.filter(|soa| soa.owner() == apex);
    of_zone.map(|soa| soa.negative_ttl()).max()
}
