//! Rules about what is published already: sizes, names, closed releases.

use super::policy::Policy;
use crate::catalog::file::File;
use crate::catalog::file_name;
use crate::catalog::project::Project;
use crate::catalog::release::Release;
use crate::config::{ByteSize, size_for_people};
use crate::db::{Conn, ReleaseId};
use crate::error::{Error, Kind, Result};
use crate::packaging::digest::Digests;
use crate::packaging::{Filename, PackageType};
use crate::time::Time;

/// Largest file, in bytes: the project's own limit, else the configured one.
pub(super) fn file_limit(policy: &Policy, project: Option<&Project>) -> u64 {
    let own = project.and_then(|project| project.max_file_size);
    own.map_or(policy.max_file_size.0, |limit| u64::try_from(limit).unwrap_or_default())
}

/// Checks the size of a file against that limit.
pub(super) fn check_file_size(policy: &Policy, project: Option<&Project>, size: u64) -> Result<()> {
    let limit = file_limit(policy, project);
    if size > limit { Err(too_large(limit)) } else { Ok(()) }
}

/// The refusal of a file over the limit.
pub(super) fn too_large(limit: u64) -> Error {
    let limit = size_for_people(limit);
    Error::new(
        Kind::TooLarge,
        "File too large",
        format!("File too large: at most {limit} are taken."),
    )
}

/// Checks that the project may grow by so many bytes.
pub(super) fn check_project_size(
    c: &mut Conn,
    policy: &Policy,
    project: Option<&Project>,
    size: u64,
) -> Result<()> {
    let own = project.and_then(|project| project.max_project_size);
    let own = own.and_then(|limit| u64::try_from(limit).ok());
    let limit = own.map_or(policy.max_project_size, ByteSize);
    let used = project.map(|project| File::total_size(c, project.id)).transpose()?;
    let used = u64::try_from(used.unwrap_or_default()).unwrap_or_default();
    if used.saturating_add(size) <= limit.0 {
        return Ok(());
    }
    let (used, limit) = (size_for_people(used), size_for_people(limit.0));
    Err(Error::invalid(
        "Project size too large",
        format!("Project size too large: it has {used} already and may have at most {limit}."),
    ))
}

/// Whether the same file is published already. Its name with other content is refused, and so is
/// a name whose file is gone.
pub(super) fn is_published(c: &mut Conn, filename: &Filename, digests: &Digests) -> Result<bool> {
    if let Some((file, _)) = File::by_name(c, filename.as_str())? {
        if file.is_same(digests) {
            return Ok(true);
        }
        return Err(Error::invalid(
            "File already exists",
            format!(
                "File already exists ({:?}, with blake2_256 hash {:?}): a published file never \
                 changes, so upload a new version instead.",
                file.filename,
                file.blake2_256.as_str()
            ),
        ));
    }
    if file_name::was_used(c, filename)? {
        return Err(Error::invalid(
            "This file name was used before by a file that was deleted",
            format!(
                "The file name {:?} was used before by a file that has since been deleted. Use a \
                 different version.",
                filename.as_str()
            ),
        ));
    }
    Ok(false)
}

/// Whether a release takes this file.
pub(super) fn check_release(
    c: &mut Conn,
    policy: &Policy,
    release: &Release,
    filename: &Filename,
    now: Time,
) -> Result<()> {
    if let Some(span) = policy.release_closes_after
        && now - release.created_at > span
    {
        return Err(Error::invalid(
            "This release is closed for new files",
            format!(
                "The release {} takes no new files: it is older than {} days.",
                release.version,
                span.num_days()
            ),
        ));
    }
    check_single_sdist(c, release.id, filename)
}

fn check_single_sdist(c: &mut Conn, release: ReleaseId, filename: &Filename) -> Result<()> {
    if filename.package_type() != PackageType::Sdist {
        return Ok(());
    }
    match File::sdist_of(c, release)? {
        None => Ok(()),
        Some(other) => Err(Error::invalid(
            "Only one source distribution may be uploaded per release",
            format!("Only one source distribution may be uploaded per release: there is {other}."),
        )),
    }
}
