//! The commands of the documents do what these say, run as they stand there.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Backend, Dist, Server, Upstream, prepared};

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
const MIRROR: &str = include_str!("../../docs/mirror.md");
const SERVER: &str = include_str!("../../docs/server.md");
const STATISTICS: &str = include_str!("../../docs/statistics.md");

/// A folder to work in, with the program where shells find it.
fn place(server: &Server) -> PathBuf {
    let root = server.scratch().to_owned();
    fs::create_dir(root.join("bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_cheeseshop"), root.join("bin/cheeseshop")).unwrap();
    root
}

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
    let (root, url) = (place(&server), server.url());
    let dists = [Dist::wheel("example", "1.0"), Dist::sdist("example", "1.0")];
    write_dists(&root, &dists);
    let blocks = blocks(CI);
    assert_eq!(blocks.len(), 4);
    for block in blocks {
        let script = block.replace("https://packages.example.org", &url);
        run(&mut shell(&server, &root, &url), &script);
    }
    let jobs = upload_jobs();
    assert_eq!(jobs.len(), 2);
    let token = fs::read_to_string(root.join("token.txt")).unwrap();
    for (variables, command) in jobs {
        let mut shell = shell(&server, &root, &url);
        for (name, value) in variables {
            let value = value
                .replace("${{ secrets.INDEX_TOKEN }}", token.trim())
                .replace("$INDEX_TOKEN", token.trim());
            shell.env(name, value.replace("https://packages.example.org", &url));
        }
        run(&mut shell, &command.replace("https://packages.example.org", &url));
    }
    let page = server.get("/simple/example/").send().expect(200).text();
    for dist in &dists {
        assert!(page.contains(&dist.filename), "{page}");
    }
    for folder in ["installed", "installed-by-uv"] {
        assert!(root.join(folder).join("example-1.0.dist-info").is_dir(), "{folder}");
    }
}

/// What uploads in the jobs of the page, with the variables that it gets there. (What else they run
/// makes packages, with tools that are none of ours.)
fn upload_jobs() -> Vec<(Vec<(&'static str, &'static str)>, &'static str)> {
    let jobs = CI.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    jobs.map(|job| {
        let lines = || job.lines().map(|line| line.trim().trim_start_matches("- "));
        let uploads =
            |line: &&str| line.starts_with("uv publish ") || line.starts_with("twine upload ");
        let command = lines().map(|line| line.trim_start_matches("run: ")).find(uploads);
        let variables =
            lines().filter(|line| line.starts_with("UV_") || line.starts_with("TWINE_"));
        (variables.filter_map(|line| line.split_once(": ")).collect(), command.unwrap())
    })
    .collect()
}

/// Packages as upstream has them, and what asks for them.
fn wanted(upstream: &Upstream, root: &Path) {
    for (name, version) in [("left-pad", "1.3.1"), ("django", "5.2"), ("ruff", "0.14.0")] {
        upstream.add(&Dist::wheel(name, version));
    }
    let wheel = Dist::wheel("urllib3", "2.6.1");
    upstream.add(&wheel);
    let (file, digest) = (&wheel.filename, wheel.sha256());
    let url = format!("https://packages.example.org/{file}");
    let uv = format!(
        "version = 1\nrevision = 3\nrequires-python = \">=3.12\"\n\n[[package]]\n\
         name = \"urllib3\"\nversion = \"2.6.1\"\n\
         source = {{ registry = \"https://packages.example.org/simple\" }}\n\
         wheels = [\n    {{ url = \"{url}\", hash = \"sha256:{digest}\" }},\n]\n"
    );
    let pylock = format!(
        "lock-version = \"1.0\"\ncreated-by = \"test\"\n[[packages]]\nname = \"urllib3\"\n\
         version = \"2.6.1\"\n[[packages.wheels]]\nurl = \"{url}\"\n\
         hashes = {{ sha256 = \"{digest}\" }}\n"
    );
    let requirements = "urllib3==2.6.1\n".to_owned();
    for (name, text) in
        [("requirements.txt", requirements), ("uv.lock", uv), ("pylock.toml", pylock)]
    {
        fs::write(root.join(name), text).unwrap();
    }
}

