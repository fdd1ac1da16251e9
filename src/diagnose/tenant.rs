//! What a tenant may see of the findings (S-17).
//!
//! Nothing of other accounts: the findings are made anew, from a history in which another account's
//! token is an unknown one, so that neither words nor order nor numbers tell the two apart. No
//! addresses, be it those that serve as somebody's name, and nothing of how the service is set up:
//! an operator's name stands for its resolvers, a number for one that is named by its address, and
//! no name for those whose operator nobody declared. What only these saw, such as a name inside of
//! the operator's network, is not repeated.

use std::collections::HashSet;

use super::address::has_address;
use super::facts::Facts;
use super::findings::found;
use super::{Code, Finding, History, Inquiry, Origin, Param, Seen, Value};
use crate::dns::{
    ExtendedError, Group, LookupFailure, NameServer, Observation, Outcome, PerspectiveId,
    RecordData, View,
};
use crate::name::OwnerName;

/// What stands for a perspective that is not named.
const UNNAMED: &str = "one of our resolvers";

/// Parameters that are made of a value: they go where the value goes.
const OF_DATA: [&str; 2] = ["characters", "length"];

pub(super) fn view(facts: Facts<'_>) -> Vec<Finding> {
    let history = impartial(facts.inquiry.history);
    let mut inquiry = *facts.inquiry;
    inquiry.history = &history;
    hidden(&inquiry, found(&facts.with(&inquiry)))
}

/// The history without what it knows of other accounts.
fn impartial(history: &History) -> History {
    let mut history = history.clone();
    for known in &mut history.tokens {
        if known.origin == Origin::OtherAccount {
            known.origin = Origin::Unknown;
        }
    }
    history
}

/// Findings without what is not for tenants.
pub(super) fn hidden(inquiry: &Inquiry<'_>, findings: Vec<Finding>) -> Vec<Finding> {
    let curtain = Curtain::before(inquiry);
    findings
        .into_iter()
        .map(|finding| curtain.finding(finding))
        .collect()
}

struct Curtain<'a> {
    inquiry: &'a Inquiry<'a>,
    /// The names that public observations show, and those that others do.
    public: HashSet<&'a OwnerName>,
    others: HashSet<&'a OwnerName>,
}

impl<'a> Curtain<'a> {
    fn before(inquiry: &'a Inquiry<'a>) -> Self {
        let mut curtain = Self {
            inquiry,
            public: HashSet::new(),
            others: HashSet::new(),
        };
        for one in inquiry.case.seen {
            if curtain.is_public(one) {
                curtain.public.extend(names(one));
            } else {
                curtain.others.extend(names(one));
            }
        }
        curtain
    }
}

