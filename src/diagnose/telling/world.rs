//! A challenge that was looked for, for reports about it.

use super::catalogue::{self, OWNER, TOKEN, instant, name};
use crate::challenge::Challenge;
use crate::diagnose::{Code, Diagnosis, Finding, Hints, History, Inquiry, Seen, tenant};
use crate::dns::{
    Alias, Answer, Group, LookupFailure, NameServer, Observation, Outcome, Perspective,
    PerspectiveId, Purpose, Question, View,
};
use crate::evaluate::Case;
use crate::issue::{self, Terms};
use crate::name::{AccountId, Naming, ProviderName, Scope};
use crate::policy::{Policy, Rules};
use crate::suffix::SuffixGuard;
use crate::token::{ChallengeId, Token};

/// The perspective whose operator nobody declared.
pub(super) const UNKNOWN: &str = "office-resolver-10.1.2.3";

pub(super) struct World {
    pub(super) challenge: Challenge,
    pub(super) rules: Rules,
    pub(super) seen: Vec<Observation>,
    pub(super) history: History,
    pub(super) hints: Hints,
}

fn id(text: &str) -> PerspectiveId {
    PerspectiveId::new(text).unwrap()
}

impl World {
    pub(super) fn new() -> Self {
        let naming = Naming::builder(ProviderName::new("x").unwrap());
        let request = issue::admit(
            &naming.build().unwrap(),
            &SuffixGuard::default(),
            &AccountId::new("t").unwrap(),
            &"example.com".parse().unwrap(),
            Scope::Host,
        );
        let challenge = issue::compose(
            request.unwrap(),
            ChallengeId::from_bytes([7; 16]),
            Token::new(TOKEN).unwrap(),
            &Terms::new(),
            instant(-172_800),
        );
        let challenge = challenge.unwrap();
        assert_eq!(*challenge.owner(), name(OWNER));
        let public = Perspective::new(id("quad-3-udp")).with_group(Group::Operator(id("Quad3")));
        let servers = Perspective::new(id("zone-servers-eu"))
            .with_group(Group::Operator(id("authoritative")))
            .with_view(View::Authoritative);
        let unknown = Perspective::new(id(UNKNOWN)).with_region(id("cellar"));
        let policy = Policy::k_of_n(2, 2).unwrap();
        let policy = policy.with_wildcards(crate::policy::Wildcards::Accept);
        let rules = Rules::new(policy, vec![public, servers, unknown]);
        Self {
            challenge,
            rules: rules.unwrap(),
            seen: Vec::new(),
            history: History::new(),
            hints: Hints::new(),
        }
    }

    /// Adds what somebody saw, and says where that was.
    pub(super) fn see(
        &mut self,
        who: &str,
        question: Question,
        saw: Result<Answer, LookupFailure>,
    ) -> Seen {
        let (from, to) = (instant(-2), instant(-1));
        let mut one = Observation::replayed(id(who), question, Purpose::Record, from, to, saw);
        if who == "zone-servers-eu" {
            let server = NameServer::new(name("example.com"), name("ns1.dns.example"))
                .with_address("192.0.2.53:53".parse().unwrap())
                .with_serial(2_026_113_002);
            one = one.with_server(server);
        }
        self.seen.push(one);
        Seen::of(self.seen.last().unwrap())
    }

    pub(super) fn inquiry(&self) -> Inquiry<'_> {
        let case = Case::new(&self.challenge, &self.rules, &self.seen, instant(0));
        Inquiry::new(case, &self.history, &self.hints, instant(1))
    }

    /// A diagnosis with these findings, whatever was seen.
    pub(super) fn diagnosis(&self, findings: Vec<Finding>) -> Diagnosis {
        let inquiry = self.inquiry();
        let tenant = tenant::hidden(&inquiry, findings.clone());
        Diagnosis::told(&inquiry, findings, tenant)
    }

    /// A diagnosis of one mistake, as three perspectives saw it.
    pub(super) fn of(codes: &[Code], sample: fn(Code) -> Finding) -> Diagnosis {
        let mut world = Self::new();
        let findings = codes.iter().map(|&code| {
            let mut finding = sample(code);
            let answer = Answer::txt([catalogue::data(code)]);
            let question = world.challenge.question();
            for who in ["quad-3-udp", "zone-servers-eu", UNKNOWN] {
                let seen = world.see(who, question.clone(), Ok(answer.clone()));
                finding.seen.push(seen);
            }
            finding
        });
        let findings = findings.collect();
        world.diagnosis(findings)
    }
}

/// An answer that an alias leads to.
pub(super) fn alias(target: &str) -> Answer {
    let alias = Alias::new(name(OWNER), name(target), 300);
    Answer::new(Outcome::nx_domain(None)).with_aliases(vec![alias])
}
