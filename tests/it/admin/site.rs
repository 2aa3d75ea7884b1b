//! The read-only switch and the banner.

use super::{done, refused, start, upload};
use crate::manage::act;
use crate::support::{Backend, Server, eventually, on_both};
use crate::web::Browser;
use crate::web::attacks::routes;

on_both!(
    a_banner_stands_on_every_page,
    read_only_refuses_every_change_and_nothing_else,
    other_servers_follow,
    the_configuration_wins,
);

const SWITCH: &str = "/admin/site/read-only";

fn a_banner_stands_on_every_page(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let banner = "/admin/site/banner";
    refused(&mut ada, banner, &[("words", "a\nb")], "one line");
    refused(&mut ada, banner, &[("words", &"x".repeat(301))], "one line");
    done(&mut ada, banner, &[("words", " Down <tonight> ")], "The banner is set.");
    let says = |text: &str| text.contains("<p class=\"wide\">Down &#60;tonight&#62;</p>");
    for path in ["/", "/project/foo/", "/account/reauthenticate/", "/manage/account/", "/admin/"] {
        let page = ada.get(path).expect(200).text();
        assert!(says(&page), "{path}: {page}");
    }
    assert!(says(&ada.get("/nothing").expect(404).text()));
    done(&mut ada, banner, &[("words", "")], "The banner is gone.");
    assert!(!says(&ada.get("/").expect(200).text()));
}

/// Whether the answer is the refusal.
fn is_refusal(reply: &crate::support::Reply) -> bool {
    let text = String::from_utf8_lossy(&reply.body);
    let says = text.contains("This index is read-only at the moment: we move");
    assert!(reply.status != 503 || says && reply.header("retry-after").is_some(), "{text}");
    reply.status == 503 && says
}

fn read_only_refuses_every_change_and_nothing_else(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let own = ada.csrf();
    let wheel = server.page("foo")["files"][0]["url"].as_str().unwrap().to_owned();
    refused(&mut ada, SWITCH, &[("on", "yes"), ("words", "we move")], "Say why");
    let form = [("on", "yes"), ("words", "we move"), ("reason", "migration")];
    done(&mut ada, SWITCH, &form, "The index is read-only now.");
    let open = ["/account/login/", "/account/two-factor/", "/account/recovery-code/"];
    let open = [&open[..], &["/account/reauthenticate/", "/account/logout/"]].concat();
    let writing = routes().into_iter().filter(|route| route.writes);
    for route in writing.filter(|route| !route.path.starts_with("/admin/site/")) {
        let form = crate::web::fields(&[("csrf_token", &own)]);
        let reply = Browser::clone(&ada).post(&route.filled(), &form);
        assert_eq!(is_refusal(&reply), !open.contains(&&*route.path), "{route:?}");
    }
    let words = upload(&server, "foo", "1.1", 503);
    assert!(words.contains("This index is read-only at the moment: we move"), "{words}");
    // Reading goes on.
    for path in ["/", "/simple/", "/simple/foo/", "/project/foo/", "/pypi/foo/json", &wheel] {
        server.get(path).send().expect(200);
    }
    let call = "<methodCall><methodName>list_packages_with_serial</methodName></methodCall>";
    let request = server.request("POST", "/pypi").header("Content-Type", "text/xml");
    assert!(request.body(call.into()).send().expect(200).text().contains("foo"));
    server.get("/_health/").send().expect(200);
    let page = ada.get("/").expect(200).text();
    assert!(page.contains("This index is read-only at the moment: we move"), "{page}");
    // So does logging in, without which nobody could end it.
    let mut again = Browser::logged_in(&server, "ada");
    done(&mut again, SWITCH, &[("on", "no")], "The index takes changes again.");
    upload(&server, "foo", "1.1", 200);
    let log = again.get("/admin/log/?target=site").expect(200).text();
    assert!(log.contains("migration") && log.contains("Switched back"), "{log}");
}

fn other_servers_follow(backend: Backend) {
    let server = start(backend);
    let other = server.second();
    let mut ada = Browser::logged_in(&server, "ada");
    let status = |server: &Server| act(&mut Browser::new(server), "/account/register/", &[]).status;
    let before = status(&other);
    assert_ne!(before, 503);
    let form = [("on", "yes"), ("reason", "migration")];
    done(&mut ada, SWITCH, &form, "try again later");
    assert_eq!(status(&server), 503);
    eventually("the other server refuses, too", || status(&other) == 503);
    upload(&other, "foo", "1.1", 503);
    done(&mut ada, SWITCH, &[("on", "no")], "takes changes again");
    eventually("the other server takes changes again", || status(&other) == before);
    upload(&other, "foo", "1.1", 200);
}

fn the_configuration_wins(backend: Backend) {
    let mut server = start(backend);
    let ada = Browser::logged_in(&server, "ada").cookies;
    server.kill();
    server.set("CHEESESHOP_READ_ONLY", "true");
    server.run();
    let mut ada = Browser { server: &server, cookies: ada };
    let page = ada.get("/admin/site/").expect(200).text();
    assert!(page.contains("The configuration keeps this index read-only"), "{page}");
    act(&mut ada, SWITCH, &[("on", "no")]).expect(503);
    upload(&server, "foo", "1.1", 503);
}
