//! What servers, caches and other views make of the record.

use dcv::diagnose::{Code, Probe, Severity};
use dcv::dns::{
    Answer, ExtendedError, LookupFailure, NameServer, Outcome, Purpose, Question, RecordType, Soa,
};
use time::Duration;

use crate::cases::{Seen, absent, asked, id, now};
use crate::scene::{
    Scene, authoritative, name, names, next, nodata, right, server, shown, through, txt,
};

fn fails(failure: LookupFailure) -> Seen {
    Err(failure)
}

fn flagged(code: u16, seen: Seen) -> Seen {
    seen.map(|answer| answer.with_extended_errors(vec![ExtendedError::new(code, b"x")]))
}

// Mistake 14, L-02: the zone has it, a resolver denies it for as long as the SOA lets it.
#[test]
fn a_cache_denies_what_the_servers_show() {
    let scene = Scene::new()
        .record("one", absent("example.com"))
        .record("two", absent("example.com"))
        .server("ns1", authoritative(right()))
        .server("ns2", authoritative(right()));
    assert_eq!(scene.codes(), "negative-cached");
    let finding = scene.finding(Code::NegativeCached);
    assert_eq!(finding.severity(), Severity::Wait);
    // 300 seconds from when the answer came, a second before now.
    assert_eq!(shown(&finding, "until"), "299");
    assert_eq!(shown(&finding, "left"), "299");
    assert_eq!(shown(&finding, "holders"), "2");
    assert_eq!(finding.next_check_at(), Some(next()));
    assert_eq!(finding.seen().len(), 4);
    // Near miss: the servers deny it too.
    let scene = Scene::new().all(&absent("example.com"));
    assert_eq!(scene.codes(), "not-published");
}

// Mistake 14: a resolver that holds what was there before is no better than one that denies.
#[test]
fn a_cache_holds_the_old_value() {
    let scene = Scene::new()
        .record("one", txt(&["v=spf1 -all"]))
        .record("two", absent("example.com"))
        .server("ns1", authoritative(right()));
    assert_eq!(scene.codes(), "negative-cached");
    assert_eq!(shown(&scene.finding(Code::NegativeCached), "holders"), "2");
}

// Mistake 15, S-2: some of the servers have it.
#[test]
fn servers_disagree() {
    let at = |who: &str, serial| server(who).with_serial(serial);
    let mut scene = Scene::new().record("one", absent("example.com"));
    let question = scene.challenge.question();
    for (who, serial, seen) in [
        ("ns1", 42, right()),
        ("ns2", 42, right()),
        ("ns3", 41, absent("example.com")),
    ] {
        let seen = authoritative(seen);
        let one = asked(&id("own"), question.clone(), Purpose::Record, seen);
        scene.seen.push(one.with_server(at(who, serial)));
    }
    assert_eq!(scene.codes(), "nameservers-disagree negative-cached");
    let finding = scene.finding(Code::NameserversDisagree);
    assert_eq!(shown(&finding, "have"), "ns1.example.net. ns2.example.net.");
    assert_eq!(shown(&finding, "lack"), "ns3.example.net.");
    assert_eq!(shown(&finding, "newest"), "42");
    assert_eq!(shown(&finding, "oldest"), "41");
    assert_eq!(finding.next_check_at(), Some(now() + Duration::MINUTE));
    // Near miss: they disagree about something else than the record.
    let scene = Scene::new()
        .server("ns1", authoritative(txt(&["v=spf1 -all"])))
        .server("ns2", authoritative(absent("example.com")));
    assert_eq!(scene.codes(), "not-published");
}

// Mistake 15: serial numbers wrap (RFC 1982).
#[test]
fn serial_numbers_wrap() {
    let mut scene = Scene::new();
    let question = scene.challenge.question();
    for (who, serial, seen) in [
        ("ns1", 3, right()),
        ("ns2", u32::MAX, absent("example.com")),
    ] {
        let one = asked(
            &id("own"),
            question.clone(),
            Purpose::Record,
            authoritative(seen),
        );
        scene
            .seen
            .push(one.with_server(server(who).with_serial(serial)));
    }
    let finding = scene.finding(Code::NameserversDisagree);
    assert_eq!(shown(&finding, "newest"), "3");
    assert_eq!(shown(&finding, "oldest"), u32::MAX.to_string());
}

