//! What operators look through: domains by what was found, and the addresses in each.

use diesel::prelude::*;

use super::answer::Finding;
use super::domain::{Domain, Queue};
use crate::db::schema::{domains, emails, users};
use crate::db::{Conn, EmailId};
use crate::time::Time;

/// Which domains are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those that somebody holds, by the last answer.
    Held,
    /// Those that have lapsed, by the last answer.
    Lapsed,
    /// Those about which there are doubts.
    Doubtful,
    /// Those about which nobody can be asked.
    NotCheckable,
    /// Those about which nobody answered the last time.
    Failing,
    /// Those that the brake keeps from being acted on.
    HeldBack,
    /// Those that nobody was ever asked about.
    Never,
    /// Those that the operator trusts.
    Trusted,
}

impl Which {
    /// Each with the word for it in addresses.
    pub const ALL: [(&'static str, Self); 9] = [
        ("", Self::All),
        ("held", Self::Held),
        ("lapsed", Self::Lapsed),
        ("doubtful", Self::Doubtful),
        ("not-checkable", Self::NotCheckable),
        ("failing", Self::Failing),
        ("held-back", Self::HeldBack),
        ("never", Self::Never),
        ("trusted", Self::Trusted),
    ];

    /// The one of that word; all of them where there is none of it.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|(own, _)| *own == word).map_or(Self::All, |(_, which)| which)
    }
}

/// The first `limit` domains by name, behind `after`.
pub fn list(c: &mut Conn, which: Which, after: &str, limit: i64) -> QueryResult<Vec<Domain>> {
    let rows = domains::table.filter(domains::name.gt(after.to_owned()));
    let rows = rows.order(domains::name).limit(limit).select(Domain::as_select()).into_boxed();
    let trusted = domains::queue.eq(Queue::Trusted.number());
    let found = |finding: Finding| domains::finding.eq(finding.as_str());
    let rows = match which {
        Which::All => rows,
        Which::Held => rows.filter(found(Finding::Held)),
        Which::Lapsed => rows.filter(found(Finding::Lapsed)),
        Which::Doubtful => rows.filter(domains::doubtful_since.is_not_null()),
        Which::NotCheckable => rows.filter(found(Finding::NotCheckable)),
        Which::Failing => rows.filter(domains::failures.gt(0)),
        Which::HeldBack => rows.filter(domains::held_back_at.is_not_null()),
        Which::Never => {
            rows.filter(domains::answered_at.is_null()).filter(diesel::dsl::not(trusted))
        }
        Which::Trusted => rows.filter(trusted),
    };
    rows.load(c)
}

/// An address with whose it is.
#[derive(Debug, Clone, Queryable)]
pub struct Holder {
    /// The id of the address.
    pub id: EmailId,
    /// The name of the account.
    pub username: String,
    /// The address.
    pub address: String,
    /// Since when it is verified.
    pub verified_at: Option<Time>,
    /// Why it lost that, or should have.
    pub unverify_reason: Option<String>,
    /// When it lost that.
    pub unverified_at: Option<Time>,
}

/// The first `limit` addresses in a domain behind `after`.
pub fn holders(c: &mut Conn, name: &str, after: EmailId, limit: i64) -> QueryResult<Vec<Holder>> {
    emails::table
        .inner_join(users::table)
        .filter(emails::domain.eq(name.to_owned()).and(emails::id.gt(after)))
        .order(emails::id)
        .limit(limit)
        .select((
            emails::id,
            users::username,
            emails::address,
            emails::verified_at,
            emails::unverify_reason,
            emails::unverified_at,
        ))
        .load(c)
}

/// How many addresses have a domain that is not listed yet, because no sweep has seen it.
pub fn new_addresses(c: &mut Conn) -> QueryResult<i64> {
    let unknown: i64 = emails::table.filter(emails::domain.is_null()).count().get_result(c)?;
    let rows = domains::table.filter(domains::name.nullable().eq(emails::domain));
    let new = emails::table.filter(emails::domain.gt(String::new()));
    let new: i64 = new.filter(diesel::dsl::not(diesel::dsl::exists(rows))).count().get_result(c)?;
    Ok(unknown + new)
}
