//! Resolvers whose validation is trusted, and whether they deserve it.

use dcv::dns::{Outcome, Security};
use dcv::lookup::hickory::{SelfCheck, SelfCheckError, TrustedPath};
use dcv::lookup::{Budget, DnsLookup};

use crate::servers::servers_or_skip;
use crate::world::{CROWD, World, lookup_at, txt};

// S-11: the check passes for a resolver that validates, and for validation in the process; it
// finds out the resolver that does not.
#[tokio::test]
async fn the_check_tells_who_validates() {
    if !servers_or_skip() {
        return;
    }
    let world = World::start();
    let (validating, plain) = (world.unbound(&[&world.root.ksk]), world.unbound(&[]));
    let check = SelfCheck::new(txt("txt.expired.test"), txt("txt.ec-nsec.test"));
    let question = txt("txt.rsa-nsec3.test");

    let trusting = |server| {
        let lookup = lookup_at(server);
        lookup.trusting_validation(TrustedPath::Loopback).unwrap()
    };
    let in_process = lookup_at(plain.addr());
    let in_process = in_process.validating(world.root.ksk.parse().unwrap());
    for lookup in [trusting(validating.addr()), in_process.unwrap()] {
        lookup.self_check(&check).await.unwrap();
        let answer = lookup.lookup(&question, &Budget::default()).await.unwrap();
        assert_eq!(answer.security(), Security::Secure);
        assert!(answer.signed_until().is_some());
    }

    let lookup = trusting(plain.addr());
    let error = lookup.self_check(&check).await.unwrap_err();
    assert!(
        matches!(error, SelfCheckError::AcceptsBogus { .. }),
        "{error:?}"
    );
    let answer = lookup.lookup(&question, &Budget::default()).await.unwrap();
    assert_eq!(answer.security(), Security::Unvalidated);
}

// S-16: a name with more records than are kept is validated like another, through a resolver and in
// the process.
#[tokio::test]
async fn a_crowd_of_records_is_validated() {
    if !servers_or_skip() {
        return;
    }
    let world = World::start();
    let (validating, plain) = (world.unbound(&[&world.root.ksk]), world.unbound(&[]));
    let trusting = lookup_at(validating.addr()).trusting_validation(TrustedPath::Loopback);
    let in_process = lookup_at(plain.addr()).validating(world.root.ksk.parse().unwrap());
    let question = txt("crowd.ec-nsec.test");
    for lookup in [trusting.unwrap(), in_process.unwrap()] {
        let answer = lookup.lookup(&question, &Budget::default()).await.unwrap();
        assert_eq!(answer.security(), Security::Secure, "{lookup:?}");
        let Outcome::Records(records) = answer.outcome() else {
            panic!("{:?}", answer.outcome());
        };
        assert_eq!(records.len(), CROWD, "{lookup:?}");
    }
}
