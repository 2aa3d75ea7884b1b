//! The standards of the simple API, item by item: the folder walks the numbered list in `items`.
//!
//! Each file names for each of its tests the items that it checks. A last test compares these
//! names with the list: an item is checked, or the list says why not.

mod html;
mod http;
mod items;
mod json;
mod metadata;
mod negotiation;
mod root;
mod status;
mod versioning;
mod yanking;

use std::collections::BTreeSet;

use crate::support::{Html, Reply, Server};

const JSON: &str = "application/vnd.pypi.simple.v1+json";
const HTML: &str = "application/vnd.pypi.simple.v1+html";
const TEXT_HTML: &str = "text/html";

/// A test and the items that it checks.
type Checks = (&'static str, &'static [&'static str]);

/// Makes the tests of a file, one a database, and the table of what each of them checks.
macro_rules! checks {
    ($($test:ident: $($item:literal)+;)+) => {
        crate::support::on_both!($($test),+);
        pub const CHECKS: &[crate::conformance::Checks] =
            &[$((stringify!($test), &[$($item),+])),+];
    };
}
use checks;

const ALL: [&[Checks]; 9] = [
    http::CHECKS,
    versioning::CHECKS,
    negotiation::CHECKS,
    html::CHECKS,
    root::CHECKS,
    json::CHECKS,
    metadata::CHECKS,
    yanking::CHECKS,
    status::CHECKS,
];

#[test]
fn every_item_is_checked_or_explained() {
    let mut checked = BTreeSet::new();
    for (test, items) in ALL.into_iter().flatten() {
        for item in *items {
            assert!(
                items::ITEMS.iter().any(|known| known.id == *item),
                "{test} checks {item}, which is not in the list"
            );
            checked.insert(*item);
        }
    }
    for (number, item) in (1..).zip(&items::ITEMS) {
        assert_eq!(item.id, format!("S-{number:03}"));
        assert!(!item.says.is_empty());
        assert!(
            checked.contains(item.id) || item.unchecked.is_some_and(|reason| !reason.is_empty()),
            "{} is neither checked nor explained: {}",
            item.id,
            item.says
        );
        assert!(
            !(checked.contains(item.id) && item.unchecked.is_some()),
            "{} is checked, and the list says why it is not",
            item.id
        );
    }
}

/// A page in the wished form.
#[track_caller]
fn get(server: &Server, path: &str, accept: &str) -> Reply {
    server.get(path).header("Accept", accept).send().expect(200)
}

/// A page in HTML, parsed.
#[track_caller]
fn html(server: &Server, path: &str) -> Html {
    Html::parse(&get(server, path, TEXT_HTML).text())
}

/// The path of the only file of a project.
fn only_file(server: &Server, project: &str) -> String {
    let page = server.page(project);
    let files = page["files"].as_array().unwrap();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0]["url"].as_str().unwrap().to_owned()
}
