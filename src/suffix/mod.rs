//! Public suffixes: where one owner's names end and the next one's begin.
//!
//! A proof for `co.uk` would be a proof for everybody below it, so such names are refused when a
//! challenge is issued, and again at every check (S-9). A [`SuffixList`] knows the suffixes, a
//! [`SuffixPolicy`] says which of them may be admitted all the same, and a [`SuffixGuard`] is the two
//! together.
//!
//! | Name | Strict policy | With the opt-in |
//! |---|---|---|
//! | registrable domain or below one: `example.co.uk` | admitted | |
//! | ICANN suffix, or parent of one by wildcard: `co.uk`, `kobe.jp` | refused | |
//! | PRIVATE suffix, or parent of one by wildcard: `github.io`, `compute.amazonaws.com` | refused | the name alone, through no alias |
//! | under an unlisted top-level domain: `host.lan` | refused | admitted |
//! | unlisted top-level domain itself: `lan` | refused | |
//! | under `test`, `example`, `invalid`, `localhost`, `local`, `onion`, `alt`, `internal`, `arpa` | refused | |
//!
//! The list compiled into the library is always there. A fresher one can be read with
//! [`SuffixList::parse`], and exchanged while the service runs with
//! [`SharedSuffixes`](crate::system::SharedSuffixes).

mod error;
mod guard;
mod list;
mod policy;

pub use self::error::SuffixError;
pub use self::guard::SuffixGuard;
pub use self::list::{Division, SuffixList, SuffixListError};
pub use self::policy::{Admission, Standing, SuffixPolicy};
