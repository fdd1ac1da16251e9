//! Requirements that no part meets alone: they are shown by the whole.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use dcv::challenge::{Challenge, Form};
use dcv::clock::{Clock as _, ManualClock};
use dcv::dns::{Outcome, Perspective, Purpose};
use dcv::evaluate::Examination;
use dcv::issue::Style;
use dcv::lookup::{FixedLookup, TxtObserver};
use dcv::name::{AccountLabels, Naming, ProviderName, Scope};
use dcv::policy::{Policy, Rules};
use dcv::record::{Expiry, Reading, Syntax, parse};
use dcv::service::Dcv;
use dcv::suffix::{SuffixError, SuffixPolicy};
use dcv::system::SharedSuffixes;
use dcv::verify::{DnsVerifier, Verifier};

#[path = "support/world.rs"]
mod world;
use world::{account, domain, start, world, world_with};

fn shared_name() -> Naming {
    Naming::single(ProviderName::new("shared").unwrap()).unwrap()
}

// SC-02, SC-04: exactly the issued owner name is asked, and what a record says of its scope
// changes nothing.
#[tokio::test]
async fn only_the_issued_name_and_scope_count() {
    let world = world();
    let tenant = account("t");
    let host = world
        .dcv
        .issue(&tenant, &domain("example.com"), Scope::Host)
        .await
        .unwrap();
    let wide = world
        .dcv
        .issue(&tenant, &domain("example.com"), Scope::Domain)
        .await
        .unwrap();
    world.dns.publish(wide.owner(), [host.record().value()]);
    let check = world.dcv.verify(&tenant, host.id()).await.unwrap();
    assert_eq!(check.verdict().code(), "no-such-name");
    let asked: Vec<_> = check
        .observations()
        .iter()
        .map(|one| one.question())
        .collect();
    assert_eq!(asked, [&host.question()]);

    let boast = format!("{} scope=domain", host.record().value());
    world.dns.publish(host.owner(), [boast.as_str()]);
    world.pass(5);
    assert!(
        world
            .dcv
            .verify(&tenant, host.id())
            .await
            .unwrap()
            .is_validated()
    );
    let below = domain("www.example.com");
    assert_eq!(world.dcv.control(&tenant, &below).await.unwrap(), None);
}

// T-07, X-03, X-04: services that share an owner name tell their records apart, and stand beside
// each other.
#[tokio::test]
async fn shared_owner_names_do_not_collide() {
    let first = world_with(|builder| builder.naming(shared_name()));
    let second = world_with(|builder| builder.naming(shared_name()));
    let (tenant, name) = (account("t"), domain("example.com"));
    let ours = first.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    let theirs = second.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    assert_eq!(ours.owner(), theirs.owner());

    first.publish(&theirs);
    let check = first.dcv.verify(&tenant, ours.id()).await.unwrap();
    assert_eq!(check.verdict().code(), "different");

    let both = [
        theirs.record().value(),
        "v=spf1 -all",
        ours.record().value(),
    ];
    for world in [&first, &second] {
        world.dns.publish(ours.owner(), both);
        world.pass(5);
    }
    assert!(
        first
            .dcv
            .verify(&tenant, ours.id())
            .await
            .unwrap()
            .is_validated()
    );
    assert!(
        second
            .dcv
            .verify(&tenant, theirs.id())
            .await
            .unwrap()
            .is_validated()
    );
}

// T-09, M-02, I-01, I-05, I-06: what is published tells nothing of the account.
#[tokio::test]
async fn the_record_does_not_name_the_account() {
    let naming = Naming::builder(ProviderName::new("svc").unwrap())
        .with_account_labels(AccountLabels::Hashed)
        .build()
        .unwrap();
    let world = world_with(|builder| builder.naming(naming));
    let name = domain("example.com");
    let mut owners = Vec::new();
    for who in ["alice@corp.invalid", "bob"] {
        let challenge = world
            .dcv
            .issue(&account(who), &name, Scope::Host)
            .await
            .unwrap();
        let line = challenge.record().to_string();
        assert!(!line.contains("alice") && !line.contains("bob"), "{line}");
        owners.push(challenge.owner().clone());
    }
    assert_ne!(
        owners[0], owners[1],
        "each account has an owner name of its own (M-01)"
    );
}

