//! When a mail that could not be delivered is tried again.

use std::time::Duration;

use crate::time::Time;

/// After the first try. A mail server that restarts is back by then.
const FIRST_PAUSE: Duration = Duration::from_mins(1);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_hours(4);
/// How long a mail is tried: a weekend and a day.
const GIVE_UP_AFTER: Duration = Duration::from_hours(3 * 24);

/// How long to wait after so many tries: twice as long each time.
pub(super) fn pause_after(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.max(1) - 1).unwrap_or(u32::MAX);
    let pause = 2_u32.checked_pow(doublings).and_then(|factor| FIRST_PAUSE.checked_mul(factor));
    pause.map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE))
}

/// Whether a mail that was queued at that moment is not tried any more.
pub(super) fn is_too_old(queued: Time, now: Time) -> bool {
    queued + GIVE_UP_AFTER <= now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let minutes = |attempts| pause_after(attempts).as_secs() / 60;
        let pauses: Vec<_> = [1, 2, 3, 8, 9, 10, 40, i64::MAX].map(minutes).into();
        assert_eq!(pauses, [1, 2, 4, 128, 240, 240, 240, 240]);
    }

    #[test]
    fn three_days_are_enough() {
        let queued = crate::time::now();
        assert!(!is_too_old(queued, queued + Duration::from_hours(71)));
        assert!(is_too_old(queued, queued + Duration::from_hours(72)));
    }
}
