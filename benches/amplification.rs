//! What a check can be made to send: the worst zones that there are, and what each of them costs.
//!
//! Whoever controls a zone chooses where a check sends its queries, and how often. Each row is a zone
//! made to cost as much as it can; the table says how many queries went out, how many of them over TCP,
//! how many the most wanted address got, how long it took, and what came of it. No row goes beyond the
//! bounds of a check: 64 queries, and ten seconds (S-16).
//!
//! `cargo bench --bench amplification`; with `-- --test` every wait is short.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark ends where something is wrong"
)]

#[path = "../tests/support/faults.rs"]
mod faults;
#[path = "../tests/support/lab.rs"]
mod lab;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dcv::challenge::Challenge;
use dcv::lookup::Budget;
use dcv::name::{AccountLabels, Naming, ProviderName};
use dcv::policy::Policy;
use dcv::service::Dcv;
use dcv::system::{SystemClock, TokioTimer};
use dcv::verify::{DnsVerifier, Verifier as _};
use dcv::{AccountId, Scope};
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::RecordType;

use faults::{Asked, Send, a, aaaa, cname, ns, soa, txt};
use lab::{Lab, Zone};

/// The hosts of the zone's servers.
const SERVERS: std::ops::RangeInclusive<u8> = 11..=23;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    println!("\nwhat the worst zones make a check send\n");
    println!("{:<58} queries  TCP  most at one  seconds  verdict", "zone");
    let challenge = Arc::new(runtime.block_on(challenge()));
    let mut worst = (0, Duration::ZERO);
    for (what, world) in WORLDS {
        let row = runtime.block_on(row(what, *world, &challenge, quick));
        worst = (worst.0.max(row.0), worst.1.max(row.1));
    }
    println!(
        "\nat the most {} queries and {:.1} s",
        worst.0,
        worst.1.as_secs_f64()
    );
    assert!(worst.0 <= Budget::PER_VERIFICATION, "beyond S-16");
}

async fn challenge() -> Challenge {
    let naming = Naming::builder(ProviderName::new("example-saas").unwrap())
        .with_feature("mail")
        .with_account_labels(AccountLabels::Hashed)
        .build()
        .unwrap();
    let builder = Dcv::builder("example-saas").unwrap().naming(naming);
    let account = AccountId::new("tenant-42").unwrap();
    let domain = "example.com".parse().unwrap();
    let dcv = builder.build().unwrap();
    dcv.issue(&account, &domain, Scope::Domain).await.unwrap()
}

async fn row(
    what: &str,
    world: fn(&mut Lab, &Challenge) -> Script,
    challenge: &Arc<Challenge>,
    quick: bool,
) -> (u32, Duration) {
    let mut lab = Lab::new().await;
    let root = Zone::new("")
        .delegate("com", "a.gtld.com", Some(lab.v4(2)))
        .delegate("net", "a.gtld.net", Some(lab.v4(2)));
    lab.serve(1, root).await;
    let script = Arc::new(world(&mut lab, challenge));
    for host in std::iter::once(2).chain(SERVERS) {
        let script = script.clone();
        lab.script(host, move |asked| script(host, asked)).await;
    }
    let mut view = lab.view();
    if quick {
        let wait = Duration::from_millis(50);
        view = view
            .with_udp_timeout(wait)
            .with_tcp_timeout(wait)
            .with_patience(wait);
    }
    let verifier = DnsVerifier::builder(SystemClock::new(), TokioTimer::new())
        .observer(view)
        .policy(Policy::single_resolver())
        .build()
        .unwrap();
    let begun = Instant::now();
    let examination = verifier.examine(challenge).await;
    let took = begun.elapsed();
    let hosts = || [1, 2].into_iter().chain(SERVERS);
    let most = hosts()
        .map(|host| lab.asked(host))
        .max()
        .unwrap_or_default();
    let (queries, tcp) = (examination.queries(), lab.asked_over_tcp());
    let seconds = took.as_secs_f64();
    println!(
        "{what:<58} {queries:>7} {tcp:>4} {most:>12} {seconds:>8.1}  {}",
        examination.verdict().code()
    );
    (queries, took)
}

