//! What the validator is shown of a reply: what it says of the name that was asked, within
//! bounds (S-16).

use std::collections::HashMap;

use hickory_resolver::proto::dnssec::rdata::{DNSSECRData, RRSIG};
use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{DNSClass, Name, RData, Record, RecordType};

use super::MAX_NSEC3_ITERATIONS;
use crate::dns::LookupFailure;
use crate::lookup::exchange::is_crowded;

/// The most signatures of one reply that are checked.
const MAX_SIGNATURE_CHECKS: usize = 16;

/// The most keys of a zone that share a tag.
const MAX_KEYS_PER_TAG: usize = 4;

/// With how many keys of a tag the validator tries a signature, but for those of the keys
/// themselves.
const KEYS_TRIED: usize = 2;

/// Cuts a reply down to one hop: the records at the asked name, or the alias there, or the
/// denial; each with the signatures and the proofs that belong to it.
///
/// Nothing is lost by that. The target of an alias is asked for by itself, and then stands in a
/// reply whose proofs are about it, which is what the validator expects of a reply.
pub(super) fn cut(message: &mut Message, query: &Query) -> Result<(), LookupFailure> {
    let sections = [&message.answers, &message.authorities, &message.additionals];
    if sections.iter().any(|section| is_crowded(section)) {
        return Err(LookupFailure::TooLarge);
    }
    message.additionals.clear();
    message.authorities.retain(is_internet);
    message.answers.retain(is_internet);

    cut_answers(&mut message.answers, query);
    let redirects = message
        .answers
        .iter()
        .any(|record| matches!(record.record_type(), RecordType::CNAME | RecordType::DNAME));
    if redirects && message.metadata.response_code == ResponseCode::NXDomain {
        // That was said of the target.
        message.metadata.response_code = ResponseCode::NoError;
    }

    if message.answers.is_empty() {
        let servers = query.query_type() == RecordType::NS;
        message.authorities.retain(|record| {
            let of = covered(record);
            matches!(of, RecordType::SOA | RecordType::NSEC | RecordType::NSEC3)
                || servers && of == RecordType::NS
        });
    } else if is_from_wildcard(&message.answers) {
        let signers: Vec<Name> = message
            .answers
            .iter()
            .filter_map(|record| Some(signature(record)?.input().signer_name.clone()))
            .collect();
        keep_proofs_of(&signers, &mut message.authorities);
    } else {
        message.authorities.clear();
    }
    Ok(())
}

/// What it would take to validate a reply is known before anything is computed.
pub(super) fn measure(message: &Message) -> Result<(), LookupFailure> {
    let mut tags: HashMap<u16, usize> = HashMap::new();
    let (mut signatures, mut iterations) = (0_usize, 0);
    for record in message.answers.iter().chain(&message.authorities) {
        match &record.data {
            RData::DNSSEC(DNSSECRData::DNSKEY(key)) => {
                let tag = key.calculate_key_tag();
                let tag = tag.map_err(|_| LookupFailure::MalformedReply)?;
                *tags.entry(tag).or_default() += 1;
            }
            RData::DNSSEC(DNSSECRData::NSEC3(nsec3)) => {
                iterations = iterations.max(nsec3.iterations());
            }
            _ if signature(record).is_some() => signatures += 1,
            _ => {}
        }
    }
    let same_tag = tags.into_values().max();
    let checks = signatures.saturating_mul(same_tag.unwrap_or(KEYS_TRIED));
    if same_tag > Some(MAX_KEYS_PER_TAG)
        || checks > MAX_SIGNATURE_CHECKS
        || iterations > MAX_NSEC3_ITERATIONS
    {
        return Err(LookupFailure::TooLarge);
    }
    Ok(())
}

/// The signature that a record is.
pub(super) fn signature(record: &Record) -> Option<&RRSIG> {
    match &record.data {
        RData::DNSSEC(DNSSECRData::RRSIG(signature)) => Some(signature),
        _ => None,
    }
}

/// Whether a signature was made for a wildcard, and the record is one of its expansions (RFC 4035
/// §5.3.4).
pub(super) fn is_from_wildcard(answers: &[Record]) -> bool {
    answers.iter().any(|record| {
        signature(record).is_some_and(|of| of.input().num_labels < record.name.num_labels())
    })
}

/// The type of a record, and of a signature the type that it signs.
fn covered(record: &Record) -> RecordType {
    signature(record).map_or_else(
        || record.record_type(),
        |signature| signature.input().type_covered,
    )
}

fn is_internet(record: &Record) -> bool {
    record.dns_class == DNSClass::IN
}

fn cut_answers(answers: &mut Vec<Record>, query: &Query) {
    let asked = |record: &Record| {
        record.name == *query.name()
            && (covered(record) == query.query_type() || covered(record) == RecordType::CNAME)
    };
    // A CNAME that was made of a DNAME has no signature. The DNAME has, and leads to the same
    // target (RFC 6672 §5.3.1).
    let signed = answers
        .iter()
        .any(|record| asked(record) && signature(record).is_some());
    let redirect = answers.iter().find(|record| {
        record.record_type() == RecordType::DNAME
            && record.name != *query.name()
            && record.name.zone_of(query.name())
    });
    match redirect.map(|record| record.name.clone()) {
        Some(owner) if !signed => {
            answers.retain(|record| record.name == owner && covered(record) == RecordType::DNAME);
        }
        _ => answers.retain(asked),
    }
}

/// Of a wildcard's expansion: the proofs by the same zone, which are to show that nothing closer
/// exists. Those of another zone are about the target of an alias.
fn keep_proofs_of(signers: &[Name], authorities: &mut Vec<Record>) {
    let ours: Vec<(Name, RecordType)> = authorities
        .iter()
        .filter_map(|record| {
            let signature = signature(record)?.input();
            let ours = signers.contains(&signature.signer_name);
            ours.then(|| (record.name.clone(), signature.type_covered))
        })
        .collect();
    authorities.retain(|record| {
        let of = covered(record);
        matches!(of, RecordType::NSEC | RecordType::NSEC3)
            && ours
                .iter()
                .any(|(name, signed)| *name == record.name && *signed == of)
    });
}
