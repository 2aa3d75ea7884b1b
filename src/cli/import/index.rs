//! Projects of another index, by its simple API.

use std::path::Path;
use std::time::Duration;

use super::{Failure, is_there};
use crate::accounts::Caller;
use crate::config::{self, UpstreamUrl};
use crate::error::{Error, Kind, Result};
use crate::mirror::UpstreamFile;
use crate::mirror::file::{Fault, Incoming, Wanted};
use crate::mirror::upstream::{Answered, Client};
use crate::packaging::NormalizedName;
use crate::upload::{Claim, Intake, Origin, Outcome, Spool, claim_of_file};

/// How often a file is asked for whose bytes break off.
const TRIES: usize = 3;

/// The URL that a source is, if it is one.
pub(super) fn url_of(source: &Path) -> Result<Option<UpstreamUrl>, Failure> {
    let Some(text) = source.to_str() else { return Ok(None) };
    if !text.starts_with("http://") && !text.starts_with("https://") {
        return Ok(None);
    }
    // The text may hold a password and is not repeated.
    let words = "the URL is not that of a simple index, such as \
                 https://packages.example.org/simple/";
    UpstreamUrl::parse(text).map(Some).ok_or_else(|| Failure::Usage(words.to_owned()))
}

/// Another index.
pub(super) struct Index {
    client: Client,
    patience: Duration,
}

/// A file that its page of a project names.
pub(super) struct Listed {
    project: NormalizedName,
    file: UpstreamFile,
}

impl Listed {
    /// Its name.
    pub(super) fn filename(&self) -> &str {
        &self.file.filename
    }
}

/// The pages of some projects.
pub(super) struct Pages {
    /// All files that they name, oldest first.
    pub(super) files: Vec<Listed>,
    /// The projects that the index does not have.
    pub(super) missing: Vec<NormalizedName>,
}

impl Index {
    /// The index at a URL; how long it may be silent, and whose certificates count, is said by the
    /// configuration of the mirror.
    pub(super) fn at(url: UpstreamUrl, config: &config::Mirror) -> Result<Self> {
        let patience = Duration::from_secs(config.timeout_seconds.0.into());
        Ok(Self { client: Client::to(url, config)?, patience })
    }

    /// Reads the pages of projects.
    pub(super) async fn pages(&self, projects: &[NormalizedName]) -> Result<Pages, Failure> {
        let mut pages = Pages { files: Vec::new(), missing: Vec::new() };
        for project in projects {
            let failed = |error| Failure::Failed(format!("the page of {project}: {error}"));
            let (answered, _) = self.client.page(project, None).await.map_err(failed)?;
            let Answered::Page(page, _) = answered else {
                pages.missing.push(project.clone());
                continue;
            };
            let listed = |file| Listed { project: project.clone(), file };
            pages.files.extend(page.files.into_iter().map(listed));
        }
        pages.files.sort_by_key(|listed| listed.file.upload_time);
        Ok(pages)
    }

    /// Takes in one file, unless it is there already: then its bytes are not asked for.
    pub(super) async fn take_in(
        &self,
        intake: &Intake,
        caller: &Caller,
        listed: &Listed,
    ) -> Result<Outcome> {
        let Listed { project, file } = listed;
        // What is no distribution is not even asked for.
        claim_of_file(&file.filename)?;
        if let Some(sha256) = file.sha256()
            && is_there(intake, &file.filename, sha256).await?
        {
            return Ok(Outcome::AlreadyThere);
        }
        let origin = Origin { uploaded_at: file.upload_time, yanked: file.yanked.clone() };
        let claim = Claim::of_project(project.clone()).from_elsewhere(origin);
        let limit = intake.file_limit(Some(project.clone())).await?;
        let mut tries = 1;
        let spool = loop {
            match self.fetch(intake, listed, limit).await {
                Err(fault) if is_passing(&fault) && tries < TRIES => tries += 1,
                Err(fault) => return Err(words_for(&fault, &file.filename)),
                Ok(spool) => break spool,
            }
        };
        intake.accept(caller, &claim, &file.filename, spool.finish().await?).await
    }

    async fn fetch(&self, intake: &Intake, listed: &Listed, limit: u64) -> Result<Spool, Fault> {
        let wanted = Wanted::file(&listed.project, &listed.file)?;
        let mut spool = Spool::start(&intake.storage, limit);
        let mut incoming = Incoming::ask(&self.client, wanted, self.patience).await?;
        while let Some(piece) = incoming.next().await? {
            spool.add(piece).await?;
        }
        Ok(spool)
    }
}

/// Whether asking once more may help.
fn is_passing(fault: &Fault) -> bool {
    matches!(fault, Fault::Unreachable(_) | Fault::Cut(_))
}

/// What is wrong: with the file itself, which is refused, or with all, which ends the import.
fn words_for(fault: &Fault, filename: &str) -> Error {
    match fault {
        Fault::Missing(_)
        | Fault::Length { .. }
        | Fault::Cut(_)
        | Fault::TooLong(_)
        | Fault::Altered(_) => Error::invalid(
            "The index has no such file",
            format!("the index names it and does not send it: {fault}"),
        ),
        // Too long for this one.
        Fault::Own(error) if error.kind() == Kind::TooLarge => {
            Error::new(error.kind(), error.reason(), error.detail().to_owned())
        }
        fault => fault.about(filename),
    }
}
