//! What the library takes from the machine: the time, sleep, randomness and files.
//!
//! Everything below this floor works on values; these are the few implementations that reach
//! outside. Each stands behind a trait or a value that an application can bring itself.

mod clock;
mod random;
mod suffixes;
mod timer;

pub use self::clock::SystemClock;
pub use self::random::{RandomTokens, random_challenge_id};
pub use self::suffixes::{SharedSuffixes, SuffixLoadError};
pub use self::timer::Timer;
#[cfg(feature = "resolver")]
pub use self::timer::TokioTimer;
