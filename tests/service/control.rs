//! Who controls what, and who may ask.

use dcv::lifecycle::EventKind;
use dcv::name::Scope;
use dcv::service::ErrorKind;
use dcv::store::Page;

use crate::later;
use crate::world::{account, domain, start, world};

// T-12, P-03, SC-01, S-9: a proof is bound to account, domain and scope; it ends.
#[tokio::test]
async fn a_proof_is_of_an_account_in_a_scope_until_a_time() {
    let world = world();
    let tenant = account("tenant-42");
    let name = domain("example.com");
    let challenge = world
        .dcv
        .issue(&tenant, &name, Scope::Domain)
        .await
        .unwrap();
    assert_eq!(world.dcv.control(&tenant, &name).await.unwrap(), None);
    world.publish(&challenge);
    let check = world.dcv.verify(&tenant, challenge.id()).await.unwrap();
    assert!(check.is_validated());
    assert_eq!(check.event().unwrap().kind(), EventKind::Validated);
    assert_eq!(check.next_check_at(), None);
    let evidence = check.challenge().evidence().unwrap();
    assert_eq!(evidence.token(), challenge.expectations()[0].fingerprint());

    let proof = world
        .dcv
        .control(&tenant, &domain("a.mail.example.com"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((proof.domain(), proof.scope()), (&name, Scope::Domain));
    assert_eq!(
        (proof.since(), proof.until()),
        (start(), later(90 * 86_400))
    );
    for (who, what) in [
        ("tenant-42", "example.net"),
        ("tenant-42", "com"),
        ("tenant-42", "notexample.com"),
        ("tenant-43", "example.com"),
    ] {
        let proof = world
            .dcv
            .control(&account(who), &domain(what))
            .await
            .unwrap();
        assert_eq!(proof, None, "{who} {what}");
    }
    world.pass(90 * 86_400);
    assert_eq!(
        world.dcv.control(&tenant, &name).await.unwrap(),
        None,
        "it has ended"
    );
}

#[tokio::test]
async fn the_nearest_and_latest_proof_counts() {
    let world = world();
    let tenant = account("t");
    for (name, scope) in [
        ("example.com", Scope::Domain),
        ("www.example.com", Scope::Host),
    ] {
        for _ in 0..2 {
            let challenge = world
                .dcv
                .issue(&tenant, &domain(name), scope)
                .await
                .unwrap();
            world.publish(&challenge);
            world.dcv.verify(&tenant, challenge.id()).await.unwrap();
            world.pass(60);
        }
    }
    let proof = world
        .dcv
        .control(&tenant, &domain("www.example.com"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((proof.scope(), proof.since()), (Scope::Host, later(180)));
    let proof = world
        .dcv
        .control(&tenant, &domain("ftp.example.com"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((proof.scope(), proof.since()), (Scope::Domain, later(60)));
    world.dcv.cancel(&tenant, proof.challenge()).await.unwrap();
    let proof = world
        .dcv
        .control(&tenant, &domain("ftp.example.com"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(proof.since(), start(), "the earlier proof still stands");
}

// S-17: unknown and foreign are one answer, for every call.
#[tokio::test]
async fn foreign_challenges_do_not_exist() {
    let world = world();
    let mine = world
        .dcv
        .issue(&account("a"), &domain("example.com"), Scope::Host)
        .await
        .unwrap();
    let unknown = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
    let other = account("b");
    for id in [mine.id(), &unknown] {
        let results = [
            world.dcv.get(&other, id).await.map(drop),
            world.dcv.verify(&other, id).await.map(drop),
            world.dcv.cancel(&other, id).await.map(drop),
        ];
        for result in results {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound);
            assert_eq!((error.kind().http_status(), error.retry_at()), (404, None));
            assert_eq!(error.to_string(), "there is no such challenge");
        }
    }
    assert!(
        world
            .dcv
            .list(&other, Page::default())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        world
            .dcv
            .list(&account("a"), Page::default())
            .await
            .unwrap(),
        [mine]
    );
}
