//! The contract: which parameters each code has, and a sample of each.

use std::time::Duration;

use time::UtcDateTime;

use crate::diagnose::{Code, Finding, Param, Severity, Value};
use crate::dns::{ExtendedError, LookupFailure, RecordType};
use crate::name::OwnerName;

/// What comes with every code.
pub(super) const COMMON: &str = "owner: Name, zone: Name, host: Text, type: Type, value: Text";

/// What else each code has; a `?` is there only where it is known.
pub(super) const PARAMS: [(Code, &str); Code::ALL.len()] = {
    const FOUND: &str = "found: Name, data: Data";
    const FAILURE: &str = "failure: Failure, at?: Name";
    [
        (
            Code::NotPublished,
            "servers?: Names, provider?: Text, others?: Count, negative_ttl?: Duration",
        ),
        (Code::ZoneNameDoubled, "found: Name"),
        (Code::RecordAtApex, "found: Name"),
        (Code::RecordAtWrongName, "found: Name"),
        (Code::WrongRecordType, "types: Types, target?: Name"),
        (Code::QuotesInValue, FOUND),
        (Code::SurroundingWhitespace, FOUND),
        (
            Code::InvisibleCharacters,
            "found: Name, data: Data, characters: Text",
        ),
        (Code::CaseChanged, FOUND),
        (
            Code::ValueTruncated,
            "found: Name, data: Data, length: Count, expected: Count",
        ),
        (Code::ExtraText, FOUND),
        (
            Code::StaleToken,
            "found: Name, data: Data, issued_at: Instant",
        ),
        (Code::OtherAccountToken, FOUND),
        (
            Code::TokenForOtherDomain,
            "found: Name, data: Data, other: Text, scope: Text, issued_at: Instant",
        ),
        (Code::UnknownToken, FOUND),
        (
            Code::NegativeCached,
            "until: Instant, left: Duration, holders?: Count",
        ),
        (
            Code::NameserversDisagree,
            "have: Names, lack: Names, newest?: Count, oldest?: Count",
        ),
        (
            Code::WrongProvider,
            "servers: Names, provider?: Text, edited?: Text, elsewhere?: Names",
        ),
        (Code::CnameAtOwner, "target: Name, other?: Name"),
        (Code::CnameDangling, "target: Name, via?: Names"),
        (Code::CnameLoop, "chain: Names"),
        (Code::WildcardSynthesised, "wildcard: Name"),
        (Code::FlattenedCname, "target: Name"),
        (
            Code::LameDelegation,
            "lame: Names, failure?: Failure, fine?: Names",
        ),
        (Code::DnssecBogus, "failure?: Failure"),
        (Code::ServerFailure, FAILURE),
        (Code::Refused, FAILURE),
        (Code::Timeout, FAILURE),
        (
            Code::AnswerFiltered,
            "failure?: Failure, perspectives: Count",
        ),
        (Code::WrongZone, "shown: Name, count: Count, at?: Name"),
        (Code::DomainNotDelegated, "registrable: Name, parent: Name"),
        (Code::SplitValueMangled, FOUND),
        (Code::TruncatedNoTcp, FAILURE),
        (Code::SplitHorizon, "inside?: Text"),
        (
            Code::ChallengeExpired,
            "expired_at: Instant, seen_at?: Instant, closes_at?: Instant",
        ),
        (Code::ChallengeClosed, ""),
        (Code::ProofEnded, "ended_at: Instant"),
        (Code::RecordRemoved, "confirmed_at: Instant"),
        (Code::DomainRefused, "reason: Text"),
        (Code::UnknownFormat, "format: Text"),
        (Code::Undetermined, "tried: Count"),
        (Code::AnswerTooLarge, FAILURE),
    ]
};

/// A parameter as the contract has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Contract {
    pub(super) key: &'static str,
    pub(super) is_optional: bool,
    pub(super) kind: &'static str,
}

/// What a code has of its own.
pub(super) fn own(code: Code) -> Vec<Contract> {
    let (_, listed) = PARAMS.iter().find(|(known, _)| *known == code).unwrap();
    read(listed)
}

pub(super) fn read(listed: &'static str) -> Vec<Contract> {
    let params = listed.split(", ").filter(|param| !param.is_empty());
    let params = params.map(|param| {
        let (key, kind) = param.split_once(": ").unwrap();
        let (key, is_optional) = match key.strip_suffix('?') {
            Some(key) => (key, true),
            None => (key, false),
        };
        Contract {
            key,
            is_optional,
            kind,
        }
    });
    params.collect()
}

pub(super) fn name(text: &str) -> OwnerName {
    OwnerName::parse(text).unwrap()
}

pub(super) fn instant(seconds: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(1_796_040_000 + seconds).unwrap()
}

pub(super) const OWNER: &str = "_x-challenge.example.com";
pub(super) const TOKEN: &str = "mzxw6ytboi4dsnzwgqzdgmrtgi5tqobq";

