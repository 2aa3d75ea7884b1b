//! A simple index on this machine, with files: it speaks JSON and HTML, behaves as badly as it is
//! told, and counts what it is asked.
#![expect(clippy::string_slice, reason = "digests are ASCII")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blake2::Blake2b;
use blake2::digest::consts::U32;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Dist;
use super::provider::{self, Said};

pub const JSON: &str = "application/vnd.pypi.simple.v1+json";
pub const HTML: &str = "application/vnd.pypi.simple.v1+html";
/// When files were uploaded unless something else is said.
pub const LONG_AGO: &str = "2020-01-02T03:04:05.678901Z";
/// Longer than any test waits for what it released.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the page says about a file.
#[derive(Debug, Clone)]
pub struct Listed {
    pub filename: String,
    /// As it stands on the page: absolute, or relative to it.
    pub url: String,
    pub hashes: BTreeMap<String, String>,
    pub size: Option<usize>,
    pub upload_time: Option<String>,
    pub requires_python: Option<String>,
    /// `false`, `true` or the reason.
    pub yanked: Value,
    /// `false`, `true` or an object of digests.
    pub core_metadata: Value,
    pub provenance: Option<String>,
}

impl Listed {
    /// Says nothing about the bytes.
    pub fn without_hashes(&mut self) {
        self.hashes.clear();
    }

    fn json(&self) -> Value {
        let mut entry = json!({
            "filename": self.filename,
            "url": self.url,
            "hashes": self.hashes,
            "requires-python": self.requires_python,
            "yanked": self.yanked,
            "core-metadata": self.core_metadata,
        });
        let more = [
            ("size", self.size.map(Value::from)),
            ("upload-time", self.upload_time.clone().map(Value::from)),
            ("provenance", self.provenance.clone().map(Value::from)),
        ];
        for (key, value) in more {
            if let Some(value) = value {
                entry[key] = value;
            }
        }
        entry
    }

    fn html(&self) -> String {
        let mut href = self.url.clone();
        if let Some((name, digits)) = self.hashes.iter().next() {
            write!(href, "#{name}={digits}").unwrap();
        }
        let mut anchor = format!("<a href=\"{}\"", escaped(&href));
        let mut attribute = |name: &str, value: &str| {
            write!(anchor, " {name}=\"{}\"", escaped(value)).unwrap();
        };
        if let Some(range) = &self.requires_python {
            attribute("data-requires-python", range);
        }
        match &self.yanked {
            Value::String(reason) => attribute("data-yanked", reason),
            Value::Bool(true) => attribute("data-yanked", ""),
            _ => {}
        }
        match &self.core_metadata {
            Value::Bool(true) => attribute("data-core-metadata", "true"),
            Value::Object(hashes) => {
                let sha256 = hashes["sha256"].as_str().unwrap();
                attribute("data-core-metadata", &format!("sha256={sha256}"));
                attribute("data-dist-info-metadata", &format!("sha256={sha256}"));
            }
            _ => {}
        }
        if let Some(url) = &self.provenance {
            attribute("data-provenance", url);
        }
        write!(anchor, ">{}</a><br>", self.filename).unwrap();
        anchor
    }
}

/// The page of a project.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub status: Option<(String, Option<String>)>,
    pub files: Vec<Listed>,
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The header lines, names in lower case.
    pub headers: BTreeMap<String, String>,
}

/// In which forms pages are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Speaks {
    /// JSON to those who ask for it, else HTML.
    #[default]
    Both,
    /// JSON whatever is asked for.
    Json,
    /// HTML whatever is asked for, as the oldest indexes do: `text/html`.
    Html,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
