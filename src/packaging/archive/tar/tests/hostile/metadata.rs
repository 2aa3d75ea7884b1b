//! `PKG-INFO` and what it names.

use super::Case;
use crate::packaging::archive::tar::tests::build::{Tar, sound};

/// What is wrong with the metadata.
pub(super) fn metadata() -> Vec<Case> {
    let pkg_info = |text: &str| Tar::default().entry(b'0', "foo-1.0/PKG-INFO", text).done();
    let huge = vec![b' '; (16 << 20) + 1];
    vec![
        ("it has no member \"foo-1.0/PKG-INFO\"", Tar::default().file("foo-1.0/a").done()),
        ("it has no member \"foo-1.0/PKG-INFO\"", Tar::default().done()),
        ("it has no member \"foo-1.0/PKG-INFO\"", Tar::default().file("foo-1.0/x/PKG-INFO").done()),
        ("it has no member \"foo-1.0/PKG-INFO\"", Tar::default().file("foo-1.0/pkg-info").done()),
        ("it has no member \"foo-1.0/PKG-INFO\"", Tar::default().file("foo-1.0/PKG-INFO/x").done()),
        (
            "it has the member \"foo-1.0/PKG-INFO\" more than once",
            sound().file("foo-1.0/PKG-INFO").done(),
        ),
        (
            "it has the member \"foo-1.0/PKG-INFO\" more than once",
            sound().file("./foo-1.0/PKG-INFO").done(),
        ),
        (
            "its member \"foo-1.0/PKG-INFO\" is not a regular file",
            Tar::default().link(b'2', "foo-1.0/PKG-INFO", "a").done(),
        ),
        (
            "its member \"foo-1.0/PKG-INFO\" is not a regular file",
            sound().link(b'1', "foo-1.0/PKG-INFO", "foo-1.0/a.py").done(),
        ),
        (
            "its member \"foo-1.0/PKG-INFO\" is not a regular file",
            Tar::default().folder("foo-1.0/PKG-INFO").done(),
        ),
        (
            "its member \"foo-1.0/PKG-INFO\" is longer than 16777216 bytes",
            Tar::default().entry(b'0', "foo-1.0/PKG-INFO", huge).done(),
        ),
        (
            "its metadata names the licence file \"LICENSE\", but it has no file \"foo-1.0/LICENSE\"",
            pkg_info("Metadata-Version: 2.4\nLicense-File: LICENSE\n"),
        ),
        (
            "its metadata names the licence file \"../LICENSE\"",
            pkg_info("Metadata-Version: 2.5\nLicense-File: ../LICENSE\n"),
        ),
        (
            "its metadata names the licence file \".\"",
            pkg_info("Metadata-Version: 2.4\nLicense-File: .\n"),
        ),
    ]
}
