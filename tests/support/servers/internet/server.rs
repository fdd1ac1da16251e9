//! One server of an Internet, which may run.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::super::process::Place;
use super::super::{Knot, Nsd};
use super::blocked::{Tcp, UdpRelay};

/// A server that may run.
#[derive(Debug)]
pub(super) struct Server {
    is_nsd: bool,
    pub(super) addr: SocketAddr,
    /// Where it is while a relay stands at its address, and what that does with TCP.
    pub(super) behind: Option<(SocketAddr, Tcp)>,
    pub(super) zones: BTreeMap<String, String>,
    pub(super) running: Option<Running>,
    relay: Option<UdpRelay>,
}

#[derive(Debug)]
pub(super) enum Running {
    Knot(Knot),
    Nsd(Nsd),
}

impl Server {
    pub(super) fn new(is_nsd: bool, addr: SocketAddr) -> Self {
        Self {
            is_nsd,
            addr,
            behind: None,
            zones: BTreeMap::new(),
            running: None,
            relay: None,
        }
    }

    pub(super) fn start(&mut self) {
        let zones: Vec<_> = self
            .zones
            .iter()
            .map(|(apex, text)| (apex.as_str(), text.as_str()))
            .collect();
        let place = Place::At(self.behind.map_or(self.addr, |(behind, _)| behind));
        let running = if self.is_nsd {
            Nsd::try_start(place, &zones).map(Running::Nsd)
        } else {
            Knot::try_start(place, &zones, false).map(Running::Knot)
        };
        self.running = Some(running.unwrap_or_else(|error| panic!("{error}")));
        self.relay = self.behind.map(|(behind, tcp)| {
            let relay = UdpRelay::start(self.addr, behind, tcp);
            relay.unwrap_or_else(|error| panic!("{}: {error}", self.addr))
        });
    }

    pub(super) fn stop(&mut self) {
        self.relay = None;
        self.running = None;
    }

    /// Lets it know of changed zones, if it runs.
    pub(super) fn restart(&mut self) {
        if self.running.is_some() {
            self.stop();
            self.start();
        }
    }
}
