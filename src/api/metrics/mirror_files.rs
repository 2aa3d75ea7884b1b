//! Figures about the files of mirrored projects.

use std::fmt::Write;

use super::{counter, gauge, head};
use crate::app::App;
use crate::error::Result;
use crate::mirror::file::{Files, Totals};

/// What became of fetches since the process began.
pub(super) fn write(text: &mut String, files: &Files) {
    let figures = files.figures();
    let about = "Mirrored files, and metadata beside them, that were fetched and stored.";
    counter(text, "cheeseshop_mirror_files_fetched_total", about, figures.fetched());
    let about = "Bytes of mirrored files that came from other indexes, those in vain included.";
    counter(text, "cheeseshop_mirror_files_fetched_bytes_total", about, figures.bytes());
    let about = "Mirrored files that were removed to make room for others.";
    counter(text, "cheeseshop_mirror_files_evicted_total", about, figures.evicted());
    let about = "Fetches of mirrored files that run or wait for their turn.";
    gauge(text, "cheeseshop_mirror_files_fetching", about, files.running());
    let name = "cheeseshop_mirror_files_failed_total";
    head(text, ("counter", name), "Fetches of mirrored files that failed.");
    for (reason, count) in figures.failed() {
        // (Writing to a String does not fail.)
        let _ = writeln!(text, "{name}{{reason=\"{reason}\"}} {count}");
    }
}

/// What is stored.
pub(super) async fn stored(app: &App, text: &mut String) -> Result<()> {
    let totals = app.db.read(|c| Ok(Totals::read(c)?)).await?;
    let about = "Mirrored files, and metadata beside them, that are stored.";
    gauge(text, "cheeseshop_mirror_files_stored", about, totals.files);
    let about =
        "Bytes of mirrored files that are stored, without those that hosted files have too.";
    gauge(text, "cheeseshop_mirror_files_cached_bytes", about, totals.bytes);
    Ok(())
}
