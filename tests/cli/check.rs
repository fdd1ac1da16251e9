use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::faulty::{self, Failing};
use crate::program::{Issued, Place, Run, dcv};
use crate::server::DnsServer;

const SERVFAIL: u8 = 2;
const REFUSED: u8 = 5;

async fn server() -> DnsServer {
    DnsServer::start("example.com", Ipv4Addr::LOCALHOST.into())
        .await
        .unwrap()
}

/// A server with the record that a challenge asks for.
async fn server_with(issued: &Issued) -> DnsServer {
    let server = server().await;
    server
        .publish(&issued.owner(), issued.value(), 300)
        .await
        .unwrap();
    server
}

fn at(server: &DnsServer) -> String {
    server.address().to_string()
}

/// Holds what came out of a check, and that the object says so.
fn concludes(run: &Run, code: i32, verdict: &str, reason: &str) {
    assert_eq!(run.code, code, "{run:?}");
    let object = run.json();
    assert_eq!(object["verdict"], verdict, "{run:?}");
    assert_eq!(object["reason"], reason, "{run:?}");
    assert!(
        !object["explanation"].as_str().unwrap().is_empty(),
        "{run:?}"
    );
}

// X-01, L-02, T-06
#[tokio::test]
async fn absent_then_published_then_proven_for_good() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let server = server().await;

    let run = place.check(issued.id(), &[at(&server)]).await;
    concludes(&run, 1, "unproven", "no-such-name");
    let object = run.json();
    assert_eq!(object["id"], issued.0["id"]);
    assert_eq!(object["record"], issued.0["record"]);
    assert_eq!(object["state"], "pending");
    assert!(object["evidence"].is_null());
    assert!(object["next_check_at"].is_string());
    let seen = &object["observations"][0];
    assert_eq!(seen["perspective"], at(&server));
    assert_eq!(seen["outcome"], "no-such-name");

    server
        .publish(&issued.owner(), issued.value(), 300)
        .await
        .unwrap();
    let run = place.check(issued.id(), &[at(&server)]).await;
    concludes(&run, 0, "validated", "quorum");
    let object = run.json();
    assert_eq!(object["state"], "validated");
    assert!(object["valid_until"].is_string());
    assert!(object["next_check_at"].is_null());
    let evidence = object["evidence"].to_string();
    assert!(evidence.contains(&at(&server)), "{evidence}");
    assert!(!evidence.contains(issued.token()), "{evidence}");

    // It stays so, whoever is asked; nobody is.
    let broken = Failing::start(SERVFAIL).await;
    let run = place.check(issued.id(), &[broken.at()]).await;
    concludes(&run, 0, "validated", "quorum");
    assert_eq!(run.json()["observations"], serde_json::json!([]));
    // A new challenge has its own token.
    assert_ne!(place.challenge(&[]).await.token(), issued.token());
}

// X-03, K-09, S-12, S-18
#[tokio::test]
async fn other_peoples_records_neither_prove_nor_disturb() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let server = server().await;
    let (owner, upper) = (issued.owner(), issued.token().to_uppercase());
    let foreign = [
        "v=spf1 -all",
        "",
        "token=",
        "\u{1b}[31m\u{85}\"\\\u{e4}",
        &format!("token={upper}"),
        &format!("\"{}\"", issued.value()),
        &format!("x{}", issued.value()),
    ];
    for value in foreign {
        server.publish(&owner, value, 300).await.unwrap();
    }
    let run = place.check(issued.id(), &[at(&server)]).await;
    assert_eq!(run.code, 1, "{run:?}");
    let object = run.json();
    assert_eq!(object["verdict"], "unproven");
    let values = object["observations"][0]["values"].to_string();
    assert!(
        values.contains(r"\\027[31m\\194\\133\\034\\092\\195\\164"),
        "{values}"
    );

    server.publish(&owner, issued.value(), 300).await.unwrap();
    let run = place.check(issued.id(), &[at(&server)]).await;
    concludes(&run, 0, "validated", "quorum");
}

