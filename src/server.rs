//! The HTTP server: areas and middleware in order, start and graceful stop.

mod listener;
mod reload;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App as Routes, HttpServer};

pub use reload::Origin;

use crate::api;
use crate::app::App;
use crate::config::Config;
use crate::downloads::{self, Follower};
use crate::error::{Doing, Error, Result};
use crate::mirror::changes;
use crate::schedule;
use crate::search;
use crate::simple::follow;
use crate::site;
use crate::upkeep::copy::take_into_use;
use crate::web;
use listener::Listener;
use reload::Hangups;
use tls::Certificate;

/// How long running requests may take to finish once the server is told to stop.
const STOP_SECONDS: u64 = 30;
/// How long a client may take to send the head of its request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How long an idle connection is kept: longer than the pauses of an installer.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Threads of each worker for what blocks: more than uploads may hold, so that reading goes on.
const BLOCKING_THREADS: usize = 512;
/// Connections of a worker at most whose TLS has not begun: who says nothing holds one for
/// [`HEAD_TIMEOUT`].
const HANDSHAKES: usize = 4096;
/// Connections that wait for a worker while all are busy.
const BACKLOG: u32 = 1024;

/// A server that has its address, before it serves.
pub struct Bound {
    app: App,
    listener: Listener,
    certificate: Option<Arc<Certificate>>,
    hangups: Hangups,
}

impl Bound {
    /// Takes the address and reads the certificate, then opens database and storage. Blocks. Must
    /// be called within a runtime, whose signals it listens for.
    pub fn open(config: Config) -> Result<Self> {
        let hangups = Hangups::listen()?;
        let listener = Listener::open(&config.listen)?;
        let certificate = config.tls.as_ref().map(Certificate::open).transpose()?;
        if certificate.is_some() && !listener.speaks_tls() {
            return Err(Error::internal(
                "taking the socket of the service manager",
                "it is a Unix socket, which is served without TLS: unset tls.cert_file",
            ));
        }
        let url = config.public_url.clone();
        let url = url.unwrap_or_else(|| listener.url(certificate.is_some()));
        Ok(Self { app: App::open(config, url)?, listener, certificate, hangups })
    }

    /// The index that will be served.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Where it listens: an address with its real port, or `unix:` and a path.
    pub fn place(&self) -> String {
        self.listener.to_string()
    }

    /// Whether only this machine can connect.
    pub fn is_local(&self) -> bool {
        self.listener.is_local()
    }

    /// Serves until the process is told to stop: by SIGTERM running requests finish, and new ones
    /// are refused; by SIGINT, from a terminal, at once. On SIGHUP it reads its configuration again.
    pub async fn serve(self, origin: Origin) -> Result<()> {
        let Self { app, listener, certificate, hangups } = self;
        app.site.refresh(&app.db).await?;
        take_into_use(&app.db).await?;
        let end = follow::end(&app.db).await?;
        let jobs = schedule::start(&app).await?;
        let mut followers = vec![
            tokio::spawn(site::follow(app.db.clone(), app.site.clone())),
            tokio::spawn(follow::follow(app.db.clone(), app.pages.clone(), end)),
            tokio::spawn(search::follow::follow(app.db.clone())),
            tokio::spawn(reload::follow(app.clone(), hangups, origin, certificate.clone())),
        ];
        followers.extend(certificate.clone().map(|it| tokio::spawn(tls::follow(it))));
        if app.mirror.is_some() {
            followers.push(tokio::spawn(changes::follow(app.db.clone(), app.pages.clone())));
        }
        let counts =
            Follower::start(app.db.clone(), app.downloads.clone(), downloads::follow::EVERY);
        let served = listen(app, listener, certificate).await;
        for follower in followers {
            follower.abort();
        }
        counts.stop().await;
        jobs.stop().await;
        served
    }
}

async fn listen(app: App, listener: Listener, certificate: Option<Arc<Certificate>>) -> Result<()> {
    let workers = app.config.workers.0;
    let server = HttpServer::new(move || {
        Routes::new()
            .app_data(Data::new(app.clone()))
            .wrap(from_fn(api::front::serve))
            .configure(web::configure_sign_in)
            .configure(api::configure)
            .configure(web::configure)
    })
    .workers(workers)
    .max_connection_rate(HANDSHAKES)
    .backlog(BACKLOG)
    .client_request_timeout(HEAD_TIMEOUT)
    .tls_handshake_timeout(HEAD_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    // Head and body of a download leave in two writes; without this the second would wait for
    // the client to acknowledge the first.
    .tcp_nodelay(true)
    .worker_max_blocking_threads(BLOCKING_THREADS)
    .shutdown_timeout(STOP_SECONDS);
    let bound = match (listener, certificate) {
        (Listener::Tcp(socket, _), Some(certificate)) => {
            server.listen_rustls_0_23(socket, certificate.server_config()?)
        }
        (Listener::Tcp(socket, _), None) => server.listen(socket),
        #[cfg(unix)]
        (Listener::Unix(socket, _), _) => server.listen_uds(socket),
    };
    let running = bound.doing(|| "starting the server".to_owned())?.run();
    running.await.map_err(|error| Error::internal("serving", error))
}
