use std::sync::Arc;

use crate::dns::{Group, Perspective, PerspectiveId, Trust, View};
use crate::record::Formats;
use crate::suffix::SuffixGuard;

use super::{Agreement, Policy, PolicyError, Quorum, Table, forum};

/// Everything that a decision is taken by: the policy, the perspectives it counts, the suffix
/// guard, and the application's own record formats.
///
/// With the feature `serde` rules are written with the policy of their suffix guard, and read
/// through the same checks. The suffix list and the formats are the application's: rules that were
/// read have the compiled-in list, and know no formats.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "super::serial::RulesParts",
        into = "super::serial::RulesParts"
    )
)]
pub struct Rules {
    policy: Policy,
    perspectives: Arc<[Perspective]>,
    guard: SuffixGuard,
    formats: Formats,
}

impl Rules {
    /// The most perspectives that one verification asks.
    pub const MAX_PERSPECTIVES: usize = 32;

    /// Rules over these perspectives, with the compiled-in suffix list.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] when the policy can never be met by these perspectives. Groups are
    /// counted, not perspectives: two addresses of one operator are one (S-3). Perspectives of
    /// unknown group count only when there are no others. The CA/Browser Forum's policy has
    /// conditions of its own: each has its error.
    pub fn new(policy: Policy, perspectives: Vec<Perspective>) -> Result<Self, PolicyError> {
        let found = perspectives.len();
        if found > Self::MAX_PERSPECTIVES {
            return Err(PolicyError::TooMany { found });
        }
        for (index, one) in perspectives.iter().enumerate() {
            if perspectives
                .iter()
                .take(index)
                .any(|other| other.id() == one.id())
            {
                return Err(PolicyError::Duplicate {
                    id: one.id().clone(),
                });
            }
        }
        match &policy.agreement {
            Agreement::Forum(primary) => forum::check(primary, &perspectives)?,
            Agreement::Groups(quorum) => {
                let (expected, found) = (quorum.of(), count_groups(&perspectives));
                if found != usize::from(expected) {
                    return Err(PolicyError::Groups { expected, found });
                }
            }
        }
        let validates = |one: &Perspective| one.trust() == Trust::Validating;
        if policy.secure && !perspectives.iter().any(validates) {
            return Err(PolicyError::NoValidator);
        }
        let perspectives = perspectives.into();
        let (guard, formats) = (SuffixGuard::default(), Formats::new());
        Ok(Self {
            policy,
            perspectives,
            guard,
            formats,
        })
    }

    /// Decides by this guard.
    #[must_use]
    pub fn with_guard(mut self, guard: SuffixGuard) -> Self {
        self.guard = guard;
        self
    }

    /// Knows these record formats.
    #[must_use]
    pub fn with_formats(mut self, formats: Formats) -> Self {
        self.formats = formats;
        self
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The perspectives.
    #[must_use]
    pub fn perspectives(&self) -> &[Perspective] {
        &self.perspectives
    }

    /// The perspective of this name.
    #[must_use]
    pub fn perspective(&self, id: &PerspectiveId) -> Option<&Perspective> {
        self.perspectives
            .iter()
            .find(|perspective| perspective.id() == id)
    }

    /// The quorum in force. By the CA/Browser Forum's table the primary perspective is counted
    /// with the remote ones.
    #[must_use]
    pub fn quorum(&self) -> Quorum {
        match self.policy.agreement {
            Agreement::Groups(quorum) => quorum,
            Agreement::Forum(_) => {
                let remotes = self.remotes().count();
                let of = u8::try_from(remotes.saturating_add(1)).unwrap_or(u8::MAX);
                Quorum::all_but(Table::exceptions(remotes), of)
            }
        }
    }

    /// By the CA/Browser Forum's table: the resolvers beside the primary one.
    pub(crate) fn remotes(&self) -> impl Iterator<Item = &Perspective> {
        let primary = self.policy.primary();
        let resolvers = self.perspectives.iter();
        resolvers.filter(move |one| forum::is_remote(one, primary))
    }

    /// The suffix guard.
    #[must_use]
    pub fn guard(&self) -> &SuffixGuard {
        &self.guard
    }

    /// The application's own record formats.
    #[must_use]
    pub fn formats(&self) -> &Formats {
        &self.formats
    }

    /// Whether this group adds to a quorum. The unknown one does so only when it is alone.
    pub(crate) fn counts(&self, group: &Group) -> bool {
        *group != Group::Unknown
            || self
                .perspectives
                .iter()
                .all(|other| *other.group() == Group::Unknown)
    }

    /// Whether any perspective looks at the zone's own name servers.
    #[must_use]
    pub fn has_authoritative_view(&self) -> bool {
        self.perspectives
            .iter()
            .any(|perspective| perspective.view() == View::Authoritative)
    }
}

fn count_groups(perspectives: &[Perspective]) -> usize {
    let named = perspectives.iter().enumerate().filter(|(index, one)| {
        *one.group() != Group::Unknown
            && !perspectives
                .iter()
                .take(*index)
                .any(|other| other.group() == one.group())
    });
    match named.count() {
        0 => usize::from(!perspectives.is_empty()),
        named => named,
    }
}
