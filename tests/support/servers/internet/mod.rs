//! A small Internet on loopback: a root, top-level domains and zones on real servers, each with an
//! address of its own at port 53, delegated from the root down, and resolvers that begin there.
//!
//! ```ignore
//! let mut internet = Internet::builder()
//!     .zone(Zone::new("example.com", &["ns1.example.com", "ns2.example.com", "ns.example.net"], "www TXT \"here\""))
//!     .zone(Zone::new("example.net", &["ns.example.net"], ""))
//!     .nsd(&["ns2.example.com"])
//!     .start();
//! let unbound = internet.unbound(false, "");
//! internet.stop("ns1.example.com");
//! ```
//!
//! Servers are called by their names in the DNS. Every server named by a zone needs a zone that the
//! name is in. Servers are knot where the builder does not say `nsd`. The root (`a.root`) and the
//! top-level domains (`a.gtld.net`) come by themselves, unless they are given as zones. Names in
//! `test`, `example` and their like are for the library not to issue, so these worlds hold `com`,
//! `net` and `org`; nothing leaves loopback.
//!
//! | Fault | How |
//! |---|---|
//! | dead | `stop`; `start_again` ends it |
//! | stale | `publish_at` the others; or `serve` what `text` gave earlier, signatures and all |
//! | lame: refuses the zone | `forget` |
//! | lying | `lie_at`: the same serial, other records, no signatures |
//! | bogus | `serve` a changed `text`, or `Signing::expired`, `with_wrong_ds`, `without_keys` |
//! | TCP blocked | `block_tcp` |
//! | an address that leads nowhere | `Builder::address` |
//! | whatever else | `stop`, and `FaultServer::start_at(internet.addr(…), …)` |
//! | poisoned cache | `poison`; by chance: `lie_at` with a long TTL, and `prime` |
//! | negatives without SOA | `unbound(false, "local-zone: \"example.com.\" always_nxdomain")` |

mod blocked;
mod builder;
mod network;
mod server;
mod sign;
mod zone;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::thread;

pub(crate) use blocked::Tcp;
pub(crate) use builder::Builder;
use network::Network;
pub(crate) use network::internet_or_skip;
use server::{Running, Server};
use sign::Signer;
pub(crate) use sign::Signing;
pub(crate) use zone::Zone;
use zone::{absolute, is_below, parent};

use super::wire::{self, Question, Transport, Type};
use super::{Bind, BindConfig, Unbound, UnboundConfig};

/// A zone as its servers have it, if nothing else was done.
#[derive(Debug)]
struct State {
    zone: Zone,
    signer: Option<Signer>,
    serial: u32,
    records: String,
    text: String,
}

/// A running Internet. Everything ends with it; resolvers are to be dropped by whoever has them.
#[derive(Debug)]
pub(crate) struct Internet {
    network: Network,
    /// Children before their parents.
    zones: Vec<State>,
    servers: BTreeMap<String, Server>,
    /// More addresses that the zones name for servers.
    extra: Vec<(String, IpAddr)>,
}

impl Internet {
    /// Nothing but a root and top-level domains so far.
    pub(crate) fn builder() -> Builder {
        Builder::default()
    }

    // ---- what is there ----

    /// The address of a server.
    pub(crate) fn addr(&self, server: &str) -> SocketAddr {
        let found = self.servers.get(&absolute(server));
        found.unwrap_or_else(|| panic!("no server {server}")).addr
    }

    /// An address that nobody uses, for a server of the test's own.
    pub(crate) fn spare(&self) -> SocketAddr {
        self.network.next()
    }

    /// The addresses of the servers that a zone is delegated to.
    pub(crate) fn servers(&self, apex: &str) -> Vec<SocketAddr> {
        let servers = &self.state(apex).zone.servers;
        servers.iter().map(|server| self.addr(server)).collect()
    }

    /// The root servers.
    pub(crate) fn roots(&self) -> Vec<SocketAddr> {
        self.servers(".")
    }

    /// The root servers as a hints file.
    pub(crate) fn root_hints(&self) -> String {
        let roots = &self.state(".").zone.servers;
        let lines = roots.iter().map(|root| {
            let ip = self.addr(root).ip();
            format!(". 3600000 IN NS {root}\n{root} 3600000 IN A {ip}\n")
        });
        lines.collect()
    }

    /// The true DS record of a signed zone, whatever its parent says: for `.` the trust anchor.
    pub(crate) fn ds(&self, apex: &str) -> String {
        self.signer(apex).true_ds()
    }

