//! The parties, and how the names of their challenges are composed.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it panics"
)]

#[path = "support/rows.rs"]
mod rows;

use std::collections::HashMap;

use dcv::name::{
    AccountId, AccountLabels, DomainName, Naming, NamingBuilder, NamingError, OwnerName,
    PartyError, ProviderName, Scope, WordFault,
};
use dcv::token::LabelToken;
use proptest::prelude::*;
use rows::rows;

/// An account URL of ACME, whose label is a published vector.
const ACCOUNT: &str = "https://example.com/acme/acct/ExampleAccount";

fn provider(name: &str) -> ProviderName {
    ProviderName::new(name).unwrap()
}

fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

fn domain(name: &str) -> DomainName {
    name.parse().unwrap()
}

/// A naming as the tables describe it.
fn builder(how: &str, name: &str, features: &str) -> NamingBuilder {
    let builder = Naming::builder(provider(name));
    let builder = match how {
        "default" => builder,
        "every" => builder.label_every_scope(),
        "single" => builder.single(),
        "bare" => builder.without_suffix(),
        "account" => builder.with_account_labels(AccountLabels::Hashed),
        _ => panic!("{how}"),
    };
    features
        .split(' ')
        .filter(|feature| *feature != "-")
        .fold(builder, NamingBuilder::with_feature)
}

/// The name of a fault's variant.
fn kind(fault: &WordFault) -> String {
    let text = format!("{fault:?}");
    text.split(['(', ' ']).next().unwrap().to_owned()
}

// N-01, I-04, S-18
#[test]
fn provider_names_are_checked() {
    for (line, [input, expected, part]) in rows(include_str!("data/names/provider.tsv")) {
        match ProviderName::new(&input) {
            Ok(name) => assert_eq!(name.as_str(), expected, "line {line}"),
            Err(error) => {
                let PartyError::Provider { fault, .. } = &error else {
                    panic!("line {line}: {error:?}")
                };
                assert_eq!(kind(fault), expected, "line {line}");
                let message = error.to_string();
                assert!(message.contains(&part), "line {line}: {message}");
                assert!(
                    message.bytes().all(|octet| matches!(octet, 0x20..=0x7e)),
                    "line {line}"
                );
            }
        }
    }
    let hostile = ProviderName::new(&"\u{202e}".repeat(100_000))
        .unwrap_err()
        .to_string();
    assert!(hostile.len() < 500, "{hostile}");
}

// T-12: a proof is bound to an account, so there always is one.
#[test]
fn account_identifiers_are_opaque() {
    for id in ["tenant-42", "a b", "Ü", ACCOUNT, &"x".repeat(255)] {
        assert_eq!(account(id).as_str(), id);
    }
    assert_ne!(account("a"), account("A"));
    assert!(format!("{:?}", account("tenant-42")).contains("tenant-42"));
    assert_eq!(AccountId::new(""), Err(PartyError::AccountEmpty));
    assert_eq!(
        AccountId::new(&"x".repeat(256)),
        Err(PartyError::AccountTooLong { length: 256 })
    );
    for (id, offset) in [("\0", 0), ("tenant\n", 6), ("ü\u{7f}", 2), ("a\u{9b}", 1)] {
        let expected = PartyError::AccountControlCharacter { offset };
        assert_eq!(AccountId::new(id), Err(expected), "{id:?}");
    }
}

// N-01, N-02, N-03, N-07, SC-01, SC-03, M-01, M-02
#[test]
fn owner_names_are_composed() {
    for (line, [how, name, features, scope, owner]) in rows(include_str!("data/names/naming.tsv")) {
        let naming = builder(&how, &name, &features).build().unwrap();
        let scope = scope.parse().unwrap();
        let composed = naming
            .owner(&domain("example.com"), scope, &account(ACCOUNT))
            .unwrap();
        assert_eq!(composed.to_string(), owner, "line {line}");
        assert!(
            owner.ends_with(&format!("{}.example.com.", naming.label(scope))),
            "line {line}"
        );
        assert_eq!(naming.provider(), &provider(&name));
    }
    assert_eq!(
        Naming::new(provider("a")),
        Naming::builder(provider("a")).build()
    );
    assert_eq!(
        Naming::single(provider("a")),
        Naming::builder(provider("a")).single().build()
    );
}

