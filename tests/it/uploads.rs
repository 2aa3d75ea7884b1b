//! `POST /legacy/`: what is taken, what is refused, and in which words.

use crate::support::dist::tar_of;
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Request, Server, Upload, on_both};

on_both!(
    an_upload_is_published_at_once,
    the_same_file_again_is_no_error,
    all_ways_to_log_in,
    tokens_do_what_they_may,
    only_those_with_a_role_may_upload,
    every_refusal_says_what_is_wrong,
    refusals_suit_their_reader,
    the_file_is_the_truth,
    a_refused_upload_leaves_nothing,
    broken_requests_are_refused,
);

fn an_upload_is_published_at_once(backend: Backend) {
    let server = Server::start(backend);
    let dist = Dist::wheel("Foo.Bar", "1.0");
    assert_eq!(server.upload(&dist).send().expect(200).body, b"");
    let page = server.page("foo-bar");
    assert_eq!(page["name"], "foo-bar");
    assert_eq!(page["files"][0]["filename"], "foo_bar-1.0-py3-none-any.whl");
    assert_eq!(page["files"][0]["hashes"]["sha256"], dist.sha256());
    let url = page["files"][0]["url"].as_str().unwrap();
    assert_eq!(server.get(url).send().expect(200).body, dist.bytes);
    // Without the slash too, and never a redirect.
    server.upload(&Dist::sdist("Foo.Bar", "1.0")).path("/legacy").send().expect(200);
    assert_eq!(server.page("foo-bar")["files"].as_array().unwrap().len(), 2);
}

fn the_same_file_again_is_no_error(backend: Backend) {
    let server = Server::start(backend);
    let dist = Dist::wheel("foo", "1.0");
    server.upload(&dist).send().expect(200);
    let before = server.page("foo");
    server.upload(&dist).send().expect(200);
    assert_eq!(server.page("foo"), before);
    let other = Dist::wheel_with("foo", "1.0", "", "other");
    let reply = server.upload(&other).send().expect(400);
    assert_eq!(reply.reason, "File already exists");
    assert!(reply.text().starts_with("File already exists"), "{}", reply.text());
    assert_eq!(server.page("foo"), before);
}

fn all_ways_to_log_in(backend: Backend) {
    let server = Server::start(backend);
    let token = server.token("ada");
    let mut version = 0;
    let mut next = || {
        version += 1;
        server.upload(&Dist::wheel("foo", &format!("1.{version}")))
    };
    next().login("ada", PASSWORD).send().expect(200);
    next().login("ADA", PASSWORD).send().expect(200);
    next().token(&token).send().expect(200);
    next().token(&format!(" {token} ")).send().expect(200);
    for scheme in ["Bearer", "token"] {
        let bearer = next().nobody().request();
        bearer.header("Authorization", &format!("{scheme} {token}")).send().expect(200);
    }
    let nobody = next().nobody().send().expect(401);
    assert!(nobody.header("www-authenticate").unwrap().starts_with("Basic "));
    next().login("ada", "wrong password").send().expect(403);
    next().login("nobody", PASSWORD).send().expect(403);
    next().login("__token__", PASSWORD).send().expect(403);
    next().token("pypi-nonsense").send().expect(403);
    let malformed = next().nobody().request();
    malformed.header("Authorization", "Basic !").send().expect(403);
    server.ok(&["user", "disable", "ada"]);
    let reply = next().token(&token).send().expect(403);
    assert_eq!(reply.reason, "This account is disabled");
    next().send().expect(403);
    server.ok(&["user", "enable", "ada"]);
    next().token(&token).send().expect(200);
}

