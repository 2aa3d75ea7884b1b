//! Periodic jobs: one run at a time, each recorded, none lost with its process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cheeseshop::db::Db;
use cheeseshop::error::{Error, Kind, Result};
use cheeseshop::jobs::{Jobs, Lease, Outcome, Run, lease};
use cheeseshop::time::{self, Time};

use crate::support::{Backend, Server, eventually, on_both};

on_both!(
    a_lease_has_one_holder_and_fences,
    of_many_at_once_one_gets_the_lease,
    every_run_is_recorded,
    a_second_run_is_refused,
    a_stale_runner_is_ended_and_writes_nothing,
    a_moment_of_the_schedule_is_used_once,
    a_stop_ends_what_runs,
    old_records_go,
    a_server_takes_over_from_a_dead_one,
    a_command_says_that_another_run_is_under_way,
);

const JOB: &str = "test";

/// A database, and a runtime whose clock runs ahead where all wait.
fn on_database<F: Future<Output = Result<()>>>(backend: Backend, work: impl FnOnce(Db) -> F) {
    let server = Server::prepare(backend, &[]);
    let db = server.open_database();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().unwrap();
    runtime.block_on(work(db)).unwrap();
}

async fn take(db: &Db, holder: &'static str, now: Time) -> Result<Option<Lease>> {
    db.write(move |c| Ok(Lease::take(c, JOB, holder, now)?)).await
}

async fn checks(db: &Db, lease: &Lease) -> bool {
    let lease = lease.clone();
    db.write(move |c| lease.check(c)).await.is_ok()
}

async fn renews(db: &Db, lease: &Lease, now: Time) -> Result<bool> {
    let lease = lease.clone();
    db.write(move |c| Ok(lease.renew(c, now)?)).await
}

async fn release(db: &Db, lease: &Lease) -> Result<usize> {
    let lease = lease.clone();
    db.write(move |c| Ok(lease.release(c)?)).await
}

/// The result and the words of each run, newest first.
async fn recorded(db: &Db) -> Result<Vec<(String, String)>> {
    let runs = db.read(|c| Ok(Run::of(c, JOB, 1_000)?)).await?;
    let words = |run: Run| (run.result.unwrap_or_default(), run.detail.unwrap_or_default());
    Ok(runs.into_iter().map(words).collect())
}

async fn last_result(db: &Db) -> Result<Option<String>> {
    Ok(db.read(|c| Ok(Run::last(c, JOB)?)).await?.and_then(|run| run.result))
}

fn a_lease_has_one_holder_and_fences(backend: Backend) {
    on_database(backend, async |db| {
        let start = time::now();
        let second = Duration::from_secs(1);
        let first = take(&db, "first", start).await?.unwrap();
        assert!(checks(&db, &first).await);
        assert_eq!(take(&db, "second", start).await?, None);
        assert_eq!(take(&db, "second", start + lease::LASTS - second).await?, None);
        // A holder that lives keeps it.
        let renewed = start + lease::LASTS - second;
        assert!(renews(&db, &first, renewed).await?);
        assert_eq!(take(&db, "second", start + lease::LASTS).await?, None);
        let abandoned = async |now| db.read(move |c| Ok(Lease::abandoned(c, now)?)).await;
        let over = renewed + lease::LASTS;
        assert!(abandoned(over - second).await?.is_empty());
        assert_eq!(abandoned(over).await?, [JOB]);
        // One whose time is over and that nobody took still is the only one.
        assert!(checks(&db, &first).await);
        let second = take(&db, "second", over).await?.unwrap();
        assert!(abandoned(over).await?.is_empty());
        assert!(checks(&db, &second).await && !checks(&db, &first).await);
        assert!(!renews(&db, &first, over).await?);
        assert_eq!(release(&db, &first).await?, 0);
        assert_eq!(recorded(&db).await?[1].0, Outcome::Died.as_str());
        // The same process again is another run.
        assert_eq!(release(&db, &second).await?, 1);
        assert!(!checks(&db, &second).await);
        let third = take(&db, "second", over).await?.unwrap();
        assert!(checks(&db, &third).await && !checks(&db, &second).await);
        Ok(())
    });
}

