//! Where and how often is asked, and where it ends.

use std::sync::Arc;
use std::time::Duration;

use dcv::dns::LookupFailure;
use dcv::lookup::{AddressFilter, Rate};
use dcv::policy::Policy;
use dcv::service::Dcv;
use dcv::system::{SystemClock, TokioTimer};
use dcv::verify::{DnsVerifier, Verifier as _};
use dcv::{AccountId, Scope};
use hickory_server::proto::op::ResponseCode;

use tokio::task::JoinHandle;

use crate::faults::{Send, a, cname, ns, txt};
use crate::lab::{Lab, Zone};
use crate::scene::{OWNER, challenge, examine, lab, lab_with_target, record, said, verdict};

// S-10: no address of a private network is connected to, whether it comes as glue or is looked
// up; and the filter stands before TCP as before UDP.
#[tokio::test]
async fn addresses_are_filtered_where_they_are_connected_to() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        lab.script(host, |asked| asked.truncated()).await;
    }
    // The port is allowed, and the root and `com`; not the servers of the zone.
    let filter = [1, 2]
        .into_iter()
        .fold(AddressFilter::new(), |filter, host| {
            filter.allowing(lab.v4(host).to_string().parse().unwrap())
        });
    let filter = filter.allowing_port(lab.socket(1).port());
    let examination = examine(lab.view().with_filter(filter), &challenge).await;
    assert_eq!(
        said(&examination),
        [1, 2, 3].map(|n| format!("ns{n}.example.com. AddressRefused"))
    );
    assert_eq!((11..=13).map(|host| lab.asked(host)).sum::<usize>(), 0);
    assert_eq!(verdict(&examination), "indeterminate/lookup-failed");
}

// S-16: an address is not asked more often than its rate allows, by whatever verification.
#[tokio::test]
async fn an_address_is_asked_at_its_rate() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        let zone = Zone::new("example.com").with(record(&challenge));
        lab.serve(host, zone).await;
    }
    let view = lab
        .view()
        .with_rate(Rate::every(Duration::from_secs(3600)).with_burst(3));
    let verifier = DnsVerifier::builder(Arc::new(SystemClock::new()), Arc::new(TokioTimer::new()))
        .observer(view)
        .policy(Policy::single_resolver())
        .build()
        .unwrap();
    let first = verifier.examine(&challenge).await;
    assert_eq!(verdict(&first), "validated/quorum");
    for _ in 0..3 {
        verifier.examine(&challenge).await;
    }
    for host in [1, 2, 11, 12, 13] {
        assert!(lab.asked(host) <= 3, "host {host}: {}", lab.asked(host));
    }
    let throttled = verifier.examine(&challenge).await;
    assert_eq!(
        throttled.observations()[0].result(),
        Err(&LookupFailure::Throttled)
    );
}

// S-16: whoever has many names below one top-level domain checked, as many as 450 at once, keeps
// nobody else from being checked, neither as one account nor as many.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_below_a_top_level_domain_keeps_nobody_out() {
    for accounts in [1, 30] {
        let mut lab = lab().await;
        let rate = Rate::per_second(200).with_burst(50);
        let dcv = Dcv::builder("example-saas").unwrap();
        let dcv = dcv.observer(lab.view().with_rate(rate));
        let dcv = dcv.policy(Policy::single_resolver()).build().unwrap();
        let (owner, name) = (
            AccountId::new("owner").unwrap(),
            "example.com".parse().unwrap(),
        );
        let challenge = dcv.issue(&owner, &name, Scope::Host).await.unwrap();
        for host in 11..=13 {
            let zone = Zone::new("example.com").with(record(&challenge));
            lab.serve(host, zone).await;
        }
        let flood = (0..450).map(|number| {
            let dcv = dcv.clone();
            tokio::spawn(async move {
                let account = format!("greedy-{}", number % accounts);
                let account = AccountId::new(&account).unwrap();
                let name = format!("n{number}.com").parse().unwrap();
                let one = dcv.issue(&account, &name, Scope::Host).await.unwrap();
                dcv.verify(&account, one.id()).await.is_ok()
            })
        });
        let flood: Vec<_> = flood.collect();
        // The flood has used up the bucket of the top-level domain's server, or is over.
        while lab.asked(2) < 50 && !flood.iter().all(JoinHandle::is_finished) {
            tokio::task::yield_now().await;
        }
        let check = dcv.verify(&owner, challenge.id()).await.unwrap();
        assert_eq!(check.verdict().name(), "validated", "{accounts}: {check}");
        let mut looked = 0;
        for one in flood {
            looked += usize::from(one.await.unwrap());
        }
        println!(
            "{accounts} accounts: {looked} of 450 checked, {} queries",
            lab.asked(2)
        );
        // Many are still under way when the last ones come.
        assert!(looked < 300, "{looked}");
    }
}

