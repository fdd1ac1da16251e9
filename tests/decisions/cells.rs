//! What a perspective says, in a few letters, and a case made of that.
//!
//! A cell is `[a]LETTERS[i|s][@group]`: `a` for an authoritative view; what it saw, several with
//! `+` between; `i` or `s` for a trusted validator whose answers are insecure or secure; its group,
//! `?` for an unknown one, and one of its own when none is named.

use dcv::challenge::Challenge;
use dcv::dns::{
    Group, LookupFailure, NameServer, Observation, Perspective, PerspectiveId, Security, Trust,
    View,
};
use dcv::evaluate::{Case, Verdict, evaluate};
use dcv::name::OwnerName;
use dcv::policy::{Policy, PolicyError, Rules};

use crate::cases::{absent, all_probed, eye, found, id, levels, now, saw};

/// What a perspective saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letter {
    /// The record.
    M,
    /// That it is not there.
    N,
    /// Wrong signatures.
    B,
    /// The record, and at the sibling too.
    W,
    /// Nothing.
    F,
    /// The record, while the probes are still under way.
    P,
    /// A wildcard that could not be verified.
    V,
    /// Servers of two minds: one shows the record, another denies it.
    D,
    /// One server of three that denies it, while the others are silent.
    H,
}

/// Those that a perspective comes to when all is said.
pub(crate) const LETTERS: [Letter; 8] = [
    Letter::M,
    Letter::N,
    Letter::B,
    Letter::W,
    Letter::F,
    Letter::V,
    Letter::D,
    Letter::H,
];

/// How far it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belief {
    Untrusted,
    TrustedInsecure,
    TrustedSecure,
}

pub(crate) const BELIEFS: [Belief; 3] = [
    Belief::Untrusted,
    Belief::TrustedInsecure,
    Belief::TrustedSecure,
];

#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) letters: Vec<Letter>,
    pub(crate) belief: Belief,
    pub(crate) authoritative: bool,
    pub(crate) group: Option<String>,
}

