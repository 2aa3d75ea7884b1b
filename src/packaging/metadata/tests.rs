//! Tests of reading and judging metadata.

use proptest::prelude::*;

use super::*;

#[test]
fn fields_and_body() {
    let metadata = CoreMetadata::parse(
        b"Metadata-Version: 2.1\r\nName: Foo.Bar\r\nVersion: 1.0\r\nClassifier: A\r\n\
          Classifier: B\r\nLicense: line one\r\n   line two\r\nHome-page: UNKNOWN\r\n\r\n# Hi\r\n\r\nthere\r\n",
    );
    assert_eq!(metadata.name().map(|name| name.to_string()), Ok("Foo.Bar".into()));
    assert_eq!(metadata.version().map(|version| version.to_string()), Ok("1.0".into()));
    assert_eq!(metadata.all("classifier").collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(metadata.one("license"), Some("line one\n   line two"));
    assert_eq!(metadata.one("home-page"), None);
    assert_eq!(metadata.description(), "# Hi\r\n\r\nthere");
}

#[test]
fn a_carriage_return_alone_ends_a_line() {
    let metadata =
        CoreMetadata::parse(b"License: MIT\rRequires-Dist: a @ https://e.org/\nName: b\r\rbody\r");
    assert_eq!(metadata.one("license"), Some("MIT"));
    assert_eq!(metadata.one("requires-dist"), Some("a @ https://e.org/"));
    assert_eq!((metadata.one("name"), metadata.description()), (Some("b"), "body"));
}

#[test]
fn a_folded_description_is_unfolded() {
    for indent in ["       |", "        "] {
        let text = format!("Name: a\nDescription: one\n{indent}  two\n{indent}\n{indent}three\n");
        let metadata = CoreMetadata::parse(text.as_bytes());
        assert_eq!(metadata.description(), "one\n  two\n\nthree");
    }
}

#[test]
fn non_ascii_and_broken_bytes_are_read() {
    let metadata = CoreMetadata::parse("Author: Łukasz 東京\n".as_bytes());
    assert_eq!(metadata.one("author"), Some("Łukasz 東京"));
    assert_eq!(CoreMetadata::parse(b"Author: J\xf6rg\n").one("author"), Some("J\u{fffd}rg"));
}

#[test]
fn what_is_wrong_is_said() {
    let error = |text: &str| CoreMetadata::parse(text.as_bytes()).name().err();
    assert_eq!(error("Version: 1"), Some(MetadataError::NotOnce("Name")));
    assert_eq!(error("Name: a\nName: b"), Some(MetadataError::NotOnce("Name")));
    assert_eq!(error("Name: -a"), Some(MetadataError::Name("-a".into())));
}

/// Metadata that is complete, with more lines.
fn with(format: &str, lines: &str) -> CoreMetadata {
    let text = format!("Metadata-Version: {format}\nName: a\nVersion: 1\n{lines}\n");
    CoreMetadata::parse(text.as_bytes())
}

fn fault(metadata: &CoreMetadata) -> String {
    metadata.validate(&Policy::default()).map_or_else(|error| error.to_string(), |()| String::new())
}

/// Lines that break a rule, and what is said about them.
const RULES: [(&str, &str); 36] = [
    ("Summary: a\n b", r#"Summary "a\n b": it must be one line"#),
    (
        "Author-email: Jane",
        r#"Author-email "Jane": it must have an address such as name@example.org"#,
    ),
    (
        "Maintainer-email: J <j>",
        r#"Maintainer-email "J <j>": it must have an address such as name@example.org"#,
    ),
    (
        "Description-Content-Type: text/html",
        r#"Description-Content-Type "text/html": it must be text/plain, text/x-rst or text/markdown"#,
    ),
    (
        "Description-Content-Type: text/plain; charset=latin-1",
        r#"Description-Content-Type "text/plain; charset=latin-1": the charset can only be UTF-8"#,
    ),
    (
        "Description-Content-Type: text/markdown; variant=x",
        r#"Description-Content-Type "text/markdown; variant=x": the variant of Markdown can only be GFM or CommonMark"#,
    ),
    (
        "Home-page: example.org",
        r#"Home-page "example.org": a URL must begin with https:// or http://"#,
    ),
    (
        "Download-URL: ftp://a/",
        r#"Download-URL "ftp://a/": a URL must begin with https:// or http://"#,
    ),
    (
        "Project-URL: , https://a/",
        r#"Project-URL ", https://a/": a label must stand before the URL: label, https://example.org/"#,
    ),
    (
        "Project-URL: https://a/",
        r#"Project-URL "https://a/": a URL must stand behind the label: label, https://example.org/"#,
    ),
    (
        "Project-URL: 123456789012345678901234567890123, https://example.org/documents",
        r#"Project-URL "123456789012345678901234567890... https://example.org/documents": the label is longer than 32 characters"#,
    ),
    (
        "Project-URL: Docs, javascript:x",
        r#"Project-URL "Docs, javascript:x": a URL must begin with https:// or http://"#,
    ),
    ("Dynamic: Name", r#"Dynamic "Name": Name, Version and Metadata-Version cannot be dynamic"#),
    (
        "Dynamic: METADATA-VERSION",
        r#"Dynamic "METADATA-VERSION": Name, Version and Metadata-Version cannot be dynamic"#,
    ),
    ("Dynamic: X-Foo", r#"Dynamic "X-Foo": it is not the name of a metadata field"#),
    ("Import-Name: a-b", r#"Import-Name "a-b": "a-b" is not a Python identifier"#),
    ("Import-Name: a.if", r#"Import-Name "a.if": "if" is a Python keyword"#),
    ("Import-Name: a; public", r#"Import-Name "a; public": only 'private' may stand behind the ;"#),
    ("Import-Namespace:", "Import-Namespace is empty; leave it out or give a name"),
    (
        "Import-Name: a ; private\nImport-Namespace: b\nImport-Namespace: a",
        r#""a" is both an Import-Name and an Import-Namespace; it can be one of them"#,
    ),
    (
        "License: MIT\nLicense-Expression: MIT",
        "License and License-Expression exclude each other; leave License out",
    ),
    (
        "License-Expression: BSD",
        r#"License-Expression "BSD": "BSD" is not an SPDX licence identifier; for other licences, use LicenseRef-{name}"#,
    ),
    (
        "License-Expression: MIT OR",
        r#"License-Expression "MIT OR": it ends where an identifier is expected"#,
    ),
    (
        "License-File: ../LICENSE",
        r#"License-File "../LICENSE": the path must have no part that is empty, '.' or '..'"#,
    ),
    (
        "License-File: LICENSE*",
        r#"License-File "LICENSE*": the path must not have a * in it; each file is listed by its name"#,
    ),
    (
        "License-File: /LICENSE",
        r#"License-File "/LICENSE": the path must be relative to the top folder"#,
    ),
    (
        "License-File: a\\b",
        r#"License-File "a\\b": the parts of the path must have / between them"#,
    ),
    (
        "Provides-Extra: -a",
        r#"Provides-Extra "-a": the name of an extra has letters, digits and single '-' between them"#,
    ),
    (
        "Requires-Dist: a~=1",
        r#"Requires-Dist "a~=1": "~=1" is not a version specifier such as >=1.0"#,
    ),
    (
        "Requires-Dist: a; foo=='b'",
        r#"Requires-Dist "a; foo=='b'": in the marker, "foo" is neither a known field nor a text in quotes"#,
    ),
    (
        "Requires-Dist: a; 'x' in extras",
        r#"Requires-Dist "a; 'x' in extras": in the marker, the field extras is for lock files only"#,
    ),
    (
        "Requires-Dist: a @ https://b/c",
        r#"Requires-Dist "a @ https://b/c": a direct reference (name @ URL) is not allowed; name a version instead"#,
    ),
    (
        "Provides-Dist: a @ https://b/c",
        r#"Provides-Dist "a @ https://b/c": a direct reference (name @ URL) is not allowed; name a version instead"#,
    ),
    (
        "Obsoletes-Dist: a @ https://b/c",
        r#"Obsoletes-Dist "a @ https://b/c": a direct reference (name @ URL) is not allowed; name a version instead"#,
    ),
    ("Obsoletes-Dist: -", r#"Obsoletes-Dist "-": it must begin with the name of a project"#),
    (
        "Requires-Python: 3",
        r#"Requires-Python "3": it is not a set of version specifiers such as >=3.10,<4"#,
    ),
];

#[test]
fn each_rule_has_its_message() {
    for (lines, message) in RULES {
        assert_eq!(fault(&with("2.6", lines)), message, "{lines}");
    }
    let long = format!("Summary: {}", "é".repeat(513));
    assert!(fault(&with("2.6", &long)).ends_with("it is longer than 512 characters"));
}

#[test]
fn the_three_required_fields_come_first() {
    let fault = |text: &str| fault(&CoreMetadata::parse(text.as_bytes()));
    for (text, message) in [
        ("", "it must have the field Metadata-Version exactly once"),
        (
            "Metadata-Version: 2.1\nMetadata-Version: 2.1",
            "it must have the field Metadata-Version exactly once",
        ),
        ("Metadata-Version: 2.7", r#"Metadata-Version "2.7" is unknown; 1.0 to 2.6 are"#),
        ("Metadata-Version: 3.0\nName: -", r#"Metadata-Version "3.0" is unknown; 1.0 to 2.6 are"#),
        (
            "Metadata-Version: 2.0",
            "Metadata-Version 2.0 was never a standard; a newer build tool writes 2.1 or later",
        ),
        (
            "Metadata-Version: 2.1\nAuthor-email: x\nVersion: -",
            "it must have the field Name exactly once",
        ),
        (
            "Metadata-Version: 2.1\nName: a\nName: a\nVersion: 1",
            "it must have the field Name exactly once",
        ),
        (
            "Metadata-Version: 2.1\nAuthor-email: x\nName: a",
            "it must have the field Version exactly once",
        ),
        ("Metadata-Version: 2.1\nName: a\nVersion: one", r#"Version "one" is not a valid version"#),
        (
            "Metadata-Version: 2.1\nName: a\nVersion: 1\nSummary: a\n b\nHome-page: x\nRequires-Dist: -",
            r#"Home-page "x": a URL must begin with https:// or http://"#,
        ),
    ] {
        assert_eq!(fault(text), message, "{text}");
    }
    assert!(fault("Metadata-Version: 2.1\nName: a b").starts_with(r#"Name "a b" is not a valid"#));
}

#[test]
fn unusual_metadata_that_is_taken() {
    for (format, lines) in [
        ("1.0", "Keywords: a b c\nPlatform: any"),
        ("1.1", "Requires: re (>2.0)\nProvides: a (1.0)\nObsoletes: b"),
        ("1.2", "Requires-External: libpng (>=1.5); os_name=='nt'"),
        ("2.1", "X-Foo: bar\nClassifier: Private :: Do Not Upload\nClassifier: No Such"),
        ("2.1", "License-File: ../LICENSE\nLicense-File: a*\nDynamic: license-file"),
        ("2.3", "License-Expression: anything\nLicense: MIT"),
        ("1.0", "Import-Namespace:\nProvides-Extra: -"),
        ("2.1", "Description: one\nSummary: a\nSummary: b\n\nAnother description"),
        ("2.4", "Provides-Extra: A_b\nProvides-Extra: c.d"),
        ("2.2", "Dynamic: requires-DIST\nDynamic: Description"),
        ("2.4", "License-Expression: mit or LicenseRef-x\nLicense-File: LICENSE"),
        ("2.4", "License: UNKNOWN\nLicense-Expression: MIT"),
        ("2.5", "Import-Name:"),
        ("2.5", "Import-Name: a\nImport-Namespace: b; private"),
        ("2.6", "Home-page: UNKNOWN\nRequires-Python:\nAuthor-email: UNKNOWN"),
        ("2.1", "Project-URL: a, https://a/\nProject-URL: a, https://b/"),
        ("2.1", "Author-email: \"Doe, J\" <j@localhost>, k\nDescription-Content-Type: text/plain;"),
        ("2.1", "Requires-Dist: a (>=1)\nRequires-Dist: b;\n  extra == 'c'\nRequires-Dist: d"),
    ] {
        assert_eq!(fault(&with(format, lines)), "", "{lines}");
    }
    let long = format!("Summary: {}", "é".repeat(512));
    assert_eq!(fault(&with("2.6", &long)), "");
    let local = "Metadata-Version: 2.1\nName: a\nVersion: 1+local.2";
    assert_eq!(fault(&CoreMetadata::parse(local.as_bytes())), "");
}

#[test]
fn installers_obey_some_fields_whatever_the_version() {
    for lines in ["Requires-Dist: a @ https://b/c", "Requires-Python: 3"] {
        assert_ne!(fault(&with("1.0", lines)), "", "{lines}");
    }
}

#[test]
fn policies() {
    let lenient = Policy { lenient: true, ..Policy::default() };
    for format in ["1.0", "2.0", "2.6", "2.7"] {
        let old = with(format, "Requires-Dist: a~=1\nLicense-Expression: x\nHome-page: x");
        assert_eq!(old.validate(&lenient), Ok(()), "{format}");
    }
    assert!(with("3.0", "").validate(&lenient).is_err());
    assert!(CoreMetadata::parse(b"Metadata-Version: 2.0\nName: a").validate(&lenient).is_err());
    let direct = with("2.1", "Requires-Dist: a @ https://b/c ; extra == 'd'");
    let allowed = Policy { allow_direct_references: true, ..Policy::default() };
    assert!(direct.validate(&Policy::default()).is_err());
    assert_eq!(direct.validate(&allowed), Ok(()));
    assert!(with("2.1", "Requires-Dist: a @").validate(&allowed).is_err());
}

#[test]
fn what_is_derived_from_fields() {
    let metadata =
        with("2.4", "License-Expression: mit\nLicense-File: LICENSE\nRequires-Python: >=3");
    assert_eq!(metadata.license_expression().as_deref(), Some("MIT"));
    assert_eq!(metadata.license_files().collect::<Vec<_>>(), ["LICENSE"]);
    assert_eq!(metadata.requires_python(), Some(">=3"));
    let old = with("2.1", "License-Expression: none\nLicense-File: LICENSE\nRequires-Python: 3");
    assert_eq!(old.license_expression(), None);
    assert_eq!(old.license_files().count(), 0);
    assert_eq!(old.requires_python(), None);
}

/// What the fuzzer begins with, and what it found: here each is one more test.
#[test]
fn the_corpus_is_judged() -> std::io::Result<()> {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/metadata");
    let mut taken = 0_usize;
    for entry in std::fs::read_dir(corpus)? {
        let metadata = CoreMetadata::parse(&std::fs::read(entry?.path())?);
        taken += usize::from(metadata.validate(&Policy::default()).is_ok());
        let _ = (metadata.license_expression(), metadata.license_files().count());
    }
    assert!(taken > 0);
    Ok(())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = CoreMetadata::parse(&bytes).validate(&Policy::default());
    }

    #[test]
    fn no_text_makes_it_panic(text in "([A-Za-z-]{0,6}:? ?[a-z ]{0,5}\r?\n ?){0,8}") {
        let _ = CoreMetadata::parse(text.as_bytes()).validate(&Policy::default());
    }

    #[test]
    fn no_value_makes_it_panic(index in 0..versions::FIELDS.len(), value in ".*") {
        let Some(field) = versions::FIELDS.get(index) else { return Ok(()) };
        if let Err(error) = with("2.6", &format!("{}: {value}", field.name)).validate(&Policy::default()) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
