//! The server as a process: health, log, start and stop.

use std::io::Write;

use crate::support::{Backend, Dist, Server, eventually, http, on_both};

on_both!(
    health_says_what_is_wrong,
    one_line_a_request_is_logged,
    lines_can_be_json,
    a_stopped_server_finishes_what_runs,
    data_outlives_the_process,
    the_secret_key_is_made_once_and_stays_secret,
);

fn health_says_what_is_wrong(backend: Backend) {
    let server = Server::start(backend);
    for path in ["/_health/", "/_health/live", "/_health", "/_health/live/"] {
        assert_eq!(server.get(path).send().expect(200).text(), "OK\n");
    }
    let incoming = server.data().join("blobs/incoming");
    std::fs::rename(&incoming, server.data().join("away")).unwrap();
    let reply = server.get("/_health/").send().expect(503);
    assert_eq!(reply.text(), "The storage does not take anything.\n");
    server.get("/_health/live").send().expect(200);
    std::fs::rename(server.data().join("away"), &incoming).unwrap();
    server.get("/_health/").send().expect(200);
}

fn one_line_a_request_is_logged(backend: Backend) {
    let server = Server::start_with(backend, &[]);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    server.get("/simple/foo/?secret=hunter2").send().expect(200);
    let lines =
        || server.log().into_iter().filter(|line| line.contains("path=")).collect::<Vec<_>>();
    eventually("two requests are logged", || lines().len() == 2);
    let lines = lines();
    for part in
        ["method=\"POST\"", "path=\"/legacy/\"", "status=200", "duration_ms=", "user=\"ada\""]
    {
        assert!(lines[0].contains(part), "{part} is not in {}", lines[0]);
    }
    assert!(lines[1].contains("path=\"/simple/foo/\"") && lines[1].contains("user=\"-\""));
    assert!(!lines[1].contains("hunter2"));
}

fn lines_can_be_json(backend: Backend) {
    let server = Server::start_with(backend, &[("CHEESESHOP_LOG__FORMAT", "json")]);
    server.get("/simple/").send().expect(200);
    let is_request = |line: &String| line.contains("\"path\":\"/simple/\"");
    eventually("the request is logged", || server.log().iter().any(is_request));
    for line in server.log() {
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert!(line["timestamp"].is_string() && line["level"] == "INFO", "{line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn as_many_threads_answer_as_are_wanted() {
    let server = Server::start_with(Backend::Sqlite, &[("CHEESESHOP_WORKERS", "3")]);
    let tasks = format!("/proc/{}/task", server.process_id());
    // The system keeps fifteen letters of "actix-server worker 0".
    let is_worker = |task: std::path::PathBuf| {
        std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name == "actix-server wo\n")
    };
    let workers = || {
        let all = std::fs::read_dir(&tasks).unwrap().map(|task| task.unwrap().path());
        all.filter(|task| is_worker(task.clone())).count()
    };
    eventually("there are three", || workers() == 3);
    // Each serves.
    for _ in 0..6 {
        server.get("/simple/").send().expect(200);
    }
    assert_eq!(workers(), 3);
}

fn a_stopped_server_finishes_what_runs(backend: Backend) {
    let mut server = Server::start(backend);
    let request = server.upload(&Dist::wheel("foo", "1.0")).request();
    let (body, missing) = (request.bytes(), 100);
    let mut running = request.begin(missing);
    // The server has begun with it when its temporary file is there.
    eventually("the upload has begun", || !server.stored().is_empty());
    server.tell_to_stop();
    let address = server.address();
    eventually("new connections are refused", || std::net::TcpStream::connect(address).is_err());
    running.write_all(&body[body.len() - missing..]).unwrap();
    http::read_reply(running).expect(200);
    assert!(server.wait(), "the server did not end well");
    server.run();
    assert_eq!(server.page("foo")["files"].as_array().unwrap().len(), 1);
}

fn data_outlives_the_process(backend: Backend) {
    let mut server = Server::start(backend);
    let token = server.token("ada");
    server.upload(&Dist::wheel("foo", "1.0")).token(&token).send().expect(200);
    let before = server.page("foo");
    server.tell_to_stop();
    assert!(server.wait());
    server.run();
    assert_eq!(server.page("foo"), before);
    server.upload(&Dist::wheel("foo", "1.1")).token(&token).send().expect(200);
}

fn the_secret_key_is_made_once_and_stays_secret(backend: Backend) {
    use std::os::unix::fs::PermissionsExt;
    let mut server = Server::start(backend);
    let path = server.data().join("secret.key");
    let key = std::fs::read_to_string(&path).unwrap();
    assert_eq!(key.len(), 65);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    server.kill();
    server.run();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), key);
    assert!(server.log().iter().all(|line| !line.contains(key.trim())));
    server.kill();
    std::fs::write(&path, "nonsense").unwrap();
    let output = server.run_command(&["serve", "--listen", "127.0.0.1:0"], "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("secret.key does not hold 64 hexadecimal digits"), "{said}");
}
