//! Extension headers and kinds of members.

use super::Case;
use crate::packaging::archive::tar::tests::build::{Head, Tar, pax_records, sound};

/// Extension headers that cost memory.
pub(super) fn lengths() -> Vec<Case> {
    let long = |flag: u8, size: usize| {
        sound().entry(flag, "././@LongLink", vec![b'a'; size]).file("foo-1.0/f").done()
    };
    let pax = |records: &[(&str, &str)]| sound().pax(records).file("foo-1.0/f").done();
    vec![
        (
            "an extension header behind \"foo-1.0/a.py\" is longer than 4097 bytes",
            long(b'L', 60 << 20),
        ),
        ("an extension header behind \"foo-1.0/a.py\" is longer than 4097 bytes", long(b'K', 5000)),
        (
            "an extension header behind \"foo-1.0/a.py\" is longer than 1048576 bytes",
            long(b'x', 60 << 20),
        ),
        (
            "an extension header behind \"foo-1.0/a.py\" is longer than 1048576 bytes",
            long(b'g', 2 << 20),
        ),
        ("has a name of more than 4096 bytes", long(b'L', 4097)),
        ("has a name of more than 4096 bytes", pax(&[("path", &"a".repeat(5000))])),
    ]
}

/// Records of pax headers that readers take differently.
pub(super) fn records() -> Vec<Case> {
    let pax = |records: &[(&str, &str)]| sound().pax(records).file("foo-1.0/f").done();
    let raw = |records: &[u8]| sound().entry(b'x', "pax", records).file("foo-1.0/f").done();
    let global =
        |key: &str| sound().entry(b'g', "pax", pax_records(&[(key, "1")])).file("foo-1.0/f").done();
    vec![
        (
            "a pax header behind \"foo-1.0/a.py\" is broken (a record has no length)",
            raw(b"path=foo\n"),
        ),
        ("is broken (the length of a record is wrong)", raw(b"9 a=b\n")),
        ("is broken (the length of a record is wrong)", raw(b"5 a=b\n")),
        ("is broken (the length of a record is wrong)", raw(b"1 a=b\n")),
        ("is broken (a record has no length)", raw(b"99999999999999999999999 a=b\n")),
        ("is broken (a record has no length)", raw(b"+6 a=b\n")),
        ("is broken (a record has no length)", raw(b"6 a=b\n\0\0")),
        ("is broken (a record has no key)", raw(b"6 abc\n")),
        ("is broken (a record has no key)", raw(b"5 =b\n")),
        ("is broken (a key is there twice)", pax(&[("path", "foo-1.0/b"), ("path", "foo-1.0/c")])),
        ("is broken (its size is no number)", pax(&[("size", "-8")])),
        ("has another size in its pax header", pax(&[("size", "512")])),
        ("sets \"path\", which belongs to single members", global("path")),
        ("sets \"linkpath\", which", global("linkpath")),
        ("sets \"size\", which", global("size")),
        ("sets \"GNU.sparse\", which", global("GNU.sparse.major")),
    ]
}

/// Several headers that say the same.
pub(super) fn contradictions() -> Vec<Case> {
    let name = || Tar::default().entry(b'L', "././@LongLink", "foo-1.0/b\0");
    vec![
        ("contradict each other", sound().raw(&name().0).raw(&name().0).file("foo-1.0/f").done()),
        (
            "contradict each other",
            sound().pax(&[("a", "b")]).pax(&[("c", "d")]).file("foo-1.0/f").done(),
        ),
        (
            "contradict each other",
            sound().raw(&name().0).pax(&[("path", "foo-1.0/c")]).file("foo-1.0/f").done(),
        ),
        (
            "contradict each other",
            sound()
                .pax(&[("linkpath", "b")])
                .entry(b'K', "k", "c\0")
                .link(b'2', "foo-1.0/l", "d")
                .done(),
        ),
        (
            "contradict each other",
            sound().raw(&name().0).entry(b'g', "pax", "").file("foo-1.0/f").done(),
        ),
        (
            "(an extension header without the mark of its format)",
            sound().add(Head::new(b'L', "l", 1).put(257, &[0; 8]), "x").done(),
        ),
        ("or have no member", sound().raw(&name().0).done()),
    ]
}

/// Kinds of members that no distribution needs.
pub(super) fn kinds() -> Vec<Case> {
    let of = |flag: u8| sound().entry(flag, "foo-1.0/k", "").done();
    let sparse = |key: &str| sound().pax(&[(key, "1")]).file("foo-1.0/s").done();
    vec![
        ("its member \"foo-1.0/k\" is a character device", of(b'3')),
        ("its member \"foo-1.0/k\" is a block device", of(b'4')),
        ("its member \"foo-1.0/k\" is a named pipe", of(b'6')),
        ("its member \"foo-1.0/k\" is a socket", of(b's')),
        ("its member \"foo-1.0/k\" is a sparse file", of(b'S')),
        ("its member \"foo-1.0/s\" is a sparse file", sparse("GNU.sparse.major")),
        ("its member \"foo-1.0/s\" is a sparse file", sparse("GNU.sparse.map")),
        ("its member \"foo-1.0/k\" is of the unknown type 'V'", of(b'V')),
        ("its member \"foo-1.0/k\" is of the unknown type 'M'", of(b'M')),
        ("its member \"foo-1.0/k\" is of the unknown type 'D'", of(b'D')),
        ("its member \"foo-1.0/k\" is of the unknown type '\\u{1}'", of(1)),
    ]
}
