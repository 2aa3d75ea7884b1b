//! The second factor as it is asked for: a code of the authenticator app, or a recovery code.

use serde_json::json;

use super::Visit;
use super::event::{self, Tag};
use super::letters::{Notice, notify};
use super::recovery;
use super::throttle::{self, Counted};
use super::totp::TotpSecret;
use super::turn::{Turn, Whose};
use super::user::User;
use crate::db::{Conn, Db, UserId};
use crate::error::{Error, Result};
use crate::secret::{MasterKey, Purpose};

/// What somebody typed in.
#[derive(Clone)]
pub enum Factor {
    /// A code of the authenticator app.
    Totp(String),
    /// A recovery code.
    Recovery(String),
}

/// How somebody got in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// By the password alone.
    Password,
    /// With a code of the authenticator app.
    Totp,
    /// With a recovery code.
    RecoveryCode,
    /// From a device that is remembered.
    RememberedDevice,
}

impl Method {
    /// The word that events have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "none",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery-code",
            Self::RememberedDevice => "remembered-device",
        }
    }
}

/// What was typed in, ready to be compared.
#[derive(Clone)]
pub(super) enum Typed {
    Totp(String),
    /// The hash of a recovery code; none where it is no code, or the account has none.
    Recovery(Option<String>),
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Right(Method),
    Wrong,
}

/// The answer to a wrong code.
pub fn wrong_code() -> Error {
    let words = "This code is not right, or was used before.";
    Error::invalid("The code is not right", words)
}

/// Makes ready what was typed in. A recovery code is hashed for it, after a look at the limits.
pub(super) async fn prepare(db: &Db, visit: &Visit, user: UserId, factor: Factor) -> Result<Typed> {
    let code = match factor {
        Factor::Totp(code) => return Ok(Typed::Totp(code)),
        Factor::Recovery(code) => code,
    };
    let Some(code) = recovery::normal(&code) else { return Ok(Typed::Recovery(None)) };
    let (counted, now) = (Counted::code(user, visit), visit.at);
    let like = db.read(move |c| {
        throttle::check(c, &counted, now)?;
        Ok(recovery::any_hash(c, user)?)
    });
    let like = like.await?;
    let hash = recovery::hash_typed(like, code, Turn::of(Whose::account(user)).await?).await?;
    Ok(Typed::Recovery(hash))
}

/// Takes the second factor of an account whose row is locked, or counts the failure. Limits are
/// looked at under that lock, so that an account is never asked more often than they allow. Who
/// calls must let the transaction commit also where the verdict is "wrong".
pub(super) fn accept(
    c: &mut Conn,
    key: &MasterKey,
    user: &User,
    typed: &Typed,
    visit: &Visit,
) -> Result<Verdict> {
    let counted = Counted::code(user.id, visit);
    throttle::check(c, &counted, visit.at)?;
    let reason = match typed {
        Typed::Totp(code) if take_totp(c, key, user, code, visit)? => {
            return Ok(Verdict::Right(Method::Totp));
        }
        Typed::Totp(_) => "invalid_totp",
        Typed::Recovery(None) => "invalid_recovery_code",
        Typed::Recovery(Some(hash)) => {
            if recovery::spend(c, user.id, hash, visit.at)? {
                let left = recovery::state(c, user.id)?.left;
                event::record(c, user, Tag::CodeUsed, visit, &json!({ "left": left }))?;
                notify(c, user, visit, Notice::CodeUsed { left })?;
                return Ok(Verdict::Right(Method::RecoveryCode));
            }
            if recovery::is_spent(c, user.id, hash)? {
                "burned_recovery_code"
            } else {
                "invalid_recovery_code"
            }
        }
    };
    throttle::count(c, &counted, visit.at)?;
    event::record(c, user, Tag::LoginFailure, visit, &json!({ "reason": reason }))?;
    Ok(Verdict::Wrong)
}

fn take_totp(
    c: &mut Conn,
    key: &MasterKey,
    user: &User,
    code: &str,
    visit: &Visit,
) -> Result<bool> {
    let Some(sealed) = &user.totp_secret else { return Ok(false) };
    let plain = key.unseal(Purpose::TotpSecret, user.id.get(), sealed);
    let secret = plain.as_deref().and_then(TotpSecret::from_bytes).ok_or_else(|| {
        let words = format!("reading the authenticator secret of {}", user.username);
        Error::internal(words, "the secret key file is not the one it was encrypted with")
    })?;
    match secret.step_of(code, visit.at)? {
        Some(step) => Ok(User::take_step(c, user.id, step)?),
        None => Ok(false),
    }
}
