//! `HickoryLookup` and `ResolverLookup` against servers in the process.
#![cfg(feature = "resolver")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "support/faults.rs"]
mod faults;
#[path = "support/zone_server.rs"]
mod zone_server;

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use dcv::conformance::{LookupZone, dns_lookup, txt_lookup};
use dcv::dns::{
    AbsenceKind, Answer, Group, LookupFailure, Outcome, RecordData, Security, Transport, Trust,
    View,
};
use dcv::lookup::hickory::{ResolverLookup, SetupError};
use dcv::lookup::{DnsLookup, HickoryLookup, LookupError, Observer, TxtLookup};
use dcv::name::OwnerName;
use dcv::policy::{Policy, PolicyError, Rules};
use faults::{Asked, FaultServer, Send, closed_port, cname, soa, txt};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::rdata::{A, CNAME, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record};
use zone_server::ZoneServer;

fn lookup_at(server: SocketAddr) -> HickoryLookup {
    HickoryLookup::from_servers([server])
        .unwrap()
        .with_udp_tries(Duration::from_secs(10), 2)
}

fn resolver_at(server: SocketAddr, change: impl FnOnce(&mut ResolverOpts)) -> TokioResolver {
    let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
    (udp.port, tcp.port) = (server.port(), server.port());
    let servers = vec![NameServerConfig::new(server.ip(), true, vec![udp, tcp])];
    let config = ResolverConfig::from_name_servers(servers);
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let options = builder.options_mut();
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    options.timeout = Duration::from_secs(10);
    options.attempts = 1;
    options.case_randomization = true;
    change(options);
    builder.build().unwrap()
}

fn name(owner: &OwnerName) -> Name {
    Name::from_labels(owner.labels()).unwrap()
}

/// The zone of the suite, served by hickory-server.
async fn serve(zone: &LookupZone) -> ZoneServer {
    let apex = name(zone.apex());
    let records = zone.records().into_iter().map(|(owner, _, data)| {
        let rdata = match data {
            RecordData::Txt(data) => RData::TXT(TXT::from_bytes(data.strings().collect())),
            RecordData::Name(target) => RData::CNAME(CNAME(name(&target))),
            RecordData::Other(octets) => {
                let octets: [u8; 4] = octets.try_into().unwrap();
                RData::A(A(octets.into()))
            }
            other => panic!("{other:?}"),
        };
        Record::from_rdata(name(&owner), 300, rdata)
    });
    let mut soa = soa("example.com");
    soa.name = apex.clone();
    ZoneServer::start(&apex, [soa].into_iter().chain(records)).await
}

// The suite, as itself, boxed and shared.
#[tokio::test]
async fn the_lookups_conform() {
    // hickory-server refuses what it does not serve.
    let zone = LookupZone::new("conformance.example.com".parse().unwrap()).unwrap();
    let zone = zone.with_failing("example.org".parse().unwrap());
    let server = serve(&zone).await;

    let lookup = lookup_at(server.addr());
    let boxed: Box<dyn DnsLookup> = Box::new(lookup.clone());
    let shared: Arc<dyn DnsLookup> = Arc::new(lookup.clone());
    for report in [
        txt_lookup(&lookup, &zone).await,
        txt_lookup(&boxed, &zone).await,
        txt_lookup(&shared, &zone).await,
        dns_lookup(&lookup, &zone).await,
        dns_lookup(&boxed, &zone).await,
        dns_lookup(&shared, &zone).await,
    ] {
        assert!(report.is_conforming(), "{report}");
    }

    let resolver = resolver_at(server.addr(), |_| {});
    let lesser = HickoryLookup::from_resolver(resolver).unwrap();
    let report = txt_lookup(&lesser, &zone).await;
    assert!(report.is_conforming(), "{report}");
}

// S-3: an operator is one group however many addresses it has; nobody is trusted; two groups at
// least can corroborate each other.
#[test]
fn public_resolvers_are_independent() {
    let observers = HickoryLookup::public_resolvers();
    let perspectives: Vec<_> = observers.iter().flat_map(Observer::perspectives).collect();
    let groups: HashSet<_> = perspectives
        .iter()
        .map(|seen| seen.group().clone())
        .collect();
    assert_eq!((perspectives.len(), groups.len()), (3, 3));
    for perspective in perspectives {
        assert!(matches!(perspective.group(), Group::Operator(_)));
        assert_eq!(perspective.transport(), Transport::Plain);
        assert_eq!(perspective.trust(), Trust::Untrusted);
        assert_eq!(perspective.view(), View::Recursive);
    }
}

