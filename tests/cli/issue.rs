use crate::program::{Place, dcv};

fn keys(value: &serde_json::Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

// I-02, K-01, E-01, E-02, L-01
#[tokio::test]
async fn the_object_is_the_one_that_scripts_know() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let object = &issued.0;
    assert_eq!(
        keys(object),
        [
            "domain",
            "expires_at",
            "id",
            "instructions",
            "record",
            "scope"
        ]
    );
    assert_eq!(keys(&object["record"]), ["owner", "ttl", "type", "value"]);
    assert_eq!(object["domain"], "example.com");
    assert_eq!(object["scope"], "host");
    let record = &object["record"];
    assert_eq!(record["owner"], "_example-saas-challenge.example.com.");
    assert_eq!(record["type"], "TXT");
    assert_eq!(record["ttl"], 300);
    assert_eq!(issued.id().len(), 26);
    assert_eq!(issued.token().len(), 40);
    let expiry = object["expires_at"].as_str().unwrap();
    assert_eq!(
        issued.value(),
        format!("token={} expiry={expiry}", issued.token())
    );
}

// N-01, N-06, SC-01, SC-04, K-01
#[tokio::test]
async fn domains_scopes_and_syntaxes_come_out_as_asked_for() {
    const HOST: &str = "_example-saas-challenge.example.com.";
    const WILDCARD: &str = "_example-saas-wildcard-challenge.example.com.";
    const DOMAIN: &str = "_example-saas-domain-challenge.example.com.";
    let rows: &[(&str, &[&str], &str, &str, char)] = &[
        ("example.com", &[], "host", HOST, ' '),
        ("EXAMPLE.com.", &["--scope", "host"], "host", HOST, ' '),
        (
            "example.com",
            &["--scope=wildcard"],
            "wildcard",
            WILDCARD,
            ' ',
        ),
        ("*.example.com", &[], "wildcard", WILDCARD, ' '),
        (
            "*.Example.Com.",
            &["--scope=wildcard"],
            "wildcard",
            WILDCARD,
            ' ',
        ),
        ("example.com", &["--scope", "domain"], "domain", DOMAIN, ' '),
        ("example.com", &["--syntax", "space"], "host", HOST, ' '),
        ("example.com", &["--syntax=legacy-comma"], "host", HOST, ','),
    ];
    for (domain, more, scope, owner, separator) in rows {
        let place = Place::new();
        let run = place.issue(domain, more).await;
        assert_eq!(run.code, 0, "{run:?}");
        let object = run.json();
        assert_eq!(object["domain"], "example.com", "{domain} {more:?}");
        assert_eq!(object["scope"], *scope, "{domain} {more:?}");
        assert_eq!(object["record"]["owner"], *owner, "{domain} {more:?}");
        let value = object["record"]["value"].as_str().unwrap();
        assert!(
            value.contains(&format!("{separator}expiry=")),
            "{domain} {more:?} {value}"
        );
    }
    let place = Place::new();
    let run = place.issue("bücher.example.com", &[]).await;
    assert_eq!(run.json()["domain"], "xn--bcher-kva.example.com");
}

// T-06, S-13
#[tokio::test]
async fn the_open_challenge_is_given_again() {
    let place = Place::new();
    let first = place.challenge(&[]).await;
    let written = std::fs::read(place.store()).unwrap();
    assert_eq!(place.challenge(&[]).await.0, first.0);
    assert_eq!(place.challenge(&["--scope", "host"]).await.0, first.0);
    assert_eq!(place.challenge(&["--syntax", "space"]).await.0, first.0);
    assert_eq!(std::fs::read(place.store()).unwrap(), written);
    // Another account, another scope, another domain: another challenge.
    for more in [&["--account", "43"], &["--scope", "domain"]] {
        let other = place.challenge(more).await;
        assert_ne!(other.id(), first.id());
        assert_ne!(other.token(), first.token());
    }
    let other = place.issue("www.example.com", &[]).await.json();
    assert_ne!(other["id"], first.0["id"]);
    // It is never told to be in a syntax in which it is not.
    let other = place
        .issue("example.com", &["--syntax", "legacy-comma"])
        .await;
    other.refused(first.id());
}

// I-02, SC-03
#[tokio::test]
async fn people_read_what_to_publish() {
    let place = Place::new();
    let store = place.store();
    let args = [
        "issue",
        "*.example.com",
        "--provider",
        "saas",
        "--account",
        "42",
        "--store",
        &store,
    ];
    let run = dcv(args).await;
    assert_eq!(run.code, 0, "{run:?}");
    let words: Vec<&str> = run.stdout.split_whitespace().collect();
    let text = words.join(" ");
    for passage in [
        "saas asks for a record",
        "every name exactly one label below example.com",
        "Full name _saas-wildcard-challenge.example.com. ",
        "Host _saas-wildcard-challenge (the full name without example.com;",
        "Type TXT ",
        "Value token=",
        "TTL 300 seconds (5 minutes)",
        "dcv check ",
    ] {
        assert!(text.contains(passage), "{passage}: {}", run.stdout);
    }
}