fn of_many_at_once_one_gets_the_lease(backend: Backend) {
    on_database(backend, async |db| {
        for _ in 0..3 {
            let now = time::now() + lease::LASTS;
            let all = (0..20).map(|_| take(&db, "one of many", now));
            let all = futures_util::future::join_all(all).await;
            let won: Vec<_> = all.into_iter().filter_map(|taken| taken.unwrap()).collect();
            assert_eq!(won.len(), 1);
            release(&db, &won[0]).await?;
        }
        Ok(())
    });
}

fn every_run_is_recorded(backend: Backend) {
    on_database(backend, async |db| {
        let jobs = Jobs::new(db.clone());
        assert_eq!(jobs.run(JOB, async |_| Ok("3 things done".to_owned())).await?, "3 things done");
        let broken = || Error::internal("counting things", std::io::Error::other("no abacus"));
        let failed = jobs.run(JOB, async |_| Err(broken())).await.unwrap_err();
        assert_eq!(failed.detail(), "counting things");
        let panicked = jobs.run(JOB, async |_| panic!("as a test")).await.unwrap_err();
        assert_eq!(panicked.kind(), Kind::Internal);
        let expected = [
            ("failed", "running a job: it panicked; the log says where"),
            ("failed", "counting things: no abacus"),
            ("done", "3 things done"),
        ];
        assert_eq!(recorded(&db).await?, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        let run = db.read(|c| Ok(Run::last(c, JOB)?)).await?.unwrap();
        assert!(run.holder.contains(&std::process::id().to_string()));
        assert!(run.ended_at.unwrap() >= run.started_at);
        Ok(())
    });
}

fn a_second_run_is_refused(backend: Backend) {
    on_database(backend, async |db| {
        let (here, there) = (Jobs::new(db.clone()), Jobs::new(db.clone()));
        let work = async |_| {
            for jobs in [&here, &there] {
                let refused = jobs.run(JOB, async |_| Ok(String::new())).await.unwrap_err();
                assert_eq!(refused.kind(), Kind::Conflict);
                assert_eq!(refused.detail(), "another run of the job test is under way");
                jobs.run_scheduled(JOB, None, async |_| panic!("it ran")).await;
            }
            Ok(String::new())
        };
        here.run(JOB, work).await?;
        there.run(JOB, async |_| Ok(String::new())).await?;
        assert_eq!(recorded(&db).await?.len(), 2);
        Ok(())
    });
}

fn a_stale_runner_is_ended_and_writes_nothing(backend: Backend) {
    on_database(backend, async |db| {
        let jobs = Jobs::new(db.clone());
        let work = async |stale: Lease| {
            // Another process, by whose clock the lease is over.
            let later = time::now() + lease::LASTS * 2;
            let fresh = take(&db, "another", later).await?.unwrap();
            assert!(!checks(&db, &stale).await && checks(&db, &fresh).await);
            std::future::pending::<Result<String>>().await
        };
        let lost = jobs.run(JOB, work).await.unwrap_err();
        assert_eq!(lost.detail(), "the job test was taken over by another process");
        // The other one runs on.
        assert_eq!(last_result(&db).await?, None);
        Ok(())
    });
}

fn a_moment_of_the_schedule_is_used_once(backend: Backend) {
    on_database(backend, async |db| {
        let (here, there) = (Jobs::new(db.clone()), Jobs::new(db.clone()));
        let moment = time::now();
        let ran = AtomicBool::new(false);
        let work = async |_| {
            ran.store(true, Ordering::Relaxed);
            Ok(String::new())
        };
        here.run_scheduled(JOB, Some(moment), work).await;
        assert!(ran.swap(false, Ordering::Relaxed));
        there.run_scheduled(JOB, Some(moment), work).await;
        assert!(!ran.load(Ordering::Relaxed));
        there.run_scheduled(JOB, Some(moment + Duration::from_hours(1)), work).await;
        assert!(ran.load(Ordering::Relaxed));
        Ok(())
    });
}

fn a_stop_ends_what_runs(backend: Backend) {
    on_database(backend, async |db| {
        let jobs = Jobs::new(db.clone());
        let begun = tokio::sync::Notify::new();
        let endless = jobs.run(JOB, async |_| {
            begun.notify_one();
            std::future::pending::<Result<String>>().await
        });
        let stop = async {
            begun.notified().await;
            jobs.stop().await;
        };
        let (ended, ()) = tokio::join!(endless, stop);
        assert_eq!(ended?, "it was stopped together with its process");
        assert_eq!(last_result(&db).await?.as_deref(), Some("stopped"));
        // Nothing begins any more in this process, and others need not wait.
        jobs.run_scheduled(JOB, None, async |_| panic!("it ran")).await;
        Jobs::new(db.clone()).run(JOB, async |_| Ok(String::new())).await?;
        Ok(())
    });
}

fn old_records_go(backend: Backend) {
    let server = Server::prepare(backend, &[]);
    server.ok(&["jobs", "list"]);
    // Too many of today (they say), and fewer but old ones.
    for (count, moment) in [(600, "2999-01-01 00:00:00"), (300, "2026-01-01 00:00:00")] {
        server.sql(&format!(
            "INSERT INTO job_runs (job, holder, fencing, started_at, ended_at, result) \
             WITH RECURSIVE numbers (n) AS \
             (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) \
             SELECT 'clean', 'x', n, '{moment}', '{moment}', 'done' FROM numbers",
        ));
    }
    server.ok(&["jobs", "run", "clean"]);
    // Of the last 500, the old ones went too.
    server.sql("CREATE TABLE few (n INTEGER CHECK (n = 200))");
    server.sql("INSERT INTO few SELECT count(*) FROM job_runs WHERE job = 'clean'");
}

fn clean(server: &Server) -> serde_json::Value {
    let text = server.ok(&["jobs", "list", "--json"]);
    let jobs: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(jobs[0]["name"], "clean");
    jobs[0].clone()
}

/// A lease that another process holds until then, in the words of SQL.
fn held_until(server: &Server, moment: &str) {
    server.sql(&format!(
        "INSERT INTO leases (name, holder, fencing, expires_at) \
         VALUES ('clean', 'another', 7, '{moment}'); \
         INSERT INTO job_runs (job, holder, fencing, started_at) \
         VALUES ('clean', 'another', 7, '2026-01-01 00:00:00')",
    ));
}

fn a_server_takes_over_from_a_dead_one(backend: Backend) {
    let never = ("CHEESESHOP_JOBS__CLEAN__SCHEDULE", "0 0 0 29 2 *");
    let server = Server::start_with(backend, &[never]);
    assert!(clean(&server)["last"].is_null());
    held_until(&server, "2026-01-01 00:00:45");
    eventually("another run is done", || clean(&server)["last"]["result"] == "done");
    assert_ne!(clean(&server)["last"]["holder"], "another");
    let is_said = |line: &String| line.contains("a process that died is taken over");
    eventually("the log says it", || server.log().iter().any(is_said));
}

fn a_command_says_that_another_run_is_under_way(backend: Backend) {
    let server = Server::start(backend);
    held_until(&server, "2999-01-01 00:00:00");
    let output = server.run_command(&["jobs", "run", "clean"], "");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "cheeseshop: another run of the job clean is under way\n"
    );
    assert!(server.ok(&["jobs", "list"]).contains("running"));
    let unknown = server.run_command(&["jobs", "run", "nonsense"], "");
    assert_eq!(unknown.status.code(), Some(2));
}
