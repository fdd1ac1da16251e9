//! What holds whatever is seen.

use dcv::challenge::{Challenge, Form};
use dcv::dns::{
    Absence, AbsenceKind, Alias, Answer, ExtendedError, LookupFailure, Observation, Outcome,
    PerspectiveId, Purpose, Question, RecordData, RecordType, ResourceRecord, Security, Soa, Txt,
};
use dcv::evaluate::{Case, evaluate, examine, is_settled, questions};
use dcv::name::OwnerName;
use dcv::policy::{Policy, Rules, Wildcards};
use dcv::record::{Reading, Syntax};
use proptest::prelude::*;
use proptest::sample::select;
use time::{Duration, UtcDateTime};

use crate::cases::{Plan, Seen, TOKEN, challenge, eye, levels, now, sibling};
use crate::cells::{Cell, Letter, observations, rules};
use crate::table::any_cell;

fn name(text: &str) -> OwnerName {
    OwnerName::parse(text).unwrap()
}

/// The names that matter to the challenge, and some that do not.
fn any_name() -> impl Strategy<Value = OwnerName> {
    let (challenge, names) = (
        challenge(),
        ["example.com", "t.example.net", ".", "x.example.com"],
    );
    let mut names: Vec<OwnerName> = names.map(name).into();
    names.push(challenge.owner().clone());
    names.push(sibling(&challenge, 0));
    select(names)
}

fn any_soa() -> impl Strategy<Value = Option<Soa>> {
    let soa = (any_name(), any::<[u32; 3]>());
    prop::option::of(soa.prop_map(|(owner, [a, b, c])| Soa::new(owner, a, b, c)))
}

/// Record data: near misses of the token, any text, any octets.
fn any_rdata() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(TOKEN.to_owned()),
        Just(TOKEN.to_uppercase()),
        Just(TOKEN[1..].to_owned()),
        Just(TOKEN[..TOKEN.len() - 1].to_owned()),
        select(vec![
            "token=", "TOKEN=", " ", "\t", "\"", "=", ",", ";", "\u{a0}", "\0", "x"
        ])
        .prop_map(str::to_owned),
        select(vec![
            "expiry=never",
            "attr",
            "attr=x",
            "svc=",
            " attr=",
            " token="
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,8}",
    ];
    prop_oneof![
        8 => prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..600),
    ]
}

fn any_record() -> impl Strategy<Value = ResourceRecord> {
    let cut = |rdata: Vec<u8>, at: usize| Txt::from_strings(rdata.chunks(at.clamp(1, 255)));
    let data = prop_oneof![
        8 => (any_rdata(), any::<usize>()).prop_map(move |(rdata, at)| RecordData::Txt(cut(rdata, at))),
        1 => any_rdata().prop_map(RecordData::Other),
        1 => any_name().prop_map(RecordData::Name),
    ];
    (any::<u32>(), data).prop_map(|(ttl, data)| ResourceRecord::new(ttl, data))
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    let kind = select(vec![AbsenceKind::NxDomain, AbsenceKind::NoData]);
    prop_oneof![
        6 => prop::collection::vec(any_record(), 0..4).prop_map(Outcome::Records),
        2 => (kind, any_soa()).prop_map(|(kind, soa)| Outcome::Absent(Absence::new(kind, soa))),
        1 => Just(Outcome::AliasLoop),
        1 => Just(Outcome::AliasTooLong),
        1 => Just(Outcome::Elsewhere),
    ]
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let alias = (any_name(), any_name(), any::<u32>());
    let alias = alias.prop_map(|(from, to, ttl)| Alias::new(from, to, ttl));
    let aliases = prop_oneof![3 => Just(vec![]), 1 => prop::collection::vec(alias, 0..3)];
    let security = select(vec![
        Security::Unvalidated,
        Security::Indeterminate,
        Security::Insecure,
        Security::Secure,
    ]);
    let error = (0..30_u16, prop::collection::vec(any::<u8>(), 0..9));
    let error = error.prop_map(|(code, text)| ExtendedError::new(code, &text));
    let errors = prop_oneof![4 => Just(vec![]), 1 => prop::collection::vec(error, 0..3)];
    let answer = (any_outcome(), aliases, security, any::<bool>(), errors).prop_map(
        |(outcome, aliases, security, authoritative, errors)| {
            Answer::new(outcome)
                .with_aliases(aliases)
                .with_security(security)
                .with_authoritative(authoritative)
                .with_extended_errors(errors)
        },
    );
    let failure = prop_oneof![
        Just(LookupFailure::Timeout),
        any::<u16>().prop_map(LookupFailure::server),
        Just(LookupFailure::Bogus { extended: vec![] }),
    ];
    prop_oneof![5 => answer.prop_map(Ok), 1 => failure.prop_map(Err)]
}

