//! Uploads as twine sends them, or with one thing changed.

use std::net::SocketAddr;

use super::server::PASSWORD;
use super::{Dist, Reply, Request};

const BOUNDARY: &str = "a-boundary-of-the-tests";

/// An upload of one file, ready to be changed and sent.
pub struct Upload {
    address: SocketAddr,
    fields: Vec<(String, String)>,
    filename: String,
    content: Vec<u8>,
    login: Option<(String, String)>,
    accept: String,
    path: String,
}

impl Upload {
    /// A correct upload by `ada` with her password.
    pub fn new(address: SocketAddr, dist: &Dist) -> Self {
        let pyversion = if dist.filetype == "sdist" { "source" } else { "py3" };
        let fields = [
            (":action", "file_upload"),
            ("protocol_version", "1"),
            ("metadata_version", "2.1"),
            ("name", &dist.name),
            ("version", &dist.version),
            ("filetype", dist.filetype),
            ("pyversion", pyversion),
            ("sha256_digest", &dist.sha256()),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            address,
            fields: fields.map(owned).into(),
            filename: dist.filename.clone(),
            content: dist.bytes.clone(),
            login: Some(("ada".to_owned(), PASSWORD.to_owned())),
            accept: "*/*".to_owned(),
            path: "/legacy/".to_owned(),
        }
    }

    /// Sets a field; an empty value takes it away.
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.fields.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Adds a field, also a second one of its name.
    pub fn add(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn filename(mut self, filename: &str) -> Self {
        filename.clone_into(&mut self.filename);
        self
    }

    pub fn login(mut self, user: &str, password: &str) -> Self {
        self.login = Some((user.to_owned(), password.to_owned()));
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.login("__token__", token)
    }

    pub fn nobody(mut self) -> Self {
        self.login = None;
        self
    }

    pub fn accept(mut self, accept: &str) -> Self {
        accept.clone_into(&mut self.accept);
        self
    }

    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// The request as it will be sent.
    pub fn request(self) -> Request {
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let part = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"content\"; filename=\"{}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n",
            self.filename
        );
        body.extend_from_slice(part.as_bytes());
        body.extend_from_slice(&self.content);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = Request::new(self.address, "POST", &self.path)
            .header("Content-Type", &content_type)
            .header("Accept", &self.accept)
            .body(body);
        match &self.login {
            Some((user, password)) => request.basic(user, password),
            None => request,
        }
    }

    pub fn send(self) -> Reply {
        self.request().send()
    }
}