#[test]
fn the_operators_commands_work() {
    let upstream = Upstream::start();
    let url = upstream.url();
    let server = Server::start_with(Backend::Sqlite, &[("CHEESESHOP_MIRROR__UPSTREAM", &url)]);
    let root = place(&server);
    wanted(&upstream, &root);
    fs::create_dir(root.join("DIR")).unwrap();
    let digest = Dist::wheel("left-pad", "1.3.1").sha256();
    let mut done = Vec::new();
    for page in [MIRROR, STATISTICS, SERVER] {
        for block in blocks(page) {
            let script = block
                .replace("5f2b…", &digest)
                .replace("9f86d0…", &digest)
                // The first rule of this index is the exception above.
                .replace("release 17", "release 2")
                .replace("2026-12-31", "2999-12-31")
                .replace("/usr/share", root.to_str().unwrap());
            if script.contains("/bash-completion/") {
                fs::create_dir_all(root.join("bash-completion/completions")).unwrap();
                fs::create_dir_all(root.join("man/man1")).unwrap();
            }
            let mut shell = shell(&server, &root, &server.url());
            done.push(run(shell.env("CHEESESHOP_MIRROR__UPSTREAM", &url), &script));
        }
    }
    assert_eq!(done.len(), 5, "{done:?}");
    let status = server.ok(&["mirror", "status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    // urllib3 once, though three files ask for it, and django and ruff.
    assert_eq!(status["files"], 3, "{status}");
    for written in ["bash-completion/completions/cheeseshop", "man/man1/cheeseshop.1"] {
        assert!(fs::metadata(root.join(written)).unwrap().len() > 1_000, "{written}");
    }
    assert!(fs::read_dir(root.join("DIR")).unwrap().count() > 10);
}

const README: &str = include_str!("../../README.md");
const READING: &str = include_str!("../../docs/reading.md");

/// What the lines begin with that are run here.
const PROGRAMS: [&str; 5] = ["cheeseshop", "target/release/cheeseshop", "twine", "uv", "pip"];

/// The lines of a page that are commands of these programs, as they stand.
fn lines<'a>(page: &'a str, programs: &[&str]) -> Vec<&'a str> {
    let lines = page.lines().filter_map(|line| line.strip_prefix("    "));
    lines.filter(|line| line.split(' ').next().is_some_and(|it| programs.contains(&it))).collect()
}

fn write_dists(root: &Path, dists: &[Dist]) {
    fs::create_dir(root.join("dist")).unwrap();
    for dist in dists {
        fs::write(root.join("dist").join(&dist.filename), &dist.bytes).unwrap();
    }
}

#[test]
fn the_first_steps_lead_to_an_install() {
    let server = Server::start(Backend::Sqlite);
    let (root, url) = (place(&server), server.url());
    write_dists(&root, &[Dist::wheel("example", "1.0"), Dist::sdist("example", "1.0")]);
    fs::create_dir_all(root.join("target/release")).unwrap();
    symlink(root.join("bin/cheeseshop"), root.join("target/release/cheeseshop")).unwrap();
    let mut token = String::new();
    let mut done = Vec::new();
    for (number, line) in lines(README, &PROGRAMS).into_iter().enumerate() {
        let script = line
            // The server of the tests has an account of that name, and nobody types.
            .replace("ada", "grace")
            .replace("--admin", "--admin --password-stdin < password")
            .replace("http://127.0.0.1:8080", &url)
            .replace("pypi-…", token.trim())
            .replace("PACKAGE", &format!("--target installed-{number} example"))
            .replace("/srv/", &format!("{}/", root.to_str().unwrap()));
        fs::write(root.join("password"), "correct horse battery staple\n").unwrap();
        let said = run(&mut shell(&server, &root, &url), &script);
        if line.contains("token create") {
            token = said;
        }
        if line.contains("PACKAGE") {
            let installed = root.join(format!("installed-{number}"));
            assert!(installed.join("example-1.0.dist-info").is_dir(), "{script}");
        }
        done.push(line);
    }
    assert_eq!(done.len(), 8, "{done:?}");
    assert!(root.join("backups/cheeseshop").is_dir());
}

