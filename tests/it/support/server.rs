//! A running index with a data folder and a database of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use super::database::Database;
use super::{Backend, Request, Upload};

pub const PASSWORD: &str = "correct horse battery staple";

/// A data folder and a database, and the server on them while it runs.
pub struct Server {
    // Dropped in this order: the process first, then what it uses.
    process: Option<Process>,
    database: Arc<Database>,
    folder: Arc<tempfile::TempDir>,
    settings: Vec<(String, String)>,
}

struct Process {
    child: Child,
    address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts an index with the account `ada`, who is a verified administrator.
    pub fn start(backend: Backend) -> Self {
        Self::start_with(backend, &[])
    }

    /// The same with settings, as the environment gives them.
    pub fn start_with(backend: Backend, settings: &[(&str, &str)]) -> Self {
        let mut server = Self::prepare(backend, settings);
        server.add_user("ada");
        server.run();
        server
    }

    /// An index with nothing in it that does not run yet.
    pub fn prepare(backend: Backend, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("cheese").tempdir().unwrap();
        let database = Arc::new(Database::create(backend, folder.path()));
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let settings = settings.iter().map(owned).collect();
        Self { process: None, database, folder: Arc::new(folder), settings }
    }

    /// Sets another setting, for the next start.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Changes the database behind the server's back.
    pub fn sql(&self, sql: &str) {
        use diesel::connection::SimpleConnection;
        use diesel::{Connection, PgConnection, SqliteConnection};
        if let Some(url) = self.database.url() {
            PgConnection::establish(url).unwrap().batch_execute(sql).unwrap();
            return;
        }
        let path = self.data().join("cheeseshop.db");
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute(&format!("PRAGMA busy_timeout = 10000; {sql}")).unwrap();
    }

