//! The threads that hash, and do what belongs to that before and behind. They rest after some
//! passwords, and give way to threads that answer requests, so that a flood of logins leaves others
//! most of every core.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::oneshot;

use super::password::failed;
use super::turn::at_a_time;
use crate::error::Result;

/// How long a thread hashes at a stretch before it rests. With a rest after each hash, as long in all,
/// others got no more than half of the cores, and left a good part of them idle (`benches/README.md`).
const STRETCH: Duration = Duration::from_millis(200);
/// How long it rests then, as a multiple of that: a flood takes half of a core for each thread.
const REST: u32 = 1;
/// How much lower than that of all others the priority of these threads is, as `nice` counts. It matters
/// only where all cores are busy. (`benches/README.md` has what this and the rests gave.)
#[cfg(target_os = "linux")]
const NICE: i32 = 10;
/// The lowest priority that there is (setpriority(2)).
#[cfg(target_os = "linux")]
const LOWEST: i32 = 19;

type Task = Box<dyn FnOnce() + Send>;

/// As many as may hash at the same time. They are started for the first password.
static THREADS: LazyLock<Sender<Task>> = LazyLock::new(|| {
    let (sender, receiver) = channel::<Task>();
    let receiver = Arc::new(Mutex::new(receiver));
    for number in 0..at_a_time() {
        let receiver = receiver.clone();
        let thread = thread::Builder::new().name(format!("hash-{number}"));
        if let Err(error) = thread.spawn(move || work(&receiver)) {
            tracing::error!(%error, "a thread that hashes passwords could not be started");
        }
    }
    sender
});

thread_local! {
    /// How long this thread has hashed since it last took note of it.
    static HASHED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Nanoseconds of processor time that they took.
static NANOSECONDS: AtomicU64 = AtomicU64::new(0);

/// The processor time that hashing took in this process so far.
pub fn hashing_time() -> Duration {
    Duration::from_nanos(NANOSECONDS.load(Ordering::Relaxed))
}

/// Does the work on one of these threads. What of it is hashing is [`timed`] by itself.
pub(super) async fn hash<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = oneshot::channel();
    let task = Box::new(move || {
        // Nobody may wait any more.
        let _ = sender.send(work());
    });
    THREADS.send(task).map_err(failed)?;
    receiver.await.map_err(failed)?
}

fn work(tasks: &Mutex<Receiver<Task>>) {
    // Of this thread alone, as only Linux has it. (Where even that is forbidden it stays as it is.)
    #[cfg(target_os = "linux")]
    let _ = give_way();
    let mut weary = Weary { hashed: Duration::ZERO, until: Instant::now() };
    loop {
        let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(task) = next else { return };
        thread::sleep(weary.rest(Instant::now()));
        // The one who waits is told by the end of its channel; the thread is for others, too.
        let _ = catch_unwind(AssertUnwindSafe(task));
        weary.hashed(HASHED.take(), Instant::now());
    }
}

/// How much a thread has hashed for which it has not rested yet.
struct Weary {
    hashed: Duration,
    until: Instant,
}

impl Weary {
    /// How long to rest now. Where nobody came for a while, that was a rest, too.
    fn rest(&mut self, now: Instant) -> Duration {
        let idle = now.saturating_duration_since(self.until);
        self.hashed = self.hashed.saturating_sub(idle / REST);
        if self.hashed < STRETCH {
            return Duration::ZERO;
        }
        // (A process that stood still in the middle of a hash was not at work all the time.)
        std::mem::take(&mut self.hashed).min(2 * STRETCH) * REST
    }

    fn hashed(&mut self, lasted: Duration, until: Instant) {
        self.hashed += lasted;
        self.until = until;
    }
}

/// Lowers the priority of this thread.
#[cfg(target_os = "linux")]
fn give_way() -> rustix::io::Result<()> {
    use rustix::process::{getpriority_process, setpriority_process};

    setpriority_process(None, getpriority_process(None)?.saturating_add(NICE).min(LOWEST))
}

/// Hashes, and counts the processor time of this thread for it.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> T {
    let (begun, before) = (Instant::now(), thread_time());
    let done = work();
    HASHED.set(HASHED.get() + begun.elapsed());
    let nanoseconds = thread_time().saturating_sub(before).as_nanos();
    NANOSECONDS.fetch_add(u64::try_from(nanoseconds).unwrap_or_default(), Ordering::Relaxed);
    done
}

fn thread_time() -> Duration {
    // (Before 1970 or beyond what fits is no processor time of a thread.)
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_stretches_are_followed_by_rests_and_short_ones_by_none() {
        let mut now = Instant::now();
        let mut weary = Weary { hashed: Duration::ZERO, until: now };
        let mut hash = |weary: &mut Weary, idle: Duration| {
            let rest = weary.rest(now + idle);
            now = now + idle + rest + STRETCH / 4;
            weary.hashed(STRETCH / 4, now);
            rest
        };
        // Others come only after as long.
        assert!((0..20).all(|_| hash(&mut weary, STRETCH / 4).is_zero()));
        // One after the other.
        let rests: Vec<_> = (0..11).map(|_| hash(&mut weary, Duration::ZERO)).collect();
        let of = |place: usize| rests.get(place).copied();
        assert_eq!((of(2), of(3), of(7)), (Some(Duration::ZERO), Some(STRETCH), Some(STRETCH)));
        assert_eq!(rests.iter().sum::<Duration>(), 2 * STRETCH);
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_ends_nothing() {
        for _ in 0..2 * at_a_time() {
            assert!(hash(|| -> Result<()> { panic!("as if") }).await.is_err());
        }
        let before = hashing_time();
        let sum = || (0..100_000_u64).map(std::hint::black_box).sum::<u64>();
        let sum = hash(move || Ok(timed(sum))).await;
        assert_eq!(sum.ok(), Some(4_999_950_000));
        assert!(hashing_time() > before);
    }
}
