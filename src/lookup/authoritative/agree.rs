//! Taking the word of several servers of a zone, where one alone could deceive.

use super::ask::{Asked, Asker, Said};
use super::zone::{Server, Zone};
use crate::dns::{Answer, LookupFailure, Outcome, Question};
use crate::lookup::LookupError;

impl Asker<'_> {
    /// How many servers have to say the same where they are not asked all.
    const WITNESSES: usize = 2;

    /// What the servers of a zone say of a name that the view depends on: where a name server is,
    /// or who knows. Two that say the same are enough. Where they do not, all are asked, and what
    /// more than half of those say counts that speak for the zone, if they are half of all (S-2).
    pub(super) async fn ask_agreeing(
        &self,
        zone: &Zone,
        question: &Question,
        depth: u8,
    ) -> Result<Said, LookupError> {
        let servers: Vec<_> = self.in_any_order(zone).collect();
        let (first, rest) = servers
            .split_at_checked(Self::WITNESSES)
            .unwrap_or((&servers, &[]));
        let mut asked = self.ask_some(zone, first, question, depth).await;
        if let Some(said) = agreed(&asked, first.len()) {
            return Ok(said.clone());
        }
        asked.extend(self.ask_some(zone, rest, question, depth).await);
        let definite = asked.iter().filter(|one| one.is_definite()).count();
        let half = definite.saturating_mul(2) >= servers.len();
        if let Some(said) = agreed(&asked, definite / 2 + 1).filter(|_| half) {
            return Ok(said.clone());
        }
        let mut failures = asked.into_iter().filter_map(|one| one.said.err());
        Err(failures.next().unwrap_or(LookupFailure::NoAddress).into())
    }

    async fn ask_some(
        &self,
        zone: &Zone,
        servers: &[&Server],
        question: &Question,
        depth: u8,
    ) -> Vec<Asked> {
        let half = servers.len().div_ceil(2);
        let ask = |server| self.ask_server(zone, server, question, depth);
        self.hear(zone, servers, half, ask).await
    }
}

/// What so many of the servers that speak for the zone say alike.
fn agreed(asked: &[Asked], needed: usize) -> Option<&Said> {
    let definite = || asked.iter().filter(|one| one.is_definite());
    let said = || definite().filter_map(|one| one.said.as_ref().ok());
    said().find(|one| said().filter(|other| are_alike(one, other)).count() >= needed.max(1))
}

/// Whether two servers say the same, in whatever order and from whatever copy of the zone.
fn are_alike(one: &Said, other: &Said) -> bool {
    match (one, other) {
        (Said::Referral(one), Said::Referral(other)) => one.is_same(other),
        (Said::Answer(one), Said::Answer(other)) => answers_are_alike(one, other),
        _ => false,
    }
}

fn answers_are_alike(one: &Answer, other: &Answer) -> bool {
    let targets = |answer: &Answer| {
        let aliases = answer.aliases().iter();
        aliases
            .map(|alias| alias.target().clone())
            .collect::<Vec<_>>()
    };
    let same = match (one.outcome(), other.outcome()) {
        (Outcome::Records(one), Outcome::Records(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|record| other.iter().any(|same| same.data() == record.data()))
        }
        (Outcome::Absent(one), Outcome::Absent(other)) => one.kind() == other.kind(),
        (one, other) => one == other,
    };
    same && targets(one) == targets(other)
}
