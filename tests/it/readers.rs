//! Real clients that read: what they install, lock and download, and by which requests.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::clients::{client, succeed};
use crate::support::{Backend, Dist, Server, eventually, on_both, prepared};

on_both!(
    pip_installs_locks_and_lists,
    pip_leaves_out_what_is_too_young_or_yanked,
    uv_locks_and_syncs_a_project,
    uv_leaves_out_what_is_too_young,
    resolving_reads_metadata_and_no_wheel,
    a_second_run_is_answered_by_304,
    pages_travel_compressed,
    pip_resumes_a_download_that_broke_off,
);

/// Between the two uploads of `lib`.
const BETWEEN: &str = "2024-06-01T00:00:00Z";

/// An index whose log can be read by [`since_now`] and [`asked`]: with more workers, lines of one that are
/// late would stand behind those of another.
fn logging_in_order(backend: Backend) -> Server {
    Server::start_with(backend, &[("CHEESESHOP_WORKERS", "1")])
}

/// An index with `app`, which needs `lib`, of which there is an old version and a new one.
fn started(backend: Backend) -> Server {
    let server = logging_in_order(backend);
    let needs = "Requires-Python: >=3.8\nRequires-Dist: lib>=1.0\n";
    for dist in [
        Dist::wheel_with("app", "1.0", needs, "import lib"),
        Dist::wheel("lib", "1.0"),
        Dist::wheel("lib", "2.0"),
    ] {
        server.upload(&dist).send().expect(200);
    }
    // No page was read yet, so none is kept that says otherwise.
    server.sql(
        "UPDATE files SET uploaded_at = '2024-01-01 00:00:00';
         UPDATE files SET uploaded_at = '2024-12-01 00:00:00' WHERE filename LIKE 'lib-2.0%'",
    );
    server
}

fn index(server: &Server) -> String {
    format!("{}/simple/", server.url())
}

/// pip with a command and this index.
fn pip(server: &Server, arguments: &[&str]) -> Command {
    let mut pip = client("pip", server.scratch());
    pip.args(arguments).args(["--index-url", &index(server), "--disable-pip-version-check"]);
    pip
}

/// uv with a command, this index, and the Python of the tests.
fn uv(server: &Server, arguments: &[&str]) -> Command {
    let mut uv = client("uv", server.scratch());
    let python = prepared("TEST_CLIENTS").join("python");
    uv.args(arguments).env("UV_DEFAULT_INDEX", index(server)).env("UV_PYTHON", python);
    uv.env("UV_PYTHON_DOWNLOADS", "never");
    uv
}

fn folder(server: &Server, name: &str) -> PathBuf {
    let folder = server.scratch().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = entries.map(|it| name(it).into_string().unwrap()).collect();
    names.sort();
    names
}

/// A request as the server's log has it.
#[derive(Debug)]
struct Asked {
    path: String,
    status: u16,
    bytes: usize,
}

/// How many lines the log has before those of requests from now on. What was answered a moment ago need
/// not be in it yet.
fn since_now(server: &Server) -> usize {
    static MARKS: AtomicUsize = AtomicUsize::new(0);
    let mark = format!("/mark/{}/", MARKS.fetch_add(1, Ordering::Relaxed));
    server.get(&mark).send().expect(404);
    let place = || server.log().iter().position(|it| it.contains(&mark));
    eventually("the log is written", || place().is_some());
    // (It is in the log by now.)
    place().unwrap() + 1
}

/// What was asked for from the `since`th line of the log on, up to now.
fn asked(server: &Server, since: usize) -> Vec<Asked> {
    let now = since_now(server);
    let field = |line: &str, name: &str| {
        let (_, rest) = line.split_once(&format!(" {name}="))?;
        Some(rest.split(' ').next()?.trim_matches('"').to_owned())
    };
    let read = |line: &String| {
        let path = field(line, "path")?;
        let status = field(line, "status")?.parse().ok()?;
        let bytes = field(line, "bytes")?.parse().ok()?;
        Some(Asked { path, status, bytes })
    };
    let mut asked: Vec<_> = server.log()[since..now].iter().filter_map(read).collect();
    asked.retain(|it| !it.path.starts_with("/mark/"));
    asked
}

