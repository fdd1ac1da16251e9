//! Resolvers asked over TLS and HTTPS.
#![cfg(all(feature = "tls", feature = "https"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "support/asking.rs"]
mod asking;
#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/faults.rs"]
mod faults;
#[path = "support/line.rs"]
mod line;
#[path = "support/servers/mod.rs"]
mod servers;

use std::error::Error as _;
use std::net::SocketAddr;
use std::time::Duration;
#[cfg(all(feature = "platform-roots", target_os = "linux"))]
use std::{
    env, fs,
    process::{self, Command},
};

use asking::{TOKEN, ask, data};
use certificates::Authority;
use dcv::dns::{AbsenceKind, LookupFailure, Outcome};
use dcv::lookup::hickory::{CertificateRoots, SetupError};
use dcv::lookup::{Budget, HickoryLookup, LookupError, TxtLookup};
use faults::{FaultServer, closed_port};
use futures_util::future::join_all;
use line::Line;
use servers::{Knot, Unbound, UnboundConfig, servers_or_skip};
use tokio::runtime;

const NAME: &str = "resolver.example.net";

/// Far beyond every deadline: whoever is still running then hangs.
const HANGS: Duration = Duration::from_secs(60);

fn zone() -> String {
    let token = str::from_utf8(TOKEN).unwrap();
    let large: String = (10..30)
        .map(|number| format!("_large TXT \"{number}{}\"\n", "x".repeat(200)))
        .collect();
    format!(
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\n\
         ns A 127.0.0.1\n_example-challenge TXT \"{token}\"\n{large}"
    )
}

/// A zone and a resolver for it, with a certificate.
struct Resolver {
    authority: Authority,
    unbound: Unbound,
    knot: Knot,
}

impl Resolver {
    fn start() -> Self {
        Self::with("")
    }

    /// With more lines of configuration.
    fn with(server: &str) -> Self {
        let knot = Knot::start(&[("example.com", &zone())]);
        let authority = Authority::new("the test's authority");
        let certificate = authority.certify(NAME);
        let unbound = Unbound::start(&UnboundConfig {
            stubs: &[("example.com", knot.addr())],
            certificate: Some(certificate.parts()),
            server,
            ..Default::default()
        });
        Self {
            authority,
            unbound,
            knot,
        }
    }

    fn addr(&self, way: Way) -> SocketAddr {
        match way {
            Way::Tls => self.unbound.tls_addr(),
            Way::Https => self.unbound.https_addr(),
        }
    }

    fn lookup(&self, way: Way) -> HickoryLookup {
        self.lookup_at(way, self.addr(way))
    }

    fn lookup_at(&self, way: Way, server: SocketAddr) -> HickoryLookup {
        way.lookup(server, NAME, &self.authority.roots())
    }
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Tls,
    Https,
}

const WAYS: [Way; 2] = [Way::Tls, Way::Https];

impl Way {
    /// One that waits long enough for a server on a busy machine, and asks once.
    fn lookup(self, server: SocketAddr, name: &str, roots: &CertificateRoots) -> HickoryLookup {
        let lookup = match self {
            Self::Tls => HickoryLookup::over_tls([server], name, roots),
            Self::Https => HickoryLookup::over_https([server], name, "/dns-query", roots),
        };
        patient(lookup.unwrap())
    }
}

fn patient(lookup: HickoryLookup) -> HickoryLookup {
    lookup
        .with_udp_tries(Duration::from_secs(10), 1)
        .with_tcp_timeout(Duration::from_secs(10))
}

async fn token(lookup: &HickoryLookup, budget: &Budget) -> Result<(), LookupFailure> {
    let answer = ask(lookup, budget).await.map_err(LookupError::into_failure);
    assert_eq!(data(&answer?), [TOKEN]);
    Ok(())
}

