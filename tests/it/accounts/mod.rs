//! What accounts can do, by the library itself on both databases: the clock is a value here.

mod addresses;
mod guessing;
mod letters;
mod limits;
mod passwords;
mod registration;
mod second_factor;

use std::future::Future;
use std::path::PathBuf;

use cheeseshop::accounts::act::Order;
use cheeseshop::accounts::event::{Event, Filter, Tag, list};
use cheeseshop::accounts::letters::Letterhead;
use cheeseshop::accounts::second_factor::Factor;
use cheeseshop::accounts::session::Session;
use cheeseshop::accounts::totp::TotpSecret;
use cheeseshop::accounts::user::{NewUser, User};
use cheeseshop::accounts::{Username, Visit, email::Email, log_in, password::Password, set_up};
use cheeseshop::address::EmailAddress;
use cheeseshop::config::{Count, DatabaseUrl, PublicUrl};
use cheeseshop::db::{Conn, Db, UserId};
use cheeseshop::error::{Kind, Result};
use cheeseshop::secret::{MasterKey, Ticket};
use cheeseshop::time::{self, Time};

use diesel::RunQueryDsl;

use crate::support::{Backend, Server};

pub const PASSWORD: &str = "correct horse battery staple";
pub const HOURS: Count = Count(12);
const ADDRESS: &str = "192.0.2.1";
/// When the tests take place, in seconds since 1970: the middle of a time step.
const NOON: i64 = 1_800_000_015;

/// An index without a server: its database, as two replicas see it, and its key.
pub struct Index {
    pub db: Db,
    pub other: Db,
    pub key: MasterKey,
    _server: Server,
}

impl Index {
    pub fn new(backend: Backend) -> Self {
        let server = Server::prepare(backend, &[]);
        let url = match server.database_url() {
            Some(url) => DatabaseUrl::Postgres(url.to_owned()),
            None => DatabaseUrl::Sqlite(PathBuf::from(server.scratch()).join("x.db")),
        };
        let db = Db::open(&url, false).unwrap();
        let other = Db::open(&url, false).unwrap();
        let key = MasterKey::open(&server.scratch().join("secret.key")).unwrap();
        Self { db, other, key, _server: server }
    }

    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> T {
        self.db.read(work).await.unwrap()
    }

    /// Changes the database behind everybody's back.
    pub async fn sql(&self, sql: &'static str) {
        let work = move |c: &mut Conn| Ok(diesel::sql_query(sql).execute(c)?);
        self.db.write(work).await.unwrap();
    }

    /// An account with a verified address.
    pub async fn add(&self, name: &str) -> UserId {
        let hash = Password::choose(PASSWORD, &[]).unwrap().hash().await.unwrap();
        let address = EmailAddress::parse(&format!("{name}@example.org")).unwrap();
        let name = Username::parse(name).unwrap();
        let work = move |c: &mut Conn| {
            let new = NewUser {
                username: &name,
                full_name: "",
                password_hash: Some(&hash),
                is_admin: false,
                is_service: false,
            };
            let id = User::create(c, new, at(0))?;
            Email::create(c, id, &address, true, true, at(0))?;
            Ok(id)
        };
        self.db.write(work).await.unwrap()
    }

    pub async fn user(&self, id: UserId) -> User {
        self.read(move |c| Ok(User::by_id(c, id)?)).await.unwrap()
    }

    /// Sets up the second factor; returns what the app knows, and the recovery codes that are
    /// left.
    pub async fn set_up(&self, id: UserId, now: Time) -> (App, Vec<String>) {
        let codes = set_up::make_codes(&self.db, &visit(now), id).await.unwrap();
        let mut codes = codes.reveal().to_vec();
        let first = codes.remove(0);
        set_up::confirm_codes(&self.db, &self.key, &visit(now), id, &first).await.unwrap();
        let offer = set_up::offer(&self.key, "Cheese", &self.user(id).await).unwrap();
        let app = App::scan(&offer.uri);
        let code = app.code(now);
        let form = (offer.sealed.as_str(), code.as_str());
        set_up::enable(&self.db, &self.key, &visit(now), id, form).await.unwrap();
        (app, codes)
    }

