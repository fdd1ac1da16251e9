//! How the checks for names of one registrable domain are shared out among accounts (S-16).

use std::collections::HashMap;
use std::time::Duration;

use time::UtcDateTime;

use super::tries::Tries;
use crate::lookup::{Buckets, Rate};
use crate::name::{AccountId, DomainName};

/// An account, and the registrable domain that it asks for.
pub(super) type Who = (AccountId, DomainName);

/// What speaks for an account that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// It has proven the registrable domain.
    Holds,
    /// It asks for the registrable domain itself, by a challenge that was issued then.
    Asked(UtcDateTime),
    /// It asks for a name below.
    Below,
}

/// Shares the rate of each registrable domain: no account has more than a quarter; a quarter of
/// the bucket is for holders alone, and another for who asked first; and the more an account has
/// tried, the more it leaves for others.
///
/// Of each of the two quarters is left what those for whom it is have not taken, and it comes back
/// at a quarter of the rate: whatever others take, and whatever the other quarter gave, it is
/// there. All holders share the one, and all who are the first one after the other share the
/// other: to be the first for a moment opens no fresh one. Who finds it empty goes as everybody
/// else.
///
/// Everybody else leaves both, and `tries / (tries + 6)` of another quarter. Whoever had more tries
/// than another has therefore left, with each of them, all that the other has to leave; so others
/// make an account wait
///
/// * that goes first: never, as long as the holders together, or the first one after the other,
///   are within a quarter of the rate, unless less than four can be taken at once;
/// * that does not: for one interval of the rate, and one for each try since of an account that had
///   no more tries than itself, which are `tries + 1` of each such account while none is forgotten;
///   and up to twice as long while those who go first take their quarters.
///
/// How hard those try that had more tries has no part in it.
#[derive(Debug)]
pub(super) struct Fair {
    whole: Buckets<DomainName>,
    shares: Buckets<Who>,
    /// What is left of the quarter for holders, and of the one for who asked first.
    holders: Buckets<DomainName>,
    firsts: Buckets<DomainName>,
    tries: Tries<Who>,
    /// Who asked first for the registrable domain itself, of those whose bucket is not full.
    first: HashMap<DomainName, (UtcDateTime, AccountId)>,
    /// How many may stand there before the old ones are cleared away.
    limit: usize,
    /// In how much time comes back a quarter of the bucket, and what is for few tries.
    reserves: (Duration, Duration),
}

impl Fair {
    const ROOM: usize = 1024;

    /// How many parts a bucket is cut into.
    const PARTS: u32 = 4;

    pub(super) fn new(rate: Rate) -> Self {
        let (burst, parts) = (rate.burst(), Self::PARTS);
        // The buckets keep no longer intervals, of which those of a part are the longest.
        let longest = Buckets::<DomainName>::MAX_INTERVAL / parts;
        let interval = rate.interval().min(longest);
        let part = Rate::every(interval.saturating_mul(parts));
        let quarter = burst / parts;
        let reserve = || Buckets::new(part.with_burst(quarter));
        let few = burst / 2 - quarter;
        Self {
            whole: Buckets::new(Rate::every(interval).with_burst(burst)),
            shares: Buckets::new(part.with_burst(burst.div_ceil(parts))),
            holders: reserve(),
            firsts: reserve(),
            tries: Tries::new(),
            first: HashMap::new(),
            limit: Self::ROOM,
            reserves: (
                interval.saturating_mul(quarter),
                interval.saturating_mul(few),
            ),
        }
    }

    /// Says when the account may try, if nobody else does before: `now` at the earliest.
    pub(super) fn ready_at(&self, who: &Who, claim: Claim, now: Duration) -> Duration {
        let share = self.shares.ready_at(who, now);
        let beside_others = self.ready_beside_others(who, now);
        let first = self.ready_first(who, claim, now);
        share.max(first.map_or(beside_others, |at| at.min(beside_others)))
    }

