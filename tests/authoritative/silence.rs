//! Servers that are late, lossy, silent, or not asked (S-2).

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dcv::challenge::Challenge;
use dcv::dns::{Group, Perspective};
use dcv::evaluate::Examination;
use dcv::lookup::{AuthoritativeLookup, Budget, FixedLookup, Rate, TxtObserver};
use dcv::policy::{Policy, Wildcards};
use dcv::system::{SystemClock, TokioTimer};
use dcv::verify::{DnsVerifier, Verifier as _};
use futures_util::stream::{self, StreamExt as _};
use hickory_server::proto::op::{Message, ResponseCode};

use crate::faults::{Asked, Send, a, txt};
use crate::lab::{Lab, Zone};
use crate::rows::rows;
use crate::scene::{OWNER, challenge, challenge_for, record, said, verdict};

/// How long a datagram is waited for here: long enough for a machine that has much else to do.
const WAIT: Duration = Duration::from_millis(500);

/// How many checks run at once.
const AT_ONCE: usize = 12;

/// The first server's host.
const FIRST: u8 = 11;

/// One server: whether it shows the record, and how it answers when it is asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    shows: bool,
    manner: String,
}

/// `2*M N~late`.
fn words(text: &str) -> Vec<Word> {
    let words = text.split(' ').flat_map(|word| {
        let (count, word) = word.split_once('*').unwrap_or(("1", word));
        let (what, manner) = word.split_once('~').unwrap_or((word, "at-once"));
        let word = Word {
            shows: what == "M",
            manner: manner.to_owned(),
        };
        std::iter::repeat_n(word, count.parse().unwrap())
    });
    words.collect()
}

/// How a server answers a question for this name, by how often it was asked before.
fn answer_for(
    name: &str,
    manner: &str,
    zone: &Zone,
    asked: &Asked,
    before: &[(SocketAddr, Message)],
) -> Vec<Send> {
    let reply = || Send::Message(zone.answer(asked));
    match (manner, before) {
        // It is there for everybody else.
        _ if asked.name().trim_end_matches('.') != name => vec![reply()],
        ("silent", _) => vec![],
        ("refusing", _) => asked.refuse(ResponseCode::Refused),
        ("lost-twice", _) if !asked.over_tcp => vec![],
        ("lost" | "late", _) if asked.over_tcp => vec![reply()],
        ("lost" | "late", []) => vec![],
        ("late", [(first, answer), ..]) => vec![Send::To(*first, answer.clone())],
        _ => vec![reply()],
    }
}

/// A zone of such servers, and what stands in the way of asking some of them.
struct World {
    _lab: Lab,
    view: AuthoritativeLookup,
    queries: u32,
}

impl World {
    async fn of(words: &[Word], challenge: &Challenge) -> Self {
        let mut lab = Lab::new().await;
        let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
        lab.serve(1, root).await;
        let (mut com, mut filter) = (Zone::new("com"), lab.filter());
        for (host, word) in (FIRST..).zip(words) {
            // In the order of their names, so that the budget runs out at the last.
            let server = format!("ns{host}.example.com");
            let glue = (word.manner != "placeless").then(|| lab.v4(host));
            let server = match glue {
                Some(_) => server,
                None => format!("ns{host}.nowhere.com"),
            };
            com = com.delegate("example.com", &server, glue);
            com = com.delegate(&format!("drain{host}.com"), &server, glue);
            if word.manner == "filtered" {
                filter = filter.denying(lab.v4(host).to_string().parse().unwrap());
            }
        }
        lab.serve(2, com).await;
        let mut drains = Vec::new();
        for (host, word) in (FIRST..).zip(words) {
            let zone = Zone::new("example.com");
            let zone = if word.shows {
                zone.with(record(challenge))
            } else {
                zone
            };
            let apex = format!("drain{host}.com");
            let others = challenge_for(&apex).await;
            let value = others.record().value().as_bytes();
            let owner = others.owner().to_string();
            let drained = Zone::new(&apex).with(txt(&owner, &[value]));
            drains.push(others);
            let manner = word.manner.clone();
            let before: Mutex<Vec<(SocketAddr, Message)>> = Mutex::default();
            lab.script(host, move |asked| {
                if asked.name().contains("drain") {
                    return vec![Send::Message(drained.answer(asked))];
                }
                let mut before = before.lock().unwrap();
                let sends = answer_for(OWNER, &manner, &zone, asked, &before);
                before.push((asked.from, zone.answer(asked)));
                sends
            })
            .await;
        }
        let view = lab.view().with_filter(filter);
        let view = view
            .with_udp_timeout(WAIT)
            .with_tcp_timeout(WAIT * 2)
            .with_patience(WAIT);
        let view = Self::drained(view, words, &drains).await;
        let over = words.iter().any(|word| word.manner == "budget");
        let queries = match u32::try_from(words.len()).unwrap() {
            // The root and the top-level domain, and all servers but the last.
            count if over => 2 + count - 1,
            _ => Budget::PER_VERIFICATION,
        };
        Self {
            _lab: lab,
            view,
            queries,
        }
    }

