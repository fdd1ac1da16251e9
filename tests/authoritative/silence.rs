//! Servers that are late, lossy, silent, or not asked (S-2).

use std::collections::HashMap;
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
use futures_util::future::join_all;
use hickory_server::proto::op::{Message, ResponseCode};

use crate::faults::{Asked, Send, txt};
use crate::lab::{Lab, Zone};
use crate::rows::rows;
use crate::scene::{OWNER, challenge, challenge_for, record, said, verdict};

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

/// How a server answers the question for the record, by how often it was asked before.
fn answer(manner: &str, zone: &Zone, asked: &Asked, before: &[(SocketAddr, Message)]) -> Vec<Send> {
    let reply = || Send::Message(zone.answer(asked));
    match (manner, before) {
        // It is there for everybody else.
        _ if asked.name().trim_end_matches('.') != OWNER => vec![reply()],
        ("silent", _) => vec![],
        ("refusing", _) => asked.refuse(ResponseCode::Refused),
        ("lost-twice", _) if !asked.over_tcp => vec![],
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
            let before: Mutex<HashMap<bool, Vec<(SocketAddr, Message)>>> = Mutex::default();
            lab.script(host, move |asked| {
                if asked.name().contains("drain") {
                    return vec![Send::Message(drained.answer(asked))];
                }
                let mut before = before.lock().unwrap();
                let known = before.entry(asked.over_tcp).or_default();
                let sends = answer(&manner, &zone, asked, known);
                known.push((asked.from, zone.answer(asked)));
                sends
            })
            .await;
        }
        let view = lab.view().with_filter(filter);
        let view = view
            .with_udp_timeout(Duration::from_millis(250))
            .with_tcp_timeout(Duration::from_millis(500))
            .with_patience(Duration::from_millis(250));
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
    let complaints = join_all(checks).await.concat();
    assert!(complaints.is_empty(), "{complaints}");
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
    join_all(checks).await;
}
