//! From a candidate to a published file: bytes first, rows last.

use std::sync::Arc;

use super::check::Candidate;
use super::permit::permit;
use super::policy::Policy;
use super::{Intake, Origin, naming, rules};
use crate::accounts::{Caller, Way};
use crate::catalog::file::{File, NewFile};
use crate::catalog::file_name;
use crate::catalog::former;
use crate::catalog::journal::{self, Action, Change};
use crate::catalog::project::Project;
use crate::catalog::release::Release;
use crate::catalog::role::Role;
use crate::db::{Conn, ProjectId, ReleaseId, start_again};
use crate::error::{Error, Result};
use crate::packaging::{CoreMetadata, NormalizedName, ProjectName, Version};
use crate::site::flag;
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
    policy: Policy,
    storage: Storage,
    /// When it came where it was before.
    uploaded_at: Option<Time>,
}

/// Stores the candidate's bytes, then publishes it in one transaction.
pub(super) async fn publish(
    intake: &Intake,
    caller: &Caller,
    candidate: Candidate,
    origin: Origin,
) -> Result<Outcome> {
    let Origin { uploaded_at, yanked } = origin;
    let Intake { db, storage, policy, .. } = intake;
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
        yanked,
    };
    let (caller, policy, storage) = (caller.clone(), policy.clone(), storage.clone());
    let entry =
        Arc::new(Entry { name, version, metadata, file, caller, policy, storage, uploaded_at });
    let is_new = db.write(move |c| enter(c, &entry, time::now())).await?;
    Ok(if is_new { Outcome::Published(normalized) } else { Outcome::AlreadyThere })
}

/// The transaction. Everything that was rehearsed is checked again: others may have been faster.
/// Returns whether the file is new.
fn enter(c: &mut Conn, entry: &Entry, now: Time) -> Result<bool> {
    let Entry { name, file, caller, policy, .. } = entry;
    // The switch may have come on while the bytes were on their way.
    if !matches!(caller.way, Way::Operator) {
        flag::check_writable(c)?;
    }
    let normalized = name.normalized();
    let mut actions = Vec::new();
    let existing = Project::locked(c, &normalized)?;
    permit(c, policy, caller, &normalized, existing.as_ref())?;
    if rules::is_published(c, &file.filename, &file.digests)? {
        return Ok(false);
    }
    let size = u64::try_from(file.size).unwrap_or(u64::MAX);
    rules::check_project_size(c, policy, existing.as_ref(), size)?;
    let project = match existing {
        Some(project) => project.id,
        None => create_project(c, entry, &mut actions, now)?,
    };
    let uploaded_at = entry.uploaded_at.unwrap_or(now);
    let release = enter_release(c, project, entry, &mut actions, uploaded_at)?;
    File::create(c, release, file, uploaded_at)?;
    file_name::note(c, &file.filename, &normalized, now)?;
    actions.push(Action::AddFile {
        python_version: file.filename.python_tag().to_owned(),
        filename: file.filename.to_string(),
    });
    if file.yanked.is_some() {
        actions.push(Action::YankFile { filename: file.filename.to_string() });
    }
    let version = entry.version.to_string();
    let actor = &caller.username;
    let change = Change { project, name, version: Some(&version), actor, actions: &actions };
    journal::write(c, &change, now)?;
    check_blobs(entry)?;
    Ok(true)
}

/// The journal is locked now, under whose lock alone blobs are removed: what is there stays.
fn check_blobs(entry: &Entry) -> Result<()> {
    let own = [Some(&entry.file.digests), entry.file.metadata.as_ref()];
    for digests in own.into_iter().flatten() {
        if !entry.storage.has(&digests.blake2_256)? {
            return Err(Error::unavailable("The upload got lost in storage; send it again."));
        }
    }
    Ok(())
}

fn create_project(
    c: &mut Conn,
    entry: &Entry,
    actions: &mut Vec<Action>,
    now: Time,
) -> Result<ProjectId> {
    // Two new names that look alike must not pass each other.
    journal::lock(c)?;
    if Project::by_name(c, &entry.name.normalized())?.is_some() {
        // Somebody was faster, and whoever holds the new row now waits for the journal.
        return Err(start_again());
    }
    naming::check(c, &entry.caller, &entry.name)?;
    let id = Project::create(c, &entry.name, now)?;
    former::give_up(c, &entry.name.normalized())?;
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
    at: Time,
) -> Result<ReleaseId> {
    let filename = &entry.file.filename;
    let from = filename.package_type();
    if let Some(release) = Release::by_version(c, project, &entry.version)? {
        rules::check_release(c, &entry.policy, &release, filename, at)?;
        if release.yields_to(from) {
            Release::set_metadata(c, release.id, &entry.metadata, from)?;
        }
        return Ok(release.id);
    }
    actions.push(Action::NewRelease);
    Release::create(c, project, &entry.version, (&entry.metadata, from), at)
}
