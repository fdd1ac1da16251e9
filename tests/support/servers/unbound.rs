//! Unbound, a validating resolver.

use std::cell::Cell;
use std::net::SocketAddr;

use super::process::{Place, Process, Setting, free_address};

/// What a resolver is to know.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UnboundConfig<'a> {
    /// The zones that can be resolved, and where each is served. All other names are refused,
    /// unless there are root hints. The root is the empty name.
    pub(crate) stubs: &'a [(&'a str, SocketAddr)],
    /// A hints file: where to begin to resolve every name.
    pub(crate) root_hints: Option<&'a str>,
    /// Where to listen and to ask from, in place of a free port of 127.0.0.1.
    pub(crate) at: Option<SocketAddr>,
    /// DS or DNSKEY records. Answers are validated where there is any.
    pub(crate) trust_anchors: &'a [&'a str],
    /// The certificate chain and its key, in PEM: with them it answers over TLS and HTTPS too.
    pub(crate) certificate: Option<(&'a str, &'a str)>,
    /// More lines for the `server:` section.
    pub(crate) server: &'a str,
}

/// A running Unbound. It talks to loopback addresses only.
#[derive(Debug)]
pub(crate) struct Unbound {
    process: Process,
    /// Where it speaks TLS, and where HTTPS.
    encrypted: Option<[SocketAddr; 2]>,
}

impl Unbound {
    /// Starts a resolver.
    pub(crate) fn start(config: &UnboundConfig<'_>) -> Self {
        Self::try_start(config).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn try_start(config: &UnboundConfig<'_>) -> Result<Self, String> {
        let place = config.at.map_or(Place::Anywhere, Place::At);
        let encrypted = Cell::new(None);
        let process = Process::start("unbound", place, &[], |setting| {
            let mut text = text(setting, config);
            if let Some((certificate, key)) = config.certificate {
                let ports = [(); 2].map(|()| match free_address() {
                    Ok((addr, _)) => addr,
                    Err(error) => panic!("no free port: {error}"),
                });
                encrypted.set(Some(ports));
                text.push_str(&encryption(setting, ports, certificate, key));
            }
            let file = setting.write("unbound.conf", &text);
            ["-d", "-p", "-c", &file].map(str::to_owned).to_vec()
        })?;
        let encrypted = encrypted.into_inner();
        Ok(Self { process, encrypted })
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.process.addr()
    }

    /// Where it answers over TLS, for one with a certificate.
    pub(crate) fn tls_addr(&self) -> SocketAddr {
        let [tls, _] = self.encrypted.unwrap_or_else(|| panic!("no certificate"));
        tls
    }

    /// Where it answers over HTTPS, at `/dns-query`, for one with a certificate.
    pub(crate) fn https_addr(&self) -> SocketAddr {
        let [_, https] = self.encrypted.unwrap_or_else(|| panic!("no certificate"));
        https
    }
}

fn encryption(
    setting: &Setting<'_>,
    [tls, https]: [SocketAddr; 2],
    certificate: &str,
    key: &str,
) -> String {
    let certificate = setting.write("certificate.pem", certificate);
    let key = setting.write("key.pem", key);
    let (tls_ip, https_ip) = (tls.ip(), https.ip());
    let (tls, https) = (tls.port(), https.port());
    format!(
        r#"
server:
    interface: {tls_ip}@{tls}
    tls-port: {tls}
    interface: {https_ip}@{https}
    https-port: {https}
    tls-service-pem: "{certificate}"
    tls-service-key: "{key}"
"#
    )
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
    } else if config.stubs.iter().all(|(zone, _)| !zone.is_empty()) {
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
