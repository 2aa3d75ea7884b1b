//! Which domains a run asks about.

use std::time::Duration;

use diesel::prelude::*;

use super::domain::{Domain, Queue};
use crate::db::Conn;
use crate::db::schema::domains;
use crate::time::Time;

/// Beyond all moments at which anything can be due.
const FOR_EVER: Duration = Duration::from_hours(24 * 365_000);

/// Which domains a run asks about: never one twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// When the run began: whatever was asked since is not asked again.
    began: Time,
    /// Answers that are too old then are asked for now.
    horizon: Time,
    /// Domains with doubts are asked about if their time has come by then.
    again: Time,
}

impl Due {
    /// Whatever was never asked, or whose answer would get too old before the next run has come
    /// to it. That begins at `next` and may last for `lasts`.
    pub fn before(began: Time, next: Option<Time>, lasts: Duration) -> Self {
        Self { began, horizon: next.unwrap_or(began) + lasts, again: began }
    }

    /// All there are.
    pub fn all(began: Time) -> Self {
        Self { began, horizon: began + FOR_EVER, again: began + FOR_EVER }
    }

    fn until(&self, queue: Queue) -> Time {
        if queue == Queue::Again { self.again } else { self.horizon }
    }

    /// How many there are.
    pub fn count(&self, c: &mut Conn) -> QueryResult<i64> {
        let mut sum = 0;
        for queue in Queue::ASKED {
            let rows = domains::table
                .filter(domains::queue.eq(queue.number()))
                .filter(domains::next_due.le(self.until(queue)))
                .filter(domains::asked_at.is_null().or(domains::asked_at.lt(self.began)));
            sum += rows.count().get_result::<i64>(c)?;
        }
        Ok(sum)
    }

    /// The next `limit` of a line behind `after`, those first that wait longest.
    pub fn page(
        &self,
        c: &mut Conn,
        queue: Queue,
        after: Option<&(Time, String)>,
        limit: i64,
    ) -> QueryResult<Vec<Domain>> {
        let mut rows = domains::table
            .filter(domains::queue.eq(queue.number()))
            .filter(domains::next_due.le(self.until(queue)))
            .filter(domains::asked_at.is_null().or(domains::asked_at.lt(self.began)))
            .select(Domain::as_select())
            .into_boxed();
        if let Some((time, name)) = after {
            let behind = domains::next_due
                .gt(*time)
                .or(domains::next_due.eq(*time).and(domains::name.gt(name.clone())));
            // The first condition alone lets the index begin at the right place.
            rows = rows.filter(domains::next_due.ge(*time)).filter(behind);
        }
        rows.order((domains::next_due, domains::name)).limit(limit).load(c)
    }
}
