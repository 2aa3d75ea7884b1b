//! Filling ahead: `mirror fetch`, and `mirror status`.

use std::process::Output;

use serde_json::{Value, json};

use super::{UPSTREAM, files, mirror, mirror_with};
use crate::support::provider::Said;
use crate::support::upstream::page_path;
use crate::support::{Backend, Dist, Server, Upstream, on_both};

on_both!(
    names_are_fetched_once_and_pinned,
    requirements_are_fetched_as_they_are_pinned,
    lock_files_are_fetched_exactly,
    what_cannot_be_had_is_said,
    only_the_wanted_kinds_are_fetched,
    an_isolated_index_serves_what_was_fetched,
    the_status_says_how_it_stands,
);

/// A data folder with accounts whose server does not run.
fn prepared(backend: Backend, upstream: &Upstream, more: &[(&str, &str)]) -> Server {
    let url = upstream.url();
    Server::prepare(backend, &[&[(UPSTREAM, url.as_str())], more].concat())
}

fn fetch(server: &Server, arguments: &[&str]) -> Output {
    server.run_command(&[&["mirror", "fetch"], arguments].concat(), "")
}

/// The last line of a fetch that brings everything.
#[track_caller]
fn fetched(server: &Server, arguments: &[&str]) -> String {
    let output = fetch(server, arguments);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {words}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// What a fetch complains about that does not bring everything.
#[track_caller]
fn complaints(server: &Server, arguments: &[&str]) -> String {
    let output = fetch(server, arguments);
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{words}");
    words
}

fn status(server: &Server) -> Value {
    serde_json::from_str(&server.ok(&["mirror", "status", "--json"])).unwrap()
}

fn write(server: &Server, name: &str, text: &str) -> String {
    let path = server.scratch().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn names_are_fetched_once_and_pinned(backend: Backend) {
    let upstream = Upstream::start();
    let old = upstream.add(&Dist::wheel("foo", "1.0"));
    let wheel = Dist::wheel("foo", "2.0");
    let path = upstream.add(&wheel);
    upstream.add(&Dist::wheel("foo", "3.0rc1"));
    upstream.add(&Dist::sdist("bar", "1.0"));
    let server = prepared(backend, &upstream, &[]);
    let said = fetched(&server, &["Foo", "bar>=1,<2"]);
    assert!(said.starts_with("2 fetched, 0 already there (") && said.ends_with("0 not to be had"));
    assert_eq!((upstream.asked_for(&path), upstream.asked_for(&old)), (1, 0));
    let known = status(&server);
    assert_eq!((&known["files"], &known["pinned"]), (&json!(2), &json!(2)));
    // Again, and for others that want the same, nobody is asked.
    let asked = upstream.asked().len();
    assert!(fetched(&server, &["foo==2", "bar"]).starts_with("0 fetched, 2 already there"));
    assert_eq!(upstream.asked().len(), asked);
    assert!(fetched(&server, &["foo", "--all-versions", "--pre", "--no-pin"]).starts_with("2 f"));
    assert_eq!(status(&server)["pinned"], 2);
    // A server beside it serves what was fetched.
    let mut server = server;
    server.run();
    let asked = upstream.asked().len();
    let url = server.page("foo")["files"][1]["url"].as_str().unwrap().to_owned();
    let reply = server.get(&url).send().expect(200);
    assert_eq!(reply.body, wheel.bytes);
    assert!(fetched(&server, &["foo==1.0"]).starts_with("0 fetched"));
    assert_eq!(upstream.asked().len(), asked);
}

fn requirements_are_fetched_as_they_are_pinned(backend: Backend) {
    let upstream = Upstream::start();
    let (one, two) = (Dist::wheel("foo", "1.0"), Dist::sdist("foo", "1.0"));
    upstream.add(&one);
    let other = upstream.add(&two);
    for name in ["bar", "baz", "nested"] {
        for version in ["1.0", "2.0"] {
            upstream.add(&Dist::wheel(name, version));
        }
    }
    let server = prepared(backend, &upstream, &[]);
    let pin = one.sha256();
    let path = write(
        &server,
        "in/requirements.txt",
        &format!(
            "# what we need\n\
             foo==1.0 \\\n    --hash=sha256:{pin}  # only the wheel\n\
             bar[x] >= 1 ; python_version > \"3\"\n\
             -r more/nested.txt\n-c constraints.txt\n--index-url https://example.invalid/simple\n"
        ),
    );
    write(&server, "in/more/nested.txt", "-r ../requirements.txt\nnested\n");
    write(&server, "in/constraints.txt", "bar<2\nnested==1.0\nbaz==2.0\n");
    let output = fetch(&server, &["-r", &path]);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words}");
    assert!(words.contains("line 7: --index-url https://example.invalid/simple has no meaning"));
    for name in [&one.filename, "bar-1.0-py3-none-any.whl", "nested-1.0-py3-none-any.whl"] {
        assert!(words.contains(&format!("{name}: fetched")), "{name}: {words}");
    }
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("3 fetched"));
    assert_eq!((upstream.asked_for(&other), upstream.asked_about("baz")), (0, 0));
    // What is not what was pinned is not taken for it, also where the index says nothing.
    let wrong = format!("foo==1.0 --hash=sha256:{}", Dist::wheel("x", "1").sha256());
    let path = write(&server, "wrong.txt", &wrong);
    assert!(complaints(&server, &["-r", &path]).contains("has one of the hashes"));
    let silent = Dist::wheel("silent", "1.0");
    upstream.add_with(&silent, crate::support::upstream::Listed::without_hashes);
    let path = write(&server, "silent.txt", &wrong.replace("foo", "silent"));
    let words = complaints(&server, &["-r", &path]);
    assert!(words.contains(&format!("its SHA-256 is {}", silent.sha256())), "{words}");
    let path = write(&server, "all.txt", "--require-hashes\nbar==1.0\n");
    assert!(complaints(&server, &["-r", &path]).contains("it has no hash"));
}

