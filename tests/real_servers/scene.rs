//! The challenges of all cases, the zones that answer for them, and verifiers to look with.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dcv::challenge::{Challenge, Form};
use dcv::dns::{AbsenceKind, Answer, LookupFailure, Observation, Outcome};
use dcv::evaluate::Examination;
use dcv::issue::Style;
use dcv::lookup::{HickoryLookup, Observer};
use dcv::name::{AccountId, DomainName, Scope};
use dcv::policy::Policy;
use dcv::record::Syntax;
use dcv::service::Dcv;
use dcv::system::{SystemClock, TokioTimer};
use dcv::verify::{DnsVerifier, DnsVerifierBuilder, Verifier};

use crate::servers::{Knot, zone};

pub(crate) const PROVIDER: &str = "example-saas";
pub(crate) const LABEL: &str = "_example-saas-challenge";

/// Far beyond every deadline: whoever is still running then hangs.
pub(crate) const HANGS: Duration = Duration::from_secs(60);

/// The cases for which the zone holds no value.
const EMPTY: [&str; 8] = [
    "different",
    "nxdomain",
    "nodata",
    "dangling",
    "typeless",
    "dangling-across",
    "loop",
    "loop-across",
];

/// A challenge for every case, by the case's name: `plain` is about `plain.example.com`.
pub(crate) struct Scene(HashMap<String, Challenge>);

impl Scene {
    pub(crate) async fn issue(cases: impl IntoIterator<Item = &str>) -> Self {
        let (space, comma) = (issuer(Syntax::Space), issuer(Syntax::LegacyComma));
        let account = account();
        let mut challenges = HashMap::new();
        for case in cases {
            let domain = DomainName::parse(&format!("{case}.example.com")).unwrap();
            let issuer = if case == "legacy" { &comma } else { &space };
            let challenge = issuer.issue(&account, &domain, Scope::Host).await.unwrap();
            challenges.insert(case.to_owned(), challenge);
        }
        Self(challenges)
    }

    /// One for every case that the zones hold.
    pub(crate) async fn issue_all() -> Self {
        let zones = [zone::EXAMPLE_COM, zone::EXAMPLE_NET];
        Self::issue(zones.into_iter().flat_map(zone::cases).chain(EMPTY)).await
    }

    pub(crate) fn challenge(&self, case: &str) -> &Challenge {
        let challenge = self.0.get(case);
        challenge.unwrap_or_else(|| panic!("no challenge was issued for the case {case}"))
    }

    /// What the zone holds for a case, which is not always what was asked for.
    fn published(&self, case: &str) -> String {
        let value = self.challenge(case).record().value();
        match case {
            "other-token" => self.challenge("plain").record().value().to_owned(),
            "suffixed" => format!("{value} (verifies us)"),
            "attributes" => format!("{value} note=ours and-more"),
            "longer" => {
                let (token, rest) = value.split_once(' ').unwrap();
                format!("{token}x {rest}")
            }
            "twice" => format!("{value} {value}"),
            "prefixed" => format!("challenge: {value}"),
            "cut" => {
                let (token, rest) = value.split_once(' ').unwrap();
                format!("{} {rest}", &token[..token.len() - 1])
            }
            "upper" => value.to_ascii_uppercase(),
            "quoted" => format!("\"{value}\""),
            "comma" => value.replace(' ', ","),
            "doubled" => format!(" {} ", value.replace(' ', "  ")),
            "bare" => {
                let (token, _) = value.split_once(' ').unwrap();
                token.strip_prefix("token=").unwrap().to_owned()
            }
            _ => value.to_owned(),
        }
    }

    pub(crate) fn example_com(&self) -> String {
        zone::fill(zone::EXAMPLE_COM, LABEL, |case| self.published(case))
    }

    pub(crate) fn example_net(&self) -> String {
        zone::fill(zone::EXAMPLE_NET, LABEL, |case| self.published(case))
    }

    /// Knot with both zones.
    pub(crate) fn knot(&self) -> Knot {
        let (com, net) = (self.example_com(), self.example_net());
        Knot::start(&[("example.com", &com), ("example.net", &net)])
    }
}

pub(crate) fn account() -> AccountId {
    AccountId::new("tenant-42").unwrap()
}

/// Issues challenges and looks for nothing.
fn issuer(syntax: Syntax) -> Dcv {
    let builder = Dcv::builder(PROVIDER).unwrap();
    builder
        .style(Style::new(Form::Draft(syntax)))
        .build()
        .unwrap()
}

/// A verifier of a single perspective.
pub(crate) fn at(server: SocketAddr) -> DnsVerifier {
    looking_through(HickoryLookup::observers_for([server]))
        .policy(Policy::single_resolver())
        .build()
        .unwrap()
}

pub(crate) fn looking_through(
    observers: impl IntoIterator<Item = impl Observer + 'static>,
) -> DnsVerifierBuilder {
    let builder = DnsVerifier::builder(Arc::new(SystemClock::new()), Arc::new(TokioTimer::new()));
    let observers = observers.into_iter();
    observers.fold(builder, |builder, observer| builder.observer(observer))
}

/// Looks, once, and ends.
pub(crate) async fn examine(verifier: &DnsVerifier, challenge: &Challenge) -> Examination {
    tokio::time::timeout(HANGS, verifier.examine(challenge))
        .await
        .expect("the check hangs")
}

/// `validated/quorum` and the like.
pub(crate) fn verdict(examination: &Examination) -> String {
    let verdict = examination.verdict();
    format!("{}/{}", verdict.name(), verdict.code())
}

/// What the observation shows that the verdict rests on.
pub(crate) fn decisive(examination: &Examination) -> String {
    examination
        .decisive()
        .map_or_else(|| "nothing".to_owned(), seen)
}

/// Everything that was seen, a line each.
pub(crate) fn report(examination: &Examination) -> String {
    let observations = examination.observations().iter();
    let lines = observations.map(|one| {
        let (who, name) = (one.perspective(), one.question().name());
        format!("  {who} {:?} {name} {}\n", one.purpose(), seen(one))
    });
    format!("{}\n{}", verdict(examination), lines.collect::<String>())
}

/// What an observation shows, in a few words.
pub(crate) fn seen(observation: &Observation) -> String {
    match observation.result() {
        Ok(answer) => answered(answer),
        Err(LookupFailure::Server { rcode, extended }) => {
            let extended = extended
                .iter()
                .map(|error| format!(", extended {}", error.code()));
            format!("rcode {rcode}{}", extended.collect::<String>())
        }
        Err(LookupFailure::BrokenChain { at }) => format!("broken at {at}"),
        Err(failure) => format!("{failure:?}"),
    }
}

fn answered(answer: &Answer) -> String {
    let outcome = match answer.outcome() {
        Outcome::Records(records) => match records.len() {
            1 => "1 record".to_owned(),
            count => format!("{count} records"),
        },
        Outcome::Absent(absence) => {
            let what = match absence.kind() {
                AbsenceKind::NxDomain => "no name",
                AbsenceKind::NoData => "no data",
                other => panic!("{other:?}"),
            };
            match absence.soa() {
                Some(soa) => format!("{what} in {}", soa.owner()),
                None => format!("{what} by nobody"),
            }
        }
        Outcome::Elsewhere => "elsewhere".to_owned(),
        Outcome::AliasLoop => "a loop".to_owned(),
        Outcome::AliasTooLong => "no end".to_owned(),
        other => panic!("{other:?}"),
    };
    match answer.aliases().len() {
        0 => outcome,
        1 => format!("1 alias, {outcome}"),
        count => format!("{count} aliases, {outcome}"),
    }
}
