//! Replicas under load, while everything that can fail does: nothing acknowledged is lost, and
//! nothing happens twice.

use std::collections::BTreeMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::support::bucket::s3;
use crate::support::relay::{Line, Relay};
use crate::support::{Backend, Dist, Server, Upload, eventually};

/// Faults of an everyday run, and of a full one.
const FAULTS: usize = 20;
const MANY_FAULTS: usize = 200;
/// Clients that upload all the time.
const UPLOADERS: usize = 3;
/// Bytes of a distribution; every fourth is longer than a part of an upload to the bucket.
const SMALL: usize = 20_000;
const LARGE: usize = 9_000_000;

#[test]
fn nothing_is_lost_in_a_storm() {
    storm(FAULTS);
}

#[test]
#[ignore = "takes many minutes"]
fn nothing_is_lost_in_a_long_storm() {
    storm(MANY_FAULTS);
}

/// A replica with lines of its own.
struct Victim {
    server: Server,
    database: Relay,
    bucket: Relay,
}

/// What the uploaders know and note.
#[derive(Default)]
struct Ledger {
    addresses: Mutex<Vec<SocketAddr>>,
    acknowledged: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Answers that nobody should get, whatever fails.
    wrong: Mutex<Vec<String>>,
    count: AtomicUsize,
    is_over: AtomicBool,
}

impl Ledger {
    /// Uploads one file after another, each to one replica after another until one takes it.
    fn upload_all_the_time(&self, uploader: usize, token: &str) {
        let mut turn = uploader;
        for n in 0.. {
            let size = if n % 4 == 3 { LARGE } else { SMALL };
            let dist = Dist::noisy_wheel(&format!("foo{uploader}"), &format!("1.{n}"), size);
            loop {
                if self.is_over.load(Ordering::Relaxed) {
                    return;
                }
                turn += 1;
                let addresses = self.addresses.lock().unwrap().clone();
                // One of them keeps to the replica to which nothing happens: with all others
                // waiting for one that is frozen, nobody would see that uploads go on.
                let place = if uploader == 0 { 0 } else { turn % addresses.len() };
                let address = addresses[place];
                let upload = Upload::new(address, &dist).token(token).request();
                // A replica that is gone or does not know how to go on is passed over.
                let Some(reply) = upload.try_send() else { continue };
                if reply.status == 200 {
                    break;
                }
                if reply.status != 503 {
                    let words = format!("{}: {} {}", dist.filename, reply.status, reply.text());
                    self.wrong.lock().unwrap().push(words);
                }
            }
            self.acknowledged.lock().unwrap().insert(dist.filename, dist.bytes);
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until so many more uploads were acknowledged.
    fn wait_for(&self, more: usize) {
        let goal = self.count.load(Ordering::Relaxed) + more;
        eventually("uploads go on", || self.count.load(Ordering::Relaxed) >= goal);
    }
}

fn database_line(server: &Server) -> (Relay, String) {
    let mut url = url::Url::parse(server.database_url().unwrap()).unwrap();
    let behind = (url.host_str().unwrap(), url.port().unwrap_or(5432));
    let line = Relay::to(behind.to_socket_addrs().unwrap().next().unwrap());
    url.set_host(Some(&line.address().ip().to_string())).unwrap();
    url.set_port(Some(line.address().port())).unwrap();
    (line, url.into())
}

fn victim(sound: &Server) -> Victim {
    let (database, url) = database_line(sound);
    let bucket = Relay::to(s3());
    let endpoint = format!("http://{}", bucket.address());
    let settings = [("CHEESESHOP_DATABASE_URL", &*url), ("AWS_ENDPOINT_URL", &*endpoint)];
    Victim { server: sound.replica(&settings), database, bucket }
}

/// Makes one fault, waits until the others have gone on without it, and mends it.
fn strike(fault: usize, victims: &mut [Victim], ledger: &Ledger) {
    let at = fault % victims.len();
    let victim = &mut victims[at];
    match fault / 2 % 5 {
        0 => {
            victim.server.kill();
            ledger.wait_for(1);
            victim.server.run();
            ledger.addresses.lock().unwrap()[at + 1] = victim.server.address();
        }
        1 => {
            victim.server.signal("-STOP");
            ledger.wait_for(1);
            victim.server.signal("-CONT");
        }
        2 => hold(&victim.database, Line::Cut, ledger),
        3 => hold(&victim.bucket, Line::Cut, ledger),
        _ if fault % 4 == 0 => hold(&victim.database, Line::Dead, ledger),
        _ => hold(&victim.bucket, Line::Dead, ledger),
    }
    ledger.wait_for(2);
}

fn hold(line: &Relay, state: Line, ledger: &Ledger) {
    line.set(state);
    ledger.wait_for(1);
    line.set(Line::Up);
}

fn storm(faults: usize) {
    let mut sound = Server::prepare(Backend::Postgres, &[]);
    sound.keep_in_bucket(s3());
    sound.add_user("ada");
    sound.run();
    let token = sound.token("ada");
    let mut victims = [victim(&sound), victim(&sound)];
    let ledger = Ledger::default();
    let all = [&sound, &victims[0].server, &victims[1].server];
    *ledger.addresses.lock().unwrap() = all.map(Server::address).to_vec();
    std::thread::scope(|scope| {
        for uploader in 0..UPLOADERS {
            let (ledger, token) = (&ledger, &token);
            scope.spawn(move || ledger.upload_all_the_time(uploader, token));
        }
        let striking = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            ledger.wait_for(UPLOADERS);
            for fault in 0..faults {
                strike(fault, &mut victims, &ledger);
            }
        }));
        // Also where a strike failed, or the uploaders would never end.
        ledger.is_over.store(true, Ordering::Relaxed);
        for victim in &victims {
            for line in [&victim.database, &victim.bucket] {
                line.set(Line::Up);
            }
        }
        if let Err(panic) = striking {
            std::panic::resume_unwind(panic);
        }
    });
    assert_eq!(*ledger.wrong.lock().unwrap(), [] as [String; 0]);
    let acknowledged = ledger.acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() >= faults, "{}", acknowledged.len());
    for server in [&sound, &victims[0].server, &victims[1].server] {
        eventually("all is offered", || is_offered(server, &acknowledged));
    }
    are_whole(&sound, &acknowledged);
    // Nobody saw a fault of the index itself.
    for server in [&sound, &victims[0].server, &victims[1].server] {
        let faults = server.log().into_iter().filter(|line| line.contains("ERROR"));
        assert_eq!(faults.collect::<Vec<_>>(), [] as [String; 0]);
    }
    has_no_gaps(&sound);
}

