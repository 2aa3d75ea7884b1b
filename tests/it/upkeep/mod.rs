//! Keeping an index for years: checks, backups, moves and upgrades.

mod backup;
mod bucket;
mod check;
mod copy;
mod documented;
mod elsewhere;
mod mirrored;
mod moving_in;
mod upgrades;

use std::path::{Path, PathBuf};

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{PgConnection, SqliteConnection, sql_query};

use crate::support::Server;

/// How a command ended.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    /// Panics with what it said where it ended otherwise.
    #[track_caller]
    fn expect(self, code: i32, words: &str) -> Self {
        let Self { out, err, .. } = &self;
        assert_eq!(self.code, Some(code), "{out}{err}");
        assert!(out.contains(words) || err.contains(words), "{words:?} is not in:\n{out}{err}");
        self
    }
}

fn say(server: &Server, arguments: &[&str]) -> Said {
    let output = server.run_command(arguments, "");
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The column `line` of a query.
fn lines(server: &Server, sql: &str) -> Vec<String> {
    let rows: Vec<Line> = if let Some(url) = server.database_url() {
        sql_query(sql).load(&mut PgConnection::establish(url).unwrap()).unwrap()
    } else {
        let path = server.data().join("cheeseshop.db");
        sql_query(sql)
            .load(&mut SqliteConnection::establish(path.to_str().unwrap()).unwrap())
            .unwrap()
    };
    rows.into_iter().map(|row| row.line).collect()
}

/// The whole journal, a line each.
fn journal(server: &Server) -> Vec<String> {
    let columns = "CAST(serial AS TEXT) || ' ' || project || ' ' || normalized || ' ' || \
                   COALESCE(version, '-') || ' ' || action || ' ' || COALESCE(actor, '-')";
    lines(server, &format!("SELECT {columns} AS line FROM journal ORDER BY serial"))
}

/// Where the blob of that digest lies in a storage folder.
fn blob(folder: &Path, digest: &str) -> PathBuf {
    let (first, rest) = digest.split_at(2);
    let (second, rest) = rest.split_at(2);
    folder.join("blake2b").join(first).join(second).join(rest)
}

/// The path of a file's blob, and that of its metadata.
fn blobs_of(server: &Server, filename: &str) -> [PathBuf; 2] {
    ["blake2_256", "metadata_blake2_256"].map(|column| {
        let sql = format!("SELECT {column} AS line FROM files WHERE filename = '{filename}'");
        blob(&server.data().join("blobs"), &lines(server, &sql)[0])
    })
}
