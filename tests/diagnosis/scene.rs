//! Scenes: a challenge, what was seen for it, and what is found.

use dcv::challenge::Challenge;
use dcv::diagnose::{Code, Finding, Hints, History, Inquiry, Probe, Value, findings, plan};
use dcv::dns::{
    Absence, AbsenceKind, Alias, Answer, Group, NameServer, Observation, Outcome, Perspective,
    Purpose, Question, RecordData, RecordType, ResourceRecord, View,
};
use dcv::evaluate::Case;
use dcv::name::OwnerName;
use dcv::policy::{Policy, Rules};
use time::{Duration, UtcDateTime};

use crate::cases::{self, Seen, asked, challenge, eye, id, now, soa};

pub(crate) fn name(text: &str) -> OwnerName {
    OwnerName::parse(text).unwrap()
}

/// When the application looks again by itself, in these scenes.
pub(crate) fn next() -> UtcDateTime {
    now() + Duration::minutes(5)
}

/// Two resolvers, `one` and `two`, the zone's own servers, `own`, and `home`, which nobody knows
/// the operator of.
pub(crate) fn rules() -> Rules {
    let own = eye("own").with_view(View::Authoritative);
    let home = Perspective::new(id("home")).with_group(Group::Unknown);
    let perspectives = vec![eye("one"), eye("two"), own, home];
    Rules::new(Policy::k_of_n(2, 3).unwrap(), perspectives).unwrap()
}

/// A case, and what is known beside it.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) challenge: Challenge,
    pub(crate) rules: Rules,
    pub(crate) seen: Vec<Observation>,
    pub(crate) asked: Vec<Probe>,
    pub(crate) rounds: u8,
    pub(crate) history: History,
    pub(crate) hints: Hints,
    pub(crate) now: UtcDateTime,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::of(challenge())
    }

    pub(crate) fn of(challenge: Challenge) -> Self {
        Self {
            challenge,
            rules: rules(),
            seen: Vec::new(),
            asked: Vec::new(),
            rounds: 0,
            history: History::new(),
            hints: Hints::new(),
            now: now(),
        }
    }

    pub(crate) fn with_inquiry<T>(&self, look: impl FnOnce(&Inquiry<'_>) -> T) -> T {
        let case = Case::new(&self.challenge, &self.rules, &self.seen, self.now);
        let inquiry = Inquiry::new(case, &self.history, &self.hints, self.now)
            .after(self.rounds, &self.asked)
            .next_check_at(Some(next()));
        look(&inquiry)
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.with_inquiry(findings)
    }

    pub(crate) fn plan(&self) -> Vec<Probe> {
        self.with_inquiry(plan)
    }

    /// The words of all codes, in their order.
    pub(crate) fn codes(&self) -> String {
        let findings = self.findings();
        let codes: Vec<_> = findings.iter().map(|one| one.code().as_str()).collect();
        codes.join(" ")
    }

    pub(crate) fn finding(&self, code: Code) -> Finding {
        let findings = self.findings();
        let found = findings.iter().find(|one| one.code() == code);
        found
            .unwrap_or_else(|| panic!("{code}: {:?}", self.codes()))
            .clone()
    }

    /// What this perspective was told of the record.
    pub(crate) fn record(mut self, who: &str, seen: Seen) -> Self {
        let question = self.challenge.question();
        self.seen
            .push(asked(&id(who), question, Purpose::Record, seen));
        self
    }

    /// What both resolvers and the server `ns1` were told of the record.
    pub(crate) fn all(self, seen: &Seen) -> Self {
        let authoritative = seen.clone().map(|answer| answer.with_authoritative(true));
        self.record("one", seen.clone())
            .record("two", seen.clone())
            .server("ns1", authoritative)
    }

    /// What a server of the zone, `ns1` to `ns9` in example.net, said of the record.
    pub(crate) fn server(mut self, who: &str, seen: Seen) -> Self {
        let question = self.challenge.question();
        let one = asked(&id("own"), question, Purpose::Record, seen);
        self.seen.push(one.with_server(server(who)));
        self
    }

    /// What a probe through the resolver `one` saw.
    pub(crate) fn probed(mut self, name: OwnerName, record_type: RecordType, seen: Seen) -> Self {
        let question = Question::new(name, record_type);
        self.asked.push(Probe::Resolver(question.clone()));
        self.seen
            .push(asked(&id("one"), question, Purpose::Diagnosis, seen));
        self
    }

    pub(crate) fn rounds(mut self, rounds: u8) -> Self {
        self.rounds = rounds;
        self
    }
}

pub(crate) fn server(who: &str) -> NameServer {
    NameServer::new(name("example.com"), name(&format!("{who}.example.net")))
}

pub(crate) fn right() -> Seen {
    cases::found(&challenge())
}

pub(crate) fn authoritative(seen: Seen) -> Seen {
    seen.map(|answer| answer.with_authoritative(true))
}

pub(crate) fn txt(values: &[&str]) -> Seen {
    Ok(Answer::txt(values))
}

pub(crate) fn nodata(zone: &str) -> Seen {
    Ok(Answer::new(Outcome::Absent(Absence::new(
        AbsenceKind::NoData,
        Some(soa(zone)),
    ))))
}

/// Records of another type.
pub(crate) fn other(octets: &[&[u8]]) -> Seen {
    let records = octets
        .iter()
        .map(|one| ResourceRecord::new(300, RecordData::Other(one.to_vec())));
    Ok(Answer::new(Outcome::Records(records.collect())))
}

pub(crate) fn names(names: &[&str]) -> Seen {
    let records = names
        .iter()
        .map(|text| ResourceRecord::new(300, RecordData::Name(name(text))));
    Ok(Answer::new(Outcome::Records(records.collect())))
}

/// The same behind aliases from the owner name on.
pub(crate) fn through(chain: &[&str], seen: Seen) -> Seen {
    through_from(challenge().owner(), chain, seen)
}

pub(crate) fn through_from(from: &OwnerName, chain: &[&str], seen: Seen) -> Seen {
    let mut at = from.clone();
    let aliases = chain.iter().map(|target| {
        let target = name(target);
        let alias = Alias::new(at.clone(), target.clone(), 300);
        at = target;
        alias
    });
    let aliases = aliases.collect();
    seen.map(|answer| answer.with_aliases(aliases))
}

/// A parameter, as short text.
pub(crate) fn shown(finding: &Finding, key: &str) -> String {
    match finding.param(key) {
        None => "none".to_owned(),
        Some(Value::Name(name)) => name.to_string(),
        Some(Value::Names(names)) => {
            let names: Vec<_> = names.iter().map(ToString::to_string).collect();
            names.join(" ")
        }
        Some(Value::Data(data)) => String::from_utf8_lossy(data).into_owned(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Type(record_type)) => record_type.to_string(),
        Some(Value::Types(types)) => {
            let types: Vec<_> = types.iter().map(ToString::to_string).collect();
            types.join(" ")
        }
        Some(Value::Instant(at)) => (*at - now()).whole_seconds().to_string(),
        Some(Value::Duration(span)) => span.as_secs().to_string(),
        Some(Value::Count(count)) => count.to_string(),
        Some(Value::Failure(failure)) => failure.to_string(),
        other => format!("{other:?}"),
    }
}
