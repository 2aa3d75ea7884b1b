//! The ways in which mails leave.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::Message as Letter;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::outbox::Mail;
use crate::config::{MailTransport, SmtpUrl};
use crate::error::{Error, Result};
use crate::secret::make_folder;

/// How long a connection to the mail server may take.
const ANSWER: Duration = Duration::from_secs(30);
/// How long one mail may take, which the server may look into before it answers.
const WHOLE: Duration = Duration::from_mins(2);

/// The target of the log lines that are mails.
pub const CONSOLE: &str = "cheeseshop::mail::console";

/// Why a mail did not leave.
#[derive(Debug)]
pub(super) enum Undelivered {
    /// The mail server refuses this mail for good.
    Refused(String),
    /// It may go better later.
    Later(String),
}

/// A way in which mails leave.
pub(super) enum Transport {
    Console,
    File(PathBuf),
    Smtp(Smtp),
}

type Smtp = AsyncSmtpTransport<Tokio1Executor>;

impl Transport {
    pub(super) fn new(config: &MailTransport) -> Result<Self> {
        Ok(match config {
            MailTransport::Console => Self::Console,
            MailTransport::File(folder) => Self::File(folder.clone()),
            MailTransport::Smtp(url) => Self::Smtp(connect(url)?),
        })
    }

    /// Sends a mail.
    pub(super) async fn send(&self, mail: &Mail, letter: &Letter) -> Result<(), Undelivered> {
        match self {
            Self::Console => {
                log(mail);
                Ok(())
            }
            Self::File(folder) => {
                let path = folder.join(file_name(mail));
                let bytes = letter.formatted();
                let written = tokio::task::spawn_blocking(move || write(&path, &bytes)).await;
                let written = written.unwrap_or_else(|error| Err(std::io::Error::other(error)));
                written.map_err(|error| {
                    let folder = folder.display();
                    Undelivered::Later(format!("writing into the folder {folder}: {error}"))
                })
            }
            Self::Smtp(smtp) => send(smtp, letter).await,
        }
    }
}

fn log(mail: &Mail) {
    let text = mail.body.as_deref().unwrap_or_default();
    tracing::info!(
        target: CONSOLE,
        to = mail.recipient,
        subject = mail.subject,
        text,
        "a mail"
    );
}

/// In the order of their queueing, and the same at every try.
fn file_name(mail: &Mail) -> String {
    format!("{}-{}.eml", mail.queued_at.format("%Y%m%dT%H%M%S%.6fZ"), mail.message_id)
}

/// Readers of the folder see a whole file or none.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    make_folder(folder)?;
    let mut file = tempfile::Builder::new().prefix(".").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    std::fs::File::open(folder)?.sync_all()
}

/// Each mail has a connection of its own: one that was left in the middle of a mail must not carry
/// another.
fn connect(url: &SmtpUrl) -> Result<Smtp> {
    let builder = Smtp::from_url(url.reveal())
        .map_err(|error| Error::internal("preparing for mail.smtp_url", error))?;
    Ok(builder.timeout(Some(ANSWER)).build())
}

async fn send(smtp: &Smtp, letter: &Letter) -> Result<(), Undelivered> {
    let bytes = letter.formatted();
    let sending = smtp.send_raw(letter.envelope(), &bytes);
    let Ok(sent) = tokio::time::timeout(WHOLE, sending).await else {
        return Err(Undelivered::Later("the mail server took too long".to_owned()));
    };
    let Err(error) = sent else { return Ok(()) };
    let words = chain(&error);
    // A server that refuses the connection or the login has said nothing about the mail.
    let is_about_mail = error.is_client() || error.is_permanent() && takes_connections(smtp).await;
    Err(if is_about_mail { Undelivered::Refused(words) } else { Undelivered::Later(words) })
}

async fn takes_connections(smtp: &Smtp) -> bool {
    matches!(tokio::time::timeout(ANSWER, smtp.test_connection()).await, Ok(Ok(true)))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}
