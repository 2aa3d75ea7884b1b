//! The commands of the documents do what these say, run as they stand there.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::{Backend, Dist, Server, prepared};

/// The blocks of a page that are commands.
pub fn blocks(page: &'static str) -> Vec<&'static str> {
    let blocks = page.split("```sh\n").skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap()).collect()
}

/// Runs a block as a shell does that ends at the first failure.
#[track_caller]
pub fn run(command: &mut Command, script: &str) -> String {
    let output = command.args(["-euc", script]).output().unwrap();
    let words = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
    assert!(output.status.success(), "{script}\n{}", words.concat());
    words.concat()
}

const CI: &str = include_str!("../../docs/ci.md");

fn shell(server: &Server, folder: &Path, url: &str) -> Command {
    let mut path = std::ffi::OsString::from(folder.join("bin"));
    for more in [prepared("TEST_CLIENTS").into(), std::env::var_os("PATH").unwrap()] {
        path.push(":");
        path.push(more);
    }
    let mut shell = Command::new("sh");
    shell.env_clear().env("PATH", path).env("HOME", folder).current_dir(folder);
    shell.env("PIP_CONFIG_FILE", "/dev/null").env("UV_NO_CONFIG", "1").env("NO_COLOR", "1");
    shell.env("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring");
    // As the commands find them on a server that was set up.
    shell.env("CHEESESHOP_DATA", server.data()).env("CHEESESHOP_PUBLIC_URL", url);
    shell
}

#[test]
fn a_job_uploads_and_the_next_one_installs() {
    let server = Server::start(Backend::Sqlite);
    let root = server.scratch().to_owned();
    let url = server.url();
    for folder in ["bin", "dist"] {
        fs::create_dir(root.join(folder)).unwrap();
    }
    symlink(env!("CARGO_BIN_EXE_cheeseshop"), root.join("bin/cheeseshop")).unwrap();
    let dists = [Dist::wheel("example", "1.0"), Dist::sdist("example", "1.0")];
    for dist in &dists {
        fs::write(root.join("dist").join(&dist.filename), &dist.bytes).unwrap();
    }
    let blocks = blocks(CI);
    assert_eq!(blocks.len(), 4);
    for block in blocks {
        let script = block.replace("https://packages.example.org", &url);
        run(&mut shell(&server, &root, &url), &script);
    }
    let page = server.get("/simple/example/").send().expect(200).text();
    for dist in &dists {
        assert!(page.contains(&dist.filename), "{page}");
    }
    for folder in ["installed", "installed-by-uv"] {
        assert!(root.join(folder).join("example-1.0.dist-info").is_dir(), "{folder}");
    }
}
