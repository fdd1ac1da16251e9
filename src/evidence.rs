//! What is kept with a proof: bounded, enough to audit, never enough to replay.
//!
//! An [`Evidence`] answers, long after, on what a proof rested: which token (by its digest), when,
//! on which [`Basis`], and each [`Sighting`]: through which perspective, over which transport, at
//! the end of which aliases, with which DNSSEC verdict. It holds nothing that anybody else said,
//! and nothing can be proven with it again (S-4).

use std::collections::HashSet;

use time::UtcDateTime;

use crate::dns::{Perspective, Security, Trust};
use crate::name::OwnerName;
use crate::policy::Quorum;
use crate::record::Forgiven;
use crate::suffix::Admission;
use crate::token::TokenFingerprint;

/// What a validation rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Basis {
    /// A trusted validator saw the record, signed.
    Secure,
    /// A quorum of independent groups saw the record.
    Quorum,
    /// The primary perspective saw the record, and enough remote ones corroborated it, by the
    /// CA/Browser Forum's table. The [quorum](Evidence::quorum) counts the primary one too.
    CaBrowserForum,
}

/// What is kept with a proof: which token was seen, when, by whom, and how far each is to be
/// believed.
///
/// At most 4 KiB when written as JSON: where there are more perspectives than that holds, the
/// rest is counted in [`omitted`](Self::omitted). It is the operator's: it names perspectives,
/// some of which have an address for a name (S-17).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Evidence {
    token: TokenFingerprint,
    basis: Basis,
    quorum: Quorum,
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
    decided_at: UtcDateTime,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_sightings"))]
    sightings: Vec<Sighting>,
    omitted: u32,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_nothing"))]
    forgiven: Forgiven,
}

impl Evidence {
    /// The most octets of its JSON form.
    pub const MAX_OCTETS: usize = 4096;

    /// The most sightings that are kept.
    pub const MAX_SIGHTINGS: usize = 16;

    pub(crate) fn new(
        token: TokenFingerprint,
        basis: Basis,
        quorum: Quorum,
        decided_at: UtcDateTime,
    ) -> Self {
        Self {
            token,
            basis,
            quorum,
            decided_at,
            sightings: Vec::new(),
            omitted: 0,
            forgiven: Forgiven::default(),
        }
    }

    /// Keeps a sighting if there is room for it.
    pub(crate) fn add(&mut self, sighting: Sighting) {
        self.forgiven = self.forgiven.and(sighting.forgiven);
        let all = self.sightings.iter().chain([&sighting]);
        if Self::fits(all) && self.sightings.len() < Self::MAX_SIGHTINGS {
            self.sightings.push(sighting);
        } else {
            self.omitted = self.omitted.saturating_add(1);
        }
    }

    /// Whether there is room for all of these.
    fn fits<'a>(sightings: impl IntoIterator<Item = &'a Sighting>) -> bool {
        const OVERHEAD: usize = 320 + FORGIVEN;
        let size: usize = sightings.into_iter().map(Sighting::size).sum();
        OVERHEAD + size <= Self::MAX_OCTETS
    }

    /// Whether a proof with this evidence, of a record at this name, is one that this admission
    /// allows (S-9).
    pub(crate) fn suffices_for(&self, admission: &Admission, owner: &OwnerName) -> bool {
        let mut sightings = self.sightings.iter();
        let unaliased = admission.allows_alias()
            || !self.sightings.is_empty() && sightings.all(|one| one.final_name == *owner);
        let corroborated = self.basis == Basis::Secure || self.quorum.needed() > 1;
        unaliased && (admission.allows_single_view() || corroborated)
    }

    /// Whether those who saw the record make up what the decision rests on (S-4).
    pub(crate) fn bears_its_basis(&self) -> bool {
        let omitted = usize::try_from(self.omitted).unwrap_or(usize::MAX);
        let needed = usize::from(self.quorum.needed());
        let signed = |one: &Sighting| {
            one.security == Security::Secure && one.perspective.trust() == Trust::Validating
        };
        let groups = || {
            let groups = self.sightings.iter().map(|one| one.perspective.group());
            groups.collect::<HashSet<_>>().len()
        };
        !self.sightings.is_empty()
            && match self.basis {
                Basis::Secure => omitted > 0 || self.sightings.iter().any(signed),
                Basis::Quorum => groups().saturating_add(omitted) >= needed,
                Basis::CaBrowserForum => self.sightings.len().saturating_add(omitted) >= needed,
            }
    }

    /// The digest of the token that was seen.
    #[must_use]
    pub fn token(&self) -> &TokenFingerprint {
        &self.token
    }

    /// What the decision rests on.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// The quorum that was in force.
    #[must_use]
    pub fn quorum(&self) -> Quorum {
        self.quorum
    }

    /// When it was decided.
    #[must_use]
    pub fn decided_at(&self) -> UtcDateTime {
        self.decided_at
    }

    /// Who saw the record.
    #[must_use]
    pub fn sightings(&self) -> &[Sighting] {
        &self.sightings
    }

    /// What was forgiven in the record, by whomever it was seen so (K-10, K-12).
    #[must_use]
    pub fn forgiven(&self) -> Forgiven {
        self.forgiven
    }

    /// How many more saw it than are kept here.
    #[must_use]
    pub fn omitted(&self) -> u32 {
        self.omitted
    }
}

