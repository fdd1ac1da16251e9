//! The suffix guard at a check.

use dcv::evaluate::{Case, evaluate};
use dcv::name::Scope;
use dcv::policy::{Policy, Rules};
use dcv::suffix::{SuffixGuard, SuffixList, SuffixPolicy};

use crate::cases::{Plan, eye, id, matched, now};

/// A list of these rules: ICANN's, then private ones.
pub(crate) fn list(icann: &str, private: &str) -> SuffixList {
    let text = format!(
        "// ===BEGIN ICANN DOMAINS===\n{icann}\n// ===END ICANN DOMAINS===\n\
         // ===BEGIN PRIVATE DOMAINS===\n{private}\n// ===END PRIVATE DOMAINS===\n"
    );
    SuffixList::parse(text.as_bytes()).unwrap()
}

pub(crate) fn admitting_private() -> SuffixGuard {
    let policy = SuffixPolicy::strict().allow_private_suffixes();
    SuffixGuard::new(SuffixList::compiled(), policy)
}

fn code(plan: &Plan, guard: SuffixGuard) -> &'static str {
    let challenge = plan.challenge();
    let rules = Rules::new(Policy::single_resolver(), vec![eye("one")]).unwrap();
    let rules = rules.with_guard(guard);
    let seen = matched(&id("one"), &challenge);
    evaluate(&Case::new(&challenge, &rules, &seen, now())).code()
}

// S-9, PS-01: the guard of the check decides, not that of the issue.
#[test]
fn a_name_that_became_a_suffix_is_not_provable_any_more() {
    let plan = Plan::default();
    assert_eq!(code(&plan, SuffixGuard::default()), "quorum");
    for (icann, private) in [
        ("com\nexample.com", "x.example.org"),
        ("com", "example.com"),
        ("com\n*.example.com", "x.example.org"),
        ("org", "x.example.org"),
    ] {
        let guard = SuffixGuard::new(list(icann, private), SuffixPolicy::strict());
        assert_eq!(code(&plan, guard), "suffix", "{icann:?} {private:?}");
    }
}

// S-9, PS-02: an opt-in that is taken back ends what it allowed.
#[test]
fn private_suffixes_need_their_opt_in_at_the_check_too() {
    let plan = Plan {
        domain: "github.io",
        ..Plan::default()
    };
    assert_eq!(code(&plan, admitting_private()), "not-corroborated");
    assert_eq!(code(&plan, SuffixGuard::default()), "suffix");
}

// S-9: and a wider scope was never in it.
#[test]
fn a_suffix_is_admitted_as_a_host_only() {
    let domain = "some-tenant-of-many.net";
    let guard = || {
        let policy = SuffixPolicy::strict().allow_private_suffixes();
        SuffixGuard::new(list("net", domain), policy)
    };
    for (scope, expected) in [
        (Scope::Host, "not-corroborated"),
        (Scope::Wildcard, "suffix"),
        (Scope::Domain, "suffix"),
    ] {
        let plan = Plan {
            domain,
            scope,
            ..Plan::default()
        };
        assert_eq!(code(&plan, guard()), expected, "{scope}");
    }
}
