//! NSD, an authoritative server.

use std::net::SocketAddr;

use super::process::{Place, Process, Setting};
use super::wire::{Question, Type};

/// A running NSD.
#[derive(Debug)]
pub(crate) struct Nsd(Process);

impl Nsd {
    /// Starts a server for `zones`, each an apex and its zone file.
    pub(crate) fn start(zones: &[(&str, &str)]) -> Self {
        Self::try_start(Place::Anywhere, zones).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(super) fn try_start(place: Place, zones: &[(&str, &str)]) -> Result<Self, String> {
        let ready: Vec<_> = zones
            .iter()
            .map(|(apex, _)| Question::new(apex, Type::SOA))
            .collect();
        Process::start("nsd", place, &ready, |setting| {
            let config = setting.write("nsd.conf", &config(setting, zones));
            vec!["-d".to_owned(), "-c".to_owned(), config]
        })
        .map(Self)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.0.addr()
    }

    /// Replaces a zone that it serves already, and waits until it has this serial, which must have
    /// grown.
    pub(super) fn replace_with_serial(&mut self, apex: &str, zone: &str, serial: u32) {
        self.0.replace_zone(apex, zone, serial);
    }

    /// Its address on IPv6, where the machine has that.
    pub(crate) fn addr_v6(&self) -> Option<SocketAddr> {
        self.0.addr_v6()
    }
}

fn config(setting: &Setting<'_>, zones: &[(&str, &str)]) -> String {
    let folder = setting.folder.display();
    let identity = setting.identity;
    let listen: String = setting
        .addresses()
        .map(|addr| format!("    ip-address: {}@{}\n", addr.ip(), addr.port()))
        .collect();
    let mut config = format!(
        r#"
server:
{listen}    identity: "{identity}"
    server-count: 1
    reuseport: no
    username: ""
    chroot: ""
    zonesdir: "{folder}"
    database: ""
    logfile: "{folder}/nsd.log"
    pidfile: "{folder}/nsd.pid"
    xfrdfile: "{folder}/xfrd.state"
    xfrdir: "{folder}"
    zonelistfile: "{folder}/zone.list"
    rrl-ratelimit: 0
    rrl-whitelist-ratelimit: 0
remote-control:
    control-enable: no
"#
    );
    for (apex, text) in zones {
        let file = setting.write_zone(apex, text);
        config.push_str(&format!(
            "zone:\n    name: {apex}\n    zonefile: \"{file}\"\n"
        ));
    }
    config
}
