//! What happens at once.

use crate::manage::act;
use crate::support::{Backend, Dist, on_both};
use crate::web::Browser;

use super::{give, roles, start};

on_both!(
    of_two_owners_who_go_at_once_one_stays,
    a_deletion_and_an_upload_pass_each_other,
    one_invitation_is_accepted_once,
);

const PLACE: &str = "/manage/project/foo/collaboration/";
const ROUNDS: usize = 8;

fn of_two_owners_who_go_at_once_one_stays(backend: Backend) {
    let mut server = start(backend);
    {
        let mut ada = Browser::logged_in(&server, "ada");
        let mut bob = Browser::logged_in(&server, "bob");
        let (remove, leave) = (format!("{PLACE}remove"), format!("{PLACE}leave"));
        for round in 0..ROUNDS {
            give(&server, "ada", "Owner");
            give(&server, "bob", "Owner");
            let (path, one, other): (&str, &[_], &[_]) = match round % 2 {
                0 => (&remove, &[("username", "bob")], &[("username", "ada")]),
                _ => (&leave, &[], &[]),
            };
            let statuses = std::thread::scope(|scope| {
                let first = scope.spawn(|| act(&mut ada, path, one).status);
                let second = scope.spawn(|| act(&mut bob, path, other).status);
                [first.join().unwrap(), second.join().unwrap()]
            });
            assert_eq!(statuses.iter().filter(|it| **it == 303).count(), 1, "{statuses:?}");
            let left = roles(&server);
            assert_eq!(left.iter().filter(|(role, _)| role == "Owner").count(), 1, "{left:?}");
        }
    }
    assert_eq!(server.deadlocks(), 0);
}

fn a_deletion_and_an_upload_pass_each_other(backend: Backend) {
    let mut server = start(backend);
    let token = server.token("ada");
    {
        let mut ada = Browser::logged_in(&server, "ada");
        let settings = "/manage/project/foo/settings/";
        for round in 0..ROUNDS {
            let dist = Dist::wheel("Foo", &format!("2.{round}"));
            let (deleted, uploaded) = std::thread::scope(|scope| {
                let delete = scope
                    .spawn(|| act(&mut ada, settings, &[("confirm_project_name", "Foo")]).status);
                let upload = server.upload(&dist).token(&token);
                let upload = scope.spawn(move || upload.send().status);
                (delete.join().unwrap(), upload.join().unwrap())
            });
            assert_eq!((deleted, uploaded), (303, 200));
            // Either the file came first and went too, or it came to a project made anew.
            let reply = server.get("/simple/foo/").send();
            if reply.status == 200 {
                let files = server.page("foo")["files"].as_array().unwrap().clone();
                assert_eq!(files.len(), 1, "{files:?}");
            } else {
                let next = Dist::wheel("Foo", &format!("3.{round}"));
                server.upload(&next).token(&token).send().expect(200);
            }
        }
    }
    assert_eq!(server.deadlocks(), 0);
}

fn one_invitation_is_accepted_once(backend: Backend) {
    let mut server = start(backend);
    {
        let mut ada = Browser::logged_in(&server, "ada");
        act(&mut ada, PLACE, &[("username", "eve"), ("role_name", "Owner")]).expect(303);
        let mut eve = Browser::logged_in(&server, "eve");
        let page = eve.get("/manage/projects/").expect(200).text();
        let id = crate::manage::between(&page, "name=\"invitation_id\" value=\"", "\"");
        let revoke = format!("{PLACE}revoke");
        let csrf = eve.csrf();
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let accept = || {
                let mut eve = eve.clone();
                let form = [("invitation_id", id), ("csrf_token", &*csrf)];
                let form = crate::web::fields(&form);
                scope.spawn(move || eve.post("/manage/projects/invitations/accept", &form).status)
            };
            let accepts = [accept(), accept(), accept()];
            act(&mut ada, &revoke, &[("invitation_id", id)]);
            accepts.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let is_owner = roles(&server).contains(&("Owner".to_owned(), "eve".to_owned()));
        let accepted = statuses.iter().filter(|status| **status == 303).count();
        assert_eq!(accepted, usize::from(is_owner), "{statuses:?}");
    }
    assert_eq!(server.deadlocks(), 0);
}
