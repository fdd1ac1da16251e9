//! The keys that validation starts from.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use hickory_resolver::proto::dnssec::rdata::DNSKEY;
use hickory_resolver::proto::dnssec::{self, Algorithm, PublicKeyBuf};

use crate::name::OwnerName;
use crate::record::escaped;

/// The keys that validation in the process starts from: of the root, of zones, or of both.
///
/// Of a zone its key-signing key is enough. For a name the anchor of the closest enclosing zone
/// counts; a name that lies in no anchor's zone cannot be validated
/// ([`Indeterminate`](crate::dns::Security::Indeterminate)).
///
/// As text it is DNSKEY records in the form of a zone file, one a line, as `dig`, `keymgr` and
/// `ldns-keygen` write them. TTL and class may be missing; `;` begins a comment.
///
/// ```
/// use dcv::lookup::hickory::TrustAnchors;
///
/// let anchors: TrustAnchors =
///     "corp.example. IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4= ; ours"
///         .parse()?;
/// assert_eq!(anchors.zones().count(), 1);
/// assert!(TrustAnchors::iana().zones().all(|zone| zone.is_root()));
/// # Ok::<(), dcv::lookup::hickory::TrustAnchorError>(())
/// ```
#[derive(Clone)]
pub struct TrustAnchors {
    keys: Vec<(OwnerName, DNSKEY)>,
}

/// A line that is no trust anchor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
#[non_exhaustive]
pub struct TrustAnchorError {
    /// Which line, counted from 1; 0 where there is none.
    pub line: usize,
    /// What is wrong with it.
    pub fault: TrustAnchorFault,
}

/// What is wrong with a trust anchor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustAnchorFault {
    /// There is no key at all.
    #[error("no key is given; give DNSKEY records, one a line")]
    NoKeys,
    /// There are more keys than anybody needs.
    #[error("more than {} keys", TrustAnchors::MAX_KEYS)]
    TooManyKeys,
    /// The first field is no name.
    #[error("the line does not begin with the name of a zone")]
    Zone,
    /// It is another record.
    #[error("not a DNSKEY record but `{0}`; give the zone's key itself, not its digest")]
    NotADnskey(String),
    /// Flags, protocol and algorithm are not three numbers, or no key comes after them.
    #[error("expected `DNSKEY flags 3 algorithm key`")]
    Fields,
    /// The flags are not those of a key that signs a zone.
    #[error("the flags {0} are not those of a zone's key in use; expected 257 or 256")]
    Flags(u16),
    /// The protocol is not DNSSEC.
    #[error("the protocol is {0}; it is always 3")]
    Protocol(u8),
    /// Nothing that this algorithm signs can be checked.
    #[error("algorithm {0} cannot be checked here; use 8, 10, 13, 14 or 15")]
    Algorithm(u8),
    /// The key is cut off or mistyped.
    #[error("the key is not base64; copy the whole record")]
    Key,
}

impl TrustAnchors {
    /// The most keys that are taken.
    pub const MAX_KEYS: usize = 64;

    /// The keys of the DNS root: those of 2017 and of 2024, as hickory has them.
    #[must_use]
    pub fn iana() -> Self {
        let known = dnssec::TrustAnchors::default();
        let keys = (0..known.len()).filter_map(|index| known.get(index));
        Self {
            keys: keys
                .map(|key| (OwnerName::root(), DNSKEY::with_flags(257, key.clone())))
                .collect(),
        }
    }

