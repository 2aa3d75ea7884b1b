//! Mails: they leave soon, once, and are not lost.

use std::time::{Duration, Instant};

use cheeseshop::address::EmailAddress;
use cheeseshop::error::Error;
use cheeseshop::mail::Message;
use cheeseshop::time;

use crate::support::{Backend, MailServer, Server, eventually, on_both};

on_both!(
    a_mail_becomes_a_file_within_two_seconds,
    a_mail_server_takes_mails,
    mails_wait_for_a_server_that_is_down,
    a_refusal_for_good_is_not_tried_again,
    a_login_that_fails_loses_nothing,
    two_servers_deliver_once,
    what_nobody_takes_is_tried_and_given_up,
    a_folder_that_cannot_be_written_loses_nothing,
    a_mail_leaves_with_its_transaction_or_never,
    nothing_is_lost_by_a_kill,
    mails_are_logged_where_nothing_else_is_set,
);

/// Within this time of the action a mail is there.
const SOON: Duration = Duration::from_secs(2);
const FILE: (&str, &str) = ("CHEESESHOP_MAIL__TRANSPORT", "file");
const SMTP: (&str, &str) = ("CHEESESHOP_MAIL__TRANSPORT", "smtp");
const FROM: (&str, &str) = ("CHEESESHOP_MAIL__FROM", "packages@example.org");
const URL: &str = "CHEESESHOP_MAIL__SMTP_URL";

/// The texts of the mails in the folder, by file name.
fn files(server: &Server) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(server.data().join("mail")) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "eml"));
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

fn listed(server: &Server) -> Vec<serde_json::Value> {
    let text = server.ok(&["mail", "list", "--all", "--json"]);
    serde_json::from_str::<serde_json::Value>(&text).unwrap().as_array().unwrap().clone()
}

/// A server whose mails go to a mail server.
fn with_mail_server(backend: Backend, url: &str) -> Server {
    Server::start_with(backend, &[SMTP, FROM, (URL, url)])
}

