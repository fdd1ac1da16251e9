use std::collections::HashSet;
use std::fs;
use std::net::Ipv4Addr;

use dcv::conformance::challenge_store;
use dcv::name::AccountId;
use dcv::store::{ChallengeQuery, ChallengeStore as _, Page};
use futures_util::future::join_all;

use crate::file_store::FileStore;
use crate::program::{Issued, Place, dcv};
use crate::server::DnsServer;

const ID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

#[cfg(unix)]
fn mode(path: impl AsRef<std::path::Path>) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    place.challenge(&[]).await;
    assert_eq!(mode(place.store()), 0o600);
    // Nor when it could be read before.
    fs::set_permissions(place.store(), fs::Permissions::from_mode(0o644)).unwrap();
    place.challenge(&["--account", "43"]).await;
    assert_eq!(mode(place.store()), 0o600);
    for name in place.names() {
        assert_eq!(mode(place.path(&name)), 0o600, "{name}");
    }
}

// A directory that others can write to: what they put in the lock's place is not opened.
#[cfg(unix)]
#[tokio::test]
async fn a_lock_that_is_a_link_is_refused() {
    let place = Place::new();
    let elsewhere = place.path("elsewhere");
    std::os::unix::fs::symlink(&elsewhere, place.path(".dcv.json.dcv-lock")).unwrap();
    place
        .issue("example.com", &[])
        .await
        .refused("is not a file");
    assert!(!elsewhere.exists());
}

/// A store with one challenge, as it is written.
async fn good() -> String {
    let place = Place::new();
    place.challenge(&[]).await;
    fs::read_to_string(place.store()).unwrap()
}

// S-4
#[tokio::test]
async fn a_damaged_file_is_left_as_it_is() {
    let good = good().await;
    let challenge = {
        let store: serde_json::Value = serde_json::from_str(&good).unwrap();
        store["challenges"][0].to_string()
    };
    let store = |challenges: &str| {
        format!(r#"{{"format":"dcv-challenges","version":1,"challenges":[{challenges}]}}"#)
    };
    let half = good.get(..good.len() / 2).unwrap().to_owned();
    let contents: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "is damaged"),
        (b"\n".to_vec(), "is damaged"),
        (b"\0\0\0\0".to_vec(), "is damaged"),
        (b"\xff\xfe".to_vec(), "is damaged"),
        (b"null".to_vec(), "is damaged"),
        (b"{}".to_vec(), "is damaged"),
        (b"[]".to_vec(), "is damaged"),
        (b"\x1b[31m".to_vec(), "is damaged"),
        (br#"{"\u001b[31m":1}"#.to_vec(), "is damaged"),
        ("[".repeat(100_000).into(), "is damaged"),
        (half.into(), "is damaged"),
        (format!("{good}x").into(), "is damaged"),
        (
            good.replace("dcv-challenges", "something-else").into(),
            "not of this program",
        ),
        (
            good.replace("\"version\": 1", "\"version\": 2").into(),
            "format version 2",
        ),
        (
            store(&format!("{challenge},{challenge}")).into(),
            "is damaged",
        ),
        (
            store(&challenge.replace("_example-saas-challenge.", "")).into(),
            "is damaged",
        ),
        (
            store(&challenge.replace("\"pending\"", "\"validated\"")).into(),
            "is damaged",
        ),
        (
            store(&challenge.replace("\"host\"", "\"\\u001b[2J\"")).into(),
            "is damaged",
        ),
        (
            store(&challenge.replacen('{', "{\"unknown\":1,", 1)).into(),
            "is damaged",
        ),
        (
            store(&challenge).replacen('{', "{\"unknown\":1,", 1).into(),
            "is damaged",
        ),
        (
            store(&challenge.replace("\"revision\":1", "\"revision\":9223372036854775807")).into(),
            "is damaged",
        ),
        (
            store(&challenge.replace("\"value\":\"token=", "\"value\":\"token=x")).into(),
            "is damaged",
        ),
        (store("42").into(), "is damaged"),
    ];
    for (content, why) in contents {
        let place = Place::new();
        fs::write(place.store(), &content).unwrap();
        for run in [
            place.issue("example.com", &[]).await,
            place.check(ID, &[]).await,
        ] {
            run.refused(why);
            run.refused("dcv.json");
        }
        assert_eq!(fs::read(place.store()).unwrap(), content);
    }
    // The frame in which the damage was put is a sound one.
    let place = Place::new();
    fs::write(place.store(), store(&challenge)).unwrap();
    assert_eq!(place.issue("example.com", &[]).await.code, 0);
}

// S-16
#[tokio::test]
async fn a_file_over_the_limit_is_not_read() {
    let place = Place::new();
    let size = (64 << 20) + 1;
    fs::File::create(place.store())
        .unwrap()
        .set_len(size)
        .unwrap();
    place.issue("example.com", &[]).await.refused("over 64 MiB");
    assert_eq!(fs::metadata(place.store()).unwrap().len(), size);
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let place = Place::new();
    fs::create_dir(place.store()).unwrap();
    place
        .issue("example.com", &[])
        .await
        .refused("is not a file");
    place.check(ID, &[]).await.refused("is not a file");
    #[cfg(unix)]
    for path in ["/", ".", "..", "/dev/null"] {
        let args = [
            "issue",
            "example.com",
            "--provider",
            "p",
            "--account",
            "a",
            "--store",
            path,
        ];
        dcv(args).await.refused("is not a file");
    }
}

