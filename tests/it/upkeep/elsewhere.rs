//! `import` of projects of another index, by its simple API.

use serde_json::{Value, json};

use super::{Said, journal, lines, say};
use crate::support::upstream::{LONG_AGO, Listed, Speaks};
use crate::support::{Backend, Dist, Said as Answer, Server, Upstream, on_both};

on_both!(
    projects_come_with_times_and_yanks,
    html_is_enough,
    an_import_goes_on_where_it_ended,
    what_is_wrong_is_refused_and_named,
    what_ends_an_import_is_said,
    credentials_are_sent_and_not_told,
    a_mirror_is_no_obstacle,
);

fn import(server: &Server, url: &str, more: &[&str]) -> Said {
    say(server, &[&["import", url, "--owner", "ada"], more].concat())
}

fn fresh(backend: Backend) -> Server {
    let server = Server::prepare(backend, &[]);
    server.add_user("ada");
    server
}

/// Upload time and yank of each file, as the simple page has them.
fn shown(server: &Server, project: &str) -> Vec<Value> {
    let page = server.page(project);
    let files = page["files"].as_array().unwrap().iter();
    files.map(|it| json!([it["filename"], it["upload-time"], it["yanked"]])).collect()
}

fn projects_come_with_times_and_yanks(backend: Backend) {
    let mut server = fresh(backend);
    let upstream = Upstream::start();
    let [old, new] = ["1.0", "2.0"].map(|version| Dist::wheel("Foo.Bar", version));
    upstream.add_with(&new, |it| it.upload_time = Some("2021-02-03T04:05:06Z".to_owned()));
    upstream.add_with(&old, |it| it.yanked = json!("broken on Tuesdays"));
    upstream.add(&Dist::sdist("spam", "1.0"));
    upstream.add(&Dist::sdist("eggs", "1.0"));
    import(&server, &upstream.url(), &["--project", "foo_bar", "--project", "spam"])
        .expect(0, "3 taken in, 0 already there, 0 refused\n");
    server.run();
    assert_eq!(
        shown(&server, "foo-bar"),
        [
            json!([old.filename, LONG_AGO, "broken on Tuesdays"]),
            json!([new.filename, "2021-02-03T04:05:06.000000Z", false]),
        ]
    );
    server.get("/simple/spam/").send().expect(200);
    server.get("/simple/eggs/").send().expect(404);
    // The older came first, however the page has them.
    let journal = journal(&server);
    let at = |name: &str| journal.iter().position(|line| line.contains(name)).unwrap();
    assert!(at(&old.filename) < at(&new.filename), "{journal:?}");
    assert!(lines(&server, "SELECT subject AS text FROM outbox").is_empty());
}

fn html_is_enough(backend: Backend) {
    let server = fresh(backend);
    let upstream = Upstream::start();
    upstream.speak(Speaks::Html);
    upstream.add_with(&Dist::wheel("foo", "1.0"), |it| it.yanked = json!(true));
    // Nothing is known of the bytes.
    upstream.add_with(&Dist::sdist("foo", "1.0"), Listed::without_hashes);
    import(&server, &upstream.url(), &["--project", "foo"])
        .expect(0, "2 taken in, 0 already there, 0 refused\n");
    let yanked = "SELECT filename AS text FROM files WHERE yanked IS NOT NULL";
    assert_eq!(lines(&server, yanked), ["foo-1.0-py3-none-any.whl"]);
}

fn an_import_goes_on_where_it_ended(backend: Backend) {
    let server = fresh(backend);
    let upstream = Upstream::start();
    let first = upstream.add(&Dist::wheel("foo", "1.0"));
    let second = upstream.add_with(&Dist::wheel("foo", "1.1"), |it| {
        it.upload_time = Some("2022-01-01T00:00:00Z".to_owned());
    });
    upstream.say(&second, Answer::new(503, "away"));
    import(&server, &upstream.url(), &["--project", "foo"])
        .expect(1, "foo-1.0-py3-none-any.whl: taken in")
        .expect(1, "foo-1.1-py3-none-any.whl cannot be had");
    upstream.mend(&second);
    import(&server, &upstream.url(), &["--project", "foo"])
        .expect(0, "1 taken in, 1 already there, 0 refused\n");
    // What is there is not asked for again.
    assert_eq!(upstream.asked_for(&first), 1);
    import(&server, &upstream.url(), &["--project", "foo"])
        .expect(0, "0 taken in, 2 already there, 0 refused\n");
    assert_eq!(upstream.asked_for(&second), 2);
}

