//! A resolver whose validation is trusted: what its bits, its signatures and its failures mean.
#![cfg(feature = "resolver")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "support/asking.rs"]
mod asking;
#[path = "support/faults.rs"]
mod faults;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dcv::dns::{Answer, LookupFailure, Question, Security};
use dcv::lookup::hickory::{SelfCheck, SelfCheckError, TrustedPath};
use dcv::lookup::{Budget, DnsLookup as _, HickoryLookup, LookupError};
use hickory_server::proto::op::{Message, ResponseCode};
use hickory_server::proto::rr::rdata::NULL;
use hickory_server::proto::rr::{RData, Record, RecordType};
use time::UtcDateTime;

use asking::{ASKED, TOKEN, ask, data, lookup_at};
use faults::{Asked, FaultServer, Send, cname, name, txt, with_extended_error};

const ELSEWHERE: &str = "elsewhere.example.net";

fn trusting(server: &FaultServer) -> HickoryLookup {
    let lookup = lookup_at(&[server.addr()]);
    lookup.trusting_validation(TrustedPath::Loopback).unwrap()
}

async fn look(server: &FaultServer) -> Result<Answer, LookupFailure> {
    let answer = ask(&trusting(server), &Budget::default()).await;
    answer.map_err(LookupError::into_failure)
}

/// The records, as found authentic or not.
fn vouched(asked: &Asked, authentic: bool, records: Vec<Record>) -> Vec<Send> {
    let mut reply = asked.reply();
    reply.metadata.authentic_data = authentic;
    reply.add_answers(records);
    vec![Send::Message(reply)]
}

fn token(asked: &Asked, authentic: bool) -> Vec<Send> {
    vouched(asked, authentic, vec![txt(ASKED, &[TOKEN])])
}

fn server_failure(asked: &Asked) -> Message {
    let mut reply = asked.reply();
    reply.metadata.response_code = ResponseCode::ServFail;
    reply
}

/// A signature of the TXT records at a name that expires after so many seconds.
fn rrsig(owner: &str, ahead: i64) -> Record {
    let expiration = (UtcDateTime::now().unix_timestamp() + ahead) as u32;
    let mut octets = vec![0, 16, 13, 3, 0, 0, 1, 44];
    octets.extend(expiration.to_be_bytes());
    octets.extend([0, 0, 0, 0, 48, 57, 0]);
    let rdata = NULL::with(octets);
    let code = RecordType::from(46);
    Record::from_rdata(name(owner), 300, RData::Unknown { code, rdata })
}

fn bits(asked: &Asked) -> (bool, bool, bool) {
    let dnssec_ok = asked.message.edns.as_ref().unwrap().flags().dnssec_ok;
    let bits = &asked.message.metadata;
    (bits.authentic_data, dnssec_ok, bits.checking_disabled)
}

// S-11, D-02: the asker sets AD and DO and leaves CD; the AD bit of the answer is what counts.
#[tokio::test]
async fn the_bit_is_asked_for_and_believed() {
    for (authentic, security) in [(true, Security::Secure), (false, Security::Indeterminate)] {
        let server = FaultServer::start(move |asked| token(asked, authentic)).await;
        let answer = look(&server).await.unwrap();
        assert_eq!(answer.security(), security);
        assert_eq!(data(&answer), [TOKEN]);
        assert_eq!(answer.signed_until(), None);
        let seen: Vec<_> = server.seen().iter().map(bits).collect();
        assert_eq!(seen, [(true, true, false)]);

        // Who was not told to trust does not.
        let plain = ask(&lookup_at(&[server.addr()]), &Budget::default()).await;
        assert_eq!(plain.unwrap().security(), Security::Unvalidated);
    }
}

// D-02: the security of an answer is the minimum over its alias chain.
#[tokio::test]
async fn an_alias_chain_is_as_secure_as_its_weakest_reply() {
    for (alias, target, security) in [
        (true, true, Security::Secure),
        (false, true, Security::Indeterminate),
        (true, false, Security::Indeterminate),
    ] {
        let server = FaultServer::start(move |asked| match asked.name().as_str() {
            "elsewhere.example.net." => vouched(
                asked,
                target,
                vec![txt(ELSEWHERE, &[TOKEN]), rrsig(ELSEWHERE, 500)],
            ),
            _ => vouched(
                asked,
                alias,
                vec![cname(ASKED, ELSEWHERE), rrsig(ASKED, 900)],
            ),
        })
        .await;
        let answer = look(&server).await.unwrap();
        assert_eq!(answer.security(), security, "{alias} {target}");
        assert_eq!(answer.aliases().len(), 1);
        let left = answer.signed_until().unwrap() - UtcDateTime::now();
        assert!((300..=500).contains(&left.whole_seconds()), "{left}");
    }
}

// S-6: the answer says when the first of its signatures expires.
#[tokio::test]
async fn the_first_signature_to_expire_is_told() {
    let server = FaultServer::start(|asked| {
        let signatures = [7200, 3600, 86400].map(|ahead| rrsig(ASKED, ahead));
        let records = [txt(ASKED, &[TOKEN])].into_iter().chain(signatures);
        vouched(asked, true, records.collect())
    })
    .await;
    let answer = look(&server).await.unwrap();
    let left = answer.signed_until().unwrap() - UtcDateTime::now();
    assert!((3000..=3600).contains(&left.whole_seconds()), "{left}");
}

