//! Prohibited names and reserved prefixes.

use super::{done, refused, start, upload};
use crate::manage::act;
use crate::support::{Backend, Dist, on_both};
use crate::web::Browser;

on_both!(a_prohibited_name_is_refused, a_reserved_prefix_is_its_holders);

fn a_prohibited_name_is_refused(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let form = [("name", "Secret.Tool"), ("reason", "taken by <legal>")];
    refused(&mut ada, "/admin/names/prohibit", &form[..1], "Say why");
    refused(&mut ada, "/admin/names/prohibit", &[("name", "-"), form[1]], "A name has letters");
    done(&mut ada, "/admin/names/prohibit", &form, "taken by &#60;legal&#62;");
    assert!(upload(&server, "secret-tool", "1.0", 400).contains("taken by <legal>"));
    done(&mut ada, "/admin/names/permit", &[("name", "secret_tool")], "may have this name again");
    upload(&server, "secret-tool", "1.0", 200);
    refused(&mut ada, "/admin/names/permit", &[("name", "secret-tool")], "neither prohibited");
    // The name of a deleted project stays with its owners until it is freed.
    let form = [("confirm_project_name", "secret-tool"), ("reason", "x")];
    act(&mut ada, "/admin/project/secret-tool/delete", &form).expect(303);
    let eve = |status: u16| {
        let dist = Dist::wheel("secret-tool", "2.0");
        let request = server.upload(&dist).login("eve", crate::support::server::PASSWORD);
        request.send().expect(status);
    };
    eve(409);
    done(&mut ada, "/admin/names/permit", &[("name", "secret-tool")], "may have this name again");
    eve(200);
}

fn a_reserved_prefix_is_its_holders(backend: Backend) {
    let server = start(backend);
    upload(&server, "acme-old", "1.0", 200);
    let mut ada = Browser::logged_in(&server, "ada");
    let reserve = "/admin/names/reserve";
    refused(&mut ada, reserve, &[("prefix", "acme"), ("holders", "nobody")], "no account named");
    refused(&mut ada, reserve, &[("prefix", "")], "A name has letters");
    done(&mut ada, reserve, &[("prefix", "Acme-*"), ("holders", "eve, eve")], "For eve.");
    for covered in ["acme", "acme-tools", "ACME_tools.x"] {
        let words = upload(&server, covered, "1.0", 409);
        assert!(words.contains("names that begin with acme are reserved here"), "{words}");
    }
    let reply = server.upload(&Dist::wheel("acme-x", "1.0"));
    let reply = reply.login("bob", crate::support::server::PASSWORD).send();
    assert_eq!(reply.reason, "The prefix of this name is reserved");
    // Not what only looks like it, and not what was there before.
    upload(&server, "acmeware", "1.0", 200);
    upload(&server, "acme-old", "1.1", 200);
    let eve = |name: &str, status: u16| {
        let dist = Dist::wheel(name, "1.0");
        let request = server.upload(&dist).login("eve", crate::support::server::PASSWORD);
        request.send().expect(status);
    };
    eve("acme-tools", 200);
    // Who holds a part of it holds that part alone.
    done(&mut ada, reserve, &[("prefix", "acme-lab"), ("holders", "bob")], "For bob.");
    upload(&server, "acme-lab-one", "1.0", 200);
    eve("acme-lab-two", 409);
    eve("acme-labs", 200);
    server.upload(&Dist::wheel("acme-lab-three", "1.0")).send().expect(200);
    done(&mut ada, "/admin/names/free", &[("prefix", "acme-lab")], "free for everybody");
    eve("acme-lab-two", 200);
    act(&mut ada, "/admin/names/free", &[("prefix", "acme-lab")]).expect(404);
}
