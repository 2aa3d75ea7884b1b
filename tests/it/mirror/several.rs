//! Several indexes: the first that has a name answers for all of it.

use serde_json::json;

use super::{UPSTREAM, ask, ask_anew, files};
use crate::support::provider::Said;
use crate::support::upstream::page_path;
use crate::support::{Backend, Dist, Server, Upstream, on_both};

on_both!(the_first_that_has_it_wins_whole, one_that_fails_ends_the_search);

fn both(backend: Backend, first: &Upstream, second: &Upstream) -> Server {
    Server::start_with(backend, &[(UPSTREAM, &format!("{},{}", first.url(), second.url()))])
}

fn the_first_that_has_it_wins_whole(backend: Backend) {
    let (first, second) = (Upstream::start(), Upstream::start());
    first.add(&Dist::wheel("foo", "1.0"));
    second.add(&Dist::wheel("foo", "99.0"));
    second.add(&Dist::wheel("bar", "1.0"));
    let server = both(backend, &first, &second);
    assert_eq!(server.page("foo")["versions"], json!(["1.0"]));
    assert_eq!(files(&server.page("bar")), ["bar-1.0-py3-none-any.whl"]);
    ask(&server, "nothing").expect(404);
    assert_eq!(second.asked_about("foo"), 0);
    assert_eq!((first.asked_about("nothing"), second.asked_about("nothing")), (1, 1));
    // Each is asked by its own ETags only.
    first.add(&Dist::wheel("bar", "0.1"));
    let page = ask_anew(&server, &first, "bar").expect(200).json();
    assert_eq!(page["versions"], json!(["0.1"]));
    assert!(!first.asked().last().unwrap().headers.contains_key("if-none-match"));
    first.remove("foo");
    let page = ask_anew(&server, &second, "foo").expect(200).json();
    assert_eq!(page["versions"], json!(["99.0"]));
    assert!(!second.asked().last().unwrap().headers.contains_key("if-none-match"));
}

fn one_that_fails_ends_the_search(backend: Backend) {
    let (first, second) = (Upstream::start(), Upstream::start());
    second.add(&Dist::wheel("foo", "99.0"));
    first.say(&page_path("foo"), Said::new(500, "oops"));
    let server = both(backend, &first, &second);
    // Whoever can make the first one fail must not get its names.
    ask(&server, "foo").expect(503);
    assert_eq!(second.asked(), []);
    drop(first);
    ask(&server, "foo").expect(503);
    ask(&server, "bar").expect(503);
    assert_eq!(second.asked(), []);
}
