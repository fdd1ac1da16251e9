//! Small Internets in which something is wrong, by the names that the tables of `tests/data/faults`
//! call them.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use dcv::challenge::Challenge;
use dcv::lookup::{AddressFilter, AuthoritativeLookup};
use dcv::policy::Policy;

use crate::delegations;

use crate::servers::internet::{Builder, Tcp};
use crate::servers::wire::{self, Question, Transport, Type};
use crate::servers::{Bind, Internet, Signing, Unbound, Zone};

pub(crate) const APEX: &str = "example.com";

/// The servers of the zone: knot, NSD, and knot under a name that is elsewhere.
pub(crate) const SERVERS: [&str; 3] = ["ns1.example.com", "ns2.example.com", "ns.example.net"];

/// An Internet with resolvers. What ends first stands first.
pub(crate) struct Scenario {
    /// How many resolvers must agree where nobody else looks: more than half.
    pub(crate) needed: u8,
    /// Which of them finds the servers of the zone for a view that goes through it.
    pub(crate) guide: usize,
    /// Whom the authoritative view may ask.
    pub(crate) filter: AddressFilter,
    pub(crate) resolvers: Vec<Resolver>,
    pub(crate) internet: Internet,
}

pub(crate) enum Resolver {
    Unbound(Unbound),
    Bind(Bind),
    /// Nobody is there.
    Dead(SocketAddr),
}

impl Resolver {
    pub(crate) fn addr(&self) -> SocketAddr {
        match self {
            Self::Unbound(unbound) => unbound.addr(),
            Self::Bind(bind) => bind.addr(),
            Self::Dead(addr) => *addr,
        }
    }
}

/// The records of a scenario: what the user was asked for, and what a tenant wants to be there.
pub(crate) struct Records {
    pub(crate) owner: String,
    pub(crate) published: String,
    /// The record in a crowd that fits into no datagram.
    crowded: String,
    /// The same for a day, which is what a liar would say.
    pub(crate) lie: String,
    pub(crate) value: String,
}

impl Records {
    fn of(challenge: &Challenge) -> Self {
        let (owner, value) = (challenge.owner().to_string(), challenge.record().value());
        let published = format!("{owner} TXT \"{value}\"\n");
        let crowd = (0..40).map(|number| format!("{owner} TXT \"{number:0>200}\"\n"));
        Self {
            crowded: published.clone() + &crowd.collect::<String>(),
            lie: format!("{owner} 86400 TXT \"{value}\"\n"),
            owner,
            published,
            value: value.to_owned(),
        }
    }
}

pub(crate) fn world(zone: Zone) -> Builder {
    Internet::builder()
        .zone(zone)
        .zone(Zone::new("example.net", &["ns.example.net"], ""))
        .nsd(&["ns2.example.com"])
}

/// Denials are not kept: what resolvers hold is what the scenario gave them.
pub(crate) fn zone(records: &str) -> Zone {
    Zone::new(APEX, &SERVERS, records).minimum(0)
}

