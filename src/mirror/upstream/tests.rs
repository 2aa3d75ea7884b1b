//! Pages as indexes write them, good and bad.

use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use super::error::NotSimple;
use super::{html, json};
use crate::catalog::project::Status;
use crate::mirror::page::{UpstreamFile, UpstreamPage};
use crate::packaging::NormalizedName;
use crate::time;

fn name() -> NormalizedName {
    let Some(name) = NormalizedName::parse("foo") else { panic!("a name") };
    name
}

fn base() -> Url {
    let Ok(url) = Url::parse("https://index.example.org/simple/foo/") else { panic!("a URL") };
    url
}

fn read_json(page: &Value) -> Result<UpstreamPage, NotSimple> {
    json::read(page.to_string().as_bytes(), &name(), &base())
}

fn read_html(text: &str) -> Result<UpstreamPage, NotSimple> {
    html::read(text.as_bytes(), &name(), &base())
}

fn only(page: Result<UpstreamPage, NotSimple>) -> UpstreamFile {
    match page.map(|page| page.files) {
        Ok(files) => match <[UpstreamFile; 1]>::try_from(files) {
            Ok([file]) => file,
            Err(files) => panic!("{} files", files.len()),
        },
        Err(error) => panic!("{error}"),
    }
}

const DIGEST: &str = "abababababababababababababababababababababababababababababababab";

#[test]
fn json_says_all_that_can_be_said() {
    let page = read_json(&json!({
        "meta": {"api-version": "1.4", "_last-serial": 5},
        "name": "Foo",
        "project-status": {"status": "deprecated", "reason": "use\nbar"},
        "versions": ["0.9", "1.0"],
        "files": [{
            "filename": "foo-1.0-py3-none-any.whl",
            "url": "/files/foo-1.0-py3-none-any.whl",
            "hashes": {"sha256": DIGEST, "md5": "0123456789abcdef0123456789abcdef"},
            "size": 12,
            "upload-time": "2020-01-02T03:04:05.678901Z",
            "requires-python": ">=3.8",
            "yanked": "broken",
            "core-metadata": {"sha256": DIGEST},
            "provenance": "https://index.example.org/integrity/foo",
            "gpg-sig": true,
            "what-comes-next": [{}],
        }],
    }));
    let page = page.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((page.status, page.status_reason.as_deref()), (Status::Deprecated, Some("use bar")));
    assert_eq!(page.versions, ["0.9", "1.0"]);
    let file = only(Ok(page));
    assert_eq!(file.url, "https://index.example.org/files/foo-1.0-py3-none-any.whl");
    assert_eq!(file.path(), format!("u/{DIGEST}/foo-1.0-py3-none-any.whl"));
    assert_eq!(file.hashes.len(), 2);
    assert_eq!((file.size, file.version.as_deref()), (Some(12), Some("1.0")));
    assert_eq!(file.upload_time.map(time::iso).as_deref(), Some("2020-01-02T03:04:05.678901Z"));
    assert_eq!(file.requires_python.as_deref(), Some(">=3.8"));
    assert_eq!(file.yanked.as_deref(), Some("broken"));
    assert_eq!(file.core_metadata.as_deref(), Some(DIGEST));
    assert_eq!(file.provenance.as_deref(), Some("https://index.example.org/integrity/foo"));
}

#[test]
fn members_of_json_may_be_missing_or_odd() {
    let read = |more: Value| {
        let mut file = json!({"filename": "foo-1.0.tar.gz", "url": "foo-1.0.tar.gz"});
        if let (Some(file), Value::Object(more)) = (file.as_object_mut(), more) {
            file.extend(more);
        }
        only(read_json(&json!({ "files": [file] })))
    };
    let bare = read(json!({}));
    assert_eq!((bare.size, bare.upload_time, bare.yanked.clone()), (None, None, None));
    for odd in [
        json!({"size": "12", "hashes": ["sha256"], "yanked": null, "requires-python": 3}),
        json!({"size": -1, "hashes": {"sha256": "x"}, "yanked": "", "requires-python": " "}),
        json!({"size": 1e30, "hashes": {"sha256": 7}, "yanked": false, "upload-time": "now"}),
        json!({"core-metadata": true, "dist-info-metadata": "x", "provenance": "ftp://x/"}),
        json!({"core-metadata": {}, "provenance": null, "hashes": {"../../x": "00112233"}}),
        json!({"core-metadata": {"sha512": "00112233"}, "size": u64::MAX}),
    ] {
        assert_eq!(read(odd.clone()), bare, "{odd}");
    }
    let yanked = read(json!({"yanked": true})).yanked;
    assert_eq!(yanked.as_deref(), Some(""));
    for names in ["core-metadata", "dist-info-metadata", "data-dist-info-metadata"] {
        let file = read(json!({ (names): {"sha256": DIGEST.to_uppercase()} }));
        assert_eq!(file.core_metadata.as_deref(), Some(DIGEST), "{names}");
    }
    let first = read(json!({"core-metadata": true, "dist-info-metadata": {"sha256": DIGEST}}));
    assert_eq!(first.core_metadata.as_deref(), Some(DIGEST));
}

