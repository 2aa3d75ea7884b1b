//! The job that delivers what is due.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::outbox::Mail;
use super::transport::Undelivered;
use super::{Mailer, letter, retry};
use crate::db::{Db, MailId};
use crate::error::Result;
use crate::jobs::Lease;
use crate::time;

/// Mails that are on their way at once: one slow recipient keeps nobody waiting.
const AT_ONCE: usize = 8;
/// How often to look for new mails while others are on their way.
const LOOK: Duration = Duration::from_secs(1);

/// What became of the mails of one run.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    sent: usize,
    postponed: usize,
    failed: usize,
}

/// The name of the job.
pub const JOB: &str = "mail";

/// Delivers all that is due, and what becomes due meanwhile. A mail is noted as tried before it
/// leaves and as sent afterwards: should the process end in between, it leaves once more.
pub async fn deliver(db: &Db, mailer: &Mailer, lease: &Lease) -> Result<String> {
    let mut tally = Tally::default();
    let mut flying = FuturesUnordered::new();
    let mut ids: Vec<MailId> = Vec::new();
    loop {
        for mail in begin(db, lease, &ids).await? {
            ids.push(mail.id);
            flying.push(send(mailer, mail));
        }
        if flying.is_empty() {
            return Ok(tally.to_string());
        }
        let Ok(Some((mail, sent))) = tokio::time::timeout(LOOK, flying.next()).await else {
            continue;
        };
        ids.retain(|id| *id != mail.id);
        note(db, lease, &mail, sent, &mut tally).await?;
    }
}

/// Notes a try for as many mails as there is room for, beside those on their way.
async fn begin(db: &Db, lease: &Lease, flying: &[MailId]) -> Result<Vec<Mail>> {
    let room = AT_ONCE.saturating_sub(flying.len());
    if room == 0 {
        return Ok(Vec::new());
    }
    let (lease, flying) = (lease.clone(), flying.to_vec());
    let work = move |c: &mut _| {
        let now = time::now();
        let limit = i64::try_from(room + flying.len()).unwrap_or(i64::MAX);
        let mut due = Mail::due(c, now, limit)?;
        due.retain(|mail| !flying.contains(&mail.id));
        due.truncate(room);
        lease.check(c)?;
        for mail in &due {
            Mail::begin(c, mail, now)?;
        }
        Ok(due)
    };
    db.write(work).await
}

async fn send(mailer: &Mailer, mail: Mail) -> (Mail, Result<(), Undelivered>) {
    let sent = match letter::write(&mail, &mailer.0.sender) {
        Ok(letter) => mailer.0.transport.send(&mail, &letter).await,
        Err(error) => Err(Undelivered::Refused(error.to_string())),
    };
    (mail, sent)
}

async fn note(
    db: &Db,
    lease: &Lease,
    mail: &Mail,
    sent: Result<(), Undelivered>,
    tally: &mut Tally,
) -> Result<()> {
    let (id, now) = (mail.id, time::now());
    let Err(why) = sent else {
        tally.sent += 1;
        // Without a look at the lease: whoever has it now should know, or the mail leaves twice.
        return db.write(move |c| Ok(Mail::sent(c, id, now)?)).await.map(|_| ());
    };
    let (words, is_over) = match why {
        Undelivered::Refused(words) => (words, true),
        Undelivered::Later(words) => (words, retry::is_too_old(mail.queued_at, now)),
    };
    if is_over {
        tally.failed += 1;
        tracing::error!(mail.id = id.get(), error = words, "a mail cannot be delivered");
    } else {
        tally.postponed += 1;
        tracing::warn!(mail.id = id.get(), error = words, "a mail will be tried again");
    }
    let lease = lease.clone();
    let work = move |c: &mut _| {
        lease.check(c)?;
        if is_over {
            return Ok(Mail::failed(c, id, &words, now)?);
        }
        Ok(Mail::postponed(c, id, &words)?)
    };
    db.write(work).await.map(|_| ())
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { sent, postponed, failed } = self;
        write!(f, "{sent} sent, {postponed} to be tried again, {failed} given up")
    }
}
