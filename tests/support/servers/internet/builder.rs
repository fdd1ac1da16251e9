//! What an Internet is to be made of, and how it comes up.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::thread;

use super::network::Network;
use super::server::Server;
use super::sign::{Signer, Signing};
use super::zone::{Zone, absolute, is_below};
use super::{Internet, State};

/// What is to be started.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    zones: Vec<Zone>,
    nsd: BTreeSet<String>,
    dead: BTreeSet<String>,
    extra: Vec<(String, IpAddr)>,
}

impl Builder {
    /// Adds a zone.
    pub(crate) fn zone(mut self, zone: Zone) -> Self {
        self.zones.push(zone);
        self
    }

    /// These servers are NSD.
    pub(crate) fn nsd(mut self, servers: &[&str]) -> Self {
        self.nsd.extend(servers.iter().copied().map(absolute));
        self
    }

    /// These servers are not started: their addresses are free.
    pub(crate) fn dead(mut self, servers: &[&str]) -> Self {
        self.dead.extend(servers.iter().copied().map(absolute));
        self
    }

    /// The zones say of this server that it has this address too. Nobody is there.
    pub(crate) fn address(mut self, server: &str, ip: IpAddr) -> Self {
        self.extra.push((absolute(server), ip));
        self
    }

    /// Starts every server and waits until all of them answer.
    pub(crate) fn start(mut self) -> Internet {
        self.add_tops();
        self.sign_ancestors();
        let network = Network::claim();
        let names: BTreeSet<_> = self.zones.iter().flat_map(|zone| &zone.servers).collect();
        let servers: BTreeMap<_, _> = names
            .into_iter()
            .map(|name| {
                let is_nsd = self.nsd.contains(name);
                (name.clone(), Server::new(is_nsd, network.next()))
            })
            .collect();
        // A parent holds the digests of its children, so these come first.
        self.zones
            .sort_by_key(|zone| std::cmp::Reverse(depth(&zone.apex)));
        let signers = thread::scope(|scope| {
            let signers: Vec<_> = self
                .zones
                .iter()
                .map(|zone| scope.spawn(|| zone.signing.map(|how| Signer::new(&zone.apex, how))))
                .collect();
            signers.into_iter().map(joined).collect::<Vec<_>>()
        });
        let mut internet = Internet {
            network,
            zones: Vec::new(),
            servers,
            extra: self.extra,
        };
        for (zone, signer) in self.zones.into_iter().zip(signers) {
            internet.zones.push(State {
                records: zone.records.clone(),
                serial: 1,
                text: String::new(),
                zone,
                signer,
            });
        }
        for at in 0..internet.zones.len() {
            let text = internet.compose(at);
            if let Some(state) = internet.zones.get_mut(at) {
                state.text = text;
            }
        }
        for state in &internet.zones {
            for server in &state.zone.servers {
                if let Some(server) = internet.servers.get_mut(server) {
                    let (apex, text) = (state.zone.apex.clone(), state.text.clone());
                    server.zones.insert(apex, text);
                }
            }
        }
        thread::scope(|scope| {
            for (name, server) in &mut internet.servers {
                if !self.dead.contains(name) {
                    scope.spawn(|| server.start());
                }
            }
        });
        internet
    }

    /// The root and the top-level domains of everything that is named.
    fn add_tops(&mut self) {
        const ROOT: &str = "a.root.";
        const TOP: &str = "a.gtld.net.";
        let names = self.zones.iter().flat_map(|zone| {
            let servers = zone.servers.iter().map(String::as_str);
            servers.chain([zone.apex.as_str(), TOP])
        });
        let mut tops: BTreeSet<String> = names
            .filter_map(|name| name.trim_end_matches('.').rsplit('.').next())
            .filter(|top| !matches!(*top, "" | "root"))
            .map(absolute)
            .collect();
        tops.retain(|top| self.zones.iter().all(|zone| zone.apex != *top));
        self.zones
            .extend(tops.iter().map(|top| Zone::new(top, &[TOP], "")));
        if self.zones.iter().all(|zone| zone.apex != ".") {
            self.zones.push(Zone::new(".", &[ROOT], ""));
        }
    }

    fn sign_ancestors(&mut self) {
        let signed: Vec<_> = self
            .zones
            .iter()
            .filter(|zone| zone.signing.is_some())
            .map(|zone| zone.apex.clone())
            .collect();
        for zone in &mut self.zones {
            let is_above = signed.iter().any(|apex| is_below(apex, &zone.apex));
            if is_above && zone.signing.is_none() {
                zone.signing = Some(Signing::new());
            }
        }
    }
}

/// How many labels a name has.
fn depth(apex: &str) -> usize {
    apex.split('.').filter(|label| !label.is_empty()).count()
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(value) => value,
        Err(why) => std::panic::resume_unwind(why),
    }
}