    /// The keys of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.keys.extend(other.keys);
        self
    }

    /// The zones that there are keys of, one for each key.
    pub fn zones(&self) -> impl Iterator<Item = &OwnerName> {
        self.keys.iter().map(|(zone, _)| zone)
    }

    /// The closest zone with keys that encloses a name.
    pub(super) fn zone_of(&self, name: &OwnerName) -> Option<&OwnerName> {
        self.zones()
            .filter(|zone| name.is_within(zone))
            .max_by_key(|zone| zone.labels().count())
    }

    /// The keys of a zone.
    pub(super) fn keys_of<'a>(
        &'a self,
        zone: &'a OwnerName,
    ) -> impl Iterator<Item = &'a DNSKEY> + 'a {
        let keys = self.keys.iter().filter(move |(of, _)| of == zone);
        keys.map(|(_, key)| key)
    }
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys.iter().map(|(zone, key)| {
            let tag = key.calculate_key_tag().unwrap_or_default();
            format!("{zone} {tag}")
        });
        f.debug_list().entries(keys).finish()
    }
}

impl FromStr for TrustAnchors {
    type Err = TrustAnchorError;

    fn from_str(text: &str) -> Result<Self, TrustAnchorError> {
        let mut keys = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let (record, _) = text.split_once(';').unwrap_or((text, ""));
            if record.trim().is_empty() {
                continue;
            }
            let key = read(record).map_err(|fault| TrustAnchorError { line, fault })?;
            if keys.len() == Self::MAX_KEYS {
                let fault = TrustAnchorFault::TooManyKeys;
                return Err(TrustAnchorError { line, fault });
            }
            keys.push(key);
        }
        if keys.is_empty() {
            let fault = TrustAnchorFault::NoKeys;
            return Err(TrustAnchorError { line: 0, fault });
        }
        Ok(Self { keys })
    }
}

