//! What of an observer's word is taken in.

use crate::dns::{MAX_ALIASES, Observation, Outcome, PerspectiveId, Purpose};

/// How many observations there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Of resolvers: one answer to each question by each of them.
    pub(super) answers: usize,
    /// Of authoritative views: many servers answer one question, at several names.
    pub(super) servers: usize,
    /// Whether there was none for what an authoritative view saw.
    pub(super) is_over: bool,
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
        self.is_over |= authoritative && left.is_none();
        left.is_some()
    }
}

/// The observations of questions that were asked, and, of authoritative views, those of the same
/// question at names that the kept ones lead to. Whatever else is said was not asked (S-5, S-16).
pub(super) fn accept(
    seen: impl Iterator<Item = Observation>,
    room: &mut Room,
    asked: impl Fn(&Observation) -> bool,
    authoritative: impl Fn(&PerspectiveId) -> bool,
) -> Vec<Observation> {
    let (answers, mut open): (Vec<_>, Vec<_>) = seen.partition(|one| asked(one));
    let mut kept: Vec<Observation> = Vec::new();
    for one in answers {
        let many = authoritative(one.perspective());
        // Repetitions of one answer leave room for the others.
        let is_same = |known: &Observation| {
            known.perspective() == one.perspective()
                && known.question() == one.question()
                && known.purpose() == one.purpose()
                && known.server() == one.server()
                && known.result() == one.result()
        };
        if (many || !kept.iter().any(is_same)) && room.take(many) {
            kept.push(one);
        }
    }
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