// Mistake 16: the zone lists servers that it is not delegated to, and those have it.
#[test]
fn the_record_is_at_servers_without_a_delegation() {
    let listed = names(&["ns1.example.net", "ns8.example.net"]);
    let scene = |seen: Seen| {
        let mut scene = Scene::new().all(&absent("example.com")).probed(
            name("example.com"),
            RecordType::NS,
            listed.clone(),
        );
        let question = scene.challenge.question();
        let other = NameServer::new(name("example.com"), name("ns8.example.net"));
        scene.asked.push(Probe::Servers {
            question: question.clone(),
            servers: vec![name("ns8.example.net")],
        });
        let one = asked(
            &id("own"),
            question,
            Purpose::Diagnosis,
            authoritative(seen),
        );
        scene.seen.push(one.with_server(other));
        scene
    };
    let found = scene(right());
    assert_eq!(found.codes(), "wrong-provider");
    let finding = found.finding(Code::WrongProvider);
    assert_eq!(shown(&finding, "servers"), "ns1.example.net.");
    assert_eq!(shown(&finding, "elsewhere"), "ns8.example.net.");
    // Near miss: they do not have it either.
    assert_eq!(scene(absent("example.com")).codes(), "not-published");
}

// Mistake 22: a server of the delegation does not serve the zone, another does.
#[test]
fn a_lame_server() {
    let refused = || fails(LookupFailure::server(5));
    let scene = Scene::new()
        .record("one", fails(LookupFailure::server(2)))
        .record("two", right())
        .server("ns1", authoritative(right()))
        .server("ns2", refused());
    assert_eq!(scene.codes(), "lame-delegation server-failure");
    let finding = scene.finding(Code::LameDelegation);
    assert_eq!(finding.severity(), Severity::Change);
    assert_eq!(shown(&finding, "lame"), "ns2.example.net.");
    assert_eq!(shown(&finding, "fine"), "ns1.example.net.");
    assert_eq!(shown(&finding, "failure"), "the server answered REFUSED");
    for lame in [
        fails(LookupFailure::Referral),
        fails(LookupFailure::Timeout),
        fails(LookupFailure::NoAddress),
        right(),
    ] {
        let scene = Scene::new().all(&absent("example.com")).server("ns2", lame);
        // It is not why nothing is there.
        assert_eq!(scene.codes(), "not-published lame-delegation");
        let finding = scene.finding(Code::LameDelegation);
        assert_eq!(finding.severity(), Severity::Hint);
    }
    // Nobody serves it: what resolvers make of that is not said beside it.
    let scene = Scene::new()
        .record("one", fails(LookupFailure::server(2)))
        .server("ns1", refused())
        .server("ns2", fails(LookupFailure::Timeout));
    assert_eq!(scene.codes(), "lame-delegation timeout");
    let finding = scene.finding(Code::LameDelegation);
    assert_eq!(shown(&finding, "lame"), "ns1.example.net.");
    assert_eq!(finding.param("fine"), None);
    // Near misses: all of them are silent, and a query of ours that was not sent.
    let silent = || fails(LookupFailure::Timeout);
    let scene = Scene::new().server("ns1", silent()).server("ns2", silent());
    assert_eq!(scene.codes(), "timeout");
    let scene = Scene::new()
        .all(&absent("example.com"))
        .server("ns2", fails(LookupFailure::Throttled));
    assert_eq!(scene.codes(), "not-published");
}

// Mistake 22, S-2: too few servers answer for a word of the zone.
#[test]
fn too_few_servers_serve_the_zone() {
    let timeout = || fails(LookupFailure::Timeout);
    let scene = Scene::new()
        .record("one", absent("example.com"))
        .record("two", right())
        .server("ns1", authoritative(right()))
        .server("ns2", timeout())
        .server("ns3", timeout());
    assert_eq!(scene.codes(), "lame-delegation negative-cached");
}

