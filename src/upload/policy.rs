//! What may be uploaded, as the configuration decides.

use chrono::Duration;

use crate::config::{ByteSize, Config, NewProjects};

/// The rules that an operator can set.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub struct Policy {
    /// Largest file, where its project has no limit of its own.
    pub max_file_size: ByteSize,
    /// Largest sum of a project's files, where it has no limit of its own.
    pub max_project_size: ByteSize,
    /// Takes file names that are valid but not normalized.
    pub legacy_names: bool,
    /// Takes metadata that new uploads may not have: version 2.0.
    pub legacy_metadata: bool,
    /// Who may create a project.
    pub new_projects: NewProjects,
    /// Takes dependencies that name a URL.
    pub allow_direct_references: bool,
    /// How long after its first file a release takes more; none: always.
    pub release_closes_after: Option<Duration>,
    /// Asks for a verified primary address.
    pub require_verified_email: bool,
}

impl Policy {
    /// What the configuration says.
    pub fn of(config: &Config) -> Self {
        let uploads = &config.uploads;
        let days = uploads.release_closed_after_days;
        Self {
            max_file_size: uploads.max_file_size,
            max_project_size: uploads.max_project_size,
            legacy_names: uploads.legacy_names,
            legacy_metadata: false,
            new_projects: uploads.new_projects,
            allow_direct_references: uploads.allow_direct_references,
            release_closes_after: days.map(|days| Duration::days(days.into())),
            require_verified_email: config.require_verified_email,
        }
    }

    /// The same for files of older times: names and metadata of their day are taken.
    #[must_use]
    pub fn lenient(mut self) -> Self {
        self.legacy_names = true;
        self.legacy_metadata = true;
        self
    }
}
