//! Whatever is posted to the upload endpoint: an answer below 500, and no panic.
#![no_main]

use std::cell::OnceCell;

use actix_web::web::Data;
use actix_web::{App as Routes, test};
use cheeseshop::accounts::token::{Grant, Scope, Token};
use cheeseshop::accounts::user::User;
use cheeseshop::accounts::Username;
use cheeseshop::app::App;
use cheeseshop::config::{Config, Flags, PublicUrl};
use cheeseshop::secret::PlainToken;
use cheeseshop::time;
use libfuzzer_sys::fuzz_target;

type Post = dyn Fn(&[u8]) -> u16;

thread_local! {
    // Leaked on purpose: taking a runtime down while the thread ends is an error of its own.
    static POST: OnceCell<&'static Post> = const { OnceCell::new() };
}

fuzz_target!(|body: &[u8]| {
    let status = POST.with(|post| post.get_or_init(rig)(body));
    assert!(status < 500, "{status}");
});

/// An index with one account, and a way to post to it.
fn rig() -> &'static Post {
    let system = actix_web::rt::System::new();
    // It lives as long as the process.
    let folder = Box::leak(Box::new(tempfile::tempdir().unwrap()));
    let flags = Flags { data: Some(folder.path().to_owned()), ..Flags::default() };
    let (mut config, _, _) = Config::load(&flags).unwrap();
    config.require_verified_email = false;
    let app = App::open(config, PublicUrl::parse("http://localhost").unwrap()).unwrap();
    let token = PlainToken::generate();
    let login = format!("Bearer {}", token.reveal());
    system.block_on(add_account(&app, token));
    let routes = Routes::new().app_data(Data::new(app)).configure(cheeseshop::api::configure);
    let service = system.block_on(test::init_service(routes));
    Box::leak(Box::new(move |body: &[u8]| {
        let request = test::TestRequest::post()
            .uri("/legacy/")
            .insert_header(("Content-Type", "multipart/form-data; boundary=x"))
            .insert_header(("Authorization", login.as_str()))
            .set_payload(body.to_vec())
            .to_request();
        system.block_on(test::call_service(&service, request)).status().as_u16()
    }))
}

async fn add_account(app: &App, token: PlainToken) {
    let digest = token.digest();
    let work = move |c: &mut cheeseshop::db::Conn| {
        let now = time::now();
        let user = User::create(c, &Username::parse("ada").unwrap(), None, false, now)?;
        let label = String::new();
        let grant = Grant { label, scope: Scope::Upload, projects: Vec::new(), expires_at: None };
        Ok(Token::create(c, user, &digest, &grant, now)?)
    };
    app.db.write(work).await.unwrap();
}
