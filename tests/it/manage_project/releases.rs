//! Yanking and deleting, and what installers see of it at once.

use std::fmt::Write as _;

use crate::clients::{client, succeed};
use crate::manage::{act, between, is_whole};
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Server, on_both};
use crate::web::{Browser, mail};

use super::{done, history, refused, start};

on_both!(
    a_release_is_yanked_and_unyanked,
    one_file_is_yanked_and_deleted,
    a_release_is_deleted,
    files_of_others_are_not_there,
    thousands_of_releases_are_usable,
);

const PLACE: &str = "/manage/project/foo/release/1.0/";

/// Which version pip takes.
fn taken(server: &Server) -> String {
    let home = server.scratch();
    let folder = home.join("got");
    let _ = std::fs::remove_dir_all(&folder);
    let index = format!("{}/simple/", server.url());
    let mut pip = client("pip", home);
    pip.args(["download", "--no-cache-dir", "--no-deps", "--only-binary", ":all:"]);
    pip.args(["--index-url", &index, "--dest", folder.to_str().unwrap(), "foo"]);
    succeed(&mut pip);
    let mut names = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
    names.next().unwrap().into_string().unwrap()
}

/// The id of a file, as the page of its release has it.
fn id(browser: &mut Browser<'_>, path: &str, filename: &str) -> String {
    let page = browser.get(path).expect(200).text();
    let file = page.split_once(&format!("<b>{filename}</b>")).unwrap().1;
    between(file, "name=\"file_id\" value=\"", "\"").to_owned()
}

fn a_release_is_yanked_and_unyanked(backend: Backend) {
    let server = start(backend);
    server.upload(&Dist::wheel("Foo", "0.9")).send().expect(200);
    assert_eq!(taken(&server), "foo-1.0-py3-none-any.whl");
    let mut ada = Browser::logged_in(&server, "ada");
    let listed = ada.get("/manage/project/foo/releases/").expect(200).text();
    assert!(listed.contains("2 releases") && listed.contains("2 files"), "{listed}");
    for typed in ["", " ", "1.0 ", "1.0.0", "v1.0", "0.9", "foo"] {
        let form = [("confirm_yank_version", typed), ("yanked_reason", "broken")];
        refused(&mut ada, PLACE, &form, "the version, 1.0");
    }
    let long = "x".repeat(1001);
    for reason in [long.as_str(), "two\nlines"] {
        let form = [("confirm_yank_version", "1.0"), ("yanked_reason", reason)];
        refused(&mut ada, PLACE, &form, "A reason is one line");
    }
    refused(&mut ada, PLACE, &[("yanked_reason", "x")], "does not say clearly");
    let both = [("confirm_yank_version", "1.0"), ("confirm_delete_version", "1.0")];
    refused(&mut ada, PLACE, &both, "does not say clearly");
    let form = [("confirm_yank_version", "1.0"), ("yanked_reason", "<broken> & bad")];
    assert_eq!(done(&mut ada, PLACE, &form), PLACE);
    let page = ada.get(PLACE).expect(200).text();
    assert!(page.contains("It is yanked") && page.contains("&#60;broken&#62;"), "{page}");
    is_whole(PLACE, &page);
    let files = server.page("foo")["files"].as_array().unwrap().clone();
    let yanked = files.iter().filter(|file| file["yanked"] == "<broken> & bad").count();
    assert_eq!(yanked, 2, "{files:?}");
    assert_eq!(taken(&server), "foo-0.9-py3-none-any.whl");
    for to in ["ada@example.org", "bob@example.org"] {
        let letter = mail(&server, to, "Foo: release 1.0 was yanked");
        assert!(letter.text.contains("<broken> & bad"), "{letter:?}");
        assert!(letter.text.contains("Who: ada"), "{letter:?}");
    }
    refused(&mut ada, PLACE, &[("confirm_unyank_version", "1")], "is not the version");
    done(&mut ada, PLACE, &[("confirm_unyank_version", "1.0")]);
    assert_eq!(taken(&server), "foo-1.0-py3-none-any.whl");
    mail(&server, "bob@example.org", "release 1.0 is yanked no more");
    let acts: Vec<_> = history(&mut ada).into_iter().take(2).collect();
    let by_ada = |text: &str| (text.to_owned(), "ada".to_owned());
    assert_eq!(acts, [by_ada("unyank release"), by_ada("yank release")]);
}