// M-01, M-02: the vectors of ACME dns-account-01.
#[test]
fn account_labels_are_cut_hashes() {
    let naming = Naming::builder(provider("svc"))
        .with_account_labels(AccountLabels::Hashed)
        .build()
        .unwrap();
    for (id, label) in [
        (ACCOUNT, "_ujmmovf2vn55tgye"),
        ("http://localhost:4000/acme/acct/1", "_vkbgbqfhr6yv2asd"),
        (
            "https://acme-v02.api.letsencrypt.org/acme/acct/12345",
            "_lvrajhh53e27yh7f",
        ),
        (
            "https://acme-staging-v02.api.letsencrypt.org/acme/acct/67890",
            "_2slyxozq54jc5ljm",
        ),
    ] {
        let owner = naming
            .owner(&domain("example.com"), Scope::Host, &account(id))
            .unwrap();
        assert_eq!(owner.labels().next(), Some(label.as_bytes()));
    }
}

// N-04, M-01, M-03
#[test]
fn a_token_can_be_the_account_label() {
    let naming = Naming::builder(provider("svc"))
        .with_feature("f")
        .build()
        .unwrap();
    let token = LabelToken::new("mzxw6ytboi4dsnzwgqzdgmrtgi").unwrap();
    let owner = naming
        .owner_with_label(&domain("example.com"), Scope::Host, &token)
        .unwrap();
    let expected = "_mzxw6ytboi4dsnzwgqzdgmrtgi._f._svc-challenge.example.com.";
    assert_eq!(owner.to_string(), expected);
}

// N-03, S-18, M-03
#[test]
fn features_cannot_be_what_they_are_not() {
    for (line, [feature, expected]) in rows(include_str!("data/names/feature-bad.tsv")) {
        let refused = Naming::builder(provider("foo"))
            .with_feature(&feature)
            .build()
            .unwrap_err();
        let NamingError::Feature { fault, .. } = refused else {
            panic!("line {line}: {refused:?}")
        };
        assert_eq!(kind(&fault), expected, "line {line}");
    }
    // With a hyphen no word is a token.
    assert!(
        Naming::builder(provider("foo"))
            .with_feature("ujmmovf2-vn55tgye")
            .build()
            .is_ok()
    );
}

// N-05, S-18
#[test]
fn registered_labels_are_refused_unless_asked_for() {
    for (line, [how, name, features, label]) in rows(include_str!("data/names/registered.tsv")) {
        let built = builder(&how, &name, &features).build();
        if label == "-" {
            assert!(built.is_ok(), "line {line}: {built:?}");
            continue;
        }
        let Err(NamingError::RegisteredLabel { label: refused, .. }) = &built else {
            panic!("line {line}: {built:?}")
        };
        assert_eq!(refused, &label, "line {line}");
        let allowed = builder(&how, &name, &features)
            .allow_registered_labels()
            .build();
        assert!(allowed.is_ok(), "line {line}: {allowed:?}");
    }
}