impl Curtain<'_> {
    fn finding(&self, mut finding: Finding) -> Finding {
        if finding.code == Code::OtherAccountToken {
            finding.code = Code::UnknownToken;
        }
        let code = finding.code;
        let params = finding.params.into_iter();
        finding.params = params.filter_map(|param| self.param(code, param)).collect();
        if finding.param("data").is_none() {
            finding.params.retain(|param| !OF_DATA.contains(&param.key));
        }
        let seen = finding.seen.into_iter();
        finding.seen = seen.filter_map(|seen| self.seen(&seen)).collect();
        finding
    }

    fn param(&self, code: Code, Param { key, value }: Param) -> Option<Param> {
        let value = match value {
            // How the service is set up.
            Value::Text(_) if code == Code::UnknownFormat && key == "format" => return None,
            Value::Text(id) if key == "inside" => Value::Text(self.eye(&id)?),
            Value::Data(octets) if !self.is_public_data(&octets) => return None,
            Value::Name(name) if self.is_private(&name) => return None,
            Value::Names(mut names) => {
                names.retain(|name| !self.is_private(name));
                Value::Names(names)
            }
            Value::Failure(failure) => Value::Failure(self.failure(failure)),
            other => other,
        };
        Some(Param { key, value })
    }

    /// The name of who runs a perspective.
    fn eye(&self, id: &str) -> Option<String> {
        let id = PerspectiveId::new(id).ok()?;
        self.operator(&id).map(|name| name.to_string())
    }

    fn operator(&self, id: &PerspectiveId) -> Option<PerspectiveId> {
        let rules = self.inquiry.case.rules;
        let Group::Operator(name) = rules.perspective(id)?.group() else {
            return None;
        };
        if !has_address(name.as_str().as_bytes()) {
            return Some(name.clone());
        }
        // Told apart by their numbers, in the order in which they are configured.
        let mut operators: Vec<&PerspectiveId> = Vec::new();
        for perspective in rules.perspectives() {
            if let Group::Operator(name) = perspective.group()
                && has_address(name.as_str().as_bytes())
                && !operators.contains(&name)
            {
                operators.push(name);
            }
        }
        let position = operators.iter().position(|known| *known == name)?;
        Some(PerspectiveId::own(&format!(
            "resolver {}",
            position.saturating_add(1)
        )))
    }

    fn seen(&self, seen: &Seen) -> Option<Seen> {
        if self.is_private(seen.question().name()) {
            return None;
        }
        let perspective = match self.operator(seen.perspective()) {
            Some(operator) => operator,
            None => PerspectiveId::own(UNNAMED),
        };
        let server = seen.server().map(|server| {
            let named = NameServer::new(server.zone().clone(), server.name().clone());
            match server.serial() {
                Some(serial) => named.with_serial(serial),
                None => named,
            }
        });
        Some(seen.as_shown(perspective, server))
    }

    fn failure(&self, failure: LookupFailure) -> LookupFailure {
        let open = |mut extended: Vec<ExtendedError>| {
            for error in &mut extended {
                if has_address(error.text()) || !self.is_public_error(error) {
                    *error = ExtendedError::new(error.code(), b"");
                }
            }
            extended
        };
        match failure {
            LookupFailure::Server { rcode, extended } => LookupFailure::Server {
                rcode,
                extended: open(extended),
            },
            LookupFailure::Bogus { extended } => LookupFailure::Bogus {
                extended: open(extended),
            },
            LookupFailure::BrokenChain { at } if self.is_private(&at) => LookupFailure::Other,
            // Whether a name leads to an address inside is nobody's business.
            LookupFailure::AddressRefused | LookupFailure::NoAddress => LookupFailure::Transport,
            other => other,
        }
    }

    /// Whether an observation may be repeated: its operator is declared, or the zone's own servers
    /// were asked, which answer everybody.
    fn is_public(&self, one: &Observation) -> bool {
        let eye = self.inquiry.case.rules.perspective(one.perspective());
        eye.is_some_and(|eye| {
            eye.view() == View::Authoritative || matches!(eye.group(), Group::Operator(_))
        })
    }

    fn seen_in_public(&self) -> impl Iterator<Item = &Observation> {
        let seen = self.inquiry.case.seen.iter();
        seen.filter(|one| self.is_public(one))
    }

    /// Whether some public observation begins with these octets, which may have been cut.
    fn is_public_data(&self, octets: &[u8]) -> bool {
        let mut seen = self.seen_in_public().flat_map(data);
        seen.any(|record| match record {
            RecordData::Txt(txt) => {
                txt.data().starts_with(octets)
                    || txt.strings().any(|string| string.starts_with(octets))
            }
            RecordData::Other(other) => other.starts_with(octets),
            RecordData::Name(_) | RecordData::Withheld(_) => false,
        })
    }

    fn is_public_error(&self, error: &ExtendedError) -> bool {
        self.seen_in_public().any(|one| has_error(one, error))
    }

    /// Whether a name was seen in answers that may not be repeated, and in no other.
    fn is_private(&self, name: &OwnerName) -> bool {
        let owner = self.inquiry.case.challenge.owner();
        !owner.is_within(name) && self.others.contains(name) && !self.public.contains(name)
    }
}

fn data(one: &Observation) -> impl Iterator<Item = &RecordData> {
    let records = match one.result().map(|answer| answer.outcome()) {
        Ok(Outcome::Records(records)) => records.as_slice(),
        _ => &[],
    };
    records.iter().map(|record| record.data())
}

fn has_error(one: &Observation, error: &ExtendedError) -> bool {
    let errors = match one.result() {
        Ok(answer) => answer.extended_errors(),
        Err(LookupFailure::Server { extended, .. } | LookupFailure::Bogus { extended }) => extended,
        Err(_) => &[],
    };
    errors.contains(error)
}

/// The names that an observation shows beside the one that was asked for.
fn names(one: &Observation) -> impl Iterator<Item = &OwnerName> {
    let end = match one.result() {
        Err(LookupFailure::BrokenChain { at }) => Some(at),
        _ => None,
    };
    let aliases = one.result().map_or(&[][..], |answer| answer.aliases());
    let soa = match one.result().map(|answer| answer.outcome()) {
        Ok(Outcome::Absent(absence)) => absence.soa(),
        _ => None,
    };
    let records = data(one).filter_map(|data| match data {
        RecordData::Name(name) => Some(name),
        _ => None,
    });
    let aliases = aliases.iter();
    let aliases = aliases.flat_map(|alias| [alias.owner(), alias.target()]);
    end.into_iter()
        .chain(aliases)
        .chain(soa.map(|soa| soa.owner()))
        .chain(records)
}
