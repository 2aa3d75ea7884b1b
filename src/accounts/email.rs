//! The row of a mail address.

use diesel::prelude::*;

use crate::address::EmailAddress;
use crate::db::schema::emails;
use crate::db::{Conn, EmailId, UserId};
use crate::time::Time;

/// A mail address of an account.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = emails)]
pub struct Email {
    /// Its id.
    pub id: EmailId,
    /// Whose it is.
    pub user_id: UserId,
    /// The address as its owner wrote it.
    pub address: String,
    /// Whether mails go here; one address of an account is primary.
    pub is_primary: bool,
    /// Since when it is known that the owner reads mails sent here.
    pub verified_at: Option<Time>,
    /// Why it lost that.
    pub unverify_reason: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = emails)]
struct NewEmail<'a> {
    user_id: UserId,
    address: &'a str,
    address_key: String,
    is_primary: bool,
    verified_at: Option<Time>,
    created_at: Time,
}

impl Email {
    /// Adds the primary address of a new account; a taken address is a unique violation.
    pub fn create_primary(
        c: &mut Conn,
        user: UserId,
        address: &EmailAddress,
        verified: bool,
        now: Time,
    ) -> QueryResult<usize> {
        let new = NewEmail {
            user_id: user,
            address: address.as_str(),
            address_key: address.key(),
            is_primary: true,
            verified_at: verified.then_some(now),
            created_at: now,
        };
        diesel::insert_into(emails::table).values(new).execute(c)
    }

    /// Whether any account has this address.
    pub fn is_taken(c: &mut Conn, address: &EmailAddress) -> QueryResult<bool> {
        let key = address.key();
        let row = emails::table.filter(emails::address_key.eq(key)).select(emails::id);
        row.first::<EmailId>(c).optional().map(|id| id.is_some())
    }

    /// Whether the primary address of an account is verified.
    pub fn is_primary_verified(c: &mut Conn, user: UserId) -> QueryResult<bool> {
        let row = emails::table
            .filter(emails::user_id.eq(user).and(emails::is_primary))
            .filter(emails::verified_at.is_not_null())
            .select(emails::id);
        row.first::<EmailId>(c).optional().map(|id| id.is_some())
    }

    /// The addresses of one account, the primary one first.
    pub fn of(c: &mut Conn, user: UserId) -> QueryResult<Vec<Self>> {
        emails::table
            .filter(emails::user_id.eq(user))
            .order((emails::is_primary.desc(), emails::address_key))
            .select(Self::as_select())
            .load(c)
    }
}