// Mistake 23: bogus, by a validator's word, by an extended error, or because the answer comes as
// soon as nobody checks it.
#[test]
fn wrong_signatures() {
    let bogus = fails(LookupFailure::Bogus { extended: vec![] });
    assert_eq!(Scene::new().record("one", bogus).codes(), "dnssec-bogus");
    let said = |code| {
        let extended = vec![ExtendedError::new(code, b"")];
        fails(LookupFailure::Server { rcode: 2, extended })
    };
    let scene = Scene::new().record("one", said(7)).record("two", said(9));
    assert_eq!(scene.codes(), "dnssec-bogus");
    let finding = scene.finding(Code::DnssecBogus);
    assert!(shown(&finding, "failure").contains("signature expired"));
    // Near miss: an extended error about something else.
    let scene = Scene::new().record("one", said(22));
    assert_eq!(scene.codes(), "server-failure");
}

fn unchecked(mut scene: Scene, who: &str, seen: Seen) -> Scene {
    let question = scene.challenge.question();
    scene.asked.push(Probe::Unchecked(question.clone()));
    let one = asked(&id(who), question, Purpose::Unchecked, seen);
    scene.seen.push(one);
    scene
}

// Mistake 23: SERVFAIL that goes away without the check; and what shows nothing of the kind.
#[test]
fn an_answer_without_the_check() {
    let servfail = || fails(LookupFailure::server(2));
    let both = || {
        Scene::new()
            .record("one", servfail())
            .record("two", servfail())
    };
    let scene = unchecked(both(), "one", right());
    assert_eq!(scene.codes(), "dnssec-bogus");
    // Nothing that may be forged is taken for the record.
    assert!(
        !scene
            .with_inquiry(|inquiry| inquiry.verdict())
            .is_validated()
    );
    // Near misses: it fails all the same; and it was another resolver's trouble.
    assert_eq!(
        unchecked(both(), "one", servfail()).codes(),
        "server-failure"
    );
    let other = Scene::new()
        .record("one", servfail())
        .record("two", absent("example.com"));
    assert_eq!(
        unchecked(other, "two", right()).codes(),
        "not-published server-failure"
    );
}

// Mistakes 24 and 27, S-7: failures are never the record's fault, and say so in their own words.
#[test]
fn everybody_fails() {
    for (failure, code) in [
        (LookupFailure::Timeout, Code::Timeout),
        (LookupFailure::Transport, Code::Timeout),
        (LookupFailure::server(2), Code::ServerFailure),
        (LookupFailure::server(4), Code::ServerFailure),
        (LookupFailure::MalformedReply, Code::ServerFailure),
        (LookupFailure::server(5), Code::Refused),
        (LookupFailure::Truncated, Code::TruncatedNoTcp),
        (LookupFailure::Throttled, Code::Undetermined),
    ] {
        let scene = Scene::new().all(&fails(failure.clone()));
        let refused = code == Code::Refused;
        let lame = if refused { "lame-delegation " } else { "" };
        assert_eq!(scene.codes(), format!("{lame}{code}"), "{failure}");
        let finding = scene.finding(code);
        assert_ne!(finding.severity(), Severity::Change);
        assert_eq!(finding.next_check_at(), Some(next()));
        // Near miss: one of them fails, and the others know.
        let scene = Scene::new()
            .all(&absent("example.com"))
            .record("home", fails(failure));
        assert!(scene.codes().starts_with("not-published"));
    }
    let broken = LookupFailure::BrokenChain {
        at: name("x.example.net"),
    };
    let scene = Scene::new().all(&fails(broken));
    let finding = scene.finding(Code::ServerFailure);
    assert_eq!(shown(&finding, "at"), "x.example.net.");
}

// Mistake 24: where the zone's servers are silent, that is the cause of what resolvers say.
#[test]
fn the_zones_servers_come_first() {
    let scene = Scene::new()
        .record("one", fails(LookupFailure::server(2)))
        .record("two", fails(LookupFailure::server(2)))
        .server("ns1", fails(LookupFailure::Timeout));
    assert_eq!(scene.codes(), "timeout server-failure");
    // Near miss: they refuse, and resolvers give up in time.
    let scene = Scene::new()
        .record("one", fails(LookupFailure::Timeout))
        .server("ns1", fails(LookupFailure::server(5)));
    assert_eq!(scene.codes(), "lame-delegation timeout");
}

