//! How many checks are under way at the same time (S-16).

use std::collections::HashMap;
use std::time::Duration;

use time::UtcDateTime;

use super::limits::Limits;
use super::looks::since_epoch;
use crate::lifecycle::later;
use crate::lookup::{Buckets, Rate};
use crate::name::AccountId;
use crate::token::ChallengeId;

/// The challenges that are looked at now. Several callers of one challenge count once: their looks
/// are merged, or follow each other.
///
/// Whose last look began longer ago goes before others. Who has one under way leaves half of the
/// room, and who had one lately leaves a part of that half, which shrinks while time passes since
/// it began, and is nothing after ten minutes: so long an account waits at most for all that had
/// one since, and from then on for those alone that had none for as long.
#[derive(Debug)]
pub(super) struct UnderWay {
    most: usize,
    most_of_one: usize,
    /// How long a look may take.
    deadline: Duration,
    running: HashMap<ChallengeId, Running>,
    /// When each account began its last look, which is full again when that does not matter.
    rests: Buckets<AccountId>,
}

#[derive(Debug)]
struct Running {
    account: AccountId,
    callers: usize,
    /// When it is over, at the latest.
    until: UtcDateTime,
}

impl UnderWay {
    /// After this time it does not matter any more that an account had a look.
    const RESTED: Duration = Duration::from_secs(600);

    /// After this time an account leaves half of what it leaves at first.
    const HALF: Duration = Duration::from_secs(60);

    pub(super) fn new(limits: &Limits, deadline: Duration) -> Self {
        let (most, of_one) = limits.under_way;
        Self {
            most: most.max(1),
            most_of_one: of_one.max(1),
            deadline,
            running: HashMap::new(),
            rests: Buckets::new(Rate::every(Self::RESTED)),
        }
    }

    /// Says when there is room for a look at the challenge of the account: `now` at the earliest,
    /// and otherwise when enough of those that are under way have to be over.
    pub(super) fn free_at(
        &self,
        id: &ChallengeId,
        account: &AccountId,
        now: UtcDateTime,
    ) -> UtcDateTime {
        /// For one that takes longer than it may.
        const SOON: Duration = Duration::from_secs(1);

        if self.running.contains_key(id) {
            return now;
        }
        let running = || self.running.values();
        let own = running().filter(|one| one.account == *account);
        // One that would end later began before a clock was set back.
        let latest = later(now, self.deadline);
        let own: Vec<_> = own.map(|one| one.until.min(latest)).collect();
        let left = match own.is_empty() {
            true => self.leaves(account, now),
            false => self.most / 2,
        };
        let all = running().map(|one| one.until.min(latest)).collect();
        let fewer = [
            fewer_than(self.most - left, all),
            fewer_than(self.most_of_one, own),
        ];
        let latest = fewer.into_iter().flatten().max();
        latest.map_or(now, |until| until.max(later(now, SOON)))
    }

    /// How much of the room an account leaves that has none under way.
    fn leaves(&self, account: &AccountId, now: UtcDateTime) -> usize {
        let since = since_epoch(now);
        let rest = self.rests.full_at(account, since).saturating_sub(since);
        if rest.is_zero() {
            return 0;
        }
        let rested = Self::RESTED.saturating_sub(rest);
        // Rounded up: who is not rested leaves something to who is.
        let left = ((self.most / 2) as u128 * Self::HALF.as_nanos())
            .div_ceil((Self::HALF + rested).as_nanos());
        usize::try_from(left).unwrap_or(self.most / 2)
    }

    /// Counts a caller who looks at the challenge.
    pub(super) fn enter(&mut self, id: ChallengeId, account: &AccountId, now: UtcDateTime) {
        if !self.running.contains_key(&id) {
            self.rests.take(account.clone(), since_epoch(now));
        }
        let until = later(now, self.deadline);
        let running = self.running.entry(id).or_insert_with(|| Running {
            account: account.clone(),
            callers: 0,
            until,
        });
        running.callers += 1;
        running.until = running.until.max(until);
    }

    /// Counts one caller less.
    pub(super) fn leave(&mut self, id: &ChallengeId) {
        if let Some(running) = self.running.get_mut(id) {
            running.callers = running.callers.saturating_sub(1);
            if running.callers == 0 {
                self.running.remove(id);
            }
        }
    }
}

/// When there are fewer than so many, of those that end at these times; `None` when there are.
fn fewer_than(most: usize, mut ends: Vec<UtcDateTime>) -> Option<UtcDateTime> {
    let over = ends.len().checked_sub(most)?;
    ends.sort_unstable();
    ends.get(over).copied()
}
