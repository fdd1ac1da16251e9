//! Knot DNS, an authoritative server that can also sign.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use super::process::{Place, Process, Setting};
use super::program;
use super::wire::{Question, Type};

/// A running Knot DNS.
#[derive(Debug)]
pub(crate) struct Knot(Process);

impl Knot {
    /// Starts a server for `zones`, each an apex and its zone file.
    pub(crate) fn start(zones: &[(&str, &str)]) -> Self {
        Self::try_start(Place::Anywhere, zones, false).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts a server that signs `zones` (ECDSA P-256, NSEC). Validators need
    /// [`trust_anchor`](Self::trust_anchor).
    pub(crate) fn start_signed(zones: &[(&str, &str)]) -> Self {
        Self::try_start(Place::Anywhere, zones, true).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(super) fn try_start(
        place: Place,
        zones: &[(&str, &str)],
        signed: bool,
    ) -> Result<Self, String> {
        let rtype = if signed { Type::DNSKEY } else { Type::SOA };
        let ready: Vec<_> = zones
            .iter()
            .map(|(apex, _)| Question::new(apex, rtype))
            .collect();
        Process::start("knotd", place, &ready, |setting| {
            let config = setting.write("knot.conf", &config(setting, zones, signed));
            vec!["-c".to_owned(), config]
        })
        .map(Self)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.0.addr()
    }

    /// Its address on IPv6, where the machine has that.
    pub(crate) fn addr_v6(&self) -> Option<SocketAddr> {
        self.0.addr_v6()
    }

    /// Replaces a zone that it serves already, and waits until there are records for `ready`,
    /// which must be new. The serial must have grown.
    pub(crate) fn replace(&mut self, apex: &str, zone: &str, ready: Question) {
        self.0.write_zone(apex, zone);
        self.0.reload(ready);
    }

    /// Replaces a zone that it serves already, and waits until it has this serial, which must have
    /// grown.
    pub(super) fn replace_with_serial(&mut self, apex: &str, zone: &str, serial: u32) {
        self.0.replace_zone(apex, zone, serial);
    }

    /// The DS record of a signed zone, as a trust anchor for a validator.
    pub(crate) fn trust_anchor(&self, apex: &str) -> String {
        let keymgr = program("keymgr").unwrap_or_else(|| panic!("keymgr is not installed"));
        let output = Command::new(keymgr)
            .arg("-c")
            .arg(self.0.folder().join("knot.conf"))
            .args([apex, "ds"])
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("keymgr cannot be run: {error}"));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // One line per digest; 2 is SHA-256.
        let sha256 = text
            .lines()
            .find(|line| line.split_whitespace().nth(4) == Some("2"));
        sha256.map(str::to_owned).unwrap_or_else(|| {
            panic!(
                "no DS record for {apex}: {text}{}",
                String::from_utf8_lossy(&output.stderr)
            )
        })
    }
}

fn config(setting: &Setting<'_>, zones: &[(&str, &str)], signed: bool) -> String {
    let folder = setting.folder.display();
    let identity = setting.identity;
    let listen: Vec<_> = setting
        .addresses()
        .map(|addr| format!("{}@{}", addr.ip(), addr.port()))
        .collect();
    let listen = listen.join(", ");
    let signing = if signed { "on" } else { "off" };
    let mut config = format!(
        r#"
server:
    rundir: "{folder}"
    listen: [{listen}]
    identity: "{identity}"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: info
database:
    storage: "{folder}"
policy:
  - id: test
    algorithm: ecdsap256sha256
    single-type-signing: on
template:
  - id: default
    storage: "{folder}"
    zonefile-sync: -1
    journal-content: none
    dnssec-signing: {signing}
    dnssec-policy: test
zone:
"#
    );
    for (apex, text) in zones {
        let file = setting.write_zone(apex, text);
        config.push_str(&format!("  - domain: {apex}\n    file: \"{file}\"\n"));
    }
    config
}
