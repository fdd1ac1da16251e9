//! A challenge, perspectives, and what they see, decoded from octets.
//!
//! Each octet chooses one of a few things, counted from `0`, so that a seed can be written by
//! hand: [`Scene::read`] and what it calls are the key to it. Where the octets end, everything
//! else is the first choice.

use std::sync::Arc;
use std::time::Duration;

use dcv::challenge::{Challenge, Form};
use dcv::dns::{
    Alias, Answer, ExtendedError, Group, LookupFailure, NameServer, Observation, Outcome,
    Perspective, Purpose, Question, RecordData, ResourceRecord, Security, Soa, Trust, Txt, View,
};
use dcv::issue::{Style, Terms, admit, compose};
use dcv::lifecycle::{Occasion, advance};
use dcv::name::{AccountId, AccountLabels, DomainName, Naming, OwnerName, ProviderName, Scope};
use dcv::policy::{Policy, Rules, Timing, Wildcards};
use dcv::record::{Formats, PrefixFormat, Reading, Syntax};
use dcv::suffix::{SuffixGuard, SuffixList, SuffixPolicy};
use dcv::token::{ChallengeId, Token};
use time::UtcDateTime;

/// The token that is waited for, and one that is not.
pub(crate) const TOKEN: &str = "gezdgnbvgy3tqojqgezdgnbvgy3tqojqgezdgnbv";
const OTHER: &str = "mzxw6ytboi4dsnzwgqzdgmrtgimzxw6ytboi4dsn";
pub(crate) const PREFIX: &str = "example-verification=";

/// Everything a check needs but the looking.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) challenge: Challenge,
    pub(crate) rules: Rules,
    pub(crate) guard: SuffixPolicy,
    pub(crate) formats: Formats,
    /// When the check begins.
    pub(crate) now: UtcDateTime,
    /// What each perspective of the rules sees.
    pub(crate) scripts: Vec<Script>,
}

/// What one perspective sees, and how long it takes.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// `None`: it never answers.
    pub(crate) delay: Option<Duration>,
    pub(crate) sights: Vec<Sight>,
}

/// One observation to be made.
#[derive(Debug, Clone)]
pub(crate) struct Sight {
    /// The record, or the probe so many labels above it.
    pub(crate) target: Target,
    /// At which of the zone's own servers.
    server: Option<&'static str>,
    /// Whether it says to have been asked something else.
    pub(crate) elsewhere: bool,
    /// How much earlier than now it was made, in seconds; a replay only.
    pub(crate) age: i64,
    /// How long it took, in seconds.
    pub(crate) took: i64,
    aliases: usize,
    security: Security,
    authoritative: bool,
    extended: Option<u16>,
    outcome: usize,
    records: Vec<RecordData>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Record,
    Probe(usize),
    /// The record at [`ALIAS`], where an alias may have led.
    Follow,
}

/// A name in another zone, to which aliases lead.
pub(crate) const ALIAS: &str = "x.example.net";

/// Reads choices.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn pick(&mut self, of: u8) -> usize {
        let Some((&octet, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(octet.wrapping_sub(b'0') % of)
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        let count = u8::try_from(all.len()).expect("few choices");
        all.get(self.pick(count)).expect("a choice").clone()
    }

    fn octets(&mut self) -> Vec<u8> {
        let length = self.pick(255).min(self.0.len());
        let (octets, rest) = self.0.split_at(length);
        self.0 = rest;
        octets.to_vec()
    }
}

