//! The table of DNS providers.
#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::collections::HashSet;

use dcv::name::OwnerName;
use dcv::providers::{self, Provider};

fn names(names: &[&str]) -> Vec<OwnerName> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn found(servers: &[&str]) -> Option<&'static str> {
    providers::of_servers(&names(servers)).map(|provider| provider.id)
}

// Nothing stands in the table that nobody has said.
#[test]
fn every_row_says_where_it_is_from() {
    let all = providers::all();
    assert!(all.len() >= 20);
    let addresses = |provider: &'static Provider| provider.sources.iter().chain(&provider.help);
    for provider in all {
        let id = provider.id;
        assert!(!provider.sources.is_empty(), "{id}");
        for address in addresses(provider) {
            assert!(address.starts_with("https://"), "{id}: {address}");
            assert!(
                !address.contains([' ', '"', '<', '>', '\\']),
                "{id}: {address}"
            );
        }
        let date: Vec<&str> = provider.seen.split('-').collect();
        let [year, month, day] = date.try_into().unwrap();
        let date = time::Date::from_calendar_date(
            year.parse().unwrap(),
            month.parse::<u8>().unwrap().try_into().unwrap(),
            day.parse().unwrap(),
        );
        assert!(date.is_ok(), "{id}: {}", provider.seen);
        assert!(
            id.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        );
        let says_something = provider.host_form.is_some() || !provider.servers.is_empty();
        assert!(says_something, "{id}");
    }
    let ids: Vec<&str> = all.iter().map(|provider| provider.id).collect();
    assert!(ids.is_sorted());
    let words: Vec<String> = all
        .iter()
        .flat_map(|provider| [provider.id.to_owned(), provider.name.to_lowercase()])
        .collect::<HashSet<_>>()
        .into_iter()
        .collect();
    for word in &words {
        let owners = all
            .iter()
            .filter(|provider| provider.id == word || provider.name.to_lowercase() == *word);
        assert_eq!(owners.count(), 1, "{word} names two");
    }
}

// No server is of two providers.
#[test]
fn suffixes_are_disjoint() {
    let all = providers::all();
    for provider in all {
        for suffix in provider.servers {
            let is_name = suffix.bytes().all(|octet| {
                octet.is_ascii_lowercase() || octet.is_ascii_digit() || b".-#".contains(&octet)
            });
            assert!(is_name && suffix.contains('.'), "{suffix}");
            let server: OwnerName = suffix.replace('#', "7").parse().unwrap();
            let owners: Vec<&str> = all
                .iter()
                .filter(|other| other.serves(&server) || other.serves(&server.child(b"x").unwrap()))
                .map(|other| other.id)
                .collect();
            assert_eq!(owners, [provider.id], "{suffix}");
        }
    }
}

#[test]
fn servers_are_told_by_whole_labels() {
    let rows: &[(&[&str], Option<&str>)] = &[
        (
            &["ada.ns.cloudflare.com", "BOB.ns.Cloudflare.com."],
            Some("cloudflare"),
        ),
        (
            &["ns-1.awsdns-00.com", "ns-2.awsdns-63.co.uk"],
            Some("route53"),
        ),
        (
            &["ns1-37.azure-dns.com", "ns2-37.azure-dns.net"],
            Some("azure-dns"),
        ),
        (&["ns59.domaincontrol.com"], Some("godaddy")),
        (&["dns1.registrar-servers.com"], Some("namecheap")),
        (
            &["dns19.ovh.net", "ns19.ovh.net", "dns200.ovh.net"],
            Some("ovhcloud"),
        ),
        (
            &["helium.ns.hetzner.de", "oxygen.ns.hetzner.com"],
            Some("hetzner"),
        ),
        (
            &["ns1.dnsimple.com", "ns2.dnsimple-edge.net"],
            Some("dnsimple"),
        ),
        // Near misses.
        (&["evil-ns.cloudflare.com"], None),
        (&["xns.cloudflare.com"], None),
        (&["cloudflare.com"], None),
        (&["ns.cloudflare.com.attacker.example"], None),
        (&["evil-ns.cloudflare.com.attacker.example"], None),
        (&[r"ada\.ns.cloudflare.com"], None),
        (&["ns.cloudflare.co"], None),
        (&["ns-1.awsdns-1.com"], None),
        (&["ns-1.awsdns-640.com"], None),
        (&["ns-1.awsdns-0x.com"], None),
        (&["ns-1.xawsdns-00.com"], None),
        (&["ns-1.awsdns-00.com.example"], None),
        (&["mydomaincontrol.com"], None),
        (&["ns3012345.ovh.net"], None),
        (&["ns19.ovh.net.example"], None),
        (&["com"], None),
        (&["."], None),
        // Of two, of nobody, or of one and an unknown one: nobody's panel is the right one.
        (&["ada.ns.cloudflare.com", "ns59.domaincontrol.com"], None),
        (&["ada.ns.cloudflare.com", "ns1.example.com"], None),
        (&["ns1.example.com", "ada.ns.cloudflare.com"], None),
        (&["ns1.example.com"], None),
        (&[], None),
        // The names of two providers' servers.
        (&["ns-cloud-a1.googledomains.com"], None),
    ];
    for (servers, provider) in rows {
        assert_eq!(found(servers), *provider, "{servers:?}");
    }
}

#[test]
fn providers_are_found_by_id_and_name() {
    for (word, id) in [
        ("cloudflare", Some("cloudflare")),
        ("CLOUDFLARE", Some("cloudflare")),
        ("Amazon Route 53", Some("route53")),
        (" amazon route 53 ", Some("route53")),
        ("squarespace", Some("squarespace")),
        ("cloud", None),
        ("", None),
    ] {
        assert_eq!(providers::find(word).map(|found| found.id), id, "{word}");
    }
}
