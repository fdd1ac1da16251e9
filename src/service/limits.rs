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
/// | of those, the checks of one account | a quarter: 25 at once, then one in two seconds |
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
    /// whose servers have to answer them. No account has more than a quarter of it: otherwise one
    /// could keep the domain's owner from ever being checked, with challenges for many names below
    /// the domain.
    #[must_use]
    pub fn with_per_registrable(mut self, rate: Rate) -> Self {
        self.per_registrable = rate;
        self
    }

    /// What one account may take of [`per_registrable`](Self::with_per_registrable).
    pub(super) fn share(&self) -> Rate {
        const PARTS: u32 = 4;
        let whole = self.per_registrable;
        let interval = whole.interval().saturating_mul(PARTS);
        Rate::every(interval).with_burst(whole.burst().div_ceil(PARTS))
    }
}
