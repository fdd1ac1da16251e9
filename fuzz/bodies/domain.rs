//! Names of any text: what is accepted is accepted again, and means the same.

use dcv::name::{DomainName, NameError, OwnerName, Scope};
use dcv::suffix::SuffixGuard;

/// Takes `data` as a domain name, as an owner name, and as the labels of one.
pub(crate) fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        match DomainName::parse(text) {
            Ok(domain) => check_domain(&domain),
            Err(error) => check_error(&error, text),
        }
        match Scope::split(text) {
            Ok((domain, scope)) => {
                assert_eq!(DomainName::parse(text).is_ok(), scope.is_none());
                check_domain(&domain);
            }
            Err(error) => check_error(&error, text),
        }
        match OwnerName::parse(text) {
            Ok(owner) => check_owner(&owner),
            Err(error) => check_error(&error, text),
        }
    }
    let labels = data.split(|&octet| octet == b'.');
    if let Ok(owner) = OwnerName::from_labels(labels.clone()) {
        assert!(owner.labels().eq(labels.map(<[u8]>::to_ascii_lowercase)));
        check_owner(&owner);
    }
}

fn check_domain(domain: &DomainName) {
    let text = domain.as_str();
    assert!(!text.is_empty() && text.len() <= 253);
    let host = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
    assert!(domain.labels().all(|label| (1..=63).contains(&label.len())));
    assert!(domain.labels().all(|label| label.bytes().all(host)));
    assert_eq!(DomainName::parse(text).as_ref(), Ok(domain));
    assert_eq!(DomainName::parse(&format!("{text}.")).as_ref(), Ok(domain));
    assert_eq!(DomainName::parse(&domain.to_unicode()).as_ref(), Ok(domain));
    if let Some(parent) = domain.parent() {
        assert!(domain.is_within(&parent) && !parent.is_within(domain));
    }
    let owner = OwnerName::from(domain);
    assert_eq!(owner.to_string(), format!("{text}."));
    check_owner(&owner);

    let guard = SuffixGuard::default();
    if let Some(registrable) = guard.registrable(domain) {
        assert!(domain.is_within(&registrable));
        assert!(Scope::Domain.covers(&registrable, domain, &guard));
    }
    assert!(Scope::Host.covers(domain, domain, &guard));
    for scope in Scope::ALL {
        let _ = guard.check(domain, scope);
    }
}

fn check_owner(owner: &OwnerName) {
    let text = owner.to_string();
    assert!(text.ends_with('.') && text.bytes().all(|octet| matches!(octet, 0x21..=0x7e)));
    assert!(owner.as_wire().len() <= 255);
    assert_eq!(OwnerName::parse(&text).as_ref(), Ok(owner));
    assert_eq!(OwnerName::from_labels(owner.labels()).as_ref(), Ok(owner));
    assert_eq!(owner.is_root(), owner.parent().is_none());
    if let Some(parent) = owner.parent() {
        assert!(owner.is_within(&parent) && !parent.is_within(owner));
    }
}

fn check_error(error: &NameError, text: &str) {
    assert!(
        error
            .place()
            .is_none_or(|place| place.offset() <= text.len())
    );
    let shown = error.to_string();
    assert!(shown.len() < 400, "little echo of the text");
    assert!(
        !shown.chars().any(char::is_control),
        "nothing that moves a cursor"
    );
}
