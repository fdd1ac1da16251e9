//! What a tenant does not learn (S-17).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use proptest::prelude::*;
use proptest::sample::select;

use super::catalogue::{COMMON, Contract, OWNER, full, name, own, read};
use super::world::{UNKNOWN, World, alias};
use crate::diagnose::{Code, Diagnosis, Finding, Origin, Param, Report, Seen, Severity, Value};
use crate::dns::{
    Answer, ExtendedError, Group, LookupFailure, Outcome, Perspective, PerspectiveId, Question,
    RecordData, ResourceRecord,
};
use crate::policy::{Policy, Rules};
use crate::token::Token;

/// What only the perspective of unknown operator sees: each has this in it, at the beginning.
const SECRET: &str = "secret";
const PUBLIC: [&str; 3] = ["public-1", "v=spf1 -all", ""];
const SECRETS: [&str; 2] = ["secret-1", "secret token"];
const PUBLIC_NAMES: [&str; 3] = [OWNER, "verify.example.net", "example.com"];
const SECRET_NAMES: [&str; 2] = ["secret.example.com", "secret-db.corp.example"];

/// Everything that a reader of a report can see.
fn everything(diagnosis: &Diagnosis) -> String {
    let report = diagnosis.for_tenant();
    let document = report.document();
    let mut all = vec![
        diagnosis.to_string(),
        document.to_markdown(),
        document.to_html(),
        document.to_page("x"),
    ];
    #[cfg(feature = "serde")]
    all.push(serde_json::to_string(&report).unwrap());
    all.push(format!("{:?}", report.findings()));
    all.join("\n")
}

fn answer(
    texts: &'static [&'static str],
    names: &'static [&'static str],
) -> impl Strategy<Value = Result<Answer, LookupFailure>> {
    let text = select(texts);
    let target = select(names);
    prop_oneof![
        text.clone().prop_map(|text| Ok(Answer::txt([text]))),
        target.clone().prop_map(|target| Ok(alias(target))),
        target.clone().prop_map(|target| {
            let data = RecordData::Name(name(target));
            Ok(Answer::new(Outcome::Records(vec![ResourceRecord::new(
                60, data,
            )])))
        }),
        target.prop_map(|at| Err(LookupFailure::BrokenChain { at: name(at) })),
        text.prop_map(|text| Err(LookupFailure::Server {
            rcode: 2,
            extended: vec![ExtendedError::new(15, text.as_bytes())],
        })),
        Just(Err(LookupFailure::AddressRefused)),
    ]
}

/// Values for a parameter, out of all that any perspective saw.
fn value(contract: Contract) -> BoxedStrategy<Option<Value>> {
    let texts = || select([&PUBLIC[..], &SECRETS].concat());
    let names = || select([&PUBLIC_NAMES[..], &SECRET_NAMES].concat());
    let given = match (contract.key, contract.kind) {
        ("inside", _) => select(vec!["quad-3-udp", UNKNOWN, "nobody"])
            .prop_map(|id| Value::Text(id.into()))
            .boxed(),
        // What is told of a value goes with it; ours is no secret.
        ("characters", _) => Just(Value::Text("U+200B".into())).boxed(),
        (_, "Text") => Just(Value::Text("ours".into())).boxed(),
        (_, "Data") => texts()
            .prop_map(|text| Value::Data(text.as_bytes().to_vec()))
            .boxed(),
        ("owner" | "zone" | "registrable" | "parent", _) => {
            Just(Value::Name(name("example.com"))).boxed()
        }
        (_, "Name") => names().prop_map(|one| Value::Name(name(one))).boxed(),
        (_, "Names") => proptest::collection::vec(names(), 0..4)
            .prop_map(|list| Value::Names(list.into_iter().map(name).collect()))
            .boxed(),
        (_, "Failure") => prop_oneof![
            names().prop_map(|at| LookupFailure::BrokenChain { at: name(at) }),
            texts().prop_map(|text| LookupFailure::Bogus {
                extended: vec![ExtendedError::new(6, text.as_bytes())],
            }),
            Just(LookupFailure::AddressRefused),
            Just(LookupFailure::NoAddress),
            Just(LookupFailure::Transport),
        ]
        .prop_map(Value::Failure)
        .boxed(),
        (_, "Count") => Just(Value::Count(3)).boxed(),
        (_, "Duration") => Just(Value::Duration(std::time::Duration::from_secs(9))).boxed(),
        (_, "Instant") => Just(Value::Instant(super::catalogue::instant(0))).boxed(),
        (_, _) => Just(Value::Type(crate::dns::RecordType::TXT)).boxed(),
    };
    proptest::option::weighted(0.9, given).boxed()
}