// T-13: any live expectation proves; here there is one, and the question asks for its type.
// I-02, E-01, E-08: the record is told exactly, in full and with the time after which it may go.
#[tokio::test]
async fn the_record_is_told_exactly() {
    let world = world();
    let (tenant, name) = (account("t"), domain("xn--bcher-kva.example.com"));
    let challenge = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    let record = challenge.record();
    assert!(
        record
            .owner()
            .to_string()
            .ends_with(".xn--bcher-kva.example.com.")
    );
    assert_eq!(record.record_type().to_string(), "TXT");
    assert!(!record.value().contains('"'));
    let read = parse(record.value().as_bytes(), Syntax::Space, Reading::Strict).unwrap();
    assert_eq!(
        read.expiry().unwrap().unwrap(),
        Expiry::At(challenge.expires_at())
    );
    assert_eq!(
        read.token(),
        challenge.expectations()[0].token().as_str().as_bytes()
    );
    let line = format!("{} 300 IN TXT \"{}\"", record.owner(), record.value());
    assert_eq!(record.to_string(), line);
}

// E-06: the expiry may be left out; the record then is the token alone.
#[tokio::test]
async fn the_expiry_may_be_left_out() {
    let style = Style::new(Form::Draft(Syntax::Space)).without_expiry();
    let world = world_with(|builder| builder.style(style));
    let (tenant, name) = (account("t"), domain("example.com"));
    let challenge = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    let token = challenge.expectations()[0].token().as_str();
    assert_eq!(challenge.record().value(), format!("token={token}"));
    // the bare token means the same.
    world.dns.publish(challenge.owner(), [token]);
    assert!(
        world
            .dcv
            .verify(&tenant, challenge.id())
            .await
            .unwrap()
            .is_validated()
    );
}

// E-09: after a one-off validation the record may go; the proof stays until its own end.
#[tokio::test]
async fn the_record_may_go_once_it_was_seen() {
    let world = world();
    let (tenant, name) = (account("t"), domain("example.com"));
    let challenge = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    world.publish(&challenge);
    world.dcv.verify(&tenant, challenge.id()).await.unwrap();
    world.dns.remove(challenge.owner());
    world.pass(86_400);
    assert!(
        world
            .dcv
            .verify(&tenant, challenge.id())
            .await
            .unwrap()
            .is_validated()
    );
    assert!(world.dcv.control(&tenant, &name).await.unwrap().is_some());
}

// P-03, P-04, S-13: a record that is left or comes back proves nothing for a later challenge,
// of the same account or another.
#[tokio::test]
async fn an_old_record_proves_nothing_new() {
    let world = world();
    let name = domain("example.com");
    let (alice, bob) = (account("alice"), account("bob"));
    let old = world.dcv.issue(&alice, &name, Scope::Host).await.unwrap();
    world.publish(&old);
    world.dcv.verify(&alice, old.id()).await.unwrap();
    world.dcv.cancel(&alice, old.id()).await.unwrap();
    for who in [&bob, &alice] {
        let next = world.dcv.issue(who, &name, Scope::Host).await.unwrap();
        assert_eq!(next.owner(), old.owner());
        let check = world.dcv.verify(who, next.id()).await.unwrap();
        assert_eq!(check.verdict().code(), "different");
        assert_eq!(world.dcv.control(who, &name).await.unwrap(), None);
    }
}

// S-14, T-12: each account proves for itself; neither takes anything from the other.
#[tokio::test]
async fn two_accounts_prove_one_domain_side_by_side() {
    let world = world();
    let name = domain("example.com");
    let (alice, bob) = (account("alice"), account("bob"));
    let hers = world.dcv.issue(&alice, &name, Scope::Host).await.unwrap();
    world.publish(&hers);
    world.dcv.verify(&alice, hers.id()).await.unwrap();
    let his = world.dcv.issue(&bob, &name, Scope::Host).await.unwrap();
    assert_ne!(hers.record().value(), his.record().value());
    assert_eq!(world.dcv.control(&bob, &name).await.unwrap(), None);
    world.publish(&his);
    assert!(
        world
            .dcv
            .verify(&bob, his.id())
            .await
            .unwrap()
            .is_validated()
    );
    for (who, challenge) in [(&alice, &hers), (&bob, &his)] {
        let proof = world.dcv.control(who, &name).await.unwrap().unwrap();
        assert_eq!(proof.challenge(), challenge.id());
    }
    world.dcv.cancel(&bob, his.id()).await.unwrap();
    assert!(world.dcv.control(&alice, &name).await.unwrap().is_some());
}