fn tokens_do_what_they_may(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    server.upload(&Dist::wheel("bar", "1.0")).send().expect(200);
    let make = |flags: &[&str]| {
        let arguments = [&["token", "create", "ada"], flags].concat();
        server.ok(&arguments).trim().to_owned()
    };
    let upload = |name: &str, version: &str, token: &str| {
        server.upload(&Dist::wheel(name, version)).token(token).send()
    };
    let limited = make(&["--project", "Foo", "--label", "ci"]);
    upload("foo", "1.1", &limited).expect(200);
    let reply = upload("bar", "1.1", &limited).expect(403);
    assert_eq!(reply.reason, "This API token is not valid for this project");
    upload("new", "1.0", &limited).expect(403);
    let reader = make(&["--scope", "read"]);
    assert_eq!(upload("foo", "1.2", &reader).expect(403).reason, "This API token may only read");
    let listed = server.ok(&["token", "list", "ada", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let of_ci = listed.as_array().unwrap().iter().find(|it| it["label"] == "ci").unwrap();
    assert_eq!(of_ci["projects"], serde_json::json!(["foo"]));
    assert!(of_ci["last_used"].is_string());
    server.ok(&["token", "revoke", &of_ci["id"].to_string()]);
    let reply = upload("foo", "1.3", &limited).expect(403);
    assert_eq!(reply.reason, "This API token is expired or revoked");
}

fn only_those_with_a_role_may_upload(backend: Backend) {
    let server = Server::start(backend);
    server.add_user("bob");
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let reply = server.upload(&Dist::wheel("FOO", "1.1")).login("bob", PASSWORD).send().expect(403);
    assert_eq!(reply.text(), "The user bob isn't allowed to upload to project foo.\n");
    server.upload(&Dist::wheel("bar", "1.0")).login("bob", PASSWORD).send().expect(200);
    server.upload(&Dist::wheel("bar", "1.1")).send().expect(403);
}

/// One row a rule: how a correct upload is changed, then status and reason.
fn every_refusal_says_what_is_wrong(backend: Backend) {
    let small = [("CHEESESHOP_UPLOADS__MAX_FILE_SIZE", "100kB")];
    let server = Server::start_with(backend, &small);
    let zeros = "0".repeat(64);
    let text = Dist::new("foo-1.0-py3-none-any.whl", "foo", "1.0", "bdist_wheel", b"text".into());
    let big = Dist { bytes: vec![0; 200_000], ..text.clone() };
    let cut_zip = Dist { bytes: Dist::wheel("foo", "1.0").bytes[..200].to_vec(), ..text.clone() };
    let plain_tar = Dist::new("foo-1.0.tar.gz", "foo", "1.0", "sdist", b"text".into());
    let whole = Dist::sdist("foo", "1.0").bytes;
    let cut_tar = Dist { bytes: whole[..whole.len() - 20].to_vec(), ..plain_tar.clone() };
    let setup = ("foo-1.0/setup.py".to_owned(), String::new());
    let no_info = Dist { bytes: tar_of(&[setup]), ..plain_tar.clone() };
    let info = |name: &str, version: &str| {
        let text = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
        let member = ("foo-1.0/PKG-INFO".to_owned(), text);
        Dist { bytes: tar_of(&[member]), ..plain_tar.clone() }
    };
    let (renamed, reversioned) = (info("bar", "1.0"), info("foo", "2.0"));
    let python = Dist::wheel_with("foo", "1.0", "Requires-Python: three\n", "");
    let up = |dist: &Dist| server.upload(dist);
    let good = || up(&Dist::wheel("foo", "1.0"));
    let rows: Vec<(Upload, u16, &str)> = vec![
        (
            good().field("sha256_digest", &zeros),
            400,
            "The SHA-256 digest supplied does not match the uploaded file",
        ),
        (
            good().field("md5_digest", &"0".repeat(32)),
            400,
            "The MD5 digest supplied does not match the uploaded file",
        ),
        (
            good().field("blake2_256_digest", &zeros),
            400,
            "The BLAKE2b digest supplied does not match the uploaded file",
        ),
        (good().field("sha256_digest", ""), 400, "Include at least one message digest"),
        (good().field("sha256_digest", "abc"), 400, "Invalid value for sha256_digest"),
        (good().field("name", ""), 400, "Invalid value for name"),
        (good().field("name", "f o o"), 400, "Invalid value for name"),
        (good().field("name", "bar"), 400, "The file name does not fit the project name"),
        (good().add("name", "foo"), 400, "Invalid value for name"),
        (good().field("version", "one"), 400, "Invalid value for version"),
        (good().field("version", "1.1"), 400, "The file name does not fit the version"),
        (good().field("filetype", "bdist_egg"), 400, "Invalid value for filetype"),
        (good().field("filetype", "sdist"), 400, "The file extension does not fit the filetype"),
        (good().field("protocol_version", "2"), 400, "Unknown protocol version"),
        (good().field(":action", "submit"), 400, "Invalid value for :action"),
        (good().filename("foo-1.0.exe"), 400, "Invalid file extension"),
        (good().filename("../foo-1.0-py3-none-any.whl"), 400, "Invalid file name"),
        (
            good().filename(&format!("foo-1.0-py3-none-{}.whl", "a".repeat(250))),
            400,
            "The file name is too long",
        ),
        (up(&text), 400, "Invalid distribution file"),
        (up(&cut_zip), 400, "Invalid distribution file"),
        (up(&plain_tar), 400, "Invalid distribution file"),
        (up(&cut_tar), 400, "Invalid distribution file"),
        (up(&no_info), 400, "Invalid distribution file"),
        (up(&renamed), 400, "The metadata of the file does not fit the project name"),
        (up(&reversioned), 400, "The metadata of the file does not fit the version"),
        (up(&python), 400, "The metadata of the file is invalid"),
        (up(&big), 413, "File too large"),
    ];
    for (upload, status, reason) in rows {
        let reply = upload.send().expect(status);
        assert_eq!(reply.reason, reason);
        let text = reply.text();
        assert_eq!(text.lines().count(), 1, "{text}");
    }
    server.get("/simple/foo/").send().expect(404);
    assert_eq!(server.stored(), [] as [&std::path::Path; 0]);
    good().send().expect(200);
}

fn refusals_suit_their_reader(backend: Backend) {
    let server = Server::start(backend);
    let bad = || server.upload(&Dist::wheel("foo", "1.0")).field("version", "one");
    let uv = "application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7";
    let reply = bad().accept(uv).send().expect(400);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let message =
        "Invalid value for version: \"one\" is not valid: it is not a version by PEP 440.";
    let body = reply.json();
    assert_eq!(body["code"], format!("400 {message}"));
    assert_eq!(body["title"], "Bad Request");
    assert_eq!(body["message"], message);
    let reply = bad().send().expect(400);
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(reply.text(), format!("{message}\n"));
}

fn the_file_is_the_truth(backend: Backend) {
    let server = Server::start(backend);
    let sdist = Dist::sdist("foo", "1.0.0");
    server.upload(&sdist).field("summary", "a lie").field("version", "1.0").send().expect(200);
    let wheel = Dist::wheel_with("Foo", "1.0.0", "Summary: From the wheel\n", "");
    server.upload(&wheel).field("name", "fOO").send().expect(200);
    let page = server.get("/project/foo/").send().expect(200).text();
    assert!(page.contains("From the wheel") && !page.contains("a lie"), "{page}");
    assert_eq!(server.page("foo")["versions"], serde_json::json!(["1.0.0"]));
}

fn a_refused_upload_leaves_nothing(backend: Backend) {
    let server = Server::start(backend);
    let dist = Dist { bytes: vec![b'x'; 300_000], ..Dist::wheel("foo", "1.0") };
    server.upload(&dist).send().expect(400);
    let cut = server.upload(&dist).request();
    cut.send_cut(150_000).expect(400);
    assert_eq!(server.stored(), [] as [&std::path::Path; 0]);
    server.get("/simple/foo/").send().expect(404);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
}

fn broken_requests_are_refused(backend: Backend) {
    let server = Server::start(backend);
    let token = server.token("ada");
    let post = |content_type: &str, body: &[u8]| {
        let request = server.request("POST", "/legacy/").basic("__token__", &token);
        request.header("Content-Type", content_type).body(body.to_vec()).send()
    };
    post("application/json", b"{}").expect(400);
    post("multipart/form-data", b"").expect(400);
    post("multipart/form-data; boundary=x", b"").expect(400);
    post("multipart/form-data; boundary=x", b"--x\r\nnonsense").expect(400);
    post("multipart/form-data; boundary=x", b"--x--\r\n").expect(400);
    let endless_head = [b"--x\r\nContent-Disposition: ".as_slice(), &vec![b'a'; 200_000]].concat();
    post("multipart/form-data; boundary=x", &endless_head).expect(400);
    let part = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n";
    post("multipart/form-data; boundary=x", part.repeat(10_001).as_bytes()).expect(413);
    let not_text = b"--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n\xff\r\n--x--\r\n";
    post("multipart/form-data; boundary=x", not_text).expect(400);
    let no_name = b"--x\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nb\r\n--x--\r\n";
    assert_eq!(
        post("multipart/form-data; boundary=x", no_name).expect(400).reason,
        "The file has no name"
    );
    let reply = Request::new(server.address(), "GET", "/legacy/").send().expect(405);
    assert_eq!(reply.header("allow"), Some("POST"));
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let faults = server.log().into_iter().filter(|line| line.contains("ERROR"));
    assert_eq!(faults.collect::<Vec<_>>(), [] as [String; 0]);
}
