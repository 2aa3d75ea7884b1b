//! Many at once.

use std::sync::atomic::{AtomicBool, Ordering};

use cheeseshop::accounts::throttle::{self, Counted, Kind};
use cheeseshop::{error, time};

use crate::support::{Backend, Dist, Server, eventually, on_both};

on_both!(
    one_name_has_one_winner,
    different_files_all_arrive,
    readers_see_what_was_acknowledged,
    a_burst_gets_past_no_limit,
);

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
    // Serials have no gaps: of each project create, role, and for each file release and file.
    let projects = FILES / 2 + 1;
    let listed = || {
        let index = server.get("/simple/").header("Accept", "application/vnd.pypi.simple.v1+json");
        let index = index.send().expect(200).json();
        (
            index["projects"].as_array().unwrap().len(),
            index["meta"]["_last-serial"].as_u64().unwrap(),
        )
    };
    // Behind so many changes at once the list may lag.
    let all = (projects, (projects * 2 + FILES * 2) as u64);
    eventually("all are listed", || listed() == all);
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

fn a_burst_gets_past_no_limit(backend: Backend) {
    const TRIES: usize = 24;
    /// Resets of one account in a day.
    const LIMIT: usize = 5;
    let server = Server::prepare(backend, &[]);
    let replicas = [server.open_database(), server.open_database()];
    let now = time::now();
    let passed = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let tries = replicas.iter().cycle().take(TRIES).cloned().map(|db| {
            let counted = [Counted::text(Kind::ResetName, "ada")];
            tokio::spawn(async move { db.write(move |c| throttle::admit(c, &counted, now)).await })
        });
        let mut passed = 0;
        for one in tries.collect::<Vec<_>>() {
            match one.await.unwrap() {
                Ok(()) => passed += 1,
                Err(refused) => assert_eq!(refused.kind(), error::Kind::TooMany, "{refused:?}"),
            }
        }
        passed
    });
    assert_eq!(passed, LIMIT);
}
