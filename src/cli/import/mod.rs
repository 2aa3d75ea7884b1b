//! `cheeseshop import`

mod bandersnatch;
mod devpi;
mod index;
mod scan;
mod told;
mod work;

use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;

use index::{Index, Pages, url_of};
use told::{Found, find as find_files};
use work::Work;

use super::Failure;
use super::user::{find, username};
use crate::accounts::{Caller, Way};
use crate::catalog::file::File;
use crate::config::Config;
use crate::db::Db;
use crate::error::{Doing, Error, Result};
use crate::mirror::Mirror;
use crate::packaging::{NormalizedName, Sha256};
use crate::storage::Storage;
use crate::upload::{self, Intake, Outcome, Policy, Spool};

/// How much of a file is read at once.
const PIECE: usize = 64 * 1024;

/// Take in a folder (or tree) of wheels and source distributions: a plain one, an export of devpi, or
/// what bandersnatch mirrored; or projects of another index. Upload times and yanks are kept where the
/// source knows them. What is there already is passed over, so that the command may be run again.
#[derive(Args)]
pub(super) struct Import {
    /// The folder, or one file; or the URL of a simple index, such as
    /// https://packages.example.org/simple/ (user name and password stand in it, or in a .netrc)
    source: PathBuf,
    /// The account that owns the projects that are new, and in whose name files are added
    #[arg(long, value_name = "USER")]
    owner: String,
    /// A project to take from the index of that URL; may be repeated
    #[arg(long, value_name = "NAME", num_args = 1.., value_parser = project)]
    project: Vec<NormalizedName>,
    /// Also take file names and metadata of older times
    #[arg(long)]
    lenient: bool,
}

fn project(text: &str) -> Result<NormalizedName, String> {
    NormalizedName::parse(text).ok_or_else(|| format!("{text:?} is no name of a project"))
}

impl Import {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        let url = url_of(&self.source)?;
        self.check_projects(url.is_some())?;
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
        match url {
            Some(url) => {
                let index = Index::at(url, &config.mirror)?;
                from_index(&intake, &caller, &index, &self.project).await
            }
            None => from_folder(&intake, &caller, &self.source).await,
        }
    }

    fn check_projects(&self, is_url: bool) -> Result<(), Failure> {
        let words = match (is_url, self.project.is_empty()) {
            (true, true) => "say which projects of that index: --project NAME",
            (false, false) => "--project is for a source that is the URL of an index",
            _ => return Ok(()),
        };
        Err(Failure::Usage(words.to_owned()))
    }
}

async fn from_folder(intake: &Intake, caller: &Caller, source: &Path) -> Result<(), Failure> {
    let files = find_files(source)?;
    if files.is_empty() {
        let source = source.display();
        return Err(Failure::Failed(format!(
            "there are no wheels or source distributions in {source}"
        )));
    }
    let mut work = Work::start(files.len());
    for file in &files {
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        let outcome = take_in(intake, caller, file).await;
        work.note(&name, file.path.display(), outcome)?;
    }
    work.end()
}

async fn from_index(
    intake: &Intake,
    caller: &Caller,
    index: &Index,
    projects: &[NormalizedName],
) -> Result<(), Failure> {
    let Pages { files, missing } = index.pages(projects).await?;
    let mut work = Work::start(files.len() + missing.len());
    for project in &missing {
        let words = "the index has no such project";
        work.note(project.as_str(), project, Err(Error::invalid("No such project", words)))?;
    }
    for listed in &files {
        let name = listed.filename();
        work.note(name, name, index.take_in(intake, caller, listed).await)?;
    }
    work.end()
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
    let spooled = spool.finish().await?;
    if is_there(intake, filename, spooled.digests().sha256.clone()).await? {
        return Ok(Outcome::AlreadyThere);
    }
    intake.accept(caller, &claim, filename, spooled).await
}

/// Whether the index has that file, by name and SHA-256. What it has is passed over, also where it
/// would not be taken now: because its name is of older times, or because it is somebody else's.
async fn is_there(intake: &Intake, filename: &str, sha256: Sha256) -> Result<bool> {
    let name = filename.to_owned();
    let known = intake.db.read(move |c| Ok(File::by_name(c, &name)?)).await?;
    Ok(known.is_some_and(|(known, _)| known.sha256 == sha256))
}