// D-03: SERVFAIL with an extended error that speaks of wrong signatures is bogus; with one that
// speaks of what cannot be determined it is a failure like any other. Neither is asked again.
#[tokio::test]
async fn extended_errors_tell_what_is_bogus() {
    for (code, bogus) in [
        (6, true),
        (7, true),
        (9, true),
        (25, true),
        (5, false),
        (27, false),
    ] {
        let server = FaultServer::start(move |asked| {
            vec![Send::Message(with_extended_error(
                server_failure(asked),
                code,
                b"why",
            ))]
        })
        .await;
        let failure = look(&server).await.unwrap_err();
        let extended = match &failure {
            LookupFailure::Bogus { extended } if bogus => extended,
            LookupFailure::Server { rcode: 2, extended } if !bogus => extended,
            other => panic!("{code}: {other:?}"),
        };
        assert_eq!(
            (extended[0].code(), extended[0].text()),
            (code, &b"why"[..])
        );
        assert_eq!(server.seen().len(), 1, "{code}");

        // At a resolver that is not trusted it is a failure in any case.
        let plain = ask(&lookup_at(&[server.addr()]), &Budget::default()).await;
        let plain = plain.unwrap_err().into_failure();
        assert!(matches!(plain, LookupFailure::Server { .. }), "{plain:?}");
    }
}

/// Answers the n-th query as the n-th function says.
async fn scripted(
    script: &'static [fn(&Asked) -> Vec<Send>],
) -> (FaultServer, Result<Answer, LookupFailure>) {
    let at = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let server = FaultServer::start(move |asked| {
        let at = at.fetch_add(1, Ordering::Relaxed);
        script[at](asked)
    })
    .await;
    let looked = look(&server).await;
    (server, looked)
}

fn fails(asked: &Asked) -> Vec<Send> {
    vec![Send::Message(server_failure(asked))]
}

fn refused(asked: &Asked) -> Vec<Send> {
    asked.refuse(ResponseCode::Refused)
}

fn recovered(asked: &Asked) -> Vec<Send> {
    token(asked, true)
}

/// What must never be seen in an answer.
fn unchecked(asked: &Asked) -> Vec<Send> {
    vouched(asked, true, vec![txt(ASKED, &[b"unchecked"])])
}

// D-03: SERVFAIL without a reason is bogus if, and only if, the checking is what makes it fail:
// with CD it is answered, and without CD it fails again. What came with CD is used for nothing.
#[tokio::test]
async fn a_failure_without_a_reason_is_looked_into() {
    let cd = |server: &FaultServer| -> Vec<bool> {
        server.seen().iter().map(|asked| bits(asked).2).collect()
    };
    let (server, looked) = scripted(&[fails, unchecked, fails]).await;
    assert_eq!(looked, Err(LookupFailure::Bogus { extended: vec![] }));
    assert_eq!(cd(&server), [false, true, false]);

    let (server, looked) = scripted(&[fails, fails]).await;
    assert_eq!(looked, Err(LookupFailure::server(2)));
    assert_eq!(cd(&server), [false, true]);

    let (_, looked) = scripted(&[fails, refused]).await;
    assert_eq!(looked, Err(LookupFailure::server(2)));

    let (server, looked) = scripted(&[fails, unchecked, recovered]).await;
    let answer = looked.unwrap();
    assert_eq!(
        (data(&answer), answer.security()),
        (vec![TOKEN.to_vec()], Security::Secure)
    );
    assert_eq!(cd(&server), [false, true, false]);
}

// S-16: the looking into counts too.
#[tokio::test]
async fn every_query_is_counted() {
    for (limit, bogus) in [(1, false), (2, false), (3, true)] {
        let server = FaultServer::start(|asked| match bits(asked).2 {
            true => unchecked(asked),
            false => fails(asked),
        })
        .await;
        let budget = Budget::new(limit);
        let failure = ask(&trusting(&server), &budget).await.unwrap_err();
        let expected = if bogus {
            LookupFailure::Bogus { extended: vec![] }
        } else {
            LookupFailure::BudgetExhausted
        };
        assert_eq!(failure.failure(), &expected, "{limit}");
        assert_eq!(
            (budget.spent(), server.seen().len()),
            (limit, limit as usize)
        );
    }
}

/// A resolver that validates, or does not, as it is told.
async fn resolver(validates: Arc<AtomicBool>) -> FaultServer {
    FaultServer::start(move |asked| {
        let validates = validates.load(Ordering::Relaxed);
        let name = asked.name();
        if name.starts_with("bogus.") && validates {
            vec![Send::Message(with_extended_error(
                server_failure(asked),
                6,
                b"",
            ))]
        } else {
            vouched(asked, validates, vec![txt(&name, &[TOKEN])])
        }
    })
    .await
}