fn any_instant() -> impl Strategy<Value = UtcDateTime> {
    prop_oneof![
        8 => (0..5_i64).prop_map(|ago| now() - Duration::seconds(ago)),
        1 => (-100..100_000_i64).prop_map(|ago| now() - Duration::seconds(ago)),
        1 => select(vec![UtcDateTime::MIN, UtcDateTime::MAX, UtcDateTime::UNIX_EPOCH]),
    ]
}

const EYES: usize = 5;

fn any_observation() -> impl Strategy<Value = Observation> {
    let owner = challenge().owner().clone();
    let name = prop_oneof![2 => Just(owner), 1 => any_name()];
    let record_type = prop_oneof![6 => Just(RecordType::TXT), 1 => Just(RecordType::CNAME)];
    let purpose = select(vec![Purpose::Record, Purpose::WildcardProbe]);
    let attempt = prop_oneof![8 => Just(1_u32), 1 => any::<u32>()];
    let server = prop::option::of(select(vec!["a", "b", "c"]));
    let question = (0..=EYES, name, record_type, purpose, attempt, server);
    (question, any_instant(), any_instant(), any_seen()).prop_map(
        |((eye, name, record_type, purpose, attempt, server), from, to, seen)| {
            let question = Question::new(name, record_type);
            let seen = Observation::replayed(Cell::name(eye), question, purpose, from, to, seen)
                .with_attempt(attempt);
            match server {
                Some(server) => seen.with_server(crate::cells::server(server)),
                None => seen,
            }
        },
    )
}

/// Perspectives of every kind, and what it takes of them.
fn any_rules() -> impl Strategy<Value = Rules> {
    let group = prop::option::of(select(vec!["one", "two", "?"]));
    let cell = (any_cell(), group).prop_map(|(cell, group)| Cell {
        group: group.map(str::to_owned),
        ..cell
    });
    (prop::collection::vec(cell, 1..=EYES), any::<u8>()).prop_filter_map(
        "a quorum",
        |(cells, needed)| {
            let needed = needed % u8::try_from(cells.len()).unwrap() + 1;
            rules(&cells, needed).ok()
        },
    )
}

fn with_policy(rules: &Rules, wildcards: Wildcards, reading: Reading) -> Rules {
    let quorum = rules.quorum();
    let policy = Policy::k_of_n(quorum.needed(), quorum.of()).unwrap();
    let policy = policy.with_wildcards(wildcards).with_reading(reading);
    Rules::new(policy, rules.perspectives().to_vec()).unwrap()
}

fn any_form() -> impl Strategy<Value = Form> {
    select(vec![
        Form::Draft(Syntax::Space),
        Form::Draft(Syntax::LegacyComma),
        Form::Exact,
    ])
}

/// Whether the record holds the token by any of the forms, written without the library: alone, or
/// as the value of the first `token=`, with spaces around. More than may ever prove.
fn could_hold(rdata: &[u8]) -> bool {
    let text = String::from_utf8_lossy(rdata);
    let pairs = |separator| {
        text.split(separator).any(|pair: &str| {
            let pair = pair.trim_matches(' ');
            let value = pair
                .split_once('=')
                .filter(|(key, _)| key.eq_ignore_ascii_case("token"));
            value.is_some_and(|(_, value)| value == TOKEN)
        })
    };
    text.trim_matches(' ') == TOKEN || pairs(' ') || pairs(',')
}

fn holds(seen: &Observation) -> bool {
    let Ok(answer) = seen.result() else {
        return false;
    };
    let Outcome::Records(records) = answer.outcome() else {
        return false;
    };
    records.iter().any(|record| match record.data() {
        RecordData::Txt(txt) => could_hold(txt.data()),
        _ => false,
    })
}

