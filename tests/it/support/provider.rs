//! A provider of domain states on this machine: it speaks Fastly's and RDAP's paths, answers as it
//! is told, and counts what it is asked.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use serde_json::{Value, json};

/// What is answered.
#[derive(Debug, Clone)]
pub struct Said {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    ending: Ending,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// As it should.
    Whole,
    /// The connection closes before the promised length.
    Cut,
    /// As it should, and how long it is is not said before.
    Unmeasured,
    /// The body comes again and again until nobody listens.
    Endless,
    /// Nothing is sent, and the connection stays open.
    Silent,
}

impl Said {
    /// A status and a body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), ending: Ending::Whole }
    }

    /// Fastly's: the words of `status` with blanks between them.
    pub fn fastly(status: &str) -> Self {
        let body = json!({"domain": "x", "zone": "x", "status": status, "tags": "generic"});
        Self::new(200, body.to_string()).with("Content-Type", "application/json")
    }

    /// RDAP's: a domain with this status and these events (action and date).
    pub fn rdap(domain: &str, status: &[&str], events: &[(&str, &str)]) -> Self {
        let events: Vec<Value> = events
            .iter()
            .map(|(action, date)| json!({"eventAction": action, "eventDate": date}))
            .collect();
        let body = json!({
            "objectClassName": "domain",
            "ldhName": domain,
            "status": status,
            "events": events,
            "rdapConformance": ["rdap_level_0"],
        });
        Self::new(200, body.to_string()).with("Content-Type", "application/rdap+json")
    }

    /// RDAP's: there is no such domain.
    pub fn not_found() -> Self {
        let body = json!({"errorCode": 404, "title": "Not Found"});
        Self::new(404, body.to_string()).with("Content-Type", "application/rdap+json")
    }

    /// Too many requests; `Retry-After` as given.
    pub fn busy(retry_after: &str) -> Self {
        Self::new(429, "").with("Retry-After", retry_after)
    }

    /// Look elsewhere.
    pub fn redirect(to: &str) -> Self {
        Self::new(302, "").with("Location", to)
    }

    /// The same with a header.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same, ending half-way.
    pub fn cut(self) -> Self {
        Self { ending: Ending::Cut, ..self }
    }

    /// The same without saying before how long it is.
    pub fn unmeasured(self) -> Self {
        Self { ending: Ending::Unmeasured, ..self }
    }

    /// The same, never ending.
    pub fn endless(self) -> Self {
        Self { ending: Ending::Endless, ..self }
    }

    /// Nothing at all.
    pub fn silence() -> Self {
        Self { ending: Ending::Silent, ..Self::new(200, "") }
    }

    /// Whether another answer may follow on the connection.
    pub fn is_whole(&self) -> bool {
        self.ending == Ending::Whole
    }

    /// The head of an answer that ends, and the bytes of the body that are sent.
    pub fn parts(&self) -> (Vec<u8>, &[u8]) {
        let mut head = self.head();
        write!(head, "Content-Length: {}\r\n\r\n", self.body.len()).unwrap();
        let is_cut = self.ending == Ending::Cut;
        let end = if is_cut { self.body.len() / 2 } else { self.body.len() };
        (head, &self.body[..end])
    }

    fn head(&self) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {} Said\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            write!(bytes, "{name}: {value}\r\n").unwrap();
        }
        bytes
    }
}

/// A question that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The path with its query.
    pub path: String,
    /// The domain that it names, or the path where it names none.
    pub domain: String,
    /// The header lines as they came, names in lower case.
    pub headers: HashMap<String, String>,
}

#[derive(Default)]
struct State {
    answers: HashMap<String, Said>,
    otherwise: Option<Said>,
    asked: Vec<Asked>,
    is_held: bool,
    waiting: usize,
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
}

/// The server; it ends with this value.
pub struct Provider {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Provider {
    /// Starts one. Domains that nobody spoke of answer 500.
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

    /// What `domains.api_url` is set to.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What is answered about a domain, or on a path that names none (such as `/dns.json`).
    pub fn answer(&self, domain: &str, said: Said) {
        self.shared.lock().answers.insert(domain.to_owned(), said);
    }

    /// What is answered about all others.
    pub fn otherwise(&self, said: Said) {
        self.shared.lock().otherwise = Some(said);
    }

    /// All questions that came so far, in their order; those that are held included.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.lock().asked.clone()
    }

    /// How many questions came so far, without copying them.
    pub fn asked_count(&self) -> usize {
        self.shared.lock().asked.len()
    }

    /// How often a domain was asked about.
    pub fn asked_about(&self, domain: &str) -> usize {
        self.shared.lock().asked.iter().filter(|asked| asked.domain == domain).count()
    }

    /// From now on questions wait for their answers until [`Provider::release`].
    pub fn hold(&self) {
        self.shared.lock().is_held = true;
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.shared.lock().waiting
    }

    /// Answers those that wait, and all that come.
    pub fn release(&self) {
        self.shared.lock().is_held = false;
        self.shared.changed.notify_all();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        if let Ok(mut state) = self.shared.state.lock() {
            state.is_over = true;
        }
        self.shared.changed.notify_all();
        // So that the listener sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

/// Answers the questions of one connection. Whoever asks may go away at any moment.
fn serve(stream: &TcpStream, shared: &Shared) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(asked) = read(&mut lines) {
        let said = find(asked, shared);
        let over = || drop(shared.changed.wait_while(shared.lock(), |it| !it.is_over).unwrap());
        if send(stream, &said, (false, over)).is_err() || !said.is_whole() {
            break;
        }
    }
}

/// The head of a request; GET has no body.
fn read(lines: &mut impl Iterator<Item = String>) -> Option<Asked> {
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers = lines.take_while(|line| !line.is_empty());
    let headers = headers.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    let headers = headers.collect();
    let domain = path
        .split_once("?domain=")
        .or_else(|| path.rsplit_once("/domain/"))
        .map_or_else(|| path.clone(), |(_, domain)| domain.to_owned());
    Some(Asked { path, domain, headers })
}

fn find(asked: Asked, shared: &Shared) -> Said {
    let mut state = shared.lock();
    let domain = asked.domain.clone();
    state.asked.push(asked);
    state.waiting += 1;
    let mut state = shared.changed.wait_while(state, |it| it.is_held && !it.is_over).unwrap();
    state.waiting -= 1;
    let known = state.answers.get(&domain).or(state.otherwise.as_ref());
    known.cloned().unwrap_or_else(|| Said::new(500, "nobody spoke of this domain"))
}

/// Sends an answer: to HEAD without its body. `over` waits for the end of the server.
pub fn send(
    mut stream: &TcpStream,
    said: &Said,
    (is_head, over): (bool, impl FnOnce()),
) -> std::io::Result<()> {
    if said.ending == Ending::Silent {
        over();
        return Ok(());
    }
    if said.ending == Ending::Unmeasured {
        let mut all = said.head();
        write!(all, "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", said.body.len())?;
        all.extend_from_slice(&said.body);
        all.extend_from_slice(b"\r\n0\r\n\r\n");
        return stream.write_all(&all);
    }
    if said.ending == Ending::Endless {
        let mut head = said.head();
        write!(head, "Transfer-Encoding: chunked\r\n\r\n")?;
        stream.write_all(&head)?;
        let size = format!("{:x}\r\n", said.body.len());
        let chunk = [size.as_bytes(), &said.body, b"\r\n"].concat();
        loop {
            stream.write_all(&chunk)?;
        }
    }
    let (mut bytes, body) = said.parts();
    if !is_head {
        bytes.extend_from_slice(body);
    }
    stream.write_all(&bytes)
}
