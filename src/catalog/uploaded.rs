//! The files of a release as people read about them: page by page, with who brought each.

use std::ops::Range;

use diesel::prelude::*;

use super::file::File;
use super::project::Status;
use crate::db::schema::{files, projects, releases, users};
use crate::db::{Conn, ProjectId, ReleaseId};
use crate::time::Time;

/// A file with who brought it and how.
#[derive(Debug, Clone, Queryable)]
pub struct Uploaded {
    /// The file.
    pub file: File,
    /// How it came: the word of [`crate::accounts::Way::as_str`].
    pub via: String,
    /// The account that brought it, while it exists.
    pub by: Option<String>,
    /// Since when that account is stopped: it has no page.
    pub stopped: Option<Time>,
}

impl Uploaded {
    /// The files of a release that are at these places of their order: source distributions,
    /// then wheels by name.
    pub fn of_release(
        c: &mut Conn,
        release: ReleaseId,
        places: Range<usize>,
    ) -> QueryResult<Vec<Self>> {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        files::table
            .left_join(users::table)
            .filter(files::release_id.eq(release))
            // "sdist" stands behind "bdist_wheel" in the alphabet.
            .order((files::package_type.desc(), files::filename))
            .offset(number(places.start))
            .limit(number(places.len()))
            .select((
                File::as_select(),
                files::uploaded_via,
                users::username.nullable(),
                users::disabled_at.nullable(),
            ))
            .load(c)
    }

    /// How many files a release has.
    pub fn count(c: &mut Conn, release: ReleaseId) -> QueryResult<usize> {
        let count = files::table.filter(files::release_id.eq(release)).count();
        count.get_result(c).map(|count: i64| usize::try_from(count).unwrap_or_default())
    }
}

/// The file of that name, if it is in that very release of that project, and the project is not
/// quarantined.
pub fn in_release(
    c: &mut Conn,
    (project, release): (ProjectId, ReleaseId),
    filename: &str,
) -> QueryResult<Option<File>> {
    files::table
        .inner_join(releases::table.inner_join(projects::table))
        .filter(files::filename.eq(filename))
        .filter(releases::id.eq(release).and(projects::id.eq(project)))
        .filter(projects::status.ne(Status::Quarantined.as_str()))
        .select(File::as_select())
        .first(c)
        .optional()
}
