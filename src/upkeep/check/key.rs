//! Whether the secret key is the one that the index was run with.

use diesel::prelude::*;

use super::Index;
use super::finding::{Finding, Report, What};
use crate::db::schema::users;
use crate::error::Result;
use crate::secret::{MasterKey, Purpose};

/// Opens the secret of every second factor.
pub(super) async fn check(index: Index<'_>, report: &mut Report) -> Result<()> {
    let sealed: Vec<(i64, String, String)> = index
        .db
        .read(|c| {
            let rows = users::table.filter(users::totp_secret.is_not_null()).order(users::id);
            let columns = (users::id, users::username, users::totp_secret.assume_not_null());
            Ok(rows.select(columns).load(c)?)
        })
        .await?;
    let finding = |words| Finding { what: What::Key, words, repaired: false };
    // Opening it would make a new one.
    if !index.key_file.exists() {
        if !sealed.is_empty() {
            let file = index.key_file.display();
            report.add(finding(format!("the secret key file {file} is not there")));
        }
        return Ok(());
    }
    let key = match MasterKey::open(index.key_file) {
        Ok(key) => key,
        Err(error) => {
            report.add(finding(error.chain()));
            return Ok(());
        }
    };
    for (id, username, secret) in sealed {
        if key.unseal(Purpose::TotpSecret, id, &secret).is_none() {
            let words = "the secret key does not open the second factor of";
            report.add(finding(format!("{words} {username}: it is another key")));
        }
    }
    Ok(())
}
