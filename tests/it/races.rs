//! Many at once.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Backend, Dist, Server, on_both};

on_both!(one_name_has_one_winner, different_files_all_arrive, readers_see_what_was_acknowledged);

const AT_ONCE: usize = 100;
const FILES: usize = 50;

fn one_name_has_one_winner(backend: Backend) {
    let server = Server::start(backend);
    let token = server.token("ada");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let upload = |n: usize| {
            let dist = Dist::wheel_with("foo", "1.0", "", n.to_string());
            let upload = server.upload(&dist).token(&token);
            scope.spawn(move || upload.send().status)
        };
        let threads: Vec<_> = (0..AT_ONCE).map(upload).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), AT_ONCE - 1);
    assert_eq!(server.page("foo")["files"].as_array().unwrap().len(), 1);
}

fn different_files_all_arrive(backend: Backend) {
    let mut server = Server::start(backend);
    let token = server.token("ada");
    std::thread::scope(|scope| {
        let server = &server;
        for n in 0..FILES {
            // Half of them into one new project, half into projects of their own.
            let name = if n % 2 == 0 { "foo".to_owned() } else { format!("bar{n}") };
            let upload = server.upload(&Dist::wheel(&name, &format!("1.{n}"))).token(&token);
            scope.spawn(move || upload.send().expect(200));
        }
    });
    assert_eq!(server.page("foo")["files"].as_array().unwrap().len(), FILES / 2);
    let index = server.get("/simple/").header("Accept", "application/vnd.pypi.simple.v1+json");
    let index = index.send().expect(200).json();
    assert_eq!(index["projects"].as_array().unwrap().len(), FILES / 2 + 1);
    // Serials have no gaps: of each project create, role, and for each file release and file.
    let projects = FILES / 2 + 1;
    assert_eq!(index["meta"]["_last-serial"], projects * 2 + FILES * 2);
    // Each would cost its uploaders a second.
    assert_eq!(server.deadlocks(), 0);
}

fn readers_see_what_was_acknowledged(backend: Backend) {
    let server = Server::start(backend);
    let token = server.token("ada");
    let uploads_are_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // A reader that keeps the page's slot busy all the time.
        let reader = scope.spawn(|| {
            let mut pages = 0;
            while !uploads_are_over.load(Ordering::Relaxed) {
                server.get("/simple/foo/").send();
                pages += 1;
            }
            pages
        });
        let uploads = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for n in 0..FILES {
                let dist = Dist::wheel("foo", &format!("1.{n}"));
                server.upload(&dist).token(&token).send().expect(200);
                assert_eq!(server.page("foo")["files"].as_array().unwrap().len(), n + 1);
            }
        }));
        // Also where an upload failed, or the reader would never end.
        uploads_are_over.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0);
        if let Err(panic) = uploads {
            std::panic::resume_unwind(panic);
        }
    });
}
