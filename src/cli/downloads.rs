//! `cheeseshop downloads …`

use clap::{Args, Subcommand};

use super::{Failure, out};
use crate::config::Config;
use crate::db::Db;
use crate::downloads::export::{Entry, Form};
use crate::downloads::single::{self, Download, Wanted};
use crate::error::Result;
use crate::time::{self, Time};

/// Look at who downloaded what from a private index
#[derive(Subcommand)]
pub(super) enum Downloads {
    /// List single downloads, newest first; a running server adds the last ones every half minute
    // `--version` is that of a release here.
    #[command(disable_version_flag = true)]
    List(Listing),
}

#[derive(Args)]
pub(super) struct Listing {
    /// Those of this project
    #[arg(long, default_value = "", hide_default_value = true)]
    project: String,
    /// Those of this version
    #[arg(long, default_value = "", hide_default_value = true)]
    version: String,
    /// Those of this file
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    file: String,
    /// Those of files with this SHA-256 or BLAKE2b-256
    #[arg(long, value_name = "HEX", default_value = "", hide_default_value = true)]
    digest: String,
    /// Those by this account
    #[arg(long, default_value = "", hide_default_value = true)]
    user: String,
    /// Those since this day (2026-11-21) or span ago (90d, 12h)
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<Time>,
    /// This many at most
    #[arg(long, default_value = "1000", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// As JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// As CSV
    #[arg(long)]
    csv: bool,
}

fn since(text: &str) -> Result<Time, String> {
    let ago = || time::parse_span(text).map(|span| time::now() - span);
    let words = "not a day such as 2026-11-21, nor a span such as 90d or 12h";
    time::parse_day(text).or_else(ago).ok_or_else(|| words.to_owned())
}

impl Downloads {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        let db = Db::open(&config.database_url, config.read_only)?;
        match self {
            Self::List(listing) => listing.run(&db).await,
        }
    }
}

impl Listing {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let Self { project, version, file, digest, user, since, limit, json, csv } = self;
        let wanted = Wanted::parse(&project, &version, &file, &digest, &user)
            .map_err(|error| Failure::Usage(error.detail().to_owned()))?;
        let wanted = Wanted { since, ..wanted };
        // One more than is shown says whether there are more.
        let most = i64::from(limit) + 1;
        let mut found = db.read(move |c| Ok(single::list(c, &wanted, most)?)).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if found.len() > limit {
            found.truncate(limit);
            out::note(format!("These are the newest {limit}; --limit shows more."));
        }
        show(&found, json, csv)
    }
}

fn show(found: &[Download], json: bool, csv: bool) -> Result<(), Failure> {
    if json {
        return out::json(&found.iter().map(Entry::from).collect::<Vec<_>>());
    }
    if csv {
        let lines = found.iter().map(|it| Form::Csv.line(it)).collect::<Result<String>>()?;
        let text = format!("{}{lines}", Form::Csv.head());
        out::line(text.strip_suffix('\n').unwrap_or(&text));
        return Ok(());
    }
    let rows: Vec<_> = found.iter().map(row).collect();
    out::table(["WHEN", "USER", "TOKEN", "FROM", "FILE", "WITH"], &rows);
    Ok(())
}

fn row(it: &Download) -> [String; 6] {
    [
        time::for_people(it.at),
        it.username.clone(),
        it.token.map(|token| token.to_string()).unwrap_or_default(),
        it.ip.clone().unwrap_or_default(),
        it.filename.clone(),
        it.agent.clone().unwrap_or_default(),
    ]
}
