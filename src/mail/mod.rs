//! Mails: queued in the transaction of what they are about, delivered by a job.

mod deliver;
mod letter;
pub mod outbox;
mod retry;
mod transport;

use std::sync::Arc;

use tokio::sync::Notify;

pub use deliver::{JOB, deliver};
pub use transport::CONSOLE;

use crate::address::EmailAddress;
use crate::config::Config;
use crate::db::{Conn, MailId};
use crate::error::Result;
use crate::time::Time;
use letter::Sender;
use outbox::{Mail, NewMail};
use transport::Transport;

/// Random bytes behind a Message-ID.
const ID_BYTES: usize = 16;

/// A mail of plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Whom it is for.
    pub to: EmailAddress,
    /// What it is about. The name of the index comes before it; line ends become blanks.
    pub subject: String,
    /// What it says.
    pub text: String,
}

impl Message {
    /// Queues it as a part of the transaction: it leaves when that is committed, or never. Call
    /// [`Mailer::wake`] afterwards for it to leave at once.
    pub fn queue(&self, c: &mut Conn, now: Time) -> Result<MailId> {
        let unique: [u8; ID_BYTES] = rand::random();
        let new = NewMail {
            recipient: self.to.as_str(),
            subject: &letter::one_line(&self.subject),
            // PostgreSQL keeps no NUL, and no mail should have one.
            body: &self.text.replace('\0', ""),
            message_id: &hex::encode(unique),
            queued_at: now,
            attempts: 0,
            next_at: Some(now),
        };
        Ok(Mail::create(c, new)?)
    }
}

/// How the mails of an index leave. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Parts>);

struct Parts {
    sender: Sender,
    transport: Transport,
    queued: Notify,
}

impl Mailer {
    /// The mailer of this configuration. Nothing is connected yet.
    pub fn new(config: &Config) -> Result<Self> {
        let sender = Sender::new(&config.site_name, &config.mail.from)?;
        let transport = Transport::new(&config.mail.transport)?;
        Ok(Self(Arc::new(Parts { sender, transport, queued: Notify::new() })))
    }

    /// Says that mails were queued and committed.
    pub fn wake(&self) {
        self.0.queued.notify_one();
    }

    /// Waits until somebody says so.
    pub async fn woken(&self) {
        self.0.queued.notified().await;
    }
}
