use std::ffi::OsString;

use crate::program::{Place, dcv};

const ID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

#[tokio::test]
async fn help_and_version_are_results() {
    for (args, passage) in [
        (&["--help"][..], "Usage: dcv issue"),
        (&["-h"], "Usage: dcv issue"),
        (&["issue", "--help"], "--scope SCOPE"),
        (&["issue", "example.com", "-h"], "--scope SCOPE"),
        (&["check", "--help"], "--server ADDRESS"),
        (&["--version"], env!("CARGO_PKG_VERSION")),
        (&["-V"], env!("CARGO_PKG_VERSION")),
    ] {
        let run = dcv(args).await;
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.contains(passage), "{args:?}: {}", run.stdout);
    }
    // The exit codes are part of the contract.
    assert!(dcv(["--help"]).await.stdout.contains("2 indeterminate"));
}

/// Command lines, split at spaces, and what is told; `S` stands for a store.
const WRONG: &[(&str, &str)] = &[
    ("", "give `issue`, `check` or `replay`"),
    ("frobnicate", "no command `frobnicate`"),
    ("--json", "no option `--json`"),
    ("-x", "no option `-x`"),
    ("issue", "DOMAIN is missing"),
    ("issue example.com", "--provider is missing"),
    ("issue example.com --provider p", "--account is missing"),
    (
        "issue example.com --provider p --account a",
        "--store is missing",
    ),
    (
        "issue --provider p --account a --store S",
        "DOMAIN is missing",
    ),
    (
        "issue example.com example.net --provider p --account a --store S",
        "one argument too many",
    ),
    (
        "issue example.com --provider p --account a --store S --nonsense",
        "no option `--nonsense`",
    ),
    (
        "issue example.com --provider p --account a --store S --nonsense=1",
        "no option `--nonsense`",
    ),
    (
        "issue example.com --provider p --account a --store S --server 192.0.2.1",
        "no option `--server`",
    ),
    (
        "issue example.com --provider p --account a --store S -j",
        "no option `-j`",
    ),
    (
        "issue example.com --provider p --account a --store S --store S",
        "--store is given twice",
    ),
    (
        "issue example.com --provider p --provider p --account a --store S",
        "--provider is given twice",
    ),
    (
        "issue example.com --provider p --account a --store S --json --json",
        "--json is given twice",
    ),
    (
        "issue example.com --provider p --account a --store S --json=yes",
        "--json",
    ),
    (
        "issue example.com --provider p --account a --store",
        "--store needs a value",
    ),
    (
        "issue example.com --provider p --account a --store --json",
        "--store needs a value",
    ),
    (
        "issue example.com --provider p --account a --store=",
        "--store is empty",
    ),
    (
        "issue example.com --provider p --account= --store S",
        "--account is empty",
    ),
    (
        "issue example.com --provider -p --account a --store S",
        "--provider needs a value",
    ),
    (
        "issue example.com --provider p_ --account a --store S",
        "--provider: ",
    ),
    (
        "issue example.com --provider acme --account a --store S",
        "acme",
    ),
    (
        "issue example.com --provider a.b --account a --store S",
        "--provider: ",
    ),
    (
        "issue example.com --provider p --account a --store S --scope",
        "--scope needs a value",
    ),
    (
        "issue example.com --provider p --account a --store S --scope all",
        "--scope: `all` is not a scope",
    ),
    (
        "issue example.com --provider p --account a --store S --scope Host",
        "--scope: `Host` is not a scope",
    ),
    (
        "issue example.com --provider p --account a --store S --syntax comma",
        "--syntax: ",
    ),
    ("check", "ID is missing"),
    ("check ID", "--store is missing"),
    ("check ID --store S", "is not there"),
    ("check 42 --store S", "not a challenge id"),
    (
        "check AAAAAAAAAAAAAAAAAAAAAAAAAA --store S",
        "not a challenge id",
    ),
    ("check ID ID --store S", "one argument too many"),
    ("check ID --store S --account a", "no option `--account`"),
    ("check ID --store S --server", "--server needs a value"),
    ("check ID --store S --server=", "--server is empty"),
    (
        "check ID --store S --server ns.example.com",
        "not an address",
    ),
    ("check ID --store S --server 192.0.2.1:", "not an address"),
    ("check ID --store S --server @192.0.2.1", "printable ASCII"),
    ("check ID --store S --server name@", "not an address"),
    (
        "check ID --store S --server a@192.0.2.1 --server b@192.0.2.1",
        "named twice",
    ),
    (
        "check ID --store S --server 192.0.2.1:65536",
        "not an address",
    ),
    (
        "check ID --store S --server 192.0.2.1:0",
        "not an address at which",
    ),
    (
        "check ID --store S --server 0.0.0.0",
        "not an address at which",
    ),
    ("check ID --store S --server ::", "not an address at which"),
    (
        "check ID --store S --server 224.0.0.1",
        "not an address at which",
    ),
    ("check ID --store S --server [2001:db8::1", "not an address"),
    ("check ID --store S --server [192.0.2.1]", "not an address"),
    (
        "check ID --store S --server 192.0.2.1 --server 192.0.2.1:53",
        "192.0.2.1:53 is named twice",
    ),
    (
        "check ID --store S --server 192.0.2.1 --server ::ffff:192.0.2.1",
        "192.0.2.1:53 is named twice",
    ),
    (
        "check ID --store S --server ::1 --server [::1] --server [::1]:53",
        "[::1]:53 is named twice",
    ),
];

