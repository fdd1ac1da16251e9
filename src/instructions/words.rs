//! Times and durations for people.

use std::time::Duration;

use time::UtcDateTime;

/// `2026-11-30 12:00 UTC`. Seconds are left off: nobody has to be that quick.
pub(super) fn instant(at: UtcDateTime) -> String {
    let (date, hour, minute) = (at.date(), at.hour(), at.minute());
    format!("{date} {hour:02}:{minute:02} UTC")
}

/// A duration in its two largest units: `1 day`, `2 hours 30 minutes`, `45 seconds`.
pub(super) fn duration(duration: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [
        (86_400, "day"),
        (3600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let mut rest = duration.as_secs();
    let mut parts: Vec<String> = Vec::new();
    for (seconds, unit) in UNITS {
        let count = rest / seconds;
        rest %= seconds;
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            parts.push(format!("{count} {unit}{plural}"));
        }
        if !parts.is_empty() && (parts.len() == 2 || count == 0) {
            break;
        }
    }
    if parts.is_empty() {
        "0 seconds".into()
    } else {
        parts.join(" ")
    }
}
