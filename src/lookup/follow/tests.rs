use super::Walk;
use crate::dns::{
    Alias, ExtendedError, LookupFailure, MAX_ALIASES, Outcome, Question, RecordData, RecordType,
    Soa, Txt,
};
use crate::lookup::exchange::{Reply, Rr};
use crate::name::OwnerName;

/// Reads a reply such as `NXDOMAIN; a.x CNAME b.x; b.x TXT t; SOA x`. Flags: `AA`, `NS`.
fn reply(text: &str) -> Reply {
    let mut reply = Reply {
        authoritative: false,
        ..Reply::default()
    };
    for part in text
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        match *part.split(' ').collect::<Vec<_>>() {
            ["AA"] => reply.authoritative = true,
            ["NS"] => reply.referral = true,
            ["NXDOMAIN"] => reply.rcode = 3,
            ["RCODE", code] => reply.rcode = code.parse().unwrap(),
            ["SOA", apex] => reply.soa = Some(Soa::new(apex.parse().unwrap(), 1, 300, 300)),
            ["EDE", code] => {
                reply
                    .extended_errors
                    .push(ExtendedError::new(code.parse().unwrap(), b""));
            }
            [owner, kind, data] => {
                let (record_type, data) = match kind {
                    "TXT" => (
                        RecordType::TXT,
                        RecordData::Txt(Txt::joined(data.as_bytes())),
                    ),
                    "CNAME" => (RecordType::CNAME, RecordData::Name(data.parse().unwrap())),
                    "DNAME" => (RecordType::DNAME, RecordData::Name(data.parse().unwrap())),
                    other => panic!("{other}"),
                };
                let owner = owner.parse().unwrap();
                reply.records.push(Rr {
                    owner,
                    record_type,
                    ttl: 60,
                    data,
                });
            }
            ref other => panic!("{other:?}"),
        }
    }
    reply
}

/// Walks over the replies to a question for TXT at `a.x`, and writes down what came of it: what
/// was asked, the aliases, the end.
fn walk(replies: &[&str]) -> String {
    let mut walk = Walk::new(Question::txt("a.x".parse().unwrap()));
    let mut replies = replies.iter();
    let mut told = String::new();
    let outcome = loop {
        told += &format!("?{} ", short(walk.question().name()));
        let Some(text) = replies.next() else {
            return told + "unanswered";
        };
        match walk.take(reply(text)) {
            Ok(None) => {}
            Ok(Some(outcome)) => break outcome,
            Err(LookupFailure::BrokenChain { at }) => {
                return format!("{told}broken {}", short(&at));
            }
            Err(LookupFailure::Server { rcode, extended }) => {
                return format!("{told}rcode {rcode} {}", extended.len());
            }
            Err(LookupFailure::Referral) => return told + "referral",
            Err(other) => panic!("{other:?}"),
        }
    };
    assert!(replies.next().is_none(), "a reply too many");
    let answer = walk.into_answer(outcome);
    let asked = "a.x".parse().unwrap();
    assert!(answer.final_name(&asked).is_some(), "{answer:?}");
    for alias in answer.aliases() {
        told += &format!("{}>{} ", short(alias.owner()), short(alias.target()));
    }
    told += &match answer.outcome() {
        Outcome::Records(records) => {
            let data = records.iter().map(|record| match record.data() {
                RecordData::Txt(txt) => String::from_utf8(txt.data().to_vec()).unwrap(),
                other => panic!("{other:?}"),
            });
            data.collect::<Vec<_>>().join(",")
        }
        Outcome::Absent(absence) => {
            let soa = absence
                .soa()
                .map_or_else(|| "-".to_owned(), |soa| short(soa.owner()));
            format!("{:?} {soa}", absence.kind())
        }
        other => format!("{other:?}"),
    };
    told
}

fn short(name: &OwnerName) -> String {
    name.to_string().trim_end_matches('.').to_owned()
}

