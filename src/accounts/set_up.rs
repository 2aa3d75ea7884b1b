//! Turning the second factor on and off, and its recovery codes and remembered devices.
//!
//! The order is fixed: a verified primary address, recovery codes, one of them typed back, and
//! then the app. Who calls has made sure that the password was typed in a short time ago.

use serde_json::json;

use super::Visit;
use super::act::{Act, Order};
use super::device::Device;
use super::email::Email;
use super::event::{self, Tag};
use super::letters::{By, Notice, notify};
use super::link::{Link, Purpose as LinkPurpose};
use super::recovery::{self, RecoveryCodes};
use super::second_factor::{Factor, Verdict, accept, prepare, wrong_code};
use super::sign_in::refused;
use super::throttle::{self, Counted, Kind as Limited};
use super::totp::{Check, SECRET_BYTES, TotpSecret, qr_svg};
use super::turn::{Turn, Whose};
use super::user::User;
use crate::db::{Conn, Db, DeviceId, UserId};
use crate::error::{Error, Kind, Result};
use crate::secret::{MasterKey, Purpose};

/// A secret that is offered to an authenticator app and not in force yet. No `Debug`.
pub struct Offer {
    /// The secret, encrypted for its account: comes back with the first code.
    pub sealed: String,
    /// What the QR code says.
    pub uri: String,
    /// The QR code, as SVG that stands in a page by itself.
    pub svg: String,
    /// The secret to be typed in by hand (base32).
    pub text: String,
}

/// Offers a fresh secret.
pub fn offer(key: &MasterKey, issuer: &str, user: &User) -> Result<Offer> {
    offer_again(key, issuer, user, &TotpSecret::generate())
}

fn offer_again(key: &MasterKey, issuer: &str, user: &User, secret: &TotpSecret) -> Result<Offer> {
    let uri = secret.uri(issuer, &user.username)?;
    Ok(Offer {
        sealed: key.seal(Purpose::TotpSetUp, user.id.get(), secret.as_bytes())?,
        svg: qr_svg(&uri, "QR code for the authenticator app")?,
        text: secret.to_base32()?,
        uri,
    })
}

/// The same offer once more, for the page that says why a code was not taken.
pub fn reoffer(key: &MasterKey, issuer: &str, user: &User, sealed: &str) -> Result<Offer> {
    offer_again(key, issuer, user, &open(key, user.id, sealed)?)
}

fn open(key: &MasterKey, user: UserId, sealed: &str) -> Result<TotpSecret> {
    let plain = key.unseal(Purpose::TotpSetUp, user.get(), sealed);
    let plain = plain.filter(|plain| plain.len() == SECRET_BYTES);
    plain.as_deref().and_then(TotpSecret::from_bytes).ok_or_else(|| {
        let words = "This form is not one of this account's; load the page again.";
        Error::invalid("The form is not valid", words)
    })
}

/// What keeps an account from setting up the app.
pub fn permit(c: &mut Conn, user: UserId) -> Result<()> {
    if !Email::is_primary_verified(c, user)? {
        let words = "Verify your primary mail address before you set up the second factor.";
        return Err(Error::forbidden("The primary mail address is not verified", words));
    }
    if !recovery::state(c, user)?.is_confirmed() {
        let words = "Make recovery codes and type one of them in before you set up the app.";
        return Err(Error::forbidden("There are no confirmed recovery codes", words));
    }
    Ok(())
}

/// Puts the offered secret in force, proven by a code of it. Replaces an earlier app.
pub async fn enable(
    db: &Db,
    key: &MasterKey,
    visit: &Visit,
    user: UserId,
    (sealed, code): (&str, &str),
) -> Result<()> {
    let secret = open(key, user, sealed)?;
    let check = secret.check_set_up(code, visit.at)?;
    let kept = key.seal(Purpose::TotpSecret, user.get(), secret.as_bytes())?;
    let visit = visit.clone();
    let verdict = db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        permit(c, user.id)?;
        let counted = Counted::code(user.id, &visit);
        throttle::check(c, &counted, visit.at)?;
        let Check::Right(step) = check else {
            throttle::count(c, &counted, visit.at)?;
            return Ok(check);
        };
        if user.has_second_factor() {
            event::record(c, &user, Tag::MethodRemoved, &visit, &json!({ "method": "totp" }))?;
        }
        User::set_totp(c, user.id, &kept, step, visit.at)?;
        forget_states(c, user.id)?;
        event::record(c, &user, Tag::MethodAdded, &visit, &json!({ "method": "totp" }))?;
        notify(c, &user, &visit, Notice::SecondFactorOn)?;
        Ok(check)
    });
    match verdict.await? {
        Check::Right(_) => Ok(()),
        Check::Wrong => Err(wrong_code()),
        Check::OffBy(seconds) => Err(clock_is_off(seconds)),
    }
}

