//! Lapsed mail domains: who is asked about them, and what follows.
//!
//! The clock is a value here, and the time of the timers runs ahead where all wait.

mod attack;
mod between;
mod owners;
mod pages;
mod processes;
mod rules;
mod scale;
mod sweeps;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cheeseshop::accounts::email::Email;
use cheeseshop::accounts::user::{NewUser, User};
use cheeseshop::accounts::{Username, Visit};
use cheeseshop::address::EmailAddress;
use cheeseshop::config::{Schedule, TrustedDomains};
use cheeseshop::db::{Conn, Db, UserId};
use cheeseshop::domains::answer::{
    Answer, AskError, DnsState, Finding, Provider, Resolver, THE_ONLY_ONE,
};
use cheeseshop::domains::asker::Asker;
use cheeseshop::domains::domain::Domain;
use cheeseshop::domains::sweep::{Clock, How, JOB, Report, Rules, Sweeper, sweep};
use cheeseshop::error::Result;
use cheeseshop::jobs::Jobs;
use cheeseshop::time::{self, Time};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::support::{Backend, Server};

pub use processes::prepare;

pub const DAY: Duration = Duration::from_hours(24);
/// Four in the morning, when sweeps run.
const MORNING: i64 = 1_800_000_000 - 1_800_000_000 % 86_400 + 4 * 3_600;

pub type Answered = std::result::Result<Answer, AskError>;

/// A provider and a DNS that answer as they are told; without a word, domains are held and in use.
#[derive(Default)]
pub struct Oracle {
    answers: Mutex<HashMap<String, Vec<Answered>>>,
    dns: Mutex<HashMap<String, std::result::Result<DnsState, AskError>>>,
    asked: Mutex<Vec<String>>,
    looked: Mutex<Vec<String>>,
    /// Whether each top-level domain has a registry of its own.
    has_registries: AtomicBool,
}

impl Oracle {
    /// What is answered about a domain from now on.
    pub fn says(&self, domain: &str, answer: Answered) {
        self.answers.lock().unwrap().insert(domain.to_owned(), vec![answer]);
    }

    /// What is answered one after the other; the last one for good.
    pub fn says_all(&self, domain: &str, answers: Vec<Answered>) {
        self.answers.lock().unwrap().insert(domain.to_owned(), answers);
    }

    pub fn finds(&self, domain: &str, state: std::result::Result<DnsState, AskError>) {
        self.dns.lock().unwrap().insert(domain.to_owned(), state);
    }

    /// What was asked since the last time, in order.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// From now on each top-level domain has a registry of its own.
    pub fn has_registries(&self) {
        self.has_registries.store(true, Ordering::Relaxed);
    }

    pub fn looked(&self) -> Vec<String> {
        std::mem::take(&mut self.looked.lock().unwrap())
    }
}

impl Provider for Oracle {
    fn ask<'a>(&'a self, domain: &'a str) -> BoxFuture<'a, Answered> {
        self.asked.lock().unwrap().push(domain.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let answer = match answers.get_mut(domain) {
            Some(list) if list.len() > 1 => list.remove(0),
            Some(list) => list[0].clone(),
            None => says(Finding::Held),
        };
        async move {
            // A moment of the test's own clock, so that questions overlap; nobody waits for it.
            tokio::time::sleep(Duration::from_millis(1)).await;
            answer
        }
        .boxed()
    }

    fn authority<'a>(&self, domain: &'a str) -> &'a str {
        let has_registries = self.has_registries.load(Ordering::Relaxed);
        if has_registries { domain.rsplit('.').next().unwrap() } else { THE_ONLY_ONE }
    }
}

impl Resolver for Oracle {
    fn look<'a>(
        &'a self,
        domain: &'a str,
    ) -> BoxFuture<'a, std::result::Result<DnsState, AskError>> {
        self.looked.lock().unwrap().push(domain.to_owned());
        let state = self.dns.lock().unwrap().get(domain).cloned();
        async move { state.unwrap_or(Ok(DnsState::InUse)) }.boxed()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as the oracle says it")]
pub fn says(finding: Finding) -> Answered {
    Ok(Answer { said: finding.as_str().to_owned(), finding, registered_at: None })
}

#[expect(clippy::unnecessary_wraps, reason = "as the oracle says it")]
pub fn registered(at: Time) -> Answered {
    let said = "active".to_owned();
    Ok(Answer { said, finding: Finding::Held, registered_at: Some(at) })
}

