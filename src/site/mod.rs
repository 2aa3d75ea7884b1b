//! What holds for the whole site because an administrator says so: the read-only switch and the
//! banner. They stand in the database; every process keeps a copy that is less than a second old,
//! so that no request asks for them.

pub mod flag;

use std::sync::{Arc, PoisonError, RwLock};

pub use flag::{Flags, Name};

use crate::db::Db;
use crate::error::{Error, Kind, Result};

/// The switches as this process knows them.
#[derive(Debug, Default)]
pub struct Site(RwLock<Arc<Flags>>);

impl Site {
    /// All of them.
    pub fn flags(&self) -> Arc<Flags> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads them again.
    pub async fn refresh(&self, db: &Db) -> Result<()> {
        let found = db.read(|c| Ok(flag::read(c)?)).await?;
        if *self.flags() != found {
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(found);
        }
        Ok(())
    }

    /// Refuses where an administrator has switched to read-only.
    pub fn check_writable(&self) -> Result<()> {
        match &self.flags().read_only {
            Some(words) => Err(still(words)),
            None => Ok(()),
        }
    }
}

/// The answer to a change while the switch is on.
pub(crate) fn still(words: &str) -> Error {
    let why = if words.is_empty() { "try again later." } else { words };
    let words = format!("This index is read-only at the moment: {why}");
    Error::new(Kind::Unavailable, "This index is read-only at the moment", words)
}

/// Looks for changes for ever. While the database does not answer, what was known holds.
pub async fn follow(db: Db, site: Arc<Site>) {
    let mut news = db.news();
    loop {
        news.next().await;
        if let Err(error) = site.refresh(&db).await {
            news.read_again();
            tracing::debug!(error = error.chain(), "the switches of the site cannot be read");
        }
    }
}
