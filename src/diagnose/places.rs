//! Where a record is found that was put somewhere else.

use crate::challenge::Challenge;
use crate::name::OwnerName;

/// How a record came to another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// The panel appended the zone to a name that had it already.
    Doubled,
    /// At the domain itself.
    Apex,
    /// At another name.
    Wrong,
}

/// The most names that are tried.
const MAX_PLACES: usize = 12;

/// The names at which people put the challenge's record by mistake, the commonest first. `zone` is
/// the apex of the zone, `registrable` what was registered.
pub(super) fn places(
    challenge: &Challenge,
    zone: &OwnerName,
    registrable: &OwnerName,
) -> Vec<(Place, OwnerName)> {
    let (owner, domain) = (challenge.owner(), &OwnerName::from(challenge.domain()));
    let above = owner
        .labels()
        .count()
        .saturating_sub(domain.labels().count());
    let labels: Vec<&[u8]> = owner.labels().take(above).collect();
    let labels = labels.as_slice();
    let www = below(&[b"www"], domain);
    let candidates = [
        (Place::Doubled, doubled(owner, zone)),
        (Place::Apex, Some(domain.clone())),
        (Place::Wrong, without_underscore(labels, domain)),
        (
            Place::Wrong,
            www.as_ref().and_then(|www| below(labels, www)),
        ),
        (Place::Doubled, doubled(owner, registrable)),
        (Place::Wrong, below(labels, registrable)),
        (Place::Doubled, doubled(owner, domain)),
        (Place::Apex, Some(registrable.clone())),
        (Place::Wrong, with_hyphen(labels, domain)),
        (Place::Wrong, www),
        (Place::Wrong, without_first(labels, domain)),
    ];
    let candidates = candidates.into_iter();
    let others = other_scopes(labels, domain).into_iter();
    let others = others.map(|other| (Place::Wrong, Some(other)));
    let mut places: Vec<(Place, OwnerName)> = Vec::new();
    for (place, name) in candidates.chain(others) {
        let Some(name) = name.filter(|name| name != owner) else {
            continue;
        };
        if places.len() < MAX_PLACES && places.iter().all(|(_, known)| *known != name) {
            places.push((place, name));
        }
    }
    places
}

/// `labels` before `name`, where that is short enough for a name.
fn below(labels: &[&[u8]], name: &OwnerName) -> Option<OwnerName> {
    OwnerName::from_labels(labels.iter().copied().chain(name.labels())).ok()
}

/// The whole owner name before the zone's own.
fn doubled(owner: &OwnerName, zone: &OwnerName) -> Option<OwnerName> {
    let named = Some(zone).filter(|zone| !zone.is_root())?;
    below(&owner.labels().collect::<Vec<_>>(), named)
}

/// Every label without the underscore it begins with.
fn without_underscore(labels: &[&[u8]], domain: &OwnerName) -> Option<OwnerName> {
    let bare = |label: &&[u8]| label.strip_prefix(b"_").map(<[u8]>::to_vec);
    let labels: Option<Vec<Vec<u8>>> = labels.iter().map(bare).collect();
    let labels = labels?;
    below(
        &labels.iter().map(Vec::as_slice).collect::<Vec<_>>(),
        domain,
    )
}

/// A hyphen for every underscore.
fn with_hyphen(labels: &[&[u8]], domain: &OwnerName) -> Option<OwnerName> {
    let hyphen = |octet: &u8| if *octet == b'_' { b'-' } else { *octet };
    let labels: Vec<Vec<u8>> = labels
        .iter()
        .map(|label| label.iter().map(hyphen).collect())
        .collect();
    below(
        &labels.iter().map(Vec::as_slice).collect::<Vec<_>>(),
        domain,
    )
}

/// Only the last label before the domain, of several.
fn without_first(labels: &[&[u8]], domain: &OwnerName) -> Option<OwnerName> {
    let (last, before) = labels.split_last()?;
    let several = !before.is_empty();
    several.then(|| below(&[last], domain)).flatten()
}

