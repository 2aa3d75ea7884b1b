//! Who reads from a private index.

use super::checked::Pair;
use super::user::User;
use super::visit::Visit;
use super::{Caller, Username, Way, sign_in};
use crate::db::{Db, ProjectId};
use crate::error::Result;

/// Recognises a reader by user name and password. A password that was right a moment ago is not
/// hashed again, until it is changed.
pub async fn by_password(db: &Db, visit: &Visit, username: &str, password: &str) -> Result<Caller> {
    let user = match Username::parse(username) {
        Some(name) => db.read(move |c| Ok(User::by_name(c, &name)?)).await?,
        None => None,
    };
    let Some((user, hash)) = user.and_then(|user| user.password_hash.clone().map(|it| (user, it)))
    else {
        return sign_in::by_password(db, visit, username, password).await;
    };
    let pair = Pair::of(password, &hash);
    if pair.was_right() {
        return if user.disabled_at.is_some() {
            Err(sign_in::disabled())
        } else {
            Ok(Caller::new(user, Way::Password))
        };
    }
    let caller = sign_in::by_password(db, visit, username, password).await?;
    pair.remember();
    Ok(caller)
}

/// Whether a caller may read a project: a token that speaks for chosen projects reads those only.
pub fn may_read(caller: &Caller, project: ProjectId) -> bool {
    match &caller.way {
        Way::Token { projects: Some(projects), .. } => projects.contains(&project),
        _ => true,
    }
}