fn pip_installs_locks_and_lists(backend: Backend) {
    let server = started(backend);
    let target = folder(&server, "site");
    succeed(&mut pip(&server, &["install", "--target", target.to_str().unwrap(), "app"]));
    assert!(target.join("app.py").exists() && target.join("lib-2.0.dist-info").exists());
    let listed = succeed(&mut pip(&server, &["index", "versions", "lib"]));
    assert!(listed.contains("Available versions: 2.0, 1.0"), "{listed}");
    succeed(&mut pip(&server, &["lock", "--output", "pylock.toml", "app"]));
    let lock = std::fs::read_to_string(server.scratch().join("pylock.toml")).unwrap();
    for project in ["app", "lib"] {
        let page = server.page(project);
        let file = page["files"].as_array().unwrap().last().unwrap();
        for (key, value) in [("sha256", &file["hashes"]["sha256"]), ("url", &file["url"])] {
            assert!(lock.contains(value.as_str().unwrap()), "{key} of {project} is not in {lock}");
        }
    }
    assert!(lock.contains(&server.url()), "the URLs are not absolute: {lock}");
    let again = folder(&server, "again");
    let target = again.to_str().unwrap();
    let arguments = ["install", "--requirement", "pylock.toml", "--target", target];
    succeed(&mut pip(&server, &arguments));
    assert!(again.join("app.py").exists() && again.join("lib-2.0.dist-info").exists());
}

fn pip_leaves_out_what_is_too_young_or_yanked(backend: Backend) {
    let server = started(backend);
    let download = |requirement: &str, more: &[&str]| {
        let place = folder(&server, "downloads");
        let destination = ["download", "--no-deps", "--dest", place.to_str().unwrap(), requirement];
        let said = succeed(&mut pip(&server, &[&destination, more].concat()));
        let got = names_in(&place);
        std::fs::remove_dir_all(place).unwrap();
        (got, said)
    };
    let old = ["lib-1.0-py3-none-any.whl"];
    let new = ["lib-2.0-py3-none-any.whl"];
    assert_eq!(download("lib", &[]).0, new);
    assert_eq!(download("lib", &["--uploaded-prior-to", BETWEEN]).0, old);
    server.ok(&["project", "yank", "lib", "2.0", "--reason", "eats the data"]);
    eventually("it is yanked", || server.page("lib")["files"][1]["yanked"] == "eats the data");
    assert_eq!(download("lib", &[]).0, old);
    let (got, said) = download("lib==2.0", &[]);
    assert_eq!(got, new);
    assert!(said.contains("eats the data"), "{said}");
    // Without a reason it is no less yanked.
    server.ok(&["project", "yank", "lib", "2.0"]);
    eventually("the reason is gone", || server.page("lib")["files"][1]["yanked"] == true);
    assert_eq!(download("lib", &[]).0, old);
    // Also by the HTML page, which is what an old pip reads.
    let html = server.get("/simple/lib/").send().expect(200).text();
    assert!(html.contains("data-yanked=\"\""), "{html}");
}

/// A project whose dependencies are to be locked.
fn project(server: &Server) -> PathBuf {
    let project = folder(server, "project");
    let text = "[project]\nname = \"mine\"\nversion = \"1\"\nrequires-python = \">=3.8\"\n\
                dependencies = [\"app\"]\n";
    std::fs::write(project.join("pyproject.toml"), text).unwrap();
    project
}

