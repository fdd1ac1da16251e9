//! The suite for lookups: our own pass it, and it catches those that do not do what they must.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it panics"
)]

use std::sync::Arc;

use async_trait::async_trait;
use dcv::conformance::{LookupZone, dns_lookup, txt_lookup};
use dcv::dns::{
    Alias, Answer, LookupFailure, MAX_ALIASES, Outcome, Question, RecordData, RecordType,
    ResourceRecord, Soa, Txt,
};
use dcv::lookup::{DnsLookup, FixedLookup, LookupError, TxtLookup};
use dcv::name::OwnerName;

fn zone() -> LookupZone {
    let zone = LookupZone::new("conformance.".parse().unwrap()).unwrap();
    zone.with_failing("failing.".parse().unwrap())
}

/// What is to be said of `name`, the slow way.
fn answer(zone: &LookupZone, name: &OwnerName) -> Answer {
    let records = zone.records();
    let mut aliases: Vec<Alias> = Vec::new();
    let mut at = name.clone();
    let outcome = loop {
        let here = || records.iter().filter(|(owner, ..)| *owner == at);
        let texts = here().filter(|(_, record_type, _)| *record_type == RecordType::TXT);
        let texts: Vec<_> = texts
            .map(|(.., data)| ResourceRecord::new(300, data.clone()))
            .collect();
        if !texts.is_empty() {
            break Outcome::Records(texts);
        }
        let alias = here().find_map(|(_, _, data)| match data {
            RecordData::Name(target) => Some(target.clone()),
            _ => None,
        });
        let Some(target) = alias else {
            let soa = Some(Soa::new(zone.apex().clone(), 1, 300, 300));
            let exists = here().next().is_some();
            break if exists {
                Outcome::no_data(soa)
            } else {
                Outcome::nx_domain(soa)
            };
        };
        if aliases.len() == MAX_ALIASES {
            break Outcome::AliasTooLong;
        }
        aliases.push(Alias::new(at, target.clone(), 300));
        if aliases.iter().any(|alias| *alias.owner() == target) {
            break Outcome::AliasLoop;
        }
        at = target;
    };
    Answer::new(outcome).with_aliases(aliases)
}

fn fixed(zone: &LookupZone) -> FixedLookup {
    let lookup = FixedLookup::new();
    for (owner, record_type, data) in zone.records() {
        lookup.set(&owner, Ok(answer(zone, &owner)));
        if record_type != RecordType::TXT {
            let records = Outcome::Records(vec![ResourceRecord::new(300, data)]);
            lookup.set_question(Question::new(owner, record_type), Ok(Answer::new(records)));
        }
    }
    lookup.set(&"failing.".parse().unwrap(), Err(LookupFailure::Timeout));
    lookup
}

// As itself, boxed and shared.
#[tokio::test]
async fn the_fixed_lookup_conforms() {
    let zone = zone();
    let lookup = fixed(&zone);
    let boxed: Box<dyn DnsLookup> = Box::new(lookup.clone());
    let shared: Arc<dyn DnsLookup> = Arc::new(lookup.clone());
    let (boxed_txt, shared_txt): (Box<dyn TxtLookup>, Arc<dyn TxtLookup>) =
        (Box::new(lookup.clone()), Arc::new(lookup.clone()));
    for report in [
        txt_lookup(&lookup, &zone).await,
        txt_lookup(&boxed_txt, &zone).await,
        txt_lookup(&shared_txt, &zone).await,
        dns_lookup(&lookup, &zone).await,
        dns_lookup(&boxed, &zone).await,
        dns_lookup(&shared, &zone).await,
    ] {
        assert!(report.is_conforming(), "{report}");
    }
}

/// How a lookup can go wrong.
#[derive(Debug, Clone, Copy)]
enum Fault {
    OneRecordOnly,
    JoinsRecords,
    SpaceBetweenStrings,
    LossyUtf8,
    NoSoa,
    NxDomainForNoData,
    HidesAliases,
    AbsentForFailure,
    AbsentForLoop,
}

#[derive(Debug)]
struct Faulty(FixedLookup, LookupZone, Fault);