pub fn failed() -> Answered {
    Err(AskError::Failed("out of order".to_owned()))
}

/// An index, somebody who answers, and a time.
pub struct World {
    pub server: Server,
    pub db: Db,
    pub oracle: Arc<Oracle>,
    pub rules: Rules,
    pub now: Time,
}

impl World {
    pub fn new(server: Server) -> Self {
        let db = server.open_database();
        let rules = Rules {
            interval: DAY * 30,
            schedule: Schedule::nightly(),
            per_second: 1_000,
            suspend: false,
            brake: 20,
            trusted: TrustedDomains::default(),
        };
        Self { server, db, oracle: Arc::default(), rules, now: time::from_unix(MORNING) }
    }

    pub fn asker(&self) -> Asker {
        Asker::new(self.oracle.clone(), self.oracle.clone())
    }

    /// An account whose addresses were verified ten days ago, the first of them primary.
    pub async fn add(&self, name: &str, addresses: &[&str]) -> UserId {
        let then = self.now - DAY * 10;
        let name = Username::parse(name).unwrap();
        let addresses: Vec<_> =
            addresses.iter().map(|it| EmailAddress::parse(it).unwrap()).collect();
        let work = move |c: &mut Conn| {
            let new = NewUser {
                username: &name,
                full_name: "",
                password_hash: None,
                is_admin: false,
                is_service: false,
            };
            let id = User::create(c, new, then)?;
            for (n, address) in addresses.iter().enumerate() {
                Email::create(c, id, address, n == 0, true, then)?;
            }
            Ok(id)
        };
        self.db.write(work).await.unwrap()
    }

    /// A sweep at this time.
    pub async fn try_sweep(&self, how: How) -> Result<Report> {
        let jobs = Jobs::new(self.db.clone());
        let (asker, clock) = (self.asker(), Clock::at(self.now));
        let sweeper = Sweeper {
            db: &self.db,
            asker: &asker,
            rules: &self.rules,
            clock,
            progress: &|_, _| {},
        };
        let report = Mutex::new(None);
        let work = async |lease| {
            let done = sweep(&sweeper, &lease, how).await?;
            let words = done.to_string();
            *report.lock().unwrap() = Some(done);
            Ok(words)
        };
        jobs.run(JOB, work).await?;
        Ok(report.into_inner().unwrap().unwrap())
    }

    pub async fn sweep(&self) -> Report {
        self.try_sweep(How::default()).await.unwrap()
    }

    /// A sweep so many days later.
    pub async fn sweep_after(&mut self, days: u32) -> Report {
        self.now += DAY * days;
        self.sweep().await
    }

    pub async fn domain(&self, name: &'static str) -> Domain {
        self.db.read(move |c| Ok(Domain::by_name(c, name)?)).await.unwrap().unwrap()
    }

    pub async fn emails(&self, user: UserId) -> Vec<Email> {
        self.db.read(move |c| Ok(Email::of(c, user)?)).await.unwrap()
    }

    pub async fn is_verified(&self, user: UserId) -> bool {
        self.emails(user).await[0].verified_at.is_some()
    }

    pub async fn user(&self, id: UserId) -> User {
        self.db.read(move |c| Ok(User::by_id(c, id)?)).await.unwrap().unwrap()
    }

    pub async fn sql(&self, sql: &'static str) {
        use diesel::RunQueryDsl;
        let work = move |c: &mut Conn| Ok(diesel::sql_query(sql).execute(c)?);
        self.db.write(work).await.unwrap();
    }

    /// The texts of the mails that were queued, with their recipients.
    pub async fn mails(&self) -> Vec<(String, String)> {
        let list = |c: &mut Conn| Ok(cheeseshop::mail::outbox::Mail::list(c, true, 1_000)?);
        let mails = self.db.read(list).await.unwrap();
        mails.into_iter().map(|mail| (mail.recipient, mail.subject)).collect()
    }

    pub fn visit(&self) -> Visit {
        Visit { ip: None, agent: None, at: self.now }
    }
}

/// Runs a test in a world without a server, where timers run ahead.
pub fn in_world<F: Future<Output = ()>>(backend: Backend, test: impl FnOnce(World) -> F) {
    let world = World::new(Server::prepare(backend, &[]));
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().unwrap();
    runtime.block_on(test(world));
}
