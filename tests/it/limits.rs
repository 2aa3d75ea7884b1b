//! Limits as clients meet them: wherever a password is sent.

use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Server, on_both};

on_both!(
    wrong_passwords_of_uploads_are_limited_across_restarts,
    behind_a_proxy_of_ours_clients_are_told_apart,
    behind_a_proxy_that_speaks_https_cookies_are_kept_to_it,
    service_accounts_upload_without_an_address,
);

fn wrong_passwords_of_uploads_are_limited_across_restarts(backend: Backend) {
    let mut server = Server::start(backend);
    let token = server.token("ada");
    let dist = Dist::wheel("foo", "1.0");
    for _ in 0..10 {
        server.upload(&dist).login("ada", "not the password").send().expect(403);
    }
    let over = server.upload(&dist).login("ada", "not the password").send().expect(429);
    assert_eq!(over.reason, "Too many failed logins");
    let wait: u64 = over.header("retry-after").unwrap().parse().unwrap();
    assert!((240..=361).contains(&wait), "{wait}");
    assert!(over.text().starts_with("Too many failed logins; try again in"), "{}", over.text());
    server.kill();
    server.run();
    server.upload(&dist).login("ada", PASSWORD).send().expect(429);
    server.upload(&dist).token(&token).send().expect(200);
}

fn behind_a_proxy_of_ours_clients_are_told_apart(backend: Backend) {
    let mut server = Server::prepare(backend, &[]);
    server.set("CHEESESHOP_TRUSTED_PROXIES", "127.0.0.0/8");
    server.add_user("ada");
    server.run();
    let dist = Dist::wheel("foo", "1.0");
    let from = |hops: &str, user: &str, password: &str| {
        let upload = server.upload(&dist).login(user, password).request();
        upload.header("X-Forwarded-For", hops).send()
    };
    for number in 0..10 {
        // What clients write themselves stands to the left and does not count.
        let hops = format!("10.0.0.{number}, 192.0.2.1");
        from(&hops, &format!("user{number}"), "wrong").expect(403);
    }
    from("198.51.100.7, 192.0.2.1", "ada", PASSWORD).expect(429);
    from("192.0.2.1, 198.51.100.7", "ada", PASSWORD).expect(200);
}

fn behind_a_proxy_that_speaks_https_cookies_are_kept_to_it(backend: Backend) {
    for (trusted, said, expected) in [
        ("127.0.0.0/8", "https", true),
        ("127.0.0.0/8", "HTTPS, http", true),
        ("127.0.0.0/8", "http", false),
        ("192.0.2.1", "https", false),
    ] {
        let server = Server::start_with(backend, &[("CHEESESHOP_TRUSTED_PROXIES", trusted)]);
        let reply = server.get("/account/login/").header("X-Forwarded-Proto", said).send();
        let cookies = reply.headers.iter().filter(|(name, _)| name == "set-cookie");
        let kept: Vec<bool> = cookies.map(|(_, value)| value.ends_with("; Secure")).collect();
        assert!(!kept.is_empty(), "{trusted} {said}");
        assert!(kept.iter().all(|kept| *kept == expected), "{trusted} {said} {kept:?}");
    }
}

fn service_accounts_upload_without_an_address(backend: Backend) {
    let server = Server::start(backend);
    server.ok(&["user", "add-service", "ci"]);
    let token = server.token("ci");
    let dist = Dist::wheel("foo", "1.0");
    server.upload(&dist).login("ci", PASSWORD).send().expect(403);
    server.upload(&dist).token(&token).send().expect(200);
}
