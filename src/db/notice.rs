//! Telling other processes at once that the journal has grown: `NOTIFY` and `LISTEN` of PostgreSQL.
//!
//! A notice is lost where nobody is connected at that moment, and a pooler that hands out another
//! connection for each transaction passes none on; so whoever follows the journal also looks by
//! itself every now and then.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use tokio::sync::Notify;

use super::conn::{self, AnyConnection, Mode};
use super::{Conn, Db};
use crate::config::DatabaseUrl;

const NOTIFY: &str = "NOTIFY cheeseshop_journal";
const LISTEN: &str = "LISTEN cheeseshop_journal";
/// How often the connection is looked at. (The client library has no way to wait for a notice; a
/// look is one call of the system, and asks the server nothing.)
const LOOK: Duration = Duration::from_millis(5);
/// How often the server is asked whether it is still there: what lies between may forget a
/// connection on which nothing is said for minutes.
const PING: Duration = Duration::from_secs(20);
/// How long to wait before connecting again.
const AGAIN: Duration = Duration::from_secs(1);

/// Tells all processes that listen, once this transaction is committed.
pub fn tell(c: &mut Conn) -> diesel::QueryResult<()> {
    match c {
        AnyConnection::Postgresql(conn) => conn.batch_execute(NOTIFY),
        AnyConnection::Sqlite(_) => Ok(()),
    }
}

/// What others tell about the journal. Nobody listens any more once it is dropped.
pub struct Notices(Option<Arc<Notify>>);

impl Notices {
    /// Waits until the journal has grown; without end where the database tells nothing. Notices
    /// that come while nobody waits count as one.
    pub async fn next(&self) {
        match &self.0 {
            Some(told) => told.notified().await,
            None => std::future::pending().await,
        }
    }
}

impl Db {
    /// Listens for what other processes write, on a connection and a thread of its own.
    pub fn notices(&self) -> Notices {
        let url = self.0.url.clone();
        if !matches!(url, DatabaseUrl::Postgres(_)) {
            return Notices(None);
        }
        let told = Arc::new(Notify::new());
        let teller = Arc::downgrade(&told);
        let started = thread::Builder::new().name("notices".to_owned());
        if let Err(error) = started.spawn(move || listen(&url, &teller)) {
            tracing::warn!(%error, "no thread listens for what other processes write");
        }
        Notices(Some(told))
    }
}

/// Why listening ended.
enum Ended {
    /// Nobody wants to know any more.
    Unwanted,
    /// The connection could not be made, or broke.
    Broken(String),
}

fn listen(url: &DatabaseUrl, told: &Weak<Notify>) {
    let mut failing = false;
    loop {
        match follow(url, told, &mut failing) {
            Ended::Unwanted => return,
            Ended::Broken(error) if failing => tracing::debug!(error, "still no notices"),
            Ended::Broken(error) => {
                failing = true;
                tracing::warn!(error, "the database tells nothing about other processes");
            }
        }
        thread::sleep(AGAIN);
    }
}

fn follow(url: &DatabaseUrl, told: &Weak<Notify>, failing: &mut bool) -> Ended {
    let broken = |error: &dyn std::fmt::Display| Ended::Broken(error.to_string());
    let mut conn = match conn::connect(url, Mode::ReadOnly) {
        Ok(AnyConnection::Postgresql(conn)) => conn,
        Ok(AnyConnection::Sqlite(_)) => return Ended::Unwanted,
        Err(error) => return broken(&error),
    };
    if let Err(error) = conn.batch_execute(LISTEN) {
        return broken(&error);
    }
    *failing = false;
    // What was told while nobody listened.
    let Some(first) = told.upgrade() else { return Ended::Unwanted };
    first.notify_one();
    drop(first);
    let mut asked = Instant::now();
    loop {
        let Some(told) = told.upgrade() else { return Ended::Unwanted };
        match heard(&mut conn) {
            Ok(true) => told.notify_one(),
            Ok(false) => {}
            Err(error) => return broken(&error),
        }
        drop(told);
        if asked.elapsed() > PING {
            if let Err(error) = conn.batch_execute("SELECT 1") {
                return broken(&error);
            }
            asked = Instant::now();
        }
        thread::sleep(LOOK);
    }
}

fn heard(conn: &mut PgConnection) -> diesel::QueryResult<bool> {
    let mut any = false;
    for notice in conn.notifications_iter() {
        notice?;
        any = true;
    }
    Ok(any)
}
