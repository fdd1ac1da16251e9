//! Putting it together.

use std::time::Duration;

use dcv::dns::Perspective;
use dcv::lookup::TxtObserver;
use dcv::policy::Policy;
use dcv::service::{BuildError, Dcv};

use crate::world::{World, world};

// What can never work is refused when it is put together, with what to do.
#[tokio::test]
async fn build_refuses_what_cannot_work() {
    let error = Dcv::builder("-bad-").unwrap_err();
    assert!(error.to_string().contains("-bad-"), "{error}");
    assert!(
        Dcv::builder("acme").is_err(),
        "`_acme-challenge` is somebody else's (N-05)"
    );
    let World { dns, clock, .. } = world();
    let observer = || {
        let eye = Perspective::new("one".parse().unwrap());
        TxtObserver::new(eye, dns.clone())
    };
    let builder = || {
        Dcv::builder("svc")
            .unwrap()
            .clock(clock.clone())
            .timer(clock.clone())
    };
    let error = builder().observer(observer()).build().unwrap_err();
    assert!(
        error.to_string().contains("Policy::single_resolver"),
        "{error}"
    );
    let twice = builder().observer(observer()).observer(observer());
    let error = twice.policy(Policy::single_resolver()).build().unwrap_err();
    assert!(error.to_string().contains("each its own name"), "{error}");
    let verifier = dcv::verify::DnsVerifier::builder(clock.clone(), clock.clone())
        .policy(Policy::single_resolver())
        .observer(observer())
        .build()
        .unwrap();
    let given = || builder().verifier(verifier.clone());
    for both in [
        given().policy(Policy::default()),
        given().deadline(Duration::from_secs(1)),
        given().observer(observer()),
    ] {
        assert!(matches!(
            both.build(),
            Err(BuildError::VerifierAndObservers)
        ));
    }
    builder().verifier(verifier).build().unwrap();
}
