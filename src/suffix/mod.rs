//! Public suffixes: where one owner's names end and the next one's begin.
//!
//! A proof for `co.uk` would be a proof for everybody below it, so such names are refused when a
//! challenge is issued, and again at every check (S-9). A [`SuffixList`] knows the suffixes, a
//! `SuffixPolicy` says which of them may be admitted all the same, and a [`SuffixGuard`] is the two
//! together.
//!
//! The list compiled into the library is always there. A fresher one can be read with
//! [`SuffixList::parse`], and exchanged while the service runs.

mod guard;
mod list;

pub use self::guard::SuffixGuard;
pub use self::list::{Division, SuffixList, SuffixListError};
