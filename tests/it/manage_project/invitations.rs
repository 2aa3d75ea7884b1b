//! Invitations to a role, from the mail to the answer.

use crate::manage::{act, between, is_whole};
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, on_both};
use crate::web::{Browser, mail, mails};

use super::{done, give, history, refused, roles, start};

on_both!(
    an_invited_account_accepts,
    an_invitation_is_declined_or_taken_back,
    whom_one_cannot_invite,
    an_address_does_not_tell_whose_it_is,
    an_invitation_of_others_is_not_there,
    an_invitation_ends,
    nobody_is_flooded,
);

const PLACE: &str = "/manage/project/foo/collaboration/";
const MINE: &str = "/manage/projects/";
const ACCEPT: &str = "/manage/projects/invitations/accept";
const DECLINE: &str = "/manage/projects/invitations/decline";

fn form<'a>(whom: &'a str, role: &'a str) -> [(&'a str, &'a str); 2] {
    [("username", whom), ("role_name", role)]
}

/// The id of the only invitation on a page.
#[track_caller]
fn id(browser: &mut Browser<'_>, path: &str) -> String {
    let page = browser.get(path).expect(200).text();
    is_whole(path, &page);
    between(&page, "name=\"invitation_id\" value=\"", "\"").to_owned()
}

fn an_invited_account_accepts(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    assert_eq!(done(&mut ada, PLACE, &form("EVE", "Maintainer")), PLACE);
    let page = ada.get(PLACE).expect(200).text();
    assert!(page.contains("<b>eve</b> <span class=\"mark\">Maintainer</span>"), "{page}");
    let letter = mail(&server, "eve@example.org", "You are invited to the project Foo");
    assert!(letter.text.contains("ada invites you to be Maintainer of"), "{letter:?}");
    assert!(letter.text.contains("Log in as eve"), "{letter:?}");
    // It is no role yet.
    let mut eve = Browser::logged_in(&server, "eve");
    eve.get(PLACE).expect(403);
    server.upload(&Dist::wheel("Foo", "1.1")).login("eve", PASSWORD).send().expect(403);
    let id = id(&mut eve, &letter.link(&server));
    let which = [("invitation_id", &*id)];
    assert_eq!(done(&mut eve, ACCEPT, &which), MINE);
    server.upload(&Dist::wheel("Foo", "1.1")).login("eve", PASSWORD).send().expect(200);
    assert!(roles(&server).contains(&("Maintainer".to_owned(), "eve".to_owned())));
    act(&mut eve, ACCEPT, &which).expect(404);
    for to in ["ada@example.org", "eve@example.org"] {
        mail(&server, to, "Foo: eve is Maintainer now");
    }
    assert!(
        !mails(&server).iter().any(|it| it.to.starts_with("bob") && it.subject.contains("eve"))
    );
    let told = |browser: &mut Browser<'_>| {
        let page = browser.get("/manage/account/history/").expect(200).text();
        assert!(page.contains("eve was invited to be Maintainer of Foo."), "{page}");
        assert!(page.contains("eve is Maintainer of Foo now."), "{page}");
        page
    };
    assert!(told(&mut eve).contains(">by ada<"));
    assert!(told(&mut ada).contains(">by eve<"));
    // A maintainer is invited to be an owner, and is one.
    server.sql("DELETE FROM throttle");
    server.sql(
        "INSERT INTO role_invitations (project_id, user_id, role, created_at, expires_at) \
         SELECT projects.id, users.id, 'Owner', '2026-01-01 00:00:00', '2999-01-01 00:00:00' \
         FROM projects, users WHERE username = 'eve'",
    );
    let id = self::id(&mut eve, MINE);
    done(&mut eve, ACCEPT, &[("invitation_id", &*id)]);
    assert!(roles(&server).contains(&("Owner".to_owned(), "eve".to_owned())));
    let acts: Vec<String> = history(&mut ada).into_iter().map(|(what, _)| what).collect();
    for text in ["invite Maintainer eve", "add Maintainer eve", "add Owner eve"] {
        assert!(acts.iter().any(|it| it == text), "{acts:?}");
    }
}

