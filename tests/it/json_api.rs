//! The JSON API: `/pypi/{project}/json` and `/pypi/{project}/{version}/json`.

use serde_json::{Value, json};

use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Server, on_both};

on_both!(
    a_release_has_all_that_its_metadata_says,
    a_project_shows_its_latest_release_and_lists_all,
    yanked_is_what_is_yanked_itself_or_with_its_release,
    answers_can_be_revalidated,
    names_and_versions_in_any_spelling,
    what_is_not_there_is_not_found_in_json,
    urls_are_those_of_the_public_address,
    a_private_index_keeps_it_to_itself,
);

const METADATA: &str = "Summary: A test\nAuthor-Email: Ada <ada@example.org>\nLicense: MIT\n\
    Home-page: https://example.org/\nProject-URL: Docs, https://docs.example.org/\n\
    Classifier: Topic :: A\nClassifier: Topic :: B\nRequires-Python: >=3.8\n\
    Requires-Dist: six\nRequires-Dist: attrs>=1; extra == 'x'\nProvides-Extra: x\n\
    Keywords: a,b\nPlatform: linux\nPlatform: any\nDescription-Content-Type: text/markdown\n\
    \n# Héllo\n";

/// Every key that PyPI's `info` has.
const INFO: [&str; 30] = [
    "author",
    "author_email",
    "bugtrack_url",
    "classifiers",
    "description",
    "description_content_type",
    "docs_url",
    "download_url",
    "downloads",
    "dynamic",
    "home_page",
    "keywords",
    "license",
    "license_expression",
    "license_files",
    "maintainer",
    "maintainer_email",
    "name",
    "package_url",
    "platform",
    "project_url",
    "project_urls",
    "provides_extra",
    "release_url",
    "requires_dist",
    "requires_python",
    "summary",
    "version",
    "yanked",
    "yanked_reason",
];

fn of(server: &Server, path: &str) -> Value {
    server.get(path).send().expect(200).json()
}

