//! Addresses in text.

/// Whether a text has the address of a machine in it, by itself or within more, as in
/// `at-192.0.2.53:53`. What only looks like one is taken for one.
///
/// It finds four numbers of at most three digits with a dot, hyphen or underscore between them
/// (IPv4, and the names that hosts get by it), two colons among hexadecimal digits (IPv6), the same
/// with hyphens for the colons, and the names of reverse look-ups.
pub(super) fn has_address(text: &[u8]) -> bool {
    has_quad(text) || has_groups(text) || has_reverse(text)
}

/// Four numbers in a row, with one separator between each two.
fn has_quad(text: &[u8]) -> bool {
    let is_separator = |octet: u8| matches!(octet, b'.' | b'-' | b'_');
    let (mut numbers, mut digits) = (0_usize, 0_usize);
    for octet in text {
        if octet.is_ascii_digit() {
            digits = digits.saturating_add(1);
            if digits == 1 {
                numbers = numbers.saturating_add(1);
            }
            if digits > 3 {
                numbers = 0;
            }
            if numbers >= 4 {
                return true;
            }
        } else {
            // Behind a number the next may follow at once.
            if digits == 0 || !is_separator(*octet) {
                numbers = 0;
            }
            digits = 0;
        }
    }
    false
}

/// Groups of at most four hexadecimal digits, of which some may be left out.
fn has_groups(text: &[u8]) -> bool {
    let runs = |separator: u8| {
        let is_inside = move |octet: &u8| octet.is_ascii_hexdigit() || *octet == separator;
        text.split(move |octet| !is_inside(octet))
    };
    let count = |run: &[u8], separator: u8| run.iter().filter(|one| **one == separator).count();
    let colons = runs(b':').any(|run| count(run, b':') >= 2);
    // Hyphens stand in other names too.
    let mut hyphens = runs(b'-').filter(|run| run.iter().any(u8::is_ascii_digit));
    colons || hyphens.any(|run| count(run, b'-') >= 7 || run.windows(2).any(|pair| pair == b"--"))
}

fn has_reverse(text: &[u8]) -> bool {
    let small = text.to_ascii_lowercase();
    let has = |name: &[u8]| small.windows(name.len()).any(|window| window == name);
    has(b"in-addr.arpa") || has(b"ip6.arpa")
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_no_addresses() {
        for name in [
            "",
            "Quad9",
            "quad-9",
            "cloudflare",
            "DNS4EU",
            "ns1.example.net",
            "eu-west-1",
            "1.1.1",
            "a.1.2.3",
            "v1.2.3",
            "2026-11-30 12:00",
            "as64496",
            "resolver 2",
            "x:y",
            "dead-beef",
            "12345.1.2.3",
        ] {
            assert!(!has_address(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn addresses_are_found() {
        for text in [
            "9.9.9.9",
            "at-9.9.9.9:53",
            "ip-10-1-2-3",
            "host_10_1_2_3.corp",
            "::1",
            "[::1]:53",
            "::ffff:192.0.2.1",
            "64:ff9b::c000:201",
            "2620-fe--9",
            "fe80::1%eth0",
            "a1.2.3.4b",
            "1.2.0.192.in-addr.arpa",
            "e.f.f.3.IP6.ARPA",
            "2001-db8-0-0-0-0-0-1.example",
        ] {
            assert!(has_address(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        // S-17: in whatever form, and whatever stands around it.
        #[test]
        fn every_address_is_found(
            four in any::<u32>(),
            six in any::<u128>(),
            port in any::<u16>(),
            before in "[a-z ./@(-]{0,6}",
            after in "[a-z ./)-]{0,6}",
        ) {
            let four = Ipv4Addr::from(four);
            for ip in [IpAddr::V4(four), Ipv6Addr::from(six).into(), four.to_ipv6_mapped().into()] {
                let socket = SocketAddr::new(ip, port);
                for text in [ip.to_string(), socket.to_string(), format!("[{ip}]:{port}")] {
                    let text = format!("{before}{text}{after}");
                    prop_assert!(has_address(text.as_bytes()), "{text}");
                }
            }
        }
    }
}
