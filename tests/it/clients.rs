//! Real clients with real packages: what goes in by twine and uv comes out by pip and uv, byte
//! for byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Server, eventually, on_both, prepared};

on_both!(
    twine_uploads_and_pip_installs,
    uv_publishes_and_uv_installs,
    clients_show_why_an_upload_is_refused,
);

/// A client that knows no other index and no configuration of this machine.
pub fn client(name: &str, home: &Path) -> Command {
    let mut command = Command::new(prepared("TEST_CLIENTS").join(name));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", home);
    command.env("PIP_CONFIG_FILE", "/dev/null").env("UV_NO_CONFIG", "1").env("NO_COLOR", "1");
    command.env("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring");
    // One line, however long: messages are compared.
    command.env("COLUMNS", "500").current_dir(home);
    command
}

#[track_caller]
pub fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

pub fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// The packages by file name.
fn packages() -> BTreeMap<String, PathBuf> {
    let entries = std::fs::read_dir(prepared("TEST_PACKAGES")).unwrap();
    let named = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_str().unwrap().to_owned(), path)
    };
    let found: BTreeMap<_, _> = entries.map(named).collect();
    assert!(found.len() >= 12, "{found:?}");
    found
}

/// Downloads every package from the index alone by pip and compares the bytes.
fn pip_gets_them_back(server: &Server) {
    let home = server.scratch();
    let folder = home.join("downloaded");
    let index = format!("{}/simple/", server.url());
    for (filename, path) in packages() {
        let stem = filename.trim_end_matches(".tar.gz");
        let parts: Vec<&str> = stem.splitn(3, '-').collect();
        let requirement = format!("{}=={}", parts[0], parts[1]);
        let only = if filename.ends_with(".whl") { "--only-binary" } else { "--no-binary" };
        let mut pip = client("pip", home);
        pip.args([
            "download",
            "--no-cache-dir",
            "--no-deps",
            "--no-build-isolation",
            only,
            ":all:",
        ]);
        pip.args(["--index-url", &index, "--dest", folder.to_str().unwrap(), &requirement]);
        succeed(&mut pip);
        let got = std::fs::read(folder.join(&filename)).unwrap();
        assert!(got == std::fs::read(path).unwrap(), "{filename} came back different");
    }
}

fn twine_uploads_and_pip_installs(backend: Backend) {
    let server = Server::start(backend);
    let token = server.token("ada");
    let mut twine = client("twine", server.scratch());
    let url = format!("{}/legacy/", server.url());
    twine.args(["upload", "--non-interactive", "--disable-progress-bar", "--repository-url", &url]);
    twine.args(["--username", "__token__", "--password", &token]).args(packages().values());
    succeed(&mut twine);
    pip_gets_them_back(&server);
    let home = server.scratch();
    let target = home.join("site");
    let mut pip = client("pip", home);
    pip.args(["install", "--no-cache-dir", "--index-url", &format!("{}/simple/", server.url())]);
    pip.args(["--target", target.to_str().unwrap(), "Jinja2", "zope.interface", "PyYAML", "six"]);
    succeed(&mut pip);
    for module in ["jinja2", "markupsafe", "zope/interface", "yaml", "six.py"] {
        assert!(target.join(module).exists(), "{module} was not installed");
    }
    // Metadata was read beside the wheels: PEP 658.
    let is_metadata = |line: &String| line.contains(".whl.metadata");
    eventually("it is logged", || server.log().iter().any(is_metadata));
}

fn uv_publishes_and_uv_installs(backend: Backend) {
    let server = Server::start(backend);
    let home = server.scratch();
    let index = format!("{}/simple/", server.url());
    let publish = || {
        let mut uv = client("uv", home);
        uv.args(["publish", "--publish-url", &format!("{}/legacy/", server.url())]);
        uv.args(["--check-url", &index, "--username", "ada", "--password", PASSWORD]);
        uv.args(packages().values());
        uv
    };
    succeed(&mut publish());
    // All are there already, which is no error.
    succeed(&mut publish());
    let environment = home.join("environment");
    let python = prepared("TEST_CLIENTS").join("python");
    let target = environment.to_str().unwrap();
    succeed(client("uv", home).args(["venv", "--python", python.to_str().unwrap(), target]));
    let mut uv = client("uv", home);
    uv.args(["pip", "install", "--no-cache", "--index-url", &index, "--only-binary", ":all:"]);
    uv.env("VIRTUAL_ENV", &environment).args([
        "numpy",
        "Jinja2",
        "ruamel.yaml",
        "zope-interface",
        "Babel",
    ]);
    succeed(&mut uv);
    let run = "import numpy, jinja2, babel, ruamel.yaml, zope.interface";
    succeed(Command::new(environment.join("bin/python")).args(["-c", run]));
    pip_gets_them_back(&server);
}

fn clients_show_why_an_upload_is_refused(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let home = server.scratch();
    let dist = Dist::wheel_with("foo", "1.0", "", "other");
    let path = home.join(&dist.filename);
    std::fs::write(&path, &dist.bytes).unwrap();
    let url = format!("{}/legacy/", server.url());
    let mut twine = client("twine", home);
    twine.args(["upload", "--non-interactive", "--disable-progress-bar", "--repository-url", &url]);
    let output =
        twine.args(["--username", "ada", "--password", PASSWORD]).arg(&path).output().unwrap();
    assert!(!output.status.success());
    assert!(said(&output).contains("File already exists"), "{}", said(&output));
    let mut uv = client("uv", home);
    uv.args(["publish", "--publish-url", &url, "--username", "ada", "--password", PASSWORD]);
    let output = uv.arg(&path).output().unwrap();
    assert!(!output.status.success());
    assert!(said(&output).contains("400 File already exists"), "{}", said(&output));
}
