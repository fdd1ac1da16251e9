//! Explanations: `check --explain`, and `replay`.

use std::net::Ipv4Addr;

use crate::faulty::Failing;
use crate::program::{Place, dcv, unwritten};
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
}

// What was seen is worth as much where it cannot be written down: the result is printed as ever, then
// somebody is told; and what was in the file is still there.
#[tokio::test]
async fn what_cannot_be_written_loses_no_result() {
    let place = Place::new();
    let (issued, server) = (place.challenge(&[]).await, server().await);
    let (store, at) = (place.store(), server.address().to_string());
    let check = ["check", issued.id(), "--store", &store, "--server", &at];
    let mut paths = vec![place.path("no/such/folder.json"), place.path("")];
    #[cfg(unix)]
    {
        let dangling = place.path("dangling.json");
        std::os::unix::fs::symlink(place.path("nothing"), &dangling).unwrap();
        paths.extend([dangling, "/dev/null".into()]);
    }
    for path in paths {
        let written = ["--json", "--transcript", path.to_str().unwrap()];
        let run = unwritten(check.iter().chain(&written)).await;
        run.refused("cannot be written");
        assert_eq!(run.json()["verdict"], "unproven", "{run:?}");
    }
    assert!(!place.path("nothing").exists());

    // More was seen than a transcript may have.
    let mut args = ["check", issued.id(), "--store", &store, "--json"]
        .map(str::to_owned)
        .to_vec();
    let mut servers = Vec::new();
    for number in 0..5 {
        let server = self::server().await;
        for name in 0..7 {
            let value = format!("{} {number}-{name}-{}", issued.value(), "x".repeat(8_000));
            server.publish(&issued.owner(), &value, 300).await.unwrap();
        }
        args.extend(["--server".into(), format!("n{number}@{}", server.address())]);
        servers.push(server);
    }
    let file = place.path("transcript.json");
    std::fs::write(&file, "as it was").unwrap();
    args.extend(["--transcript".into(), file.to_str().unwrap().into()]);
    let run = unwritten(args).await;
    run.refused("a check of a zone that answers with many long records cannot be kept");
    assert_eq!(run.json()["id"], issued.id(), "{run:?}");
    assert_eq!(std::fs::read(&file).unwrap(), b"as it was");
}

// The store, and what is kept beside it, is no place for a transcript, whatever it is called: that is
// said before anybody is asked.
#[tokio::test]
async fn the_store_is_never_overwritten() {
    let place = Place::new();
    let (issued, server) = (place.challenge(&[]).await, server().await);
    let (store, at) = (place.store(), server.address().to_string());
    let before = std::fs::read(&store).unwrap();
    let mut stores = vec![place.path("dcv.json")];
    let mut paths = vec![
        place.path("dcv.json"),
        place.path("./dcv.json"),
        place.path(".dcv.json.dcv-lock"),
        place.path(".dcv.json.dcv-new"),
    ];
    #[cfg(unix)]
    {
        std::fs::create_dir(place.path("folder")).unwrap();
        std::fs::hard_link(&store, place.path("hard.json")).unwrap();
        std::os::unix::fs::symlink(&store, place.path("link.json")).unwrap();
        std::os::unix::fs::symlink("../link.json", place.path("folder/link.json")).unwrap();
        std::os::unix::fs::symlink(place.path(""), place.path("around")).unwrap();
        for name in ["hard.json", "folder/link.json", "folder/../dcv.json"] {
            paths.push(place.path(name));
        }
        paths.push(place.path("around/dcv.json"));
        paths.push(place.path("around/.dcv.json.dcv-new"));
        stores.extend([place.path("link.json"), place.path("around/dcv.json")]);
    }
    for (store, path) in stores
        .iter()
        .flat_map(|one| paths.iter().map(move |path| (one, path)))
    {
        let args = ["check", issued.id(), "--server", &at, "--store"];
        let args = args.map(std::ffi::OsStr::new).into_iter();
        let args = args.chain([store.as_os_str(), "--transcript".as_ref(), path.as_os_str()]);
        let run = dcv(args).await;
        run.refused("--transcript names a file of the store");
        run.refused("name another file");
        run.refused("Try `dcv check --help`");
    }
    // Not even the attempt is counted.
    assert_eq!(std::fs::read(&store).unwrap(), before);
    // The same in another folder is another file.
    let other = Place::new();
    let run = dcv([
        "check",
        issued.id(),
        "--store",
        &store,
        "--server",
        &at,
        "--transcript",
        &other.store(),
    ])
    .await;
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(other.names(), ["dcv.json"]);
}

// Nobody else can read a transcript, be the file there before or not; a link to it stays, and nobody
// who has it open sees it change.
#[cfg(unix)]
#[tokio::test]
async fn a_transcript_takes_the_place_of_another() {
    use std::io::Read as _;
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let (issued, server) = (place.challenge(&[]).await, server().await);
    let (store, at) = (place.store(), server.address().to_string());
    let (file, link) = (place.path("transcript.json"), place.path("link.json"));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    std::fs::write(&file, "as it was").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut opened = std::fs::File::open(&file).unwrap();
    let check = ["check", issued.id(), "--store", &store, "--server", &at];
    let run = dcv(check
        .iter()
        .chain(&["--transcript", link.to_str().unwrap()]))
    .await;
    assert_eq!(run.code, 1, "{run:?}");
    let mut text = String::new();
    opened.read_to_string(&mut text).unwrap();
    assert_eq!(text, "as it was");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(dcv(["replay", file.to_str().unwrap()]).await.code, 1);
    let names = [
        ".dcv.json.dcv-lock",
        "dcv.json",
        "link.json",
        "transcript.json",
    ];
    assert_eq!(place.names(), names);
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
