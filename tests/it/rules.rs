//! The rules of uploading that depend on what is published already and on who asks.

use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Server, eventually, on_both};

on_both!(
    some_names_cannot_be_had,
    a_used_file_name_is_never_used_again,
    a_release_has_one_sdist,
    sizes_are_limited,
    a_projects_status_counts,
    an_account_needs_a_verified_address,
    only_administrators_create_where_it_is_set,
    releases_close_where_it_is_set,
    names_have_to_be_normalized,
    direct_references_are_refused_unless_allowed,
    a_read_only_index_refuses_every_change,
    what_another_site_makes_a_browser_send_is_refused,
    what_is_left_over_is_removed,
    signatures_and_attestations_are_ignored,
    passwords_can_be_switched_off,
    who_is_stopped_while_uploading_publishes_nothing,
);

/// Uploads and expects to be refused for that reason.
#[track_caller]
fn refused(upload: crate::support::Upload, status: u16, reason: &str) {
    assert_eq!(upload.send().expect(status).reason, reason);
}

fn some_names_cannot_be_had(backend: Backend) {
    let server = Server::start(backend);
    server.add_user("bob");
    let by =
        |user: &str, name: &str| server.upload(&Dist::wheel(name, "1.0")).login(user, PASSWORD);
    refused(by("ada", "Json"), 400, "The project name belongs to the standard library");
    refused(by("ada", "xml.etree"), 400, "The project name belongs to the standard library");
    by("ada", "color1").send().expect(200);
    // An l for the 1.
    refused(by("bob", "co-lorl"), 400, "The project name is too similar to an existing project");
    by("ada", "co-lorl").send().expect(200);
    server.ok(&["project", "prohibit", "Secret_Sauce", "--reason", "internal code name"]);
    let reply = by("bob", "secret.sauce").send().expect(400);
    assert_eq!(reply.text(), "The name secret-sauce isn't allowed here: internal code name\n");
    server.ok(&["project", "permit", "secret-sauce"]);
    by("bob", "secret.sauce").send().expect(200);
    // Nothing of what was refused is left: a file and its metadata of each that was taken.
    assert_eq!(server.stored().len(), 6);
}

fn a_used_file_name_is_never_used_again(backend: Backend) {
    let server = Server::start(backend);
    let (wheel, sdist) = (Dist::wheel("foo", "1.0"), Dist::sdist("foo", "1.0"));
    for dist in [&wheel, &sdist, &Dist::wheel("foo", "1.1")] {
        server.upload(dist).send().expect(200);
    }
    let url = server.page("foo")["files"][0]["url"].as_str().unwrap().to_owned();
    let fails = |arguments: &[&str]| server.run_command(arguments, "").status.code();
    assert_eq!(fails(&["project", "delete", "foo"]), Some(2));
    assert_eq!(fails(&["project", "delete", "foo", "--release", "9", "--yes"]), Some(1));
    server.ok(&["project", "delete", "foo", "--file", &wheel.filename, "--yes"]);
    eventually("the file is gone", || server.get(&url).send().status == 404);
    eventually("the page shows it", || server.page("foo")["files"].as_array().unwrap().len() == 2);
    let reason = "This file name was used before by a file that was deleted";
    refused(server.upload(&wheel), 400, reason);
    server.ok(&["project", "delete", "foo", "--release", "1.1", "--yes"]);
    eventually("the release is gone", || {
        server.page("foo")["versions"] == serde_json::json!(["1.0"])
    });
    server.ok(&["project", "delete", "foo", "--yes"]);
    eventually("the project is gone", || server.get("/simple/foo/").send().status == 404);
    refused(server.upload(&sdist), 400, reason);
    server.upload(&Dist::wheel("foo", "1.2")).send().expect(200);
}

fn a_release_has_one_sdist(backend: Backend) {
    let server = Server::start_with(backend, &[("CHEESESHOP_UPLOADS__LEGACY_NAMES", "true")]);
    server.upload(&Dist::sdist("foo", "1.0")).send().expect(200);
    let mut other = Dist::sdist("foo", "1.0");
    other.filename = "foo-1.0.0.tar.gz".to_owned();
    refused(server.upload(&other), 400, "Only one source distribution may be uploaded per release");
}

fn sizes_are_limited(backend: Backend) {
    let settings = [
        ("CHEESESHOP_UPLOADS__MAX_FILE_SIZE", "50KiB"),
        ("CHEESESHOP_UPLOADS__MAX_PROJECT_SIZE", "100KiB"),
    ];
    let server = Server::start_with(backend, &settings);
    let noise = |version: &str, size: usize| Dist::noisy_wheel("foo", version, size);
    server.upload(&noise("1.0", 40_000)).send().expect(200);
    refused(server.upload(&noise("1.1", 60_000)), 413, "File too large");
    server.upload(&noise("1.2", 40_000)).send().expect(200);
    refused(server.upload(&noise("1.3", 40_000)), 400, "Project size too large");
    server.ok(&[
        "project",
        "limit",
        "foo",
        "--max-file-size",
        "80KiB",
        "--max-project-size",
        "1MiB",
    ]);
    server.upload(&noise("1.1", 60_000)).send().expect(200);
    server.upload(&noise("1.3", 40_000)).send().expect(200);
    server.ok(&["project", "limit", "foo", "--max-file-size", "default"]);
    refused(server.upload(&noise("1.4", 60_000)), 413, "File too large");
}