// K-10: what was forgiven is in the object, at once and later, and is said to people.
#[tokio::test]
async fn what_was_forgiven_is_told() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let server = server().await;
    let value = format!(" {}", issued.value());
    server.publish(&issued.owner(), &value, 300).await.unwrap();
    for _ in 0..2 {
        let run = place.check(issued.id(), &[at(&server)]).await;
        concludes(&run, 0, "validated", "quorum");
        let object = run.json();
        let words = serde_json::json!(["leading-space"]);
        assert_eq!(object["forgiven"], words);
        assert_eq!(object["evidence"]["forgiven"], words);
    }
    let (store, address) = (place.store(), at(&server));
    let check = [
        "check",
        issued.id(),
        "--store",
        &store,
        "--server",
        &address,
    ];
    for more in [&[][..], &["--explain"]] {
        let run = dcv(check.iter().chain(more)).await;
        assert!(run.stdout.contains("starts with spaces"), "{run:?}");
    }

    let exact = place.challenge(&["--account", "43"]).await;
    let server = server_with(&exact).await;
    let run = place.check(exact.id(), &[at(&server)]).await;
    assert_eq!(run.json()["forgiven"], serde_json::json!([]));
}

// S-16, S-18
#[tokio::test]
async fn a_crowd_of_records_is_cut_short_in_print() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let server = server().await;
    for number in 0..40 {
        let value = format!("{number} {}", "x".repeat(1000));
        server.publish(&issued.owner(), &value, 300).await.unwrap();
    }
    let run = place.check(issued.id(), &[at(&server)]).await;
    concludes(&run, 1, "unproven", "different");
    let seen = &run.json()["observations"][0];
    assert_eq!(seen["values"].as_array().unwrap().len(), 8);
    assert_eq!(seen["omitted"], 32);
    assert!(run.stdout.len() < 8 * 1024, "{}", run.stdout.len());
}

// S-8
#[tokio::test]
async fn a_wildcard_in_place_of_the_record_is_rejected() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let server = server().await;
    let wildcard = "*.example.com".parse().unwrap();
    server
        .publish(&wildcard, issued.value(), 300)
        .await
        .unwrap();
    let run = place.check(issued.id(), &[at(&server)]).await;
    concludes(&run, 1, "rejected", "wildcard");
    assert!(run.json()["next_check_at"].is_null());
}

// D-03, S-7
#[tokio::test]
async fn servers_that_fail_prove_nothing_either_way() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    for code in [SERVFAIL, REFUSED] {
        let server = Failing::start(code).await;
        let run = place.check(issued.id(), &[server.at()]).await;
        concludes(&run, 2, "indeterminate", "lookup-failed");
    }
    // A server of other zones.
    let server = DnsServer::start("example.net", Ipv4Addr::LOCALHOST.into())
        .await
        .unwrap();
    let run = place.check(issued.id(), &[at(&server)]).await;
    concludes(&run, 2, "indeterminate", "lookup-failed");
}

// S-16
#[tokio::test]
async fn a_silent_server_is_given_up() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let (_socket, silent) = faulty::silent().await;
    let run = place.check(issued.id(), &[silent]).await;
    concludes(&run, 2, "indeterminate", "lookup-failed");
    assert_eq!(run.json()["observations"][0]["failure"], "no reply in time");
}

// D-04, S-3
#[tokio::test]
async fn of_several_servers_more_than_half_decide() {
    let place = Place::new();
    let first = place.challenge(&[]).await;
    let (with, without) = (server_with(&first).await, server().await);
    let run = place.check(first.id(), &[at(&with), at(&without)]).await;
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(run.json()["verdict"], "indeterminate");

    let other = server().await;
    let run = place
        .check(first.id(), &[at(&with), at(&without), at(&other)])
        .await;
    concludes(&run, 1, "unproven", "no-such-name");

    let broken = Failing::start(SERVFAIL).await;
    let run = place
        .check(first.id(), &[at(&with), broken.at(), at(&other)])
        .await;
    assert_eq!(
        (run.code, &run.json()["verdict"]),
        (2, &"indeterminate".into()),
        "{run:?}"
    );

    let second = server_with(&first).await;
    let servers = [at(&with), broken.at(), at(&second)];
    let run = place.check(first.id(), &servers).await;
    concludes(&run, 0, "validated", "quorum");
    assert_eq!(run.json()["evidence"]["quorum"], serde_json::json!([2, 3]));

    // Both of two.
    let issued = place.challenge(&["--account", "43"]).await;
    let (one, two) = (server_with(&issued).await, server_with(&issued).await);
    let run = place.check(issued.id(), &[at(&one), at(&two)]).await;
    concludes(&run, 0, "validated", "quorum");
}

