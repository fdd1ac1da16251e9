//! Connections that are kept, lost and made again.

use std::time::Duration;

use dcv::dns::LookupFailure;
use dcv::lookup::{Budget, Rate, TxtLookup as _};
use futures_util::future::join_all;
use tokio::runtime;

use crate::line::Line;
use crate::scene::{HANGS, Resolver, WAYS, Way, token};
use crate::servers::servers_or_skip;

// S-16: a connection is made once and carries all queries, each of which is counted.
#[tokio::test]
async fn connections_are_kept() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    for way in WAYS {
        let line = Line::to(resolver.addr(way)).await;
        let lookup = resolver.lookup_at(way, line.addr());
        let budget = Budget::new(1000);
        // At once, from the first: more than may be in flight together, and over one connection.
        let clones = vec![lookup.clone(); 200];
        let answers = join_all(clones.iter().map(|lookup| token(lookup, &budget)));
        assert_eq!(answers.await, vec![Ok(()); 200], "{way:?}");
        for _ in 0..5 {
            token(&lookup, &budget).await.unwrap();
        }
        assert_eq!((line.made(), budget.spent()), (1, 205), "{way:?}");

        // Without a budget not even a connection is made.
        let fresh = resolver.lookup_at(way, line.addr());
        for lookup in [lookup, fresh] {
            let refused = token(&lookup, &Budget::new(0)).await;
            assert_eq!(refused, Err(LookupFailure::BudgetExhausted), "{way:?}");
        }
        assert_eq!(line.made(), 1, "{way:?}");
    }
}

// A server may close a connection that nobody uses; the next query finds a new one.
#[tokio::test]
async fn closed_connections_are_made_again() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::with("    tcp-idle-timeout: 200\n");
    for way in WAYS {
        let line = Line::to(resolver.addr(way)).await;
        let lookup = resolver.lookup_at(way, line.addr());
        let budget = Budget::default();
        for made in 1..=3 {
            token(&lookup, &budget).await.unwrap();
            assert_eq!(line.made(), made, "{way:?}");
            let empty = tokio::time::timeout(HANGS, line.is_empty());
            empty.await.expect("the server keeps its connections");
        }
        // A connection may be found closed only by asking over it.
        assert!((3..=5).contains(&budget.spent()), "{way:?}: {budget:?}");
    }
}

// A query whose connection breaks is sent again, once, and counted again (S-16).
#[tokio::test]
async fn broken_connections_are_made_again() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    for way in WAYS {
        let line = Line::to(resolver.addr(way)).await;
        let lookup = resolver.lookup_at(way, line.addr());
        let budget = Budget::default();
        token(&lookup, &budget).await.unwrap();
        line.cut_next();
        token(&lookup, &budget).await.unwrap();
        assert_eq!((line.made(), budget.spent()), (2, 3), "{way:?}");

        let one = Budget::new(1);
        line.cut_next();
        let stopped = token(&lookup, &one).await;
        assert_eq!(stopped, Err(LookupFailure::BudgetExhausted), "{way:?}");

        // A connection that breaks at once is the server's answer.
        let line = Line::to(resolver.addr(way)).await;
        line.cut_next();
        let failed = token(&resolver.lookup_at(way, line.addr()), &budget).await;
        assert_eq!(failed, Err(LookupFailure::Transport), "{way:?}");
        assert_eq!((line.made(), budget.spent()), (1, 4), "{way:?}");
    }
}

// S-16: each sending is counted by the rate of the server, the second one of a query too, and what is
// not sent is not.
#[tokio::test]
async fn a_server_is_asked_at_its_rate() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    let rate = Rate::every(Duration::from_secs(3600)).with_burst(4);
    for way in WAYS {
        let line = Line::to(resolver.addr(way)).await;
        let lookup = resolver.lookup_at(way, line.addr()).with_rate(rate);
        for _ in 0..5 {
            let refused = token(&lookup, &Budget::new(0)).await;
            assert_eq!(refused, Err(LookupFailure::BudgetExhausted), "{way:?}");
        }
        let budget = Budget::default();
        token(&lookup, &budget).await.unwrap();
        line.cut_next();
        token(&lookup, &budget).await.unwrap();
        token(&lookup, &budget).await.unwrap();
        let refused = token(&lookup, &budget).await;
        assert_eq!(refused, Err(LookupFailure::Throttled), "{way:?}");
        assert_eq!(budget.spent(), 4, "{way:?}");
    }

    // What is over the rate waits for its turn.
    let rate = Rate::every(Duration::from_millis(10));
    let lookup = resolver.lookup(Way::Tls).with_rate(rate);
    let budget = Budget::default();
    let answers = join_all((0..20).map(|_| token(&lookup, &budget)));
    assert_eq!(answers.await, vec![Ok(()); 20]);
}

// Who leaves takes nothing along: the connection goes on, and the reply that comes late is nobody
// else's.
#[tokio::test]
async fn callers_may_leave() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    for way in WAYS {
        let line = Line::to(resolver.addr(way)).await;
        let lookup = resolver.lookup_at(way, line.addr());
        let budget = Budget::default();

        // During the handshake,
        line.hold();
        tokio::select! {
            answer = token(&lookup, &budget) => panic!("{way:?}: {answer:?}"),
            () = line.holds_something() => {}
        }
        line.release();
        token(&lookup, &budget).await.unwrap();
        assert_eq!((line.made(), budget.spent()), (2, 2), "{way:?}");

        // and again and again during a query: more of them than may be in flight.
        let gone = "_large.example.com".parse().unwrap();
        for _ in 0..100 {
            line.hold();
            tokio::select! {
                answer = lookup.lookup_txt(&gone) => panic!("{way:?}: {answer:?}"),
                () = line.holds_something() => {}
            }
            line.release();
        }
        token(&lookup, &budget).await.unwrap();
        assert_eq!(line.made(), 2, "{way:?}");
    }
}

// A connection lives in the runtime that made it. Where that has ended, or is not running, another
// one is made.
#[test]
fn runtimes_come_and_go() {
    if !servers_or_skip() {
        return;
    }
    let new = || {
        let mut builder = runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap()
    };
    let resolver = Resolver::start();
    for way in WAYS {
        let lookup = resolver.lookup(way);
        let budget = Budget::default();
        let ask_in = |runtime: &runtime::Runtime| runtime.block_on(token(&lookup, &budget));
        let ended = new();
        ask_in(&ended).unwrap();
        drop(ended);
        let (one, two) = (new(), new());
        for runtime in [&one, &two, &one, &two] {
            ask_in(runtime).unwrap();
        }
        assert_eq!(budget.spent(), 5, "{way:?}");
    }
}
