//! What the servers of a name say together: for the record all of them, for a probe two.

use std::sync::Arc;

use super::ask::{Asked, Asker, Said, agreed_referral, common_target};
use super::find::MAX_CUTS;
use crate::dns::{Answer, LookupFailure, MAX_ALIASES, Observation, Outcome, Question};
use crate::lookup::LookupError;

impl Asker<'_> {
    /// How many servers are asked for a probe's name, or more than half of them: so many that a few
    /// who lie are not among themselves.
    const PROBED: usize = 4;

    /// Every server of the name's zone; and where they all lead to another name, every server of
    /// that one's zone.
    pub(super) async fn view(&self, question: &Question) -> Vec<Observation> {
        let mut seen = Vec::new();
        let mut question = question.clone();
        let mut walked = vec![question.name().clone()];
        let mut aliases = 0_usize;
        loop {
            let asked = match self.stage(&question).await {
                Ok(asked) => asked,
                Err(one) => {
                    seen.push(one);
                    return seen;
                }
            };
            let next = common_target(&asked, question.name());
            seen.extend(asked.into_iter().map(|one| self.record(&question, one)));
            let Some((target, steps)) = next else {
                return seen;
            };
            aliases = aliases.saturating_add(steps);
            // That it leads in a circle, or too far, is seen in what was said already.
            if walked.contains(&target) || aliases > MAX_ALIASES {
                return seen;
            }
            walked.push(target.clone());
            question = Question::new(target, question.record_type());
        }
    }

    /// The servers of the zone of one name. Where most of them say that the name lies in a zone
    /// below, the servers of that one; whoever says something else about the name stays in sight.
    async fn stage(&self, question: &Question) -> Result<Vec<Asked>, Observation> {
        let started_at = self.look.now();
        let mut zone = match self.zone_of(question, 0).await {
            Ok(zone) => zone,
            Err(error) => {
                let (who, result) = (self.view.perspective.id(), Err(error.into_failure()));
                return Err(self.look.record(who, question, started_at, result));
            }
        };
        let mut seen = Vec::new();
        for _ in 0..=MAX_CUTS {
            let asked = self.ask_all(&zone, question).await;
            let Some(child) = agreed_referral(&asked) else {
                seen.extend(asked);
                return Ok(seen);
            };
            zone = self.memo.learn(child);
            // Of whom we did not hear nobody knows what it says of the name; and who delegates it to
            // others says something else.
            let speaks = |one: &Asked| match &one.said {
                Ok(Said::Answer(answer)) => answer.is_authoritative(),
                Ok(Said::Referral(other)) => other.contradicts(&zone),
                Err(failure) => failure.is_ours(),
            };
            seen.extend(asked.into_iter().filter(speaks));
        }
        Ok(seen)
    }

    /// The servers of the name's zone, each with what its answer leads to: up to four, or more than
    /// half of them. Those that are silent are passed over, and hold nobody up.
    pub(super) async fn probe(&self, question: &Question) -> Vec<Observation> {
        let started_at = self.look.now();
        let zone = match self.zone_of(question, 0).await {
            Ok(zone) => zone,
            Err(error) => {
                let (who, result) = (self.view.perspective.id(), Err(error.into_failure()));
                return vec![self.look.record(who, question, started_at, result)];
            }
        };
        // Who was silent when the record was asked for was asked in full.
        let mut servers: Vec<_> = self.in_any_order(&zone).collect();
        let audible = servers.iter().filter(|one| !self.memo.is_silent(&one.name));
        let audible = audible.count();
        if audible > 0 {
            servers.truncate(audible);
        }
        servers.truncate(if zone.is_at_top() {
            Self::AT_TOP
        } else {
            Self::PROBED.max(zone.servers.len() / 2 + 1)
        });
        let zone = &zone;
        let ask = |_, server| async move {
            let mut one = self.ask_server(zone, server, question, 0).await;
            one.said = match one.said {
                Ok(said) => self
                    .to_the_end(question, said)
                    .await
                    .map_err(LookupError::into_failure),
                Err(failure) => Err(failure),
            };
            one.finished_at = self.look.now();
            one
        };
        let asked = self.hear(zone, &servers, ask, |_| false).await;
        asked
            .into_iter()
            .map(|one| self.record(question, one))
            .collect()
    }

    /// Follows what a server said to its end, by what the servers of each further zone agree on.
    async fn to_the_end(&self, question: &Question, said: Said) -> Result<Said, LookupError> {
        let mut answer = match said {
            Said::Answer(answer) => answer,
            // What one server says of a zone below is its own word, and nobody else's.
            Said::Referral(child) => self.resolve_from(Arc::new(child), question, 0, 0).await?,
        };
        while *answer.outcome() == Outcome::Elsewhere {
            let at = answer.final_name(question.name());
            let at = at.ok_or(LookupFailure::MalformedReply)?.clone();
            let next = Question::new(at, question.record_type());
            answer = joined(answer, self.resolve(&next, 0, 0).await?);
        }
        Ok(Said::Answer(answer))
    }

    pub(super) fn record(&self, question: &Question, asked: Asked) -> Observation {
        let result = match asked.said {
            Ok(Said::Answer(answer)) => Ok(answer),
            Ok(Said::Referral(_)) => Err(LookupFailure::Referral),
            Err(failure) => Err(failure),
        };
        let during = (asked.started_at, asked.finished_at);
        let who = self.view.perspective.id();
        self.look
            .record_at(who, asked.server, question, during, result)
    }
}

/// One answer of two, of which the second begins where the first ends.
fn joined(first: Answer, second: Answer) -> Answer {
    let aliases: Vec<_> = first
        .aliases()
        .iter()
        .chain(second.aliases())
        .cloned()
        .collect();
    let mut outcome = second.outcome().clone();
    let returns = aliases
        .last()
        .is_some_and(|last| aliases.iter().any(|alias| alias.owner() == last.target()));
    if returns && outcome == Outcome::Elsewhere {
        outcome = Outcome::AliasLoop;
    }
    if aliases.len() > MAX_ALIASES {
        outcome = Outcome::AliasTooLong;
    }
    let authoritative = first.is_authoritative() && second.is_authoritative();
    let kept = aliases.into_iter().take(MAX_ALIASES).collect();
    second
        .with_aliases(kept)
        .with_authoritative(authoritative)
        .with_outcome(outcome)
}