fn finding(code: Code) -> impl Strategy<Value = Finding> {
    let mut contracts = read(COMMON);
    contracts.extend(own(code));
    let keys: Vec<_> = contracts.iter().map(|contract| contract.key).collect();
    let values: Vec<_> = contracts.into_iter().map(value).collect();
    values.prop_map(move |values| {
        let params = keys.iter().zip(values);
        let params = params.filter_map(|(key, value)| value.map(|value| Param { key, value }));
        Finding {
            code,
            severity: Severity::Change,
            params: params.collect(),
            seen: Vec::new(),
            next_check_at: None,
        }
    })
}

fn findings() -> impl Strategy<Value = Vec<Finding>> {
    let one = select(Code::ALL.to_vec()).prop_flat_map(finding);
    proptest::collection::vec(one, 1..4)
}

type Saw = (&'static str, &'static str, Result<Answer, LookupFailure>);

fn observations() -> impl Strategy<Value = Vec<Saw>> {
    const ALL_TEXTS: &[&str] = &["secret-1", "secret token", "public-1"];
    const ALL_NAMES: &[&str] = &["secret.example.com", "secret-db.corp.example", OWNER];
    let secret = (
        Just(UNKNOWN),
        select(ALL_NAMES),
        answer(ALL_TEXTS, ALL_NAMES),
    );
    let public = (
        select(vec!["quad-3-udp", "zone-servers-eu"]),
        select(ALL_NAMES),
        answer(&PUBLIC, &PUBLIC_NAMES),
    );
    proptest::collection::vec(prop_oneof![secret, public], 0..8)
}

