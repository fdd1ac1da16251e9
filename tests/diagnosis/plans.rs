//! What is asked next.

use dcv::diagnose::{History, Origin, Probe};
use dcv::dns::{LookupFailure, RecordType};
use dcv::token::Token;

use crate::cases::{Seen, absent, found};
use crate::scene::{Scene, authoritative, name, names, nodata, right, through, txt};

/// The probes in words: a letter for the kind, the name and the type.
fn words(probes: &[Probe]) -> Vec<String> {
    let word = |probe: &Probe| match probe {
        Probe::Resolver(question) => format!("{question}"),
        Probe::Unchecked(question) => format!("unchecked {question}"),
        Probe::Delegated(question) => format!("delegated {question}"),
        Probe::Servers { question, servers } => {
            let servers: Vec<_> = servers.iter().map(ToString::to_string).collect();
            format!("at {} {question}", servers.join(" "))
        }
        Probe::Token(_) => "token".to_owned(),
        other => panic!("{other:?}"),
    };
    probes.iter().map(word).collect()
}

fn planned(scene: &Scene) -> Vec<String> {
    words(&scene.plan())
}

const OWNER: &str = "_p-challenge.example.com. TXT";

// S-16: nothing there: whose the zone is, and where else the record may be; the servers were asked
// already.
#[test]
fn nothing_is_there() {
    let scene = Scene::new().all(&absent("example.com"));
    let expected = [
        "example.com. NS",
        "_p-challenge.example.com.example.com. TXT",
        "example.com. TXT",
        "p-challenge.example.com. TXT",
        "_p-challenge.www.example.com. TXT",
        "-p-challenge.example.com. TXT",
        "www.example.com. TXT",
    ];
    assert_eq!(planned(&scene), expected);
    // Without an authoritative view the servers are asked first.
    let scene = Scene::new().record("one", absent("example.com"));
    let mut with_servers = vec![format!("delegated {OWNER}")];
    with_servers.extend(expected.map(str::to_owned));
    assert_eq!(planned(&scene), with_servers);
}

// S-16: the second round looks at the places that are left, the third at nothing, as nothing came.
#[test]
fn rounds_end() {
    let mut scene = Scene::new().all(&absent("example.com"));
    let first = scene.plan();
    for probe in &first {
        let question = probe.question().unwrap().clone();
        scene = scene.probed(
            question.name().clone(),
            question.record_type(),
            absent("example.com"),
        );
    }
    scene.rounds = 1;
    let second = planned(&scene);
    assert_eq!(
        second,
        [
            "_p-domain-challenge.example.com. TXT",
            "_p-wildcard-challenge.example.com. TXT",
            "_p-host-challenge.example.com. TXT",
        ]
    );
    scene.rounds = 3;
    assert_eq!(planned(&scene), [""; 0]);
}

// Mistake 1: what was found needs no more places.
#[test]
fn a_place_that_was_found_is_enough() {
    let mut scene = Scene::new().all(&absent("example.com"));
    for probe in &scene.plan() {
        let question = probe.question().unwrap().clone();
        let seen = if question.name() == &name("www.example.com") {
            right()
        } else {
            absent("example.com")
        };
        scene = scene.probed(question.name().clone(), question.record_type(), seen);
    }
    assert_eq!(planned(&scene.rounds(1)), [""; 0]);
}

// Mistake 4: other types only where the name has something, and a wildcard's are no mistake.
#[test]
fn other_types_where_the_name_exists() {
    let scene = Scene::new().all(&nodata("example.com"));
    let all = planned(&scene);
    for record_type in ["A", "AAAA", "TYPE99", "TYPE15"] {
        let question = format!("_p-challenge.example.com. {record_type}");
        assert!(all.contains(&question), "{all:?}");
    }
    let none = planned(&Scene::new().all(&absent("example.com")));
    assert!(!none.iter().any(|one| one.ends_with(" A")), "{none:?}");
    let owner = scene.challenge.owner().clone();
    let address = crate::scene::other(&[&[192, 0, 2, 1]]);
    let scene = scene.probed(owner, RecordType::A, address).rounds(1);
    let beside = planned(&scene);
    let sibling = beside.iter().find(|one| one.ends_with(".example.com. A"));
    assert!(sibling.is_some_and(|one| !one.starts_with("_p-challenge")));
}