fn uv_locks_and_syncs_a_project(backend: Backend) {
    let server = started(backend);
    let project = project(&server);
    succeed(uv(&server, &["lock"]).current_dir(&project));
    let lock = std::fs::read_to_string(project.join("uv.lock")).unwrap();
    for (name, version) in [("app", "1.0"), ("lib", "2.0")] {
        assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"")), "{lock}");
        let page = server.page(name);
        let file = page["files"].as_array().unwrap().last().unwrap();
        let digest = file["hashes"]["sha256"].as_str().unwrap();
        assert!(lock.contains(&format!("hash = \"sha256:{digest}\"")), "{lock}");
        assert!(lock.contains(&format!("size = {}", file["size"])), "{lock}");
        assert!(lock.contains("upload-time = \"2024-"), "{lock}");
    }
    succeed(uv(&server, &["sync", "--locked"]).current_dir(&project));
    let site = project.join(".venv/lib/python3.11/site-packages");
    assert!(site.join("app.py").exists() && site.join("lib-2.0.dist-info").exists());
    // What is locked is installed, also when it is yanked afterwards.
    server.ok(&["project", "yank", "lib", "2.0", "--reason", "eats the data"]);
    eventually("it is yanked", || server.page("lib")["files"][1]["yanked"] == "eats the data");
    std::fs::remove_dir_all(project.join(".venv")).unwrap();
    succeed(uv(&server, &["sync", "--locked", "--no-cache"]).current_dir(&project));
    assert!(site.join("lib-2.0.dist-info").exists());
    let lib = folder(&server, "site");
    let target = ["pip", "install", "--target", lib.to_str().unwrap(), "lib"];
    succeed(&mut uv(&server, &target));
    assert!(lib.join("lib-1.0.dist-info").exists());
}

fn uv_leaves_out_what_is_too_young(backend: Backend) {
    let server = started(backend);
    let input = server.scratch().join("requirements.in");
    std::fs::write(&input, "app\n").unwrap();
    let compile = |more: &[&str]| {
        let arguments = ["pip", "compile", "--quiet", "requirements.in"];
        succeed(&mut uv(&server, &[&arguments, more].concat()))
    };
    assert!(compile(&[]).contains("lib==2.0"));
    assert!(compile(&["--exclude-newer", BETWEEN]).contains("lib==1.0"));
    let project = project(&server);
    succeed(uv(&server, &["lock", "--exclude-newer", BETWEEN]).current_dir(&project));
    let lock = std::fs::read_to_string(project.join("uv.lock")).unwrap();
    assert!(lock.contains("name = \"lib\"\nversion = \"1.0\""), "{lock}");
}

fn resolving_reads_metadata_and_no_wheel(backend: Backend) {
    let server = started(backend);
    std::fs::write(server.scratch().join("requirements.in"), "app\n").unwrap();
    let commands = [
        uv(&server, &["pip", "compile", "requirements.in"]),
        pip(&server, &["install", "--dry-run", "--ignore-installed", "--no-cache-dir", "app"]),
        pip(&server, &["lock", "--no-cache-dir", "--output", "-", "app"]),
    ];
    for mut command in commands {
        let since = since_now(&server);
        let said = succeed(&mut command);
        assert!(said.contains("2.0"), "{said}");
        let files: Vec<_> = asked(&server, since)
            .into_iter()
            .filter(|it| it.path.starts_with("/packages/"))
            .collect();
        for stem in ["/app-1.0-py3-none-any.whl", "/lib-2.0-py3-none-any.whl"] {
            let metadata = format!("{stem}.metadata");
            assert!(files.iter().any(|it| it.path.ends_with(&metadata)), "{files:?}");
            assert!(!files.iter().any(|it| it.path.ends_with(stem)), "{command:?} {files:?}");
        }
    }
}

fn a_second_run_is_answered_by_304(backend: Backend) {
    let server = started(backend);
    std::fs::write(server.scratch().join("requirements.in"), "app\n").unwrap();
    // pip keeps what comes over plain HTTP only from hosts that it is told to trust.
    let trusted = ["install", "--dry-run", "--ignore-installed", "--trusted-host", "127.0.0.1"];
    let by_uv = || uv(&server, &["pip", "compile", "requirements.in"]);
    let by_pip = || pip(&server, &[&trusted[..], &["app"]].concat());
    for run in [&by_uv as &dyn Fn() -> Command, &by_pip] {
        let first = since_now(&server);
        succeed(&mut run());
        let second = since_now(&server);
        let asked_first = asked(&server, first);
        assert!(asked_first.iter().all(|it| it.status == 200), "{asked_first:?}");
        succeed(&mut run());
        let again: Vec<_> = asked(&server, second)
            .into_iter()
            .filter(|it| it.path.starts_with("/simple/"))
            .collect();
        // Pages are asked about each time, and files, which never change, not at all.
        assert_eq!(again.len(), 2, "{again:?}");
        assert!(again.iter().all(|it| (it.status, it.bytes) == (304, 0)), "{again:?}");
        // A new version shows at once, through every cache.
        let last = server.page("lib")["versions"].as_array().unwrap().len();
        let version = format!("{}.0", last + 1);
        server.upload(&Dist::wheel("lib", &version)).send().expect(200);
        let said = succeed(&mut run());
        assert!(said.contains(&version), "{version} is not in {said}");
    }
}

