//! The chart of a project's downloads: a picture of one bar a day, and the same in words.

use crate::downloads::sums::{MONTH, SHOWN, Sums};
use crate::time;

/// Height of the picture, in its own units.
const HEIGHT: i64 = 48;
/// Width of a day, the gap beside its bar included.
const STEP: usize = 4;
/// Width of a bar.
const BAR: usize = 3;

/// The downloads of a project as its page shows them. Nothing in it comes from others.
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    pub(super) width: usize,
    pub(super) height: i64,
    pub(super) bar: usize,
    /// What the picture shows, for those who do not see it.
    pub(super) words: String,
    pub(super) today: String,
    pub(super) week: String,
    pub(super) month: String,
    pub(super) quarter: String,
}

/// A day with downloads.
pub(super) struct Bar {
    pub(super) x: usize,
    pub(super) y: i64,
    pub(super) height: i64,
    /// Whether it is one of the last thirty.
    pub(super) is_recent: bool,
    /// The day and its number.
    pub(super) title: String,
}

impl Chart {
    pub(super) fn of(sums: &Sums) -> Self {
        let highest = sums.days.iter().map(|(_, count)| *count).max().unwrap_or(0);
        let bars = sums.days.iter().enumerate().filter(|(_, (_, count))| *count > 0);
        let bars = bars.map(|(place, (day, count))| {
            let height = scaled(*count, highest);
            Bar {
                x: place * STEP,
                y: HEIGHT - height,
                height,
                is_recent: place + MONTH >= sums.days.len(),
                title: format!("{}: {}", time::day(*day), grouped(*count)),
            }
        });
        Self {
            bars: bars.collect(),
            width: sums.days.len() * STEP,
            height: HEIGHT,
            bar: BAR,
            words: words(sums),
            today: grouped(sums.last_day()),
            week: grouped(sums.last_week()),
            month: grouped(sums.last_month()),
            quarter: grouped(sums.last(SHOWN)),
        }
    }
}

/// What is there at all can be seen.
fn scaled(count: i64, highest: i64) -> i64 {
    let height = i128::from(count) * i128::from(HEIGHT) / i128::from(highest.max(1));
    i64::try_from(height).unwrap_or(HEIGHT).clamp(1, HEIGHT)
}

fn words(sums: &Sums) -> String {
    let days = sums.days.len();
    let busiest = sums.days.iter().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 0);
    match busiest {
        Some((day, count)) => {
            let (day, count) = (time::day(*day), grouped(*count));
            format!("Downloads on each of the last {days} days, at most {count}, on {day}")
        }
        None => format!("No downloads in the last {days} days"),
    }
}

/// A number with its digits in groups of three.
fn grouped(number: i64) -> String {
    const GROUP: usize = 3;
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(GROUP) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stay_in_the_picture() {
        let counts = [0, 1, 1_000_000, i64::MAX / 360].into_iter().cycle();
        let days = (0..90_i64).map(|number| time::from_unix(number * 86_400)).zip(counts);
        let chart = Chart::of(&Sums { days: days.collect(), ever: 0 });
        assert!(chart.bars.iter().all(|bar| bar.height >= 1 && bar.y >= 0 && bar.x < chart.width));
        assert!(chart.bars.iter().all(|bar| bar.y + bar.height == HEIGHT));
        assert_eq!(chart.bars.iter().map(|bar| bar.height).max(), Some(HEIGHT));
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, expected) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")]
        {
            assert_eq!(grouped(number), expected);
        }
    }
}
