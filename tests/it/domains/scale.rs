//! Many addresses in many domains.

use std::collections::BTreeSet;
use std::time::Duration;

use cheeseshop::domains::sweep::{Clock, How, JOB, Sweeper, sweep};
use cheeseshop::jobs::Jobs;

use super::{World, in_world};
use crate::support::{Backend, on_both};

on_both!(
    every_due_domain_is_asked_about_once,
    a_run_that_dies_is_gone_on_with,
    #[ignore = "takes minutes: tests/run --full"]
    a_million_addresses_are_swept_in_time,
);

/// A hundredth of the size that is promised.
pub const DOMAINS: usize = 2_000;
/// What may be asked again after a crash: what was on its way, and what waited to be kept.
pub const ON_ITS_WAY: usize = 320;

pub const USERS: &str = "INSERT INTO users (username, username_key, full_name, is_admin, created_at, is_service) \
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100) \
    SELECT 'u' || n, 'u' || n, '', false, '2026-01-01 00:00:00', false FROM numbers";
pub const ADDRESSES: &str = "INSERT INTO emails (user_id, address, address_key, is_primary, verified_at, created_at) \
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 9999) \
    SELECT n % 100 + 1, 'a' || n || '@d' || (n % 2000) || '.example', 'a' || n || '@d' || (n % 2000) || '.example', \
    false, '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM numbers";
const MANY: &str = "INSERT INTO emails (user_id, address, address_key, is_primary, verified_at, created_at) \
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 999999) \
    SELECT n % 100 + 1, 'a' || n || '@d' || (n % 200000) || '.example', 'a' || n || '@d' || (n % 200000) || '.example', \
    false, '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM numbers";

fn every_due_domain_is_asked_about_once(backend: Backend) {
    in_world(backend, async |mut world| {
        world.sql(USERS).await;
        world.sql(ADDRESSES).await;
        let report = world.sweep().await;
        assert_eq!((report.asked, report.failed), (DOMAINS as u64, 0));
        let asked = world.oracle.asked();
        assert_eq!(asked.len(), DOMAINS);
        assert_eq!(asked.into_iter().collect::<BTreeSet<_>>().len(), DOMAINS);
        world.sweep_after(1).await;
        assert!(world.oracle.asked().is_empty());
        world.sweep_after(28).await;
        assert_eq!(world.oracle.asked().len(), DOMAINS);
    });
}

/// Ends a run after so many questions, as a crash would: nothing is tidied up.
async fn die_after(world: &World, questions: u64) {
    let jobs = Jobs::new(world.db.clone());
    let (asker, clock) = (world.asker(), Clock::at(world.now));
    let enough = tokio::sync::Notify::new();
    let progress = |done, _| {
        if done >= questions {
            enough.notify_one();
        }
    };
    let (db, rules) = (&world.db, &world.rules);
    let sweeper = Sweeper { db, asker: &asker, rules, clock, progress: &progress };
    let work = async |lease| Ok(sweep(&sweeper, &lease, How::default()).await?.to_string());
    tokio::select! {
        biased;
        () = enough.notified() => {}
        done = jobs.run(JOB, work) => panic!("it ended: {done:?}"),
    }
}

fn a_run_that_dies_is_gone_on_with(backend: Backend) {
    in_world(backend, async |mut world| {
        world.rules.per_second = 500;
        world.sql(USERS).await;
        world.sql(ADDRESSES).await;
        die_after(&world, 700).await;
        let refused = world.try_sweep(How::default()).await.unwrap_err();
        assert!(refused.detail().contains("another run"), "{}", refused.detail());
        world.sql("UPDATE leases SET expires_at = '2026-01-01 00:00:00'").await;
        world.now += Duration::from_mins(1);
        let report = world.sweep().await;
        assert!(report.asked < DOMAINS as u64 - 600);
        let asked = world.oracle.asked();
        assert!(asked.len() <= DOMAINS + ON_ITS_WAY, "{}", asked.len());
        assert_eq!(asked.into_iter().collect::<BTreeSet<_>>().len(), DOMAINS);
    });
}

fn a_million_addresses_are_swept_in_time(backend: Backend) {
    in_world(backend, async |mut world| {
        world.rules.per_second = 1_000_000;
        world.sql(USERS).await;
        world.sql(MANY).await;
        let report = world.sweep().await;
        assert_eq!((report.asked, report.failed), (200_000, 0));
        assert_eq!(world.oracle.asked().len(), 200_000);
    });
}
