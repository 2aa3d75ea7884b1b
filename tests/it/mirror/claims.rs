//! Who may bring a name here that an upstream index has.

use super::{ask, files, mirror, mirror_with};
use crate::support::provider::Said;
use crate::support::server::PASSWORD;
use crate::support::upstream::page_path;
use crate::support::{Backend, Dist, Reply, Server, Upstream, on_both};

on_both!(
    names_of_others_are_for_administrators,
    where_nobody_can_tell_nobody_may,
    everyone_or_nobody_may_by_the_configuration,
    names_that_are_never_asked_for_are_free,
    commands_on_the_server_are_an_administrators,
);

/// An upload by somebody who is no administrator.
fn by_eve(server: &Server, dist: &Dist) -> Reply {
    server.upload(dist).login("eve", PASSWORD).send()
}

fn names_of_others_are_for_administrators(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("taken", "99.0"));
    let server = mirror(backend, &upstream);
    server.add_user("eve");
    let refused = by_eve(&server, &Dist::wheel("Taken", "1.0")).expect(403);
    assert_eq!(refused.reason, "An upstream index has a project of this name");
    let words = refused.text();
    assert!(words.contains(&upstream.url()) && words.contains("only administrators"), "{words}");
    // Known or not, the page goes on being served.
    assert_eq!(files(&server.page("taken")), ["taken-99.0-py3-none-any.whl"]);
    by_eve(&server, &Dist::wheel("taken", "1.0")).expect(403);
    by_eve(&server, &Dist::wheel("free", "1.0")).expect(200);
    // What is ours already is asked about no more.
    upstream.add(&Dist::wheel("free", "99.0"));
    let asked = upstream.asked().len();
    by_eve(&server, &Dist::wheel("free", "2.0")).expect(200);
    server.upload(&Dist::wheel("taken", "1.0")).send().expect(200);
    assert_eq!(files(&server.page("taken")), ["taken-1.0-py3-none-any.whl"]);
    assert_eq!(upstream.asked().len(), asked);
}

fn where_nobody_can_tell_nobody_may(backend: Backend) {
    let upstream = Upstream::start();
    upstream.say(&page_path("foo"), Said::new(500, "oops"));
    let server = mirror(backend, &upstream);
    server.add_user("eve");
    let refused = by_eve(&server, &Dist::wheel("foo", "1.0")).expect(503);
    assert!(refused.header("retry-after").is_some());
    let words = refused.text();
    assert!(words.contains("cannot be told now"), "{words}");
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let offline = mirror_with(backend, &upstream, &[("CHEESESHOP_MIRROR__OFFLINE", "true")]);
    offline.add_user("eve");
    by_eve(&offline, &Dist::wheel("bar", "1.0")).expect(503);
    // What is stored says enough.
    offline.sql(&format!(
        "INSERT INTO mirror_pages (name, upstream, page, checked_at, changed_at)
         VALUES ('known', '{}', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        upstream.url()
    ));
    by_eve(&offline, &Dist::wheel("known", "1.0")).expect(403);
}

fn everyone_or_nobody_may_by_the_configuration(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let rule = |word| [("CHEESESHOP_MIRROR__CLAIM_NAMES", word)];
    let server = mirror_with(backend, &upstream, &rule("everyone"));
    server.add_user("eve");
    by_eve(&server, &Dist::wheel("foo", "1.0")).expect(200);
    let server = mirror_with(backend, &upstream, &rule("nobody"));
    let words = server.upload(&Dist::wheel("foo", "1.0")).send().expect(403).text();
    assert!(words.contains("nobody may use its name"), "{words}");
    ask(&server, "foo").expect(200);
    server.upload(&Dist::wheel("bar", "1.0")).send().expect(200);
}

fn names_that_are_never_asked_for_are_free(backend: Backend) {
    let upstream = Upstream::start();
    for name in ["acme-x", "team-x"] {
        upstream.add(&Dist::wheel(name, "9.0"));
    }
    let deny = [("CHEESESHOP_MIRROR__DENY", "team-*")];
    let server = mirror_with(backend, &upstream, &deny);
    server.add_user("eve");
    server.sql(
        "INSERT INTO reserved_prefixes (prefix, reason, created_at)
         VALUES ('acme', '', '2026-01-01 00:00:00');
         INSERT INTO prefix_holders (prefix, user_id)
         SELECT 'acme', id FROM users WHERE username = 'eve'",
    );
    for name in ["acme-x", "team-x"] {
        by_eve(&server, &Dist::wheel(name, "1.0")).expect(200);
        assert_eq!(upstream.asked_about(name), 0);
    }
}

fn commands_on_the_server_are_an_administrators(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let mut server = mirror_with(backend, &upstream, &[]);
    server.add_user("eve");
    let import = |server: &Server, name: &str| {
        let dist = Dist::wheel(name, "2.0");
        let folder = server.scratch().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(&dist.filename), &dist.bytes).unwrap();
        let output =
            server.run_command(&["import", folder.to_str().unwrap(), "--owner", "eve"], "");
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(import(&server, "foo").0, Some(0));
    assert_eq!(files(&server.page("foo")), ["foo-2.0-py3-none-any.whl"]);
    upstream.add(&Dist::wheel("bar", "1.0"));
    server.set("CHEESESHOP_MIRROR__CLAIM_NAMES", "nobody");
    let (code, words) = import(&server, "bar");
    assert_eq!(code, Some(1));
    assert!(words.contains("nobody may use its name here"), "{words}");
}