fn a_projects_status_counts(backend: Backend) {
    let server = Server::start(backend);
    let next = |version: &str| server.upload(&Dist::wheel("foo", version));
    next("1.0").send().expect(200);
    let url = server.page("foo")["files"][0]["url"].as_str().unwrap().to_owned();
    server.ok(&["project", "status", "foo", "archived", "--reason", "see \"bar\""]);
    let status = |word: &str| server.page("foo")["project-status"]["status"] == word;
    eventually("it is archived", || status("archived"));
    assert_eq!(server.page("foo")["project-status"]["reason"], "see \"bar\"");
    assert_eq!(server.page("foo")["files"].as_array().unwrap().len(), 1);
    refused(next("1.1"), 403, "This project is archived");
    server.ok(&["project", "status", "foo", "quarantined"]);
    eventually("it is quarantined", || status("quarantined"));
    assert_eq!(server.page("foo")["files"], serde_json::json!([]));
    for path in [url.clone(), format!("{url}.metadata"), "/project/foo/".to_owned()] {
        server.get(&path).send().expect(404);
    }
    assert!(!server.get("/simple/").send().expect(200).text().contains("foo"));
    refused(next("1.1"), 403, "This project is quarantined");
    server.ok(&["project", "status", "foo", "active"]);
    eventually("it is active", || status("active"));
    server.get(&url).send().expect(200);
    next("1.1").send().expect(200);
}

fn an_account_needs_a_verified_address(backend: Backend) {
    let server = Server::start(backend);
    server.ok(&["user", "add", "bob", "--email", "bob@example.org", "--password-stdin"]);
    let upload = |server: &Server| server.upload(&Dist::wheel("foo", "1.0")).login("bob", PASSWORD);
    refused(upload(&server), 403, "This account has no verified primary mail address");
    let lax = [("CHEESESHOP_ACCOUNTS__REQUIRE_VERIFIED_EMAIL", "false")];
    let lax = Server::start_with(backend, &lax);
    lax.ok(&["user", "add", "bob", "--email", "bob@example.org", "--password-stdin"]);
    upload(&lax).send().expect(200);
}

fn only_administrators_create_where_it_is_set(backend: Backend) {
    let setting = [("CHEESESHOP_UPLOADS__NEW_PROJECTS", "administrators")];
    let server = Server::start_with(backend, &setting);
    server.ok(&[
        "user",
        "add",
        "root",
        "--email",
        "r@example.org",
        "--verified",
        "--admin",
        "--password-stdin",
    ]);
    let dist = Dist::wheel("foo", "1.0");
    refused(server.upload(&dist), 403, "Only administrators may create projects here");
    server.upload(&dist).login("root", PASSWORD).send().expect(200);
}

fn releases_close_where_it_is_set(backend: Backend) {
    let setting = [("CHEESESHOP_UPLOADS__RELEASE_CLOSED_AFTER_DAYS", "14")];
    let server = Server::start_with(backend, &setting);
    server.upload(&Dist::sdist("foo", "1.0")).send().expect(200);
    server.sql("UPDATE releases SET created_at = '2020-01-01 00:00:00'");
    refused(server.upload(&Dist::wheel("foo", "1.0")), 400, "This release is closed for new files");
    server.upload(&Dist::sdist("foo", "1.0")).send().expect(200);
    server.upload(&Dist::wheel("foo", "1.1")).send().expect(200);
}

fn names_have_to_be_normalized(backend: Backend) {
    let server = Server::start(backend);
    let reason = "The file name is not normalized";
    let old = || {
        let mut wheel = Dist::wheel("foo.bar", "1.0");
        wheel.bytes = Dist::wheel_of_stem("Foo.Bar-1.0", "foo.bar", "1.0").bytes;
        wheel.filename = "Foo.Bar-1.0-py3-none-any.whl".to_owned();
        wheel
    };
    let reply = server.upload(&old()).send().expect(400);
    assert_eq!(reply.reason, reason);
    assert!(reply.text().contains("foo_bar-1.0-py3-none-any.whl"), "{}", reply.text());
    let mut sdist = Dist::sdist("foo.bar", "1.0");
    sdist.filename = "foo-bar-1.0.tar.gz".to_owned();
    refused(server.upload(&sdist), 400, reason);
    let folder = server.scratch().join("old");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join(&old().filename), old().bytes).unwrap();
    let import = ["import", folder.to_str().unwrap(), "--owner", "ada"];
    assert_eq!(server.run_command(&import, "").status.code(), Some(1));
    server.ok(&[import.as_slice(), &["--lenient"]].concat());
    // What is there is passed over, also where it would not be taken now.
    server.ok(&import);
    let lax = Server::start_with(backend, &[("CHEESESHOP_UPLOADS__LEGACY_NAMES", "true")]);
    lax.upload(&old()).send().expect(200);
}