impl Cell {
    pub(crate) fn new(letter: Letter, belief: Belief, authoritative: bool) -> Self {
        Self {
            letters: vec![letter],
            belief,
            authoritative,
            group: None,
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        let (rest, group) = match text.split_once('@') {
            Some((rest, group)) => (rest, Some(group.to_owned())),
            None => (text, None),
        };
        let (rest, authoritative) = match rest.strip_prefix('a') {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (rest, belief) = match (rest.strip_suffix('i'), rest.strip_suffix('s')) {
            (Some(rest), _) => (rest, Belief::TrustedInsecure),
            (_, Some(rest)) => (rest, Belief::TrustedSecure),
            _ => (rest, Belief::Untrusted),
        };
        let letters = rest.split('+').map(|letter| match letter {
            "M" => Letter::M,
            "N" => Letter::N,
            "B" => Letter::B,
            "W" => Letter::W,
            "F" => Letter::F,
            "P" => Letter::P,
            "V" => Letter::V,
            "D" => Letter::D,
            "H" => Letter::H,
            other => panic!("{other} in {text}"),
        });
        Self {
            letters: letters.collect(),
            belief,
            authoritative,
            group,
        }
    }

    pub(crate) fn name(index: usize) -> PerspectiveId {
        id(&format!("eye-{index}"))
    }

    pub(crate) fn perspective(&self, index: usize) -> Perspective {
        let mut eye = eye(Self::name(index).as_str());
        if self.belief != Belief::Untrusted {
            eye = eye.with_trust(Trust::Validating);
        }
        if self.authoritative {
            eye = eye.with_view(View::Authoritative);
        }
        match self.group.as_deref() {
            Some("?") => eye.with_group(Group::Unknown),
            Some(group) => eye.with_group(Group::Operator(id(group))),
            None => eye,
        }
    }

    pub(crate) fn observations(&self, index: usize, challenge: &Challenge) -> Vec<Observation> {
        let name = Self::name(index);
        let letters = self.letters.iter();
        letters
            .flat_map(|letter| self.says(*letter, &name, challenge))
            .collect()
    }

    fn says(
        &self,
        letter: Letter,
        name: &PerspectiveId,
        challenge: &Challenge,
    ) -> Vec<Observation> {
        // Untrusted ones lie about their security: it must not matter.
        let security = match self.belief {
            Belief::TrustedInsecure => Security::Insecure,
            Belief::Untrusted | Belief::TrustedSecure => Security::Secure,
        };
        // The others lie about their authority too.
        let secured = |seen: crate::cases::Seen| {
            seen.map(|answer| answer.with_security(security).with_authoritative(true))
        };
        let nothing = || secured(absent("example.com"));
        let record = || secured(found(challenge));
        let silence = || Err(LookupFailure::Timeout);
        let servers = match letter {
            Letter::M | Letter::W | Letter::P => vec![record()],
            Letter::N => vec![nothing()],
            Letter::B => vec![Err(LookupFailure::Bogus { extended: vec![] })],
            Letter::V => vec![Err(LookupFailure::UnverifiedWildcard)],
            Letter::F => vec![silence()],
            Letter::D => vec![record(), nothing()],
            Letter::H => vec![silence(), nothing(), silence()],
        };
        let alone = servers.len() == 1;
        let told = servers.into_iter().zip(["a", "b", "c"]);
        let told = told.map(|(seen, server)| match saw(name, challenge, seen) {
            seen if alone => seen,
            seen => seen.with_server(self::server(server)),
        });
        let mut seen: Vec<Observation> = told.collect();
        for level in 0..levels(challenge) {
            match letter {
                Letter::M => seen.extend(all_probed(name, challenge, level, &nothing())),
                Letter::W => {
                    let shown = secured(found(challenge));
                    seen.extend(all_probed(name, challenge, level, &shown));
                }
                _ => {}
            }
        }
        seen
    }
}

/// A name server of example.com.
pub(crate) fn server(name: &str) -> NameServer {
    let name = OwnerName::parse(&format!("{name}.ns.example.org")).unwrap();
    NameServer::new(OwnerName::parse("example.com").unwrap(), name)
}

/// The rules that these perspectives can meet.
pub(crate) fn rules(cells: &[Cell], needed: u8) -> Result<Rules, PolicyError> {
    rules_with(cells, needed, |policy| policy)
}

/// The same by a policy that is changed in this way.
pub(crate) fn rules_with(
    cells: &[Cell],
    needed: u8,
    change: impl FnOnce(Policy) -> Policy,
) -> Result<Rules, PolicyError> {
    let perspectives: Vec<_> = cells
        .iter()
        .enumerate()
        .map(|(index, cell)| cell.perspective(index))
        .collect();
    let mut groups: Vec<_> = perspectives.iter().map(Perspective::group).collect();
    groups.retain(|group| **group != Group::Unknown);
    groups.sort_by_key(|group| format!("{group:?}"));
    groups.dedup();
    let of = u8::try_from(groups.len().max(1)).unwrap();
    Rules::new(change(Policy::k_of_n(needed, of)?), perspectives)
}

pub(crate) fn observations(cells: &[Cell], challenge: &Challenge) -> Vec<Observation> {
    let cells = cells.iter().enumerate();
    cells
        .flat_map(|(index, cell)| cell.observations(index, challenge))
        .collect()
}

pub(crate) fn decide(cells: &[Cell], needed: u8, challenge: &Challenge) -> Verdict {
    decide_by(&rules(cells, needed).unwrap(), cells, challenge)
}

pub(crate) fn decide_by(rules: &Rules, cells: &[Cell], challenge: &Challenge) -> Verdict {
    let seen = observations(cells, challenge);
    evaluate(&Case::new(challenge, rules, &seen, now()))
}
