//! The public suffixes: the list's own test rows, who is admitted, and exchanging the list.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use dcv::name::{DomainName, Scope};
use dcv::suffix::{
    Admission, Division, Standing, SuffixError, SuffixGuard, SuffixList, SuffixListError,
    SuffixPolicy,
};
use dcv::system::{SharedSuffixes, SuffixLoadError};
use proptest::prelude::*;

const REDUCED: &[u8] = include_bytes!("data/suffix/reduced.dat");
const STRICT: SuffixPolicy = SuffixPolicy::strict();

fn reduced() -> SuffixList {
    SuffixList::parse(REDUCED).unwrap()
}

fn lists() -> [(&'static str, SuffixList); 2] {
    [("compiled", SuffixList::compiled()), ("reduced", reduced())]
}

fn name(text: &str) -> DomainName {
    DomainName::parse(text).expect(text)
}

// PS-01, S-9: the list's own rows, by the compiled list and by one that was read.
#[test]
fn the_rows_of_the_list_come_out_right() {
    let rows: Vec<(&str, &str)> = include_str!("data/suffix/test_psl.txt")
        .lines()
        .filter(|line| !line.starts_with("//") && !line.is_empty())
        .map(|line| line.split_once(' ').unwrap())
        .collect();
    assert_eq!(rows.len(), 78);
    for (which, list) in lists() {
        let guard = SuffixGuard::new(list, STRICT);
        for (input, expected) in &rows {
            // A leading dot is no name, and `null` stands for none at all.
            let Ok(input) = DomainName::parse(input) else {
                assert!(input.starts_with('.') && *expected == "null", "{input}");
                continue;
            };
            let expected = (*expected != "null").then(|| name(expected));
            assert_eq!(guard.registrable(&input), expected, "{which}: {input}");
            assert_eq!(
                guard.registrable_str(&input),
                expected.as_ref().map(DomainName::as_str),
            );
        }
    }
}

/// The first word of a value's `Debug` form.
fn word(value: &impl std::fmt::Debug) -> String {
    let shown = format!("{value:?}");
    let end = shown.find(['(', ' ']).unwrap_or(shown.len());
    shown[..end].to_owned()
}

fn outcome(result: &Result<Admission, SuffixError>) -> String {
    match result {
        Ok(admission) => word(admission),
        Err(error) => word(error),
    }
}

// PS-01, PS-02, PS-04, S-9: every name × policy × scope of the table, by both lists.
#[test]
fn names_are_admitted_as_the_table_says() {
    let rows = include_str!("data/suffix/admissions.txt")
        .lines()
        .filter(|line| !line.starts_with('#'));
    let mut seen = 0;
    for row in rows {
        let columns: Vec<&str> = row.split_whitespace().collect();
        let [domain, standing, strict, private, unlisted] = columns[..] else {
            panic!("{row}");
        };
        let domain = name(domain);
        seen += 1;
        for (which, list) in lists() {
            let shown = SuffixGuard::new(list.clone(), STRICT).classify(&domain);
            assert_eq!(format!("{shown:?}"), standing, "{which}: {row}");
            let both = if private == strict { unlisted } else { private };
            for (policy, cell) in [
                (STRICT, strict),
                (STRICT.allow_private_suffixes(), private),
                (STRICT.allow_unlisted(), unlisted),
                (STRICT.allow_unlisted().allow_private_suffixes(), both),
            ] {
                let guard = SuffixGuard::new(list.clone(), policy);
                let mut expected = cell.split('/').cycle();
                for scope in [Scope::Host, Scope::Wildcard, Scope::Domain] {
                    let result = guard.check(&domain, scope);
                    let expected = expected.next().unwrap();
                    assert_eq!(
                        outcome(&result),
                        expected,
                        "{which}, {policy:?}, {scope}: {row}"
                    );
                    if let Err(error) = result {
                        assert_eq!(error.domain(), &domain);
                        assert!(error.to_string().contains(domain.as_str()), "{error}");
                    }
                }
            }
        }
    }
    assert_eq!(seen, 54);
}

// PS-02, S-9: what an admitted PRIVATE suffix still may not do.
#[test]
fn an_admitted_private_suffix_allows_no_alias() {
    assert!(Admission::Full.allows_alias());
    assert!(!Admission::NoAlias.allows_alias());
}

// PS-01, PS-02, PS-04: a refusal says why and what to do.
#[test]
fn refusals_read_well() {
    let guard = SuffixGuard::new(SuffixList::compiled(), STRICT);
    let opted_in = SuffixGuard::new(SuffixList::compiled(), STRICT.allow_private_suffixes());
    for (guard, domain, expected) in [
        (
            &guard,
            "co.uk",
            "co.uk is a public suffix: its registry gives the names below it to anybody, so no \
             customer of it can prove control over it; use a domain that is registered below it",
        ),
        (
            &guard,
            "kobe.jp",
            "every name directly below kobe.jp is a public suffix: kobe.jp belongs to the registry \
             of those; use a domain that is registered below one of them",
        ),
        (
            &guard,
            "github.io",
            "the names below github.io belong to different customers of one provider: use a name \
             below it, or, as that provider, have the service opt in with \
             `SuffixPolicy::allow_private_suffixes`",
        ),
        (
            &guard,
            "compute.amazonaws.com",
            "every name directly below compute.amazonaws.com is the suffix of one provider's \
             customers: use a name below one of them, or, as that provider, have the service opt \
             in with `SuffixPolicy::allow_private_suffixes`",
        ),
        (
            &opted_in,
            "github.io",
            "the names below github.io belong to different customers of one provider: github.io \
             can be proven for itself alone, not with the scope `domain`; use the scope `host`",
        ),
        (
            &guard,
            "host.lan",
            "the top-level domain of host.lan is not on the public suffix list: check the \
             spelling; if it is new, load a fresher list; if it is yours, opt in with \
             `SuffixPolicy::allow_unlisted`",
        ),
        (
            &guard,
            "lan",
            "lan is a top-level domain: use a domain that is registered below it",
        ),
        (
            &guard,
            "printer.local",
            "printer.local ends in a special-use top-level domain, where nobody registers a name \
             in the public DNS: use a domain that was registered",
        ),
    ] {
        let error = guard.check(&name(domain), Scope::Domain).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

// S-9: no scope reaches across a suffix, ICANN or PRIVATE.
#[test]
fn one_registrable_domain_or_not() {
    for (which, list) in lists() {
        let guard = SuffixGuard::new(list, STRICT);
        for (a, b, expected) in [
            ("example.com", "example.com", true),
            ("example.com", "a.b.example.com", true),
            ("a.example.com", "b.example.com", true),
            ("example.com", "example.net", false),
            ("example.com", "anexample.com", false),
            ("com", "com", false),
            ("com", "example.com", false),
            ("co.uk", "example.co.uk", false),
            ("github.io", "alice.github.io", false),
            ("alice.github.io", "bob.github.io", false),
            ("alice.github.io", "www.alice.github.io", true),
            ("kobe.jp", "city.kobe.jp", false),
            ("kobe.jp", "x.c.kobe.jp", false),
            ("city.kobe.jp", "www.city.kobe.jp", true),
            ("amazonaws.com", "x.eu.compute.amazonaws.com", false),
            ("www.ck", "www.www.ck", true),
            ("食狮.公司.cn", "www.xn--85x722f.xn--55qx5d.cn", true),
            ("host.lan", "a.host.lan", true),
            ("host.lan", "other.lan", false),
        ] {
            assert_eq!(
                guard.same_registrable(&name(a), &name(b)),
                expected,
                "{which}: {a} {b}"
            );
            assert_eq!(
                guard.same_registrable(&name(b), &name(a)),
                expected,
                "{which}: {b} {a}"
            );
        }
    }
}

// S-9: the guard decides anew with a new list; what was registrable can become a suffix.
#[test]
fn a_new_suffix_stops_a_name_from_being_provable() {
    let before = SuffixGuard::new(reduced(), STRICT);
    let text = str::from_utf8(REDUCED)
        .unwrap()
        .replace("github.io", "github.io\nexample.com");
    let after = SuffixGuard::new(SuffixList::parse(text.as_bytes()).unwrap(), STRICT);
    let (domain, host) = (name("example.com"), name("www.example.com"));
    assert_eq!(before.check(&domain, Scope::Domain), Ok(Admission::Full));
    assert!(before.same_registrable(&domain, &host));
    assert_eq!(
        after.check(&domain, Scope::Domain),
        Err(SuffixError::PrivateSuffix(domain.clone())),
    );
    assert!(!after.same_registrable(&domain, &host));
}

const WHOLE: &str = "// ===BEGIN ICANN DOMAINS===\ncom\n// ===END ICANN DOMAINS===\n\
                     // ===BEGIN PRIVATE DOMAINS===\n// ===END PRIVATE DOMAINS===\n";

#[test]
fn a_list_shows_its_date() {
    let version = |text: &str| {
        SuffixList::parse(text.as_bytes())
            .unwrap()
            .version()
            .map(str::to_owned)
    };
    assert_eq!(reduced().version(), Some("2026-11-20_08-00-00_UTC"));
    assert!(!reduced().is_compiled());
    assert_eq!(SuffixList::compiled().version(), None);
    assert!(SuffixList::compiled().is_compiled());
    assert_eq!(version(WHOLE), None);
    assert_eq!(version(&format!("// VERSION:\n{WHOLE}")), None);
    assert_eq!(
        version(&format!("// VERSION: 1\r\n{WHOLE}")).as_deref(),
        Some("1")
    );
    assert_eq!(version(&format!("{WHOLE}// VERSION: late\n")), None);
    // What a file says is cut and escaped before anybody prints it.
    let hostile = format!("// VERSION: \u{1b}[2J{}\n{WHOLE}", "x".repeat(300));
    let shown = version(&hostile).unwrap();
    assert!(
        shown.starts_with("\\u{1b}[2J") && shown.len() < 100,
        "{shown}"
    );
}

// S-9: what is no whole list is refused, and the error says what it looks like.
#[test]
fn a_list_that_is_not_whole_is_refused() {
    use SuffixListError as E;
    let cut = |at: &str| WHOLE.split_once(at).unwrap().0.to_owned();
    for (text, expected) in [
        (String::new(), E::Empty),
        (" \n\t\n".to_owned(), E::Empty),
        (
            "<html>404</html>".to_owned(),
            E::NoDivision(Division::Icann),
        ),
        ("com\nnet\n".to_owned(), E::NoDivision(Division::Icann)),
        (WHOLE.to_lowercase(), E::NoDivision(Division::Icann)),
        (cut("// ===END ICANN"), E::Truncated(Division::Icann)),
        (cut("END ICANN"), E::Truncated(Division::Icann)),
        (cut("// ===BEGIN PRIVATE"), E::NoDivision(Division::Private)),
        (cut("// ===END PRIVATE"), E::Truncated(Division::Private)),
        (
            WHOLE.replace("\ncom\n", "\n// com\n\n"),
            E::NoRules(Division::Icann),
        ),
        (
            WHOLE.replace("\ncom\n", "\ncom\na..com\n"),
            E::Rule("rule `a..com` contains an empty label".to_owned()),
        ),
        (
            WHOLE.replace("\ncom\n", "\ncom\n!uk\n"),
            E::Rule("`!uk`; exceptions only valid at end of rule".to_owned()),
        ),
        (
            " ".repeat(SuffixList::MAX_BYTES + 1),
            E::TooLarge {
                bytes: SuffixList::MAX_BYTES + 1,
            },
        ),
    ] {
        assert_eq!(SuffixList::parse(text.as_bytes()).unwrap_err(), expected);
    }
    let mut bytes = WHOLE.as_bytes().to_vec();
    bytes[27] = 0xff;
    assert_eq!(
        SuffixList::parse(&bytes).unwrap_err(),
        E::NotUtf8 { offset: 27 }
    );
    assert!(SuffixList::parse(WHOLE.as_bytes()).is_ok());
    assert!(SuffixList::parse(WHOLE.replace('\n', "\r\n").as_bytes()).is_ok());
}

fn data(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/suffix")
        .join(file)
}

fn temporary(file: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(file)
}

// S-9: a list is exchanged while the service runs, and everybody sees the new one.
#[test]
fn a_list_is_exchanged_in_place() {
    let shared = SharedSuffixes::new(STRICT.allow_unlisted());
    let holder = shared.clone();
    let held = holder.current();
    assert!(held.list().is_compiled());

    let loaded = shared.load_file(data("reduced.dat")).unwrap();
    assert_eq!(loaded.version(), Some("2026-11-20_08-00-00_UTC"));
    let current = holder.current();
    assert_eq!(current.list().version(), loaded.version());
    assert!(current.policy().allows_unlisted());
    // What was taken before is not pulled from under its holder.
    assert!(held.list().is_compiled());

    let newer = format!("// VERSION: newer\n{WHOLE}");
    shared.load_bytes(newer.as_bytes()).unwrap();
    assert_eq!(holder.current().list().version(), Some("newer"));
}

#[test]
fn a_bad_list_leaves_the_old_one_in_force() {
    let shared = SharedSuffixes::from(SuffixGuard::new(reduced(), STRICT));
    let whole = fs::read(data("reduced.dat")).unwrap();
    let truncated = temporary("truncated.dat");
    fs::write(&truncated, &whole[..whole.len() / 2]).unwrap();
    let empty = temporary("empty.dat");
    fs::write(&empty, "").unwrap();
    let large = temporary("large.dat");
    File::create(&large).unwrap().set_len(1 << 30).unwrap();

    for (path, expected) in [
        (truncated, SuffixListError::Truncated(Division::Icann)),
        (empty, SuffixListError::Empty),
        (
            large,
            SuffixListError::TooLarge {
                bytes: SuffixList::MAX_BYTES + 1,
            },
        ),
    ] {
        let error = shared.load_file(&path).unwrap_err();
        assert!(
            error.to_string().contains("the list in force stays"),
            "{error}"
        );
        assert_eq!(error.source().unwrap().to_string(), expected.to_string());
        assert!(
            matches!(&error, SuffixLoadError::Unusable { path: told, source }
                if *told == path && *source == expected),
            "{error:?}",
        );
        assert_eq!(shared.current().list().version(), reduced().version());
    }
    let missing = shared.load_file(temporary("no-such-file.dat")).unwrap_err();
    assert!(matches!(missing, SuffixLoadError::Unreadable { .. }));
    assert!(shared.load_bytes(b"garbage").is_err());
    assert_eq!(shared.current().list().version(), reduced().version());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    // S-4, S-9: hostile lists and names are refused or read, nothing else.
    #[test]
    fn any_bytes_are_a_list_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = SuffixList::parse(&bytes);
    }

    #[test]
    fn any_rules_are_a_list_or_an_error(rules in "([!*.a-zA-Zß中 \t/-]{0,12}\n){0,12}") {
        let text = WHOLE.replace("\ncom\n", &format!("\ncom\n{rules}"));
        if let Ok(list) = SuffixList::parse(text.as_bytes()) {
            let guard = SuffixGuard::new(list, STRICT);
            prop_assert_eq!(guard.classify(&name("com")), Standing::Suffix(Division::Icann));
        }
    }

    // S-9: the parts of the guard agree with one another.
    #[test]
    fn the_guard_agrees_with_itself(
        text in "([a-z]{1,3}\\.){0,3}(com|co\\.uk|kobe\\.jp|ck|mm|github\\.io|lan|arpa|公司\\.cn)",
        private: bool,
        unlisted: bool,
    ) {
        let mut policy = STRICT;
        if private {
            policy = policy.allow_private_suffixes();
        }
        if unlisted {
            policy = policy.allow_unlisted();
        }
        let domain = name(&text);
        for (_, list) in lists() {
            let guard = SuffixGuard::new(list, policy);
            let registrable = guard.registrable(&domain);
            prop_assert_eq!(guard.same_registrable(&domain, &domain), registrable.is_some());
            prop_assert_eq!(
                matches!(guard.classify(&domain), Standing::Suffix(_)),
                registrable.is_none() && guard.classify(&domain) != Standing::SpecialUse,
            );
            if let Some(registrable) = registrable {
                prop_assert!(domain.is_within(&registrable));
                prop_assert_eq!(guard.registrable_str(&registrable), Some(registrable.as_str()));
                prop_assert!(guard.same_registrable(&domain, &registrable));
            }
            for scope in Scope::ALL {
                match guard.check(&domain, scope) {
                    Ok(Admission::Full) => prop_assert!(guard.registrable(&domain).is_some()),
                    Ok(_) => prop_assert!(private && scope == Scope::Host),
                    Err(error) => prop_assert_eq!(error.domain(), &domain),
                }
            }
        }
    }
}