/// A world in which these were seen; every finding says that it was seen everywhere. The secret
/// names are in answers of the unknown perspective, whatever else is.
fn seen(saw: Vec<Saw>, findings: &mut [Finding]) -> World {
    let mut world = World::new();
    let mut places: Vec<Seen> = Vec::new();
    for target in SECRET_NAMES {
        let question = world.challenge.question();
        places.push(world.see(UNKNOWN, question, Ok(alias(target))));
    }
    for (who, asked, answer) in saw {
        let question = Question::txt(name(asked));
        places.push(world.see(who, question, answer));
    }
    for finding in findings {
        finding.seen = places.clone();
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    // S-17: no address, no name of a perspective, and nothing that only an unknown one saw.
    #[test]
    fn a_tenant_reads_nothing_internal(saw in observations(), mut findings in findings()) {
        let world = seen(saw, &mut findings);
        let all = everything(&world.diagnosis(findings));
        let base64 = "c2VjcmV0"; // "secret"
        let octets = "115, 101, 99, 114, 101, 116";
        for inner in [
            SECRET, base64, octets, "192.0.2.53", UNKNOWN, "cellar", "quad-3-udp", "zone-servers-eu",
            "AddressRefused", "address-refused", "NoAddress", "no-address", "other-account",
        ] {
            prop_assert!(!all.contains(inner), "{inner} in {all}");
        }
    }

    // S-17: another account's token is an unknown one, to the last octet.
    #[test]
    fn foreign_tokens_are_unknown_tokens(saw in observations(), mut findings in findings()) {
        let world = seen(saw, &mut findings);
        let mut unknown = findings.clone();
        for (index, finding) in findings.iter_mut().enumerate() {
            if index % 2 == 0 {
                finding.code = Code::OtherAccountToken;
                unknown[index].code = Code::UnknownToken;
            }
        }
        let (other, unknown) = (world.diagnosis(findings), world.diagnosis(unknown));
        prop_assert_eq!(everything(&other), everything(&unknown));
    }
}

// S-17: nor does anything else of a diagnosis depend on whose the token is.
#[test]
fn a_diagnosis_of_a_foreign_token_is_that_of_an_unknown_one() {
    let foreign = "ge3tsnbrgmztqobzgezdgnbvgy3tqoja";
    let told = [Origin::OtherAccount, Origin::Unknown].map(|origin| {
        let mut world = World::new();
        let fingerprint = Token::new(foreign).unwrap().fingerprint();
        world.history = world.history.with_token(fingerprint, origin);
        for who in ["quad-3-udp", "zone-servers-eu"] {
            let question = world.challenge.question();
            let answer = Answer::txt([format!("token={foreign}")]).with_authoritative(true);
            world.see(who, question, Ok(answer));
        }
        // Another finding, which stands behind a foreign token and before an unknown one.
        let record = world.challenge.record().value().to_owned();
        let apex = Question::txt(name("example.com"));
        world.see("quad-3-udp", apex, Ok(Answer::txt([record])));
        let diagnosis = Diagnosis::of(&world.inquiry());
        let findings = diagnosis.for_operator().findings().iter();
        let operator: Vec<Code> = findings.map(|finding| finding.code).collect();
        let told = (everything(&diagnosis), diagnosis.next_check_at());
        (operator, told)
    });
    assert_eq!(told[0].0, [Code::OtherAccountToken, Code::RecordAtApex]);
    assert_eq!(told[1].0, [Code::RecordAtApex, Code::UnknownToken]);
    assert_eq!(told[0].1, told[1].1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    // S-17: nor an address that serves as the name of a perspective and of who runs it, in whatever
    // form, by itself or within more, and not as what an operator's resolver says of others.
    #[test]
    fn an_address_is_nobodys_name(
        four in any::<u32>(),
        six in any::<u128>(),
        port in any::<u16>(),
        form in 0..6_usize,
        before in "(at-|ns |)",
        after in "(-eu| x|)",
    ) {
        let (four, six) = (Ipv4Addr::from(four), Ipv6Addr::from(six));
        let address = [
            four.to_string(),
            SocketAddr::new(four.into(), port).to_string(),
            four.to_string().replace('.', "-"),
            six.to_string(),
            SocketAddr::new(six.into(), port).to_string(),
            SocketAddr::new(four.to_ipv6_mapped().into(), port).to_string(),
        ][form].clone();
        let mut world = World::new();
        let name = PerspectiveId::new(&format!("{before}{address}{after}")).unwrap();
        let named = Perspective::new(name.clone()).with_group(Group::Operator(name.clone()));
        let mut eyes = world.rules.perspectives().to_vec();
        eyes.push(named);
        world.rules = Rules::new(Policy::k_of_n(2, 3).unwrap(), eyes).unwrap();
        let text = ExtendedError::new(22, format!("{address} rcode=REFUSED").as_bytes());
        let failure = LookupFailure::Server { rcode: 2, extended: vec![text] };
        let question = world.challenge.question();
        let seen = world.see(name.as_str(), question, Err(failure.clone()));
        let mut findings: Vec<Finding> = Code::ALL.map(full).into();
        for finding in &mut findings {
            finding.seen.push(seen.clone());
            for param in &mut finding.params {
                match param.value {
                    Value::Failure(_) => param.value = Value::Failure(failure.clone()),
                    Value::Text(_) if param.key == "inside" => {
                        param.value = Value::Text(name.as_str().to_owned());
                    }
                    _ => {}
                }
            }
        }
        for finding in findings {
            let all = everything(&world.diagnosis(vec![finding]));
            prop_assert!(!all.contains(&address), "{address} in {all}");
            let octets = format!("{:?}", address.as_bytes());
            prop_assert!(!all.contains(octets.trim_matches(['[', ']'])), "{octets} in {all}");
            prop_assert!(all.contains("resolver 1"), "{all}");
        }
    }
}

// S-17: operators with an address for a name are told apart by a number, and others keep theirs.
#[test]
fn operators_are_told_apart() {
    let mut world = World::new();
    let mut eyes = world.rules.perspectives().to_vec();
    let names =
        ["192.0.2.1:53", "[2001:db8::1]:53", "Quad3"].map(|name| PerspectiveId::new(name).unwrap());
    for name in &names {
        let group = Group::Operator(name.clone());
        eyes.push(Perspective::new(name.clone()).with_group(group));
    }
    world.rules = Rules::new(Policy::k_of_n(3, 4).unwrap(), eyes).unwrap();
    let mut finding = full(Code::Timeout);
    for name in &names {
        let question = world.challenge.question();
        let failure = Err(LookupFailure::Timeout);
        finding
            .seen
            .push(world.see(name.as_str(), question, failure));
    }
    let diagnosis = world.diagnosis(vec![finding]);
    let shown = |report: Report<'_>| {
        let seen = report.findings()[0].seen().iter();
        seen.map(|seen| seen.perspective().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        shown(diagnosis.for_tenant()),
        ["resolver 1", "resolver 2", "Quad3"]
    );
    assert_eq!(
        shown(diagnosis.for_operator()),
        ["192.0.2.1:53", "[2001:db8::1]:53", "Quad3"]
    );
}

// S-17: what is hidden leaves no hole in a sentence.
#[test]
fn sentences_do_without_what_is_hidden() {
    for code in Code::ALL {
        let mut world = World::new();
        let finding = full(code);
        let question = world.challenge.question();
        for param in &finding.params {
            let names = match &param.value {
                Value::Name(name) => std::slice::from_ref(name),
                Value::Names(names) => names,
                _ => &[],
            };
            for name in names {
                world.see(UNKNOWN, question.clone(), Ok(alias(&name.to_string())));
            }
        }
        let diagnosis = world.diagnosis(vec![finding]);
        let all = everything(&diagnosis);
        assert!(!all.contains("(not known)"), "{all}");
        let finding = &diagnosis.for_tenant().findings()[0];
        assert_eq!(finding.param("target"), None, "{code}");
        assert_eq!(finding.param("data"), None, "{code}");
    }
}

// S-17: the public part of what was seen is kept, so that the first test does not pass in silence.
#[test]
fn a_tenant_reads_what_is_public() {
    let mut world = World::new();
    let question = world.challenge.question();
    let mut finding = full(Code::InvisibleCharacters);
    let data = super::catalogue::data(finding.code);
    for who in [UNKNOWN, "quad-3-udp", "zone-servers-eu"] {
        let seen = world.see(who, question.clone(), Ok(Answer::txt([&data])));
        finding.seen.push(seen);
    }
    let all = everything(&world.diagnosis(vec![finding.clone()]));
    for public in [
        "toke\\226\\128\\139n=",
        "U+200B at position 5",
        "Quad3",
        "ns1.dns.example",
    ] {
        assert!(all.contains(public), "{public} not in {all}");
    }
    assert!(all.contains("one of our resolvers"), "{all}");

    world
        .seen
        .retain(|one| one.perspective().as_str() == UNKNOWN);
    let all = everything(&world.diagnosis(vec![finding]));
    for private in ["toke\\226", "U+200B"] {
        assert!(!all.contains(private), "{private} in {all}");
    }
}
