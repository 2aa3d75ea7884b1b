//! Unusual archives that every reader takes alike, and that must pass.

use sha2::{Digest, Sha384, Sha512};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::build::{End64, Part, Zip, extra, extra_path, extra64};
use super::wheel::{FILENAME, INFO, METADATA, Wheel, line, verdict};

const CODE: usize = 0;
const STORED: usize = 1;

fn pass(changes: &[fn(&mut Zip)]) {
    for (number, change) in changes.iter().enumerate() {
        let mut zip = Wheel::default().zip();
        change(&mut zip);
        let found = verdict(FILENAME, &zip.bytes());
        assert_eq!(found, Ok(METADATA.into()), "row {number}");
    }
}

#[test]
fn comments_and_descriptors() {
    pass(&[
        |zip| zip.comment = b"made by hand".to_vec(),
        |zip| zip.comment = vec![b'x'; u16::MAX.into()],
        |zip| zip.comment = b"PK and \0 bytes".to_vec(),
        // Data descriptors of all kinds.
        |zip| zip.part(CODE).stream(true, false),
        |zip| zip.part(CODE).stream(false, false),
        |zip| zip.part(CODE).stream(true, true),
        |zip| zip.part(CODE).stream(false, true),
        |zip| zip.parts.iter_mut().for_each(|part| part.stream(true, false)),
        |zip| zip.part(STORED).stream(true, false),
        |zip| {
            // All values in the header, and again behind the data.
            let part = zip.part(STORED);
            let header = part.local.clone();
            part.stream(false, false);
            (part.local.crc, part.local.compressed, part.local.size) =
                (header.crc, header.compressed, header.size);
        },
        |zip| {
            let part = zip.part(CODE);
            part.stream(true, true);
            (part.local.size, part.local.compressed) = (u32::MAX, u32::MAX);
            part.local.extra = extra64(&[0, 0]);
        },
    ]);
}

#[test]
fn zip64_where_it_is_not_needed() {
    pass(&[
        |zip| zip.zip64 = Some(End64::default()),
        |zip| {
            zip.zip64 = Some(End64::default());
            (zip.count, zip.total) = (Some(u16::MAX), Some(u16::MAX));
            (zip.size, zip.offset) = (Some(u32::MAX), Some(u32::MAX));
        },
        |zip| {
            let part = zip.part(CODE);
            let field = extra64(&[part.local.size.into(), part.local.compressed.into()]);
            part.both(|header| {
                (header.size, header.compressed) = (u32::MAX, u32::MAX);
                header.extra = field.clone();
            });
        },
        |zip| {
            // The field repeats what the header has.
            let part = zip.part(CODE);
            part.local.extra = extra64(&[part.local.size.into(), part.local.compressed.into()]);
        },
        |zip| {
            let part = zip.part(CODE);
            part.central.offset = Some(u32::MAX);
            part.central.disk = u16::MAX;
            part.central.extra = extra(1, &[0; 12]);
        },
        |zip| zip.part(CODE).both(|header| header.extra = extra64(&[])),
    ]);
}

#[test]
fn extra_fields_and_attributes() {
    pass(&[
        // Times, owners, alignment.
        |zip| zip.part(CODE).local.extra = extra(0x5455, &[3, 0, 0, 0, 0, 0, 0, 0, 0]),
        |zip| {
            let owner = extra(0x7875, b"\x01\x04\0\0\0\0\x04\0\0\0\0");
            zip.part(CODE).both(|header| header.extra = owner.clone());
        },
        |zip| {
            let fields = [extra(0xcafe, b""), extra(0x000a, &[0; 32])].concat();
            zip.part(CODE).both(|header| header.extra = fields.clone());
        },
        |zip| zip.part(CODE).both(|header| header.extra = extra_path("foo.py", b"foo.py")),
        // Attributes.
        |zip| zip.part(CODE).central.attributes = 0o100_755 << 16,
        |zip| zip.part(CODE).central.attributes = 0,
        |zip| zip.part(CODE).central.attributes = 0x20,
        // How deflate was done, and ASCII names marked as UTF-8.
        |zip| zip.part(CODE).both(|header| header.flags |= 1 << 1 | 1 << 11),
        |zip| zip.part(CODE).both(|header| header.version = 45),
    ]);
}

#[test]
fn order_and_folders() {
    pass(&[
        // A directory in another order than the members.
        |zip| {
            let mut place = 0;
            for part in &mut zip.parts {
                part.central.offset = Some(place);
                place += u32::try_from(30 + part.local.name.len() + part.packed.len())
                    .unwrap_or_default();
            }
            let written = zip.parts.clone();
            for (at, part) in zip.parts.iter_mut().rev().enumerate() {
                let Some(other) = written.get(at) else { panic!("as many") };
                part.central = other.central.clone();
            }
        },
        // Folders.
        |zip| zip.parts.insert(0, Part::stored("foo/", b"")),
        |zip| {
            let mut folder = Part::deflated("foo/", b"");
            folder.central.attributes = 0o040_755 << 16 | 0x10;
            zip.parts.push(folder);
        },
    ]);
}