/// The labels of the same provider for the other scopes.
fn other_scopes(labels: &[&[u8]], domain: &OwnerName) -> Vec<OwnerName> {
    const SUFFIX: &[u8] = b"-challenge";
    let Some((last, before)) = labels.split_last() else {
        return Vec::new();
    };
    let (stem, suffix) = match last.strip_suffix(SUFFIX) {
        Some(stem) => (stem, SUFFIX),
        None => (*last, &b""[..]),
    };
    let scopes: [&[u8]; 4] = [b"", b"-domain", b"-wildcard", b"-host"];
    let named = scopes
        .iter()
        .skip(1)
        .find_map(|scope| stem.strip_suffix(*scope));
    let provider = named.unwrap_or(stem);
    let names = scopes.iter().filter_map(|scope| {
        let label = [provider, scope, suffix].concat();
        let labels: Vec<&[u8]> = before.iter().copied().chain([label.as_slice()]).collect();
        below(&labels, domain)
    });
    names.collect()
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]
mod tests {
    use super::*;
    use crate::issue::{self, Terms};
    use crate::name::{AccountId, Naming, ProviderName, Scope};
    use crate::suffix::SuffixGuard;
    use crate::token::{ChallengeId, Token};

    fn challenge(domain: &str, scope: Scope, features: &[&str]) -> Challenge {
        let mut naming = Naming::builder(ProviderName::new("p").unwrap());
        for feature in features {
            naming = naming.with_feature(*feature);
        }
        let naming = naming.build().unwrap();
        let (guard, account) = (SuffixGuard::default(), AccountId::new("t").unwrap());
        let domain = domain.parse().unwrap();
        let wish = issue::admit(&naming, &guard, &account, &domain, scope).unwrap();
        let token = Token::new("mzxw6ytboi4dsnzwgqzdgmrtgi5tqobq").unwrap();
        let id = ChallengeId::from_bytes([1; 16]);
        let now = time::UtcDateTime::UNIX_EPOCH;
        issue::compose(wish, id, token, &Terms::new(), now).unwrap()
    }

    /// The places in short: `d`, `a` or `w`, and the name.
    fn shown(challenge: &Challenge, zone: &str, registrable: &str) -> Vec<String> {
        let name = |text: &str| OwnerName::parse(text).unwrap();
        let places = places(challenge, &name(zone), &name(registrable));
        let shown = places.iter().map(|(place, name)| {
            let letter = match place {
                Place::Doubled => 'd',
                Place::Apex => 'a',
                Place::Wrong => 'w',
            };
            format!("{letter} {name}")
        });
        shown.collect()
    }

    // Mistakes 1 to 3: every candidate, in its order.
    #[test]
    fn candidates_in_their_order() {
        let host = challenge("example.com", Scope::Host, &[]);
        assert_eq!(
            shown(&host, "example.com", "example.com"),
            [
                "d _p-challenge.example.com.example.com.",
                "a example.com.",
                "w p-challenge.example.com.",
                "w _p-challenge.www.example.com.",
                "w -p-challenge.example.com.",
                "w www.example.com.",
                "w _p-domain-challenge.example.com.",
                "w _p-wildcard-challenge.example.com.",
                "w _p-host-challenge.example.com.",
            ]
        );
        let deep = challenge("a.b.example.com", Scope::Domain, &["f"]);
        assert_eq!(
            shown(&deep, "b.example.com", "example.com"),
            [
                "d _f._p-domain-challenge.a.b.example.com.b.example.com.",
                "a a.b.example.com.",
                "w f.p-domain-challenge.a.b.example.com.",
                "w _f._p-domain-challenge.www.a.b.example.com.",
                "d _f._p-domain-challenge.a.b.example.com.example.com.",
                "w _f._p-domain-challenge.example.com.",
                "d _f._p-domain-challenge.a.b.example.com.a.b.example.com.",
                "a example.com.",
                "w -f.-p-domain-challenge.a.b.example.com.",
                "w www.a.b.example.com.",
                "w _p-domain-challenge.a.b.example.com.",
                "w _f._p-challenge.a.b.example.com.",
            ]
        );
    }

    // S-16: what is too long to be a name is none, and there are never more than twelve.
    #[test]
    fn long_names_are_left_out() {
        let label = "a".repeat(60);
        let domain = format!("{label}.{label}.{label}.example.com");
        let long = challenge(&domain, Scope::Domain, &["f"]);
        let places = shown(&long, &domain, "example.com");
        assert!(places.len() <= MAX_PLACES);
        assert!(
            !places
                .iter()
                .any(|place| place.contains(&format!("{domain}.{domain}")))
        );
        assert!(places.contains(&"a example.com.".to_owned()));
    }

    // The owner name itself is no other place, and no place is named twice.
    #[test]
    fn no_place_is_the_owner_name() {
        for scope in Scope::ALL {
            let one = challenge("www.example.com", scope, &[]);
            let name = OwnerName::parse("example.com").unwrap();
            let places = places(&one, &name, &name);
            for (index, (_, place)) in places.iter().enumerate() {
                assert_ne!(place, one.owner());
                assert!(places[..index].iter().all(|(_, other)| other != place));
            }
        }
    }
}
