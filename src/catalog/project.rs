//! The row of a project.

use diesel::prelude::*;

use super::elsewhere;
use crate::db::schema::projects;
use crate::db::{Conn, ProjectId};
use crate::error::{Error, Result};
use crate::packaging::name_rules::confusable_key;
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
    status: String,
    /// Why it has that status.
    pub status_reason: Option<String>,
    /// Largest file in bytes; none: what the configuration says.
    pub max_file_size: Option<i64>,
    /// Largest sum of all files in bytes; none: what the configuration says.
    pub max_project_size: Option<i64>,
}

/// What may be done with a project (PEP 792).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everything.
    Active,
    /// Everything; its owners advise against it.
    Deprecated,
    /// Installing, but no uploading.
    Archived,
    /// Nothing: its files are not offered.
    Quarantined,
}

impl Status {
    /// The word of the standard.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deprecated => "deprecated",
            Self::Archived => "archived",
            Self::Quarantined => "quarantined",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "active" => Some(Self::Active),
            "deprecated" => Some(Self::Deprecated),
            "archived" => Some(Self::Archived),
            "quarantined" => Some(Self::Quarantined),
            _ => None,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = projects)]
struct NewProject<'a> {
    name: &'a str,
    normalized: NormalizedName,
    created_at: Time,
    last_serial: i64,
    confusable: String,
    status: &'a str,
}

impl Project {
    /// Makes a project; a taken name is a unique violation. What another index says about the
    /// name is forgotten.
    pub fn create(c: &mut Conn, name: &ProjectName, now: Time) -> QueryResult<ProjectId> {
        elsewhere::give_way(c, &name.normalized())?;
        let new = NewProject {
            name: name.as_str(),
            normalized: name.normalized(),
            created_at: now,
            last_serial: 0,
            confusable: confusable_key(name),
            status: Status::Active.as_str(),
        };
        diesel::insert_into(projects::table).values(new).returning(projects::id).get_result(c)
    }

    /// The project of that name.
    pub fn by_name(c: &mut Conn, name: &NormalizedName) -> QueryResult<Option<Self>> {
        let row = projects::table.filter(projects::normalized.eq(name));
        row.select(Self::as_select()).first(c).optional()
    }

    /// The project with that id.
    pub fn by_id(c: &mut Conn, id: ProjectId) -> QueryResult<Option<Self>> {
        projects::table.find(id).select(Self::as_select()).first(c).optional()
    }

    /// The one of that name, and holds its row until the transaction ends: whoever else wants to
    /// change the project waits. (A row that is updated is locked.)
    pub fn locked(c: &mut Conn, name: &NormalizedName) -> QueryResult<Option<Self>> {
        if !c.writes_alone() {
            diesel::update(projects::table.filter(projects::normalized.eq(name)))
                .set(projects::last_serial.eq(projects::last_serial))
                .execute(c)?;
        }
        Self::by_name(c, name)
    }

    /// Its name as its owner spells it, as a value.
    pub fn spelled(&self) -> Result<ProjectName> {
        ProjectName::parse(&self.name)
            .ok_or_else(|| Error::internal("reading the name of a project", "it is not valid"))
    }

    /// What may be done with it. An unknown word in the database allows the least.
    pub fn status(&self) -> Status {
        Status::parse(&self.status).unwrap_or(Status::Quarantined)
    }

    /// Sets what may be done with it, and why.
    pub fn set_status(
        c: &mut Conn,
        id: ProjectId,
        status: Status,
        reason: Option<&str>,
    ) -> QueryResult<usize> {
        let columns = (projects::status.eq(status.as_str()), projects::status_reason.eq(reason));
        diesel::update(projects::table.find(id)).set(columns).execute(c)
    }

    /// Sets its own limits; none: what the configuration says.
    pub fn set_limits(
        c: &mut Conn,
        id: ProjectId,
        file: Option<i64>,
        project: Option<i64>,
    ) -> QueryResult<usize> {
        let columns = (projects::max_file_size.eq(file), projects::max_project_size.eq(project));
        diesel::update(projects::table.find(id)).set(columns).execute(c)
    }

