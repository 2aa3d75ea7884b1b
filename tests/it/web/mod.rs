//! The pages of accounts, as a browser without a screen sees them.

pub mod attacks;
mod audit;
pub mod browser;
pub mod mails;
mod registration;
mod reset;
mod sessions;
mod timing;

use cheeseshop::accounts::set_up;
use cheeseshop::accounts::user::User;
use cheeseshop::accounts::{Username, Visit};
use cheeseshop::secret::MasterKey;
use cheeseshop::time;

use crate::accounts::App;
use crate::support::Server;

pub use browser::{Browser, fields};
pub use mails::{FILE, mail, mails};

/// Turns the second factor of an account on; returns what the app knows and a recovery code.
pub fn second_factor(server: &Server, name: &str) -> (App, String) {
    let (db, name) = (server.open_database(), Username::parse(name).unwrap());
    let key = MasterKey::open(&server.data().join("secret.key")).unwrap();
    let set_up = async {
        let user = db.read(move |c| Ok(User::by_name(c, &name)?.unwrap())).await.unwrap();
        // A code of now must still be good for a login afterwards.
        let earlier = time::now() - std::time::Duration::from_mins(1);
        let visit = Visit { at: earlier, ..Visit::operator() };
        let codes = set_up::make_codes(&db, &visit, user.id).await.unwrap();
        let codes = codes.reveal().to_vec();
        set_up::confirm_codes(&db, &key, &visit, user.id, &codes[0]).await.unwrap();
        let offer = set_up::offer(&key, "Cheese", &user).unwrap();
        let app = App::scan(&offer.uri);
        let form = (offer.sealed.as_str(), &*app.code(earlier));
        set_up::enable(&db, &key, &visit, user.id, form).await.unwrap();
        (app, codes[1].clone())
    };
    tokio::runtime::Runtime::new().unwrap().block_on(set_up)
}
