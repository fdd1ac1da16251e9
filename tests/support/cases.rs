//! Challenges, perspectives and observations in few words, for tests of decisions.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use dcv::challenge::{Challenge, Form};
use dcv::clock::ManualClock;
use dcv::dns::{
    Answer, Group, LookupFailure, Observation, Outcome, Perspective, PerspectiveId, Purpose,
    Question, Soa,
};
use dcv::evaluate::Examination;
use dcv::issue::{self, Style, Terms};
use dcv::lookup::{FixedLookup, TxtObserver};
use dcv::name::{AccountId, AccountLabels, Naming, OwnerName, ProviderName, Scope};
use dcv::policy::{Policy, Timing};
use dcv::record::Formats;
use dcv::suffix::{SuffixGuard, SuffixList, SuffixPolicy};
use dcv::token::{ChallengeId, Token};
use dcv::verify::{DnsVerifier, Verifier};
use time::{Duration, UtcDateTime};

pub(crate) const TOKEN: &str = "mzxw6ytboi4dsnzwgqzdgmrtgi5tqobq";

/// What a lookup brings.
pub(crate) type Seen = Result<Answer, LookupFailure>;

pub(crate) fn issued() -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(1_795_000_000).unwrap()
}

/// The time of the check: an hour after the challenge was issued.
pub(crate) fn now() -> UtcDateTime {
    issued() + Duration::HOUR
}

/// What a challenge is made of.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) domain: &'static str,
    pub(crate) scope: Scope,
    pub(crate) features: &'static [&'static str],
    pub(crate) accounts: AccountLabels,
    pub(crate) form: Form,
    pub(crate) formats: Formats,
    pub(crate) timing: Timing,
    pub(crate) id: u8,
    pub(crate) issued: UtcDateTime,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            domain: "example.com",
            scope: Scope::Host,
            features: &[],
            accounts: AccountLabels::Absent,
            form: Style::default().form().clone(),
            formats: Formats::new(),
            timing: Timing::default(),
            id: 1,
            issued: issued(),
        }
    }
}

impl Plan {
    pub(crate) fn challenge(&self) -> Challenge {
        let mut naming =
            Naming::builder(ProviderName::new("p").unwrap()).with_account_labels(self.accounts);
        for feature in self.features {
            naming = naming.with_feature(*feature);
        }
        let naming = naming.build().unwrap();
        let policy = SuffixPolicy::strict().allow_private_suffixes();
        let guard = SuffixGuard::new(SuffixList::compiled(), policy);
        let account = AccountId::new("tenant-42").unwrap();
        let domain = self.domain.parse().unwrap();
        let request = issue::admit(&naming, &guard, &account, &domain, self.scope).unwrap();
        let id = ChallengeId::from_bytes([self.id; 16]);
        let token = Token::new(TOKEN).unwrap();
        let terms = Terms::new()
            .with_style(Style::new(self.form.clone()))
            .with_formats(self.formats.clone())
            .with_timing(self.timing.clone());
        issue::compose(request, id, token, &terms, self.issued).unwrap()
    }
}

pub(crate) fn challenge() -> Challenge {
    Plan::default().challenge()
}

/// The challenge, changed in its written form.
pub(crate) fn edited(
    challenge: &Challenge,
    edit: impl FnOnce(&mut serde_json::Value),
) -> Challenge {
    let mut written = serde_json::to_value(challenge).unwrap();
    edit(&mut written);
    serde_json::from_value(written).unwrap()
}

pub(crate) fn id(name: &str) -> PerspectiveId {
    PerspectiveId::new(name).unwrap()
}

/// An untrusted recursive perspective that is its own group.
pub(crate) fn eye(name: &str) -> Perspective {
    Perspective::new(id(name)).with_group(Group::Operator(id(name)))
}

pub(crate) fn found(challenge: &Challenge) -> Seen {
    Ok(Answer::txt([challenge.record().value()]))
}

pub(crate) fn other() -> Seen {
    Ok(Answer::txt(["v=spf1 -all"]))
}

pub(crate) fn soa(owner: &str) -> Soa {
    Soa::new(OwnerName::parse(owner).unwrap(), 7, 300, 600)
}

