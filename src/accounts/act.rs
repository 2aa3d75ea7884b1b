//! The log of what administrators do: who, when, what, to what, why. It is kept for good.

use diesel::prelude::*;
use serde_json::Value;

use super::Visit;
use super::user::User;
use crate::db::schema::admin_acts;
use crate::db::{ActId, Conn, UserId};
use crate::error::{Error, Result};
use crate::time::Time;

/// Who stands in the log for commands on the server itself.
pub const OPERATOR: &str = "operator";
/// Longest reason, in characters.
pub const LONGEST_REASON: usize = 500;

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $said:literal;)+) => {
        /// What an administrator did.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Act { $($(#[$doc])* $name,)+ }

        impl Act {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// The same for people.
            pub fn words(self) -> &'static str {
                match self { $(Self::$name => $said,)+ }
            }
        }
    };
}

acts! {
    /// An account was stopped.
    UserDisabled = "user:disable", "Disabled the account";
    /// And works again.
    UserEnabled = "user:enable", "Enabled the account";
    /// An address counts as verified by the word of an administrator.
    AddressVerified = "user:email:verify", "Verified an address";
    /// The password works no more, and a link for a new one was mailed.
    PasswordReset = "user:password:reset", "Reset the password";
    /// A password was set on the command line.
    PasswordSet = "user:password:set", "Set the password";
    /// The second factor was taken away.
    FactorReset = "user:two_factor:reset", "Reset the second factor";
    /// An account became one of an administrator.
    AdministratorMade = "user:administrator:add", "Made an administrator";
    /// And is none any more.
    AdministratorUnmade = "user:administrator:remove", "Took the administrator's rights";
    /// Sessions were ended.
    SessionsEnded = "user:session:end", "Ended sessions";
    /// An account for machines was made.
    ServiceMade = "user:service:add", "Made a service account";
    /// It got a token.
    TokenMade = "token:add", "Made an API token";
    /// A token was revoked.
    TokenRevoked = "token:remove", "Revoked an API token";
    /// A link to make an account was made.
    Invited = "invitation:add", "Made an invitation";
    /// And taken back.
    InvitationRevoked = "invitation:remove", "Took an invitation back";
    /// Nothing of a project is offered any more.
    Quarantined = "project:quarantine:enter", "Quarantined the project";
    /// And is again.
    Released = "project:quarantine:exit", "Released the project";
    /// A project has other limits.
    LimitsSet = "project:limits", "Set limits";
    /// An account has a role in a project.
    RoleSet = "project:role:set", "Gave a role";
    /// And has it no more.
    RoleRemoved = "project:role:remove", "Took a role away";
    /// A project has another status, other than by a quarantine.
    StatusSet = "project:status", "Set the status";
    /// A release or a file is yanked.
    Yanked = "project:yank", "Yanked";
    /// And is no more.
    Unyanked = "project:unyank", "Took a yank back";
    /// A release was deleted.
    ReleaseDeleted = "project:release:remove", "Deleted a release";
    /// A file was deleted.
    FileDeleted = "project:file:remove", "Deleted a file";
    /// A project was deleted.
    ProjectDeleted = "project:remove", "Deleted the project";
    /// No new project may have a name.
    NameProhibited = "name:prohibit", "Prohibited the name";
    /// And may have it again.
    NamePermitted = "name:permit", "Permitted the name";
    /// Names that begin so are somebody's.
    PrefixReserved = "prefix:reserve", "Reserved the prefix";
    /// And anybody's again.
    PrefixFreed = "prefix:free", "Freed the prefix";
    /// Something of another index is not served.
    MirrorQuarantined = "mirror:quarantine", "Quarantined at the mirror";
    /// Something of another index is served although it is young.
    MirrorAllowed = "mirror:allow", "Excepted from the cooldown";
    /// One of both holds no more.
    MirrorLifted = "mirror:release", "Lifted a rule of the mirror";
    /// A job was begun by hand.
    JobRun = "job:run", "Ran the job";
    /// Mails were made due.
    MailRetried = "mail:retry", "Sent mails again";
    /// Nothing is changed any more.
    ReadOnlyOn = "site:read_only:on", "Switched to read-only";
    /// And everything again.
    ReadOnlyOff = "site:read_only:off", "Switched back from read-only";
    /// Every page shows a text, another one, or none any more.
    BannerSet = "site:banner", "Set the banner";
}

