//! A root, a top-level domain and zones below it, signed in many ways and wrong in some.

use std::net::SocketAddr;
use std::time::Duration;

use dcv::dns::{AbsenceKind, Answer, LookupFailure, Outcome, Question, RecordType, Security};
use dcv::lookup::{Budget, DnsLookup, HickoryLookup, LookupError};
use dcv::name::OwnerName;

use crate::servers::signing::{Signed, Signing, sign};
use crate::servers::{Knot, Unbound, UnboundConfig};

const SIGNED: &str = include_str!("../data/dnssec/signed.zone");
const PLAIN: &str = include_str!("../data/dnssec/plain.zone");

const ECDSA: &str = "ECDSAP256SHA256";
const RSA: &str = "RSASHA256";
const NSEC3: &[&str] = &["-n", "-t", "0"];
const NSEC: &[&str] = &[];

/// What stands in the parent.
enum Delegation {
    Signed,
    Unsigned,
    /// The DS record of a key that is not there.
    Stray,
}

/// Zones below `test`: how they are signed, and how they are delegated.
const ZONES: [(&str, Option<Signing<'_>>, Delegation); 11] = {
    const fn with(
        algorithm: &'static str,
        arguments: &'static [&'static str],
    ) -> Option<Signing<'static>> {
        Some(Signing {
            algorithm,
            arguments,
        })
    }
    [
        ("ec-nsec.test", with(ECDSA, NSEC), Delegation::Signed),
        ("ec-nsec3.test", with(ECDSA, NSEC3), Delegation::Signed),
        ("rsa-nsec.test", with(RSA, NSEC), Delegation::Signed),
        ("rsa-nsec3.test", with(RSA, NSEC3), Delegation::Signed),
        (
            "hashed.test",
            with(ECDSA, &["-n", "-t", "100", "-s", "aa"]),
            Delegation::Signed,
        ),
        (
            "optout.test",
            with(ECDSA, &["-n", "-p", "-t", "0"]),
            Delegation::Signed,
        ),
        (
            "expired.test",
            with(ECDSA, &["-i", "20200101", "-e", "20200201"]),
            Delegation::Signed,
        ),
        ("wrongds.test", with(ECDSA, NSEC), Delegation::Stray),
        ("nokey.test", None, Delegation::Stray),
        ("unlinked.test", with(ECDSA, NSEC), Delegation::Unsigned),
        ("plain.test", None, Delegation::Unsigned),
    ]
};

/// So many records are at `crowd.ec-nsec.test`.
pub(crate) const CROWD: usize = 1000;

/// Delegated from `optout.test`, which does not say so in any signed record.
const OPTED_OUT: &str = "plain.optout.test";

pub(crate) struct World {
    pub(crate) root: Signed,
    pub(crate) test: Signed,
    /// The key-signing key of `ec-nsec.test`, as a DNSKEY record.
    pub(crate) ec_nsec: String,
    pub(crate) knot: Knot,
    stubs: Vec<String>,
}

impl World {
    pub(crate) fn start() -> Self {
        let stray = sign("stray.test", &head("stray.test"), ZONES[0].1.unwrap()).ds;
        let mut zones: Vec<(String, String)> = Vec::new();
        let mut test = head("test");
        let mut ec_nsec = String::new();
        for (apex, signing, delegation) in &ZONES {
            test.push_str(&format!("{apex}. NS ns.test.\n"));
            let ds = match signing {
                Some(signing) => {
                    let mut body = format!("{}{SIGNED}", head(apex));
                    if *apex == "optout.test" {
                        body.push_str(&format!("{OPTED_OUT}. NS ns.test.\n"));
                    }
                    if *apex == "ec-nsec.test" {
                        let strangers = (0..CROWD).map(|n| format!("crowd TXT \"s{n}\"\n"));
                        body.extend(strangers);
                    }
                    let signed = sign(apex, &body, *signing);
                    if *apex == "ec-nsec.test" {
                        ec_nsec = signed.ksk;
                    }
                    zones.push(((*apex).to_owned(), without_signature(&signed.zone)));
                    signed.ds
                }
                None => {
                    zones.push(((*apex).to_owned(), format!("{}{PLAIN}", head(apex))));
                    String::new()
                }
            };
            match delegation {
                Delegation::Signed => test.push_str(&ds),
                Delegation::Unsigned => {}
                Delegation::Stray => {
                    let (_, data) = stray.split_once("DS").unwrap();
                    test.push_str(&format!("{apex}. DS {}\n", data.trim()));
                }
            }
        }
        zones.push((OPTED_OUT.to_owned(), format!("{}{PLAIN}", head(OPTED_OUT))));
        let test = sign("test", &test, ZONES[1].1.unwrap());
        let root = format!(
            "{}test. NS ns.test.\nns.test. A 127.0.0.1\n{}",
            head("."),
            test.ds
        );
        let root = sign(".", &root, ZONES[2].1.unwrap());
        zones.push(("test".to_owned(), test.zone.clone()));
        zones.push((".".to_owned(), root.zone.clone()));
        let served: Vec<_> = zones
            .iter()
            .map(|(apex, zone)| (&**apex, &**zone))
            .collect();
        let stubs = zones
            .iter()
            .map(|(apex, _)| apex.trim_end_matches('.').to_owned());
        Self {
            root,
            test,
            ec_nsec,
            knot: Knot::start(&served),
            stubs: stubs.collect(),
        }
    }

