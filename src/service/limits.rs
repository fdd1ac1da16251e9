use std::time::Duration;

use crate::lookup::Rate;

/// How often checks may be asked for, and how many may be under way at the same time, over all
/// challenges of this process (S-16). What is refused is
/// [`TooSoon`](super::ErrorKind::TooSoon), with the time from which on it is admitted if nobody
/// else comes first; it leaves nothing behind.
///
/// Each challenge has its own shortest interval beside these, in
/// [`Timing`](crate::policy::Timing::with_min_interval).
///
/// | What | Default |
/// |---|---|
/// | checks of one account for one domain | 10 at once, then one a minute |
/// | new challenges in place of earlier ones, of one account for one domain and scope | the same |
/// | checks of one account for all of its domains | 60 at once, then one a second |
/// | new challenges in place of earlier ones, of one account for all of its domains | the same |
/// | checks of all accounts together for names of one registrable domain | 100 at once, then two a second |
/// | of those, the checks of one account | a quarter: 25 at once, then one in two seconds |
/// | checks and diagnoses under way | 128, of which 16 of one account |
///
/// # Who waits for whom
///
/// Accounts are the application's to give out, and whoever attacks may have many. What they ask for
/// below a registrable domain delays others only so far:
///
/// * An account that has proven the registrable domain is never delayed by accounts that have not:
///   one quarter of the bucket, rounded down, is for those that have, and comes back at a quarter
///   of the rate.
/// * Another such quarter is for the account that asked first for the registrable domain itself:
///   the one whose challenge is the oldest of those that were checked while the bucket was not
///   full. It is not delayed by those that asked later, or for names below. If it turns out that
///   another asked before, the quarter passes to that one as it is, with what was taken from it.
/// * Of a bucket for less than four, nothing is for either.
/// * Every other account goes before all that have tried more often lately, however many these are
///   and however hard they try. It waits for accounts with as few tries as it has itself, or fewer:
///   `n` of these delay it by at most `n × (tries + 1) + 1` times the interval of the rate, fifty of
///   them who tries for the first time by 26 seconds; and by twice as long at most while holders
///   and the first take what is theirs. One try is forgotten every ten minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    pub(super) per_account: Rate,
    pub(super) per_account_in_all: Rate,
    pub(super) per_registrable: Rate,
    /// How many at the same time: in all, and of one account.
    pub(super) under_way: (usize, usize),
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_account: Rate::every(Duration::from_secs(60)).with_burst(10),
            per_account_in_all: Rate::per_second(1).with_burst(60),
            per_registrable: Rate::per_second(2).with_burst(100),
            under_way: (128, 16),
        }
    }
}

impl Limits {
    /// The default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how often one account may ask for checks of one domain, whatever their scopes, and
    /// across the challenges that are issued anew; and how often it may have a challenge for one
    /// domain and scope issued anew.
    #[must_use]
    pub fn with_per_account(mut self, rate: Rate) -> Self {
        self.per_account = rate;
        self
    }

    /// Sets how often one account may ask for checks of all its domains together, and how often it
    /// may have challenges for them issued anew. The first challenge for a domain does not count.
    #[must_use]
    pub fn with_per_account_in_all(mut self, rate: Rate) -> Self {
        self.per_account_in_all = rate;
        self
    }

    /// Sets how often all accounts together may ask for checks of names below one registrable
    /// domain, whose servers have to answer them. No account has more than a quarter of it:
    /// otherwise one could keep the domain's owner from ever being checked, with challenges for
    /// many names below the domain.
    #[must_use]
    pub fn with_per_registrable(mut self, rate: Rate) -> Self {
        self.per_registrable = rate;
        self
    }

    /// Sets how many checks and diagnoses may be under way at the same time, in all and of one
    /// account; at least one each. Each takes up to two megabytes while it lasts. Those who ask
    /// about the same challenge at the same time count once.
    ///
    /// An account that has one under way leaves half of the room to those that have none. One that
    /// has none leaves a part of this half, `60 / (60 + s)` of it rounded up, `s` seconds after its
    /// last one began, and nothing after ten minutes: whose last one began longer ago goes first.
    /// So an account that has none under way, and comes again at the times that it is told, waits
    /// ten minutes and the time of one check at most for accounts that had one since, however many
    /// they are. It waits longer only for accounts that had none for ten minutes either, and once in
    /// ten minutes for each. A room for one alone is not shared out.
    #[must_use]
    pub fn with_under_way(mut self, in_all: usize, of_one_account: usize) -> Self {
        self.under_way = (in_all, of_one_account);
        self
    }
}
