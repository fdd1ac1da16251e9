use hickory_resolver::proto::dnssec::rdata::{DNSKEY, DNSSECRData, NSEC, NSEC3, RRSIG, SigInput};
use hickory_resolver::proto::dnssec::{Algorithm, Nsec3HashAlgorithm, Proof, PublicKeyBuf};
use hickory_resolver::proto::op::{Message, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::{CNAME, NULL, SOA, TXT};
use hickory_resolver::proto::rr::{DNSClass, Name, RData, Record, RecordType, SerialNumber};
use time::UtcDateTime;

use super::reply::{cut, measure};
use super::verdict::{Wrong, judge};
use crate::dns::{LookupFailure, Security};

const NOW: i64 = 1_800_000_000;

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

fn txt(owner: &str) -> Record {
    let data = RData::TXT(TXT::new(vec!["here".to_owned()]));
    Record::from_rdata(name(owner), 300, data)
}

fn cname(owner: &str, target: &str) -> Record {
    Record::from_rdata(name(owner), 300, RData::CNAME(CNAME(name(target))))
}

fn dname(owner: &str) -> Record {
    let (code, rdata) = (RecordType::DNAME, NULL::with(vec![0]));
    Record::from_rdata(name(owner), 300, RData::Unknown { code, rdata })
}

fn soa(owner: &str) -> Record {
    let soa = SOA::new(name("ns."), name("who."), 1, 1, 1, 1, 1);
    Record::from_rdata(name(owner), 300, RData::SOA(soa))
}

fn dnssec(owner: &str, data: DNSSECRData) -> Record {
    Record::from_rdata(name(owner), 300, RData::DNSSEC(data))
}

fn nsec(owner: &str) -> Record {
    let data = NSEC::new(name("z.example."), [RecordType::TXT]);
    dnssec(owner, DNSSECRData::NSEC(data))
}

fn nsec3(owner: &str, opt_out: bool, iterations: u16) -> Record {
    let hash = Nsec3HashAlgorithm::SHA1;
    let data = NSEC3::new(hash, opt_out, iterations, vec![], vec![0; 20], []);
    dnssec(owner, DNSSECRData::NSEC3(data))
}

/// The signature of a record, with so many labels, by a signer.
fn signature(of: &Record, num_labels: u8, signer: &str) -> Record {
    let input = SigInput {
        type_covered: of.record_type(),
        algorithm: Algorithm::ED25519,
        num_labels,
        original_ttl: 300,
        sig_expiration: SerialNumber::new(NOW as u32 + 600),
        sig_inception: SerialNumber::new(0),
        key_tag: 1,
        signer_name: name(signer),
    };
    let data = DNSSECRData::RRSIG(RRSIG::from_sig(input, vec![]));
    let mut record = dnssec("x.", data);
    record.name = of.name.clone();
    record
}

/// A record and its signature.
fn signed(record: Record) -> [Record; 2] {
    let labels = record.name.num_labels();
    let signature = signature(&record, labels, "example.");
    [record, signature]
}

fn message(answers: Vec<Record>, authorities: Vec<Record>) -> Message {
    let mut message = Message::response(1, OpCode::Query);
    message.add_answers(answers);
    message.add_authorities(authorities);
    message
}

fn proven(mut record: Record, proof: Proof) -> Record {
    record.proof = proof;
    record
}

fn judged(message: &Message, denial: Option<Proof>) -> Result<Security, Wrong> {
    let now = UtcDateTime::from_unix_timestamp(NOW).unwrap();
    judge(message, denial, now).map(|verdict| verdict.security)
}

use Proof::{Bogus, Indeterminate, Insecure, Secure};

// D-02, D-03: records are as secure as the least of them, and bogus where one is.
#[test]
fn records_are_as_secure_as_the_least() {
    for (proofs, expected) in [
        (&[Secure][..], Ok(Security::Secure)),
        (&[Insecure], Ok(Security::Insecure)),
        (&[Indeterminate], Ok(Security::Indeterminate)),
        (&[Bogus], Err(Wrong::Bogus)),
        (&[Secure, Insecure], Ok(Security::Insecure)),
        (
            &[Secure, Indeterminate, Insecure],
            Ok(Security::Indeterminate),
        ),
        (&[Secure, Bogus], Err(Wrong::Bogus)),
    ] {
        let records = proofs.iter().map(|proof| proven(txt("a.example."), *proof));
        let reply = message(records.collect(), vec![]);
        assert_eq!(judged(&reply, None), expected, "{proofs:?}");
    }
}

// An alias below a DNAME needs no proof that something does not exist, whatever hickory says of
// it.
#[test]
fn only_wildcards_and_denials_need_a_denial() {
    let reply = message(vec![proven(dname("example."), Secure)], vec![]);
    assert_eq!(judged(&reply, Some(Bogus)), Ok(Security::Secure));
}

// D-03: what hickory is known to refuse wrongly is told from what is wrong: the expansion of a
// wildcard is signed, the proof is NSEC and signed, and only its meaning is refused.
#[test]
fn an_unverified_wildcard_is_not_bogus() {
    let expansion = |proof| {
        let record = proven(txt("a.wild.example."), proof);
        let signature = signature(&record, 2, "example.");
        vec![record, proven(signature, proof)]
    };
    let secure = proven(nsec("a.example."), Secure);
    let hashed = proven(nsec3("a.example.", false, 0), Secure);
    for (answers, authorities, denial, expected) in [
        (
            Secure,
            vec![secure.clone()],
            Some(Bogus),
            Err(Wrong::Wildcard),
        ),
        // Without a proof, with a proof that is wrong, or with one that hickory knows well.
        (Secure, vec![], Some(Bogus), Err(Wrong::Bogus)),
        (
            Secure,
            vec![secure.clone(), proven(nsec("b.example."), Bogus)],
            Some(Bogus),
            Err(Wrong::Bogus),
        ),
        (
            Secure,
            vec![secure.clone(), proven(nsec("b.example."), Insecure)],
            Some(Bogus),
            Err(Wrong::Bogus),
        ),
        (Secure, vec![hashed.clone()], Some(Bogus), Err(Wrong::Bogus)),
        // A wrong signature stays one.
        (Bogus, vec![secure.clone()], Some(Bogus), Err(Wrong::Bogus)),
        (Secure, vec![secure.clone()], None, Ok(Security::Secure)),
        (Secure, vec![hashed], Some(Insecure), Ok(Security::Insecure)),
        (
            Secure,
            vec![proven(nsec("b.example."), Insecure)],
            None,
            Ok(Security::Insecure),
        ),
        (Secure, vec![], None, Ok(Security::Indeterminate)),
        (Insecure, vec![secure], Some(Bogus), Ok(Security::Insecure)),
    ] {
        let reply = message(expansion(answers), authorities.clone());
        assert_eq!(
            judged(&reply, denial),
            expected,
            "{answers:?} {authorities:?} {denial:?}"
        );
    }
}

// D-02: a denial is as secure as its proof, and one without is not secure.
#[test]
fn a_denial_needs_its_proof() {
    let denial = |proof| {
        vec![
            proven(soa("example."), proof),
            proven(nsec("a.example."), proof),
        ]
    };
    let with = |soa_proof| {
        vec![
            proven(soa("example."), soa_proof),
            proven(nsec("a.example."), Secure),
        ]
    };
    for (authorities, denied, expected) in [
        (denial(Secure), None, Ok(Security::Secure)),
        (denial(Insecure), None, Ok(Security::Insecure)),
        (denial(Secure), Some(Insecure), Ok(Security::Insecure)),
        (
            denial(Secure),
            Some(Indeterminate),
            Ok(Security::Indeterminate),
        ),
        (denial(Secure), Some(Bogus), Err(Wrong::Bogus)),
        (denial(Bogus), None, Err(Wrong::Bogus)),
        (with(Insecure), None, Ok(Security::Insecure)),
        (with(Bogus), None, Err(Wrong::Bogus)),
        (vec![], None, Ok(Security::Indeterminate)),
        (vec![], Some(Insecure), Ok(Security::Indeterminate)),
    ] {
        for code in [ResponseCode::NXDomain, ResponseCode::NoError] {
            let mut reply = message(vec![], authorities.clone());
            reply.metadata.response_code = code;
            assert_eq!(
                judged(&reply, denied),
                expected,
                "{authorities:?} {denied:?}"
            );
        }
    }
}

// RFC 5155 §9.2: what rests on a gap of a chain with opt-out is not secure; what a record of the
// chain says of its own name is.
#[test]
fn opt_out_vouches_for_no_gap() {
    let chain = |opt_out: bool, count: usize| {
        let one = proven(nsec3("h.example.", opt_out, 0), Secure);
        let mut authorities = vec![proven(soa("example."), Secure)];
        authorities.extend(std::iter::repeat_n(one, count));
        authorities
    };
    let no_name = ResponseCode::NXDomain;
    let no_data = ResponseCode::NoError;
    for (code, opt_out, count, expected) in [
        (no_name, true, 3, Security::Insecure),
        (no_name, true, 1, Security::Insecure),
        (no_name, false, 3, Security::Secure),
        (no_data, true, 1, Security::Secure),
        (no_data, true, 3, Security::Insecure),
        (no_data, false, 3, Security::Secure),
    ] {
        let mut reply = message(vec![], chain(opt_out, count));
        reply.metadata.response_code = code;
        assert_eq!(
            judged(&reply, None),
            Ok(expected),
            "{code} {opt_out} {count}"
        );
    }
    let expansion = proven(txt("a.wild.example."), Secure);
    let of = signature(&expansion, 2, "example.");
    for (opt_out, expected) in [(true, Security::Insecure), (false, Security::Secure)] {
        let proof = proven(nsec3("h.example.", opt_out, 0), Secure);
        let reply = message(vec![expansion.clone(), of.clone()], vec![proof]);
        assert_eq!(judged(&reply, None), Ok(expected));
    }
}

// S-6: only signatures that were checked bound the answer.
#[test]
fn the_checked_signature_bounds_the_answer() {
    let now = UtcDateTime::from_unix_timestamp(NOW).unwrap();
    let until = |proof| {
        let [record, signature] = signed(txt("a.example."));
        let reply = message(
            vec![proven(record, Secure), proven(signature, proof)],
            vec![],
        );
        let until = judge(&reply, None, now).unwrap().signed_until;
        until.map(|until| (until - now).whole_seconds())
    };
    assert_eq!(until(Secure), Some(600));
    assert_eq!(until(Indeterminate), None);
}

fn cut_to(question: (&str, RecordType), mut reply: Message) -> Message {
    cut(&mut reply, &Query::query(name(question.0), question.1)).unwrap();
    reply
}

fn owners(records: &[Record]) -> Vec<String> {
    let owners = records.iter().map(|record| {
        let what = match super::reply::signature(record) {
            Some(of) => format!("RRSIG({})", of.input().type_covered),
            None => record.record_type().to_string(),
        };
        format!("{} {what}", record.name)
    });
    owners.collect()
}

const A: (&str, RecordType) = ("a.example.", RecordType::TXT);

// of a reply that walks the aliases by itself, the first hop is left; what it says of the
// end is asked for again.
#[test]
fn a_reply_is_cut_to_one_hop() {
    let chain = [
        signed(cname("a.example.", "b.example.")),
        signed(txt("b.example.")),
    ]
    .concat();
    let foreign = signed(txt("c.example.")).to_vec();
    let mut other_class = txt("a.example.");
    other_class.dns_class = DNSClass::CH;
    let answers = [chain, foreign, vec![other_class]].concat();
    let reply = cut_to(A, message(answers, signed(soa("example.")).to_vec()));
    let left = ["a.example. CNAME", "a.example. RRSIG(CNAME)"];
    assert_eq!(owners(&reply.answers), left);
    assert!(reply.authorities.is_empty());

    // NXDOMAIN was said of the target.
    let mut reply = message(signed(cname("a.example.", "b.example.")).to_vec(), vec![]);
    reply.metadata.response_code = ResponseCode::NXDomain;
    assert_eq!(
        cut_to(A, reply.clone()).response_code,
        ResponseCode::NoError
    );
    // Of the name itself it stays.
    let mut reply = message(signed(txt("a.example.")).to_vec(), vec![]);
    reply.metadata.response_code = ResponseCode::NXDomain;
    assert_eq!(cut_to(A, reply).response_code, ResponseCode::NXDomain);
}

// RFC 6672 §5.3.1: the CNAME that was made of a DNAME has no signature, and is left out; one that
// has is taken.
#[test]
fn a_dname_stands_for_its_cname() {
    let tree = signed(dname("example.")).to_vec();
    let alias = cname("a.example.", "a.example.org.");
    let reply = cut_to(
        A,
        message([tree.clone(), vec![alias.clone()]].concat(), vec![]),
    );
    assert_eq!(
        owners(&reply.answers),
        ["example. DNAME", "example. RRSIG(DNAME)"]
    );

    let reply = cut_to(
        A,
        message([tree.clone(), signed(alias).to_vec()].concat(), vec![]),
    );
    assert_eq!(
        owners(&reply.answers),
        ["a.example. CNAME", "a.example. RRSIG(CNAME)"]
    );

    // Neither a DNAME at the name itself nor one elsewhere redirects it.
    for elsewhere in ["a.example.", "example.org."] {
        let reply = message(
            [signed(dname(elsewhere)).to_vec(), vec![txt("a.example.")]].concat(),
            vec![],
        );
        assert_eq!(owners(&cut_to(A, reply).answers), ["a.example. TXT"]);
    }
}

// Proofs are kept where they are needed: of a denial all, of a wildcard's expansion those of its
// own zone that are signed, so that no unsigned zone speaks for it.
#[test]
fn proofs_are_kept_where_they_are_needed() {
    let proofs = [signed(soa("example.")), signed(nsec("m.example."))].concat();
    let reply = cut_to(
        A,
        message(
            vec![],
            [proofs.clone(), signed(txt("x.")).to_vec()].concat(),
        ),
    );
    let left = [
        "example. SOA",
        "example. RRSIG(SOA)",
        "m.example. NSEC",
        "m.example. RRSIG(NSEC)",
    ];
    assert_eq!(owners(&reply.authorities), left);

    let expansion = txt("a.example.");
    let of = signature(&expansion, 1, "example.");
    let foreign = nsec("m.example.org.");
    let foreign = [foreign.clone(), signature(&foreign, 3, "example.org.")];
    let unsigned = nsec("u.example.");
    let authorities = [proofs, foreign.to_vec(), vec![unsigned]].concat();
    let reply = cut_to(A, message(vec![expansion, of], authorities));
    assert_eq!(owners(&reply.authorities), left[2..]);
}

fn keys(count: usize) -> Vec<Record> {
    // Keys that differ in the order of two octets have one tag.
    let keys = (0..count).map(|at| {
        let mut key = vec![0; 32];
        key[at * 2 % 32] = 1;
        let key = PublicKeyBuf::new(key, Algorithm::ED25519);
        let key = DNSKEY::with_flags(257, key);
        dnssec("example.", DNSSECRData::DNSKEY(key))
    });
    keys.collect()
}

// S-16: at most 4 keys of a tag, at most 16 signature checks in a reply, NSEC3 hashed at most 50
// times over.
#[test]
fn what_costs_too_much_is_refused() {
    let too_large = Err(LookupFailure::TooLarge);
    let signatures = |count| {
        let [_, signature] = signed(txt("a.example."));
        vec![signature; count]
    };
    // Each may be tried with two keys.
    assert_eq!(measure(&message(signatures(8), vec![])), Ok(()));
    assert_eq!(measure(&message(signatures(9), vec![])), too_large);
    assert_eq!(measure(&message(signatures(5), signatures(4))), too_large);

    assert_eq!(
        measure(&message([keys(4), signatures(4)].concat(), vec![])),
        Ok(())
    );
    assert_eq!(
        measure(&message([keys(4), signatures(5)].concat(), vec![])),
        too_large
    );
    assert_eq!(
        measure(&message([keys(1), signatures(16)].concat(), vec![])),
        Ok(())
    );
    assert_eq!(
        measure(&message([keys(1), signatures(17)].concat(), vec![])),
        too_large
    );
    assert_eq!(measure(&message(keys(5), vec![])), too_large);

    for (iterations, expected) in [(0, Ok(())), (50, Ok(())), (51, too_large.clone())] {
        let reply = message(vec![], vec![nsec3("h.example.", false, iterations)]);
        assert_eq!(measure(&reply), expected, "{iterations}");
    }

    // TXT records are as many as a message holds: strangers publish them. Others are few.
    let mut many = message(vec![txt("a.example."); 5000], vec![]);
    let query = Query::query(name(A.0), A.1);
    assert_eq!(cut(&mut many, &query), Ok(()));
    let mut many = message(vec![soa("a.example."); 257], vec![]);
    assert_eq!(cut(&mut many, &query), too_large);
    let mut many = message(vec![], vec![soa("example."); 257]);
    assert_eq!(cut(&mut many, &query), too_large);
}
