//! `cheeseshop mail …`

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Failure, out};
use crate::address::EmailAddress;
use crate::config::Config;
use crate::db::{Db, MailId};
use crate::error::Result;
use crate::mail::Message;
use crate::mail::outbox;
use crate::time;

/// Mails that are listed: the last ones.
const LONGEST_LIST: i64 = 1_000;

/// Look at the mails on their way
#[derive(Subcommand)]
pub(super) enum Mail {
    /// List the mails that wait or were given up, newest first
    List(Listing),
    /// Try waiting and given-up mails again now
    Retry(Retry),
    /// Send a mail that says that mails arrive
    Test(Test),
}

#[derive(Args)]
pub(super) struct Listing {
    /// Also those that were sent
    #[arg(long)]
    all: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Retry {
    /// Only those with these ids, as `mail list` shows them
    #[arg(value_name = "ID")]
    ids: Vec<i64>,
}

#[derive(Args)]
pub(super) struct Test {
    /// Whom to send it to
    address: String,
}

#[derive(Serialize)]
struct Entry {
    id: i64,
    /// waiting, sent or failed.
    state: &'static str,
    to: String,
    subject: String,
    queued: String,
    attempts: i64,
    next: Option<String>,
    sent: Option<String>,
    failed: Option<String>,
    error: Option<String>,
}

impl Mail {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        let db = Db::open(&config.database_url, config.read_only)?;
        match self {
            Self::List(listing) => listing.run(&db).await,
            Self::Retry(retry) => retry.run(&db).await,
            Self::Test(test) => test.run(&db, &config.site_name).await,
        }
    }
}

impl Listing {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let mails = db.read(move |c| Ok(outbox::Mail::list(c, self.all, LONGEST_LIST)?)).await?;
        let entries: Vec<_> = mails.into_iter().map(entry).collect();
        if self.json {
            return out::json(&entries);
        }
        let rows: Vec<_> = entries.into_iter().map(row).collect();
        out::table(["ID", "STATE", "TO", "SUBJECT", "QUEUED", "TRIES", "NEXT", "ERROR"], &rows);
        Ok(())
    }
}

fn entry(mail: outbox::Mail) -> Entry {
    let state = match (mail.sent_at, mail.failed_at) {
        (Some(_), _) => "sent",
        (None, Some(_)) => "failed",
        (None, None) => "waiting",
    };
    Entry {
        id: mail.id.get(),
        state,
        to: mail.recipient,
        subject: mail.subject,
        queued: time::iso(mail.queued_at),
        attempts: mail.attempts,
        next: mail.next_at.map(time::iso),
        sent: mail.sent_at.map(time::iso),
        failed: mail.failed_at.map(time::iso),
        error: mail.last_error,
    }
}

fn row(entry: Entry) -> [String; 8] {
    [
        entry.id.to_string(),
        entry.state.to_owned(),
        entry.to,
        entry.subject,
        entry.queued,
        entry.attempts.to_string(),
        entry.next.unwrap_or_else(|| "never".to_owned()),
        entry.error.unwrap_or_default(),
    ]
}

impl Retry {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let ids: Vec<_> = self.ids.iter().copied().map(MailId::new).collect();
        let count = db.write(move |c| Ok(outbox::Mail::retry(c, &ids, time::now())?)).await?;
        if count < self.ids.len() {
            let words = "some of these mails do not exist or were sent; the others are due now";
            return Err(Failure::Failed(words.to_owned()));
        }
        out::line(format!("{count} due now"));
        Ok(())
    }
}

impl Test {
    async fn run(self, db: &Db, site_name: &str) -> Result<(), Failure> {
        let bad = || Failure::Usage(format!("{:?} is not a mail address", self.address));
        let message = Message {
            to: EmailAddress::parse(&self.address).ok_or_else(bad)?,
            subject: "Mails arrive".to_owned(),
            text: format!(
                "The operator of {site_name} sent this to see whether mails arrive.\n\
                 There is nothing to do.\n"
            ),
        };
        let id = db.write(move |c| message.queue(c, time::now())).await?;
        out::note(format!(
            "Queued as mail {}. A running server sends it at once; `cheeseshop mail list` shows \
             it where it cannot.",
            id.get()
        ));
        Ok(())
    }
}
