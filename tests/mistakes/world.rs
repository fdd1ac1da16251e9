//! One Internet with a zone for every mistake, and resolvers that look at it.

use std::net::SocketAddr;
use std::time::Duration;

use dcv::clock::ManualClock;
use dcv::diagnose::Hints;
use dcv::dns::{Group, Perspective};
use dcv::lookup::{AddressFilter, AuthoritativeLookup, FixedLookup, HickoryLookup, TxtObserver};
use dcv::policy::Policy;
use dcv::service::{Check, DcvBuilder};
use dcv::system::TokioTimer;
use dcv::{AccountId, Challenge, Dcv, DomainName, Scope};
use time::UtcDateTime;

use crate::servers::internet::{Builder, Tcp};
use crate::servers::wire::{self, Question, Transport, Type};
use crate::servers::{Bind, Internet, Signing, Unbound, Zone};
use crate::table::{Deed, Mistake};
use crate::tokens::Foreseen;

const PROVIDER: &str = "example-saas";
const LABEL: &str = "_example-saas-challenge";

/// Servers of which nobody answers, or nobody over TCP.
const SPECIAL: [&str; 4] = [
    "dead1.dns.net",
    "dead2.dns.net",
    "notcp1.dns.net",
    "notcp2.dns.net",
];

/// Servers under names of a provider.
const CLOUDFLARE: [&str; 2] = ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"];

/// When challenges are issued.
fn start() -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(1_795_435_200).unwrap()
}

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Eyes {
    /// Three resolvers and the zone's own servers, of which three must agree: the default.
    All,
    /// One resolver; a diagnosis may ask the zone's servers, which it finds through the resolver.
    Alone,
}

/// A mistake in its zone, with the right record beside it or without.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) mistake: Mistake,
    pub(crate) with_right: bool,
    apex: String,
    /// The lines of the zone.
    records: String,
    /// The line of the right record.
    right: String,
    owner: String,
}

/// What is running. What ends first stands first.
pub(crate) struct World {
    inside: Vec<(String, Unbound)>,
    special: Vec<(String, Unbound)>,
    unbound: Unbound,
    validating: Unbound,
    bind: Bind,
    internet: Internet,
}

fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

fn domain(name: &str) -> DomainName {
    DomainName::parse(name).unwrap()
}

impl Case {
    /// The mistake alone, and beside the right record where that proves.
    pub(crate) async fn of(mistake: Mistake) -> Vec<Self> {
        let mut cases = vec![Self::new(&mistake, false).await];
        if mistake.proves_beside {
            cases.push(Self::new(&mistake, true).await);
        }
        cases
    }

    async fn new(mistake: &Mistake, with_right: bool) -> Self {
        let more = if with_right { "-too" } else { "" };
        let apex = format!("{}{more}.com", mistake.name);
        let mut case = Self {
            mistake: mistake.clone(),
            with_right,
            apex,
            records: String::new(),
            right: String::new(),
            owner: String::new(),
        };
        // What will be issued can be told before: the tokens are foreseen.
        let scratch = Dcv::builder(PROVIDER).unwrap().observer(TxtObserver::new(
            Perspective::new("nobody".parse().unwrap()),
            FixedLookup::new(),
        ));
        let scratch = issuer(scratch.policy(Policy::single_resolver()));
        let issued = case.issue(&scratch).await;
        case.owner = issued.challenge.owner().to_string();
        case.right = format!(
            "{} TXT \"{}\"\n",
            case.owner,
            issued.challenge.record().value()
        );
        let lines = mistake.records.iter().map(|line| issued.fill(line, &case));
        case.records = lines.map(|line| line + "\n").collect();
        if with_right {
            case.records += &case.right;
        }
        case
    }

    fn domain(&self) -> String {
        let below = self.mistake.deeds.iter().find_map(|deed| match deed {
            Deed::Below(label) => Some(format!("{label}.")),
            _ => None,
        });
        below.unwrap_or_default() + &self.apex
    }

