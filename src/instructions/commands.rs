//! Commands that show a record.

use crate::dns::RecordType;
use crate::name::OwnerName;

/// `dig` and `nslookup` through a resolver, and `dig` from the root down to the zone's own servers:
/// in that way no name of theirs has to stand in the command.
pub(super) fn of(owner: &OwnerName, record_type: RecordType) -> Vec<String> {
    let owner = owner.to_string();
    // What was stored may have been tampered with, and somebody pastes this into a shell.
    let is_plain = owner.bytes().all(|octet| {
        octet.is_ascii_lowercase() || octet.is_ascii_digit() || b"._-".contains(&octet)
    });
    if !is_plain || owner.starts_with('-') {
        return Vec::new();
    }
    vec![
        format!("dig +short {record_type} {owner}"),
        format!("nslookup -type={record_type} {owner}"),
        format!("dig +trace {record_type} {owner}"),
    ]
}
