//! Mails about what has happened to a project.

use askama::Template;

use crate::accounts::email::Email;
use crate::accounts::letters;
use crate::catalog::member::{self, Member};
use crate::catalog::project::{Project, Status};
use crate::catalog::role::Role;
use crate::db::Conn;
use crate::error::Result;
use crate::time::{self, Time};

/// What has happened.
#[derive(Debug, Clone, Copy)]
pub(in crate::catalog) enum News<'a> {
    /// A release, or a file, is yanked.
    Yanked { what: &'a str, reason: &'a str },
    /// And is not any more.
    Unyanked { what: &'a str },
    /// A file is gone.
    FileRemoved { filename: &'a str },
    /// A release is gone.
    ReleaseRemoved { version: &'a str },
    /// The project is gone.
    ProjectRemoved,
    /// Something else may be done with it.
    Status { status: Status, reason: &'a str },
    /// Somebody has a role.
    RoleAdded { username: &'a str, role: Role },
    /// Somebody has another one.
    RoleChanged { username: &'a str, role: Role },
    /// Somebody has none any more.
    RoleRemoved { username: &'a str, role: Role },
}

impl News<'_> {
    fn subject(&self, project: &str) -> String {
        match self {
            Self::Yanked { what, .. } => format!("{project}: {what} was yanked"),
            Self::Unyanked { what } => format!("{project}: {what} is yanked no more"),
            Self::FileRemoved { filename } => format!("{project}: {filename} was deleted"),
            Self::ReleaseRemoved { version } => format!("{project}: release {version} was deleted"),
            Self::ProjectRemoved => format!("{project} was deleted"),
            Self::Status { status: Status::Active, .. } => format!("{project} is active again"),
            Self::Status { status, .. } => format!("{project} is {} now", status.as_str()),
            Self::RoleAdded { username, role } | Self::RoleChanged { username, role } => {
                format!("{project}: {username} is {} now", role.as_str())
            }
            Self::RoleRemoved { username, role } => {
                format!("{project}: {username} is no {} any more", role.as_str())
            }
        }
    }

    /// Whom it concerns: all who have a role; of roles the owners and the person.
    fn concerns(&self, member: &Member) -> bool {
        match self {
            Self::RoleAdded { username, .. }
            | Self::RoleChanged { username, .. }
            | Self::RoleRemoved { username, .. } => {
                member.role == Role::Owner || member.username == *username
            }
            _ => true,
        }
    }
}

#[derive(Template)]
#[template(path = "mail/project.txt")]
struct Letter<'a> {
    news: News<'a>,
    project: &'a str,
    actor: &'a str,
    when: String,
}

/// Queues the mails about what has happened to a project: to the verified primary addresses of all
/// whom it concerns, also of who did it. To be called while whoever is concerned has a role.
pub(in crate::catalog) fn tell(
    c: &mut Conn,
    project: &Project,
    news: News<'_>,
    actor: &str,
    now: Time,
) -> Result<()> {
    let letter = Letter { news, project: &project.name, actor, when: time::for_people(now) };
    let subject = news.subject(&project.name);
    for member in member::of_project(c, project.id)? {
        if !member.is_active || !news.concerns(&member) {
            continue;
        }
        let primary = Email::primary(c, member.user)?;
        if let Some(email) = primary.filter(|email| email.verified_at.is_some()) {
            letters::post(c, now, &email.address, &subject, &letter)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_news_are_plain_sentences() {
        let role = Role::Maintainer;
        for (news, subject, sentence) in [
            (
                News::Yanked { what: "release 1.0", reason: "<broken> & bad" },
                "foo: release 1.0 was yanked",
                "The release 1.0 of foo was yanked: <broken> & bad\n",
            ),
            (
                News::Yanked { what: "file a.whl", reason: "" },
                "foo: file a.whl was yanked",
                "The file a.whl of foo was yanked.\n",
            ),
            (
                News::Status { status: Status::Archived, reason: "" },
                "foo is archived now",
                "foo is archived now",
            ),
            (
                News::Status { status: Status::Active, reason: "" },
                "foo is active again",
                "foo is active again",
            ),
            (News::ProjectRemoved, "foo was deleted", "foo was deleted with all its releases"),
            (
                News::RoleRemoved { username: "bob", role },
                "foo: bob is no Maintainer any more",
                "bob is no Maintainer of foo any more.\n",
            ),
        ] {
            assert_eq!(news.subject("foo"), subject);
            let when = "noon".to_owned();
            let letter = Letter { news, project: "foo", actor: "ada", when };
            let text = letter.render().unwrap_or_default();
            assert!(text.starts_with(sentence), "{sentence:?}: {text:?}");
            assert!(text.contains("\n\nWho: ada\nWhen: noon\n\n"), "{text:?}");
        }
    }
}