struct State {
    pages: BTreeMap<String, Page>,
    files: BTreeMap<String, Vec<u8>>,
    speaks: Speaks,
    without_etags: bool,
    is_packed: bool,
    login: Option<String>,
    said: BTreeMap<String, Said>,
    asked: Vec<Asked>,
    /// Paths whose answers wait, with how many bytes of the body leave before that.
    held: BTreeMap<String, usize>,
    all_held: bool,
    /// Paths that somebody waits at, once for each.
    waiting: Vec<String>,
    is_over: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Waits at a path until it is not held, for one who has got so many bytes of the body.
    fn wait(&self, path: &str, sent: Option<usize>) {
        let mut state = self.lock();
        let is_held = |state: &mut State| {
            let held = state.all_held && sent.is_none()
                || state.held.get(path).is_some_and(|bytes| sent.unwrap_or(0) >= *bytes);
            held && !state.is_over
        };
        if !is_held(&mut state) {
            return;
        }
        state.waiting.push(path.to_owned());
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, is_held).unwrap();
        let place = state.waiting.iter().position(|it| it == path).unwrap();
        state.waiting.remove(place);
        drop(state);
        self.changed.notify_all();
    }
}

/// The server; it ends with this value.
pub struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Upstream {
    /// Starts an empty index.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let serving = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if serving.lock().is_over {
                    break;
                }
                let serving = serving.clone();
                std::thread::spawn(move || serve(&stream, &serving));
            }
        });
        Self { address, shared }
    }

    /// What `mirror.upstream` is set to.
    pub fn url(&self) -> String {
        format!("http://{}/simple/", self.address)
    }

    /// The same with user name and password.
    pub fn url_with(&self, credentials: &str) -> String {
        format!("http://{credentials}@{}/simple/", self.address)
    }

    /// The URL of a path.
    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Adds a file to its project, under the path that PyPI would give it; that path.
    pub fn add(&self, dist: &Dist) -> String {
        self.add_with(dist, |_| {})
    }

    /// The same with changes to what the page says about it. Wherever the page says that it is,
    /// its bytes are under the path that is returned.
    pub fn add_with(&self, dist: &Dist, change: impl FnOnce(&mut Listed)) -> String {
        let path = path_of(&dist.bytes, &dist.filename);
        self.serve_at(&path, &dist.bytes);
        let mut listed = Listed {
            filename: dist.filename.clone(),
            url: self.at(&path),
            hashes: BTreeMap::from([("sha256".to_owned(), dist.sha256())]),
            size: Some(dist.bytes.len()),
            upload_time: Some(LONG_AGO.to_owned()),
            requires_python: None,
            yanked: Value::Bool(false),
            core_metadata: Value::Bool(false),
            provenance: None,
        };
        change(&mut listed);
        self.list(&dist.name, listed);
        path
    }

    /// Names a file on the page of a project, whether it has bytes or not.
    pub fn list(&self, project: &str, listed: Listed) {
        self.change(project, |page| page.files.push(listed));
    }

    /// Puts bytes beside a file, as its metadata are; what the page may say of them.
    pub fn add_metadata(&self, path: &str, metadata: &[u8]) -> Value {
        self.serve_at(&format!("{path}.metadata"), metadata);
        json!({ "sha256": hex::encode(Sha256::digest(metadata)) })
    }

    /// Serves bytes at a path.
    pub fn serve_at(&self, path: &str, bytes: &[u8]) {
        self.shared.lock().files.insert(path.to_owned(), bytes.to_owned());
    }

    /// Changes the page of a project, which comes to be where it was not.
    pub fn change(&self, project: &str, change: impl FnOnce(&mut Page)) {
        let mut state = self.shared.lock();
        change(state.pages.entry(normal(project)).or_default());
    }

    /// Takes a project away.
    pub fn remove(&self, project: &str) {
        self.shared.lock().pages.remove(&normal(project));
    }

    /// Gives a project so many files that have no bytes.
    pub fn add_many(&self, project: &str, count: usize) {
        let digest = |number: usize| hex::encode(Sha256::digest(number.to_be_bytes()));
        let files = (0..count).map(|number| {
            let digest = digest(number);
            let (first, second) = (&digest[..2], &digest[2..4]);
            let filename = format!("{project}-1.{number}-py3-none-any.whl");
            Listed {
                url: self.at(&format!("/packages/{first}/{second}/{}/{filename}", &digest[4..])),
                filename,
                hashes: BTreeMap::from([("sha256".to_owned(), digest.clone())]),
                size: Some(number),
                upload_time: Some(LONG_AGO.to_owned()),
                requires_python: Some(">=3.8".to_owned()),
                yanked: Value::Bool(false),
                core_metadata: json!({ "sha256": digest }),
                provenance: None,
            }
        });
        self.change(project, |page| page.files.extend(files));
    }

    /// From now on pages have these forms.
    pub fn speak(&self, speaks: Speaks) {
        self.shared.lock().speaks = speaks;
    }

    /// From now on pages have no ETags.
    pub fn forget_etags(&self) {
        self.shared.lock().without_etags = true;
    }

    /// From now on pages are compressed.
    pub fn pack(&self) {
        self.shared.lock().is_packed = true;
    }

    /// From now on everything needs this login (`user:password`).
    pub fn demand(&self, login: &str) {
        self.shared.lock().login = Some(format!("Basic {}", STANDARD.encode(login)));
    }

    /// From now on a path is answered so, whatever would be there.
    pub fn say(&self, path: &str, said: Said) {
        self.shared.lock().said.insert(path.to_owned(), said);
    }

    /// Answers a path as before.
    pub fn mend(&self, path: &str) {
        self.shared.lock().said.remove(path);
    }

    /// From now on answers at a path wait until [`Upstream::release`].
    pub fn hold(&self, path: &str) {
        self.hold_after(path, 0);
    }

    /// The same for all paths.
    pub fn hold_all(&self) {
        self.shared.lock().all_held = true;
    }

    /// From now on bodies at a path wait behind so many bytes; 0: nothing leaves.
    pub fn hold_after(&self, path: &str, bytes: usize) {
        self.shared.lock().held.insert(path.to_owned(), bytes);
    }

    /// Lets everything go on.
    pub fn release(&self) {
        let mut state = self.shared.lock();
        state.held.clear();
        state.all_held = false;
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Waits until so many wait at a path.
    #[track_caller]
    pub fn wait_for(&self, path: &str, count: usize) {
        let waits =
            |state: &mut State| state.waiting.iter().filter(|it| *it == path).count() < count;
        let (_state, ended) =
            self.shared.changed.wait_timeout_while(self.shared.lock(), PATIENCE, waits).unwrap();
        assert!(!ended.timed_out(), "nobody asked for {path}");
    }

    /// All requests that came so far, in their order; those that wait included.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.lock().asked.clone()
    }

    /// How often a path was asked for.
    pub fn asked_for(&self, path: &str) -> usize {
        self.shared.lock().asked.iter().filter(|asked| asked.path == path).count()
    }

    /// How often the page of a project was asked for.
    pub fn asked_about(&self, project: &str) -> usize {
        self.asked_for(&page_path(project))
    }

    /// The names whose pages were asked for.
    pub fn names_asked(&self) -> BTreeSet<String> {
        let state = self.shared.lock();
        let paths = state.asked.iter().map(|asked| asked.path.as_str());
        let names = paths.filter_map(|path| path.strip_prefix("/simple/")?.strip_suffix('/'));
        names.map(str::to_owned).collect()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        if let Ok(mut state) = self.shared.state.lock() {
            state.is_over = true;
        }
        self.shared.changed.notify_all();
        // So that the listener sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

/// The path of a project's page.
pub fn page_path(project: &str) -> String {
    format!("/simple/{}/", normal(project))
}

/// The path that PyPI gives to a file.
pub fn path_of(bytes: &[u8], filename: &str) -> String {
    let digest = hex::encode(Blake2b::<U32>::digest(bytes));
    format!("/packages/{}/{}/{}/{filename}", &digest[..2], &digest[2..4], &digest[4..])
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

fn normal(project: &str) -> String {
    project.to_lowercase().replace(['_', '.'], "-")
}

/// Answers the requests of one connection. Whoever asks may go away at any moment.
fn serve(stream: &TcpStream, shared: &Shared) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(asked) = read(&mut lines) {
        if shared.lock().is_over {
            break;
        }
        shared.lock().asked.push(asked.clone());
        shared.changed.notify_all();
        if shared.lock().held.get(&asked.path).is_none_or(|bytes| *bytes == 0) {
            shared.wait(&asked.path, None);
        }
        let said = answer(&asked, &shared.lock());
        if send(stream, &asked, &said, shared).is_err() || !said.is_whole() {
            break;
        }
    }
}

fn read(lines: &mut impl Iterator<Item = String>) -> Option<Asked> {
    let first = lines.next()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let headers = lines.take_while(|line| !line.is_empty()).filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    Some(Asked { method, path, headers: headers.collect() })
}

fn answer(asked: &Asked, state: &State) -> Said {
    if let Some(said) = state.said.get(&asked.path) {
        return said.clone();
    }
    if state.login.is_some() && asked.headers.get("authorization") != state.login.as_ref() {
        return Said::new(401, "who are you?").with("WWW-Authenticate", "Basic realm=\"x\"");
    }
    if let Some(bytes) = state.files.get(&asked.path) {
        return Said::new(200, bytes.clone()).with("Content-Type", "application/octet-stream");
    }
    let name = asked.path.strip_prefix("/simple/").and_then(|path| path.strip_suffix('/'));
    match name.and_then(|name| Some((name, state.pages.get(name)?))) {
        Some((name, page)) => show(asked, state, name, page),
        None => Said::new(404, "there is no such thing"),
    }
}

fn show(asked: &Asked, state: &State, name: &str, page: &Page) -> Said {
    let accept = asked.headers.get("accept").map_or("", String::as_str);
    let (kind, text) = match state.speaks {
        Speaks::Html => ("text/html; charset=utf-8", html(name, page)),
        Speaks::Json => (JSON, json(name, page)),
        Speaks::Both if accept.contains(JSON) => (JSON, json(name, page)),
        Speaks::Both => (HTML, html(name, page)),
    };
    let etag = format!("\"{}\"", hex::encode(Sha256::digest(&text)));
    if !state.without_etags && asked.headers.get("if-none-match") == Some(&etag) {
        return Said::new(304, "").with("ETag", &etag);
    }
    let mut said = if state.is_packed {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        Said::new(200, encoder.finish().unwrap()).with("Content-Encoding", "gzip")
    } else {
        Said::new(200, text)
    };
    said = said.with("Content-Type", kind);
    if state.without_etags { said } else { said.with("ETag", &etag) }
}

fn json(name: &str, page: &Page) -> String {
    let mut all = json!({
        "meta": { "api-version": "1.4" },
        "name": name,
        "files": page.files.iter().map(Listed::json).collect::<Vec<_>>(),
    });
    if let Some((status, reason)) = &page.status {
        all["project-status"] = json!({ "status": status });
        if let Some(reason) = reason {
            all["project-status"]["reason"] = reason.as_str().into();
        }
    }
    all.to_string()
}

fn html(name: &str, page: &Page) -> String {
    let mut text = "<!DOCTYPE html>\n<html><head>\n".to_owned();
    text.push_str("<meta name=\"pypi:repository-version\" content=\"1.4\">\n");
    if let Some((status, reason)) = &page.status {
        let mut meta = |name: &str, value: &str| {
            let value = escaped(value);
            writeln!(text, "<meta name=\"pypi:{name}\" content=\"{value}\">").unwrap();
        };
        meta("project-status", status);
        if let Some(reason) = reason {
            meta("project-status-reason", reason);
        }
    }
    writeln!(text, "<title>Links for {name}</title></head><body>").unwrap();
    for file in &page.files {
        text.push_str(&file.html());
        text.push('\n');
    }
    text.push_str("</body></html>\n");
    text
}

/// Sends an answer; where the path is held behind some bytes, that much of it first.
fn send(stream: &TcpStream, asked: &Asked, said: &Said, shared: &Shared) -> std::io::Result<()> {
    let over = || {
        drop(shared.changed.wait_while(shared.lock(), |it| !it.is_over).unwrap());
    };
    let held = shared.lock().held.get(&asked.path).copied();
    let Some(bytes) = held.filter(|bytes| *bytes > 0) else {
        return provider::send(stream, said, (asked.method == "HEAD", over));
    };
    let (head, body) = said.parts();
    let mut stream = stream;
    let middle = bytes.min(body.len());
    stream.write_all(&[&head, &body[..middle]].concat())?;
    shared.wait(&asked.path, Some(middle));
    stream.write_all(&body[middle..])
}