/// The word of an administrator, or of the operator, by which something is done.
#[derive(Debug, Clone)]
pub struct Order {
    by: Option<(UserId, String)>,
    reason: String,
    /// Where it comes from, and when.
    pub visit: Visit,
}

impl Order {
    /// A command of the operator.
    pub fn operator(visit: Visit) -> Self {
        Self { by: None, reason: String::new(), visit }
    }

    /// The same with a reason.
    pub fn because(self, reason: &str) -> Result<Self> {
        Ok(Self { reason: one_line(reason)?, ..self })
    }

    /// An act of an administrator, who may say why.
    pub fn of(user: &User, visit: &Visit, reason: &str) -> Result<Self> {
        let by = Some((user.id, user.username.clone()));
        Ok(Self { by, reason: one_line(reason)?, visit: visit.clone() })
    }

    /// The same where a reason must be given.
    pub fn explained(user: &User, visit: &Visit, reason: &str) -> Result<Self> {
        let order = Self::of(user, visit, reason)?;
        if order.reason.is_empty() {
            let words = "Say why: the reason stays in the administrators' log.";
            return Err(Error::invalid("A reason is missing", words));
        }
        Ok(order)
    }

    /// Whose word it is, as journal and log have it.
    pub fn actor(&self) -> &str {
        self.by.as_ref().map_or(OPERATOR, |(_, name)| name)
    }

    /// The account whose word it is; none: the operator.
    pub fn user(&self) -> Option<UserId> {
        self.by.as_ref().map(|(id, _)| *id)
    }

    /// Why it is done; possibly empty.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Writes down that it was done, in the transaction in which it is. `detail` is a JSON object
    /// without secrets.
    pub fn log(&self, c: &mut Conn, act: Act, target: &str, detail: &Value) -> QueryResult<usize> {
        let new = NewEntry {
            at: self.visit.at,
            actor_id: self.user(),
            actor: self.actor(),
            ip: self.visit.ip_text(),
            act: act.as_str(),
            target,
            reason: &self.reason,
            detail: detail.to_string(),
        };
        diesel::insert_into(admin_acts::table).values(new).execute(c)
    }
}

fn one_line(reason: &str) -> Result<String> {
    let reason = reason.trim();
    if reason.chars().count() > LONGEST_REASON || reason.contains(char::is_control) {
        let words = format!("A reason is one line of at most {LONGEST_REASON} characters.");
        return Err(Error::invalid("The reason is not acceptable", words));
    }
    Ok(reason.to_owned())
}

#[derive(Insertable)]
#[diesel(table_name = admin_acts, treat_none_as_default_value = false)]
struct NewEntry<'a> {
    at: Time,
    actor_id: Option<UserId>,
    actor: &'a str,
    ip: Option<String>,
    act: &'a str,
    target: &'a str,
    reason: &'a str,
    detail: String,
}

/// An act in the log.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = admin_acts)]
pub struct Entry {
    /// Its id: later acts have higher ones.
    pub id: ActId,
    /// When it was done.
    pub at: Time,
    /// By whom, as the account was named then.
    pub actor: String,
    /// From which address; none: by a command.
    pub ip: Option<String>,
    /// The word of an [`Act`].
    pub act: String,
    /// To what.
    pub target: String,
    /// Why; possibly empty.
    pub reason: String,
    detail: String,
}

impl Entry {
    /// What else there is to say, as a JSON object.
    pub fn detail(&self) -> Value {
        serde_json::from_str(&self.detail).unwrap_or_default()
    }
}

/// Which acts are wanted; what is not set does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those of one administrator.
    pub actor: Option<String>,
    /// Those that did the same.
    pub act: Option<Act>,
    /// Those to one thing.
    pub target: Option<String>,
    /// Those before this one.
    pub before: Option<ActId>,
}

/// The latest acts first, at most `limit`.
pub fn list(c: &mut Conn, filter: &Filter, limit: i64) -> QueryResult<Vec<Entry>> {
    let mut query = admin_acts::table.select(Entry::as_select()).into_boxed();
    if let Some(actor) = &filter.actor {
        query = query.filter(admin_acts::actor.eq(actor.clone()));
    }
    if let Some(act) = filter.act {
        query = query.filter(admin_acts::act.eq(act.as_str()));
    }
    if let Some(target) = &filter.target {
        query = query.filter(admin_acts::target.eq(target.clone()));
    }
    if let Some(before) = filter.before {
        query = query.filter(admin_acts::id.lt(before));
    }
    query.order(admin_acts::id.desc()).limit(limit).load(c)
}
