//! `cheeseshop project …`

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::yank::{Unyank, Yank};
use super::{Failure, out};
use crate::accounts::Visit;
use crate::accounts::act::Order;
use crate::catalog::administer;
use crate::catalog::file::File;
use crate::catalog::project::{self, Status};
use crate::catalog::remove::Target;
use crate::catalog::role::Role;
use crate::config::{ByteSize, Config};
use crate::db::{Conn, Db};
use crate::error::{Error, Result};
use crate::packaging::{NormalizedName, Version};
use crate::time;

/// The word that takes a limit of its own away.
const DEFAULT: &str = "default";

/// Manage projects.
#[derive(Subcommand)]
pub(super) enum Project {
    /// List all projects
    List(Listing),
    /// Show one project
    Show(Show),
    /// Set what may be done with a project
    Status(SetStatus),
    /// Give a project limits of its own
    Limit(Limit),
    /// Take a project, a release or a file away for good
    Delete(Delete),
    /// Yank a release or a file: installers take it only where exactly it is asked for
    Yank(Yank),
    /// Take that back
    Unyank(Unyank),
    /// Let no new project have a name
    Prohibit(Prohibit),
    /// Permit a name that is prohibited, or kept for the owners of a deleted project
    Permit(Permit),
}

#[derive(Args)]
pub(super) struct Listing {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Show {
    /// Its name
    name: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct SetStatus {
    /// Its name
    name: String,
    /// `deprecated` warns, `archived` takes no uploads, of `quarantined` nothing is offered either
    #[arg(value_enum)]
    status: StatusWord,
    /// Why; readers and uploaders see it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum StatusWord {
    Active,
    Deprecated,
    Archived,
    Quarantined,
}

#[derive(Args)]
pub(super) struct Limit {
    /// Its name
    name: String,
    /// Largest file, such as 1GiB, or `default`
    #[arg(long, value_name = "SIZE")]
    max_file_size: Option<String>,
    /// Largest sum of all files, or `default`
    #[arg(long, value_name = "SIZE")]
    max_project_size: Option<String>,
}

#[derive(Args)]
pub(super) struct Delete {
    /// Its name
    name: String,
    /// Only this release
    #[arg(long, value_name = "VERSION", conflicts_with = "file")]
    release: Option<String>,
    /// Only this file
    #[arg(long, value_name = "FILENAME")]
    file: Option<String>,
    /// Yes, delete it: nothing brings it back, and its file names can never be used again
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
pub(super) struct Prohibit {
    /// The name
    name: String,
    /// Why; uploaders see it
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

#[derive(Args)]
pub(super) struct Permit {
    /// The name
    name: String,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    normalized: String,
    status: &'static str,
    status_reason: Option<String>,
    created: String,
    last_serial: i64,
    roles: Vec<String>,
    files: usize,
    size: i64,
    max_file_size: Option<i64>,
    max_project_size: Option<i64>,
}

impl Project {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        let db = Db::open(&config.database_url, config.read_only)?;
        match self {
            Self::List(listing) => listing.run(&db).await,
            Self::Show(show) => show.run(&db).await,
            Self::Status(status) => status.run(&db).await,
            Self::Limit(limit) => limit.run(&db).await,
            Self::Delete(delete) => delete.run(&db).await,
            Self::Yank(yank) => yank.run(&db).await,
            Self::Unyank(unyank) => unyank.run(&db).await,
            Self::Prohibit(prohibit) => prohibit.run(&db).await,
            Self::Permit(permit) => permit.run(&db).await,
        }
    }
}

impl Listing {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let all = |c: &mut Conn| {
            let projects = project::Project::all(c)?;
            projects.into_iter().map(|project| entry(c, project)).collect::<Result<Vec<_>>>()
        };
        let entries = db.read(all).await?;
        if self.json {
            return out::json(&entries);
        }
        let row = |it: &Entry| {
            let size = crate::config::size_for_people(it.size.unsigned_abs());
            [it.name.clone(), it.status.to_owned(), it.files.to_string(), size, it.roles.join(" ")]
        };
        let rows: Vec<_> = entries.iter().map(row).collect();
        out::table(["NAME", "STATUS", "FILES", "SIZE", "ROLES"], &rows);
        Ok(())
    }
}

impl Show {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let name = normalized(&self.name)?;
        let one = move |c: &mut Conn| {
            let project = find(c, &name)?;
            entry(c, project)
        };
        let entry = db.read(one).await?;
        if self.json {
            return out::json(&entry);
        }
        let limit = |limit: Option<i64>| {
            limit.map_or(DEFAULT.to_owned(), |bytes| ByteSize(bytes.unsigned_abs()).to_string())
        };
        let why = entry.status_reason.map(|why| format!(" ({why})")).unwrap_or_default();
        out::line(format!("name              {}", entry.name));
        out::line(format!("status            {}{why}", entry.status));
        out::line(format!("created           {}", entry.created));
        out::line(format!("roles             {}", entry.roles.join(", ")));
        out::line(format!("files             {}", entry.files));
        out::line(format!("size              {} bytes", entry.size));
        out::line(format!("max file size     {}", limit(entry.max_file_size)));
        out::line(format!("max project size  {}", limit(entry.max_project_size)));
        Ok(())
    }
}

fn entry(c: &mut Conn, project: project::Project) -> Result<Entry> {
    Ok(Entry {
        status: project.status().as_str(),
        created: time::iso(project.created_at),
        roles: Role::names(c, project.id)?,
        files: File::of_project(c, project.id)?.len(),
        size: File::total_size(c, project.id)?,
        last_serial: project.last_serial,
        normalized: project.normalized.to_string(),
        name: project.name,
        status_reason: project.status_reason,
        max_file_size: project.max_file_size,
        max_project_size: project.max_project_size,
    })
}

impl SetStatus {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let name = normalized(&self.name)?;
        let order = order(self.reason.as_deref().unwrap_or_default())?;
        let status = match self.status {
            StatusWord::Active => Status::Active,
            StatusWord::Deprecated => Status::Deprecated,
            StatusWord::Archived => Status::Archived,
            StatusWord::Quarantined => Status::Quarantined,
        };
        let reason = self.reason.map(|_| order.reason().to_owned());
        let work = move |c: &mut Conn| {
            administer::set_status(c, &order, &name, (status, reason.as_deref()))
        };
        db.write(work).await?;
        out::note(format!("{} is {} now.", self.name, status.as_str()));
        Ok(())
    }
}