// L-02: no look is later than the end of the challenge, however long caches deny.
#[test]
fn no_look_is_later_than_the_end() {
    let soa = Soa::new(name("example.com"), 1, 1_000_000, 1_000_000);
    let denied = Ok(Answer::new(Outcome::nx_domain(Some(soa))));
    let scene = Scene::new()
        .record("one", denied)
        .server("ns1", authoritative(right()));
    let finding = scene.finding(Code::NegativeCached);
    assert_eq!(shown(&finding, "left"), "999999");
    let end = scene.challenge.expires_at();
    assert_eq!(finding.next_check_at(), Some(end));
}

// L-02: caches that deny for longer than until the next look are waited for.
#[test]
fn a_look_waits_for_caches() {
    let soa = Soa::new(name("example.com"), 1, 3600, 7200);
    let denied = Ok(Answer::new(Outcome::nx_domain(Some(soa))));
    let scene = Scene::new()
        .record("one", denied)
        .server("ns1", authoritative(right()));
    let finding = scene.finding(Code::NegativeCached);
    let forgotten = now() + Duration::seconds(3599);
    assert_eq!(finding.next_check_at(), Some(forgotten));
}

// S-7: a resolver that blocks the name, or denies it on nobody's word.
#[test]
fn a_resolver_filters() {
    let unfounded = || Ok(Answer::new(Outcome::nx_domain(None)));
    for seen in [
        flagged(15, absent("example.com")),
        flagged(17, right()),
        unfounded(),
    ] {
        let scene = Scene::new()
            .record("one", seen.clone())
            .record("two", seen.clone());
        assert_eq!(scene.codes(), "answer-filtered");
        let finding = scene.finding(Code::AnswerFiltered);
        assert_eq!(shown(&finding, "perspectives"), "2");
        // Near miss: it is one of several, and the others say why.
        let scene = Scene::new()
            .all(&absent("example.com"))
            .record("home", seen);
        assert_eq!(scene.codes(), "not-published answer-filtered");
    }
    // An outdated answer is a failure of the servers behind it.
    let scene = Scene::new().all(&flagged(3, right()));
    assert_eq!(scene.codes(), "server-failure");
}

// S-7: a denial with the SOA of a zone that the name does not lie in is no filter's, and denies
// nothing.
#[test]
fn a_server_answers_for_another_zone() {
    for zone in [
        "example.net",
        "sibling.example.com",
        "below._p-challenge.example.com",
        "xexample.com",
    ] {
        for seen in [absent(zone), nodata(zone)] {
            let scene = Scene::new()
                .record("one", seen.clone())
                .record("two", seen.clone());
            assert_eq!(scene.codes(), "wrong-zone", "{zone}");
            let finding = scene.finding(Code::WrongZone);
            assert_eq!(shown(&finding, "shown"), format!("{zone}."));
            assert_eq!(shown(&finding, "count"), "2");
            assert_eq!(shown(&finding, "at"), "none");
            assert_eq!(finding.severity(), Severity::Change);
            // One of the zone's own servers says it.
            let scene = Scene::new().server("ns1", authoritative(seen.clone()));
            assert_eq!(scene.codes(), "wrong-zone", "{zone}");
            // Near miss: others say why.
            let scene = Scene::new()
                .all(&absent("example.com"))
                .record("home", seen);
            assert_eq!(scene.codes(), "not-published wrong-zone");
            assert_eq!(scene.finding(Code::WrongZone).severity(), Severity::Hint);
        }
    }
    // Near misses: a zone around the name, be it the one above or the name's own, and no zone at
    // all; who says that it filters, filters.
    for zone in ["example.com", "_p-challenge.example.com"] {
        let scene = Scene::new().all(&absent(zone));
        assert_eq!(scene.codes(), "not-published", "{zone}");
    }
    let scene = Scene::new().record("one", absent("com"));
    assert_eq!(scene.codes(), "domain-not-delegated");
    let scene = Scene::new().record("one", Ok(Answer::new(Outcome::nx_domain(None))));
    assert_eq!(scene.codes(), "answer-filtered");
    let scene = Scene::new().record("one", flagged(15, absent("example.net")));
    assert_eq!(scene.codes(), "answer-filtered");
    // Behind an alias it is the zone of its target that counts.
    let led = |zone| Scene::new().record("one", through(&["t.example.net"], absent(zone)));
    assert_eq!(led("example.net").codes(), "cname-dangling");
    let scene = led("example.com");
    assert_eq!(scene.codes(), "wrong-zone");
    let finding = scene.finding(Code::WrongZone);
    assert_eq!(shown(&finding, "at"), "t.example.net.");
}