// S-11: an answer is the same over every way, whatever its size; so is an absence, with its SOA.
#[tokio::test]
async fn answers_arrive() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    for way in WAYS {
        let lookup = resolver.lookup(way);
        token(&lookup, &Budget::default()).await.unwrap();

        // More than a datagram of 1232 octets holds.
        let name = "_large.example.com".parse().unwrap();
        let mut large = data(&lookup.lookup_txt(&name).await.unwrap());
        large.sort();
        assert_eq!(large.len(), 20, "{way:?}");
        assert_eq!(large.concat().len(), 20 * 202, "{way:?}");
        assert!(large[19].starts_with(b"29x"), "{way:?}");

        let name = "nowhere.example.com".parse().unwrap();
        let absent = lookup.lookup_txt(&name).await.unwrap();
        let Outcome::Absent(absence) = absent.outcome() else {
            panic!("{way:?}: {absent:?}")
        };
        assert_eq!(absence.kind(), AbsenceKind::NxDomain, "{way:?}");
        let zone = absence.soa().unwrap().owner().to_string();
        assert_eq!(zone.trim_end_matches('.'), "example.com", "{way:?}");

        // What is asked is asked with the bits of the lookup: without RD Unbound refuses.
        let refused = token(&lookup.without_recursion(), &Budget::default()).await;
        let is_refused = matches!(refused, Err(LookupFailure::Server { rcode: 5, .. }));
        assert!(is_refused, "{way:?}: {refused:?}");
    }
}

// S-11: encrypted means authenticated. A certificate that is for another name, of another root or
// out of date is refused, and asking again would not help.
#[tokio::test]
async fn certificates_are_checked() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    let (trusted, other) = (
        resolver.authority.roots(),
        Authority::new("another").roots(),
    );
    // The same name as that of the trusted one, and another key.
    let namesake = Authority::new("the test's authority").roots();
    let expired = resolver.authority.certify_expired(NAME);
    let expired = Unbound::start(&UnboundConfig {
        certificate: Some(expired.parts()),
        ..Default::default()
    });
    for way in WAYS {
        let server = resolver.addr(way);
        let expired = match way {
            Way::Tls => expired.tls_addr(),
            Way::Https => expired.https_addr(),
        };
        let cases = [
            ("another name", server, "other.example.net", &trusted),
            ("a name above", server, "example.net", &trusted),
            ("an address", server, "127.0.0.1", &trusted),
            ("another root", server, NAME, &other),
            ("a root of the same name", server, NAME, &namesake),
            ("expired", expired, NAME, &trusted),
        ];
        for (what, server, name, roots) in cases {
            let budget = Budget::default();
            let refused = ask(&way.lookup(server, name, roots), &budget).await;
            let error = refused.unwrap_err();
            let context = format!("{way:?}, {what}: {error:?}");
            assert_eq!(error.failure(), &LookupFailure::Certificate, "{context}");
            assert!(error.source().is_some(), "{context}");
            assert_eq!(budget.spent(), 1, "{context}");
        }
        token(&resolver.lookup(way), &Budget::default())
            .await
            .unwrap();
    }
}

// The platform's roots count where they are asked for: here those of a process of its own, whose
// platform knows the test's authority, or does not.
#[cfg(all(feature = "platform-roots", target_os = "linux"))]
#[tokio::test]
async fn platform_roots_count() {
    const SERVERS: &str = "DCV_TEST_SERVERS_OF_THE_PLATFORM";
    if let Ok(servers) = env::var(SERVERS) {
        let roots = CertificateRoots::platform().unwrap();
        for (way, server) in WAYS.into_iter().zip(servers.split(' ')) {
            let lookup = way.lookup(server.parse().unwrap(), NAME, &roots);
            token(&lookup, &Budget::default()).await.unwrap();
        }
        return;
    }
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    let servers = WAYS.map(|way| resolver.addr(way).to_string()).join(" ");
    let run = |roots: &str| {
        let file = env::temp_dir().join(format!("dcv-roots-{}.pem", process::id()));
        fs::write(&file, roots).unwrap();
        let output = Command::new(env::current_exe().unwrap())
            .args(["platform_roots_count", "--exact", "--nocapture"])
            .env(SERVERS, &servers)
            .env("SSL_CERT_FILE", &file)
            .env_remove("SSL_CERT_DIR")
            .output();
        fs::remove_file(file).unwrap();
        let output = output.unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    };
    let (accepted, text) = run(&resolver.authority.pem());
    assert!(accepted, "{text}");
    let (accepted, text) = run(&Authority::new("another").pem());
    assert!(!accepted && text.contains("Certificate"), "{text}");
    let (accepted, text) = run("no certificate");
    assert!(!accepted && text.contains("PlatformRoots"), "{text}");
}

