//! What the user has to do, exactly and completely (draft-04 §5.2; I-01, I-02, E-01).
//!
//! [`Instructions`] are plain data, made from a challenge and from whatever else is known: the
//! service's name, the zone and who serves it, how long things last. Every form is a function of
//! them, so that an application can make its own:
//!
//! | Form | Call |
//! |---|---|
//! | plain text at 80 columns | `Display` |
//! | text, Markdown, HTML, a whole page | [`document`](Instructions::document) and its forms |
//! | the line of a zone file | [`zone_line`](Instructions::zone_line) |
//! | a mail to forward to the DNS administrator | [`email`](Instructions::email) |
//! | JSON, with stable keys | `serde::Serialize` (feature `serde`), see [`Instructions`] |
//!
//! Nothing in them is secret but the token, which the record publishes anyway. How they reach the
//! user is the application's to decide; it should be a way that authenticates the service (I-03).
//!
//! ```
//! # use dcv::{AccountId, Challenge, Dcv, Scope};
//! # fn show(challenge: &Challenge, check: &dcv::Check) {
//! use dcv::dns::ZoneFacts;
//!
//! println!("{}", challenge.instructions().for_service("Example SaaS"));
//!
//! // After a first check more is known: the real zone, its provider, its negative TTL.
//! let mut instructions = challenge.instructions();
//! if let Some(zone) = ZoneFacts::of(challenge.owner(), check.observations()) {
//!     instructions = instructions.in_zone(zone);
//! }
//! let page = instructions.document().to_page("Prove that you control your domain");
//! # }
//! ```

mod commands;
mod email;
mod english;
mod host;
#[cfg(feature = "serde")]
mod serial;
mod steps;
mod words;

use std::fmt;
use std::time::Duration;

use time::UtcDateTime;

use crate::challenge::{Challenge, State, ValidationRecord};
use crate::dns::ZoneFacts;
use crate::document::Document;
use crate::name::{DomainName, Scope};
use crate::policy::Timing;
use crate::providers::{self, Provider};
use crate::record::presentation;
use crate::suffix::SuffixGuard;
use crate::token::ChallengeId;

pub use email::Email;
pub use host::{Host, HostBasis};

/// What the user has to do to prove a challenge. Its `Display` is plain text at 80 columns.
///
/// With the feature `serde` it is written as one object. Its keys are stable; more may be added:
///
/// | Key | What it is |
/// |---|---|
/// | `challenge`, `state` | the challenge's id, and where it stands |
/// | `domain`, `domain_unicode` | in A-labels, and as people read it |
/// | `service` | who asks, or null |
/// | `scope`, `authorises` | what the record authorises: the word, and in words |
/// | `record` | `owner`, `type`, `value` (without quotation marks) and `ttl` in seconds |
/// | `host` | `name` as a DNS panel wants it, the `zone` it is relative to, and the `basis`: `zone-cut`, `registrable-domain` or `domain` |
/// | `zone_line` | the line of a zone file |
/// | `commands`, `answer` | commands that show the record, and what they must show |
/// | `issued_at`, `expires_at` | RFC 3339 |
/// | `removal` | when the record may go: `once-validated` or `now` |
/// | `proof_lifetime`, `negative_ttl` | seconds, or null where that is not known |
/// | `name_servers` | of the zone, as far as they are known |
/// | `provider` | null, or `id`, `name`, `host_field`, `value_field` and `help` of the DNS provider |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instructions {
    challenge: ChallengeId,
    domain: DomainName,
    scope: Scope,
    record: ValidationRecord,
    state: State,
    held: bool,
    closes_at: Option<UtcDateTime>,
    issued_at: UtcDateTime,
    expires_at: UtcDateTime,
    service: Option<String>,
    registrable: Option<DomainName>,
    zone: Option<ZoneFacts>,
    provider: Option<&'static Provider>,
    proof_lifetime: Option<Duration>,
}

/// When the record may be removed (E-01, E-08, E-09).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Removal {
    /// As soon as it was seen: a one-off validation.
    OnceValidated,
    /// It has done its work, or can do none any more.
    Now,
}

impl Challenge {
    /// What the user has to do, as far as the challenge alone tells.
    #[must_use]
    pub fn instructions(&self) -> Instructions {
        Instructions::of(self)
    }
}

impl Instructions {
    /// For a challenge, without knowing anything else. The registrable domain is that of the
    /// compiled-in suffix list.
    #[must_use]
    pub fn of(challenge: &Challenge) -> Self {
        let instructions = Self {
            challenge: *challenge.id(),
            domain: challenge.domain().clone(),
            scope: challenge.scope(),
            record: challenge.record().clone(),
            state: challenge.state(),
            held: challenge.is_held(),
            closes_at: challenge
                .last_checked_at()
                .and_then(|last| challenge.second_look_at(last)),
            issued_at: challenge.issued_at(),
            expires_at: challenge.expires_at(),
            service: None,
            registrable: None,
            zone: None,
            provider: None,
            proof_lifetime: None,
        };
        instructions.with_guard(&SuffixGuard::default())
    }

