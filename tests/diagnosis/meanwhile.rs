//! What changes between the check and its diagnosis, and what was right all the time.

use dcv::diagnose::{Code, History, Origin, Probe};
use dcv::dns::{LookupFailure, Purpose, Question, RecordType};
use dcv::name::Scope;
use dcv::token::Token;
use time::Duration;

use crate::cases::{Seen, absent, asked, id, issued};
use crate::scene::{Scene, authoritative, name, names, other, right, server, shown, txt};

fn servfail() -> Seen {
    Err(LookupFailure::server(2))
}

/// A scene in which both resolvers failed, and one of them answers as soon as it does not check.
fn fails_when_checked() -> Scene {
    let mut scene = Scene::new()
        .record("one", servfail())
        .record("two", servfail())
        .rounds(1);
    let question = scene.challenge.question();
    scene.asked.push(Probe::Unchecked(question.clone()));
    let one = asked(&id("one"), question, Purpose::Unchecked, right());
    scene.seen.push(one);
    scene
}

// Mistake 23: a resolver that fails for a moment says nothing about signatures: it is asked once
// more, with the check.
#[test]
fn a_failure_that_went_away_is_not_bogus() {
    let scene = fails_when_checked();
    let again = Probe::Resolver(scene.challenge.question());
    assert!(scene.plan().contains(&again), "{:?}", scene.plan());
    let owner = scene.challenge.owner().clone();
    let still = fails_when_checked().probed(owner.clone(), RecordType::TXT, servfail());
    assert_eq!(still.codes(), "dnssec-bogus");
    assert!(!still.plan().contains(&again));
    for seen in [right(), absent("example.com")] {
        let scene = fails_when_checked().probed(owner.clone(), RecordType::TXT, seen);
        assert!(!scene.codes().contains("dnssec-bogus"), "{}", scene.codes());
    }
}

// Mistake 15: a server that shows the record by now does not disagree with itself.
#[test]
fn a_server_that_was_asked_again() {
    let mut scene = Scene::new()
        .record("one", absent("example.com"))
        .server("ns1", authoritative(absent("example.com")));
    let question = scene.challenge.question();
    scene.asked.push(Probe::Delegated(question.clone()));
    scene.now += Duration::SECOND;
    let one = asked(
        &id("own"),
        question,
        Purpose::Diagnosis,
        authoritative(right()),
    );
    scene.seen.push(later(&one).with_server(server("ns1")));
    assert_eq!(scene.codes(), "negative-cached");
}

// Mistake 24: nor does one fail that was only slow.
#[test]
fn a_server_that_was_slow() {
    let mut scene = Scene::new()
        .record("one", absent("example.com"))
        .server("ns1", authoritative(right()))
        .server("ns2", Err(LookupFailure::Timeout));
    assert!(scene.codes().contains("lame-delegation"));
    let question = scene.challenge.question();
    let seen = authoritative(absent("example.com"));
    let one = asked(&id("own"), question, Purpose::Diagnosis, seen);
    scene.seen.push(one.with_server(server("ns2")));
    assert_eq!(scene.codes(), "nameservers-disagree negative-cached");
}

/// The observation, made a second later.
fn later(one: &dcv::dns::Observation) -> dcv::dns::Observation {
    dcv::dns::Observation::replayed(
        one.perspective().clone(),
        one.question().clone(),
        one.purpose(),
        one.started_at() + Duration::SECOND,
        one.finished_at() + Duration::SECOND,
        one.result().cloned().map_err(Clone::clone),
    )
    .with_attempt(one.attempt())
}

// Mistake 12: the record of another scope, or of another domain, stands where it belongs: that is
// nothing to change, and the record of this challenge is wanting all the same.
#[test]
fn records_of_other_scopes_are_left_alone() {
    let other = "nfzwkidbobyg62lonfxw4zltorqw4zdb";
    let value = format!("token={other}");
    for (place, domain, scope) in [
        (
            "_p-wildcard-challenge.example.com",
            "example.com",
            Scope::Wildcard,
        ),
        (
            "_p-challenge.www.example.com",
            "www.example.com",
            Scope::Host,
        ),
        ("example.com", "example.com", Scope::Domain),
    ] {
        let mut scene = Scene::new().all(&absent("example.com")).probed(
            name(place),
            RecordType::TXT,
            txt(&[&value]),
        );
        scene.history = History::new().with_token(
            Token::new(other).unwrap().fingerprint(),
            Origin::Elsewhere {
                domain: domain.parse().unwrap(),
                scope,
                issued_at: issued(),
            },
        );
        assert_eq!(scene.codes(), Code::NotPublished.as_str(), "{place}");
    }
}

// S-16: four name servers are asked in all, those that the zone is delegated to first.
#[test]
fn four_servers_in_all() {
    let listed = ["ns6", "ns7", "ns8"].map(|one| format!("{one}.example.net"));
    let listed = listed.each_ref().map(String::as_str);
    for (delegated, asked_too) in [(1, 3), (2, 2), (3, 1), (4, 0)] {
        let mut scene = Scene::new()
            .record("one", absent("example.com"))
            .probed(name("example.com"), RecordType::NS, names(&listed))
            .rounds(1);
        let question = scene.challenge.question();
        scene.asked.push(Probe::Delegated(question.clone()));
        for who in ["ns1", "ns2", "ns3", "ns4"].iter().take(delegated) {
            let seen = authoritative(absent("example.com"));
            let one = asked(&id("own"), question.clone(), Purpose::Diagnosis, seen);
            scene.seen.push(one.with_server(server(who)));
        }
        let plan = scene.plan();
        let others = plan.iter().map(|probe| match probe {
            Probe::Servers { servers, .. } => servers.len(),
            _ => 0,
        });
        assert_eq!(others.sum::<usize>(), asked_too, "beside {delegated}");
    }
    // What the check itself has asked is not counted: it had its own bounds.
    let scene = Scene::new()
        .all(&absent("example.com"))
        .probed(name("example.com"), RecordType::NS, names(&listed))
        .rounds(1);
    let plan = scene.plan();
    let others =
        |probe: &Probe| matches!(probe, Probe::Servers { servers, .. } if servers.len() == 3);
    assert!(plan.iter().any(others), "{plan:?}");
}

// Mistake 15: servers that differ are asked for their serial numbers, and others are not.
#[test]
fn serial_numbers_of_servers_that_differ() {
    let scene = Scene::new()
        .record("one", absent("example.com"))
        .server("ns1", authoritative(right()))
        .server("ns2", authoritative(absent("example.com")));
    let soa = Question::new(name("example.com"), RecordType::SOA);
    let probe = Probe::Delegated(soa.clone());
    assert!(scene.plan().contains(&probe), "{:?}", scene.plan());
    let mut scene = scene.rounds(1);
    scene.asked.push(probe.clone());
    for (who, serial) in [("ns1", 9), ("ns2", 7)] {
        let seen = authoritative(other(&[b"soa"]));
        let one = asked(&id("own"), soa.clone(), Purpose::Diagnosis, seen);
        scene
            .seen
            .push(one.with_server(server(who).with_serial(serial)));
    }
    let finding = scene.finding(Code::NameserversDisagree);
    assert_eq!(shown(&finding, "newest"), "9");
    assert_eq!(shown(&finding, "oldest"), "7");
    let same = Scene::new()
        .record("one", absent("example.com"))
        .server("ns1", authoritative(absent("example.com")))
        .server("ns2", authoritative(absent("example.com")));
    assert!(!same.plan().contains(&probe));
}