fn lock_files_are_fetched_exactly(backend: Backend) {
    let upstream = Upstream::start();
    let (wheel, sdist) = (Dist::wheel("foo", "1.0"), Dist::sdist("foo", "1.0"));
    upstream.add(&wheel);
    upstream.add(&sdist);
    upstream.add(&Dist::wheel("foo", "2.0"));
    let server = prepared(backend, &upstream, &[]);
    let uv = format!(
        "version = 1\n[[package]]\nname = \"mine\"\nversion = \"1\"\nsource = {{ virtual = \".\" }}\n\
         [[package]]\nname = \"foo\"\nversion = \"1.0\"\n\
         source = {{ registry = \"https://example.invalid/simple\" }}\n\
         wheels = [{{ url = \"https://example.invalid/a/{}\", hash = \"sha256:{}\" }}]\n",
        wheel.filename,
        wheel.sha256()
    );
    let path = write(&server, "uv.lock", &uv);
    assert!(fetched(&server, &["-r", &path]).starts_with("1 fetched"));
    let pylock = format!(
        "lock-version = \"1.0\"\ncreated-by = \"test\"\n[[packages]]\nname = \"foo\"\n\
         version = \"1.0\"\n[packages.sdist]\nurl = \"https://example.invalid/{}\"\n\
         hashes = {{ sha256 = \"{}\" }}\n",
        sdist.filename,
        sdist.sha256()
    );
    let path = write(&server, "pylock.toml", &pylock);
    assert!(fetched(&server, &[&path]).starts_with("1 fetched"));
    // Another file under that name, and one that is gone.
    let bad = pylock.replace(&sdist.sha256(), &wheel.sha256());
    let path = write(&server, "pylock.bad.toml", &bad);
    assert!(complaints(&server, &["-r", &path]).contains("another file under this name"));
    let path = write(&server, "pylock.gone.toml", &pylock.replace("foo-1.0", "foo-9.0"));
    assert!(complaints(&server, &["-r", &path]).contains("no such file"));
    let path = write(&server, "pylock.later.toml", "lock-version = \"2.0\"");
    assert!(complaints(&server, &["-r", &path]).contains("version 2.0, which is not known"));
}

