//! What arrives, and what cannot.

use std::error::Error as _;
use std::time::Duration;

use dcv::dns::{AbsenceKind, LookupFailure, Outcome};
use dcv::lookup::{Budget, HickoryLookup, TxtLookup as _};

use crate::asking::{ask, data};
use crate::faults::{FaultServer, closed_port};
use crate::line::Line;
use crate::scene::{NAME, Resolver, WAYS, Way, patient, token};
use crate::servers::servers_or_skip;

// S-11: an answer is the same over every way, whatever its size; so is an absence, with its SOA.
#[tokio::test]
async fn answers_arrive() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    for way in WAYS {
        let lookup = resolver.lookup(way);
        token(&lookup, &Budget::default()).await.unwrap();

        // More than a datagram of 1232 octets holds.
        let name = "_large.example.com".parse().unwrap();
        let mut large = data(&lookup.lookup_txt(&name).await.unwrap());
        large.sort();
        assert_eq!(large.len(), 20, "{way:?}");
        assert_eq!(large.concat().len(), 20 * 202, "{way:?}");
        assert!(large[19].starts_with(b"29x"), "{way:?}");

        let name = "nowhere.example.com".parse().unwrap();
        let absent = lookup.lookup_txt(&name).await.unwrap();
        let Outcome::Absent(absence) = absent.outcome() else {
            panic!("{way:?}: {absent:?}")
        };
        assert_eq!(absence.kind(), AbsenceKind::NxDomain, "{way:?}");
        let zone = absence.soa().unwrap().owner().to_string();
        assert_eq!(zone.trim_end_matches('.'), "example.com", "{way:?}");

        // What is asked is asked with the bits of the lookup: without RD Unbound refuses.
        let refused = token(&lookup.without_recursion(), &Budget::default()).await;
        let is_refused = matches!(refused, Err(LookupFailure::Server { rcode: 5, .. }));
        assert!(is_refused, "{way:?}: {refused:?}");
    }
}

// What does not speak TLS, or speaks something else inside of it, is a failure: nothing is sent in
// plain text, and nobody waits for ever.
#[tokio::test]
async fn other_servers_are_failures() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    let plain = FaultServer::start(crate::asking::token).await;
    let closed = closed_port().await;
    for (way, other) in [(Way::Tls, Way::Https), (Way::Https, Way::Tls)] {
        let cases = [
            ("plain DNS", plain.addr()),
            ("plain DNS of a real server", resolver.knot.addr()),
            ("nobody", closed),
            ("the other protocol", resolver.addr(other)),
        ];
        for (what, server) in cases {
            let lookup = resolver
                .lookup_at(way, server)
                .with_tcp_timeout(Duration::from_millis(500));
            let failure = token(&lookup, &Budget::default()).await.unwrap_err();
            let expected = [LookupFailure::Transport, LookupFailure::Timeout];
            assert!(expected.contains(&failure), "{way:?}, {what}: {failure:?}");
        }
        assert_eq!(plain.seen().len(), 0, "{way:?}");
        // Another server of the same name stands in.
        let servers = [closed, resolver.addr(way)];
        let roots = resolver.authority.roots();
        let lookup = match way {
            Way::Tls => HickoryLookup::over_tls(servers, NAME, &roots),
            Way::Https => HickoryLookup::over_https(servers, NAME, "/dns-query", &roots),
        };
        token(&patient(lookup.unwrap()), &Budget::default())
            .await
            .unwrap();
    }

    // S-18: the words of a web server are kept for the log, cut and escaped.
    let (server, roots) = (resolver.addr(Way::Https), resolver.authority.roots());
    let elsewhere = HickoryLookup::over_https([server], NAME, "/elsewhere", &roots);
    let error = ask(&patient(elsewhere.unwrap()), &Budget::default()).await;
    let error = error.unwrap_err();
    assert_eq!(error.failure(), &LookupFailure::MalformedReply);
    let source = error.source().unwrap().to_string();
    assert!(source.contains("404"), "{source}");
    assert!(
        source.bytes().all(|octet| matches!(octet, b' '..=b'~')),
        "{source}"
    );
}

// S-16: one deadline for all of an exchange, be it the handshake that hangs or the answer.
// What hangs is not asked again. It ends before hickory's own limit for a handshake, of 5 seconds.
#[tokio::test]
async fn silence_ends() {
    const SOON: Duration = Duration::from_secs(4);
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    for way in WAYS {
        let line = Line::to(resolver.addr(way)).await;
        let lookup = resolver.lookup_at(way, line.addr());
        let hasty = lookup.clone().with_tcp_timeout(Duration::from_millis(300));
        let budget = Budget::default();
        line.hold();
        let failed = tokio::time::timeout(SOON, token(&hasty, &budget)).await;
        assert_eq!(
            failed,
            Ok(Err(LookupFailure::Timeout)),
            "{way:?}, handshake"
        );
        assert_eq!(budget.spent(), 1, "{way:?}");
        line.release();
        token(&lookup, &budget).await.unwrap();
        assert_eq!((line.made(), budget.spent()), (2, 2), "{way:?}");

        line.hold();
        let failed = tokio::time::timeout(SOON, token(&hasty, &budget)).await;
        assert_eq!(failed, Ok(Err(LookupFailure::Timeout)), "{way:?}, answer");
        assert_eq!((line.made(), budget.spent()), (2, 3), "{way:?}");
        line.release();
        token(&lookup, &budget).await.unwrap();
        assert_eq!((line.made(), budget.spent()), (3, 4), "{way:?}");
    }
}