/// Seen by perspectives that know the challenge: sometimes they see the record.
fn any_case() -> impl Strategy<Value = (Challenge, Rules, Vec<Observation>)> {
    let policy = (
        select(vec![Wildcards::Reject, Wildcards::Accept]),
        select(vec![Reading::Strict, Reading::Lenient]),
    );
    let seen = prop::collection::vec(any_observation(), 0..12);
    let cells = prop::collection::vec(any_cell(), 0..EYES);
    (any_form(), any_rules(), policy, seen, cells).prop_map(
        |(form, rules, (wildcards, reading), mut seen, cells)| {
            let challenge = Plan {
                form,
                ..Plan::default()
            }
            .challenge();
            seen.extend(observations(&cells, &challenge));
            (challenge, with_policy(&rules, wildcards, reading), seen)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    // T-12, S-12: no record, no proof, whatever else is in the answers.
    #[test]
    fn nothing_proves_but_the_record((challenge, rules, mut seen) in any_case()) {
        seen.retain(|one| !holds(one));
        let case = Case::new(&challenge, &rules, &seen, now());
        prop_assert!(!evaluate(&case).is_validated());
    }

    // S-4: evaluate is total, and gives no witness for what it was told.
    #[test]
    fn evaluate_never_panics((challenge, rules, seen) in any_case(), at in any_instant()) {
        let case = Case::new(&challenge, &rules, &seen, at);
        let examination = examine(&case);
        prop_assert_eq!(examination.verdict().witness(), None);
        let decisive = examination.verdict().seen();
        prop_assert!(decisive.is_none_or(|index| index < seen.len()));
        prop_assert!(!examination.verdict().to_string().is_empty());
        let everyone: Vec<PerspectiveId> = (0..=EYES).map(Cell::name).collect();
        for who in &everyone {
            prop_assert!(questions(&case, who).len() <= levels(&challenge) + 2);
        }
        let _ = is_settled(&case, &everyone);
        prop_assert!(is_settled(&case, &[]));
    }

    // X-03, S-3: neither the order of what was seen, nor that of the records in it, nor what
    // strangers say, nor a neighbour's records change a verdict.
    #[test]
    fn order_and_strangers_change_nothing(
        (challenge, rules, seen) in any_case(),
        order in any::<[prop::sample::Index; 8]>(),
        stranger in any_observation(),
    ) {
        let verdict = |seen: &[Observation]| {
            let verdict = evaluate(&Case::new(&challenge, &rules, seen, now()));
            (verdict.name(), verdict.is_validated().then(|| verdict.code()))
        };
        let before = verdict(&seen);
        let mut shuffled = seen.clone();
        for pair in order.chunks(2) {
            if let ([a, b], false) = (pair, shuffled.is_empty()) {
                let (a, b) = (a.index(shuffled.len()), b.index(shuffled.len()));
                shuffled.swap(a, b);
            }
        }
        prop_assert_eq!(verdict(&shuffled), before);

        let result = stranger.result().cloned().map_err(Clone::clone);
        let (question, purpose) = (stranger.question().clone(), stranger.purpose());
        let (from, to) = (stranger.started_at(), stranger.finished_at());
        let who = Cell::name(EYES + 1);
        shuffled.push(Observation::replayed(who, question, purpose, from, to, result));
        prop_assert_eq!(verdict(&shuffled), before);

        let turned = |neighbour: bool| -> Vec<Observation> {
            let seen = seen.iter().map(|one| {
                let result = one.result().cloned().map_err(Clone::clone);
                let result = result.map(|answer| match answer.outcome() {
                    Outcome::Records(records) if !records.is_empty() => {
                        let mut records: Vec<_> = records.iter().rev().cloned().collect();
                        if neighbour {
                            let spf = RecordData::Txt(Txt::joined(b"\xff v=spf1 -all"));
                            records.insert(0, ResourceRecord::new(0, spf));
                        }
                        Answer::new(Outcome::Records(records))
                            .with_aliases(answer.aliases().to_vec())
                            .with_security(answer.security())
                            .with_authoritative(answer.is_authoritative())
                            .with_extended_errors(answer.extended_errors().to_vec())
                    }
                    _ => answer,
                });
                let (who, question) = (one.perspective().clone(), one.question().clone());
                let (from, to) = (one.started_at(), one.finished_at());
                let turned = Observation::replayed(who, question, one.purpose(), from, to, result)
                    .with_attempt(one.attempt());
                match one.server() {
                    Some(server) => turned.with_server(server.clone()),
                    None => turned,
                }
            });
            seen.collect()
        };
        prop_assert_eq!(verdict(&turned(false)), before);
        prop_assert_eq!(verdict(&turned(true)), before);
    }
}

/// The cells that may come of a perspective that has said this much.
const COMPLETIONS: [Option<Letter>; 9] = [
    None,
    Some(Letter::V),
    Some(Letter::D),
    Some(Letter::H),
    Some(Letter::M),
    Some(Letter::N),
    Some(Letter::B),
    Some(Letter::W),
    Some(Letter::F),
];

fn letters(cell: &Cell, letters: &[Letter]) -> Cell {
    Cell {
        letters: letters.to_vec(),
        ..cell.clone()
    }
}

/// When the verdict is settled, no completion changes it.
fn check_settled(cells: &[Cell], needed: u8, outstanding: &[bool], wildcards: Wildcards) {
    let challenge = challenge();
    let Ok(rules) = rules(cells, needed) else {
        return;
    };
    let rules = with_policy(&rules, wildcards, Reading::Lenient);
    let ids: Vec<PerspectiveId> = (0..cells.len())
        .filter(|index| outstanding[*index])
        .map(Cell::name)
        .collect();
    // What an outstanding one has said so far stands in its cell, perhaps nothing.
    let seen = observations(cells, &challenge);
    let case = Case::new(&challenge, &rules, &seen, now());
    if !is_settled(&case, &ids) {
        return;
    }
    let settled = evaluate(&case).name();
    let mut choice = vec![0; cells.len()];
    loop {
        let completed = cells
            .iter()
            .zip(&choice)
            .enumerate()
            .map(|(index, (cell, choice))| {
                let more = COMPLETIONS[*choice].filter(|_| outstanding[index]);
                let said = cell.letters.iter().copied().chain(more);
                letters(cell, &said.collect::<Vec<_>>())
            });
        let completed: Vec<Cell> = completed.collect();
        let seen = observations(&completed, &challenge);
        let verdict = evaluate(&Case::new(&challenge, &rules, &seen, now()));
        assert_eq!(
            verdict.name(),
            settled,
            "{needed} of {cells:?}, {ids:?} went on as {completed:?}"
        );
        // The next row of choices, for those that are outstanding.
        let next = (0..cells.len()).find(|index| {
            outstanding[*index] && {
                choice[*index] = (choice[*index] + 1) % COMPLETIONS.len();
                choice[*index] != 0
            }
        });
        if next.is_none() {
            return;
        }
    }
}

// S-15: every row of three untrusted resolvers, some of them still outstanding.
#[test]
fn settled_is_settled() {
    let says: [&[Letter]; 7] = [
        &[],
        &[Letter::M],
        &[Letter::N],
        &[Letter::B],
        &[Letter::W],
        &[Letter::F],
        &[Letter::P],
    ];
    let blank = Cell::parse("F");
    for number in 0..7 * 7 * 7 {
        let cells = [number % 7, number / 7 % 7, number / 49].map(|one| letters(&blank, says[one]));
        for waiting in 1..8_u8 {
            let outstanding = [0, 1, 2].map(|bit| waiting >> bit & 1 == 1);
            for needed in 2..=3 {
                check_settled(&cells, needed, &outstanding, Wildcards::Reject);
            }
        }
    }
}

// The verifier waits for nobody who cannot change the verdict.
#[test]
fn settled_as_early_as_possible() {
    for (cells, needed, waiting, settled) in [
        ("M M F", 2, "eye-2", true),
        ("N N F", 2, "eye-2", true),
        ("M F F", 2, "eye-2", false),
        ("F F F", 2, "eye-2", true),
        ("W W F", 2, "eye-2", true),
        ("M N F", 2, "eye-2", false),
        ("M M P", 2, "eye-2", true),
        ("M P F", 2, "eye-1", false),
        ("M M N F", 3, "eye-3", false),
        ("N N F F", 3, "eye-3", false),
        ("F F M M", 3, "eye-3", true),
        ("Ms F F", 2, "eye-2", true),
        // Two of them might yet see a wildcard, or the record.
        ("Ms F F", 2, "eye-1 eye-2", false),
        ("Ns F F", 2, "eye-2", true),
        ("Ns F F", 2, "eye-1 eye-2", false),
        ("Ws F F", 2, "eye-1 eye-2", true),
        ("Bs F F", 2, "eye-1 eye-2", true),
        // A veto may come, or a confirmation, or the signature that is required.
        ("M M aF", 2, "eye-2", false),
        ("Ms F aF", 2, "eye-2", false),
        ("Ms M aF", 2, "eye-2", false),
        ("M N aF", 2, "eye-2", false),
        // But it is not waited for in vain.
        ("N N aF", 2, "eye-2", true),
        ("W W aF", 2, "eye-2", true),
        ("F F aF", 2, "eye-2", true),
        ("Bs F aF", 2, "eye-2", true),
        ("aN M F", 2, "eye-1", false),
        ("aN M M F", 3, "eye-3", true),
        ("M M aN M aF", 3, "eye-4", true),
        // A validator may end the matter, whatever the others say: unless it is ended.
        ("W W Fi", 2, "eye-2", true),
        ("N N Fi", 2, "eye-2", false),
        ("F F Fi", 2, "eye-2", false),
        ("M M Fi", 2, "eye-2", false),
        ("M M@x F@x", 2, "eye-2", false),
        // Nobody is waited for who is not there.
        ("M F F", 2, "eye-7", true),
    ] {
        let cells: Vec<Cell> = cells.split(' ').map(Cell::parse).collect();
        let (challenge, rules) = (challenge(), rules(&cells, needed).unwrap());
        let waiting: Vec<_> = waiting.split(' ').map(crate::cases::id).collect();
        let mut seen = observations(&cells, &challenge);
        // Those who are waited for have said nothing yet, or only that they see the record.
        seen.retain(|one| {
            let index = (0..cells.len()).find(|index| Cell::name(*index) == *one.perspective());
            let probing = index.is_some_and(|index| cells[index].letters == [Letter::P]);
            probing || !waiting.contains(one.perspective())
        });
        let case = Case::new(&challenge, &rules, &seen, now());
        assert_eq!(
            is_settled(&case, &waiting),
            settled,
            "{needed} of {cells:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    // S-15, S-2, S-3: the same of every kind of perspective and group.
    #[test]
    fn settled_is_settled_for_any_kind(
        cells in prop::collection::vec((any_cell(), prop::option::weighted(0.4, select(vec!["one", "two", "?"]))), 1..=4),
        needed in 1..=3_u8,
        outstanding in any::<[bool; EYES]>(),
        silent in any::<[bool; EYES]>(),
        wildcards in select(vec![Wildcards::Reject, Wildcards::Accept]),
    ) {
        let cells: Vec<Cell> = cells.into_iter().enumerate().map(|(index, (cell, group))| {
            let silent = silent[index] && outstanding[index];
            let said = if silent { vec![] } else { cell.letters.clone() };
            Cell { group: group.map(str::to_owned), letters: said, ..cell }
        }).collect();
        check_settled(&cells, needed, &outstanding, wildcards);
    }

    // D-04: what one resolver alone says, a quorum says too when all agree.
    #[test]
    fn agreement_is_agreement(seen in any_seen(), count in 1..=5_u8) {
        let challenge = challenge();
        let decide = |count: u8| {
            let eyes: Vec<_> = (0..count).map(|index| eye(Cell::name(index.into()).as_str())).collect();
            let rules = Rules::new(Policy::k_of_n(count, count).unwrap(), eyes.clone()).unwrap();
            let seen: Vec<_> = eyes.iter().map(|eye| crate::cases::saw(eye.id(), &challenge, seen.clone())).collect();
            evaluate(&Case::new(&challenge, &rules, &seen, now())).code()
        };
        prop_assert_eq!(decide(1), decide(count));
    }
}