// PS-03: whoever may publish underscore names below a shared suffix is not its owner, and the
// refusal says so.
#[tokio::test]
async fn a_shared_suffix_is_refused_with_the_reason() {
    let world = world();
    let error = world
        .dcv
        .issue(&account("t"), &domain("github.io"), Scope::Host)
        .await;
    let error = error.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("different customers"), "{text}");
    let dcv::Error::Issue(dcv::issue::IssueError::Suffix(refusal)) = error else {
        panic!("{error:?}");
    };
    assert!(matches!(refusal, SuffixError::PrivateSuffix(_)));
}

// S-8: the names that are asked to find wildcards out stand beside the owner name, and nobody
// can tell them before.
#[tokio::test]
async fn probes_are_not_foreseeable() {
    let mut probes = Vec::new();
    for _ in 0..2 {
        let world = world();
        let (tenant, name) = (account("t"), domain("example.com"));
        let challenge = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
        world.publish(&challenge);
        let check = world.dcv.verify(&tenant, challenge.id()).await.unwrap();
        let probe = check
            .observations()
            .iter()
            .find(|one| one.purpose() == Purpose::WildcardProbe);
        let probe = probe.unwrap();
        assert!(matches!(
            probe.result().unwrap().outcome(),
            Outcome::Absent(_)
        ));
        assert_eq!(probe.question().name().parent(), challenge.owner().parent());
        assert!(
            probe.question().name().as_wire().len()
                >= 24 + challenge.owner().parent().unwrap().as_wire().len()
        );
        probes.push(probe.question().name().clone());
    }
    assert_ne!(probes[0], probes[1]);
}

// S-9: below a PRIVATE suffix the word of a single unsigned view is not enough, whatever the
// policy says.
#[tokio::test]
async fn a_private_suffix_needs_more_than_one_view() {
    let suffixes = SharedSuffixes::new(SuffixPolicy::strict().allow_private_suffixes());
    let world = world_with(|builder| builder.suffixes(suffixes));
    let tenant = account("t");
    for (name, code) in [("github.io", "not-corroborated"), ("example.com", "quorum")] {
        let challenge = world
            .dcv
            .issue(&tenant, &domain(name), Scope::Host)
            .await
            .unwrap();
        world.publish(&challenge);
        let check = world.dcv.verify(&tenant, challenge.id()).await.unwrap();
        assert_eq!(check.verdict().code(), code, "{name}");
    }
}

/// Sets the clock back after the first look.
#[derive(Debug)]
struct Unsteady {
    verifier: DnsVerifier,
    clock: ManualClock,
    looks: AtomicU32,
}

#[async_trait]
impl Verifier for Unsteady {
    async fn examine(&self, challenge: &Challenge) -> Examination {
        let examination = self.verifier.examine(challenge).await;
        if self.looks.fetch_add(1, Ordering::Relaxed) == 0 {
            self.clock
                .set(self.clock.now() - time::Duration::seconds(10));
        }
        examination
    }

    fn rules(&self) -> Rules {
        self.verifier.rules()
    }
}

// S-5, S-15: a look that seems to lie in the future is repeated, and neither taken nor an error.
#[tokio::test]
async fn a_look_from_the_future_is_repeated() {
    let (dns, clock) = (FixedLookup::new(), ManualClock::new(start()));
    let eye = Perspective::new("fixed".parse().unwrap());
    let verifier = DnsVerifier::builder(Arc::new(clock.clone()), Arc::new(clock.clone()))
        .policy(Policy::single_resolver())
        .observer(TxtObserver::new(eye, dns.clone()))
        .build()
        .unwrap();
    let looks = AtomicU32::new(0);
    let unsteady = Arc::new(Unsteady {
        verifier,
        clock: clock.clone(),
        looks,
    });
    let builder = Dcv::builder("example-saas").unwrap().clock(clock.clone());
    let dcv = builder.verifier(unsteady.clone()).build().unwrap();
    let tenant = account("t");
    let challenge = dcv
        .issue(&tenant, &domain("example.com"), Scope::Host)
        .await
        .unwrap();
    dns.publish(challenge.owner(), [challenge.record().value()]);
    clock.advance(Duration::from_secs(60));
    assert!(
        dcv.verify(&tenant, challenge.id())
            .await
            .unwrap()
            .is_validated()
    );
    assert_eq!(unsteady.looks.load(Ordering::Relaxed), 2);
}
