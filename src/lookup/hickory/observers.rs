use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::HickoryLookup;
use super::operators::group_of;
use crate::dns::{Group, Perspective, PerspectiveId, Transport};
use crate::lookup::{DnsObserver, Rate};

/// Public resolvers by operator. IPv6 comes last: where it is missing, nothing is lost by it.
const PUBLIC: [(&str, [IpAddr; 4]); 3] = [
    (
        "Cloudflare",
        [
            v4(1, 1, 1, 1),
            v4(1, 0, 0, 1),
            v6([0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111]),
            v6([0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1001]),
        ],
    ),
    (
        "Google",
        [
            v4(8, 8, 8, 8),
            v4(8, 8, 4, 4),
            v6([0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888]),
            v6([0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8844]),
        ],
    ),
    (
        "Quad9",
        [
            v4(9, 9, 9, 9),
            v4(149, 112, 112, 112),
            v6([0x2620, 0xfe, 0, 0, 0, 0, 0, 0xfe]),
            v6([0x2620, 0xfe, 0, 0, 0, 0, 0, 0x9]),
        ],
    ),
];

const fn v4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

const fn v6(s: [u16; 8]) -> IpAddr {
    let [a, b, c, d, e, f, g, h] = s;
    IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, h))
}

impl HickoryLookup {
    /// The public resolvers of Cloudflare, Google and Quad9: a perspective and a group each.
    ///
    /// They are asked in plain text and are [untrusted](crate::dns::Trust::Untrusted). Comparing
    /// them protects against whoever can deceive one of them, and not against whoever stands
    /// between this machine and all of them (S-3). Their operators learn the names asked for. Each
    /// address is asked 1000 times a second at the most (S-16).
    #[must_use]
    pub fn public_resolvers() -> Vec<DnsObserver<Self>> {
        // Their operators take a flood for an attack.
        let rate = Rate::per_second(1000);
        let observers = PUBLIC.iter().filter_map(|(operator, addresses)| {
            let servers = addresses
                .iter()
                .map(|address| SocketAddr::new(*address, 53));
            let lookup = Self::from_servers(servers).ok()?.with_rate(rate);
            let operator = PerspectiveId::own(operator);
            let perspective =
                Perspective::new(operator.clone()).with_group(Group::Operator(operator));
            Some(DnsObserver::new(perspective, lookup))
        });
        observers.collect()
    }

    /// Each of these servers as a perspective of its own, named by its address: for whoever names
    /// servers and nothing else, such as on a command line. A server named twice is one perspective.
    ///
    /// They corroborate each other as far as their addresses show that they are independent (S-3).
    /// The addresses of a public resolver are one group, its operator's; the others of one /24, or
    /// of one /48 with IPv6, are one group too, named by that prefix. Programs on this machine are
    /// a group each. Whoever knows better says so, with [`observer_named`](Self::observer_named) or
    /// [`observe_as`](Self::observe_as).
    pub fn observers_for(servers: impl IntoIterator<Item = SocketAddr>) -> Vec<DnsObserver<Self>> {
        let mut observers: Vec<DnsObserver<Self>> = Vec::new();
        let mut known = Vec::new();
        for mut server in servers {
            // An IPv4 address in an IPv6 one is the same server.
            if let ip @ IpAddr::V4(_) = server.ip().to_canonical() {
                server.set_ip(ip);
            }
            if known.contains(&server) {
                continue;
            }
            known.push(server);
            let Ok(lookup) = Self::from_servers([server]) else {
                continue;
            };
            let id = PerspectiveId::own(&server.to_string());
            let perspective = Perspective::new(id).with_group(group_of(server));
            observers.push(lookup.observe_as(perspective));
        }
        observers
    }

    /// This lookup as a perspective of that name, of that operator and region: short for
    /// [`observe_as`](Self::observe_as).
    ///
    /// The operator is whoever would deceive or fail with it (S-3): for resolvers of one's own, the
    /// network or hosting company that each of them stands in.
    #[must_use]
    pub fn observer_named(
        self,
        id: PerspectiveId,
        operator: PerspectiveId,
        region: PerspectiveId,
    ) -> DnsObserver<Self> {
        let perspective = Perspective::new(id)
            .with_group(Group::Operator(operator))
            .with_region(region);
        self.observe_as(perspective)
    }

    /// How its servers are reached.
    pub(super) fn transport(&self) -> Transport {
        if self.exchange.is_authenticated() {
            Transport::Authenticated
        } else if self.servers.iter().all(|server| server.ip().is_loopback()) {
            Transport::Loopback
        } else {
            Transport::Plain
        }
    }

    /// This lookup as the perspective `system`, whose operator is unknown.
    #[must_use]
    pub fn observer(self) -> DnsObserver<Self> {
        self.observe_as(Perspective::new(PerspectiveId::own("system")))
    }
}
