//! Wildcards that change where they lead: by query, by source, by time (S-8).

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use dcv::challenge::Challenge;
use dcv::dns::{Group, Perspective};
use dcv::lookup::{DnsObserver, HickoryLookup, Observer, Rate};
use dcv::policy::Policy;
use dcv::system::{SystemClock, TokioTimer};
use dcv::verify::{DnsVerifier, Verifier as _};
use futures_util::stream::{self, StreamExt as _};
use hickory_server::proto::op::ResponseCode;

use crate::faults::{Asked, Send, cname, soa, txt};
use crate::lab::Lab;
use crate::rows::rows;
use crate::scene::{OWNER, challenge, lab_with_target, verdict};

/// The hosts of the zone's servers, and of the resolvers.
const SERVERS: [u8; 2] = [11, 12];
const RESOLVERS: [u8; 3] = [31, 32, 33];

/// How many checks run at once.
const AT_ONCE: usize = 8;

/// A wildcard, and what was asked of it.
struct Wildcard {
    manner: String,
    targets: Vec<String>,
    asked: AtomicUsize,
    /// How often each server was asked for the owner name, and for names beside it.
    owner: [AtomicUsize; 2],
    siblings: [AtomicUsize; 2],
}

impl Wildcard {
    /// `chance 25 m n`.
    fn of(rotation: &str) -> Self {
        let (manner, targets) = rotation.split_once(' ').unwrap();
        Self {
            manner: manner.to_owned(),
            targets: targets.split(' ').map(str::to_owned).collect(),
            asked: AtomicUsize::new(0),
            owner: Default::default(),
            siblings: Default::default(),
        }
    }

    /// Where a name leads that this server was asked for on behalf of the view (0) or a resolver.
    fn target(&self, name: &str, server: usize, asker: usize) -> &str {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        let is_owner = name == OWNER;
        let of_kind = if is_owner {
            &self.owner
        } else {
            &self.siblings
        };
        let before = of_kind[server].fetch_add(1, Ordering::SeqCst);
        let siblings = || {
            let asked = self.siblings.iter();
            asked.map(|one| one.load(Ordering::SeqCst)).sum::<usize>()
        };
        let threshold = || self.targets[0].parse::<usize>().unwrap();
        let (targets, index) = match self.manner.as_str() {
            "stays" => (&self.targets[..], 0),
            "turns" => (&self.targets[..], number % self.targets.len()),
            "servers" => (&self.targets[..], server),
            "askers" => (&self.targets[..], asker),
            "until" => (&self.targets[1..], usize::from(number >= threshold())),
            "then" => (&self.targets[..], usize::from(siblings() > 0)),
            "own" => (&self.targets[..], usize::from(!is_owner)),
            "chance" => {
                // In whatever order the queries come, every run is the same.
                let kind = 2 * server + usize::from(is_owner);
                let number = (4 * before + kind) as u64;
                let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                let drawn = usize::try_from((mixed >> 33) % 100).unwrap();
                (&self.targets[1..], usize::from(drawn >= threshold()))
            }
            other => panic!("{other}?"),
        };
        match targets[index].as_str() {
            "m" => "t.example.net",
            "n" => "u.example.net",
            _ => "v.example.net",
        }
    }
}

/// The zone with this wildcard, and the resolvers.
async fn world(challenge: &Challenge, rotation: &str) -> Lab {
    let mut lab = lab_with_target(challenge).await;
    let wildcard = Arc::new(Wildcard::of(rotation));
    for (server, host) in SERVERS.into_iter().enumerate() {
        let wildcard = wildcard.clone();
        lab.script(host, move |asked| {
            let name = asked.name();
            let target = wildcard.target(name.trim_end_matches('.'), server, 0);
            asked.answer([cname(&name, target)])
        })
        .await;
    }
    for (index, host) in RESOLVERS.into_iter().enumerate() {
        let (wildcard, value) = (wildcard.clone(), challenge.record().value().to_owned());
        let cache: Mutex<HashMap<String, String>> = Mutex::default();
        let target_of = move |asked: &Asked| {
            let name = asked.name().trim_end_matches('.').to_owned();
            let mut cache = cache.lock().unwrap();
            let fresh = || {
                let server = index % SERVERS.len();
                wildcard.target(&name, server, index + 1).to_owned()
            };
            cache.entry(name.clone()).or_insert_with(fresh).clone()
        };
        lab.script(host, move |asked| {
            let target = target_of(asked);
            let alias = cname(&asked.name(), &target);
            if target == "t.example.net" {
                return asked.answer([alias, txt(&target, &[value.as_bytes()])]);
            }
            let mut reply = asked.reply();
            reply.metadata.response_code = ResponseCode::NXDomain;
            reply.add_answer(alias);
            reply.add_authority(soa("example.net"));
            vec![Send::Message(reply)]
        })
        .await;
    }
    lab
}

fn resolver(lab: &Lab, host: u8) -> Box<dyn Observer> {
    let name = format!("resolver-{host}");
    let group = Group::Operator(name.parse().unwrap());
    let perspective = Perspective::new(name.parse().unwrap()).with_group(group);
    let lookup = HickoryLookup::from_servers([lab.socket(host)]).unwrap();
    Box::new(DnsObserver::new(perspective, lookup))
}

/// The verdict of these, on a rotation that begins anew.
async fn judged(challenge: &Challenge, rotation: &str, view: bool, resolvers: bool) -> String {
    let lab = world(challenge, rotation).await;
    let mut verifier =
        DnsVerifier::builder(Arc::new(SystemClock::new()), Arc::new(TokioTimer::new()));
    let mut policy = Policy::single_resolver();
    if view {
        verifier = verifier.observer(lab.view().with_rate(Rate::per_second(10_000)));
    }
    if resolvers {
        let looking = RESOLVERS.map(|host| resolver(&lab, host));
        verifier = looking
            .into_iter()
            .fold(verifier, |verifier, one| verifier.observer(one));
        policy = Policy::k_of_n(2 + u8::from(view), 3 + u8::from(view)).unwrap();
    }
    let verifier = verifier.policy(policy).build().unwrap();
    let looks = match rotation.starts_with("chance") {
        true if view && !resolvers => 40,
        _ => 1,
    };
    let mut last = String::new();
    for _ in 0..looks {
        last = verdict(&verifier.examine(challenge).await);
        if last.starts_with("validated") {
            break;
        }
    }
    last
}

// S-8: a wildcard alias that rotates proves nothing; an alias of the owner name's own beside a wildcard
// that stays where it is does.
#[tokio::test]
async fn rotating_wildcards_prove_nothing() {
    let challenge = challenge().await;
    let challenge = &challenge;
    let table = rows(include_str!("../data/faults/wildcards.tsv")).into_iter();
    let checks = table.map(|(line, [rotation, view, resolvers, both])| async move {
        let mut complaints = String::new();
        for (who, expected, by) in [
            ("the zone's servers", view, (true, false)),
            ("the resolvers", resolvers, (false, true)),
            ("both", both, (true, true)),
        ] {
            let found = judged(challenge, &rotation, by.0, by.1).await;
            let expected = expected.trim_end_matches(" !");
            let is_so = match expected {
                "?" => true,
                "-" => !found.starts_with("validated"),
                _ => found == expected,
            };
            if !is_so {
                complaints += &format!("line {line}: {rotation}, {who}: {found}\n");
            }
        }
        complaints
    });
    let complaints: Vec<String> = stream::iter(checks).buffered(AT_ONCE).collect().await;
    let complaints = complaints.concat();
    assert!(complaints.is_empty(), "{complaints}");
}