    /// Names the service that asks: a display text, or its
    /// [`ProviderName`](crate::name::ProviderName) (I-04).
    #[must_use]
    pub fn for_service(mut self, service: impl fmt::Display) -> Self {
        let service = service.to_string();
        let service: String = service.trim().chars().take(Self::MAX_SERVICE).collect();
        let service = crate::document::plain(&service);
        self.service = Some(service).filter(|service| !service.is_empty());
        self
    }

    /// Takes the registrable domain from this suffix list: what the host is relative to as long as
    /// the zone is not known.
    #[must_use]
    pub fn with_guard(mut self, guard: &SuffixGuard) -> Self {
        self.registrable = guard.registrable(&self.domain);
        self
    }

    /// Says what is known of the zone, and finds its provider by its name servers. A zone that the
    /// owner name is not in is not taken.
    #[must_use]
    pub fn in_zone(mut self, zone: ZoneFacts) -> Self {
        if self.record.owner().is_within(zone.apex()) {
            self.provider = providers::of_servers(zone.servers()).or(self.provider);
            self.zone = Some(zone);
        }
        self
    }

    /// Names the DNS provider, where the application knows it.
    #[must_use]
    pub fn at_provider(mut self, provider: &'static Provider) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Says how long a proof counts.
    #[must_use]
    pub fn with_timing(mut self, timing: &Timing) -> Self {
        self.proof_lifetime = Some(timing.proof_lifetime());
        self
    }

    /// How many characters of a service's name are shown.
    pub const MAX_SERVICE: usize = 64;

    /// The challenge.
    #[must_use]
    pub fn challenge(&self) -> &ChallengeId {
        &self.challenge
    }

    /// The domain to be proven.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// What the proof will cover.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// What the record authorises, in words (SC-03).
    #[must_use]
    pub fn authorises(&self) -> String {
        self.scope.describe(&self.domain)
    }

    /// The record to publish: absolute owner name, type, value without quotation marks, TTL (I-02).
    #[must_use]
    pub fn record(&self) -> &ValidationRecord {
        &self.record
    }

    /// The owner name as a DNS panel wants it that appends the zone's name.
    #[must_use]
    pub fn host(&self) -> Host {
        host::of(self)
    }

    /// The line of a zone file: the value quoted, split into strings of 255 octets, and escaped.
    #[must_use]
    pub fn zone_line(&self) -> String {
        self.record.to_string()
    }

    /// Commands that show the record: through the resolver of whoever runs them, and from the
    /// zone's own servers. They name nothing but the challenge's owner name (S-18); there are none
    /// when that has characters that mean something to a shell.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        commands::of(self.record.owner(), self.record.record_type())
    }

    /// What the commands must show: the value as it is written in a zone file.
    #[must_use]
    pub fn answer(&self) -> String {
        presentation::quoted(self.record.value().as_bytes()).to_string()
    }

    /// Where the challenge stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether the challenge is over by our clock, and still open, as the clock could be wrong: it
    /// proves nothing, and is to be reissued (S-7).
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// The same as told at this time: a look after the end of an open challenge holds it.
    pub(crate) fn told_at(mut self, now: UtcDateTime) -> Self {
        self.held = self.state == State::Pending && self.expires_at <= now;
        self
    }

    /// When the challenge was issued.
    #[must_use]
    pub fn issued_at(&self) -> UtcDateTime {
        self.issued_at
    }

    /// Until when the record has to be seen (E-01).
    #[must_use]
    pub fn expires_at(&self) -> UtcDateTime {
        self.expires_at
    }

    /// When the record may be removed (E-08, E-09).
    #[must_use]
    pub fn removal(&self) -> Removal {
        match self.state {
            State::Pending => Removal::OnceValidated,
            State::Validated { .. }
            | State::Ended { .. }
            | State::Expired { .. }
            | State::Cancelled { .. } => Removal::Now,
        }
    }

    /// How long a proof counts, where that was said.
    #[must_use]
    pub fn proof_lifetime(&self) -> Option<Duration> {
        self.proof_lifetime
    }

    /// How long caches may go on denying the record after it was published, where the zone's SOA
    /// was seen (L-02).
    #[must_use]
    pub fn negative_ttl(&self) -> Option<Duration> {
        self.zone.as_ref().and_then(ZoneFacts::negative_ttl)
    }

    /// Who asks.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.service.as_deref()
    }

    /// What is known of the zone.
    #[must_use]
    pub fn zone(&self) -> Option<&ZoneFacts> {
        self.zone.as_ref()
    }

    /// Who serves the zone, where that is known.
    #[must_use]
    pub fn provider(&self) -> Option<&'static Provider> {
        self.provider
    }

    /// In English.
    #[must_use]
    pub fn document(&self) -> Document {
        english::document(self)
    }

    /// A mail in English, to be forwarded to whoever manages the DNS.
    #[must_use]
    pub fn email(&self) -> Email {
        email::of(self)
    }
}

impl fmt::Display for Instructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.document().fmt(f)
    }
}
