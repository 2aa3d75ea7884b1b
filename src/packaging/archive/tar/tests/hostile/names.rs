//! Names, places and links.

use super::Case;
use crate::packaging::archive::tar::tests::build::{PKG_INFO, Tar, sound};

/// Names that are paths elsewhere.
pub(super) fn texts() -> Vec<Case> {
    let file = |name: &str| sound().file(name).done();
    vec![
        ("its member \"/etc/passwd\" has an absolute name", file("/etc/passwd")),
        ("its member \"//foo-1.0/a\" has an absolute name", file("//foo-1.0/a")),
        ("its member \"foo-1.0/../../x\" has \"..\" in its name", file("foo-1.0/../../x")),
        ("its member \"../foo-1.0/x\" has \"..\" in its name", file("../foo-1.0/x")),
        (
            "its member \"foo-1.0/x/..\" has \"..\" in its name",
            sound().folder("foo-1.0/x/..").done(),
        ),
        ("its member \"foo-1.0/a\\\\..\\\\b\" has a backslash", file("foo-1.0/a\\..\\b")),
        ("its member \"C:/foo-1.0/a\" has a name with a drive letter", file("C:/foo-1.0/a")),
        ("its member \"foo-1.0/a\\nb\" has a control character", file("foo-1.0/a\nb")),
        ("its member \"foo-1.0/\\u{7f}\" has a control character", file("foo-1.0/\u{7f}")),
        (
            "its member \"foo-1.0/a\\0b\" has a control character",
            sound().pax(&[("path", "foo-1.0/a\0b")]).file("foo-1.0/a").done(),
        ),
        (
            "its member \"foo-1.0/a\\0b\" has a control character",
            sound().entry(b'L', "l", "foo-1.0/a\0b\0").file("foo-1.0/a").done(),
        ),
        ("has a name that is not UTF-8", sound().file(b"foo-1.0/\xff").done()),
        ("its member \"\" has an empty name", file("")),
        ("its member \"./\" has an empty name", Tar::default().folder("./").raw(&sound().0).done()),
    ]
}

/// Places in the tree.
pub(super) fn places() -> Vec<Case> {
    let file = |name: &str| sound().file(name).done();
    vec![
        ("its member \"bar/a\" is not in its top folder \"foo-1.0\"", file("bar/a")),
        ("its member \"setup.py\" is not in its top folder", file("setup.py")),
        ("its member \"FOO-1.0/a\" is not in its top folder", file("FOO-1.0/a")),
        (
            "its top folder is \"src\", but \"foo-1.0\" is expected",
            Tar::default().file("src/a").done(),
        ),
        (
            "its top folder is \"foo\", but",
            Tar::default().entry(b'0', "foo/PKG-INFO", PKG_INFO).done(),
        ),
        (
            "its top folder is \"foo-1.1\", but",
            Tar::default().entry(b'0', "foo-1.1/PKG-INFO", PKG_INFO).done(),
        ),
        (
            "its top folder is \"bar-1.0\", but",
            Tar::default().entry(b'0', "bar-1.0/PKG-INFO", PKG_INFO).done(),
        ),
        ("its member \"foo-1.0\" must be a folder", Tar::default().file("foo-1.0").done()),
        (
            "its member \"foo-1.0\" must be a folder",
            Tar::default().link(b'2', "foo-1.0", "x").done(),
        ),
        ("its member \"foo-1.0/a.py\" is there twice", sound().folder("foo-1.0/a.py").done()),
        (
            "its member \"foo-1.0/a\" is there twice",
            sound().file("foo-1.0/a/b").file("foo-1.0/a").done(),
        ),
        (
            "its member \"foo-1.0/a.py\" is there twice",
            sound().link(b'2', "foo-1.0/a.py", "b").done(),
        ),
        (
            "its member \"foo-1.0/l\" is there twice",
            sound().link(b'2', "foo-1.0/l", "b").link(b'2', "foo-1.0/l", "b").done(),
        ),
        (
            "its member \"foo-1.0/a.py/b\" lies behind a member that is not a folder",
            file("foo-1.0/a.py/b"),
        ),
        (
            "its member \"foo-1.0/l/b/c\" lies behind",
            sound().link(b'2', "foo-1.0/l", ".").file("foo-1.0/l/b/c").done(),
        ),
        (
            "its link \"foo-1.0/Link\" has the name of another member",
            sound().link(b'2', "foo-1.0/Link", ".").file("foo-1.0/lin\u{212a}/x").done(),
        ),
        (
            "has the name of another member",
            sound().link(b'2', "foo-1.0/é", ".").link(b'2', "foo-1.0/e\u{301}", ".").done(),
        ),
    ]
}

/// Links that lead out.
pub(super) fn links() -> Vec<Case> {
    let soft = |target: &str| sound().link(b'2', "foo-1.0/d/l", target).done();
    let hard = |target: &str| sound().link(b'1', "foo-1.0/d/l", target).done();
    vec![
        ("its link \"foo-1.0/d/l\" points to an absolute path", soft("/etc/passwd")),
        ("its link \"foo-1.0/d/l\" points to an absolute path", soft("c:\\windows")),
        ("its link \"foo-1.0/d/l\" points to an absolute path", hard("/etc/passwd")),
        ("its link \"foo-1.0/d/l\" points out of the top folder", soft("../..")),
        ("its link \"foo-1.0/d/l\" points out of the top folder", soft("../../../etc/passwd")),
        ("its link \"foo-1.0/d/l\" points out of the top folder", soft("../../foo-1.0/a.py")),
        ("its link \"foo-1.0/d/l\" points out of the top folder", hard("foo-1.0/../x")),
        ("its link \"foo-1.0/d/l\" points out of the top folder", hard("etc/passwd")),
        ("its link \"foo-1.0/d/l\" has \"..\" behind a folder in its target", soft("up/../../..")),
        ("its link \"foo-1.0/d/l\" has no valid target", soft("")),
        ("its link \"foo-1.0/d/l\" has no valid target", soft("..\\..\\x")),
        ("its link \"foo-1.0/d/l\" has no valid target", soft("a\nb")),
        (
            "its link \"foo-1.0/d/l\" has no valid target",
            sound().link(b'2', "foo-1.0/d/l", b"\xff").done(),
        ),
        (
            "its hard link \"foo-1.0/d/l\" does not point to a file before it",
            hard("foo-1.0/nothing"),
        ),
        ("its hard link \"foo-1.0/d/l\" does not point to a file before it", hard("foo-1.0/d")),
        (
            "its hard link \"foo-1.0/h\" does not point to a file before it",
            sound().link(b'2', "foo-1.0/s", "a.py").link(b'1', "foo-1.0/h", "foo-1.0/s").done(),
        ),
    ]
}
