//! Pages for people.

use crate::support::{Backend, Dist, Server, on_both};

on_both!(
    the_home_page_says_how_to_use_it,
    a_missing_slash_is_added,
    a_form_is_no_page_by_itself,
    a_project_page_shows_its_release,
    hostile_metadata_is_harmless,
    odd_characters_are_kept_or_dropped
);

fn the_home_page_says_how_to_use_it(backend: Backend) {
    let server = Server::start_with(backend, &[("CHEESESHOP_SITE_NAME", "Käse & Co")]);
    let page = server.get("/").send().expect(200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let text = page.text();
    let url = server.url();
    assert!(text.contains("<title>Käse &#38; Co"), "{text}");
    assert!(text.contains(&format!("pip install --index-url {url}/simple/")), "{text}");
    assert!(text.contains(&format!("twine upload --repository-url {url}/legacy/")), "{text}");
    assert!(text.contains("Nothing has been published yet."), "{text}");
    let style = server.get("/static/style.css").send().expect(200);
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    let etag = style.header("etag").unwrap();
    server.get("/static/style.css").header("If-None-Match", etag).send().expect(304);
}

fn a_missing_slash_is_added(backend: Backend) {
    let server = Server::start(backend);
    for (path, expected) in [
        ("/account/login?next=/a", "/account/login/?next=/a"),
        ("/manage/account", "/manage/account/"),
        ("/manage/project/foo/releases?page=2", "/manage/project/foo/releases/?page=2"),
        ("/admin", "/admin/"),
        ("/search?q=a%20b", "/search/?q=a%20b"),
    ] {
        let reply = server.get(path).send().expect(301);
        assert_eq!(reply.header("location"), Some(expected));
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
    }
    for path in ["/nothing", "/manage/nothing", "//account/login", "/account/login/x"] {
        server.get(path).send().expect(404);
    }
}

fn a_form_is_no_page_by_itself(backend: Backend) {
    let server = Server::start(backend);
    for path in ["/account/logout/", "/admin/user/uploader/enable"] {
        let page = server.get(path).header("Accept", "text/html,*/*;q=0.8").send().expect(405);
        assert_eq!(page.header("allow"), Some("POST"), "{path}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        assert!(page.text().contains("This address takes POST requests only."), "{path}");
        let reply = server.get(path).send().expect(405);
        assert_eq!(reply.header("allow"), Some("POST"), "{path}");
        assert_eq!(reply.text(), "This address takes POST requests only.\n", "{path}");
        server.request("HEAD", path).send().expect(405);
    }
    let figures = server.get("/metrics").send().expect(200).text();
    let refused = "cheeseshop_http_refused_total{kind=\"wrong_method\"} 6";
    assert!(figures.contains(refused), "{figures}");
}

fn a_project_page_shows_its_release(backend: Backend) {
    let server = Server::start(backend);
    let metadata = "Summary: Short\nDescription-Content-Type: text/markdown\n\
                    Project-URL: Docs, https://example.org/docs\nLicense-Expression: MIT\n\
                    \n# Long\n\nSome *emphasis*.\n";
    server.upload(&Dist::wheel_with("Foo", "1.0", metadata, "")).send().expect(200);
    server.upload(&Dist::wheel("foo", "2.0rc1")).send().expect(200);
    let text = server.get("/project/foo/").send().expect(200).text();
    for expected in [
        "<h1>foo <span class=\"version\">1.0</span>",
        "Short",
        "<h2>Long</h2>",
        "<em>emphasis</em>",
        "href=\"https://example.org/docs\"",
        "MIT",
        "href=\"/project/foo/2.0rc1/\"",
        "ada",
        "foo-1.0-py3-none-any.whl",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    let candidate = server.get("/project/foo/2.0RC1/").send().expect(200).text();
    assert!(candidate.contains("pre-release") && candidate.contains("foo==2.0rc1"), "{candidate}");
    server.get("/project/foo/3.0/").send().expect(404);
    let home = server.get("/").send().expect(200).text();
    assert!(home.contains("with one project") && home.contains("Short"), "{home}");
}

fn odd_characters_are_kept_or_dropped(backend: Backend) {
    let server = Server::start(backend);
    let metadata = "Summary: writes \\u0000 into JSON\nRequires-Python: >=3\0.8\nAuthor: a\0b\n\
                    Description-Content-Type: text/markdown\n\n`\\u0000` and \0 and \\u0000n\n";
    server.upload(&Dist::wheel_with("foo", "1.0", metadata, "")).send().expect(200);
    for path in ["/", "/project/foo/"] {
        let text = server.get(path).send().expect(200).text();
        assert!(text.contains("writes \\u0000 into JSON"), "{text}");
    }
    let arbitrary = "Requires-Python: ===a\0b\n";
    let reply = server.upload(&Dist::wheel_with("foo", "1.1", arbitrary, "")).send();
    assert!([200, 400].contains(&reply.status), "{}", reply.text());
}

fn hostile_metadata_is_harmless(backend: Backend) {
    let server = Server::start(backend);
    let attack = "<script>alert(1)</script>";
    let metadata = format!(
        "Summary: {attack}\nAuthor: {attack}\nLicense: {attack}\nKeywords: \"'><img src=x onerror=y>\n\
         Classifier: {attack}\nDescription-Content-Type: text/markdown\n\n{attack}\n\n\
         <iframe src=x></iframe><style>*{{}}</style><form action=x><input></form>[x](data:text/html,y)\n"
    );
    server.upload(&Dist::wheel_with("foo", "1.0", &metadata, "")).send().expect(200);
    for path in ["/", "/project/foo/", "/simple/foo/"] {
        let text = without_ours(&server.get(path).send().expect(200).text());
        for gone in [
            "<script",
            "javascript:",
            "<iframe",
            "<style",
            "<form",
            "<input",
            "onerror=y>",
            "=\"data:",
        ] {
            assert!(!text.contains(gone), "{gone} is in {text}");
        }
    }
}

/// A page without what is ours: the home page has the form of the search, both have scripts.
fn without_ours(page: &str) -> String {
    let (begin, end) = ("<form class=\"search\"", "</form>");
    let script = |name| format!("<script src=\"/static/{name}.js\" defer></script>");
    let page = page.replacen(&script("copy"), "", 1);
    let Some((before, rest)) = page.split_once(begin) else { return page };
    let (_, behind) = rest.split_once(end).unwrap();
    format!("{before}{}", behind.replacen(&script("search"), "", 1))
}
