//! The written form of instructions: see the table at [`Instructions`].

use serde::{Serialize, Serializer};
use time::UtcDateTime;

use super::{Instructions, Removal};
use crate::challenge::ValidationRecord;
use crate::dns::RecordType;
use crate::name::{DomainName, OwnerName, Scope};
use crate::token::ChallengeId;

#[derive(Serialize)]
struct Written<'a> {
    challenge: &'a ChallengeId,
    state: String,
    domain: &'a DomainName,
    domain_unicode: String,
    service: Option<&'a str>,
    scope: Scope,
    authorises: String,
    record: Record<'a>,
    host: Host,
    zone_line: String,
    commands: Vec<String>,
    answer: String,
    #[serde(with = "crate::serial::instant")]
    issued_at: UtcDateTime,
    #[serde(with = "crate::serial::instant")]
    expires_at: UtcDateTime,
    removal: &'static str,
    proof_lifetime: Option<u64>,
    negative_ttl: Option<u64>,
    name_servers: &'a [OwnerName],
    provider: Option<Provider>,
}

#[derive(Serialize)]
struct Record<'a> {
    owner: &'a OwnerName,
    #[serde(rename = "type")]
    record_type: RecordType,
    value: &'a str,
    ttl: u32,
}

#[derive(Serialize)]
struct Host {
    name: String,
    zone: OwnerName,
    basis: &'static str,
}

#[derive(Serialize)]
struct Provider {
    id: &'static str,
    name: &'static str,
    host_field: Option<&'static str>,
    value_field: Option<&'static str>,
    help: Option<&'static str>,
}

impl<'a> From<&'a ValidationRecord> for Record<'a> {
    fn from(record: &'a ValidationRecord) -> Self {
        Self {
            owner: record.owner(),
            record_type: record.record_type(),
            value: record.value(),
            ttl: record.ttl(),
        }
    }
}

impl Serialize for Instructions {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let host = self.host();
        let provider = self.provider.map(|provider| Provider {
            id: provider.id,
            name: provider.name,
            host_field: provider.host_field,
            value_field: provider.value_field,
            help: provider.help,
        });
        Written {
            challenge: &self.challenge,
            state: self.state.to_string(),
            domain: &self.domain,
            domain_unicode: self.domain.to_unicode(),
            service: self.service(),
            scope: self.scope,
            authorises: self.authorises(),
            record: Record::from(&self.record),
            host: Host {
                name: host.name().into(),
                zone: host.zone().clone(),
                basis: host.basis().code(),
            },
            zone_line: self.zone_line(),
            commands: self.commands(),
            answer: self.answer(),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            removal: match self.removal() {
                Removal::OnceValidated => "once-validated",
                Removal::Now => "now",
            },
            proof_lifetime: self.proof_lifetime.map(|lifetime| lifetime.as_secs()),
            negative_ttl: self.negative_ttl().map(|ttl| ttl.as_secs()),
            name_servers: self.zone.as_ref().map_or(&[], |zone| zone.servers()),
            provider,
        }
        .serialize(to)
    }
}
