//! The one clock, and the one way in which times are written down.

use std::time::Duration;

use chrono::{
    Datelike, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta, Timelike, Utc,
};

/// A moment in UTC, to the microsecond: what both databases keep exactly.
pub type Time = NaiveDateTime;

const MICROSECOND_DIGITS: u16 = 6;
const NANOSECONDS_IN_MICROSECOND: u32 = 1_000;
/// Of `2026-11-21T19:30:00.000000Z`.
const ISO_LENGTH: usize = 27;
const DAY: &str = "%Y-%m-%d";

/// A minute.
pub const MINUTE: Duration = Duration::from_mins(1);

/// Now, in UTC, cut to microseconds so that a value is equal to itself after a round trip
/// through either database.
pub fn now() -> Time {
    exact(Utc::now().naive_utc())
}

/// A moment cut to microseconds, as [`now`] is.
pub fn exact(time: Time) -> Time {
    time.trunc_subsecs(MICROSECOND_DIGITS)
}

/// The beginning of the minute in which a moment lies.
pub fn minute_of(time: Time) -> Time {
    time.with_second(0).and_then(|time| time.with_nanosecond(0)).unwrap_or(time)
}

/// The beginning of the day in which a moment lies.
pub fn day_of(time: Time) -> Time {
    time.date().and_time(NaiveTime::MIN)
}

/// Whole seconds since the beginning of 1970; 0 for what was before.
pub fn unix(time: Time) -> u64 {
    u64::try_from(time.and_utc().timestamp()).unwrap_or_default()
}

/// The moment so many seconds after the beginning of 1970; that beginning where there is none.
pub fn from_unix(seconds: i64) -> Time {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default().naive_utc()
}

/// A span for people, rounded up: `45 seconds`, `5 minutes`, `2 hours`.
pub fn span_for_people(span: Duration) -> String {
    const SECONDS: u64 = 60;
    const MINUTES: u64 = 60;
    let seconds = span.as_secs();
    let minutes = seconds.div_ceil(SECONDS);
    let (number, unit) = match seconds {
        0..=90 => (seconds, "second"),
        91..=5400 => (minutes, "minute"),
        _ => (minutes.div_ceil(MINUTES), "hour"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// The form that the simple repository API demands of `upload-time`: `yyyy-mm-ddThh:mm:ss.ffffffZ`
/// (PEP 700).
pub fn iso(time: Time) -> String {
    let mut out = Vec::with_capacity(ISO_LENGTH);
    write_iso(time, &mut out);
    // Digits and these signs are ASCII.
    String::from_utf8(out).unwrap_or_default()
}

/// Adds a moment as [`iso`] has it, without asking for memory.
pub fn write_iso(time: Time, out: &mut Vec<u8>) {
    write_digits::<4>(u32::try_from(time.year()).unwrap_or_default(), out);
    for (sign, number) in [
        (b'-', time.month()),
        (b'-', time.day()),
        (b'T', time.hour()),
        (b':', time.minute()),
        (b':', time.second()),
    ] {
        out.push(sign);
        write_digits::<2>(number, out);
    }
    out.push(b'.');
    write_digits::<6>(time.nanosecond() / NANOSECONDS_IN_MICROSECOND, out);
    out.push(b'Z');
}

/// Adds the last `N` digits of a number, with zeros before it.
pub fn write_digits<const N: usize>(mut number: u32, out: &mut Vec<u8>) {
    const TEN: u32 = 10;
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        // The remainder is one digit.
        *digit += (number % TEN).to_le_bytes()[0];
        number /= TEN;
    }
    out.extend_from_slice(&digits);
}

/// The form for names of files: `20261121T193000.123456Z`.
pub fn compact(time: Time) -> String {
    time.format("%Y%m%dT%H%M%S%.6fZ").to_string()
}

/// The form of mails and feeds: `Sat, 21 Nov 2026 19:30:00 GMT` (RFC 822, with years in full).
pub fn rfc822(time: Time) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A moment for people: `2026-11-21 19:30 UTC`.
pub fn for_people(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// A day for people: `2026-11-21`.
pub fn day(time: Time) -> String {
    time.format(DAY).to_string()
}

/// Reads such a day; the moment at which it begins.
pub fn parse_day(text: &str) -> Option<Time> {
    Some(NaiveDate::parse_from_str(text, DAY).ok()?.and_time(NaiveTime::MIN))
}

/// Reads such a day, up to the year 9999; the moment at which it ends.
pub fn end_of_day(text: &str) -> Option<Time> {
    /// Later years have more digits than all others, which databases and people are not used to.
    const LAST_YEAR: i32 = 9999;
    let end = parse_day(text.trim())?.checked_add_signed(TimeDelta::days(1))?;
    (end.year() <= LAST_YEAR).then_some(end)
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
    fn a_day_ends_where_the_next_one_begins() {
        let end = |text: &str| end_of_day(text).map(for_people);
        assert_eq!(end("2026-12-31").as_deref(), Some("2027-01-01 00:00 UTC"));
        for bad in ["", "2026-02-30", "9999-12-31", "10000-01-01", "31.12.2026"] {
            assert_eq!(end(bad), None, "{bad}");
        }
    }

    #[test]
    fn spans_are_said_in_the_unit_that_fits() {
        for (seconds, words) in
            [(1, "1 second"), (45, "45 seconds"), (91, "2 minutes"), (7000, "2 hours")]
        {
            assert_eq!(span_for_people(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn days_are_read_as_they_are_written() {
        assert_eq!(parse_day("1970-01-02").map(day).as_deref(), Some("1970-01-02"));
        for bad in ["", "1970-13-01", "01.02.1970", "1970-01-02T00:00", "today"] {
            assert_eq!(parse_day(bad), None, "{bad}");
        }
    }

    #[test]
    fn moments_are_cut_to_their_minute() {
        assert_eq!(minute_of(from_unix(119)), from_unix(60));
        assert_eq!(unix(from_unix(119)), 119);
        assert_eq!(day_of(from_unix(2 * 86_400 - 1)), from_unix(86_400));
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
