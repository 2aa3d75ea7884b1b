//! Whether a database tells that somebody wrote to it.

use cheeseshop::accounts::throttle::{self, Counted, Kind};
use cheeseshop::db::Db;
use cheeseshop::db::news::Seen;
use cheeseshop::time;

use crate::support::{Backend, Server, on_both};

on_both!(what_anybody_writes_is_news);

fn what_anybody_writes_is_news(backend: Backend) {
    let server = Server::prepare(backend, &[]);
    let (db, other) = (server.open_database(), server.open_database());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (mut one, mut two) = (Seen::default(), Seen::default());
        assert!(db.has_news(&mut one), "who has seen nothing has everything to see");
        let tells = backend == Backend::Sqlite;
        assert_eq!(db.has_news(&mut one), !tells);
        for writer in [&db, &other] {
            read(writer).await;
            assert_eq!(db.has_news(&mut one), !tells, "reading is no news");
            write(writer).await;
            assert!(db.has_news(&mut one) && db.has_news(&mut two), "each is told by itself");
            assert_eq!(db.has_news(&mut two), !tells);
        }
    });
}

async fn read(db: &Db) {
    db.read(|c| throttle::check(c, &[Counted::all(Kind::LoginAll)], time::now())).await.unwrap();
}

async fn write(db: &Db) {
    let count = |c: &mut _| Ok(throttle::count(c, &[Counted::all(Kind::LoginAll)], time::now())?);
    db.write(count).await.unwrap();
}
