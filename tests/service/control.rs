//! Who controls what, and who may ask.

use dcv::challenge::Challenge;
use dcv::diagnose::Code;
use dcv::lifecycle::EventKind;
use dcv::name::Scope;
use dcv::service::ErrorKind;
use dcv::store::{MemoryStore, Page};
use dcv::suffix::{SuffixGuard, SuffixList, SuffixPolicy};
use dcv::system::SharedSuffixes;

use crate::later;
use crate::world::{account, domain, start, world, world_with};

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

// S-7: no instant of the future is believed, neither of a proof nor of who forgets.
#[tokio::test]
async fn nothing_of_the_future_counts() {
    let world = world();
    let (tenant, name) = (account("t"), domain("example.com"));
    let issued = world.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    world.publish(&issued);
    world.pass(3600);
    world.dcv.verify(&tenant, issued.id()).await.unwrap();
    let controls = async || world.dcv.control(&tenant, &name).await.unwrap().is_some();
    assert!(controls().await);
    for (at, holds) in [(3599, false), (3600, true)] {
        world.clock.set(later(at));
        assert_eq!(controls().await, holds, "{at}");
        let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
        assert_eq!(check.is_validated(), holds, "{at}");
        let code = if holds { "quorum" } else { "clock-skew" };
        assert_eq!(check.verdict().code(), code);
        assert_eq!(check.to_string().contains("is proven"), holds, "{check}");
        assert!(check.event().is_none() && check.observations().is_empty());
        let diagnosis = world.dcv.diagnose(&check).await.unwrap();
        assert_eq!(diagnosis.verdict().code(), code);
    }
    for before in [
        later(90 * 86_400 + 3601),
        later(400 * 86_400),
        time::UtcDateTime::MAX,
    ] {
        assert_eq!(world.dcv.purge(before).await.unwrap(), 0);
    }
    assert!(controls().await);
    // What is over by now may go, and no more than that.
    let closed = world
        .dcv
        .issue(&tenant, &name, Scope::Domain)
        .await
        .unwrap();
    world.dcv.cancel(&tenant, closed.id()).await.unwrap();
    assert_eq!(world.dcv.purge(later(3600)).await.unwrap(), 0);
    assert_eq!(world.dcv.purge(time::UtcDateTime::MAX).await.unwrap(), 1);
    world.clock.set(later(90 * 86_400 + 3600));
    assert_eq!(world.dcv.purge(time::UtcDateTime::MAX).await.unwrap(), 1);
}

const LIST: &str = "// ===BEGIN ICANN DOMAINS===\ncom\nexample.com\n// ===END ICANN DOMAINS===\n\
                    // ===BEGIN PRIVATE DOMAINS===\nexample.net\n// ===END PRIVATE DOMAINS===\n";

// S-9: the guard decides over a proof that is there as it does over a new one, in every scope.
#[tokio::test]
async fn a_proof_of_a_name_that_became_a_suffix_ends() {
    let (strict, opted_in) = (
        SuffixPolicy::strict(),
        SuffixPolicy::strict().allow_private_suffixes(),
    );
    for (name, scope, policy, code) in [
        ("example.com", Scope::Host, strict, "suffix"),
        ("example.com", Scope::Wildcard, strict, "suffix"),
        ("example.com", Scope::Domain, opted_in, "suffix"),
        ("example.net", Scope::Host, strict, "suffix"),
        ("www.example.org", Scope::Host, strict, "suffix"),
        // Admitted for itself alone, but not by the word of a single view.
        ("example.net", Scope::Host, opted_in, "ended"),
        ("example.net", Scope::Domain, opted_in, "suffix"),
    ] {
        let suffixes = SharedSuffixes::new(policy);
        let world = world_with(|builder| builder.suffixes(suffixes.clone()));
        let (tenant, domain) = (account("t"), domain(name));
        let issued = world.dcv.issue(&tenant, &domain, scope).await.unwrap();
        world.publish(&issued);
        let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
        assert!(check.is_validated());
        suffixes.load_bytes(LIST.as_bytes()).unwrap();
        let proof = world.dcv.control(&tenant, &domain).await.unwrap();
        assert_eq!(proof, None, "{name} {scope}");
        let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
        assert!(!check.is_validated(), "{name} {scope}");
        assert_eq!(check.verdict().code(), code);
        assert_eq!(check.state().to_string(), "ended");
        assert_eq!(format!("{:?}", check.event().unwrap().kind()), "Ended");
        let diagnosis = world.dcv.diagnose(&check).await.unwrap();
        let codes: Vec<_> = diagnosis
            .for_operator()
            .findings()
            .iter()
            .map(|one| one.code())
            .collect();
        let told = match code {
            "suffix" => Code::DomainRefused,
            _ => Code::ProofEnded,
        };
        assert_eq!(codes, [told]);
        let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
        assert_eq!((check.verdict().code(), check.event()), ("ended", None));
        assert!(check.challenge().evidence().is_some(), "for an audit");
    }
}

// S-9: below a PRIVATE suffix that is admitted, a proof holds that could be made there now.
#[tokio::test]
async fn a_proof_of_a_private_suffix_is_as_one_made_there() {
    let full = world();
    let (tenant, name) = (account("t"), domain("example.net"));
    let issued = full.dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
    full.publish(&issued);
    let proven = full.dcv.verify(&tenant, issued.id()).await.unwrap();
    let written = serde_json::to_value(proven.challenge()).unwrap();
    let list = SuffixList::parse(LIST.as_bytes()).unwrap();
    let policy = SuffixPolicy::strict().allow_private_suffixes();
    for (basis, quorum, end, holds) in [
        ("quorum", [1, 1], "", false),
        ("quorum", [2, 3], "", true),
        ("secure", [1, 1], "", true),
        ("quorum", [2, 3], "x.", false),
        ("secure", [1, 1], "x.", false),
    ] {
        let mut written = written.clone();
        let evidence = &mut written["evidence"];
        evidence["basis"] = basis.into();
        evidence["quorum"] = quorum.to_vec().into();
        evidence["omitted"] = (quorum[0] - 1).into();
        let sighting = &mut evidence["sightings"][0];
        sighting["final_name"] = format!("{end}{}", issued.owner()).into();
        if basis == "secure" {
            sighting["security"] = "secure".into();
            sighting["perspective"]["trust"] = "validating".into();
        }
        let read = serde_json::from_value::<Challenge>(written).unwrap();
        let store = MemoryStore::restore([read]).unwrap();
        let suffixes = SharedSuffixes::from(SuffixGuard::new(list.clone(), policy));
        let world = world_with(|builder| builder.store(store).suffixes(suffixes));
        let proof = world.dcv.control(&tenant, &name).await.unwrap();
        assert_eq!(proof.is_some(), holds, "{basis} {quorum:?} {end}");
        let check = world.dcv.verify(&tenant, issued.id()).await.unwrap();
        assert_eq!(check.is_validated(), holds, "{basis} {quorum:?} {end}");
    }
}
