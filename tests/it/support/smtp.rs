//! A real mail server on this machine.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// A mail server that takes everything but for `nobody@` (refused for good), `busy@` (refused for
/// now) and from `banned@`. It knows the user `ada` with the password `p@ss`.
pub struct MailServer {
    child: Child,
    port: u16,
    mails: Arc<Mutex<Vec<serde_json::Value>>>,
    certificate: PathBuf,
}

impl MailServer {
    /// Starts one that speaks `plain`, `starttls` or `smtps`, on this port (0: any).
    pub fn start(port: u16, mode: &str, folder: &Path) -> Self {
        let python = super::prepared("TEST_CLIENTS").join("python");
        let mut child = Command::new(python)
            .args(["-c", include_str!("smtp.py"), &port.to_string(), mode])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let Some(Ok(port)) = lines.next() else { panic!("the mail server did not start") };
        let mails = Arc::new(Mutex::new(Vec::new()));
        let kept = mails.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        let certificate = folder.join("mail.pem");
        Self { child, port: port.parse().unwrap(), mails, certificate }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate that it shows, to be trusted.
    pub fn certificate(&self) -> &str {
        self.certificate.to_str().unwrap()
    }

    /// The mails that it has taken so far.
    pub fn mails(&self) -> Vec<serde_json::Value> {
        self.mails.lock().unwrap().clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
