//! What an attacker with some of the servers of a zone, or of the zone above, does to make it look
//! smaller than it is (S-2, S-8).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dcv::challenge::Challenge;
use dcv::evaluate::Examination;
use dcv::lookup::{AuthoritativeLookup, Rate};
use dcv::policy::{Policy, Wildcards};
use dcv::system::{SystemClock, TokioTimer};
use dcv::verify::{DnsVerifier, Verifier as _};
use hickory_server::proto::op::{Message, ResponseCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};

use crate::faults::{Asked, Send, a, cname, dname, txt};
use crate::lab::{Lab, Zone};
use crate::scene::verdict;
use crate::scene::{OWNER, challenge, challenge_for, examine, lab, lab_of_two, record, said};

const FAILED: &str = "indeterminate/lookup-failed";

/// A root at host 1, above `com` at host 2 and `net` at host 3.
async fn top() -> Lab {
    let mut lab = Lab::new().await;
    let root = Zone::new("")
        .delegate("com", "a.gtld.com", Some(lab.v4(2)))
        .delegate("net", "a.gtld.net", Some(lab.v4(3)));
    lab.serve(1, root).await;
    lab
}

/// Checks with the view alone; siblings are not asked for.
async fn check(view: AuthoritativeLookup, challenge: &Challenge) -> Examination {
    DnsVerifier::builder(Arc::new(SystemClock::new()), Arc::new(TokioTimer::new()))
        .observer(view)
        .policy(Policy::single_resolver().with_wildcards(Wildcards::Accept))
        .build()
        .unwrap()
        .examine(challenge)
        .await
}

// S-2: two of three servers delegate the owner name to the attacker, the third delegates it elsewhere: by other
// names, or by the same names at other addresses.
#[tokio::test]
async fn a_delegation_that_differs_is_heard() {
    let challenge = challenge().await;
    for server in ["ns.example.com", "honest.example.com"] {
        let mut lab = lab().await;
        for (host, server, at) in [
            (11, "ns.example.com", 66),
            (12, "ns.example.com", 66),
            (13, server, 67),
        ] {
            let zone = Zone::new("example.com").delegate(OWNER, server, Some(lab.v4(at)));
            lab.serve(host, zone).await;
        }
        let lie = Zone::new(OWNER).with(record(&challenge));
        lab.serve(66, lie).await;
        lab.serve(67, Zone::new(OWNER)).await;
        let found = examine(lab.view(), &challenge).await;
        assert_eq!(verdict(&found), FAILED, "{server}: {:#?}", said(&found));
    }
}

/// Answers over TCP alone, so long after it was asked.
async fn answer_over_tcp(at: SocketAddr, zone: Zone, after: Duration) -> UdpSocket {
    let udp = UdpSocket::bind(at).await.unwrap();
    let tcp = TcpListener::bind(at).await.unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, from) = tcp.accept().await.unwrap();
            let zone = zone.clone();
            tokio::spawn(async move {
                let Ok(length) = stream.read_u16().await else {
                    return;
                };
                let mut octets = vec![0; length.into()];
                stream.read_exact(&mut octets).await.unwrap();
                let asked = Asked {
                    message: Message::from_vec(&octets).unwrap(),
                    from,
                    over_tcp: true,
                };
                tokio::time::sleep(after).await;
                let reply = zone.answer(&asked).to_vec().unwrap();
                let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
                // Nobody may be there any more.
                let _ = stream
                    .write_all(&[&length, reply.as_slice()].concat())
                    .await;
            });
        }
    });
    udp
}

// S-2: a try that had to wait for its turn is waited for as long as any other.
#[tokio::test]
async fn a_turn_that_comes_late_shortens_no_wait() {
    let challenge = challenge().await;
    let mut lab = lab_of_two().await;
    let lie = Zone::new("example.com").with(record(&challenge));
    lab.serve(11, lie).await;
    let honest = Zone::new("example.com");
    let _udp = answer_over_tcp(lab.socket(12), honest, Duration::from_millis(400)).await;
    for rate in [
        Rate::per_second(1000),
        Rate::every(Duration::from_millis(1960)),
    ] {
        let found = check(lab.view().with_rate(rate), &challenge).await;
        assert!(!found.verdict().is_validated(), "{:#?}", said(&found));
    }
}

// S-2: the second address of a server is waited for as long as the first.
#[tokio::test]
async fn a_second_address_is_waited_for() {
    let challenge = challenge().await;
    let mut lab = top().await;
    let com = Zone::new("com")
        .delegate("example.com", "ns1.example.com", Some(lab.v4(11)))
        .delegate("example.com", "ns2.provider.net", None);
    lab.serve(2, com).await;
    let net = Zone::new("net").delegate("provider.net", "p.provider.net", Some(lab.v4(4)));
    lab.serve(3, net).await;
    let provider = Zone::new("provider.net")
        .with(a("ns2.provider.net", lab.v4(12)))
        .with(a("ns2.provider.net", lab.v4(13)));
    lab.serve(4, provider).await;
    let lie = Zone::new("example.com").with(record(&challenge));
    lab.serve(11, lie).await;
    lab.script(12, |_| vec![]).await;
    let honest = Zone::new("example.com");
    let _udp = answer_over_tcp(lab.socket(13), honest, Duration::from_millis(1500)).await;
    let found = check(lab.view(), &challenge).await;
    assert!(!found.verdict().is_validated(), "{:#?}", said(&found));
}