    /// What a question to the database brings in the column `text`.
    pub fn sql_texts(&self, sql: &str) -> Vec<String> {
        use diesel::sql_types::Text;
        use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            text: String,
        }
        let sql = diesel::sql_query(sql);
        let rows: Vec<Row> = if let Some(url) = self.database.url() {
            sql.load(&mut PgConnection::establish(url).unwrap()).unwrap()
        } else {
            let path = self.data().join("cheeseshop.db");
            sql.load(&mut SqliteConnection::establish(path.to_str().unwrap()).unwrap()).unwrap()
        };
        rows.into_iter().map(|row| row.text).collect()
    }

    /// Starts the server.
    pub fn run(&mut self) {
        let command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        self.spawn(command);
    }

    /// Another server on the same data and database, running.
    pub fn second(&self) -> Self {
        let (database, folder) = (self.database.clone(), self.folder.clone());
        let mut server = Self { process: None, database, folder, settings: self.settings.clone() };
        server.run();
        server
    }

    /// Another server on the same database, running, with a data folder of its own that has
    /// nothing but the key, and more settings.
    pub fn replica(&self, more: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("cheese").tempdir().unwrap();
        let key = self.data().join("secret.key");
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::copy(key, folder.path().join("data/secret.key")).unwrap();
        let (database, folder) = (self.database.clone(), Arc::new(folder));
        let mut server = Self { process: None, database, folder, settings: self.settings.clone() };
        for (name, value) in more {
            server.set(name, value);
        }
        server.run();
        server
    }

    /// Starts the server by another command that is made of its own.
    pub fn run_through(&mut self, wrap: impl Fn(&Command) -> Command) {
        let own = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut wrapped = wrap(&own);
        wrapped.env_clear();
        for (name, value) in own.get_envs() {
            wrapped.env(name, value.unwrap_or_default());
        }
        self.spawn(wrapped);
    }

    fn spawn(&mut self, mut command: Command) {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(Vec::new()));
        let address = loop {
            let Some(Ok(line)) = lines.next() else {
                panic!("the server did not start: {:#?}", log.lock().unwrap())
            };
            log.lock().unwrap().push(line.clone());
            if let Some((_, rest)) = line.split_once("serving http") {
                // In text and in JSON, the address itself is a field of the same line.
                break address_in(&line).unwrap_or_else(|| panic!("no address in {rest}"));
            }
        };
        let kept = log.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push(line);
            }
        });
        self.process = Some(Process { child, address, log });
    }

    fn process(&self) -> &Process {
        self.process.as_ref().unwrap()
    }

    pub fn address(&self) -> SocketAddr {
        self.process().address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// What the server wrote to its log so far.
    pub fn log(&self) -> Vec<String> {
        self.process().log.lock().unwrap().clone()
    }

    /// The URL of its database, unless it is the default one in the data folder.
    pub fn database_url(&self) -> Option<&str> {
        self.database.url()
    }

    /// Its database, as the server itself opens it.
    pub fn open_database(&self) -> cheeseshop::db::Db {
        use cheeseshop::config::DatabaseUrl;
        let url = match self.database.url() {
            Some(url) => DatabaseUrl::Postgres(url.to_owned()),
            None => DatabaseUrl::in_folder(&self.data()),
        };
        cheeseshop::db::Db::open(&url, false).unwrap()
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A folder for other things of the test.
    pub fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// Kills the server without a word.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Kills the process, which others may be using.
    pub fn kill_process(&self) {
        self.signal("-KILL");
    }

    /// Sends SIGTERM.
    pub fn tell_to_stop(&self) {
        self.signal("-TERM");
    }

    /// Its process.
    pub fn process_id(&self) -> u32 {
        self.process().child.id()
    }

    /// Sends a signal, as `kill` names it.
    pub fn signal(&self, signal: &str) {
        let id = self.process_id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits for the end of the process; returns whether it ended well.
    pub fn wait(&mut self) -> bool {
        let ended = self.process.as_mut().unwrap().child.wait().unwrap();
        self.process = None;
        ended.success()
    }

    /// Its database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Stops the server; how many transactions the database ended because they waited for each
    /// other in a circle.
    pub fn deadlocks(&mut self) -> i64 {
        self.tell_to_stop();
        assert!(self.wait());
        self.database.deadlocks()
    }

    /// A command of the binary on this index.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cheeseshop"));
        let inherited = std::env::vars_os()
            .filter(|(name, _)| !name.to_string_lossy().starts_with("CHEESESHOP_"));
        command.env_clear().envs(inherited).args(arguments).arg("--data").arg(self.data());
        // Nobody outside of this machine is asked anything.
        command.env("CHEESESHOP_DOMAINS__PROVIDER", "off");
        if let Some(url) = self.database.url() {
            command.env("CHEESESHOP_DATABASE_URL", url);
        }
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command with something on its standard input.
    pub fn run_command(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that fails early does not read.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs a command that must succeed; returns its standard output.
    #[track_caller]
    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run_command(arguments, &format!("{PASSWORD}\n"));
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {words}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn add_user(&self, name: &str) {
        let email = format!("{name}@example.org");
        let flags = ["--verified", "--password-stdin"];
        self.ok(&["user", "add", name, "--email", &email, flags[0], flags[1]]);
    }

    /// A new token of an account.
    pub fn token(&self, user: &str) -> String {
        self.ok(&["token", "create", user]).trim().to_owned()
    }

    pub fn get(&self, path: &str) -> Request {
        Request::new(self.address(), "GET", path)
    }

    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(self.address(), method, path)
    }

    /// An upload of a distribution by `ada`.
    pub fn upload(&self, dist: &super::Dist) -> Upload {
        Upload::new(self.address(), dist)
    }

    /// The JSON page of a project.
    pub fn page(&self, project: &str) -> serde_json::Value {
        let accept = "application/vnd.pypi.simple.v1+json";
        let path = format!("/simple/{project}/");
        self.get(&path).header("Accept", accept).send().expect(200).json()
    }

    /// All files in the storage folder, temporary ones included.
    pub fn stored(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.data().join("blobs")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else {
                    files.push(entry.path());
                }
            }
        }
        files
    }
}

/// The value of the field `address` of a log line.
fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("address=").or_else(|| line.split_once("\"address\":\""))?;
    rest.split([' ', '"']).next()?.parse().ok()
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
