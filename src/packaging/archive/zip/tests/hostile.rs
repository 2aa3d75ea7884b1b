//! ZIP archives that lie: one row for each lie, with the words that must name it.

use super::build::{Part, Zip, extra, extra_path, extra64};
use super::wheel::{FILENAME, Wheel, verdict};

pub(super) type Lie = (&'static str, fn(&mut Zip));

/// Numbers of the members of the wheel that is changed.
pub(super) const CODE: usize = 0;
pub(super) const STORED: usize = 1;
pub(super) const LAST: usize = 4;

pub(super) fn refused(lies: &[Lie]) {
    for (number, (expected, lie)) in lies.iter().enumerate() {
        let mut zip = Wheel::default().zip();
        lie(&mut zip);
        let message = verdict(FILENAME, &zip.bytes()).err().unwrap_or_default();
        assert!(message.contains(expected), "row {number}: {message:?} is not {expected:?}");
        assert!(!message.contains('\n') && message.len() < 600, "row {number}: {message:?}");
    }
}

#[test]
fn the_unchanged_wheel_passes() {
    assert_eq!(verdict(FILENAME, &Wheel::default().zip().bytes()).map(|_| ()), Ok(()));
}

#[test]
fn names() {
    fn code(zip: &mut Zip, name: &str) {
        zip.part(CODE).rename(name);
    }
    refused(&[
        ("has an empty name", |zip| code(zip, "")),
        ("leaves its folder", |zip| code(zip, "../foo.py")),
        ("leaves its folder", |zip| code(zip, "foo/../../foo.py")),
        ("leaves its folder", |zip| code(zip, "foo/..")),
        ("absolute path", |zip| code(zip, "/foo.py")),
        ("absolute path", |zip| code(zip, "//host/foo.py")),
        ("drive letter", |zip| code(zip, "C:/foo.py")),
        ("drive letter", |zip| code(zip, "c:foo.py")),
        ("backslash", |zip| code(zip, "foo\\bar.py")),
        ("backslash", |zip| code(zip, "..\\foo.py")),
        ("control character", |zip| code(zip, "foo.py\0.txt")),
        ("control character", |zip| code(zip, "foo\n.py")),
        ("control character", |zip| code(zip, "foo\u{7f}.py")),
        ("control character", |zip| code(zip, "foo\u{85}.py")),
        ("empty or \".\" segment", |zip| code(zip, "foo//bar.py")),
        ("empty or \".\" segment", |zip| code(zip, "./foo.py")),
        ("empty or \".\" segment", |zip| code(zip, "foo/./bar.py")),
        ("empty or \".\" segment", |zip| code(zip, ".")),
        ("not UTF-8", |zip| {
            zip.part(CODE).both(|header| {
                header.name = b"f\xff.py".to_vec();
                header.flags |= 1 << 11;
            });
        }),
        ("not marked as UTF-8", |zip| {
            zip.part(CODE).both(|header| header.name = "föö.py".into());
        }),
    ]);
}

#[test]
fn names_that_collide() {
    fn add(zip: &mut Zip, name: &str) {
        zip.parts.insert(0, Part::stored(name, b""));
    }
    refused(&[
        ("\"foo.py\" is there more than once", |zip| add(zip, "foo.py")),
        ("have the same name to file systems", |zip| add(zip, "FOO.py")),
        ("have the same name to file systems", |zip| add(zip, "ｆoo.py")),
        ("have the same name to file systems", |zip| {
            add(zip, "e\u{301}.py");
            add(zip, "\u{e9}.py");
        }),
        ("have the same name to file systems", |zip| {
            add(zip, "É.py");
            add(zip, "e\u{301}.py");
        }),
        ("have the same name to file systems", |zip| {
            add(zip, "straße.py");
            add(zip, "STRASSE.py");
        }),
        ("have the same name to file systems", |zip| {
            add(zip, "a/");
            add(zip, "A/");
        }),
        ("\"foo\" is a file, but member \"foo/data.bin\" needs", |zip| add(zip, "foo")),
        ("is a file, but member", |zip| add(zip, "Foo")),
        ("is a file, but member", |zip| add(zip, "foo.py/bar")),
        ("is a file, but member", |zip| add(zip, "foo.py/")),
    ]);
}

#[test]
fn kinds_and_packing() {
    fn mode(zip: &mut Zip, mode: u32) {
        zip.part(CODE).central.attributes = mode << 16;
    }
    refused(&[
        ("special file", |zip| mode(zip, 0o120_777)),
        ("special file", |zip| mode(zip, 0o020_666)),
        ("special file", |zip| mode(zip, 0o060_666)),
        ("special file", |zip| mode(zip, 0o010_666)),
        ("special file", |zip| mode(zip, 0o140_777)),
        ("is a folder by its name or by its attributes", |zip| mode(zip, 0o040_755)),
        ("is a folder by its name or by its attributes", |zip| {
            zip.part(CODE).central.attributes = 0x10;
        }),
        ("is a folder by its name or by its attributes", |zip| {
            let mut folder = Part::stored("bar/", b"");
            folder.central.attributes = 0o100_644 << 16;
            zip.parts.insert(0, folder);
        }),
        ("is a folder, but has content", |zip| zip.parts.insert(0, Part::stored("bar/", b"x"))),
        ("is encrypted", |zip| zip.part(CODE).both(|header| header.flags |= 1)),
        ("is encrypted", |zip| zip.part(CODE).both(|header| header.flags |= 1 << 6)),
        ("is encrypted", |zip| zip.part(CODE).both(|header| header.flags |= 1 << 13)),
        ("unsupported flag bits 0x0020", |zip| {
            zip.part(CODE).both(|header| header.flags |= 1 << 5);
        }),
        ("compression method 12", |zip| zip.part(CODE).both(|header| header.method = 12)),
        ("compression method 9", |zip| zip.part(CODE).both(|header| header.method = 9)),
        ("compression method 99", |zip| zip.part(CODE).both(|header| header.method = 99)),
        ("needs version 100", |zip| zip.part(CODE).both(|header| header.version = 100)),
        ("is on another disk", |zip| zip.part(CODE).central.disk = 1),
        ("comment in the central directory", |zip| {
            zip.part(CODE).central.comment = b"hello".to_vec();
        }),
        ("packed and unpacked sizes differ", |zip| {
            zip.part(STORED).both(|header| header.size += 1);
        }),
    ]);
}

#[test]
fn headers_that_disagree() {
    refused(&[
        ("another name in its local header", |zip| {
            zip.part(CODE).local.name = b"bar.py".to_vec();
        }),
        ("another set of flags", |zip| zip.part(CODE).local.flags |= 1 << 11),
        ("another set of flags", |zip| zip.part(CODE).local.flags |= 1),
        ("another compression method", |zip| zip.part(CODE).local.method = 0),
        ("another CRC-32 checksum", |zip| zip.part(CODE).local.crc ^= 1),
        ("another packed size", |zip| zip.part(CODE).local.compressed -= 1),
        ("another unpacked size", |zip| zip.part(CODE).local.size += 1),
        ("another CRC-32 checksum", |zip| {
            zip.part(CODE).stream(true, false);
            zip.part(CODE).local.crc = 1;
        }),
        ("no local header where", |zip| zip.part(CODE).local.signature = *b"PK\x03\x05"),
        ("no local header where", |zip| zip.part(STORED).local.signature = *b"PK\x06\x08"),
        ("wrong CRC-32", |zip| zip.part(CODE).both(|header| header.crc ^= 1)),
        ("wrong CRC-32", |zip| zip.part(STORED).both(|header| header.crc ^= 1)),
        ("does not unpack to the", |zip| zip.part(LAST).both(|header| header.size -= 1)),
        ("does not unpack to the", |zip| zip.part(LAST).both(|header| header.size += 1)),
        ("broken compressed data", |zip| zip.part(CODE).packed.fill(0xff)),
        ("compressed data without an end", |zip| {
            let part = zip.part(CODE);
            part.packed.pop();
            part.both(|header| header.compressed -= 1);
        }),
        ("3 bytes behind the end of its compressed data", |zip| {
            let part = zip.part(CODE);
            part.packed.extend(*b"abc");
            part.both(|header| header.compressed += 3);
        }),
    ]);
}

#[test]
fn extra_fields() {
    refused(&[
        ("broken extra fields", |zip| zip.part(CODE).local.extra = vec![0, 0, 0]),
        ("broken extra fields", |zip| zip.part(CODE).central.extra = vec![1, 2, 9, 0, 0]),
        ("field 0x0001 more than once", |zip| {
            zip.part(CODE).local.extra = [extra64(&[]), extra64(&[])].concat();
        }),
        ("field 0x7075 more than once", |zip| {
            let path = extra_path("foo.py", b"foo.py");
            zip.part(CODE).both(|header| header.extra = [path.clone(), path.clone()].concat());
        }),
        ("another name in its Unicode Path", |zip| {
            zip.part(CODE).central.extra = extra_path("foo.py", b"bar.py");
        }),
        ("another name in its Unicode Path", |zip| {
            zip.part(CODE).local.extra = extra_path("foo.py", b"bar.py");
        }),
        ("another name in its Unicode Path", |zip| {
            zip.part(CODE).local.extra = extra_path("foo.py", b"foo\xff.py");
        }),
        ("another name in its Unicode Path", |zip| {
            zip.part(CODE).local.extra = extra(0x7075, b"\x01\0");
        }),
        ("ZIP64 field that does not fit", |zip| zip.part(CODE).local.size = u32::MAX),
        ("ZIP64 field that does not fit", |zip| zip.part(CODE).central.size = u32::MAX),
        ("ZIP64 field that does not fit", |zip| {
            zip.part(CODE).local.extra = extra64(&[1, 2, 3, 4]);
        }),
        ("ZIP64 field that does not fit", |zip| {
            zip.part(CODE).local.size = u32::MAX;
            zip.part(CODE).local.extra = extra64(&[]);
        }),
        ("ZIP64 field that does not fit", |zip| {
            zip.part(CODE).local.size = u32::MAX;
            zip.part(CODE).local.extra = extra64(&[300]);
        }),
        ("ZIP64 field that does not fit", |zip| {
            zip.part(CODE).central.extra = extra64(&[1, 2]);
        }),
        ("another unpacked size", |zip| {
            let part = zip.part(CODE);
            part.local.extra = extra64(&[1, part.local.compressed.into()]);
            (part.local.size, part.local.compressed) = (u32::MAX, u32::MAX);
        }),
        ("is on another disk", |zip| {
            zip.part(CODE).central.disk = u16::MAX;
            zip.part(CODE).central.extra = extra(1, &[1, 0, 0, 0]);
        }),
    ]);
}
