//! How fast a provider is asked, and when it is left alone.
//!
//! A provider may be many authorities, such as the registries of top-level domains. They share the
//! rate; but who of them wants to be left alone, or is out of order, does not keep others from
//! being asked.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::answer::THE_ONLY_ONE;

/// How long a run waits where the provider asks for it; longer waits end the run, and the next one
/// goes on.
pub const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The first wait where the provider does not say for how long; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How often in a row a provider may ask to wait before the run ends.
const MOST_WAITS: u32 = 5;
/// How much time is made up for where the clock of the timer is coarse.
const CATCH_UP: Duration = Duration::from_millis(10);
/// So many domains in a row without an answer mean that an authority is out of order.
const OUTAGE: u32 = 100;
/// So many in a row, whoever was asked, mean that nobody can be reached: three authorities that are
/// out of order say nothing of the others yet.
const OUTAGE_OF_ALL: u32 = 4 * OUTAGE;

/// Why nothing more is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It wants to be left alone.
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
    authorities: BTreeMap<String, Authority>,
    failed_in_row: u32,
    /// Why nobody is asked any more.
    end: Option<End>,
}

/// How it stands with one authority.
#[derive(Default)]
struct Authority {
    /// It is left alone until then.
    until: Option<Instant>,
    /// Counts the waits that it asked for.
    waits: u64,
    /// Those since its last answer.
    waits_in_row: u32,
    failed_in_row: u32,
    /// Why it is asked no more.
    end: Option<End>,
}

/// A question may be asked now. Remembers what the authority had said until then.
#[derive(Debug, Clone, Copy)]
pub struct Turn(u64);

/// When the next question may be asked.
enum Slot {
    At(Instant, u64),
    NotBefore(Instant),
}

impl Pace {
    /// At most so many questions a second.
    pub fn new(per_second: u32) -> Self {
        let authorities = BTreeMap::new();
        let state = State { next: Instant::now(), authorities, failed_in_row: 0, end: None };
        Self { period: Duration::from_secs(1) / per_second.max(1), state: Mutex::new(state) }
    }

    /// Waits until the next question may be asked of an authority; `None`: none may any more.
    pub async fn turn(&self, authority: &str) -> Option<Turn> {
        loop {
            let (at, waits) = match self.slot(authority)? {
                Slot::At(at, waits) => (at, waits),
                Slot::NotBefore(until) => {
                    tokio::time::sleep_until(until).await;
                    continue;
                }
            };
            tokio::time::sleep_until(at).await;
            let mut state = self.state();
            let is_over = state.end.is_some();
            let own = state.of(authority);
            if own.waits == waits && own.end.is_none() && !is_over {
                return Some(Turn(waits));
            }
        }
    }

    /// Takes the next moment that is free, where the authority may be asked now.
    fn slot(&self, authority: &str) -> Option<Slot> {
        let mut state = self.state();
        if state.end.is_some() {
            return None;
        }
        let now = Instant::now();
        let own = state.of(authority);
        if own.end.is_some() {
            return None;
        }
        if let Some(until) = own.until.filter(|until| *until > now) {
            return Some(Slot::NotBefore(until));
        }
        let waits = own.waits;
        let earliest = now.checked_sub(CATCH_UP);
        let at = earliest.map_or(state.next, |earliest| state.next.max(earliest));
        state.next = at + self.period;
        Some(Slot::At(at, waits))
    }

    /// An authority has answered.
    pub fn answered(&self, authority: &str) {
        let mut state = self.state();
        state.failed_in_row = 0;
        let own = state.of(authority);
        own.waits_in_row = 0;
        own.failed_in_row = 0;
    }

    /// An authority asks to wait. Those who asked at the same time say the same thing once.
    pub fn busy(&self, authority: &str, turn: Turn, wait: Option<Duration>) {
        let mut state = self.state();
        let own = state.of(authority);
        let doubled = FIRST_WAIT * 2_u32.saturating_pow(own.waits_in_row.min(MOST_WAITS));
        let wait = wait.unwrap_or(doubled);
        if wait > LONGEST_WAIT {
            return state.end_with(authority, End::Busy(wait));
        }
        own.until = own.until.max(Some(Instant::now() + wait));
        if turn.0 == own.waits {
            own.waits += 1;
            own.waits_in_row += 1;
            if own.waits_in_row > MOST_WAITS {
                state.end_with(authority, End::Busy(wait));
            }
        }
    }

    /// There was no answer about a domain, however often it was asked.
    pub fn failed(&self, authority: &str, why: &str) {
        let mut state = self.state();
        state.failed_in_row += 1;
        if state.failed_in_row >= OUTAGE_OF_ALL {
            state.end.get_or_insert(End::Outage(why.to_owned()));
        }
        let own = state.of(authority);
        own.failed_in_row += 1;
        if own.failed_in_row >= OUTAGE {
            state.end_with(authority, End::Outage(why.to_owned()));
        }
    }

    /// Why nobody is asked any more.
    pub fn end(&self) -> Option<End> {
        self.state().end.clone()
    }

    /// The authorities that are asked no more, and why.
    pub fn ended(&self) -> Vec<(String, End)> {
        let state = self.state();
        let all = state.authorities.iter();
        all.filter_map(|(name, own)| Some((name.clone(), own.end.clone()?))).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn of(&mut self, authority: &str) -> &mut Authority {
        self.authorities.entry(authority.to_owned()).or_default()
    }

    /// An authority is asked no more; the only one there is, nobody is.
    fn end_with(&mut self, authority: &str, end: End) {
        if authority == THE_ONLY_ONE {
            self.end.get_or_insert(end.clone());
        }
        self.of(authority).end.get_or_insert(end);
    }
}
