//! Broken streams, and archives that readers end at different places.

use super::Case;
use crate::packaging::archive::tar::tests::build::{Head, gzip, sound};

/// Nothing of the kind, or a broken stream.
pub(super) fn streams() -> Vec<Case> {
    let whole = sound().done();
    let flip = |at: usize| {
        let mut bytes = whole.clone();
        let place = bytes.len() - at;
        if let Some(byte) = bytes.get_mut(place) {
            *byte ^= 1;
        }
        bytes
    };
    let cut = |left: usize| whole.get(..whole.len() - left).unwrap_or_default().to_vec();
    let with = |tail: &[u8]| [whole.as_slice(), tail].concat();
    vec![
        ("it is empty,", Vec::new()),
        ("it is a ZIP archive,", b"PK\x03\x04 and more".to_vec()),
        ("it is an uncompressed tar archive,", sound().0),
        ("it is compressed with bzip2,", b"BZh91AY&SY".to_vec()),
        ("it is compressed with xz,", b"\xfd7zXZ\0\0".to_vec()),
        ("it is compressed with zstd,", b"\x28\xb5\x2f\xfd\0".to_vec()),
        ("it is compressed with zlib,", b"\x78\x9c\x03\0\0\0\0\x01".to_vec()),
        ("it is of an unknown format,", b"hello".to_vec()),
        ("its gzip stream is cut off", cut(1)),
        ("its gzip stream is cut off", cut(8)),
        ("its gzip stream is cut off", cut(20)),
        ("its gzip stream is cut off", b"\x1f\x8b".to_vec()),
        (
            "its gzip stream is broken (corrupt gzip stream does not have a matching checksum)",
            flip(5),
        ),
        (
            "its gzip stream is broken (corrupt gzip stream does not have a matching checksum)",
            flip(1),
        ),
        ("its gzip stream is broken (invalid gzip header)", b"\x1f\x8b\x07\0\0\0\0\0\0\0".to_vec()),
        ("it has a second gzip stream", with(&gzip(b""))),
        ("it has a second gzip stream", [gzip(&sound().0), gzip(&[0; 1024])].concat()),
        ("it has bytes behind the end of its gzip stream", with(b"\0")),
        ("it has bytes behind the end of its gzip stream", with(b"PK\x05\x06")),
    ]
}

/// A broken tar archive, or one that readers end at different places.
pub(super) fn ends() -> Vec<Case> {
    let broken = |at: usize| {
        let mut tar = sound().file("foo-1.0/b").0;
        if let Some(byte) = tar.get_mut(at) {
            *byte ^= 4;
        }
        gzip(&[tar, vec![0; 1024]].concat())
    };
    let part = |left: usize| {
        let tar = sound().0;
        gzip(tar.get(..tar.len() - left).unwrap_or_default())
    };
    vec![
        (
            "it has a broken tar header behind its beginning (archive header checksum mismatch)",
            broken(3),
        ),
        ("it has a broken tar header behind \"foo-1.0/PKG-INFO\" (archive", broken(3 * 512)),
        ("it has a broken tar header behind its beginning", gzip(&[b'x'; 2048])),
        ("its tar archive has no end marker", gzip(b"")),
        ("its tar archive has no end marker", gzip(&sound().0)),
        ("its tar archive has no end marker", gzip(&sound().raw(&[0; 512]).0)),
        ("its tar archive has no end marker", gzip(&sound().raw(&[0; 1023]).0)),
        ("its tar archive is cut off in or behind \"foo-1.0/a.py\"", part(512)),
        ("its tar archive is cut off in or behind \"foo-1.0/PKG-INFO\"", part(700)),
        (
            "its tar archive is cut off in or behind \"foo-1.0/\"",
            gzip(sound().0.get(..1030).unwrap_or_default()),
        ),
        (
            "it has data behind the end marker",
            gzip(&sound().raw(&[0; 1024]).file("foo-1.0/hidden").0),
        ),
        (
            "it has data behind the end marker",
            gzip(&sound().raw(&[0; 512]).file("foo-1.0/hidden").raw(&[0; 1024]).0),
        ),
        ("it has data behind the end marker", gzip(&sound().raw(&[0; 1500]).raw(b"x").0)),
    ]
}

/// Numbers that readers take differently.
pub(super) fn numbers() -> Vec<Case> {
    let number = |at: usize, bytes: &[u8]| {
        sound().add(Head::new(b'0', "foo-1.0/n", 1).put(at, bytes), "x").done()
    };
    vec![
        (
            "its member \"foo-1.0/n\" has no number in the header field mtime",
            number(136, b"not a number"),
        ),
        (
            "its member \"foo-1.0/n\" has no number in the header field mode",
            number(100, b"-000644\0"),
        ),
        (
            "its member \"foo-1.0/n\" has no number in the header field uid",
            number(108, b"0o17\0\0\0\0"),
        ),
        (
            "its member \"foo-1.0/n\" has no number in the header field size",
            number(124, b"+0000000001\0"),
        ),
        (
            "its member \"foo-1.0/n\" has no number in the header field size",
            number(124, &[0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        ),
        (
            "its member \"foo-1.0/n\" has no number in the header field size",
            number(124, &[0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        ),
        (
            "its member \"foo-1.0/n\" has no number in the header field devminor",
            number(337, b"9\0"),
        ),
        ("its tar archive is cut off in or behind \"foo-1.0/n\"", number(124, b"77777777777\0")),
        (
            "(size overflow)",
            number(124, &[0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ),
    ]
}

/// Headers that some readers take for those of a folder or of another name.
pub(super) fn shapes() -> Vec<Case> {
    vec![
        (
            "its member \"c.py\" has a name prefix, but no ustar header",
            sound()
                .add(Head::new(b'0', "c.py", 1).put(257, b"ustar  \0").put(345, b"foo-1.0"), "x")
                .done(),
        ),
        (
            "its member \"foo-1.0/c\" has a name prefix, but no ustar header",
            sound()
                .add(Head::new(b'0', "foo-1.0/c", 1).put(257, &[0; 8]).put(345, b"foo-1.0"), "x")
                .done(),
        ),
        (
            "its member \"foo-1.0/d/\" is a folder or a link, but has content",
            sound().entry(b'5', "foo-1.0/d/", "x").done(),
        ),
        (
            "its member \"foo-1.0/d/\" is a folder or a link, but has content",
            sound().entry(0, "foo-1.0/d/", "x").done(),
        ),
        (
            "its member \"foo-1.0/l\" is a folder or a link, but has content",
            sound().add(Head::new(b'1', "foo-1.0/l", 1).put(157, b"foo-1.0/a.py"), "x").done(),
        ),
        (
            "its member \"foo-1.0/d/\" is not a folder, but its name ends with a slash",
            sound().file("foo-1.0/d/").done(),
        ),
        (
            "its member \"foo-1.0/f\" is not a folder, but",
            sound().entry(b'L', "././@LongLink", "foo-1.0/f\0").entry(0, "foo-1.0/f/", "").done(),
        ),
    ]
}
