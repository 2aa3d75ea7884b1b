//! `cheeseshop import`

mod bandersnatch;
mod devpi;
mod scan;
mod told;

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use told::{Found, find as find_files};

use super::user::{find, username};
use super::{Failure, out};
use crate::accounts::{Caller, Way};
use crate::config::Config;
use crate::db::Db;
use crate::error::{Doing, Error, Kind, Result};
use crate::mirror::Mirror;
use crate::storage::Storage;
use crate::upload::{self, Intake, Outcome, Policy, Spool};

/// How much of a file is read at once.
const PIECE: usize = 64 * 1024;

/// Take in a folder (or tree) of wheels and source distributions: a plain one, an export of devpi, or
/// what bandersnatch mirrored. Upload times and yanks are kept where the source knows them.
#[derive(Args)]
pub(super) struct Import {
    /// The folder, or one file
    source: PathBuf,
    /// The account that owns the projects that are new, and in whose name files are added
    #[arg(long, value_name = "USER")]
    owner: String,
    /// Also take file names and metadata of older times
    #[arg(long)]
    lenient: bool,
}

#[derive(Default)]
struct Tally {
    taken: usize,
    there: usize,
    refused: usize,
}

impl Import {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        let name = username(&self.owner)?;
        let db = Db::open(&config.database_url, config.read_only)?;
        db.check_writable()?;
        let storage = Storage::open(&config.storage_url, &config.data, &config.aws)?;
        let user = db.read(move |c| find(c, &name)).await?;
        let caller = Caller::new(user, Way::Operator);
        let policy = Policy::of(&config);
        let policy = if self.lenient { policy.lenient() } else { policy };
        let mirror = Mirror::open(&config.mirror, &db, &storage, "")?;
        let intake = Intake { db, storage, policy, mirror };
        let files = find_files(&self.source)?;
        if files.is_empty() {
            let source = self.source.display();
            return Err(Failure::Failed(format!(
                "there are no wheels or source distributions in {source}"
            )));
        }
        let progress = Progress::start(files.len());
        let mut tally = Tally::default();
        for file in &files {
            let path = &file.path;
            match take_in(&intake, &caller, file).await {
                Ok(Outcome::Published(_)) => {
                    tally.taken += 1;
                    progress.step(path, "taken in");
                }
                Ok(Outcome::AlreadyThere) => {
                    tally.there += 1;
                    progress.step(path, "already there");
                }
                Err(error) if is_refusal(&error) => {
                    tally.refused += 1;
                    progress.refused(path, error.detail());
                }
                Err(error) => {
                    progress.end();
                    return Err(Failure::Failed(format!("{}: {}", path.display(), error.chain())));
                }
            }
        }
        progress.end();
        let Tally { taken, there, refused } = tally;
        out::line(format!("{taken} taken in, {there} already there, {refused} refused"));
        if refused > 0 { Err(Failure::Said) } else { Ok(()) }
    }
}

/// Whether the file is at fault; anything else ends the import.
fn is_refusal(error: &Error) -> bool {
    matches!(error.kind(), Kind::Invalid | Kind::Conflict | Kind::Forbidden | Kind::TooLarge)
}

async fn take_in(intake: &Intake, caller: &Caller, file: &Found) -> Result<Outcome> {
    let Found { path, origin } = file;
    let filename = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let claim = upload::claim_of_file(filename)?.from_elsewhere(origin.clone());
    let doing = || format!("reading {}", path.display());
    let mut file = std::fs::File::open(path).doing(doing)?;
    let limit = intake.file_limit(Some(claim.name().clone())).await?;
    let mut spool = Spool::start(&intake.storage, limit);
    let mut buffer = vec![0; PIECE];
    loop {
        let read = file.read(&mut buffer).doing(doing)?;
        match buffer.get(..read) {
            Some(piece) if read > 0 => spool.add(Bytes::copy_from_slice(piece)).await?,
            _ => break,
        }
    }
    intake.accept(caller, &claim, filename, spool.finish().await?).await
}

/// A bar on a terminal, plain lines elsewhere.
struct Progress(Option<ProgressBar>);

impl Progress {
    fn start(count: usize) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new(count as u64);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {eta} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(Some(bar))
    }

    fn step(&self, path: &Path, what: &str) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match &self.0 {
            Some(bar) => {
                bar.set_message(name);
                bar.inc(1);
            }
            None => out::note(format!("{name}: {what}")),
        }
    }

    fn refused(&self, path: &Path, why: &str) {
        let line = format!("{}: refused: {why}", path.display());
        match &self.0 {
            Some(bar) => {
                bar.suspend(|| out::note(line));
                bar.inc(1);
            }
            None => out::note(line),
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
