//! Whether a file is what its name and its form say.

use bytes::Bytes;

use super::form::{Claim, Field};
use super::policy::Policy;
use super::spool::Spooled;
use crate::error::{Error, Result};
use crate::packaging::archive::{self, ArchiveError};
use crate::packaging::digest::{Digester, Digests};
use crate::packaging::filename::FilenameError;
use crate::packaging::metadata::{self, MetadataError};
use crate::packaging::{CoreMetadata, Filename, PackageType, ProjectName, Version};

/// A distribution that may be published.
pub(super) struct Candidate {
    /// Its file name.
    pub(super) filename: Filename,
    /// The project's name as the file spells it.
    pub(super) name: ProjectName,
    /// The version.
    pub(super) version: Version,
    /// What the file says about itself.
    pub(super) metadata: CoreMetadata,
    /// What is served beside the file: a wheel's own `METADATA`.
    pub(super) sidecar: Option<Sidecar>,
    /// The file.
    pub(super) spooled: Spooled,
}

/// A wheel's `METADATA`, byte for byte.
pub(super) struct Sidecar {
    /// The bytes.
    pub(super) bytes: Bytes,
    /// Their digests.
    pub(super) digests: Digests,
}

/// What a file without a form claims: the project that its name speaks of. The name of a source
/// distribution can be read in two ways where its version has a dash; the last dash decides.
pub fn claim_of_file(filename: &str) -> Result<Claim> {
    let parsed = Filename::parse_alone(filename).map_err(|error| bad_filename(filename, &error))?;
    Ok(Claim::of_project(parsed.name().clone()))
}

/// Takes the file's name apart; it must speak of the project, version and type of the claim.
pub(super) fn filename(text: &str, claim: &Claim, policy: &Policy) -> Result<Filename> {
    let filename =
        Filename::parse(text, claim.name()).map_err(|error| bad_filename(text, &error))?;
    if let Some(reason) = filename.legacy_reason().filter(|_| !policy.legacy_names) {
        return Err(Error::invalid(
            "The file name is not normalized",
            format!("Invalid file name {text:?}: {reason}."),
        ));
    }
    if claim.package_type.is_some_and(|claimed| claimed != filename.package_type()) {
        let expected = filename.package_type().as_str();
        return Err(Error::invalid(
            "The file extension does not fit the filetype",
            format!(
                "The file extension does not fit the filetype: {text:?} is of type {expected}."
            ),
        ));
    }
    if filename.name() != claim.name() {
        return Err(disagreement(text, "name", claim.name(), "file name", filename.name()));
    }
    if let Some(version) = claim.version.as_ref().filter(|claimed| *claimed != filename.version()) {
        return Err(disagreement(text, "version", version, "file name", filename.version()));
    }
    Ok(filename)
}

fn bad_filename(text: &str, error: &FilenameError) -> Error {
    let detail = format!("Invalid file name {text:?}: {error}.");
    match error {
        FilenameError::Extension => Error::invalid("Invalid file extension", detail),
        FilenameError::Length => Error::invalid("The file name is too long", detail),
        _ => Error::invalid("Invalid file name", detail),
    }
}

/// Compares the digests that the form gives with those of what arrived.
pub(super) fn digests(claim: &Claim, actual: &Digests) -> Result<()> {
    let Some(field) = claim.wrong_digest(actual) else { return Ok(()) };
    let detail = format!(
        "The digest supplied does not match a digest calculated from the uploaded file ({}).",
        field.name()
    );
    let reason = match field {
        Field::Md5 => "The MD5 digest supplied does not match the uploaded file",
        Field::Blake2b256 => "The BLAKE2b digest supplied does not match the uploaded file",
        _ => "The SHA-256 digest supplied does not match the uploaded file",
    };
    Err(Error::invalid(reason, detail))
}

/// Reads the file's own metadata, which is the truth about it, and checks that it agrees with
/// the file's name.
pub(super) async fn inspect(
    filename: Filename,
    claim: &Claim,
    policy: &Policy,
    spooled: Spooled,
) -> Result<Candidate> {
    let (claim, policy) = (claim.clone(), policy.clone());
    let work = move || {
        let mut spooled = spooled;
        let size = spooled.size();
        let raw = archive::read_metadata(spooled.reader()?, size, &filename)
            .map_err(|error| bad_archive(&filename, error))?;
        let metadata = CoreMetadata::parse(&raw);
        let (name, version) = agree(&metadata, &filename, &claim, &policy)?;
        let sidecar = (filename.package_type() == PackageType::Wheel)
            .then(|| Sidecar { digests: Digester::of(&raw), bytes: raw.into() });
        Ok(Candidate { filename, name, version, metadata, sidecar, spooled })
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::internal("inspecting an uploaded file", error)),
    }
}

fn bad_archive(filename: &Filename, error: ArchiveError) -> Error {
    if let ArchiveError::Disk(source) = error {
        return Error::internal("reading an uploaded file", source);
    }
    let detail = format!("Invalid distribution file {:?}: {error}.", filename.as_str());
    Error::invalid("Invalid distribution file", detail)
}

fn agree(
    metadata: &CoreMetadata,
    filename: &Filename,
    claim: &Claim,
    policy: &Policy,
) -> Result<(ProjectName, Version)> {
    let asked = metadata::Policy {
        lenient: policy.legacy_metadata,
        allow_direct_references: policy.allow_direct_references,
    };
    let bad = |error: MetadataError| bad_metadata(filename, &error);
    metadata.validate(&asked).map_err(bad)?;
    let name = metadata.name().map_err(bad)?;
    let version = metadata.version().map_err(bad)?;
    let text = filename.as_str();
    if name.normalized() != *claim.name() {
        return Err(disagreement(text, "name", claim.name(), "metadata", &name));
    }
    if version != *filename.version() {
        return Err(disagreement(text, "version", filename.version(), "metadata", &version));
    }
    Ok((name, version))
}

fn bad_metadata(filename: &Filename, error: &MetadataError) -> Error {
    let file = match filename.package_type() {
        PackageType::Wheel => "METADATA",
        PackageType::Sdist => "PKG-INFO",
    };
    Error::invalid(
        "The metadata of the file is invalid",
        format!("The {file} of {:?} is invalid: {error}.", filename.as_str()),
    )
}

fn disagreement(
    filename: &str,
    what: &str,
    expected: impl std::fmt::Display,
    place: &str,
    found: impl std::fmt::Display,
) -> Error {
    let reason = match (what, place) {
        ("name", "file name") => "The file name does not fit the project name",
        ("name", _) => "The metadata of the file does not fit the project name",
        (_, "file name") => "The file name does not fit the version",
        _ => "The metadata of the file does not fit the version",
    };
    Error::invalid(
        reason,
        format!("{filename:?}: the {place} says {what} {found}, but {expected} is expected."),
    )
}
