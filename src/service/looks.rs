use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use time::UtcDateTime;

use super::fair::{Claim, Fair};
use super::limits::Limits;
use super::under_way::UnderWay;
use crate::challenge::Challenge;
use crate::issue::Request;
use crate::lifecycle::later;
use crate::lookup::Buckets;
use crate::name::{AccountId, DomainName, Scope};
use crate::token::ChallengeId;

/// When looks began, in this process: the store knows only of those that ended. A caller that
/// asks for several at once, or goes away before the answer, costs no more queries than one that
/// waits (S-16).
///
/// A look is counted by all of the limits or, when one of them refuses it, by none.
#[derive(Debug)]
pub(super) struct Looks {
    counts: Mutex<Counts>,
}

#[derive(Debug)]
struct Counts {
    began: HashMap<ChallengeId, UtcDateTime>,
    /// How many may stand there before the old ones are cleared away.
    limit: usize,
    per_account: Buckets<(AccountId, DomainName)>,
    per_account_in_all: Buckets<AccountId>,
    per_registrable: Fair,
    issued: Buckets<Subject>,
    issued_in_all: Buckets<AccountId>,
    /// How many challenges are being issued that are counted.
    issuing: HashMap<Subject, usize>,
    under_way: UnderWay,
}

/// What there is one open challenge of.
type Subject = (AccountId, DomainName, Scope);

/// A look that is asked for.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) challenge: &'a Challenge,
    /// The registrable domain that the challenge's domain belongs to.
    pub(super) registrable: DomainName,
    /// Whether the account has proven that one.
    pub(super) holds: bool,
    /// How long after the last look the next may begin.
    pub(super) interval: Duration,
}

/// A look that may not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused {
    /// From when on it may, if nobody else comes first.
    pub(super) retry_at: UtcDateTime,
    /// The same for an account that has proven the registrable domain.
    pub(super) as_holder: UtcDateTime,
}

/// A look that has begun. It is over when this is dropped.
#[derive(Debug)]
#[must_use]
pub(super) struct Begun<'a> {
    looks: &'a Looks,
    id: ChallengeId,
}

/// A challenge that is being issued, until this is dropped. What was counted of it stays, unless
/// nothing has [come](Self::end) of it.
#[derive(Debug)]
#[must_use]
pub(super) struct Issuing<'a> {
    looks: &'a Looks,
    subject: Subject,
    taken: Option<Taken>,
}

/// When the buckets are full again from which it was taken.
#[derive(Debug, Clone, Copy)]
struct Taken {
    of_subject: Duration,
    /// Of one subject the first is for nothing.
    in_all: Option<Duration>,
}

impl Looks {
    pub(super) fn new(limits: &Limits, deadline: Duration) -> Self {
        let counts = Counts {
            began: HashMap::new(),
            limit: Counts::ROOM,
            per_account: Buckets::new(limits.per_account),
            per_account_in_all: Buckets::new(limits.per_account_in_all),
            per_registrable: Fair::new(limits.per_registrable),
            issued: Buckets::new(limits.per_account),
            issued_in_all: Buckets::new(limits.per_account_in_all),
            issuing: HashMap::new(),
            under_way: UnderWay::new(limits, deadline),
        };
        Self {
            counts: Mutex::new(counts),
        }
    }

    /// Begins a look.
    ///
    /// # Errors
    ///
    /// When it may begin; nothing is counted then.
    pub(super) fn begin(
        &self,
        wanted: &Wanted<'_>,
        now: UtcDateTime,
    ) -> Result<Begun<'_>, Refused> {
        let (id, account) = (wanted.challenge.id(), wanted.challenge.account());
        let mut counts = self.counts();
        let free_at = counts.under_way.free_at(id, account, now);
        let ready = |claim| counts.ready_at(wanted, claim, now).max(free_at);
        let (retry_at, as_holder) = (ready(wanted.claim()), ready(Claim::Holds));
        if retry_at > now {
            return Err(Refused {
                retry_at,
                as_holder,
            });
        }
        counts.take(wanted, now);
        counts.under_way.enter(*id, account, now);
        Ok(Begun {
            looks: self,
            id: *id,
        })
    }

    /// Begins what is no look but takes as much: a diagnosis.
    ///
    /// # Errors
    ///
    /// When there is room for it.
    pub(super) fn begin_beside(
        &self,
        challenge: &Challenge,
        now: UtcDateTime,
    ) -> Result<Begun<'_>, UtcDateTime> {
        let (id, account) = (challenge.id(), challenge.account());
        let mut counts = self.counts();
        let free_at = counts.under_way.free_at(id, account, now);
        if free_at > now {
            return Err(free_at);
        }
        counts.under_way.enter(*id, account, now);
        Ok(Begun {
            looks: self,
            id: *id,
        })
    }

    /// Counts a challenge that is to be issued. Of one subject the first is for nothing; and of
    /// those who ask at once for what `replaces` nothing, one is counted for all, for they get the
    /// same.
    ///
    /// # Errors
    ///
    /// When it may be issued; nothing is counted then.
    pub(super) fn issue(
        &self,
        request: &Request,
        replaces: bool,
        now: UtcDateTime,
    ) -> Result<Issuing<'_>, UtcDateTime> {
        let since = since_epoch(now);
        let account = request.account();
        let subject = (account.clone(), request.domain().clone(), request.scope());
        let mut counts = self.counts();
        let mut taken = None;
        if replaces || !counts.issuing.contains_key(&subject) {
            let again = counts.issued.full_at(&subject, since) > since;
            let mut ready = counts.issued.ready_at(&subject, since);
            if again {
                ready = ready.max(counts.issued_in_all.ready_at(account, since));
            }
            if ready > since {
                return Err(later(now, ready - since));
            }
            taken = Some(counts.take_issued(&subject, since));
            *counts.issuing.entry(subject.clone()).or_default() += 1;
        }
        Ok(Issuing {
            looks: self,
            subject,
            taken,
        })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.looks.counts().under_way.leave(&self.id);
    }
}