// A certificate may also be for an address, and roots may be given in DER.
#[tokio::test]
async fn servers_may_be_named_by_address() {
    if !servers_or_skip() {
        return;
    }
    let authority = Authority::new("the test's authority");
    let certificate = authority.certify("127.0.0.1");
    let knot = Knot::start(&[("example.com", &zone())]);
    let unbound = Unbound::start(&UnboundConfig {
        stubs: &[("example.com", knot.addr())],
        certificate: Some(certificate.parts()),
        ..Default::default()
    });
    let roots = CertificateRoots::from_der([authority.der()]).unwrap();
    for (way, server) in WAYS
        .into_iter()
        .zip([unbound.tls_addr(), unbound.https_addr()])
    {
        let lookup = way.lookup(server, "127.0.0.1", &roots);
        token(&lookup, &Budget::default()).await.unwrap();
        let unknown = way.lookup(server, NAME, &roots);
        let refused = token(&unknown, &Budget::default()).await;
        assert_eq!(refused, Err(LookupFailure::Certificate), "{way:?}");
    }
}

// What does not speak TLS, or speaks something else inside of it, is a failure: nothing is sent in
// plain text, and nobody waits for ever.
#[tokio::test]
async fn other_servers_are_failures() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    let plain = FaultServer::start(asking::token).await;
    let closed = closed_port().await;
    for (way, other) in [(Way::Tls, Way::Https), (Way::Https, Way::Tls)] {
        let cases = [
            ("plain DNS", plain.addr()),
            ("plain DNS of a real server", resolver.knot.addr()),
            ("nobody", closed),
            ("the other protocol", resolver.addr(other)),
        ];
        for (what, server) in cases {
            let lookup = resolver
                .lookup_at(way, server)
                .with_tcp_timeout(Duration::from_millis(500));
            let failure = token(&lookup, &Budget::default()).await.unwrap_err();
            let expected = [LookupFailure::Transport, LookupFailure::Timeout];
            assert!(expected.contains(&failure), "{way:?}, {what}: {failure:?}");
        }
        assert_eq!(plain.seen().len(), 0, "{way:?}");
        // Another server of the same name stands in.
        let servers = [closed, resolver.addr(way)];
        let roots = resolver.authority.roots();
        let lookup = match way {
            Way::Tls => HickoryLookup::over_tls(servers, NAME, &roots),
            Way::Https => HickoryLookup::over_https(servers, NAME, "/dns-query", &roots),
        };
        token(&patient(lookup.unwrap()), &Budget::default())
            .await
            .unwrap();
    }

    // S-18: the words of a web server are kept for the log, cut and escaped.
    let (server, roots) = (resolver.addr(Way::Https), resolver.authority.roots());
    let elsewhere = HickoryLookup::over_https([server], NAME, "/elsewhere", &roots);
    let error = ask(&patient(elsewhere.unwrap()), &Budget::default()).await;
    let error = error.unwrap_err();
    assert_eq!(error.failure(), &LookupFailure::MalformedReply);
    let source = error.source().unwrap().to_string();
    assert!(source.contains("404"), "{source}");
    assert!(
        source.bytes().all(|octet| matches!(octet, b' '..=b'~')),
        "{source}"
    );
}

// S-16: a connection is made once and carries all queries, each of which is counted.
#[tokio::test]
async fn connections_are_kept() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    for way in WAYS {
        let line = Line::to(resolver.addr(way)).await;
        let lookup = resolver.lookup_at(way, line.addr());
        let budget = Budget::new(1000);
        // At once, from the first: more than may be in flight together, and over one connection.
        let clones = vec![lookup.clone(); 200];
        let answers = join_all(clones.iter().map(|lookup| token(lookup, &budget)));
        assert_eq!(answers.await, vec![Ok(()); 200], "{way:?}");
        for _ in 0..5 {
            token(&lookup, &budget).await.unwrap();
        }
        assert_eq!((line.made(), budget.spent()), (1, 205), "{way:?}");

        // Without a budget not even a connection is made.
        let fresh = resolver.lookup_at(way, line.addr());
        for lookup in [lookup, fresh] {
            let refused = token(&lookup, &Budget::new(0)).await;
            assert_eq!(refused, Err(LookupFailure::BudgetExhausted), "{way:?}");
        }
        assert_eq!(line.made(), 1, "{way:?}");
    }
}