    /// Somebody has names of their own at some servers, and checks them until nobody else can ask.
    async fn drained(
        view: AuthoritativeLookup,
        words: &[Word],
        drains: &[Challenge],
    ) -> AuthoritativeLookup {
        let throttled = |word: &Word| word.manner == "throttled";
        if !words.iter().any(throttled) {
            return view;
        }
        // A check takes three queries of such a server, and one of each above it.
        let rate = Rate::every(Duration::from_secs(3600)).with_burst(30);
        let view = Arc::new(view.with_rate(rate));
        for (_, others) in words.iter().zip(drains).filter(|(word, _)| throttled(word)) {
            let policy = Policy::single_resolver();
            let verifier = DnsVerifier::builder(SystemClock::new(), TokioTimer::new())
                .observer(view.clone())
                .policy(policy)
                .build()
                .unwrap();
            while verifier.examine(others).await.verdict().is_validated() {}
        }
        Arc::into_inner(view).unwrap()
    }
}

fn verifier(
    view: impl dcv::lookup::Observer + 'static,
    policy: Policy,
    queries: u32,
) -> DnsVerifier {
    DnsVerifier::builder(Arc::new(SystemClock::new()), Arc::new(TokioTimer::new()))
        .observer(view)
        .policy(policy.with_wildcards(Wildcards::Accept))
        .queries(queries)
        .build()
        .unwrap()
}

/// The view alone.
async fn by_itself(words: &[Word], challenge: &Challenge) -> Examination {
    let world = World::of(words, challenge).await;
    verifier(world.view, Policy::single_resolver(), world.queries)
        .examine(challenge)
        .await
}

/// The view beside three resolvers whose caches hold the record.
async fn beside_resolvers(words: &[Word], challenge: &Challenge) -> Examination {
    let world = World::of(words, challenge).await;
    let mut verifier =
        DnsVerifier::builder(Arc::new(SystemClock::new()), Arc::new(TokioTimer::new()))
            .observer(world.view);
    for name in ["one", "two", "three"] {
        let primed = FixedLookup::new();
        primed.publish(challenge.owner(), [challenge.record().value()]);
        let operator = Group::Operator(name.parse().unwrap());
        let perspective = Perspective::new(name.parse().unwrap()).with_group(operator);
        verifier = verifier.observer(TxtObserver::new(perspective, primed));
    }
    let policy = Policy::k_of_n(3, 4)
        .unwrap()
        .with_wildcards(Wildcards::Accept);
    // Those of the resolvers come on top.
    let verifier = verifier
        .policy(policy)
        .queries(world.queries + 3)
        .build()
        .unwrap();
    verifier.examine(challenge).await
}

// S-2: every row of servers, by itself and beside primed resolvers.
#[tokio::test]
async fn whom_we_did_not_hear_is_not_silent() {
    let challenge = challenge().await;
    let table = rows(include_str!("../data/faults/silence.tsv")).into_iter();
    let checks = table.map(|(line, [servers, alone, beside])| {
        let challenge = &challenge;
        async move {
            let words = words(&servers);
            let mut complaints = String::new();
            for (who, expected, examination) in [
                ("by itself", alone, by_itself(&words, challenge).await),
                ("beside", beside, beside_resolvers(&words, challenge).await),
            ] {
                let (found, said) = (verdict(&examination), said(&examination));
                let expected = expected.trim_end_matches(" !");
                if found != expected {
                    complaints += &format!("line {line}: {servers}, {who}: {found}, {said:#?}\n");
                }
            }
            complaints
        }
    });
    let complaints: Vec<String> = stream::iter(checks).buffered(AT_ONCE).collect().await;
    let complaints = complaints.concat();
    assert!(complaints.is_empty(), "{complaints}");
}