/// NXDOMAIN, as the zone of `domain` says it.
pub(crate) fn absent(domain: &str) -> Seen {
    Ok(Answer::new(Outcome::nx_domain(Some(soa(domain)))))
}

/// What `who` saw of the record, a second ago.
pub(crate) fn saw(who: &PerspectiveId, challenge: &Challenge, seen: Seen) -> Observation {
    asked(who, challenge.question(), Purpose::Record, seen)
}

/// What `who` saw of a sibling of the owner name, `level` labels below the top one.
pub(crate) fn probed(
    who: &PerspectiveId,
    challenge: &Challenge,
    level: usize,
    seen: Seen,
) -> Observation {
    let question = Question::txt(sibling(challenge, level));
    asked(who, question, Purpose::WildcardProbe, seen)
}

/// What `who` saw of all siblings at a level.
pub(crate) fn all_probed(
    who: &PerspectiveId,
    challenge: &Challenge,
    level: usize,
    seen: &Seen,
) -> Vec<Observation> {
    let names = siblings(challenge, level).into_iter();
    let probes = names.map(|name| {
        let question = Question::txt(name);
        asked(who, question, Purpose::WildcardProbe, seen.clone())
    });
    probes.collect()
}

pub(crate) fn asked(
    who: &PerspectiveId,
    question: Question,
    purpose: Purpose,
    seen: Seen,
) -> Observation {
    let (from, to) = (now() - Duration::seconds(2), now() - Duration::SECOND);
    Observation::replayed(who.clone(), question, purpose, from, to, seen)
}

/// A name that nobody chose, in place of the label number `level` of the owner name.
pub(crate) fn sibling(challenge: &Challenge, level: usize) -> OwnerName {
    let labels = challenge.owner().labels().skip(level + 1);
    OwnerName::from_labels(std::iter::once(&b"_nobody"[..]).chain(labels)).unwrap()
}

/// Another name that nobody chose, beside the owner name itself.
pub(crate) fn second_sibling(challenge: &Challenge) -> OwnerName {
    let labels = challenge.owner().labels().skip(1);
    OwnerName::from_labels(std::iter::once(&b"_no-one"[..]).chain(labels)).unwrap()
}

/// The siblings that are asked for at a level: two beside the owner name, one above.
pub(crate) fn siblings(challenge: &Challenge, level: usize) -> Vec<OwnerName> {
    let second = (level == 0).then(|| second_sibling(challenge));
    std::iter::once(sibling(challenge, level))
        .chain(second)
        .collect()
}

/// How many labels the owner name has above the domain.
pub(crate) fn levels(challenge: &Challenge) -> usize {
    challenge.owner().labels().count() - challenge.domain().labels().count()
}

/// What `who` says that saw the record, and nothing at any sibling.
pub(crate) fn matched(who: &PerspectiveId, challenge: &Challenge) -> Vec<Observation> {
    let domain = challenge.domain().to_string();
    let mut seen = vec![saw(who, challenge, found(challenge))];
    for level in 0..levels(challenge) {
        seen.extend(all_probed(who, challenge, level, &absent(&domain)));
    }
    seen
}

/// Drives a future that waits for nothing but the test itself; `None` when it still waits.
pub(crate) fn run<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..100 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}

/// A live check by a single resolver at this time, in a DNS that is seen through `dns`.
pub(crate) fn check(challenge: &Challenge, dns: &FixedLookup, at: UtcDateTime) -> Examination {
    let clock = Arc::new(ManualClock::new(at));
    let verifier = DnsVerifier::builder(clock.clone(), clock)
        .policy(Policy::single_resolver())
        .observer(TxtObserver::new(eye("one"), dns.clone()))
        .build()
        .unwrap();
    run(pin!(verifier.examine(challenge))).unwrap()
}

/// A live check that sees the record.
pub(crate) fn validation(challenge: &Challenge, at: UtcDateTime) -> Examination {
    let dns = FixedLookup::new();
    dns.publish(challenge.owner(), [challenge.record().value()]);
    check(challenge, &dns, at)
}
