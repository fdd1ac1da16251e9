//! Domain names, owner names and scopes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it panics"
)]

#[path = "support/rows.rs"]
mod rows;

use std::collections::HashSet;

use dcv::name::{DomainName, NameError, OwnerName, Place, Scope};
use dcv::suffix::SuffixGuard;
use proptest::prelude::*;
use rows::rows;

fn domain(text: &str) -> DomainName {
    text.parse().unwrap()
}

fn owner(text: &str) -> OwnerName {
    text.parse().unwrap()
}

/// The name of an error's variant.
fn kind(error: &NameError) -> String {
    let text = format!("{error:?}");
    text.split(['(', ' ']).next().unwrap().to_owned()
}

/// A place as the tables write it.
fn place(error: &NameError) -> [String; 2] {
    let show = |of: fn(Place) -> usize| {
        error
            .place()
            .map_or_else(|| "-".to_owned(), |place| of(place).to_string())
    };
    [show(Place::label), show(Place::offset)]
}

/// S-18: what is shown is bounded, and no octet of it is outside 0x20–7E.
fn assert_safe_to_show(error: &NameError) {
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(text.len() <= 600, "{} octets: {text}", text.len());
        assert!(
            text.bytes().all(|octet| matches!(octet, 0x20..=0x7e)),
            "{text:?}"
        );
    }
}

// N-06
#[test]
fn domain_names_are_read() {
    for (line, [input, ascii, unicode]) in rows(include_str!("data/names/domain-good.tsv")) {
        let name = DomainName::parse(&input).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(name.as_str(), ascii, "line {line}");
        assert_eq!(name.to_string(), ascii, "line {line}");
        assert_eq!(name.to_unicode(), unicode, "line {line}");
        let both = if ascii == unicode {
            ascii
        } else {
            format!("{unicode} ({ascii})")
        };
        assert_eq!(name.both_forms(), both, "line {line}");
        assert_eq!(
            DomainName::parse(&unicode).as_ref(),
            Ok(&name),
            "line {line}"
        );
    }
}

// N-06, S-18
#[test]
fn what_is_no_domain_name_is_refused_with_its_own_error() {
    let mut kinds = HashSet::new();
    for (line, [input, error, label, offset, part]) in
        rows(include_str!("data/names/domain-bad.tsv"))
    {
        let refused = match DomainName::parse(&input) {
            Err(refused) => refused,
            Ok(name) => panic!("{line}: {input:?} is read as {name}"),
        };
        assert_eq!(kind(&refused), error, "line {line}");
        assert_eq!(place(&refused), [label, offset], "line {line}");
        assert!(
            refused.to_string().contains(&part),
            "line {line}: {refused}"
        );
        assert_safe_to_show(&refused);
        kinds.insert(error);
    }
    // Every kind that a domain name can be refused with, but for the lengths below.
    assert_eq!(kinds.len(), 15, "{kinds:?}");
}

// N-06, T-05
#[test]
fn labels_and_names_have_their_lengths() {
    let label = |length| "a".repeat(length);
    assert!(DomainName::parse(&format!("{}.example", label(63))).is_ok());
    let refused = DomainName::parse(&format!("www.{}.example", label(64))).unwrap_err();
    assert_eq!(
        (kind(&refused).as_str(), place(&refused)),
        ("LabelTooLong", ["2", "4"].map(String::from))
    );
    assert!(refused.to_string().contains("64 octets"), "{refused}");

    // The length of an internationalised label is that of its A-label.
    let refused = DomainName::parse(&format!("{}.example", "ü".repeat(63))).unwrap_err();
    assert_eq!(kind(&refused), "LabelTooLong");

    let long = [label(63), label(63), label(63), label(61)].join(".");
    assert_eq!(long.len(), 253);
    assert_eq!(domain(&long).as_str(), long);
    assert_eq!(domain(&format!("{long}.")).as_str(), long);
    assert_eq!(OwnerName::from(&domain(&long)).as_wire().len(), 255);
    let refused = DomainName::parse(&format!("{long}a")).unwrap_err();
    assert_eq!(refused, NameError::NameTooLong(254));
    assert!(refused.to_string().contains("254 octets"), "{refused}");

    // The longest input that is a name: characters of four octets.
    let longest = vec!["𐌰".repeat(40); 6].join(".");
    assert!(longest.len() > 950 && DomainName::parse(&longest).is_err());
    let refused = DomainName::parse(&"ü".repeat(1_000_000)).unwrap_err();
    assert_eq!(refused, NameError::NameTooLong(2_000_000));
    assert_safe_to_show(&refused);
}

