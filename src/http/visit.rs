//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::{USER_AGENT, X_FORWARDED_FOR, X_FORWARDED_PROTO};

use crate::accounts::Visit;
use crate::config::Proxies;
use crate::time;

/// Where a request comes from, and now. Proxies of ours are believed about it.
pub fn visit_of(request: &HttpRequest, proxies: &Proxies) -> Visit {
    let headers = request.headers();
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    let peer = peer_of(request);
    // A header that is no text is kept as one that names nobody.
    let hops: Vec<&str> =
        headers.get_all(X_FORWARDED_FOR).map(|value| value.to_str().unwrap_or("?")).collect();
    let hops = hops.join(",");
    let ip = if hops.is_empty() { peer } else { proxies.origin(peer, &hops) };
    Visit::new(ip, agent, time::now())
}

/// Whether the browser came by https, as a proxy of ours says of itself.
pub fn is_by_https(request: &HttpRequest, proxies: &Proxies) -> bool {
    let said = request.headers().get(X_FORWARDED_PROTO).and_then(|value| value.to_str().ok());
    // The first of several is what the browser spoke.
    let first = said.and_then(|said| said.split(',').next()).unwrap_or_default();
    first.trim().eq_ignore_ascii_case("https") && proxies.trust(peer_of(request))
}

/// Who connected. Only requests that no connection brought have no address, and they are from here.
fn peer_of(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::from(Ipv4Addr::LOCALHOST), |peer| peer.ip())
}