impl Scene {
    /// The choices, in this order: form, reading, wildcards, scope, account label, domain, when,
    /// cancelled; how many perspectives and how many of their groups must agree; then for each
    /// perspective its group, trust, view and delay, and how many [`Sight`]s it has, each with
    /// its own choices.
    pub(crate) fn read(data: &[u8]) -> Option<Self> {
        let mut choices = Choices(data);
        let formats = Formats::new()
            .with(Arc::new(PrefixFormat::new("example", PREFIX).ok()?))
            .ok()?;
        let form = choices.of(&[
            Form::Draft(Syntax::Space),
            Form::Draft(Syntax::LegacyComma),
            Form::Exact,
            Form::Custom("example".parse().ok()?),
        ]);
        let reading = choices.of(&[Reading::Lenient, Reading::Strict]);
        let wildcards = choices.of(&[Wildcards::Reject, Wildcards::Accept]);
        let scope = choices.of(&[Scope::Host, Scope::Wildcard, Scope::Domain]);
        let labels = choices.of(&[AccountLabels::Absent, AccountLabels::Hashed]);
        let domain = choices.of(&["example.com", "a.b.example.co.uk", "github.io"]);
        let (challenge, guard) = challenge(&form, scope, labels, domain, &formats)?;
        let lifetime = challenge.expires_at() - challenge.issued_at();
        let after = choices.of(&[
            time::Duration::minutes(5),
            time::Duration::ZERO,
            lifetime - time::Duration::seconds(3),
            lifetime,
        ]);
        let now = challenge.issued_at() + after;
        let challenge = match choices.pick(8) {
            7 => {
                let timing = Timing::default();
                let gone = advance(&challenge, Occasion::Cancelled, &timing, now).ok()??;
                gone.next().clone()
            }
            _ => challenge,
        };

        let count = choices.pick(5) + 1;
        let needed = choices.pick(3);
        let (mut perspectives, mut scripts) = (Vec::new(), Vec::new());
        for index in 0..count {
            let (perspective, script) = look(index, &mut choices)?;
            perspectives.push(perspective);
            scripts.push(script);
        }
        let rules = rules(needed, &perspectives, wildcards, reading)?;
        let rules = rules
            .with_guard(SuffixGuard::new(SuffixList::default(), guard))
            .with_formats(formats.clone());
        Some(Self {
            challenge,
            rules,
            guard,
            formats,
            now,
            scripts,
        })
    }

    /// What nobody may have seen in this way: other ages, other questions, more than once.
    pub(crate) fn made_up(&self) -> Vec<Observation> {
        let owner = self.challenge.owner();
        let mut made = Vec::new();
        for (perspective, script) in self.rules.perspectives().iter().zip(&self.scripts) {
            for sight in &script.sights {
                let siblings: &[&[u8]] = match sight.target {
                    Target::Probe(0) => &[b"_sibling", b"_another"],
                    _ => &[b"_sibling"],
                };
                for sibling in siblings {
                    let (asked, purpose) = match sight.target {
                        Target::Record => (owner.clone(), Purpose::Record),
                        Target::Follow => (name(ALIAS), Purpose::Record),
                        Target::Probe(above) => {
                            let labels = owner.labels().skip(above + 1).collect::<Vec<_>>();
                            let parent = OwnerName::from_labels(labels).expect("a part");
                            (parent.child(sibling).expect("room"), Purpose::WildcardProbe)
                        }
                    };
                    let finished = self.now - time::Duration::seconds(sight.age);
                    let one = Observation::replayed(
                        perspective.id().clone(),
                        sight.question(&Question::txt(asked.clone())),
                        purpose,
                        finished - time::Duration::seconds(sight.took),
                        finished,
                        sight.result(&asked),
                    );
                    made.push(match sight.server(self.challenge.domain()) {
                        Some(server) => one.with_server(server),
                        None => one,
                    });
                }
            }
        }
        made
    }
}

fn challenge(
    form: &Form,
    scope: Scope,
    labels: AccountLabels,
    domain: &str,
    formats: &Formats,
) -> Option<(Challenge, SuffixPolicy)> {
    let naming = Naming::builder(ProviderName::new("example").ok()?);
    let naming = naming.with_account_labels(labels).build().ok()?;
    let policy = SuffixPolicy::strict().allow_private_suffixes();
    let guard = SuffixGuard::new(SuffixList::default(), policy);
    let account = AccountId::new("tenant-42").ok()?;
    let domain = DomainName::parse(domain).ok()?;
    let request = admit(&naming, &guard, &account, &domain, scope).ok()?;
    let challenge = compose(
        request,
        ChallengeId::from_bytes([7; 16]),
        Token::new(TOKEN).ok()?,
        &Terms::new()
            .with_style(Style::new(form.clone()))
            .with_formats(formats.clone()),
        UtcDateTime::from_unix_timestamp(1_800_000_000).ok()?,
    );
    Some((challenge.ok()?, policy))
}

