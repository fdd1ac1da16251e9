//! The probes of a diagnosis: who is asked, what is believed, and when it ends.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use dcv::challenge::Challenge;
use dcv::clock::ManualClock;
use dcv::diagnose::Probe;
use dcv::dns::{
    LookupFailure, NameServer, Observation, Perspective, Purpose, Question, RecordType, View,
};
use dcv::evaluate::{Case, evaluate};
use dcv::lookup::{Budget, DnsObserver, FixedLookup, Observer, TxtObserver};
use dcv::name::OwnerName;
use dcv::policy::Policy;
use dcv::token::Token;
use dcv::verify::{DnsVerifier, DnsVerifierBuilder, Round, Verifier};

use crate::cases::{TOKEN, absent, challenge, eye, found, id, now, other, run};
use crate::scripted::{Scripted, builder};

fn name(text: &str) -> OwnerName {
    text.parse().unwrap()
}

fn txt(text: &str) -> Question {
    Question::txt(name(text))
}

fn built(observers: &[Arc<dyn Observer>], guides: &[Arc<dyn Observer>]) -> DnsVerifier {
    let groups = u8::try_from(observers.len()).unwrap();
    let policy = match groups {
        1 => Policy::single_resolver(),
        of => Policy::k_of_n(of / 2 + 1, of).unwrap(),
    };
    let builder = builder(&ManualClock::new(now())).policy(policy);
    let builder = observers
        .iter()
        .cloned()
        .fold(builder, DnsVerifierBuilder::observer);
    let builder = guides
        .iter()
        .cloned()
        .fold(builder, DnsVerifierBuilder::diagnose_through);
    builder.build().unwrap()
}

/// A round that needs no time.
fn probed(
    verifier: &DnsVerifier,
    challenge: &Challenge,
    seen: &[Observation],
    probes: &[Probe],
) -> Vec<Observation> {
    let budget = Budget::new(Budget::PER_DIAGNOSIS);
    let round = Round::new(challenge, seen, probes, &budget);
    run(pin!(verifier.probe(&round))).expect("nobody to wait for")
}

/// An authoritative view that says this at `servers` servers, and names those that it is told.
fn zone(called: &'static str, servers: usize) -> Arc<Scripted> {
    let perspective = eye(called).with_view(View::Authoritative);
    Scripted::new(vec![perspective], move |question, look| {
        let named = look.servers().iter().cloned();
        let names: Vec<_> = match look.servers() {
            [] => (0..servers).map(|n| name(&format!("ns{n}."))).collect(),
            _ => named.collect(),
        };
        let during = (look.now(), look.now());
        let seen = names.into_iter().map(|server| {
            let server = NameServer::new(name("example.com"), server);
            look.record_at(&id(called), server, question, during, absent("example.com"))
        });
        Some(seen.collect())
    })
}

fn who(seen: &[Observation]) -> Vec<String> {
    seen.iter()
        .map(|one| one.perspective().to_string())
        .collect()
}

// S-16: twelve questions are twelve questions: one resolver is asked, and one view of the zone's
// servers; each probe with its purpose, and as part of the check that it explains.
#[test]
fn each_probe_goes_where_it_belongs() {
    let challenge = challenge();
    let (a, b) = (
        Scripted::always("a", other()),
        Scripted::always("b", other()),
    );
    let (zone, second) = (zone("zone", 2), zone("second", 2));
    let verifier = built(&[a.clone(), zone.clone(), b.clone(), second.clone()], &[]);
    let probes = [
        Probe::Resolver(txt("one.example.com")),
        Probe::Unchecked(txt("two.example.com")),
        Probe::Delegated(txt("three.example.com")),
        Probe::Servers {
            question: txt("four.example.com"),
            servers: vec![name("ns.example.net"), name("ns.example.org")],
        },
        Probe::Token(Token::new(TOKEN).unwrap().fingerprint()),
    ];
    let seen = probed(&verifier, &challenge, &[], &probes);
    assert_eq!(who(&seen), ["a", "a", "zone", "zone", "zone", "zone"]);
    for one in &seen {
        let unchecked = *one.question() == txt("two.example.com");
        let purpose = match unchecked {
            true => Purpose::Unchecked,
            false => Purpose::Diagnosis,
        };
        assert_eq!((one.purpose(), one.attempt()), (purpose, 1));
    }
    let servers = seen[4..].iter().map(|one| one.server().unwrap().name());
    let servers: Vec<_> = servers.map(ToString::to_string).collect();
    assert_eq!(servers, ["ns.example.net.", "ns.example.org."]);
    assert_eq!((b.asked(), second.asked()), (vec![], vec![]));
}

