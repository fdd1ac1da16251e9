//! A zone and its name servers, as a delegation names them.

use std::net::IpAddr;

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::{DNSClass, RData};

use crate::dns::{LookupFailure, Question};
use crate::lookup::exchange::owner_name;
use crate::name::OwnerName;

/// The most name servers of a zone that are asked (S-16).
pub(super) const MAX_SERVERS: usize = 13;

/// The most addresses of a name server that are asked (S-16).
pub(super) const MAX_ADDRESSES: usize = 2;

/// The most addresses of a name server that are kept of a delegation, in whatever order they come.
const MAX_GLUE: usize = 16;

/// A zone that somebody's delegation names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone {
    pub(super) apex: OwnerName,
    /// In canonical order, each once.
    pub(super) servers: Vec<Server>,
    /// Whether there are more than [`MAX_SERVERS`], of which the last one here stands for the rest.
    pub(super) is_crowded: bool,
}

/// A name server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) name: OwnerName,
    /// Those that came with the delegation; otherwise they have to be looked up.
    pub(super) addresses: Vec<IpAddr>,
}

impl Zone {
    /// The zone of these servers, whose addresses are to be looked up.
    pub(super) fn new(apex: OwnerName, servers: impl IntoIterator<Item = OwnerName>) -> Self {
        let mut names: Vec<_> = servers.into_iter().collect();
        names.sort_unstable_by(|one, other| one.as_wire().cmp(other.as_wire()));
        names.dedup();
        let is_crowded = names.len() > MAX_SERVERS;
        names.truncate(MAX_SERVERS);
        let servers = names.into_iter().map(|name| Server {
            name,
            addresses: Vec::new(),
        });
        Self {
            apex,
            servers: servers.collect(),
            is_crowded,
        }
    }

    /// The delegation in a reply that says nothing but who knows more: by a server of the zone
    /// `from`, and for a zone below it in which the asked name lies. Anything else is none.
    ///
    /// Addresses count within `from` only, and for this delegation only: of other names that
    /// server has nothing to say (S-10).
    pub(super) fn referred(
        reply: &Message,
        from: &OwnerName,
        question: &Question,
    ) -> Result<Option<Self>, LookupFailure> {
        let head = &reply.metadata;
        let speaks = head.authoritative || head.response_code != ResponseCode::NoError;
        if speaks || !reply.answers.is_empty() {
            return Ok(None);
        }
        let mut apex: Option<OwnerName> = None;
        let mut names = Vec::new();
        let records = reply.authorities.iter();
        for record in records.filter(|record| record.dns_class == DNSClass::IN) {
            let server = match &record.data {
                RData::NS(server) => server,
                RData::SOA(_) => return Ok(None),
                _ => continue,
            };
            let owner = owner_name(&record.name)?;
            let below = owner.is_within(from) && owner != *from;
            if !below || !question.name().is_within(&owner) {
                return Ok(None);
            }
            match &apex {
                Some(apex) if *apex != owner => return Ok(None),
                _ => apex = Some(owner),
            }
            names.push(owner_name(server)?);
        }
        let Some(apex) = apex else {
            return Ok(None);
        };
        let mut zone = Self::new(apex, names);
        for server in &mut zone.servers {
            if server.name.is_within(from) {
                server.addresses = addresses(reply, &server.name)?;
            }
        }
        Ok(Some(zone))
    }

    /// The zone that these delegations name alike, of `all` servers that were asked. Of the addresses
    /// that come with it those count that more than half of all say, as with the names: one server alone
    /// could lead anywhere by them (S-2).
    pub(super) fn in_common(alike: &[&Self], all: usize) -> Option<Self> {
        let needed = (all / 2 + 1).min(alike.len());
        let mut zone = (*alike.first()?).clone();
        for server in &mut zone.servers {
            let name = &server.name;
            let says = |other: &&&Self, address: &IpAddr| {
                let mut others = other.servers.iter();
                let same = others.find(|other| other.name == *name);
                same.is_some_and(|same| same.addresses.contains(address))
            };
            server.addresses.retain(|address| {
                let saying = alike.iter().filter(|other| says(other, address));
                saying.count() >= needed
            });
        }
        Some(zone)
    }

    /// Whether another delegation names the same servers of the same zone.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let own = self.servers.iter().map(|server| &server.name);
        self.apex == other.apex && own.eq(other.servers.iter().map(|server| &server.name))
    }

    /// Whether this delegation leads elsewhere than the one that was agreed on: to other servers, or
    /// to the same at other addresses alone.
    pub(super) fn contradicts(&self, agreed: &Self) -> bool {
        let elsewhere = |(own, other): (&Server, &Server)| {
            let (own, other) = (&own.addresses, &other.addresses);
            let known = !own.is_empty() && !other.is_empty();
            known && own.iter().all(|address| !other.contains(address))
        };
        !self.is_same(agreed) || self.servers.iter().zip(&agreed.servers).any(elsewhere)
    }

    /// The root and the zones right below it are asked by anybody, for any name: of them a few
    /// servers are enough.
    pub(super) fn is_at_top(&self) -> bool {
        self.apex.labels().count() <= 1
    }
}

/// The addresses of a name in the additional section, at most [`MAX_GLUE`], of each family one before
/// another of the same.
fn addresses(reply: &Message, name: &OwnerName) -> Result<Vec<IpAddr>, LookupFailure> {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for record in &reply.additionals {
        match &record.data {
            RData::A(a) if owner_name(&record.name)? == *name => v4.push(IpAddr::V4(a.0)),
            RData::AAAA(aaaa) if owner_name(&record.name)? == *name => v6.push(IpAddr::V6(aaaa.0)),
            _ => {}
        }
    }
    let first = v4.first().into_iter().chain(v6.first()).copied();
    let rest = v4.iter().skip(1).chain(v6.iter().skip(1)).copied();
    Ok(first.chain(rest).take(MAX_GLUE).collect())
}
