//! Fetching what was planned, with the metadata beside it.

use futures_util::stream::{self, StreamExt};

use super::plan::{Plan, Planned};
use super::{AT_ONCE, Missing};
use crate::db::MirrorFileId;
use crate::error::Result;
use crate::mirror::Mirror;
use crate::mirror::file::{StoredFile, Wanted};

/// What became of a file.
#[derive(Debug, Clone, Copy)]
pub enum Pace<'a> {
    /// It was fetched.
    Fetched(&'a str),
    /// It was there.
    There(&'a str),
    /// It could not be had, and why.
    Missing(&'a str, &'a str),
}

/// What became of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Files that were fetched.
    pub fetched: u64,
    /// Files that were there.
    pub there: u64,
    /// The bytes of both.
    pub bytes: u64,
    /// What could not be had.
    pub missing: Vec<Missing>,
}

impl Mirror {
    /// Fetches what was planned and is not stored; pins all of it, if wanted, so that it never
    /// leaves to make room. `pace` is told about each file.
    ///
    /// An error where the database fails.
    pub async fn fill(
        &self,
        plan: Plan,
        is_pinned: bool,
        pace: &dyn Fn(Pace<'_>),
    ) -> Result<Report> {
        let mut report = Report { missing: plan.missing, ..Report::default() };
        let fetching = plan.files.into_values().map(|planned| async move {
            let got = self.bring(&planned, is_pinned).await;
            (planned, got)
        });
        let mut fetching = stream::iter(fetching).buffer_unordered(AT_ONCE);
        while let Some((planned, got)) = fetching.next().await {
            let name = planned.chosen.file.filename.as_str();
            match got? {
                Ok(bytes) => {
                    report.bytes += bytes;
                    if planned.is_stored {
                        report.there += 1;
                        pace(Pace::There(name));
                    } else {
                        report.fetched += 1;
                        pace(Pace::Fetched(name));
                    }
                }
                Err(why) => {
                    pace(Pace::Missing(name, &why));
                    report.missing.push(Missing { what: format!("{name} ({})", planned.by), why });
                }
            }
        }
        Ok(report)
    }

    /// How many bytes a file has that is stored now, or why it is not; the same with the metadata
    /// beside it.
    async fn bring(
        &self,
        planned: &Planned,
        is_pinned: bool,
    ) -> Result<std::result::Result<u64, String>> {
        let Planned { project, chosen, .. } = planned;
        let file = match self.bring_one(Wanted::file(project, &chosen.file)?).await {
            Ok(file) => file,
            Err(why) => return Ok(Err(why)),
        };
        if !chosen.pins.is_empty() && !chosen.pins.contains(&file.sha256) {
            return Ok(Err(format!("its SHA-256 is {}, which nobody asked for", file.sha256)));
        }
        let mut ids = vec![file.id];
        if let Some(wanted) = Wanted::metadata(project, &chosen.file)? {
            match self.bring_one(wanted).await {
                Ok(beside) => ids.push(beside.id),
                Err(why) => return Ok(Err(format!("its metadata: {why}"))),
            }
        }
        if is_pinned && !self.pin(ids).await? {
            let words = "it left again to make room; mirror.max_bytes is too small";
            return Ok(Err(words.to_owned()));
        }
        Ok(Ok(u64::try_from(file.size).unwrap_or_default()))
    }

    async fn bring_one(&self, wanted: Wanted) -> std::result::Result<StoredFile, String> {
        let arrival = self.files.fetch(wanted);
        let stored = arrival.map_err(|fault| fault.to_string())?.stored().await;
        stored.map(|stored| StoredFile::clone(&stored)).map_err(|fault| fault.to_string())
    }

    /// Pins files; whether all are still there.
    async fn pin(&self, ids: Vec<MirrorFileId>) -> Result<bool> {
        let count = ids.len();
        let pinned = self.db.write(move |c| Ok(StoredFile::set_pinned(c, &ids, true)?)).await?;
        Ok(pinned == count)
    }
}
