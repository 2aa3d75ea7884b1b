//! Whatever is posted as an XML-RPC call: an answer that is no failure of ours, and no panic.
#![no_main]

use std::cell::OnceCell;

use actix_web::web::Data;
use actix_web::{App as Routes, test};
use cheeseshop::app::App;
use cheeseshop::config::{Config, Flags, PublicUrl};
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

/// An empty index, and a way to post to it.
fn rig() -> &'static Post {
    let system = actix_web::rt::System::new();
    // It lives as long as the process.
    let folder = Box::leak(Box::new(tempfile::tempdir().unwrap()));
    let flags = Flags { data: Some(folder.path().to_owned()), ..Flags::default() };
    let (config, _, _) = Config::load(&flags).unwrap();
    let app = App::open(config, PublicUrl::parse("http://localhost").unwrap()).unwrap();
    let routes = Routes::new().app_data(Data::new(app)).configure(cheeseshop::api::configure);
    let service = system.block_on(test::init_service(routes));
    Box::leak(Box::new(move |body: &[u8]| {
        let request = test::TestRequest::post()
            .uri("/pypi")
            .insert_header(("Content-Type", "text/xml"))
            .set_payload(body.to_vec())
            .to_request();
        system.block_on(test::call_service(&service, request)).status().as_u16()
    }))
}