fn an_invitation_is_declined_or_taken_back(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let mut eve = Browser::logged_in(&server, "eve");
    done(&mut ada, PLACE, &form("eve", "Owner"));
    let declined = id(&mut eve, MINE);
    assert_eq!(done(&mut eve, DECLINE, &[("invitation_id", &*declined)]), MINE);
    assert!(!eve.get(MINE).expect(200).text().contains("invitation_id"));
    let page = ada.get("/manage/account/history/").expect(200).text();
    assert!(page.contains("eve declined to be Owner of Foo."), "{page}");
    act(&mut eve, ACCEPT, &[("invitation_id", &*declined)]).expect(404);
    done(&mut ada, PLACE, &form("eve", "Owner"));
    let revoked = id(&mut ada, PLACE);
    let revoke = format!("{PLACE}revoke");
    assert_eq!(done(&mut ada, &revoke, &[("invitation_id", &*revoked)]), PLACE);
    act(&mut ada, &revoke, &[("invitation_id", &*revoked)]).expect(404);
    for answer in [ACCEPT, DECLINE] {
        act(&mut eve, answer, &[("invitation_id", &*revoked)]).expect(404);
    }
    assert_eq!(roles(&server).len(), 2);
    let acts: Vec<_> = history(&mut ada).into_iter().take(4).collect();
    let expected = [
        ("revoke_invite Owner eve", "ada"),
        ("invite Owner eve", "ada"),
        ("decline_invite Owner eve", "eve"),
        ("invite Owner eve", "ada"),
    ];
    assert_eq!(acts, expected.map(|(what, who)| (what.to_owned(), who.to_owned())));
}

fn whom_one_cannot_invite(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    for (whom, role, words) in [
        ("", "Owner", "no account of that name"),
        ("nobody", "Owner", "no account of that name"),
        ("<script>", "Owner", "no account of that name"),
        ("@", "Owner", "not a mail address"),
        ("a@b@c", "Owner", "not a mail address"),
        ("bob", "Owner", "bob is Maintainer already."),
        ("ada", "Maintainer", "ada is Owner already."),
        ("eve", "Administrator", "Choose Owner or Maintainer."),
        ("eve", "", "Choose Owner or Maintainer."),
    ] {
        let text = refused(&mut ada, PLACE, &form(whom, role), words).text();
        assert!(!text.contains("<script"), "{text}");
    }
    server.ok(&["user", "disable", "eve"]);
    refused(&mut ada, PLACE, &form("eve", "Owner"), "no account of that name");
    server.ok(&["user", "enable", "eve"]);
    server.sql("UPDATE emails SET verified_at = NULL WHERE address = 'eve@example.org'");
    refused(&mut ada, PLACE, &form("eve", "Owner"), "no verified primary address");
    server.sql("UPDATE emails SET verified_at = '2026-01-01 00:00:00'");
    done(&mut ada, PLACE, &form("eve", "Owner"));
    refused(&mut ada, PLACE, &form("Eve", "Maintainer"), "waits for an answer already");
    done(&mut ada, PLACE, &form("x@example.org", "Owner"));
    refused(&mut ada, PLACE, &form("X@Example.org", "Owner"), "waits for an answer already");
}

fn an_address_does_not_tell_whose_it_is(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    // Of somebody, of a member, of the inviter, of nobody: the same answer.
    let addresses = ["eve@example.org", "bob@example.org", "ada@example.org", "nobody@example.org"];
    let pages = addresses.map(|address| {
        assert_eq!(done(&mut ada, PLACE, &form(address, "Maintainer")), PLACE);
        let page = ada.get(PLACE).expect(200).text();
        let (_, row) = page.split_once(&format!("<b>{address}</b>")).unwrap();
        let (row, _) = row.split_once("<div class=\"actions\">").unwrap();
        mail(&server, address, "You are invited to the project Foo");
        row.to_owned()
    });
    assert!(pages.iter().all(|row| *row == pages[0]), "{pages:?}");
    let acts = history(&mut ada);
    let invited = ("invite Maintainer by mail".to_owned(), "ada".to_owned());
    assert_eq!(acts.iter().filter(|it| **it == invited).count(), 4, "{acts:?}");
    // Who has the address answers, and who declines is not named to anybody.
    let mut eve = Browser::logged_in(&server, "eve");
    let page = eve.get(MINE).expect(200).text();
    assert!(page.contains("Sent to eve@example.org."), "{page}");
    let declined = id(&mut eve, MINE);
    done(&mut eve, DECLINE, &[("invitation_id", &*declined)]);
    let page = ada.get("/manage/account/history/").expect(200).text();
    assert!(page.contains("eve@example.org declined to be Maintainer of Foo."), "{page}");
    assert!(!page.contains(">by eve<"), "{page}");
    let first = history(&mut ada).remove(0);
    assert_eq!(first, ("decline_invite Maintainer by mail".to_owned(), "invitee".to_owned()));
    // Whoever gets the address later is invited as well.
    server.add_user("nobody");
    let mut nobody = Browser::logged_in(&server, "nobody");
    let accepted = id(&mut nobody, MINE);
    done(&mut nobody, ACCEPT, &[("invitation_id", &*accepted)]);
    assert!(roles(&server).contains(&("Maintainer".to_owned(), "nobody".to_owned())));
    // A member who accepts stays what it is.
    let mut bob = Browser::logged_in(&server, "bob");
    let own = id(&mut bob, MINE);
    refused(&mut bob, ACCEPT, &[("invitation_id", &*own)], "You are Maintainer of Foo already.");
}