fn pages(server: &Server) -> BTreeMap<String, (String, String)> {
    let accept = "application/vnd.pypi.simple.v1+json";
    let mut files = BTreeMap::new();
    for uploader in 0..UPLOADERS {
        let path = format!("/simple/foo{uploader}/");
        let reply = server.get(&path).header("Accept", accept).send();
        if reply.status != 200 {
            continue;
        }
        for file in reply.json()["files"].as_array().unwrap() {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let known = (text(&file["url"]), text(&file["hashes"]["sha256"]));
            files.insert(text(&file["filename"]), known);
        }
    }
    files
}

fn is_offered(server: &Server, acknowledged: &BTreeMap<String, Vec<u8>>) -> bool {
    let files = pages(server);
    acknowledged.keys().all(|filename| files.contains_key(filename))
}

fn are_whole(server: &Server, acknowledged: &BTreeMap<String, Vec<u8>>) {
    for (filename, (url, sha256)) in pages(server) {
        let body = server.get(&url).send().expect(200).body;
        // What is listed is whole, acknowledged or not.
        assert_eq!(Dist::new("", "", "", "", body.clone()).sha256(), sha256);
        if let Some(bytes) = acknowledged.get(&filename) {
            assert!(*bytes == body, "{filename} is another file");
        }
    }
}

/// Each change has the next number, and was written once.
fn has_no_gaps(server: &Server) {
    use cheeseshop::catalog::journal;
    let check = server.open_database();
    let read = check.read(|c| {
        let rows = journal::since(c, 0, i64::MAX)?;
        Ok((rows, journal::last_serial(c)?))
    });
    let (rows, last) = tokio::runtime::Runtime::new().unwrap().block_on(read).unwrap();
    let serials: Vec<i64> = rows.iter().map(|row| row.serial).collect();
    assert_eq!(serials, (1..=last).collect::<Vec<_>>());
    let mut added = BTreeMap::new();
    for row in rows.iter().filter(|row| row.action.starts_with("add py3 file")) {
        *added.entry(row.action.clone()).or_insert(0) += 1;
    }
    assert!(added.values().all(|times| *times == 1), "{added:?}");
}