fn a_release_has_all_that_its_metadata_says(backend: Backend) {
    let server = Server::start(backend);
    let dist = Dist::wheel_with("Foo.Bar", "1.0", METADATA, "");
    server.upload(&dist).send().expect(200);
    let reply = server.get("/pypi/foo-bar/1.0/json").send().expect(200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let page = reply.json();
    let info = page["info"].as_object().unwrap();
    for key in INFO {
        assert!(info.contains_key(key), "{key}");
    }
    assert_eq!(info.len(), INFO.len());
    let base = server.url();
    for (key, expected) in [
        ("name", json!("Foo.Bar")),
        ("version", json!("1.0")),
        ("summary", json!("A test")),
        ("description", json!("# Héllo")),
        ("description_content_type", json!("text/markdown")),
        ("author", Value::Null),
        ("author_email", json!("Ada <ada@example.org>")),
        ("classifiers", json!(["Topic :: A", "Topic :: B"])),
        ("requires_dist", json!(["six", "attrs>=1; extra == 'x'"])),
        ("provides_extra", json!(["x"])),
        ("requires_python", json!(">=3.8")),
        ("platform", json!("linux, any")),
        ("keywords", json!("a,b")),
        ("dynamic", Value::Null),
        ("downloads", json!({"last_day": 0, "last_month": 0, "last_week": 0})),
        (
            "project_urls",
            json!({"Docs": "https://docs.example.org/", "Homepage": "https://example.org/"}),
        ),
        ("package_url", json!(format!("{base}/project/foo-bar/"))),
        ("release_url", json!(format!("{base}/project/foo-bar/1.0/"))),
        ("yanked", json!(false)),
        ("yanked_reason", Value::Null),
    ] {
        assert_eq!(info[key], expected, "{key}");
    }
    assert_eq!(page.get("releases"), None);
    assert_eq!(page["vulnerabilities"], json!([]));
    let roles = json!({"organization": null, "roles": [{"role": "Owner", "user": "ada"}]});
    assert_eq!(page["ownership"], roles);
    assert_eq!(reply.header("x-pypi-last-serial").unwrap(), page["last_serial"].to_string());
    file_is_complete(&server, &page["urls"][0], &dist);
}

fn file_is_complete(server: &Server, file: &Value, dist: &Dist) {
    let simple = &server.page("foo-bar")["files"][0];
    let url = file["url"].as_str().unwrap();
    let path = url.strip_prefix(&server.url()).unwrap();
    assert!(path.starts_with("/packages/"), "{url}");
    assert_eq!(server.get(path).send().expect(200).body, dist.bytes);
    let md5 = file["md5_digest"].as_str().unwrap();
    assert_eq!(file["digests"]["md5"], md5);
    assert_eq!(file["digests"]["sha256"], dist.sha256());
    assert_eq!(file["digests"]["blake2b_256"].as_str().unwrap().len(), 64);
    assert_eq!(file["core-metadata"], simple["core-metadata"]);
    assert_eq!(file["upload_time_iso_8601"], simple["upload-time"]);
    let seconds = file["upload_time"].as_str().unwrap();
    assert!(simple["upload-time"].as_str().unwrap().starts_with(seconds), "{seconds}");
    for (key, expected) in [
        ("filename", json!(dist.filename)),
        ("packagetype", json!("bdist_wheel")),
        ("python_version", json!("py3")),
        ("has_sig", json!(false)),
        ("comment_text", json!("")),
        ("size", json!(dist.bytes.len())),
        ("downloads", json!(-1)),
        ("requires_python", json!(">=3.8")),
        ("yanked", json!(false)),
        ("yanked_reason", Value::Null),
    ] {
        assert_eq!(file[key], expected, "{key}");
    }
}

fn a_project_shows_its_latest_release_and_lists_all(backend: Backend) {
    let server = Server::start(backend);
    for version in ["1.0", "1.10", "2.0rc1"] {
        server.upload(&Dist::wheel("foo", version)).send().expect(200);
    }
    let sdist = Dist::sdist("foo", "1.10");
    server.upload(&sdist).send().expect(200);
    server.ok(&["project", "delete", "foo", "--file", "foo-1.0-py3-none-any.whl", "--yes"]);
    let page = of(&server, "/pypi/foo/json");
    assert_eq!(page["info"]["version"], "1.10");
    let names: Vec<_> =
        page["urls"].as_array().unwrap().iter().map(|file| &file["filename"]).collect();
    assert_eq!(names, ["foo-1.10-py3-none-any.whl", sdist.filename.as_str()]);
    assert_eq!(page["urls"][1]["python_version"], "source");
    assert_eq!(page["urls"][1]["core-metadata"], false);
    let releases = page["releases"].as_object().unwrap();
    assert_eq!(releases.keys().collect::<Vec<_>>(), ["1.0", "1.10", "2.0rc1"]);
    assert_eq!(releases["1.0"], json!([]));
    assert_eq!(releases["1.10"], page["urls"]);
    assert_eq!(releases["2.0rc1"][0]["filename"], "foo-2.0rc1-py3-none-any.whl");
}

fn yanked_is_what_is_yanked_itself_or_with_its_release(backend: Backend) {
    let server = Server::start(backend);
    for version in ["1.0", "1.1"] {
        server.upload(&Dist::wheel("foo", version)).send().expect(200);
    }
    server.ok(&["project", "yank", "foo", "1.1", "--reason", "it burns"]);
    let latest = of(&server, "/pypi/foo/json");
    assert_eq!(latest["info"]["version"], "1.0");
    let yanked = of(&server, "/pypi/foo/1.1/json");
    for place in [&yanked["info"], &yanked["urls"][0], &latest["releases"]["1.1"][0]] {
        assert_eq!(place["yanked"], true);
        assert_eq!(place["yanked_reason"], "it burns");
    }
    assert_eq!(latest["urls"][0]["yanked"], false);
}

fn answers_can_be_revalidated(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    for path in ["/pypi/foo/json", "/pypi/foo/json/", "/pypi/foo/1.0/json", "/pypi/foo/1.0/json/"] {
        let first = server.get(path).send().expect(200);
        assert_eq!(first.header("cache-control"), Some("no-cache"));
        assert_eq!(first.header("access-control-allow-origin"), Some("*"));
        let exposed = first.header("access-control-expose-headers");
        assert_eq!(exposed, Some("X-PyPI-Last-Serial"));
        let etag = first.header("etag").unwrap();
        let again = server.get(path).header("If-None-Match", etag).send().expect(304);
        assert_eq!(again.body.len(), 0);
        for name in ["etag", "x-pypi-last-serial", "cache-control"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
        }
        let head = server.request("HEAD", path).send().expect(200);
        assert_eq!(head.body.len(), 0);
        for name in ["etag", "content-type", "content-length", "x-pypi-last-serial"] {
            assert_eq!(head.header(name), first.header(name), "{name}");
        }
        let version = format!("2.{}", path.len());
        server.upload(&Dist::sdist("foo", &version)).send().expect(200);
        server.get(path).header("If-None-Match", etag).send().expect(200);
    }
}

fn names_and_versions_in_any_spelling(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo-bar", "1.0")).send().expect(200);
    server.upload(&Dist::wheel("foo-bar", "1!2.0+local.1")).send().expect(200);
    for (path, to) in [
        ("/pypi/Foo_Bar/json?x=1", "/pypi/foo-bar/json?x=1"),
        ("/pypi/foo.bar/1.0.0/json/", "/pypi/foo-bar/1.0.0/json"),
        ("/pypi/foo-bar", "/project/foo-bar/"),
        ("/pypi/Foo.bar/", "/project/foo-bar/"),
        ("/pypi/Foo.bar/1.0", "/project/foo-bar/1.0/"),
        ("/pypi/foo-bar/v1.0/", "/project/foo-bar/1.0/"),
    ] {
        let reply = server.get(path).send().expect(301);
        assert_eq!(reply.header("location"), Some(to), "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    for version in ["1", "1.0.0", "v1.0", "01.0"] {
        let page = of(&server, &format!("/pypi/foo-bar/{version}/json"));
        assert_eq!(page["info"]["version"], "1.0", "{version}");
    }
    for version in ["1!2.0+local.1", "1%212%2Blocal.1"] {
        let page = of(&server, &format!("/pypi/foo-bar/{version}/json"));
        assert_eq!(page["info"]["version"], "1!2.0+local.1", "{version}");
    }
}

fn what_is_not_there_is_not_found_in_json(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    server.upload(&Dist::wheel("bad", "1.0")).send().expect(200);
    server.ok(&["project", "status", "bad", "quarantined"]);
    let long = "a".repeat(10_000);
    for path in [
        "/pypi/nothing/json",
        "/pypi/-bad-/json",
        "/pypi/%ff/json",
        "/pypi/a%00b/json",
        "/pypi/a%2Fb/json",
        "/pypi/foo/2.0/json",
        "/pypi/foo/x/json",
        "/pypi/foo/%ff/json",
        "/pypi/bad/json",
        "/pypi/bad/1.0/json",
        &format!("/pypi/{long}/json"),
        &format!("/pypi/foo/{long}/json"),
    ] {
        let reply = server.get(path).send().expect(404);
        assert_eq!(reply.header("content-type"), Some("application/json"), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{path}");
        assert_eq!(reply.json(), json!({"message": "Not Found"}), "{path}");
    }
    for path in ["/pypi/a%00b/", "/pypi/%ff", "/pypi/foo/x/", "/pypi/foo/1.0/json/x"] {
        server.get(path).send().expect(404);
    }
    server.request("POST", "/pypi/foo/json").send();
    let faults = server.log().into_iter().filter(|line| line.contains("ERROR"));
    assert_eq!(faults.collect::<Vec<_>>(), [] as [String; 0]);
}

fn urls_are_those_of_the_public_address(backend: Backend) {
    let url = [("CHEESESHOP_PUBLIC_URL", "https://example.org/py/")];
    let server = Server::start_with(backend, &url);
    server.upload(&Dist::wheel("foo", "1.0")).path("/py/legacy/").send().expect(200);
    let page = of(&server, "/py/pypi/foo/json");
    let file = page["urls"][0]["url"].as_str().unwrap();
    assert!(file.starts_with("https://example.org/py/packages/"), "{file}");
    assert_eq!(page["info"]["project_url"], "https://example.org/py/project/foo/");
    let redirect = server.get("/py/pypi/Foo/json").send().expect(301);
    assert_eq!(redirect.header("location"), Some("/py/pypi/foo/json"));
}

fn a_private_index_keeps_it_to_itself(backend: Backend) {
    let server = Server::start_with(backend, &[("CHEESESHOP_PRIVATE", "true")]);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    for path in [
        "/pypi/foo/json",
        "/pypi/foo/1.0/json",
        "/pypi/nothing/json",
        "/rss/updates.xml",
        "/rss/packages.xml",
        "/rss/project/foo/releases.xml",
        "/pypi?:action=list_classifiers",
        "/pypi/foo/",
    ] {
        let reply = server.get(path).send().expect(401);
        assert!(reply.header("www-authenticate").unwrap().starts_with("Basic "), "{path}");
    }
    server.request("POST", "/pypi").header("Content-Type", "text/xml").send().expect(401);
    let reply = server.get("/pypi/foo/json").basic("ada", PASSWORD).send().expect(200);
    assert_eq!(reply.header("cache-control"), Some("private, no-cache"));
}
