//! A private index: nothing is read without a login or a token.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::clients::{client, succeed};
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Request, Server, on_both};
use crate::web::Browser;

on_both!(
    nothing_is_read_without_credentials,
    every_kind_of_credentials_reads,
    a_password_is_checked_once_and_dies_when_it_is_changed,
    a_token_for_chosen_projects_reads_those,
    installers_bring_their_credentials,
    a_browser_is_led_to_the_login_and_reads_with_its_session,
);

fn private(backend: Backend) -> Server {
    let server = Server::start_with(backend, &[("CHEESESHOP_PRIVATE", "true")]);
    server.upload(&Dist::wheel("foo", "1.0")).token(&server.token("ada")).send().expect(200);
    server
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// The path of foo's wheel.
fn wheel(server: &Server) -> String {
    let page = get(server, "/simple/foo/", "ada", PASSWORD);
    let page = page.header("Accept", "application/vnd.pypi.simple.v1+json").send().expect(200);
    page.json()["files"][0]["url"].as_str().unwrap().to_owned()
}

fn get(server: &Server, path: &str, user: &str, password: &str) -> Request {
    server.get(path).header("Authorization", &basic(user, password))
}

fn nothing_is_read_without_credentials(backend: Backend) {
    let server = private(backend);
    let wheel = wheel(&server);
    let metadata = format!("{wheel}.metadata");
    for path in [
        "/",
        "/simple",
        "/simple/",
        "/simple/foo",
        "/simple/foo/",
        "/simple/Foo",
        "/simple/bar/",
        "/project/foo/",
        "/project/foo/1.0/",
        "/nothing",
        &wheel,
        &metadata,
        "/simple/%66oo/",
        "//simple/foo/",
        "/search/",
        "/rss/updates.xml",
        "/pypi/foo/json",
        "/user/ada/",
    ] {
        for method in ["GET", "HEAD"] {
            let reply = server.request(method, path).send().expect(401);
            let challenge = reply.header("www-authenticate").unwrap();
            assert!(challenge.starts_with("Basic realm="), "{path}");
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
            assert!(!String::from_utf8_lossy(&reply.body).contains("foo"), "{path}");
        }
    }
    for path in ["/_health/", "/_health/live", "/static/style.css"] {
        server.get(path).send().expect(200);
    }
    server.get("/static/../simple/foo/").send().expect(404);
    for wrong in [basic("ada", "wrong"), basic("__token__", "pypi-x"), "Nonsense".to_owned()] {
        server.get("/simple/foo/").header("Authorization", &wrong).send().expect(401);
        server.get("/simple/bar/").header("Authorization", &wrong).send().expect(401);
    }
}

fn every_kind_of_credentials_reads(backend: Backend) {
    let server = private(backend);
    let wheel = wheel(&server);
    let upload = server.token("ada");
    let read = server.ok(&["token", "create", "ada", "--scope", "read"]).trim().to_owned();
    for credentials in [
        basic("__token__", &upload),
        basic("__token__", &read),
        basic("ada", PASSWORD),
        format!("Bearer {read}"),
    ] {
        for path in ["/", "/simple/", "/simple/foo/", &wheel, &format!("{wheel}.metadata")] {
            let reply = server.get(path).header("Authorization", &credentials).send().expect(200);
            let keep = reply.header("cache-control").unwrap();
            assert!(keep.starts_with("private, "), "{path} {keep}");
        }
        // What is not there is not found, and never forbidden: uv stops there.
        for path in ["/simple/bar/", "/project/bar/", "/packages/00/00/x/y.whl"] {
            server.get(path).header("Authorization", &credentials).send().expect(404);
        }
    }
    let dist = Dist::wheel("bar", "1.0");
    server.upload(&dist).token(&read).send().expect(403);
}

fn a_password_is_checked_once_and_dies_when_it_is_changed(backend: Backend) {
    let server = private(backend);
    let read = |password: &str| get(&server, "/simple/foo/", "ada", password).send().status;
    assert_eq!([read(PASSWORD), read(PASSWORD)], [200, 200]);
    let other = "another long passphrase";
    server.run_command(&["user", "set-password", "ada", "--password-stdin"], other);
    assert_eq!([read(PASSWORD), read(other)], [401, 200]);
    server.ok(&["user", "disable", "ada"]);
    assert_eq!(read(other), 401);
}

fn a_token_for_chosen_projects_reads_those(backend: Backend) {
    let server = private(backend);
    let wheel = wheel(&server);
    server.upload(&Dist::wheel("bar", "1.0")).token(&server.token("ada")).send().expect(200);
    for scope in ["read", "upload"] {
        let arguments = ["token", "create", "ada", "--project", "bar", "--scope", scope];
        let token = server.ok(&arguments).trim().to_owned();
        let status = |path: &str| get(&server, path, "__token__", &token).send().status;
        assert_eq!([status("/simple/bar/"), status("/simple/foo/")], [200, 404]);
        assert_eq!([status("/simple/none/"), status(&wheel)], [404, 404]);
        assert_eq!([status("/simple/"), status("/"), status("/project/foo/")], [403, 403, 403]);
    }
}

fn installers_bring_their_credentials(backend: Backend) {
    let server = private(backend);
    let token = server.token("ada");
    let host = server.url().replace("http://", "");
    let home = server.scratch();
    let index = format!("http://ada:{}@{host}/simple/", PASSWORD.replace(' ', "%20"));
    for (name, arguments) in
        [("pip", ["install", "--no-cache-dir", "--target"]), ("uv", ["pip", "install", "--target"])]
    {
        let target = home.join(format!("{name}-url"));
        let mut command = client(name, home);
        command.args(arguments).arg(&target).args(["--index-url", &index, "foo"]);
        succeed(&mut command);
        assert!(target.join("foo").is_dir() || target.join("foo.py").exists());
        netrc(home, &host, &token);
        let target = home.join(format!("{name}-netrc"));
        let mut command = client(name, home);
        command.args(arguments).arg(&target);
        command.args(["--index-url", &format!("http://{host}/simple/"), "foo"]);
        succeed(command.env("NETRC", home.join(".netrc")));
        std::fs::remove_file(home.join(".netrc")).unwrap();
        let mut command = client(name, home);
        command.args(arguments).arg(home.join("none")).args(
            ["--no-input", "--index-url", &format!("http://{host}/simple/"), "foo"]
                [usize::from(name == "uv")..]
                .to_vec(),
        );
        assert!(!command.output().unwrap().status.success(), "{name} came in without credentials");
    }
    // 401 without credentials is an answer, not a fault of the server.
    assert!(!server.log().iter().any(|line| line.contains("ERROR")), "{:?}", server.log());
}

fn a_browser_is_led_to_the_login_and_reads_with_its_session(backend: Backend) {
    let server = private(backend);
    let wheel = wheel(&server);
    let mut browser = Browser::new(&server);
    for (path, next) in [
        ("/", "%2F"),
        ("/project/foo/?x=1", "%2Fproject%2Ffoo%2F%3Fx%3D1"),
        ("/nothing", "%2Fnothing"),
        ("/manage/account/", "%2Fmanage%2Faccount%2F"),
    ] {
        let led = browser.get(path).expect(303);
        let place = format!("/account/login/?next={next}");
        assert_eq!(led.header("location"), Some(&*place));
        assert_eq!(led.header("cache-control"), Some("no-store"));
        assert!(led.header("www-authenticate").is_none() && led.body.is_empty());
    }
    for path in ["/simple/", "/simple/foo/", "/pypi/foo/json", "/rss/updates.xml", &wheel] {
        browser.get(path).expect(401).header("www-authenticate").unwrap();
    }
    let wrong = browser.request("GET", "/").header("Authorization", &basic("ada", "wrong"));
    browser.send(wrong).expect(401);
    for path in ["/account/login/", "/account/request-password-reset/", "/static/style.css"] {
        browser.get(path).expect(200);
    }
    let at_login = browser.submit(
        "/account/login/?next=/project/foo/",
        &[("username", "ada"), ("password", PASSWORD)],
    );
    assert_eq!(at_login.expect(303).header("location"), Some("/project/foo/"));
    for path in ["/", "/project/foo/", "/simple/", "/simple/foo/", &wheel] {
        let keep = browser.get(path).expect(200);
        assert!(keep.header("cache-control").unwrap().starts_with("private, "), "{path}");
    }
    let mut out = browser.clone();
    let form = [("csrf_token".to_owned(), out.csrf())].into_iter().collect();
    out.post("/account/logout/", &form).expect(303);
    // The cookie that somebody kept is worth nothing now.
    browser.get("/project/foo/").expect(303);
    browser.get("/simple/foo/").expect(401);
}

fn netrc(home: &Path, host: &str, token: &str) {
    let machine = host.split(':').next().unwrap();
    let text = format!("machine {machine}\nlogin __token__\npassword {token}\n");
    std::fs::write(home.join(".netrc"), text).unwrap();
}
