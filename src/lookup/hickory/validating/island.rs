//! Trust anchors below the root.
//!
//! Hickory takes an anchor below the root only if *every* key of the zone is one: for any other
//! key it wants a DS record, which only a parent that is trusted can give. So the zone of an
//! anchor is given such a parent: a root that exists in this process alone, whose key is made
//! anew, and which signs the DS records of the anchors. All else is as with the real root.

use std::fmt;
use std::time::Duration;

use hickory_resolver::proto::ProtoError;
use hickory_resolver::proto::dnssec::crypto::Ed25519SigningKey;
use hickory_resolver::proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS, RRSIG};
use hickory_resolver::proto::dnssec::{
    self, DigestType, DnsSecError, DnssecSigner, PublicKey, SigningKey,
};
use hickory_resolver::proto::op::{DnsResponse, Message, Query};
use hickory_resolver::proto::rr::{DNSClass, Name, RData, Record, RecordSet, RecordType};
use std::sync::Arc;
use time::OffsetDateTime;

use super::super::TrustAnchors;
use crate::lookup::exchange::hickory_name;

/// A root of our own, with one delegation for each zone that has an anchor.
pub(super) struct Island {
    signer: DnssecSigner,
    trust: Arc<dnssec::TrustAnchors>,
    zones: Vec<(Name, Vec<DS>)>,
}

/// Why there is no such root.
#[derive(Debug, thiserror::Error)]
pub(super) enum IslandError {
    #[error("no key could be made")]
    Key(#[from] DnsSecError),
    #[error("a trust anchor has no digest")]
    Digest(#[from] ProtoError),
    #[error("a trust anchor's name cannot be used")]
    Name,
}

/// What this root knows of a question.
pub(super) enum Known {
    /// It answers itself.
    Here(Message),
    /// It lies in a zone that was delegated.
    Below,
    /// It lies outside of every such zone: there is nobody to ask.
    Nowhere,
}

impl Island {
    const TTL: u32 = 60;

    /// How far from now, back and ahead, signatures of this root hold.
    const MARGIN: Duration = Duration::from_secs(3600);

    pub(super) fn new(anchors: &TrustAnchors) -> Result<Self, IslandError> {
        let key = Ed25519SigningKey::from_pkcs8(&Ed25519SigningKey::generate_pkcs8()?)?;
        let public = key.to_public_key()?;
        let mut trust = dnssec::TrustAnchors::empty();
        trust.insert(&public);
        let mut zones: Vec<(Name, Vec<DS>)> = Vec::new();
        for zone in anchors.zones().filter(|zone| !zone.is_root()) {
            let name = hickory_name(zone).map_err(|_| IslandError::Name)?;
            if zones.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let keys = anchors.keys_of(zone).map(|key| delegation(&name, key));
            zones.push((name.clone(), keys.collect::<Result<_, _>>()?));
        }
        let signer = DnssecSigner::new(
            DNSKEY::from_key(&public),
            Box::new(key),
            Name::root(),
            Self::MARGIN * 2,
        );
        Ok(Self {
            signer,
            trust: Arc::new(trust),
            zones,
        })
    }

    /// What its answers are validated with.
    pub(super) fn trust(&self) -> Arc<dnssec::TrustAnchors> {
        Arc::clone(&self.trust)
    }

    pub(super) fn knows(&self, query: &Query) -> Result<Known, ProtoError> {
        if query.name().is_root() && query.query_type() == RecordType::DNSKEY {
            let key = RData::DNSSEC(DNSSECRData::DNSKEY(self.signer.to_dnskey()));
            let key = Record::from_rdata(Name::root(), Self::TTL, key);
            return Ok(Known::Here(answer(query, vec![key])));
        }
        let delegated = self.zones.iter().find(|(zone, _)| zone == query.name());
        match delegated {
            Some((zone, keys)) if query.query_type() == RecordType::DS => {
                let signed = self.signed(zone, keys)?;
                Ok(Known::Here(answer(query, signed)))
            }
            _ if self
                .zones
                .iter()
                .any(|(zone, _)| zone.zone_of(query.name())) =>
            {
                Ok(Known::Below)
            }
            _ => Ok(Known::Nowhere),
        }
    }

    /// The DS records of a zone, with the signature of this root.
    fn signed(&self, zone: &Name, keys: &[DS]) -> Result<Vec<Record>, ProtoError> {
        let mut rrset = RecordSet::with_ttl(zone.clone(), RecordType::DS, Self::TTL);
        for key in keys {
            let data = RData::DNSSEC(DNSSECRData::DS(key.clone()));
            rrset.insert(Record::from_rdata(zone.clone(), Self::TTL, data), 0);
        }
        let inception = OffsetDateTime::now_utc() - Self::MARGIN;
        let signature = RRSIG::from_rrset(&rrset, DNSClass::IN, inception, &self.signer)?;
        let signature = RData::DNSSEC(DNSSECRData::RRSIG(signature));
        let mut records: Vec<Record> = rrset.records_without_rrsigs().cloned().collect();
        records.push(Record::from_rdata(zone.clone(), Self::TTL, signature));
        Ok(records)
    }
}

impl fmt::Debug for Island {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zones = self.zones.iter().map(|(zone, _)| zone.to_string());
        f.debug_list().entries(zones).finish()
    }
}

fn delegation(zone: &Name, key: &DNSKEY) -> Result<DS, ProtoError> {
    let digest = key.to_digest(zone, DigestType::SHA256)?;
    let (tag, algorithm) = (key.calculate_key_tag()?, key.public_key().algorithm());
    let digest = digest.as_ref().to_vec();
    Ok(DS::new(tag, algorithm, DigestType::SHA256, digest))
}

fn answer(query: &Query, records: Vec<Record>) -> Message {
    let mut message = Message::response(0, hickory_resolver::proto::op::OpCode::Query);
    message.add_query(query.clone());
    message.add_answers(records);
    message
}

/// As the validator takes it.
pub(super) fn response(message: Message) -> Result<DnsResponse, ProtoError> {
    DnsResponse::from_message(message)
}