    fn does(&self, deed: &Deed) -> bool {
        self.mistake.deeds.contains(deed)
    }

    /// The challenge, and the tokens that others were given.
    async fn issue(&self, dcv: &Dcv) -> Issued {
        let name = domain(&self.domain());
        let tenant = account("tenant-42");
        let mut old = None;
        let mut challenge = dcv.issue(&tenant, &name, Scope::Host).await.unwrap();
        if self.does(&Deed::Reissue) {
            old = Some(token(&challenge));
            challenge = dcv.reissue(&tenant, &name, Scope::Host).await.unwrap();
        }
        let stranger = account("tenant-43");
        let other = dcv.issue(&stranger, &name, Scope::Host).await;
        let other = token(&other.unwrap());
        let elsewhere = domain(&format!("elsewhere-{}", self.apex));
        let elsewhere = dcv.issue(&tenant, &elsewhere, Scope::Host).await;
        let elsewhere = token(&elsewhere.unwrap());
        Issued {
            challenge,
            old,
            other,
            elsewhere,
        }
    }

    /// Whether the challenge is over before it is diagnosed.
    pub(crate) fn is_over(&self) -> bool {
        let mut deeds = self.mistake.deeds.iter();
        deeds.any(|deed| matches!(deed, Deed::Pass(_) | Deed::Cancel | Deed::Remove))
    }

    fn zone(&self) -> Option<Zone> {
        if self.does(&Deed::None) {
            return None;
        }
        let begin = self.mistake.deeds.iter().find_map(|deed| match deed {
            Deed::Servers(begin) => Some(begin.as_str()),
            _ => None,
        });
        let servers = match begin {
            Some("cloudflare") => CLOUDFLARE.map(str::to_owned),
            begin => [1, 2].map(|n| format!("{}{n}.dns.net", begin.unwrap_or("ns"))),
        };
        let servers = servers.each_ref().map(String::as_str);
        let published = self.mistake.deeds.iter().all(|deed| {
            !matches!(
                deed,
                Deed::Primed | Deed::At(_) | Deed::Older(_) | Deed::Elsewhere { .. }
            )
        });
        let records = if published { self.records.as_str() } else { "" };
        let mut zone = Zone::new(&self.apex, &servers, records).minimum(0);
        if self.does(&Deed::Primed) {
            zone = zone.minimum(3600);
        }
        if self.does(&Deed::Signed) {
            zone = zone.signed(Signing::new());
        }
        if self.does(&Deed::Expired) {
            zone = zone.signed(Signing::new().expired());
        }
        Some(zone)
    }
}

/// What was issued for a case.
struct Issued {
    challenge: Challenge,
    old: Option<String>,
    other: String,
    elsewhere: String,
}

impl Issued {
    /// A line of the zone, with what stands for others filled in.
    fn fill(&self, line: &str, case: &Case) -> String {
        let token = token(&self.challenge);
        let many = (0..40).map(|n| format!("{LABEL} TXT \"{n:0>200}\"\n"));
        let chain = (1..10).map(|n| format!("a{n} CNAME a{}\n", n + 1));
        let mut line = line
            .replace("{label}", LABEL)
            .replace("{value}", self.challenge.record().value())
            .replace("{token}", &token)
            .replace("{TOKEN}", &token.to_uppercase())
            .replace("{domain_relative}", &case.domain())
            .replace("{other}", &self.other)
            .replace("{elsewhere}", &self.elsewhere)
            .replace("{many}", &many.collect::<String>())
            .replace("{chain}", &chain.collect::<String>());
        if let Some(old) = &self.old {
            line = line.replace("{old}", old);
        }
        while let Some((before, rest)) = line.split_once("{token:") {
            let (range, after) = rest.split_once('}').unwrap();
            let part = match range.strip_suffix(':') {
                Some(from) => token.get(from.parse().unwrap()..),
                None => token.get(..range.parse().unwrap()),
            };
            line = format!("{before}{}{after}", part.unwrap());
        }
        assert!(!line.contains('{'), "line {}: {line}", case.mistake.line);
        line
    }
}

