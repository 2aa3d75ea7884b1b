//! Changing roles, taking them away, leaving.

use crate::manage::{act, between, is_whole};
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, on_both};
use crate::web::{Browser, mail};

use super::{done, give, history, refused, roles, start};

on_both!(
    roles_are_changed_and_taken_away,
    the_last_owner_stays,
    a_maintainer_leaves,
    who_goes_leaves_no_invitation_behind,
    who_is_stopped_lets_nobody_in,
);

const PLACE: &str = "/manage/project/foo/collaboration/";

fn at(name: &str) -> String {
    format!("{PLACE}{name}")
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(role, user)| ((*role).to_owned(), (*user).to_owned())).collect()
}

fn roles_are_changed_and_taken_away(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let change = at("change");
    for (form, status) in [
        ([("username", "bob"), ("role_name", "King")], 400),
        ([("username", "bob"), ("role_name", "owner")], 400),
        ([("username", "eve"), ("role_name", "Owner")], 404),
        ([("username", "nobody"), ("role_name", "Owner")], 404),
    ] {
        act(&mut ada, &change, &form).expect(status);
    }
    let owner = [("username", "bob"), ("role_name", "Owner")];
    assert_eq!(done(&mut ada, &change, &owner), PLACE);
    assert_eq!(roles(&server), owned(&[("Owner", "ada"), ("Owner", "bob")]));
    for to in ["ada@example.org", "bob@example.org"] {
        mail(&server, to, "Foo: bob is Owner now");
    }
    // The same again changes nothing, and is written nowhere.
    let before = super::serial(&server);
    act(&mut ada, &change, &owner).expect(303);
    assert_eq!(super::serial(&server), before);
    let mut bob = Browser::logged_in(&server, "bob");
    is_whole(PLACE, &bob.get(PLACE).expect(200).text());
    done(&mut bob, &change, &[("username", "ada"), ("role_name", "Maintainer")]);
    act(&mut ada, &change, &owner).expect(403);
    let text = act(&mut bob, &at("remove"), &[("username", "eve")]).expect(404).text();
    assert!(text.contains("Nobody of that name"), "{text}");
    done(&mut bob, &at("remove"), &[("username", "ada")]);
    assert_eq!(roles(&server), owned(&[("Owner", "bob")]));
    mail(&server, "ada@example.org", "Foo: ada is no Maintainer any more");
    mail(&server, "bob@example.org", "Foo: ada is no Maintainer any more");
    server.upload(&Dist::wheel("Foo", "1.1")).send().expect(403);
    ada.get(PLACE).expect(403);
    let found = history(&mut bob).into_iter().take(3).collect::<Vec<_>>();
    assert_eq!(
        found,
        owned(&[
            ("remove Maintainer ada", "bob"),
            ("change Owner ada to Maintainer", "bob"),
            ("change Maintainer bob to Owner", "ada"),
        ])
    );
    // Both sides have it in their security history; of others one does not see from where.
    let own = ada.get("/manage/account/history/").expect(200).text();
    assert!(own.contains("ada is no Maintainer of Foo any more.</td>"), "{own}");
    assert!(own.contains(">by bob<"), "{own}");
    let other = bob.get("/manage/account/history/").expect(200).text();
    assert!(other.contains("ada is no Maintainer of Foo any more.</td>"), "{other}");
    assert!(other.contains("bob is Owner of Foo now."), "{other}");
}

fn the_last_owner_stays(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let forms: [(&str, &[(&str, &str)]); 3] = [
        ("leave", &[]),
        ("remove", &[("username", "ada")]),
        ("change", &[("username", "ada"), ("role_name", "Maintainer")]),
    ];
    for (path, form) in forms {
        refused(&mut ada, &at(path), form, "This is the last owner");
    }
    // An owner whose account is stopped is none who could do anything.
    give(&server, "eve", "Owner");
    server.ok(&["user", "disable", "eve"]);
    for (path, form) in forms {
        refused(&mut ada, &at(path), form, "This is the last owner");
    }
    let page = ada.get(PLACE).expect(200).text();
    assert!(page.contains("disabled</span>"), "{page}");
    server.ok(&["user", "enable", "eve"]);
    assert_eq!(done(&mut ada, &at("leave"), &[]), "/manage/projects/");
    assert_eq!(roles(&server), owned(&[("Owner", "eve"), ("Maintainer", "bob")]));
}

fn a_maintainer_leaves(backend: Backend) {
    let server = start(backend);
    let mut bob = Browser::logged_in(&server, "bob");
    let page = bob.get(PLACE).expect(200).text();
    is_whole(PLACE, &page);
    assert!(!page.contains("Invite somebody") && page.contains(">Leave<"), "{page}");
    server.upload(&Dist::wheel("Foo", "1.1")).login("bob", PASSWORD).send().expect(200);
    assert_eq!(done(&mut bob, &at("leave"), &[]), "/manage/projects/");
    let page = bob.get("/manage/projects/").expect(200).text();
    assert!(page.contains("You have left the project."), "{page}");
    server.upload(&Dist::wheel("Foo", "1.2")).login("bob", PASSWORD).send().expect(403);
    mail(&server, "ada@example.org", "Foo: bob is no Maintainer any more");
    mail(&server, "bob@example.org", "Foo: bob is no Maintainer any more");
    act(&mut bob, &at("leave"), &[]).expect(403);
}

fn who_goes_leaves_no_invitation_behind(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    give(&server, "bob", "Owner");
    let mut bob = Browser::logged_in(&server, "bob");
    done(&mut bob, PLACE, &[("username", "eve"), ("role_name", "Owner")]);
    let page = ada.get(PLACE).expect(200).text();
    assert!(page.contains("<b>eve</b>"), "{page}");
    done(&mut ada, &at("change"), &[("username", "bob"), ("role_name", "Maintainer")]);
    let page = ada.get(PLACE).expect(200).text();
    assert!(!page.contains("<b>eve</b>"), "{page}");
    let mut eve = Browser::logged_in(&server, "eve");
    let page = eve.get("/manage/projects/").expect(200).text();
    assert!(!page.contains("invitation_id"), "{page}");
}

fn who_is_stopped_lets_nobody_in(backend: Backend) {
    let server = start(backend);
    give(&server, "bob", "Owner");
    let mut bob = Browser::logged_in(&server, "bob");
    server.add_user("zoe");
    for whom in ["eve", "zoe"] {
        done(&mut bob, PLACE, &[("username", whom), ("role_name", "Owner")]);
    }
    let mut eve = Browser::logged_in(&server, "eve");
    let mine = "/manage/projects/";
    let page = eve.get(mine).expect(200).text();
    let id = between(&page, "name=\"invitation_id\" value=\"", "\"").to_owned();
    server.ok(&["user", "disable", "bob"]);
    let page = eve.get(mine).expect(200).text();
    assert!(!page.contains("invitation_id"), "{page}");
    let accept = "/manage/projects/invitations/accept";
    act(&mut eve, accept, &[("invitation_id", &id)]).expect(404);
    assert!(!roles(&server).iter().any(|(_, user)| user == "eve"));
    // And is in nobody's way.
    let mut ada = Browser::logged_in(&server, "ada");
    done(&mut ada, PLACE, &[("username", "zoe"), ("role_name", "Maintainer")]);
    // It waits for one who was stopped by mistake.
    server.ok(&["user", "enable", "bob"]);
    assert_eq!(done(&mut eve, accept, &[("invitation_id", &id)]), mine);
}