// N-06
#[test]
fn domain_names_know_their_relatives() {
    let name = domain("a.b.example");
    assert_eq!(name.labels().collect::<Vec<_>>(), ["a", "b", "example"]);
    assert_eq!(name.labels().next_back(), Some("example"));
    let parents: Vec<_> = std::iter::successors(name.parent(), DomainName::parent)
        .map(|n| n.to_string())
        .collect();
    assert_eq!(parents, ["b.example", "example"]);
    for ancestor in ["a.b.example", "b.example", "example"] {
        assert!(name.is_within(&domain(ancestor)), "{ancestor}");
    }
    for other in ["x.a.b.example", "c.example", "xample", "le"] {
        assert!(!name.is_within(&domain(other)), "{other}");
    }
}

// S-18
#[test]
fn owner_names_are_read_and_shown_with_escapes() {
    for (line, [input, shown]) in rows(include_str!("data/names/owner-good.tsv")) {
        let name = OwnerName::parse(&input).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(name.to_string(), shown, "line {line}");
        assert_eq!(OwnerName::parse(&shown).as_ref(), Ok(&name), "line {line}");
    }
}

// S-18
#[test]
fn what_is_no_owner_name_is_refused_with_its_place() {
    for (line, [input, error, label, offset]) in rows(include_str!("data/names/owner-bad.tsv")) {
        let refused = match OwnerName::parse(&input) {
            Err(refused) => refused,
            Ok(name) => panic!("{line}: {input:?} is read as {name}"),
        };
        assert_eq!(kind(&refused), error, "line {line}");
        assert_eq!(place(&refused), [label, offset], "line {line}");
        assert_safe_to_show(&refused);
    }
}

#[test]
fn owner_names_are_kept_in_wire_form() {
    let name = owner("_Foo.Example.com");
    assert_eq!(name.as_wire(), b"\x04_foo\x07example\x03com\x00");
    assert_eq!(name, owner("_foo.eXAMPLE.COM."));
    assert_eq!(OwnerName::root().as_wire(), [0]);
    assert!(OwnerName::root().is_root() && OwnerName::root().parent().is_none());
    assert_eq!(OwnerName::root().labels().next_back(), None);
    assert_eq!(name.parent(), Some(owner("example.com")));
    assert_eq!(owner("example.com").child(b"_FOO").as_ref(), Ok(&name));
    assert_eq!(
        OwnerName::from(&domain("example.com")),
        owner("example.com.")
    );

    assert!(name.is_within(&name) && name.is_within(&owner("com")));
    assert!(name.is_within(&OwnerName::root()));
    assert!(!owner("com").is_within(&name));
    // The wire form of `com` ends this label, but not on a boundary.
    assert!(
        !OwnerName::from_labels([b"a\x03com"])
            .unwrap()
            .is_within(&owner("com"))
    );

    let mut labels = name.labels();
    assert_eq!(labels.next_back(), Some(&b"com"[..]));
    assert_eq!(labels.next(), Some(&b"_foo"[..]));
    assert_eq!(labels.next_back(), Some(&b"example"[..]));
    assert_eq!((labels.next(), labels.next_back()), (None, None));
}