fn what_cannot_be_had_is_said(backend: Backend) {
    let upstream = Upstream::start();
    let gone = upstream.add(&Dist::wheel("gone", "1.0"));
    upstream.say(&gone, Said::new(404, ""));
    upstream.add(&Dist::wheel("good", "1.0"));
    upstream.say(&page_path("broken"), Said::new(500, ""));
    let server = mirror_with(backend, &upstream, &[("CHEESESHOP_MIRROR__DENY", "evil-*")]);
    server.upload(&Dist::wheel("own", "1.0")).send().expect(200);
    let path = write(&server, "r.txt", "-e .\nfoo @ https://example.invalid/foo.whl\ngood\n");
    let names = ["gone", "broken", "unknown", "own", "evil-x", "good>=2"];
    let words = complaints(&server, &[&names[..], &["-r", &path]].concat());
    for part in [
        "gone-1.0-py3-none-any.whl (command line): it answers 404",
        "broken (command line): ",
        "unknown (command line): no index has it",
        "own: hosted here, nothing to fetch",
        "evil-x (command line): it may not be taken from elsewhere",
        "good (command line): no version fits",
        "line 1): it is a URL or a path",
        "line 2): it is a URL or a path",
        "good-1.0-py3-none-any.whl: fetched",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert!(upstream.names_asked().iter().all(|name| name != "own" && name != "evil-x"));
    for (arguments, code, words) in [
        (&["foo bar"][..], 2, "\"foo bar\": it is no requirement"),
        (&["foo", "--python", "x"], 2, "not a version of Python"),
        (&["-r", "/nowhere/r.txt"], 1, "reading /nowhere/r.txt"),
    ] {
        let output = fetch(&server, arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(words), "{said}");
    }
    let none = Server::prepare(backend, &[]);
    assert!(complaints(&none, &["foo"]).contains("mirror.upstream is not set"));
}

fn only_the_wanted_kinds_are_fetched(backend: Backend) {
    let upstream = Upstream::start();
    let wheel = |tags: &str| {
        let dist = Dist::wheel("foo", "1.0");
        let filename = dist.filename.replace("py3-none-any", tags);
        upstream.add(&Dist { filename, ..dist })
    };
    let windows = wheel("cp312-cp312-win_amd64");
    let linux = wheel("cp312-cp312-manylinux_2_17_x86_64");
    let old = wheel("cp39-cp39-manylinux_2_17_x86_64");
    upstream.add(&Dist::sdist("foo", "1.0"));
    let server = prepared(backend, &upstream, &[]);
    let arguments = ["foo", "--platform", "manylinux*_x86_64", "--python", "3.12", "--no-sdist"];
    assert!(fetched(&server, &arguments).starts_with("1 fetched"));
    let asked = [&windows, &linux, &old].map(|path| upstream.asked_for(path));
    assert_eq!(asked, [0, 1, 0]);
    assert!(fetched(&server, &["foo"]).starts_with("3 fetched, 1 already there"));
}

fn an_isolated_index_serves_what_was_fetched(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::wheel("foo", "1.0");
    let path = crate::support::upstream::path_of(&dist.bytes, &dist.filename);
    let metadata = upstream.add_metadata(&path, b"Metadata-Version: 2.1\nName: foo\n");
    upstream.add_with(&dist, |file| file.core_metadata = metadata);
    upstream.add(&Dist::wheel("foo", "0.9"));
    let mut server = prepared(backend, &upstream, &[]);
    fetched(&server, &["foo"]);
    drop(upstream);
    server.set("CHEESESHOP_MIRROR__OFFLINE", "true");
    assert!(complaints(&server, &["foo"]).contains("mirror.offline is set"));
    server.run();
    let page = server.page("foo");
    assert_eq!(files(&page), [&dist.filename]);
    let url = page["files"][0]["url"].as_str().unwrap();
    assert_eq!(server.get(url).send().expect(200).body, dist.bytes);
    let beside = server.get(&format!("{url}.metadata")).send().expect(200);
    assert_eq!(beside.text(), "Metadata-Version: 2.1\nName: foo\n");
    assert_eq!(status(&server)["offline"], true);
}

fn the_status_says_how_it_stands(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let server = mirror(backend, &upstream);
    let known = status(&server);
    assert_eq!(known["upstreams"][0]["url"], upstream.url());
    // Nothing is known that it could be asked about.
    assert_eq!(known["upstreams"][0]["answers"], Value::Null);
    assert_eq!(upstream.asked(), []);
    fetched(&server, &["foo"]);
    server.ok(&["mirror", "quarantine", "bad", "--version", "1.0", "--reason", "malware"]);
    let known = status(&server);
    assert_eq!(known["upstreams"][0]["answers"], true);
    assert_eq!((&known["pages"], &known["files"]), (&json!(1), &json!(1)));
    let rule = &known["rules"][0];
    assert_eq!((&rule["project"], &rule["version"]), (&json!("bad"), &json!("1.0")));
    assert_eq!((&rule["by"], &rule["reason"]), (&json!("operator"), &json!("malware")));
    let text = server.ok(&["mirror", "status"]);
    for part in ["1 pages, 1 files (1 pinned)", "answers", "quarantine", "bad 1.0", "malware"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    upstream.say(&page_path("foo"), Said::new(503, ""));
    let known = status(&server);
    assert_eq!(known["upstreams"][0]["answers"], false);
    assert!(known["upstreams"][0]["error"].as_str().unwrap().contains("503"));
    server.ok(&["mirror", "release", &rule["id"].to_string()]);
    assert_eq!(status(&server)["rules"], json!([]));
}
