//! How the connections of a pool are used.

use std::time::{Duration, Instant};

use diesel::r2d2::{Pool, PooledConnection};

use super::conn::Manager;
use super::silent;
use crate::count::Count;
use crate::error::Result;

/// Connections to the database, and how they are used.
pub(super) struct Connections {
    name: &'static str,
    pool: Pool<Manager>,
    taken: Count,
    refused: Count,
    waited: Count,
}

/// How the connections of a pool are used at the moment.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// What they are for: `read` or `write`.
    pub name: &'static str,
    /// Connections at most.
    pub most: u32,
    /// Those that are open.
    pub open: u32,
    /// Of these, those in use.
    pub busy: u32,
    /// How often one was taken since the process began.
    pub taken: u64,
    /// How often none became free, or could be opened, in time.
    pub refused: u64,
    /// How long those who wanted one waited for it, all together.
    pub waited: Duration,
}

impl Connections {
    pub(super) fn new(name: &'static str, pool: Pool<Manager>) -> Self {
        let (taken, refused, waited) = (Count::new(), Count::new(), Count::new());
        Self { name, pool, taken, refused, waited }
    }

    /// Takes one, as soon as one is free. Blocks.
    pub(super) fn take(&self) -> Result<PooledConnection<Manager>> {
        let begun = Instant::now();
        let taken = self.pool.get();
        self.waited.add(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        let counted = if taken.is_ok() { &self.taken } else { &self.refused };
        counted.one();
        taken.map_err(|error| silent().because(error))
    }

    /// Takes one if one is open and free at this moment.
    pub(super) fn take_idle(&self) -> Option<PooledConnection<Manager>> {
        self.pool.try_get().inspect(|_| self.taken.one())
    }

    pub(super) fn usage(&self) -> Usage {
        let state = self.pool.state();
        Usage {
            name: self.name,
            most: self.pool.max_size(),
            open: state.connections,
            busy: state.connections.saturating_sub(state.idle_connections),
            taken: self.taken.get(),
            refused: self.refused.get(),
            waited: Duration::from_micros(self.waited.get()),
        }
    }
}