// T-05
#[test]
fn owner_names_have_their_lengths() {
    assert!(OwnerName::from_labels([[0xff; 63]]).is_ok());
    let refused = OwnerName::from_labels([vec![b'a'], vec![b'b'; 64]]).unwrap_err();
    assert_eq!(
        (kind(&refused).as_str(), place(&refused)),
        ("LabelTooLong", ["2", "2"].map(String::from))
    );
    let many = OwnerName::from_labels([b"a"; 127]).unwrap();
    assert_eq!((many.as_wire().len(), many.labels().count()), (255, 127));
    assert_eq!(
        OwnerName::from_labels([b"a"; 128]),
        Err(NameError::NameTooLong(255))
    );
    assert_eq!(many.child(b"a"), Err(NameError::NameTooLong(255)));
    assert_eq!(
        many.child(b""),
        Err(NameError::EmptyLabel(
            OwnerName::parse(".a").unwrap_err().place().unwrap()
        ))
    );
}

// N-06
#[test]
fn wildcards_are_split_off_and_never_dropped() {
    for (line, [input, expected, scope, label, offset]) in
        rows(include_str!("data/names/split.tsv"))
    {
        match Scope::split(&input) {
            Ok((name, implied)) => {
                assert_eq!(name.as_str(), expected, "line {line}");
                assert_eq!(implied.map_or("-", Scope::as_str), scope, "line {line}");
            }
            Err(refused) => {
                assert_eq!(kind(&refused), expected, "line {line}");
                assert_eq!(place(&refused), [label, offset], "line {line}");
            }
        }
    }
}

// SC-01, SC-04
#[test]
fn scopes_have_their_names() {
    for scope in Scope::ALL {
        assert_eq!(scope.to_string().parse(), Ok(scope));
    }
    for text in [
        "",
        "Host",
        "hosts",
        "host ",
        "ho\u{1b}[0mst",
        "a".repeat(100_000).as_str(),
    ] {
        let refused = text.parse::<Scope>().unwrap_err();
        assert_eq!(kind(&refused), "UnknownScope");
        assert_safe_to_show(&refused);
    }
}

// SC-03
#[test]
fn scopes_say_what_they_authorise() {
    let name = domain("bücher.example");
    let texts = Scope::ALL.map(|scope| scope.describe(&name));
    assert!(
        texts
            .iter()
            .all(|text| text.contains("bücher.example (xn--bcher-kva.example)"))
    );
    assert!(texts[0].contains("only"));
    assert!(texts[1].contains("exactly one label below") && texts[1].contains("not"));
    assert!(texts[2].contains("every name below"));
}

// SC-01, S-9
#[test]
fn a_scope_covers_what_it_says() {
    let guard = SuffixGuard::default();
    for (line, [of, name, host, wildcard, whole]) in rows(include_str!("data/names/covers.tsv")) {
        let (of, name) = (domain(&of), domain(&name));
        for (scope, expected) in Scope::ALL.into_iter().zip([host, wildcard, whole]) {
            let covers = scope.covers(&of, &name, &guard);
            assert_eq!(covers, expected == "yes", "line {line}: {scope}");
        }
    }
}

// S-4: what is read from a store or a transcript passes the same checks.
#[cfg(feature = "serde")]
#[test]
fn names_are_strings_for_serde() {
    let json = |value| serde_json::to_string(value).unwrap();
    assert_eq!(
        json(&domain("bücher.example").as_str().to_owned()),
        "\"xn--bcher-kva.example\""
    );
    assert_eq!(serde_json::to_value(domain("a.b")).unwrap(), "a.b");
    assert_eq!(
        serde_json::to_value(owner(r"a\000.b")).unwrap(),
        r"a\000.b."
    );
    assert_eq!(serde_json::to_value(Scope::Wildcard).unwrap(), "wildcard");

    assert_eq!(
        serde_json::from_str::<DomainName>("\"A.b.\"").unwrap(),
        domain("a.b")
    );
    assert_eq!(
        serde_json::from_str::<OwnerName>("\"A.b\"").unwrap(),
        owner("a.b")
    );
    assert_eq!(
        serde_json::from_str::<Scope>("\"domain\"").unwrap(),
        Scope::Domain
    );

    assert!(serde_json::from_str::<DomainName>("\"*.b\"").is_err());
    assert!(serde_json::from_str::<DomainName>("[97,46,98]").is_err());
    assert!(serde_json::from_str::<OwnerName>("\"a..b\"").is_err());
    assert!(serde_json::from_str::<Scope>("\"all\"").is_err());
}