fn read(record: &str) -> Result<(OwnerName, DNSKEY), TrustAnchorFault> {
    let mut fields = record.split_ascii_whitespace().peekable();
    let zone = fields.next().and_then(|zone| OwnerName::parse(zone).ok());
    let zone = zone.ok_or(TrustAnchorFault::Zone)?;
    let is_ttl = |field: &&str| field.bytes().all(|octet| octet.is_ascii_digit());
    let is_class = |field: &&str| field.eq_ignore_ascii_case("IN");
    // In either order, as in zone files.
    while fields.next_if(is_ttl).is_some() || fields.next_if(is_class).is_some() {}
    let rtype = fields.next().unwrap_or_default();
    if !rtype.eq_ignore_ascii_case("DNSKEY") {
        let shown = escaped(rtype.as_bytes(), 16).to_string();
        return Err(TrustAnchorFault::NotADnskey(shown));
    }
    let mut number = || fields.next().ok_or(TrustAnchorFault::Fields);
    let flags: u16 = number()?.parse().map_err(|_| TrustAnchorFault::Fields)?;
    let protocol: u8 = number()?.parse().map_err(|_| TrustAnchorFault::Fields)?;
    let algorithm: u8 = number()?.parse().map_err(|_| TrustAnchorFault::Fields)?;
    const ZONE: u16 = 1 << 8;
    const REVOKED: u16 = 1 << 7;
    if flags & ZONE == 0 || flags & REVOKED != 0 {
        return Err(TrustAnchorFault::Flags(flags));
    }
    if protocol != 3 {
        return Err(TrustAnchorFault::Protocol(protocol));
    }
    let known = Algorithm::from_u8(algorithm);
    if !known.is_supported() || matches!(algorithm, 5 | 7) {
        return Err(TrustAnchorFault::Algorithm(algorithm));
    }
    let text: String = fields.collect();
    let key = BASE64.decode(text.as_bytes());
    let key = key.map_err(|_| TrustAnchorFault::Key)?;
    if key.is_empty() {
        return Err(TrustAnchorFault::Fields);
    }
    let key = DNSKEY::with_flags(flags, PublicKeyBuf::new(key, known));
    Ok((zone, key))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use hickory_resolver::proto::dnssec::PublicKey;

    use super::*;

    const KEY: &str = "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=";

    // D-02: keys are read as tools write them, and what is wrong is said with its line.
    #[test]
    fn anchors_are_read() {
        let good = [
            format!("example. DNSKEY 257 3 15 {KEY}"),
            format!("example 3600 IN DNSKEY 256 3 15 {KEY} ;{{id = 3613 (ksk)}}"),
            format!(
                "\n; ours\nexample. in 60 dnskey 257 3 15 l02Woi0iS8Aa25FQkUd9 {}\n",
                &KEY[20..]
            ),
        ];
        let owner = OwnerName::parse("example").unwrap();
        for text in good {
            let anchors: TrustAnchors = text.parse().unwrap();
            let keys = anchors.keys_of(&owner);
            let keys: Vec<_> = keys.map(DNSKEY::public_key).collect();
            let keys: Vec<_> = keys.iter().map(|key| key.public_bytes()).collect();
            assert_eq!(keys, [BASE64.decode(KEY.as_bytes()).unwrap()], "{text}");
        }
        let bad = [
            ("", 0, TrustAnchorFault::NoKeys),
            ("; nothing\n\n", 0, TrustAnchorFault::NoKeys),
            ("exam..ple DNSKEY 257 3 15 AAAA", 1, TrustAnchorFault::Zone),
            (
                "\nexample. IN DS 1 2 3 AA",
                2,
                TrustAnchorFault::NotADnskey("DS".into()),
            ),
            ("example.", 1, TrustAnchorFault::NotADnskey(String::new())),
            ("example. DNSKEY 257 3 x AAAA", 1, TrustAnchorFault::Fields),
            ("example. DNSKEY 257 3 15", 1, TrustAnchorFault::Fields),
            ("example. DNSKEY 1 3 15 AAAA", 1, TrustAnchorFault::Flags(1)),
            (
                "example. DNSKEY 385 3 15 AAAA",
                1,
                TrustAnchorFault::Flags(385),
            ),
            (
                "example. DNSKEY 257 2 15 AAAA",
                1,
                TrustAnchorFault::Protocol(2),
            ),
            (
                "example. DNSKEY 257 3 16 AAAA",
                1,
                TrustAnchorFault::Algorithm(16),
            ),
            (
                "example. DNSKEY 257 3 5 AAAA",
                1,
                TrustAnchorFault::Algorithm(5),
            ),
            ("example. DNSKEY 257 3 15 AAA", 1, TrustAnchorFault::Key),
        ];
        for (text, line, fault) in bad {
            let error = text.parse::<TrustAnchors>().unwrap_err();
            assert_eq!(error, TrustAnchorError { line, fault }, "{text}");
        }
        let many = format!("example. DNSKEY 257 3 15 {KEY}\n").repeat(TrustAnchors::MAX_KEYS + 1);
        let error = many.parse::<TrustAnchors>().unwrap_err();
        assert_eq!(error.fault, TrustAnchorFault::TooManyKeys);
    }

    // The closest anchor decides where validation starts, and there may be none.
    #[test]
    fn the_closest_zone_is_taken() {
        let text = format!("example. DNSKEY 257 3 15 {KEY}\na.example. DNSKEY 257 3 15 {KEY}");
        let anchors: TrustAnchors = text.parse().unwrap();
        let zone_of = |anchors: &TrustAnchors, name: &str| {
            let name = OwnerName::parse(name).unwrap();
            anchors.zone_of(&name).map(OwnerName::to_string)
        };
        for (name, zone) in [
            ("x.a.example", Some("a.example.")),
            ("a.example", Some("a.example.")),
            ("xa.example", Some("example.")),
            ("example", Some("example.")),
            ("example.org", None),
            (".", None),
        ] {
            assert_eq!(zone_of(&anchors, name).as_deref(), zone, "{name}");
        }
        let all = anchors.and(TrustAnchors::iana());
        assert_eq!(zone_of(&all, "example.org").as_deref(), Some("."));
        assert_eq!(zone_of(&all, "x.example").as_deref(), Some("example."));
        assert_eq!(TrustAnchors::iana().zones().count(), 2);
    }
}
