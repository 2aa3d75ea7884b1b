//! `cheeseshop migrate`

use clap::Args;

use super::{Failure, out};
use crate::config::Config;
use crate::db;

/// Bring the database to the schema of this version.
#[derive(Args)]
pub(super) struct Migrate {}

impl Migrate {
    #[expect(clippy::unused_self, reason = "every command has it")]
    pub(super) fn run(self, config: &Config) -> Result<(), Failure> {
        let upgraded = db::migrate(&config.database_url)?;
        if let Some(copy) = &upgraded.copy {
            out::line(format!("a copy of the database from before is {}", copy.display()));
        }
        if upgraded.migrations.is_empty() {
            out::line("the database is up to date");
        }
        for name in &upgraded.migrations {
            out::line(format!("ran {name}"));
        }
        Ok(())
    }
}
