//! The command line. Results go to standard output, logs and progress to standard error; exit 0
//! done, 1 failed with one clear line, 2 wrong usage.

mod backup;
mod check;
mod config;
mod copy_to;
mod domains;
mod downloads;
mod import;
mod jobs;
mod logging;
mod mail;
mod manual;
mod migrate;
mod mirror;
mod out;
mod progress;
mod project;
mod serve;
mod token;
mod user;
mod yank;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, DatabaseUrl, Flags};
use crate::error::Result;
use crate::server::Origin;

/// A self-hosted Python package index.
#[derive(Parser)]
#[command(version, about, propagate_version = true, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Place {
    /// The configuration file [default: cheeseshop.toml in the data folder, if there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder [default: cheeseshop-data]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the index: simple API, uploads, web pages
    Serve(serve::Serve),
    /// Manage accounts
    #[command(subcommand)]
    User(user::User),
    /// Manage API tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Manage projects
    #[command(subcommand)]
    Project(project::Project),
    /// Take in a folder (or tree) of wheels and source distributions
    Import(import::Import),
    /// Look at the mail domains of accounts, and ask whether they have lapsed
    #[command(subcommand)]
    Domains(domains::Domains),
    /// Look at who downloaded what from a private index
    #[command(subcommand)]
    Downloads(downloads::Downloads),
    /// Look at the mails on their way
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Take in files of other indexes ahead, look at what is kept, and quarantine what is bad
    #[command(subcommand)]
    Mirror(mirror::Mirror),
    /// Look at the periodic jobs and run them
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Compare database and stored files; exit 1 where something is missing or altered
    Check(check::Check),
    /// Copy everything while the index serves
    Backup(backup::Backup),
    /// Make an index out of a backup, in a new data folder
    Restore(backup::Restore),
    /// Move the index to another database and storage, and back
    CopyTo(copy_to::CopyTo),
    /// Bring the database to the schema of this version
    Migrate(migrate::Migrate),
    /// Show the effective configuration, each value with where it came from
    Config(config::Show),
    /// Print what a shell needs to complete commands
    Completions(manual::Completions),
    /// Print the manual page, or write one for each command
    Man(manual::Man),
}

/// Why a command did not succeed.
enum Failure {
    /// The configuration or the arguments are wrong.
    Usage(String),
    /// It was tried and failed.
    Failed(String),
    /// It has said everything itself.
    Said,
}

impl From<crate::error::Error> for Failure {
    fn from(error: crate::error::Error) -> Self {
        Self::Failed(error.chain())
    }
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Said) => ExitCode::FAILURE,
        Err(Failure::Failed(words)) => {
            out::complain(&words);
            ExitCode::FAILURE
        }
        Err(Failure::Usage(words)) => {
            out::complain(&words);
            ExitCode::from(2)
        }
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        // What follows from the command line alone works whatever the configuration says.
        Command::Completions(completions) => {
            completions.run();
            Ok(())
        }
        Command::Man(man) => man.run(),
        _ => configured(cli),
    }
}

fn configured(cli: Cli) -> Result<(), Failure> {
    let listen = match &cli.command {
        Command::Serve(serve) => serve.listen.clone(),
        _ => None,
    };
    let restored = match &cli.command {
        Command::Restore(restore) if cli.place.config.is_none() => restore.configuration()?,
        _ => None,
    };
    let flags = Flags { config: cli.place.config.or(restored), data: cli.place.data, listen };
    let (config, effective, strangers) =
        Config::load(&flags).map_err(|error| Failure::Usage(error.to_string()))?;
    logging::start(config.log_format, matches!(cli.command, Command::Serve(_)));
    for name in strangers {
        tracing::warn!("the environment variable {name} sets nothing that is known");
    }
    warn_root(&config);
    match cli.command {
        Command::Serve(serve) => on_runtime(serve.run(config, Origin { flags, effective })),
        Command::User(user) => on_runtime(user.run(config)),
        Command::Token(token) => on_runtime(token.run(config)),
        Command::Project(project) => on_runtime(project.run(config)),
        Command::Import(import) => on_runtime(import.run(config)),
        Command::Domains(domains) => on_runtime(domains.run(config)),
        Command::Downloads(downloads) => on_runtime(downloads.run(config)),
        Command::Mail(mail) => on_runtime(mail.run(config)),
        Command::Mirror(mirror) => on_runtime(mirror.run(config)),
        Command::Jobs(jobs) => on_runtime(jobs.run(config)),
        Command::Check(check) => on_runtime(check.run(config)),
        Command::Backup(backup) => on_runtime(backup.run(config)),
        Command::Restore(restore) => on_runtime(restore.run(config)),
        Command::CopyTo(copy) => on_runtime(copy.run(config)),
        Command::Migrate(migrate) => migrate.run(&config),
        Command::Config(show) => show.run(&effective),
        // Done without a configuration.
        Command::Completions(_) | Command::Man(_) => Ok(()),
    }
}

/// Says so where root works on the data of another account, the server's: what root writes there is
/// root's, and the server may not read it.
fn warn_root(config: &Config) {
    use std::os::unix::fs::MetadataExt;
    let Ok(folder) = std::fs::metadata(&config.data) else { return };
    if folder.uid() != 0 && rustix::process::geteuid().is_root() {
        tracing::warn!(
            "the data folder {} belongs to another account, which may not be able to read what root \
             writes: run this as that account (sudo -u)",
            config.data.display()
        );
    }
}

/// Refuses where there is no embedded index yet: what looks after one would make an empty one, and
/// find it in order.
fn must_exist(config: &Config) -> Result<(), Failure> {
    match &config.database_url {
        DatabaseUrl::Sqlite(path) if !path.exists() => {
            let words = format!("there is no index: {} is not there (--data)", path.display());
            Err(Failure::Failed(words))
        }
        _ => Ok(()),
    }
}

/// Runs a command on a runtime of its own. Each worker of the server has another one; no actix system is
/// needed for that, and beside one it would keep its tasks apart from its runtime.
fn on_runtime(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Failed(format!("starting: {error}")))?;
    runtime.block_on(work)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_is_put_together_well() {
        Cli::command().debug_assert();
    }
}
