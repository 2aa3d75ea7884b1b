//! From a candidate to a published file: bytes first, rows last.

use std::sync::Arc;

use super::check::Candidate;
use crate::accounts::token::Scope;
use crate::accounts::{Caller, Way};
use crate::catalog::file::{File, NewFile};
use crate::catalog::journal::{self, Action, Change};
use crate::catalog::project::Project;
use crate::catalog::release::Release;
use crate::catalog::role::Role;
use crate::db::{Conn, Db, ProjectId, ReleaseId};
use crate::error::{Error, Result};
use crate::packaging::digest::Digests;
use crate::packaging::{CoreMetadata, Filename, NormalizedName, ProjectName, Version};
use crate::storage::Storage;
use crate::time::{self, Time};

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The file is published under this project now.
    Published(NormalizedName),
    /// The very same file was there already.
    AlreadyThere,
}

/// What the transaction writes.
struct Entry {
    name: ProjectName,
    version: Version,
    metadata: CoreMetadata,
    file: NewFile,
    caller: Caller,
}

/// Whether `caller` may upload to a project of that name, existing or not.
pub(super) async fn may_upload(db: &Db, caller: &Caller, name: &NormalizedName) -> Result<()> {
    let (caller, name) = (caller.clone(), name.clone());
    db.read(move |c| {
        let project = Project::by_name(c, &name)?.map(|project| project.id);
        permit(c, &caller, &name, project)
    })
    .await
}

/// Whether the same file is published already. The same name with other content is refused.
pub(super) async fn is_there(db: &Db, filename: &Filename, digests: &Digests) -> Result<bool> {
    let (filename, digests) = (filename.clone(), digests.clone());
    db.read(move |c| is_published(c, &filename, &digests)).await
}

/// Stores the candidate's bytes, then publishes it in one transaction.
pub(super) async fn publish(
    db: &Db,
    storage: &Storage,
    caller: &Caller,
    candidate: Candidate,
) -> Result<Outcome> {
    let Candidate { filename, name, version, metadata, sidecar, spooled } = candidate;
    let normalized = name.normalized();
    let size = i64::try_from(spooled.size())
        .map_err(|error| Error::internal("counting the bytes of a file", error))?;
    let (file, digests) = spooled.into_parts();
    storage.put(file, &digests.blake2_256).await?;
    let mut metadata_digests = None;
    if let Some(sidecar) = sidecar {
        storage.put_bytes(sidecar.bytes, &sidecar.digests.blake2_256).await?;
        metadata_digests = Some(sidecar.digests);
    }
    let requires_python = metadata.requires_python().map(str::to_owned);
    let file = NewFile {
        filename,
        requires_python,
        size,
        digests,
        metadata: metadata_digests,
        uploaded_by: caller.user_id,
        uploaded_via: caller.way.as_str(),
    };
    let entry = Arc::new(Entry { name, version, metadata, file, caller: caller.clone() });
    let is_new = db.write(move |c| enter(c, &entry, time::now())).await?;
    Ok(if is_new { Outcome::Published(normalized) } else { Outcome::AlreadyThere })
}

/// The transaction. Everything that was checked before is checked again: others may have been
/// faster. Returns whether the file is new.
fn enter(c: &mut Conn, entry: &Entry, now: Time) -> Result<bool> {
    let normalized = entry.name.normalized();
    let mut actions = Vec::new();
    let existing = Project::locked(c, &normalized)?.map(|project| project.id);
    permit(c, &entry.caller, &normalized, existing)?;
    if is_published(c, &entry.file.filename, &entry.file.digests)? {
        return Ok(false);
    }
    let project = match existing {
        Some(id) => id,
        None => create_project(c, entry, &mut actions, now)?,
    };
    let release = enter_release(c, project, entry, &mut actions, now)?;
    File::create(c, release, &entry.file, now)?;
    actions.push(Action::AddFile {
        python_version: entry.file.filename.python_tag().to_owned(),
        filename: entry.file.filename.to_string(),
    });
    let change = Change {
        project,
        name: &entry.name,
        version: Some(&entry.version.to_string()),
        actor: &entry.caller.username,
        actions: &actions,
    };
    journal::write(c, &change, now)?;
    Ok(true)
}

fn create_project(
    c: &mut Conn,
    entry: &Entry,
    actions: &mut Vec<Action>,
    now: Time,
) -> Result<ProjectId> {
    let id = Project::create(c, &entry.name, now)?;
    Role::Owner.grant(c, id, entry.caller.user_id)?;
    let username = entry.caller.username.clone();
    actions.push(Action::Create);
    actions.push(Action::AddRole { role: Role::Owner.as_str(), username });
    Ok(id)
}

fn enter_release(
    c: &mut Conn,
    project: ProjectId,
    entry: &Entry,
    actions: &mut Vec<Action>,
    now: Time,
) -> Result<ReleaseId> {
    let from = entry.file.filename.package_type();
    if let Some(release) = Release::by_version(c, project, &entry.version)? {
        if release.yields_to(from) {
            Release::set_metadata(c, release.id, &entry.metadata, from)?;
        }
        return Ok(release.id);
    }
    actions.push(Action::NewRelease);
    Release::create(c, project, &entry.version, (&entry.metadata, from), now)
}

/// Whether the caller may upload to the project, or create it where it does not exist.
fn permit(
    c: &mut Conn,
    caller: &Caller,
    name: &NormalizedName,
    project: Option<ProjectId>,
) -> Result<()> {
    if let Way::Token { scope, projects, .. } = &caller.way {
        if *scope != Scope::Upload {
            return Err(Error::forbidden(
                "This API token may only read",
                "This API token may only read; uploading needs one with the scope \"upload\".",
            ));
        }
        let covered = |own: &Vec<ProjectId>| project.is_some_and(|id| own.contains(&id));
        if projects.as_ref().is_some_and(|own| !covered(own)) {
            return Err(Error::forbidden(
                "This API token is not valid for this project",
                format!("This API token is limited to other projects than {name}."),
            ));
        }
    }
    let Some(project) = project else { return Ok(()) };
    let role = Role::of(c, project, caller.user_id)?;
    if role.is_some_and(Role::may_upload) {
        return Ok(());
    }
    Err(Error::forbidden(
        "This user is not allowed to upload to this project",
        format!("The user {} isn't allowed to upload to project {name}.", caller.username),
    ))
}

fn is_published(c: &mut Conn, filename: &Filename, digests: &Digests) -> Result<bool> {
    match File::by_name(c, filename.as_str())? {
        None => Ok(false),
        Some((file, _)) if file.is_same(digests) => Ok(true),
        Some((file, _)) => Err(Error::invalid(
            "File already exists",
            format!(
                "File already exists ({:?}, with blake2_256 hash {:?}): a published file never \
                 changes, so upload a new version instead.",
                file.filename,
                file.blake2_256.as_str()
            ),
        )),
    }
}
