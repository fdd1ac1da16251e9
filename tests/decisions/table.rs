//! The decision table of the security rules, cell by cell.

use dcv::challenge::Challenge;
use dcv::evaluate::{Verdict, evaluate};
use dcv::policy::{Policy, PolicyError};
use proptest::prelude::*;

use crate::cases::{challenge, id, matched, now};
use crate::cells::{
    BELIEFS, Belief, Cell, LETTERS, Letter, decide, decide_by, observations, rules, rules_with,
};
use crate::rows::rows;

/// The table, written down once more: what is decided, and for which reason where it matters.
/// Every perspective is a group of its own here.
fn oracle(cells: &[Cell], needed: u8, signed_only: bool) -> &'static str {
    let of = |wanted: &[Letter]| -> Vec<&Cell> {
        let says = |cell: &&Cell| match (cell.letters[0], cell.belief) {
            // Only a trusted validator can refuse: from others it is a failure.
            (Letter::B | Letter::V, Belief::Untrusted) => wanted.contains(&Letter::F),
            (letter, _) => wanted.contains(&letter),
        };
        cells.iter().filter(says).collect()
    };
    let quorum = |letter| of(&[letter]).len() >= usize::from(needed);
    let secure = |letter| {
        let cells = of(&[letter]);
        let mut beliefs = cells.iter().map(|cell| cell.belief);
        beliefs.any(|belief| belief == Belief::TrustedSecure)
    };
    let bogus = !of(&[Letter::B]).is_empty();
    let trusted_saw_something = of(&[Letter::M, Letter::N, Letter::W])
        .iter()
        .any(|cell| cell.belief != Belief::Untrusted);
    // Servers that deny veto although too few answer.
    let unverified = !of(&[Letter::V]).is_empty();
    let denials = of(&[Letter::N, Letter::W, Letter::H]);
    let vetoed = denials.iter().any(|cell| cell.authoritative);
    let any_authority = cells.iter().any(|cell| cell.authoritative);
    let confirmed = of(&[Letter::M]).iter().any(|cell| cell.authoritative);

    if bogus && !trusted_saw_something {
        return "bogus";
    }
    if unverified && !trusted_saw_something {
        return "unverified-wildcard";
    }
    if quorum(Letter::W) || secure(Letter::W) {
        return "wildcard";
    }
    if !bogus && !unverified && !vetoed {
        if secure(Letter::M) {
            return "secure";
        }
        let unanswered = !any_authority && !secure(Letter::N);
        if !signed_only && quorum(Letter::M) && (confirmed || unanswered) {
            return "quorum";
        }
    }
    if quorum(Letter::N) || secure(Letter::N) {
        return "unproven";
    }
    "indeterminate"
}

/// The verdict, as coarse as the oracle.
fn coarse(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Validated { .. } | Verdict::Rejected { .. } => verdict.code(),
        other => other.name(),
    }
}

fn check(challenge: &Challenge, cells: &[Cell], needed: u8) {
    for signed_only in [false, true] {
        let policy = |policy: Policy| match signed_only {
            true => policy.require_secure(),
            false => policy,
        };
        let rules = match rules_with(cells, needed, policy) {
            Ok(rules) => rules,
            Err(error) => {
                let nobody = |cell: &Cell| cell.belief == Belief::Untrusted;
                assert_eq!(error, PolicyError::NoValidator);
                assert!(signed_only && cells.iter().all(nobody));
                continue;
            }
        };
        let verdict = decide_by(&rules, cells, challenge);
        assert_eq!(
            coarse(&verdict),
            oracle(cells, needed, signed_only),
            "{needed} of {cells:#?}, signed only: {signed_only}"
        );
        assert_eq!(verdict.witness(), None, "a replay has no witness (S-4)");
    }
}

fn majorities(of: usize) -> impl Iterator<Item = u8> {
    let of = u8::try_from(of).unwrap();
    of / 2 + 1..=of
}

/// Calls `check` with every row of `length` of these.
fn rows_of(kinds: &[Cell], length: usize) -> impl Iterator<Item = Vec<Cell>> {
    let count = kinds.len().pow(u32::try_from(length).unwrap());
    (0..count).map(move |number| {
        let digits = (0..length).scan(number, |rest, _| {
            let digit = *rest % kinds.len();
            *rest /= kinds.len();
            Some(kinds[digit].clone())
        });
        digits.collect()
    })
}

