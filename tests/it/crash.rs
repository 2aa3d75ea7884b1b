//! What a sudden end leaves behind.

use crate::support::{Backend, Dist, Server, eventually, on_both};

on_both!(a_killed_server_loses_nothing, an_upload_cut_by_a_kill_is_invisible);

fn a_killed_server_loses_nothing(backend: Backend) {
    let mut server = Server::start(backend);
    for n in 0..5 {
        let dist = Dist::wheel("foo", &format!("1.{n}"));
        server.upload(&dist).send().expect(200);
        // Right after the acknowledgement.
        server.kill();
        server.run();
        let page = server.page("foo");
        let url = page["files"][n]["url"].as_str().unwrap();
        assert_eq!(server.get(url).send().expect(200).body, dist.bytes);
    }
}

fn an_upload_cut_by_a_kill_is_invisible(backend: Backend) {
    let mut server = Server::start(backend);
    let dist = Dist::wheel("foo", "1.0");
    let running = server.upload(&dist).request().begin(100);
    eventually("the upload has begun", || !server.stored().is_empty());
    server.kill();
    drop(running);
    server.run();
    server.get("/simple/foo/").send().expect(404);
    server.upload(&dist).send().expect(200);
    assert_eq!(server.page("foo")["files"].as_array().unwrap().len(), 1);
}