#[test]
fn a_private_index_is_installed_from_as_the_page_says() {
    let server = Server::start_with(Backend::Sqlite, &[("CHEESESHOP_PRIVATE", "true")]);
    let (root, url, token) = (place(&server), server.url(), server.token("ada"));
    server.upload(&Dist::wheel("example", "1.0")).token(&token).send().expect(200);
    let lines = lines(READING, &PROGRAMS);
    assert_eq!(lines.len(), 1);
    let host = url.strip_prefix("http://").unwrap();
    for line in lines {
        let script = line
            .replace(
                "https://__token__:pypi-…@this.index",
                &format!("http://__token__:{token}@{host}"),
            )
            .replace("PACKAGE", "--target installed example");
        run(&mut shell(&server, &root, &url), &script);
    }
    assert!(root.join("installed/example-1.0.dist-info").is_dir());
}

/// Commands that no test runs as they stand, and what stands in for them.
const NOT_AS_THEY_STAND: [(&str, &str); 23] = [
    ("cargo run --release -- serve", "every test starts the binary that cargo built for it"),
    ("tests/run", "runs the tests"),
    ("CHEESESHOP_MIRROR__UPSTREAM=", "every test of the mirror starts so"),
    ("cargo build --release --features postgres-tls", "builds OpenSSL"),
    ("cargo build --locked --profile dist", "the packages of the tests are of their own build"),
    ("cargo install --locked cargo-deb", "the tests have it"),
    ("docs/examples/deb.sh", "run by `packaged` with the build of the tests"),
    ("sudo apt install ./cheeseshop.deb", "`packaged` installs it, in systems of its own"),
    ("journalctl -u cheeseshop", "`packaged` reads the journal of a systemd of its own"),
    ("sudo -u cheeseshop cheeseshop", "`packaged` runs commands as that account"),
    ("    cheeseshop --config", "the second line of one that systemd starts"),
    ("    --data /var/lib/cheeseshop", "the second line of one as that account"),
    ("devpi index -c mirrored", "`mirroring` makes that index by what devpi answers to its client"),
    ("docker build", "needs Docker; `packaged` makes the files of the image"),
    ("docker exec", "needs Docker; `packaged` runs that command from those files"),
    ("docker run", "needs Docker; `packaged` serves from those files"),
    ("    --env CHEESESHOP_PUBLIC_URL=", "the second line of that"),
    ("pip install maturin", "the tests have it"),
    ("maturin build --out dist", "run by `packaged` with the build of the tests"),
    ("uvx --from cheeseshop-index cheeseshop serve", "`packaged` asks it for its version"),
    ("pipx run --spec cheeseshop-index cheeseshop serve", "`packaged` asks it for its version"),
    ("sudo adduser", "`packaged` makes the account by the package"),
    ("sudo ", "`packaged` does the like with a systemd of its own"),
];

#[test]
fn no_command_is_forgotten() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|it| it.unwrap().path());
    pages.extend(docs.filter(|path| path.extension().is_some_and(|it| it == "md")));
    let mut used = [false; NOT_AS_THEY_STAND.len()];
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        // What stands between fences is run by blocks.
        for (number, part) in text.split("```").enumerate().filter(|(number, _)| number % 2 == 0) {
            let indented = part.lines().filter_map(|line| line.strip_prefix("    "));
            let is_setting = |line: &&str| line.contains(" = ") || line.starts_with(['[', '#']);
            for line in indented.filter(|line| !is_setting(line)) {
                let is_run =
                    [README, READING].iter().any(|it| lines(it, &PROGRAMS).contains(&line));
                let known = NOT_AS_THEY_STAND.iter().position(|(it, _)| line.starts_with(it));
                assert!(is_run || known.is_some(), "{}: {number}: {line}", page.display());
                if let Some(place) = known {
                    used[place] = true;
                }
            }
        }
    }
    let left = NOT_AS_THEY_STAND.iter().zip(used).filter(|(_, used)| !used);
    assert_eq!(left.map(|(it, _)| it.0).collect::<Vec<_>>(), Vec::<&str>::new());
}
