//! The JSON form of a project's page.

use serde_json::{Value, json};

use super::{JSON, checks, get};
use crate::support::{Backend, Dist, Server, eventually};

checks! {
    a_page_has_what_the_standard_names_and_no_more:
        "S-054" "S-057" "S-060" "S-061" "S-068" "S-069" "S-070" "S-071" "S-072" "S-073" "S-074" "S-075" "S-078";
    versions_are_complete_normal_and_in_order: "S-062" "S-063" "S-064" "S-065";
}

/// The keys of an object, in order.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn a_page_has_what_the_standard_names_and_no_more(backend: Backend) {
    let server = Server::start(backend);
    let specifier = "Requires-Python: >=3.8, <4, !=3.9.*\n";
    let wheel = Dist::wheel_with("Foo.Bar", "1.0", specifier, "");
    let sdist = Dist::sdist("Foo.Bar", "1.0");
    server.upload(&wheel).send().expect(200);
    server.upload(&sdist).send().expect(200);
    let page = server.page("foo-bar");
    assert_eq!(keys(&page), ["files", "meta", "name", "project-status", "versions"]);
    assert_eq!(keys(&page["meta"]), ["_last-serial", "api-version"]);
    assert_eq!(page["name"], "foo-bar");
    assert_eq!(keys(&page["project-status"]), ["status"]);
    let files = page["files"].as_array().unwrap();
    assert_eq!(files.len(), 2);
    for (file, dist) in files.iter().zip([&wheel, &sdist]) {
        assert_eq!(
            keys(file),
            [
                "core-metadata",
                "filename",
                "hashes",
                "requires-python",
                "size",
                "upload-time",
                "url",
                "yanked"
            ]
        );
        assert_eq!(file["filename"], dist.filename);
        assert!(file["url"].as_str().unwrap().ends_with(&format!("/{}", dist.filename)));
        assert_eq!(file["hashes"], json!({ "sha256": dist.sha256() }));
        assert_eq!(file["size"], json!(dist.bytes.len()));
        assert_eq!(file["yanked"], json!(false));
        is_a_time(file["upload-time"].as_str().unwrap());
    }
    assert_eq!(files[0]["requires-python"], ">=3.8, <4, !=3.9.*");
    assert_eq!(files[1]["requires-python"], Value::Null);
    assert!(get(&server, "/simple/", JSON).json().is_object());
}

/// `yyyy-mm-ddThh:mm:ss.ffffffZ`
fn is_a_time(text: &str) {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    assert_eq!(shape, "9999-99-99T99:99:99.999999Z", "{text}");
}

fn versions_are_complete_normal_and_in_order(backend: Backend) {
    let server = Server::start(backend);
    let order =
        ["1.0.dev1", "1.0a1", "1.0rc1", "1.0", "1.0+l.1", "1.0.post1", "1.9", "1.10", "1!0.1"];
    for number in [5, 0, 8, 3, 7, 1, 6, 2, 4] {
        server.upload(&Dist::wheel("foo", order[number])).send().expect(200);
    }
    // The same version in another spelling is the same release.
    server.upload(&Dist::sdist("foo", "1.0.0")).send().expect(200);
    let page = server.page("foo");
    assert_eq!(page["versions"], json!(order));
    let files = page["files"].as_array().unwrap();
    let names: Vec<_> = files.iter().map(|file| file["filename"].as_str().unwrap()).collect();
    assert_eq!(names.len(), order.len() + 1);
    assert_eq!(names[..3], order[..3].iter().map(wheel).collect::<Vec<_>>());
    assert_eq!(names[3..5], ["foo-1.0-py3-none-any.whl", "foo-1.0.0.tar.gz"]);
    assert_eq!(names[5..], order[4..].iter().map(wheel).collect::<Vec<_>>());
    // The page is the same each time it is made.
    let before = get(&server, "/simple/foo/", JSON);
    let other = Dist::wheel("other", "1.0");
    server.upload(&other).send().expect(200);
    assert_eq!(get(&server, "/simple/foo/", JSON).header("etag"), before.header("etag"));
    // A version outlives its only file.
    server.ok(&["project", "delete", "foo", "--file", &wheel(&"1.9"), "--yes"]);
    eventually("the file is gone", || {
        server.page("foo")["files"].as_array().unwrap().len() == order.len()
    });
    assert_eq!(server.page("foo")["versions"], json!(order));
}

fn wheel(version: &&str) -> String {
    format!("foo-{version}-py3-none-any.whl")
}
