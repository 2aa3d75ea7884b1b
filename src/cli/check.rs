//! `cheeseshop check`

use clap::Args;

use super::progress::Stages;
use super::{Failure, must_exist, out};
use crate::config::{Config, size_for_people};
use crate::db::Db;
use crate::storage::Storage;
use crate::upkeep::check::{How, Index, Report, check};

/// Compare database and stored files.
#[derive(Args)]
pub(super) struct Check {
    /// Also read every stored file and take its digests again
    #[arg(long)]
    deep: bool,
    /// Mend what can be mended: remove stored files that nothing has referred to for a day, take lost
    /// metadata out of its wheel again, forget damaged mirrored files so that they are fetched
    /// again, raise the journal's counter, set serials of projects right, note names of files as
    /// used, make a wrong search index anew. Nothing that readers see goes
    #[arg(long)]
    repair: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        must_exist(&config)?;
        let db = Db::open(&config.database_url, config.read_only)?;
        let storage = Storage::open(&config.storage_url, &config.data, &config.aws)?;
        let index = Index { db: &db, storage: &storage, key_file: &config.secret_key_file };
        let how = How { deep: self.deep, repair: self.repair };
        let progress = Stages::default();
        let report = check(index, how, &progress).await?;
        progress.end();
        if self.json {
            out::json(&report)?;
        } else {
            tell(&report);
        }
        verdict(&report)
    }
}

/// Fails where something is wrong; everything is said by then.
pub(super) fn verdict(report: &Report) -> Result<(), Failure> {
    if report.is_well() { Ok(()) } else { Err(Failure::Said) }
}

/// One line for each thing that is wrong, and one for all.
pub(super) fn tell(report: &Report) {
    for finding in &report.findings {
        let done = if finding.repaired { " (repaired)" } else { "" };
        out::line(format!("{}{done}", finding.words));
    }
    let untold = report.wrong.saturating_sub(report.findings.len() as u64);
    if untold > 0 {
        out::line(format!("and {untold} more"));
    }
    out::line(summary(report));
}

fn summary(report: &Report) -> String {
    let Report { blobs, bytes, hashed, unreferenced, wrong, repaired, .. } = report;
    let mut parts = vec![format!("{blobs} blobs with {}", size_for_people(*bytes))];
    if *hashed > 0 {
        parts.push(format!("{hashed} hashed"));
    }
    let removed = report.removed_blobs;
    if removed > 0 {
        parts.push(format!("{removed} unreferenced removed"));
    } else if *unreferenced > 0 {
        parts.push(format!("{unreferenced} unreferenced and left over"));
    }
    if report.removed_temporary > 0 {
        parts.push(format!("{} temporary files removed", report.removed_temporary));
    }
    let verdict = match (wrong, wrong - repaired) {
        (0, _) => "all is well".to_owned(),
        (_, 0) => format!("{wrong} things were wrong and are repaired"),
        (_, 1) => "1 thing is wrong".to_owned(),
        (_, left) => format!("{left} things are wrong"),
    };
    format!("{}: {verdict}", parts.join(", "))
}