// N-01, SC-01: the limits of the provider's name are 52, 47, 43 and 45 octets.
#[test]
fn labels_are_measured_when_a_naming_is_made() {
    let build = |how, length| builder(how, &"p".repeat(length), "-").build();
    for (how, limit) in [("default", 43), ("every", 43), ("bare", 52), ("single", 52)] {
        assert!(build(how, limit).is_ok(), "{how}");
    }
    for length in [44, 52] {
        let Err(error) = build("default", length) else {
            panic!("{length}")
        };
        assert!(
            matches!(error, NamingError::ProviderTooLong { limit: 43, .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("at most 4"), "{error}");
    }
    let naming = build("every", 43).unwrap();
    let lengths = Scope::ALL.map(|scope| naming.label(scope).len());
    assert_eq!(lengths, [43 + 63 - 47, 63, 43 + 63 - 45]);
    assert_eq!(build("single", 52).unwrap().label(Scope::Domain).len(), 63);
}

// N-06
#[test]
fn names_that_do_not_fit_say_by_how_much() {
    let naming = Naming::new(provider("example_service")).unwrap();
    assert_eq!(naming.room(Scope::Host), 226);
    for accounts in [AccountLabels::Absent, AccountLabels::Hashed] {
        let naming = Naming::builder(provider("svc"))
            .with_feature("feature1")
            .with_account_labels(accounts)
            .build()
            .unwrap();
        assert_eq!(naming.account_labels(), accounts);
        for scope in Scope::ALL {
            let room = naming.room(scope);
            let of_length = |length: usize| domain(&"a.".repeat(length)[..2 * length - 1]);
            let long = |length: usize| {
                if length % 2 == 1 {
                    of_length(length.div_ceil(2))
                } else {
                    domain(&format!("b{}", of_length(length / 2)))
                }
            };
            let owner = naming.owner(&long(room), scope, &account("a")).unwrap();
            assert_eq!(owner.as_wire().len(), 255);
            for over in [1, 5] {
                let refused = naming.owner(&long(room + over), scope, &account("a"));
                assert_eq!(refused, Err(NamingError::NameTooLong { over, room }));
            }
        }
    }
    let message = NamingError::NameTooLong { over: 5, room: 226 }.to_string();
    assert!(
        message.contains("5 octets longer") && message.contains("at most 226"),
        "{message}"
    );

    let features = vec!["f".repeat(60); 4].join(" ");
    let refused = builder("default", "svc", &features).build();
    assert!(
        matches!(refused, Err(NamingError::PrefixTooLong { length: 263.. })),
        "{refused:?}"
    );
}

// S-4
#[cfg(feature = "serde")]
#[test]
fn parties_are_strings_for_serde() {
    assert_eq!(serde_json::to_value(provider("Foo")).unwrap(), "foo");
    assert_eq!(serde_json::to_value(account(ACCOUNT)).unwrap(), ACCOUNT);
    assert_eq!(
        serde_json::from_str::<ProviderName>("\"Foo\"").unwrap(),
        provider("foo")
    );
    assert_eq!(
        serde_json::from_str::<AccountId>("\"a\\\"b\"").unwrap(),
        account("a\"b")
    );
    assert!(serde_json::from_str::<ProviderName>("\"foo-host\"").is_err());
    assert!(serde_json::from_str::<AccountId>("\"\\n\"").is_err());
}

/// Words that would collide if nothing kept them apart: with the parts that a naming adds itself,
/// with labels of the registry, and with the label of the account `first`.
fn near_word() -> impl Strategy<Value = String> {
    let label = LabelToken::from_account_hash("first").as_str().to_owned();
    let word = prop::sample::select(vec!["a", "acme", "dmarc"]);
    let part = prop::sample::select(vec!["", "-host", "-wildcard", "_domain", "-domain"]);
    let end = prop::sample::select(vec!["", "", "-challenge"]);
    prop_oneof![
        9 => (word, part, end).prop_map(|(word, part, end)| format!("{word}{part}{end}")),
        1 => Just(label),
    ]
}

fn near_naming() -> impl Strategy<Value = Option<Naming>> {
    let how = prop::sample::select(vec!["default", "every", "bare", "account"]);
    (
        how,
        near_word(),
        proptest::collection::vec(near_word(), 0..3),
    )
        .prop_map(|(how, name, features)| {
            let name = ProviderName::new(&name).ok()?;
            let features = if features.is_empty() {
                "-".to_owned()
            } else {
                features.join(" ")
            };
            builder(how, name.as_str(), &features).build().ok()
        })
}

/// Whose challenge a name is for: what may not be confused.
type Meaning = (ProviderName, Scope, Option<&'static str>);

/// The owner names of all scopes, for two accounts.
fn owners(naming: &Naming) -> Vec<(OwnerName, Meaning)> {
    let mut owners = Vec::new();
    for id in ["first", "second"] {
        for scope in Scope::ALL {
            let owner = naming
                .owner(&domain("b.example"), scope, &account(id))
                .unwrap();
            let whose = (naming.account_labels() == AccountLabels::Hashed).then_some(id);
            owners.push((owner, (naming.provider().clone(), scope, whose)));
        }
    }
    owners
}

proptest! {
    // S-18, N-05, M-03
    #[test]
    fn composed_names_are_well_formed_and_distinct(
        namings in proptest::collection::vec(near_naming(), 1..12),
    ) {
        let mut meanings: HashMap<OwnerName, Meaning> = HashMap::new();
        for naming in namings.iter().flatten() {
            for (owner, meaning) in owners(naming) {
                prop_assert!(owner.is_within(&OwnerName::from(&domain("b.example"))));
                let own = owner.labels().count() - 2;
                prop_assert!(own >= 1);
                for label in owner.labels().take(own) {
                    prop_assert!(label.starts_with(b"_") && label.len() <= 63);
                    prop_assert!(label != b"_acme-challenge" && label != b"_dmarc");
                }
                // One name means one thing, whichever of the namings composed it.
                let known = meanings.entry(owner).or_insert_with(|| meaning.clone());
                prop_assert_eq!(known, &meaning);
            }
        }
    }

    #[test]
    fn any_text_makes_a_party_or_an_error(text in any::<String>()) {
        if let Ok(name) = ProviderName::new(&text) {
            prop_assert_eq!(ProviderName::new(name.as_str()), Ok(name));
        }
        if let Ok(id) = AccountId::new(&text) {
            prop_assert_eq!(id.as_str(), text.as_str());
        }
        let _ = Naming::builder(provider("svc")).with_feature(text).build();
    }
}