#[test]
fn content() {
    let long_name = format!("foo/{}.py", "long".repeat(60));
    let scripts = "[console_scripts]\nfoo = foo:main\n";
    pass_all(&[
        Wheel::default().with("foo/empty.py", ""),
        Wheel::default().with("foo/one.bin", "1").with("foo/one.py", "1"),
        Wheel::default().with("foo/größe.py", "x").with("foo/東京.bin", "x"),
        Wheel::default().with(&long_name, "x"),
        Wheel::default().with("foo/a:b c'd.txt", "x"),
        Wheel::default().with("foo/..hidden", "x").with("foo/...", "x").with("..foo", "x"),
        Wheel::default().with("foo/large.bin", vec![7; 3 << 20]),
        Wheel::default().with("foo/large.py", "0123456789abcdef".repeat(100_000)),
        Wheel::default().with("foo/Data/x", "").with("foo/data/y", ""),
        Wheel::default().with("bar/_vendor/baz-1.0.dist-info/METADATA", "Name: baz\n"),
        Wheel::default().with("foo-1.0.data/scripts/foo", "#!python\n"),
        Wheel::default().with_info("entry_points.txt", scripts),
        Wheel::default().with_info("entry_points.txt", ""),
        Wheel::default().with_info("sboms/foo.cdx.json", "{}"),
        Wheel::default().with_info("top_level.txt", "foo\n").with_info("zip-safe", "\n"),
        Wheel::default().with_info("INSTALLER", "x").with_info("direct_url.json", "{}"),
        Wheel::default().with_info("WHEEL", "Wheel-Version: 1.9\nBuild: 1\n"),
        Wheel::default().with_info("WHEEL", "Wheel-Version: 1.0\r\nTag: py3-none-any\r\n"),
        Wheel::named("Foo.Bar-1.0+local.1-1-py3-none-any.whl", "Foo.Bar-1.0+local.1.dist-info"),
        Wheel::named("foo-1!2.0-cp311-abi3-linux_x86_64.whl", "foo-1!2.0.dist-info"),
    ]);
}

#[test]
fn records() {
    pass_all(&[
        Wheel::default().with_info("RECORD.jws", "{}"),
        Wheel::default().with_info("RECORD.jws", "{}").with_record(|record| {
            record
                .lines()
                .filter(|line| !line.contains("jws"))
                .fold(String::new(), |all, line| all + line + "\n")
        }),
        Wheel::default().with_info("RECORD.p7s", "x").with_record(|record| {
            record.replace(&line(&format!("{INFO}/RECORD.p7s"), b"x"), "")
                + INFO
                + "/RECORD.p7s,,\n"
        }),
        Wheel::default().with_record(|record| record.replace('\n', "\r\n")),
        Wheel::default().with_record(|record| record.trim_end().to_owned()),
        Wheel::default().with_record(|record| record.replace("foo/data.bin", "foo\\data.bin")),
        Wheel::default().with_record(|record| record.replace("foo/data.bin", "\"foo/data.bin\"")),
        Wheel::default().with_record(|record| record.replace(",10\n", ",\n")),
        Wheel::default().with_record(|record| record.replace(&format!("{INFO}/RECORD,,\n"), "")),
        Wheel::default()
            .with("foo/a,b.py", "x")
            .with_record(|record| record.replace("foo/a,b.py", "\"foo/a,b.py\"")),
        Wheel::default()
            .with("foo/\"q\".py", "x")
            .with_record(|record| record.replace("foo/\"q\".py", "\"foo/\"\"q\"\".py\"")),
        with_digest("sha384", &Sha384::digest(b"0123456789")),
        with_digest("sha512", &Sha512::digest(b"0123456789")),
    ]);
}

fn pass_all(wheels: &[Wheel]) {
    for (number, wheel) in wheels.iter().enumerate() {
        assert_eq!(wheel.verdict(), Ok(METADATA.into()), "row {number}");
    }
}

fn with_digest(kind: &str, digest: &[u8]) -> Wheel {
    let right = line("foo/data.bin", b"0123456789");
    let digest = URL_SAFE_NO_PAD.encode(digest);
    Wheel::default()
        .with_record(|record| record.replace(&right, &format!("foo/data.bin,{kind}={digest},10\n")))
}

#[test]
fn licenses() {
    let text = METADATA.replace("2.1", "2.4");
    let text = text + "License-File: LICENSE\nLicense-File: vendor/a/LICENSE.txt\n";
    let wheel = Wheel::default()
        .with_info("METADATA", &text)
        .with_info("licenses/LICENSE", "MIT")
        .with_info("licenses/vendor/a/LICENSE.txt", "MIT");
    assert_eq!(wheel.verdict(), Ok(text.into()));
    // Before 2.4 it is no field of the standard, and the files lie elsewhere.
    let text = format!("{METADATA}License-File: LICENSE\n");
    let wheel = Wheel::default().with_info("METADATA", &text).with_info("LICENSE", "MIT");
    assert_eq!(wheel.verdict(), Ok(text.into()));
}

#[test]
fn many_members() {
    let mut wheel = Wheel::default();
    for number in 0..5000 {
        wheel.members.push((format!("foo/m{number}.py"), b"x".to_vec()));
    }
    assert_eq!(wheel.verdict(), Ok(METADATA.into()));
}
