use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use time::UtcDateTime;

use super::limits::Limits;
use crate::challenge::Challenge;
use crate::lifecycle::later;
use crate::lookup::Buckets;
use crate::name::{AccountId, DomainName};
use crate::token::ChallengeId;

/// When looks began, in this process: the store knows only of those that ended. A caller that
/// asks for several at once, or goes away before the answer, costs no more queries than one that
/// waits (S-16).
#[derive(Debug)]
pub(super) struct Looks {
    began: Mutex<Began>,
    counts: Mutex<Counts>,
}

#[derive(Debug)]
struct Counts {
    per_account: Buckets<(AccountId, DomainName)>,
    /// An account's part of the next one.
    per_share: Buckets<(AccountId, DomainName)>,
    per_registrable: Buckets<DomainName>,
}

#[derive(Debug, Default)]
struct Began {
    at: HashMap<ChallengeId, UtcDateTime>,
    /// How many may stand here before the old ones are cleared away.
    limit: usize,
}

impl Looks {
    pub(super) fn new(limits: &Limits) -> Self {
        let counts = Counts {
            per_account: Buckets::new(limits.per_account),
            per_share: Buckets::new(limits.share()),
            per_registrable: Buckets::new(limits.per_registrable),
        };
        Self {
            began: Mutex::default(),
            counts: Mutex::new(counts),
        }
    }

    /// Counts a look for a challenge, whose domain is below the registrable domain given.
    ///
    /// # Errors
    ///
    /// When the next one may begin.
    pub(super) fn count(
        &self,
        challenge: &Challenge,
        registrable: DomainName,
        now: UtcDateTime,
    ) -> Result<(), UtcDateTime> {
        let since = now - UtcDateTime::UNIX_EPOCH;
        let since: Duration = since.try_into().unwrap_or_default();
        let who = (challenge.account().clone(), challenge.domain().clone());
        let share = (challenge.account().clone(), registrable.clone());
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = counts.per_account.ready_at(&who, since);
        let ready = ready.max(counts.per_share.ready_at(&share, since));
        let ready = ready.max(counts.per_registrable.ready_at(&registrable, since));
        if ready > since {
            return Err(later(now, ready - since));
        }
        counts.per_account.take(who, since);
        counts.per_share.take(share, since);
        counts.per_registrable.take(registrable, since);
        Ok(())
    }

    /// Begins a look, unless one began less than `interval` ago.
    ///
    /// # Errors
    ///
    /// When the next one may begin.
    pub(super) fn begin(
        &self,
        id: &ChallengeId,
        now: UtcDateTime,
        interval: Duration,
    ) -> Result<(), UtcDateTime> {
        const ROOM: usize = 1024;

        let mut began = self.began.lock().unwrap_or_else(PoisonError::into_inner);
        // One that lies in the future is from before a clock was set back.
        let holds = |at: UtcDateTime| at <= now && later(at, interval) > now;
        if let Some(at) = began.at.get(id).filter(|at| holds(**at)) {
            return Err(later(*at, interval));
        }
        if began.at.len() >= began.limit {
            began.at.retain(|_, at| holds(*at));
            began.limit = began.at.len().saturating_mul(2).max(ROOM);
        }
        if !interval.is_zero() {
            began.at.insert(*id, now);
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use super::*;

    fn id(number: u32) -> ChallengeId {
        let mut bytes = [0; 16];
        let (start, _) = bytes.split_first_chunk_mut().unwrap();
        *start = number.to_be_bytes();
        ChallengeId::from_bytes(bytes)
    }

    // S-16: what is remembered stays within twice what is needed.
    #[test]
    fn old_looks_are_forgotten() {
        let (looks, interval) = (Looks::new(&Limits::new()), Duration::from_secs(5));
        for number in 0..10_000 {
            let now = UtcDateTime::UNIX_EPOCH + Duration::from_millis(u64::from(number) * 10);
            looks.begin(&id(number), now, interval).unwrap();
            assert!(looks.begin(&id(number), now, interval).is_err());
        }
        assert!(looks.began.lock().unwrap().at.len() <= 1024);
    }
}
