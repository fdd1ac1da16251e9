//! From replies to an answer: the aliases are walked by owner name, and nothing else counts.

use std::mem;
use std::net::SocketAddr;

use super::exchange::{Exchange, Reply, Rr};
use super::{Budget, LookupError};
use crate::dns::{
    Alias, Answer, ExtendedError, LookupFailure, MAX_ALIASES, Outcome, Question, RecordData,
    RecordType, ResourceRecord,
};
use crate::name::OwnerName;

const NO_ERROR: u16 = 0;
const NX_DOMAIN: u16 = 3;
const REFUSED: u16 = 5;
const NOT_AUTH: u16 = 9;

/// Asks `server`, and again for the target where a reply's aliases lead out of what it says.
pub(crate) async fn follow(
    exchange: &Exchange,
    server: SocketAddr,
    question: &Question,
    budget: &Budget,
) -> Result<Answer, LookupError> {
    let mut walk = Walk::new(question.clone());
    loop {
        let reply = exchange.ask(server, walk.question(), budget).await?;
        if let Some(outcome) = walk.take(reply)? {
            return Ok(walk.into_answer(outcome));
        }
    }
}

/// A walk from the asked name to the end of its aliases, over one reply or several.
#[derive(Debug)]
pub(crate) struct Walk {
    /// What is to be asked next; its name is where the walk stands.
    question: Question,
    aliases: Vec<Alias>,
    authoritative: bool,
    extended_errors: Vec<ExtendedError>,
}

impl Walk {
    pub(crate) fn new(question: Question) -> Self {
        Self {
            question,
            aliases: Vec::new(),
            authoritative: true,
            extended_errors: Vec::new(),
        }
    }

    /// What is to be asked.
    pub(crate) fn question(&self) -> &Question {
        &self.question
    }

    /// Walks on over a reply to [`question`](Self::question). `None`: the aliases lead to a name
    /// of which the reply says nothing, and it is to be asked.
    pub(crate) fn take(&mut self, mut reply: Reply) -> Result<Option<Outcome>, LookupFailure> {
        let extended = mem::take(&mut reply.extended_errors);
        match reply.rcode {
            NO_ERROR | NX_DOMAIN => {}
            // A server that knows the alias, but not its target.
            REFUSED | NOT_AUTH if !self.aliases.is_empty() => return Err(self.broken()),
            rcode => return Err(LookupFailure::Server { rcode, extended }),
        }
        self.authoritative &= reply.authoritative;
        self.extended_errors.extend(extended);

        let walked = self.aliases.len();
        loop {
            let records = self.take_records(&mut reply.records);
            match reply.rcode {
                _ if records.is_empty() => {}
                NO_ERROR => return Ok(Some(Outcome::Records(records))),
                // It denies what it shows.
                rcode => return Err(LookupFailure::server(rcode)),
            }
            let Some(alias) = self.next_alias(&reply.records) else {
                break;
            };
            if self.aliases.len() == MAX_ALIASES {
                return Ok(Some(Outcome::AliasTooLong));
            }
            let target = alias.target().clone();
            self.aliases.push(alias);
            if self.aliases.iter().any(|alias| *alias.owner() == target) {
                return Ok(Some(Outcome::AliasLoop));
            }
            self.question = Question::new(target, self.question.record_type());
        }
        self.at_end(reply, self.aliases.len() > walked)
    }

    /// The answer of a walk that has ended.
    pub(crate) fn into_answer(self, outcome: Outcome) -> Answer {
        Answer::new(outcome)
            .with_aliases(self.aliases)
            .with_authoritative(self.authoritative)
            .with_extended_errors(self.extended_errors)
    }

    /// Takes the records of the asked type at this very name out of the section.
    fn take_records(&self, section: &mut Vec<Rr>) -> Vec<ResourceRecord> {
        let wanted = |rr: &mut Rr| {
            rr.record_type == self.question.record_type() && rr.owner == *self.question.name()
        };
        let records = section.extract_if(.., wanted);
        records
            .map(|rr| ResourceRecord::new(rr.ttl, rr.data))
            .collect()
    }

    /// The alias at this very name; else one made of a DNAME above it, which stands in for the
    /// CNAME that belongs beside it (RFC 6672 §3.1, A-01).
    fn next_alias(&self, section: &[Rr]) -> Option<Alias> {
        let at = self.question.name();
        let redirects = |record_type| {
            section
                .iter()
                .filter(move |rr| rr.record_type == record_type)
                .filter_map(|rr| {
                    let RecordData::Name(target) = &rr.data else {
                        return None;
                    };
                    Some((&rr.owner, target, rr.ttl))
                })
        };
        let cname = redirects(RecordType::CNAME).find(|(owner, ..)| *owner == at);
        if let Some((_, target, ttl)) = cname {
            return Some(Alias::new(at.clone(), target.clone(), ttl));
        }
        redirects(RecordType::DNAME).find_map(|(owner, target, ttl)| {
            let below = at.labels().count().checked_sub(owner.labels().count())?;
            if below == 0 || !at.is_within(owner) {
                return None;
            }
            let labels = at.labels().take(below).chain(target.labels());
            Some(Alias::new(
                at.clone(),
                OwnerName::from_labels(labels).ok()?,
                ttl,
            ))
        })
    }

    /// At a name with neither records nor an alias: what does its silence mean?
    fn at_end(&mut self, reply: Reply, moved: bool) -> Result<Option<Outcome>, LookupFailure> {
        let at = self.question.name();
        let speaks_of_it = reply
            .soa
            .as_ref()
            .is_some_and(|soa| at.is_within(soa.owner()));
        if moved && !speaks_of_it {
            return Ok(None);
        }
        if reply.rcode == NX_DOMAIN {
            return Ok(Some(Outcome::nx_domain(reply.soa)));
        }
        if reply.soa.is_none() {
            if !self.aliases.is_empty() {
                return Err(self.broken());
            }
            if reply.referral {
                return Err(LookupFailure::Referral);
            }
        }
        Ok(Some(Outcome::no_data(reply.soa)))
    }

    fn broken(&self) -> LookupFailure {
        LookupFailure::BrokenChain {
            at: self.question.name().clone(),
        }
    }
}

#[cfg(test)]
mod tests;
