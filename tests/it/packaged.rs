//! Packages of the program: made by the tools that releases are made by, of the binary that the
//! tests drive, and used for real.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::clients::{client, succeed};
use crate::support::{Backend, Server, prepared};

/// What the tests drive.
const BUILT: &str = env!("CARGO_BIN_EXE_cheeseshop");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn file(path: &str) -> PathBuf {
    Path::new(ROOT).join(path)
}

/// A copy of the program without what only debuggers read, under its own name.
fn stripped(folder: &Path) -> PathBuf {
    let copy = folder.join("stripped").join("cheeseshop");
    std::fs::create_dir(folder.join("stripped")).unwrap();
    succeed(Command::new("strip").arg("-o").arg(&copy).arg(BUILT));
    copy
}

/// A command as the administrator of the machine, with namespaces of its own in which it may mount.
fn as_root() -> Command {
    let unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child"];
    let is_root = succeed(Command::new("id").arg("-u")).trim() == "0";
    let mut command = Command::new(if is_root { "env" } else { "sudo" });
    command.args(unshare).args(["--propagation", "private"]);
    command
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Two packages of this version and of a later one.
fn packages(folder: &Path) -> [PathBuf; 2] {
    let target = Path::new(BUILT).ancestors().nth(2).unwrap();
    // They are made by way of files of fixed names, and each test is a process.
    let turn = std::fs::File::create(target.join("packages.lock")).unwrap();
    turn.lock().unwrap();
    [("old.deb", "0.0.1-1"), ("new.deb", "9.0.0-1")].map(|(name, version)| {
        let package = folder.join(name);
        let mut make = Command::new(file("docs/examples/deb.sh"));
        make.current_dir(ROOT).env("CARGO_TARGET_DIR", target).args(["dev", "--quiet", "--fast"]);
        make.args(["--strip", "--no-dbgsym", "--deb-version", version, "--output"]);
        succeed(make.arg(&package));
        package
    })
}

#[test]
fn the_debian_package_is_installed_upgraded_and_removed() {
    let folder = tempfile::Builder::new().prefix("cheese").tempdir().unwrap();
    let [old, new] = packages(folder.path());
    let about = succeed(Command::new("dpkg-deb").arg("--info").arg(&old));
    for part in
        ["Package: cheeseshop", "libc6", "adduser", "ca-certificates", "postinst", "conffiles"]
    {
        assert!(about.contains(part), "{part}: {about}");
    }
    let scratch = folder.path().join("system");
    std::fs::create_dir(&scratch).unwrap();
    let mut steps = as_root();
    steps.arg("sh").arg(file("tests/it/support/deb.sh")).args([&old, &new]);
    let said = succeed(steps.arg(free_port().to_string()).arg(&scratch));
    assert!(said.contains("\n== done\n"), "{said}");
}

#[test]
#[ignore = "needs a whole system with a systemd of its own: tests/run --full makes one"]
fn systemd_runs_the_package() {
    let folder = tempfile::Builder::new().prefix("cheese").tempdir().unwrap();
    let mut steps = as_root();
    steps.args(["--mount-proc", "sh"]).arg(file("tests/it/support/systemd.sh"));
    steps.args(packages(folder.path()));
    let said = succeed(steps.arg(prepared("TEST_SYSTEM")));
    assert!(said.contains("\n== done\n"), "{said}");
}

#[test]
fn the_image_has_what_the_program_needs() {
    let folder = tempfile::Builder::new().prefix("cheese").tempdir().unwrap();
    let image = folder.path().join("image");
    // As root all along: the data folder has another owner.
    let steps = "\"$1\" \"$2\" \"$3\"\n\
        chroot --userspec=10001:10001 \"$3\" /usr/bin/cheeseshop --version\n\
        chroot --userspec=10001:10001 \"$3\" /usr/bin/cheeseshop user add ada --data /data \
        --email ada@example.org --verified --password-stdin\n\
        env CHEESESHOP_DATA=/data CHEESESHOP_LISTEN=\"127.0.0.1:$4\" \
        chroot --userspec=10001:10001 \"$3\" /usr/bin/cheeseshop serve 2>&1 &\n\
        curl --silent --fail --noproxy '*' --retry 30 --retry-delay 1 --retry-connrefused \
        \"http://127.0.0.1:$4/_health/\"\n\
        rm -r \"$3\"";
    let password = folder.path().join("password");
    std::fs::write(&password, "correct horse battery staple\n").unwrap();
    let mut run = as_root();
    run.args(["sh", "-euc", steps, "sh"]).arg(file("docs/examples/image.sh"));
    run.arg(stripped(folder.path())).arg(&image).arg(free_port().to_string());
    let said = succeed(run.stdin(std::fs::File::open(password).unwrap()));
    assert!(said.contains("cheeseshop 0.") && said.contains("OK\n"), "{said}");
    // There is no daemon here that builds images: its recipe is looked at.
    let recipe = file("docs/examples/Dockerfile");
    succeed(Command::new(prepared("TEST_CLIENTS").join("hadolint")).arg(&recipe));
    let taken = std::fs::read_to_string(file("docs/examples/Dockerfile.dockerignore")).unwrap();
    let taken: Vec<&str> = taken.lines().filter_map(|line| line.strip_prefix('!')).collect();
    assert!(taken.iter().all(|path| file(path).exists()), "{taken:?}");
}

#[test]
fn the_wheel_is_uploaded_and_run() {
    let server = Server::start(Backend::Sqlite);
    let home = server.scratch();
    let wheels = home.join("wheels");
    let mut maturin = Command::new(prepared("TEST_CLIENTS").join("maturin"));
    maturin.current_dir(ROOT).args(["build", "--profile", "dev", "--quiet", "--out"]).arg(&wheels);
    // What cargo said to the tests about themselves would have crates built anew that look at it.
    let is_of_a_test = |name: &str| {
        ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_EXE_", "NEXTEST"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    for name in std::env::vars().map(|(name, _)| name).filter(|name| is_of_a_test(name)) {
        maturin.env_remove(name);
    }
    maturin.env("CARGO", file("tests/it/support/cargo")).env("REAL_CARGO", env!("CARGO"));
    maturin.env("BUILT", BUILT).env("STRIPPED", stripped(home));
    maturin.env("CARGO_TARGET_DIR", Path::new(BUILT).ancestors().nth(2).unwrap());
    succeed(&mut maturin);
    let made: Vec<_> = std::fs::read_dir(&wheels).unwrap().map(|it| it.unwrap().path()).collect();
    let [wheel] = made.as_slice() else { panic!("{made:?}") };
    let name = wheel.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("cheeseshop_index-0.") && name.contains("-py3-none-"), "{name}");
    let (legacy, simple) =
        (format!("{}/legacy/", server.url()), format!("{}/simple/", server.url()));
    let mut twine = client("twine", home);
    twine.args(["upload", "--repository-url", &legacy, "--non-interactive"]);
    twine.args(["--username", "__token__", "--password", &server.token("ada")]);
    succeed(twine.arg(wheel));
    let mut uvx = client("uvx", home);
    uvx.args(["--default-index", &simple, "--from", "cheeseshop-index", "cheeseshop", "--version"]);
    assert!(succeed(&mut uvx).contains("cheeseshop 0."));
    let mut pipx = client("pipx", home);
    pipx.env("PIP_INDEX_URL", &simple).env("PIPX_HOME", home.join("pipx"));
    // It would look for a newer pip on that index, which has none.
    pipx.env("PIPX_DISABLE_SHARED_LIBS_AUTO_UPGRADE", "1").env("PIPX_DEFAULT_BACKEND", "pip");
    pipx.args(["run", "--spec", "cheeseshop-index", "cheeseshop", "--version"]);
    assert!(succeed(&mut pipx).contains("cheeseshop 0."));
}
