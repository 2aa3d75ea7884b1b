//! ZIP archives that lie in what stands between and behind their members.

use super::build::{End64, Part, Zip, extra64};
use super::hostile::{CODE, LAST, STORED, refused};
use super::wheel::{FILENAME, Wheel, verdict};

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
    assert!(message.contains("unpacks to more than"), "{message}");
}
