//! The mails of a server that writes them as files.

use crate::support::{Server, eventually};

/// The setting that makes files of mails.
pub const FILE: (&str, &str) = ("CHEESESHOP_MAIL__TRANSPORT", "file");

/// A mail that was sent.
#[derive(Debug, Clone)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
}

/// All mails so far, by recipient and then in any order.
pub fn mails(server: &Server) -> Vec<Mail> {
    let Ok(entries) = std::fs::read_dir(server.data().join("mail")) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|it| it == "eml"));
    paths.map(|path| read(&std::fs::read_to_string(path).unwrap())).collect()
}

fn read(text: &str) -> Mail {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| {
        let line = head.split("\r\n").find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    let body = match header("Content-Transfer-Encoding:").as_str() {
        "quoted-printable" => body.replace("=\r\n", "").replace("=3D", "="),
        "7bit" => body.to_owned(),
        other => panic!("{other}"),
    };
    Mail { to: header("To:"), subject: header("Subject:"), text: body }
}

/// Waits for the mail to somebody about something.
pub fn mail(server: &Server, to: &str, subject: &str) -> Mail {
    let found = || mails(server).into_iter().find(|it| it.to == to && it.subject.contains(subject));
    eventually(&format!("{subject:?} is mailed to {to}"), || found().is_some());
    found().unwrap()
}

impl Mail {
    /// The path behind the link in it, which must be one of that server.
    pub fn link(&self, server: &Server) -> String {
        let start = server.url();
        let found = self.text.lines().find_map(|line| line.trim().strip_prefix(&start));
        found.unwrap_or_else(|| panic!("no link in {}", self.text)).to_owned()
    }
}