// S-16: name servers of name servers of name servers: the chase ends.
#[tokio::test]
async fn chasing_name_servers_ends() {
    let (mut lab, challenge) = (Lab::new().await, challenge().await);
    let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
    lab.serve(1, root).await;
    let com = (0..9).fold(Zone::new("com"), |com, n| {
        com.delegate(&format!("z{n}.com"), &format!("ns.z{}.com", n + 1), None)
    });
    let com = com
        .delegate("example.com", "ns.z0.com", None)
        .delegate("loop-a.com", "ns.loop-b.com", None)
        .delegate("loop-b.com", "ns.loop-a.com", None);
    lab.serve(2, com).await;
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(said(&examination), ["ns.z0.com. NoAddress"]);
    assert!(lab.asked_in_all() < 20, "{}", lab.asked_in_all());
}

// S-16: a flood of name servers is cut to thirteen, and the budget holds over everything.
#[tokio::test]
async fn a_flood_of_name_servers_is_bounded() {
    let challenge = challenge().await;
    for glue in [true, false] {
        let mut lab = Lab::new().await;
        let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
        lab.serve(1, root).await;
        let address = lab.v4(9);
        lab.script(2, move |asked| {
            let mut reply = asked.reply();
            reply.metadata.authoritative = false;
            if asked.name().contains("example.com") {
                if !asked.over_tcp {
                    return asked.truncated();
                }
                for n in 0..40 {
                    let server = format!("n{n}.example.com");
                    reply.add_authority(ns("example.com", &server));
                    if glue {
                        reply.add_additional(a(&server, address));
                    }
                }
            } else {
                reply.metadata.response_code = ResponseCode::ServFail;
            }
            vec![Send::Message(reply)]
        })
        .await;
        lab.script(9, |asked| asked.refuse(ResponseCode::ServFail))
            .await;
        let view = lab.view().with_udp_timeout(Duration::from_millis(300));
        let examination = examine(view, &challenge).await;
        assert_eq!(examination.observations().len(), 13);
        assert!(lab.asked_in_all() <= 64, "{}", lab.asked_in_all());
        // Thirteen names at one address, perhaps somebody else's, are no reason to ask it thirteen
        // times.
        if glue {
            assert_eq!(lab.asked(9), 1);
        }
        assert_eq!(verdict(&examination), "indeterminate/lookup-failed");
    }
}

// S-16: a thousand records of strangers at each of the zone's servers are read and compared.
#[tokio::test]
async fn crowds_of_records_are_read_at_every_server() {
    let challenge = challenge().await;
    for (strangers, ours, expected) in [
        (300, true, "validated/quorum"),
        (1000, true, "validated/quorum"),
        (1000, false, "unproven/different"),
    ] {
        let mut lab = lab().await;
        for host in 11..=13 {
            let records = (0..strangers).map(|n| txt(OWNER, &[format!("s{n}").as_bytes()]));
            let mut zone = records.fold(Zone::new("example.com"), Zone::with);
            if ours {
                zone = zone.with(record(&challenge));
            }
            lab.script(host, move |asked| {
                if asked.over_tcp {
                    vec![Send::Message(zone.answer(asked))]
                } else {
                    asked.truncated()
                }
            })
            .await;
        }
        let examination = examine(lab.view(), &challenge).await;
        assert_eq!(verdict(&examination), expected, "{:?}", said(&examination));
    }
}

// S-16: what a check sent is counted, and the counter is right.
#[tokio::test]
async fn the_counter_counts_what_is_sent() {
    let challenge = challenge().await;
    let mut lab = lab_with_target(&challenge).await;
    for host in [11, 12] {
        let zone = Zone::new("example.com").with(cname(OWNER, "t.example.net"));
        lab.serve(host, zone).await;
    }
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(examination.queries() as usize, lab.asked_in_all());
}