fn token(challenge: &Challenge) -> String {
    let expectation = challenge.expectations().first().unwrap();
    expectation.token().as_str().to_owned()
}

fn issuer(builder: DcvBuilder) -> Dcv {
    let clock = ManualClock::new(start());
    builder
        .tokens(Foreseen::default())
        .clock(clock)
        .timer(TokioTimer::new())
        .build()
        .unwrap()
}

impl World {
    pub(crate) fn start(cases: &[Case]) -> Self {
        let zones = cases.iter().filter_map(Case::zone);
        let builder = zones.fold(Internet::builder(), Builder::zone);
        let mut internet = builder
            // Nobody waits for a dead server to learn the address of one that lives.
            .zone(Zone::new("dns.net", &["ns1.dns.net", "ns3.dns.net"], ""))
            // Servers that some of the cases name: so that they are there.
            .zone(Zone::new("example.net", &SPECIAL, ""))
            .zone(Zone::new("cloudflare.com", &CLOUDFLARE, ""))
            // So that there is a key to validate from.
            .zone(Zone::new("example.org", &["ns1.dns.net"], "").signed(Signing::new()))
            .nsd(&["ns2.dns.net"])
            .dead(&["dead1.dns.net", "dead2.dns.net"])
            .start();
        for server in ["notcp1.dns.net", "notcp2.dns.net"] {
            internet.block_tcp(server, Tcp::Refused);
        }
        for case in cases {
            prepare(&mut internet, case);
        }
        let (unbound, validating) = (
            internet.unbound(false, ""),
            internet.unbound(true, "    ede: yes\n"),
        );
        let bind = internet.bind(true, "");
        let resolvers = [unbound.addr(), validating.addr(), bind.addr()];
        for case in cases.iter().filter(|case| case.does(&Deed::Primed)) {
            for resolver in resolvers {
                let question = Question::new(&case.owner, Type::TXT);
                wire::ask(resolver, Transport::Udp, &question).unwrap();
            }
            internet.publish(&case.apex, &case.records);
        }
        let inside = cases.iter().filter(|case| case.does(&Deed::Inside));
        let inside = inside.map(|case| {
            let data = case.right.trim_end();
            let lines = format!(
                "    local-zone: \"{}.\" transparent\n    local-data: '{data}'\n",
                case.apex
            );
            (case.apex.clone(), internet.unbound(false, &lines))
        });
        let inside = inside.collect();
        let special = cases.iter().filter_map(|case| {
            let lines = case.mistake.deeds.iter().find_map(|deed| match deed {
                Deed::Resolver(lines) => Some(lines.replace("{apex}", &case.apex)),
                _ => None,
            });
            Some((case.apex.clone(), internet.unbound(false, &lines?)))
        });
        let special = special.collect();
        Self {
            inside,
            special,
            unbound,
            validating,
            bind,
            internet,
        }
    }

    fn filter() -> AddressFilter {
        AddressFilter::new().allowing("127.0.0.0/8".parse().unwrap())
    }

    fn resolvers(&self) -> [SocketAddr; 3] {
        [
            self.unbound.addr(),
            self.validating.addr(),
            self.bind.addr(),
        ]
    }