/// A majority of the groups there are, or up to two more.
fn rules(
    more: usize,
    perspectives: &[Perspective],
    wildcards: Wildcards,
    reading: Reading,
) -> Option<Rules> {
    (1..=5).find_map(|of: u8| {
        let needed = of / 2 + 1 + u8::try_from(more).ok()?;
        let policy = Policy::k_of_n(needed.min(of), of).ok()?;
        let policy = policy.with_wildcards(wildcards).with_reading(reading);
        Rules::new(policy, perspectives.to_vec()).ok()
    })
}

fn look(index: usize, choices: &mut Choices<'_>) -> Option<(Perspective, Script)> {
    let own = Group::Operator(format!("operator-{index}").parse().ok()?);
    let shared = Group::Operator("operator-0".parse().ok()?);
    let perspective = Perspective::new(format!("view-{index}").parse().ok()?)
        .with_group(choices.of(&[own, shared, Group::Unknown]))
        .with_trust(choices.of(&[Trust::Untrusted, Trust::Validating]))
        .with_view(choices.of(&[View::Recursive, View::Authoritative]));
    let delay = choices.of(&[
        Some(Duration::ZERO),
        Some(Duration::from_secs(1)),
        Some(Duration::from_secs(7)),
        None,
    ]);
    let sights = (0..choices.pick(6)).map(|_| sight(choices)).collect();
    Some((perspective, Script { delay, sights }))
}

/// Target and server, question, age, time taken, aliases, security, AA, extended error, outcome, and, where
/// the outcome is records, how many and which.
fn sight(choices: &mut Choices<'_>) -> Sight {
    let all = [
        Target::Record,
        Target::Probe(0),
        Target::Probe(1),
        Target::Follow,
    ];
    let (choice, servers) = (choices.pick(16), [None, Some("a"), Some("b"), Some("c")]);
    let target = all.get(choice % 4).copied().unwrap_or(Target::Record);
    let server = servers.get(choice / 4).copied().flatten();
    let elsewhere = choices.pick(8) == 7;
    let age = choices.of(&[0, 1, 59, 61, -1, 300, 301, 86_400]);
    let took = choices.of(&[0, 1, 30, -1]);
    let aliases = choices.pick(6);
    let security = choices.of(&[
        Security::Unvalidated,
        Security::Secure,
        Security::Insecure,
        Security::Indeterminate,
    ]);
    let authoritative = choices.pick(2) == 1;
    let extended = choices.of(&[None, Some(3), Some(4), Some(15), Some(6), Some(22)]);
    let outcome = choices.pick(16);
    let count = if outcome == 0 { choices.pick(4) } else { 0 };
    let records = (0..count).map(|_| data(choices)).collect();
    Sight {
        target,
        server,
        elsewhere,
        age,
        took,
        aliases,
        security,
        authoritative,
        extended,
        outcome,
        records,
    }
}

