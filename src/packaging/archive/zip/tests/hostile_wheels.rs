//! Wheels and ZIP source distributions that lie inside a ZIP archive that is in order.

use super::build::{Part, Zip};
use super::wheel::{INFO, METADATA, Wheel, verdict};

type Lie = (&'static str, fn(Wheel) -> Wheel);

fn refused(lies: &[Lie]) {
    for (number, (expected, lie)) in lies.iter().enumerate() {
        let message = lie(Wheel::default()).verdict().err().unwrap_or_default();
        assert!(message.contains(expected), "row {number}: {message:?} is not {expected:?}");
    }
}

#[test]
fn dist_info() {
    refused(&[
        ("no member foo-1.0.dist-info/METADATA", |wheel| {
            wheel.without(&format!("{INFO}/METADATA"))
        }),
        ("no member foo-1.0.dist-info/WHEEL", |wheel| wheel.without(&format!("{INFO}/WHEEL"))),
        ("is not a regular file", |wheel| {
            wheel.without(&format!("{INFO}/METADATA")).with_info("METADATA/", "")
        }),
        ("its only .dist-info folder must be", |wheel| {
            wheel.with("bar-1.0.dist-info/METADATA", "")
        }),
        ("its only .dist-info folder must be", |wheel| wheel.with("foo-1.1.dist-info/", "")),
        ("its only .dist-info folder must be", |wheel| wheel.with("Foo-1.0.Dist-Info/x", "")),
        ("its only .dist-info folder must be", |wheel| {
            Wheel::named(&wheel.filename, "Foo-1.0.dist-info")
        }),
        ("its only .dist-info folder must be", |wheel| {
            Wheel::named(&wheel.filename, "foo-1.dist-info")
        }),
        ("must have the field Wheel-Version", |wheel| wheel.with_info("WHEEL", "Tag: x\n")),
        ("must have the field Wheel-Version", |wheel| {
            wheel.with_info("WHEEL", "Wheel-Version: 1.0\nWheel-Version: 2.0\n")
        }),
        ("installers know 1.x only", |wheel| wheel.with_info("WHEEL", "Wheel-Version: 2.0\n")),
        ("installers know 1.x only", |wheel| wheel.with_info("WHEEL", "Wheel-Version: one\n")),
        ("is too long", |wheel| wheel.with_info("WHEEL", vec![b'\n'; 2 << 20])),
        ("is too long", |wheel| wheel.with_info("METADATA", vec![b'\n'; 17 << 20])),
        ("names a script \"../evil\"", |wheel| {
            wheel.with_info("entry_points.txt", "[console_scripts]\n../evil = foo:main\n")
        }),
        ("License-File \"LICENSE\", but there is no member", |wheel| {
            let text = METADATA.replace("2.1", "2.4") + "License-File: LICENSE\n";
            wheel.with_info("METADATA", text).with_info("LICENSE", "in the old place")
        }),
    ]);
    let mut zip = Wheel::default().zip();
    zip.parts.pop();
    let message = verdict("foo-1.0-py3-none-any.whl", &zip.bytes()).err().unwrap_or_default();
    assert_eq!(message, "it has no member foo-1.0.dist-info/RECORD");
}

#[test]
fn record() {
    refused(&[
        ("does not list member \"foo.py\"", |wheel| {
            wheel.with_record(|record| record.replace("foo.py", "bar.py"))
        }),
        ("lists \"bar.py\", which is not in the archive", |wheel| {
            wheel.with_record(|record| record + "bar.py,,\n")
        }),
        ("lists \"foo.py\" more than once", |wheel| {
            wheel.with_record(|record| record.clone() + record.lines().next().unwrap_or(""))
        }),
        ("does not match", |wheel| {
            wheel.clone().with_record(|record| {
                record.replace(
                    &super::wheel::line("foo/data.bin", b"0123456789"),
                    &super::wheel::line("foo/data.bin", b"9876543210"),
                )
            })
        }),
        ("gives the size 11 for \"foo/data.bin\", which has 10", |wheel| {
            wheel.with_record(|record| record.replace(",10\n", ",11\n"))
        }),
        ("gives a size for \"foo/data.bin\" that is not a number", |wheel| {
            wheel.with_record(|record| record.replace(",10\n", ",ten\n"))
        }),
        ("gives a size for \"foo/data.bin\" that is not a number", |wheel| {
            wheel.with_record(|record| record.replace(",10\n", ",+10\n"))
        }),
    ]);
}

#[test]
fn record_digests() {
    refused(&[
        ("a \"md5\" digest for \"foo.py\"", |wheel| {
            wheel.with_record(|record| record.replacen("sha256=", "md5=", 1))
        }),
        ("a \"sha1\" digest for \"foo.py\"", |wheel| {
            wheel.with_record(|record| record.replacen("sha256=", "sha1=", 1))
        }),
        ("not URL-safe base64", |wheel| {
            wheel.with_record(|record| record.replacen("sha256=", "sha512=", 1))
        }),
        ("not URL-safe base64", |wheel| {
            wheel.with_record(|record| record.replacen("sha256=", "sha256=/", 1))
        }),
        ("not URL-safe base64", |wheel| {
            wheel.with_record(|record| record.replacen("sha256=", "", 1))
        }),
        ("gives no digest for \"foo.py\"", |wheel| {
            wheel.with_record(|record| {
                let (_, rest) = record.split_once('\n').unwrap_or_default();
                format!("foo.py,,\n{rest}")
            })
        }),
        ("gives a digest for \"foo-1.0.dist-info/RECORD\"", |wheel| {
            wheel.with_record(|record| {
                record.replace(
                    &format!("{INFO}/RECORD,,\n"),
                    &super::wheel::line(&format!("{INFO}/RECORD"), b""),
                )
            })
        }),
        ("line 1 of its RECORD", |wheel| wheel.with_record(|record| record.replacen(',', ";", 1))),
        ("line 6 of its RECORD", |wheel| wheel.with_record(|record| record + "\n")),
        ("line 1 of its RECORD", |wheel| wheel.with_record(|record| format!("\"{record}"))),
        ("does not list member", |wheel| wheel.with_record(|_| String::new())),
        ("does not list member \"foo-1.0.dist-info/sub/RECORD\"", |wheel| {
            let right = wheel.right_record();
            wheel.with_info("sub/RECORD", "").with_record(move |_| right.clone())
        }),
    ]);
    let wheel = Wheel { record: Some(b"\xff,,\n".to_vec()), ..Wheel::default() };
    assert_eq!(wheel.verdict().err().as_deref(), Some("its RECORD is not UTF-8"));
}

#[test]
fn zip_source_distributions() {
    let sdist = |parts: &[(&str, &str)]| {
        let pack = |(name, text): &(&str, &str)| Part::deflated(name, text.as_bytes());
        let zip = Zip { parts: parts.iter().map(pack).collect(), ..Zip::default() };
        verdict("foo-1.0.zip", &zip.bytes())
    };
    let info = ("foo-1.0/PKG-INFO", METADATA);
    let licensed = METADATA.replace("2.1", "2.4") + "License-File: doc/LICENSE\n";
    let licensed = ("foo-1.0/PKG-INFO", licensed.as_str());
    assert_eq!(sdist(&[info, ("foo-1.0/foo.py", "")]), Ok(METADATA.into()));
    assert!(sdist(&[licensed, ("foo-1.0/doc/LICENSE", "MIT")]).is_ok());
    for (parts, expected) in [
        (vec![info, ("setup.py", "")], "\"setup.py\" is not in its only top folder"),
        (vec![info, ("foo-1.1/setup.py", "")], "is not in its only top folder"),
        (vec![("foo-1.1/PKG-INFO", "")], "is not in its only top folder"),
        (vec![("foo-1.0/setup.py", "")], "no member foo-1.0/PKG-INFO"),
        (vec![("foo-1.0/PKG-INFO/x", "")], "no member foo-1.0/PKG-INFO"),
        (vec![licensed, ("foo-1.0/LICENSE", "MIT")], "License-File \"doc/LICENSE\""),
        (vec![info, ("foo-1.0/../x", "")], "leaves its folder"),
        (vec![], "no member foo-1.0/PKG-INFO"),
    ] {
        let message = sdist(&parts).err().unwrap_or_default();
        assert!(message.contains(expected), "{message:?} is not {expected:?}");
    }
}
