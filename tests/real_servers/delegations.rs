//! Scenarios that are about where delegations and aliases lead.

use dcv::lookup::AddressFilter;

use crate::scenarios::{APEX, Records, SERVERS, Scenario, world, zone};
use crate::servers::internet::prime;
use crate::servers::{Internet, Zone};

/// The zone that aliases lead to, and its servers.
const TARGET: &str = "example.net";
const TARGET_SERVERS: [&str; 3] = ["ns.example.net", "ns2.example.net", "ns3.example.net"];

/// An address at which nobody is, outside of every Internet.
const NOWHERE: [u8; 4] = [127, 0, 0, 99];

pub(crate) fn start(name: &str, records: &Records) -> Scenario {
    match name {
        "alias" => aliased(records, &[], &[]),
        "alias-stale-start" => aliased(records, &["ns2.example.com"], &[]),
        "alias-stale-target" => aliased(records, &[], &["ns2.example.net"]),
        "alias-stale-ends" => aliased(records, &["ns2.example.com"], &["ns2.example.net"]),
        "one-misled" => misled(records, 1),
        "two-misled" => misled(records, 2),
        "all-misled" => misled(records, 3),
        "parent-names-stale" => {
            let mut scenario = Scenario::divided(
                world(zone(&records.published)),
                &[(&SERVERS, &["ns2.example.com"])],
            );
            let internet = &mut scenario.internet;
            let all = internet.text(APEX);
            let stale = all.replace(&records.published, "");
            let current = all.replace("@ NS ns2.example.com.\n", "");
            internet.serve("ns2.example.com", APEX, &stale);
            internet.serve("ns1.example.com", APEX, &current);
            internet.serve("ns.example.net", APEX, &current);
            scenario
        }
        "child-names-dead" => {
            let mut scenario = Scenario::of(world(zone(&records.published)).start());
            let internet = &mut scenario.internet;
            let more = format!("@ NS ns4\nns4 A {}\n", internet.spare().ip());
            let text = internet.text(APEX) + &more;
            for server in SERVERS {
                internet.serve(server, APEX, &text);
            }
            scenario
        }
        "one-filtered-address" | "two-filtered-addresses" | "all-filtered-addresses" => {
            let mut scenario = Scenario::of(world(zone(&records.published)).start());
            let count = match name {
                "one-filtered-address" => 1,
                "two-filtered-addresses" => 2,
                _ => 3,
            };
            for server in SERVERS.iter().rev().take(count) {
                let ip = scenario.internet.addr(server).ip();
                let range = format!("{ip}/32").parse().unwrap();
                scenario.filter = scenario.filter.denying(range);
            }
            scenario
        }
        "filtered-address-beside" => {
            let world = world(zone(&records.published));
            let world = world.address("ns2.example.com", NOWHERE.into());
            let mut scenario = Scenario::of(world.start());
            let internet = AddressFilter::new().allowing("127.64.0.0/10".parse().unwrap());
            scenario.filter = internet;
            scenario
        }
        "name-server-of-a-dead-zone" => {
            let servers = ["ns1.example.com", "ns2.example.com", "ns.example.org"];
            let world = Internet::builder()
                .zone(Zone::new(APEX, &servers, &records.published).minimum(0))
                .zone(Zone::new("example.org", &["ns1.example.org"], ""))
                .dead(&["ns1.example.org"])
                .nsd(&["ns2.example.com"]);
            Scenario::of(world.start())
        }
        "all-name-servers-of-a-dead-zone" => {
            let servers = ["ns.example.org", "ns2.example.org"];
            let world = Internet::builder()
                .zone(Zone::new(APEX, &servers, &records.published).minimum(0))
                .zone(Zone::new("example.org", &["ns1.example.org"], ""))
                .dead(&["ns1.example.org"]);
            Scenario::of(world.start())
        }
        other => panic!("no scenario is called {other}"),
    }
}

/// The record is behind an alias into another zone. At `early` servers the alias is not there yet,
/// at `late` ones the record.
fn aliased(records: &Records, early: &[&str], late: &[&str]) -> Scenario {
    let world = Internet::builder()
        .zone(zone(""))
        .zone(Zone::new(TARGET, &TARGET_SERVERS, "").minimum(0))
        .nsd(&["ns2.example.com", "ns3.example.net"]);
    // The target is not found by chance either, whoever asks for it.
    let zones: [(&[&str], &[&str]); 2] = [(&SERVERS, early), (&TARGET_SERVERS, late)];
    let zones = match early {
        [] => [zones[1], zones[0]],
        _ => zones,
    };
    let mut scenario = Scenario::divided(world, &zones);
    let others = |servers: &[&'static str], stale: &[&str]| -> Vec<&'static str> {
        let current = servers.iter().copied();
        current.filter(|server| !stale.contains(server)).collect()
    };
    let alias = format!("{} CNAME proof.example.net.\n", records.owner);
    let record = format!("proof TXT \"{}\"\n", records.value);
    let internet = &mut scenario.internet;
    internet.publish_at(&others(&SERVERS, early), APEX, &alias);
    internet.publish_at(&others(&TARGET_SERVERS, late), TARGET, &record);
    scenario
}

/// The first `count` resolvers were told that the zone is delegated to a liar, and it never was.
fn misled(records: &Records, count: usize) -> Scenario {
    const LIAR: &str = "evil.example.org";
    let world = world(zone("")).zone(Zone::new("example.org", &[LIAR], ""));
    let mut scenario = Scenario::of(world.start());
    let internet = &mut scenario.internet;
    let lie = format!(
        "$ORIGIN {APEX}.\n$TTL 86400\n@ SOA {LIAR}. hostmaster 1 3600 600 86400 0\n\
         @ NS {LIAR}.\n{}",
        records.lie
    );
    internet.serve(LIAR, APEX, &lie);
    let truth = internet.text("com");
    let lines = truth.lines();
    let others = lines.filter(|line| !line.starts_with("example.com. NS"));
    let stolen = format!("{APEX}. NS {LIAR}.\n");
    let stolen: String = others.map(|line| format!("{line}\n")).collect::<String>() + &stolen;
    internet.serve("a.gtld.net", "com", &stolen);
    for resolver in scenario.resolvers.iter().take(count) {
        let seen = prime(resolver.addr(), &records.owner, &records.value, 1);
        assert!(seen.is_some(), "a resolver is not misled");
    }
    scenario.internet.serve("a.gtld.net", "com", &truth);
    scenario
}