fn pages_travel_compressed(backend: Backend) {
    let server = logging_in_order(backend);
    // Enough that each encoding is worth it.
    for minor in 0..20 {
        server.upload(&Dist::wheel("foo", &format!("1.{minor}"))).send().expect(200);
    }
    let length = |encoding: &str| {
        let request = server.get("/simple/foo/").header("Accept-Encoding", encoding);
        let accept = "application/vnd.pypi.simple.v1+json";
        request.header("Accept", accept).send().expect(200).body.len()
    };
    let plain = length("identity");
    eventually("the page is compressed", || length("zstd") < plain && length("gzip") < plain);
    let (gzip, zstd) = (length("gzip"), length("zstd"));
    assert_ne!(gzip, zstd);
    let dry = ["install", "--dry-run", "--ignore-installed", "--no-cache-dir", "foo"];
    for (mut command, expected) in [
        (pip(&server, &dry), [gzip, zstd].as_slice()),
        (uv(&server, &["pip", "install", "--dry-run", "--target", "x", "foo"]), &[zstd]),
    ] {
        let since = since_now(&server);
        let said = succeed(&mut command);
        assert!(said.contains("1.19"), "{said}");
        let asked = asked(&server, since);
        let page = asked.iter().find(|it| it.path == "/simple/foo/").unwrap();
        assert!(expected.contains(&page.bytes), "{page:?}, not one of {expected:?}");
    }
}

/// The bytes after which the connection of a client breaks off.
const CUT: usize = 300_000;

/// Passes connections on to the server; from the first one that brings more than [`CUT`] bytes to
/// the client nothing more comes then. Returns its address.
fn breaking_proxy(server: &Server) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let behind = server.address();
    std::thread::spawn(move || {
        let mut is_to_break = true;
        for client in listener.incoming() {
            let (Ok(client), Ok(behind)) = (client, TcpStream::connect(behind)) else { return };
            let up = (client.try_clone().unwrap(), behind.try_clone().unwrap());
            std::thread::spawn(move || pass(up.0, up.1, usize::MAX));
            // One after another: pip asks for one thing at a time.
            let limit = if is_to_break { CUT } else { usize::MAX };
            is_to_break &= !pass(behind, client, limit);
        }
    });
    address.to_string()
}

/// Passes bytes on until there are no more, or too many; returns whether there were too many.
fn pass(mut from: TcpStream, mut to: TcpStream, limit: usize) -> bool {
    let mut passed = 0;
    let mut buffer = [0; 16 * 1024];
    let is_over = loop {
        match from.read(&mut buffer) {
            Ok(count) if count > 0 && passed < limit => {
                passed += count;
                if to.write_all(&buffer[..count]).is_err() {
                    break false;
                }
            }
            read => break read.is_ok_and(|count| count > 0),
        }
    };
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
    is_over
}

fn pip_resumes_a_download_that_broke_off(backend: Backend) {
    let server = logging_in_order(backend);
    let dist = Dist::noisy_wheel("foo", "1.0", 2_000_000);
    server.upload(&dist).send().expect(200);
    let proxy = breaking_proxy(&server);
    let since = since_now(&server);
    let mut pip = client("pip", server.scratch());
    pip.args(["download", "--no-deps", "--no-cache-dir", "--dest", "got", "foo"]);
    pip.args(["--index-url", &format!("http://{proxy}/simple/")]);
    succeed(&mut pip);
    let got = std::fs::read(server.scratch().join("got").join(&dist.filename)).unwrap();
    assert!(got == dist.bytes, "the wheel came back different");
    let asked = asked(&server, since);
    let parts: Vec<_> = asked.iter().filter(|it| it.path.ends_with(&dist.filename)).collect();
    let statuses: Vec<_> = parts.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [200, 206], "{asked:?}");
    // Not from the beginning.
    assert!(parts[1].bytes < dist.bytes.len() - CUT / 2, "{parts:?}");
}