impl Scenario {
    /// The one of this name, with what `challenge` asks for as the record that it is about.
    pub(crate) fn start(name: &str, challenge: &Challenge) -> Self {
        let records = Records::of(challenge);
        match name {
            "published" => Self::unsigned(zone(&records.published)),
            "absent" => Self::unsigned(zone("")),
            "one-dead" | "two-dead" | "all-dead" => {
                let mut scenario = Self::unsigned(zone(&records.published));
                for server in some_of(name) {
                    scenario.internet.stop(server);
                }
                scenario
            }
            "one-lame" | "all-lame" => {
                let mut scenario = Self::unsigned(zone(&records.published));
                for server in some_of(name) {
                    scenario.internet.forget(server, APEX);
                }
                scenario
            }
            "one-without-tcp" | "all-without-tcp" => {
                let mut scenario = Self::unsigned(zone(&records.crowded));
                for server in some_of(name) {
                    scenario.internet.block_tcp(server, Tcp::Refused);
                }
                scenario
            }
            "resolver-dead" | "resolver-and-server-dead" => {
                let mut scenario = Self::unsigned(zone(&records.published));
                if let Some(first) = scenario.resolvers.first_mut() {
                    *first = Resolver::Dead(scenario.internet.spare());
                }
                if name != "resolver-dead" {
                    scenario.internet.stop("ns2.example.com");
                }
                scenario
            }
            "one-lame-one-dead" => {
                let mut scenario = Self::unsigned(zone(&records.published));
                let internet = &mut scenario.internet;
                internet.forget("ns2.example.com", APEX);
                internet.stop("ns.example.net");
                scenario
            }
            "one-stale" | "two-stale" | "all-stale" => {
                let stale = some_of(name);
                let mut scenario = Self::divided(world(zone("")), &[(&SERVERS, stale)]);
                let current: Vec<_> = SERVERS.into_iter().filter(|s| !stale.contains(s)).collect();
                let internet = &mut scenario.internet;
                internet.publish_at(&current, APEX, &records.published);
                scenario
            }
            "one-lying" | "two-lying" | "all-lying" => {
                let liars = some_of(name);
                let mut scenario = Self::divided(world(zone("")), &[(&SERVERS, liars)]);
                for server in liars {
                    scenario.internet.lie_at(server, APEX, &records.lie);
                }
                scenario
            }
            "one-early" | "two-early" => {
                let mut scenario = Self::unsigned(zone("").minimum(3600));
                for resolver in scenario.some_resolvers(name) {
                    ask(resolver, &records.owner);
                }
                scenario.internet.publish(APEX, &records.published);
                scenario
            }
            "half-poisoned" => {
                let mut scenario = Self::unsigned(zone(""));
                let fourth = Resolver::Bind(scenario.internet.bind(false, ""));
                scenario.resolvers.push(fourth);
                scenario.needed = 3;
                scenario.poison(2, &records);
                scenario
            }
            "one-poisoned" | "two-poisoned" | "all-poisoned" => {
                let mut scenario = Self::unsigned(zone(""));
                let count = scenario.some_resolvers(name).len();
                scenario.poison(count, &records);
                scenario
            }
            "filtered-published" => Self::filtered(&records.published, &records, 1),
            "two-filtered-published" => Self::filtered(&records.published, &records, 2),
            "filtered-absent" => Self::filtered("", &records, 1),
            "all-filtered" => Self::filtered("", &records, 3),
            "signed" => Self::signed(&records.published, Signing::new()),
            "signed-expired" => Self::signed(&records.published, Signing::new().expired()),
            "signed-liar" => {
                let mut scenario = Self::signed("", Signing::new());
                let internet = &mut scenario.internet;
                internet.lie_at("ns2.example.com", APEX, &records.lie);
                scenario
            }
            "signed-two-poisoned" => {
                let internet = world(zone("").signed(Signing::new())).start();
                // Only the last of them validates.
                let resolvers = vec![
                    Resolver::Unbound(internet.unbound(false, "")),
                    Resolver::Bind(internet.bind(false, "")),
                    Resolver::Unbound(internet.unbound(true, "")),
                ];
                let mut scenario = Self::with(internet, resolvers);
                scenario.poison(2, &records);
                scenario
            }
            "signed-stale" => {
                let mut scenario = Self::signed(&records.published, Signing::new());
                let internet = &mut scenario.internet;
                internet.publish_at(&["ns1.example.com", "ns.example.net"], APEX, "");
                // Nobody but the stale server is left to ask.
                internet.stop("ns1.example.com");
                internet.forget("ns.example.net", APEX);
                scenario
            }
            other => delegations::start(other, &records),
        }
    }

    fn unsigned(zone: Zone) -> Self {
        Self::of(world(zone).start())
    }

    /// Nothing is signed, and nothing is wrong yet.
    pub(crate) fn of(internet: Internet) -> Self {
        let resolvers = vec![
            Resolver::Unbound(internet.unbound(false, "")),
            Resolver::Bind(internet.bind(false, "")),
            Resolver::Unbound(internet.unbound(false, "")),
        ];
        Self::with(internet, resolvers)
    }

    fn signed(records: &str, signing: Signing) -> Self {
        let internet = world(zone(records).signed(signing)).start();
        let resolvers = vec![
            Resolver::Unbound(internet.unbound(true, "")),
            Resolver::Bind(internet.bind(true, "")),
            Resolver::Unbound(internet.unbound(true, "")),
        ];
        Self::with(internet, resolvers)
    }

    /// The first `count` resolvers deny the owner name of their own.
    fn filtered(published: &str, records: &Records, count: usize) -> Self {
        let internet = world(zone(published)).start();
        let filter = format!("    local-zone: \"{}\" always_nxdomain\n", records.owner);
        let resolvers = (0..3).map(|number| {
            let server = if number < count { filter.as_str() } else { "" };
            Resolver::Unbound(internet.unbound(false, server))
        });
        let resolvers = resolvers.collect();
        Self::with(internet, resolvers)
    }

