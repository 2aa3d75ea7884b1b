//! The classifiers of releases, to find releases by.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::project::Status;
use crate::db::schema::{projects, release_classifiers as listed, releases};
use crate::db::{Conn, MultiBackend, ReleaseId};
use crate::packaging::CoreMetadata;

/// How many classifiers a release is found by: more than there are known ones.
const MOST: usize = 1000;

/// Notes those of the metadata in the place of all that were noted for the release.
pub fn replace(c: &mut Conn, release: ReleaseId, metadata: &CoreMetadata) -> QueryResult<()> {
    diesel::delete(listed::table.filter(listed::release_id.eq(release))).execute(c)?;
    let classifiers: BTreeSet<_> = metadata.all("classifier").take(MOST).collect();
    for classifier in classifiers {
        let row = (listed::release_id.eq(release), listed::classifier.eq(classifier));
        diesel::insert_into(listed::table).values(row).execute(c)?;
    }
    Ok(())
}

/// Project name and version of the releases that have all these classifiers, at most `limit`, by
/// name; those of quarantined projects left out.
pub fn releases_with(
    c: &mut Conn,
    classifiers: &[String],
    limit: i64,
) -> QueryResult<Vec<(String, String)>> {
    let mut rows = releases::table
        .inner_join(projects::table)
        .filter(projects::status.ne(Status::Quarantined.as_str()))
        .select((projects::name, releases::version))
        .order((projects::normalized, releases::id))
        .limit(limit)
        .into_boxed::<MultiBackend>();
    for classifier in classifiers {
        let having = listed::table.filter(listed::classifier.eq(classifier));
        rows = rows.filter(releases::id.eq_any(having.select(listed::release_id)));
    }
    rows.load(c)
}
