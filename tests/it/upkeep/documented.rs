//! The commands in `docs/upkeep.md` do what it says.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use crate::documented::{blocks, run};
use crate::support::{Backend, Dist, Server, Upstream};

const PAGE: &str = include_str!("../../../docs/upkeep.md");

/// Where the tools of PostgreSQL are, newest first.
fn postgres_tools() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> = versions.map(|it| it.path().join("bin")).collect();
    found.sort_unstable();
    found.reverse();
    found
}

#[test]
fn every_command_of_the_page_works() {
    let mut server = Server::start(Backend::Sqlite);
    for dist in [Dist::wheel("foo", "1.0"), Dist::sdist("foo", "1.0")] {
        server.upload(&dist).send().expect(200);
    }
    let shared = Server::prepare(Backend::Postgres, &[]);
    let upstream = Upstream::start();
    for name in ["attrs", "spam"] {
        upstream.add(&Dist::wheel(name, "1.0"));
    }
    let root = server.scratch().to_owned();
    let bin = root.join("bin");
    for folder in ["bin", "backups", "replica", "dist"] {
        fs::create_dir(root.join(folder)).unwrap();
    }
    let dist = Dist::wheel("eggs", "1.0");
    fs::write(root.join("dist").join(&dist.filename), &dist.bytes).unwrap();
    symlink(env!("CARGO_BIN_EXE_cheeseshop"), bin.join("cheeseshop")).unwrap();
    // The replica as its operator configured it.
    let url = shared.database_url().unwrap();
    let settings = format!("database_url = \"{url}\"\n");
    fs::write(root.join("replica/cheeseshop.toml"), settings).unwrap();
    let mut path = std::ffi::OsString::from(&bin);
    for folder in postgres_tools() {
        path.push(":");
        path.push(folder);
    }
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let blocks = blocks(PAGE);
    assert!(blocks.len() >= 7, "{}", blocks.len());
    // The database of the replica is dumped once there is one.
    let (dumps, others): (Vec<_>, Vec<_>) =
        blocks.into_iter().partition(|it| it.contains("pg_dump"));
    for block in others.into_iter().chain(dumps) {
        let script = block
            .replace("/srv/cheeseshop", server.data().to_str().unwrap())
            .replace("/srv", root.to_str().unwrap())
            .replace("https://packages.example.org/simple/", &upstream.url())
            .replace("postgres://cheeseshop@db.example.org/cheeseshop", url);
        run(Command::new("sh").current_dir(&root).env("PATH", &path), &script);
    }
    server.kill();
    // The copies are indexes.
    for folder in ["restored", "replica", "back"] {
        let mut command = Command::new(bin.join("cheeseshop"));
        let output =
            command.args(["check", "--deep", "--data"]).arg(root.join(folder)).output().unwrap();
        let words = String::from_utf8(output.stdout).unwrap();
        assert!(words.contains("3 hashed: all is well"), "{folder}: {words}");
    }
}
