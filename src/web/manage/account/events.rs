//! The security history in plain sentences.

use serde_json::Value;

use crate::accounts::event::{self, Event, Filter, Tag};
use crate::db::Conn;
use crate::error::Result;
use crate::time;

/// Events on one page.
const PAGE: i64 = 50;

/// One event as a page shows it.
pub(in crate::web) struct Line {
    pub(in crate::web) username: String,
    pub(in crate::web) words: String,
    pub(in crate::web) at: String,
    pub(in crate::web) ip: String,
    pub(in crate::web) agent: String,
}

/// One page of events, and the event behind which the next one begins.
pub(in crate::web) fn page(c: &mut Conn, filter: &Filter) -> Result<(Vec<Line>, Option<i64>)> {
    let mut events = event::list(c, filter, PAGE + 1)?;
    let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = events.len() > shown;
    events.truncate(shown);
    let older = events.last().filter(|_| has_more).map(|event| event.id.get());
    Ok((events.into_iter().map(line).collect(), older))
}

fn line(event: Event) -> Line {
    let by = event.detail().get("by").and_then(Value::as_str).map(str::to_owned);
    let from = event.ip.clone().unwrap_or_else(|| match by {
        // Of what somebody else did one learns who it was, and not from where.
        Some(by) if by != "administrator" && by != event.username => format!("by {by}"),
        _ => "by a command on the server".to_owned(),
    });
    Line {
        words: words(&event),
        username: event.username,
        at: time::for_people(event.at),
        ip: from,
        agent: event.user_agent.unwrap_or_default(),
    }
}

fn words(event: &Event) -> String {
    let Some(tag) = Tag::ALL.iter().find(|tag| tag.as_str() == event.tag) else {
        return event.tag.clone();
    };
    let detail = event.detail();
    let text = |key: &str| detail.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let by = || if text("by") == "administrator" { " by an administrator" } else { "" };
    match tag {
        Tag::Created => "The account was made.".to_owned(),
        Tag::Disabled => "The account was disabled.".to_owned(),
        Tag::Enabled => "The account was enabled again.".to_owned(),
        Tag::LoginSuccess => format!("Login {}.", method(&text("two_factor_method"))),
        Tag::LoginFailure => failure(&text("reason")).to_owned(),
        Tag::ReauthenticateFailure => "A wrong password was typed in to confirm.".to_owned(),
        Tag::EmailAdded => format!("The address {} was added.", text("email")),
        Tag::EmailRemoved => format!("The address {} was removed.", text("email")),
        Tag::EmailVerified => format!("The address {} was verified{}.", text("email"), by()),
        Tag::EmailUnverified => {
            let why = Some(text("reason")).filter(|reason| !reason.is_empty());
            let why = why.map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("The address {} is verified no more{why}.", text("email"))
        }
        Tag::EmailReverify => format!("A new link was mailed to {}.", text("email")),
        Tag::PrimaryChanged => {
            let (new, old) = (text("new_primary"), text("old_primary"));
            format!("{new} became the primary address instead of {old}.")
        }
        Tag::PasswordChanged => format!("The password was changed{}.", by()),
        Tag::PasswordReset => "The password was replaced through a mailed link.".to_owned(),
        Tag::ResetRequested => "A link to replace the password was mailed.".to_owned(),
        Tag::ResetAttempted => {
            "A link to replace the password was asked for and refused.".to_owned()
        }
        Tag::MethodAdded => "The authenticator app was set up.".to_owned(),
        Tag::MethodRemoved => format!("The authenticator app was removed{}.", by()),
        Tag::DeviceRemembered => "This browser needs no code for 30 days.".to_owned(),
        Tag::DeviceForgotten => "Remembered browsers were forgotten.".to_owned(),
        Tag::CodesGenerated => "Recovery codes were made.".to_owned(),
        Tag::CodesRegenerated => "New recovery codes replaced those before.".to_owned(),
        Tag::CodeUsed => format!("A recovery code was used; {} are left.", number(&detail, "left")),
        Tag::SessionEnded if !by().is_empty() => format!("Sessions were ended{}.", by()),
        Tag::SessionEnded => "Other sessions were ended.".to_owned(),
        Tag::PasswordDisabled => {
            "An administrator reset the password; a link for a new one was mailed.".to_owned()
        }
        Tag::AdministratorMade => "The account became an administrator's.".to_owned(),
        Tag::AdministratorUnmade => "The account is no administrator's any more.".to_owned(),
        Tag::TokenAdded => format!("The API token “{}” was made.", text("label")),
        Tag::TokenRemoved => format!("The API token “{}” was revoked{}.", text("label"), by()),
        Tag::Invited => "An invitation for a new account was made.".to_owned(),
        Tag::RoleAdded
        | Tag::RoleChanged
        | Tag::RoleRemoved
        | Tag::RoleInvited
        | Tag::RoleDeclined
        | Tag::RoleRevoked => about_role(*tag, &text),
    }
}

/// What happened to a role, to this account or through it.
fn about_role(tag: Tag, text: &impl Fn(&str) -> String) -> String {
    let (whom, role, project) = (text("whom"), text("role_name"), text("project"));
    match tag {
        Tag::RoleInvited => format!("{whom} was invited to be {role} of {project}."),
        Tag::RoleDeclined => format!("{whom} declined to be {role} of {project}."),
        Tag::RoleRevoked => {
            format!("The invitation of {whom} to be {role} of {project} was taken back.")
        }
        Tag::RoleRemoved => format!("{whom} is no {role} of {project} any more."),
        _ => format!("{whom} is {role} of {project} now."),
    }
}

fn number(detail: &Value, key: &str) -> i64 {
    detail.get(key).and_then(Value::as_i64).unwrap_or_default()
}

fn method(word: &str) -> &'static str {
    match word {
        "totp" => "with a code of the authenticator app",
        "recovery-code" => "with a recovery code",
        "remembered-device" => "from a remembered browser",
        _ => "with the password",
    }
}

fn failure(word: &str) -> &'static str {
    match word {
        "invalid_totp" => "A code of the app was refused: it was wrong, or used before.",
        "invalid_recovery_code" => "A wrong recovery code was refused.",
        "burned_recovery_code" => "A recovery code was refused: it had been used before.",
        _ => "A login with a wrong password was refused.",
    }
}
