//! What is too long for the documentation of an item. There is no code here.
//!
//! | Page | What it answers |
//! |---|---|
//! | [`counting`] | what counts, and what an attacker gains who makes the honest ones late, lost, throttled, or different |
//! | [`diagnosis`] | what each code of a finding means, how it is found out, what cannot be told apart, and what to tell the user |
//! | [`dnssec`] | which way to a DNSSEC verdict when, where the two ways agree, and what a signature does not show |
//! | [`looking`] | where to look from: which view protects from what, how they count, and what it costs |
//! | [`requirements`] | what is done for each requirement of the draft and each security rule, and which test shows it; where ids such as `N-01` and `S-9` are looked up |
//! | [`tokens`] | which construction of a token when, and what a token does not protect from |

#[doc = include_str!("counting.md")]
pub mod counting {}

#[doc = include_str!("diagnosis.md")]
pub mod diagnosis {}

#[doc = include_str!("dnssec.md")]
pub mod dnssec {}

#[doc = include_str!("looking.md")]
pub mod looking {}

#[doc = include_str!("requirements.md")]
pub mod requirements {}

#[doc = include_str!("tokens.md")]
pub mod tokens {}
