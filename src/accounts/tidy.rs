//! Forgetting what is over: sessions, links, devices, counters, old events.

use std::time::Duration;

use super::device::Device;
use super::link::Link;
use super::session::Session;
use super::{event, invitation, throttle};
use crate::config::Count;
use crate::db::Db;
use crate::error::Result;
use crate::time::Time;

const DAY: Duration = Duration::from_hours(24);

/// How many rows were removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Sessions, links, devices and invitations whose time was over.
    pub ended: usize,
    /// Minutes of the limits.
    pub counters: usize,
    /// Security events that were older than is kept.
    pub events: usize,
}

/// Removes what is over, and security events of more than `history` days ago. May run twice at
/// the same time.
pub async fn tidy(db: &Db, history: Count, now: Time) -> Result<Tidied> {
    db.write(move |c| {
        // First of all, as a login does, so that neither waits for the other for good.
        let counters = throttle::forget(c, now)?;
        Ok(Tidied {
            counters,
            ended: Session::forget(c, now)?
                + Link::forget(c, now)?
                + Device::forget(c, now)?
                + invitation::forget(c, now)?,
            events: event::forget(c, now - DAY * history.0, now)?,
        })
    })
    .await
}
