//! Names at which strangers publish hundreds and thousands of records.

use dcv::dns::{LookupFailure, Outcome};
use dcv::lookup::{Budget, DnsLookup as _, HickoryLookup};

use crate::scene::{LABEL, Scene, at, decisive, examine, report, verdict};
use crate::servers::{Knot, servers_or_skip};

/// So many records of strangers, and where ours is among them, if it is.
const CROWDS: [(&str, usize, Option<usize>); 9] = [
    ("first-of-257", 256, Some(0)),
    ("last-of-257", 256, Some(256)),
    ("none-of-257", 257, None),
    ("first-of-1000", 999, Some(0)),
    ("amid-1000", 999, Some(500)),
    ("last-of-1000", 999, Some(999)),
    ("none-of-1000", 1000, None),
    ("last-of-3500", 3499, Some(3499)),
    ("none-of-3500", 3500, None),
];

// S-16: a name is as provable as it would be with nobody else's records.
#[tokio::test]
async fn crowds_stand_in_nobodys_way() {
    if !servers_or_skip() {
        return;
    }
    let scene = Scene::issue(CROWDS.map(|(case, ..)| case)).await;
    let mut zone =
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\n\
                    ns A 127.0.0.1\n"
            .to_owned();
    for (case, strangers, ours) in CROWDS {
        let mut values: Vec<_> = (0..strangers).map(|n| format!("s{n}")).collect();
        if let Some(place) = ours {
            values.insert(place, scene.challenge(case).record().value().to_owned());
        }
        for value in values {
            zone.push_str(&format!("{LABEL}.{case} TXT \"{value}\"\n"));
        }
    }
    let knot = Knot::start(&[("example.com", &zone)]);
    for (case, strangers, ours) in CROWDS {
        let challenge = scene.challenge(case);
        let lookup = HickoryLookup::from_servers([knot.addr()]).unwrap();
        let budget = Budget::default();
        let answer = lookup.lookup(&challenge.question(), &budget).await;
        let all = strangers + usize::from(ours.is_some());
        let answer = answer.unwrap();
        assert!(
            matches!(answer.outcome(), Outcome::Records(records) if records.len() == all),
            "{case}"
        );
        let examination = examine(&at(knot.addr()), challenge).await;
        let expected = match ours {
            Some(_) => "validated/quorum",
            None => "unproven/different",
        };
        let seen = report(&examination);
        assert_eq!(verdict(&examination), expected, "{case}: {seen}");
        assert!(examination.queries() <= 4, "{case}: {seen}");
        println!("{case:<15} {expected:<20} {}", decisive(&examination));
    }
}

// S-16: what no message can carry is no absence, and nobody is told that it passes by itself.
#[tokio::test]
async fn what_no_message_can_carry_is_said_as_it_is() {
    if !servers_or_skip() {
        return;
    }
    let scene = Scene::issue(["plain"]).await;
    let challenge = scene.challenge("plain");
    let mut zone = format!(
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\n\
         ns A 127.0.0.1\n{LABEL}.plain TXT \"{}\"\n",
        challenge.record().value()
    );
    for number in 0..300 {
        let filling = "x".repeat(240);
        zone.push_str(&format!("{LABEL}.plain TXT \"{number} {filling}\"\n"));
    }
    let knot = Knot::start(&[("example.com", &zone)]);
    let examination = examine(&at(knot.addr()), challenge).await;
    let seen = report(&examination);
    let failure = examination.decisive().unwrap().result().unwrap_err();
    println!("too much for a message: {failure:?}");
    assert_eq!(examination.verdict().name(), "indeterminate", "{seen}");
    if matches!(failure, LookupFailure::Truncated | LookupFailure::TooLarge) {
        let told = examination.verdict().to_string();
        assert!(!told.contains("try again later"), "{told}");
    }
}