impl Issuing<'_> {
    /// Says whether a challenge was issued: counts it if it is not counted yet, or gives back what
    /// was counted for nothing.
    pub(super) fn end(self, issued: bool, now: UtcDateTime) {
        let since = since_epoch(now);
        let mut counts = self.looks.counts();
        match self.taken {
            None if issued => {
                counts.take_issued(&self.subject, since);
            }
            Some(taken) if !issued => {
                let account = &self.subject.0;
                counts
                    .issued
                    .give_back(&self.subject, taken.of_subject, since);
                if let Some(full_at) = taken.in_all {
                    counts.issued_in_all.give_back(account, full_at, since);
                }
            }
            _ => {}
        }
    }
}

impl Drop for Issuing<'_> {
    fn drop(&mut self) {
        if self.taken.is_none() {
            return;
        }
        let mut counts = self.looks.counts();
        if let Some(count) = counts.issuing.get_mut(&self.subject) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.issuing.remove(&self.subject);
            }
        }
    }
}

impl Wanted<'_> {
    fn claim(&self) -> Claim {
        let challenge = self.challenge;
        match *challenge.domain() == self.registrable {
            _ if self.holds => Claim::Holds,
            true => Claim::Asked(challenge.issued_at()),
            false => Claim::Below,
        }
    }

    /// When the look before began or ended whose interval is not over.
    fn held_until(&self, at: UtcDateTime, now: UtcDateTime) -> Option<UtcDateTime> {
        // One that lies in the future is from before a clock was set back.
        let until = later(at, self.interval);
        (at <= now && until > now).then_some(until)
    }
}

impl Counts {
    const ROOM: usize = 1024;

    /// When a look may begin, by all that is counted by time.
    fn ready_at(&self, wanted: &Wanted<'_>, claim: Claim, now: UtcDateTime) -> UtcDateTime {
        let (challenge, since) = (wanted.challenge, since_epoch(now));
        let account = challenge.account();
        let here = (account.clone(), challenge.domain().clone());
        let who = (account.clone(), wanted.registrable.clone());
        let ready = self.per_account.ready_at(&here, since);
        let ready = ready.max(self.per_account_in_all.ready_at(account, since));
        let ready = ready.max(self.per_registrable.ready_at(&who, claim, since));
        let earlier = [
            challenge.last_checked_at(),
            self.began.get(challenge.id()).copied(),
        ];
        let earlier = earlier.into_iter().flatten();
        let held = earlier.filter_map(|at| wanted.held_until(at, now));
        held.fold(later(now, ready - since), UtcDateTime::max)
    }

    fn take_issued(&mut self, subject: &Subject, since: Duration) -> Taken {
        let again = self.issued.full_at(subject, since) > since;
        Taken {
            of_subject: self.issued.take(subject.clone(), since),
            in_all: again.then(|| self.issued_in_all.take(subject.0.clone(), since)),
        }
    }

    fn take(&mut self, wanted: &Wanted<'_>, now: UtcDateTime) {
        let (challenge, since) = (wanted.challenge, since_epoch(now));
        let account = challenge.account();
        let here = (account.clone(), challenge.domain().clone());
        self.per_account.take(here, since);
        self.per_account_in_all.take(account.clone(), since);
        let who = (account.clone(), wanted.registrable.clone());
        self.per_registrable.take(who, wanted.claim(), since);
        if self.began.len() >= self.limit {
            self.began
                .retain(|_, at| wanted.held_until(*at, now).is_some());
            self.limit = self.began.len().saturating_mul(2).max(Self::ROOM);
        }
        if !wanted.interval.is_zero() {
            self.began.insert(*challenge.id(), now);
        }
    }
}

pub(super) fn since_epoch(now: UtcDateTime) -> Duration {
    let since = now - UtcDateTime::UNIX_EPOCH;
    since.try_into().unwrap_or_default()
}