// A server may close a connection that nobody uses; the next query finds a new one.
#[tokio::test]
async fn closed_connections_are_made_again() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::with("    tcp-idle-timeout: 200\n");
    for way in WAYS {
        let line = Line::to(resolver.addr(way)).await;
        let lookup = resolver.lookup_at(way, line.addr());
        let budget = Budget::default();
        for made in 1..=3 {
            token(&lookup, &budget).await.unwrap();
            assert_eq!(line.made(), made, "{way:?}");
            let empty = tokio::time::timeout(HANGS, line.is_empty());
            empty.await.expect("the server keeps its connections");
        }
        // A connection may be found closed only by asking over it.
        assert!((3..=5).contains(&budget.spent()), "{way:?}: {budget:?}");
    }
}

// A query whose connection breaks is sent again, once, and counted again (S-16).
#[tokio::test]
async fn broken_connections_are_made_again() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    for way in WAYS {
        let line = Line::to(resolver.addr(way)).await;
        let lookup = resolver.lookup_at(way, line.addr());
        let budget = Budget::default();
        token(&lookup, &budget).await.unwrap();
        line.cut_next();
        token(&lookup, &budget).await.unwrap();
        assert_eq!((line.made(), budget.spent()), (2, 3), "{way:?}");

        let one = Budget::new(1);
        line.cut_next();
        let stopped = token(&lookup, &one).await;
        assert_eq!(stopped, Err(LookupFailure::BudgetExhausted), "{way:?}");

        // A connection that breaks at once is the server's answer.
        let line = Line::to(resolver.addr(way)).await;
        line.cut_next();
        let failed = token(&resolver.lookup_at(way, line.addr()), &budget).await;
        assert_eq!(failed, Err(LookupFailure::Transport), "{way:?}");
        assert_eq!((line.made(), budget.spent()), (1, 4), "{way:?}");
    }
}

// S-16: one deadline for all of an exchange, be it the handshake that hangs or the answer.
// What hangs is not asked again. It ends before hickory's own limit for a handshake, of 5 seconds.
#[tokio::test]
async fn silence_ends() {
    const SOON: Duration = Duration::from_secs(4);
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    for way in WAYS {
        let line = Line::to(resolver.addr(way)).await;
        let lookup = resolver.lookup_at(way, line.addr());
        let hasty = lookup.clone().with_tcp_timeout(Duration::from_millis(300));
        let budget = Budget::default();
        line.hold();
        let failed = tokio::time::timeout(SOON, token(&hasty, &budget)).await;
        assert_eq!(
            failed,
            Ok(Err(LookupFailure::Timeout)),
            "{way:?}, handshake"
        );
        assert_eq!(budget.spent(), 1, "{way:?}");
        line.release();
        token(&lookup, &budget).await.unwrap();
        assert_eq!((line.made(), budget.spent()), (2, 2), "{way:?}");

        line.hold();
        let failed = tokio::time::timeout(SOON, token(&hasty, &budget)).await;
        assert_eq!(failed, Ok(Err(LookupFailure::Timeout)), "{way:?}, answer");
        assert_eq!((line.made(), budget.spent()), (2, 3), "{way:?}");
        line.release();
        token(&lookup, &budget).await.unwrap();
        assert_eq!((line.made(), budget.spent()), (3, 4), "{way:?}");
    }
}

// Who leaves takes nothing along: the connection goes on, and the reply that comes late is nobody
// else's.
#[tokio::test]
async fn callers_may_leave() {
    if !servers_or_skip() {
        return;
    }
    let resolver = Resolver::start();
    for way in WAYS {
        let line = Line::to(resolver.addr(way)).await;
        let lookup = resolver.lookup_at(way, line.addr());
        let budget = Budget::default();

        // During the handshake,
        line.hold();
        tokio::select! {
            answer = token(&lookup, &budget) => panic!("{way:?}: {answer:?}"),
            () = line.holds_something() => {}
        }
        line.release();
        token(&lookup, &budget).await.unwrap();
        assert_eq!((line.made(), budget.spent()), (2, 2), "{way:?}");

        // and again and again during a query: more of them than may be in flight.
        let gone = "_large.example.com".parse().unwrap();
        for _ in 0..100 {
            line.hold();
            tokio::select! {
                answer = lookup.lookup_txt(&gone) => panic!("{way:?}: {answer:?}"),
                () = line.holds_something() => {}
            }
            line.release();
        }
        token(&lookup, &budget).await.unwrap();
        assert_eq!(line.made(), 2, "{way:?}");
    }
}

