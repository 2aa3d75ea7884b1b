//! The rules of the house: who may import whom, what may stand where, how long things may get.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Each module with those of this crate that it may import; `src/lib.rs` draws it as floors.
const FLOORS: [&[&str]; 14] = [
    &["error", "time", "secret", "address", "count", "packaging", "markup"],
    &["config"],
    &["db", "storage", "outbound"],
    &["jobs", "site"],
    &["mail"],
    &["accounts"],
    &["catalog", "domains"],
    &["search", "simple", "downloads"],
    &["mirror"],
    &["app", "upload", "upkeep"],
    &["http"],
    &["web", "api"],
    &["schedule"],
    &["server"],
];
const TOP: &str = "cli";

/// A word that may stand only in these places (paths below `src/` that begin so).
const BANS: [(&str, &[&str]); 17] = [
    ("actix_web", &["http/", "web/", "api/", "server.rs", "cli/mod.rs"]),
    ("actix_multipart", &["api/"]),
    ("hickory_resolver", &["domains/dns.rs"]),
    ("html5ever", &["mirror/upstream/html.rs"]),
    ("lettre", &["mail/"]),
    ("listenfd", &["server/listener.rs"]),
    ("object_store::", &["storage/"]),
    ("psl::", &["address/registrable.rs"]),
    ("reqwest", &["outbound/"]),
    ("rustls::", &["outbound/", "server/tls.rs", "storage/bucket.rs"]),
    ("tokio_cron_scheduler", &["schedule.rs"]),
    ("askama", &["accounts/letters/", "catalog/letters/", "web/", "simple/html.rs"]),
    ("std::env", &["config/"]),
    ("println!", &["cli/out.rs"]),
    ("Utc::now", &["time.rs"]),
    // What is lost by a power cut is decided in one place.
    ("write_relaxed", &["db/", "accounts/prove.rs"]),
    (
        "diesel::",
        &[
            "db/",
            "jobs/",
            "site/flag.rs",
            "mail/outbox.rs",
            "accounts/",
            "catalog/",
            "search/",
            "domains/batch.rs",
            "domains/collect.rs",
            "domains/conclude.rs",
            "domains/domain.rs",
            "domains/due.rs",
            "domains/listing.rs",
            "domains/totals.rs",
            "domains/unverify.rs",
            "downloads/",
            "mirror/changes.rs",
            "mirror/file/stored.rs",
            "mirror/holdings.rs",
            "mirror/pages.rs",
            "mirror/policy.rs",
            "mirror/rule.rs",
            "packaging/name.rs",
            "packaging/digest.rs",
            "upkeep/",
        ],
    ),
];

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 60;

fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                if path.extension().is_none_or(|it| it != "rs") {
                    continue;
                }
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The part of a file that is not its unit tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

#[test]
fn imports_only_go_down() {
    for (path, text) in sources() {
        let module = path.split(['/', '.']).next().unwrap();
        if [TOP, "lib", "main"].contains(&module) {
            continue;
        }
        let here = floor(module).unwrap_or_else(|| panic!("{path}: no floor has {module}"));
        for part in without_tests(&text).split("crate::").skip(1) {
            let wanted: String =
                part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let Some(there) = floor(&wanted) else {
                panic!("{path} imports {wanted}, which is on no floor below it")
            };
            let is_same_floor_of_values = here == 0 && there == 0;
            assert!(
                there < here || wanted == module || is_same_floor_of_values,
                "{path} imports crate::{wanted}, which is not below it"
            );
        }
    }
}

#[test]
fn some_words_stand_only_in_some_places() {
    for (path, text) in sources() {
        for (word, places) in BANS {
            let allowed = places.iter().any(|place| path.starts_with(place));
            let found = without_tests(&text)
                .lines()
                .find(|line| line.contains(word) && !line.trim_start().starts_with("//"));
            assert!(allowed || found.is_none(), "{path} has {word}: {found:?}");
        }
    }
}

#[test]
fn files_and_functions_stay_short() {
    for (path, text) in sources() {
        let lines: Vec<&str> = text.lines().collect();
        // Tables of tests may be as long as there are rows.
        let is_table = path.contains("/tests/")
            || path.ends_with("/tests.rs")
            // So is the list of the database's tables.
            || path == "db/schema.rs";
        assert!(is_table || lines.len() <= LONGEST_FILE, "{path} has {} lines", lines.len());
        assert!(
            lines.first().is_some_and(|line| line.starts_with("//!")),
            "{path} does not say what it is"
        );
        let mut begun: Option<(usize, usize)> = None;
        for (number, line) in lines.iter().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let is_function = line.contains("fn ") && !line.trim_start().starts_with("//");
            match begun {
                None if is_function && !line.trim_end().ends_with([';', '}']) => {
                    begun = Some((number, indent));
                }
                Some((start, at)) if indent == at && line.trim_start() == "}" => {
                    let length = number - start + 1;
                    assert!(
                        is_table || length <= LONGEST_FUNCTION,
                        "{path}:{} is {length} lines long",
                        start + 1
                    );
                    begun = None;
                }
                _ => {}
            }
        }
    }
}

#[test]
fn there_is_no_room_for_odds_and_ends() {
    for path in sources().keys() {
        for name in ["utils", "helpers", "common", "misc"] {
            assert!(!path.split(['/', '.']).any(|part| part == name), "{path}");
        }
    }
}