// S-3: servers of one operator are one voice, and whoever names them is told.
#[tokio::test]
async fn servers_of_one_operator_count_once() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let (one, two) = (server_with(&issued).await, server_with(&issued).await);
    let broken = Failing::start(SERVFAIL).await;
    let named = |operators: [&str; 3]| {
        let addresses = [at(&one), at(&two), broken.at()];
        let named = operators.iter().zip(addresses);
        named
            .map(|(name, address)| format!("{name}@{address}"))
            .collect::<Vec<_>>()
    };
    let run = place
        .check(issued.id(), &named(["isp", "isp", "other"]))
        .await;
    assert_eq!(
        (run.code, &run.json()["verdict"]),
        (2, &"indeterminate".into()),
        "{run:?}"
    );

    let run = place
        .check(issued.id(), &named(["isp", "own", "other"]))
        .await;
    concludes(&run, 0, "validated", "quorum");
    assert_eq!(run.json()["evidence"]["quorum"], serde_json::json!([2, 3]));

    let store = place.store();
    let servers = named(["isp", "isp", "isp"]);
    let servers = servers.iter().flat_map(|server| ["--server", server]);
    let run = dcv(["check", issued.id(), "--store", &store]
        .into_iter()
        .chain(servers))
    .await;
    for passage in ["The 3 servers count as 1", "--server NAME@ADDRESS"] {
        assert!(run.stdout.contains(passage), "{run:?}");
    }
}

#[tokio::test]
async fn servers_are_asked_over_ipv6() {
    let server = match DnsServer::start("example.com", IpAddr::V6(Ipv6Addr::LOCALHOST)).await {
        Ok(server) => server,
        Err(error) => return eprintln!("skipped: there is no IPv6 here ({error})"),
    };
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    server
        .publish(&issued.owner(), issued.value(), 300)
        .await
        .unwrap();
    let run = place.check(issued.id(), &[at(&server)]).await;
    concludes(&run, 0, "validated", "quorum");
    assert_eq!(run.json()["observations"][0]["perspective"], at(&server));
}

// K-01, SC-01
#[tokio::test]
async fn syntaxes_and_scopes_are_proven_as_issued() {
    let place = Place::new();
    for (account, more) in [
        ("1", &["--syntax", "legacy-comma"]),
        ("2", &["--scope", "wildcard"]),
        ("3", &["--scope", "domain"]),
    ] {
        let issued = place
            .challenge(&[&["--account", account], &more[..]].concat())
            .await;
        let server = server_with(&issued).await;
        let run = place.check(issued.id(), &[at(&server)]).await;
        concludes(&run, 0, "validated", "quorum");
        assert_eq!(run.json()["scope"], issued.0["scope"]);
    }
    // What is a comma in one syntax is part of the token in the other.
    let issued = place.challenge(&[]).await;
    let server = server().await;
    let value = issued.value().replace(' ', ",");
    server.publish(&issued.owner(), &value, 300).await.unwrap();
    let run = place.check(issued.id(), &[at(&server)]).await;
    concludes(&run, 1, "unproven", "different");
}

// E-07, S-5
#[tokio::test]
async fn an_expired_challenge_is_rejected_without_a_look() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let server = server_with(&issued).await;
    let mut store: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.store()).unwrap()).unwrap();
    let challenge = &mut store["challenges"][0];
    challenge["issued_at"] = "2020-01-01T00:00:00Z".into();
    challenge["expires_at"] = "2020-01-08T00:00:00Z".into();
    std::fs::write(place.store(), store.to_string()).unwrap();
    for _ in 0..2 {
        let run = place.check(issued.id(), &[at(&server)]).await;
        concludes(&run, 1, "rejected", "expired");
        assert_eq!(run.json()["state"], "expired");
        assert_eq!(run.json()["observations"], serde_json::json!([]));
    }
    // Whoever asks now gets a new challenge.
    assert_ne!(place.challenge(&[]).await.id(), issued.id());
}

