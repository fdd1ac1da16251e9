//! What observers say that is not theirs to say.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dcv::challenge::Challenge;
use dcv::dns::{
    Alias, Answer, LookupFailure, NameServer, Observation, Outcome, Question, RecordType, View,
};
use dcv::evaluate::Examination;
use dcv::lookup::Look;
use dcv::name::OwnerName;
use dcv::policy::{Policy, Wildcards};

use crate::cases::{Seen, absent, challenge, edited, eye, found, id, other};
use crate::scripted::{Scripted, at_once, observers};

/// The verdict when the first of three observers answers by this script and the others see nothing
/// out of the ordinary.
fn with_odd_one(
    challenge: &Challenge,
    others: [Seen; 2],
    script: impl Fn(&Question, &Look<'_>) -> Option<Vec<Observation>> + Send + Sync + 'static,
) -> Examination {
    let odd = Scripted::new(vec![eye("odd")], script);
    let [b, c] = others;
    let (b, c) = (Scripted::always("b", b), Scripted::always("c", c));
    at_once(Policy::default(), observers([&odd, &b, &c]), challenge)
}

// S-3: an observer speaks for its own perspectives.
#[test]
fn foreign_perspectives_are_not_heard() {
    let challenge = challenge();
    let seen = found(&challenge);
    let examination = with_odd_one(
        &challenge,
        [absent("example.com"), Err(LookupFailure::Timeout)],
        move |question, look| {
            let all = ["b", "c", "nobody"]
                .map(|who| look.record(&id(who), question, look.now(), seen.clone()));
            Some(all.into())
        },
    );
    assert_eq!(examination.verdict().name(), "indeterminate");
    let who: Vec<_> = examination
        .observations()
        .iter()
        .map(|seen| seen.perspective().as_str())
        .collect();
    assert_eq!(who, ["b", "c"]);
}

// An observer with nothing to say is not asked again, and stops nobody.
#[test]
fn silence_is_no_opinion() {
    let challenge = challenge();
    let says_nothing = |_: &Question, _: &Look<'_>| Some(vec![]);
    let nothing = || absent("example.com");
    let examination = with_odd_one(&challenge, [nothing(), nothing()], says_nothing);
    assert_eq!(examination.verdict().code(), "no-such-name");
    let odd = Scripted::new(vec![eye("odd")], says_nothing);
    let examination = at_once(Policy::single_resolver(), observers([&odd]), &challenge);
    assert_eq!(examination.verdict().code(), "no-observation");
    assert_eq!(odd.asked().len(), 1);
}

// S-3, S-16: neither duplicates nor a flood of them weigh more, cost memory, or drown an answer.
#[test]
fn floods_are_cut() {
    let challenge = challenge();
    let owner = challenge.owner().clone();
    let record = found(&challenge);
    for (what, junk) in [
        ("the same", None),
        (
            "another name",
            Some(Question::txt("example.com".parse().unwrap())),
        ),
        (
            "another type",
            Some(Question::new(owner.clone(), RecordType::A)),
        ),
    ] {
        let (owner, record) = (owner.clone(), record.clone());
        let flood = Scripted::new(vec![eye("a")], move |question, look| {
            let seen = if *question.name() == owner {
                record.clone()
            } else {
                absent("example.com")
            };
            let answer = look.record(&id("a"), question, look.now(), seen.clone());
            let junk = junk.as_ref().unwrap_or(question);
            let junk = look.record(&id("a"), junk, look.now(), seen);
            let mut all = vec![junk; 10_000];
            all.push(answer);
            Some(all)
        });
        let examination = at_once(Policy::single_resolver(), observers([&flood]), &challenge);
        assert!(examination.verdict().is_validated(), "{what}");
        assert!(examination.observations().len() <= 4, "{what}");
        let flooded = at_once(
            Policy::default(),
            observers([
                &flood,
                &Scripted::always("b", other()),
                &Scripted::always("c", Err(LookupFailure::Other)),
            ]),
            &challenge,
        );
        assert_eq!(flooded.verdict().code(), "not-corroborated", "{what}");
    }
}

// S-3: two opinions of one perspective are none.
#[test]
fn contradicting_oneself_counts_for_nothing() {
    let challenge = challenge();
    let both = [found(&challenge), other()];
    let eye = Scripted::new(vec![eye("a"), eye("b")], move |question, look| {
        let say =
            |who: &str, seen: &Seen| look.record(&id(who), question, look.now(), seen.clone());
        Some(both.iter().map(|seen| say("a", seen)).collect())
    });
    let examination = at_once(Policy::k_of_n(2, 2).unwrap(), observers([&eye]), &challenge);
    assert_eq!(examination.verdict().code(), "incoherent");
}

// S-4: what an observer kept, or read, or dates otherwise is not a look of this check.
#[test]
fn observers_cannot_replay() {
    let first = challenge();
    let kept: Arc<Mutex<Vec<Observation>>> = Arc::default();
    let second = edited(&first, |written| {
        written["attempts"] = 1.into();
        written["revision"] = 2.into();
    });
    let record = found(&first);
    let (owner, keep) = (first.owner().clone(), kept.clone());
    let honest = Scripted::new(vec![eye("a")], move |question, look| {
        let seen = if *question.name() == owner {
            record.clone()
        } else {
            absent("example.com")
        };
        let seen = look.record(&id("a"), question, look.now(), seen);
        keep.lock().unwrap().push(seen.clone());
        Some(vec![seen])
    });
    let policy = Policy::single_resolver;
    let examination = at_once(policy(), observers([&honest]), &first);
    assert!(examination.verdict().witness().is_some());

    let give = |change: fn(Observation) -> Observation| {
        let kept = kept.lock().unwrap().clone();
        Scripted::new(vec![eye("a")], move |question, _| {
            let kept = kept.iter().cloned().map(change);
            Some(kept.filter(|seen| seen.question() == question).collect())
        })
    };
    // As it was: it belongs to the check before.
    let again = give(|seen| seen);
    let examination = at_once(policy(), observers([&again]), &second);
    assert_eq!(examination.verdict().code(), "no-observation");
    // Moved to this check: it is a replay.
    let moved = give(|seen| seen.with_attempt(2));
    let accepting = policy().with_wildcards(Wildcards::Accept);
    let examination = at_once(accepting.clone(), observers([&moved]), &second);
    assert!(examination.verdict().is_validated());
    assert_eq!(examination.verdict().witness(), None);
    // Written and read: the same.
    let read = give(|seen| {
        let mut written = serde_json::to_value(seen).unwrap();
        written["attempt"] = 2.into();
        serde_json::from_value(written).unwrap()
    });
    let examination = at_once(accepting, observers([&read]), &second);
    assert!(examination.verdict().is_validated());
    assert_eq!(
        (examination.verdict().witness(), examination.evidence()),
        (None, None)
    );
}

// S-5: an observer that claims to have begun earlier has seen nothing of this challenge.
#[test]
fn looks_that_began_too_early_do_not_count() {
    let challenge = challenge();
    let (owner, record) = (challenge.owner().clone(), found(&challenge));
    let since = challenge.issued_at() - Duration::from_secs(1);
    let early = Scripted::new(vec![eye("a")], move |question, look| {
        let seen = if *question.name() == owner {
            record.clone()
        } else {
            absent("example.com")
        };
        Some(vec![look.record(&id("a"), question, since, seen)])
    });
    let examination = at_once(Policy::single_resolver(), observers([&early]), &challenge);
    assert_eq!(examination.verdict().code(), "no-observation");
}

/// An alias of one name for another, as one of two servers tells it.
fn leads(from: &OwnerName, to: &OwnerName) -> Seen {
    let alias = Alias::new(from.clone(), to.clone(), 300);
    let answer = Answer::new(Outcome::Elsewhere).with_aliases(vec![alias]);
    Ok(answer.with_authoritative(true))
}

fn authoritative(seen: Seen) -> Seen {
    seen.map(|answer| answer.with_authoritative(true))
}

fn server(zone: &str, name: &str) -> NameServer {
    NameServer::new(zone.parse().unwrap(), name.parse().unwrap())
}

// S-2, S-5: of an authoritative view the names that the aliases lead to are heard, and no others.
#[test]
fn an_alias_walk_is_heard() {
    let challenge = challenge();
    let (owner, record) = (challenge.owner().clone(), authoritative(found(&challenge)));
    let name = |text: &str| text.parse::<OwnerName>().unwrap();
    for (view, heard, code) in [
        (View::Authoritative, 7, "quorum"),
        (View::Recursive, 2, "lookup-failed"),
    ] {
        let (owner, record) = (owner.clone(), record.clone());
        let second = eye("second").with_group(eye("own").group().clone());
        let both = vec![eye("own").with_view(view), second.with_view(view)];
        let own = Scripted::new(both, move |question, look| {
            let (t, u) = (name("t.example.net"), name("u.example.org"));
            let at = |who: &str, zone: &str, server: &str, question: &Question, seen: Seen| {
                let server = self::server(zone, server);
                look.record_at(&id(who), server, question, (look.now(), look.now()), seen)
            };
            if *question.name() != owner {
                let nothing = authoritative(absent("example.com"));
                return Some(vec![at("own", "example.com", "a.ns.", question, nothing)]);
            }
            let (to_t, to_u) = (Question::txt(t.clone()), Question::txt(u.clone()));
            let of_type_a = Question::new(u.clone(), RecordType::A);
            let unrelated = Question::txt(name("v.example.net"));
            Some(vec![
                // What was asked, though the others come first.
                at("own", "example.org", "c.ns.", &to_u, record.clone()),
                at("own", "example.net", "b.ns.", &to_t, leads(&t, &u)),
                at("own", "example.com", "a.ns.", question, leads(&owner, &t)),
                at("own", "example.com", "b.ns.", question, leads(&owner, &t)),
                at("own", "example.org", "d.ns.", &to_u, record.clone()),
                // What was not.
                at("own", "example.net", "a.ns.", &unrelated, record.clone()),
                at("own", "example.org", "a.ns.", &of_type_a, record.clone()),
                at("stranger", "example.org", "e.ns.", &to_u, record.clone()),
                // Nobody led this one there.
                at("second", "example.org", "f.ns.", &to_u, record.clone()),
            ])
        });
        let examination = at_once(Policy::single_resolver(), observers([&own]), &challenge);
        assert_eq!(examination.verdict().code(), code);
        assert_eq!(examination.observations().len(), heard);
        let validated = view == View::Authoritative;
        assert_eq!(examination.verdict().witness().is_some(), validated);
        // The record once, and its siblings: nothing is asked again.
        assert_eq!(own.asked().len(), if validated { 3 } else { 1 });
    }
}

// S-16: and no more of them than there may be.
#[test]
fn an_alias_walk_is_bounded() {
    let challenge = challenge();
    let (owner, record) = (challenge.owner().clone(), authoritative(found(&challenge)));
    for (crowd, heard) in [(10, 11), (127, 128), (5_000, 128)] {
        let (owner, record) = (owner.clone(), record.clone());
        let own = eye("own").with_view(View::Authoritative);
        let own = Scripted::new(vec![own], move |question, look| {
            let t: OwnerName = "t.example.net".parse().unwrap();
            let (now, follow) = (look.now(), Question::txt(t.clone()));
            let first = server("example.com", "a.ns.");
            let first = look.record_at(&id("own"), first, question, (now, now), leads(&owner, &t));
            let crowd = (0..crowd).map(|number| {
                let server = server("example.net", &format!("s{number}.ns."));
                look.record_at(&id("own"), server, &follow, (now, now), record.clone())
            });
            Some(crowd.chain([first]).collect())
        });
        let policy = Policy::single_resolver().with_wildcards(Wildcards::Accept);
        let examination = at_once(policy, observers([&own]), &challenge);
        assert_eq!(examination.observations().len(), heard);
        let code = if crowd <= 32 { "quorum" } else { "incoherent" };
        assert_eq!(examination.verdict().code(), code);
        assert_eq!(own.asked().len(), 1);
    }
}

// S-2, S-16: who is left out of a crowd might be the one that denies, so a view with more servers than
// there may be proves nothing.
#[test]
fn a_crowd_of_servers_is_unheard() {
    const HOPS: usize = 4;
    let challenge = challenge();
    let (owner, record) = (challenge.owner().clone(), authoritative(found(&challenge)));
    for (servers, validated) in [(25, true), (26, false)] {
        let (owner, record) = (owner.clone(), record.clone());
        let own = eye("own").with_view(View::Authoritative);
        let own = Scripted::new(vec![own], move |_, look| {
            let places = (0..=HOPS).map(|hop| match hop {
                0 => owner.clone(),
                hop => format!("t{hop}.example.net").parse().unwrap(),
            });
            let (places, now) = (places.collect::<Vec<OwnerName>>(), look.now());
            let mut seen = Vec::new();
            for (hop, place) in places.iter().enumerate() {
                for number in 0..servers {
                    let zone = if hop == 0 {
                        "example.com"
                    } else {
                        "example.net"
                    };
                    let server = server(zone, &format!("s{number}.ns."));
                    let answer = match places.get(hop + 1) {
                        Some(next) => leads(place, next),
                        // The last of 129 and more is not taken in.
                        None if number + 1 == servers && servers > 25 => {
                            authoritative(absent("example.net"))
                        }
                        None => record.clone(),
                    };
                    let question = Question::txt(place.clone());
                    seen.push(look.record_at(&id("own"), server, &question, (now, now), answer));
                }
            }
            Some(seen)
        });
        let policy = Policy::single_resolver().with_wildcards(Wildcards::Accept);
        let examination = at_once(policy, observers([&own]), &challenge);
        assert!(examination.observations().len() <= 128);
        assert_eq!(examination.verdict().is_validated(), validated, "{servers}");
    }
}