/// `example.com` is delegated to a name in `provider.net`, whose servers are these: `M` says that the
/// name server is at host 66, where the record is, `N` that it is at host 61, where it is not. They
/// answer in their manner where it is asked for.
async fn placed(words: &[Word], challenge: &Challenge) -> (Examination, usize) {
    const SERVER: &str = "ns.provider.net";
    let mut lab = Lab::new().await;
    let root = Zone::new("")
        .delegate("com", "a.gtld.com", Some(lab.v4(2)))
        .delegate("net", "a.gtld.net", Some(lab.v4(3)));
    lab.serve(1, root).await;
    let com = Zone::new("com").delegate("example.com", SERVER, None);
    lab.serve(2, com).await;
    let (mut net, mut filter) = (Zone::new("net"), lab.filter());
    for (host, word) in (FIRST..).zip(words) {
        let server = format!("dns{host}.provider.net");
        net = net.delegate("provider.net", &server, Some(lab.v4(host)));
        if word.manner == "filtered" {
            filter = filter.denying(lab.v4(host).to_string().parse().unwrap());
        }
    }
    lab.serve(3, net).await;
    for (host, word) in (FIRST..).zip(words) {
        let at = lab.v4(if word.shows { 66 } else { 61 });
        let zone = Zone::new("provider.net").with(a(SERVER, at));
        let manner = word.manner.clone();
        let before: Mutex<Vec<(SocketAddr, Message)>> = Mutex::default();
        lab.script(host, move |asked| {
            let mut before = before.lock().unwrap();
            let sends = answer_for(SERVER, &manner, &zone, asked, &before);
            before.push((asked.from, zone.answer(asked)));
            sends
        })
        .await;
    }
    lab.serve(61, Zone::new("example.com")).await;
    let lie = Zone::new("example.com").with(record(challenge));
    lab.serve(66, lie).await;
    let view = lab
        .view()
        .with_filter(filter)
        .with_udp_timeout(WAIT)
        .with_tcp_timeout(WAIT * 2);
    let verifier = verifier(view, Policy::single_resolver(), Budget::PER_VERIFICATION);
    let examination = verifier.examine(challenge).await;
    (examination, lab.asked(66))
}

// S-2: where a name server is takes the word of more than half of the servers that know, too.
#[tokio::test]
async fn no_silence_places_a_name_server() {
    let challenge = challenge().await;
    let (denied, failed) = ("unproven/no-such-name", "indeterminate/lookup-failed");
    let table = [
        ("M N", failed),
        ("M N~late", failed),
        ("M N~lost", failed),
        ("M N~lost-twice", failed),
        ("M N~refusing", failed),
        ("M N~filtered", failed),
        ("M N~late N~late", denied),
        ("M N~lost-twice N~late", denied),
        ("M N N~silent", failed),
        ("M M N~late N~lost", failed),
        ("M M N~silent N~filtered", failed),
        ("M N~late N~late N~late", denied),
        ("6*M 7*N~late", denied),
        ("6*M N~silent 6*N", failed),
    ];
    let challenge = &challenge;
    let checks = table.iter().map(|(servers, expected)| async move {
        let (examination, misled) = placed(&words(servers), challenge).await;
        assert_eq!(verdict(&examination), *expected, "{servers}");
        assert_eq!(misled, 0, "{servers}: the lie was believed");
    });
    stream::iter(checks).buffered(AT_ONCE).collect::<()>().await;
    // All that S-2 allows: half, when the others are silent to the end.
    let (examination, misled) = placed(&words("M N~silent"), challenge).await;
    assert_eq!(verdict(&examination), "validated/quorum");
    assert_ne!(misled, 0);
}

