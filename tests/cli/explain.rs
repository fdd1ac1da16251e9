//! Explanations: `check --explain`, and `replay`.

use std::net::Ipv4Addr;

use crate::faulty::Failing;
use crate::program::{Place, dcv};
use crate::server::DnsServer;

async fn server() -> DnsServer {
    DnsServer::start("example.com", Ipv4Addr::LOCALHOST.into())
        .await
        .unwrap()
}

// the findings are in the same object, and nothing else of it changes.
#[tokio::test]
async fn findings_are_in_the_object() {
    let place = Place::new();
    let (issued, server) = (place.challenge(&[]).await, server().await);
    let (store, at) = (place.store(), server.address().to_string());
    let check = ["check", issued.id(), "--store", &store, "--server", &at];
    let plain = dcv(check.iter().chain(&["--json"])).await;
    let explained = dcv(check.iter().chain(&["--json", "--explain"])).await;
    assert_eq!((plain.code, explained.code), (1, 1));
    let (plain, explained) = (plain.json(), explained.json());
    assert!(plain["diagnosis"].is_null());
    assert!(explained["diagnosis"]["findings"].is_array());
    assert!(explained["diagnosis"]["queries"].is_u64());
    for field in ["id", "verdict", "reason", "record", "state", "scope"] {
        assert_eq!(plain[field], explained[field], "{field}");
    }
    // What the check saw, and not what the explanation is made of.
    let seen = explained["observations"].as_array().unwrap();
    assert!(seen.iter().all(|one| one["purpose"] == "record"));

    server
        .publish(&issued.owner(), issued.value(), 300)
        .await
        .unwrap();
    let proven = dcv(check.iter().chain(&["--json", "--explain"])).await;
    assert_eq!(proven.code, 0, "{proven:?}");
    assert_eq!(
        proven.json()["diagnosis"]["findings"],
        serde_json::json!([])
    );
    assert_eq!(proven.json()["diagnosis"]["queries"], 0);
}

// the exit status is that of the verdict; without a terminal there are no colours.
#[tokio::test]
async fn people_read_why() {
    let place = Place::new();
    let (issued, server) = (place.challenge(&[]).await, server().await);
    let (store, at) = (place.store(), server.address().to_string());
    let check = ["check", issued.id(), "--store", &store, "--explain"];
    let hints = [
        "--hint-published",
        "--edited-at",
        "Some \u{1b}[31m provider",
    ];
    let run = dcv(check.iter().chain(&["--server", &at]).chain(&hints)).await;
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.stdout.starts_with("example.com is not proven: "),
        "{run:?}"
    );
    assert!(run.stdout.lines().all(|line| line.len() <= 100), "{run:?}");

    let failing = Failing::start(2).await;
    let run = dcv(check.iter().chain(&["--server", &failing.at()])).await;
    assert_eq!(run.code, 2, "{run:?}");
    assert!(
        run.stdout.starts_with("example.com is not proven yet: "),
        "{run:?}"
    );
}

// S-10: name servers are asked at public addresses alone, unless somebody says otherwise.
#[tokio::test]
async fn ranges_and_ports_are_understood() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let (store, server) = (place.store(), server().await);
    let at = server.address().to_string();
    let check = ["check", issued.id(), "--store", &store, "--server", &at];
    for (more, why) in [
        (&["--ask", "everywhere"][..], "--ask: "),
        (&["--ask", "10.0.0.0/40"], "--ask: "),
        (&["--ask-port", "0"], "--ask-port 0 is not a port"),
        (&["--ask-port", "x"], "--ask-port x is not a port"),
        (&["--hint-published"], "add that"),
        (&["--edited-at", "somebody"], "add that"),
        (&["--explain", "--explain"], "--explain is given twice"),
        (&["--transcript"], "--transcript needs a value"),
    ] {
        dcv(check.iter().chain(more)).await.refused(why);
    }
    let port = server.address().port().to_string();
    let network = [
        "--explain",
        "--ask",
        "127.0.0.0/8",
        "--ask",
        "::1/128",
        "--ask-port",
        &port,
    ];
    let run = dcv(check.iter().chain(&network)).await;
    assert_eq!(run.code, 1, "{run:?}");
}

