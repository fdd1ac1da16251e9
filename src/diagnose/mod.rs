//! Why a challenge is not proven, and what to change.
//!
//! [`plan()`] says what to find out next, [`findings()`] what is wrong, by all that is known. Both are
//! pure; [`Dcv::diagnose`](crate::Dcv::diagnose) is the loop around them. What a diagnosis sees
//! proves nothing: its observations carry a [purpose](crate::dns::Purpose) that no decision
//! counts.
//!
//! # From a case to its findings
//!
//! An [`Inquiry`] is a case as it was decided, and what was learnt since: what probes saw, what the
//! store knows of the tokens ([`History`]), what the application was told ([`Hints`]). Everything is
//! read from it in an order of its own, so that the order of the observations never matters:
//!
//! 1. Each value at each name is compared with what is expected. One that proves under the rules is
//!    right; one that proves after the fewest repairs (quotation marks, white space, invisible
//!    characters, case, blanks) has those mistakes; the beginning of the token is a value cut off,
//!    and the token within other text has too much around it. What has the form of a token is
//!    somebody's, and the store is asked whose. All the rest is other people's, and never ours.
//! 2. Where the owner name has no right record, a few other names are looked at: where panels and
//!    people put it by mistake.
//! 3. What the zone's own servers say counts before what resolvers hold in their caches.
//! 4. Everything that is present is a [`Finding`]. The first one is the cause, where that can be
//!    known; a failure of servers is never the record's fault.
//!
//! What cannot be told apart from outside is a [`Hint`](Severity::Hint): an edit at a provider that
//! is not asked, a view of the DNS that only the user has.
//!
//! # Bounds
//!
//! At most [`MAX_QUESTIONS`] questions through one resolver, [`MAX_PER_SERVER`] to each of
//! [`MAX_SERVERS`] name servers (and what it takes to find them), and [`MAX_TOKENS`] look-ups in the
//! store, in [`MAX_ROUNDS`] rounds (S-16).

mod address;
mod code;
mod diagnosis;
mod english;
mod facts;
mod finding;
mod findings;
mod inquiry;
mod investigation;
#[cfg(feature = "serde")]
mod json;
mod order;
mod phrasebook;
mod places;
mod plan;
mod probe;
mod report;
mod sentences;
mod template;
mod tenant;
mod value;
mod wording;

pub use code::{Code, CodeError};
pub use diagnosis::Diagnosis;
pub use finding::{Finding, Param, Seen, Severity, Value};
pub use findings::findings;
pub use inquiry::{Hints, History, Inquiry, KnownToken, Origin};
pub use investigation::Investigation;
pub use phrasebook::{English, Part, Phrase, Phrasebook};
pub use plan::plan;
pub use probe::Probe;
pub use report::{Audience, Report};
#[cfg(feature = "serde")]
pub(crate) use value::{Judge, Pieces};

/// The most questions that a diagnosis asks through a resolver (S-16).
pub const MAX_QUESTIONS: usize = 12;

/// The most name servers that a diagnosis asks about the record, beside those that it meets on the
/// way to them.
pub const MAX_SERVERS: usize = 4;

/// The most questions that it asks each of them.
pub const MAX_PER_SERVER: usize = 3;

/// The most tokens that it looks for in the store.
pub const MAX_TOKENS: usize = 8;

/// The most rounds of probes.
pub const MAX_ROUNDS: u8 = 3;

#[cfg(test)]
mod telling;