// S-3, S-11: trusted as named, not more.
#[test]
fn named_servers_are_perspectives() {
    let servers = [
        "127.0.0.1:5300",
        "[2001:db8::53]:53",
        "192.0.2.53:53",
        "127.0.0.1:5300",
    ];
    let observers = HickoryLookup::observers_for(servers.map(|text| text.parse().unwrap()));
    let perspectives: Vec<_> = observers.iter().flat_map(Observer::perspectives).collect();
    let told: Vec<_> = perspectives
        .iter()
        .map(|seen| (seen.id().as_str(), seen.transport()))
        .collect();
    let expected = [
        ("127.0.0.1:5300", Transport::Loopback),
        ("[2001:db8::53]:53", Transport::Plain),
        ("192.0.2.53:53", Transport::Plain),
    ];
    assert_eq!(told, expected);
    for perspective in &perspectives {
        assert!(matches!(perspective.group(), Group::Operator(_)));
        assert_eq!(perspective.trust(), Trust::Untrusted);
    }
}

/// The groups of these addresses, each named alone: a group does not hang on its neighbours.
fn groups<const N: usize>(addresses: [&str; N]) -> [Group; N] {
    addresses.map(|address| {
        let ip: IpAddr = address.parse().unwrap();
        let [observer] = HickoryLookup::observers_for([SocketAddr::new(ip, 53)])
            .try_into()
            .unwrap();
        let [perspective] = observer.perspectives().try_into().unwrap();
        perspective.group().clone()
    })
}

// S-3: an operator is known by its prefixes: by addresses that nobody listed, too, and in whatever
// form an IPv4 address is written.
#[test]
fn a_public_resolver_is_one_group_by_any_address() {
    for (operator, addresses) in [
        (
            "Cloudflare",
            [
                "1.1.1.1",
                "1.1.1.2",
                "1.0.0.3",
                "1.0.0.200",
                "2606:4700:4700::1112",
                "2606:4700:4700::64",
                "::ffff:1.0.0.1",
                "64:ff9b::101:103",
                "2002:101:101::1",
            ]
            .as_slice(),
        ),
        (
            "Google",
            &[
                "8.8.8.8",
                "8.8.8.200",
                "8.8.4.5",
                "2001:4860:4860::8844",
                "2001:4860:4860::6464",
                "2001:4860:abcd::1",
                "64:ff9b::8.8.4.4",
            ],
        ),
        (
            "Quad9",
            &[
                "9.9.9.9",
                "9.9.9.10",
                "9.9.9.11",
                "149.112.112.10",
                "2620:fe::11",
                "2620:fe::fe:10",
            ],
        ),
        (
            "OpenDNS",
            &[
                "208.67.222.222",
                "208.67.220.123",
                "2620:119:35::35",
                "2620:119:53::123",
            ],
        ),
        (
            "AdGuard",
            &["94.140.14.14", "94.140.15.16", "2a10:50c0::bad1:ff"],
        ),
    ] {
        for address in addresses {
            let [group] = groups([address]);
            assert_eq!(
                group,
                Group::Operator(operator.parse().unwrap()),
                "{address}"
            );
        }
    }
    // The same under the names of the default's perspectives.
    let public = HickoryLookup::public_resolvers();
    let public = public.iter().flat_map(Observer::perspectives);
    let public: Vec<_> = public.map(|one| one.group().clone()).collect();
    assert_eq!(public, groups(["1.1.1.3", "8.8.4.8", "2620:fe::10"]));
}