    /// The first step of a login.
    pub async fn password(&self, name: &str, password: &str, now: Time) -> Result<log_in::Step> {
        log_in::with_password(&self.db, HOURS, &visit(now), (name, password), None).await
    }

    /// A login that needs no second factor.
    pub async fn log_in(&self, name: &str, now: Time) -> Ticket {
        match self.password(name, PASSWORD, now).await.unwrap() {
            log_in::Step::In(session) => session,
            log_in::Step::SecondFactor(_) => panic!("a second factor is asked for"),
        }
    }

    /// A login up to the second factor.
    pub async fn pending(&self, name: &str, now: Time) -> Ticket {
        match self.password(name, PASSWORD, now).await.unwrap() {
            log_in::Step::SecondFactor(pending) => pending,
            log_in::Step::In(_) => panic!("no second factor is asked for"),
        }
    }

    pub async fn factor(
        &self,
        pending: &Ticket,
        factor: Factor,
        now: Time,
    ) -> Result<log_in::LoggedIn> {
        let how = (factor, false);
        log_in::with_second_factor(&self.db, &self.key, HOURS, &visit(now), pending, how).await
    }

    pub async fn current(&self, session: &Ticket, now: Time) -> Option<(Session, User)> {
        log_in::current(&self.db, session, now).await.unwrap()
    }

    /// The tags of the history of an account, the latest first.
    pub async fn history(&self, id: UserId) -> Vec<String> {
        self.events(id).await.into_iter().map(|event| event.tag).collect()
    }

    pub async fn events(&self, id: UserId) -> Vec<Event> {
        let filter = Filter { user: Some(id), ..Filter::default() };
        self.read(move |c| Ok(list(c, &filter, 100)?)).await
    }

    pub async fn count(&self, id: UserId, tag: Tag) -> usize {
        self.history(id).await.iter().filter(|it| *it == tag.as_str()).count()
    }
}

/// An authenticator app that scanned the URI.
pub struct App(TotpSecret);

impl App {
    pub fn scan(uri: &str) -> Self {
        let url = url::Url::parse(uri).unwrap();
        let secret = url.query_pairs().find(|(key, _)| key == "secret").unwrap().1;
        let secret = totp_rs::Secret::try_from_base32(&secret).unwrap();
        Self(TotpSecret::from_bytes(secret.as_ref()).unwrap())
    }

    pub fn code(&self, now: Time) -> String {
        self.0.code_at(now).unwrap()
    }
}

/// So many seconds after the tests begin.
pub fn at(seconds: i64) -> Time {
    time::from_unix(NOON + seconds)
}

pub fn visit(now: Time) -> Visit {
    from(ADDRESS, now)
}

/// The word of the operator.
pub fn order(now: Time) -> Order {
    Order::operator(visit(now))
}

pub fn from(address: &str, now: Time) -> Visit {
    Visit::new(address.parse().unwrap(), Some("Test/1.0"), now)
}

/// Whose mails they are.
pub fn head() -> Letterhead {
    let url = PublicUrl::of_listener(([127, 0, 0, 1], 8080).into());
    Letterhead { site: "Cheese".to_owned(), url }
}

pub fn totp(code: &str) -> Factor {
    Factor::Totp(code.to_owned())
}

pub fn recovery(code: &str) -> Factor {
    Factor::Recovery(code.to_owned())
}

#[track_caller]
pub fn refused<T>(result: Result<T>, kind: Kind) -> cheeseshop::error::Error {
    match result {
        Ok(_) => panic!("it was not refused"),
        Err(error) => {
            assert_eq!(error.kind(), kind, "{}", error.chain());
            error
        }
    }
}

/// Runs a test to its end.
pub fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().unwrap().block_on(test);
}

/// Makes a test on each database of each `async fn name(index: Index)`.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() {
                $crate::accounts::run(async {
                    let index = $crate::accounts::Index::new($crate::support::Backend::Sqlite);
                    super::$name(index).await;
                });
            })+
        }
        mod postgres {
            $(#[test] fn $name() {
                $crate::accounts::run(async {
                    let index = $crate::accounts::Index::new($crate::support::Backend::Postgres);
                    super::$name(index).await;
                });
            })+
        }
    };
}
pub(crate) use on_both;