fn what_is_wrong_is_refused_and_named(backend: Backend) {
    let mut server = fresh(backend);
    server.set("CHEESESHOP_UPLOADS__MAX_FILE_SIZE", "1MiB");
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let dist = |version: &str| Dist::wheel("foo", version);
    upstream.add_with(&dist("1.1"), |it| {
        it.hashes.insert("sha256".to_owned(), "0".repeat(64));
    });
    upstream.add_with(&dist("1.2"), |it| {
        it.hashes = [("md5".to_owned(), "0".repeat(32))].into();
    });
    let gone = upstream.add(&dist("1.3"));
    upstream.say(&gone, Answer::new(404, "gone"));
    upstream.add_with(&dist("1.4"), |it| it.size = Some(7));
    upstream.add(&Dist::noisy_wheel("foo", "1.5", 1_500_000));
    upstream.add_with(&dist("1.6"), |it| it.filename = "foo-1.6-py2.7.egg".to_owned());
    let said = import(&server, &upstream.url(), &["--project", "foo", "bar"])
        .expect(1, "1 taken in, 0 already there, 7 refused\n");
    for words in [
        "bar: refused: the index has no such project",
        "foo-1.1-py3-none-any.whl: refused: the index names it and does not send it: its sha256",
        "foo-1.2-py3-none-any.whl: refused: the index names it and does not send it: its md5",
        "foo-1.3-py3-none-any.whl: refused: the index names it and does not send it: it answers 404",
        "foo-1.4-py3-none-any.whl: refused: the index names it and does not send it: it sends",
        "foo-1.5-py3-none-any.whl: refused: ",
        "foo-1.6-py2.7.egg: refused: Invalid file name",
    ] {
        assert!(said.err.contains(words), "{words:?} is not in:\n{}", said.err);
    }
    say(&server, &["check", "--deep"]).expect(0, "2 hashed: all is well");
}

fn what_ends_an_import_is_said(backend: Backend) {
    let server = fresh(backend);
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    import(&server, &upstream.url(), &[]).expect(2, "--project NAME");
    import(&server, ".", &["--project", "foo"]).expect(2, "the URL of an index");
    import(&server, "https://user:secret@", &["--project", "foo"])
        .expect(2, "not that of a simple");
    import(&server, &upstream.url(), &["--project", "-"]).expect(2, "no name of a project");
    upstream.say("/simple/foo/", Answer::new(200, "<p>hello").with("Content-Type", "text/html"));
    import(&server, &upstream.url(), &["--project", "foo"]).expect(1, "the page of foo: 127.0.0.1");
    upstream.say("/simple/foo/", Answer::new(500, "oh"));
    import(&server, &upstream.url(), &["--project", "foo"]).expect(1, "answers 500");
    let nobody = "http://127.0.0.1:1/simple/";
    import(&server, nobody, &["--project", "foo"]).expect(1, "127.0.0.1 could not be asked");
}

fn credentials_are_sent_and_not_told(backend: Backend) {
    let server = fresh(backend);
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    upstream.demand("ada:secret");
    import(&server, &upstream.url(), &["--project", "foo"]).expect(1, "answers 401");
    let said = import(&server, &upstream.url_with("ada:wrong"), &["--project", "foo"]);
    assert!(!said.err.contains("wrong@") && said.code == Some(1), "{}", said.err);
    import(&server, &upstream.url_with("ada:secret"), &["--project", "foo"])
        .expect(0, "1 taken in, 0 already there, 0 refused\n");
}

fn a_mirror_is_no_obstacle(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    // What is mirrored becomes a project of one's own.
    let mut server = Server::prepare(backend, &[]);
    server.set("CHEESESHOP_MIRROR__UPSTREAM", &upstream.url());
    server.add_user("ada");
    import(&server, &upstream.url(), &["--project", "foo"])
        .expect(0, "1 taken in, 0 already there, 0 refused\n");
    server.set("CHEESESHOP_MIRROR__CLAIM_NAMES", "nobody");
    upstream.add(&Dist::wheel("bar", "1.0"));
    import(&server, &upstream.url(), &["--project", "bar"]).expect(1, "1 refused\n");
}