// A resolver from which nothing came back is not asked again as long as there is another.
#[test]
fn a_silent_resolver_is_passed_over() {
    let challenge = challenge();
    let observer = |name: &str| Scripted::always(name, other());
    let (a, b, c) = (observer("a"), observer("b"), observer("c"));
    let verifier = built(&[a, b, c], &[]);
    let probe = [Probe::Resolver(txt("one.example.com"))];
    let said = |who: &str, said| {
        let (question, purpose) = (challenge.question(), Purpose::Record);
        Observation::replayed(id(who), question, purpose, now(), now(), said)
    };
    let timeout = || Err(LookupFailure::Timeout);
    let asked = |seen: &[Observation]| who(&probed(&verifier, &challenge, seen, &probe));
    assert_eq!(asked(&[said("a", other()), said("b", timeout())]), ["a"]);
    assert_eq!(asked(&[said("a", timeout())]), ["b"]);
    assert_eq!(asked(&[said("b", timeout()), said("a", timeout())]), ["c"]);
    // The last word counts, and that a zone is broken is no fault of the resolver's.
    assert_eq!(asked(&[said("a", timeout()), said("a", other())]), ["a"]);
    let servfail = Err(LookupFailure::server(2));
    assert_eq!(asked(&[said("a", servfail)]), ["a"]);
    // Where all are silent, the first.
    assert_eq!(
        asked(&["a", "b", "c"].map(|who| said(who, timeout()))),
        ["a"]
    );
}

// Eyes for diagnoses alone count in no policy, are asked in no check, and go before the others.
#[test]
fn eyes_for_diagnoses_alone() {
    let challenge = challenge();
    let own: [Arc<dyn Observer>; 1] = [Scripted::always("own", absent("example.com"))];
    let probes = [
        Probe::Resolver(txt("one.example.com")),
        Probe::Delegated(txt("two.example.com")),
        Probe::Servers {
            question: txt("three.example.com"),
            servers: vec![name("ns.example.net")],
        },
    ];
    let without = built(&own, &[]);
    let seen = probed(&without, &challenge, &[], &probes);
    assert_eq!(who(&seen), ["own"], "nobody looks at the zone's servers");

    let (guide, zone) = (Scripted::always("guide", other()), zone("zone", 1));
    let verifier = built(&own, &[guide.clone(), zone.clone()]);
    assert_eq!(verifier.perspectives(), [eye("own")]);
    let examination = run(pin!(verifier.examine(&challenge))).unwrap();
    assert_eq!(examination.verdict().code(), "no-such-name");
    assert_eq!((guide.asked(), zone.asked()), (vec![], vec![]));
    let seen = probed(&verifier, &challenge, &[], &probes);
    assert_eq!(who(&seen), ["guide", "zone", "zone"]);
}

// S-16: of an observer that speaks for several perspectives one is heard, and one that speaks for
// itself is asked before it.
#[test]
fn one_of_several_perspectives_is_heard() {
    let challenge = challenge();
    let several = Scripted::new(vec![eye("x"), eye("y")], |question, look| {
        let seen = ["x", "y", "x"].map(|who| look.record(&id(who), question, look.now(), other()));
        Some(seen.into())
    });
    let alone = Scripted::always("alone", other());
    let probe = [Probe::Resolver(txt("one.example.com"))];
    let policy = Policy::k_of_n(2, 2).unwrap();
    let shared = builder(&ManualClock::new(now()))
        .policy(policy)
        .observer(several.clone())
        .build()
        .unwrap();
    assert_eq!(who(&probed(&shared, &challenge, &[], &probe)), ["x"]);
    let both = builder(&ManualClock::new(now()))
        .policy(Policy::k_of_n(2, 3).unwrap())
        .observer(several)
        .observer(alone)
        .build()
        .unwrap();
    assert_eq!(who(&probed(&both, &challenge, &[], &probe)), ["alone"]);
}

