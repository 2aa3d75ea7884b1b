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
    /// Why it lost that. With `verified_at`: it should have lost it and keeps it for its owner's
    /// sake only; no password is reset by it.
    pub unverify_reason: Option<String>,
    /// When it lost that.
    pub unverified_at: Option<Time>,
    address_key: String,
}

#[derive(Insertable)]
#[diesel(table_name = emails, treat_none_as_default_value = false)]
struct NewEmail<'a> {
    user_id: UserId,
    address: &'a str,
    address_key: String,
    is_primary: bool,
    verified_at: Option<Time>,
    created_at: Time,
    /// Empty where it has none, so that it is not looked for again.
    domain: String,
}

impl Email {
    /// Adds an address to an account; one that another account holds is a unique violation.
    pub fn create(
        c: &mut Conn,
        user: UserId,
        address: &EmailAddress,
        is_primary: bool,
        verified: bool,
        now: Time,
    ) -> QueryResult<EmailId> {
        let new = NewEmail {
            user_id: user,
            address: address.as_str(),
            address_key: address.key(),
            is_primary,
            verified_at: verified.then_some(now),
            created_at: now,
            domain: address.registrable_domain().unwrap_or_default(),
        };
        diesel::insert_into(emails::table).values(new).returning(emails::id).get_result(c)
    }

    /// Adds an address that is not verified, whether or not another account holds it: who asks
    /// must not learn that. The first who verifies it holds it.
    pub fn claim(
        c: &mut Conn,
        user: UserId,
        address: &EmailAddress,
        is_primary: bool,
        now: Time,
    ) -> QueryResult<EmailId> {
        let address_key = match Self::holder(c, address)? {
            Some(_) => contested_key(user, address),
            None => address.key(),
        };
        let new = NewEmail {
            user_id: user,
            address: address.as_str(),
            address_key,
            is_primary,
            verified_at: None,
            created_at: now,
            domain: address.registrable_domain().unwrap_or_default(),
        };
        diesel::insert_into(emails::table).values(new).returning(emails::id).get_result(c)
    }

    /// The row that holds an address: the verified one, or the first that claimed it.
    pub fn holder(c: &mut Conn, address: &EmailAddress) -> QueryResult<Option<Self>> {
        let row = emails::table.filter(emails::address_key.eq(address.key()));
        row.select(Self::as_select()).first(c).optional()
    }

    /// One address of an account.
    pub fn own(c: &mut Conn, user: UserId, id: EmailId) -> QueryResult<Option<Self>> {
        let row = emails::table.find(id).filter(emails::user_id.eq(user));
        row.select(Self::as_select()).first(c).optional()
    }

    /// The primary address of an account.
    pub fn primary(c: &mut Conn, user: UserId) -> QueryResult<Option<Self>> {
        let row = emails::table.filter(emails::user_id.eq(user).and(emails::is_primary));
        row.select(Self::as_select()).first(c).optional()
    }

    /// Notes that its owner reads mails sent there, and makes this row the one that holds the
    /// address. Returns whether it does now: it cannot where another account has verified it,
    /// and of two that verify it at once one is told no.
    pub fn verify(&self, c: &mut Conn, address: &EmailAddress, now: Time) -> QueryResult<bool> {
        let key = address.key();
        if self.address_key != key {
            if let Some(holder) = Self::holder(c, address)? {
                let contested = contested_key(holder.user_id, address);
                let unverified = emails::table.find(holder.id);
                let unverified = unverified.filter(emails::verified_at.is_null());
                let demoted = diesel::update(unverified).set(emails::address_key.eq(contested));
                if demoted.execute(c)? == 0 {
                    return Ok(false);
                }
            }
            let own = emails::table.find(self.id);
            diesel::update(own).set(emails::address_key.eq(&key)).execute(c)?;
        }
        let new = (
            emails::verified_at.eq(now),
            emails::unverify_reason.eq(None::<String>),
            emails::unverified_at.eq(None::<Time>),
        );
        let held = emails::table.find(self.id).filter(emails::address_key.eq(&key));
        Ok(diesel::update(held).set(new).execute(c)? == 1)
    }

    /// Takes back that it is verified, and keeps why. The row goes on holding the address.
    pub fn unverify(c: &mut Conn, id: EmailId, reason: &str, now: Time) -> QueryResult<usize> {
        let new = (
            emails::verified_at.eq(None::<Time>),
            emails::unverify_reason.eq(reason),
            emails::unverified_at.eq(now),
        );
        diesel::update(emails::table.find(id)).set(new).execute(c)
    }

    /// Keeps why it should not be verified any more, though it stays so.
    pub fn suspect(c: &mut Conn, id: EmailId, reason: &str) -> QueryResult<usize> {
        diesel::update(emails::table.find(id)).set(emails::unverify_reason.eq(reason)).execute(c)
    }

    /// Forgets why verified addresses of these domains should not be verified.
    pub fn clear(c: &mut Conn, domains: &[String]) -> QueryResult<usize> {
        if domains.is_empty() {
            return Ok(0);
        }
        let domains: Vec<_> = domains.iter().cloned().map(Some).collect();
        let rows = emails::table.filter(emails::domain.eq_any(domains));
        let rows = rows.filter(emails::verified_at.is_not_null());
        diesel::update(rows).set(emails::unverify_reason.eq(None::<String>)).execute(c)
    }

    /// Whether mails to it prove who reads them.
    pub fn is_trusted(&self) -> bool {
        self.verified_at.is_some() && self.unverify_reason.is_none()
    }

    /// Makes it the primary address of its account.
    pub fn set_primary(c: &mut Conn, user: UserId, id: EmailId) -> QueryResult<usize> {
        let old = emails::table.filter(emails::user_id.eq(user).and(emails::is_primary));
        diesel::update(old).set(emails::is_primary.eq(false)).execute(c)?;
        let new = emails::table.find(id).filter(emails::user_id.eq(user));
        diesel::update(new).set(emails::is_primary.eq(true)).execute(c)
    }

    /// Takes an address away.
    pub fn remove(c: &mut Conn, id: EmailId) -> QueryResult<usize> {
        diesel::delete(emails::table.find(id)).execute(c)
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

/// The key of an address that another account holds. No address has a blank in it, so this is
/// none, and no two accounts have the same one.
fn contested_key(user: UserId, address: &EmailAddress) -> String {
    format!("{} {}", address.key(), user.get())
}
