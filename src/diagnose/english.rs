//! The sentences in English. Those about codes are in a file of their own.

use std::time::Duration;

use time::UtcDateTime;

use super::{Code, Part, Phrase, sentences};
use crate::dns::{LookupFailure, ReplyMismatch};
use crate::record::{Forgiven, Warning};

pub(super) fn template(code: Code, part: Part) -> &'static str {
    let sentences = sentences::of(code);
    match part {
        Part::Title => sentences.title,
        Part::Seen => sentences.seen,
        Part::Why => sentences.why,
        Part::Change => sentences.change,
    }
}

pub(super) fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Heading => "{domain} is not verified",
        Phrase::ProvenHeading => "{domain} is verified",
        Phrase::Proven => "The record at {owner} was found. There is nothing to change.",
        Phrase::Forgiven => {
            "The record at {owner} is not written as it was given. It counts all the same:"
        }
        Phrase::LeadingSpace => Warning::LeadingSpace.describe(),
        Phrase::TrailingSpace => Warning::TrailingSpace.describe(),
        Phrase::StraySpace => Warning::StraySpace.describe(),
        Phrase::EmptyAttributeValue => Warning::EmptyAttributeValue.describe(),
        Phrase::DuplicateAttribute => Warning::DuplicateAttribute.describe(),
        Phrase::UnknownAttributes => Forgiven::UNKNOWN_MEANS,
        Phrase::NothingFound => {
            "We did not look for causes, or found none. The record that we look for is at {owner}."
        }
        Phrase::Wrong => "What is wrong",
        Phrase::MaybeWrong => "What may be wrong",
        Phrase::Seen => "What we saw",
        Phrase::Change => "What to change",
        Phrase::Wait => "What to do",
        Phrase::Record => "The record as it has to be:",
        Phrase::Host => "Host",
        Phrase::FullName => "Full name",
        Phrase::Type => "Type",
        Phrase::Value => "Value",
        Phrase::Next => "When we look again",
        Phrase::NextCheck => "We look again at {at}[, in {left}].",
        Phrase::NoNextCheck => "Ask for a new check when that is done.",
        Phrase::Also => "Also",
        Phrase::Possibly => "Possibly",
        Phrase::Place => {
            "{name}, type {type}: asked of[ the name server {server}[ ({address})]][ {perspective}] \
             at {at}"
        }
        Phrase::MorePlaces => "and at {count} more",
        Phrase::More => "More about this: {link}",
        Phrase::And => " and ",
        Phrase::Missing => "(not known)",
        Phrase::SeverityChange => "to be changed",
        Phrase::SeverityWait => "takes time",
        Phrase::SeverityHint => "possible",
    }
}

/// Says what happened, not whose fault it is: that is for the sentences around it.
pub(super) fn failure(failure: &LookupFailure) -> &'static str {
    match failure {
        LookupFailure::Timeout => "no reply came in time",
        LookupFailure::Server { .. } => "the server answered with the error {rcode}",
        LookupFailure::Bogus { .. } => "the DNSSEC signatures of the answer do not verify",
        LookupFailure::BrokenChain { .. } => {
            "the aliases end[ at {at}], and the answer says nothing about that name"
        }
        LookupFailure::Referral => "the server does not answer for the name",
        LookupFailure::Truncated => "the answer is too large for UDP, and TCP did not bring it",
        LookupFailure::TooLarge => "the answer is too large",
        LookupFailure::Mismatch(
            ReplyMismatch::Id | ReplyMismatch::Question | ReplyMismatch::NotAReply,
        ) => "the reply does not belong to the question",
        LookupFailure::Mismatch(ReplyMismatch::Case) => {
            "the reply spells the name differently, as a forged reply would"
        }
        LookupFailure::MalformedReply => "the reply is not a DNS message",
        LookupFailure::Transport => "the server cannot be reached",
        LookupFailure::Certificate => "the server's certificate cannot be trusted",
        LookupFailure::NotDelegated => "no name servers were found for the name",
        LookupFailure::NoAddress => "no address of the name server could be found",
        LookupFailure::AddressRefused => "the name server's address is not a public one",
        LookupFailure::Throttled => "the server was asked too often lately",
        LookupFailure::UnverifiedWildcard => {
            "the answer comes from a wildcard of a signed zone and could not be verified"
        }
        LookupFailure::BudgetExhausted => "the check had used up its questions",
        LookupFailure::Unheard => "the server was not asked, or not waited for",
        LookupFailure::Unsupported => "the question cannot be asked from here",
        LookupFailure::Other => "the lookup failed",
    }
}

pub(super) fn instant(at: UtcDateTime) -> String {
    let (date, time) = (at.date(), at.time());
    let (hour, minute, second) = time.as_hms();
    format!("{date} {hour:02}:{minute:02}:{second:02} UTC")
}

/// Two units at most, rounded up: nobody should come back too early.
pub(super) fn duration(span: Duration) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let seconds = span.as_secs();
    let seconds = seconds.saturating_add(u64::from(span.subsec_nanos() > 0));
    let (large, small) = match seconds {
        MINUTE => return count(1, "minute"),
        0..=119 => return count(seconds, "second"),
        120..HOUR => return count(seconds.div_ceil(MINUTE), "minute"),
        HOUR..DAY => ((HOUR, "hour"), (MINUTE, "minute")),
        _ => ((DAY, "day"), (HOUR, "hour")),
    };
    let smalls = seconds.div_ceil(small.0);
    let per_large = large.0 / small.0;
    let (larges, smalls) = (smalls / per_large, smalls % per_large);
    match smalls {
        0 => count(larges, large.1),
        _ => format!("{} {}", count(larges, large.1), count(smalls, small.1)),
    }
}

fn count(number: u64, unit: &str) -> String {
    match number {
        1 => format!("1 {unit}"),
        _ => format!("{number} {unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use time::{Date, Month, Time};

    use super::*;

    #[test]
    fn spans_are_rounded_up() {
        for (seconds, expected) in [
            (0.0, "0 seconds"),
            (0.1, "1 second"),
            (59.5, "1 minute"),
            (60.5, "61 seconds"),
            (119.0, "119 seconds"),
            (120.0, "2 minutes"),
            (719.2, "12 minutes"),
            (3_541.0, "60 minutes"),
            (3_600.0, "1 hour"),
            (3_601.0, "1 hour 1 minute"),
            (7_199.0, "2 hours"),
            (86_399.0, "24 hours"),
            (86_400.0, "1 day"),
            (90_001.0, "1 day 2 hours"),
            (1e9, "11574 days 2 hours"),
        ] {
            assert_eq!(duration(Duration::from_secs_f64(seconds)), expected);
        }
        assert!(duration(Duration::MAX).ends_with("hours"));
    }

    #[test]
    fn instants_are_told_in_utc() {
        let day = Date::from_calendar_date(2026, Month::November, 3);
        let time = Time::from_hms_milli(9, 5, 0, 999);
        let at = day.and_then(|day| time.map(|time| UtcDateTime::new(day, time)));
        assert_eq!(at.map(instant), Ok("2026-11-03 09:05:00 UTC".into()));
    }
}
