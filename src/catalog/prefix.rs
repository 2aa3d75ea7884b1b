//! Reserved prefixes of project names, as PEP 752 has them: `acme` covers the names `acme` and
//! `acme-…`, of new projects only, and for everybody but its holders and administrators.

use diesel::prelude::*;

use super::elsewhere;
use crate::db::schema::{prefix_holders as holders, reserved_prefixes as prefixes, users};
use crate::db::{Conn, UserId};
use crate::packaging::NormalizedName;
use crate::time::Time;

/// A reserved prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// The normalized prefix.
    pub prefix: String,
    /// Why; possibly empty.
    pub reason: String,
    /// The names of the accounts that may use it.
    pub holders: Vec<String>,
}

/// The prefix that keeps this name from an account, if one does. Of several that cover it the
/// longest decides: who holds a part of a prefix holds that part alone.
pub fn keeping_from(
    c: &mut Conn,
    name: &NormalizedName,
    user: UserId,
) -> QueryResult<Option<String>> {
    let Some(longest) = covering(c, name)? else { return Ok(None) };
    let own = holders::table.find((longest.as_str(), user)).select(holders::user_id);
    Ok(own.first::<UserId>(c).optional()?.is_none().then_some(longest))
}

/// The longest prefix that covers this name, if one does.
pub fn covering(c: &mut Conn, name: &NormalizedName) -> QueryResult<Option<String>> {
    let covering = prefixes::table
        .filter(prefixes::prefix.eq_any(parts(name.as_str())))
        .select(prefixes::prefix);
    Ok(covering.load(c)?.into_iter().max_by_key(String::len))
}

/// Whether a prefix covers a name.
pub fn covers(prefix: &str, name: &NormalizedName) -> bool {
    let rest = name.as_str().strip_prefix(prefix);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// The prefixes alone.
pub fn names(c: &mut Conn) -> QueryResult<Vec<String>> {
    prefixes::table.select(prefixes::prefix).load(c)
}

/// All that could cover a name: it itself, and what stands before each of its hyphens.
fn parts(name: &str) -> Vec<String> {
    let before = name.match_indices('-').filter_map(|(at, _)| name.get(..at));
    before.chain([name]).map(str::to_owned).collect()
}

/// All of them, by prefix.
pub fn all(c: &mut Conn) -> QueryResult<Vec<Reserved>> {
    let rows: Vec<(String, String)> = prefixes::table
        .order(prefixes::prefix)
        .select((prefixes::prefix, prefixes::reason))
        .load(c)?;
    let held: Vec<(String, String)> = holders::table
        .inner_join(users::table)
        .order(users::username_key)
        .select((holders::prefix, users::username))
        .load(c)?;
    let of = |prefix: &String| {
        let own = held.iter().filter(|(known, _)| known == prefix);
        own.map(|(_, name)| name.clone()).collect()
    };
    let reserved =
        |(prefix, reason): (String, String)| Reserved { holders: of(&prefix), prefix, reason };
    Ok(rows.into_iter().map(reserved).collect())
}

/// Reserves a prefix for these accounts; says it anew where it is reserved already.
pub fn add(
    c: &mut Conn,
    prefix: &NormalizedName,
    holding: &[UserId],
    reason: &str,
    now: Time,
) -> QueryResult<()> {
    remove(c, prefix)?;
    elsewhere::rules_changed(c)?;
    let row = (
        prefixes::prefix.eq(prefix.as_str()),
        prefixes::reason.eq(reason),
        prefixes::created_at.eq(now),
    );
    diesel::insert_into(prefixes::table).values(row).execute(c)?;
    let mut done: Vec<UserId> = Vec::new();
    for user in holding {
        if !done.contains(user) {
            let row = (holders::prefix.eq(prefix.as_str()), holders::user_id.eq(*user));
            diesel::insert_into(holders::table).values(row).execute(c)?;
            done.push(*user);
        }
    }
    Ok(())
}

/// Lets everybody use a prefix again. Returns how many were reserved: one or none.
pub fn remove(c: &mut Conn, prefix: &NormalizedName) -> QueryResult<usize> {
    let removed = diesel::delete(prefixes::table.find(prefix.as_str())).execute(c)?;
    if removed > 0 {
        elsewhere::rules_changed(c)?;
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_a_hyphen() {
        assert_eq!(parts("acme"), ["acme"]);
        assert_eq!(parts("acme-tools-x"), ["acme", "acme-tools", "acme-tools-x"]);
        for (name, is_covered) in [("acme", true), ("acme-x", true), ("acmex", false), ("a", false)]
        {
            let name = NormalizedName::parse(name);
            assert_eq!(name.map(|name| covers("acme", &name)), Some(is_covered));
        }
    }
}
