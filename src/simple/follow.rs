//! Following the journal: what other processes changed leaves the cache of this one. Where the
//! database tells when the journal grows, that takes milliseconds.

use super::PageCache;
use crate::catalog::journal;
use crate::db::Db;
use crate::db::news::LOOKS;
use crate::error::Result;

/// Rows of the journal that are read at once.
const ROWS: i64 = 1_000;

/// Where the journal ends. Who asks before the first page is read misses no change by following
/// it from there.
pub async fn end(db: &Db) -> Result<i64> {
    db.read(|c| Ok(journal::last_serial(c)?)).await
}

/// Follows the journal for ever from that serial. Failures are logged once and tried again: until
/// the database answers, nothing can have changed in it through it.
pub async fn follow(db: Db, cache: impl AsRef<PageCache>, mut seen: i64) {
    let (mut failing, mut news) = (false, db.news());
    let notices = db.notices();
    cache.as_ref().looked_at(db.looked());
    db.feel_pulse();
    news.next().await;
    loop {
        cache.as_ref().begin_to_confirm();
        match step(&db, cache.as_ref(), seen).await {
            Ok(serial) => {
                seen = serial;
                cache.as_ref().confirm();
                failing = false;
            }
            Err(error) => {
                news.read_again();
                let error = error.chain();
                if failing {
                    tracing::debug!(error, "still no journal");
                } else {
                    tracing::warn!(error, "the journal cannot be read");
                }
                failing = true;
            }
        }
        tokio::select! {
            () = news.next() => {}
            () = notices.next() => {}
            () = keep_root_ready(&db, cache.as_ref()), if !failing => {}
        }
    }
}

/// Has the list of all projects made and brought up to date, for as long as it is waited for: after many
/// changes at once not for each of them.
async fn keep_root_ready(db: &Db, cache: &PageCache) {
    loop {
        while !cache.keep_root_ready(db) {
            tokio::time::sleep(LOOKS).await;
        }
        cache.root_changed().await;
        tokio::time::sleep(LOOKS).await;
    }
}

/// Forgets the pages of what changed after `seen`; returns the serial up to which it looked.
async fn step(db: &Db, cache: &PageCache, mut serial: i64) -> Result<i64> {
    loop {
        let (names, last) = db.read(move |c| Ok(journal::changed_since(c, serial, ROWS)?)).await?;
        for name in &names {
            cache.changed_up_to(name, last);
        }
        if last == serial {
            return Ok(serial);
        }
        serial = last;
    }
}
