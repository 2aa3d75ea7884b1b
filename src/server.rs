//! The HTTP server: areas and middleware in order, start and graceful stop.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App as Routes, HttpServer};

use crate::api;
use crate::app::App;
use crate::config::{Config, PublicUrl};
use crate::downloads::{self, Follower};
use crate::error::{Doing, Error, Result};
use crate::http::{access_log, gate, prefix};
use crate::schedule;
use crate::search;
use crate::simple::follow::follow;
use crate::site;
use crate::upkeep::copy::take_into_use;
use crate::web;

/// How long running requests may take to finish once the server is told to stop.
const STOP_SECONDS: u64 = 30;
/// How long a client may take to send the head of its request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How long an idle connection is kept: longer than the pauses of an installer.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Threads of each worker for what blocks: more than uploads may hold, so that reading goes on.
const BLOCKING_THREADS: usize = 512;
/// Connections that wait for a worker while all are busy.
const BACKLOG: u32 = 1024;

/// A server that has its address, before it serves.
pub struct Bound {
    app: App,
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Takes the address, then opens database and storage. Blocks.
    pub fn open(config: Config) -> Result<Self> {
        let wanted = config.listen;
        let listener = TcpListener::bind(wanted.0).doing(|| format!("listening on {wanted}"))?;
        let address = listener.local_addr().doing(|| format!("listening on {wanted}"))?;
        let url = config.public_url.clone();
        let url = url.unwrap_or_else(|| PublicUrl::of_listener(address));
        Ok(Self { app: App::open(config, url)?, listener, address })
    }

    /// The index that will be served.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The address that it listens on: the real port where port 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process is told to stop (SIGTERM, or SIGINT from a terminal): running
    /// requests finish, new ones are refused.
    pub async fn serve(self) -> Result<()> {
        let app = self.app;
        app.site.refresh(&app.db).await?;
        take_into_use(&app.db).await?;
        let jobs = schedule::start(&app).await?;
        let switches = tokio::spawn(site::follow(app.db.clone(), app.site.clone()));
        let follower = tokio::spawn(follow(app.db.clone(), app.pages.clone()));
        let indexer = tokio::spawn(search::follow::follow(app.db.clone()));
        let counts =
            Follower::start(app.db.clone(), app.downloads.clone(), downloads::follow::EVERY);
        let server = HttpServer::new(move || {
            Routes::new()
                .app_data(Data::new(app.clone()))
                .wrap(from_fn(api::hot::serve))
                .wrap(from_fn(gate::keep))
                .wrap(from_fn(prefix::strip))
                .wrap(from_fn(access_log::log))
                .configure(api::configure)
                .configure(web::configure)
        })
        .backlog(BACKLOG)
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        // Head and body of a download leave in two writes; without this the second would wait for
        // the client to acknowledge the first.
        .tcp_nodelay(true)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .shutdown_timeout(STOP_SECONDS)
        .listen(self.listener)
        .doing(|| "starting the server".to_owned())?
        .run();
        let served = server.await;
        follower.abort();
        switches.abort();
        indexer.abort();
        counts.stop().await;
        jobs.stop().await;
        served.map_err(|error| Error::internal("serving", error))
    }
}
