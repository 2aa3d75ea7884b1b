//! `cheeseshop project yank|unyank`

use clap::Args;

use super::{Failure, out, project};
use crate::catalog::administer;
use crate::catalog::yank::Target;
use crate::db::Db;
use crate::error::Result;
use crate::packaging::Version;

/// A release, or one file of it.
#[derive(Args)]
struct What {
    /// The project's name
    name: String,
    /// The release
    #[arg(value_name = "VERSION", required_unless_present = "file")]
    release: Option<String>,
    /// Only this file
    #[arg(long, value_name = "FILENAME", conflicts_with = "release")]
    file: Option<String>,
}

#[derive(Args)]
pub(super) struct Yank {
    #[command(flatten)]
    what: What,
    /// Why; installers show it
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

#[derive(Args)]
pub(super) struct Unyank {
    #[command(flatten)]
    what: What,
}

impl Yank {
    pub(super) async fn run(self, db: &Db) -> Result<(), Failure> {
        let words = ["is yanked now", "was yanked with that reason already"];
        self.what.set(db, Some(&self.reason), words).await
    }
}

impl Unyank {
    pub(super) async fn run(self, db: &Db) -> Result<(), Failure> {
        self.what.set(db, None, ["is not yanked any more", "was not yanked"]).await
    }
}

impl What {
    async fn set(
        self,
        db: &Db,
        reason: Option<&str>,
        [done, nothing]: [&str; 2],
    ) -> Result<(), Failure> {
        let name = project::normalized(&self.name)?;
        let text = self.file.clone().or(self.release).unwrap_or_default();
        let target = if let Some(filename) = self.file {
            Target::File(filename)
        } else {
            let bad = || Failure::Usage(format!("{text:?} is not a version"));
            Target::Release(Version::parse(&text).ok_or_else(bad)?)
        };
        let order = project::order(reason.unwrap_or_default())?;
        let is_yanked = reason.is_some();
        let work = move |c: &mut _| administer::set_yanked(c, &order, &name, &target, is_yanked);
        let changed = db.write(work).await?;
        out::note(format!("{} {text} {}.", self.name, if changed { done } else { nothing }));
        Ok(())
    }
}
