//! Real clients at the mirror: the confusion attack, indexes behind each other, own authorities.

use std::path::Path;
use std::process::Command;

use cheeseshop::catalog::{prefix, prohibited};
use cheeseshop::packaging::NormalizedName;

use super::{UPSTREAM, mirror, write};
use crate::clients::{client, said};
use crate::server_at_home::start_tls;
use crate::support::bucket::s3;
use crate::support::{Backend, Dist, Server, Upstream, eventually, on_both, prepared};

on_both!(
    no_client_installs_an_internal_name_from_upstream,
    an_index_mirrors_another_whole_and_then_by_change,
    an_authority_of_ones_own_is_trusted_where_it_is_named,
);

/// pip and uv, each with a folder to install into, this index alone, and nothing kept.
fn installers(server: &Server, round: &str, what: &str) -> [(Command, std::path::PathBuf); 2] {
    let home = server.scratch();
    let index = format!("{}/simple/", server.url());
    ["pip", "uv"].map(|name| {
        let target = home.join(format!("{name}-{round}"));
        let mut command = client(name, home);
        match name {
            "uv" => {
                let python = prepared("TEST_CLIENTS").join("python");
                command.args(["pip", "install", "--no-cache", "--python"]).arg(python);
            }
            _ => {
                command.args(["install", "--no-cache-dir", "--disable-pip-version-check"]);
            }
        }
        command.args(["--upgrade", "--index-url", &index, "--target"]).arg(&target).arg(what);
        (command, target)
    })
}

fn installed(target: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(target) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut infos: Vec<_> = names.filter(|name| name.ends_with(".dist-info")).collect();
    infos.sort();
    infos
}

fn no_client_installs_an_internal_name_from_upstream(backend: Backend) {
    let upstream = Upstream::start();
    for name in ["hosted", "acme-secret", "former", "never", "public"] {
        upstream.add(&Dist::wheel(name, "99.0"));
    }
    let server = mirror(backend, &upstream);
    let name = |text: &str| NormalizedName::parse(text).unwrap();
    write(&server, move |c| {
        let now = cheeseshop::time::now();
        prefix::add(c, &name("acme"), &[], "ours", now)?;
        Ok(prohibited::add(c, &name("never"), "never", now)?)
    });
    for name in ["hosted", "former"] {
        server.upload(&Dist::wheel(name, "1.0")).send().expect(200);
    }
    server.ok(&["project", "delete", "former", "--yes"]);
    eventually("deleted", || super::ask(&server, "former").status == 404);
    for (command, target) in &mut installers(&server, "hosted", "hosted") {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(installed(target), ["hosted-1.0.dist-info"]);
    }
    // Asked for by its version it is not there either, nor what is ours by other ways.
    for (number, what) in
        ["hosted==99.0", "hosted>1", "acme-secret", "Acme.Secret", "former", "never"]
            .iter()
            .enumerate()
    {
        for (command, target) in &mut installers(&server, &number.to_string(), what) {
            let output = command.output().unwrap();
            assert!(!output.status.success(), "{what}: {}", said(&output));
            assert_eq!(installed(target), Vec::<String>::new(), "{what}");
        }
    }
    for (command, target) in &mut installers(&server, "public", "public") {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(installed(target), ["public-99.0.dist-info"]);
    }
    assert_eq!(upstream.names_asked().len(), 1, "{:?}", upstream.names_asked());
}

fn an_index_mirrors_another_whole_and_then_by_change(backend: Backend) {
    let origin = Server::start(backend);
    let mut dists = vec![
        Dist::wheel("Foo.Bar", "1.0"),
        Dist::sdist("Foo.Bar", "1.0"),
        Dist::noisy_wheel("other", "1.0", 300_000),
    ];
    for dist in &dists {
        origin.upload(dist).send().expect(200);
    }
    let upstream = format!("{}/simple/", origin.url());
    let ttl = ("CHEESESHOP_MIRROR__TTL_MINUTES", "0");
    let server = Server::start_with(backend, &[(UPSTREAM, upstream.as_str()), ttl]);
    let same = |dists: &[Dist]| {
        for name in ["foo-bar", "other"] {
            let (theirs, ours) = (origin.page(name), server.page(name));
            for key in ["name", "versions", "files", "project-status"] {
                assert_eq!(ours[key], theirs[key], "{name}: {key}");
            }
            for file in ours["files"].as_array().unwrap() {
                let filename = file["filename"].as_str().unwrap();
                let dist = dists.iter().find(|dist| dist.filename == filename).unwrap();
                let url = file["url"].as_str().unwrap();
                assert!(server.get(url).send().expect(200).body == dist.bytes, "{filename}");
                if filename.ends_with(".whl") {
                    let metadata = format!("{url}.metadata");
                    let theirs = origin.get(&metadata).send().expect(200).body;
                    assert!(server.get(&metadata).send().expect(200).body == theirs, "{filename}");
                }
            }
        }
    };
    same(&dists);
    let next = Dist::wheel("Foo.Bar", "1.1");
    origin.upload(&next).send().expect(200);
    dists.push(next);
    eventually("upstream shows it", || {
        origin.page("foo-bar")["files"].as_array().unwrap().len() == 3
    });
    same(&dists);
}

#[test]
fn replicas_with_a_bucket_fetch_the_same_file() {
    let upstream = Upstream::start();
    let dist = Dist::noisy_wheel("foo", "1.0", super::files::LARGE);
    let path = upstream.add(&dist);
    let url = upstream.url();
    let mut one = Server::prepare(Backend::Postgres, &[(UPSTREAM, url.as_str())]);
    one.keep_in_bucket(s3());
    one.run();
    let other = one.replica(&[]);
    upstream.hold_after(&path, super::files::HALF);
    let early = super::files::EARLY;
    let both = [&one, &other].map(|server| super::files::begin(&server.get(&path), early));
    upstream.wait_for(&path, 2);
    upstream.release();
    for (stream, _, body) in both {
        assert!([body, super::files::rest(stream)].concat() == dist.bytes);
    }
    super::files::until_stored(&one, &path);
    for server in [&one, &other, &one.replica(&[])] {
        assert!(server.get(&path).send().expect(200).body == dist.bytes);
        let part = server.get(&path).header("Range", "bytes=9-99").send().expect(206);
        assert!(part.body == dist.bytes[9..100]);
    }
    assert_eq!(upstream.asked_for(&path), 2);
}

fn an_authority_of_ones_own_is_trusted_where_it_is_named(backend: Backend) {
    let (mut origin, folder, _) = start_tls(backend);
    let dist = Dist::wheel("foo", "1.0");
    let source = folder.join("source");
    std::fs::create_dir(&source).unwrap();
    std::fs::write(source.join(&dist.filename), &dist.bytes).unwrap();
    origin.kill();
    origin.ok(&["import", source.to_str().unwrap(), "--owner", "ada"]);
    origin.run();
    let upstream = format!("https://localhost:{}/simple/", origin.address().port());
    let mut server = Server::start_with(backend, &[(UPSTREAM, upstream.as_str())]);
    super::ask(&server, "foo").expect(503);
    server.kill();
    let authority = folder.join("cert.pem");
    server.set("CHEESESHOP_MIRROR__CA_FILE", authority.to_str().unwrap());
    server.run();
    let url = server.page("foo")["files"][0]["url"].as_str().unwrap().to_owned();
    assert!(server.get(&url).send().expect(200).body == dist.bytes);
}
