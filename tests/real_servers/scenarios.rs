//! Small Internets in which something is wrong, by the names that `tests/data/faults/verdicts.tsv`
//! calls them.

use std::net::SocketAddr;

use dcv::challenge::Challenge;
use dcv::policy::Policy;

use crate::servers::internet::{Builder, Tcp};
use crate::servers::wire::{self, Question, Transport, Type};
use crate::servers::{Bind, Internet, Signing, Unbound, Zone};

pub(crate) const APEX: &str = "example.com";

/// The servers of the zone: knot, NSD, and knot under a name that is elsewhere.
pub(crate) const SERVERS: [&str; 3] = ["ns1.example.com", "ns2.example.com", "ns.example.net"];

/// An Internet with resolvers. What ends first stands first.
pub(crate) struct Scenario {
    pub(crate) policy: Policy,
    pub(crate) resolvers: Vec<Resolver>,
    pub(crate) internet: Internet,
}

pub(crate) enum Resolver {
    Unbound(Unbound),
    Bind(Bind),
}

impl Resolver {
    pub(crate) fn addr(&self) -> SocketAddr {
        match self {
            Self::Unbound(unbound) => unbound.addr(),
            Self::Bind(bind) => bind.addr(),
        }
    }
}

/// The records of a scenario: what the user was asked for, and what a tenant wants to be there.
struct Records {
    owner: String,
    published: String,
    /// The record in a crowd that fits into no datagram.
    crowded: String,
    /// The same for a day, which is what a liar would say.
    lie: String,
    value: String,
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

fn world(zone: Zone) -> Builder {
    Internet::builder()
        .zone(zone)
        .zone(Zone::new("example.net", &["ns.example.net"], ""))
        .nsd(&["ns2.example.com"])
}

/// Denials are not kept: what resolvers hold is what the scenario gave them.
fn zone(records: &str) -> Zone {
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
            "one-stale" | "all-stale" => {
                let mut scenario = Self::unsigned(zone(""));
                let stale = some_of(name);
                let current: Vec<_> = SERVERS.into_iter().filter(|s| !stale.contains(s)).collect();
                let internet = &mut scenario.internet;
                internet.publish_at(&current, APEX, &records.published);
                scenario
            }
            "one-lying" | "two-lying" => {
                let mut scenario = Self::unsigned(zone(""));
                for server in some_of(name) {
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
                scenario.policy = Policy::k_of_n(3, 4).unwrap();
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
            "signed-stale" => {
                let mut scenario = Self::signed(&records.published, Signing::new());
                let internet = &mut scenario.internet;
                internet.publish_at(&["ns1.example.com", "ns.example.net"], APEX, "");
                // Nobody but the stale server is left to ask.
                internet.stop("ns1.example.com");
                internet.forget("ns.example.net", APEX);
                scenario
            }
            other => panic!("no scenario is called {other}"),
        }
    }

    fn unsigned(zone: Zone) -> Self {
        let internet = world(zone).start();
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

    fn with(internet: Internet, resolvers: Vec<Resolver>) -> Self {
        Self {
            policy: Policy::k_of_n(2, 3).unwrap(),
            resolvers,
            internet,
        }
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
