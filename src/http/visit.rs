//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;

use crate::accounts::Visit;
use crate::time;

/// Where a request comes from, and now.
pub fn visit_of(request: &HttpRequest) -> Visit {
    let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    // Only requests that no connection brought have no address, and they are from here.
    let peer = request.peer_addr().map_or(IpAddr::from(Ipv4Addr::LOCALHOST), |peer| peer.ip());
    Visit::new(peer, agent, time::now())
}
