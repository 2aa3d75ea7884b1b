//! How fast a provider is asked, and when it is left alone.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a run waits where the provider asks for it; longer waits end the run, and the next one
/// goes on.
pub const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The first wait where the provider does not say for how long; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How often in a row a provider may ask to wait before the run ends.
const MOST_WAITS: u32 = 5;
/// How much time is made up for where the clock of the timer is coarse.
const CATCH_UP: Duration = Duration::from_millis(10);
/// So many domains in a row without an answer mean that the provider is out of order.
const OUTAGE: u32 = 100;

/// Why a run asks no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The provider wants to be left alone.
    Busy(Duration),
    /// It does not answer at all.
    Outage(String),
}

/// Lets questions pass one by one.
pub struct Pace {
    period: Duration,
    state: Mutex<State>,
}

struct State {
    next: Instant,
    /// Counts the waits that the provider asked for.
    waits: u64,
    /// Those since the last answer.
    waits_in_row: u32,
    failed_in_row: u32,
    end: Option<End>,
}

/// A question may be asked now. Remembers what had been said until then.
#[derive(Debug, Clone, Copy)]
pub struct Turn(u64);

impl Pace {
    /// At most so many questions a second.
    pub fn new(per_second: u32) -> Self {
        let state =
            State { next: Instant::now(), waits: 0, waits_in_row: 0, failed_in_row: 0, end: None };
        Self { period: Duration::from_secs(1) / per_second.max(1), state: Mutex::new(state) }
    }

    /// Waits until the next question may be asked; `None`: none may any more.
    pub async fn turn(&self) -> Option<Turn> {
        loop {
            let (at, waits) = {
                let mut state = self.state();
                if state.end.is_some() {
                    return None;
                }
                let earliest = Instant::now().checked_sub(CATCH_UP);
                let at = earliest.map_or(state.next, |earliest| state.next.max(earliest));
                state.next = at + self.period;
                (at, state.waits)
            };
            tokio::time::sleep_until(at).await;
            let state = self.state();
            if state.waits == waits && state.end.is_none() {
                return Some(Turn(waits));
            }
        }
    }

    /// The provider has answered.
    pub fn answered(&self) {
        let mut state = self.state();
        state.waits_in_row = 0;
        state.failed_in_row = 0;
    }

    /// The provider asks to wait. Those who asked at the same time say the same thing once.
    pub fn busy(&self, turn: Turn, wait: Option<Duration>) {
        let mut state = self.state();
        let doubled = FIRST_WAIT * 2_u32.saturating_pow(state.waits_in_row.min(MOST_WAITS));
        let wait = wait.unwrap_or(doubled);
        if wait > LONGEST_WAIT {
            state.end.get_or_insert(End::Busy(wait));
            return;
        }
        let until = Instant::now() + wait;
        state.next = state.next.max(until);
        if turn.0 == state.waits {
            state.waits += 1;
            state.waits_in_row += 1;
            if state.waits_in_row > MOST_WAITS {
                state.end.get_or_insert(End::Busy(wait));
            }
        }
    }

    /// There was no answer about a domain, however often it was asked.
    pub fn failed(&self, why: &str) {
        let mut state = self.state();
        state.failed_in_row += 1;
        if state.failed_in_row >= OUTAGE {
            state.end.get_or_insert(End::Outage(why.to_owned()));
        }
    }

    /// Why nothing more is asked.
    pub fn end(&self) -> Option<End> {
        self.state().end.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