fn clock_is_off(seconds: i64) -> Error {
    let direction = if seconds < 0 { "slow" } else { "fast" };
    let words = format!(
        "This code belongs to another moment: the clock of your device is about {} seconds {} \
         compared to this server. Set it right and try the next code.",
        seconds.abs(),
        direction
    );
    Error::invalid("The code is of another moment", words)
}

/// Devices and pending logins belong to the second factor that was.
fn forget_states(c: &mut Conn, user: UserId) -> Result<()> {
    Device::remove_all(c, user)?;
    Link::end_all(c, user, LinkPurpose::SecondFactor)?;
    Ok(())
}

/// Turns the second factor off, proven by a code of it. The recovery codes go with it.
pub async fn disable(
    db: &Db,
    key: &MasterKey,
    visit: &Visit,
    user: UserId,
    factor: Factor,
) -> Result<()> {
    let typed = prepare(db, visit, user, factor).await?;
    let (key, visit) = (key.clone(), visit.clone());
    let verdict = db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        if !user.has_second_factor() {
            let words = "This account has no second factor.";
            return Err(Error::new(Kind::Conflict, "There is no second factor", words));
        }
        let verdict = accept(c, &key, &user, &typed, &visit)?;
        if verdict != Verdict::Wrong {
            take_away(c, &user, &visit, By::Owner)?;
        }
        Ok(verdict)
    });
    match verdict.await? {
        Verdict::Right(_) => Ok(()),
        Verdict::Wrong => Err(wrong_code()),
    }
}

/// Turns the second factor of an account off for somebody who has lost it. Returns whether it
/// had one.
pub async fn reset(db: &Db, order: &Order, user: UserId) -> Result<bool> {
    let order = order.clone();
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        let had_one = user.has_second_factor();
        take_away(c, &user, &order.visit, By::Administrator)?;
        let detail = json!({ "had_one": had_one });
        order.log(c, Act::FactorReset, &user.username, &detail)?;
        Ok(had_one)
    })
    .await
}

fn take_away(c: &mut Conn, user: &User, visit: &Visit, by: By) -> Result<()> {
    User::clear_totp(c, user.id)?;
    recovery::remove_all(c, user.id)?;
    forget_states(c, user.id)?;
    if user.has_second_factor() {
        let who = if by == By::Owner { "owner" } else { "administrator" };
        let detail = json!({ "method": "totp", "by": who });
        event::record(c, user, Tag::MethodRemoved, visit, &detail)?;
        notify(c, user, visit, Notice::SecondFactorOff { by })?;
    }
    Ok(())
}

/// Makes new recovery codes, which replace those there are. They are eight hashes, so the limit on
/// making them is looked at before and, for those who try at once, again under the lock.
pub async fn make_codes(db: &Db, visit: &Visit, user: UserId) -> Result<RecoveryCodes> {
    let counted = [Counted::user(Limited::MakeCodes, user)];
    let (asked, now) = (counted.clone(), visit.at);
    db.read(move |c| throttle::check(c, &asked, now)).await?;
    let codes = RecoveryCodes::generate();
    let hashes = codes.hash(Turn::of(Whose::account(user)).await?).await?;
    let visit = visit.clone();
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        throttle::admit(c, &counted, visit.at)?;
        let before = recovery::replace(c, user.id, &hashes, visit.at)?;
        let tag = if before > 0 { Tag::CodesRegenerated } else { Tag::CodesGenerated };
        event::record(c, &user, tag, &visit, &json!({}))?;
        notify(c, &user, &visit, Notice::CodesMade)
    })
    .await?;
    Ok(codes)
}

/// Takes one recovery code back, which shows that its owner kept them; it is used up by that.
pub async fn confirm_codes(
    db: &Db,
    key: &MasterKey,
    visit: &Visit,
    user: UserId,
    code: &str,
) -> Result<()> {
    let typed = prepare(db, visit, user, Factor::Recovery(code.to_owned())).await?;
    let (key, visit) = (key.clone(), visit.clone());
    let verdict = db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        accept(c, &key, &user, &typed, &visit)
    });
    match verdict.await? {
        Verdict::Right(_) => Ok(()),
        Verdict::Wrong => Err(wrong_code()),
    }
}

/// Forgets a remembered device of an account, or all where `id` is none. Returns how many.
pub async fn forget_device(
    db: &Db,
    visit: &Visit,
    user: &User,
    id: Option<DeviceId>,
) -> Result<usize> {
    let (user, visit) = (user.clone(), visit.clone());
    db.write(move |c| {
        let gone = match id {
            Some(id) => usize::from(Device::remove(c, user.id, id)?),
            None => Device::remove_all(c, user.id)?,
        };
        if gone > 0 {
            event::record(c, &user, Tag::DeviceForgotten, &visit, &json!({ "devices": gone }))?;
        }
        Ok(gone)
    })
    .await
}
