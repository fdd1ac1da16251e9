//! How many checks are under way at the same time (S-16).

use std::collections::HashMap;
use std::time::Duration;

use time::UtcDateTime;

use super::limits::Limits;
use super::looks::since_epoch;
use super::tries::Tries;
use crate::lifecycle::later;
use crate::name::AccountId;
use crate::token::ChallengeId;

/// The challenges that are looked at now. Several callers of one challenge count once: their looks
/// are merged, or follow each other.
#[derive(Debug)]
pub(super) struct UnderWay {
    most: usize,
    most_of_one: usize,
    running: HashMap<ChallengeId, Running>,
    /// How many each account has begun lately.
    tries: Tries<AccountId>,
}

#[derive(Debug)]
struct Running {
    account: AccountId,
    callers: usize,
    /// When it is over, at the latest.
    until: UtcDateTime,
}

impl UnderWay {
    pub(super) fn new(limits: &Limits) -> Self {
        let (most, of_one) = limits.under_way;
        Self {
            most: most.max(1),
            most_of_one: of_one.max(1),
            running: HashMap::new(),
            tries: Tries::new(),
        }
    }

    /// Says when there is room for a look at the challenge of the account: `now` at the earliest,
    /// and otherwise when enough of those that are under way have to be over.
    ///
    /// Who has one under way already leaves half of the room to those who have none, and who had
    /// some lately a part of it, which grows with their number: however many accounts keep the
    /// room full with check after check, there is some for who comes for the first time.
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
        let own: Vec<_> = own.map(|one| one.until).collect();
        let left = match own.is_empty() {
            true => self.leaves(account, now),
            false => self.most / 2,
        };
        let all = running().map(|one| one.until).collect();
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
        let forgotten_at = self.tries.forgotten_at(account, since);
        let (part, of) = Tries::<AccountId>::part_left(forgotten_at - since);
        // Rounded up: each try that is not forgotten leaves something.
        let left = ((self.most / 2) as u128 * u128::from(part)).div_ceil(of.into());
        usize::try_from(left).unwrap_or(self.most / 2)
    }

    /// Counts a caller who looks at the challenge, until then at the latest.
    pub(super) fn enter(
        &mut self,
        id: ChallengeId,
        account: &AccountId,
        now: UtcDateTime,
        until: UtcDateTime,
    ) {
        if !self.running.contains_key(&id) {
            self.tries.add(account.clone(), since_epoch(now));
        }
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