// S-16: what was not asked is not heard: of other questions, purposes, perspectives and servers,
// and no more than four servers.
#[test]
fn what_was_not_asked_is_not_heard() {
    let challenge = challenge();
    let liar = Scripted::new(vec![eye("a")], |_, look| {
        let wrong = txt("wrong.example.com");
        let mine = look.record(&id("a"), &wrong, look.now(), other());
        let asked = txt("one.example.com");
        let foreign = look.record(&id("b"), &asked, look.now(), other());
        let purpose = Purpose::Record;
        let made_up = Observation::replayed(id("a"), asked, purpose, now(), now(), other());
        Some(vec![mine, foreign, made_up])
    });
    let verifier = built(&[liar], &[zone("zone", 9)]);
    let probes = [
        Probe::Resolver(txt("one.example.com")),
        Probe::Delegated(txt("two.example.com")),
    ];
    let seen = probed(&verifier, &challenge, &[], &probes);
    assert_eq!(who(&seen), ["zone"; 4]);

    // One that says what others said in place of those that were named.
    let others = Scripted::new(
        vec![eye("zone").with_view(View::Authoritative)],
        |question, look| {
            let during = (look.now(), look.now());
            let server = NameServer::new(name("example.com"), name("ns0."));
            Some(vec![look.record_at(
                &id("zone"),
                server,
                question,
                during,
                other(),
            )])
        },
    );
    let verifier = built(&[Scripted::silent("a")], &[others]);
    let servers = vec![name("ns.example.net")];
    let question = txt("two.example.com");
    let named = [Probe::Servers { question, servers }];
    assert_eq!(probed(&verifier, &challenge, &[], &named), []);
}

// S-16: a round ends in its time. What was said until then counts, the rest has timed out.
#[test]
fn a_round_ends_in_its_time() {
    let challenge = challenge();
    let clock = ManualClock::new(now());
    let slow = Scripted::seeing("a", |at| {
        (*at == name("quick.example.com")).then(|| absent("example.com"))
    });
    let verifier = builder(&clock)
        .policy(Policy::single_resolver())
        .observer(slow.clone())
        .build()
        .unwrap();
    let probes = ["slow", "quick"].map(|n| Probe::Resolver(txt(&format!("{n}.example.com"))));
    let budget = Budget::default();
    let time = Duration::from_secs(3);
    let round = Round::new(&challenge, &[], &probes, &budget).within(time);
    let mut probing = pin!(verifier.probe(&round));
    assert!(run(probing.as_mut()).is_none());
    clock.advance(time - Duration::from_nanos(1));
    assert!(run(probing.as_mut()).is_none());
    clock.advance(Duration::from_nanos(1));
    let seen = run(probing).unwrap();
    assert_eq!(seen[0].result(), Err(&LookupFailure::Timeout));
    assert_eq!(
        (seen[0].started_at(), seen[0].finished_at()),
        (now(), now() + time)
    );
    assert!(seen[1].result().is_ok());
    assert_eq!((seen.len(), clock.waiting()), (2, 0));
}

// S-16: all probes of a round spend from one budget.
#[test]
fn probes_share_the_budget() {
    let challenge = challenge();
    let observer: Arc<dyn Observer> = Arc::new(DnsObserver::new(eye("a"), FixedLookup::new()));
    let verifier = built(&[observer], &[]);
    let probes = ["a", "b", "c"].map(|n| Probe::Resolver(txt(&format!("{n}.example.com"))));
    let budget = Budget::new(2);
    let round = Round::new(&challenge, &[], &probes, &budget);
    let seen = run(pin!(verifier.probe(&round))).unwrap();
    let failed = |one: &&Observation| one.result() == Err(&LookupFailure::BudgetExhausted);
    assert_eq!(seen.iter().filter(failed).count(), 1);
    assert_eq!(budget.spent(), 2);
}

