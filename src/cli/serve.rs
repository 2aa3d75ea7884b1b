//! `cheeseshop serve`

use clap::Args;

use super::Failure;
use crate::accounts::user::User;
use crate::config::Config;
use crate::error::Result;
use crate::server::Bound;

/// Run the index.
#[derive(Args)]
pub(super) struct Serve {
    /// The address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    pub(super) listen: Option<String>,
}

impl Serve {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        let names_itself = config.public_url.is_some();
        let server = Bound::open(config)?;
        let address = server.address();
        let url = server.app().public_url.clone();
        if !address.ip().is_loopback() && !names_itself {
            tracing::warn!(
                "listening beyond this machine without public_url: links will say {url}; set \
                 public_url to the address that clients use"
            );
        }
        if !server.app().db.read(|c| Ok(User::exist(c)?)).await? {
            tracing::info!(
                "there is no account yet: make one with \
                 `cheeseshop user add NAME --email ADDRESS --verified --admin`"
            );
        }
        tracing::info!(%address, "serving {url}/");
        server.serve().await?;
        tracing::info!("stopped");
        Ok(())
    }
}