    /// The DNSKEY record of a signed zone.
    pub(crate) fn dnskey(&self, apex: &str) -> String {
        self.signer(apex).dnskey()
    }

    /// The zone file that the servers of a zone were given last, with the signatures.
    pub(crate) fn text(&self, apex: &str) -> String {
        self.state(apex).text.clone()
    }

    /// The serial that goes with it.
    pub(crate) fn serial(&self, apex: &str) -> u32 {
        self.state(apex).serial
    }

    // ---- what can be done to it ----

    /// Gives a zone other records, at all of its servers that run and have it.
    pub(crate) fn publish(&mut self, apex: &str, records: &str) {
        let servers = self.state(apex).zone.servers.clone();
        let servers: Vec<_> = servers.iter().map(String::as_str).collect();
        self.publish_at(&servers, apex, records);
    }

    /// Gives a zone other records at some servers, with the next serial: others become stale.
    pub(crate) fn publish_at(&mut self, servers: &[&str], apex: &str, records: &str) {
        let at = self.position(apex);
        if let Some(state) = self.zones.get_mut(at) {
            state.records = records.to_owned();
            state.serial += 1;
        }
        let text = self.compose(at);
        if let Some(state) = self.zones.get_mut(at) {
            state.text.clone_from(&text);
        }
        let (apex, serial) = (absolute(apex), self.serial(apex));
        for server in servers {
            let server = self.server(server);
            let Some(zone) = server.zones.get_mut(&apex) else {
                continue;
            };
            zone.clone_from(&text);
            match &mut server.running {
                Some(Running::Knot(knot)) => knot.replace_with_serial(&apex, &text, serial),
                Some(Running::Nsd(nsd)) => nsd.replace_with_serial(&apex, &text, serial),
                None => {}
            }
        }
    }

    /// Lets a server have other records than its fellows, under the same serial and not signed.
    pub(crate) fn lie_at(&mut self, server: &str, apex: &str, records: &str) {
        let at = self.position(apex);
        let text = self.unsigned(at, records);
        self.serve(server, apex, &text);
    }

    /// Lets a server have this zone file, whatever it says. It is restarted.
    pub(crate) fn serve(&mut self, server: &str, apex: &str, text: &str) {
        let server = self.server(server);
        server.zones.insert(absolute(apex), text.to_owned());
        server.restart();
    }

    /// Lets a server know nothing of a zone: it is lame, and refuses. It is restarted.
    pub(crate) fn forget(&mut self, server: &str, apex: &str) {
        let server = self.server(server);
        server.zones.remove(&absolute(apex));
        server.restart();
    }

    /// Ends a server. Nobody listens at its address then.
    pub(crate) fn stop(&mut self, server: &str) {
        self.server(server).stop();
    }

    /// Starts a server that was stopped, with the zones it had.
    pub(crate) fn start_again(&mut self, server: &str) {
        let server = self.server(server);
        server.stop();
        server.behind = None;
        server.start();
    }

    /// Lets nothing but UDP through to a server. It is restarted; `start_again` ends this.
    pub(crate) fn block_tcp(&mut self, server: &str, tcp: Tcp) {
        let behind = self.network.next();
        let server = self.server(server);
        server.stop();
        server.behind = Some((behind, tcp));
        server.start();
    }

    /// Lets resolvers keep a lie, after which every server has again what it had. `records` are the
    /// lie; `name` and `wanted` say what the resolvers must believe. While they ask, all servers of
    /// the zone lie, so that chance plays no part: what they keep is what one liar would have told
    /// them. See [`prime`] for how one alone gets there.
    pub(crate) fn poison(
        &mut self,
        resolvers: &[SocketAddr],
        apex: &str,
        records: &str,
        (name, wanted): (&str, &str),
    ) {
        const LIMIT: u32 = 20;
        let lie = self.unsigned(self.position(apex), records);
        let apex = absolute(apex);
        let mut truths = BTreeMap::new();
        for (server, state) in &mut self.servers {
            if let Some(zone) = state.zones.get_mut(&apex) {
                let truth = std::mem::replace(zone, lie.clone());
                truths.insert(server.clone(), truth);
            }
        }
        self.restart(&truths);
        for resolver in resolvers {
            let asked = prime(*resolver, name, wanted, LIMIT);
            assert!(asked.is_some(), "{resolver} does not believe the lie");
        }
        for (server, truth) in &truths {
            let zones = &mut self.server(server).zones;
            zones.insert(apex.clone(), truth.clone());
        }
        self.restart(&truths);
    }