fn one_file_is_yanked_and_deleted(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let wheel = "foo-1.0-py3-none-any.whl";
    let id = id(&mut ada, PLACE, wheel);
    let yanked = || {
        let files = server.page("foo")["files"].as_array().unwrap().clone();
        let is = |file: &&serde_json::Value| file["yanked"] != false;
        let names = files.iter().filter(is).map(|it| it["filename"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let form = [("file_id", &*id), ("confirm_yank_version", "1.0"), ("yanked_reason", "bad")];
    done(&mut ada, PLACE, &form);
    assert_eq!(yanked(), [wheel]);
    mail(&server, "bob@example.org", "file foo-1.0-py3-none-any.whl was yanked");
    done(&mut ada, PLACE, &[("file_id", &*id), ("confirm_unyank_version", "1.0")]);
    assert!(yanked().is_empty());
    for typed in ["", "foo", "FOO", "Foo2"] {
        let form = [("file_id", &*id), ("confirm_project_name", typed)];
        refused(&mut ada, PLACE, &form, "the name of the project, Foo");
    }
    refused(&mut ada, PLACE, &[("confirm_project_name", "Foo")], "does not say clearly");
    let unclear = [("file_id", &*id), ("confirm_delete_version", "1.0")];
    refused(&mut ada, PLACE, &unclear, "does not say clearly");
    let url = server.page("foo")["files"][0]["url"].as_str().unwrap().to_owned();
    server.get(&url).send().expect(200);
    // Blanks around the name are dropped.
    let form = [("file_id", &*id), ("confirm_project_name", " Foo ")];
    assert_eq!(done(&mut ada, PLACE, &form), PLACE);
    assert_eq!(server.page("foo")["files"].as_array().unwrap().len(), 1);
    server.get(&url).send().expect(404);
    act(&mut ada, PLACE, &form).expect(404);
    mail(&server, "bob@example.org", "foo-1.0-py3-none-any.whl was deleted");
    let again = server.upload(&Dist::wheel("Foo", "1.0")).send().expect(400);
    assert!(again.text().contains("was used before"), "{}", again.text());
}

fn a_release_is_deleted(backend: Backend) {
    let server = start(backend);
    server.upload(&Dist::wheel("Foo", "0.9")).send().expect(200);
    let mut ada = Browser::logged_in(&server, "ada");
    for typed in ["", "1.0.0", " 1.0", "Foo"] {
        refused(&mut ada, PLACE, &[("confirm_delete_version", typed)], "the version, 1.0");
    }
    let to = done(&mut ada, PLACE, &[("confirm_delete_version", "1.0")]);
    assert_eq!(to, "/manage/project/foo/releases/");
    assert_eq!(server.page("foo")["versions"], serde_json::json!(["0.9"]));
    assert_eq!(taken(&server), "foo-0.9-py3-none-any.whl");
    mail(&server, "ada@example.org", "release 1.0 was deleted");
    mail(&server, "bob@example.org", "release 1.0 was deleted");
    ada.get(PLACE).expect(404);
    act(&mut ada, PLACE, &[("confirm_delete_version", "1.0")]).expect(404);
    for dist in [Dist::wheel("Foo", "1.0"), Dist::sdist("Foo", "1.0")] {
        server.upload(&dist).send().expect(400);
    }
}

fn files_of_others_are_not_there(backend: Backend) {
    let server = start(backend);
    server.upload(&Dist::wheel("Foo", "2.0")).send().expect(200);
    server.upload(&Dist::wheel("own", "1.0")).send().expect(200);
    server.upload(&Dist::wheel("other", "1.0")).login("eve", PASSWORD).send().expect(200);
    let mut ada = Browser::logged_in(&server, "ada");
    let mut eve = Browser::logged_in(&server, "eve");
    let other = id(&mut eve, "/manage/project/other/release/1.0/", "other-1.0-py3-none-any.whl");
    let own = id(&mut ada, "/manage/project/own/release/1.0/", "own-1.0-py3-none-any.whl");
    let later = id(&mut ada, "/manage/project/foo/release/2.0/", "foo-2.0-py3-none-any.whl");
    let before = super::serial(&server);
    for id in [&other, &own, &later, "999999", "-1", "9223372036854775807"] {
        for (field, typed) in [
            ("confirm_project_name", "Foo"),
            ("confirm_yank_version", "1.0"),
            ("confirm_unyank_version", "1.0"),
        ] {
            act(&mut ada, PLACE, &[("file_id", id), (field, typed)]).expect(404);
        }
    }
    for id in ["", "x", "9223372036854775808"] {
        let form = [("file_id", id), ("confirm_project_name", "Foo")];
        act(&mut ada, PLACE, &form).expect(400);
    }
    // Nor is what others have, whatever the form says.
    let form = [("file_id", &*other), ("confirm_project_name", "other")];
    act(&mut ada, "/manage/project/other/release/1.0/", &form).expect(403);
    assert_eq!(super::serial(&server), before);
}

fn thousands_of_releases_are_usable(backend: Backend) {
    let server = start(backend);
    let mut sql = String::from(
        "INSERT INTO releases (project_id, version, version_key, created_at, metadata, \
         metadata_from, summary) SELECT id, v, v, created_at, '{}', 'sdist', '' FROM projects, (",
    );
    for n in 0..3000 {
        let union = if n == 0 { "SELECT" } else { "UNION ALL SELECT" };
        // A long compound select is refused by SQLite, so it gets them in bundles below.
        if n % 400 == 0 && n > 0 {
            sql.push_str(
                ") AS more WHERE normalized = 'foo'; INSERT INTO releases (project_id, version, \
                 version_key, created_at, metadata, metadata_from, summary) SELECT id, v, v, \
                 created_at, '{}', 'sdist', '' FROM projects, (",
            );
            write!(sql, "SELECT '0.0.{n}' AS v ").unwrap();
        } else {
            write!(sql, "{union} '0.0.{n}' AS v ").unwrap();
        }
    }
    sql.push_str(") AS more WHERE normalized = 'foo'");
    server.sql(&sql);
    let mut ada = Browser::logged_in(&server, "ada");
    let path = "/manage/project/foo/releases/";
    let first = ada.get(path).expect(200).text();
    assert!(first.contains("3001 releases") && first.contains("Page 1 of 61"), "{first}");
    assert!(first.len() < 50_000, "{}", first.len());
    assert!(first.contains("/release/1.0/") && first.contains("/release/0.0.2999/"), "{first}");
    let last = ada.get(&format!("{path}?page=61")).expect(200).text();
    assert!(last.contains("/release/0.0.0/") && !last.contains("Next"), "{last}");
    for odd in ["62", "999999999999999999999", "0", "-1", "x", ""] {
        ada.get(&format!("{path}?page={odd}")).expect(200);
    }
    let one = "/manage/project/foo/release/0.0.7/";
    done(&mut ada, one, &[("confirm_delete_version", "0.0.7")]);
    let first = ada.get(path).expect(200).text();
    assert!(first.contains("3000 releases"), "{first}");
    let projects = ada.get("/manage/projects/").expect(200).text();
    assert!(projects.contains("Latest release: 1.0"), "{projects}");
}