    /// A resolver that validates if there is an anchor.
    pub(crate) fn unbound(&self, anchors: &[&str]) -> Unbound {
        let addr = self.knot.addr();
        let stubs: Vec<_> = self.stubs.iter().map(|zone| (&**zone, addr)).collect();
        Unbound::start(&UnboundConfig {
            stubs: &stubs,
            trust_anchors: anchors,
            // What it knows of one name is not to answer for another.
            server: "    aggressive-nsec: no\n    qname-minimisation: no\n",
            ..Default::default()
        })
    }
}

/// The SOA and the name servers of a zone. The SOA's minimum is below the TTL of the records.
fn head(apex: &str) -> String {
    let origin = format!("{}.", apex.trim_end_matches('.'));
    format!(
        "$ORIGIN {origin}\n$TTL 300\n\
         @ SOA ns.test. hostmaster.test. 1 7200 600 86400 60\n\
         @ NS ns.test.\n{}",
        if apex == "test" {
            "ns A 127.0.0.1\n"
        } else {
            ""
        }
    )
}

/// Without the signature of the records at `nosig`.
fn without_signature(zone: &str) -> String {
    let lines = zone.lines().filter(|line| {
        let mut fields = line.split_whitespace();
        let owner = fields.next().unwrap_or_default();
        !(owner.starts_with("nosig.") && line.contains("RRSIG\tTXT"))
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}

pub(crate) fn lookup_at(server: SocketAddr) -> HickoryLookup {
    HickoryLookup::from_servers([server])
        .unwrap()
        .with_udp_tries(Duration::from_secs(5), 2)
        .with_tcp_timeout(Duration::from_secs(5))
}

/// What a lookup finds, in words, and how many queries it took.
pub(crate) async fn look(lookup: &HickoryLookup, question: &Question) -> (String, u32) {
    let budget = Budget::default();
    let looked = lookup.lookup(question, &budget);
    let looked = tokio::time::timeout(Duration::from_secs(60), looked).await;
    let looked = looked.expect("the lookup hangs");
    (word(looked), budget.spent())
}

/// The TXT records of a name.
pub(crate) fn txt(name: &str) -> Question {
    Question::new(OwnerName::parse(name).unwrap(), RecordType::TXT)
}

pub(crate) fn word(looked: Result<Answer, LookupError>) -> String {
    match looked {
        Ok(answer) => {
            let security = match answer.security() {
                Security::Secure => "secure",
                Security::Insecure => "insecure",
                Security::Indeterminate => "indeterminate",
                Security::Unvalidated => "unvalidated",
                other => panic!("{other:?}"),
            };
            let outcome = match answer.outcome() {
                Outcome::Records(_) => "records",
                Outcome::Absent(absence) if absence.kind() == AbsenceKind::NxDomain => "no-name",
                Outcome::Absent(_) => "no-data",
                other => panic!("{other:?}"),
            };
            format!("{security} {outcome}")
        }
        Err(error) => match error.into_failure() {
            LookupFailure::Bogus { .. } => "bogus".to_owned(),
            LookupFailure::UnverifiedWildcard => "unverified-wildcard".to_owned(),
            LookupFailure::TooLarge => "too-large".to_owned(),
            other => format!("{other:?}"),
        },
    }
}
