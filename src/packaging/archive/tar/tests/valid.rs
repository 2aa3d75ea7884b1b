//! Unusual archives that Python and GNU tar unpack without complaint.

use super::build::{Head, PKG_INFO, Tar, gzip, pax_records, sound};
use super::{read, read_named};

/// What is unusual, and the archive.
type Case = (&'static str, Vec<u8>);

/// Two ends of a name that fits no header: together 150 bytes.
fn long_name() -> String {
    format!("foo-1.0/{}/{}.py", "d".repeat(98), "f".repeat(40))
}

/// Names and places.
fn names() -> Vec<Case> {
    let bare = || Tar::default().entry(b'0', "foo-1.0/PKG-INFO", PKG_INFO);
    vec![
        ("the usual one", sound().done()),
        ("no folders", bare().file("foo-1.0/a/b/c.py").done()),
        (
            "metadata last",
            Tar::default().file("foo-1.0/z").entry(b'0', "foo-1.0/PKG-INFO", PKG_INFO).done(),
        ),
        (
            "names begin with ./",
            Tar::default().folder("./foo-1.0").entry(b'0', "./foo-1.0/PKG-INFO", PKG_INFO).done(),
        ),
        ("slashes and dots to spare", bare().file("foo-1.0//a/./b").done()),
        (
            "folders without slash, twice",
            sound().folder("foo-1.0").folder("foo-1.0/a").folder("foo-1.0/a/").done(),
        ),
        ("folder behind its content", bare().file("foo-1.0/a/b").folder("foo-1.0/a").done()),
        ("a file twice", sound().file("foo-1.0/a.py").done()),
        ("names that differ by case", sound().file("foo-1.0/A.py").done()),
        (
            "names that differ by normalization",
            sound().file("foo-1.0/\u{e9}").file("foo-1.0/e\u{301}").done(),
        ),
        ("another PKG-INFO deeper", sound().file("foo-1.0/foo.egg-info/PKG-INFO").done()),
        ("an empty file", sound().entry(b'0', "foo-1.0/empty", "").done()),
        ("a file of exactly one block", sound().entry(b'0', "foo-1.0/block", [b'x'; 512]).done()),
        ("a contiguous file", sound().entry(b'7', "foo-1.0/c", "x").done()),
    ]
}

/// Names and more from extension headers.
fn extensions() -> Vec<Case> {
    let long = long_name();
    vec![
        ("UTF-8 name in ustar", sound().file("foo-1.0/東京/ł.py").done()),
        (
            "UTF-8 name in pax",
            sound().pax(&[("path", "foo-1.0/東京/ł.py")]).file("foo-1.0/??").done(),
        ),
        (
            "long name in pax",
            sound().pax(&[("path", &long)]).file(long.get(..100).unwrap_or_default()).done(),
        ),
        (
            "long name from GNU",
            sound().entry(b'L', "././@LongLink", format!("{long}\0")).file("foo-1.0/cut").done(),
        ),
        (
            "long name without NUL",
            sound().entry(b'L', "././@LongLink", &long).file("foo-1.0/cut").done(),
        ),
        (
            "long target from GNU",
            sound()
                .entry(b'K', "././@LongLink", format!("{}\0", "t/".repeat(99)))
                .link(b'2', "foo-1.0/l", "t")
                .done(),
        ),
        (
            "long name and target from GNU",
            sound()
                .entry(b'K', "././@LongLink", "a.py\0")
                .entry(b'L', "././@LongLink", "foo-1.0/l\0")
                .link(b'2', "foo-1.0/x", "y")
                .done(),
        ),
    ]
}

/// Headers of other formats.
fn headers() -> Vec<Case> {
    let bare = || Tar::default().entry(b'0', "foo-1.0/PKG-INFO", PKG_INFO);
    let v7 = |head: Head| head.put(257, &[0; 8]);
    vec![
        (
            "prefix of ustar",
            sound().add(Head::new(b'0', "c.py", 1).put(345, b"foo-1.0/a/b"), "x").done(),
        ),
        ("old header", bare().add(v7(Head::new(0, "foo-1.0/old.py", 1)), "x").done()),
        ("old folder", bare().add(v7(Head::new(0, "foo-1.0/old/", 0)), "").done()),
        (
            "GNU header",
            bare().add(Head::new(b'0', "foo-1.0/g.py", 1).put(257, b"ustar  \0"), "x").done(),
        ),
    ]
}

/// What else is in pax headers.
fn pax() -> Vec<Case> {
    vec![
        (
            "times in pax",
            sound()
                .pax(&[("mtime", "1700000000.123456789"), ("atime", "-1.5")])
                .file("foo-1.0/t")
                .done(),
        ),
        ("size in pax", sound().pax(&[("size", "8")]).file("foo-1.0/t").done()),
        (
            "attributes in pax",
            sound()
                .pax(&[("SCHILY.xattr.user.a", "line\nline"), ("comment", "=")])
                .file("foo-1.0/t")
                .done(),
        ),
        (
            "comment for all in pax",
            Tar::default()
                .entry(b'g', "pax_global_header", pax_records(&[("comment", "0123abc")]))
                .raw(&sound().0)
                .done(),
        ),
    ]
}

/// Numbers in other notations.
fn numbers() -> Vec<Case> {
    vec![
        (
            "large owner in base 256",
            sound()
                .add(
                    Head::new(b'0', "foo-1.0/u", 1)
                        .put(108, &[0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]),
                    "x",
                )
                .done(),
        ),
        (
            "time before 1970 in base 256",
            sound().add(Head::new(b'0', "foo-1.0/u", 1).put(136, &[0xff; 12]), "x").done(),
        ),
        (
            "size in base 256",
            sound()
                .add(
                    Head::new(b'0', "foo-1.0/u", 1)
                        .put(124, &[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
                    "x",
                )
                .done(),
        ),
        (
            "size with blanks",
            sound().add(Head::new(b'0', "foo-1.0/u", 1).put(124, b"          1 "), "x").done(),
        ),
        (
            "no owner, no time",
            sound()
                .add(Head::new(b'0', "foo-1.0/u", 1).put(108, &[0; 16]).put(136, &[0; 12]), "x")
                .done(),
        ),
        (
            "setuid and all rights",
            sound().add(Head::new(b'0', "foo-1.0/u", 1).put(100, b"0007777\0"), "x").done(),
        ),
    ]
}

/// Links that stay inside.
fn links() -> Vec<Case> {
    vec![
        ("link beside", sound().link(b'2', "foo-1.0/b.py", "a.py").done()),
        ("link up and down", sound().link(b'2', "foo-1.0/x/y/b.py", "../../z/./a.py").done()),
        ("link to the top folder", sound().link(b'2', "foo-1.0/x/top", "..").done()),
        (
            "link to nothing, to itself",
            sound().link(b'2', "foo-1.0/b", "nothing").link(b'2', "foo-1.0/c", "c").done(),
        ),
        (
            "link in pax",
            sound().pax(&[("linkpath", "東京.py")]).link(b'2', "foo-1.0/b", "x").done(),
        ),
        ("hard link", sound().link(b'1', "foo-1.0/b.py", "foo-1.0/a.py").done()),
        (
            "hard link to a hard link",
            sound()
                .link(b'1', "foo-1.0/b", "./foo-1.0/a.py")
                .link(b'1', "foo-1.0/c", "foo-1.0/b")
                .done(),
        ),
    ]
}

/// Ends and licences.
fn rest() -> Vec<Case> {
    vec![
        ("more zeros", gzip(&sound().raw(&[0; 20 * 512 + 7]).0)),
        (
            "licence files",
            Tar::default()
                .entry(
                    b'0',
                    "foo-1.0/PKG-INFO",
                    format!("{PKG_INFO}License-File: LICENSE\nLicense-File: l/MIT.txt\n"),
                )
                .file("foo-1.0/LICENSE")
                .link(b'2', "foo-1.0/l/MIT.txt", "../LICENSE")
                .done(),
        ),
        (
            "licence files of older metadata",
            Tar::default()
                .entry(
                    b'0',
                    "foo-1.0/PKG-INFO",
                    "Metadata-Version: 2.1\nName: foo\nVersion: 1.0\nLicense-File: none\n",
                )
                .done(),
        ),
    ]
}

#[test]
fn unusual_archives_are_taken() {
    let all = [names(), extensions(), headers(), pax(), numbers(), links(), rest()];
    for (what, bytes) in all.concat() {
        let read = read(&bytes);
        assert!(
            read.is_ok(),
            "{what}: {}",
            read.err().map(|error| error.to_string()).unwrap_or_default()
        );
    }
}

#[test]
fn metadata_is_given_byte_for_byte() {
    assert_eq!(read(&sound().done()).ok().as_deref(), Some(PKG_INFO.as_bytes()));
}

#[test]
fn the_top_folder_may_be_spelled_in_another_way() {
    for (filename, project, top) in [
        ("foo_bar-1.0.tar.gz", "foo-bar", "foo-bar-1.0"),
        ("foo_bar-1.0.tar.gz", "foo-bar", "Foo.Bar-1.0"),
        ("foo-1.0.0.tar.gz", "foo", "foo-1.0"),
        ("foo-1.0rc1.tar.gz", "foo", "foo-1.0.RC1"),
        ("foo-1.0.post1.tar.gz", "foo", "foo-1.0-1"),
        ("foo-1.0+l.1.tar.gz", "foo", "foo-1.0+l-1"),
    ] {
        let archive = Tar::default().entry(b'0', format!("{top}/PKG-INFO"), PKG_INFO).done();
        assert!(read_named(&archive, filename, project).is_ok(), "{top}");
    }
}
