//! Names that nobody, and prefixes that only some, may use for new projects.

use serde_json::json;

use crate::accounts::Username;
use crate::accounts::act::{Act, Order};
use crate::accounts::user::User;
use crate::catalog::{former, prefix, prohibited};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;

/// Prohibits a name for new projects; uploaders are told the reason.
pub fn prohibit(c: &mut Conn, order: &Order, name: &NormalizedName) -> Result<()> {
    prohibited::add(c, name, order.reason(), order.visit.at)?;
    order.log(c, Act::NameProhibited, name.as_str(), &json!({}))?;
    Ok(())
}

/// Permits a name again that is prohibited, or kept for the owners of a deleted project.
pub fn permit(c: &mut Conn, order: &Order, name: &NormalizedName) -> Result<()> {
    if prohibited::remove(c, name)? + former::give_up(c, name)? == 0 {
        let words = "This name is neither prohibited nor kept for anybody.";
        return Err(Error::invalid("The name is not prohibited", words));
    }
    order.log(c, Act::NamePermitted, name.as_str(), &json!({}))?;
    Ok(())
}

/// Reserves a prefix for these accounts, beside administrators; says it anew where it is reserved.
pub fn reserve(
    c: &mut Conn,
    order: &Order,
    name: &NormalizedName,
    holders: &[String],
) -> Result<()> {
    let mut ids = Vec::new();
    for holder in holders {
        let user = match Username::parse(holder) {
            Some(name) => User::by_name(c, &name)?,
            None => None,
        };
        let missing = || {
            let words = format!("There is no account named {holder:?}.");
            Error::invalid("There is no such account", words)
        };
        ids.push(user.ok_or_else(missing)?.id);
    }
    prefix::add(c, name, &ids, order.reason(), order.visit.at)?;
    order.log(c, Act::PrefixReserved, name.as_str(), &json!({ "holders": holders }))?;
    Ok(())
}

/// Lets everybody use a prefix again.
pub fn free(c: &mut Conn, order: &Order, name: &NormalizedName) -> Result<()> {
    if prefix::remove(c, name)? == 0 {
        return Err(Error::not_found("This prefix is not reserved."));
    }
    order.log(c, Act::PrefixFreed, name.as_str(), &json!({}))?;
    Ok(())
}
