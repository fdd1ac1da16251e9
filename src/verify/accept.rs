//! What of an observer's word is taken in.

use crate::dns::{MAX_ALIASES, Observation, Outcome, PerspectiveId, Purpose};

/// How many observations there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Of resolvers: one answer to each question by each of them.
    pub(super) answers: usize,
    /// Of authoritative views: many servers answer one question, at several names.
    pub(super) servers: usize,
}

impl Room {
    fn take(&mut self, authoritative: bool) -> bool {
        let room = if authoritative {
            &mut self.servers
        } else {
            &mut self.answers
        };
        let left = room.checked_sub(1);
        *room = left.unwrap_or_default();
        left.is_some()
    }
}

/// The observations of questions that were asked, and, of authoritative views, those of the same
/// question at names that the kept ones lead to. Whatever else is said was not asked (S-5, S-16).
pub(super) fn accept(
    seen: impl Iterator<Item = Observation>,
    mut room: Room,
    asked: impl Fn(&Observation) -> bool,
    authoritative: impl Fn(&PerspectiveId) -> bool,
) -> Vec<Observation> {
    let (mut kept, mut open): (Vec<_>, Vec<_>) = seen.partition(|one| asked(one));
    kept.retain(|one| room.take(authoritative(one.perspective())));
    open.retain(|one| one.purpose() == Purpose::Record && authoritative(one.perspective()));
    let mut last = 0;
    for _ in 0..MAX_ALIASES {
        let found = kept.get(last..).unwrap_or_default();
        let (mut next, rest) = open
            .into_iter()
            .partition(|one| found.iter().any(|before| leads_to(before, one)));
        open = rest;
        last = kept.len();
        Vec::retain(&mut next, |_| room.take(true));
        kept.append(&mut next);
    }
    kept
}

/// Whether one observation sends its perspective on to ask what the other one answers.
fn leads_to(one: &Observation, next: &Observation) -> bool {
    let (from, to) = (one.question(), next.question());
    one.purpose() == Purpose::Record
        && one.perspective() == next.perspective()
        && one.attempt() == next.attempt()
        && from.record_type() == to.record_type()
        && one.result().is_ok_and(|answer| {
            matches!(answer.outcome(), Outcome::Elsewhere)
                && answer.final_name(from.name()) == Some(to.name())
        })
}
