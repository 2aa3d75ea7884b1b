//! Who a caller is, by what it sent.

use super::checked::Pair;
use super::event::Tag;
use super::figures::By;
use super::prove::{Known, prove};
use super::throttle::{self, Counted, Kind as Limited};
use super::token::{Scope, Token};
use super::user::User;
use super::{Username, Visit};
use crate::db::{Db, ProjectId, TokenId, UserId};
use crate::error::{Error, Kind, Result};
use crate::secret::PlainToken;
use crate::time::{self, Time};

/// How exact the time of a token's last use is: writing it at every use would make each read a
/// write.
const LAST_USED_SECONDS: i64 = 60;

/// A known caller.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub user_id: UserId,
    /// Its name.
    pub username: String,
    /// Whether it may administer the index.
    pub is_admin: bool,
    /// How it was recognised.
    pub way: Way,
}

impl Caller {
    /// The caller that an account makes.
    pub fn new(user: User, way: Way) -> Self {
        Self { user_id: user.id, username: user.username, is_admin: user.is_admin, way }
    }
}

/// How a caller was recognised.
#[derive(Debug, Clone)]
pub enum Way {
    /// By an API token.
    Token {
        /// Which one.
        id: TokenId,
        /// What it may do.
        scope: Scope,
        /// The projects it speaks for; `None`: all of its owner.
        projects: Option<Vec<ProjectId>>,
    },
    /// By user name and password.
    Password,
    /// By access to the data folder: a command of the operator.
    Operator,
}

impl Way {
    /// The word that is kept with an uploaded file.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Token { .. } => "token",
            Self::Password => "password",
            Self::Operator => "import",
        }
    }
}

/// The answer to wrong credentials; it does not say which part is wrong.
pub fn refused() -> Error {
    Error::new(
        Kind::Forbidden,
        "Invalid or non-existent authentication information",
        "Invalid or non-existent authentication information: check the user name and password, \
         or the API token (its user name is __token__).",
    )
}

/// The answer to a disabled account, given to those who have its credentials only.
pub fn disabled() -> Error {
    Error::forbidden("This account is disabled", "This account is disabled.")
}

/// The answer to a token whose time is over.
pub fn ended() -> Error {
    Error::forbidden(
        "This API token is expired or revoked",
        "This API token is expired or revoked.",
    )
}

/// The answer to a token that stands still.
pub fn suspended() -> Error {
    Error::forbidden(
        "The API tokens of this account are suspended",
        "The API tokens of this account are suspended, because the domain of one of its mail \
         addresses has lapsed. They work again once an address of the account is verified.",
    )
}

/// Recognises a caller by an API token.
pub async fn by_token(db: &Db, token: PlainToken) -> Result<Caller> {
    By::Token.counted(owner_of(db, token).await)
}

async fn owner_of(db: &Db, token: PlainToken) -> Result<Caller> {
    let digest = token.digest();
    let now = time::now();
    let found = db.read(move |c| {
        let Some(token) = Token::by_digest(c, &digest)? else { return Ok(None) };
        let Some(user) = User::by_id(c, token.user_id)? else { return Ok(None) };
        let projects = if token.all_projects { None } else { Some(Token::projects(c, token.id)?) };
        Ok(Some((token, user, projects)))
    });
    let (token, user, projects) = found.await?.ok_or_else(refused)?;
    if !token.is_alive(now) {
        return Err(ended());
    }
    if user.disabled_at.is_some() {
        return Err(disabled());
    }
    if user.tokens_suspended_at.is_some() {
        return Err(suspended());
    }
    note_use(db, &token, now).await?;
    let way = Way::Token { id: token.id, scope: token.scope(), projects };
    Ok(Caller::new(user, way))
}

async fn note_use(db: &Db, token: &Token, now: Time) -> Result<()> {
    if !db.is_writable() {
        return Ok(());
    }
    let is_recent = |last: Time| (now - last).num_seconds().abs() < LAST_USED_SECONDS;
    if token.last_used_at.is_some_and(is_recent) {
        return Ok(());
    }
    let id = token.id;
    db.write(move |c| Ok(Token::touch(c, id, now)?)).await.map(|_| ())
}

/// Recognises a program by user name and password. Takes the same time whether the account exists
/// or not. A password that was right a moment ago is not hashed again for the same network, until
/// it is changed.
pub async fn by_password(db: &Db, visit: &Visit, username: &str, password: &str) -> Result<Caller> {
    By::Basic.counted(owner_by_password(db, visit, username, password).await)
}

async fn owner_by_password(
    db: &Db,
    visit: &Visit,
    username: &str,
    password: &str,
) -> Result<Caller> {
    if let Some(user) = remembered(db, visit, username, password).await? {
        return Ok(Caller::new(user, Way::Password));
    }
    let failure = Tag::LoginFailure;
    let user = prove(db, visit, (username, password), failure, Known::Program).await?;
    if db.is_writable() {
        let (counted, now) = ([Counted::right_password(username)], visit.at);
        db.write(move |c| Ok(throttle::count(c, &counted, now)?)).await?;
    }
    Ok(Caller::new(user, Way::Password))
}

/// The account, if its password was found right a moment ago. A network from which too many wrong
/// ones came is refused here too.
async fn remembered(
    db: &Db,
    visit: &Visit,
    username: &str,
    password: &str,
) -> Result<Option<User>> {
    let Some(name) = Username::parse(username.trim()) else { return Ok(None) };
    let counted: Vec<Counted> =
        Counted::network(Limited::LoginNetwork, visit).into_iter().collect();
    let now = visit.at;
    let user = db.read(move |c| {
        throttle::check(c, &counted, now)?;
        Ok(User::by_name(c, &name)?)
    });
    let Some(user) = user.await? else { return Ok(None) };
    let Some(hash) = &user.password_hash else { return Ok(None) };
    if !Pair::of(password, hash, visit.network()).was_right() {
        return Ok(None);
    }
    if user.disabled_at.is_some() {
        return Err(disabled());
    }
    Ok(Some(user))
}
