//! When the periodic jobs run.

use std::fmt;

use chrono::Timelike;
use croner::Cron;
use croner::parser::{CronParser, Seconds};

use super::layers::{ConfigError, Layers};
use super::value::Setting;
use crate::time::Time;

/// The schedule of every job.
#[derive(Debug, Clone)]
pub struct Jobs {
    /// When left-over files and old records are removed.
    pub clean: Schedule,
    /// When mails that could not be delivered are looked for; new ones leave at once.
    pub mail: Schedule,
    /// When room is made for mirrored files; it is made too when one that is fetched needs it.
    pub mirror_evict: Schedule,
}

impl Jobs {
    pub(super) fn from_layers(layers: &mut Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            clean: layers.get("jobs.clean.schedule", Schedule::hourly())?,
            mail: layers.get("jobs.mail.schedule", Schedule::every_ten_seconds())?,
            mirror_evict: layers.get("jobs.mirror_evict.schedule", Schedule::hourly())?,
        })
    }
}

/// When a job runs: six fields of cron, the first of them seconds, in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule(String);

impl Schedule {
    /// Every hour, away from the full hour at which everything else runs.
    pub fn hourly() -> Self {
        Self("0 17 * * * *".to_owned())
    }

    /// Every night, when the least is going on.
    pub fn nightly() -> Self {
        Self("0 0 4 * * *".to_owned())
    }

    /// Often, for what costs next to nothing where there is nothing to do.
    pub fn every_ten_seconds() -> Self {
        Self("*/10 * * * * *".to_owned())
    }

    /// The last moment that it names, `now` included; `None` where there was none.
    pub fn latest(&self, now: Time) -> Option<Time> {
        let now = now.with_nanosecond(0)?.and_utc();
        let found = parse(&self.0)?.find_previous_occurrence(&now, true).ok()?;
        Some(found.naive_utc())
    }

    /// The next moment that it names, after `now`; `None` where there will be none.
    pub fn next(&self, now: Time) -> Option<Time> {
        let now = now.with_nanosecond(0)?.and_utc();
        let found = parse(&self.0)?.find_next_occurrence(&now, false).ok()?;
        Some(found.naive_utc())
    }
}

fn parse(text: &str) -> Option<Cron> {
    CronParser::builder().seconds(Seconds::Required).build().parse(text).ok()
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Setting for Schedule {
    const EXPECTED: &'static str =
        "six fields of cron, the first of them seconds, such as \"0 17 * * * *\"";

    fn parse(text: &str) -> Option<Self> {
        parse(text).map(|_| Self(text.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn the_moments_around_now() {
        let at = |hour, minute, second| {
            NaiveDate::from_ymd_opt(2026, 11, 24)?.and_hms_micro_opt(hour, minute, second, 500_000)
        };
        let whole = |hour, minute, second| {
            NaiveDate::from_ymd_opt(2026, 11, 24)?.and_hms_opt(hour, minute, second)
        };
        let around = |schedule: Schedule, now: Option<Time>| {
            now.map(|now| (schedule.latest(now), schedule.next(now)))
        };
        let hourly = around(Schedule::hourly(), at(12, 16, 0));
        assert_eq!(hourly, Some((whole(11, 17, 0), whole(12, 17, 0))));
        let hourly = around(Schedule::hourly(), at(12, 17, 0));
        assert_eq!(hourly, Some((whole(12, 17, 0), whole(13, 17, 0))));
        let exactly = around(Schedule::hourly(), whole(12, 17, 0));
        assert_eq!(exactly, Some((whole(12, 17, 0), whole(13, 17, 0))));
        let often = around(Schedule::every_ten_seconds(), at(12, 0, 0));
        assert_eq!(often, Some((whole(12, 0, 0), whole(12, 0, 10))));
    }

    #[test]
    fn five_fields_and_nonsense_are_refused() {
        for bad in ["", "17 * * * *", "nonsense", "61 * * * * *", "* * * * * * * *"] {
            assert_eq!(<Schedule as Setting>::parse(bad), None, "{bad}");
        }
    }
}
