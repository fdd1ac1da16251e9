//! Whose a resolver is, by its address (S-3).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::dns::{Group, PerspectiveId};
use crate::lookup::address::{AddressRange, carried};

/// Public resolvers by operator, with the prefixes that their addresses lie in, those of filtering
/// variants too, as known in November 2026. An IPv6 prefix is the operator's whole allocation where it
/// is known to be one. An address below none of them counts together with the others of its /24 or
/// /48.
const OPERATORS: [(&str, &[&str]); 24] = [
    (
        "Cloudflare",
        &[
            "1.1.1.0/24",
            "1.0.0.0/24",
            "162.159.36.0/24",
            "162.159.46.0/24",
            "172.64.36.0/24",
            "2606:4700::/32",
        ],
    ),
    ("Google", &["8.8.8.0/24", "8.8.4.0/24", "2001:4860::/32"]),
    ("Quad9", &["9.9.9.0/24", "149.112.112.0/24", "2620:fe::/48"]),
    (
        "OpenDNS",
        &[
            "208.67.216.0/21",
            "146.112.41.0/24",
            "2620:119:35::/48",
            "2620:119:53::/48",
            "2620:0:ccc::/48",
            "2620:0:ccd::/48",
        ],
    ),
    (
        "AdGuard",
        &["94.140.14.0/23", "176.103.130.0/24", "2a10:50c0::/32"],
    ),
    (
        "AliDNS",
        &["223.5.5.0/24", "223.6.6.0/24", "2400:3200::/32"],
    ),
    ("Baidu", &["180.76.76.0/24", "2400:da00::/32"]),
    (
        "CIRA",
        &[
            "149.112.121.0/24",
            "149.112.122.0/24",
            "2620:10a:80bb::/48",
            "2620:10a:80bc::/48",
        ],
    ),
    ("CleanBrowsing", &["185.228.168.0/23", "2a0d:2a00::/32"]),
    ("Comodo", &["8.26.56.0/24", "8.20.247.0/24"]),
    (
        "Control D",
        &["76.76.2.0/24", "76.76.10.0/24", "2606:1a40::/32"],
    ),
    ("DNS4EU", &["86.54.11.0/24", "2a13:1001::/32"]),
    (
        "DNS.SB",
        &[
            "185.222.222.0/24",
            "45.11.45.0/24",
            "2a09::/32",
            "2a11::/32",
        ],
    ),
    (
        "DNS.WATCH",
        &["84.200.69.0/24", "84.200.70.0/24", "2001:1608:10::/48"],
    ),
    (
        "DNSPod",
        &[
            "119.29.29.0/24",
            "119.28.28.0/24",
            "182.254.116.0/24",
            "1.12.12.0/24",
            "120.53.53.0/24",
            "2402:4e00::/32",
        ],
    ),
    ("Hurricane Electric", &["74.82.42.0/24", "2001:470:20::/48"]),
    (
        "Lumen",
        &[
            "4.2.2.0/24",
            "209.244.0.0/24",
            "205.171.2.0/23",
            "205.171.202.0/24",
        ],
    ),
    ("Mullvad", &["194.242.2.0/24", "2a07:e340::/32"]),
    (
        "NextDNS",
        &["45.90.28.0/22", "2a07:a8c0::/32", "2a07:a8c1::/32"],
    ),
    ("Oracle", &["216.146.35.0/24", "216.146.36.0/24"]),
    (
        "Quad101",
        &["101.101.101.0/24", "101.102.103.0/24", "2001:de4::/48"],
    ),
    (
        "UltraDNS",
        &[
            "64.6.64.0/23",
            "156.154.70.0/23",
            "2610:a1:1018::/48",
            "2610:a1:1019::/48",
            "2620:74:1b::/48",
            "2620:74:1c::/48",
        ],
    ),
    ("Yandex", &["77.88.8.0/24", "2a02:6b8::/32"]),
    ("114DNS", &["114.114.114.0/24", "114.114.115.0/24"]),
];

/// The group of a resolver of which only the address is known: its operator's where that is a
/// public resolver, otherwise that of its network, the /24 or /48 that it stands in (S-3).
///
/// An address of loopback is a program of this machine: it tells nothing of whose that is, and
/// neighbours are told apart by address and port.
pub(super) fn group_of(server: SocketAddr) -> Group {
    let ip = match server.ip().to_canonical() {
        ip if ip.is_loopback() => {
            return Group::Operator(PerspectiveId::own(
                &SocketAddr::new(ip, server.port()).to_string(),
            ));
        }
        IpAddr::V6(v6) => carried(v6).map_or(IpAddr::V6(v6), IpAddr::V4),
        ip => ip,
    };
    let is_of = |prefix: &&str| {
        let range = prefix.parse::<AddressRange>();
        range.is_ok_and(|range| range.contains(ip))
    };
    let known = OPERATORS
        .iter()
        .find(|(_, prefixes)| prefixes.iter().any(is_of));
    let name = match (known, ip) {
        (Some((operator, _)), _) => (*operator).to_owned(),
        (None, IpAddr::V4(ip)) => {
            let [a, b, c, _] = ip.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        (None, IpAddr::V6(ip)) => {
            let [a, b, c, ..] = ip.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    };
    Group::Operator(PerspectiveId::own(&name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use super::*;

    // S-3: a prefix that could not be read would match nothing, and one that lies in another's would
    // give its addresses to whoever comes first.
    #[test]
    fn prefixes_are_ranges_of_one_operator_each() {
        let mut read: Vec<(&str, IpAddr, AddressRange)> = Vec::new();
        for (operator, prefixes) in OPERATORS {
            for prefix in prefixes {
                let range: AddressRange = prefix.parse().unwrap();
                let (first, _) = prefix.split_once('/').unwrap();
                let first: IpAddr = first.parse().unwrap();
                for (other, begins, wider) in &read {
                    assert!(
                        !wider.contains(first) && !range.contains(*begins),
                        "{operator}'s {prefix} and one of {other}'s overlap"
                    );
                }
                read.push((operator, first, range));
                let server = SocketAddr::new(first, 53);
                assert_eq!(
                    group_of(server),
                    Group::Operator(PerspectiveId::own(operator))
                );
            }
        }
    }
}