/// What a neighbour, a mistaken user or an attacker may have published.
fn data(choices: &mut Choices<'_>) -> RecordData {
    let text = match choices.pick(20) {
        0 => format!("token={TOKEN} expiry=2027-01-22T08:00:00Z"),
        1 => format!("token={TOKEN}"),
        2 => TOKEN.to_owned(),
        3 => format!("token={TOKEN},expiry=never"),
        4 => format!("{PREFIX}{TOKEN}"),
        5 => format!("  TOKEN={TOKEN}  a=b "),
        6 => format!("token={OTHER}"),
        7 => format!("token={TOKEN}a"),
        8 => format!("token={}", TOKEN.to_uppercase()),
        9 => format!("\"token={TOKEN}\""),
        10 => format!("token={OTHER} token={TOKEN}"),
        11 => format!("token={OTHER} note={TOKEN}"),
        12 => format!("a={TOKEN},token={OTHER}"),
        13 => format!("token={TOKEN}\u{a0}"),
        14 => TOKEN.chars().take(20).collect(),
        15 => format!("\ttoken={TOKEN}"),
        16 => format!("v=spf1 include:{TOKEN} -all"),
        17 => return RecordData::Other(choices.octets()),
        18 => {
            let (before, after) = (choices.octets(), choices.octets());
            let all = [&before, TOKEN.as_bytes(), &after].concat();
            return RecordData::Txt(Txt::joined(&all));
        }
        _ => {
            let (one, two) = (choices.octets(), choices.octets());
            return RecordData::Txt(Txt::from_strings([&*one, &*two]));
        }
    };
    RecordData::Txt(Txt::joined(text.as_bytes()))
}

impl Sight {
    /// The question that the observation names.
    pub(crate) fn question(&self, asked: &Question) -> Question {
        if self.elsewhere {
            Question::txt(name("_other-challenge.example.com"))
        } else {
            asked.clone()
        }
    }

    /// The server that was asked: one of the domain's, or of the zone that the alias leads to.
    pub(crate) fn server(&self, domain: &DomainName) -> Option<NameServer> {
        let zone = match self.target {
            Target::Follow => name("example.net"),
            Target::Record | Target::Probe(_) => OwnerName::from(domain),
        };
        let server = name(&format!("{}.ns.example.org", self.server?));
        Some(NameServer::new(zone, server))
    }

    /// What is seen at the asked name.
    pub(crate) fn result(&self, asked: &OwnerName) -> Result<Answer, LookupFailure> {
        let extended = |code: &u16| ExtendedError::new(*code, b"so\x1bthere");
        let extended: Vec<_> = self.extended.iter().map(extended).collect();
        let (one, two) = (name(ALIAS), name("y.example.net"));
        let alias = |from: &OwnerName, to: &OwnerName| Alias::new(from.clone(), to.clone(), 60);
        let aliases = match self.aliases {
            0 => Vec::new(),
            1 => vec![alias(asked, &one)],
            2 => vec![alias(asked, &two)],
            3 => vec![alias(asked, &one), alias(&one, &two)],
            4 => vec![alias(&two, &one)],
            _ => vec![alias(asked, asked)],
        };
        let soa = |owner: OwnerName| Some(Soa::new(owner, 1, 900, 300));
        let parent = || asked.parent().unwrap_or_else(OwnerName::root);
        let outcome = match self.outcome {
            0 => Outcome::Records(
                self.records
                    .iter()
                    .map(|data| ResourceRecord::new(300, data.clone()))
                    .collect(),
            ),
            1 => Outcome::nx_domain(soa(OwnerName::root())),
            2 => Outcome::nx_domain(soa(parent())),
            3 => Outcome::nx_domain(None),
            4 => Outcome::no_data(soa(OwnerName::root())),
            5 => Outcome::no_data(soa(name("example.org"))),
            6 => Outcome::AliasLoop,
            7 => Outcome::AliasTooLong,
            8 => return Err(LookupFailure::Bogus { extended }),
            9 => return Err(LookupFailure::Server { rcode: 2, extended }),
            10 => return Err(LookupFailure::server(5)),
            11 => return Err(LookupFailure::Timeout),
            12 => return Err(LookupFailure::BrokenChain { at: one }),
            13 => return Err(LookupFailure::Truncated),
            14 => Outcome::Elsewhere,
            _ => return Err(LookupFailure::UnverifiedWildcard),
        };
        Ok(Answer::new(outcome)
            .with_aliases(aliases)
            .with_security(self.security)
            .with_authoritative(self.authoritative)
            .with_extended_errors(extended))
    }
}

pub(crate) fn name(text: &str) -> OwnerName {
    OwnerName::parse(text).expect("a name")
}