// S-8, mistake 24: the record is seen by all, and the probe for a wildcard fails: that is what is
// wanting.
#[test]
fn a_probe_fails() {
    let mut scene = Scene::new().all(&right());
    let challenge = scene.challenge.clone();
    for who in ["one", "two", "own"] {
        let one = crate::cases::probed(&id(who), &challenge, 0, fails(LookupFailure::Timeout));
        scene.seen.push(one);
    }
    let verdict = scene.with_inquiry(|inquiry| inquiry.verdict());
    assert_eq!(verdict.code(), "wildcard-unknown");
    assert_eq!(scene.codes(), "timeout");
    let finding = scene.finding(Code::Timeout);
    assert_eq!(shown(&finding, "at"), "_nobody.example.com.");
}

// Mistake 25: the registry denies what was registered.
#[test]
fn the_domain_is_not_delegated() {
    let scene = || {
        let nobody = absent("com");
        Scene::new()
            .record("one", nobody.clone())
            .record("two", nobody)
    };
    let confirmed = scene().probed(name("example.com"), RecordType::NS, absent("com"));
    for scene in [scene(), confirmed] {
        assert_eq!(scene.codes(), "domain-not-delegated");
        let finding = scene.finding(Code::DomainNotDelegated);
        assert_eq!(shown(&finding, "registrable"), "example.com.");
        assert_eq!(shown(&finding, "parent"), "com.");
        assert_eq!(shown(&finding, "zone"), "example.com.");
    }
    // Near misses: the parent zone has the name itself, or the domain is found after all.
    let held = scene().probed(name("example.com"), RecordType::NS, nodata("com"));
    assert_eq!(held.codes(), "not-published");
    let there = scene().probed(
        name("example.com"),
        RecordType::NS,
        names(&["ns1.example.net"]),
    );
    assert_eq!(there.codes(), "not-published");
    // And a target of an alias that was never registered is no fault of the domain.
    let alias = through(&["gone-example.com"], absent("com"));
    let scene = Scene::new()
        .record("one", alias.clone())
        .record("two", alias);
    assert_eq!(scene.codes(), "cname-dangling");
}

// Mistake 28: only a view of nobody's sees it.
#[test]
fn a_private_view_sees_it() {
    let scene = Scene::new()
        .all(&absent("example.com"))
        .record("home", right());
    assert_eq!(scene.codes(), "split-horizon");
    let finding = scene.finding(Code::SplitHorizon);
    assert_eq!(shown(&finding, "inside"), "home");
    assert_eq!(finding.severity(), Severity::Change);
    // Near miss: a public resolver sees it too.
    let scene = Scene::new()
        .record("one", absent("example.com"))
        .record("two", right())
        .record("home", right());
    assert_eq!(scene.codes(), "negative-cached");
}

// S-2: caches that show what the zone's own servers deny prove nothing, and it is not published.
#[test]
fn caches_show_what_the_servers_deny() {
    let scene = Scene::new()
        .record("one", right())
        .record("two", right())
        .server("ns1", authoritative(absent("example.com")));
    assert_eq!(scene.codes(), "not-published");
    // Nor where one of them has seen the denial already.
    let third = scene.record("home", absent("example.com"));
    assert_eq!(third.codes(), "not-published");
    let scene = Scene::new()
        .record("one", right())
        .server("ns1", authoritative(absent("example.com")));
    let question = Question::txt(scene.challenge.owner().clone());
    let finding = scene.finding(Code::NotPublished);
    assert!(finding.seen().iter().all(|one| one.server().is_some()));
    assert!(finding.seen().iter().all(|one| *one.question() == question));
}
