use std::time::Duration;

use crate::lookup::Rate;

/// How often checks may be asked for, over all challenges of this process (S-16). What is refused
/// is [`TooSoon`](super::ErrorKind::TooSoon).
///
/// Each challenge has its own shortest interval beside these, in
/// [`Timing`](crate::policy::Timing::with_min_interval).
///
/// | What | Default |
/// |---|---|
/// | checks of one account for one domain | 10 at once, then one a minute |
/// | checks of all accounts together for names of one registrable domain | 100 at once, then two a second |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    pub(super) per_account: Rate,
    pub(super) per_registrable: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_account: Rate::every(Duration::from_secs(60)).with_burst(10),
            per_registrable: Rate::per_second(2).with_burst(100),
        }
    }
}

impl Limits {
    /// The default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How often one account may ask for checks of one domain, whatever their scopes, and across
    /// the challenges that are issued anew.
    #[must_use]
    pub fn with_per_account(mut self, rate: Rate) -> Self {
        self.per_account = rate;
        self
    }

    /// How often all accounts together may ask for checks of names below one registrable domain,
    /// whose servers have to answer them.
    #[must_use]
    pub fn with_per_registrable(mut self, rate: Rate) -> Self {
        self.per_registrable = rate;
        self
    }
}
