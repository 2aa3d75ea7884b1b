//! The mail that carries an invitation to a role.

use std::time::Duration;

use askama::Template;

use crate::accounts::letters::{self, Letterhead};
use crate::catalog::role::Role;
use crate::catalog::role_invitation::INVITED_FOR;
use crate::config::PublicUrl;
use crate::db::Conn;
use crate::error::Result;
use crate::time::Time;

const DAY: Duration = Duration::from_hours(24);

#[derive(Template)]
#[template(path = "mail/role_invitation.txt")]
struct Invited<'a> {
    site: &'a str,
    url: &'a PublicUrl,
    project: &'a str,
    role: Role,
    is_owner: bool,
    by: &'a str,
    /// The invited account; none: whoever has the address.
    username: Option<&'a str>,
    address: &'a str,
    days: u64,
}

/// Queues it. The link in it is no secret: it leads to where one logs in and decides.
pub(in crate::catalog) fn invited(
    c: &mut Conn,
    head: &Letterhead,
    (project, role, by): (&str, Role, &str),
    (username, address): (Option<&str>, &str),
    now: Time,
) -> Result<()> {
    let days = INVITED_FOR.as_secs() / DAY.as_secs();
    let (site, url) = (head.site.as_str(), &head.url);
    let is_owner = role == Role::Owner;
    let letter = Invited { site, url, project, role, is_owner, by, username, address, days };
    let subject = format!("You are invited to the project {project}");
    letters::post(c, now, address, &subject, &letter)
}