/// What this parameter is like in earnest.
fn usual(code: Code, contract: Contract) -> Value {
    let names = |list: &[&str]| Value::Names(list.iter().map(|one| name(one)).collect());
    match (contract.key, contract.kind) {
        ("owner", _) => Value::Name(name(OWNER)),
        ("zone" | "registrable", _) => Value::Name(name("example.com")),
        ("parent", _) => Value::Name(name("com")),
        ("shown", _) => Value::Name(name("old.example.net")),
        ("host", _) => Value::Text("_x-challenge".into()),
        ("type", _) => Value::Type(RecordType::TXT),
        ("value", _) => Value::Text(format!("token={TOKEN}")),
        ("found", _) => Value::Name(name(match code {
            Code::ZoneNameDoubled => "_x-challenge.example.com.example.com",
            Code::RecordAtApex => "example.com",
            Code::RecordAtWrongName => "x-challenge.example.com",
            _ => OWNER,
        })),
        ("data", _) => Value::Data(data(code)),
        ("characters", _) => Value::Text("U+200B at position 5".into()),
        ("types", _) => Value::Types(vec![RecordType::CNAME]),
        ("servers" | "fine" | "have", _) => names(&["ns1.dns.example", "ns2.dns.example"]),
        ("elsewhere", _) => names(&["ns1.old.example"]),
        ("lack" | "lame", _) => names(&["ns3.dns.example"]),
        ("chain", _) => names(&[OWNER, "a.example.net", "b.example.net", OWNER]),
        ("via", _) => names(&["a.example.net"]),
        ("target", _) => Value::Name(name("verify.example.net")),
        ("other", "Name") => Value::Name(name("end.example.org")),
        ("at", _) => Value::Name(name("verify.example.net")),
        ("wildcard", _) => Value::Name(name("*.example.com")),
        ("provider", _) => Value::Text("Example DNS".into()),
        ("edited", _) => Value::Text("Old Hosting".into()),
        ("other", _) => Value::Text("example.org".into()),
        ("scope", _) => Value::Text("host".into()),
        ("inside", _) => Value::Text("office".into()),
        ("reason", _) => Value::Text("co.uk is a public suffix".into()),
        ("format", _) => Value::Text("acme-like".into()),
        ("negative_ttl", _) => Value::Duration(Duration::from_secs(3600)),
        ("left", _) => Value::Duration(Duration::from_secs(719)),
        ("until", _) => Value::Instant(instant(719)),
        (_, "Instant") => Value::Instant(instant(-86_400)),
        ("newest", _) => Value::Count(2_026_113_002),
        ("oldest", _) => Value::Count(2_026_113_001),
        ("length", _) => Value::Count(21),
        ("expected", _) => Value::Count(32),
        ("tried", _) => Value::Count(11),
        (_, "Count") => Value::Count(2),
        (_, "Failure") => Value::Failure(failure(code)),
        (key, kind) => panic!("no sample of {key}: {kind}"),
    }
}

fn failure(code: Code) -> LookupFailure {
    match code {
        Code::DnssecBogus => LookupFailure::Bogus {
            extended: vec![ExtendedError::new(
                7,
                b"signature of example.com/SOA expired",
            )],
        },
        Code::AnswerFiltered => LookupFailure::Server {
            rcode: 3,
            extended: vec![ExtendedError::new(15, b"malware list")],
        },
        Code::ServerFailure => LookupFailure::server(2),
        Code::Timeout => LookupFailure::Timeout,
        Code::TruncatedNoTcp => LookupFailure::Truncated,
        Code::AnswerTooLarge => LookupFailure::TooLarge,
        _ => LookupFailure::server(5),
    }
}

pub(super) fn data(code: Code) -> Vec<u8> {
    match code {
        Code::QuotesInValue => format!("\"token={TOKEN}\"").into_bytes(),
        Code::SurroundingWhitespace => format!("token={TOKEN}\t").into_bytes(),
        Code::InvisibleCharacters => format!("toke\u{200b}n={TOKEN}").into_bytes(),
        Code::CaseChanged => format!("token={TOKEN}").to_uppercase().into_bytes(),
        Code::ValueTruncated => format!("token={:.21}", TOKEN).into_bytes(),
        Code::ExtraText => format!("IN TXT token={TOKEN}").into_bytes(),
        Code::SplitValueMangled => b"token=mzxw6ytboi4dsnzw gqzdgmrtgi5tqobq".to_vec(),
        _ => b"token=ge3tsnbrgmztqobzgezdgnbvgy3tqoja".to_vec(),
    }
}

/// A finding with every parameter that its code can have.
pub(super) fn full(code: Code) -> Finding {
    finding(code, |_| true)
}

/// A finding with the parameters only that its code always has.
pub(super) fn bare(code: Code) -> Finding {
    finding(code, |contract| !contract.is_optional)
}

fn finding(code: Code, keep: impl Fn(&Contract) -> bool) -> Finding {
    let mut contracts = read(COMMON);
    contracts.extend(own(code).into_iter().filter(keep));
    let params = contracts.into_iter().map(|contract| Param {
        key: contract.key,
        value: usual(code, contract),
    });
    let severity = match code {
        Code::NegativeCached
        | Code::NameserversDisagree
        | Code::ServerFailure
        | Code::Timeout
        | Code::UnknownFormat => Severity::Wait,
        Code::SplitHorizon | Code::AnswerFiltered | Code::Undetermined => Severity::Hint,
        _ => Severity::Change,
    };
    let is_over = matches!(
        code,
        Code::ChallengeExpired | Code::ChallengeClosed | Code::ProofEnded | Code::DomainRefused
    );
    Finding {
        code,
        severity,
        params: params.collect(),
        seen: Vec::new(),
        next_check_at: (!is_over).then(|| instant(720)),
    }
}
