//! Clients that are slow, rude or refused, and a disk that is full.

use std::process::Command;

use crate::support::{Backend, Dist, Server, on_both};

on_both!(
    a_refused_client_gets_to_see_the_answer,
    a_slow_client_holds_nobody_up,
    a_full_disk_refuses_and_reads_go_on,
    half_connections_are_survived,
    what_the_fuzzer_starts_from_is_refused,
    hostile_archives_leave_nothing,
);

fn a_refused_client_gets_to_see_the_answer(backend: Backend) {
    let server = Server::start(backend);
    let big = Dist { bytes: vec![0; 32 << 20], ..Dist::wheel("foo", "1.0") };
    // Without credentials, the answer is known before the first byte of the body.
    let reply = server.upload(&big).nobody().send().expect(401);
    assert!(reply.text().starts_with("Uploading needs"));
    server.upload(&big).field("name", "f o o").send().expect(400);
}

fn a_slow_client_holds_nobody_up(backend: Backend) {
    let server = Server::start(backend);
    // More of them than there are workers.
    let slow: Vec<_> = (0..64)
        .map(|n| server.upload(&Dist::wheel("slow", &format!("1.{n}"))).request().begin(100))
        .collect();
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    server.get("/simple/foo/").send().expect(200);
    drop(slow);
}

/// Runs the server with a storage folder of its own that holds two megabytes.
fn a_full_disk_refuses_and_reads_go_on(backend: Backend) {
    let mut server = Server::start(backend);
    server.kill();
    server.run_through(|command| {
        let binary = command.get_program().to_owned();
        let blobs = server_blobs(command);
        let mut unshare = Command::new("unshare");
        // A mount that only this process sees; whoever is not root becomes it in there.
        unshare.args(["--mount", "--map-root-user", "sh", "-c"]);
        unshare.arg("mount -t tmpfs -o size=2m tmpfs \"$0\" && exec \"$@\"");
        unshare.arg(blobs).arg(binary).args(command.get_args());
        unshare
    });
    server.upload(&Dist::noisy_wheel("foo", "1.0", 500_000)).send().expect(200);
    let reply = server.upload(&Dist::noisy_wheel("foo", "1.1", 3_000_000)).send().expect(507);
    assert_eq!(reply.text(), "The server has no space left to store this.\n");
    let url = server.page("foo")["files"][0]["url"].as_str().unwrap().to_owned();
    server.get(&url).send().expect(200);
    // Nothing of it is left: another small one fits.
    server.upload(&Dist::noisy_wheel("foo", "1.2", 500_000)).send().expect(200);
}

fn server_blobs(command: &Command) -> std::path::PathBuf {
    let arguments: Vec<_> = command.get_args().collect();
    let at = arguments.iter().position(|argument| *argument == "--data").unwrap();
    std::path::PathBuf::from(arguments[at + 1]).join("blobs")
}

fn half_connections_are_survived(backend: Backend) {
    let server = Server::start(backend);
    for missing in [1, 50, 200] {
        let request = server.upload(&Dist::wheel("foo", "1.0")).request();
        // Closed at once, and closed with the answer still awaited.
        drop(request.begin(missing));
        request.send_cut(missing).expect(400);
    }
    server.get("/simple/foo/").send().expect(404);
    crate::support::eventually("nothing is left", || server.stored().is_empty());
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
}

/// The corpus of the fuzz target, posted as it is.
fn what_the_fuzzer_starts_from_is_refused(backend: Backend) {
    let server = Server::start(backend);
    let token = server.token("ada");
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/multipart");
    let mut count = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let request = server.request("POST", "/legacy/").basic("__token__", &token);
        let request = request.header("Content-Type", "multipart/form-data; boundary=x");
        let reply = request.body(std::fs::read(&path).unwrap()).send();
        assert!((400..500).contains(&reply.status), "{}: {}", path.display(), reply.status);
        count += 1;
    }
    assert!(count > 10);
    assert_eq!(server.stored(), [] as [&std::path::Path; 0]);
    let faults = server.log().into_iter().filter(|line| line.contains("ERROR"));
    assert_eq!(faults.collect::<Vec<_>>(), [] as [String; 0]);
}

/// The corpora of the archive fuzzers, uploaded under every name that fits: whatever is refused
/// leaves nothing behind.
fn hostile_archives_leave_nothing(backend: Backend) {
    let server = Server::start(backend);
    let token = server.token("ada");
    let mut refused = 0;
    for (folder, filename, filetype) in
        [("zip", "foo-1.0-py3-none-any.whl", "bdist_wheel"), ("tar", "foo-1.0.tar.gz", "sdist")]
    {
        let corpus = format!("{}/fuzz/corpus/{folder}", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(corpus).unwrap() {
            let before = server.stored();
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            let dist = Dist::new(filename, "foo", "1.0", filetype, bytes);
            let reply = server.upload(&dist).token(&token).send();
            assert!([200, 400].contains(&reply.status), "{}", reply.text());
            if reply.status == 400 {
                assert_eq!(server.stored(), before);
                refused += 1;
            }
        }
    }
    assert!(refused > 10, "{refused}");
}
