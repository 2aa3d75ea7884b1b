//! A fresh database for each test.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A database that is dropped with this value.
pub struct Database {
    url: Option<String>,
    name: String,
}

impl Database {
    /// Makes one; `None` as its URL means the default in the data folder.
    pub fn create(backend: Backend, folder: &Path) -> Self {
        let unique = folder.file_name().unwrap().to_str().unwrap().to_lowercase();
        let name = format!("test_{}", unique.replace(['.', '-'], "_"));
        if backend == Backend::Sqlite {
            return Self { url: None, name };
        }
        admin(&format!("CREATE DATABASE {name}"));
        Self { url: Some(format!("{}/{name}", server())), name }
    }

    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Ends all connections and lets no new ones in: the database is away.
    pub fn close(&self) {
        admin(&format!("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", self.name));
        admin(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        ));
    }

    /// Lets connections in again.
    pub fn open(&self) {
        admin(&format!("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", self.name));
    }

    /// How often transactions here waited for each other in a circle; none can on SQLite.
    pub fn deadlocks(&self) -> i64 {
        let Some(url) = &self.url else { return 0 };
        let mut conn = PgConnection::establish(url).unwrap();
        let count = diesel::dsl::sql::<diesel::sql_types::BigInt>(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
        );
        count.get_result(&mut conn).unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.url.is_some() && !std::thread::panicking() {
            admin(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}

fn server() -> String {
    let url = super::prepared("TEST_POSTGRES_URL");
    url.to_str().unwrap().trim_end_matches('/').to_owned()
}

fn admin(sql: &str) {
    let mut conn = PgConnection::establish(&format!("{}/postgres", server())).unwrap();
    conn.batch_execute(sql).unwrap();
}
