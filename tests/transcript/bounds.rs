//! A transcript has at most 256 KiB, and what a check and its diagnosis see of a zone fits.

use dcv::dns::{
    Answer, Group, MAX_RDATA, NameServer, Observation, Outcome, Perspective, Purpose, Question,
    RecordData, ResourceRecord, Txt, View,
};
use dcv::lookup::Budget;
use dcv::name::OwnerName;
use dcv::policy::{Policy, Rules};
use dcv::transcript::{Transcript, TranscriptError};

use crate::cases::{asked, challenge, id};
use crate::{investigation, single};

/// Rules of one authoritative view, and what so many servers of the zone said of so many names.
fn crowd(
    servers: usize,
    names: usize,
    answer: impl Fn(usize, usize) -> Answer,
) -> (Rules, Vec<Observation>) {
    let view = Perspective::new(id("zone"))
        .with_group(Group::Operator(id("zone")))
        .with_view(View::Authoritative);
    let rules = Rules::new(Policy::single_resolver(), vec![view]).unwrap();
    let challenge = challenge();
    let zone = OwnerName::from(challenge.domain());
    let mut seen = Vec::new();
    for name in 0..names {
        for server in 0..servers {
            let (owner, purpose) = match name {
                0 => (challenge.owner().clone(), Purpose::Record),
                n => {
                    let label = format!("a-rather-long-label-{n}");
                    (zone.child(label.as_bytes()).unwrap(), Purpose::Diagnosis)
                }
            };
            let host = format!("ns{server}.a-name-server-of-some-length.example.net");
            let host = NameServer::new(zone.clone(), OwnerName::parse(&host).unwrap())
                .with_address(
                    "[2001:db8:1111:2222:3333:4444:5555:6666]:53"
                        .parse()
                        .unwrap(),
                )
                .with_serial(u32::MAX);
            let result = Ok(answer(server, name).with_authoritative(true));
            let one = asked(&id("zone"), Question::txt(owner), purpose, result);
            seen.push(one.with_server(host));
        }
    }
    (rules, seen)
}

fn records(values: impl Iterator<Item = String>) -> Answer {
    let records = values.map(|value| {
        let data = RecordData::Txt(Txt::joined(value.as_bytes()));
        ResourceRecord::new(86_400, data)
    });
    Answer::new(Outcome::Records(records.collect()))
}

// S-16: 13 servers at 8 names, each with 256 records of its own that are somebody else's
#[test]
fn other_peoples_records_always_fit() {
    let (rules, seen) = crowd(13, 8, |server, name| {
        records((0..256).map(|n| {
            let filling = format!("{server}/{name}/{n} ").repeat(20);
            format!("a-key-of-exactly-thirty2-octets{}={filling}", n % 10)
        }))
    });
    assert_eq!(seen.len(), 104);
    let challenge = challenge();
    let before = investigation(&challenge, &rules, seen);
    let transcript = Transcript::of(&before).unwrap();
    let octets = transcript.to_json().len();
    assert!(octets <= Transcript::MAX_OCTETS, "{octets} octets");
    let after = transcript.replay();
    assert_eq!(after.inquiry().verdict(), before.inquiry().verdict());
    for one in after.observations() {
        let Outcome::Records(records) = one.result().unwrap().outcome() else {
            panic!("no records");
        };
        let more: usize = records
            .iter()
            .map(|one| match one.data() {
                RecordData::Withheld(one) => 1 + one.more() as usize,
                other => panic!("{other:?} was kept"),
            })
            .sum();
        assert_eq!((records.len(), more), (4, 256));
    }
}

// S-16: what the servers say alike is kept once, be it all like the record
#[test]
fn what_is_said_alike_is_kept_once() {
    let value = challenge().record().value().to_owned();
    let (rules, seen) = crowd(13, 2, |_, name| {
        records((0..256).map(|n| format!("{value} {name}-{n}")))
    });
    let before = investigation(&challenge(), &rules, seen);
    let transcript = Transcript::of(&before).unwrap();
    assert!(transcript.to_json().len() <= Transcript::MAX_OCTETS);
    assert_eq!(transcript.replay().observations(), before.observations());
}

// S-16: as many octets as a check and its diagnosis can get are written and read, be they the same
// record all the time; one more is an error, before the record becomes many
#[test]
fn a_record_that_is_named_often_is_bounded() {
    let value = challenge().record().value().to_owned();
    let large = format!("{value} {}", "x".repeat(MAX_RDATA - value.len() - 1));
    let (rules, seen) = crowd(14, 8, |_, _| records([large.clone()].into_iter()));
    let queries = Budget::PER_VERIFICATION + Budget::PER_DIAGNOSIS;
    assert_eq!(seen.len(), queries as usize);
    assert_eq!(seen.len() * MAX_RDATA, Transcript::MAX_ANSWERED);
    let before = investigation(&challenge(), &rules, seen);
    let transcript = Transcript::of(&before).unwrap();
    assert_eq!(transcript.replay().observations(), before.observations());
    let json = transcript.to_json();
    assert!(json.len() < Transcript::MAX_OCTETS);

    let more = |written: &str, outcome: &str| {
        let mut json: serde_json::Value = serde_json::from_str(written).unwrap();
        let seen = json["observations"].as_array_mut().unwrap();
        let mut one = seen[0].clone();
        one["result"]["answer"]["outcome"] = serde_json::from_str(outcome).unwrap();
        seen.push(one);
        Transcript::from_json(&json.to_string()).map(drop)
    };
    assert!(more(&json, r#"{"records":[]}"#).is_ok());
    let error = more(&json, r#"{"records":[[300,0]]}"#).unwrap_err();
    assert_eq!(error, TranscriptError::TooMuch);
    assert!(
        error.to_string().contains("more than 7340032 octets"),
        "{error}"
    );
    // Nor is it written.
    let (rules, mut seen) = crowd(14, 8, |_, _| records([large.clone()].into_iter()));
    let question = challenge().question();
    seen.push(asked(
        &id("zone"),
        question,
        Purpose::Record,
        Ok(records([value].into_iter())),
    ));
    let error = Transcript::of(&investigation(&challenge(), &rules, seen))
        .map(drop)
        .unwrap_err();
    assert_eq!(error, TranscriptError::TooMuch);
}

// S-16: where a zone is made to fill it, the error says so
#[test]
fn what_does_not_fit_is_an_error() {
    let value = challenge().record().value().to_owned();
    let (rules, seen) = crowd(13, 8, |server, name| {
        records((0..256).map(|n| format!("{value} {server}-{name}-{n}")))
    });
    let error = Transcript::of(&investigation(&challenge(), &rules, seen)).unwrap_err();
    assert!(
        matches!(error, TranscriptError::TooLarge { octets } if octets > Transcript::MAX_OCTETS)
    );
    assert!(error.to_string().contains("at most 262144"), "{error}");
}

// S-16: no more observations are written than are read
#[test]
fn observations_are_counted() {
    let one = || {
        asked(
            &id("one"),
            challenge().question(),
            Purpose::Record,
            Ok(records(std::iter::empty())),
        )
    };
    let with = |count: usize| {
        let seen = std::iter::repeat_with(one).take(count).collect();
        Transcript::of(&investigation(&challenge(), &single(), seen))
    };
    let most = Transcript::MAX_OBSERVATIONS;
    assert_eq!(with(most).unwrap().replay().observations().len(), most);
    let error = with(most + 1).unwrap_err();
    assert!(error.to_string().contains("more than 512 items"), "{error}");
}
