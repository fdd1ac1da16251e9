use std::sync::OnceLock;

use time::UtcDateTime;

use super::Probe;
use crate::dns::Purpose;
use crate::evaluate::{Case, Verdict, evaluate, forgiven};
use crate::evidence::Evidence;
use crate::name::{DomainName, Scope};
use crate::record::Forgiven;
use crate::token::TokenFingerprint;

/// What a diagnosis is made of: the case that was decided, and what was learnt since.
#[derive(Debug, Clone, Copy)]
pub struct Inquiry<'a> {
    pub(crate) case: Case<'a>,
    pub(crate) asked: &'a [Probe],
    pub(crate) rounds: u8,
    pub(crate) history: &'a History,
    pub(crate) hints: &'a Hints,
    pub(crate) next_check_at: Option<UtcDateTime>,
    pub(crate) now: UtcDateTime,
    /// The decision over the case, where it is known.
    decided: Option<&'a OnceLock<Verdict>>,
}

impl<'a> Inquiry<'a> {
    /// An inquiry into `case`, in which nothing was probed yet. The case is that of the check: the
    /// challenge in the revision that was checked, at the instant of the decision. Observations of
    /// probes stand among the case's; their purpose tells them apart, and no decision counts them.
    #[must_use]
    pub fn new(case: Case<'a>, history: &'a History, hints: &'a Hints, now: UtcDateTime) -> Self {
        Self {
            case,
            asked: &[],
            rounds: 0,
            history,
            hints,
            next_check_at: None,
            now,
            decided: None,
        }
    }

    /// The same after so many rounds, in which these probes were sent.
    #[must_use]
    pub fn after(mut self, rounds: u8, asked: &'a [Probe]) -> Self {
        (self.rounds, self.asked) = (rounds, asked);
        self
    }

    /// When the application looks again by itself, as the challenge says after the check.
    #[must_use]
    pub fn next_check_at(mut self, at: Option<UtcDateTime>) -> Self {
        self.next_check_at = at;
        self
    }

    /// The same, with the decision over its case kept there: no probe changes it.
    pub(super) fn deciding_once(mut self, decided: &'a OnceLock<Verdict>) -> Self {
        self.decided = Some(decided);
        self
    }

    /// The decision by what was seen alone, of a challenge that was closed too.
    pub(super) fn evaluated(&self) -> Verdict {
        match self.decided {
            Some(decided) => *decided.get_or_init(|| evaluate(&self.case)),
            None => evaluate(&self.case),
        }
    }

    /// The decision over the case: what probes saw does not change it. A challenge that was closed
    /// before has the verdict that it stands for, unless it was looked for all the same.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let mut seen = self.case.seen.iter();
        let looked = seen.any(|one| one.purpose() == Purpose::Record);
        let Case {
            challenge,
            rules,
            now,
            ..
        } = self.case;
        let standing = Verdict::standing(challenge, rules.guard(), now).filter(|_| !looked);
        standing.unwrap_or_else(|| self.evaluated())
    }

    /// Why what was proven once does not count any more, or not yet.
    pub(super) fn lapsed(&self) -> Option<Verdict> {
        Verdict::lapsed(self.case.challenge, self.case.rules.guard(), self.case.now)
    }

    /// What was forgiven in the record; of a challenge that was proven before, what was forgiven
    /// then.
    pub(super) fn forgiven(&self) -> Forgiven {
        let kept = self.case.challenge.evidence().map(Evidence::forgiven);
        kept.unwrap_or_else(|| forgiven(&self.case))
    }
}

/// What the store knows: of the tokens that were seen, and of the record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct History {
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::serial::bounded::<{ super::MAX_TOKENS }, _, _>")
    )]
    pub(crate) tokens: Vec<KnownToken>,
    #[cfg_attr(
        feature = "serde",
        serde(default, with = "crate::serial::maybe_instant")
    )]
    pub(crate) proven_at: Option<UtcDateTime>,
}

/// A token that was looked for in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct KnownToken {
    pub(crate) fingerprint: TokenFingerprint,
    pub(crate) origin: Origin,
}

/// Whose a token is, as seen from the challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Origin {
    /// The store does not know it.
    Unknown,
    /// The same account's, for the same domain and scope, from an earlier challenge or expectation.
    Earlier {
        /// When it was issued.
        #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
        issued_at: UtcDateTime,
    },
    /// The same account's, for something else.
    Elsewhere {
        /// For which domain.
        domain: DomainName,
        /// In which scope.
        scope: Scope,
        /// When it was issued.
        #[cfg_attr(feature = "serde", serde(with = "crate::serial::instant"))]
        issued_at: UtcDateTime,
    },
    /// Another account's: nothing more is said of it (S-17).
    OtherAccount,
}

impl History {
    /// Knows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whose the token with this fingerprint is.
    #[must_use]
    pub fn with_token(mut self, fingerprint: TokenFingerprint, origin: Origin) -> Self {
        let known = self.origin(&fingerprint).is_some();
        if !known && self.tokens.len() < super::MAX_TOKENS {
            self.tokens.push(KnownToken {
                fingerprint,
                origin,
            });
        }
        self
    }

    /// The challenge's record has proven control, and was last seen then.
    #[must_use]
    pub fn with_proof(mut self, seen_at: UtcDateTime) -> Self {
        self.proven_at = Some(seen_at);
        self
    }

    /// Whose the token with this fingerprint is; `None` when it was not looked for.
    #[must_use]
    pub fn origin(&self, fingerprint: &TokenFingerprint) -> Option<&Origin> {
        let mut tokens = self.tokens.iter();
        let known = tokens.find(|known| known.fingerprint == *fingerprint)?;
        Some(&known.origin)
    }
}

/// What the application knows and the DNS cannot show. All of it is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[cfg_attr(feature = "serde", serde(default))]
pub struct Hints {
    pub(crate) published: bool,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_provider"))]
    pub(crate) edited_at: Option<String>,
    pub(crate) visible_inside: bool,
}

impl Hints {
    /// Knows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The user says that the record is published.
    #[must_use]
    pub fn published(mut self) -> Self {
        self.published = true;
        self
    }

    /// The user says that they made the change at this DNS provider: an id of the
    /// [table of providers](crate::providers), or any name. It is a user's text: the first 64
    /// characters are kept, with a question mark for each that is not printable ASCII, so that it
    /// is harmless wherever it is written (S-18).
    #[must_use]
    pub fn edited_at(mut self, provider: &str) -> Self {
        let plain = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
        self.edited_at = Some(provider.chars().take(64).map(plain).collect());
        self
    }

    /// The user sees the record from inside their own network.
    #[must_use]
    pub fn visible_inside(mut self) -> Self {
        self.visible_inside = true;
        self
    }
}

/// Reads the provider of a hint as [`Hints::edited_at`] takes it (S-4).
#[cfg(feature = "serde")]
fn read_provider<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let provider = <Option<String> as serde::Deserialize>::deserialize(from)?;
    Ok(provider.and_then(|provider| Hints::new().edited_at(&provider).edited_at))
}
