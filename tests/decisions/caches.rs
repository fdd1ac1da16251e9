//! How long caches may go on denying the record (L-02).

use dcv::challenge::Challenge;
use dcv::dns::{
    Alias, Answer, ExtendedError, Group, LookupFailure, Observation, Outcome, Perspective, Purpose,
    Soa, View,
};
use dcv::evaluate::{Case, examine};
use dcv::name::OwnerName;
use dcv::policy::{Policy, Rules};
use time::{Duration, UtcDateTime};

use crate::cases::{Seen, absent, challenge, eye, found, id, now, probed, saw};

fn denied(zone: &str, ttl: u32, minimum: u32) -> Seen {
    let zone = OwnerName::parse(zone).unwrap();
    Ok(Answer::new(Outcome::nx_domain(Some(Soa::new(
        zone, 1, ttl, minimum,
    )))))
}

/// Until when, of what the perspectives `a` and `b` saw a second ago.
fn until(eyes: [Perspective; 2], seen: &[Observation], challenge: &Challenge) -> Option<i64> {
    let groups = eyes.map(|eye| {
        let group = Group::Operator(eye.id().clone());
        eye.with_group(group)
    });
    let rules = Rules::new(Policy::k_of_n(2, 2).unwrap(), groups.to_vec()).unwrap();
    let examination = examine(&Case::new(challenge, &rules, seen, now()));
    assert_eq!(examination.queries(), 0, "nobody was asked");
    let until: Option<UtcDateTime> = examination.denied_until();
    until.map(|until| (until - now()).whole_seconds())
}

// L-02: the smaller of the SOA's TTL, which a cache counts down, and its minimum, since the look.
#[test]
fn the_soa_says_how_long() {
    let challenge = challenge();
    let eyes = || [eye("a"), eye("b")];
    let two = |a: Seen, b: Seen| [saw(&id("a"), &challenge, a), saw(&id("b"), &challenge, b)];
    let one = |a: Seen| two(a, found(&challenge));
    let stale = denied("example.com", 300, 300)
        .map(|answer| answer.with_extended_errors(vec![ExtendedError::new(22, b"")]));
    for (what, seen, seconds) in [
        ("its TTL", one(denied("example.com", 300, 3600)), Some(299)),
        (
            "its minimum",
            one(denied("example.com", 3600, 60)),
            Some(59),
        ),
        (
            "the last of two",
            two(denied("example.com", 9, 9), denied("com", 20, 99)),
            Some(19),
        ),
        (
            "no data",
            one(Ok(Answer::new(Outcome::no_data(Some(Soa::new(
                OwnerName::parse("example.com").unwrap(),
                1,
                7,
                7,
            )))))),
            Some(6),
        ),
        ("it is over by now", one(denied("example.com", 1, 1)), None),
        ("nothing is kept", one(denied("example.com", 0, 300)), None),
        ("whose is it?", one(denied("example.net", 300, 300)), None),
        (
            "no SOA",
            one(Ok(Answer::new(Outcome::nx_domain(None)))),
            None,
        ),
        ("no answer", one(Err(LookupFailure::Timeout)), None),
        ("other records", one(crate::cases::other()), None),
        ("with a harmless remark", one(stale), Some(299)),
        (
            "for ever",
            one(denied("example.com", u32::MAX, u32::MAX)),
            Some(i64::from(u32::MAX) - 1),
        ),
    ] {
        assert_eq!(until(eyes(), &seen, &challenge), seconds, "{what}");
    }
}

// L-02: an authoritative view has no cache; a sibling is nobody's record; an old look is no look.
#[test]
fn only_caches_of_the_record_count() {
    let challenge = challenge();
    let who = id("a");
    let record = saw(&who, &challenge, absent("example.com"));
    let seen = std::slice::from_ref(&record);
    assert_eq!(until([eye("a"), eye("b")], seen, &challenge), Some(299));
    let own = eye("a").with_view(View::Authoritative);
    assert_eq!(until([own, eye("b")], seen, &challenge), None);
    assert_eq!(
        until([eye("c"), eye("b")], seen, &challenge),
        None,
        "a stranger"
    );
    let earlier = [record.clone().with_attempt(0)];
    assert_eq!(until([eye("a"), eye("b")], &earlier, &challenge), None);
    let probe = probed(&who, &challenge, 0, absent("example.com"));
    assert_eq!(probe.purpose(), Purpose::WildcardProbe);
    assert_eq!(until([eye("a"), eye("b")], &[probe], &challenge), None);
    let old = now() + Duration::HOUR;
    let rules = Rules::new(Policy::k_of_n(2, 2).unwrap(), vec![eye("a"), eye("b")]).unwrap();
    assert_eq!(
        examine(&Case::new(&challenge, &rules, seen, old)).denied_until(),
        None
    );
}

// L-02: behind an alias it is the zone of the target that says how long.
#[test]
fn the_zone_of_the_target_counts() {
    let challenge = challenge();
    let target = OwnerName::parse("t.example.net").unwrap();
    let alias = Alias::new(challenge.owner().clone(), target, 300);
    for (zone, seconds) in [("example.net", Some(599)), ("example.com", None)] {
        let answer = denied(zone, 600, 600).map(|answer| answer.with_aliases(vec![alias.clone()]));
        let seen = [saw(&id("a"), &challenge, answer)];
        assert_eq!(
            until([eye("a"), eye("b")], &seen, &challenge),
            seconds,
            "{zone}"
        );
    }
}
