//! bandersnatch and devpi mirror the index, and again after changes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::clients::{client, succeed};
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Request, Server, eventually, on_both};

on_both!(bandersnatch_mirrors_and_follows, bandersnatch_mirrors_by_xml_rpc);

/// Writes the configuration of a mirror into a folder of its own and returns where it is.
fn configure(server: &Server, more: &str) -> PathBuf {
    let folder = server.scratch().join("mirror");
    let text = format!(
        "[mirror]\ndirectory = {}\nmaster = {}\nallow-non-https = true\njson = true\n\
         stop-on-error = true\ncompare-method = hash\n{more}\n",
        folder.display(),
        server.url()
    );
    std::fs::write(server.scratch().join("mirror.conf"), text).unwrap();
    folder
}

fn mirror(server: &Server) -> String {
    let home = server.scratch();
    let mut bandersnatch = client("bandersnatch", home);
    succeed(bandersnatch.arg("-c").arg(home.join("mirror.conf")).arg("mirror"))
}

/// Checks that the mirror has a file as it is on the index, byte for byte.
#[track_caller]
fn has(folder: &Path, server: &Server, dist: &Dist) {
    let name = dist.name.to_lowercase().replace(['.', '_'], "-");
    let page = server.page(&name);
    let files = page["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["filename"] == *dist.filename).unwrap();
    let path = file["url"].as_str().unwrap().trim_start_matches('/').replace("%2B", "+");
    let kept = std::fs::read(folder.join("web").join(path)).unwrap();
    assert!(kept == dist.bytes, "{} is different on the mirror", dist.filename);
    let html = folder.join("web/simple").join(&name).join("index.html");
    assert!(std::fs::read_to_string(html).unwrap().contains(&dist.filename));
}

fn requests(server: &Server, path: &str) -> usize {
    server.log().iter().filter(|line| line.contains(path)).count()
}

fn mirrors_and_follows(server: &Server, more: &str) {
    let folder = configure(server, more);
    let first = [
        Dist::wheel("Foo.Bar", "1.0"),
        Dist::sdist("Foo.Bar", "1.0"),
        Dist::wheel("Foo.Bar", "2.0+local.1"),
        Dist::noisy_wheel("other", "1.0", 300_000),
    ];
    for dist in &first {
        server.upload(dist).send().expect(200);
    }
    mirror(server);
    for dist in &first {
        has(&folder, server, dist);
    }
    assert_eq!(requests(server, "/pypi/other/json"), 1);
    let next = Dist::wheel("Foo.Bar", "1.1");
    server.upload(&next).send().expect(200);
    mirror(server);
    for dist in first.iter().chain([&next]) {
        has(&folder, server, dist);
    }
    // Nothing is asked about what has not changed.
    assert_eq!(requests(server, "/pypi/other/json"), 1);
    assert_eq!(requests(server, "/pypi/foo-bar/json"), 2);
    // Nothing has changed at all.
    mirror(server);
    assert_eq!(requests(server, "/pypi/foo-bar/json"), 2);
}

fn bandersnatch_mirrors_and_follows(backend: Backend) {
    let server = Server::start(backend);
    // The way of the current one, which older ones know under this name.
    mirrors_and_follows(&server, "api-method = simple");
    assert!(requests(&server, "path=\"/simple\"") + requests(&server, "path=/simple") > 0);
}

/// The default of versions before 8; later ones do not know the option, and follow as above.
fn bandersnatch_mirrors_by_xml_rpc(backend: Backend) {
    let server = Server::start(backend);
    mirrors_and_follows(&server, "api-method = xmlrpc");
}

/// A devpi-server that knows no other index yet, and ends with the test.
struct Devpi {
    child: Child,
    address: SocketAddr,
}

impl Devpi {
    fn start(home: &Path) -> Self {
        let folder = home.join("devpi");
        let mut init = client("devpi-init", home);
        init.args(["--no-root-pypi", "--root-passwd", PASSWORD, "--serverdir"]).arg(&folder);
        succeed(&mut init);
        let mut devpi = client("devpi-server", home);
        devpi.args(["--host", "127.0.0.1", "--port", "0", "--enable-core-metadata"]);
        // Its secret is gone with the test: the key that is made of it need not cost seconds.
        devpi.args(["--argon2-memory-cost", "1024", "--argon2-time-cost", "1", "--serverdir"]);
        let mut child = devpi.arg(&folder).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut log = Vec::new();
        let address = loop {
            let Some(Ok(line)) = lines.next() else { panic!("devpi did not start: {log:#?}") };
            if let Some((_, address)) = line.split_once("Serving on http://") {
                break address.parse().unwrap();
            }
            log.push(line);
        };
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, address }
    }

    /// Makes a mirror of the index that asks each time whether anything has changed. One that lists
    /// all names takes a 304 for the list as if there were only those that it has pages of.
    fn mirror(&self, name: &str, server: &Server, is_listed: bool) {
        let index = json!({
            "type": "mirror",
            "mirror_url": format!("{}/simple/", server.url()),
            "mirror_cache_expiry": 0,
            "mirror_no_project_list": !is_listed,
            "mirror_provides_core_metadata": true,
        });
        let put = Request::new(self.address, "PUT", &format!("/root/{name}"));
        let put = put.basic("root", PASSWORD).header("Content-Type", "application/json");
        put.body(index.to_string().into_bytes()).send().expect(200);
    }

    /// What one of its indexes answers, without the pieces that it comes in; nothing if it refuses.
    fn get(&self, path: &str) -> Vec<u8> {
        let mut curl = Command::new("curl");
        let accept = "Accept: application/vnd.pypi.simple.v1+json";
        curl.args(["--silent", "--fail", "--noproxy", "*", "--header", accept]);
        curl.arg(format!("http://{}/root/{path}", self.address)).output().unwrap().stdout
    }

    /// The names that an index lists.
    fn names(&self, index: &str) -> Vec<String> {
        let list = self.get(&format!("{index}/+simple/"));
        let list: Value = serde_json::from_slice(&list).unwrap_or_default();
        let projects = list["projects"].as_array().into_iter().flatten();
        let mut names: Vec<_> =
            projects.map(|project| project["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }

    /// The page of a project.
    fn page(&self, project: &str) -> Value {
        let page = self.get(&format!("whole/+simple/{project}/"));
        serde_json::from_slice(&page).unwrap_or_default()
    }

    /// Checks that pip installs this version, into a new folder, where it may choose.
    fn installs(&self, home: &Path, folder: &str, version: &str) {
        let target = home.join(folder);
        let index = format!("http://{}/root/whole/+simple/", self.address);
        let mut pip = client("pip", home);
        pip.args(["install", "--no-cache-dir", "--disable-pip-version-check"]);
        pip.args(["--index-url", &index, "--target"]).arg(&target).args(["Foo.Bar", "other"]);
        succeed(&mut pip);
        for installed in [&*format!("foo_bar-{version}.dist-info"), "other-1.0.dist-info"] {
            assert!(target.join(installed).exists(), "{folder}: no {installed}");
        }
    }
}

impl Drop for Devpi {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a page says of each file and devpi passes on: its hash, the versions of Python that it is
/// for, and why it is yanked.
fn files(page: &Value) -> BTreeMap<String, [Option<String>; 3]> {
    let told = |file: &Value| {
        let told = [&file["hashes"]["sha256"], &file["requires-python"], &file["yanked"]];
        let name = file["filename"].as_str().unwrap().to_owned();
        (name, told.map(|value| value.as_str().map(str::to_owned)))
    };
    page["files"].as_array().into_iter().flatten().map(told).collect()
}

/// Checks that devpi has these files as they are on the index, byte for byte, and no others.
fn devpi_has(devpi: &Devpi, server: &Server, project: &str, dists: &[Dist]) {
    eventually(project, || files(&devpi.page(project)).len() == dists.len());
    let page = devpi.page(project);
    assert_eq!(files(&page), files(&server.page(project)));
    for file in page["files"].as_array().unwrap() {
        let dist = dists.iter().find(|dist| file["filename"] == *dist.filename).unwrap();
        let path = file["url"].as_str().unwrap().trim_start_matches("../");
        let kept = devpi.get(&format!("whole/{path}"));
        assert!(kept == dist.bytes, "{} is different on devpi", dist.filename);
    }
}

#[test]
fn devpi_mirrors_and_follows() {
    let server = Server::start(Backend::Sqlite);
    let home = server.scratch();
    let mut foo_bar = vec![
        Dist::sdist("Foo.Bar", "1.0"),
        Dist::wheel("Foo.Bar", "1.0"),
        Dist::wheel("Foo.Bar", "2.0+local.1"),
    ];
    let other = Dist::noisy_wheel("other", "1.0", 300_000);
    for dist in foo_bar.iter().chain([&other]) {
        server.upload(dist).send().expect(200);
    }
    let devpi = Devpi::start(home);
    devpi.mirror("listed", &server, true);
    devpi.mirror("whole", &server, false);
    assert_eq!(devpi.names("listed"), ["foo-bar", "other"]);
    devpi.installs(home, "first", "2.0+local.1");
    // Passed on while it had no wheel to take it out of.
    let metadata = "2.0%2Blocal.1-py3-none-any.whl.metadata";
    eventually("it is logged", || requests(&server, metadata) > 0);
    devpi_has(&devpi, &server, "foo-bar", &foo_bar);
    devpi_has(&devpi, &server, "other", &[other]);
    foo_bar.push(Dist::wheel("Foo.Bar", "2.1"));
    let third = Dist::wheel("third", "1.0");
    for dist in [&foo_bar[3], &third] {
        server.upload(dist).send().expect(200);
    }
    devpi_has(&devpi, &server, "foo-bar", &foo_bar);
    devpi_has(&devpi, &server, "third", &[third]);
    devpi.installs(home, "next", "2.1");
    eventually("it is listed", || devpi.names("listed") == ["foo-bar", "other", "third"]);
    server.ok(&["project", "yank", "foo-bar", "2.1", "--reason", "it burns"]);
    let yanked = |page: &Value| files(page)[&foo_bar[3].filename][2].is_some();
    eventually("it is yanked", || yanked(&devpi.page("foo-bar")));
    devpi.installs(home, "yanked", "2.0+local.1");
    server.ok(&["project", "delete", "foo-bar", "--file", &foo_bar[0].filename, "--yes"]);
    eventually("it is deleted", || files(&devpi.page("foo-bar")).len() == 3);
    devpi_has(&devpi, &server, "foo-bar", &foo_bar[1..]);
    // What has not changed was not sent again, and nothing went wrong here.
    eventually("it is logged", || requests(&server, "\"/simple/foo-bar/\" status=304") > 0);
    let is_bad = |line: &String| line.contains("ERROR") || line.contains("WARN");
    assert!(!server.log().iter().any(is_bad), "{:?}", server.log());
}
