//! Which addresses of name servers are connected to (S-10).
#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use dcv::lookup::{AddressFilter, AddressRange};
use proptest::prelude::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn range(text: &str) -> AddressRange {
    text.parse().unwrap()
}

// S-10: nothing but addresses of the public Internet, after unwrapping.
#[test]
fn only_public_addresses_pass() {
    let filter = AddressFilter::new();
    let mut cases = 0;
    for line in include_str!("data/addresses.tsv").lines() {
        let Some((address, passes)) = line.split_once('\t') else {
            continue;
        };
        let admits = filter.admits(SocketAddr::new(ip(address), 53));
        assert_eq!(admits, passes == "yes", "{address}");
        cases += 1;
    }
    assert!(cases > 60, "{cases} cases");
}

// S-10: port 53 only unless allowed.
#[test]
fn only_the_ports_of_the_dns_pass() {
    let filter = AddressFilter::new();
    let at = |port| SocketAddr::new(ip("9.9.9.9"), port);
    for port in [0, 22, 54, 80, 443, 853, 5353] {
        assert!(!filter.admits(at(port)), "{port}");
    }
    let wider = filter.allowing_port(5353);
    assert!(wider.admits(at(53)) && wider.admits(at(5353)));
}

// S-10: operators add ranges; what they deny no other range lets pass, in whatever form.
#[test]
fn operators_add_ranges() {
    let filter = AddressFilter::new()
        .allowing(range("10.0.0.0/8"))
        .allowing(range("fd00::/8"))
        .denying(range("10.1.0.0/16"))
        .denying(range("9.9.9.9"));
    for (address, passes) in [
        ("10.0.0.1", true),
        ("::ffff:10.0.0.1", true),
        ("64:ff9b::10.0.0.1", true),
        ("10.1.2.3", false),
        ("::ffff:10.1.2.3", false),
        ("2002:a01:203::1", false),
        ("fd00::1", true),
        ("fc00::1", false),
        ("9.9.9.9", false),
        ("::ffff:9.9.9.9", false),
        ("9.9.9.10", true),
        ("192.168.0.1", false),
    ] {
        assert_eq!(
            filter.admits(SocketAddr::new(ip(address), 53)),
            passes,
            "{address}"
        );
    }
}

#[test]
fn ranges_are_read_exactly() {
    for (text, inside, outside) in [
        ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
        ("192.0.2.77/24", "192.0.2.1", "192.0.3.0"),
        ("0.0.0.0/0", "255.255.255.255", "::"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"),
        ("::/0", "ffff::", "0.0.0.0"),
        ("2001:db8::1", "2001:db8::1", "2001:db8::2"),
    ] {
        assert!(range(text).contains(ip(inside)), "{inside} in {text}");
        assert!(
            !range(text).contains(ip(outside)),
            "{outside} not in {text}"
        );
    }
    for text in [
        "",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/+8",
        "10.0.0.0/",
        "10/8",
        "a/8",
        "10.0.0.0/8 ",
    ] {
        assert!(text.parse::<AddressRange>().is_err(), "{text:?}");
    }
}

proptest! {
    // S-10: no form of an IPv4 address passes where the address itself does not.
    #[test]
    fn wrapping_opens_nothing(bits in any::<u32>()) {
        let filter = AddressFilter::new();
        let v4 = Ipv4Addr::from_bits(bits);
        let plain = filter.admits(SocketAddr::new(v4.into(), 53));
        let [high, low] = [(bits >> 16) as u16, bits as u16];
        for wrapped in [
            v4.to_ipv6_mapped(),
            v4.to_ipv6_compatible(),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x2001, 0, 0x0808, 0x0808, 0, 0, !high, !low),
        ] {
            prop_assert_eq!(filter.admits(SocketAddr::new(wrapped.into(), 53)), plain, "{}", wrapped);
        }
    }
}