// S-7: what is over by our clock and was looked at before is told as that, and replaced where that
// is asked for.
#[tokio::test]
async fn a_held_challenge_is_told_and_reissued() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let server = server().await;
    place.check(issued.id(), &[at(&server)]).await;
    let mut store: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.store()).unwrap()).unwrap();
    let challenge = &mut store["challenges"][0];
    challenge["issued_at"] = "2020-01-01T00:00:00Z".into();
    challenge["last_checked_at"] = "2020-01-01T01:00:00Z".into();
    challenge["next_check_at"] = "2020-01-01T02:00:00Z".into();
    challenge["expires_at"] = "2020-01-08T00:00:00Z".into();
    std::fs::write(place.store(), store.to_string()).unwrap();
    let run = place.check(issued.id(), &[at(&server)]).await;
    concludes(&run, 1, "rejected", "expired");
    assert_eq!(run.json()["state"], "pending");
    let told = run.json()["explanation"].to_string();
    assert!(
        told.contains("reissue") && !told.contains("issue a new one"),
        "{told}"
    );
    assert_eq!(place.challenge(&[]).await.id(), issued.id());
    let store = place.store();
    let who = ["--provider", "example-saas", "--account", "42"];
    let what = ["issue", "example.com", "--store", &store];
    let run = dcv(what.iter().chain(&who)).await;
    assert!(run.stdout.contains("By our clock"), "{run:?}");
    assert!(!run.stdout.contains("Publish it by"), "{run:?}");
    let new = place.challenge(&["--reissue"]).await;
    assert_ne!(new.id(), issued.id());
    assert_eq!(place.challenge(&[]).await.id(), new.id());
}

#[tokio::test]
async fn people_read_what_was_found() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let (store, server) = (place.store(), server().await);
    let args = [
        "check",
        issued.id(),
        "--store",
        &store,
        "--server",
        &at(&server),
    ];
    let run = dcv(args).await;
    assert_eq!(run.code, 1, "{run:?}");
    for passage in ["not proven", issued.value(), &at(&server), "no-such-name"] {
        assert!(run.stdout.contains(passage), "{passage}: {}", run.stdout);
    }
    server
        .publish(&issued.owner(), issued.value(), 300)
        .await
        .unwrap();
    let run = dcv(args).await;
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stdout.contains("example.com is proven since"),
        "{}",
        run.stdout
    );
}

/// The one challenge of the store, with everything about it as long ago as this date tells.
fn prove_on(place: &Place, day: &str, until: &str) {
    let mut store: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.store()).unwrap()).unwrap();
    let challenge = &mut store["challenges"][0];
    let at = serde_json::Value::from(format!("{day}T12:00:00Z"));
    challenge["issued_at"] = format!("{day}T00:00:00Z").into();
    challenge["expires_at"] = format!("{day}T23:59:59Z").into();
    challenge["last_checked_at"] = at.clone();
    challenge["state"]["at"] = at.clone();
    challenge["state"]["until"] = format!("{until}T12:00:00Z").into();
    challenge["evidence"]["decided_at"] = at.clone();
    challenge["evidence"]["sightings"][0]["at"] = at;
    std::fs::write(place.store(), store.to_string()).unwrap();
}

// P-03, S-7: what was proven once and is over, or is dated in the future, is not proven: not for
// scripts, and not for people. Nobody is asked.
#[tokio::test]
async fn a_proof_counts_in_its_time_only() {
    for (day, until, verdict, reason, state) in [
        (
            "2020-01-01",
            "2099-01-01",
            "validated",
            "quorum",
            "validated",
        ),
        ("2020-01-01", "2020-04-01", "rejected", "ended", "ended"),
        (
            "2098-01-01",
            "2099-01-01",
            "indeterminate",
            "clock-skew",
            "validated",
        ),
    ] {
        let place = Place::new();
        let issued = place.challenge(&[]).await;
        let server = server_with(&issued).await;
        let run = place.check(issued.id(), &[at(&server)]).await;
        concludes(&run, 0, "validated", "quorum");
        prove_on(&place, day, until);
        let code = match verdict {
            "validated" => 0,
            "rejected" => 1,
            _ => 2,
        };
        for _ in 0..2 {
            let run = place.check(issued.id(), &[at(&server)]).await;
            concludes(&run, code, verdict, reason);
            let object = run.json();
            assert_eq!(object["state"], state);
            assert_eq!(object["valid_until"].is_string(), code == 0, "{run:?}");
            assert_eq!(object["observations"], serde_json::json!([]));
        }
        let args = ["check", issued.id(), "--store", &place.store()];
        for more in [&[][..], &["--explain"]] {
            let run = dcv([&args, more].concat()).await;
            assert_eq!(run.code, code, "{run:?}");
            assert_eq!(run.stdout.contains("is proven"), code == 0, "{run:?}");
        }
    }
}