fn direct_references_are_refused_unless_allowed(backend: Backend) {
    let server = Server::start(backend);
    let metadata = "Requires-Dist: bar @ https://example.org/bar.whl\n";
    let dist = Dist::wheel_with("foo", "1.0", metadata, "");
    let reply = server.upload(&dist).send().expect(400);
    assert!(reply.text().contains("Requires-Dist"), "{}", reply.text());
    let lax = [("CHEESESHOP_UPLOADS__ALLOW_DIRECT_REFERENCES", "true")];
    Server::start_with(backend, &lax).upload(&dist).send().expect(200);
}

fn a_read_only_index_refuses_every_change(backend: Backend) {
    let mut server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    server.kill();
    server.set("CHEESESHOP_READ_ONLY", "true");
    server.run();
    let reply = server.upload(&Dist::wheel("foo", "1.1")).send().expect(503);
    assert_eq!(reply.reason, "This index is read-only at the moment");
    assert!(reply.header("retry-after").is_some());
    assert_eq!(server.page("foo")["files"].as_array().unwrap().len(), 1);
    for arguments in [
        ["user", "disable", "ada"].as_slice(),
        &["token", "create", "ada"],
        &["project", "delete", "foo", "--yes"],
    ] {
        assert_eq!(server.run_command(arguments, "").status.code(), Some(1));
    }
}

fn what_is_left_over_is_removed(backend: Backend) {
    let mut server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let kept = server.stored();
    let lost = server.data().join("blobs/blake2b/ab/cd").join("e".repeat(60));
    std::fs::create_dir_all(lost.parent().unwrap()).unwrap();
    let young = server.data().join("blobs/blake2b/ab/cd").join("f".repeat(60));
    let half = server.data().join("blobs/incoming/upload-left");
    for path in [&lost, &young, &half] {
        std::fs::write(path, "left over").unwrap();
    }
    let old = std::time::SystemTime::now() - std::time::Duration::from_hours(25);
    for path in kept.iter().chain([&lost, &half]) {
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(old).unwrap();
    }
    server.kill();
    server.set("CHEESESHOP_JOBS__CLEAN__SCHEDULE", "* * * * * *");
    server.run();
    eventually("what is left over is gone", || !lost.exists() && !half.exists());
    assert!(young.exists());
    assert!(kept.iter().all(|path| path.exists()));
}

fn signatures_and_attestations_are_ignored(backend: Backend) {
    let server = Server::start(backend);
    let upload = server.upload(&Dist::wheel("foo", "1.0")).add("attestations", "[{}]");
    upload.add("gpg_signature", "-----BEGIN").send().expect(200);
    assert!(server.page("foo")["files"][0].get("provenance").is_none());
}

fn who_is_stopped_while_uploading_publishes_nothing(backend: Backend) {
    let server = Server::start(backend);
    server.add_user("bob");
    let token = server.token("bob");
    let requests = ["1.0", "1.1"]
        .map(|version| server.upload(&Dist::wheel("foo", version)).token(&token).request());
    let running = requests.each_ref().map(|request| request.begin(100));
    eventually("the uploads have begun", || server.stored().len() == 2);
    server.ok(&["user", "disable", "bob"]);
    let finish = |mut stream: std::net::TcpStream, request: &crate::support::Request| {
        let bytes = request.bytes();
        std::io::Write::write_all(&mut stream, &bytes[bytes.len() - 100..]).unwrap();
        crate::support::http::read_reply(stream).expect(403).reason
    };
    let [first, second] = running;
    assert_eq!(finish(first, &requests[0]), "This account is disabled");
    server.ok(&["user", "enable", "bob"]);
    let listed: serde_json::Value =
        serde_json::from_str(&server.ok(&["token", "list", "bob", "--json"])).unwrap();
    server.ok(&["token", "revoke", &listed[0]["id"].to_string()]);
    assert_eq!(finish(second, &requests[1]), "This API token is expired or revoked");
    assert_eq!(server.stored(), [] as [&std::path::Path; 0]);
}

fn passwords_can_be_switched_off(backend: Backend) {
    let server = Server::start_with(backend, &[("CHEESESHOP_UPLOADS__PASSWORDS", "false")]);
    let upload = || server.upload(&Dist::wheel("foo", "1.0"));
    refused(upload(), 403, "This index takes uploads with API tokens only");
    upload().token(&server.token("ada")).send().expect(200);
}

fn what_another_site_makes_a_browser_send_is_refused(backend: Backend) {
    let server = Server::start(backend);
    let token = server.token("ada");
    let dist = Dist::wheel("foo", "1.0");
    for (name, value) in [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")] {
        let upload = server.upload(&dist).token(&token).request();
        upload.header(name, value).send().expect(403);
    }
    server.get("/simple/foo/").send().expect(404);
    server.upload(&dist).token(&token).send().expect(200);
}