    /// Says when there is one in the quarter that is for the account; `None` when none is.
    fn ready_first(&self, who: &Who, claim: Claim, now: Duration) -> Option<Duration> {
        let (account, domain) = who;
        match claim {
            Claim::Holds => {
                let reserved = self.holders.ready_at(domain, now);
                Some(reserved.max(self.whole.ready_at(domain, now)))
            }
            Claim::Asked(since) if self.asked_first(account, domain, since) => {
                let reserved = self.firsts.ready_at(domain, now);
                let left = |at| self.reserved(&self.holders, domain, at);
                Some(reserved.max(self.ready_leaving(domain, left, now)))
            }
            _ => None,
        }
    }

    /// Says when there is one beside all that the account leaves for others.
    fn ready_beside_others(&self, who: &Who, now: Duration) -> Duration {
        let left = self.left_by(who, now);
        self.ready_leaving(&who.1, left, now)
    }

    /// What an account leaves that does not go first, by the time.
    fn left_by(&self, who: &Who, now: Duration) -> impl Fn(Duration) -> Duration {
        let (_, few) = self.reserves;
        let forgotten_at = self.tries.forgotten_at(who, now);
        let domain = &who.1;
        move |at| {
            let (part, of) = Tries::<Who>::part_left(forgotten_at.saturating_sub(at));
            let reserves = [&self.holders, &self.firsts];
            let reserves = reserves.map(|reserve| self.reserved(reserve, domain, at));
            let few = few.saturating_mul(part) / of;
            reserves.into_iter().fold(few, Duration::saturating_add)
        }
    }

    /// What is left of a quarter: as the time in which so much comes back to the whole.
    fn reserved(
        &self,
        reserve: &Buckets<DomainName>,
        domain: &DomainName,
        at: Duration,
    ) -> Duration {
        let (quarter, _) = self.reserves;
        let taken = (reserve.full_at(domain, at) - at) / Self::PARTS;
        quarter.saturating_sub(taken)
    }

    /// Says when one can be taken so that so much is left as has to be by then.
    fn ready_leaving(
        &self,
        domain: &DomainName,
        left: impl Fn(Duration) -> Duration,
        now: Duration,
    ) -> Duration {
        // While time passes more is in the bucket, and what has to be left grows by half of that
        // at most.
        let enough = |at| self.whole.ready_leaving(domain, left(at), at) == at;
        if enough(now) {
            return now;
        }
        let (mut refused, mut admitted) = (now, self.whole.full_at(domain, now));
        while admitted.saturating_sub(refused) > Duration::from_nanos(1) {
            let middle = refused + (admitted - refused) / 2;
            if enough(middle) {
                admitted = middle;
            } else {
                refused = middle;
            }
        }
        admitted
    }

    /// Counts a try.
    pub(super) fn take(&mut self, who: Who, claim: Claim, now: Duration) {
        let (account, domain) = &who;
        let first = match claim {
            // What is there for everybody is taken first.
            _ if self.ready_beside_others(&who, now) == now => None,
            Claim::Holds => Some(&mut self.holders),
            Claim::Asked(since) if self.asked_first(account, domain, since) => {
                Some(&mut self.firsts)
            }
            _ => None,
        };
        if let Some(reserve) = first {
            reserve.take(domain.clone(), now);
        }
        if let Claim::Asked(since) = claim {
            self.note(account, domain, since, now);
        }
        self.whole.take(domain.clone(), now);
        self.shares.take(who.clone(), now);
        self.tries.add(who, now);
    }

    /// Remembers who asked first for a registrable domain. An account that has its challenge
    /// issued anew asked when it did so first.
    fn note(
        &mut self,
        account: &AccountId,
        domain: &DomainName,
        since: UtcDateTime,
        now: Duration,
    ) {
        let asked = (since, account.clone());
        if self.first.get(domain).is_some_and(|first| *first <= asked) {
            return;
        }
        if self.first.len() >= self.limit {
            let whole = &self.whole;
            self.first
                .retain(|domain, _| whole.full_at(domain, now) > now);
            self.limit = self.first.len().saturating_mul(2).max(Self::ROOM);
        }
        self.first.insert(domain.clone(), asked);
    }

