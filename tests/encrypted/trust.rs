//! Who is believed to be the resolver.

use std::error::Error as _;
#[cfg(all(feature = "platform-roots", target_os = "linux"))]
use std::{
    env, fs,
    process::{self, Command},
};

use dcv::dns::LookupFailure;
use dcv::lookup::hickory::{CertificateRoots, SetupError};
use dcv::lookup::{Budget, HickoryLookup};

use crate::asking::ask;
use crate::certificates::Authority;
use crate::scene::{NAME, Resolver, WAYS, Way, token, zone};
use crate::servers::{Knot, Unbound, UnboundConfig, servers_or_skip};

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
            .args(["trust::platform_roots_count", "--exact", "--nocapture"])
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