/// `example.com` has two servers beside the one in `provider.net`, whose servers are hosts 4 and 5.
async fn lab_of_provider(challenge: &Challenge) -> Lab {
    let mut lab = top().await;
    let com = Zone::new("com")
        .delegate("example.com", "ns1.example.com", Some(lab.v4(11)))
        .delegate("example.com", "ns2.example.com", Some(lab.v4(12)))
        .delegate("example.com", "ns3.provider.net", None);
    lab.serve(2, com).await;
    let net = Zone::new("net")
        .delegate("provider.net", "p1.provider.net", Some(lab.v4(4)))
        .delegate("provider.net", "p2.provider.net", Some(lab.v4(5)));
    lab.serve(3, net).await;
    for host in [11, 12] {
        let lie = Zone::new("example.com").with(record(challenge));
        lab.serve(host, lie).await;
    }
    lab
}

// S-2: where a name server is was not asked of all who know: the address filter, or a rate, is in the way. The
// name server is there all the same.
#[tokio::test]
async fn a_place_that_was_not_asked_for_is_no_absence() {
    let challenge = challenge().await;
    for fails in [ResponseCode::ServFail, ResponseCode::Refused] {
        let mut lab = lab_of_provider(&challenge).await;
        lab.script(4, move |asked| asked.refuse(fails)).await;
        let filtered = format!("{}/32", lab.v4(5)).parse().unwrap();
        let wait = Duration::from_millis(300);
        let view = lab.view().with_filter(lab.filter().denying(filtered));
        let view = view.with_udp_timeout(wait).with_tcp_timeout(wait);
        let found = check(view, &challenge).await;
        assert_eq!(verdict(&found), FAILED, "{:#?}", said(&found));
    }
    // The attacker's own domain is there as well, and its checks take the turns.
    let mut lab = lab_of_provider(&challenge).await;
    let rate = Rate::every(Duration::from_secs(3600)).with_burst(1);
    for host in [4, 5] {
        let provider = Zone::new("provider.net").with(a("ns3.provider.net", lab.v4(13)));
        lab.serve(host, provider).await;
    }
    lab.serve(13, Zone::new("example.com")).await;
    let view = Arc::new(lab.view().with_rate(rate));
    let drain = challenge_for("www.provider.net").await;
    for challenge in [&drain, &challenge] {
        let verifier = DnsVerifier::builder(SystemClock::new(), TokioTimer::new());
        let verifier = verifier.observer(view.clone());
        let verifier = verifier.policy(Policy::single_resolver()).build().unwrap();
        let found = verifier.examine(challenge).await;
        assert!(!found.verdict().is_validated(), "{:#?}", said(&found));
    }
}

/// So many servers of `example.com`, the last of which lie: they show the record themselves, or
/// deny it. The others delegate the owner name to `children` servers, which answer in this manner.
struct Cut {
    parents: u8,
    liars: u8,
    children: u8,
    manner: &'static str,
    liars_show: bool,
}

impl Cut {
    async fn lab(&self, challenge: &Challenge) -> Lab {
        let mut lab = top().await;
        let mut com = Zone::new("com");
        for host in 0..self.parents {
            let server = format!("ns{host}.example.com");
            com = com.delegate("example.com", &server, Some(lab.v4(11 + host)));
            let mut zone = Zone::new("example.com");
            if host < self.parents - self.liars {
                for child in 0..self.children {
                    let server = format!("c{child}.example.com");
                    zone = zone.delegate(OWNER, &server, Some(lab.v4(61 + child)));
                }
            } else if self.liars_show {
                zone = zone.with(record(challenge));
            }
            lab.serve(11 + host, zone).await;
        }
        lab.serve(2, com).await;
        for child in 0..self.children {
            let manner = self.manner;
            let other = Zone::new(OWNER).with(txt(OWNER, &[b"something else"]));
            let own = Zone::new(OWNER).with(record(challenge));
            lab.script(61 + child, move |asked| match manner {
                "silent" => vec![],
                "failing" => asked.refuse(ResponseCode::ServFail),
                "showing" => vec![Send::Message(own.answer(asked))],
                _ => vec![Send::Message(other.answer(asked))],
            })
            .await;
        }
        lab
    }
}

// S-2: a server of the zone above is none of the zone below, whoever answers there: it may contradict, and
// neither confirms nor denies in its place.
#[tokio::test]
async fn a_server_above_is_none_of_the_zone() {
    let challenge = challenge().await;
    for (parents, liars, children, manner, liars_show) in [
        (3, 1, 1, "denying", true),
        (3, 1, 1, "silent", true),
        (5, 2, 1, "failing", true),
        (5, 2, 2, "silent", true),
        (7, 3, 2, "failing", true),
        (9, 4, 4, "silent", true),
        (3, 1, 1, "silent", false),
        (5, 2, 1, "failing", false),
        (3, 1, 2, "showing", false),
    ] {
        let cut = Cut {
            parents,
            liars,
            children,
            manner,
            liars_show,
        };
        let lab = cut.lab(&challenge).await;
        let found = check(lab.view(), &challenge).await;
        let what = format!("{liars} of {parents} lie, {children} {manner}");
        assert_eq!(
            found.verdict().name(),
            "indeterminate",
            "{what}: {:#?}",
            said(&found)
        );
    }
}

