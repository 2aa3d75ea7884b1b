//! Making an account oneself: openly, by invitation, or as the first administrator.

use serde_json::json;

use super::addresses::{Claim, offer};
use super::email::Email;
use super::event::{self, Tag};
use super::invitation::{self, Invitation};
use super::letters::Letterhead;
use super::password::Password;
use super::profile;
use super::sign_in::refused;
use super::throttle::{self, Counted, Kind};
use super::user::{NewUser, User};
use super::{Username, Visit};
use crate::address::EmailAddress;
use crate::config::Registration;
use crate::db::{Conn, Db, UserId};
use crate::error::{Error, Result};
use crate::secret::{Ticket, TokenDigest};

/// What somebody filled in.
#[derive(Clone, Copy)]
pub struct Form<'a> {
    /// The user name.
    pub username: &'a str,
    /// The name of the person, possibly empty.
    pub full_name: &'a str,
    /// The mail address.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The user name.
    Username,
    /// The name of the person.
    FullName,
    /// The mail address.
    Email,
    /// The password.
    Password,
}

/// What became of the form.
pub enum Outcome {
    /// The account is made. It is not logged in.
    Made {
        /// Its id.
        user_id: UserId,
        /// Whether it is the first administrator.
        is_admin: bool,
        /// Which mail its address got. The page says the same for each.
        claim: Claim,
    },
    /// These fields cannot be taken, and why.
    Wrong(Vec<(Field, String)>),
}

struct Checked {
    username: Username,
    full_name: String,
    address: EmailAddress,
    password: Password,
}

/// Makes an account and queues the mail for its address. `invitation` is what a link carried, if there was one.
pub async fn register(
    db: &Db,
    head: &Letterhead,
    policy: Registration,
    visit: &Visit,
    form: Form<'_>,
    invitation: Option<&Ticket>,
) -> Result<Outcome> {
    let invited = invitation.map(Ticket::digest);
    permit(db, policy, visit, invitation).await?;
    let checked = match check(form).await {
        Ok(checked) => checked,
        Err(wrong) => return Ok(Outcome::Wrong(wrong)),
    };
    if is_taken(db, visit, &checked.username).await? {
        return Ok(taken_name());
    }
    let hash = checked.password.clone().hash().await?;
    let ticket = Ticket::generate();
    let (head, visit) = (head.clone(), visit.clone());
    let made = db.write(move |c| {
        let invitation = admit(c, policy, invited.as_ref(), &visit)?;
        if User::by_name(c, &checked.username)?.is_some() {
            return Ok(None);
        }
        let mut made = make(c, &head, &visit, &checked, (&hash, invitation.as_ref(), &ticket))?;
        if let Some(invitation) = invitation {
            if !invitation::spend(c, &invitation, visit.at)? {
                return Err(not_invited());
            }
            invitation::note_user(c, invitation.id, made.0)?;
            made.1 = invitation.first_admin;
        }
        Ok(Some(made))
    });
    Ok(match made.await? {
        Some((user_id, is_admin, claim)) => Outcome::Made { user_id, is_admin, claim },
        None => taken_name(),
    })
}

/// Whether a name is taken. Each question counts before anything is hashed: otherwise asking for
/// taken names without end would keep everybody else from being hashed.
async fn is_taken(db: &Db, visit: &Visit, name: &Username) -> Result<bool> {
    let counted: Vec<Counted> = Counted::network(Kind::AddNetwork, visit).into_iter().collect();
    let (name, now) = (name.clone(), visit.at);
    db.write(move |c| {
        throttle::admit(c, &counted, now)?;
        Ok(User::by_name(c, &name)?.is_some())
    })
    .await
}

fn taken_name() -> Outcome {
    Outcome::Wrong(vec![(Field::Username, "This user name is taken.".to_owned())])
}

/// Whether somebody may make an account now: for the page with the form, and before anything is
/// hashed.
pub async fn permit(
    db: &Db,
    policy: Registration,
    visit: &Visit,
    invitation: Option<&Ticket>,
) -> Result<()> {
    let (invited, visit) = (invitation.map(Ticket::digest), visit.clone());
    db.read(move |c| {
        admit(c, policy, invited.as_ref(), &visit)?;
        let counted: Vec<Counted> =
            Counted::network(Kind::AddNetwork, &visit).into_iter().collect();
        throttle::check(c, &counted, visit.at)
    })
    .await
}

/// Whether somebody may make an account now, and by which invitation.
fn admit(
    c: &mut Conn,
    policy: Registration,
    invited: Option<&TokenDigest>,
    visit: &Visit,
) -> Result<Option<Invitation>> {
    let found = invited.map(|digest| invitation::live(c, digest, visit.at)).transpose()?.flatten();
    match (policy, found) {
        // The first administrator gets in whatever the policy: the operator handed out the link.
        (_, Some(invitation)) if invitation.first_admin => Ok(Some(invitation)),
        (Registration::Closed, _) => {
            let words = "This index makes no accounts by itself; ask its administrator for one.";
            Err(Error::forbidden("Registration is closed", words))
        }
        (Registration::Open, found) => Ok(found),
        (Registration::Invite, Some(found)) => Ok(Some(found)),
        (Registration::Invite, None) => Err(not_invited()),
    }
}

fn not_invited() -> Error {
    let words = "An account is made by invitation here, and this link has been used, is too old \
                 or is incomplete; ask an administrator for a new one.";
    Error::forbidden("Registration is by invitation", words)
}

async fn check(form: Form<'_>) -> Result<Checked, Vec<(Field, String)>> {
    let mut wrong = Vec::new();
    let username = Username::parse(form.username.trim());
    if username.is_none() {
        let words = "A user name has letters, digits, '.', '_' and '-', at most 50, and begins \
                     and ends with a letter or digit.";
        wrong.push((Field::Username, words.to_owned()));
    }
    let full_name = profile::full_name(form.full_name);
    let full_name =
        full_name.map_err(|error| wrong.push((Field::FullName, error.detail().to_owned())));
    let address = EmailAddress::parse(form.email);
    if address.is_none() {
        wrong.push((Field::Email, "This is not a mail address.".to_owned()));
    }
    let about = [form.username, form.full_name, form.email].map(str::to_owned).to_vec();
    let password = Password::choose_apart(form.password, about).await;
    let password =
        password.map_err(|error| wrong.push((Field::Password, error.detail().to_owned())));
    match (username, full_name, address, password) {
        (Some(username), Ok(full_name), Some(address), Ok(password)) if wrong.is_empty() => {
            Ok(Checked { username, full_name, address, password })
        }
        _ => Err(wrong),
    }
}

fn make(
    c: &mut Conn,
    head: &Letterhead,
    visit: &Visit,
    checked: &Checked,
    (hash, invitation, ticket): (&str, Option<&Invitation>, &Ticket),
) -> Result<(UserId, bool, Claim)> {
    let new = NewUser {
        username: &checked.username,
        full_name: &checked.full_name,
        password_hash: Some(hash),
        is_admin: invitation.is_some_and(|it| it.first_admin),
        is_service: false,
    };
    let id = User::create(c, new, visit.at)?;
    Email::claim(c, id, &checked.address, true, visit.at)?;
    let email = Email::primary(c, id)?.ok_or_else(refused)?;
    let claim = offer(c, head, visit, &email, ticket)?;
    let user = User::by_id(c, id)?.ok_or_else(refused)?;
    let by = invitation.map(|it| it.id.get());
    event::record(c, &user, Tag::Created, visit, &json!({ "invitation": by }))?;
    Ok((id, user.is_admin, claim))
}
