//! Domain control validation.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod challenge;
pub mod clock;
pub mod dns;
pub mod evaluate;
pub mod evidence;
pub mod issue;
pub mod lifecycle;
pub mod lookup;
pub mod name;
pub mod policy;
pub mod record;
#[cfg(feature = "serde")]
mod serial;
pub mod service;
pub mod store;
pub mod suffix;
pub mod system;
pub mod token;
pub mod verify;

#[cfg(feature = "conformance")]
pub mod conformance;