impl Limit {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let name = normalized(&self.name)?;
        let file = self.max_file_size.as_deref().map(limit).transpose()?;
        let whole = self.max_project_size.as_deref().map(limit).transpose()?;
        if file.is_none() && whole.is_none() {
            let words = "say --max-file-size or --max-project-size";
            return Err(Failure::Usage(words.to_owned()));
        }
        let order = order("")?;
        let work = move |c: &mut Conn| {
            let project = hold(c, &name)?;
            let file = file.unwrap_or(project.max_file_size);
            let whole = whole.unwrap_or(project.max_project_size);
            administer::set_limits(c, &order, &name, (file, whole))
        };
        db.write(work).await?;
        out::note(format!("{} has its limits.", self.name));
        Ok(())
    }
}

/// A limit of its own, or none.
fn limit(text: &str) -> Result<Option<i64>, Failure> {
    if text == DEFAULT {
        return Ok(None);
    }
    let bytes = ByteSize::parse(text).and_then(|size| i64::try_from(size.0).ok());
    let bad = || Failure::Usage(format!("{text:?} is not a size, such as 100MiB, or `default`"));
    bytes.map(Some).ok_or_else(bad)
}

impl Delete {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let name = normalized(&self.name)?;
        let target = match (self.release, self.file) {
            (Some(text), _) => {
                let bad = || Failure::Usage(format!("{text:?} is not a version"));
                Target::Release(Version::parse(&text).ok_or_else(bad)?)
            }
            (None, Some(filename)) => Target::File(filename),
            (None, None) => Target::Project,
        };
        if !self.yes {
            let words =
                "deleting is for good, and the file names can never be used again; say --yes";
            return Err(Failure::Usage(words.to_owned()));
        }
        let order = order("")?;
        let work = move |c: &mut Conn| administer::remove(c, &order, &name, &target);
        let files = db.write(work).await?;
        out::note(format!("{files} files are deleted."));
        Ok(())
    }
}

impl Prohibit {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let name = normalized(&self.name)?;
        let order = order(&self.reason)?;
        db.write(move |c| administer::prohibit(c, &order, &name)).await?;
        out::note(format!("No new project can be named {}.", self.name));
        Ok(())
    }
}

impl Permit {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let name = normalized(&self.name)?;
        let order = order("")?;
        db.write(move |c| administer::permit(c, &order, &name)).await?;
        out::note(format!("A new project may be named {} again.", self.name));
        Ok(())
    }
}

pub(super) fn normalized(text: &str) -> Result<NormalizedName, Failure> {
    let bad = || Failure::Usage(format!("{text:?} is not a project name"));
    NormalizedName::parse(text).ok_or_else(bad)
}

/// The word of the operator, with a reason or without.
pub(super) fn order(reason: &str) -> Result<Order, Failure> {
    Ok(Order::operator(Visit::operator()).because(reason)?)
}

fn find(c: &mut Conn, name: &NormalizedName) -> Result<project::Project> {
    project::Project::by_name(c, name)?.ok_or_else(|| missing(name))
}

fn hold(c: &mut Conn, name: &NormalizedName) -> Result<project::Project> {
    project::Project::locked(c, name)?.ok_or_else(|| missing(name))
}

fn missing(name: &NormalizedName) -> Error {
    Error::not_found(format!("there is no project named {name}"))
}