#[tokio::test]
async fn where_nothing_can_be_written_nothing_is_issued() {
    let place = Place::new();
    fs::write(place.path("file"), "x").unwrap();
    let mut paths = vec![place.path("missing/dcv.json"), place.path("file/dcv.json")];
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let locked = place.path("locked");
        fs::create_dir(&locked).unwrap();
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o500)).unwrap();
        // Root may write there all the same.
        if fs::write(locked.join("probe"), "").is_err() {
            paths.push(locked.join("dcv.json"));
        }
    }
    for path in paths {
        let path = path.to_str().unwrap();
        let args = [
            "issue",
            "example.com",
            "--provider",
            "p",
            "--account",
            "a",
            "--store",
            path,
        ];
        dcv(args).await.refused("dcv.json");
    }
    assert_eq!(fs::read(place.path("file")).unwrap(), b"x");
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_is_followed_and_stays() {
    let place = Place::new();
    let real = Place::new();
    std::os::unix::fs::symlink(real.store(), place.store()).unwrap();
    place
        .issue("example.com", &[])
        .await
        .refused("a link to a file that is not there");
    let issued = real.challenge(&[]).await;
    assert_eq!(place.challenge(&[]).await.id(), issued.id());
    let other = place.challenge(&["--account", "43"]).await;
    assert!(fs::symlink_metadata(place.store()).unwrap().is_symlink());
    assert_eq!(real.challenge(&["--account", "43"]).await.id(), other.id());
}

#[tokio::test]
async fn what_a_killed_process_left_does_no_harm() {
    let place = Place::new();
    fs::write(place.path(".dcv.json.dcv-new"), "half of it").unwrap();
    fs::write(place.path(".dcv.json.dcv-lock"), "").unwrap();
    place.challenge(&[]).await;
    assert_eq!(place.names(), [".dcv.json.dcv-lock", "dcv.json"]);
}

// S-15
#[tokio::test]
async fn processes_at_the_same_time_lose_nothing() {
    let place = Place::new();
    let accounts: Vec<String> = (0..16).map(|number| number.to_string()).collect();
    // Each account twice: the second gets what the first has made.
    let runs = accounts.iter().chain(&accounts);
    let runs = runs.map(async |account| place.challenge(&["--account", account]).await);
    let mut issued = join_all(runs).await;
    let again = issued.split_off(accounts.len());
    let ids = |issued: &[Issued]| {
        issued
            .iter()
            .map(|one| one.id().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&issued), ids(&again));
    let ids = ids(&issued);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), accounts.len());

    // All of them are checked, twice at the same time.
    let server = DnsServer::start("example.com", Ipv4Addr::LOCALHOST.into())
        .await
        .unwrap();
    let servers = [server.address().to_string()];
    let check = async |code| {
        let checks = ids.iter().chain(&ids).map(|id| place.check(id, &servers));
        for run in join_all(checks).await {
            assert_eq!(run.code, code, "{run:?}");
        }
        let stored = fs::read(place.store()).unwrap();
        let stored: serde_json::Value = serde_json::from_slice(&stored).unwrap();
        let challenges = stored["challenges"].as_array().unwrap().clone();
        assert_eq!(challenges.len(), accounts.len());
        challenges
    };
    for challenge in check(1).await {
        assert!(challenge["attempts"].as_u64().unwrap() >= 1, "{challenge}");
    }
    for one in &issued {
        server
            .publish(&one.owner(), one.value(), 300)
            .await
            .unwrap();
    }
    for challenge in check(0).await {
        assert_eq!(challenge["state"]["name"], "validated", "{challenge}");
    }
}

// S-15
#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_store_like_any_other() {
    let place = Place::new();
    place.challenge(&[]).await;
    let store = FileStore::existing(place.store().into()).unwrap();
    let report = challenge_store(&store).await;
    assert!(report.is_conforming(), "{report}");
    // What was there before is still there, and what the suite did is in the file.
    let reopened = FileStore::new(place.store().into()).unwrap();
    let all = reopened
        .find(&ChallengeQuery::new(), Page::default())
        .await
        .unwrap();
    assert!(all.len() > 1);
    let account = AccountId::new("42").unwrap();
    assert_eq!(
        all.iter().filter(|one| *one.account() == account).count(),
        1
    );
}

#[tokio::test]
async fn an_unknown_challenge_is_not_found() {
    let place = Place::new();
    place.challenge(&[]).await;
    let before = fs::read(place.store()).unwrap();
    place.check(ID, &[]).await.refused("there is no challenge");
    assert_eq!(fs::read(place.store()).unwrap(), before);
}
