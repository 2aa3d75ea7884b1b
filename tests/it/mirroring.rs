//! bandersnatch mirrors the index, and again after changes.

use std::path::{Path, PathBuf};

use crate::clients::{client, succeed};
use crate::support::{Backend, Dist, Server, on_both};

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
