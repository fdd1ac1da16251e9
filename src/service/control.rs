use std::time::Duration;

use time::UtcDateTime;

use super::{Dcv, Error, Proof};
use crate::lifecycle;
use crate::name::{AccountId, DomainName};
use crate::store::{ChallengeQuery, Page};

impl Dcv {
    /// Whether the account controls this name now, and by which proof.
    ///
    /// There is no other way to ask: a domain is never just "verified", but proven by an account,
    /// in a scope, until a time. Proofs for the name itself go before those for a domain above. None
    /// counts that is of a time to come (S-7), or that the suffix guard does not admit by now (S-9).
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    pub async fn control(
        &self,
        account: &AccountId,
        name: &DomainName,
    ) -> Result<Option<Proof>, Error> {
        let (guard, now) = (self.inner.suffixes.current(), self.now());
        let mut domain = Some(name.clone());
        while let Some(at) = domain {
            let query = ChallengeQuery::new()
                .account(account.clone())
                .domain(at.clone())
                .proven();
            let mut page = Page::first(Page::MAX);
            loop {
                let found = self.find(&query, page).await?;
                let admitted = found.iter().filter(|one| one.is_admitted(&guard));
                let proofs = admitted.filter_map(Proof::of).filter(|proof| {
                    proof.holds_at(now) && proof.scope().covers(proof.domain(), name, &guard)
                });
                if let Some(proof) = proofs.max_by_key(Proof::until) {
                    return Ok(Some(proof));
                }
                match found.last() {
                    Some(last) if found.len() >= page.limit() => page = page.after(*last.id()),
                    _ => break,
                }
            }
            domain = at.parent();
        }
        Ok(None)
    }

    /// Forgets what is closed since before this time and proves nothing any more; says how many.
    /// Of a time to come, it is what is over by now: a proof that holds is never forgotten (S-7).
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    pub async fn purge(&self, before: UtcDateTime) -> Result<u64, Error> {
        let after_now = lifecycle::later(self.now(), Duration::from_nanos(1));
        Ok(self.inner.store.purge(before.min(after_now)).await?)
    }
}
