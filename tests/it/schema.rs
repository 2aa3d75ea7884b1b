//! The schema: both databases have the tables that the code believes in, and every migration can
//! be taken back.

use std::collections::BTreeMap;

use diesel::backend::Backend as DieselBackend;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::{PgConnection, SqliteConnection, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::support::{Backend, Dist, Server, on_both};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

on_both!(
    migrations_go_up_down_up_and_end_as_the_code_believes,
    older_releases_are_found_by_their_classifiers,
);

/// Type and nullability by table and column.
type Columns = BTreeMap<(String, String), (String, bool)>;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

fn migrations_go_up_down_up_and_end_as_the_code_believes(backend: Backend) {
    let server = Server::prepare(backend, &[]);
    let found = match backend {
        Backend::Postgres => {
            let mut conn = PgConnection::establish(server.database_url().unwrap()).unwrap();
            up_down_up(&mut conn, || POSTGRES);
            let sql = "SELECT table_name::text AS place, column_name::text AS name, data_type::text AS kind, \
                       is_nullable = 'YES' AS nullable \
                       FROM information_schema.columns WHERE table_schema = 'public'";
            sql_query(sql).load::<Column>(&mut conn).unwrap()
        }
        Backend::Sqlite => {
            let path = server.scratch().join("x.db");
            let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            up_down_up(&mut conn, || SQLITE);
            let sql = "SELECT m.name AS place, c.name AS name, c.type AS kind, \
                       NOT c.\"notnull\" AS nullable \
                       FROM sqlite_master m JOIN pragma_table_info(m.name) c \
                       WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
            sql_query(sql).load::<Column>(&mut conn).unwrap()
        }
    };
    let found: Columns = found.into_iter().filter_map(known).collect();
    assert_eq!(found, believed());
}

fn up_down_up<DB: DieselBackend>(
    conn: &mut impl MigrationHarness<DB>,
    source: fn() -> EmbeddedMigrations,
) {
    conn.run_pending_migrations(source()).unwrap();
    conn.revert_all_migrations(source()).unwrap();
    conn.run_pending_migrations(source()).unwrap();
}

/// What was published before there was a table of classifiers is in it afterwards.
fn older_releases_are_found_by_their_classifiers(backend: Backend) {
    let mut server = Server::start(backend);
    let metadata = "Classifier: A \nClassifier: A\nClassifier: UNKNOWN\n\n\\u0000 \"é\"\n";
    server.upload(&Dist::wheel_with("foo", "1.0", metadata, "")).send().expect(200);
    server.upload(&Dist::wheel_with("bar", "1.0", "", "")).send().expect(200);
    server.kill();
    match backend {
        Backend::Postgres => {
            let mut conn = PgConnection::establish(server.database_url().unwrap()).unwrap();
            down_before(&mut conn, || POSTGRES, CLASSIFIERS);
        }
        Backend::Sqlite => {
            let path = server.data().join("cheeseshop.db");
            let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            down_before(&mut conn, || SQLITE, CLASSIFIERS);
        }
    }
    server.ok(&["migrate"]);
    server.run();
    for (classifier, count) in [("A", 1), ("UNKNOWN", 0), ("", 0)] {
        let call = format!(
            "<methodCall><methodName>browse</methodName><params><param><value><array><data>\
             <value>{classifier}</value></data></array></value></param></params></methodCall>"
        );
        let request = server.request("POST", "/pypi").header("Content-Type", "text/xml");
        let answer = request.body(call.into_bytes()).send().expect(200).text();
        assert_eq!(answer.matches("foo").count(), count, "{classifier}: {answer}");
    }
}

/// The migration that made the table of classifiers.
const CLASSIFIERS: &str = "20261122000001";

/// Takes this migration and all later ones back.
fn down_before<DB: DieselBackend>(
    conn: &mut impl MigrationHarness<DB>,
    source: fn() -> EmbeddedMigrations,
    version: &str,
) {
    while conn.revert_last_migration(source()).unwrap().to_string() != version {}
}

/// How the tables begin that each database has for its own kind of full-text search.
const FULL_TEXT: [&str; 3] = ["search_heads", "search_texts", "search_tokens"];

fn known(column: Column) -> Option<((String, String), (String, bool))> {
    let Column { place, name, kind, nullable } = column;
    if place == "__diesel_schema_migrations" || FULL_TEXT.iter().any(|it| place.starts_with(it)) {
        return None;
    }
    let kind = match kind.to_lowercase().as_str() {
        "bigint" | "integer" => "BigInt",
        "text" => "Text",
        "boolean" => "Bool",
        "blob" | "bytea" => "Binary",
        "timestamp" | "timestamp without time zone" => "Timestamp",
        other => panic!("{place}.{name} is {other}"),
    };
    Some(((place, name), (kind.to_owned(), nullable)))
}

/// What `src/db/schema.rs` says.
fn believed() -> Columns {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/db/schema.rs");
    let mut table = String::new();
    let mut columns = Columns::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let line = line.trim();
        if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            if line.starts_with("diesel::joinable") {
                continue;
            }
            let inner = kind.strip_prefix("Nullable<").and_then(|it| it.strip_suffix('>'));
            let value = (inner.unwrap_or(kind).to_owned(), inner.is_some());
            columns.insert((table.clone(), column.to_owned()), value);
        } else if let Some((name, _)) = line.split_once(" (")
            && line.ends_with(") {")
        {
            name.clone_into(&mut table);
        }
    }
    columns
}