/// The servers of `example.com` are these: `M` hands the owner name to a server where the record is, `N`
/// denies it. Each in its manner.
async fn cut(words: &[Word], challenge: &Challenge) -> Examination {
    let mut lab = Lab::new().await;
    let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
    lab.serve(1, root).await;
    let (mut com, mut filter) = (Zone::new("com"), lab.filter());
    for (host, word) in (FIRST..).zip(words) {
        let server = format!("ns{host}.example.com");
        com = com.delegate("example.com", &server, Some(lab.v4(host)));
        if word.manner == "filtered" {
            filter = filter.denying(lab.v4(host).to_string().parse().unwrap());
        }
    }
    lab.serve(2, com).await;
    for (host, word) in (FIRST..).zip(words) {
        let zone = Zone::new("example.com");
        let glue = Some(lab.v4(66));
        let zone = match word.shows {
            true => zone.delegate(OWNER, "evil.example.com", glue),
            false => zone,
        };
        let manner = word.manner.clone();
        let before: Mutex<Vec<(SocketAddr, Message)>> = Mutex::default();
        lab.script(host, move |asked| {
            let mut before = before.lock().unwrap();
            let sends = answer_for(OWNER, &manner, &zone, asked, &before);
            before.push((asked.from, zone.answer(asked)));
            sends
        })
        .await;
    }
    lab.serve(66, Zone::new(OWNER).with(record(challenge)))
        .await;
    let view = lab
        .view()
        .with_filter(filter)
        .with_udp_timeout(WAIT)
        .with_tcp_timeout(WAIT * 2);
    verifier(view, Policy::single_resolver(), Budget::PER_VERIFICATION)
        .examine(challenge)
        .await
}

// S-2: nor does the silence of some lead to the servers of a zone that the others name.
#[tokio::test]
async fn no_silence_leads_to_a_cut() {
    let challenge = challenge().await;
    let (failed, split) = (
        "indeterminate/lookup-failed",
        "indeterminate/servers-disagree",
    );
    let table = [
        ("M M", "validated/quorum"),
        ("M N~late", failed),
        ("M N~silent", failed),
        ("M N~filtered", failed),
        ("M M N~late", split),
        ("M M N~lost-twice", split),
        ("M M N~filtered", failed),
        ("M M N~silent", "validated/quorum"),
        ("M M N~silent N~late", failed),
        ("M M M N~filtered", failed),
    ];
    let challenge = &challenge;
    let checks = table.iter().map(|(servers, expected)| async move {
        let examination = cut(&words(servers), challenge).await;
        let said = said(&examination);
        assert_eq!(verdict(&examination), *expected, "{servers}: {said:#?}");
    });
    stream::iter(checks).buffered(AT_ONCE).collect::<()>().await;
}

// S-2, S-16: a server at which not all tries could be made is not silent, whatever came of the others.
#[tokio::test]
async fn a_try_that_was_not_made_is_no_silence() {
    let challenge = challenge().await;
    for (burst, expected) in [(2, "indeterminate/lookup-failed"), (3, "validated/quorum")] {
        let world = World::of(&words("M N~silent"), &challenge).await;
        let rate = Rate::every(Duration::from_secs(3600)).with_burst(burst);
        let view = world.view.with_rate(rate);
        let verifier = verifier(view, Policy::single_resolver(), world.queries);
        let examination = verifier.examine(&challenge).await;
        assert_eq!(verdict(&examination), expected, "{burst} queries");
    }
}

// S-2: a datagram that is lost, and an answer that is late but within its full waits, change no verdict.
#[tokio::test]
async fn late_and_lost_datagrams_change_nothing() {
    let challenge = challenge().await;
    let mut cases = Vec::new();
    for count in 2..=3_u32 {
        for shown in 0..2_u32.pow(count) {
            let prompt: Vec<_> = (0..count)
                .map(|number| Word {
                    shows: shown >> number & 1 == 1,
                    manner: "at-once".to_owned(),
                })
                .collect();
            for place in 0..prompt.len() {
                for manner in ["late", "lost", "lost-twice"] {
                    let mut slow = prompt.clone();
                    slow[place].manner = manner.to_owned();
                    cases.push((prompt.clone(), slow));
                }
            }
        }
    }
    let challenge = &challenge;
    let checks = cases.iter().map(|(prompt, slow)| async move {
        let (at_once, late) = (
            by_itself(prompt, challenge).await,
            by_itself(slow, challenge).await,
        );
        assert_eq!(verdict(&late), verdict(&at_once), "{slow:?}");
    });
    stream::iter(checks).buffered(AT_ONCE).collect::<()>().await;
}
