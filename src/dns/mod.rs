//! What is asked of the DNS, what it said, and who said it: plain values.
//!
//! | Value | Meaning |
//! |---|---|
//! | [`Question`] | a name and a record type |
//! | [`Answer`] | what the DNS said: aliases walked, records or their absence, security |
//! | [`LookupFailure`] | why there is no answer; never the same as "absent" |
//! | [`Perspective`] | a configured place to look from |
//! | [`NameServer`] | one of a zone's own servers |
//! | [`ZoneFacts`] | what observations tell of the zone around a name |
//! | [`Withheld`] | what is kept of somebody else's record, in a transcript or in a crowd |
//! | [`Observation`] | what one perspective saw for one question at one instant |
//!
//! A negative answer is data; a failure is a failure. RDATA is octets from end to end: a
//! neighbour's record in another encoding is somebody else's record, not an error.

mod answer;
mod extended_error;
mod failure;
mod name_server;
mod observation;
mod perspective;
mod question;
mod txt;
mod withheld;
mod zone;

pub use answer::{
    Absence, AbsenceKind, Alias, Answer, Outcome, RecordData, ResourceRecord, Security, Soa,
};
pub use extended_error::ExtendedError;
pub(crate) use failure::rcode_name;
pub use failure::{LookupFailure, ReplyMismatch};
pub use name_server::NameServer;
pub use observation::{Observation, Provenance, Purpose};
pub use perspective::{
    Group, Perspective, PerspectiveError, PerspectiveId, Transport, Trust, View,
};
pub use question::{Question, RecordType, RecordTypeError};
pub use txt::Txt;
pub use withheld::Withheld;
pub use zone::ZoneFacts;

/// The most aliases that are walked from the asked name (S-16, DG-05).
pub const MAX_ALIASES: usize = 8;

/// The most records of one answer that are kept. All are compared, as far as [`MAX_RDATA`] goes:
/// where there are more of them, those stay that a decision hangs on, and the last one counts the
/// others ([`Withheld`]) (S-16).
pub const MAX_RECORDS: usize = 256;

/// The most octets of one answer's records that are read (S-16).
pub const MAX_RDATA: usize = 64 * 1024;
