//! The row of something handed out to be used once: a mailed link, or the state between password
//! and second factor. It is gone once it was used.

use std::time::Duration;

use diesel::prelude::*;

use crate::db::schema::links;
use crate::db::statement::{self, Value};
use crate::db::{Conn, EmailId, UserId};
use crate::secret::TokenDigest;
use crate::time::Time;

/// How long a mailed link works, as on PyPI.
pub const MAILED_FOR: Duration = Duration::from_hours(6);
/// How long one may take for the second factor, as on PyPI.
const PENDING_FOR: Duration = Duration::from_mins(5);

/// What a link is good for, and for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Shows that the owner of an account reads mails to an address.
    VerifyEmail,
    /// Lets the reader of a mail choose a new password.
    ResetPassword,
    /// The password was right, the second factor is still to come. This is no session.
    SecondFactor,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
            Self::SecondFactor => "second-factor",
        }
    }

    fn lifetime(self) -> Duration {
        match self {
            Self::VerifyEmail | Self::ResetPassword => MAILED_FOR,
            Self::SecondFactor => PENDING_FOR,
        }
    }
}

/// Whose link it is.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = links)]
pub struct Link {
    /// The account.
    pub user_id: UserId,
    /// The address that it was mailed to.
    pub email_id: Option<EmailId>,
}

#[derive(Insertable)]
#[diesel(table_name = links, treat_none_as_default_value = false)]
struct NewLink<'a> {
    digest: &'a str,
    purpose: &'a str,
    user_id: UserId,
    email_id: Option<EmailId>,
    created_at: Time,
    expires_at: Time,
}

impl Link {
    /// Keeps a new one.
    pub fn create(
        c: &mut Conn,
        digest: &TokenDigest,
        purpose: Purpose,
        user: UserId,
        email: Option<EmailId>,
        now: Time,
    ) -> QueryResult<usize> {
        let new = NewLink {
            digest: digest.as_str(),
            purpose: purpose.as_str(),
            user_id: user,
            email_id: email,
            created_at: now,
            expires_at: now + purpose.lifetime(),
        };
        diesel::insert_into(links::table).values(new).execute(c)
    }

    /// The link with that digest, if it still works.
    pub fn live(
        c: &mut Conn,
        digest: &TokenDigest,
        purpose: Purpose,
        now: Time,
    ) -> QueryResult<Option<Self>> {
        links::table
            .find(digest.as_str())
            .filter(links::purpose.eq(purpose.as_str()).and(links::expires_at.gt(now)))
            .select(Self::as_select())
            .first(c)
            .optional()
    }

    /// Uses it up. Returns whether it was there: of several who try, one is told yes.
    pub fn spend(c: &mut Conn, digest: &TokenDigest) -> QueryResult<bool> {
        Ok(diesel::delete(links::table.find(digest.as_str())).execute(c)? == 1)
    }

    /// Ends all links of an account for a purpose.
    pub fn end_all(c: &mut Conn, user: UserId, purpose: Purpose) -> QueryResult<usize> {
        let all = links::table.filter(links::user_id.eq(user));
        diesel::delete(all.filter(links::purpose.eq(purpose.as_str()))).execute(c)
    }

    /// Ends all that could still let somebody into an account: logins that wait for the second
    /// factor, and links that reset the password.
    pub fn end_ways_in(c: &mut Conn, user: UserId) -> QueryResult<usize> {
        let words = || "DELETE FROM links WHERE user_id = ? AND (purpose = ? OR purpose = ?)";
        let code = Value::Text(Purpose::SecondFactor.as_str());
        let reset = Value::Text(Purpose::ResetPassword.as_str());
        statement::execute(c, words, &[Value::Number(user.get()), code, reset])
    }

    /// Ends the links that verify an address.
    pub fn end_of_address(c: &mut Conn, email: EmailId) -> QueryResult<usize> {
        let verify = links::purpose.eq(Purpose::VerifyEmail.as_str());
        diesel::delete(links::table.filter(links::email_id.eq(email).and(verify))).execute(c)
    }

    /// Ends all links that were mailed to an address, whatever for.
    pub fn end_mailed_to(c: &mut Conn, email: EmailId) -> QueryResult<usize> {
        diesel::delete(links::table.filter(links::email_id.eq(email))).execute(c)
    }

    /// Removes those whose time is over. Returns how many.
    pub fn forget(c: &mut Conn, now: Time) -> QueryResult<usize> {
        diesel::delete(links::table.filter(links::expires_at.le(now))).execute(c)
    }
}
