//! The authoritative view: what the zone's own servers say, each of them (S-2).

mod agree;
mod ask;
mod diagnose;
mod find;
mod memo;
mod root;
mod server;
mod view;
mod zone;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use self::ask::Asker;
use self::memo::Memo;
use self::zone::{Server, Zone};
use super::budget::PerVerification;
use super::exchange::{Exchange, Guard};
use super::hickory::SetupError;
use super::{AddressFilter, DnsLookup, Look, Observer, Rate};
use crate::dns::{Group, Observation, Perspective, PerspectiveId, Purpose, Question, View};
use crate::name::OwnerName;

/// Asks the name servers of the zone that a name lies in, each of them, with no cache between.
///
/// A record counts as soon as it is published, and what the servers deny no cache can prove
/// (S-2). Every server is one observation: its answer, whether it speaks for the zone (AA), the
/// serial number of its copy, or its failure. Those that disagree, refuse or are lame stay
/// visible. The view proves when more than half of the servers answer and every one of them shows
/// the record; half is enough when all others are silent.
///
/// * All servers are asked side by side, each until it replies: twice over UDP and once over TCP. Every
///   try is listened to until 4 seconds are over, unless set otherwise. Who says nothing until then is
///   silent. Whom we did not ask, or did not wait for, is not: as long as one is
///   [unheard for a reason of ours](crate::dns::LookupFailure::is_ours), the view proves nothing (S-2).
/// * The zone is found by the delegation, which the servers of its parent tell: from the root
///   ([`from_root`](Self::from_root)), which makes a group of its own; or from the servers of the
///   top-level domain that a resolver names ([`through`](Self::through)), in whose group the
///   view then is, because it could lead it anywhere (S-3).
/// * A cut below the zone is followed when more than half of the zone's servers name the same.
/// * An alias out of the zone is followed to the servers of its target, at most
///   [`MAX_ALIASES`](crate::dns::MAX_ALIASES) in all.
/// * Records and addresses count only within the zone of the server that gives them.
/// * The addresses of name servers in other zones are those that more than half of the servers of such
///   a zone agree on, or half when all others are silent; only the root and the top-level domains are
///   believed on one server's word.
/// * Addresses are [filtered](AddressFilter) where they are connected to, for every query (S-10),
///   and no address is asked more often than its [rate](Self::with_rate) allows (S-16).
/// * At most 13 servers with two addresses each are asked, and name servers whose own zone has to
///   be found first at three removes (S-16). A zone with more servers is not proven by the view.
///
/// For a diagnosis four servers are asked once each, whatever comes back, or those that the
/// [look](Look::servers) names; that proves nothing.
///
/// Nothing is validated: see the [manual](crate::manual) for what DNSSEC adds.
///
/// ```
/// use dcv::lookup::{AuthoritativeLookup, HickoryLookup};
/// use dcv::policy::Policy;
///
/// // Three resolvers of different operators, and the zone's own servers: four groups.
/// let dcv = dcv::Dcv::builder("example-saas")?
///     .observers(HickoryLookup::public_resolvers())
///     .observer(AuthoritativeLookup::from_root())
///     .policy(Policy::k_of_n(3, 4)?)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AuthoritativeLookup {
    perspective: Perspective,
    source: Source,
    exchange: Exchange,
    filter: AddressFilter,
    rate: Rate,
    port: u16,
    patience: Duration,
    learnt: PerVerification<Memo>,
}

/// Where delegations are learnt from.
#[derive(Debug)]
enum Source {
    Root(Arc<Zone>),
    Resolver(Arc<dyn DnsLookup>),
}

impl AuthoritativeLookup {
    /// Follows the delegations from the servers of the root zone.
    #[must_use]
    pub fn from_root() -> Self {
        Self::at_root(root::addresses().map(Vec::from).collect())
    }

    /// Follows the delegations from these servers of a root zone of one's own.
    ///
    /// # Errors
    ///
    /// [`SetupError::NoServers`] when there are none.
    pub fn from_hints(servers: impl IntoIterator<Item = IpAddr>) -> Result<Self, SetupError> {
        let servers: Vec<_> = servers.into_iter().map(|ip| vec![ip]).collect();
        if servers.is_empty() {
            return Err(SetupError::NoServers);
        }
        Ok(Self::at_root(servers))
    }

    fn at_root(servers: Vec<Vec<IpAddr>>) -> Self {
        let servers = servers.into_iter().map(|addresses| Server {
            name: OwnerName::root(),
            addresses,
        });
        let root = Zone {
            apex: OwnerName::root(),
            servers: servers.collect(),
            is_crowded: false,
        };
        Self::new(
            Source::Root(Arc::new(root)),
            Group::Operator(PerspectiveId::own("authoritative")),
        )
    }