#[test]
fn malformed_entries_are_left_out_and_the_rest_is_in_order() {
    let page = read_json(&json!({"files": [
        {"filename": "foo-1.10.tar.gz", "url": "a/foo-1.10.tar.gz"},
        {"filename": "foo-1.9.tar.gz", "url": "a/foo-1.9.tar.gz"},
        {"filename": "foo-1.9.tar.gz", "url": "b/foo-1.9.tar.gz"},
        {"filename": "foo-1.9-py3-none-any.whl", "url": "a/foo-1.9-py3-none-any.whl"},
        {"filename": "foo-odd.tar.gz", "url": "a/foo-odd.tar.gz"},
        {"filename": "bar-1.0.tar.gz", "url": "a/bar-1.0.tar.gz"},
        {"filename": "foo-2.tar.gz"},
        {"url": "foo-3.tar.gz"},
        {"filename": 7, "url": []},
        null, 3, "x", [], {},
    ]}));
    let page = page.unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<_> = page.files.iter().map(|file| file.filename.as_str()).collect();
    let expected =
        ["foo-odd.tar.gz", "foo-1.9-py3-none-any.whl", "foo-1.9.tar.gz", "foo-1.10.tar.gz"];
    assert_eq!(names, expected);
    assert_eq!(page.versions, ["1.9", "1.10"]);
    assert!(page.files.iter().all(|file| file.url.contains("/a/")));
}

#[test]
fn what_is_no_page_is_refused() {
    let files = json!([]);
    for (page, said) in [
        (json!({"meta": {"api-version": "2.0"}, "files": files}), "version 2.0"),
        (json!({"meta": {"api-version": "10"}, "files": files}), "version 10"),
        (json!({"name": "bar", "files": files}), "page of \"bar\""),
        (json!({"name": 7, "files": files}), "page of \"\""),
        (json!({"files": {}}), "cannot be read"),
        (json!({"error": "no"}), "cannot be read"),
        (json!([]), "cannot be read"),
        (json!("x"), "cannot be read"),
    ] {
        let error = read_json(&page).err().map(|error| error.to_string());
        assert!(error.as_deref().is_some_and(|words| words.contains(said)), "{page}: {error:?}");
    }
    for text in [&b""[..], b"<html>", b"{\"files\": [", b"{\"files\": []} x", b"\xff\xfe{}"] {
        assert!(json::read(text, &name(), &base()).is_err());
    }
    assert!(read_json(&json!({"name": "FOO", "files": files})).is_ok());
    assert!(read_json(&json!({"meta": null, "name": null, "files": files})).is_ok());
}

#[test]
fn html_says_what_html_can() {
    let page = read_html(&format!(
        "<!DOCTYPE html><html><head>
         <meta name=\"pypi:repository-version\" content=\"1.4\">
         <META NAME='pypi:project-status' CONTENT='archived'>
         <meta name='pypi:project-status-reason' content='done &amp; over'>
         </head><body>
         <a href='/packages/aa/bb/{}/foo-1.0-py3-none-any.whl#sha256={DIGEST}'
            data-requires-python='&gt;=3.8,&lt;4' data-yanked='bad &quot;thing&quot;'
            data-dist-info-metadata='true' data-core-metadata='sha256={DIGEST}'
            data-gpg-sig='true' data-provenance='../p'>anything</a>
         <!-- <a href='foo-9.0.tar.gz'>x</a> -->
         <a name='x'>foo-8.0.tar.gz</a><a href='../'>up</a>
         </body></html>",
        "0f".repeat(30)
    ));
    let page = page.unwrap_or_else(|error| panic!("{error}"));
    let status = (page.status, page.status_reason.as_deref());
    assert_eq!(status, (Status::Archived, Some("done & over")));
    let file = only(Ok(page));
    assert_eq!(file.path(), format!("aa/bb/{}/foo-1.0-py3-none-any.whl", "0f".repeat(30)));
    assert_eq!(file.sha256().map(|it| it.to_string()).as_deref(), Some(DIGEST));
    assert_eq!(file.requires_python.as_deref(), Some(">=3.8,<4"));
    assert_eq!(file.yanked.as_deref(), Some("bad \"thing\""));
    assert_eq!(file.core_metadata.as_deref(), Some(DIGEST));
    assert_eq!(file.provenance.as_deref(), Some("https://index.example.org/simple/p"));
}