    /// Whether nobody is known who asked for the domain before the account, which did then.
    fn asked_first(&self, account: &AccountId, domain: &DomainName, since: UtcDateTime) -> bool {
        let first = self.first.get(domain);
        first.is_none_or(|(at, known)| account == known || (since, account) <= (*at, known))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EPOCH: UtcDateTime = UtcDateTime::UNIX_EPOCH;

    fn who(name: &str) -> Who {
        let domain = "example.com".parse().unwrap();
        (AccountId::new(name).unwrap(), domain)
    }

    fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn asked(second: u64) -> Claim {
        Claim::Asked(EPOCH + Duration::from_secs(second))
    }

    /// One of the others: with how many tries it comes, how often it tries, and what it asks for.
    #[derive(Debug, Clone)]
    struct Other {
        tries: u32,
        every: u64,
        claim: Claim,
    }

    fn others() -> impl Strategy<Value = Vec<Other>> {
        let claims = prop_oneof![
            4 => Just(Claim::Below),
            2 => (0_u64..40).prop_map(asked),
            1 => Just(Claim::Holds),
        ];
        let other = (0_u32..30, 20_u64..3000, claims);
        let other = other.prop_map(|(tries, every, claim)| Other {
            tries,
            every,
            claim,
        });
        prop::collection::vec(other, 0..12)
    }

    /// A bucket of which the victim had its tries long ago, and the others theirs.
    struct Model {
        fair: Fair,
        others: Vec<(Who, Other)>,
        now: Duration,
    }

    impl Model {
        fn new(rate: Rate, others: &[Other], victim: &Who, tries: u32) -> Self {
            let mut fair = Fair::new(rate);
            let others = others.iter().enumerate();
            let others: Vec<_> = others
                .map(|(number, other)| (who(&format!("other-{number}")), other.clone()))
                .collect();
            // So that nothing but the tries is left of them.
            let begin = Duration::from_secs(1_000_000);
            for (whose, other) in &others {
                for _ in 0..other.tries {
                    fair.tries.add(whose.clone(), begin);
                }
            }
            for _ in 0..tries {
                fair.tries.add(victim.clone(), begin);
            }
            Self {
                fair,
                others,
                now: begin,
            }
        }

        /// The others try, each as often as it does, until then.
        fn flood(&mut self, until: Duration) {
            while self.now < until {
                self.now += millis(1);
                for (whose, other) in &self.others {
                    let its_turn = self.now.as_millis().is_multiple_of(other.every.into());
                    if its_turn && self.fair.ready_at(whose, other.claim, self.now) == self.now {
                        self.fair.take(whose.clone(), other.claim, self.now);
                    }
                }
            }
        }

        /// How long somebody waits who comes now, and again whenever they are told to.
        fn wait(&mut self, whose: &Who, claim: Claim) -> Duration {
            const FOREVER: Duration = Duration::from_secs(300);

            let came = self.now;
            loop {
                let told = self.fair.ready_at(whose, claim, self.now);
                if told == self.now || told > came + FOREVER {
                    return told - came;
                }
                // The others go first, by steps of a millisecond.
                self.flood(told);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        // S-16: beside others nobody waits longer than without them, but for the stated bound; a
        // holder beside those who hold nothing, and who is known to have asked first, do not wait
        // for them at all, in whatever order others come who asked. And there is no more for all
        // together than the rate.
        #[test]
        fn floods_delay_nobody_beyond_the_bound(
            burst in 1_u32..40,
            interval in 50_u64..2000,
            mut others in others(),
            tries in 0_u32..6,
            begins in 0_u64..8000,
            known in any::<bool>(),
            claim in prop_oneof![
                3 => Just(Claim::Below),
                2 => Just(Claim::Holds),
                1 => Just(asked(0)),
                1 => (0_u64..40).prop_map(asked),
            ],
        ) {
            if claim == Claim::Holds {
                // All holders share one quarter.
                others.retain(|other| other.claim != Claim::Holds);
            }
            let rate = Rate::every(millis(interval)).with_burst(burst);
            let victim = who("victim");
            let mut alone = Model::new(rate, &[], &victim, tries);
            let mut beside = Model::new(rate, &others, &victim, tries);
            let came = beside.now;
            for model in [&mut alone, &mut beside] {
                if let (true, Claim::Asked(since)) = (known, claim) {
                    model.fair.note(&victim.0, &victim.1, since, came);
                }
                model.flood(came + millis(begins));
            }
            let few = others.iter().filter(|other| other.tries <= tries);
            // Of each who tried as often: so many until it has tried more; and of holders and of
            // the first ones their quarter.
            let ahead: u32 = few.map(|other| tries + 1 - other.tries).sum();
            let asks = |other: &Other| matches!(other.claim, Claim::Asked(_));
            let (holds, asked) = (
                others.iter().any(|other| other.claim == Claim::Holds),
                others.iter().any(asks),
            );
            let groups = u32::from(holds) + u32::from(asked);
            let ahead = ahead + 1 + (burst.div_ceil(4) + 1) * groups;
            let beside_others = millis(interval) * ahead * 4 / (4 - groups);
            let first = match claim {
                Claim::Below => false,
                Claim::Holds => true,
                Claim::Asked(since) => known && others.iter().all(|other| match other.claim {
                    Claim::Asked(other) => since < other,
                    _ => true,
                }),
            };
            let bound = match (first, burst >= 4) {
                (false, _) => beside_others,
                // Less than four are not shared out.
                (true, false) => beside_others.min(millis(interval) * 2),
                (true, true) => Duration::ZERO,
            };
            let (without, with) = (alone.wait(&victim, claim), beside.wait(&victim, claim));
            prop_assert!(with <= without + bound + millis(1), "{with:?}, {without:?}, {bound:?}");
        }
    }

    // S-16: accounts that try as hard as they can, and as many as there are, leave room for who
    // tries for the first time, and for the first who asked.
    #[test]
    fn who_tries_hard_leaves_room() {
        let rate = Rate::per_second(2).with_burst(100);
        for accounts in [8, 100] {
            let other = Other {
                tries: 1,
                every: 100,
                claim: Claim::Below,
            };
            let others = vec![other; accounts];
            let owner = Claim::Asked(EPOCH);
            let mut model = Model::new(rate, &others, &who("owner"), 0);
            model.flood(model.now + millis(3000));
            for _ in 0..20 {
                model.flood(model.now + millis(2000));
                for (whose, claim) in [("owner", owner), ("late", Claim::Below)] {
                    let whose = who(whose);
                    assert_eq!(model.wait(&whose, claim), Duration::ZERO, "{accounts}");
                    if claim == owner {
                        model.fair.take(whose, claim, model.now);
                    }
                }
            }
        }
    }

    // S-16: who asked first stays the first when it asks anew, and nobody else becomes it who asks
    // later, or for names below.
    #[test]
    fn the_first_stays_the_first() {
        let at = |second| EPOCH + Duration::from_secs(second);
        let ready = |fair: &Fair, name, claim| fair.ready_at(&who(name), claim, millis(1000));
        let mut fair = Fair::new(Rate::every(Duration::from_secs(600)).with_burst(12));
        fair.take(who("owner"), Claim::Asked(at(3)), millis(1000));
        fair.take(who("second"), Claim::Asked(at(5)), millis(1000));
        for number in 0..4 {
            fair.take(who(&format!("n{number}")), Claim::Below, millis(1000));
        }
        assert!(ready(&fair, "second", Claim::Asked(at(5))) > millis(1000));
        assert!(ready(&fair, "owner", Claim::Below) > millis(1000));
        assert_eq!(ready(&fair, "owner", Claim::Asked(at(9))), millis(1000));
        fair.take(who("owner"), Claim::Asked(at(9)), millis(1000));
        assert!(ready(&fair, "second", Claim::Asked(at(5))) > millis(1000));
        // Unless it turns out to have asked before.
        assert_eq!(ready(&fair, "earlier", Claim::Asked(at(2))), millis(1000));
    }

    // S-16: what is remembered stays within twice what is needed.
    #[test]
    fn old_tries_are_forgotten() {
        let mut fair = Fair::new(Rate::per_second(2).with_burst(100));
        for number in 0..10_000_u64 {
            let domain = format!("n{number}.com").parse().unwrap();
            let claim = Claim::Asked(EPOCH);
            fair.take((who("one").0, domain), claim, Duration::from_secs(number));
        }
        assert!(fair.first.len() <= Fair::ROOM, "{}", fair.first.len());
        assert!(fair.tries.kept() <= 2 * 1024, "{}", fair.tries.kept());
        assert!(fair.whole.kept() <= 1024 && fair.shares.kept() <= 1024);
    }
}