// Lookups that cannot ask without DNSSEC say so, and ask nothing.
#[test]
fn not_every_lookup_can_ask_unchecked() {
    let challenge = challenge();
    let dns = FixedLookup::new();
    dns.set(challenge.owner(), found(&challenge));
    let observers: [Arc<dyn Observer>; 2] = [
        Arc::new(TxtObserver::new(eye("a"), dns.clone())),
        Arc::new(DnsObserver::new(eye("a"), dns)),
    ];
    for observer in observers {
        let verifier = built(&[observer], &[]);
        let budget = Budget::default();
        let probes = [
            Probe::Unchecked(challenge.question()),
            Probe::Resolver(challenge.question()),
        ];
        let round = Round::new(&challenge, &[], &probes, &budget);
        let seen = run(pin!(verifier.probe(&round))).unwrap();
        assert_eq!(seen[0].result(), Err(&LookupFailure::Unsupported));
        assert!(seen[1].result().is_ok());
        assert_eq!(budget.spent(), 1);
    }
}

// S-4, S-5: the very record, seen live by everybody for a diagnosis, proves nothing and is no
// reason to ask for siblings; nor does a denial that a probe saw stand against the record.
#[test]
fn probes_are_never_counted() {
    let challenge = challenge();
    let observers =
        ["a", "b", "c"].map(|name| -> Arc<dyn Observer> { Scripted::matching(name, &challenge) });
    let verifier = built(&observers, &[]);
    let proven = run(pin!(verifier.examine(&challenge))).unwrap();
    assert!(proven.verdict().witness().is_some());

    let deny = Scripted::always("a", absent("example.com"));
    let zone_of = |eyes: Perspective| eyes.with_view(View::Authoritative);
    let denying = Scripted::new(vec![zone_of(eye("zone"))], |question, look| {
        Some(vec![look.record(
            &id("zone"),
            question,
            look.now(),
            absent("example.com"),
        )])
    });
    let rules = verifier.rules();
    let probes = [
        Probe::Resolver(challenge.question()),
        Probe::Unchecked(challenge.question()),
        Probe::Delegated(challenge.question()),
    ];
    let mut matches = Vec::new();
    for guide in ["a", "b", "c"] {
        let guide = Scripted::matching(guide, &challenge);
        let verifier = built(&observers, &[guide]);
        matches.extend(probed(&verifier, &challenge, &[], &probes));
    }
    assert!(matches.iter().all(|one| one.result().is_ok()));
    assert_eq!(matches.len(), 6);
    let case = Case::new(&challenge, &rules, &matches, now());
    let verdict = evaluate(&case);
    assert_eq!((verdict.name(), verdict.witness()), ("indeterminate", None));

    let denials = probed(
        &built(&observers, &[deny, denying]),
        &challenge,
        &[],
        &probes,
    );
    assert_eq!(denials.len(), 3);
    let all: Vec<_> = proven
        .observations()
        .iter()
        .cloned()
        .chain(denials)
        .collect();
    let case = Case::new(&challenge, &rules, &all, now());
    assert_eq!(evaluate(&case), *proven.verdict());
}

// A question of any type goes to a lookup that can ask it.
#[test]
fn any_type_can_be_asked() {
    let challenge = challenge();
    let observer: Arc<dyn Observer> = Arc::new(DnsObserver::new(eye("a"), FixedLookup::new()));
    let verifier = built(&[observer], &[]);
    let question = Question::new(name("example.com"), RecordType::NS);
    let seen = probed(
        &verifier,
        &challenge,
        &[],
        &[Probe::Resolver(question.clone())],
    );
    assert_eq!(*seen[0].question(), question);
    assert!(seen[0].result().is_ok());
}