fn an_invitation_of_others_is_not_there(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    done(&mut ada, PLACE, &form("eve", "Owner"));
    let invitation = id(&mut ada, PLACE);
    let mut root = Browser::logged_in(&server, "root");
    let mut bob = Browser::logged_in(&server, "bob");
    for browser in [&mut root, &mut bob, &mut ada] {
        for answer in [ACCEPT, DECLINE] {
            for id in [&*invitation, "999999", "-1"] {
                act(browser, answer, &[("invitation_id", id)]).expect(404);
            }
            act(browser, answer, &[("invitation_id", "x")]).expect(400);
        }
    }
    // The owner of another project does not take it back there.
    server.upload(&Dist::wheel("bar", "1.0")).login("root", PASSWORD).send().expect(200);
    let revoke = "/manage/project/bar/collaboration/revoke";
    act(&mut root, revoke, &[("invitation_id", &*invitation)]).expect(404);
    act(&mut root, &format!("{PLACE}revoke"), &[("invitation_id", &*invitation)]).expect(403);
    act(&mut bob, &format!("{PLACE}revoke"), &[("invitation_id", &*invitation)]).expect(403);
    // An address that is not verified any more proves nothing.
    done(&mut ada, PLACE, &form("root@example.org", "Owner"));
    server.sql("UPDATE emails SET verified_at = NULL WHERE address = 'root@example.org'");
    let page = root.get(MINE);
    assert_ne!(page.status, 500);
    assert!(!String::from_utf8(page.body).unwrap().contains("invitation_id"));
    let mut eve = Browser::logged_in(&server, "eve");
    act(&mut eve, ACCEPT, &[("invitation_id", &*invitation)]).expect(303);
}

fn an_invitation_ends(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let mut eve = Browser::logged_in(&server, "eve");
    done(&mut ada, PLACE, &form("eve", "Owner"));
    let late = id(&mut eve, MINE);
    server.sql("UPDATE role_invitations SET expires_at = '2026-01-01 00:00:00'");
    for answer in [ACCEPT, DECLINE] {
        act(&mut eve, answer, &[("invitation_id", &*late)]).expect(404);
    }
    assert!(!eve.get(MINE).expect(200).text().contains("invitation_id"));
    assert!(!ada.get(PLACE).expect(200).text().contains("invitation_id"));
    // And can be made again, which goes with the project.
    done(&mut ada, PLACE, &form("eve", "Owner"));
    give(&server, "bob", "Owner");
    let again = id(&mut eve, MINE);
    let mut bob = Browser::logged_in(&server, "bob");
    let settings = "/manage/project/foo/settings/";
    done(&mut bob, settings, &[("confirm_project_name", "Foo")]);
    act(&mut eve, ACCEPT, &[("invitation_id", &*again)]).expect(404);
}

fn nobody_is_flooded(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    for n in 0..20 {
        done(&mut ada, PLACE, &form(&format!("x{n}@example.org"), "Maintainer"));
    }
    let reply = act(&mut ada, PLACE, &form("more@example.org", "Maintainer")).expect(429);
    assert!(reply.header("retry-after").is_some());
    assert!(reply.text().contains("Too many people were invited"), "{}", reply.text());
}
