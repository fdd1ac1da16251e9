//! Unbound, a validating resolver.

use std::net::SocketAddr;

use super::process::{Place, Process, Setting};

/// What a resolver is to know.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UnboundConfig<'a> {
    /// The zones that can be resolved, and where each is served. All other names are refused,
    /// unless there are root hints.
    pub(crate) stubs: &'a [(&'a str, SocketAddr)],
    /// A hints file: where to begin to resolve every name.
    pub(crate) root_hints: Option<&'a str>,
    /// Where to listen and to ask from, in place of a free port of 127.0.0.1.
    pub(crate) at: Option<SocketAddr>,
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
        let place = config.at.map_or(Place::Anywhere, Place::At);
        Process::start("unbound", place, &[], |setting| {
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
    outgoing-interface: {ip}
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
    if let Some(hints) = config.root_hints {
        let file = setting.write("root.hints", hints);
        text.push_str(&format!("    root-hints: \"{file}\"\n"));
    } else {
        text.push_str("    local-zone: \".\" refuse\n");
    }
    for (zone, _) in config.stubs {
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
