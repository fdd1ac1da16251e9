//! The text of a zone: what it holds itself, and what it says of the zones below it.

use std::fmt::Write;
use std::net::IpAddr;

use super::sign::{Signer, Signing};

/// A zone, and the names of the servers that its parent names for it.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    pub(super) apex: String,
    pub(super) records: String,
    pub(super) servers: Vec<String>,
    pub(super) signing: Option<Signing>,
    ttl: u32,
    minimum: u32,
}

impl Zone {
    /// A zone with these records, lines of a zone file relative to the apex. Its SOA and NS records,
    /// addresses of servers, delegations and DS records are written for it.
    pub(crate) fn new(apex: &str, servers: &[&str], records: &str) -> Self {
        Self {
            apex: absolute(apex),
            records: records.to_owned(),
            servers: servers.iter().copied().map(absolute).collect(),
            signing: None,
            ttl: 60,
            minimum: 5,
        }
    }

    /// A zone with signatures. All zones above it are signed as well.
    pub(crate) fn signed(self, signing: Signing) -> Self {
        Self {
            signing: Some(signing),
            ..self
        }
    }

    /// The TTL of every record, 60 where this is not said.
    pub(crate) fn ttl(self, ttl: u32) -> Self {
        Self { ttl, ..self }
    }

    /// How long resolvers may keep it that something is not there, 5 where this is not said.
    pub(crate) fn minimum(self, minimum: u32) -> Self {
        Self { minimum, ..self }
    }

    /// Writes the zone with what is known of others: the addresses of the servers that are named in
    /// it, and the zones that it delegates.
    pub(super) fn compose(
        &self,
        serial: u32,
        records: &str,
        hosts: &[(String, IpAddr)],
        children: &[(&Self, Option<&Signer>)],
    ) -> String {
        let apex = &self.apex;
        let (ttl, minimum) = (self.ttl, self.minimum);
        // The TTL of the SOA record limits the minimum in it (RFC 2308 §5).
        let soa = ttl.max(minimum);
        let first = self.servers.first().map_or("invalid.", String::as_str);
        let mut text = format!(
            "$ORIGIN {apex}\n$TTL {ttl}\n\
             @ {soa} SOA {first} hostmaster.invalid. {serial} 3600 600 86400 {minimum}\n"
        );
        for server in &self.servers {
            let _ = writeln!(text, "@ NS {server}");
        }
        for (child, signer) in children {
            for server in &child.servers {
                let _ = writeln!(text, "{} NS {server}", child.apex);
            }
            if let Some(signer) = signer {
                let _ = writeln!(text, "{}", signer.ds());
            }
        }
        // Glue looks like any other address. What is below a delegation and helps no server that
        // the delegation names is left out.
        for (host, ip) in hosts {
            let below = children
                .iter()
                .find(|(child, _)| is_below(host, &child.apex));
            if below.is_none_or(|(child, _)| child.servers.contains(host)) {
                let rtype = if ip.is_ipv4() { "A" } else { "AAAA" };
                let _ = writeln!(text, "{host} {rtype} {ip}");
            }
        }
        text.push_str(records);
        text.push('\n');
        text
    }
}

/// The name with its dot at the end, in lower case.
pub(super) fn absolute(name: &str) -> String {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    format!("{name}.")
}

/// Whether `name` is `apex` or below it, both with their dots at the end.
pub(super) fn is_below(name: &str, apex: &str) -> bool {
    apex == "."
        || name
            .strip_suffix(apex)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The zone right above: the closest of `apexes` that is not `apex` itself.
pub(super) fn parent<'a>(apex: &str, apexes: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    apexes
        .filter(|other| *other != apex && is_below(apex, other))
        .max_by_key(|other| if *other == "." { 0 } else { other.len() })
}
