//! Where the DNS begins.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The servers of the root zone, by IANA's root hints (as of November 2023).
pub(super) const SERVERS: [(char, Ipv4Addr, Ipv6Addr); 13] = [
    (
        'a',
        v4([198, 41, 0, 4]),
        v6([0x2001, 0x503, 0xba3e, 0, 0, 0, 0x2, 0x30]),
    ),
    (
        'b',
        v4([170, 247, 170, 2]),
        v6([0x2801, 0x1b8, 0x10, 0, 0, 0, 0, 0xb]),
    ),
    (
        'c',
        v4([192, 33, 4, 12]),
        v6([0x2001, 0x500, 0x2, 0, 0, 0, 0, 0xc]),
    ),
    (
        'd',
        v4([199, 7, 91, 13]),
        v6([0x2001, 0x500, 0x2d, 0, 0, 0, 0, 0xd]),
    ),
    (
        'e',
        v4([192, 203, 230, 10]),
        v6([0x2001, 0x500, 0xa8, 0, 0, 0, 0, 0xe]),
    ),
    (
        'f',
        v4([192, 5, 5, 241]),
        v6([0x2001, 0x500, 0x2f, 0, 0, 0, 0, 0xf]),
    ),
    (
        'g',
        v4([192, 112, 36, 4]),
        v6([0x2001, 0x500, 0x12, 0, 0, 0, 0, 0xd0d]),
    ),
    (
        'h',
        v4([198, 97, 190, 53]),
        v6([0x2001, 0x500, 0x1, 0, 0, 0, 0, 0x53]),
    ),
    (
        'i',
        v4([192, 36, 148, 17]),
        v6([0x2001, 0x7fe, 0, 0, 0, 0, 0, 0x53]),
    ),
    (
        'j',
        v4([192, 58, 128, 30]),
        v6([0x2001, 0x503, 0xc27, 0, 0, 0, 0x2, 0x30]),
    ),
    (
        'k',
        v4([193, 0, 14, 129]),
        v6([0x2001, 0x7fd, 0, 0, 0, 0, 0, 0x1]),
    ),
    (
        'l',
        v4([199, 7, 83, 42]),
        v6([0x2001, 0x500, 0x9f, 0, 0, 0, 0, 0x42]),
    ),
    (
        'm',
        v4([202, 12, 27, 33]),
        v6([0x2001, 0xdc3, 0, 0, 0, 0, 0, 0x35]),
    ),
];

const fn v4(octets: [u8; 4]) -> Ipv4Addr {
    let [a, b, c, d] = octets;
    Ipv4Addr::new(a, b, c, d)
}

const fn v6(segments: [u16; 8]) -> Ipv6Addr {
    let [a, b, c, d, e, f, g, h] = segments;
    Ipv6Addr::new(a, b, c, d, e, f, g, h)
}

/// Their addresses, a pair for each.
pub(super) fn addresses() -> impl Iterator<Item = [IpAddr; 2]> {
    SERVERS
        .map(|(_, v4, v6)| [IpAddr::V4(v4), IpAddr::V6(v6)])
        .into_iter()
}