fn check() -> SelfCheck {
    let txt = |name: &str| Question::txt(name.parse().unwrap());
    SelfCheck::new(txt("bogus.example"), txt("secure.example"))
}

// S-11: who fails the check is believed no more, by no clone of the lookup, until it passes.
#[tokio::test]
async fn a_resolver_that_does_not_validate_is_found_out() {
    let validates = Arc::new(AtomicBool::new(true));
    let server = resolver(validates.clone()).await;
    let lookup = trusting(&server);
    let clone = lookup.clone();
    let security = async || ask(&clone, &Budget::default()).await.unwrap().security();

    lookup.self_check(&check()).await.unwrap();
    assert_eq!(security().await, Security::Secure);

    validates.store(false, Ordering::Relaxed);
    let error = lookup.self_check(&check()).await.unwrap_err();
    let SelfCheckError::AcceptsBogus { question } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(question.name().to_string(), "bogus.example.");
    assert!(error.to_string().contains("does not validate"), "{error}");
    // Also when the resolver says AD again: only the check restores the trust.
    validates.store(true, Ordering::Relaxed);
    assert_eq!(security().await, Security::Unvalidated);

    lookup.self_check(&check()).await.unwrap();
    assert_eq!(security().await, Security::Secure);
}

// S-11: what else can be wrong with a resolver, and what that does.
#[tokio::test]
async fn a_check_that_cannot_pass_says_why() {
    // It refuses bogus data, and does not say what is secure.
    let mute = FaultServer::start(|asked| {
        if asked.name().starts_with("bogus.") {
            vec![Send::Message(with_extended_error(
                server_failure(asked),
                6,
                b"",
            ))]
        } else {
            vouched(asked, false, vec![txt(&asked.name(), &[TOKEN])])
        }
    })
    .await;
    let error = trusting(&mute).self_check(&check()).await.unwrap_err();
    assert!(
        matches!(
            &error,
            SelfCheckError::NotSecure {
                security: Security::Indeterminate,
                ..
            }
        ),
        "{error:?}"
    );

    // It fails whatever it is asked: nothing shows that it validates.
    let broken = FaultServer::start(fails).await;
    let lookup = trusting(&broken).with_udp_tries(Duration::from_secs(5), 1);
    let error = lookup.self_check(&check()).await.unwrap_err();
    assert!(matches!(&error, SelfCheckError::Failed { .. }), "{error:?}");
    // Nothing is bogus from then on.
    let failure = ask(&lookup, &Budget::default()).await.unwrap_err();
    assert_eq!(failure.failure(), &LookupFailure::server(2));

    let plain = lookup_at(&[mute.addr()]);
    let error = plain.self_check(&check()).await.unwrap_err();
    assert!(matches!(error, SelfCheckError::NotValidating));
}

// S-11, D-03: validating by ourselves, what a resolver on the way calls bogus is asked for (CD=1).
// Where we do not validate it is not: no anchor encloses the name, or a check has failed.
#[cfg(feature = "dnssec")]
#[tokio::test]
async fn nobody_is_told_not_to_check_what_we_do_not_check() {
    let server = FaultServer::start(|asked| token(asked, false)).await;
    let validating = |zone: &str| {
        let key = "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=";
        let anchors = format!("{zone} DNSKEY 257 3 15 {key}").parse().unwrap();
        lookup_at(&[server.addr()]).validating(anchors).unwrap()
    };
    let checking_disabled = async |lookup: &HickoryLookup| {
        let before = server.seen().len();
        let _ = ask(lookup, &Budget::default()).await;
        bits(&server.seen()[before]).2
    };
    assert!(checking_disabled(&validating("example.com")).await);
    assert!(!checking_disabled(&validating("example.net")).await);

    let lookup = validating("example.com");
    lookup.self_check(&check()).await.unwrap_err();
    assert!(!checking_disabled(&lookup).await);
}

// What does not validate can be asked for without checking, to explain why: with CD, by a lookup
// that trusts and by one that does not. Nothing of it is secure, whatever the bits say, and an
// expired signature shows.
#[tokio::test]
async fn what_is_bogus_can_be_looked_at() {
    for authentic in [true, false] {
        let server = FaultServer::start(move |asked| {
            if !asked.message.metadata.checking_disabled {
                return vec![Send::Message(server_failure(asked))];
            }
            let records = vec![txt(ASKED, &[TOKEN]), rrsig(ASKED, -3600)];
            vouched(asked, authentic, records)
        })
        .await;
        for lookup in [trusting(&server), lookup_at(&[server.addr()])] {
            let before = server.seen().len();
            let budget = Budget::default();
            let answer = lookup.lookup_unchecked(&asking::question(), &budget).await;
            let answer = answer.unwrap();
            assert_eq!(data(&answer), [TOKEN]);
            assert_eq!(answer.security(), Security::Unvalidated);
            let until = answer.signed_until().unwrap();
            assert!(until < UtcDateTime::now(), "{until}");
            let asked: Vec<_> = server.seen()[before..].iter().map(bits).collect();
            assert_eq!(asked, [(false, true, true)]);
            assert_eq!(budget.spent(), 1);
        }
    }
}
