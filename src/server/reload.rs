//! Reading the configuration again when the process is told to (SIGHUP).

use std::sync::Arc;

use super::tls::Certificate;
use crate::app::App;
use crate::config::{Config, Effective, Flags};
use crate::error::{Doing, Result};

/// The keys that a running server takes over.
const LIVE: [&str; 3] = ["metrics.token", "tls.cert_file", "tls.key_file"];

/// How a server came to its configuration: enough to read it again.
#[derive(Debug, Clone)]
pub struct Origin {
    /// What the command line said.
    pub flags: Flags,
    /// The values that followed from all layers.
    pub effective: Vec<Effective>,
}

/// The signals that ask for it. A process that does not listen for them is ended by one.
#[cfg(unix)]
pub(super) struct Hangups(tokio::signal::unix::Signal);

/// Other systems have no such signal.
#[cfg(not(unix))]
pub(super) struct Hangups;

impl Hangups {
    /// Listens from now on. Must be called within a runtime.
    #[cfg(unix)]
    pub(super) fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::hangup()).doing(|| "listening for signals".to_owned()).map(Self)
    }

    #[cfg(not(unix))]
    pub(super) fn listen() -> Result<Self> {
        Ok(Self)
    }

    #[cfg(unix)]
    async fn next(&mut self) -> Option<()> {
        self.0.recv().await
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> Option<()> {
        std::future::pending().await
    }
}

/// Reads the configuration again whenever the process gets a SIGHUP, for ever.
pub(super) async fn follow(
    app: App,
    mut hangups: Hangups,
    mut origin: Origin,
    certificate: Option<Arc<Certificate>>,
) {
    while hangups.next().await.is_some() {
        let (flags, app, certificate) = (origin.flags.clone(), app.clone(), certificate.clone());
        let known = std::mem::take(&mut origin.effective);
        let reading = move || reload(&app, &flags, known, certificate.as_deref());
        match tokio::task::spawn_blocking(reading).await {
            Ok(effective) => origin.effective = effective,
            Err(error) => tracing::error!(%error, "reading the configuration again failed"),
        }
    }
}

/// Takes over what can be; returns the values that hold now.
fn reload(
    app: &App,
    flags: &Flags,
    known: Vec<Effective>,
    certificate: Option<&Certificate>,
) -> Vec<Effective> {
    let (config, found) = match Config::load(flags) {
        Ok((config, found, _)) => (config, found),
        Err(error) => {
            tracing::error!(%error, "the configuration cannot be used; all stays as it was");
            return known;
        }
    };
    // To switch TLS on or off needs another kind of listener.
    let is_live = |key: &str| {
        LIVE.contains(&key)
            && (!key.starts_with("tls.") || (certificate.is_some() && config.tls.is_some()))
    };
    let (taken, left): (Vec<_>, Vec<_>) =
        changed(&known, &found).into_iter().partition(|key| is_live(key));
    app.set_metrics_token(config.metrics_token.clone());
    if let (Some(certificate), Some(files)) = (certificate, &config.tls) {
        certificate.refresh(Some(files));
    }
    tracing::info!(taken = taken.join(", "), "the configuration was read again");
    if !left.is_empty() {
        let keys = left.join(", ");
        tracing::warn!(keys, "what has changed here holds only after a restart");
    }
    let left = known.into_iter().filter(|value| !is_live(value.key));
    left.chain(found.into_iter().filter(|value| is_live(value.key))).collect()
}

/// The keys whose value is another one, or is new or gone, each once.
fn changed(known: &[Effective], found: &[Effective]) -> Vec<&'static str> {
    let is_in = |value: &Effective, all: &[Effective]| all.iter().any(|it| it.is_same(value));
    let new = found.iter().filter(|value| !is_in(value, known));
    let gone = known.iter().filter(|value| !is_in(value, found));
    let mut keys: Vec<_> = new.chain(gone).map(|value| value.key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
