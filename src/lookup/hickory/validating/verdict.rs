//! What is to be thought of a reply, after hickory has put a proof to each of its records.

use hickory_resolver::proto::dnssec::Proof;
use hickory_resolver::proto::dnssec::rdata::{DNSSECRData, NSEC3};
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use time::UtcDateTime;

use super::super::signatures::instant;
use super::reply::{is_from_wildcard, signature};
use crate::dns::Security;

/// What is known of one hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) security: Security,
    /// When the first of the signatures that it rests on expires.
    pub(super) signed_until: Option<UtcDateTime>,
}

impl Verdict {
    /// Of a name that no trust anchor's zone encloses.
    pub(super) const NOT_ANCHORED: Self = Self {
        security: Security::Indeterminate,
        signed_until: None,
    };
}

/// Why a reply is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Signatures or proofs that have to be there are missing or wrong.
    Bogus,
    /// A signed expansion of a wildcard, whose proof is signed as well, and which hickory does
    /// not accept. It accepts some such proofs less than the standard does, so that nothing is
    /// known to be wrong.
    Wildcard,
}

/// Judges a reply that was cut down to one hop. `denial` is what hickory says of the proof that
/// something does not exist, where that is not [`Proof::Secure`].
pub(super) fn judge(
    message: &Message,
    denial: Option<Proof>,
    now: UtcDateTime,
) -> Result<Verdict, Wrong> {
    let authorities = &message.authorities;
    let security = match minimum(&message.answers)? {
        Some(Security::Secure) if is_from_wildcard(&message.answers) => {
            expansion(authorities, denial)?.min(span(authorities, true))
        }
        Some(security) => security,
        None => {
            let no_name = message.metadata.response_code == ResponseCode::NXDomain;
            denied(authorities, denial)?.min(span(authorities, no_name))
        }
    };
    let records = message.answers.iter().chain(&message.authorities);
    let signed_until = records
        .filter(|record| record.proof == Proof::Secure)
        .filter_map(|record| instant(signature(record)?.input().sig_expiration.get(), now))
        .min();
    Ok(Verdict {
        security,
        signed_until,
    })
}

/// An expansion of a wildcard is right where nothing closer exists.
fn expansion(authorities: &[Record], denial: Option<Proof>) -> Result<Security, Wrong> {
    match denial {
        None => Ok(minimum(authorities)?.unwrap_or(Security::Indeterminate)),
        Some(Proof::Bogus) => {
            let plain = authorities
                .iter()
                .any(|record| record.record_type() == RecordType::NSEC);
            match minimum(authorities)? {
                Some(Security::Secure) if plain => Err(Wrong::Wildcard),
                _ => Err(Wrong::Bogus),
            }
        }
        Some(proof) => security(proof),
    }
}

/// Nothing stands at the name: that too needs to be shown.
fn denied(authorities: &[Record], denial: Option<Proof>) -> Result<Security, Wrong> {
    let proven = denial.map(security).transpose()?;
    let records = minimum(authorities)?.unwrap_or(Security::Indeterminate);
    Ok(proven.map_or(records, |proven| proven.min(records)))
}

/// What may stand between two names of an NSEC3 chain. With opt-out an unsigned delegation may,
/// so that nothing is said of a name that rests on a gap (RFC 5155 §9.2): that no such name
/// exists, or none that is closer than a wildcard. A record at the name itself, which comes alone,
/// says what is there all the same.
fn span(authorities: &[Record], rests_on_gap: bool) -> Security {
    let chain: Vec<&NSEC3> = authorities
        .iter()
        .filter_map(|record| match &record.data {
            RData::DNSSEC(DNSSECRData::NSEC3(nsec3)) => Some(nsec3),
            _ => None,
        })
        .collect();
    if (rests_on_gap || chain.len() > 1) && chain.iter().any(|nsec3| nsec3.opt_out()) {
        Security::Insecure
    } else {
        Security::Secure
    }
}

/// The least secure of the records that are no signatures.
fn minimum(records: &[Record]) -> Result<Option<Security>, Wrong> {
    let mut least: Option<Security> = None;
    for record in records.iter().filter(|record| signature(record).is_none()) {
        let found = security(record.proof)?;
        least = Some(least.map_or(found, |least| least.min(found)));
    }
    Ok(least)
}

fn security(proof: Proof) -> Result<Security, Wrong> {
    match proof {
        Proof::Secure => Ok(Security::Secure),
        Proof::Insecure => Ok(Security::Insecure),
        Proof::Indeterminate => Ok(Security::Indeterminate),
        Proof::Bogus => Err(Wrong::Bogus),
    }
}