/// (what, the replies in order, what comes of it). A-01, DG-05, X-03.
const CASES: &[(&str, &[&str], &str)] = &[
    ("a record", &["a.x TXT t"], "?a.x t"),
    ("several records", &["a.x TXT t; a.x TXT u"], "?a.x t,u"),
    (
        "foreign records",
        &["b.x TXT u; a.x TXT t; c.x CNAME a.x"],
        "?a.x t",
    ),
    ("another letter case", &["A.X TXT t"], "?a.x t"),
    (
        "a record beside an alias",
        &["a.x CNAME b.x; a.x TXT t; b.x TXT u"],
        "?a.x t",
    ),
    ("an alias", &["a.x CNAME b.y; b.y TXT t"], "?a.x a.x>b.y t"),
    (
        "aliases in any order",
        &["c.y TXT t; b.y CNAME c.y; a.x CNAME b.y"],
        "?a.x a.x>b.y b.y>c.y t",
    ),
    (
        "only what stands at the end",
        &["a.x CNAME b.y; b.y TXT t; c.y TXT u; y TXT v"],
        "?a.x a.x>b.y t",
    ),
    // Absence.
    ("no such name", &["NXDOMAIN; SOA x"], "?a.x NxDomain x"),
    (
        "no such name, says nobody",
        &["NXDOMAIN"],
        "?a.x NxDomain -",
    ),
    ("no such record", &["SOA x"], "?a.x NoData x"),
    ("no such record, says nobody", &["AA"], "?a.x NoData -"),
    ("a foreign SOA is handed on", &["SOA y"], "?a.x NoData y"),
    (
        "a dangling alias",
        &["NXDOMAIN; a.x CNAME b.y; SOA y"],
        "?a.x a.x>b.y NxDomain y",
    ),
    (
        "an alias to an empty name",
        &["a.x CNAME b.y; SOA y"],
        "?a.x a.x>b.y NoData y",
    ),
    // The target is asked for where the reply says nothing of it.
    (
        "half a chain",
        &["a.x CNAME b.y", "b.y TXT t"],
        "?a.x ?b.y a.x>b.y t",
    ),
    (
        "half a chain, twice",
        &["a.x CNAME b.y", "b.y CNAME c.z", "c.z TXT t"],
        "?a.x ?b.y ?c.z a.x>b.y b.y>c.z t",
    ),
    (
        "half a chain, and the wrong SOA",
        &["a.x CNAME b.y; SOA x", "b.y TXT t"],
        "?a.x ?b.y a.x>b.y t",
    ),
    (
        "half a chain, denied by the wrong zone",
        &["NXDOMAIN; a.x CNAME b.y; SOA x", "NXDOMAIN; SOA y"],
        "?a.x ?b.y a.x>b.y NxDomain y",
    ),
    (
        "the target is denied",
        &["a.x CNAME b.y", "SOA y"],
        "?a.x ?b.y a.x>b.y NoData y",
    ),
    (
        "the target is denied by nobody",
        &["a.x CNAME b.y", "NXDOMAIN"],
        "?a.x ?b.y a.x>b.y NxDomain -",
    ),
    (
        "the target is not held",
        &["a.x CNAME b.y", "RCODE 5"],
        "?a.x ?b.y broken b.y",
    ),
    (
        "the target is not authoritative",
        &["a.x CNAME b.y", "RCODE 9"],
        "?a.x ?b.y broken b.y",
    ),
    (
        "the target is referred",
        &["a.x CNAME b.y", "NS"],
        "?a.x ?b.y broken b.y",
    ),
    (
        "no word on the target",
        &["a.x CNAME b.y", ""],
        "?a.x ?b.y broken b.y",
    ),
    (
        "an answer to another question",
        &["a.x CNAME b.y", "a.x CNAME b.y"],
        "?a.x ?b.y broken b.y",
    ),
    ("a referral", &["NS"], "?a.x referral"),
    // Failures.
    ("refused", &["RCODE 5"], "?a.x rcode 5 0"),
    (
        "failed, and why",
        &["RCODE 2; EDE 6; EDE 7"],
        "?a.x rcode 2 2",
    ),
    (
        "failed behind an alias",
        &["a.x CNAME b.y", "RCODE 2; EDE 22"],
        "?a.x ?b.y rcode 2 1",
    ),
    (
        "records that do not exist",
        &["NXDOMAIN; a.x TXT t"],
        "?a.x rcode 3 0",
    ),
    // Loops.
    (
        "an alias of itself",
        &["a.x CNAME a.x"],
        "?a.x a.x>a.x AliasLoop",
    ),
    (
        "two aliases of each other",
        &["a.x CNAME b.x; b.x CNAME a.x"],
        "?a.x a.x>b.x b.x>a.x AliasLoop",
    ),
    (
        "a loop behind an alias",
        &["a.x CNAME b.x; b.x CNAME c.x; c.x CNAME b.x"],
        "?a.x a.x>b.x b.x>c.x c.x>b.x AliasLoop",
    ),
    (
        "a loop over two replies",
        &["a.x CNAME b.y", "b.y CNAME a.x"],
        "?a.x ?b.y a.x>b.y b.y>a.x AliasLoop",
    ),
    (
        "a DNAME onto itself",
        &["x DNAME x"],
        "?a.x a.x>a.x AliasLoop",
    ),
    // DNAME.
    (
        "a DNAME with its CNAME",
        &["x DNAME y; a.x CNAME a.y; a.y TXT t"],
        "?a.x a.x>a.y t",
    ),
    (
        "a DNAME alone",
        &["x DNAME b.y; a.b.y TXT t"],
        "?a.x a.x>a.b.y t",
    ),
    (
        "a DNAME to the root",
        &["x DNAME .; a TXT t"],
        "?a.x a.x>a t",
    ),
    (
        "a DNAME of the root",
        &[". DNAME y; a.x.y TXT t"],
        "?a.x a.x>a.x.y t",
    ),
    (
        "a DNAME at the name itself redirects what is below",
        &["a.x DNAME y; a.y TXT t; SOA x"],
        "?a.x NoData x",
    ),
    (
        "a DNAME elsewhere",
        &["y DNAME z; xx DNAME z; SOA x"],
        "?a.x NoData x",
    ),
    (
        "a DNAME behind an alias",
        &["a.x CNAME a.y; y DNAME z; a.z TXT t"],
        "?a.x a.x>a.y a.y>a.z t",
    ),
];

