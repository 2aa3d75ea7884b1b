//! Jobs, mails and security events.

use cheeseshop::jobs::Lease;
use cheeseshop::time;

use super::{done, refused, start};
use crate::manage::{act, between};
use crate::support::{Backend, Server, eventually, on_both};
use crate::web::Browser;

on_both!(
    a_job_runs_now_unless_it_runs,
    mails_are_tried_again,
    events_of_all_accounts_are_found,
    what_failed_is_said,
);

/// Holds the lease of a job, as a run elsewhere does.
fn hold(server: &Server, job: &'static str) -> Lease {
    let db = server.open_database();
    let taken = async { db.write(move |c| Ok(Lease::take(c, job, "x", time::now())?)).await };
    tokio::runtime::Runtime::new().unwrap().block_on(taken).unwrap().unwrap()
}

fn a_job_runs_now_unless_it_runs(backend: Backend) {
    let mut server = start(backend);
    server.kill();
    // Not by itself.
    server.set("CHEESESHOP_JOBS__CLEAN__SCHEDULE", "0 0 0 29 2 *");
    server.run();
    let mut ada = Browser::logged_in(&server, "ada");
    let run = "/admin/jobs/run";
    let page = ada.get("/admin/jobs/").expect(200).text();
    assert!(page.contains("<code>0 0 0 29 2 *</code>"), "{page}");
    act(&mut ada, run, &[("name", "nothing")]).expect(404);
    done(&mut ada, run, &[("name", "clean")], "The job has begun.");
    eventually("the run is done", || {
        let page = ada.get("/admin/jobs/").expect(200).text();
        page.contains("temporary files")
    });
    hold(&server, "clean");
    refused(&mut ada, run, &[("name", "clean")], "another run of the job clean is under way");
    let page = ada.get("/admin/jobs/").expect(200).text();
    assert!(page.contains("running</span>"), "{page}");
    let log = ada.get("/admin/log/?act=job:run").expect(200).text();
    assert_eq!(log.matches("Ran the job: <b>clean</b>").count(), 1, "{log}");
}

fn mails_are_tried_again(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    server.sql(
        "INSERT INTO outbox (recipient, subject, body, message_id, queued_at, attempts, failed_at, \
         last_error) VALUES ('x@example.org', 'Hello <you>', 'text', 'id', '2026-01-01 00:00:00', \
         9, '2026-01-02 00:00:00', 'the <server> said no')",
    );
    let page = ada.get("/admin/mail/").expect(200).text();
    assert!(page.contains("Hello &#60;you&#62;") && page.contains("&#60;server&#62; said no"));
    assert!(page.contains("given up 2026-01-02"), "{page}");
    assert!(ada.get("/admin/").expect(200).text().contains("1 mails were given up."));
    let id = between(&page, "name=\"mail_id\" value=\"", "\"").to_owned();
    done(&mut ada, "/admin/mail/retry", &[("mail_id", &id)], "tried again now");
    crate::web::mail(&server, "x@example.org", "Hello <you>");
    eventually("it is sent", || {
        !ada.get("/admin/mail/").expect(200).text().contains("Hello &#60;you&#62;")
    });
    let page = ada.get("/admin/mail/?sent=yes").expect(200).text();
    assert!(page.contains("Hello &#60;you&#62;"), "{page}");
    act(&mut ada, "/admin/mail/retry", &[("mail_id", &id)]).expect(404);
    done(&mut ada, "/admin/mail/retry", &[], "nothing was changed");
}

fn events_of_all_accounts_are_found(backend: Backend) {
    let server = start(backend);
    Browser::new(&server).log_in("eve", "wrong").expect(403);
    Browser::logged_in(&server, "bob");
    let mut ada = Browser::logged_in(&server, "ada");
    let mut accounts = |query: &str| {
        let page = ada.get(&format!("/admin/events/?{query}")).expect(200).text();
        let rows = page.split("href=\"/admin/user/").skip(1);
        rows.map(|row| row.split('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(accounts("ip=127.0.0.1"), ["ada", "bob", "eve"]);
    assert!(accounts("username=eve").iter().all(|name| name == "eve"));
    assert!(accounts("username=nobody").is_empty() && accounts("username=%00x").is_empty());
    assert!(accounts("before=1").is_empty());
}

fn what_failed_is_said(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let page = ada.get("/admin/").expect(200).text();
    assert!(!page.contains("Needs attention"), "{page}");
    let figure = |name: &str| {
        let begin = format!("<dt>{name}</dt><dd>");
        between(&page, &begin, "<").to_owned()
    };
    assert_eq!([figure("Projects"), figure("Files"), figure("Accounts")], ["1", "1", "3"]);
    assert_ne!(figure("Size of the database"), "0 B");
    server.sql(
        "INSERT INTO job_runs (job, holder, fencing, started_at, ended_at, result, detail) VALUES \
         ('clean', 'x', 99, '2999-01-01 00:00:00', '2999-01-01 00:00:01', 'failed', 'no <disk>')",
    );
    let page = ada.get("/admin/").expect(200).text();
    assert!(page.contains("The job clean failed at 2999-01-01 00:00 UTC: no &#60;disk&#62;"));
}