// A connection lives in the runtime that made it. Where that has ended, or is not running, another
// one is made.
#[test]
fn runtimes_come_and_go() {
    if !servers_or_skip() {
        return;
    }
    let new = || {
        let mut builder = runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap()
    };
    let resolver = Resolver::start();
    for way in WAYS {
        let lookup = resolver.lookup(way);
        let budget = Budget::default();
        let ask_in = |runtime: &runtime::Runtime| runtime.block_on(token(&lookup, &budget));
        let ended = new();
        ask_in(&ended).unwrap();
        drop(ended);
        let (one, two) = (new(), new());
        for runtime in [&one, &two, &one, &two] {
            ask_in(runtime).unwrap();
        }
        assert_eq!(budget.spent(), 5, "{way:?}");
    }
}

// What cannot work is refused before anything is asked, with a word on what to give instead.
#[test]
fn setups_that_cannot_work_are_refused() {
    let authority = Authority::new("the test's authority");
    let (roots, server) = (authority.roots(), "127.0.0.1:853".parse().unwrap());
    let tls = |name: &str| HickoryLookup::over_tls([server], name, &roots);
    for name in [
        "",
        " ",
        "two words",
        "resolver.example.net:853",
        "https://example.net",
        "-",
    ] {
        let refused = tls(name);
        assert!(
            matches!(refused, Err(SetupError::ServerName)),
            "{name:?}: {refused:?}"
        );
    }
    for name in [NAME, "localhost", "192.0.2.1", "2001:db8::1"] {
        assert_eq!(tls(name).unwrap().servers(), [server], "{name:?}");
    }

    let https = |name: &str, path: &str| HickoryLookup::over_https([server], name, path, &roots);
    for path in [
        "",
        "dns-query",
        "/dns-query{?dns}",
        "/dns query",
        "/a\r\nb",
        "/\u{e9}",
        "/a#b",
    ] {
        let refused = https(NAME, path);
        assert!(
            matches!(refused, Err(SetupError::HttpsPath)),
            "{path:?}: {refused:?}"
        );
    }
    let v6 = https("2001:db8::1", "/dns-query");
    assert!(matches!(v6, Err(SetupError::ServerName)), "{v6:?}");
    https(NAME, "/").unwrap();

    let nobody = [
        HickoryLookup::over_tls([], NAME, &roots),
        HickoryLookup::over_https([], NAME, "/dns-query", &roots),
    ];
    for nobody in nobody {
        assert!(matches!(nobody, Err(SetupError::NoServers)), "{nobody:?}");
    }
}

// Roots that are none are an error, and not passed over.
#[test]
fn roots_are_read_whole() {
    let (pem, other) = (Authority::new("one").pem(), Authority::new("another").pem());
    let both = CertificateRoots::from_pem(format!("{pem}\n{other}").as_bytes()).unwrap();
    assert!(format!("{both:?}").contains("Some(2)"), "{both:?}");

    let none: [&[u8]; 2] = [b"", b"no certificate"];
    for none in none {
        let refused = CertificateRoots::from_pem(none);
        assert!(
            matches!(refused, Err(SetupError::NoCertificateRoots)),
            "{refused:?}"
        );
    }
    let empty = CertificateRoots::from_der(Vec::<Vec<u8>>::new());
    assert!(
        matches!(empty, Err(SetupError::NoCertificateRoots)),
        "{empty:?}"
    );

    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    let broken = [
        format!("{pem}{begin}\nAAAA\n{end}\n"),
        format!("{pem}{begin}\n!\n{end}\n"),
        format!("{pem}{begin}\nAAAA\n"),
    ];
    for broken in broken {
        let refused = CertificateRoots::from_pem(broken.as_bytes());
        let error = refused.unwrap_err();
        assert!(
            matches!(error, SetupError::CertificateRoots(_)),
            "{error:?}"
        );
        assert!(error.source().is_some(), "{error:?}");
    }
    let refused = CertificateRoots::from_der([b"no certificate"]);
    assert!(
        matches!(refused, Err(SetupError::CertificateRoots(_))),
        "{refused:?}"
    );
}