// A-01, DG-05, X-03
#[test]
fn walks() {
    for (what, replies, expected) in CASES {
        assert_eq!(walk(replies), *expected, "{what}");
    }
}

// DG-05, S-16: eight aliases are walked, nine are not; in one reply or in many.
#[test]
fn chains_are_bounded() {
    let name = |n| {
        if n == 0 {
            "a.x".to_owned()
        } else {
            format!("n{n}.x")
        }
    };
    let chain = |length: usize| {
        let aliases = (0..length).map(|n| format!("{} CNAME {}", name(n), name(n + 1)));
        aliases.collect::<Vec<_>>()
    };
    let whole = |length| format!("{}; {} TXT t", chain(length).join("; "), name(length));
    assert!(walk(&[&whole(MAX_ALIASES)]).ends_with("n7.x>n8.x t"));
    assert!(walk(&[&whole(MAX_ALIASES + 1)]).ends_with("n7.x>n8.x AliasTooLong"));
    assert!(walk(&[&whole(200)]).ends_with("n7.x>n8.x AliasTooLong"));

    let replies = chain(MAX_ALIASES + 1);
    let replies: Vec<&str> = replies.iter().map(String::as_str).collect();
    assert!(walk(&replies).ends_with("?n8.x a.x>n1.x n1.x>n2.x n2.x>n3.x n3.x>n4.x n4.x>n5.x n5.x>n6.x n6.x>n7.x n7.x>n8.x AliasTooLong"));
}

// A DNAME can make a name too long for the DNS (RFC 6672 §2.2): there is no such alias.
#[test]
fn a_dname_may_overflow() {
    let long = [
        vec![b'l'; 63],
        vec![b'l'; 63],
        vec![b'l'; 63],
        vec![b'l'; 61],
    ];
    let target = OwnerName::from_labels(&long).unwrap();
    let mut reply = reply("SOA x");
    let data = RecordData::Name(target);
    let owner = "x".parse().unwrap();
    reply.records.push(Rr {
        owner,
        record_type: RecordType::DNAME,
        ttl: 60,
        data,
    });
    let mut walk = Walk::new(Question::txt("a.x".parse().unwrap()));
    assert!(matches!(walk.take(reply), Ok(Some(Outcome::Absent(_)))));
}

// S-2: an answer is authoritative when every reply to it was.
#[test]
fn authority_is_that_of_every_reply() {
    for (replies, expected) in [
        (&["AA; a.x TXT t"][..], true),
        (&["a.x TXT t"], false),
        (&["AA; a.x CNAME b.y", "AA; b.y TXT t"], true),
        (&["AA; a.x CNAME b.y", "b.y TXT t"], false),
        (&["a.x CNAME b.y", "AA; b.y TXT t"], false),
    ] {
        let mut walk = Walk::new(Question::txt("a.x".parse().unwrap()));
        let mut outcome = None;
        for text in replies {
            outcome = walk.take(reply(text)).unwrap();
        }
        let answer = walk.into_answer(outcome.unwrap());
        assert_eq!(answer.is_authoritative(), expected, "{replies:?}");
    }
}

// An alias may itself be what is asked for.
#[test]
fn an_asked_alias_is_not_followed() {
    let question = Question::new("a.x".parse().unwrap(), RecordType::CNAME);
    let mut walk = Walk::new(question);
    let outcome = walk
        .take(reply("a.x CNAME b.x; b.x CNAME c.x"))
        .unwrap()
        .unwrap();
    let Outcome::Records(records) = &outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(records.len(), 1);
    assert_eq!(walk.into_answer(outcome).aliases(), &[] as &[Alias]);
}

// Extended errors of every reply are kept, in order.
#[test]
fn extended_errors_are_gathered() {
    let mut walk = Walk::new(Question::txt("a.x".parse().unwrap()));
    assert_eq!(walk.take(reply("EDE 3; a.x CNAME b.y")), Ok(None));
    let outcome = walk.take(reply("EDE 19; SOA y")).unwrap().unwrap();
    let answer = walk.into_answer(outcome);
    let codes: Vec<u16> = answer
        .extended_errors()
        .iter()
        .map(ExtendedError::code)
        .collect();
    assert_eq!(codes, [3, 19]);
}
