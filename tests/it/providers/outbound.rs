//! The HTTP client: bounded in time, size and redirects, and kept out of private networks.

use std::io::Write;

use cheeseshop::outbound::{
    HeaderMap, HeaderValue, Limits, Outbound, OutboundError, Received, StatusCode,
};
use flate2::{Compression, write::GzEncoder};

use super::{block, client, hasty, url};
use crate::support::{Provider, Said};

fn get(client: &Outbound, target: &str) -> Result<Received, OutboundError> {
    block(client.get(&url(target), HeaderMap::new()))
}

fn packed(bytes: &[u8]) -> Said {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    Said::new(200, encoder.finish().unwrap()).with("Content-Encoding", "gzip")
}

#[test]
fn an_answer_comes_whole_whatever_its_status() {
    let server = Provider::start();
    server.answer("/a", Said::new(418, "tea").with("X-Kind", "green"));
    server.answer("/packed", packed(b"small when packed"));
    let client = client(&server);
    let reply = get(&client, &format!("{}/a", server.url())).unwrap();
    assert_eq!((reply.status.as_u16(), &reply.body[..]), (418, &b"tea"[..]));
    assert_eq!(reply.headers["x-kind"], "green");
    let reply = get(&client, &format!("{}/packed", server.url())).unwrap();
    assert_eq!(&reply.body[..], b"small when packed");
    let asked = &server.asked()[0];
    assert!(asked.headers["user-agent"].starts_with("cheeseshop/"));
}

#[test]
fn bodies_end_at_their_limit_packed_or_not() {
    let server = Provider::start();
    let most = Limits::default().body;
    server.answer("/fits", Said::new(200, vec![b'x'; most]));
    server.answer("/long", Said::new(200, vec![b'x'; most + 1]));
    server.answer("/endless", Said::new(200, vec![b'x'; 1000]).endless());
    server.answer("/bomb", packed(&vec![0; 4 << 20]));
    let client = client(&server);
    assert_eq!(get(&client, &format!("{}/fits", server.url())).unwrap().body.len(), most);
    for path in ["/long", "/endless", "/bomb"] {
        let error = get(&client, &format!("{}{path}", server.url())).unwrap_err();
        assert_eq!(error, OutboundError::TooLarge("127.0.0.1".to_owned(), most), "{path}");
    }
}

#[test]
fn slow_cut_and_absent_servers_are_told_apart() {
    let server = Provider::start();
    server.answer("/silent", Said::silence());
    server.answer("/cut", Said::new(200, "cut in half").cut());
    let error = get(&hasty(&server), &format!("{}/silent", server.url())).unwrap_err();
    assert!(matches!(error, OutboundError::Slow(..)), "{error:?}");
    let error = get(&client(&server), &format!("{}/cut", server.url())).unwrap_err();
    assert!(matches!(error, OutboundError::Broken(..)), "{error:?}");
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = get(&client(&server), &format!("http://{gone}/path?secret")).unwrap_err();
    let words = error.to_string();
    assert!(words.starts_with("127.0.0.1 could not be asked: "), "{words}");
    assert!(!words.contains("secret"), "{words}");
}

#[test]
fn redirects_are_followed_within_limits() {
    let server = Provider::start();
    server.answer("/1", Said::redirect("/2"));
    server.answer("/2", Said::redirect(&format!("{}/3", server.url())));
    server.answer("/3", Said::new(200, "here"));
    server.answer("/round", Said::redirect("/round"));
    server.answer("/mail", Said::redirect("mailto:a@b.example"));
    server.answer("/304", Said::new(304, "").with("Location", "/3"));
    let client = client(&server);
    let reply = get(&client, &format!("{}/1", server.url())).unwrap();
    assert_eq!((&reply.body[..], reply.url.path()), (&b"here"[..], "/3"));
    let error = get(&client, &format!("{}/round", server.url())).unwrap_err();
    assert_eq!(error, OutboundError::Redirects("127.0.0.1".to_owned()));
    assert_eq!(server.asked_about("/round"), Limits::default().redirects + 1);
    let error = get(&client, &format!("{}/mail", server.url())).unwrap_err();
    assert!(matches!(error, OutboundError::BadUrl(..)), "{error:?}");
    let reply = get(&client, &format!("{}/304", server.url())).unwrap();
    assert_eq!(reply.status, StatusCode::NOT_MODIFIED);
}

#[test]
fn secrets_stay_at_the_origin() {
    let (ours, other) = (Provider::start(), Provider::start());
    ours.answer("/a", Said::redirect("/b"));
    ours.answer("/b", Said::redirect(&format!("{}/c", other.url())));
    other.answer("/c", Said::redirect(&format!("{}/d", ours.url())));
    ours.answer("/d", Said::new(200, ""));
    let mut headers = HeaderMap::new();
    let mut key = HeaderValue::from_static("hunter2");
    key.set_sensitive(true);
    headers.insert("fastly-key", key);
    headers.insert("accept", HeaderValue::from_static("text/x-test"));
    block(client(&ours).get(&url(&format!("{}/a", ours.url())), headers)).unwrap();
    let asked = ours.asked().into_iter().chain(other.asked());
    for asked in asked {
        let is_before = ["/a", "/b"].contains(&asked.path.as_str());
        assert_eq!(asked.headers.contains_key("fastly-key"), is_before, "{}", asked.path);
        assert_eq!(asked.headers["accept"], "text/x-test");
    }
}

#[test]
fn private_networks_are_for_configured_hosts() {
    let server = Provider::start();
    let port = url(&server.url()).port().unwrap();
    server.otherwise(Said::new(200, "secret"));
    let client = client(&server);
    for host in [
        "localhost",
        "LocalHost",
        "127.0.0.2",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706434",
        "0.0.0.0",
    ] {
        let target = format!("http://{host}:{port}/secret");
        let error = get(&client, &target).unwrap_err();
        assert!(matches!(error, OutboundError::Private(_)), "{target}: {error:?}");
        server.answer("/away", Said::redirect(&target));
        let error = get(&client, &format!("{}/away", server.url())).unwrap_err();
        assert!(matches!(error, OutboundError::Private(_)), "{target}: {error:?}");
    }
    assert_eq!(server.asked_about("/secret"), 0);
    // By another spelling it is the same host.
    assert!(get(&client, &format!("http://0x7f.1:{port}/")).is_ok());
    let by_name = Outbound::new(Limits::default(), [&url("http://localhost/")]).unwrap();
    assert!(get(&by_name, &format!("http://LOCALHOST:{port}/")).is_ok());
    assert!(get(&by_name, &server.url()).is_err());
}
