//! What administrators do to projects.

use super::{done, refused, start, upload};
use crate::manage::{act, place};
use crate::support::{Backend, Dist, on_both};
use crate::web::{Browser, mail};

on_both!(
    projects_are_found,
    limits_of_its_own,
    roles_are_given_and_taken_without_asking,
    a_project_is_deleted_once_its_name_is_typed,
);

fn projects_are_found(backend: Backend) {
    let server = start(backend);
    for name in ["bar-one", "bar-two"] {
        upload(&server, name, "1.0", 200);
    }
    let mut ada = Browser::logged_in(&server, "ada");
    let form = [("reason", "x")];
    act(&mut ada, "/admin/project/bar-two/quarantine", &form).expect(303);
    let mut found = |query: &str| {
        let page = ada.get(&format!("/admin/projects/?{query}")).expect(200).text();
        let rows = page.split("<li><div><a href=\"/admin/project/").skip(1);
        rows.map(|row| row.split('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(""), ["bar-one", "bar-two", "foo"]);
    assert_eq!(found("q=Bar_"), ["bar-one", "bar-two"]);
    assert_eq!(found("q=&status=quarantined"), ["bar-two"]);
    assert_eq!(found("after=bar-one"), ["bar-two", "foo"]);
    assert!(found("q=%25").is_empty() && found("q=%00").is_empty());
    let page = ada.get("/admin/").expect(200).text();
    assert!(page.contains("One project is quarantined."), "{page}");
    ada.get("/admin/project/nothing/").expect(404);
}

fn limits_of_its_own(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let path = "/admin/project/foo/limits";
    for bad in ["x", "-1", "1 parsec", "99999999999TiB"] {
        refused(&mut ada, path, &[("max_file_size", bad)], "is not a size");
    }
    done(&mut ada, path, &[("max_file_size", "100B"), ("max_project_size", "2 GiB")], "100B");
    upload(&server, "foo", "1.1", 413);
    done(&mut ada, path, &[("max_project_size", "10B")], "The limits are set.");
    let words = upload(&server, "foo", "1.1", 400);
    assert!(words.contains("Project size too large"), "{words}");
    done(&mut ada, path, &[], "The limits are set.");
    upload(&server, "foo", "1.1", 200);
}

fn roles_are_given_and_taken_without_asking(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let (set, remove) = ("/admin/project/foo/roles/set", "/admin/project/foo/roles/remove");
    let eve = ("username", "eve");
    refused(&mut ada, set, &[eve, ("role_name", "King")], "A role is Owner or Maintainer.");
    refused(&mut ada, set, &[("username", "x y"), ("role_name", "Owner")], "no such account");
    done(&mut ada, set, &[eve, ("role_name", "Maintainer")], "The role is given.");
    mail(&server, "eve@example.org", "foo: eve is Maintainer now");
    done(&mut ada, set, &[eve, ("role_name", "Maintainer")], "nothing was changed");
    // The last owner stays.
    let bob = ("username", "bob");
    refused(&mut ada, remove, &[bob, ("reason", "left")], "last owner");
    refused(&mut ada, set, &[bob, ("role_name", "Maintainer")], "last owner");
    done(&mut ada, set, &[eve, ("role_name", "Owner")], "The role is given.");
    refused(&mut ada, remove, &[bob], "Say why");
    done(&mut ada, remove, &[bob, ("reason", "left")], "The role is taken away.");
    mail(&server, "bob@example.org", "foo: bob is no Owner any more");
    act(&mut ada, remove, &[bob, ("reason", "left")]).expect(404);
    upload(&server, "foo", "1.1", 403);
    let journal = ada.get("/admin/journal/?project=Foo").expect(200).text();
    for words in ["add Maintainer eve", "change Maintainer eve to Owner", "remove Owner bob"] {
        assert!(journal.contains(words), "{words}: {journal}");
    }
    assert!(ada.get("/admin/journal/?project=-").expect(200).text().contains("Nothing."));
    let history = ada.get("/admin/users/bob/history/").expect(200).text();
    assert!(history.contains("foo"), "{history}");
}

fn a_project_is_deleted_once_its_name_is_typed(backend: Backend) {
    let server = start(backend);
    server.upload(&Dist::wheel("Bar", "1.0")).send().expect(200);
    let mut ada = Browser::logged_in(&server, "ada");
    let path = "/admin/project/bar/delete";
    let (name, reason) = (("confirm_project_name", "Bar"), ("reason", "malware"));
    refused(&mut ada, path, &[name], "Say why");
    refused(&mut ada, path, &[("confirm_project_name", "bar"), reason], "Type the name exactly");
    refused(&mut ada, path, &[reason], "Type the name exactly");
    server.get("/simple/bar/").send().expect(200);
    let gone = act(&mut ada, path, &[name, reason, ("prohibit", "yes")]);
    assert_eq!(place(gone), "/admin/projects/");
    server.get("/simple/bar/").send().expect(404);
    mail(&server, "ada@example.org", "Bar was deleted");
    let words = upload(&server, "bar", "2.0", 400);
    assert!(words.contains("malware"), "{words}");
    let log = ada.get("/admin/log/?target=bar").expect(200).text();
    assert!(log.contains("Deleted the project") && log.contains("malware"), "{log}");
    act(&mut ada, path, &[name, reason]).expect(404);
}
