//! A challenge, and what a live look saw of it.

use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use dcv::challenge::Challenge;
use dcv::clock::ManualClock;
use dcv::dns::{
    Alias, Answer, LookupFailure, NameServer, Observation, Outcome, Perspective, PerspectiveId,
    Purpose, Question, Soa, View,
};
use dcv::evaluate::{Case, evaluate};
use dcv::issue::{Terms, admit, compose};
use dcv::lookup::{DnsObserver, FixedLookup};
use dcv::name::{AccountId, Naming, OwnerName, ProviderName, Scope};
use dcv::policy::{Policy, Rules, Wildcards};
use dcv::suffix::SuffixGuard;
use dcv::token::{ChallengeId, Token};
use dcv::verify::{DnsVerifier, Verifier as _};
use time::UtcDateTime;

pub(crate) const TOKEN: &str = "gezdgnbvgy3tqojqgezdgnbvgy3tqojqgezdgnbvgy3tqojqgeza";

/// A challenge for the domain, issued at this time.
pub(crate) fn challenge(domain: &str, id: u8, now: UtcDateTime) -> Challenge {
    let naming = Naming::new(ProviderName::new("bench").unwrap()).unwrap();
    let account = AccountId::new("tenant-42").unwrap();
    let (guard, domain) = (SuffixGuard::default(), domain.parse().unwrap());
    let request = admit(&naming, &guard, &account, &domain, Scope::Host).unwrap();
    compose(
        request,
        ChallengeId::from_bytes([id; 16]),
        Token::new(TOKEN).unwrap(),
        &Terms::new(),
        now,
    )
    .unwrap()
}

/// A challenge, and what a live look saw when this record was published.
pub(crate) struct Scene {
    pub(crate) challenge: Challenge,
    rules: Rules,
    seen: Vec<Observation>,
    now: UtcDateTime,
}

impl Scene {
    fn new(wildcards: Wildcards, record: Option<&str>) -> Self {
        let now = UtcDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let challenge = challenge("example.com", 1, now);
        let perspective = Perspective::new("bench".parse().unwrap());
        let policy = Policy::single_resolver().with_wildcards(wildcards);
        let rules = Rules::new(policy.clone(), vec![perspective.clone()]).unwrap();
        let lookup = FixedLookup::new();
        let value = record.unwrap_or_else(|| challenge.record().value());
        lookup.publish(challenge.owner(), [value]);
        let clock = Arc::new(ManualClock::new(now));
        let verifier = DnsVerifier::builder(clock.clone(), clock)
            .policy(policy)
            .observer(DnsObserver::new(perspective, lookup))
            .build()
            .unwrap();
        let look = verifier.examine(&challenge);
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(examination) = pin!(look).poll(&mut context) else {
            panic!("a fixed lookup answers at once");
        };
        let seen = examination.observations().to_vec();
        Self {
            challenge,
            rules,
            seen,
            now,
        }
    }

    /// What an authoritative view saw at three servers, behind an alias of another zone, with its
    /// probes, and one server that is dead or, `stale`, has not heard of the record yet.
    fn of_servers(stale: bool) -> Self {
        let now = UtcDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let challenge = challenge("example.com", 1, now);
        let id: PerspectiveId = "own".parse().unwrap();
        let own = Perspective::new(id.clone()).with_view(View::Authoritative);
        let rules = Rules::new(Policy::single_resolver(), vec![own]).unwrap();
        let name = |text: &str| text.parse::<OwnerName>().unwrap();
        let target = name("t.example.net");
        let absent = |zone| {
            let outcome = Outcome::nx_domain(Some(Soa::new(zone, 1, 300, 300)));
            Ok(Answer::new(outcome).with_authoritative(true))
        };
        let look = |zone: &OwnerName, server: &str, at: &OwnerName, purpose, seen| {
            let server = NameServer::new(zone.clone(), name(server));
            let question = Question::txt(at.clone());
            Observation::replayed(id.clone(), question, purpose, now, now, seen).with_server(server)
        };
        let (com, net) = (name("example.com"), name("example.net"));
        let mut seen = Vec::new();
        for server in ["a.example.org", "b.example.org", "c.example.org"] {
            let last = server.starts_with('c');
            let alias = Alias::new(challenge.owner().clone(), target.clone(), 300);
            let alias = Answer::new(Outcome::Elsewhere).with_aliases(vec![alias]);
            let alias = Ok(alias.with_authoritative(true));
            let record = Answer::txt([challenge.record().value()]).with_authoritative(true);
            let record = match (last, stale) {
                (true, true) => absent(net.clone()),
                (true, false) => Err(LookupFailure::Timeout),
                _ => Ok(record),
            };
            seen.push(look(
                &com,
                server,
                challenge.owner(),
                Purpose::Record,
                alias,
            ));
            seen.push(look(&net, server, &target, Purpose::Record, record));
            for label in [b"_sibling", b"_another"] {
                let sibling = com.child(label).unwrap();
                let nothing = absent(com.clone());
                let purpose = Purpose::WildcardProbe;
                seen.push(look(&com, server, &sibling, purpose, nothing));
            }
        }
        Self {
            challenge,
            rules,
            seen,
            now,
        }
    }

    pub(crate) fn case(&self) -> Case<'_> {
        Case::new(&self.challenge, &self.rules, &self.seen, self.now)
    }

    /// Decides over it; whether it is validated.
    pub(crate) fn decide(&self) -> bool {
        evaluate(black_box(&self.case())).is_validated()
    }
}

/// What was published, and whether it validates.
pub(crate) fn scenes() -> [(&'static str, Scene, bool); 5] {
    let foreign = Some("v=spf1 include:_spf.example.net ip4:192.0.2.0/24 -all");
    [
        ("matching", Scene::new(Wildcards::Accept, None), true),
        ("foreign", Scene::new(Wildcards::Accept, foreign), false),
        (
            "matching and a probe",
            Scene::new(Wildcards::Reject, None),
            true,
        ),
        ("servers", Scene::of_servers(false), true),
        ("servers that disagree", Scene::of_servers(true), false),
    ]
}
