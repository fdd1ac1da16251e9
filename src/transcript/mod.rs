//! Everything that a check and its diagnosis saw, to keep and to replay.
//!
//! A [`Transcript`] is made of an [`Investigation`](crate::diagnose::Investigation), or of a check
//! alone, and written as one JSON document of at most [`Transcript::MAX_OCTETS`]. Replayed, years
//! later and offline, it comes to the same verdict and the same findings, and never to a witness:
//! what was read from a document was seen by nobody (S-4). It is for asking what happened, not for
//! proving anything; what is kept with a proof is its [`Evidence`](crate::evidence::Evidence).
//!
//! It needs the feature `serde`.
//!
#![cfg_attr(feature = "serde", doc = "```")]
#![cfg_attr(not(feature = "serde"), doc = "```ignore")]
//! use dcv::challenge::Challenge;
//! use dcv::diagnose::{Investigation, findings};
//! use dcv::dns::{Answer, Observation, Perspective, Purpose};
//! use dcv::policy::{Policy, Rules};
//! use dcv::transcript::Transcript;
//!
//! fn keep(challenge: Challenge) -> Result<(), Box<dyn std::error::Error>> {
//!     let perspective = Perspective::new("a".parse()?);
//!     let (who, at) = (perspective.id().clone(), challenge.issued_at());
//!     let rules = Rules::new(Policy::single_resolver(), vec![perspective])?;
//!     let answer = Answer::txt(["other-service=2f6b8c1d0e9a"]);
//!     let (question, purpose) = (challenge.question(), Purpose::Record);
//!     let seen = vec![Observation::replayed(who, question, purpose, at, at, Ok(answer))];
//!     let before = Investigation::new(challenge, rules, seen, at);
//!
//!     let written = Transcript::of(&before)?.to_json();
//!
//!     let after = Transcript::from_json(&written)?.replay();
//!     assert_eq!(after.inquiry().verdict(), before.inquiry().verdict());
//!     assert_eq!(findings(&after.inquiry()), findings(&before.inquiry()));
//!     assert!(after.inquiry().verdict().witness().is_none());
//!     Ok(())
//! }
//! # use dcv::{issue, name::*, suffix::SuffixGuard, token::*};
//! # let naming = Naming::new(ProviderName::new("example-saas")?)?;
//! # let (guard, account) = (SuffixGuard::default(), AccountId::new("tenant-42")?);
//! # let wish = issue::admit(&naming, &guard, &account, &"example.com".parse()?, Scope::Host)?;
//! # let token = Token::new("mfrggzdfmztwq2lknnwg23tpobyxe43u")?;
//! # let (id, now) = (ChallengeId::from_bytes([7; 16]), time::UtcDateTime::UNIX_EPOCH);
//! # keep(issue::compose(wish, id, token, &issue::Terms::new(), now)?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is in it, and who may read it
//!
//! A transcript is the operator's. It holds:
//!
//! - the challenge with the **account id** and every **token** that is expected: a token is public
//!   once it is published, and not before;
//! - the rules: perspectives, and how they are reached;
//! - what was seen: names, records, failures, and the **addresses of name servers**, perhaps of a
//!   network of one's own;
//! - what the store said of other tokens, which may be that one is **another account's**.
//!
//! So do not show it to the user of the account, and do not attach it to a ticket that they can
//! read: what they may see is the tenant's
//! [report](crate::diagnose::Diagnosis::for_tenant) (S-17). Do not take one from anybody for a
//! proof either: whoever writes a transcript writes in it whatever they like. It holds octets of
//! the DNS: show them [escaped](crate::record::escaped) (S-18).
//!
//! # What is left out
//!
//! Records of other people are not kept. Of a TXT record that is not like what is expected, and
//! can be no token of ours, the key is kept (up to the first `=`, `:` or blank; without one, at
//! most eight octets), the length, and a SHA-256 digest: [`Withheld`](crate::dns::Withheld). Of
//! each answer that is done for four records; the others are counted. Records of other types are
//! kept up to 64 octets, names always. None of this changes a verdict or a finding.
//!
//! Record formats and a suffix list of the application's own are named and not kept. A replay
//! without the format says that it is not known;
//! [`Transcript::replay_with`](Transcript::replay_with) takes both. Which list was used, says
//! [`Transcript::list`](Transcript::list).

#[cfg(feature = "serde")]
mod error;
#[cfg(feature = "serde")]
mod list;
#[cfg(feature = "serde")]
mod near;
#[cfg(feature = "serde")]
mod redact;
#[cfg(feature = "serde")]
mod value;
#[cfg(feature = "serde")]
mod written;

#[cfg(feature = "serde")]
pub use error::TranscriptError;
#[cfg(feature = "serde")]
pub use list::ListVersion;
#[cfg(feature = "serde")]
pub use value::Transcript;
