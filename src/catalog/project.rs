//! The row of a project.

use diesel::prelude::*;

use crate::db::schema::projects;
use crate::db::{Conn, ProjectId};
use crate::packaging::{NormalizedName, ProjectName};
use crate::time::Time;

/// A project: a name and everything published under it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = projects)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name as its owner spells it.
    pub name: String,
    /// The name that identifies it.
    pub normalized: NormalizedName,
    /// When its first file came.
    pub created_at: Time,
    /// The serial of its last change.
    pub last_serial: i64,
}

#[derive(Insertable)]
#[diesel(table_name = projects)]
struct NewProject<'a> {
    name: &'a str,
    normalized: NormalizedName,
    created_at: Time,
    last_serial: i64,
}

impl Project {
    /// Makes a project; a taken name is a unique violation.
    pub fn create(c: &mut Conn, name: &ProjectName, now: Time) -> QueryResult<ProjectId> {
        let new = NewProject {
            name: name.as_str(),
            normalized: name.normalized(),
            created_at: now,
            last_serial: 0,
        };
        diesel::insert_into(projects::table).values(new).returning(projects::id).get_result(c)
    }

    /// The project of that name.
    pub fn by_name(c: &mut Conn, name: &NormalizedName) -> QueryResult<Option<Self>> {
        let row = projects::table.filter(projects::normalized.eq(name));
        row.select(Self::as_select()).first(c).optional()
    }

    /// The same, and holds its row until the transaction ends: whoever else wants to change the
    /// project waits. (Both databases lock a row that is updated.)
    pub fn locked(c: &mut Conn, name: &NormalizedName) -> QueryResult<Option<Self>> {
        diesel::update(projects::table.filter(projects::normalized.eq(name)))
            .set(projects::last_serial.eq(projects::last_serial))
            .returning(projects::all_columns)
            .get_result(c)
            .optional()
    }

    /// The names of these projects, as their owners spell them, in order.
    pub fn names(c: &mut Conn, ids: &[ProjectId]) -> QueryResult<Vec<String>> {
        let rows = projects::table.filter(projects::id.eq_any(ids.to_vec()));
        rows.order(projects::normalized).select(projects::name).load(c)
    }

    /// Names and serials of all projects, by normalized name.
    pub fn list(c: &mut Conn) -> QueryResult<Vec<(String, NormalizedName, i64)>> {
        projects::table
            .order(projects::normalized)
            .select((projects::name, projects::normalized, projects::last_serial))
            .load(c)
    }

    /// The projects changed last, newest change first.
    pub fn recent(c: &mut Conn, limit: i64) -> QueryResult<Vec<Self>> {
        let rows = projects::table.order(projects::last_serial.desc()).limit(limit);
        rows.select(Self::as_select()).load(c)
    }

    /// How many there are.
    pub fn count(c: &mut Conn) -> QueryResult<i64> {
        projects::table.count().get_result(c)
    }

    /// Spells the name as the last uploaded file does, and notes the serial of its change.
    pub fn touch(c: &mut Conn, id: ProjectId, name: &str, serial: i64) -> QueryResult<usize> {
        diesel::update(projects::table.find(id))
            .set((projects::name.eq(name), projects::last_serial.eq(serial)))
            .execute(c)
    }
}