// I-01, I-02: each form is of the same challenge, and `--json` is one of them.
#[tokio::test]
async fn the_instructions_come_in_every_form() {
    let place = Place::new();
    let issued = place.challenge(&[]).await;
    let store = place.store();
    let in_form = async |format: &[&str]| {
        let usual = ["issue", "example.com", "--provider", "example-saas"];
        let where_to = ["--account", "42", "--store", &store];
        let run = dcv(usual.iter().chain(&where_to).chain(format)).await;
        assert_eq!(run.code, 0, "{run:?}");
        run
    };
    let json = in_form(&["--format", "json"]).await;
    assert_eq!(json.json(), issued.0);
    assert_eq!(in_form(&["--format=json", "--json"]).await.json(), issued.0);
    let instructions = &issued.0["instructions"];
    assert_eq!(instructions["record"], issued.0["record"]);
    assert_eq!(instructions["service"], "example-saas");
    assert_eq!(instructions["proof_lifetime"], 90 * 86_400);

    let zone = in_form(&["--format", "zone"]).await.stdout;
    assert_eq!(
        zone,
        format!("{} 300 IN TXT \"{}\"\n", issued.owner(), issued.value())
    );
    assert_eq!(zone.trim_end(), instructions["zone_line"]);

    let text = in_form(&[]).await.stdout;
    assert_eq!(in_form(&["--format", "text"]).await.stdout, text);
    let markdown = in_form(&["--format", "markdown"]).await.stdout;
    let html = in_form(&["--format", "html"]).await.stdout;
    let shown = |before: &str, text: &str, after: &str| format!("{before}{text}{after}");
    for (form, before, after) in [
        (&text, "", ""),
        (&markdown, "`", "`"),
        (&html, "<code class=\"dcv-literal\">", "</code>"),
    ] {
        let owner = issued.owner().to_string();
        assert!(form.contains(&shown(before, &owner, after)), "{form}");
        assert!(
            form.contains(&shown(before, issued.value(), after)),
            "{form}"
        );
        // The command is for whoever issued it: the other forms are passed on.
        let command = format!("dcv check {} --store ", issued.id());
        assert_eq!(form.contains(&command), form == &text, "{form}");
    }
    assert!(markdown.starts_with("# Prove that you control example.com\n"));
    assert!(html.starts_with("<!DOCTYPE html>\n"));
    assert!(html.ends_with("</html>\n"));
}

#[tokio::test]
async fn unknown_and_contradicting_formats_are_refused() {
    let place = Place::new();
    let refused = place.issue("example.com", &["--format", "text"]).await;
    refused.refused("--json and another --format exclude each other");
    let store = place.store();
    let usual = ["issue", "example.com", "--provider", "p", "--account", "42"];
    let unknown = ["--store", &store, "--format", "pdf"];
    let run = dcv(usual.iter().chain(&unknown)).await;
    run.refused("--format: there are the formats text, markdown, html, json and zone");
}

// PS-01, PS-02, PS-04, N-06, S-9, S-18
#[tokio::test]
async fn what_cannot_be_proven_is_refused_and_nothing_is_stored() {
    let rows = [
        ("com", "public suffix"),
        ("co.uk", "public suffix"),
        ("github.io", "different customers"),
        ("kawasaki.jp", "public suffix"),
        ("host.test", "special-use"),
        ("localhost", "special-use"),
        ("example.nosuchtld", "not on the public suffix list"),
        ("192.0.2.1", "IP address"),
        ("https://example.com/", "only the host name"),
        ("_dmarc.example.com", "not allowed in a host name"),
        ("a..example.com", "nothing stands"),
        ("a.*.example.com", "`*`"),
        ("*.*.example.com", "`*`"),
        ("*", "`*`"),
        ("example.com:53", "only the host name"),
        ("exam ple.com", "blank"),
        ("\u{1b}[31m.example.com", "control character"),
    ];
    let place = Place::new();
    for (domain, why) in rows {
        place.issue(domain, &[]).await.refused(why);
    }
    place
        .issue("*.example.com", &["--scope", "host"])
        .await
        .refused("--scope says host");
    place
        .issue("*.example.com", &["--scope=domain"])
        .await
        .refused("--scope says domain");
    assert!(
        !place.names().contains(&"dcv.json".to_owned()),
        "{:?}",
        place.names()
    );
}
