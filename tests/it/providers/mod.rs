//! Asking about domains: what providers and the DNS answer, and what they do to us.

mod dns;
mod fastly;
mod outbound;
mod rdap;

use std::time::Duration;

use cheeseshop::domains::answer::{Answer, AskError};
use cheeseshop::outbound::{Limits, Outbound};
use url::Url;

use crate::support::{Provider, Said};

/// Runs to the end on a runtime of its own.
fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// A client for which this machine is configured.
fn client(provider: &Provider) -> Outbound {
    Outbound::new(Limits::default(), [&url(&provider.url())]).unwrap()
}

/// The same with no patience.
fn hasty(provider: &Provider) -> Outbound {
    let limits = Limits { whole: Duration::from_millis(300), ..Limits::default() };
    Outbound::new(limits, [&url(&provider.url())]).unwrap()
}

/// Answers that are none, whoever gives them.
fn nonsense(good: &Said) -> Vec<(&'static str, Said)> {
    let padding = " ".repeat(64 << 10);
    vec![
        ("empty", Said::new(200, "")),
        ("no JSON", Said::new(200, "<html>welcome</html>")),
        ("no object", Said::new(200, "[]")),
        ("another object", Said::new(200, "{}")),
        ("no UTF-8", Said::new(200, b"{\"status\": \"\xff\"}".to_vec())),
        ("deep", Said::new(200, "[".repeat(100_000))),
        ("huge", Said::new(200, vec![b' '; (1 << 20) + 1])),
        ("endless", Said::new(200, padding).endless()),
        ("cut", good.clone().cut()),
        ("silent", Said::silence()),
        ("bad request", Said::new(400, "{}")),
        ("refused", Said::new(403, "{}")),
        ("broken", Said::new(500, "{}")),
        ("away for no time", Said::new(503, "{}")),
        ("no content", Said::new(204, "")),
        ("no HTTP status", Said::new(999, "")),
        ("in circles", Said::redirect("/domain/lapsed.example")),
        ("to a private network", Said::redirect("http://10.0.0.1/")),
        ("to this machine by name", Said::redirect("http://localhost:1/")),
        ("to nowhere", Said::redirect("gopher://example.org/")),
    ]
}

fn has_failed(answer: &Result<Answer, AskError>) -> bool {
    matches!(answer, Err(AskError::Failed(words)) if !words.is_empty() && words.len() < 800)
}

/// What asks to wait, and for how long.
fn waits() -> Vec<(Said, Option<Duration>)> {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    vec![
        (Said::busy("120"), seconds(120)),
        (Said::busy("0"), seconds(0)),
        (Said::busy("soon"), None),
        (Said::new(429, ""), None),
        (Said::busy("99999999999999999999"), seconds(30 * 24 * 60 * 60)),
        (Said::busy("Sun, 06 Nov 1994 08:49:37 GMT"), seconds(0)),
        (Said::busy("Tue, 31 Dec 2999 23:59:59 GMT"), seconds(30 * 24 * 60 * 60)),
        (Said::new(503, "").with("Retry-After", "7"), seconds(7)),
    ]
}
