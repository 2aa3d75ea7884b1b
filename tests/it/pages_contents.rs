//! Looking into files.

use crate::support::dist::{noise, tar_of};
use crate::support::{Backend, Dist, Server, on_both};

on_both!(
    members_of_a_wheel_are_listed_and_shown,
    members_of_a_source_distribution_are_listed_and_shown,
    many_members_are_listed_page_by_page,
    a_file_is_found_only_in_its_own_release,
    what_is_in_a_member_harms_nobody,
);

fn page(server: &Server, path: &str) -> String {
    server.get(path).send().expect(200).text()
}

/// An sdist of `foo` 1.0 with these members beside its metadata.
fn sdist(members: &[(&str, String)]) -> Dist {
    let metadata = "Metadata-Version: 2.1\nName: foo\nVersion: 1.0\n".to_owned();
    let mut all = vec![("foo-1.0/PKG-INFO".to_owned(), metadata)];
    all.extend(members.iter().map(|(name, text)| (format!("foo-1.0/{name}"), text.clone())));
    Dist::new("foo-1.0.tar.gz", "foo", "1.0", "sdist", tar_of(&all))
}

const SDIST: &str = "/project/foo/1.0/files/foo-1.0.tar.gz/";
const WHEEL: &str = "/project/foo/1.0/files/foo-1.0-py3-none-any.whl/";

fn members_of_a_wheel_are_listed_and_shown(backend: Backend) {
    let server = Server::start(backend);
    let module = "def f():\n    return 1 < 2\n";
    server.upload(&Dist::wheel_with("foo", "1.0", "", module)).send().expect(200);
    let text = page(&server, WHEEL);
    for expected in ["4 members", "href=\"?member=foo.py\"", ">foo-1.0.dist-info/METADATA</a>"] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    let text = page(&server, &format!("{WHEEL}?member=foo.py"));
    assert!(text.contains("<code>def f():\n    return 1 &lt; 2\n</code>"), "{text}");
    let text = page(&server, &format!("{WHEEL}?member=foo-1.0.dist-info%2FMETADATA"));
    assert!(text.contains("Name: foo"), "{text}");
    for member in ["", "nothing", "../foo.py", "/etc/passwd", "foo.py%00", "foo-1.0.dist-info/"] {
        server.get(&format!("{WHEEL}?member={member}")).send().expect(404);
    }
    let bare = server.get(WHEEL.trim_end_matches('/')).send().expect(301);
    assert_eq!(bare.header("location"), Some(WHEEL));
}

fn members_of_a_source_distribution_are_listed_and_shown(backend: Backend) {
    let server = Server::start(backend);
    let members = [("a b & c.txt", "it".to_owned()), ("empty", String::new())];
    server.upload(&sdist(&members)).send().expect(200);
    let text = page(&server, SDIST);
    assert!(text.contains("href=\"?member=foo-1.0%2Fa+b+%26+c.txt\""), "{text}");
    assert!(text.contains(">foo-1.0/a b &#38; c.txt</a>"), "{text}");
    let text = page(&server, &format!("{SDIST}?member=foo-1.0%2Fa+b+%26+c.txt"));
    assert!(text.contains("<code>it</code>"), "{text}");
    assert!(page(&server, &format!("{SDIST}?member=foo-1.0/empty")).contains("It is empty."));
    server.get(&format!("{SDIST}?member=empty")).send().expect(404);
}

fn many_members_are_listed_page_by_page(backend: Backend) {
    let server = Server::start(backend);
    let names: Vec<_> = (0..1000).map(|i| format!("m{i:04}")).collect();
    let members: Vec<_> = names.iter().map(|name| (name.as_str(), name.clone())).collect();
    server.upload(&sdist(&members)).send().expect(200);
    let first = page(&server, SDIST);
    assert!(first.contains("page 1 of 6") && first.contains("?page=2\">Next page"), "{first}");
    assert!(first.len() < 50_000, "{}", first.len());
    assert!(page(&server, &format!("{SDIST}?page=6")).contains("foo-1.0/m0999"));
    server.get(&format!("{SDIST}?page=7")).send().expect(404);
}

fn a_file_is_found_only_in_its_own_release(backend: Backend) {
    let server = Server::start(backend);
    for (name, version) in [("foo", "1.0"), ("foo", "1.1"), ("bar", "1.0")] {
        server.upload(&Dist::wheel(name, version)).send().expect(200);
    }
    for path in [
        "/project/foo/1.1/files/foo-1.0-py3-none-any.whl/",
        "/project/bar/1.0/files/foo-1.0-py3-none-any.whl/",
        "/project/foo/1.0/files/nothing.whl/",
        "/project/foo/1.0/files/..%2F..%2Fsecret.key/",
        "/project/foo/1.0/files/a%00b/",
        "/project/foo/2.0/files/",
        "/project/nothing/1.0/files/",
        "/project/foo/x/files/",
    ] {
        server.get(path).send().expect(404);
    }
    let moved = server.get(&WHEEL.replace("/foo/", "/Foo/")).send().expect(301);
    assert_eq!(moved.header("location"), Some(WHEEL));
    page(&server, WHEEL);
    server.ok(&["project", "yank", "foo", "1.0"]);
    page(&server, WHEEL);
    server.ok(&["project", "status", "foo", "quarantined"]);
    server.get(WHEEL).send().expect(404);
    server.get(&format!("{WHEEL}?member=foo.py")).send().expect(404);
}

fn what_is_in_a_member_harms_nobody(backend: Backend) {
    let server = Server::start(backend);
    let attack = "<script>alert(1)</script></code></pre>\u{202e}\u{1b}[31m";
    let members =
        [("<img src=x onerror=y>.py", attack.to_owned()), ("large", "x".repeat(1024 * 1024 + 1))];
    server.upload(&sdist(&members)).send().expect(200);
    server.upload(&Dist::wheel_with("foo", "1.0", "", noise(5000))).send().expect(200);
    let list = page(&server, SDIST);
    assert!(!list.contains("<img src=x") && list.contains("&#60;img src=x"), "{list}");
    assert!(!list.contains("?member=foo-1.0%2Flarge"), "{list}");
    let text = page(&server, &format!("{SDIST}?member=foo-1.0/%3Cimg+src%3Dx+onerror%3Dy%3E.py"));
    let shown = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;/code&gt;&lt;/pre&gt;\
                 <mark>U+202E</mark>\u{241b}[31m";
    assert!(text.contains(shown) && !text.contains("<script"), "{text}");
    let large = page(&server, &format!("{SDIST}?member=foo-1.0/large"));
    assert!(large.contains("too large to be shown"), "{large}");
    let binary = page(&server, &format!("{WHEEL}?member=foo.py"));
    assert!(binary.contains("It is not text"), "{binary}");
}
