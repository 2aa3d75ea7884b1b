//! Whether a database tells that somebody wrote to it.

use std::time::Duration;

use cheeseshop::accounts::throttle::{self, Counted, Kind};
use cheeseshop::db::Db;
use cheeseshop::db::news::News;
use cheeseshop::time;
use futures_util::FutureExt;
use tokio::time::timeout;

use crate::support::{Backend, Server, on_both};

/// Long enough on any machine.
const PATIENCE: Duration = Duration::from_mins(1);

on_both!(what_anybody_writes_is_news);

fn what_anybody_writes_is_news(backend: Backend) {
    let server = Server::prepare(backend, &[]);
    let (db, other) = (server.open_database(), server.open_database());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (mut one, mut two) = (db.news(), db.news());
        for news in [&mut one, &mut two] {
            assert!(news.next().now_or_never().is_some(), "who has read nothing is told at once");
            // The first look has nothing to compare with.
            told(news).await;
        }
        for writer in [&db, &other] {
            if backend == Backend::Sqlite {
                assert!(one.next().now_or_never().is_none(), "nothing was written");
            }
            write(writer).await;
            told(&mut one).await;
            told(&mut two).await;
        }
        one.read_again();
        told(&mut one).await;
    });
}

async fn told(news: &mut News) {
    timeout(PATIENCE, news.next()).await.unwrap();
}

async fn write(db: &Db) {
    let count = |c: &mut _| Ok(throttle::count(c, &[Counted::all(Kind::LoginAll)], time::now())?);
    db.write(count).await.unwrap();
}