    /// Other projects whose names people take for this one.
    pub fn confusable_with(c: &mut Conn, name: &ProjectName) -> QueryResult<Vec<Self>> {
        projects::table
            .filter(projects::confusable.eq(confusable_key(name)))
            .filter(projects::normalized.ne(name.normalized()))
            .order(projects::id)
            .select(Self::as_select())
            .load(c)
    }

    /// Takes a project away with everything below it.
    pub fn delete(c: &mut Conn, id: ProjectId) -> QueryResult<usize> {
        diesel::delete(projects::table.find(id)).execute(c)
    }

    /// All projects, by normalized name.
    pub fn all(c: &mut Conn) -> QueryResult<Vec<Self>> {
        projects::table.order(projects::normalized).select(Self::as_select()).load(c)
    }

    /// The names of these projects, as their owners spell them, in order.
    pub fn names(c: &mut Conn, ids: &[ProjectId]) -> QueryResult<Vec<String>> {
        let rows = projects::table.filter(projects::id.eq_any(ids.to_vec()));
        rows.order(projects::normalized).select(projects::name).load(c)
    }

    /// Which of these names are projects, quarantined ones left out.
    pub fn among(c: &mut Conn, wanted: Vec<NormalizedName>) -> QueryResult<Vec<NormalizedName>> {
        projects::table
            .filter(projects::normalized.eq_any(wanted))
            .filter(projects::status.ne(Status::Quarantined.as_str()))
            .select(projects::normalized)
            .load(c)
    }

    /// Names and serials of the projects `from` one name on and before another, quarantined ones
    /// left out, by normalized name, at most so many.
    pub fn list(
        c: &mut Conn,
        (from, before): (Option<&NormalizedName>, Option<&NormalizedName>),
        limit: Option<usize>,
    ) -> QueryResult<Vec<(String, NormalizedName, i64)>> {
        let mut rows = projects::table
            .filter(projects::status.ne(Status::Quarantined.as_str()))
            .order(projects::normalized)
            .select((projects::name, projects::normalized, projects::last_serial))
            .into_boxed();
        if let Some(from) = from {
            rows = rows.filter(projects::normalized.ge(from));
        }
        if let Some(before) = before {
            rows = rows.filter(projects::normalized.lt(before));
        }
        if let Some(limit) = limit {
            rows = rows.limit(i64::try_from(limit).unwrap_or(i64::MAX));
        }
        rows.load(c)
    }

    /// The projects changed last, newest change first.
    pub fn recent(c: &mut Conn, limit: i64) -> QueryResult<Vec<Self>> {
        let rows = projects::table
            .filter(projects::status.ne(Status::Quarantined.as_str()))
            .order(projects::last_serial.desc())
            .limit(limit);
        rows.select(Self::as_select()).load(c)
    }

    /// The projects that came last but quarantined ones, newest first.
    pub fn newest(c: &mut Conn, limit: i64) -> QueryResult<Vec<Self>> {
        let rows = projects::table
            .filter(projects::status.ne(Status::Quarantined.as_str()))
            .order((projects::created_at.desc(), projects::id.desc()))
            .limit(limit);
        rows.select(Self::as_select()).load(c)
    }

    /// How many there are, quarantined ones left out.
    pub fn count(c: &mut Conn) -> QueryResult<i64> {
        let rows = projects::table.filter(projects::status.ne(Status::Quarantined.as_str()));
        rows.count().get_result(c)
    }

    /// Spells the name as the last uploaded file does, and notes the serial of its change.
    pub fn touch(c: &mut Conn, id: ProjectId, name: &str, serial: i64) -> QueryResult<usize> {
        diesel::update(projects::table.find(id))
            .set((projects::name.eq(name), projects::last_serial.eq(serial)))
            .execute(c)
    }
}
