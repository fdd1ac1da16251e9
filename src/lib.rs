#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without a feature the links to what it brings are text.
#![cfg_attr(
    not(all(feature = "resolver", feature = "serde")),
    allow(rustdoc::broken_intra_doc_links)
)]
//!
//! # Floors
//!
//! Modules stand on floors and import downwards only. Up to the decisions there is no `async`, no
//! IO, no clock and no randomness: time and tokens are passed in.
//!
//! | Floor | Modules |
//! |---|---|
//! | 4: the face | [`service`] |
//! | 3: seams to the world, with their implementations | [`lookup`], [`store`], [`verify`], [`system`] |
//! | 2: decisions, pure functions over values | [`mod@issue`], [`mod@evaluate`], [`lifecycle`], [`diagnose`], [`instructions`], [`transcript`] |
//! | 1: values | [`challenge`], [`policy`], [`dns`], [`evidence`] |
//! | 0: words | [`name`], [`token`], [`record`], [`suffix`], [`clock`], [`document`], [`providers`] |
//!
//! The [`manual`] says what is done for each requirement of the draft: ids such as `N-01` and `S-9`
//! in this documentation are looked up there.

pub mod challenge;
pub mod clock;
pub mod diagnose;
pub mod dns;
pub mod document;
pub mod evaluate;
pub mod evidence;
pub mod instructions;
pub mod issue;
pub mod lifecycle;
pub mod lookup;
pub mod manual;
pub mod name;
pub mod policy;
pub mod providers;
pub mod record;
#[cfg(feature = "serde")]
mod serial;
pub mod service;
pub mod store;
pub mod suffix;
pub mod system;
pub mod token;
pub mod transcript;
pub mod verify;

#[cfg(feature = "conformance")]
pub mod conformance;

// The paved path: what an application names every day. Everything else stands in its module.
pub use challenge::Challenge;
pub use name::{AccountId, DomainName, Scope};
pub use policy::Policy;
pub use service::{Check, Dcv, Error, ErrorKind, Proof};
pub use token::ChallengeId;

/// The crate whose instants and dates stand in signatures here, in the version they are of.
pub use time;