fn a_mail_becomes_a_file_within_two_seconds(backend: Backend) {
    let site = ("CHEESESHOP_SITE_NAME", "Our shop");
    let server = Server::start_with(backend, &[FILE, FROM, site]);
    let mut times: Vec<_> = (0..5).map(|count| time_of_a_mail(&server, count)).collect();
    times.sort();
    // Most of them: the machine may be busy with something else for a moment.
    assert!(times[2] < SOON, "{times:?}");
    let text = files(&server).remove(0);
    for part in [
        "From: \"Our shop\" <packages@example.org>\r\n",
        "To: ada@example.org\r\n",
        "Subject: [Our shop] Mails arrive\r\n",
        "Message-ID: <",
        "@example.org>\r\n",
        "Date: ",
        "Auto-Submitted: auto-generated\r\n",
        "\r\n\r\nThe operator of Our shop sent this",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    eventually("all are noted", || listed(&server).iter().all(|it| it["state"] == "sent"));
    let mail = listed(&server).remove(0);
    assert_eq!(listed(&server).len(), 5);
    assert_eq!((&mail["to"], &mail["attempts"]), (&"ada@example.org".into(), &1.into()));
    assert!(mail["next"].is_null() && mail["error"].is_null());
    // Sent mails are of no interest, unless they are asked for.
    assert_eq!(server.ok(&["mail", "list", "--json"]).trim(), "[]");
    let jobs: serde_json::Value =
        serde_json::from_str(&server.ok(&["jobs", "list", "--json"])).unwrap();
    let job = jobs.as_array().unwrap().iter().find(|job| job["name"] == "mail").unwrap();
    let last = &job["last"];
    assert_eq!(last["result"], "done");
    assert!(last["detail"].as_str().unwrap().ends_with("0 to be tried again, 0 given up"));
}

/// How long it takes for another mail to come after so many.
fn time_of_a_mail(server: &Server, count: usize) -> Duration {
    server.ok(&["mail", "test", "ada@example.org"]);
    let queued = Instant::now();
    eventually("the mail is there", || files(server).len() > count);
    queued.elapsed()
}

fn a_mail_server_takes_mails(backend: Backend) {
    let folder = tempfile::tempdir().unwrap();
    let mails = |mode: &str, url: &dyn Fn(u16) -> String| {
        let mail = MailServer::start(0, mode, folder.path());
        let mut server = Server::prepare(backend, &[SMTP, FROM]);
        server.set(URL, &url(mail.port()));
        server.set("SSL_CERT_FILE", mail.certificate());
        server.run();
        server.ok(&["mail", "test", "bob@example.org"]);
        eventually("the mail is there", || !mail.mails().is_empty());
        mail.mails().remove(0)
    };
    let plain = mails("plain", &|port| format!("smtp://127.0.0.1:{port}/shop.example.org"));
    assert_eq!(plain["from"], "packages@example.org");
    assert_eq!(plain["to"], serde_json::json!(["bob@example.org"]));
    assert_eq!((&plain["hello"], &plain["encrypted"]), (&"shop.example.org".into(), &false.into()));
    assert!(plain["text"].as_str().unwrap().contains("Subject: [cheeseshop] Mails arrive\r\n"));
    let url = |port| format!("smtp://ada:p%40ss@localhost:{port}?tls=required");
    let started = mails("starttls", &url);
    assert_eq!((&started["encrypted"], &started["login"]), (&true.into(), &"ada".into()));
    let wrapped = mails("smtps", &|port| format!("smtps://127.0.0.1:{port}"));
    assert_eq!(wrapped["encrypted"], true);
}

fn mails_wait_for_a_server_that_is_down(backend: Backend) {
    let folder = tempfile::tempdir().unwrap();
    let port = MailServer::start(0, "plain", folder.path()).port();
    let server = with_mail_server(backend, &format!("smtp://127.0.0.1:{port}"));
    server.ok(&["mail", "test", "ada@example.org"]);
    server.ok(&["mail", "test", "bob@example.org"]);
    let both_failed = || listed(&server).iter().all(|mail| mail["error"].is_string());
    eventually("both were tried", both_failed);
    for mail in listed(&server) {
        assert_eq!((&mail["state"], &mail["attempts"]), (&"waiting".into(), &1.into()));
        assert!(mail["error"].as_str().unwrap().contains("refused"), "{mail}");
    }
    // Nobody waits for the mail server.
    server.get("/simple/").send().expect(200);
    let mail = MailServer::start(port, "plain", folder.path());
    assert_eq!(server.ok(&["mail", "retry"]), "2 due now\n");
    eventually("both are there", || mail.mails().len() == 2);
    eventually("both are noted", || listed(&server).iter().all(|it| it["state"] == "sent"));
}

fn a_refusal_for_good_is_not_tried_again(backend: Backend) {
    let folder = tempfile::tempdir().unwrap();
    let mail = MailServer::start(0, "plain", folder.path());
    let server = with_mail_server(backend, &format!("smtp://127.0.0.1:{}", mail.port()));
    for address in ["nobody@example.org", "busy@example.org", "ada@example.org"] {
        server.ok(&["mail", "test", address]);
    }
    let tried =
        || listed(&server).iter().all(|it| it["sent"].is_string() || it["error"].is_string());
    eventually("all were tried", tried);
    let mails = listed(&server);
    let states: Vec<_> = mails.iter().map(|it| it["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["sent", "waiting", "failed"]);
    assert!(mails[1]["error"].as_str().unwrap().contains("come back later"));
    assert!(mails[2]["error"].as_str().unwrap().contains("nobody here has that name"));
    assert!(mails[2]["next"].is_null() && mails[1]["next"].is_string());
    let words = "a mail cannot be delivered";
    eventually("the log says it", || server.log().iter().any(|line| line.contains(words)));
    let id = mails[2]["id"].to_string();
    assert_eq!(server.ok(&["mail", "retry", &id]), "1 due now\n");
    let sent = mails[0]["id"].to_string();
    assert_eq!(server.run_command(&["mail", "retry", &sent], "").status.code(), Some(1));
    assert_eq!(server.run_command(&["mail", "test", "nonsense"], "").status.code(), Some(2));
}

fn a_login_that_fails_loses_nothing(backend: Backend) {
    let folder = tempfile::tempdir().unwrap();
    let mail = MailServer::start(0, "plain", folder.path());
    let port = mail.port();
    let mut server = with_mail_server(backend, &format!("smtp://ada:wrong@127.0.0.1:{port}"));
    server.ok(&["mail", "test", "bob@example.org"]);
    eventually("it was tried", || listed(&server)[0]["error"].is_string());
    let waiting = listed(&server).remove(0);
    assert_eq!(waiting["state"], "waiting", "{waiting}");
    server.tell_to_stop();
    assert!(server.wait());
    // Whoever mends the configuration gets it delivered.
    server.set(URL, &format!("smtp://ada:p%40ss@127.0.0.1:{port}"));
    server.run();
    server.ok(&["mail", "retry"]);
    eventually("it is there", || mail.mails().len() == 1);
}

fn two_servers_deliver_once(backend: Backend) {
    const MAILS: usize = 30;
    let folder = tempfile::tempdir().unwrap();
    let mail = MailServer::start(0, "plain", folder.path());
    let first = with_mail_server(backend, &format!("smtp://127.0.0.1:{}", mail.port()));
    let second = first.second();
    for n in 0..MAILS {
        first.ok(&["mail", "test", &format!("user{n}@example.org")]);
    }
    eventually("all are noted", || {
        listed(&first).iter().filter(|it| it["state"] == "sent").count() == MAILS
    });
    let mut recipients: Vec<_> = mail.mails().iter().map(|it| it["to"][0].to_string()).collect();
    assert_eq!(recipients.len(), MAILS);
    recipients.sort();
    recipients.dedup();
    assert_eq!(recipients.len(), MAILS);
    drop(second);
}

fn what_nobody_takes_is_tried_and_given_up(backend: Backend) {
    let folder = tempfile::tempdir().unwrap();
    let port = MailServer::start(0, "plain", folder.path()).port();
    let url = format!("smtp://127.0.0.1:{port}");
    let often = ("CHEESESHOP_JOBS__MAIL__SCHEDULE", "* * * * * *");
    let server = Server::start_with(backend, &[SMTP, FROM, (URL, &url), often]);
    server.ok(&["mail", "test", "ada@example.org"]);
    let attempts = || listed(&server)[0]["attempts"].as_i64().unwrap();
    eventually("it was tried", || attempts() == 1);
    server.sql("UPDATE outbox SET next_at = '2026-01-01 00:00:00'");
    eventually("it was tried again", || attempts() == 2);
    eventually("it waits", || listed(&server)[0]["error"].is_string());
    let long_ago = "queued_at = '2026-01-01 00:00:00', next_at = '2026-01-01 00:00:00'";
    server.sql(&format!("UPDATE outbox SET {long_ago}"));
    eventually("it is given up", || listed(&server)[0]["state"] == "failed");
    assert!(listed(&server)[0]["next"].is_null());
    // Not for ever: it can be tried again, with its text.
    let mail = MailServer::start(port, "plain", folder.path());
    server.ok(&["mail", "retry"]);
    eventually("it is there", || mail.mails().len() == 1);
    assert!(mail.mails()[0]["text"].as_str().unwrap().contains("The operator of"));
}

fn a_folder_that_cannot_be_written_loses_nothing(backend: Backend) {
    let server = Server::start_with(backend, &[FILE]);
    let folder = server.data().join("mail");
    std::fs::write(&folder, "in the way").unwrap();
    server.ok(&["mail", "test", "ada@example.org"]);
    eventually("it was tried", || listed(&server)[0]["error"].is_string());
    let words = listed(&server)[0]["error"].to_string();
    assert!(words.contains(&format!("writing into the folder {}", folder.display())), "{words}");
    std::fs::remove_file(&folder).unwrap();
    server.ok(&["mail", "retry"]);
    eventually("it is there", || files(&server).len() == 1);
}

fn a_mail_leaves_with_its_transaction_or_never(backend: Backend) {
    let server = Server::start_with(backend, &[FILE]);
    let db = server.open_database();
    let message = Message {
        to: EmailAddress::parse("ada@example.org").unwrap(),
        subject: "Two\r\nBcc: eve@example.org".to_owned(),
        text: "Käse\0\n".to_owned(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let regretted = message.clone();
    let undone = db.write(move |c| {
        regretted.queue(c, time::now())?;
        Err::<(), _>(Error::not_found("never mind"))
    });
    assert!(runtime.block_on(undone).is_err());
    runtime.block_on(db.write(move |c| message.queue(c, time::now()))).unwrap();
    eventually("one is there", || !files(&server).is_empty());
    eventually("one is noted", || listed(&server)[0]["state"] == "sent");
    assert_eq!(listed(&server).len(), 1);
    let text = files(&server).remove(0);
    assert!(text.contains("Subject: [cheeseshop] Two Bcc: eve@example.org\r\n"), "{text}");
    // "Käse" and a line end, without the NUL.
    assert!(!text.contains("\nBcc") && text.contains("\r\n\r\nS8Okc2UNCg=="), "{text}");
    // What links say is not kept.
    server.sql("CREATE TABLE none (n INTEGER CHECK (n = 0))");
    server.sql("INSERT INTO none SELECT count(*) FROM outbox WHERE body IS NOT NULL");
}

fn nothing_is_lost_by_a_kill(backend: Backend) {
    let mut server = Server::start_with(backend, &[FILE]);
    server.kill();
    // Queued while nobody delivers.
    server.ok(&["mail", "test", "ada@example.org"]);
    assert_eq!(listed(&server)[0]["state"], "waiting");
    assert_eq!(server.ok(&["jobs", "run", "mail"]), "1 sent, 0 to be tried again, 0 given up\n");
    server.ok(&["mail", "test", "ada@example.org"]);
    server.run();
    eventually("it is there", || files(&server).len() == 2);
}

fn mails_are_logged_where_nothing_else_is_set(backend: Backend) {
    let server = Server::start(backend);
    server.ok(&["mail", "test", "ada@example.org"]);
    let is_mail = |line: &String| {
        line.contains("to=\"ada@example.org\"") && line.contains("The operator of cheeseshop")
    };
    eventually("it is logged", || server.log().iter().any(is_mail));
}
