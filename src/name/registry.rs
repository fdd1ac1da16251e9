//! Underscored labels that belong to others (N-05).

/// The registry "Underscored and Globally Scoped DNS Node Names" of IANA (RFC 8552), without its
/// pattern `_ta-*`, which [`owner_of`] knows. Names of several record types stand once. Sorted.
const REGISTERED: &[&str] = &[
    "_acct",
    "_acme-challenge",
    "_dane",
    "_dccp",
    "_dmarc",
    "_dns",
    "_domainkey",
    "_dsboot",
    "_dsync",
    "_email",
    "_ems",
    "_er",
    "_fax",
    "_for-sale",
    "_ft",
    "_h323",
    "_http",
    "_https",
    "_iax",
    "_ical-access",
    "_ical-sched",
    "_ifax",
    "_im",
    "_ipv6",
    "_ldap",
    "_mms",
    "_mta-sts",
    "_ocsp",
    "_openpgpkey",
    "_pres",
    "_pstn",
    "_sctp",
    "_signal",
    "_sip",
    "_smimecert",
    "_sms",
    "_spf",
    "_sztp",
    "_tcp",
    "_udp",
    "_unifmsg",
    "_validation-contactemail",
    "_validation-contactphone",
    "_vcard",
    "_videomsg",
    "_voice",
    "_voicemsg",
    "_vouch",
    "_vpim",
    "_web",
    "_xmpp",
];

/// Labels in wide use that the registry does not hold, or that drafts ask it to hold: a short
/// list of those where a foreign TXT record would be read by somebody's validation. Sorted.
const IN_USE: &[&str] = &[
    "_atproto",            // handles of the AT Protocol
    "_bimi",               // brand indicators
    "_dnsauth",            // validation by a certification authority
    "_psl",                // requests to the Public Suffix List
    "_tls",                // `_smtp._tls`, RFC 8460
    "_validation-persist", // draft-ietf-acme-dns-persist
];

/// Who uses `label`, lower-cased and with its underscore, or `None` when it is free.
pub(super) fn owner_of(label: &str) -> Option<&'static str> {
    if REGISTERED.binary_search(&label).is_ok() || label.starts_with("_ta-") {
        Some("in the IANA registry of underscored names")
    } else if IN_USE.binary_search(&label).is_ok() {
        Some("in wide use for another purpose")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{IN_USE, REGISTERED, owner_of};

    /// The search is binary.
    #[test]
    fn tables_are_sorted_lower_case_and_disjoint() {
        for table in [REGISTERED, IN_USE] {
            assert!(table.is_sorted_by(|a, b| a < b));
            assert!(table.iter().all(|label| label.starts_with('_')));
            assert!(
                table
                    .iter()
                    .all(|label| *label == label.to_ascii_lowercase())
            );
        }
        assert!(IN_USE.iter().all(|label| !REGISTERED.contains(label)));
    }

    // N-05
    #[test]
    fn pattern_of_trust_anchor_signals_is_registered() {
        assert!(owner_of("_ta-4f66").is_some());
        assert!(owner_of("_ta").is_none());
    }
}