/// Reads no more sightings than are kept (S-4).
#[cfg(feature = "serde")]
fn read_sightings<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Sighting>, D::Error> {
    let read = crate::serial::bounded::<{ Evidence::MAX_SIGHTINGS }, _, _>(from)?;
    if Evidence::fits(&read) {
        Ok(read)
    } else {
        Err(serde::de::Error::custom("more sightings than are kept"))
    }
}

/// One perspective that saw the record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Sighting {
    pub(crate) perspective: Perspective,
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
    pub(crate) at: UtcDateTime,
    pub(crate) final_name: OwnerName,
    pub(crate) ttl: u32,
    pub(crate) security: Security,
    pub(crate) authoritative: bool,
    #[cfg_attr(
        feature = "serde",
        serde(
            default,
            skip_serializing_if = "Option::is_none",
            with = "crate::serial::maybe_instant"
        )
    )]
    pub(crate) signed_until: Option<UtcDateTime>,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_nothing"))]
    pub(crate) forgiven: Forgiven,
}

#[cfg(feature = "serde")]
fn is_nothing(forgiven: &Forgiven) -> bool {
    forgiven.is_empty()
}

/// The most octets of the words for what was forgiven, with their field.
const FORGIVEN: usize = 140;

impl Sighting {
    fn size(&self) -> usize {
        // Field names and values of fixed size, then what varies. What is not a letter, a digit or
        // a hyphen may stand as `\\DDD` in the name's text: five octets, as JSON escapes the
        // backslash once more.
        let name = self.final_name.as_wire().iter().map(|octet| match octet {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => 1,
            _ => 5,
        });
        let forgiven = if self.forgiven.is_empty() {
            0
        } else {
            FORGIVEN
        };
        450 + self.perspective.octets() + name.sum::<usize>() + forgiven
    }

    /// The perspective, as it was configured then.
    #[must_use]
    pub fn perspective(&self) -> &Perspective {
        &self.perspective
    }

    /// When it saw the record.
    #[must_use]
    pub fn at(&self) -> UtcDateTime {
        self.at
    }

    /// Where the record stood, after aliases.
    #[must_use]
    pub fn final_name(&self) -> &OwnerName {
        &self.final_name
    }

    /// The record's TTL in seconds.
    #[must_use]
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// What DNSSEC said of it, by the perspective's own account.
    #[must_use]
    pub fn security(&self) -> Security {
        self.security
    }

    /// Whether the answer had the AA bit.
    #[must_use]
    pub fn is_authoritative(&self) -> bool {
        self.authoritative
    }

    /// What was forgiven in the record as it saw it (K-10, K-12).
    #[must_use]
    pub fn forgiven(&self) -> Forgiven {
        self.forgiven
    }

    /// When the first of the answer's signatures expired; `None` when it came without. Until then
    /// a stale server could have given the same answer, signed (S-6).
    #[must_use]
    pub fn signed_until(&self) -> Option<UtcDateTime> {
        self.signed_until
    }
}