#[async_trait]
impl TxtLookup for Faulty {
    async fn lookup_txt(&self, name: &OwnerName) -> Result<Answer, LookupError> {
        let Self(fixed, zone, fault) = self;
        let soa = || Some(Soa::new(zone.apex().clone(), 1, 300, 300));
        let nothing = || Ok(Answer::new(Outcome::nx_domain(soa())));
        let answer = match (fixed.lookup_txt(name).await, fault) {
            (Err(_), Fault::AbsentForFailure) => return nothing(),
            (looked, _) => looked?,
        };
        let outcome = match (answer.outcome().clone(), fault) {
            (Outcome::AliasLoop | Outcome::AliasTooLong, Fault::AbsentForLoop) => return nothing(),
            (Outcome::Absent(absence), Fault::NoSoa) => {
                Outcome::Absent(dcv::dns::Absence::new(absence.kind(), None))
            }
            (Outcome::Absent(_), Fault::NxDomainForNoData) => Outcome::nx_domain(soa()),
            (Outcome::Records(records), _) => Outcome::Records(garble(records, *fault)),
            (other, _) => other,
        };
        let aliases = match fault {
            Fault::HidesAliases => Vec::new(),
            _ => answer.aliases().to_vec(),
        };
        Ok(Answer::new(outcome).with_aliases(aliases))
    }
}

fn garble(records: Vec<ResourceRecord>, fault: Fault) -> Vec<ResourceRecord> {
    let texts: Vec<Txt> = records
        .iter()
        .map(|record| match record.data() {
            RecordData::Txt(txt) => txt.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    let texts = match fault {
        Fault::OneRecordOnly => texts.into_iter().take(1).collect(),
        Fault::JoinsRecords => {
            vec![Txt::joined(
                &texts
                    .iter()
                    .flat_map(Txt::data)
                    .copied()
                    .collect::<Vec<_>>(),
            )]
        }
        Fault::SpaceBetweenStrings => {
            let spaced = |txt: &Txt| Txt::joined(&txt.strings().collect::<Vec<_>>().join(&b' '));
            texts.iter().map(spaced).collect()
        }
        Fault::LossyUtf8 => {
            let lossy = |txt: &Txt| Txt::joined(String::from_utf8_lossy(txt.data()).as_bytes());
            texts.iter().map(lossy).collect()
        }
        _ => texts,
    };
    texts
        .into_iter()
        .map(|txt| ResourceRecord::new(300, RecordData::Txt(txt)))
        .collect()
}

// L-02, DG-05, D-03: each fault is caught by the check that is there for it.
#[tokio::test]
async fn faults_are_caught() {
    let zone = zone();
    for (fault, expected) in [
        (
            Fault::OneRecordOnly,
            &["every record is given, apart from the others"][..],
        ),
        (
            Fault::JoinsRecords,
            &["every record is given, apart from the others"],
        ),
        (
            Fault::SpaceBetweenStrings,
            &["character-strings are joined without a separator"],
        ),
        (Fault::LossyUtf8, &["octets are kept as they are"]),
        (
            Fault::NoSoa,
            &[
                "a name that does not exist",
                "a name without TXT records",
                "an alias to a name that does not exist",
            ],
        ),
        (Fault::NxDomainForNoData, &["a name without TXT records"]),
        (
            Fault::HidesAliases,
            &[
                "aliases are followed and given in order",
                "an alias to a name that does not exist",
            ],
        ),
        (
            Fault::AbsentForFailure,
            &["a failure is an error, never an absence"],
        ),
        (
            Fault::AbsentForLoop,
            &[
                "aliases in a circle end",
                "more aliases than are walked are no answer",
            ],
        ),
    ] {
        let report = txt_lookup(&Faulty(fixed(&zone), zone.clone(), fault), &zone).await;
        let failed: Vec<_> = report
            .failures()
            .map(dcv::conformance::CheckResult::name)
            .collect();
        assert_eq!(failed, expected, "{fault:?}: {report}");
        assert!(!report.is_conforming());
        assert!(report.to_string().contains("FAILED"));
    }
}
