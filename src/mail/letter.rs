//! A mail as it travels.

use std::time::SystemTime;

use lettre::Address;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Letter};

use super::outbox::Mail;
use crate::address::EmailAddress;
use crate::error::Error;

/// Why a mail cannot be written down. Trying again would not help.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unwritable {
    /// The recipient is no mail address.
    #[error("{0:?} is not an address to which mail can be sent")]
    Recipient(String),
    /// It was sent already, or its text is gone otherwise.
    #[error("its text is gone")]
    NoText,
    /// The mail library refuses it.
    #[error("it cannot be written as a mail: {0}")]
    Other(#[from] lettre::error::Error),
}

/// Who the mails of an index are from.
pub(super) struct Sender {
    site_name: String,
    mailbox: Mailbox,
    domain: String,
}

impl Sender {
    /// The index of that name, at that address.
    pub(super) fn new(site_name: &str, from: &EmailAddress) -> crate::error::Result<Self> {
        let words = || format!("mail.from: {from} is not an address from which mail can be sent");
        let address = address(from).ok_or_else(|| Error::invalid("Bad mail.from", words()))?;
        let mailbox = Mailbox::new(Some(site_name.to_owned()), address);
        Ok(Self { site_name: site_name.to_owned(), mailbox, domain: from.domain().to_owned() })
    }
}

/// Says that a program wrote it, so that no other program answers (RFC 3834 section 5).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Writes a mail with all its headers. The same mail gives the same Message-ID at every try.
pub(super) fn write(mail: &Mail, sender: &Sender) -> Result<Letter, Unwritable> {
    let to = EmailAddress::parse(&mail.recipient).and_then(|to| address(&to));
    let to = to.ok_or_else(|| Unwritable::Recipient(mail.recipient.clone()))?;
    let text = mail.body.clone().ok_or(Unwritable::NoText)?;
    let letter = Letter::builder()
        .from(sender.mailbox.clone())
        .to(Mailbox::new(None, to))
        .subject(one_line(&format!("[{}] {}", sender.site_name, mail.subject)))
        .message_id(Some(format!("<{}@{}>", mail.message_id, sender.domain)))
        .date(SystemTime::from(mail.queued_at.and_utc()))
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN)
        .body(text)?;
    Ok(letter)
}

fn address(address: &EmailAddress) -> Option<Address> {
    address.as_str().parse().ok()
}

/// The text with a blank for whatever would end a line or steer a terminal.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_control() || c.is_whitespace());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::MailId;

    fn written(to: &str, subject: &str, text: &str) -> Result<String, String> {
        let sender = Sender::new("Käse", &EmailAddress::default_sender());
        let sender = sender.map_err(|error| error.to_string())?;
        let mail = Mail {
            id: MailId::new(1),
            recipient: to.to_owned(),
            subject: subject.to_owned(),
            body: Some(text.to_owned()),
            message_id: "abc".to_owned(),
            queued_at: chrono::DateTime::UNIX_EPOCH.naive_utc(),
            attempts: 0,
            next_at: None,
            sent_at: None,
            failed_at: None,
            last_error: None,
        };
        let letter = write(&mail, &sender).map_err(|error| error.to_string())?;
        String::from_utf8(letter.formatted()).map_err(|error| error.to_string())
    }

    #[test]
    fn all_headers_are_there() -> Result<(), String> {
        let text = written("ada@example.org", "Hello", "Line\nhttps://example.org/?token=a=b\n")?;
        let expected = "From: =?utf-8?b?S8Okc2U=?= <cheeseshop@localhost>\r\n\
            To: ada@example.org\r\n\
            Subject: =?utf-8?b?W0vDpHNlXQ==?= Hello\r\n\
            Message-ID: <abc@localhost>\r\n\
            Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n\
            Auto-Submitted: auto-generated\r\n\
            Content-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: 7bit\r\n\
            \r\n\
            Line\r\nhttps://example.org/?token=a=b\r\n";
        assert_eq!(text, expected);
        Ok(())
    }

    #[test]
    fn nobody_adds_a_header() -> Result<(), String> {
        for end in ["\r\n", "\n", "\r", "\u{2028}", "\u{85}", "\0"] {
            let subject = format!("x{end}Bcc: eve@example.org");
            let text = written("ada@example.org", &subject, "text")?;
            assert!(!text.contains("\nBcc") && text.contains("x Bcc: eve"), "{text}");
            let to = format!("ada@example.org{end}Bcc: eve@example.org");
            assert!(written(&to, "x", "text").is_err(), "{end:?}");
        }
        Ok(())
    }

    #[test]
    fn what_is_no_address_is_named() {
        let said = written("nonsense", "x", "text");
        let expected = "\"nonsense\" is not an address to which mail can be sent";
        assert_eq!(said, Err(expected.to_owned()));
    }
}
