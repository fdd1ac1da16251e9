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
//!
//! ```
//! use dcv::token::{Encoding, Token, TokenError, TokenGenerator, TokenPurpose, TokenRequest};
//! # #[derive(Debug)]
//! # struct KeyService;
//! # impl KeyService {
//! #     fn hmac_sha256(&self, input: &[u8]) -> Result<[u8; 32], std::io::Error> {
//! #         use sha2::{Digest, Sha256}; // no MAC: it stands in for one
//! #         Ok(Sha256::digest(input).into())
//! #     }
//! # }
//!
//! /// Tokens that can be computed again by whoever may use the key.
//! #[derive(Debug)]
//! struct Keyed(KeyService);
//!
//! impl TokenGenerator for Keyed {
//!     fn generate(&self, request: &TokenRequest<'_>) -> Result<Token, TokenError> {
//!         let (challenge, now) = (request.challenge(), request.now().unix_timestamp());
//!         let parts: [&[u8]; 10] = [
//!             b"1", // of this construction
//!             b"example-saas",
//!             b"production",
//!             request.account().as_str().as_bytes(),
//!             request.domain().as_str().as_bytes(),
//!             request.scope().as_str().as_bytes(),
//!             request.owner().as_wire(),
//!             &[u8::from(request.purpose() == TokenPurpose::Label)],
//!             challenge.as_bytes(),
//!             &now.to_be_bytes(),
//!         ];
//!         let mut input = Vec::new();
//!         for part in parts {
//!             input.extend((part.len() as u64).to_be_bytes());
//!             input.extend(part);
//!         }
//!         let mac = self.0.hmac_sha256(&input).map_err(TokenError::generator)?;
//!         Token::new(&Encoding::Base32.encode(&mac)) // 52 characters: fits a label, too
//!     }
//! }
//! # use dcv::token::ChallengeId;
//! # let (account, domain) = (dcv::AccountId::new("t")?, "example.com".parse()?);
//! # let owner = "_example-saas-challenge.example.com".parse()?;
//! # let request = |id| TokenRequest::new(&account, &domain, dcv::Scope::Host, &owner,
//! #     TokenPurpose::Label, ChallengeId::from_bytes([id; 16]), time::UtcDateTime::UNIX_EPOCH);
//! # let keyed = Keyed(KeyService);
//! # let token = keyed.generate(&request(1))?;
//! # assert_eq!(token, keyed.generate(&request(1))?);
//! # assert_ne!(token, keyed.generate(&request(2))?);
//! # assert!(dcv::token::LabelToken::try_from(&token).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [Which token when](crate::manual::tokens) says what speaks for which construction.

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
