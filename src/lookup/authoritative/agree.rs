//! Taking the word of several servers of a zone, where one alone could deceive.

use super::ask::{Asked, Asker, Said};
use super::zone::Zone;
use crate::dns::{Answer, LookupFailure, Outcome, Question};
use crate::lookup::LookupError;

impl Asker<'_> {
    /// So many that say the same are enough to place a name server, however many servers there are,
    /// where none says anything else, and the zone has this many name servers or more: the servers
    /// are chosen by chance for each, all name servers would have to be misplaced, and placing each by
    /// more than half of a crowd takes more queries than there are (S-16).
    const ENOUGH: usize = 4;

    /// What the servers of a zone say of a name that the view depends on: where a name server is,
    /// or who knows. It counts when more than half of all say the same. Half of them is enough when
    /// all others were asked in full, and are silent (S-2). So many as can say enough are asked at once,
    /// and the others when those take long.
    pub(super) async fn ask_agreeing(
        &self,
        zone: &Zone,
        question: &Question,
        beside: usize,
        depth: u8,
    ) -> Result<Said, LookupError> {
        let servers: Vec<_> = self.in_any_order(zone).collect();
        let half = servers.len() / 2 + 1;
        let at_once = match beside < Self::ENOUGH - 1 {
            true => half,
            false => half.min(Self::ENOUGH),
        };
        let ask = |index, server| async move {
            if index >= at_once {
                tokio::time::sleep(self.view.exchange.udp_timeout()).await;
            }
            self.ask_server(zone, server, question, depth).await
        };
        let enough =
            |heard: &[Option<Asked>]| agreed(heard.iter().flatten(), zone, at_once).is_some();
        let asked = self.hear(zone, &servers, ask, enough).await;
        if let Some(said) = agreed(asked.iter(), zone, at_once) {
            return Ok(said);
        }
        // That we did not ask is no failure of theirs.
        let failures = asked.into_iter().filter_map(|one| one.said.err());
        let failure = failures.max_by_key(LookupFailure::is_ours);
        Err(failure.unwrap_or(LookupFailure::NoAddress).into())
    }
}

/// What more than half of the servers of the zone say alike; or half of them, where all others were
/// asked and are silent; or, of an answer, so many as are `enough`, where nobody says anything else.
fn agreed<'a>(
    asked: impl Iterator<Item = &'a Asked> + Clone,
    zone: &Zone,
    enough: usize,
) -> Option<Said> {
    let all = zone.servers.len();
    let silent = asked.clone().filter(|one| one.is_silent()).count();
    let said = || {
        let spoken = asked.clone().filter(|one| one.is_definite());
        spoken.filter_map(|one| one.said.as_ref().ok())
    };
    let mut candidates = said().filter(|_| !zone.is_crowded);
    candidates.find_map(|one| {
        let alike: Vec<_> = said().filter(|other| are_alike(one, other)).collect();
        let (count, twice) = (alike.len(), alike.len().saturating_mul(2));
        // Where a zone is cut is found once for all.
        let places = matches!(one, Said::Answer(_));
        let alone = places && count >= enough && said().count() == count;
        let half = twice == all && count.saturating_add(silent) == all;
        let counts = twice > all || alone || half;
        if !counts {
            return None;
        }
        let children: Vec<_> = alike.iter().filter_map(|said| said.referral()).collect();
        match Zone::in_common(&children, all) {
            Some(child) => Some(Said::Referral(child)),
            None => Some(one.clone()),
        }
    })
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