// S-4
#[tokio::test]
async fn what_is_no_transcript_is_refused() {
    let place = Place::new();
    let missing = place.path("missing.json");
    let missing = missing.to_str().unwrap();
    dcv(["replay", missing]).await.refused("cannot be read");
    dcv(["replay", "\u{1b}[31m"])
        .await
        .refused("the transcript \\027[31m cannot be read");
    dcv(["replay"]).await.refused("FILE is missing");
    let large = place.path("large.json");
    std::fs::write(&large, vec![b' '; (1 << 20) + 1]).unwrap();
    let large = large.to_str().unwrap();
    dcv(["replay", large])
        .await
        .refused("is too large to be one");
    place.challenge(&[]).await;
    dcv(["replay", &place.store()])
        .await
        .refused("this is no transcript of dcv");
    let help = dcv(["replay", "--help"]).await;
    assert!(help.stdout.contains("It proves nothing."), "{help:?}");
}

// X-01, S-4: what a transcript holds is decided and explained as it was, offline; and nobody else
// can read it.
#[tokio::test]
async fn a_transcript_is_replayed() {
    let place = Place::new();
    let (issued, server) = (place.challenge(&[]).await, server().await);
    let quoted = format!("\"{}\"", issued.value());
    server.publish(&issued.owner(), &quoted, 300).await.unwrap();
    let (store, at) = (place.store(), server.address().to_string());
    let file = place.path("transcript.json");
    let file = file.to_str().unwrap();
    let check = ["check", issued.id(), "--store", &store, "--server", &at];
    let written = ["--explain", "--transcript", file, "--json"];
    let run = dcv(check.iter().chain(&written)).await;
    assert_eq!(run.code, 1, "{run:?}");
    let checked = run.json();
    assert_eq!(
        checked["diagnosis"]["findings"][0]["code"],
        "quotes-in-value"
    );
    drop(server);

    let replayed = dcv(["replay", file, "--json"]).await;
    assert_eq!(replayed.code, 1, "{replayed:?}");
    let replayed = replayed.json();
    for field in [
        "id",
        "verdict",
        "reason",
        "record",
        "diagnosis",
        "next_check_at",
    ] {
        assert_eq!(checked[field], replayed[field], "{field}");
    }
    let people = dcv(["replay", file]).await;
    assert!(
        people.stdout.starts_with("As it was seen at "),
        "{people:?}"
    );
    assert!(
        people.stdout.contains("\nexample.com was not proven: "),
        "{people:?}"
    );
    assert!(people.stdout.contains("quotation marks"), "{people:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Where nothing can be written, somebody is told.
    let nowhere = place.path("no/such/folder.json");
    let written = ["--transcript", nowhere.to_str().unwrap()];
    let run = dcv(check.iter().chain(&written)).await;
    run.refused("cannot be written");
}

// The cause stands first, and is what a person reads first.
#[tokio::test]
async fn the_cause_stands_first() {
    let place = Place::new();
    let (issued, server) = (place.challenge(&[]).await, server().await);
    let apex = "example.com".parse().unwrap();
    server.publish(&apex, issued.value(), 300).await.unwrap();
    let (store, at) = (place.store(), server.address().to_string());
    let check = [
        "check",
        issued.id(),
        "--store",
        &store,
        "--server",
        &at,
        "--explain",
    ];
    let run = dcv(check.iter().chain(&["--json"])).await;
    let findings = &run.json()["diagnosis"]["findings"];
    assert_eq!(findings[0]["code"], "record-at-apex", "{run:?}");
    assert!(run.json()["diagnosis"]["queries"].as_u64().unwrap() > 0);
    let people = dcv(check).await;
    assert!(people.stdout.contains("What is wrong"), "{people:?}");
}
