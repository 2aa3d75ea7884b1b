//! What the pages of projects and people say, and that they stay small.

use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Server, on_both};
use crate::web::Browser;

on_both!(
    a_release_says_all_that_is_known_of_it,
    its_dependencies_lead_to_projects_of_this_index,
    the_status_of_a_project_is_shown,
    who_may_change_a_project_is_led_there,
    an_account_has_a_page,
    five_thousand_releases_and_two_thousand_files_are_read_page_by_page,
    enormous_metadata_makes_no_enormous_page,
    nothing_turns_the_text_of_a_page,
);

/// Bytes of a page beside description, files and images.
const MOST: usize = 50_000;

#[track_caller]
fn has(text: &str, all: &[&str]) {
    for expected in all {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[track_caller]
fn has_none(text: &str, all: &[&str]) {
    for gone in all {
        assert!(!text.contains(gone), "{gone} is in {text}");
    }
}

fn page(server: &Server, path: &str) -> String {
    server.get(path).send().expect(200).text()
}

/// The page without its table of files.
fn beside_files(page: &str) -> String {
    let (before, rest) = page.split_once("<tbody>").unwrap();
    let (_, behind) = rest.split_once("</tbody>").unwrap();
    format!("{before}{behind}")
}

fn a_release_says_all_that_is_known_of_it(backend: Backend) {
    let server = Server::start(backend);
    server.add_user("bob");
    let metadata = "Summary: Short\nAuthor: Ann\nKeywords: one,two\nRequires-Python: >=3.8\n\
                    License-Expression: mit OR apache-2.0\nProvides-Extra: fast\n\
                    Project-URL: Bug Tracker, https://example.org/bugs\n\
                    Project-URL: Chat, https://example.org/chat\nHome-page: https://example.org/\n\
                    Classifier: Topic :: Utilities\n";
    let wheel = Dist::wheel_with("Foo.Bar", "1.0", metadata, "");
    server.upload(&wheel).token(&server.token("ada")).send().expect(200);
    server.upload(&Dist::sdist("foo-bar", "1.0")).send().expect(200);
    server.upload(&Dist::wheel("foo-bar", "2.0rc1")).send().expect(200);
    server.upload(&Dist::wheel("foo-bar", "0.9")).send().expect(200);
    server.ok(&["project", "yank", "foo-bar", "0.9", "--reason", "broken & old"]);
    let text = page(&server, "/project/foo-bar/");
    let index = format!("--index-url {}/simple/ foo-bar</code>", server.url());
    has(
        &text,
        &[
            &format!("<code>pip install {index}"),
            &format!("<code>uv pip install {index}"),
            "<dd>MIT OR Apache-2.0</dd>",
            "<dd>&#62;=3.8</dd>",
            "<dd>Ann</dd>",
            "<dd>one,two</dd>",
            "title=\"https://example.org/bugs\">Issue tracker</a>",
            ">Chat</a>",
            ">Homepage</a>",
            "<code>fast</code>",
            "<li>Topic :: Utilities</li>",
            "<a href=\"/user/ada/\">ada</a> <span class=\"quiet\">owner</span>",
            "<a href=\"/project/foo-bar/2.0rc1/\">2.0rc1</a> <span class=\"mark\">pre</span>",
            "<a href=\"/project/foo-bar/0.9/\">0.9</a> <span class=\"mark bad\">yanked</span>",
            "<b aria-current=\"page\">1.0</b>",
            "Wheel py3 none any",
            "Source ·",
            "via API token",
            "via password",
            "by <a href=\"/user/ada/\">ada</a>",
            &format!("sha256:{}", wheel.sha256()),
            "blake2b_256:",
            "py3-none-any.whl.metadata\"",
            "href=\"/project/foo-bar/1.0/files/foo_bar-1.0-py3-none-any.whl/\"",
            "href=\"/pypi/foo-bar/1.0/json\"",
        ],
    );
    let yanked = page(&server, "/project/foo-bar/0.9/");
    has(&yanked, &["<b>This release is yanked</b>: broken &#38; old", "foo-bar==0.9</code>"]);
    let all = page(&server, "/project/foo-bar/releases/");
    has(&all, &["yanked</span> <span class=\"quiet\">broken &#38; old", "pre-release", ">1.0</a>"]);
    server.get("/project/Foo.Bar/releases").send().expect(301);
    server.get("/project/nothing/releases/").send().expect(404);
    for path in ["/project/foo-bar/releases/?page=2", "/project/foo-bar/1.0/files/?page=0"] {
        server.get(path).send().expect(404);
    }
    has(&page(&server, "/static/copy.js"), &["data-copy"]);
    // Who brought a file may go, or be stopped.
    server.ok(&["user", "disable", "ada"]);
    let text = page(&server, "/project/foo-bar/");
    has(&text, &["by ada via API token"]);
    has_none(&text, &["/user/ada/"]);
}

fn its_dependencies_lead_to_projects_of_this_index(backend: Backend) {
    let server = Server::start(backend);
    let metadata = "Provides-Extra: test\nRequires-Dist: Here.it>=1 ; python_version < \"4\"\n\
                    Requires-Dist: elsewhere[x]\nRequires-Dist: hidden\n\
                    Requires-Dist: here-it ; extra == \"test\"\n";
    server.upload(&Dist::wheel_with("foo", "1.0", metadata, "")).send().expect(200);
    server.upload(&Dist::wheel("here-it", "1.0")).send().expect(200);
    server.upload(&Dist::wheel("hidden", "1.0")).send().expect(200);
    server.ok(&["project", "status", "hidden", "quarantined"]);
    let text = page(&server, "/project/foo/");
    has(
        &text,
        &[
            "<a href=\"/project/here-it/\">Here.it</a> <span class=\"quiet\">&#62;=1 ; \
             python_version &#60; &#34;4&#34;</span>",
            "<b>elsewhere</b> <span class=\"quiet\">[x]</span>",
            "<b>hidden</b>",
            "<summary>Extra test <span class=\"version\">1</span></summary>",
        ],
    );
}

fn the_status_of_a_project_is_shown(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let set =
        |status: &str| server.ok(&["project", "status", "foo", status, "--reason", "use <b>"]);
    for (status, words) in [
        ("archived", "<b>This project is archived</b>: use &#60;b&#62;."),
        ("deprecated", "<b>This project is deprecated</b>: use &#60;b&#62;."),
    ] {
        set(status);
        has(&page(&server, "/project/foo/"), &[words]);
    }
    set("quarantined");
    for path in ["", "releases/", "1.0/", "1.0/files/", "1.0/files/foo-1.0-py3-none-any.whl/"] {
        server.get(&format!("/project/foo/{path}")).send().expect(404);
    }
}

fn who_may_change_a_project_is_led_there(backend: Backend) {
    let server = Server::start(backend);
    for name in ["bob", "eve", "root"] {
        server.add_user(name);
    }
    server.upload(&Dist::wheel("Foo", "1.0")).login("bob", PASSWORD).send().expect(200);
    server.sql("UPDATE users SET is_admin = true WHERE username = 'root'");
    for (name, place) in [
        ("bob", Some("/manage/project/foo/releases/")),
        ("eve", None),
        ("root", Some("/admin/project/foo/")),
    ] {
        let mut browser = Browser::logged_in(&server, name);
        let text = browser.get("/project/foo/").expect(200).text();
        assert_eq!(text.contains(">Manage</a>"), place.is_some(), "{name}");
        if let Some(place) = place {
            assert!(text.contains(&format!("<a href=\"{place}\">Manage</a>")), "{name}");
            browser.get(place).expect(200);
        }
    }
    has_none(&page(&server, "/project/foo/"), &["Manage"]);
}

fn an_account_has_a_page(backend: Backend) {
    let server = Server::start(backend);
    server.add_user("Bob");
    server.upload(&Dist::wheel("foo", "1.0")).login("Bob", PASSWORD).send().expect(200);
    server.upload(&Dist::wheel("bar", "1.0")).login("Bob", PASSWORD).send().expect(200);
    server.upload(&Dist::wheel("hidden", "1.0")).login("Bob", PASSWORD).send().expect(200);
    server.ok(&["project", "status", "hidden", "quarantined"]);
    server.sql("UPDATE users SET full_name = 'Bob <i>' WHERE username = 'Bob'");
    let text = page(&server, "/user/Bob/");
    has(
        &text,
        &[
            "Bob &#60;i&#62; <span class=\"version\">Bob</span>",
            "here since <time",
            "2 projects",
            "<a href=\"/project/foo/\"><b>foo</b>",
            "<span class=\"mark role\">Owner</span>",
        ],
    );
    has_none(&text, &["@example.org", "hidden", "last"]);
    for path in ["/user/bob/", "/user/Bob", "/user/BOB"] {
        let reply = server.get(path).send().expect(301);
        assert_eq!(reply.header("location"), Some("/user/Bob/"));
    }
    has(&page(&server, "/user/ada/"), &["has no role in any project"]);
    server.ok(&["user", "disable", "bob"]);
    for path in ["Bob/", "bob", "nobody/", "__token__/", "a%00b/", "a%0Ab/", "%3Cb%3E/"] {
        server.get(&format!("/user/{path}")).send().expect(404);
    }
}

fn five_thousand_releases_and_two_thousand_files_are_read_page_by_page(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let numbers = |last| {
        format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {last})")
    };
    server.sql(&format!(
        "{} INSERT INTO releases (project_id, version, version_key, created_at, metadata, \
         metadata_from, summary, yanked) SELECT project_id, '0.0.' || i, '0.0.' || i, created_at, \
         metadata, metadata_from, summary, CASE WHEN i % 2 = 0 THEN 'old' END \
         FROM releases, n WHERE version = '1.0'",
        numbers(5000)
    ));
    server.sql(&format!(
        "{} INSERT INTO files (release_id, filename, package_type, python_version, size, sha256, \
         md5, blake2_256, uploaded_at, uploaded_by, uploaded_via) SELECT release_id, \
         'foo-1.0-' || i || '-py3-none-any.whl', package_type, python_version, size, sha256, md5, \
         blake2_256, uploaded_at, uploaded_by, uploaded_via FROM files, n",
        numbers(1999)
    ));
    let text = page(&server, "/project/foo/");
    has(&text, &["All 2000 files of this release", "All 5001 releases", ">0.0.5000</a>"]);
    assert!(beside_files(&text).len() < MOST, "{}", text.len());
    assert!(text.len() < 2 * MOST, "{}", text.len());
    let files = page(&server, "/project/foo/1.0/files/?page=40");
    has(&files, &["page 40 of 40", "files/?page=39\">Previous page"]);
    server.get("/project/foo/1.0/files/?page=41").send().expect(404);
    let first = page(&server, "/project/foo/releases/");
    has(&first, &["page 1 of 51", "releases/?page=2\">Next page", ">1.0</a>", ">0.0.4902</a>"]);
    has_none(&first, &[">0.0.4901</a>", "Previous page"]);
    assert!(first.len() < MOST, "{}", first.len());
    has(&page(&server, "/project/foo/releases/?page=51"), &[">0.0.1</a>"]);
}

fn enormous_metadata_makes_no_enormous_page(backend: Backend) {
    use std::fmt::Write as _;
    let server = Server::start(backend);
    let mut metadata = format!("Author: {}\n", "a".repeat(100_000));
    for i in 0..2000 {
        let long = "x".repeat(200);
        writeln!(metadata, "Classifier: Private :: {i} {long}").unwrap();
        writeln!(metadata, "Requires-Dist: needed-{i}>=1").unwrap();
        writeln!(metadata, "Provides-Extra: extra-{i}").unwrap();
        writeln!(metadata, "Project-URL: {i}, https://example.org/{long}").unwrap();
    }
    metadata.push('\n');
    metadata.push_str(&"- <b>x\n".repeat(100_000));
    server.upload(&Dist::wheel_with("foo", "1.0", &metadata, "")).send().expect(200);
    let text = page(&server, "/project/foo/");
    let (before, rest) = text.split_once("<section class=\"description\"").unwrap();
    let (_, behind) = rest.split_once("</section>").unwrap();
    let beside = beside_files(&format!("{before}{behind}"));
    assert!(beside.len() < MOST, "{}", beside.len());
    has(&beside, &["and 1900 more"]);
    assert_eq!(page(&server, "/project/foo/"), text);
}

fn nothing_turns_the_text_of_a_page(backend: Backend) {
    let server = Server::start(backend);
    let attack = "a\u{202e}b\u{2066}c\u{7}";
    let metadata = format!(
        "Summary: {attack}\nAuthor: {attack}\nKeywords: {attack}\nLicense: {attack}\n\
         Project-URL: {attack}, https://example.org/\n"
    );
    server.upload(&Dist::wheel_with("foo", "1.0", &metadata, "")).send().expect(200);
    let text = page(&server, "/project/foo/");
    has(&text, &["<p class=\"summary\">abc</p>", "<dd>abc</dd>", ">abc</a>"]);
    has_none(&text, &["\u{202e}", "\u{2066}", "\u{7}"]);
}