#[cfg(all(test, feature = "serde"))]
#[allow(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use super::*;
    use crate::dns::{Group, PerspectiveId, Transport, View};
    use crate::record::{Warning, Warnings};

    fn sighting(id: &str, name: &OwnerName) -> Sighting {
        let id = PerspectiveId::new(id).unwrap();
        Sighting {
            perspective: Perspective::new(id.clone())
                .with_group(Group::Operator(id.clone()))
                .with_region(id)
                .with_transport(Transport::Authenticated)
                .with_trust(Trust::Validating)
                .with_view(View::Authoritative),
            at: UtcDateTime::MAX,
            final_name: name.clone(),
            ttl: u32::MAX,
            security: Security::Indeterminate,
            authoritative: false,
            signed_until: Some(UtcDateTime::MAX),
            forgiven: Forgiven::default(),
        }
    }

    // K-10: what was kept before this was is read as nothing forgiven, and nothing is not written.
    #[test]
    fn what_was_forgiven_is_kept() {
        let name = OwnerName::parse("a").unwrap();
        let token = TokenFingerprint::from_bytes([255; 32]);
        let quorum = Quorum::new(1, 1).unwrap();
        let mut evidence = Evidence::new(token, Basis::Quorum, quorum, UtcDateTime::MAX);
        evidence.add(sighting("one", &name));
        let text = serde_json::to_string(&evidence).unwrap();
        assert!(!text.contains("forgiven"), "{text}");
        assert_eq!(serde_json::from_str::<Evidence>(&text).unwrap(), evidence);

        let mut loose = sighting("two", &name);
        let spaces: Warnings = [Warning::TrailingSpace].into_iter().collect();
        loose.forgiven = Forgiven::new(spaces, false);
        evidence.add(loose);
        let text = serde_json::to_string(&evidence).unwrap();
        assert_eq!(text.matches(r#""forgiven":["trailing-space"]"#).count(), 2);
        assert_eq!(serde_json::from_str::<Evidence>(&text).unwrap(), evidence);
        assert!(evidence.forgiven() == Forgiven::new(spaces, false));
    }

    // S-9: that nobody saw the record at its own name is no proof that nobody saw it elsewhere.
    #[test]
    fn nothing_that_was_seen_suffices_for_nothing() {
        let (name, other) = (
            OwnerName::parse("a").unwrap(),
            OwnerName::parse("b").unwrap(),
        );
        let token = TokenFingerprint::from_bytes([255; 32]);
        let quorum = Quorum::new(2, 2).unwrap();
        let mut evidence = Evidence::new(token, Basis::Quorum, quorum, UtcDateTime::MAX);
        let suffices = |evidence: &Evidence, name| evidence.suffices_for(&Admission::NoAlias, name);
        assert!(!suffices(&evidence, &name) && !evidence.bears_its_basis());
        evidence.add(sighting("one", &name));
        assert!(suffices(&evidence, &name) && !evidence.bears_its_basis());
        evidence.add(sighting("two", &name));
        assert!(suffices(&evidence, &name) && evidence.bears_its_basis());
        assert!(!suffices(&evidence, &other));
    }

    // S-4: a signed basis takes somebody who validates on our behalf, and says that it was signed.
    #[test]
    fn a_signed_basis_takes_a_signed_sighting() {
        let name = OwnerName::parse("a").unwrap();
        let token = TokenFingerprint::from_bytes([255; 32]);
        let quorum = Quorum::new(1, 1).unwrap();
        for (security, trust, expected) in [
            (Security::Secure, Trust::Validating, true),
            (Security::Secure, Trust::Untrusted, false),
            (Security::Insecure, Trust::Validating, false),
            (Security::Unvalidated, Trust::Validating, false),
        ] {
            let mut evidence = Evidence::new(token, Basis::Secure, quorum, UtcDateTime::MAX);
            let mut one = sighting("one", &name);
            one.perspective = one.perspective.with_trust(trust);
            one.security = security;
            evidence.add(one);
            assert_eq!(
                evidence.bears_its_basis(),
                expected,
                "{security:?} {trust:?}"
            );
        }
    }

    // S-6: what was kept before signatures were is read as kept without them.
    #[test]
    fn sightings_without_signatures_are_read() {
        let name = OwnerName::parse("a").unwrap();
        let mut unsigned = sighting("one", &name);
        unsigned.signed_until = None;
        let text = serde_json::to_string(&unsigned).unwrap();
        assert!(!text.contains("signed_until"));
        assert_eq!(serde_json::from_str::<Sighting>(&text).unwrap(), unsigned);
    }

    // The bound of 4 KiB holds for the longest names there are, and what does not fit is counted.
    #[test]
    fn evidence_is_bounded() {
        let label = [0x07; 63];
        let long = OwnerName::from_labels([&label[..], &label, &label, &label[..61]]).unwrap();
        let short = OwnerName::parse("a").unwrap();
        for (id, name) in [("\\".repeat(64), &long), ("a".to_owned(), &short)] {
            let token = TokenFingerprint::from_bytes([255; 32]);
            let quorum = Quorum::new(200, 255).unwrap();
            let mut evidence =
                Evidence::new(token, Basis::CaBrowserForum, quorum, UtcDateTime::MAX);
            for _ in 0..300 {
                let mut sighting = sighting(&id, name);
                let all = [
                    Warning::LeadingSpace,
                    Warning::TrailingSpace,
                    Warning::StraySpace,
                    Warning::EmptyAttributeValue,
                    Warning::DuplicateAttribute,
                ];
                sighting.forgiven = Forgiven::new(all.into_iter().collect(), true);
                evidence.add(sighting);
            }
            let text = serde_json::to_string(&evidence).unwrap();
            assert!(text.len() <= Evidence::MAX_OCTETS, "{} octets", text.len());
            assert!(!evidence.sightings().is_empty());
            assert_eq!(
                evidence.sightings().len() + evidence.omitted() as usize,
                300
            );
            assert_eq!(serde_json::from_str::<Evidence>(&text).unwrap(), evidence);
        }
    }
}