// S-3
#[tokio::test]
async fn what_is_not_understood_is_refused() {
    let place = Place::new();
    let store = place.store();
    for (line, why) in WRONG {
        let words = line.split_whitespace().map(|word| match word {
            "S" => &store,
            "ID" => ID,
            other => other,
        });
        dcv(words).await.refused(why);
    }
    let mut many: Vec<String> = ["check", ID, "--store", &store].map(String::from).into();
    many.extend((0..33).map(|number| format!("--server=192.0.2.{number}")));
    dcv(many).await.refused("33 servers are too many");
    assert_eq!(place.names(), Vec::<String>::new());
}

#[tokio::test]
async fn options_stand_in_any_order_and_form() {
    let place = Place::new();
    let store = place.store();
    let first = place.challenge(&[]).await;
    let equals = format!("--store={store}");
    for args in [
        &[
            "issue",
            "--json",
            "--store",
            &store,
            "--account=42",
            "--provider",
            "example-saas",
            "example.com",
        ][..],
        &[
            "issue",
            &equals,
            "--account",
            "42",
            "example.com",
            "--provider=example-saas",
            "--json",
        ],
        &[
            "issue",
            &equals,
            "--account",
            "42",
            "--provider=EXAMPLE-saas",
            "--json",
            "--",
            "example.com",
        ],
    ] {
        let run = dcv(args).await;
        assert_eq!(run.code, 0, "{args:?} {run:?}");
        assert_eq!(run.json(), first.0, "{args:?}");
    }
    // A value that looks like an option can be given all the same.
    let other = place.challenge(&["--account=--json"]).await;
    assert_ne!(other.id(), first.id());
}

/// Every hostile word in every place: refused or taken for what it is, and never a panic.
// S-18
#[tokio::test]
async fn hostile_arguments_are_survived() {
    let place = Place::new();
    let long = "a".repeat(100_000);
    let dots = ".".repeat(10_000);
    let mut words: Vec<OsString> = [
        "",
        "-",
        "--",
        "---",
        "--=",
        "--=x",
        "-\u{1b}",
        "--\u{1b}[2J=x",
        "\u{1b}]0;x\u{7}",
        "\n",
        "\\",
        "\"",
        "*",
        "*.",
        "%s%n",
        "\u{202e}moc.elpmaxe",
        "xn--",
        "xn--a",
        "\u{fffd}",
        &long,
        &dots,
    ]
    .map(OsString::from)
    .into();
    #[cfg(unix)]
    words.push(std::os::unix::ffi::OsStringExt::from_vec(vec![
        0xff, 0xfe, b'=',
    ]));
    let store = OsString::from(place.store());
    for word in &words {
        let word = word.clone();
        let issue = |domain: OsString, provider: OsString, account: OsString, last: OsString| {
            let (provider, account) = (with("--provider=", provider), with("--account=", account));
            vec![
                "issue".into(),
                domain,
                provider,
                account,
                with("--store=", store.clone()),
                last,
            ]
        };
        let check = |id: OsString, server: OsString| {
            let server = with("--server=", server);
            vec!["check".into(), id, server, with("--store=", store.clone())]
        };
        let [domain, provider, account, json] =
            ["example.com", "p", "a", "--json"].map(OsString::from);
        let lines = [
            vec![word.clone()],
            issue(
                word.clone(),
                provider.clone(),
                account.clone(),
                json.clone(),
            ),
            issue(domain.clone(), word.clone(), account.clone(), json.clone()),
            issue(domain.clone(), provider.clone(), word.clone(), json),
            issue(
                domain.clone(),
                provider.clone(),
                account.clone(),
                with("--scope=", word.clone()),
            ),
            issue(
                domain.clone(),
                provider.clone(),
                account.clone(),
                with("--syntax=", word.clone()),
            ),
            issue(domain, provider, account, word.clone()),
            check(word.clone(), "127.0.0.1".into()),
            check(ID.into(), word.clone()),
            vec!["check".into(), ID.into(), with("--store=", word)],
        ];
        for line in lines {
            // `dcv` itself holds what is true of every run.
            let run = dcv(line).await;
            assert!(run.stderr.len() < 2000, "{run:?}");
        }
    }
}

fn with(option: &str, value: OsString) -> OsString {
    let mut whole = OsString::from(option);
    whole.push(value);
    whole
}
