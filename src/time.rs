//! The one clock, and the one way in which times are written down.

use std::time::Duration;

use chrono::{NaiveDateTime, SubsecRound, Utc};

/// A moment in UTC, to the microsecond: what both databases keep exactly.
pub type Time = NaiveDateTime;

const MICROSECOND_DIGITS: u16 = 6;

/// Now, in UTC, cut to microseconds so that a value is equal to itself after a round trip
/// through either database.
pub fn now() -> Time {
    Utc::now().naive_utc().trunc_subsecs(MICROSECOND_DIGITS)
}

/// The form that the simple repository API demands of `upload-time`: `yyyy-mm-ddThh:mm:ss.ffffffZ`
/// (PEP 700).
pub fn iso(time: Time) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// The form of mails and feeds: `Sat, 21 Nov 2026 19:30:00 GMT` (RFC 822, with years in full).
pub fn rfc822(time: Time) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A moment for people: `2026-11-21 19:30 UTC`.
pub fn for_people(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Reads a span such as `90d`, `12h`, `30m` or `45s`.
///
/// `None` for anything else, and for spans of more than a hundred years.
pub fn parse_span(text: &str) -> Option<Duration> {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    const LONGEST: u64 = 36_525 * DAY;
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds = match text.strip_prefix(digits)? {
        "s" => 1,
        "m" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        "w" => 7 * DAY,
        _ => return None,
    };
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let total = digits.parse::<u64>().ok()?.checked_mul(seconds)?;
    (total > 0 && total <= LONGEST).then(|| Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upload_times_have_microseconds_and_a_literal_z() {
        let text = iso(chrono::DateTime::UNIX_EPOCH.naive_utc());
        assert_eq!(text, "1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn spans_are_a_number_and_a_unit() {
        assert_eq!(parse_span("90d"), Some(Duration::from_hours(90 * 24)));
        assert_eq!(parse_span("45s"), Some(Duration::from_secs(45)));
        for bad in ["", "d", "90", "-1d", "0d", "1y", "1.5h", "99999999999999d", "+1d"] {
            assert_eq!(parse_span(bad), None, "{bad}");
        }
    }
}
