//! The end of a project, and what becomes of its name.

use crate::manage::act;
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, on_both};
use crate::web::{Browser, mail};

use super::{done, refused, start};

on_both!(
    a_project_is_deleted_at_once_for_everybody,
    its_name_stays_with_its_last_owners,
    commands_keep_the_name_too,
    bytes_go_with_the_last_file_that_has_them,
);

const PLACE: &str = "/manage/project/foo/settings/";

fn a_project_is_deleted_at_once_for_everybody(backend: Backend) {
    let server = start(backend);
    let second = server.second();
    let mut ada = Browser::logged_in(&server, "ada");
    for typed in ["", " ", "foo", "Foo 1.0", "FOO"] {
        let form = [("confirm_project_name", typed)];
        refused(&mut ada, PLACE, &form, "the name of the project, Foo");
    }
    let url = server.page("foo")["files"][0]["url"].as_str().unwrap().to_owned();
    second.page("foo");
    let etag = server.get("/simple/foo/").send().expect(200);
    let etag = etag.header("etag").unwrap().to_owned();
    let to = done(&mut ada, PLACE, &[("confirm_project_name", "\tFoo ")]);
    assert_eq!(to, "/manage/projects/");
    // Also who has the page is told that it is gone.
    server.get("/simple/foo/").header("If-None-Match", &etag).send().expect(404);
    server.get(&url).send().expect(404);
    server.get("/project/foo/").send().expect(404);
    server.get("/pypi/foo/json").send().expect(404);
    crate::support::eventually("another replica sees it", || {
        second.get("/simple/foo/").send().status == 404
    });
    ada.get(PLACE).expect(404);
    act(&mut ada, PLACE, &[("confirm_project_name", "Foo")]).expect(404);
    let page = ada.get("/manage/projects/").expect(200).text();
    assert!(page.contains("You have none yet"), "{page}");
    for to in ["ada@example.org", "bob@example.org"] {
        let letter = mail(&server, to, "Foo was deleted");
        assert!(letter.text.contains("Who: ada"), "{letter:?}");
    }
}

fn its_name_stays_with_its_last_owners(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let token = server.ok(&["token", "create", "ada", "--project", "foo"]);
    done(&mut ada, PLACE, &[("confirm_project_name", "Foo")]);
    let upload = |name: &str, version: &str, who: &str| {
        server.upload(&Dist::wheel(name, version)).login(who, PASSWORD).send()
    };
    // Neither strangers nor maintainers, in no spelling.
    for who in ["eve", "bob"] {
        for name in ["foo", "FOO", "Foo"] {
            let reply = upload(name, "2.0", who).expect(409);
            assert!(reply.text().contains("has been deleted"), "{}", reply.text());
        }
    }
    // Nor what looks like it.
    upload("f0-0", "2.0", "eve").expect(400);
    // A token of the old project is none of a new one.
    server.upload(&Dist::wheel("Foo", "2.0")).token(token.trim()).send().expect(403);
    // File names are never used again, whoever comes.
    let reply = upload("Foo", "1.0", "ada").expect(400);
    assert!(reply.text().contains("was used before"), "{}", reply.text());
    server.get("/simple/foo/").send().expect(404);
    upload("Foo", "2.0", "ada").expect(200);
    server.upload(&Dist::wheel("Foo", "2.1")).token(token.trim()).send().expect(403);
    upload("Foo", "2.1", "bob").expect(403);
    // Deleted once more, an administrator takes it, and it is that one's then.
    done(&mut ada, PLACE, &[("confirm_project_name", "Foo")]);
    upload("Foo", "3.0", "root").expect(200);
    upload("Foo", "3.1", "ada").expect(403);
    let mut root = Browser::logged_in(&server, "root");
    done(&mut root, PLACE, &[("confirm_project_name", "Foo")]);
    upload("Foo", "4.0", "ada").expect(409);
    server.ok(&["project", "permit", "foo"]);
    upload("Foo", "4.0", "eve").expect(200);
}

fn commands_keep_the_name_too(backend: Backend) {
    let server = start(backend);
    server.ok(&["project", "delete", "foo", "--yes"]);
    let letter = mail(&server, "bob@example.org", "Foo was deleted");
    assert!(letter.text.contains("Who: operator"), "{letter:?}");
    server.upload(&Dist::wheel("foo", "2.0")).login("eve", PASSWORD).send().expect(409);
    server.upload(&Dist::wheel("foo", "2.0")).send().expect(200);
    server.ok(&["project", "delete", "foo", "--yes"]);
    // They have it back also where something has come that looks like it, by the operator's word.
    server.upload(&Dist::wheel("f0-0", "1.0")).login("root", PASSWORD).send().expect(200);
    server.upload(&Dist::wheel("foo", "3.0")).send().expect(200);
    let nothing = server.run_command(&["project", "permit", "foo"], "");
    assert!(!nothing.status.success());
}

fn bytes_go_with_the_last_file_that_has_them(backend: Backend) {
    let server = start(backend);
    let one = Dist::wheel("Foo", "2.0");
    let name = "foo-2.0-py2.py3-none-any.whl";
    let twin = Dist::new(name, "Foo", "2.0", "bdist_wheel", one.bytes.clone());
    server.upload(&one).send().expect(200);
    server.upload(&twin).field("pyversion", "py2.py3").send().expect(200);
    let url = |name: &str| {
        let files = server.page("foo")["files"].as_array().unwrap().clone();
        let file = files.into_iter().find(|file| file["filename"] == name).unwrap();
        file["url"].as_str().unwrap().to_owned()
    };
    let url = url(name);
    let clean = || {
        let old = std::time::SystemTime::now() - std::time::Duration::from_hours(48);
        for path in server.stored() {
            std::fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
        }
        server.ok(&["jobs", "run", "clean"]);
    };
    let before = server.stored().len();
    server.ok(&["project", "delete", "foo", "--file", &one.filename, "--yes"]);
    clean();
    assert_eq!(server.stored().len(), before);
    server.get(&url).send().expect(200);
    server.get(&format!("{url}.metadata")).send().expect(200);
    let mut ada = Browser::logged_in(&server, "ada");
    done(&mut ada, PLACE, &[("confirm_project_name", "Foo")]);
    clean();
    assert!(server.stored().is_empty(), "{:?}", server.stored());
}
