//! The row of a remembered device: a browser that needs no second factor for a while. It skips
//! the code and never the password, and is forgotten when password or second factor change.

use std::time::Duration;

use diesel::prelude::*;

use super::Visit;
use crate::db::schema::remembered_devices as devices;
use crate::db::{Conn, DeviceId, UserId};
use crate::secret::TokenDigest;
use crate::time::Time;

/// How long a device is remembered, as on PyPI.
pub const REMEMBERED_FOR: Duration = Duration::from_hours(30 * 24);

/// A remembered device.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = devices)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub user_id: UserId,
    /// Since when it is remembered.
    pub created_at: Time,
    /// When it is forgotten.
    pub expires_at: Time,
    /// Where it was then.
    pub ip: Option<String>,
    /// The browser.
    pub user_agent: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = devices, treat_none_as_default_value = false)]
struct NewDevice<'a> {
    digest: &'a str,
    user_id: UserId,
    created_at: Time,
    expires_at: Time,
    ip: Option<String>,
    user_agent: Option<&'a str>,
}

impl Device {
    /// Remembers one.
    pub fn create(
        c: &mut Conn,
        user: UserId,
        digest: &TokenDigest,
        visit: &Visit,
    ) -> QueryResult<usize> {
        let new = NewDevice {
            digest: digest.as_str(),
            user_id: user,
            created_at: visit.at,
            expires_at: visit.at + REMEMBERED_FOR,
            ip: visit.ip_text(),
            user_agent: visit.agent.as_deref(),
        };
        diesel::insert_into(devices::table).values(new).execute(c)
    }

    /// Whether an account has this device.
    pub fn is_known(
        c: &mut Conn,
        user: UserId,
        digest: &TokenDigest,
        now: Time,
    ) -> QueryResult<bool> {
        let row = devices::table
            .filter(devices::digest.eq(digest.as_str()).and(devices::user_id.eq(user)))
            .filter(devices::expires_at.gt(now));
        row.select(devices::id).first::<DeviceId>(c).optional().map(|id| id.is_some())
    }

    /// The devices of an account, the latest first.
    pub fn of(c: &mut Conn, user: UserId, now: Time) -> QueryResult<Vec<Self>> {
        devices::table
            .filter(devices::user_id.eq(user).and(devices::expires_at.gt(now)))
            .order(devices::id.desc())
            .select(Self::as_select())
            .load(c)
    }

    /// Forgets one device of an account. Returns whether it was there.
    pub fn remove(c: &mut Conn, user: UserId, id: DeviceId) -> QueryResult<bool> {
        let own = devices::table.filter(devices::id.eq(id).and(devices::user_id.eq(user)));
        Ok(diesel::delete(own).execute(c)? == 1)
    }

    /// Forgets all devices of an account.
    pub fn remove_all(c: &mut Conn, user: UserId) -> QueryResult<usize> {
        diesel::delete(devices::table.filter(devices::user_id.eq(user))).execute(c)
    }

    /// Removes those whose time is over. Returns how many.
    pub fn forget(c: &mut Conn, now: Time) -> QueryResult<usize> {
        diesel::delete(devices::table.filter(devices::expires_at.le(now))).execute(c)
    }
}