/// What the server at a host says: the top-level domains are at host 2.
type Script = Box<dyn Fn(u8, &Asked) -> Vec<Send> + std::marker::Send + Sync>;

fn is_txt(asked: &Asked) -> bool {
    asked.query().query_type() == RecordType::TXT
}

/// A delegation of `example.com` to the hosts of the servers, with glue.
fn delegated(lab: &Lab, second: bool) -> Zone {
    let mut com = Zone::new("com");
    for host in SERVERS {
        let server = format!("ns{host}.example.com");
        com = com.delegate("example.com", &server, Some(lab.v4(host)));
        if second {
            com = com.with(aaaa(&server, lab.v4(host).to_ipv6_mapped()));
        }
    }
    com
}

fn by_servers(
    com: Zone,
    script: impl Fn(u8, &Asked) -> Vec<Send> + std::marker::Send + Sync + 'static,
) -> Script {
    Box::new(move |host, asked| match host {
        2 => vec![Send::Message(com.answer(asked))],
        host => script(host, asked),
    })
}

fn shown(challenge: &Challenge) -> Zone {
    let owner = challenge.owner().to_string();
    let value = challenge.record().value().as_bytes();
    Zone::new("example.com").with(txt(&owner, &[value]))
}

/// Every question leads one name further, below the same zone.
fn next_alias(asked: &Asked, apex: &str) -> Vec<Send> {
    let number = asked.name().bytes().map(u32::from).sum::<u32>();
    let target = format!("n{number}.{apex}");
    asked.answer([cname(&asked.name(), &target)])
}

type World = fn(&mut Lab, &Challenge) -> Script;

