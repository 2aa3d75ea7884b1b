//! The rows of pages that other indexes answered with.

use diesel::prelude::*;

use crate::catalog::elsewhere;
use crate::db::schema::mirror_pages;
use crate::db::{Conn, MirrorPageId};
use crate::packaging::NormalizedName;
use crate::time::Time;

/// What is known of a page without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = mirror_pages)]
pub struct Head {
    /// Its id among the mirrored ones.
    pub id: MirrorPageId,
    /// The base URL of the index that it came from, without credentials.
    pub upstream: String,
    /// The ETag that it came with.
    pub etag: Option<String>,
    /// When that index last said that this is its page.
    pub checked_at: Time,
    /// When it last said anything else.
    pub changed_at: Time,
}

/// An answer to be kept.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The base URL of the index, without credentials.
    pub upstream: &'a str,
    /// The page as [`UpstreamPage::to_bytes`](super::UpstreamPage::to_bytes) makes it.
    pub page: &'a [u8],
    /// Its ETag.
    pub etag: Option<&'a str>,
}

/// What is known of the page of a project.
pub fn head(c: &mut Conn, name: &NormalizedName) -> QueryResult<Option<Head>> {
    let row = mirror_pages::table.filter(mirror_pages::name.eq(name));
    row.select(Head::as_select()).first(c).optional()
}

/// What it says; `None` where it is gone meanwhile.
pub fn content(c: &mut Conn, id: MirrorPageId) -> QueryResult<Option<Vec<u8>>> {
    mirror_pages::table.find(id).select(mirror_pages::page).first(c).optional()
}

/// Which of these names have pages.
pub fn among(c: &mut Conn, names: &[NormalizedName]) -> QueryResult<Vec<NormalizedName>> {
    let rows = mirror_pages::table.filter(mirror_pages::name.eq_any(names.to_vec()));
    rows.select(mirror_pages::name).load(c)
}

/// Keeps an answer. Whoever reads the list of names is told where the name is new.
pub fn save(c: &mut Conn, name: &NormalizedName, new: New<'_>, now: Time) -> QueryResult<Head> {
    let row = mirror_pages::table.filter(mirror_pages::name.eq(name));
    let known = row.select((mirror_pages::page, mirror_pages::upstream));
    let known: Option<(Vec<u8>, String)> = known.first(c).optional()?;
    let checked = (mirror_pages::etag.eq(new.etag), mirror_pages::checked_at.eq(now));
    match known {
        Some((page, upstream)) if page == new.page && upstream == new.upstream => {
            diesel::update(row).set(checked).execute(c)?;
        }
        Some((_, upstream)) => {
            let changed = (
                mirror_pages::page.eq(new.page),
                mirror_pages::upstream.eq(new.upstream),
                mirror_pages::changed_at.eq(now),
            );
            diesel::update(row).set((checked, changed)).execute(c)?;
            if upstream != new.upstream {
                elsewhere::names_changed(c)?;
            }
        }
        None => {
            let changed = (
                mirror_pages::name.eq(name),
                mirror_pages::page.eq(new.page),
                mirror_pages::upstream.eq(new.upstream),
                mirror_pages::changed_at.eq(now),
            );
            diesel::insert_into(mirror_pages::table).values((checked, changed)).execute(c)?;
            elsewhere::names_changed(c)?;
        }
    }
    row.select(Head::as_select()).first(c)
}

/// Notes that the index said again that this is its page.
pub fn touch(c: &mut Conn, id: MirrorPageId, now: Time) -> QueryResult<usize> {
    diesel::update(mirror_pages::table.find(id)).set(mirror_pages::checked_at.eq(now)).execute(c)
}

/// Forgets the page of a project: its index has no such project any more.
pub fn remove(c: &mut Conn, name: &NormalizedName) -> QueryResult<()> {
    let row = mirror_pages::table.filter(mirror_pages::name.eq(name));
    if diesel::delete(row).execute(c)? > 0 {
        elsewhere::rules_changed(c)?;
        elsewhere::names_changed(c)?;
    }
    Ok(())
}

/// How many there are.
pub fn count(c: &mut Conn) -> QueryResult<i64> {
    mirror_pages::table.count().get_result(c)
}
