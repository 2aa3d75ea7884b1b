//! What may be done with a project, and how much it holds.

use crate::manage::{act, is_whole};
use crate::support::{Backend, Dist, on_both};
use crate::web::{Browser, mail};

use super::{done, history, refused, start};

on_both!(
    a_project_is_archived_and_deprecated_and_active_again,
    the_space_is_shown_and_a_token_is_near,
    the_history_is_cut_into_pages,
);

const PLACE: &str = "/manage/project/foo/settings/";

fn a_project_is_archived_and_deprecated_and_active_again(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let upload = |version: &str| server.upload(&Dist::wheel("Foo", version)).send().status;
    let status = || server.page("foo")["project-status"].clone();
    for (action, words) in [
        ("unarchive", "is not archived"),
        ("undeprecate", "is not deprecated"),
        ("quarantine", "does not say clearly"),
        ("", "does not say clearly"),
    ] {
        refused(&mut ada, PLACE, &[("action", action)], words);
    }
    let mixed = [("action", "archive"), ("confirm_project_name", "Foo")];
    refused(&mut ada, PLACE, &mixed, "does not say clearly");
    let reason = [("action", "archive"), ("reason", "a\tb")];
    refused(&mut ada, PLACE, &reason, "A reason is one line");
    assert_eq!(done(&mut ada, PLACE, &[("action", "archive"), ("reason", "done")]), PLACE);
    assert_eq!(status()["status"], "archived");
    assert_eq!(status()["reason"], "done");
    assert_eq!(upload("1.1"), 403);
    let letter = mail(&server, "bob@example.org", "Foo is archived now");
    assert!(letter.text.contains("The reason: done"), "{letter:?}");
    let page = ada.get(PLACE).expect(200).text();
    is_whole(PLACE, &page);
    assert!(page.contains("Take uploads again") && page.contains("archived</span>"), "{page}");
    refused(&mut ada, PLACE, &[("action", "deprecate")], "is archived");
    done(&mut ada, PLACE, &[("action", "unarchive"), ("reason", "is dropped")]);
    assert_ne!(status()["status"], "archived");
    assert_eq!(upload("1.1"), 200);
    let form = [("action", "deprecate"), ("reason", "use <bar>")];
    done(&mut ada, PLACE, &form);
    assert_eq!(status()["status"], "deprecated");
    assert_eq!(status()["reason"], "use <bar>");
    assert_eq!(upload("1.2"), 200);
    mail(&server, "ada@example.org", "Foo is deprecated now");
    let page = ada.get(PLACE).expect(200).text();
    assert!(page.contains("use &#60;bar&#62;"), "{page}");
    done(&mut ada, PLACE, &[("action", "undeprecate")]);
    mail(&server, "bob@example.org", "Foo is active again");
    let found: Vec<String> = history(&mut ada).into_iter().map(|(what, _)| what).collect();
    for text in ["project archived", "project deprecated", "project active again"] {
        assert!(found.iter().any(|it| it == text), "{found:?}");
    }
}

fn the_space_is_shown_and_a_token_is_near(backend: Backend) {
    let server = start(backend);
    let mut bob = Browser::logged_in(&server, "bob");
    let page = bob.get(PLACE).expect(200).text();
    assert!(page.contains("of 10.0 GiB are used; a file may have 100.0 MiB"), "{page}");
    // A maintainer sees it, and has nothing to press.
    assert!(!page.contains("class=\"danger\"") && !page.contains("name=\"action\""), "{page}");
    server.ok(&["project", "limit", "foo", "--max-project-size", "1KiB"]);
    let page = bob.get(PLACE).expect(200).text();
    assert!(page.contains("of 1.0 KiB are used") && page.contains("value=\"100\""), "{page}");
    let token = "/manage/account/token/?project=foo";
    assert!(page.contains(token), "{page}");
    let form = bob.get(token).expect(200).text();
    assert!(form.contains("value=\"scope:project:foo\" selected"), "{form}");
    let attack = bob.get("/manage/account/token/?project=%22%3E%3Cscript%3E").expect(200).text();
    assert!(!attack.contains("<script"), "{attack}");
}

fn the_history_is_cut_into_pages(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    for n in 0..30 {
        let action = if n % 2 == 0 { "deprecate" } else { "undeprecate" };
        act(&mut ada, PLACE, &[("action", action)]).expect(303);
        let action = if n % 2 == 0 { "deprecate" } else { "archive" };
        let reason = n.to_string();
        act(&mut ada, PLACE, &[("action", action), ("reason", &reason)]).expect(303);
        if n % 2 == 1 {
            act(&mut ada, PLACE, &[("action", "unarchive")]).expect(303);
        }
    }
    let path = "/manage/project/foo/history/";
    let first = ada.get(path).expect(200).text();
    assert_eq!(first.matches("<tr><td>").count(), 50);
    let (_, rest) = first.split_once("?before=").unwrap();
    let (before, _) = rest.split_once('"').unwrap();
    let second = ada.get(&format!("{path}?before={before}")).expect(200).text();
    assert!(second.contains("add Owner ada") && second.contains(">Latest<"), "{second}");
    assert!(!second.contains("Older"), "{second}");
    for odd in ["x", "-1", "99999999999999999999", "9223372036854775807"] {
        ada.get(&format!("{path}?before={odd}")).expect(200);
    }
}
