//! What became of requests, counted.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::route::Route;
use crate::count::Count;
use crate::error::Kind;

/// The statuses that are told apart: those that this server answers with.
const STATUSES: [u16; 27] = [
    200, 201, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 408, 409, 412,
    413, 416, 429, 500, 502, 503, 504, 507,
];
/// Upper bounds of the time that an answer takes, in microseconds: from pages that lie ready to
/// uploads over slow lines.
const BOUNDS: [u64; 15] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 5_000_000, 30_000_000,
];
/// Places to count in: each thread has one for itself as long as there are no more threads, so
/// that none waits for another.
const SHARDS: usize = 16;
const MICROSECONDS: f64 = 1e6;

static ALL: [Shard; SHARDS] = [const { Shard::new() }; SHARDS];
static REFUSED: [Count; Kind::ALL.len()] = [const { Count::new() }; Kind::ALL.len()];

thread_local! {
    static SHARD: Cell<usize> = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        Cell::new(NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS)
    };
}

/// Apart from its neighbours in the caches of the processor.
#[repr(align(128))]
struct Shard([Answers; Route::ALL.len()]);

/// What became of the requests of a route.
struct Answers {
    /// In the order of [`STATUSES`], and those with other ones.
    statuses: [Count; STATUSES.len() + 1],
    /// In the order of [`BOUNDS`], and those that took longer.
    times: [Count; BOUNDS.len() + 1],
    /// All times together.
    microseconds: Count,
    /// Those that lay ready in memory.
    ready: Count,
}

impl Shard {
    const fn new() -> Self {
        Self([const { Answers::new() }; Route::ALL.len()])
    }
}

impl Answers {
    const fn new() -> Self {
        Self {
            statuses: [const { Count::new() }; STATUSES.len() + 1],
            times: [const { Count::new() }; BOUNDS.len() + 1],
            microseconds: Count::new(),
            ready: Count::new(),
        }
    }
}

/// Counts a request to this path, answered with this status after this time; `was_ready`: from
/// memory alone.
pub fn answered(path: &str, status: u16, took: Duration, was_ready: bool) {
    let shard = ALL.get(SHARD.with(Cell::get));
    let Some(answers) = shard.and_then(|shard| shard.0.get(Route::of(path) as usize)) else {
        return;
    };
    let place = STATUSES.iter().position(|known| *known == status);
    if let Some(count) = answers.statuses.get(place.unwrap_or(STATUSES.len())) {
        count.one();
    }
    let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let place = BOUNDS.iter().position(|bound| took <= *bound);
    if let Some(count) = answers.times.get(place.unwrap_or(BOUNDS.len())) {
        count.one();
    }
    answers.microseconds.add(took);
    if was_ready {
        answers.ready.one();
    }
}

/// Counts an answer that is an error.
pub(super) fn refused(kind: Kind) {
    if let Some(count) = REFUSED.get(kind as usize) {
        count.one();
    }
}

/// How often requests were answered with each kind of error.
pub fn refusals() -> impl Iterator<Item = (Kind, u64)> {
    Kind::ALL.into_iter().zip(REFUSED.iter().map(Count::get))
}

/// What became of the requests of a route since the process began.
#[derive(Debug)]
pub struct Sum {
    /// How many there were of each status; none: another one.
    pub statuses: Vec<(Option<u16>, u64)>,
    /// How many took no longer than so many seconds.
    pub times: Vec<(f64, u64)>,
    /// How many there were.
    pub count: u64,
    /// Seconds that they took together.
    pub seconds: f64,
    /// How many were answered from memory alone.
    pub ready: u64,
}

impl Sum {
    /// Of this route.
    pub fn of(route: Route) -> Self {
        let of_all = |count: &dyn Fn(&Answers) -> Option<&Count>| -> u64 {
            let answers = ALL.iter().filter_map(|shard| shard.0.get(route as usize));
            answers.filter_map(count).map(Count::get).sum()
        };
        let names = STATUSES.into_iter().map(Some).chain([None]).enumerate();
        let statuses: Vec<_> =
            names.map(|(place, status)| (status, of_all(&|it| it.statuses.get(place)))).collect();
        let mut so_far = 0;
        let mut up_to = |place: usize| {
            so_far += of_all(&|it| it.times.get(place));
            so_far
        };
        let times =
            BOUNDS.iter().enumerate().map(|(place, at)| (seconds(*at), up_to(place))).collect();
        // Not the sum of the statuses, which may have grown meanwhile.
        let count = up_to(BOUNDS.len());
        let seconds = seconds(of_all(&|it| Some(&it.microseconds)));
        Self { statuses, times, count, seconds, ready: of_all(&|it| Some(&it.ready)) }
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds for people")]
fn seconds(microseconds: u64) -> f64 {
    microseconds as f64 / MICROSECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_all_threads_are_summed() {
        let took = Duration::from_micros(700);
        let threads = [200, 200, 799].map(|status| {
            std::thread::spawn(move || answered("/rss/updates.xml", status, took, status == 200))
        });
        for thread in threads {
            assert!(thread.join().is_ok());
        }
        let sum = Sum::of(Route::Feed);
        let of = |status| sum.statuses.iter().find(|(it, _)| *it == status).map(|(_, n)| *n);
        assert_eq!((of(Some(200)), of(None), sum.count, sum.ready), (Some(2), Some(1), 3, 2));
        assert!((sum.seconds - 0.0021).abs() < 1e-9);
        let counts: Vec<u64> = sum.times.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [0, 0, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]);
    }
}