// S-3: addresses of one /24 or one /48 of which nobody said whose they are are one group.
#[test]
fn undeclared_neighbours_are_one_group() {
    for (one, other, together) in [
        ("192.0.2.1", "192.0.2.254", true),
        ("192.0.2.1", "::ffff:192.0.2.9", true),
        ("192.0.2.1", "64:ff9b::192.0.2.9", true),
        ("10.1.2.3", "10.1.2.4", true),
        ("2001:db8:1::1", "2001:db8:1:ffff::1", true),
        ("fd00:1:2::1", "fd00:1:2:3::1", true),
        ("192.0.2.1", "192.0.3.1", false),
        ("192.0.2.1", "198.51.100.1", false),
        ("2001:db8:1::1", "2001:db8:2::1", false),
        // Not of the operator whose prefix ends right before.
        ("1.1.1.1", "1.1.2.1", false),
        ("9.9.9.9", "9.9.10.9", false),
        ("2620:fe::fe", "2620:ff::fe", false),
    ] {
        let [left, right] = groups([one, other]);
        assert_eq!(
            left == right,
            together,
            "{one} and {other}: {left:?}, {right:?}"
        );
    }
    // Whatever the port is.
    let observers = HickoryLookup::observers_for(
        ["192.0.2.1:53", "192.0.2.1:5353"].map(|text| text.parse().unwrap()),
    );
    let eyes: Vec<_> = observers.iter().flat_map(Observer::perspectives).collect();
    assert_eq!(eyes[0].group(), eyes[1].group());
    assert_ne!(eyes[0].id(), eyes[1].id());
    // And they do not corroborate each other: what to do instead is said when it is put together.
    let refused = Rules::new(Policy::k_of_n(2, 2).unwrap(), eyes).unwrap_err();
    let found = PolicyError::Groups {
        expected: 2,
        found: 1,
    };
    assert_eq!(refused, found);
    assert!(refused.to_string().contains("/24"), "{refused}");
}

// Programs on this machine, such as tunnels to resolvers far apart, are told apart by their ports:
// an address of loopback says nothing of whose they are.
#[test]
fn loopback_has_no_neighbours() {
    let servers = [
        "127.0.0.1:5301",
        "127.0.0.1:5302",
        "127.0.0.2:5301",
        "[::1]:53",
    ];
    let observers = HickoryLookup::observers_for(servers.map(|text| text.parse().unwrap()));
    let eyes: Vec<_> = observers.iter().flat_map(Observer::perspectives).collect();
    assert!(Rules::new(Policy::k_of_n(3, 4).unwrap(), eyes).is_ok());
}

// S-3: nobody has said who runs the system's resolver.
#[test]
fn the_system_is_of_unknown_group() {
    let lookup = lookup_at("192.0.2.53:53".parse().unwrap());
    let [perspective] = lookup.observer().perspectives().try_into().unwrap();
    assert_eq!(*perspective.group(), Group::Unknown);
}

#[test]
fn a_lookup_needs_servers() {
    assert!(matches!(
        HickoryLookup::from_servers([]),
        Err(SetupError::NoServers)
    ));
    // Whatever this machine says: no panic, and no empty lookup.
    if let Ok(lookup) = HickoryLookup::from_system() {
        assert!(!lookup.servers().is_empty());
    }
}

// L-03: a cache shows other aliases than were walked, and the hosts file is not the DNS.
#[tokio::test]
async fn unfit_resolvers_are_refused() {
    type Change = fn(&mut ResolverOpts);
    let refused = |change: Change| {
        ResolverLookup::new(resolver_at("192.0.2.53:53".parse().unwrap(), change)).map(drop)
    };
    assert!(refused(|_| {}).is_ok());
    assert!(matches!(
        refused(|options| options.cache_size = 1),
        Err(SetupError::ResolverCaches { entries: 1 })
    ));
    for hosts in [ResolveHosts::Always, ResolveHosts::Auto] {
        let resolver = resolver_at("192.0.2.53:53".parse().unwrap(), |options| {
            options.use_hosts_file = hosts;
        });
        assert!(matches!(
            ResolverLookup::new(resolver),
            Err(SetupError::ResolverReadsHosts)
        ));
    }
    assert!(matches!(
        refused(|options| options.preserve_intermediates = false),
        Err(SetupError::ResolverHidesAliases)
    ));
}

const ASKED: &str = "_example-challenge.example.com";

async fn look(lookup: &dyn TxtLookup) -> Result<Answer, LookupFailure> {
    let asked = ASKED.parse().unwrap();
    let looked = tokio::time::timeout(Duration::from_secs(60), lookup.lookup_txt(&asked));
    looked
        .await
        .expect("the lookup hangs")
        .map_err(LookupError::into_failure)
}

