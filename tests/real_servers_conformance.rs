//! The suite for lookups, over servers that others have written.
#![cfg(feature = "resolver")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it panics"
)]

#[path = "support/servers/mod.rs"]
mod servers;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use dcv::conformance::{LookupZone, dns_lookup, txt_lookup};
use dcv::dns::RecordData;
use dcv::lookup::HickoryLookup;
use servers::{Knot, Nsd, Unbound, UnboundConfig, servers_or_skip};

const APEX: &str = "example.com";

/// The zone of the suite as a zone file.
fn zone_file(zone: &LookupZone) -> String {
    let mut text = format!(
        "{APEX}. 60 SOA ns.{APEX}. hostmaster.{APEX}. 1 3600 600 86400 5\n\
         {APEX}. 60 NS ns.{APEX}.\n\
         ns.{APEX}. 60 A 127.0.0.1\n"
    );
    for (owner, record_type, data) in zone.records() {
        write!(text, "{owner} 60 {record_type}").unwrap();
        match data {
            RecordData::Txt(txt) => {
                for string in txt.strings() {
                    let octets = string.iter().map(|octet| format!("\\{octet:03}"));
                    write!(text, " \"{}\"", octets.collect::<String>()).unwrap();
                }
            }
            RecordData::Name(target) => write!(text, " {target}").unwrap(),
            RecordData::Other(octets) => {
                let octets: Vec<_> = octets.iter().map(u8::to_string).collect();
                write!(text, " {}", octets.join(".")).unwrap();
            }
            other => panic!("{other:?}"),
        }
        text.push('\n');
    }
    text
}

// DG-05, L-02: asked directly, and through a resolver.
#[tokio::test]
async fn the_lookup_conforms_over_real_servers() {
    if !servers_or_skip() {
        return;
    }
    let zone = LookupZone::new(APEX.parse().unwrap()).unwrap();
    // Authoritative servers refuse it, and the resolver has nobody to ask.
    let zone = zone.with_failing("unserved.example.org".parse().unwrap());
    let file = zone_file(&zone);
    let knot = Knot::start(&[(APEX, &file)]);
    let nsd = Nsd::start(&[(APEX, &file)]);
    let unbound = Unbound::start(&UnboundConfig {
        stubs: &[(APEX, knot.addr()), ("example.org", nsd.addr())],
        ..Default::default()
    });
    let servers: [(&str, SocketAddr); 3] = [
        ("knot", knot.addr()),
        ("nsd", nsd.addr()),
        ("unbound", unbound.addr()),
    ];
    for (server, addr) in servers {
        let lookup = HickoryLookup::from_servers([addr])
            .unwrap()
            .with_udp_tries(Duration::from_secs(5), 2);
        for report in [
            txt_lookup(&lookup, &zone).await,
            dns_lookup(&lookup, &zone).await,
        ] {
            assert!(report.is_conforming(), "{server}: {report}");
        }
    }
}
