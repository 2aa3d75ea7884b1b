//! Rows that contradict each other, each contradiction a query that finds nothing in a good index.

use super::finding::{Finding, What};
use crate::db::Conn;
use crate::error::Result;
use crate::upkeep::text::subjects;

/// How many subjects of a rule are named.
const MOST_NAMED: usize = 100;

/// Which database a rule is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Both,
    Sqlite,
    /// On SQLite, and only where the check is no deep one.
    SqliteQuick,
    /// On SQLite, and only where the check is a deep one.
    SqliteDeep,
    Postgres,
}

/// Something that must not be.
struct Rule {
    what: What,
    on: On,
    /// What is wrong; the subject follows behind a colon.
    words: &'static str,
    /// Selects `subject`.
    sql: &'static str,
}

const RULES: [Rule; 19] = [
    Rule {
        what: What::Database,
        on: On::SqliteQuick,
        words: "the database file is damaged",
        sql: "SELECT quick_check AS subject FROM pragma_quick_check WHERE quick_check <> 'ok'",
    },
    Rule {
        what: What::Database,
        on: On::SqliteDeep,
        words: "the database file is damaged",
        sql: "SELECT integrity_check AS subject FROM pragma_integrity_check \
              WHERE integrity_check <> 'ok'",
    },
    Rule {
        what: What::Rows,
        on: On::Sqlite,
        words: "a row refers to one that is not there",
        sql: "SELECT \"table\" || ' ' || COALESCE(\"rowid\", '') || ' to ' || \"parent\" AS subject \
              FROM pragma_foreign_key_check",
    },
    Rule {
        what: What::Journal,
        on: On::Both,
        words: "the journal does not begin with serial 1 but with",
        sql: "SELECT CAST(MIN(serial) AS TEXT) AS subject FROM journal HAVING MIN(serial) <> 1",
    },
    Rule {
        what: What::Journal,
        on: On::Both,
        words: "the journal has a gap from serial",
        sql: "SELECT CAST(j.serial + 1 AS TEXT) AS subject FROM journal j \
              WHERE j.serial < (SELECT MAX(serial) FROM journal) \
              AND NOT EXISTS (SELECT 1 FROM journal n WHERE n.serial = j.serial + 1) \
              ORDER BY j.serial",
    },
    Rule {
        what: What::Counter,
        on: On::Both,
        words: "the counter of the journal is not at its last serial",
        sql: "SELECT CAST(c.last_serial AS TEXT) || ' instead of ' || CAST(j.last AS TEXT) AS subject \
              FROM journal_counter c, \
              (SELECT COALESCE(MAX(serial), 0) AS last FROM journal) j WHERE c.last_serial <> j.last",
    },
    Rule {
        what: What::LastSerial,
        on: On::Both,
        words: "a project does not know the serial of its last change",
        sql: "SELECT p.normalized AS subject FROM projects p WHERE p.last_serial <> COALESCE( \
              (SELECT MAX(j.serial) FROM journal j WHERE j.normalized = p.normalized), -1) \
              ORDER BY p.normalized",
    },
    Rule {
        what: What::FileName,
        on: On::Both,
        words: "a file's name is not noted as used",
        sql: "SELECT f.filename AS subject FROM files f \
              LEFT JOIN file_names n ON n.filename = f.filename WHERE n.filename IS NULL \
              ORDER BY f.filename",
    },
    Rule {
        what: What::Rows,
        on: On::Both,
        words: "a file's name is noted as that of another project",
        sql: "SELECT f.filename || ' of ' || p.normalized || ', noted for ' || n.project AS subject \
              FROM file_names n JOIN files f ON f.filename = n.filename \
              JOIN releases r ON r.id = f.release_id JOIN projects p ON p.id = r.project_id \
              WHERE n.project <> p.normalized ORDER BY f.filename",
    },
    Rule {
        what: What::Rows,
        on: On::Both,
        words: "two files share their bytes but not size and SHA-256",
        sql: "SELECT f.filename || ' and ' || g.filename AS subject FROM files f \
              JOIN files g ON g.blake2_256 = f.blake2_256 AND g.id > f.id \
              WHERE g.size <> f.size OR g.sha256 <> f.sha256 ORDER BY f.filename, g.filename",
    },
    Rule {
        what: What::Rows,
        on: On::Both,
        words: "a file lacks what every file of its kind has",
        sql: "SELECT filename AS subject FROM files WHERE size < 0 OR \
              (metadata_blake2_256 IS NULL) <> (metadata_sha256 IS NULL) OR \
              (metadata_blake2_256 IS NULL) <> (package_type <> 'bdist_wheel') ORDER BY filename",
    },
    Rule {
        what: What::Rows,
        on: On::Sqlite,
        words: "a file's digest is none",
        sql: "SELECT filename AS subject FROM files WHERE \
              LENGTH(blake2_256) <> 64 OR blake2_256 GLOB '*[^0-9a-f]*' OR \
              LENGTH(metadata_blake2_256) <> 64 OR metadata_blake2_256 GLOB '*[^0-9a-f]*' OR \
              LENGTH(sha256) <> 64 OR sha256 GLOB '*[^0-9a-f]*' ORDER BY filename",
    },
    Rule {
        what: What::Rows,
        on: On::Postgres,
        words: "a file's digest is none",
        sql: "SELECT filename AS subject FROM files WHERE \
              blake2_256 !~ '^[0-9a-f]{64}$' OR metadata_blake2_256 !~ '^[0-9a-f]{64}$' OR \
              sha256 !~ '^[0-9a-f]{64}$' ORDER BY filename",
    },
    Rule {
        what: What::Rows,
        on: On::Sqlite,
        words: "a mirrored file's digest is none",
        sql: "SELECT path AS subject FROM mirror_files WHERE \
              LENGTH(blake2_256) <> 64 OR blake2_256 GLOB '*[^0-9a-f]*' OR \
              LENGTH(metadata_blake2_256) <> 64 OR metadata_blake2_256 GLOB '*[^0-9a-f]*' OR \
              LENGTH(sha256) <> 64 OR sha256 GLOB '*[^0-9a-f]*' ORDER BY path",
    },
    Rule {
        what: What::Rows,
        on: On::Postgres,
        words: "a mirrored file's digest is none",
        sql: "SELECT path AS subject FROM mirror_files WHERE \
              blake2_256 !~ '^[0-9a-f]{64}$' OR metadata_blake2_256 !~ '^[0-9a-f]{64}$' OR \
              sha256 !~ '^[0-9a-f]{64}$' ORDER BY path",
    },
    Rule {
        what: What::Rows,
        on: On::Both,
        words: "a mirrored file shares its bytes with another but not size and SHA-256",
        sql: "SELECT m.path || ' and ' || f.filename AS subject FROM mirror_files m \
              JOIN files f ON f.blake2_256 = m.blake2_256 \
              WHERE m.size <> f.size OR m.sha256 <> f.sha256 \
              UNION ALL SELECT m.path || ' and ' || n.path FROM mirror_files m \
              JOIN mirror_files n ON n.blake2_256 = m.blake2_256 AND n.id > m.id \
              WHERE m.size <> n.size OR m.sha256 <> n.sha256 ORDER BY subject",
    },
    Rule {
        what: What::Rows,
        on: On::Both,
        words: "an account has its second factor on and no secret for it",
        sql: "SELECT username AS subject FROM users \
              WHERE totp_enabled_at IS NOT NULL AND totp_secret IS NULL ORDER BY username",
    },
    Rule {
        what: What::Search,
        on: On::Both,
        words: "the search index is ahead of the journal, at serial",
        sql: "SELECT CAST(s.serial AS TEXT) AS subject FROM search_state s, \
              (SELECT COALESCE(MAX(serial), 0) AS last FROM journal) j WHERE s.serial > j.last",
    },
    Rule {
        what: What::Search,
        on: On::Both,
        words: "the search index has a project as it is not any more",
        sql: "SELECT e.normalized AS subject FROM search_entries e \
              LEFT JOIN projects p ON p.normalized = e.normalized \
              WHERE (p.id IS NULL OR p.last_serial <> e.id) AND \
              (SELECT serial FROM search_state) >= (SELECT MAX(serial) FROM journal) \
              ORDER BY e.normalized",
    },
];

/// Everything that the rules find.
pub(super) fn check(c: &mut Conn, deep: bool) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| applies(c, rule.on, deep)).collect();
    for rule in rules {
        let sql = format!("{} LIMIT {}", rule.sql, MOST_NAMED + 1);
        let subjects = subjects(c, &sql)?;
        let more = subjects.len() > MOST_NAMED;
        let what = rule.what;
        let finding = |words| Finding { what, words, repaired: false };
        let named = subjects.iter().take(MOST_NAMED);
        found.extend(named.map(|subject| finding(format!("{}: {subject}", rule.words))));
        if more {
            found.push(finding(format!("{}: and others", rule.words)));
        }
    }
    Ok(found)
}

fn applies(c: &Conn, on: On, deep: bool) -> bool {
    match c {
        Conn::Sqlite(_) => match on {
            On::Both | On::Sqlite => true,
            On::SqliteQuick => !deep,
            On::SqliteDeep => deep,
            On::Postgres => false,
        },
        Conn::Postgresql(_) => matches!(on, On::Both | On::Postgres),
    }
}