// S-16: where everybody fails, more questions only fail too; DNSSEC is what can be told apart.
#[test]
fn failures_are_left_alone() {
    let timeout = Err(LookupFailure::Timeout);
    let scene = Scene::new().all(&timeout);
    // But one that kept silent may only have been slow.
    let again = ["delegated _p-challenge.example.com. TXT", "example.com. NS"];
    assert_eq!(planned(&scene), again);
    let servfail: Seen = Err(LookupFailure::server(2));
    let scene = Scene::new()
        .record("one", servfail.clone())
        .record("two", servfail);
    assert_eq!(
        planned(&scene),
        [
            format!("unchecked {OWNER}"),
            format!("delegated {OWNER}"),
            "example.com. NS".to_owned()
        ]
    );
}

// Mistake 25: below a domain that does not exist there is nothing to look for.
#[test]
fn a_domain_that_is_not_there() {
    let scene = Scene::new()
        .record("one", absent("com"))
        .record("two", absent("com"));
    assert_eq!(planned(&scene), ["example.com. NS"]);
    let gone = scene.probed(name("example.com"), RecordType::NS, absent("com"));
    assert_eq!(planned(&gone.rounds(1)), [""; 0]);
}

// Mistake 16: the servers that the zone lists and is not delegated to, once those are known.
#[test]
fn servers_without_a_delegation() {
    let listed = names(&["ns1.example.net", "ns8.example.net"]);
    let scene = Scene::new()
        .all(&absent("example.com"))
        .probed(name("example.com"), RecordType::NS, listed.clone())
        .rounds(1);
    let at = format!("at ns8.example.net. {OWNER}");
    assert!(planned(&scene).contains(&at), "{:?}", planned(&scene));
    // Near miss: the delegation is not known.
    let scene = Scene::new()
        .record("one", absent("example.com"))
        .probed(name("example.com"), RecordType::NS, listed)
        .rounds(1);
    assert!(!planned(&scene).iter().any(|one| one.starts_with("at ")));
}

// Mistakes 11 to 13: tokens are looked for once, and not when it is known whose they are.
#[test]
fn tokens_are_looked_for() {
    let value = "token=nfzwkidbobyg62lonfxw4zltorqw4zdb";
    let mut scene = Scene::new().all(&txt(&[value, "v=spf1 -all"]));
    let plan = scene.plan();
    let tokens: Vec<_> = plan.iter().filter(|one| one.question().is_none()).collect();
    let fingerprint = Token::new("nfzwkidbobyg62lonfxw4zltorqw4zdb")
        .unwrap()
        .fingerprint();
    assert_eq!(tokens, [&Probe::Token(fingerprint)]);
    scene.history = History::new().with_token(fingerprint, Origin::Unknown);
    assert!(!planned(&scene).contains(&"token".to_owned()));
}

// Mistake 29: of an expired challenge only whether it was right.
#[test]
fn an_expired_challenge_is_looked_at_once() {
    let mut scene = Scene::new();
    scene.now = scene.challenge.expires_at();
    assert_eq!(planned(&scene), [OWNER]);
    let mut scene = scene.record("one", right());
    scene.now = scene.challenge.expires_at();
    assert_eq!(planned(&scene), [""; 0]);
}

// Mistake 15: where the record is seen, nothing is looked for elsewhere.
#[test]
fn a_record_that_is_seen_is_not_searched() {
    let scene = Scene::new()
        .record("one", absent("example.com"))
        .server("ns1", authoritative(right()));
    assert_eq!(planned(&scene), ["example.com. NS"]);
}

// Mistakes 17 and 20: whether an alias is a wildcard's.
#[test]
fn an_alias_is_compared_with_a_sibling() {
    let scene = Scene::new().all(&through(&["a.example.net"], nodata("example.net")));
    let all = planned(&scene);
    let beside =
        |one: &&String| one.starts_with('_') && one.len() == "_.example.com. TXT".len() + 24;
    assert_eq!(all.iter().filter(beside).count(), 1, "{all:?}");
    assert!(!all.iter().any(|one| one.ends_with(" A")));
}

// A challenge that was proven is asked for like any other.
#[test]
fn a_proof_is_asked_for() {
    let scene = Scene::new();
    assert_eq!(
        planned(&scene),
        [OWNER.to_owned(), format!("delegated {OWNER}")]
    );
    let _ = found(&scene.challenge);
}