#[test]
fn html_of_all_ages() {
    for (text, url) in [
        ("<a href=foo-1.0.tar.gz>x", "https://index.example.org/simple/foo/foo-1.0.tar.gz"),
        (
            "<A HREF = 'foo-1.0.tar.gz' >x</A>",
            "https://index.example.org/simple/foo/foo-1.0.tar.gz",
        ),
        (
            "<base href='https://files.example.org/x/'><base href='/y/'><a href='foo-1.0.tar.gz'>",
            "https://files.example.org/x/foo-1.0.tar.gz",
        ),
        (
            "<base href='/b/'><a href='foo-1.0.tar.gz'>",
            "https://index.example.org/b/foo-1.0.tar.gz",
        ),
        (
            "<a href='//files.example.org/foo-1.0.tar.gz'>",
            "https://files.example.org/foo-1.0.tar.gz",
        ),
        (
            "<a href='foo-1.0.tar.gz#egg=foo&md5=00112233445566778899aabbccddeeff'>",
            "https://index.example.org/simple/foo/foo-1.0.tar.gz",
        ),
        (
            "<a href='foo-1.0%2Blocal.tar.gz'>",
            "https://index.example.org/simple/foo/foo-1.0%2Blocal.tar.gz",
        ),
    ] {
        assert_eq!(only(read_html(text)).url, url, "{text}");
    }
    let yanked = only(read_html("<a href='foo-1.0.tar.gz' data-yanked>x</a>")).yanked;
    assert_eq!(yanked.as_deref(), Some(""));
    let empty = "<title>Links for foo</title><h1>Links for foo</h1>";
    assert_eq!(read_html(empty).map(|page| page.files), Ok(Vec::new()));
    let empty = "<meta name='pypi:repository-version' content='1.0'>";
    assert_eq!(read_html(empty).map(|page| page.files), Ok(Vec::new()));
}

#[test]
fn html_of_others_is_refused() {
    for text in [
        "",
        "It works!",
        "<title>Log in</title><form><a href='/forgotten'>Forgotten?</a></form>",
        "<a href='bar-1.0.tar.gz'>another project</a>",
    ] {
        assert_eq!(read_html(text).err(), Some(NotSimple::OtherHtml), "{text}");
    }
    let later = "<meta name='pypi:repository-version' content='2.0'><a href='foo-1.0.tar.gz'>";
    assert_eq!(read_html(later).err(), Some(NotSimple::Version("2.0".to_owned())));
}

#[test]
fn a_status_is_one_of_four() {
    for (word, expected) in [
        ("active", Status::Active),
        ("quarantined", Status::Quarantined),
        ("archived", Status::Archived),
        ("deprecated", Status::Deprecated),
        ("unheard-of", Status::Active),
    ] {
        let page = read_json(&json!({"files": [], "project-status": {"status": word}}));
        assert_eq!(page.map(|page| page.status), Ok(expected), "{word}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_panic(text in ".*") {
        let _ = (read_html(&text), json::read(text.as_bytes(), &name(), &base()));
    }

    #[test]
    fn nor_does_what_looks_like_html(
        text in "(<a |<base |<meta |<title>|href=|data-yanked|name=|content=|'|\"|>|&lt;|&#x0;|foo-1\\.0|\\.tar\\.gz|/packages/|%2e|#sha256=|<!--|-->|é| )*",
    ) {
        let _ = read_html(&text);
    }

    #[test]
    fn nor_does_what_looks_like_json(
        filename in "(foo|bar|-|1\\.0|\\.tar\\.gz|\\.whl|-py3-none-any|/|\\.\\.|é|\\\\x00| ){0,8}",
        url in "(https?:|//|\\[|\\]|@|:|foo-1\\.0\\.tar\\.gz|/|\\.\\.|#|\\?|sha256=|%|é){0,8}",
        digits in "[0-9a-fA-F]{0,70}",
        moment in "[0-9TZ:+.-]{0,30}",
    ) {
        let page = json!({"files": [{
            "filename": filename, "url": url, "hashes": {"sha256": digits, (filename.as_str()): url},
            "upload-time": moment, "provenance": url, "core-metadata": {"sha256": digits},
        }], "versions": [moment, filename]});
        if let Ok(page) = read_json(&page) {
            for file in page.files {
                prop_assert!(file.filename.contains("foo") && !file.filename.contains('/'));
                prop_assert!(file.url.starts_with("https://"));
                prop_assert!(file.sha256().is_none_or(|it| it.as_str() == digits.to_lowercase()));
            }
        }
    }
}
