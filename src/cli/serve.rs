//! `cheeseshop serve`

use clap::Args;

use super::Failure;
use crate::accounts::invitation;
use crate::app::App;
use crate::config::Config;
use crate::config::served::Note;
use crate::db;
use crate::error::Result;
use crate::server::{Bound, Origin};
use crate::time;

/// Run the index.
#[derive(Args)]
pub(super) struct Serve {
    /// The address and port, or unix: and the path of a socket, to listen on [default:
    /// 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    pub(super) listen: Option<String>,
    /// First bring a shared database to the schema of this version, as `cheeseshop migrate` does;
    /// an embedded one is brought there without it
    #[arg(long)]
    migrate: bool,
}

impl Serve {
    pub(super) async fn run(self, config: Config, origin: Origin) -> Result<(), Failure> {
        if self.migrate {
            db::migrate(&config.database_url)?;
        }
        let names_itself = config.public_url.is_some();
        let server = Bound::open(config)?;
        let url = server.app().public_url.clone();
        if !server.is_local() && !names_itself {
            tracing::warn!(
                "listening beyond this machine without public_url: links will say {url}; set \
                 public_url to the address that clients use"
            );
        }
        // (Where nothing else is kept on this machine there is no folder.)
        let data = &server.app().config.data;
        let note = (!names_itself && data.is_dir()).then(|| Note::leave(data, &url)).transpose();
        if let Err(error) = &note {
            tracing::warn!(%error, "commands cannot be told where this server is reached");
        }
        invite_administrator(server.app()).await?;
        tracing::info!(address = %server.place(), "serving {url}/");
        server.serve(origin).await?;
        drop(note);
        tracing::info!("stopped");
        Ok(())
    }
}

/// Logs a link by which the first administrator is made, where there is no account yet.
async fn invite_administrator(app: &App) -> Result<()> {
    if !app.db.is_writable() {
        return Ok(());
    }
    if let Some(ticket) = invitation::first_administrator(&app.db, time::now()).await? {
        tracing::info!(
            "there is no account yet: make the first administrator within 24 hours at \
             {}/account/register/?invitation={}",
            app.public_url,
            ticket.reveal()
        );
    }
    Ok(())
}
