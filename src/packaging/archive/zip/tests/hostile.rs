//! ZIP archives that lie: one row for each lie, with the words that must name it.

use super::build::{End64, Part, Zip, extra, extra_path, extra64};
use super::wheel::{FILENAME, INFO, Wheel, verdict};

type Lie = (&'static str, fn(&mut Zip));

/// Numbers of the members of the wheel that is changed.
const CODE: usize = 0;
const STORED: usize = 1;
const LAST: usize = 4;

fn refused(lies: &[Lie]) {
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
        ("\"foo\" is a file, but member \"foo/data.bin\" lies inside", |zip| add(zip, "foo")),
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

#[test]
fn bytes_between() {
    refused(&[
        ("7 bytes stand before its first member", |zip| zip.prefix = b"#!/bin/".to_vec()),
        ("central directory does not end where", |zip| {
            // A stub before an archive whose offsets do not know of it.
            zip.prefix = b"MZ".to_vec();
            zip.offset = Some(1);
        }),
        ("is followed by 4 bytes that belong to no member", |zip| {
            zip.part(CODE).behind = b"junk".to_vec();
        }),
        ("is followed by 4 bytes that belong to no member", |zip| {
            zip.before_directory = b"junk".to_vec();
        }),
        ("is followed by 16 bytes", |zip| {
            let descriptor = zip.part(CODE).descriptor(true, false);
            zip.part(CODE).behind = descriptor;
        }),
        ("does not list", |zip| {
            let mut hidden = Part::deflated("hidden.py", b"evil");
            hidden.listed = false;
            zip.parts.insert(1, hidden);
        }),
        ("does not list", |zip| {
            let mut hidden = Part::stored("foo.py", b"evil");
            hidden.listed = false;
            zip.parts.push(hidden);
        }),
        ("overlaps with what stands behind it", |zip| {
            let mut ghost = Part::deflated("ghost.py", b"");
            ghost.written = false;
            zip.parts.insert(0, ghost);
        }),
        ("overlaps with what stands behind it", |zip| {
            zip.part(CODE).both(|header| header.compressed += 1);
        }),
        ("overlaps with what stands behind it", |zip| {
            zip.part(STORED).central.offset = Some(31);
        }),
        ("overlaps with what stands behind it", |zip| {
            zip.part(LAST).central.offset = Some(0x0fff_ffff);
        }),
    ]);
}

#[test]
fn data_descriptors() {
    refused(&[
        ("missing or differs", |zip| {
            zip.part(CODE).stream(true, false);
            zip.part(CODE).behind.clear();
        }),
        ("missing or differs", |zip| {
            zip.part(CODE).stream(true, false);
            zip.part(CODE).behind.push(0);
        }),
        ("missing or differs", |zip| {
            zip.part(CODE).central.crc ^= 1;
            zip.part(CODE).stream(true, false);
            zip.part(CODE).central.crc ^= 1;
        }),
        ("missing or differs", |zip| {
            zip.part(CODE).stream(false, true);
            zip.part(CODE).behind.reverse();
        }),
        ("missing or differs", |zip| {
            // Signature, but of the length without one.
            zip.part(CODE).stream(false, false);
            zip.part(CODE).behind.splice(..4, *b"PK\x07\x08");
        }),
        ("its end is ambiguous", |zip| zip.part(STORED).stream(false, false)),
        ("its end is ambiguous", |zip| {
            let mut part = Part::stored("foo/data.bin", b"01PK\x07\x086789");
            part.stream(true, false);
            *zip.part(STORED) = part;
        }),
    ]);
}

#[test]
fn the_central_directory() {
    refused(&[
        ("has 5 records, but its end record says 6", |zip| {
            (zip.count, zip.total) = (Some(6), Some(6));
        }),
        ("has 5 records, but its end record says 4", |zip| {
            (zip.count, zip.total) = (Some(4), Some(4));
        }),
        ("record 5 of its central directory is broken", |zip| {
            zip.part(LAST).central.signature = *b"PK\x05\x05";
        }),
        ("not of the size", |zip| zip.directory_tail = b"PK\x05\x05\0\0".to_vec()),
        ("does not end where", |zip| zip.behind_directory = b"junk".to_vec()),
        ("does not end where", |zip| zip.size = Some(7)),
        ("does not end where", |zip| zip.offset = Some(7)),
        ("several disks", |zip| zip.disks = (1, 1)),
        ("several disks", |zip| zip.total = Some(6)),
        ("has 70000000 members; at most 100000", |zip| {
            zip.zip64 = Some(End64 {
                count: Some(70_000_000),
                total: Some(70_000_000),
                ..End64::default()
            });
            (zip.count, zip.total) = (Some(u16::MAX), Some(u16::MAX));
        }),
    ]);
}

#[test]
fn the_end() {
    refused(&[
        ("1 bytes stand behind its end", |zip| zip.trailing = vec![b'x']),
        ("its comment is cut off", |zip| zip.comment_length = Some(9)),
        ("signature of a ZIP record", |zip| zip.comment = b"x PK\x03\x04 y".to_vec()),
        ("signature of a ZIP record", |zip| zip.comment = b"x PK\x06\x07 y".to_vec()),
        ("central directory", |zip| {
            // An archive inside the comment of another.
            let mut inner = Zip { parts: vec![Part::stored("evil.py", b"evil")], ..Zip::default() };
            inner.trailing = Vec::new();
            zip.comment = inner.bytes();
        }),
        ("does not end where", |zip| {
            let whole = zip.bytes();
            zip.trailing = whole;
        }),
        ("does not end where", |zip| {
            // Two end records.
            let whole = zip.bytes();
            zip.trailing = whole.get(whole.len() - 22..).unwrap_or_default().to_vec();
        }),
        ("does not lead to a ZIP64 end record", |zip| {
            zip.zip64 = Some(End64 { locator_offset: Some(1), ..End64::default() });
        }),
        ("does not end where", |zip| {
            zip.zip64 = Some(End64 { without_locator: true, ..End64::default() });
        }),
        ("does not lead to", |zip| {
            zip.zip64 = Some(End64 { extensible: b"1234".to_vec(), ..End64::default() });
        }),
        ("has extensible data", |zip| {
            zip.zip64 = Some(End64 { stated: Some(45), ..End64::default() });
        }),
        ("several disks", |zip| {
            zip.zip64 = Some(End64 { disks: (1, 0), ..End64::default() });
        }),
        ("several disks", |zip| {
            zip.zip64 = Some(End64 { locator_disks: Some(2), ..End64::default() });
        }),
        ("several disks", |zip| {
            zip.zip64 = Some(End64 { total: Some(6), ..End64::default() });
        }),
        ("disagree about the central directory's record count", |zip| {
            let count = Some(6);
            zip.zip64 = Some(End64 { count, total: count, ..End64::default() });
        }),
        ("disagree about the central directory's size", |zip| {
            zip.zip64 = Some(End64 { size: Some(1), ..End64::default() });
        }),
        ("disagree about the central directory's place", |zip| {
            zip.zip64 = Some(End64 { offset: Some(1), ..End64::default() });
        }),
    ]);
}

#[test]
fn what_is_no_zip_archive() {
    for (bytes, expected) in [
        (b"".as_slice(), "no end record"),
        (b"hello", "no end record"),
        (&[0x1f, 0x8b, 8, 0], "no end record"),
        (b"PK\x05\x06", "no end record"),
        (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "no member foo-1.0.dist-info/METADATA"),
    ] {
        let message = verdict(FILENAME, bytes).err().unwrap_or_default();
        assert!(message.contains(expected), "{message:?} is not {expected:?}");
    }
}

#[test]
fn cut_at_any_place() {
    let whole = Wheel::default().zip().bytes();
    for length in 0..whole.len() {
        let cut = whole.get(..length).unwrap_or_default();
        assert!(verdict(FILENAME, cut).is_err(), "cut to {length}");
    }
}

#[test]
fn a_tar_archive_at_once() {
    let mut zip = Wheel::default().with("foo.py", [b' '; 600]).zip();
    *zip.part(CODE) = Part::stored("foo.py", &[b' '; 600]);
    let mut bytes = zip.bytes();
    let Some(header) = bytes.get_mut(..512) else { panic!("long enough") };
    let Some(checksum) = header.get_mut(148..156) else { panic!("long enough") };
    checksum.fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    let Some(checksum) = header.get_mut(148..156) else { panic!("long enough") };
    checksum.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let message = verdict(FILENAME, &bytes).err().unwrap_or_default();
    assert!(message.contains("tar archive too"), "{message}");
}

#[test]
fn bombs() {
    // 80 MiB of zeros in 80 kB.
    let wheel = Wheel::default().with("foo.py", vec![0; 80 << 20]);
    let message = wheel.verdict().err().unwrap_or_default();
    assert_eq!(message, "it unpacks to more than 67108864 bytes");
    // States little, unpacks to much: refused at the first surplus byte.
    let mut zip = wheel.zip();
    zip.part(CODE).both(|header| header.size = 10);
    let message = verdict(FILENAME, &zip.bytes()).err().unwrap_or_default();
    assert!(
        message.contains("does not unpack to the 10 bytes") || message.contains("size 83886080")
    );
    // States 20 GiB.
    let mut zip = Wheel::default().zip();
    zip.part(CODE).both(|header| {
        (header.size, header.extra) = (u32::MAX, extra64(&[20 << 30]));
    });
    let message = verdict(FILENAME, &zip.bytes()).err().unwrap_or_default();
    assert!(message.contains("unpacks to more than"), "{message} {INFO}");
}
