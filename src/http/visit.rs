//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::{USER_AGENT, X_FORWARDED_FOR};

use crate::accounts::Visit;
use crate::config::Proxies;
use crate::time;

/// Where a request comes from, and now. Proxies of ours are believed about it.
pub fn visit_of(request: &HttpRequest, proxies: &Proxies) -> Visit {
    let headers = request.headers();
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    // Only requests that no connection brought have no address, and they are from here.
    let peer = request.peer_addr().map_or(IpAddr::from(Ipv4Addr::LOCALHOST), |peer| peer.ip());
    // A header that is no text is kept as one that names nobody.
    let hops: Vec<&str> =
        headers.get_all(X_FORWARDED_FOR).map(|value| value.to_str().unwrap_or("?")).collect();
    let hops = hops.join(",");
    let ip = if hops.is_empty() { peer } else { proxies.origin(peer, &hops) };
    Visit::new(ip, agent, time::now())
}
