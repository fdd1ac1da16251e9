//! The grammar of validation records: what the data of a TXT record says, and how to write it.
//!
//! - [`parse`] reads the data of one TXT record, and never fails on bytes that are merely
//!   somebody else's; [`RecordValue`] writes the data a user is asked to publish.
//! - [`Expiry`] is the value of the `expiry` attribute.
//! - [`presentation`] goes between record data and zone-file text.
//! - [`escaped`] shows bytes from the DNS to a person.
//! - [`RecordFormat`] is the seam for a service with a record format of its own.
//!
//! Everything here is a pure function over bytes. Reading a record allocates nothing.
//!
//! ```
//! use dcv::record::{parse, Notation, Reading, RecordValue, Syntax};
//!
//! let value = RecordValue::new("abcd")?.attribute("attr", Some("bar"))?;
//! let rdata = value.to_rdata(Syntax::Space)?;
//! assert_eq!(rdata, "token=abcd attr=bar");
//!
//! let record = parse(rdata.as_bytes(), Syntax::Space, Reading::Strict)?;
//! assert_eq!(record.token(), b"abcd");
//! assert_eq!(record.notation(), Notation::KeyValue);
//! # Ok::<(), dcv::record::RecordError>(())
//! ```
//!
//! A record that says nothing of a token is one long bare token, and differs from the one that is
//! looked for (draft-13 §6.1.2):
//!
//! ```
//! use dcv::record::{parse, Notation, Reading, Syntax};
//!
//! let record = parse(b"v=spf1 -all", Syntax::Space, Reading::Lenient)?;
//! assert_eq!((record.notation(), record.token()), (Notation::Bare, &b"v=spf1 -all"[..]));
//! # Ok::<(), dcv::record::RecordError>(())
//! ```

mod error;
mod escape;
mod expiry;
mod forgiven;
mod format;
mod grammar;
mod metadata;
pub mod presentation;
#[cfg(feature = "serde")]
mod serial;
mod syntax;
mod value;
mod view;
mod warning;

pub use error::RecordError;
pub use escape::{Escaped, escaped};
pub use expiry::{Expiry, ExpiryError};
pub use forgiven::Forgiven;
pub use format::{FormatError, FormatId, Formats, PrefixFormat, RecordFormat, check_round_trip};
pub use grammar::{MAX_ATTRIBUTES, MAX_RDATA};
pub use metadata::parse;
pub use syntax::{Reading, Syntax};
pub use value::RecordValue;
pub use view::{Attribute, Attributes, Notation, Record};
pub use warning::{Warning, Warnings};