// S-2: the same, when it leads to where the attacker is.
#[tokio::test]
async fn a_server_above_leads_nowhere() {
    let challenge = challenge().await;
    let mut lab = top().await;
    let com = Zone::new("com")
        .delegate("example.com", "ns1.example.com", Some(lab.v4(11)))
        .delegate("example.com", "ns2.example.com", Some(lab.v4(12)))
        .delegate("example.com", "ns3.example.com", Some(lab.v4(13)));
    lab.serve(2, com).await;
    let net = Zone::new("net").delegate("evil.net", "ns.evil.net", Some(lab.v4(21)));
    lab.serve(3, net).await;
    let value = challenge.record().value().as_bytes();
    let evil = Zone::new("evil.net").with(txt("t.evil.net", &[value]));
    lab.serve(21, evil).await;
    for host in 11..=13 {
        let zone = Zone::new("example.com");
        let zone = match host {
            13 => zone.with(cname(OWNER, "t.evil.net")),
            _ => zone.delegate(OWNER, "c.example.com", Some(lab.v4(61))),
        };
        lab.serve(host, zone).await;
    }
    lab.script(61, |_| vec![]).await;
    let found = check(lab.view(), &challenge).await;
    assert_eq!(
        found.verdict().name(),
        "indeterminate",
        "{:#?}",
        said(&found)
    );
}

// S-8: below a DNAME every name has a target of its own, and the DNAME rotates: at the owner name the
// attacker's was met, beside it the other.
#[tokio::test]
async fn a_dname_that_rotates_proves_nothing() {
    let challenge = challenge().await;
    let mut lab = top().await;
    let com = Zone::new("com")
        .delegate("example.com", "ns1.example.com", Some(lab.v4(11)))
        .delegate("example.com", "ns2.example.com", Some(lab.v4(12)));
    lab.serve(2, com).await;
    let net = Zone::new("net")
        .delegate("evil.net", "ns.evil.net", Some(lab.v4(21)))
        .delegate("good.net", "ns.good.net", Some(lab.v4(22)));
    lab.serve(3, net).await;
    for host in [11, 12] {
        let asked_before = AtomicUsize::new(0);
        lab.script(host, move |asked| {
            let name = asked.name();
            let (label, _) = name.split_once('.').unwrap();
            let to = match asked_before.fetch_add(1, Ordering::Relaxed) {
                0 => "evil.net",
                _ => "good.net",
            };
            let alias = cname(&name, &format!("{label}.{to}"));
            asked.answer([dname("example.com", to), alias])
        })
        .await;
    }
    let (label, _) = OWNER.split_once('.').unwrap();
    let value = challenge.record().value().as_bytes();
    let evil = Zone::new("evil.net").with(txt(&format!("{label}.evil.net"), &[value]));
    lab.serve(21, evil).await;
    lab.serve(22, Zone::new("good.net")).await;
    let found = examine(lab.view(), &challenge).await;
    assert_eq!(
        verdict(&found),
        "indeterminate/wildcard-unknown",
        "{:#?}",
        said(&found)
    );
}

// S-16: and a zone with many servers, whose places are in a zone with many servers, is proven still, with
// room for three resolvers beside the view.
#[tokio::test]
async fn crowds_of_servers_in_another_zone_are_no_bar() {
    let challenge = challenge().await;
    for (own, others) in [(4, 4), (4, 8), (6, 6), (6, 13), (8, 4), (5, 13), (8, 8)] {
        let mut lab = top().await;
        let (mut com, mut net) = (Zone::new("com"), Zone::new("net"));
        let mut provider = Zone::new("provider.net");
        for host in 0..own {
            let server = format!("ns{host}.provider.net");
            com = com.delegate("example.com", &server, None);
            provider = provider.with(a(&server, lab.v4(100 + host)));
            let zone = Zone::new("example.com").with(record(&challenge));
            lab.serve(100 + host, zone).await;
        }
        for host in 0..others {
            let server = format!("p{host}.provider.net");
            net = net.delegate("provider.net", &server, Some(lab.v4(150 + host)));
        }
        lab.serve(2, com).await;
        lab.serve(3, net).await;
        for host in 0..others {
            lab.serve(150 + host, provider.clone()).await;
        }
        let found = examine(lab.view(), &challenge).await;
        let what = format!("{own} servers in a zone of {others}");
        assert_eq!(
            verdict(&found),
            "validated/quorum",
            "{what}: {:#?}",
            said(&found)
        );
        let sent = found.queries();
        assert!(sent + 9 <= 64, "{what}: {sent} queries");
    }
}