    fn dcv(&self, case: &Case, eyes: Eyes, clock: &ManualClock) -> Dcv {
        let builder = Dcv::builder(PROVIDER)
            .unwrap()
            .tokens(Foreseen::default())
            .clock(clock.clone())
            .timer(TokioTimer::new())
            .deadline(Duration::from_secs(20));
        let inside = self.inside.iter().find(|(apex, _)| *apex == case.apex);
        let inside = inside.map(|(_, unbound)| {
            let lookup = HickoryLookup::from_servers([unbound.addr()]).unwrap();
            lookup.observer()
        });
        let builder = builder.observers(inside);
        let builder = match eyes {
            Eyes::All => {
                let roots = self.internet.roots().into_iter().map(|root| root.ip());
                let zone = AuthoritativeLookup::from_hints(roots)
                    .unwrap()
                    // A busy machine is no silent server.
                    .with_patience(Duration::from_secs(5));
                builder
                    .observers(HickoryLookup::observers_for(self.resolvers()))
                    .observer(zone.with_filter(Self::filter()))
                    .policy(Policy::k_of_n(3, 4).unwrap())
            }
            Eyes::Alone => {
                let special = self.special.iter().find(|(apex, _)| *apex == case.apex);
                let resolver = special
                    .map_or(&self.validating, |(_, special)| special)
                    .addr();
                let who = Perspective::new(resolver.to_string().parse().unwrap());
                let who = who.with_group(Group::Operator("resolver".parse().unwrap()));
                let lookup = HickoryLookup::from_servers([resolver]).unwrap();
                let zone = AuthoritativeLookup::through(&who, lookup).with_filter(Self::filter());
                builder
                    .observers(HickoryLookup::observers_for([resolver]))
                    .diagnose_through(zone)
                    .policy(Policy::single_resolver())
            }
        };
        builder.build().unwrap()
    }

    /// Issues the challenge, and checks it once what has to happen before has happened.
    pub(crate) async fn check(&mut self, case: &Case, eyes: Eyes) -> (Dcv, Check, Hints) {
        let clock = ManualClock::new(start());
        let dcv = self.dcv(case, eyes, &clock);
        let id = *case.issue(&dcv).await.challenge.id();
        clock.advance(Duration::from_secs(60));
        let (tenant, mut hints) = (account("tenant-42"), Hints::new());
        for deed in &case.mistake.deeds {
            match deed {
                Deed::EditedAt(provider) => hints = hints.edited_at(provider),
                Deed::Published => hints = hints.published(),
                Deed::Pass(days) => clock.advance(Duration::from_secs(days * 86_400)),
                Deed::Cancel => {
                    dcv.cancel(&tenant, &id).await.unwrap();
                }
                Deed::Remove => {
                    self.internet.publish(&case.apex, &case.records);
                    let check = dcv.verify(&tenant, &id).await.unwrap();
                    assert!(check.is_validated(), "{}: {check}", case.mistake.name);
                    self.internet.publish(&case.apex, "");
                }
                _ => {}
            }
        }
        let check = dcv.verify(&tenant, &id).await.unwrap();
        (dcv, check, hints)
    }
}

fn server(name: &str) -> String {
    format!("{name}.dns.net")
}

/// What is done before any resolver looks.
fn prepare(internet: &mut Internet, case: &Case) {
    let apex = case.apex.as_str();
    for deed in &case.mistake.deeds {
        match deed {
            Deed::Forget(name) => internet.forget(&server(name), apex),
            Deed::At(name) => internet.publish_at(&[&server(name)], apex, &case.records),
            Deed::Older(old) => {
                internet.publish(apex, &case.records);
                let newer = ["ns1", "ns2"].into_iter().filter(|name| name != old);
                for name in newer {
                    internet.publish_at(&[&server(name)], apex, &case.records);
                }
            }
            Deed::Elsewhere {
                server: name,
                published,
            } => {
                // The servers that the zone is delegated to name another one.
                let named = internet
                    .text(apex)
                    .replace("@ NS ns1.dns.net.", &format!("@ NS {}.", server(name)))
                    .replace("@ NS ns2.dns.net.\n", "");
                for delegated in ["ns1", "ns2"] {
                    internet.serve(&server(delegated), apex, &named);
                }
                let right = if *published { case.right.as_str() } else { "" };
                internet.serve(&server(name), apex, &(named + right));
            }
            _ => {}
        }
    }
}