// What a whole resolver makes of the same replies: failures stay failures, and what it loses of
// an alias is a broken chain, never an absence.
#[tokio::test]
async fn the_lesser_view_claims_less() {
    type Script = fn(&Asked) -> Vec<Send>;
    fn denied(asked: &Asked, code: ResponseCode, records: Vec<Record>, apex: &str) -> Vec<Send> {
        let mut reply = asked.reply();
        reply.metadata.response_code = code;
        reply.add_answers(records);
        reply.add_authority(soa(apex));
        vec![Send::Message(reply)]
    }
    let broken = |at: &str| LookupFailure::BrokenChain {
        at: at.parse().unwrap(),
    };
    let cases: [(&str, Script, Result<&str, LookupFailure>); 11] = [
        (
            "a record",
            |asked| asked.answer([txt(ASKED, &[b"t"])]),
            Ok("t"),
        ),
        (
            "foreign records",
            |asked| asked.answer([txt("example.com", &[b"u"]), txt(ASKED, &[b"t"])]),
            Ok("t"),
        ),
        (
            "no such name",
            |asked| denied(asked, ResponseCode::NXDomain, vec![], "example.com"),
            Ok("NxDomain"),
        ),
        (
            "no such record",
            |asked| denied(asked, ResponseCode::NoError, vec![], "example.com"),
            Ok("NoData"),
        ),
        (
            "no such record, says nobody",
            |asked| asked.answer([]),
            Err(broken(ASKED)),
        ),
        (
            "an alias",
            |asked| asked.answer([cname(ASKED, "t.example.net"), txt("t.example.net", &[b"t"])]),
            Ok("t"),
        ),
        (
            "a dangling alias",
            |asked| {
                let records = match asked.name().as_str() {
                    "t.example.net." => vec![],
                    _ => vec![cname(ASKED, "t.example.net")],
                };
                denied(asked, ResponseCode::NXDomain, records, "example.net")
            },
            Err(broken("t.example.net")),
        ),
        (
            "a circle",
            |asked| asked.answer([cname(ASKED, "t.example.net"), cname("t.example.net", ASKED)]),
            Err(broken(".")),
        ),
        (
            "failed",
            |asked| asked.refuse(ResponseCode::ServFail),
            Err(LookupFailure::server(2)),
        ),
        (
            "refused",
            |asked| asked.refuse(ResponseCode::Refused),
            Err(LookupFailure::server(5)),
        ),
        ("silent", |_| Vec::new(), Err(LookupFailure::Timeout)),
    ];
    for (what, script, expected) in cases {
        let server = FaultServer::start(script).await;
        let resolver = resolver_at(server.addr(), |options| {
            if expected == Err(LookupFailure::Timeout) {
                options.timeout = Duration::from_millis(300);
            }
        });
        let looked = look(&ResolverLookup::new(resolver).unwrap()).await;
        let told = looked.map(|answer| {
            assert_eq!(answer.security(), Security::Unvalidated);
            match answer.outcome() {
                Outcome::Records(records) => match records[0].data() {
                    RecordData::Txt(txt) => String::from_utf8(txt.data().to_vec()).unwrap(),
                    other => panic!("{other:?}"),
                },
                Outcome::Absent(absence) => {
                    assert!(absence.soa().is_some(), "{what}");
                    format!("{:?}", absence.kind())
                }
                other => format!("{other:?}"),
            }
        });
        match (told, expected) {
            (
                Err(LookupFailure::BrokenChain { at }),
                Err(LookupFailure::BrokenChain { at: expected }),
            ) => assert!(expected.is_root() || at == expected, "{what}: {at}"),
            (told, expected) => assert_eq!(told, expected.map(str::to_owned), "{what}"),
        }
    }

    let closed = resolver_at(closed_port().await, |options| {
        options.timeout = Duration::from_millis(300);
    });
    assert_eq!(
        look(&ResolverLookup::new(closed).unwrap()).await,
        Err(LookupFailure::Timeout)
    );
}

// L-02, S-7: the SOA is handed on as it came, and the smaller of its two times counts.
#[tokio::test]
async fn the_soa_comes_with_an_absence() {
    let server = FaultServer::start(|asked| {
        let mut reply = asked.reply();
        reply.metadata.response_code = ResponseCode::NXDomain;
        reply.add_authority(soa("example.com"));
        vec![Send::Message(reply)]
    })
    .await;
    let lesser = ResolverLookup::new(resolver_at(server.addr(), |_| {})).unwrap();
    let lookups: [&dyn TxtLookup; 2] = [&lookup_at(server.addr()), &lesser];
    for lookup in lookups {
        let answer = look(lookup).await.unwrap();
        let Outcome::Absent(absence) = answer.outcome() else {
            panic!("{answer:?}")
        };
        assert_eq!(absence.kind(), AbsenceKind::NxDomain);
        let soa = absence.soa().unwrap();
        assert_eq!(
            (soa.owner().to_string(), soa.serial()),
            ("example.com.".to_owned(), 7)
        );
        assert_eq!(soa.negative_ttl(), Duration::from_secs(60));
    }
}
