//! `cheeseshop domains …`

mod told;

use std::collections::BTreeMap;
use std::io::IsTerminal;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::{Failure, out};
use crate::app::App;
use crate::config::{Config, TrustedDomains};
use crate::db::{Conn, Db};
use crate::domains::collect::{New, addresses, uncollected};
use crate::domains::domain::{Domain, Queue};
use crate::domains::listing::{Which, list};
use crate::domains::sweep::{Clock, How, JOB, OFF, Rehearsed, Rules, Sweeper, rehearse};
use crate::error::Result;
use crate::time;

/// Domains that are read at once.
const PAGE: i64 = 1_000;

/// Look at the mail domains of accounts, and ask whether they have lapsed
#[derive(Subcommand)]
pub(super) enum Domains {
    /// List the domains, when each was checked, and what was found
    List(Listing),
    /// Check the domains that are due now, and unverify the addresses of those that have lapsed
    Sweep(SweepNow),
}

#[derive(Args)]
pub(super) struct Listing {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct SweepNow {
    /// Ask, say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Also those that are not due yet
    #[arg(long)]
    all: bool,
    /// Go ahead where the brake stopped a run
    #[arg(long, conflicts_with = "dry_run")]
    confirm: bool,
}

#[derive(Serialize)]
struct Entry {
    domain: String,
    addresses: i64,
    /// null: there was no answer yet.
    last_checked: Option<String>,
    /// The provider's own words.
    status: String,
    /// held, lapsed, doubtful or not-checkable; null: there was no answer yet.
    finding: Option<String>,
    /// null: never, as it is trusted.
    next_due: Option<String>,
    /// Why nobody answered the last time.
    error: Option<String>,
    /// Whether the brake keeps its addresses from being unverified.
    held_back: bool,
    /// What was last done about its addresses.
    action: Option<String>,
}

impl Domains {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        match self {
            Self::List(listing) => listing.run(&config).await,
            Self::Sweep(sweep) => sweep.run(config).await,
        }
    }
}

impl Listing {
    async fn run(self, config: &Config) -> Result<(), Failure> {
        let db = Db::open(&config.database_url, config.read_only)?;
        let mut entries = Vec::new();
        let mut after = String::new();
        loop {
            let from = after.clone();
            let page = db.read(move |c| page(c, &from)).await?;
            let Some(last) = page.last() else { break };
            after = last.domain.clone();
            entries.extend(page);
        }
        add_new(&mut entries, uncollected(&db).await?, &config.domains.trusted);
        if self.json {
            return out::json(&entries);
        }
        let rows: Vec<_> = entries.into_iter().map(row).collect();
        out::table(["DOMAIN", "ADDRESSES", "LAST CHECKED", "STATUS", "NEXT DUE", "NOTE"], &rows);
        Ok(())
    }
}

/// Adds what no sweep has looked at yet: nobody was asked, and the next one does.
fn add_new(entries: &mut Vec<Entry>, mut new: BTreeMap<String, New>, trusted: &TrustedDomains) {
    for entry in entries.iter_mut() {
        entry.addresses += new.remove(&entry.domain).unwrap_or_default().addresses;
    }
    let now = time::now();
    entries.extend(new.into_iter().map(|(name, new)| {
        let mut domain = Domain::new(name, now);
        if trusted.cover(&domain.name) {
            domain.queue = Queue::Trusted.number();
        }
        entry(new.addresses, domain)
    }));
    entries.sort_by(|one, other| one.domain.cmp(&other.domain));
}

fn page(c: &mut Conn, after: &str) -> Result<Vec<Entry>> {
    let domains = list(c, Which::All, after, PAGE)?;
    let names: Vec<String> = domains.iter().map(|domain| domain.name.clone()).collect();
    let counts = addresses(c, &names)?;
    let count = |name: &String| counts.get(name).copied().unwrap_or_default();
    Ok(domains.into_iter().map(|domain| entry(count(&domain.name), domain)).collect())
}

fn entry(addresses: i64, domain: Domain) -> Entry {
    let is_trusted = domain.queue == Queue::Trusted.number();
    Entry {
        addresses,
        last_checked: domain.answered_at.map(time::iso),
        status: domain.status().to_owned(),
        next_due: (!is_trusted).then(|| time::iso(domain.next_due)),
        held_back: domain.held_back_at.is_some(),
        domain: domain.name,
        finding: domain.finding,
        error: domain.last_error,
        action: domain.action,
    }
}

fn row(entry: Entry) -> [String; 6] {
    let note = match (entry.held_back, entry.error, entry.action) {
        (true, ..) => "waits for --confirm".to_owned(),
        (_, Some(error), _) => error,
        (_, None, action) => action.unwrap_or_default(),
    };
    [
        entry.domain,
        entry.addresses.to_string(),
        entry.last_checked.unwrap_or_else(|| "never".to_owned()),
        entry.status,
        entry.next_due.unwrap_or_else(|| "never".to_owned()),
        note,
    ]
}

impl SweepNow {
    async fn run(self, config: Config) -> Result<(), Failure> {
        let url = config.url();
        let app = App::open(config, url)?;
        let bar = Bar::start();
        if self.dry_run {
            return self.rehearse(&app, &bar).await;
        }
        let how = How { all: self.all, confirm: self.confirm };
        let began = time::now();
        let work = async |lease| {
            let report = app.sweep_domains(&lease, how, &|done, all| bar.step(done, all)).await;
            bar.end();
            // Also where it ended early: what was answered until then was acted on.
            told::tell(&app.db, began).await?;
            Ok(report?.map_or_else(|| OFF.to_owned(), |report| report.to_string()))
        };
        let done = app.jobs.run(JOB, work).await;
        bar.end();
        out::line(done?);
        Ok(())
    }

    async fn rehearse(&self, app: &App, bar: &Bar) -> Result<(), Failure> {
        let Some(asker) = &app.asker else {
            out::line(OFF);
            return Ok(());
        };
        let (rules, clock) = (Rules::of(&app.config.domains), Clock::start());
        let progress = |done, all| bar.step(done, all);
        let sweeper = Sweeper { db: &app.db, asker, rules: &rules, clock, progress: &progress };
        let rehearsed = rehearse(&sweeper, self.all).await;
        bar.end();
        say(rehearsed?);
        Ok(())
    }
}

fn say(rehearsed: Rehearsed) {
    let Rehearsed { asked, failed, lapsed } = rehearsed;
    for (name, why) in &failed {
        out::note(format!("{name}: not answered: {why}"));
    }
    for (name, said) in &lapsed {
        out::line(format!("{name}: {said}: would unverify its addresses"));
    }
    let (failed, lapsed) = (failed.len(), lapsed.len());
    out::line(format!(
        "{asked} domains checked, {failed} not answered, {lapsed} lapsed or in other hands; \
         nothing was changed"
    ));
}

/// A bar on a terminal, nothing elsewhere.
struct Bar(Option<ProgressBar>);

impl Bar {
    fn start() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(Some(bar))
    }

    fn step(&self, done: u64, all: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(all);
            bar.set_position(done);
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
