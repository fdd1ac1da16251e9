//! Unique Tokens: the values whose appearance in the DNS proves that somebody who controls the
//! domain acted on our request (draft-13 §6.1.1).
//!
//! A [`Token`] goes into the data of a record, a [`LabelToken`] into an owner name or an alias
//! target. Both are made by a [`TokenGenerator`]: [`RandomTokens`](crate::system::RandomTokens) draws
//! them from the operating system, an application can bring its own.
//!
//! # Bringing a generator
//!
//! A generator gets a [`TokenRequest`] and gives a [`Token`]. A keyed generator keeps its key, its
//! own version number, the provider's name and the environment's, and computes a MAC over those and
//! everything in the request, each part with its length in front (S-12). The request names the
//! challenge, so issuing again never repeats a token (T-06); `now` becomes the `issued_at` of the
//! expectation, so it can serve as the epoch and the token can be computed again later. The rules
//! of this module hold for every generator, because only they construct a `Token`.

mod encoding;
mod error;
mod fingerprint;
mod id;
mod label;
mod request;
#[cfg(feature = "serde")]
mod serial;
mod strength;
mod value;

pub use self::encoding::Encoding;
pub use self::error::TokenError;
pub use self::fingerprint::TokenFingerprint;
pub use self::id::ChallengeId;
pub use self::label::LabelToken;
pub use self::request::{TokenGenerator, TokenPurpose, TokenRequest};
pub use self::value::Token;
