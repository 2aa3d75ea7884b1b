//! What people say of themselves.

use super::user::User;
use crate::db::{Db, UserId};
use crate::error::{Error, Result};

/// Longest name of a person, as on PyPI.
const LONGEST_FULL_NAME: usize = 100;

/// Reads the name of a person, possibly empty. No URL: such accounts are made to advertise.
pub fn full_name(text: &str) -> Result<String> {
    let text = text.trim();
    let is_long = text.chars().count() > LONGEST_FULL_NAME;
    if is_long || text.contains(char::is_control) || text.contains("://") {
        let words =
            format!("A name is one line of at most {LONGEST_FULL_NAME} characters and no URL.");
        return Err(Error::invalid("The name is not acceptable", words));
    }
    Ok(text.to_owned())
}

/// Changes the name of the person.
pub async fn set_full_name(db: &Db, user: UserId, text: &str) -> Result<()> {
    let name = full_name(text)?;
    db.write(move |c| Ok(User::set_full_name(c, user, &name)?)).await.map(|_| ())
}