const WORLDS: &[(&str, World)] = &[
    (
        "13 servers that show the record, three levels of siblings",
        |lab, challenge| {
            let zone = shown(challenge);
            by_servers(delegated(lab, false), move |_, asked| {
                vec![Send::Message(zone.answer(asked))]
            })
        },
    ),
    ("13 silent servers", |lab, _| {
        by_servers(delegated(lab, false), |_, _| vec![])
    }),
    ("13 silent servers with two addresses each", |lab, _| {
        by_servers(delegated(lab, true), |_, _| vec![])
    }),
    (
        "12 silent servers beside one that shows the record",
        |lab, challenge| {
            let zone = shown(challenge);
            by_servers(delegated(lab, false), move |host, asked| match host {
                11 => vec![Send::Message(zone.answer(asked))],
                _ => vec![],
            })
        },
    ),
    (
        "40 name servers, all at one address that is somebody else's",
        |lab, _| {
            let victim = lab.v4(11);
            let com = (0..40).fold(Zone::new("com"), |com, number| {
                com.delegate(
                    "example.com",
                    &format!("n{number}.example.com"),
                    Some(victim),
                )
            });
            by_servers(com, |_, _| vec![])
        },
    ),
    (
        "13 name servers, each named in a zone of its own that is dead",
        |lab, _| {
            let com = SERVERS.fold(Zone::new("com"), |com, host| {
                let apex = format!("zone{host}.com");
                let com = com.delegate("example.com", &format!("ns.{apex}"), None);
                com.delegate(&apex, &format!("dead.{apex}"), Some(lab.v4(host)))
            });
            by_servers(com, |_, _| vec![])
        },
    ),
    (
        "name servers of name servers of name servers, in a circle",
        |lab, _| {
            let _ = lab;
            let com = (0..9).fold(Zone::new("com"), |com, number| {
                let next = (number + 1) % 9;
                com.delegate(&format!("z{number}.com"), &format!("ns.z{next}.com"), None)
            });
            let com = (0..9).fold(com, |com, number| {
                com.delegate("example.com", &format!("ns.z{number}.com"), None)
            });
            by_servers(com, |_, _| vec![])
        },
    ),
    (
        "13 servers that cut everything off, and have no TCP",
        |lab, _| {
            by_servers(delegated(lab, false), |_, asked| {
                if asked.over_tcp {
                    return vec![];
                }
                asked.truncated()
            })
        },
    ),
    ("13 servers whose answers take TCP", |lab, challenge| {
        let zone = shown(challenge);
        by_servers(delegated(lab, false), move |_, asked| {
            if !asked.over_tcp {
                return asked.truncated();
            }
            vec![Send::Message(zone.answer(asked))]
        })
    }),
    ("13 servers that fail", |lab, _| {
        by_servers(delegated(lab, true), |_, asked| {
            asked.refuse(ResponseCode::ServFail)
        })
    }),
    ("aliases without end, one in each answer", |lab, _| {
        by_servers(delegated(lab, false), |_, asked| {
            next_alias(asked, "example.com")
        })
    }),
    ("aliases back and forth between two zones", |lab, _| {
        let mut com = Zone::new("com");
        for (host, apex) in SERVERS.zip(["example.com", "other.com"].into_iter().cycle()) {
            com = com.delegate(apex, &format!("ns{host}.{apex}"), Some(lab.v4(host)));
        }
        by_servers(com, |_, asked| {
            let apex = match asked.name().contains("example.com") {
                true => "other.com",
                false => "example.com",
            };
            next_alias(asked, apex)
        })
    }),
    ("a cut at every label, each with 13 servers", |lab, _| {
        let glue: Vec<Ipv4Addr> = SERVERS.map(|host| lab.v4(host)).collect();
        by_servers(delegated(lab, false), move |_, asked| {
            let name = asked.name();
            let labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
            let mut reply = asked.reply();
            reply.metadata.authoritative = false;
            // Always the zone right above the name, whichever was asked for.
            let cut = labels[labels.len().min(1) - 1..].join(".");
            for (number, address) in glue.iter().enumerate() {
                let server = format!("n{number}.{cut}");
                reply.add_authority(ns(&cut, &server));
                reply.add_additional(a(&server, *address));
            }
            vec![Send::Message(reply)]
        })
    }),
    (
        "servers of two minds, whose serial numbers are asked for",
        |lab, challenge| {
            let zone = shown(challenge);
            by_servers(delegated(lab, false), move |host, asked| {
                if is_txt(asked) && host % 2 == 0 {
                    let mut reply = asked.reply();
                    reply.metadata.response_code = ResponseCode::NXDomain;
                    reply.add_authority(soa("example.com"));
                    return vec![Send::Message(reply)];
                }
                vec![Send::Message(zone.answer(asked))]
            })
        },
    ),
    (
        "a wildcard alias to a provider with 13 servers of its own",
        |lab, challenge| {
            let mut com = Zone::new("com");
            for host in SERVERS {
                let apex = if host < 15 {
                    "example.com"
                } else {
                    "provider.com"
                };
                com = com.delegate(apex, &format!("ns{host}.{apex}"), Some(lab.v4(host)));
            }
            let value = challenge.record().value().to_owned();
            by_servers(com, move |host, asked| {
                let name = asked.name();
                match host {
                    ..15 => asked.answer([cname(&name, "t.provider.com")]),
                    _ if is_txt(asked) => asked.answer([txt(&name, &[value.as_bytes()])]),
                    _ => asked.refuse(ResponseCode::Refused),
                }
            })
        },
    ),
    ("answers of 60 KiB from 13 servers", |lab, _| {
        by_servers(delegated(lab, false), |_, asked| {
            if !asked.over_tcp {
                return asked.truncated();
            }
            let name = asked.name();
            let filler = [b'x'; 200];
            asked.answer((0..270).map(|_| txt(&name, &[&filler])))
        })
    }),
];
