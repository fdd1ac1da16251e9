//! Unbound, a validating resolver.

use std::net::SocketAddr;

use super::process::{Process, Setting};

/// What a resolver is to know.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UnboundConfig<'a> {
    /// The zones that can be resolved, and where each is served. All other names are refused. The
    /// root is the empty name.
    pub(crate) stubs: &'a [(&'a str, SocketAddr)],
    /// DS or DNSKEY records. Answers are validated where there is any.
    pub(crate) trust_anchors: &'a [&'a str],
    /// More lines for the `server:` section.
    pub(crate) server: &'a str,
}

/// A running Unbound. It talks to loopback addresses only.
#[derive(Debug)]
pub(crate) struct Unbound(Process);

impl Unbound {
    /// Starts a resolver.
    pub(crate) fn start(config: &UnboundConfig<'_>) -> Self {
        Self::try_start(config).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn try_start(config: &UnboundConfig<'_>) -> Result<Self, String> {
        Process::start("unbound", &[], |setting| {
            let file = setting.write("unbound.conf", &text(setting, config));
            ["-d", "-p", "-c", &file].map(str::to_owned).to_vec()
        })
        .map(Self)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.0.addr()
    }
}

fn text(setting: &Setting<'_>, config: &UnboundConfig<'_>) -> String {
    let folder = setting.folder.display();
    let (ip, port, identity) = (setting.addr.ip(), setting.addr.port(), setting.identity);
    let modules = if config.trust_anchors.is_empty() {
        "iterator"
    } else {
        "validator iterator"
    };
    let mut text = format!(
        r#"
server:
    interface: {ip}@{port}
    identity: "{identity}"
    num-threads: 1
    so-reuseport: no
    do-ip6: no
    outgoing-interface: 127.0.0.1
    do-not-query-localhost: no
    access-control: 127.0.0.0/8 allow
    module-config: "{modules}"
    ede: yes
    val-log-level: 2
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: ""
    use-syslog: no
    logfile: ""
"#
    );
    if config.stubs.iter().all(|(zone, _)| !zone.is_empty()) {
        text.push_str("    local-zone: \".\" refuse\n");
    }
    for (zone, _) in config.stubs.iter().filter(|(zone, _)| !zone.is_empty()) {
        text.push_str(&format!("    local-zone: \"{zone}.\" transparent\n"));
    }
    for anchor in config.trust_anchors {
        text.push_str(&format!("    trust-anchor: \"{anchor}\"\n"));
    }
    text.push_str(config.server);
    text.push_str("\nremote-control:\n    control-enable: no\n");
    for (zone, addr) in config.stubs {
        let (ip, port) = (addr.ip(), addr.port());
        text.push_str(&format!(
            "stub-zone:\n    name: \"{zone}.\"\n    stub-addr: {ip}@{port}\n"
        ));
    }
    text
}