/// Texts near to domain names, so that many are accepted and the others fail late.
fn near_domain() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[a-zA-Z0-9]{1,12}",
        2 => Just(".".to_owned()),
        1 => "[-.*_@:/%\\[\\] ]",
        1 => "xn--[a-z0-9-]{1,10}",
        1 => "\\PC",
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Names around the boundaries of suffixes.
fn near_suffix() -> impl Strategy<Value = DomainName> {
    let suffix = prop::sample::select(vec![
        "com",
        "co.uk",
        "uk",
        "github.io",
        "kawasaki.jp",
        "city.kawasaki.jp",
        "ck",
        "unlistedtld",
        "s3.amazonaws.com",
        "xn--55qx5d.cn",
    ]);
    (proptest::collection::vec("[ab]", 0..4), suffix).prop_map(|(mut labels, suffix)| {
        labels.push(suffix.to_owned());
        domain(&labels.join("."))
    })
}

proptest! {
    // N-06, S-18
    #[test]
    fn any_text_is_read_or_refused(text in prop_oneof![any::<String>(), near_domain()]) {
        match DomainName::parse(&text) {
            Ok(name) => {
                prop_assert!(name.as_str().len() <= 253);
                prop_assert!(name.labels().all(|label| (1..=63).contains(&label.len())));
                let plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
                prop_assert!(name.as_str().bytes().all(plain));
                // It reads as itself, in both forms.
                prop_assert_eq!(DomainName::parse(name.as_str()), Ok(name.clone()));
                prop_assert_eq!(DomainName::parse(&name.to_unicode()), Ok(name.clone()));
                prop_assert_eq!(Scope::split(&text), Ok((name.clone(), None)));
                let wild = Scope::split(&format!("*.{text}"));
                prop_assert_eq!(wild, Ok((name.clone(), Some(Scope::Wildcard))));
                // It is the same name in the DNS.
                let dotted = format!("{name}.");
                prop_assert_eq!(OwnerName::from(&name).to_string(), dotted);
            }
            Err(error) => {
                assert_safe_to_show(&error);
                if let Some(place) = error.place() {
                    prop_assert!(place.label() >= 1 && place.offset() <= text.len());
                }
            }
        }
        if let Err(error) = OwnerName::parse(&text) {
            assert_safe_to_show(&error);
        }
    }

    // S-18
    #[test]
    fn owner_names_round_trip(
        labels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..20), 0..12),
    ) {
        let name = OwnerName::from_labels(&labels).unwrap();
        let shown = name.to_string();
        prop_assert!(shown.bytes().all(|octet| matches!(octet, 0x21..=0x7e)));
        prop_assert!(!shown.contains('"'));
        prop_assert_eq!(OwnerName::parse(&shown), Ok(name.clone()));
        prop_assert_eq!(OwnerName::from_labels(name.labels()), Ok(name.clone()));
        let mut backwards: Vec<_> = name.labels().rev().collect();
        backwards.reverse();
        prop_assert_eq!(backwards, name.labels().collect::<Vec<_>>());
        // Names are equal in any case of their letters.
        let upper = labels.iter().map(|label| label.to_ascii_uppercase());
        prop_assert_eq!(OwnerName::from_labels(upper), Ok(name.clone()));
        if let (Some(parent), Some(first)) = (name.parent(), name.labels().next()) {
            prop_assert!(name.is_within(&parent) && !parent.is_within(&name));
            prop_assert_eq!(parent.child(first), Ok(name.clone()));
        }
    }

    // SC-01, S-9
    #[test]
    fn covers_never_crosses_a_suffix(of in near_suffix(), name in near_suffix()) {
        let guard = SuffixGuard::default();
        let [host, wildcard, whole] = Scope::ALL.map(|scope| scope.covers(&of, &name, &guard));
        prop_assert_eq!(host, of == name);
        prop_assert!(!(host && wildcard));
        prop_assert!(!wildcard || whole);
        if whole {
            prop_assert!(name.is_within(&of));
            prop_assert!(guard.same_registrable(&of, &name));
        }
    }
}
