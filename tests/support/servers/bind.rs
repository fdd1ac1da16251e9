//! BIND's `named`, as a resolver that begins at the root.

use std::net::SocketAddr;

use super::process::{Place, Process, Setting};

/// What a resolver is to know.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BindConfig<'a> {
    /// A hints file: where to begin to resolve every name.
    pub(crate) root_hints: &'a str,
    /// A DS record of the root in presentation form. Answers are validated where there is one.
    pub(crate) root_anchor: Option<&'a str>,
    /// More lines for the `options` section.
    pub(crate) options: &'a str,
}

/// A running `named`. It talks to loopback addresses only, if its hints do.
#[derive(Debug)]
pub(crate) struct Bind(Process);

impl Bind {
    /// Starts a resolver, always at a port of 127.0.0.1: it listens at nothing but the addresses
    /// that an interface names, and the one of loopback names no other.
    pub(crate) fn start(config: &BindConfig<'_>) -> Self {
        Self::try_start(config).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn try_start(config: &BindConfig<'_>) -> Result<Self, String> {
        Process::start("named", Place::Anywhere, &[], |setting| {
            let file = setting.write("named.conf", &text(setting, config));
            ["-g", "-4", "-n", "1", "-c", &file]
                .map(str::to_owned)
                .to_vec()
        })
        .map(Self)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.0.addr()
    }
}

fn text(setting: &Setting<'_>, config: &BindConfig<'_>) -> String {
    let folder = setting.folder.display();
    let (ip, port, identity) = (setting.addr.ip(), setting.addr.port(), setting.identity);
    let hints = setting.write("root.hints", config.root_hints);
    let options = config.options;
    let (validation, anchors) = match config.root_anchor {
        Some(anchor) => ("yes", static_anchor(anchor)),
        None => ("no", String::new()),
    };
    format!(
        r#"
options {{
    directory "{folder}";
    listen-on port {port} {{ {ip}; }};
    listen-on-v6 {{ none; }};
    query-source address {ip};
    server-id "{identity}";
    recursion yes;
    allow-query {{ 127.0.0.0/8; }};
    allow-recursion {{ 127.0.0.0/8; }};
    dnssec-validation {validation};
    empty-zones-enable no;
    servfail-ttl 0;
    prefetch 0;
    pid-file none;
    session-keyfile none;
    lock-file none;
    max-cache-size 16M;
    {options}
}};
controls {{ }};
{anchors}zone "." {{ type hint; file "{hints}"; }};
"#
    )
}

/// `. IN DS 1 13 2 ABCD` as a statement of the configuration.
fn static_anchor(ds: &str) -> String {
    let data: Vec<_> = ds.split_whitespace().skip_while(|w| *w != "DS").collect();
    let [_, tag, algorithm, digest_type, digest @ ..] = data.as_slice() else {
        panic!("not a DS record: {ds}");
    };
    let digest = digest.concat();
    format!("trust-anchors {{ . static-ds {tag} {algorithm} {digest_type} \"{digest}\"; }};\n")
}