fn kinds(letters: &[Letter], beliefs: &[Belief], views: &[bool]) -> Vec<Cell> {
    let mut kinds = Vec::new();
    for &letter in letters {
        for &belief in beliefs {
            for &authoritative in views {
                kinds.push(Cell::new(letter, belief, authoritative));
            }
        }
    }
    kinds
}

// S-2, S-3, S-8, D-03, D-04: every row of up to five untrusted resolvers.
#[test]
fn untrusted_resolvers() {
    let challenge = challenge();
    let kinds = kinds(&LETTERS[..6], &[Belief::Untrusted], &[false]);
    for of in 1..=5 {
        for cells in rows_of(&kinds, of) {
            for needed in majorities(of) {
                check(&challenge, &cells, needed);
            }
        }
    }
}

// S-2, S-3, S-8, D-02, D-03, D-04: every row of up to two of any kind, and of three of the plain
// ones.
#[test]
fn any_kind() {
    let challenge = challenge();
    for (of, letters) in [(1, &LETTERS[..]), (2, &LETTERS), (3, &LETTERS[..5])] {
        let kinds = kinds(letters, &BELIEFS, &[false, true]);
        for cells in rows_of(&kinds, of) {
            for needed in majorities(of) {
                check(&challenge, &cells, needed);
            }
        }
    }
}

prop_compose! {
    pub(crate) fn any_cell()(
        letter in prop::sample::select(&LETTERS),
        belief in prop::sample::select(&BELIEFS),
        authoritative in prop::bool::weighted(0.2),
    ) -> Cell {
        Cell::new(letter, belief, authoritative)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    // S-2, S-3, S-8: and a part of the rows of four to seven of any kind.
    #[test]
    fn more_of_any_kind(
        cells in prop::collection::vec(any_cell(), 4..=7),
        more in any::<prop::sample::Index>(),
    ) {
        let majorities: Vec<u8> = majorities(cells.len()).collect();
        check(&challenge(), &cells, *more.get(&majorities));
    }
}

// S-2, S-3, S-8, D-03: the examples of the rules, groups and duplicates.
#[test]
fn examples() {
    for (line, [needed, cells, name, code]) in rows(include_str!("../data/decisions/table.tsv")) {
        let cells: Vec<Cell> = cells.split(' ').map(Cell::parse).collect();
        let verdict = decide(&cells, needed.parse().unwrap(), &challenge());
        assert_eq!(
            (verdict.name(), verdict.code()),
            (&*name, &*code),
            "line {line}"
        );
    }
}

// D-02: where only signed answers prove.
#[test]
fn requiring_signatures() {
    for (line, [needed, cells, name, code]) in rows(include_str!("../data/decisions/secure.tsv")) {
        let cells: Vec<Cell> = cells.split(' ').map(Cell::parse).collect();
        let needed = needed.parse().unwrap();
        let rules = rules_with(&cells, needed, Policy::require_secure).unwrap();
        let verdict = decide_by(&rules, &cells, &challenge());
        assert_eq!(
            (verdict.name(), verdict.code()),
            (&*name, &*code),
            "line {line}"
        );
    }
}

// S-3: whoever is not configured does not exist.
#[test]
fn unknown_perspectives_count_for_nothing() {
    let challenge = challenge();
    let cells: Vec<Cell> = ["M", "F", "F"].map(Cell::parse).into();
    let rules = rules(&cells, 2).unwrap();
    let mut seen = observations(&cells, &challenge);
    for stranger in ["eye-3", "EYE-1", "eye-1 ", "stranger"] {
        seen.extend(matched(&id(stranger), &challenge));
    }
    let case = dcv::evaluate::Case::new(&challenge, &rules, &seen, now());
    assert_eq!(evaluate(&case).code(), "not-corroborated");
}

// D-04: a quorum is a majority of what there is; nothing else is a policy.
#[test]
fn absurd_quorums_are_refused() {
    use dcv::policy::Quorum;
    for of in 0..=9_u8 {
        for needed in 0..=10_u8 {
            let usable = 2 * needed > of && needed <= of;
            assert_eq!(
                Policy::k_of_n(needed, of).is_ok(),
                usable,
                "{needed} of {of}"
            );
            let written = format!("[{needed},{of}]");
            assert_eq!(serde_json::from_str::<Quorum>(&written).is_ok(), usable);
        }
    }
}