    /// Of the servers of each zone, the first resolvers ask the wrong ones alone, the others the
    /// right ones alone: which one a resolver asks would be chance otherwise. There are as many of
    /// the first as there are wrong servers of the first zone.
    pub(crate) fn divided(world: Builder, zones: &[(&[&str], &[&str])]) -> Self {
        let internet = world.start();
        let count = zones.first().map_or(0, |(_, wrong)| wrong.len());
        let avoided = |number: usize| {
            let avoided = zones.iter().flat_map(|(servers, wrong)| {
                let is_wrong = number < count;
                // Where all are alike, any will do.
                let differ = !wrong.is_empty() && wrong.len() < servers.len();
                let avoided = servers.iter().copied();
                avoided.filter(move |server| differ && wrong.contains(server) != is_wrong)
            });
            avoided.collect()
        };
        let avoided = [0, 1, 2].map(avoided);
        let mut scenario = Self::avoiding(internet, &avoided);
        // One that may ask all the right servers finds them all.
        scenario.guide = 2;
        scenario
    }

    /// Three resolvers, each of which asks no server that it is to avoid.
    pub(crate) fn avoiding(internet: Internet, avoided: &[Vec<&str>; 3]) -> Self {
        let [first, second, third] = avoided;
        let ips = |avoided: &[&str]| -> Vec<IpAddr> {
            let servers = avoided.iter();
            servers.map(|server| internet.addr(server).ip()).collect()
        };
        let unbound = |avoided: &[&str]| {
            let lines = ips(avoided).into_iter();
            let lines = lines.map(|ip| format!("    do-not-query-address: {ip}\n"));
            Resolver::Unbound(internet.unbound(false, &lines.collect::<String>()))
        };
        let bind = |avoided: &[&str]| {
            let list = ips(avoided).into_iter().map(|ip| format!("{ip}; "));
            let option = format!("blackhole {{ {}}};", list.collect::<String>());
            Resolver::Bind(internet.bind(false, &option))
        };
        let resolvers = vec![unbound(first), bind(second), unbound(third)];
        Self::with(internet, resolvers)
    }

    fn with(internet: Internet, resolvers: Vec<Resolver>) -> Self {
        Self {
            needed: 2,
            guide: 0,
            filter: AddressFilter::new().allowing("127.0.0.0/8".parse().unwrap()),
            resolvers,
            internet,
        }
    }

    /// How the resolvers decide where nobody else looks.
    pub(crate) fn policy(&self) -> Policy {
        let count = u8::try_from(self.resolvers.len()).unwrap();
        Policy::k_of_n(self.needed, count).unwrap()
    }

    /// How they decide together with an authoritative view: all but one.
    pub(crate) fn policy_of_both(&self) -> Policy {
        let count = u8::try_from(self.resolvers.len()).unwrap();
        Policy::k_of_n(count, count + 1).unwrap()
    }

    /// The authoritative view, from the root.
    pub(crate) fn view(&self) -> AuthoritativeLookup {
        let roots = self.internet.roots().into_iter().map(|root| root.ip());
        self.of_here(AuthoritativeLookup::from_hints(roots).unwrap())
    }

    /// The view with what this Internet asks for. Its patience is as long as two tries: where servers
    /// disagree, no live one is cut off.
    pub(crate) fn of_here(&self, view: AuthoritativeLookup) -> AuthoritativeLookup {
        view.with_filter(self.filter.clone())
            .with_udp_timeout(Duration::from_secs(1))
            .with_patience(Duration::from_secs(2))
    }

    fn some_resolvers(&self, name: &str) -> Vec<SocketAddr> {
        let count = some_of(name).len();
        self.resolvers
            .iter()
            .take(count)
            .map(Resolver::addr)
            .collect()
    }

    /// The first `count` resolvers believe that the record is there, and it never was.
    fn poison(&mut self, count: usize, records: &Records) {
        let resolvers: Vec<_> = self
            .resolvers
            .iter()
            .take(count)
            .map(Resolver::addr)
            .collect();
        let wanted = (records.owner.as_str(), records.value.as_str());
        self.internet.poison(&resolvers, APEX, &records.lie, wanted);
    }
}

/// The servers that `one-…`, `two-…` and `all-…` are about.
fn some_of(name: &str) -> &'static [&'static str] {
    match name.split('-').next() {
        Some("one") => &SERVERS[1..2],
        Some("two") => &SERVERS[..2],
        _ => &SERVERS,
    }
}

fn ask(resolver: SocketAddr, name: &str) {
    let question = Question::new(name, Type::TXT);
    let reply = wire::ask(resolver, Transport::Udp, &question).unwrap();
    assert_eq!(reply.rcode, wire::NXDOMAIN, "{name} at {resolver}");
}