    // ---- resolvers ----

    /// A new Unbound that begins at the root. It validates from the root's key on where it is told
    /// so. `server` is more for the section of this name.
    pub(crate) fn unbound(&self, validating: bool, server: &str) -> Unbound {
        // A dead server is given up soon: nothing is far away.
        let server =
            format!("    unknown-server-time-limit: 100\n    infra-cache-max-rtt: 400\n{server}");
        let hints = self.root_hints();
        let anchor = validating.then(|| self.ds("."));
        Unbound::start(&UnboundConfig {
            root_hints: Some(&hints),
            at: Some(self.network.next()),
            trust_anchors: anchor.as_deref().as_slice(),
            server: &server,
            ..Default::default()
        })
    }

    /// A new BIND that begins at the root, at a port of 127.0.0.1. `options` is more for the section
    /// of this name.
    pub(crate) fn bind(&self, validating: bool, options: &str) -> Bind {
        let anchor = validating.then(|| self.ds("."));
        Bind::start(&BindConfig {
            root_hints: &self.root_hints(),
            root_anchor: anchor.as_deref(),
            options,
        })
    }

    // ---- inside ----

    /// Restarts these servers, all at once.
    fn restart(&mut self, names: &BTreeMap<String, String>) {
        thread::scope(|scope| {
            for (name, server) in &mut self.servers {
                if names.contains_key(name) {
                    scope.spawn(|| server.restart());
                }
            }
        });
    }

    fn position(&self, apex: &str) -> usize {
        let apex = absolute(apex);
        let found = self.zones.iter().position(|state| state.zone.apex == apex);
        found.unwrap_or_else(|| panic!("no zone {apex}"))
    }

    fn state(&self, apex: &str) -> &State {
        let state = self.zones.get(self.position(apex));
        state.unwrap_or_else(|| panic!("no zone {apex}"))
    }

    fn signer(&self, apex: &str) -> &Signer {
        let signer = self.state(apex).signer.as_ref();
        signer.unwrap_or_else(|| panic!("{apex} is not signed"))
    }

    fn server(&mut self, name: &str) -> &mut Server {
        let found = self.servers.get_mut(&absolute(name));
        found.unwrap_or_else(|| panic!("no server {name}"))
    }

    /// The text of a zone with its own records, signed if it is.
    fn compose(&self, at: usize) -> String {
        let Some(state) = self.zones.get(at) else {
            panic!("no zone at {at}");
        };
        let text = self.unsigned(at, &state.records);
        match &state.signer {
            Some(signer) => signer.sign(&text),
            None => text,
        }
    }

    fn unsigned(&self, at: usize, records: &str) -> String {
        let Some(state) = self.zones.get(at) else {
            panic!("no zone at {at}");
        };
        let apex = &state.zone.apex;
        let apexes = || self.zones.iter().map(|state| state.zone.apex.as_str());
        let children: Vec<_> = self
            .zones
            .iter()
            .filter(|other| parent(&other.zone.apex, apexes()) == Some(apex))
            .map(|other| (&other.zone, other.signer.as_ref()))
            .collect();
        let hosts: Vec<(String, IpAddr)> = self
            .servers
            .iter()
            .map(|(name, server)| (name.clone(), server.addr.ip()))
            .chain(self.extra.iter().cloned())
            .filter(|(name, _)| is_below(name, apex))
            .collect();
        state.zone.compose(state.serial, records, &hosts, &children)
    }
}

impl Drop for Internet {
    fn drop(&mut self) {
        thread::scope(|scope| {
            for server in self.servers.values_mut() {
                scope.spawn(|| server.stop());
            }
        });
    }
}

/// Asks a resolver for the TXT records of a name again and again, until one of them is `wanted`. Says
/// how often it asked; nothing if that was `limit` times and in vain.
///
/// Who wants a resolver to keep a liar's answer does this. It works where denials are not kept: with
/// a `minimum` of 0. Unbound picks a server by chance. BIND keeps to the one that answered fastest,
/// so that with BIND this may be in vain: see [`Internet::poison`].
pub(crate) fn prime(resolver: SocketAddr, name: &str, wanted: &str, limit: u32) -> Option<u32> {
    let question = Question::new(name, Type::TXT);
    (1..=limit).find(|_| {
        wire::ask(resolver, Transport::Udp, &question)
            .is_ok_and(|reply| reply.texts().iter().any(|text| text == wanted.as_bytes()))
    })
}