    /// Finds the servers of top-level domains and their addresses by a resolver, and follows the
    /// delegations from there. `resolver` is the perspective that `lookup` is, or would be, asked
    /// as: the view is in its group (S-3).
    ///
    /// What the resolver holds of zones further down is not asked for: one lying server of a zone can
    /// plant other name servers of that zone in its cache (S-2).
    #[must_use]
    pub fn through(resolver: &Perspective, lookup: impl DnsLookup + 'static) -> Self {
        Self::new(Source::Resolver(Arc::new(lookup)), resolver.group().clone())
    }

    fn new(source: Source, group: Group) -> Self {
        let perspective = Perspective::new(PerspectiveId::own("authoritative"))
            .with_group(group)
            .with_view(View::Authoritative);
        let mut exchange = Exchange::new()
            .with_udp_timeout(Duration::from_secs(1))
            .with_tcp_timeout(Duration::from_secs(2));
        let mut flags = exchange.flags();
        flags.recursion_desired = false;
        exchange = exchange.with_flags(flags);
        let lookup = Self {
            perspective,
            source,
            exchange,
            filter: AddressFilter::new(),
            rate: Rate::per_second(50).with_burst(200),
            port: 53,
            patience: Duration::from_secs(1),
            learnt: PerVerification::default(),
        };
        lookup.guarded()
    }

    /// The same perspective under another name.
    #[must_use]
    pub fn with_id(mut self, id: PerspectiveId) -> Self {
        let region = self.perspective.region().cloned();
        let named = Perspective::new(id)
            .with_group(self.perspective.group().clone())
            .with_view(View::Authoritative);
        self.perspective = match region {
            Some(region) => named.with_region(region),
            None => named,
        };
        self
    }

    /// Declares the region it looks from.
    #[must_use]
    pub fn with_region(mut self, region: PerspectiveId) -> Self {
        self.perspective = self.perspective.with_region(region);
        self
    }

    /// Which addresses of name servers are asked; those of the public Internet unless set.
    #[must_use]
    pub fn with_filter(mut self, filter: AddressFilter) -> Self {
        self.filter = filter;
        self.guarded()
    }

    /// How often one address is asked, by all verifications together; 50 times a second and 200
    /// at once unless set (S-16).
    ///
    /// From the root every check asks a root server and one of the top-level domain, since no
    /// verification learns from another (S-10). A service that checks hundreds of domains a second
    /// should spare the root, and look [`through`](Self::through) a resolver.
    #[must_use]
    pub fn with_rate(mut self, rate: Rate) -> Self {
        self.rate = rate;
        self.guarded()
    }

    /// Asks at this port instead of 53, in a network of one's own. The [filter](Self::with_filter)
    /// has to allow it.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How long to wait for a datagram before the next try; 1 second unless set. A server is asked twice
    /// over UDP, and then over TCP; what comes late counts as long as it waits for any of them.
    #[must_use]
    pub fn with_udp_timeout(mut self, timeout: Duration) -> Self {
        self.exchange = self.exchange.with_udp_timeout(timeout);
        self
    }

    /// How long an exchange over TCP may take in all; 2 seconds unless set.
    #[must_use]
    pub fn with_tcp_timeout(mut self, timeout: Duration) -> Self {
        self.exchange = self.exchange.with_tcp_timeout(timeout);
        self
    }

    /// How long the other servers are waited for when those that have answered are of two minds; 1
    /// second unless set. Where they are not, all are waited for: the last might be the one that
    /// denies the record (S-2).
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    fn guarded(mut self) -> Self {
        let guard = Guard::of_found(self.filter.clone(), self.rate);
        self.exchange = self.exchange.with_guard(Arc::new(guard));
        self
    }
}

#[async_trait]
impl Observer for AuthoritativeLookup {
    fn perspectives(&self) -> Vec<Perspective> {
        vec![self.perspective.clone()]
    }

    async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation> {
        let memo = self.learnt.of(look.budget());
        let asker = Asker {
            view: self,
            look,
            memo,
        };
        match look.purpose() {
            Purpose::WildcardProbe => asker.probe(question).await,
            Purpose::Record => asker.view(question).await,
            Purpose::Diagnosis => asker.diagnose(question).await,
            // Whoever speaks for a zone checks no signatures.
            Purpose::Unchecked => Vec::new(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use super::*;

    // S-3: a name says nothing of where it looks from, whichever is said first.
    #[test]
    fn a_name_keeps_the_region() {
        let id = |text: &str| text.parse::<PerspectiveId>().unwrap();
        let one = AuthoritativeLookup::from_root();
        let other = AuthoritativeLookup::from_root();
        assert_eq!(
            one.with_region(id("ARIN"))
                .with_id(id("home"))
                .perspectives(),
            other
                .with_id(id("home"))
                .with_region(id("ARIN"))
                .perspectives()
        );
    }
}
